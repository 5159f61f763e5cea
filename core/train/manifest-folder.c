/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/manifest-private.h"

static const char *const picture_extensions[] = { "png", "jpg", "jpeg", "bmp",  "tif", "tiff",
                                                  "pgm", "ppm", "pnm",  "webp", NULL };

gboolean
cpac_manifest_is_picture_name (const char *path)
{
  return cpac_manifest_has_extension (path, picture_extensions);
}

/* What a folder holds, hidden entries and other files left out. */
typedef struct {
  GPtrArray *pictures; /* char *, sorted bytewise */
  GPtrArray *folders;  /* likewise */
} Listing;

static void
listing_clear (Listing *listing)
{
  g_clear_pointer (&listing->pictures, g_ptr_array_unref);
  g_clear_pointer (&listing->folders, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gboolean
list_folder (const char *path, Listing *listing, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  listing->pictures = g_ptr_array_new_with_free_func (g_free);
  listing->folders = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *full = g_build_filename (path, name, NULL);

    if (name[0] == '.')
      continue;
    if (g_file_test (full, G_FILE_TEST_IS_DIR))
      g_ptr_array_add (listing->folders, g_strdup (name));
    else if (cpac_manifest_is_picture_name (name))
      g_ptr_array_add (listing->pictures, g_strdup (name));
  }
  g_ptr_array_sort (listing->pictures, compare_names);
  g_ptr_array_sort (listing->folders, compare_names);
  return TRUE;
}

/* File names need not be UTF-8; names and labels, which reach JSON, are. */
static void
add_pictures (CpacManifest *manifest, const char *folder, const char *class_folder,
              const GPtrArray *pictures)
{
  g_autofree char *label = class_folder != NULL ? g_utf8_make_valid (class_folder, -1) : NULL;

  for (guint i = 0; i < pictures->len; i++) {
    const char *file = g_ptr_array_index (pictures, i);
    g_autofree char *path = g_build_filename (folder, file, NULL);
    g_autofree char *valid = g_utf8_make_valid (file, -1);
    g_autofree char *name =
        label != NULL ? g_strconcat (label, "/", valid, NULL) : g_steal_pointer (&valid);
    CpacSample sample = { .path = path, .name = name, .label = label };

    cpac_manifest_add (manifest, &(CpacManifestEntry){ .sample = sample });
  }
}

static gboolean
add_class_folders (CpacManifest *manifest, const char *path, const GPtrArray *folders,
                   GError **error)
{
  for (guint i = 0; i < folders->len; i++) {
    const char *class_folder = g_ptr_array_index (folders, i);
    g_autofree char *folder = g_build_filename (path, class_folder, NULL);
    g_auto (Listing) listing = { 0 };

    if (!list_folder (folder, &listing, error))
      return FALSE;
    add_pictures (manifest, folder, class_folder, listing.pictures);
  }
  return TRUE;
}

CpacManifest *
cpac_manifest_load_folder (const char *path, GError **error)
{
  g_autoptr (CpacManifest) manifest = cpac_manifest_new (CPAC_MANIFEST_PICTURES, path);
  g_auto (Listing) listing = { 0 };
  guint n_pictures;

  if (!list_folder (path, &listing, error) ||
      !add_class_folders (manifest, path, listing.folders, error))
    return NULL;
  n_pictures = listing.pictures->len;
  if (n_pictures > 0 && manifest->entries->len > 0) {
    g_set_error (
        error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
        "%s: holds both pictures (%s) and folders of pictures (%s); expected one of the two", path,
        (const char *) g_ptr_array_index (listing.pictures, 0),
        cpac_manifest_get_sample (manifest, 0)->label);
    return NULL;
  }
  add_pictures (manifest, path, NULL, listing.pictures);
  if (manifest->entries->len == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: neither the folder nor the folders in it hold pictures (png, jpg, jpeg, bmp, "
                 "tif, tiff, pgm, ppm, pnm, webp)",
                 path);
    return NULL;
  }
  return g_steal_pointer (&manifest);
}
