/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which epoch's weights are kept. */

#include <math.h>

#include "core/train/trainer-private.h"

/* A classifier: better accuracy, or the same with a smaller loss. A map: a smaller loss, since the
 * AUROC of a few validation pictures jumps about, or, where the recipe says so, as a classifier.
 * With a teacher: a smaller loss, which sees what no decision shows yet. */
static gboolean
is_better (const CpacTrainer *trainer, const CpacEpoch *a, const CpacEpoch *b)
{
  gboolean by_loss =
      trainer->teachers != NULL || (!cpac_trainer_is_classifier (trainer) &&
                                    trainer->options.recipe->select == CPAC_SELECT_LOSS);

  if (by_loss || isnan (a->val_figure) || a->val_figure == b->val_figure)
    return a->val_loss < b->val_loss;
  return a->val_figure > b->val_figure;
}

const CpacEpoch *
cpac_trainer_get_peak (const CpacTrainer *trainer)
{
  const CpacEpoch *peak = NULL;

  for (guint i = 0; i < trainer->curve->len; i++) {
    const CpacEpoch *epoch = &g_array_index (trainer->curve, CpacEpoch, i);

    if (peak == NULL || is_better (trainer, epoch, peak))
      peak = epoch;
  }
  return peak;
}

/* Of the accuracy @p of n pictures, as if one more were right and one more wrong, so that it is
 * above 0 for p = 0 and 1. */
static double
standard_error (double p, double n)
{
  double q = (p * n + 1) / (n + 2);

  return sqrt (q * (1 - q) / (n + 2));
}

gboolean
cpac_trainer_keeps_last_epoch (const CpacTrainer *trainer)
{
  const CpacEpoch *peak = cpac_trainer_get_peak (trainer);
  const CpacEpoch *last = &g_array_index (trainer->curve, CpacEpoch, trainer->curve->len - 1);

  return last == peak || (cpac_trainer_is_classifier (trainer) && trainer->teachers == NULL &&
                          last->val_figure >= peak->val_figure - standard_error (peak->val_figure,
                                                                                 trainer->n_views));
}
