/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/source.h"
#include "core/score/head.h"
#include "core/train/manifest.h"

G_BEGIN_DECLS

/**
 * CpacDataset:
 *
 * The pictures of a manifest as network input, decoded once through the code that live scoring uses
 * and kept within a stated bound of memory; what does not fit is decoded again whenever it is
 * wanted. Immutable after opening; may be read from several threads.
 */
typedef struct _CpacDataset CpacDataset;

/* What a picture is for. */
typedef enum {
  CPAC_SPLIT_TRAIN,
  CPAC_SPLIT_VAL,         /* selection: which weights are best */
  CPAC_SPLIT_CALIBRATION, /* set aside when the list has no splits */
  CPAC_SPLIT_OTHER,       /* test and whatever else: never looked at while training */
} CpacSplit;

typedef struct {
  CpacInputSpec input;
  const CpacHead *head;   /* classes and good labels */
  gsize max_bytes;        /* of decoded pictures */
  guint n_threads;        /* for decoding */
  guint64 seed;           /* of the split, when the list has none */
  CpacFrameOpenFunc open; /* opens pictures and video */
  gpointer open_data;
  /* Reads a mask as (height, width) bytes, non-zero = defect; (transfer full, g_free). */
  guint8 *(*read_mask) (const char *path, guint *width, guint *height, GError **error);
  /* Told how far opening is; may be NULL. */
  void (*progress) (guint done, guint total, gpointer user_data);
  gpointer progress_data;
} CpacDatasetOptions;

/*
 * Opens @manifest (borrowed for the dataset's life). Splits: the list's `train` and `val`; without a
 * split column a seeded, group-wise 10 % is set aside for selection and 10 % for calibration. Every
 * picture of split train and val is decoded here, so that a picture that is missing or does not
 * decode is one error now (the picture's name and the list's place), not in the middle of the night.
 *
 * Errors: CPAC_ERROR_SCHEMA for a label that is no class of a classifier (naming picture and
 * classes), a class of the model without a training picture, an empty training or validation split,
 * or a group on both sides of train and val (naming the group and one picture of each side);
 * the errors of reading pictures. A video (no labels) is a list of good pictures, its frames in one
 * group per 25 consecutive frames. (transfer full)
 */
CpacDataset *cpac_dataset_open (const CpacManifest *manifest, const CpacDatasetOptions *options,
                                GError **error);
void cpac_dataset_free (CpacDataset *dataset);

/* Pictures of @split, in the list's order. */
guint cpac_dataset_get_n (const CpacDataset *dataset, CpacSplit split);

typedef struct {
  const CpacSample *sample; /* NULL for a video's frame */
  guint class_index;        /* classifier */
  gboolean defect;          /* label is not one of the good ones */
  gboolean has_mask;
} CpacItem;
const CpacItem *cpac_dataset_get_item (const CpacDataset *dataset, CpacSplit split, guint index);

/* Copies picture @index (channels, height, width), normalised, to @input. Only a picture that is
 * not in memory can fail. */
gboolean cpac_dataset_get_input (const CpacDataset *dataset, CpacSplit split, guint index,
                                 float *input, GError **error);
/* Mask of a defective picture at @width x @height cells: the share of each cell's area that is
 * defect, 0..1; all zero for a good picture. FALSE with @error when it cannot be read again. */
gboolean cpac_dataset_get_mask (const CpacDataset *dataset, CpacSplit split, guint index,
                                guint width, guint height, float *mask, GError **error);
/* sha256 of the manifest's content, see cpac_manifest_get_sha256(). */
const char *cpac_dataset_get_sha256 (const CpacDataset *dataset);
/* sha256 of each group in train and val, sorted, lower-case: kept with the model so that calibration
 * can refuse parts that were trained on. NULL-terminated. */
const char *const *cpac_dataset_get_group_hashes (const CpacDataset *dataset);
/* Bytes of pictures in memory, and pictures that had to stay outside. */
gsize cpac_dataset_get_cached_bytes (const CpacDataset *dataset);
guint cpac_dataset_get_n_uncached (const CpacDataset *dataset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacDataset, cpac_dataset_free)

G_END_DECLS
