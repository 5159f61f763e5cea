/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/loss.h"

#include <math.h>

double
cpac_loss_cross_entropy (const float *logits, guint n, guint truth, double smoothing,
                         float *gradient)
{
  double top = logits[0], sum = 0, all, loss = 0;

  for (guint i = 1; i < n; i++)
    top = MAX (top, logits[i]);
  for (guint i = 0; i < n; i++)
    sum += exp (logits[i] - top);
  all = top + log (sum);
  for (guint i = 0; i < n; i++) {
    double target = smoothing / n + (i == truth ? 1 - smoothing : 0);
    double log_p = logits[i] - all;

    if (target > 0)
      loss -= target * log_p;
    gradient[i] = (float) (exp (log_p) - target);
  }
  return loss;
}

/* log (1 + exp (x)) without overflow. */
static double
softplus (double x)
{
  return MAX (x, 0) + log1p (exp (-fabs (x)));
}

/*
 * One side of the loss for a probability p = sigmoid (z) of being right: -(1 - p)^gamma log p, with
 * slope d/dz = (1 - p)^gamma (gamma p log p - (1 - p)).
 */
static double
focal_side (double z, double gamma, double *slope)
{
  double log_p = -softplus (-z), p = exp (log_p), rest = exp (-softplus (z));
  double weight = gamma > 0 ? pow (rest, gamma) : 1;

  *slope = weight * (gamma * p * log_p - rest);
  return -weight * log_p;
}

double
cpac_loss_pixels (const float *logits, const float *mask, gsize n, double positive_weight,
                  double gamma, float *gradient)
{
  double loss = 0;

  for (gsize i = 0; i < n; i++) {
    double t = mask[i], up, down;
    double positive = focal_side (logits[i], gamma, &up);
    double negative = focal_side (-logits[i], gamma, &down);

    loss += positive_weight * t * positive + (1 - t) * negative;
    gradient[i] = (float) ((positive_weight * t * up - (1 - t) * down) / (double) n);
  }
  return loss / (double) n;
}

double
cpac_loss_score (double score, gboolean is_defect, double *slope)
{
  double loss = focal_side (is_defect ? score : -score, 0, slope);

  if (!is_defect)
    *slope = -*slope;
  return loss;
}

double
cpac_loss_balance (const float *mask, gsize n, double balance)
{
  double n_defect = 0;

  for (gsize i = 0; i < n; i++)
    n_defect += mask[i];
  return pow ((double) n / 20 / MAX (n_defect, 1), balance);
}

double
cpac_loss_distance (const float *output, const float *wanted, gsize n, double variance,
                    float *gradient)
{
  double weight = 1 / ((double) n * variance), sum = 0;

  for (gsize i = 0; i < n; i++) {
    double difference = (double) output[i] - wanted[i];

    sum += difference * difference;
    if (gradient != NULL)
      gradient[i] = (float) (2 * weight * difference);
  }
  return weight * sum;
}
