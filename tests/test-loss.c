/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_N 253
#define POISON 1e30f

/* The definitions, in the plainest form that does not overflow for moderate logits. */
static double
slow_cross_entropy (const double *logits, guint n, guint truth, double smoothing)
{
  double sum = 0, loss = 0;

  for (guint i = 0; i < n; i++)
    sum += exp (logits[i]);
  for (guint i = 0; i < n; i++)
    loss -= (smoothing / n + (i == truth ? 1 - smoothing : 0)) * log (exp (logits[i]) / sum);
  return loss;
}

static double
slow_pixels (const double *logits, const float *mask, guint n, double weight, double gamma)
{
  double sum = 0;

  for (guint i = 0; i < n; i++) {
    double p = 1 / (1 + exp (-logits[i])), t = mask[i];

    sum -= weight * t * pow (1 - p, gamma) * log (p) + (1 - t) * pow (p, gamma) * log (1 - p);
  }
  return sum / n;
}

static void
draw (GRand *random, float *logits, double *exact, guint n)
{
  for (guint i = 0; i < n; i++)
    exact[i] = logits[i] = (float) g_rand_double_range (random, -4, 4);
}

/* Central differences with step h are off by h^2 |f'''| / 6 + eps |f| / h, below 1e-9 here; the
 * gradient is rounded to float. */
#define STEP 1e-5
#define TOLERANCE 1e-6

static void
test_cross_entropy (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253 };
  static const double smoothings[] = { 0, 0.1, 0.5 };
  GRand *random = g_rand_new_with_seed (1);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint k = 0; k < G_N_ELEMENTS (smoothings); k++) {
      guint n = sizes[s], truth = (guint) g_rand_int_range (random, 0, (gint32) n);
      double exact[MAX_N], total = 0;
      float logits[MAX_N], gradient[MAX_N + 1];

      draw (random, logits, exact, n);
      gradient[n] = POISON;
      g_assert_cmpfloat_with_epsilon (
          cpac_loss_cross_entropy (logits, n, truth, smoothings[k], gradient),
          slow_cross_entropy (exact, n, truth, smoothings[k]), 1e-12);
      for (guint i = 0; i < n; i++) {
        double keep = exact[i], up, down;

        exact[i] = keep + STEP;
        up = slow_cross_entropy (exact, n, truth, smoothings[k]);
        exact[i] = keep - STEP;
        down = slow_cross_entropy (exact, n, truth, smoothings[k]);
        exact[i] = keep;
        g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * STEP), TOLERANCE);
        total += gradient[i];
      }
      /* Adding the same to all logits changes nothing. */
      g_assert_cmpfloat_with_epsilon (total, 0, n * (double) FLT_EPSILON);
      g_assert_cmpfloat (gradient[n], ==, POISON);
    }
  g_rand_free (random);
}

/* By hand: the other class is 20,000 behind or ahead. */
static void
test_cross_entropy_extremes (void)
{
  const float logits[] = { 1e4f, -1e4f, -1e4f };
  float gradient[3];

  g_assert_cmpfloat (cpac_loss_cross_entropy (logits, 3, 0, 0, gradient), ==, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat (gradient[i], ==, 0);
  g_assert_cmpfloat (cpac_loss_cross_entropy (logits, 3, 2, 0, gradient), ==, 2e4);
  g_assert_cmpfloat (gradient[0], ==, 1);
  g_assert_cmpfloat (gradient[1], ==, 0);
  g_assert_cmpfloat (gradient[2], ==, -1);
  /* 0.3 of the target spread over three: 0.1 on each of the two that are 2e4 behind. */
  g_assert_cmpfloat_with_epsilon (cpac_loss_cross_entropy (logits, 3, 0, 0.3, gradient), 0.2 * 2e4,
                                  1e-9);
  g_assert_cmpfloat_with_epsilon (gradient[0], 0.2, 1e-7);
  g_assert_cmpfloat_with_epsilon (gradient[1], -0.1, 1e-7);
}

/* Not a number is not hidden. */
static void
test_not_finite (void)
{
  const float bad[] = { NAN, INFINITY };

  for (guint k = 0; k < G_N_ELEMENTS (bad); k++)
    for (guint i = 0; i < 2; i++) {
      float logits[2] = { 0, 0 }, gradient[2];

      logits[i] = bad[k];
      g_assert_false (isfinite (cpac_loss_cross_entropy (logits, 2, 1, 0.1, gradient)));
    }
  for (guint gamma = 0; gamma < 3; gamma++) {
    const float logit = NAN, mask = 0.5f;
    float gradient;

    g_assert_true (isnan (cpac_loss_pixels (&logit, &mask, 1, 1, gamma, &gradient)));
  }
}

static void
check_pixels (GRand *random, guint n, double weight, double gamma)
{
  double exact[MAX_N];
  float logits[MAX_N], mask[MAX_N], gradient[MAX_N + 1];

  draw (random, logits, exact, n);
  /* Wholly good, wholly bad, and shares. */
  for (guint i = 0; i < n; i++)
    mask[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : (float) g_rand_double (random);
  gradient[n] = POISON;
  g_assert_cmpfloat_with_epsilon (cpac_loss_pixels (logits, mask, n, weight, gamma, gradient),
                                  slow_pixels (exact, mask, n, weight, gamma), 1e-12 * weight);
  for (guint i = 0; i < n; i++) {
    double keep = exact[i], up, down;

    exact[i] = keep + STEP;
    up = slow_pixels (exact, mask, n, weight, gamma);
    exact[i] = keep - STEP;
    down = slow_pixels (exact, mask, n, weight, gamma);
    exact[i] = keep;
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * STEP), TOLERANCE * weight);
  }
  g_assert_cmpfloat (gradient[n], ==, POISON);
}

