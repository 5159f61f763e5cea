/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/manifest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/train/manifest-private.h"

static const char *const csv_extensions[] = { "csv", NULL };
static const char *const video_extensions[] = { "mp4", "mkv", "avi", "mov",  "webm", "ogv",
                                                "ts",  "m4v", "mpg", "mpeg", NULL };

CpacManifest *
cpac_manifest_new (CpacManifestKind kind, const char *name)
{
  CpacManifest *manifest = g_new0 (CpacManifest, 1);

  manifest->kind = kind;
  manifest->name = g_strdup (name);
  manifest->strings = g_string_chunk_new (4096);
  manifest->entries = g_array_new (FALSE, FALSE, sizeof (CpacManifestEntry));
  return manifest;
}

void
cpac_manifest_free (CpacManifest *manifest)
{
  if (manifest == NULL)
    return;
  g_string_chunk_free (manifest->strings);
  g_array_unref (manifest->entries);
  g_free (manifest->name);
  g_free (manifest->video);
  cpac_idx_free (manifest->pictures);
  g_free (manifest);
}

static const char *
keep (CpacManifest *manifest, const char *text)
{
  return g_string_chunk_insert_const (manifest->strings, text != NULL ? text : "");
}

void
cpac_manifest_add (CpacManifest *manifest, const CpacManifestEntry *entry)
{
  const CpacSample *sample = &entry->sample;
  CpacManifestEntry kept = {
    .sample = {
      .path = keep (manifest, sample->path),
      .name = keep (manifest, sample->name),
      .label = keep (manifest, sample->label),
      .split = keep (manifest, sample->split),
      .mask = sample->mask != NULL ? keep (manifest, sample->mask) : NULL,
      .frame = sample->frame,
      .line = sample->line,
    },
    .mask_name = keep (manifest, entry->mask_name),
  };

  kept.sample.group = sample->group != NULL ? keep (manifest, sample->group) : kept.sample.name;
  manifest->has_groups = manifest->has_groups || sample->group != NULL;
  manifest->has_splits = manifest->has_splits || kept.sample.split[0] != '\0';
  g_array_append_val (manifest->entries, kept);
}

gboolean
cpac_manifest_has_extension (const char *path, const char *const *extensions)
{
  const char *dot = strrchr (path, '.');

  for (guint i = 0; dot != NULL && extensions[i] != NULL; i++)
    if (g_ascii_strcasecmp (dot + 1, extensions[i]) == 0)
      return TRUE;
  return FALSE;
}

static CpacManifest *
load_video (const char *path)
{
  CpacManifest *manifest = cpac_manifest_new (CPAC_MANIFEST_VIDEO, path);

  manifest->video = g_strdup (path);
  return manifest;
}

CpacManifest *
cpac_manifest_load (const char *path, const char *const *classes, GError **error)
{
  GStatBuf status;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_stat (path, &status) != 0) {
    int reason = errno;

    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (reason), "%s: %s", path,
                 g_strerror (reason));
    return NULL;
  }
  if (S_ISDIR (status.st_mode))
    return cpac_manifest_load_folder (path, error);
  if (cpac_manifest_is_idx_name (path))
    return cpac_manifest_load_idx (path, classes, error);
  if (cpac_manifest_has_extension (path, video_extensions))
    return load_video (path);
  if (cpac_manifest_has_extension (path, csv_extensions))
    return cpac_manifest_load_csv (path, error);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: not a list of pictures; expected a .csv file, a folder of pictures or of class "
               "folders, an idx file (...images-idx3-ubyte or .gz) or a video (mp4, mkv, avi, mov, "
               "webm, ogv, ts, m4v, mpg, mpeg)",
               path);
  return NULL;
}

const char *
cpac_manifest_get_name (const CpacManifest *manifest)
{
  return manifest->name;
}

CpacManifestKind
cpac_manifest_get_kind (const CpacManifest *manifest)
{
  return manifest->kind;
}

guint
cpac_manifest_get_n_samples (const CpacManifest *manifest)
{
  return manifest->entries->len;
}

const CpacSample *
cpac_manifest_get_sample (const CpacManifest *manifest, guint index)
{
  g_return_val_if_fail (index < manifest->entries->len, NULL);

  return &g_array_index (manifest->entries, CpacManifestEntry, index).sample;
}

gboolean
cpac_manifest_has_groups (const CpacManifest *manifest)
{
  return manifest->has_groups;
}

gboolean
cpac_manifest_has_splits (const CpacManifest *manifest)
{
  return manifest->has_splits;
}

const char *
cpac_manifest_get_video (const CpacManifest *manifest)
{
  return manifest->video;
}

void
cpac_manifest_get_idx_frame (const CpacManifest *manifest, guint index, CpacFrame *frame)
{
  const CpacIdx *pictures = manifest->pictures;

  g_return_if_fail (pictures != NULL && index < pictures->dims[0]);

  *frame = (CpacFrame){
    .info = &manifest->idx_info,
    .planes = { pictures->data + (gsize) index * pictures->dims[1] * pictures->dims[2] },
    .strides = { pictures->dims[2] },
  };
}

char *
cpac_manifest_get_sha256 (const CpacManifest *manifest)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (manifest->video != NULL) {
    g_autofree char *name = g_path_get_basename (manifest->video);

    g_checksum_update (checksum, (const guchar *) name, strlen (name) + 1);
  }
  for (guint i = 0; i < manifest->entries->len; i++) {
    const CpacManifestEntry *entry = &g_array_index (manifest->entries, CpacManifestEntry, i);
    const CpacSample *sample = &entry->sample;
    const char *fields[] = { sample->name, sample->label, sample->split, entry->mask_name,
                             sample->group };

    /* With its final zero no field can be mistaken for a part of the next. */
    for (guint k = 0; k < G_N_ELEMENTS (fields); k++)
      g_checksum_update (checksum, (const guchar *) fields[k], strlen (fields[k]) + 1);
  }
  return g_strdup (g_checksum_get_string (checksum));
}
