/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What there is to fit to. */

#include "core/train/fit-private.h"

GArray *
cpac_fit_list_pictures (const CpacFitOptions *options, CpacSplit split, gboolean copies,
                        gboolean defects)
{
  GArray *pictures = g_array_new (FALSE, FALSE, sizeof (CpacFitPicture));

  for (guint i = 0; i < cpac_dataset_get_n (options->dataset, split); i++) {
    if (cpac_dataset_get_item (options->dataset, split, i)->defect && !defects)
      continue;
    for (guint copy = 0; copy < 4; copy++) {
      CpacFitPicture picture = { split, i, copy & 1, copy >> 1 };

      if (copy == 0 || (copies && (!picture.mirror || options->mirror) &&
                        (!picture.upside_down || options->upside_down)))
        g_array_append_val (pictures, picture);
    }
  }
  return pictures;
}

static gboolean
has_good (const CpacDataset *dataset, CpacSplit split)
{
  for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++)
    if (!cpac_dataset_get_item (dataset, split, i)->defect)
      return TRUE;
  return FALSE;
}

gboolean
cpac_fit_check_enough (const CpacDataset *dataset, const CpacGaussian *g, guint n, GError **error)
{
  guint free_pictures = g->mode == CPAC_GAUSSIAN_TEXTURE ? n : MAX (n, 1) - 1;
  guint64 cells = (guint64) g->width * g->height, samples = free_pictures * cells;

  if (g->mode == CPAC_GAUSSIAN_POSITION && n < CPAC_FIT_MIN_PICTURES)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%u good pictures to learn from; mode position expected at least %u, mode texture "
                 "needs fewer",
                 n, CPAC_FIT_MIN_PICTURES);
  else if (g->mode != CPAC_GAUSSIAN_POSITION &&
           samples < (guint64) CPAC_FIT_MIN_SAMPLES * g->n_channels)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%u good pictures of %" G_GUINT64_FORMAT " cells for the covariance of %u "
                 "channels; expected at least %u values for each: more pictures, or fewer channels",
                 n, cells, g->n_channels, CPAC_FIT_MIN_SAMPLES);
  else if (!has_good (dataset, CPAC_SPLIT_VAL))
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "no good picture in split val, expected some: what is normal beyond the pictures "
                 "learnt from is measured on them");
  else
    return TRUE;
  return FALSE;
}