static void
test_pixels (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253 };
  static const double weights[] = { 1, 3, 0.25 }, gammas[] = { 0, 0.5, 2, 5 };
  GRand *random = g_rand_new_with_seed (2);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint w = 0; w < G_N_ELEMENTS (weights); w++)
      for (guint g = 0; g < G_N_ELEMENTS (gammas); g++)
        check_pixels (random, sizes[s], weights[w], gammas[g]);
  g_rand_free (random);
}

/* Sure and right costs nothing, sure and wrong costs the logit, for every gamma: by hand. */
static void
test_pixels_extremes (void)
{
  static const double gammas[] = { 0, 0.5, 2 };

  for (guint g = 0; g < G_N_ELEMENTS (gammas); g++) {
    const float right[] = { 1e4f, -1e4f }, wrong[] = { -1e4f, 1e4f }, mask[] = { 1, 0 };
    float gradient[2];

    g_assert_cmpfloat (cpac_loss_pixels (right, mask, 2, 3, gammas[g], gradient), ==, 0);
    g_assert_cmpfloat (gradient[0], ==, 0);
    g_assert_cmpfloat (gradient[1], ==, 0);
    g_assert_cmpfloat (cpac_loss_pixels (wrong, mask, 2, 3, gammas[g], gradient), ==,
                       (3 * 1e4 + 1e4) / 2);
    g_assert_cmpfloat (gradient[0], ==, -1.5f);
    g_assert_cmpfloat (gradient[1], ==, 0.5f);
  }
}

/* Binary cross-entropy in its own form: softplus (z) - t z. */
static void
test_gamma_zero (void)
{
  static const float logits[] = { -30, -1, 0, 0.5f, 30 }, mask[] = { 0, 1, 0.25f, 0.75f, 1 };
  float gradient[5];
  double expected = 0;

  for (guint i = 0; i < 5; i++)
    expected += fmax (logits[i], 0) + log1p (exp (-fabs (logits[i]))) - mask[i] * logits[i];
  g_assert_cmpfloat_with_epsilon (cpac_loss_pixels (logits, mask, 5, 1, 0, gradient), expected / 5,
                                  1e-13);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpfloat_with_epsilon (gradient[i], (1 / (1 + exp (-logits[i])) - mask[i]) / 5,
                                    FLT_EPSILON);
}

/* By hand; a mask without a defect counts as one of a cell. */
static void
test_balance (void)
{
  float mask[100] = { 0 };

  g_assert_cmpfloat (cpac_loss_balance (mask, 100, 1), ==, 5);
  mask[3] = 0.5f;
  g_assert_cmpfloat (cpac_loss_balance (mask, 100, 1), ==, 5);
  for (guint i = 0; i < 20; i++)
    mask[i] = 1;
  g_assert_cmpfloat (cpac_loss_balance (mask, 100, 1), ==, 0.25);
  g_assert_cmpfloat (cpac_loss_balance (mask, 100, 0.5), ==, 0.5);
  g_assert_cmpfloat (cpac_loss_balance (mask, 100, 0), ==, 1);
  mask[0] = 0.5f;
  g_assert_cmpfloat_with_epsilon (cpac_loss_balance (mask, 100, 1), 5 / 19.5, 1e-15);
}

/* Against the definition, and its gradient against differences. */
static void
test_distance (void)
{
  float output[5] = { 1, -2, 3, 0.5f, 4 }, gradient[5];
  const float wanted[5] = { 1, 1, -1, 0.5f, 2 };
  const double loss = (9 + 16 + 4) / (5 * 0.25), step = 0.125;

  g_assert_cmpfloat_with_epsilon (cpac_loss_distance (output, wanted, 5, 0.25, NULL), loss, 1e-12);
  g_assert_cmpfloat_with_epsilon (cpac_loss_distance (output, wanted, 5, 0.25, gradient), loss,
                                  1e-12);
  for (guint i = 0; i < 5; i++) {
    float keep = output[i];
    double up, down;

    output[i] = keep + (float) step;
    up = cpac_loss_distance (output, wanted, 5, 0.25, NULL);
    output[i] = keep - (float) step;
    down = cpac_loss_distance (output, wanted, 5, 0.25, NULL);
    output[i] = keep;
    /* A parabola: exact but for the rounding of the gradient to float. */
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step), 1e-6);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/cross-entropy", test_cross_entropy);
  g_test_add_func ("/loss/cross-entropy/extremes", test_cross_entropy_extremes);
  g_test_add_func ("/loss/not-finite", test_not_finite);
  g_test_add_func ("/loss/pixels", test_pixels);
  g_test_add_func ("/loss/pixels/extremes", test_pixels_extremes);
  g_test_add_func ("/loss/pixels/gamma-zero", test_gamma_zero);
  g_test_add_func ("/loss/balance", test_balance);
  g_test_add_func ("/loss/distance", test_distance);
  return g_test_run ();
}
