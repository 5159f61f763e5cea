/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"
#include "core/frame/source.h"

G_BEGIN_DECLS

/**
 * CpacSample:
 *
 * One picture of a data set. Strings belong to the manifest.
 */
typedef struct {
  const char *path; /* file to open (absolute or relative to the working directory) */
  const char
      *name; /* as the list says it: the path column, "folder/file", "file#frame", "name#index" */
  const char *label; /* class name, "" when unknown */
  const char *split; /* "train", "val", "test", ...; "" when the list has none */
  const char *mask;  /* file of the defect mask, NULL without */
  const char *group; /* physical part; where the list has none, the picture's own name */
  guint64 frame;     /* index inside a video or an idx file */
  guint line;        /* of the list, from 1; 0 where there are no lines */
} CpacSample;

/**
 * CpacManifest:
 *
 * A data set, whatever it was given as:
 *  - a CSV file with header path,split,label,mask,group (RFC 4180 quoting; paths relative to the
 *    manifest's own folder; columns in any order, path required, others may be missing;
 *    unknown columns are refused);
 *  - a folder of class folders (label = folder name), or a folder of pictures (label "");
 *    pictures are png, jpg, jpeg, bmp, tif, tiff, pgm, ppm, pnm, webp, sorted by name bytewise;
 *  - an idx pair: `*images-idx3-ubyte[.gz]` with `*labels-idx1-ubyte[.gz]` beside it (given as the
 *    images file); label k is classes[k] where classes are given, else its decimal number;
 *  - a video file (label ""): the number of frames is unknown before it is decoded.
 */
typedef struct _CpacManifest CpacManifest;

typedef enum {
  CPAC_MANIFEST_PICTURES, /* samples are files */
  CPAC_MANIFEST_IDX,      /* samples are 8-bit gray pictures in memory */
  CPAC_MANIFEST_VIDEO,    /* one file; no samples listed */
} CpacManifestKind;

/* @classes (NULL-terminated) may be NULL. Errors name the file and line and what was expected.
 * (transfer full) */
CpacManifest *cpac_manifest_load (const char *path, const char *const *classes, GError **error);
/* Parses CSV text; @name stands for the file in errors, @folder is put before relative paths.
 * (transfer full) */
CpacManifest *cpac_manifest_parse_csv (const char *name, const char *folder, const char *text,
                                       gsize length, GError **error);
void cpac_manifest_free (CpacManifest *manifest);

/* What the list was loaded from or is called, for messages. */
const char *cpac_manifest_get_name (const CpacManifest *manifest);
CpacManifestKind cpac_manifest_get_kind (const CpacManifest *manifest);
guint cpac_manifest_get_n_samples (const CpacManifest *manifest);
const CpacSample *cpac_manifest_get_sample (const CpacManifest *manifest, guint index);
/* FALSE: every picture is its own part, and the tool should say so. */
gboolean cpac_manifest_has_groups (const CpacManifest *manifest);
gboolean cpac_manifest_has_splits (const CpacManifest *manifest);
/* Path of the video. */
const char *cpac_manifest_get_video (const CpacManifest *manifest);
/* Picture @index of an idx file as a GRAY8 full-range frame borrowed from the manifest. */
void cpac_manifest_get_idx_frame (const CpacManifest *manifest, guint index, CpacFrame *frame);
/* sha256 over every sample's name, label, split, mask (as the list says it) and group, in order, or
 * over the name of the video: tells two lists apart, wherever they lie.
 * (transfer full) */
char *cpac_manifest_get_sha256 (const CpacManifest *manifest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacManifest, cpac_manifest_free)

G_END_DECLS
