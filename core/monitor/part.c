/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/part.h"

#include <string.h>

const char *
cpac_camera_measure_to_string (CpacCameraMeasure measure)
{
  static const char *const names[CPAC_N_CAMERA_MEASURES] = { "brightness", "contrast", "sharpness",
                                                             "saturation" };

  g_return_val_if_fail (measure < CPAC_N_CAMERA_MEASURES, NULL);

  return names[measure];
}

void
cpac_part_sum_init (CpacPartSum *sum, guint n_features)
{
  *sum = (CpacPartSum){ .n_features = n_features };
  sum->features = n_features > 0 ? g_new0 (double, n_features) : NULL;
}

void
cpac_part_sum_clear (CpacPartSum *sum)
{
  g_clear_pointer (&sum->features, g_free);
}

void
cpac_part_sum_set_features (CpacPartSum *sum, guint n_features)
{
  g_free (sum->features);
  sum->features = n_features > 0 ? g_new0 (double, n_features) : NULL;
  sum->n_features = n_features;
  sum->n_features_seen = 0;
}

void
cpac_part_sum_restart (CpacPartSum *sum)
{
  double *features = sum->features;

  *sum = (CpacPartSum){ .n_features = sum->n_features, .features = features };
  if (features != NULL)
    memset (features, 0, sum->n_features * sizeof *features);
}

void
cpac_part_sum_mix (CpacPartSum *sum)
{
  sum->is_mixed |= sum->n_scores > 0;
}

/* Only ok releases a part: what was not seen is worse than what was nearly good. */
static guint
get_badness (CpacVerdict verdict)
{
  static const guint badness[CPAC_N_VERDICTS] = {
    [CPAC_VERDICT_OK] = 0,
    [CPAC_VERDICT_NOT_DECIDABLE] = 1,
    [CPAC_VERDICT_UNDEFINED] = 2,
    [CPAC_VERDICT_NOT_OK] = 3,
  };

  return badness[verdict];
}

void
cpac_part_sum_add (CpacPartSum *sum, const CpacMonitorPart *picture, gboolean small_is_bad)
{
  if (sum->n_pictures++ == 0 || get_badness (picture->verdict) > get_badness (sum->verdict))
    sum->verdict = picture->verdict;
  if (picture->has_score) {
    gboolean is_worse = small_is_bad ? picture->score < sum->score : picture->score > sum->score;

    if (sum->n_scores++ == 0 || is_worse)
      sum->score = picture->score;
  }
  if (picture->has_camera) {
    sum->n_camera++;
    for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
      sum->camera[i] += picture->camera[i];
  }
  if (picture->features != NULL && sum->features != NULL) {
    sum->n_features_seen++;
    for (guint i = 0; i < sum->n_features; i++)
      sum->features[i] += picture->features[i];
  }
}

CpacMonitorPart
cpac_part_sum_get (CpacPartSum *sum)
{
  CpacMonitorPart part = { .verdict = sum->verdict,
                           .has_score = sum->n_scores > 0 && !sum->is_mixed,
                           .score = sum->score,
                           .has_camera = sum->n_camera > 0 };

  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES && sum->n_camera > 0; i++)
    part.camera[i] = sum->camera[i] / sum->n_camera;
  if (sum->n_features_seen > 1)
    for (guint i = 0; i < sum->n_features; i++)
      sum->features[i] /= sum->n_features_seen;
  if (sum->n_features_seen > 0 && !sum->is_mixed) {
    sum->n_features_seen = 1;
    part.features = sum->features;
  }
  return part;
}
