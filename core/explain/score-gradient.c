/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/score-gradient.h"

#include <string.h>

#include "core/explain/top-cells.h"

gboolean
cpac_score_has_gradient (const CpacHead *head)
{
  return head->kind == CPAC_HEAD_CLASSIFIER || head->kind == CPAC_HEAD_MAP;
}

/* ---- Of a map ---- */

/* Adds @weight / n to each of the n logits whose mean cell (@i, @j) is. */
static void
spread (const CpacDims *dims, guint i, guint j, double weight, float *gradient)
{
  guint top = i > 0 ? i - 1 : 0, bottom = MIN (i + 2, dims->height);
  guint left = j > 0 ? j - 1 : 0, right = MIN (j + 2, dims->width);
  float share = (float) (weight / ((bottom - top) * (right - left)));

  for (guint y = top; y < bottom; y++)
    for (guint x = left; x < right; x++)
      gradient[(gsize) y * dims->width + x] += share;
}

static void
gradient_of_map (const CpacHead *head, const CpacDims *dims, const float *logits, float *gradient)
{
  gsize n = (gsize) dims->width * dims->height;
  g_autofree float *map = g_new (float, n);
  g_autofree CpacTopCell *cells = g_new (CpacTopCell, n);
  gsize k;

  cpac_head_average (logits, dims->width, dims->height, map);
  k = cpac_top_cells (map, NULL, n, head->top, cells);
  memset (gradient, 0, n * sizeof (float));
  for (gsize i = 0; i < k; i++)
    spread (dims, cells[i].cell / dims->width, cells[i].cell % dims->width, 1.0 / (double) k,
            gradient);
}

/* ---- Of a classifier ---- */

static void
gradient_of_classifier (const CpacHead *head, const float *logits, float *gradient)
{
  g_autofree double *probabilities = g_new (double, head->n_classes);
  guint best;
  double score = cpac_head_classify (head, logits, probabilities, &best);

  for (guint i = 0; i < head->n_classes; i++) {
    gboolean is_good = head->n_good > 0 ? head->is_good[i] : i == best;

    gradient[i] = (float) (probabilities[i] * (is_good ? -score : 1 - score));
  }
}

void
cpac_score_gradient (const CpacHead *head, const CpacDims *output, const float *logits,
                     float *gradient)
{
  if (head->kind == CPAC_HEAD_CLASSIFIER)
    gradient_of_classifier (head, logits, gradient);
  else
    gradient_of_map (head, output, logits, gradient);
}
