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
  const CpacHead *head;     /* classes and good labels; used while opening */
  gsize max_bytes;          /* of decoded pictures and masks */
  guint n_threads;          /* for decoding */
  guint64 seed;             /* of the split, when the list has none */
  double val_share;         /* of the groups, set aside for selection; 0: a tenth */
  double calibration_share; /* and for calibration; 0: a tenth, negative: none */
  const char *train_split;  /* the split that is learnt from; NULL: "train" */
  gboolean any_labels;      /* labels are taken as they are: none, some, or of no class */
  CpacFrameOpenFunc open;   /* opens pictures and video */
  gpointer open_data;
  /* Reads a mask as (height, width) bytes, non-zero = defect; (transfer full, g_free). NULL
   * only for a list without masks. */
  guint8 *(*read_mask) (const char *path, guint *width, guint *height, GError **error);
  /* Told how far opening is, from the thread that opens; @total 0: unknown. May be NULL. */
  void (*progress) (guint done, guint total, gpointer user_data);
  gpointer progress_data;
} CpacDatasetOptions;

/*
 * Opens @manifest (borrowed for the dataset's life).
 *
 * Splits: the list's train_split and `val`; every other name is CPAC_SPLIT_OTHER. A list without splits
 * has val_share of its groups set aside for selection and calibration_share for calibration, one
 * with `train` but no `val` val_share of `train` for selection: by a number that follows from the
 * seed and the group's name, for each label apart, at least one group for selection. A list without
 * any label, such as a video, is one of good pictures (not for a classifier); a video's frames are
 * one group per 25 consecutive ones, those that the decoder calls damaged are left out.
 *
 * Every picture of train and val is decoded here, and for a map head every mask is read, so that a
 * picture that is missing or does not decode is one error now, not in the middle of the night. The
 * pictures kept in memory are the first of the list, then masks while there is room. Nothing
 * depends on the number of threads.
 *
 * Errors, each with the list's name, the line where there is one, and the picture:
 * CPAC_ERROR_SCHEMA for a missing label or one that is no class of a model that lists classes, for
 * a class of a classifier without a training picture, for a map when no training picture is good or
 * has a mask, for a list with splits of which none is train, for a list too small to set anything
 * aside, and for a group on both sides of train and val; CPAC_ERROR_SHAPE for a mask that is not as
 * large as its picture; the errors of reading pictures and masks. (transfer full)
 */
CpacDataset *
cpac_dataset_open (const CpacManifest *manifest, const CpacDatasetOptions *options, GError **error);
void cpac_dataset_free (CpacDataset *dataset);

/* Pictures of @split, in the list's order. */
guint cpac_dataset_get_n (const CpacDataset *dataset, CpacSplit split);

typedef struct {
  const CpacSample *sample; /* NULL for a video's frame */
  guint class_index;        /* G_MAXUINT for a label that is no class */
  gboolean defect;          /* label is not one of the good ones */
  gboolean has_mask;        /* a defect whose mask is in the list */
} CpacItem;
const CpacItem *cpac_dataset_get_item (const CpacDataset *dataset, CpacSplit split, guint index);

/* Width and height of picture @index before it became network input. */
void cpac_dataset_get_size (const CpacDataset *dataset, CpacSplit split, guint index, guint *width,
                            guint *height);

/* Copies picture @index (channels, height, width), normalised, to @input. Only a picture that is
 * not in memory can fail. */
gboolean cpac_dataset_get_input (const CpacDataset *dataset, CpacSplit split, guint index,
                                 float *input, GError **error);
/* Mask of a defective picture at @width x @height cells: the share of each cell's area that is
 * defect, 0..1; all zero for a good picture. FALSE with @error when it cannot be read again. */
gboolean cpac_dataset_get_mask (const CpacDataset *dataset, CpacSplit split, guint index,
                                guint width, guint height, float *mask, GError **error);
/* What the user should know about how the list was taken: sentences, each on a line of its own
 * ("no groups: every picture counts as its own part"); empty when there is nothing to say. */
const char *cpac_dataset_get_notes (const CpacDataset *dataset);
/* sha256 of the manifest's content, see cpac_manifest_get_sha256(). */
const char *cpac_dataset_get_sha256 (const CpacDataset *dataset);
/* sha256 of each group's name in @split, sorted, lower-case; those of train and val are kept with
 * the model, so that calibration can refuse parts that were trained on. (transfer full)
 * NULL-terminated */
char **cpac_dataset_get_group_hashes (const CpacDataset *dataset, CpacSplit split);
/* Bytes of pictures in memory, and pictures that had to stay outside. */
gsize cpac_dataset_get_cached_bytes (const CpacDataset *dataset);
guint cpac_dataset_get_n_uncached (const CpacDataset *dataset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacDataset, cpac_dataset_free)

G_END_DECLS
