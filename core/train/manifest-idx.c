/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/manifest-private.h"

#define IMAGES_END "images-idx3-ubyte"
#define LABELS_END "labels-idx1-ubyte"

gboolean
cpac_manifest_is_idx_name (const char *path)
{
  return g_str_has_suffix (path, IMAGES_END) || g_str_has_suffix (path, IMAGES_END ".gz");
}

/* The labels beside the images, compressed or not, whichever there is; prefers the images' own
 * form. */
static char *
find_labels (const char *path)
{
  gboolean compressed = g_str_has_suffix (path, ".gz");
  gsize stem = strlen (path) - strlen (IMAGES_END) - (compressed ? strlen (".gz") : 0);
  g_autofree char *plain = g_strdup_printf ("%.*s" LABELS_END, (int) stem, path);
  g_autofree char *packed = g_strconcat (plain, ".gz", NULL);
  char **first = compressed ? &packed : &plain, **second = compressed ? &plain : &packed;

  if (!g_file_test (*first, G_FILE_TEST_EXISTS) && g_file_test (*second, G_FILE_TEST_EXISTS))
    return g_steal_pointer (second);
  return g_steal_pointer (first);
}

static gboolean
check_labels (const CpacIdx *labels, const char *labels_path, const CpacIdx *pictures,
              const char *path, const char *const *classes, GError **error)
{
  guint n_classes = classes != NULL ? g_strv_length ((char **) classes) : 256;

  if (labels->dims[0] != pictures->dims[0]) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: %u labels; expected %u, one for each picture of %s", labels_path,
                 labels->dims[0], pictures->dims[0], path);
    return FALSE;
  }
  for (guint i = 0; i < labels->dims[0]; i++) {
    if (labels->data[i] >= n_classes) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s: label %u of picture %u; expected less than %u, the number of classes",
                   labels_path, labels->data[i], i, n_classes);
      return FALSE;
    }
  }
  return TRUE;
}

static void
add_samples (CpacManifest *manifest, const char *path, const CpacIdx *labels,
             const char *const *classes)
{
  g_autofree char *base = g_path_get_basename (path);

  for (guint i = 0; i < labels->dims[0]; i++) {
    g_autofree char *name = g_strdup_printf ("%s#%u", base, i);
    g_autofree char *number = g_strdup_printf ("%u", labels->data[i]);
    CpacSample sample = {
      .path = path,
      .name = name,
      .label = classes != NULL ? classes[labels->data[i]] : number,
      .frame = i,
    };

    cpac_manifest_add (manifest, &(CpacManifestEntry){ .sample = sample });
  }
}

CpacManifest *
cpac_manifest_load_idx (const char *path, const char *const *classes, GError **error)
{
  g_autoptr (CpacManifest) manifest = cpac_manifest_new (CPAC_MANIFEST_IDX, path);
  g_autofree char *labels_path = find_labels (path);
  g_autoptr (CpacIdx) labels = cpac_idx_load (labels_path, 1, error);

  if (labels == NULL) {
    g_prefix_error (error, "%s: its labels: ", path);
    return NULL;
  }
  manifest->pictures = cpac_idx_load (path, 3, error);
  if (manifest->pictures == NULL ||
      !check_labels (labels, labels_path, manifest->pictures, path, classes, error))
    return NULL;
  manifest->idx_info = (CpacFrameInfo){
    .format = CPAC_PIXEL_GRAY8,
    .width = manifest->pictures->dims[2],
    .height = manifest->pictures->dims[1],
    .range = CPAC_RANGE_FULL,
  };
  add_samples (manifest, path, labels, classes);
  return g_steal_pointer (&manifest);
}
