/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/dataset.h"
#include "core/train/decoder.h"

G_BEGIN_DECLS

#define CPAC_N_SPLITS (CPAC_SPLIT_OTHER + 1)

/* One picture, or one frame of a video. */
typedef struct {
  CpacItem item;
  CpacSplit split;
  guint index; /* of the sample, or of the video's frame */
  const char *group;
  guint width, height; /* of the picture; 0 before it was decoded */
  float *input;        /* (channels, height, width) of the spec; NULL: not in memory */
  guint8 *mask;        /* (height, width) of the picture; NULL: not in memory */
} CpacEntry;

struct _CpacDataset {
  const CpacManifest *manifest;
  CpacDatasetOptions options;
  gsize input_bytes;             /* of one picture */
  GArray *entries;               /* CpacEntry, in the list's order */
  GArray *splits[CPAC_N_SPLITS]; /* guint: numbers of entries, in the list's order */
  GStringChunk *strings;         /* groups of a video's frames */
  GString *notes;
  CpacDecoderPool *pool;
  char *sha256;
  gsize cached_bytes;
  guint n_uncached;
};

static inline CpacEntry *
cpac_dataset_get_entry (const CpacDataset *dataset, guint number)
{
  return &g_array_index (dataset->entries, CpacEntry, number);
}

/* Another sentence for cpac_dataset_get_notes(). */
void cpac_dataset_note (CpacDataset *dataset, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* "list.csv:3: a.png", or the file where there is no line. (transfer full) */
char *cpac_dataset_get_place (const CpacDataset *dataset, const CpacEntry *entry);
/* The first names of @names, at most @n of them, for a message. (transfer full) */
char *cpac_dataset_join_names (const char *const *names, guint n);

/*
 * The steps of cpac_dataset_open(), in their order; see there for what they refuse.
 */
/* What the list says each entry is for; without splits all are for training. */
gboolean cpac_dataset_read_splits (CpacDataset *dataset, GError **error);
/* Labels become classes. */
gboolean cpac_dataset_set_labels (CpacDataset *dataset, GError **error);
/* Moves groups from train to val and calibration where the list has no val. */
gboolean cpac_dataset_set_aside (CpacDataset *dataset, GError **error);
/* Whether there is what to learn from. */
gboolean cpac_dataset_check_train (const CpacDataset *dataset, GError **error);
/* Whether train and val are apart. */
gboolean cpac_dataset_check_groups (CpacDataset *dataset, GError **error);

/* Makes the entries of a video's frames, decoding all of it. */
gboolean cpac_dataset_load_video (CpacDataset *dataset, GError **error);
/* Decodes every picture of train and val. */
gboolean cpac_dataset_load_pictures (CpacDataset *dataset, GError **error);
/* Reads every mask that a map can learn from, in train and val. */
gboolean cpac_dataset_load_masks (CpacDataset *dataset, GError **error);
/* @out receives the network input of @entry, from its file or from the idx file in memory; @info
 * the kind of its picture. */
gboolean cpac_dataset_decode (const CpacDataset *dataset, const CpacEntry *entry, float *out,
                              CpacFrameInfo *info, GError **error);
/* Bytes (height, width) of the mask of @entry, which must be as large as its picture.
 * (transfer full) */
guint8 *cpac_dataset_read_mask (const CpacDataset *dataset, const CpacEntry *entry, guint *width,
                                guint *height, GError **error);

/* @shares (height, width): the share of each cell's area under non-zero bytes of @mask
 * (mask_height, mask_width), 0..1, exact but for the rounding to float. */
void cpac_mask_get_shares (const guint8 *mask, guint mask_width, guint mask_height, guint width,
                           guint height, float *shares);

G_END_DECLS
