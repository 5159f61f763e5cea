/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/idx.h"
#include "core/train/manifest.h"

G_BEGIN_DECLS

/* A sample, and its mask as the list names it: what does not change when the data moves. */
typedef struct {
  CpacSample sample;
  const char *mask_name;
} CpacManifestEntry;

struct _CpacManifest {
  CpacManifestKind kind;
  char *name;
  GStringChunk *strings; /* every string of the samples */
  GArray *entries;       /* CpacManifestEntry */
  gboolean has_groups, has_splits;
  char *video;
  CpacIdx *pictures;
  CpacFrameInfo idx_info;
};

/* Without samples; @name stands for the list in messages. (transfer full) */
CpacManifest *cpac_manifest_new (CpacManifestKind kind, const char *name);
/* Copies the strings of @entry; NULL stands for "", a NULL group for the name. */
void cpac_manifest_add (CpacManifest *manifest, const CpacManifestEntry *entry);

/* The kinds of list, see CpacManifest. (transfer full) */
CpacManifest *cpac_manifest_load_csv (const char *path, GError **error);
CpacManifest *cpac_manifest_load_folder (const char *path, GError **error);
CpacManifest *cpac_manifest_load_idx (const char *path, const char *const *classes, GError **error);
/* TRUE when the file's name ends as that of an idx images file does. */
gboolean cpac_manifest_is_idx_name (const char *path);
/* TRUE when the file's extension is that of a picture, in any case. */
gboolean cpac_manifest_is_picture_name (const char *path);
/* TRUE when @path ends in a dot and one of @extensions (NULL-terminated), in any case. */
gboolean cpac_manifest_has_extension (const char *path, const char *const *extensions);

G_END_DECLS
