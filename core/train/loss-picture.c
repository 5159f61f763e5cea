/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/train/loss.h"

static int
compare_falling (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x < y) - (x > y);
}

/* Hands @slope, by the mean of the 3x3 cells about (i, j), on to these cells. */
static void
spread (gsize cell, guint width, guint height, double slope, float *gradient)
{
  guint i = (guint) (cell / width), j = (guint) (cell % width);
  guint top = i > 0 ? i - 1 : 0, bottom = MIN (i + 2, height);
  guint left = j > 0 ? j - 1 : 0, right = MIN (j + 2, width);
  float share = (float) (slope / ((bottom - top) * (right - left)));

  for (guint y = top; y < bottom; y++)
    for (guint x = left; x < right; x++)
      gradient[(gsize) y * width + x] += share;
}

double
cpac_loss_picture (const CpacHead *head, const float *logits, guint width, guint height,
                   gboolean is_defect, double weight, float *map, float *scratch, float *gradient)
{
  gsize n = (gsize) width * height, k, left;
  double score = cpac_head_map (head, logits, width, height, map, scratch);
  double slope, loss = cpac_loss_score (score, is_defect, &slope);
  float least;

  memcpy (scratch, map, n * sizeof (float));
  qsort (scratch, n, sizeof (float), compare_falling);
  k = cpac_head_count_top (head->top, n);
  least = scratch[k - 1];
  /* Of cells as high as the last one that counts, the first ones do. */
  left = k;
  for (gsize i = 0; i < n; i++)
    left -= map[i] > least;
  for (gsize i = 0; i < n; i++)
    if (map[i] > least || (map[i] == least && left > 0 && left--))
      spread (i, width, height, weight * slope / (double) k, gradient);
  return weight * loss;
}
