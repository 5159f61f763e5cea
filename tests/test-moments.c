/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/moments.h"

#include <math.h>
#include <string.h>

#include "core/train/whiten.h"

/* One layer of @n channels on a grid. */
static CpacGaussian *
make_gaussian (CpacGaussianMode mode, guint n, guint height, guint width)
{
  CpacGaussian *gaussian = g_new0 (CpacGaussian, 1);

  gaussian->mode = mode;
  gaussian->n_layers = 1;
  gaussian->dims = g_new (CpacDims, 1);
  gaussian->dims[0] = (CpacDims){ n, height, width };
  gaussian->width = width;
  gaussian->height = height;
  gaussian->n_features = gaussian->n_channels = n;
  gaussian->channels = g_new (guint, n);
  for (guint i = 0; i < n; i++)
    gaussian->channels[i] = i;
  return gaussian;
}

/* Far from 0, so that sums of squares less squares of sums would lose digits. */
static float *
make_features (guint n_pictures, guint n, gsize cells, guint seed)
{
  gsize n_values = n_pictures * n * cells;
  GRand *random = g_rand_new_with_seed (seed);
  float *features = g_new (float, n_values);

  for (gsize i = 0; i < n_values; i++)
    features[i] = (float) (1000 + g_rand_double_range (random, -1, 1));
  g_rand_free (random);
  return features;
}

static const struct {
  CpacGaussianMode mode;
  guint n, height, width;
  guint portions[4]; /* pictures of each; 0 ends */
} cases[] = {
  { CPAC_GAUSSIAN_TEXTURE, 1, 1, 1, { 1 } },
  { CPAC_GAUSSIAN_TEXTURE, 3, 2, 5, { 1, 1, 2 } },
  { CPAC_GAUSSIAN_TEXTURE, 65, 3, 3, { 5, 17 } },
  { CPAC_GAUSSIAN_POSITION_MEAN, 2, 1, 3, { 2, 1 } },
  { CPAC_GAUSSIAN_POSITION_MEAN, 5, 3, 1, { 3, 3, 3, 1 } },
  { CPAC_GAUSSIAN_POSITION, 1, 2, 2, { 1, 2 } },
  { CPAC_GAUSSIAN_POSITION, 67, 2, 1, { 7, 2, 1 } },
};

static CpacMoments *
gather (guint index, const float *features, guint n_threads)
{
  g_autoptr (CpacGaussian) gaussian =
      make_gaussian (cases[index].mode, cases[index].n, cases[index].height, cases[index].width);
  g_autoptr (CpacWorkers) workers = cpac_workers_new (n_threads);
  g_autoptr (GError) error = NULL;
  CpacMoments *moments = cpac_moments_new (gaussian, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 4 && cases[index].portions[i] > 0; i++) {
    cpac_moments_add (moments, features, cases[index].portions[i], workers);
    features += cases[index].portions[i] * moments->n * moments->cells;
  }
  return moments;
}

static double
value_at (const CpacMoments *moments, const float *features, guint p, guint i, gsize cell)
{
  return features[(p * (gsize) moments->n + i) * moments->cells + cell];
}

/* Mean of channel @i at @cell, or over all cells of a texture. */
static double
oracle_mean (const CpacMoments *moments, const float *features, guint i, gsize cell)
{
  gboolean one = moments->mode == CPAC_GAUSSIAN_TEXTURE;
  gsize first = one ? 0 : cell, end = one ? moments->cells : cell + 1;
  double sum = 0;

  for (guint p = 0; p < moments->n_pictures; p++)
    for (gsize k = first; k < end; k++)
      sum += value_at (moments, features, p, i, k) - 1000;
  return 1000 + sum / (double) (moments->n_pictures * (end - first));
}

/* Sum of the products of channels @i and @j about their means, over the cells of one covariance. */
static double
oracle_scatter (const CpacMoments *moments, const float *features, guint i, guint j, gsize first,
                gsize end)
{
  double sum = 0;

  for (gsize k = first; k < end; k++) {
    double mean_i = oracle_mean (moments, features, i, k);
    double mean_j = oracle_mean (moments, features, j, k);

    for (guint p = 0; p < moments->n_pictures; p++)
      sum += (value_at (moments, features, p, i, k) - mean_i) *
             (value_at (moments, features, p, j, k) - mean_j);
  }
  return sum;
}

/* Values near 1000 in double are off by 2^-44 each; N of them, squares of differences below 2. */
static void
check_case (guint index)
{
  guint n_pictures = 0;
  g_autofree float *features = NULL;
  g_autoptr (CpacMoments) moments = NULL;
  gsize cells = (gsize) cases[index].height * cases[index].width, n = cases[index].n;
  double tolerance;

  for (guint i = 0; i < 4; i++)
    n_pictures += cases[index].portions[i];
  features = make_features (n_pictures, (guint) n, cells, index);
  moments = gather (index, features, 1);
  tolerance = 16 * 0x1p-44 * (double) (n_pictures * cells);
  g_assert_cmpuint (moments->n_pictures, ==, n_pictures);
  for (guint i = 0; i < n; i++)
    for (gsize k = 0; k < (moments->mode == CPAC_GAUSSIAN_TEXTURE ? 1 : cells); k++)
      g_assert_cmpfloat_with_epsilon (
          moments->mean[moments->mode == CPAC_GAUSSIAN_TEXTURE ? i : i * cells + k],
          oracle_mean (moments, features, i, k), 0x1p-40);
  for (gsize c = 0; c < cpac_moments_get_n_covariances (moments); c++)
    for (guint i = 0; i < n; i++)
      for (guint j = 0; j <= i; j++) {
        gboolean own = moments->mode == CPAC_GAUSSIAN_POSITION;
        double expected =
            oracle_scatter (moments, features, i, j, own ? c : 0, own ? c + 1 : cells);

        g_assert_cmpfloat_with_epsilon (moments->scatter[(c * n + i) * n + j], expected, tolerance);
      }
}

static void
test_moments (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (i);
}

/* The same bits at any number of threads. */
static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree float *features =
        make_features (40, cases[i].n, (gsize) cases[i].height * cases[i].width, 100 + i);
    g_autoptr (CpacMoments) one = gather (i, features, 1), three = gather (i, features, 3);
    gsize n = cases[i].n, n_covariances = cpac_moments_get_n_covariances (one);
    gsize n_mean = cases[i].mode == CPAC_GAUSSIAN_TEXTURE ? n : n * one->cells;

    g_assert_cmpmem (one->mean, n_mean * sizeof (double), three->mean, n_mean * sizeof (double));
    g_assert_cmpmem (one->scatter, n_covariances * n * n * sizeof (double), three->scatter,
                     n_covariances * n * n * sizeof (double));
  }
}

/* ---- Whitening ---- */

/* Pictures (0, 0), (4, 0), (0, 2), (4, 2) of one cell: mean (2, 1), covariance diag (4, 1). The
 * common unit is sqrt (5/2); in it the covariance is diag (8/5, 2/5), mean variance 1. */
static void
test_by_hand (void)
{
  static const float features[] = { 0, 0, 4, 0, 0, 2, 4, 2 };
  g_autoptr (CpacGaussian) gaussian = make_gaussian (CPAC_GAUSSIAN_TEXTURE, 2, 1, 1);
  g_autoptr (CpacWorkers) workers = cpac_workers_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacMoments) moments = cpac_moments_new (gaussian, &error);
  double scales[2];

  cpac_moments_add (moments, features, 4, workers);
  cpac_whiten_get_scales (moments, gaussian, scales);
  g_assert_cmpfloat_with_epsilon (scales[0], sqrt (0.4), 1e-15);
  g_assert_cmpfloat (scales[1], ==, scales[0]);
  cpac_whiten (moments, scales, 0, 0, workers, gaussian, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (gaussian->mean->data[0], ==, 2);
  g_assert_cmpfloat (gaussian->mean->data[1], ==, 1);
  g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[0], 0.5, 1e-7);
  g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[1], 0, 1e-7);
  g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[2], 1, 1e-7);
  /* Half way to the mean variance: 8/5 -> 13/10, 2/5 -> 7/10 in units of sqrt (5/2). */
  cpac_whiten (moments, scales, 0, 0.5, workers, gaussian, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[0], sqrt (0.4 / 1.3), 1e-7);
  g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[2], sqrt (0.4 / 0.7), 1e-7);
}

/* Every sample |x|^2 is 8/5 + 2/5 = 2 here, its fourth power 4: |C|^2 = 68/25, b = (4 - 68/25) / 4
 * = 8/25, d = 68/25 - 2 = 18/25. */
static void
test_ledoit_wolf (void)
{
  static const float features[] = { 0, 0, 4, 0, 0, 2, 4, 2 };
  g_autoptr (CpacGaussian) gaussian = make_gaussian (CPAC_GAUSSIAN_TEXTURE, 2, 1, 1);
  g_autoptr (CpacWorkers) workers = cpac_workers_new (1);
  g_autoptr (CpacMoments) moments = cpac_moments_new (gaussian, NULL);
  double scales[2];

  cpac_moments_add (moments, features, 4, workers);
  cpac_whiten_get_scales (moments, gaussian, scales);
  g_assert_cmpfloat_with_epsilon (cpac_whiten_ledoit_wolf (moments, scales, 16), 8.0 / 18, 1e-14);
  /* More noise than signal. */
  g_assert_cmpfloat (cpac_whiten_ledoit_wolf (moments, scales, 1000), ==, 1);
}

/* W C W^T = 1 for each covariance, whatever the units: the definition. */
static void
test_inverse (void)
{
  for (guint index = 0; index < G_N_ELEMENTS (cases); index++) {
    guint n = MIN (cases[index].n, 17), n_pictures = 80;
    gsize cells = (gsize) cases[index].height * cases[index].width, triangle = n * (n + 1) / 2;
    g_autoptr (CpacGaussian) gaussian =
        make_gaussian (cases[index].mode, n, cases[index].height, cases[index].width);
    g_autofree float *features = make_features (n_pictures, n, cells, 200 + index);
    g_autoptr (CpacWorkers) workers = cpac_workers_new (2);
    g_autoptr (CpacMoments) moments = cpac_moments_new (gaussian, NULL);
    g_autofree double *scales = g_new (double, n);
    g_autoptr (GError) error = NULL;

    cpac_moments_add (moments, features, n_pictures, workers);
    cpac_whiten_get_scales (moments, gaussian, scales);
    cpac_whiten (moments, scales, 0, 0, workers, gaussian, &error);
    g_assert_no_error (error);
    for (gsize c = 0; c < cpac_moments_get_n_covariances (moments); c++) {
      const float *w = gaussian->whitening->data + c * triangle;
      const double *s = moments->scatter + c * n * n;

      for (guint i = 0; i < n; i++)
        for (guint j = 0; j <= i; j++) {
          double sum = 0;

          for (guint k = 0; k <= i; k++)
            for (guint l = 0; l <= j; l++)
              sum += w[i * (i + 1) / 2 + k] * (k >= l ? s[k * n + l] : s[l * n + k]) *
                     w[j * (j + 1) / 2 + l];
          sum /= (double) cpac_moments_get_n_samples (moments);
          /* Variances about 1/3, well conditioned: n^2 products of floats below 4. */
          g_assert_cmpfloat_with_epsilon (sum, i == j, 16 * n * n * 0x1p-24);
        }
    }
  }
}

/* One channel on a row of three cells, variances 1, 4 and 25: with a reach of one the ends see two
 * of them, the middle all. Means stay their own. */
static void
test_reach (void)
{
  static const float features[] = { 1, 10, 100, 3, 14, 110 };
  static const double expected[] = { 2.5, 10, 14.5 };
  g_autoptr (CpacGaussian) gaussian = make_gaussian (CPAC_GAUSSIAN_POSITION, 1, 1, 3);
  g_autoptr (CpacWorkers) workers = cpac_workers_new (2);
  g_autoptr (CpacMoments) moments = cpac_moments_new (gaussian, NULL);
  g_autoptr (GError) error = NULL;
  double scale;

  cpac_moments_add (moments, features, 2, workers);
  cpac_whiten_get_scales (moments, gaussian, &scale);
  cpac_whiten (moments, &scale, 1, 0, workers, gaussian, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[i], 1 / sqrt (expected[i]), 1e-7);
    g_assert_cmpfloat (gaussian->mean->data[i], ==, (features[i] + features[3 + i]) / 2);
  }
  /* Further than the grid is wide: the mean of all, everywhere. */
  cpac_whiten (moments, &scale, 9, 0, workers, gaussian, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (gaussian->whitening->data[i], 1 / sqrt (10), 1e-7);
}

/* Two channels that always agree. */
static void
test_singular (void)
{
  static const float features[] = { 1, 1, 2, 2, 3, 3 };
  g_autoptr (CpacGaussian) gaussian = make_gaussian (CPAC_GAUSSIAN_TEXTURE, 2, 1, 1);
  g_autoptr (CpacWorkers) workers = cpac_workers_new (1);
  g_autoptr (CpacMoments) moments = cpac_moments_new (gaussian, NULL);
  g_autoptr (GError) error = NULL;
  double scales[2];

  cpac_moments_add (moments, features, 3, workers);
  cpac_whiten_get_scales (moments, gaussian, scales);
  g_assert_false (cpac_whiten (moments, scales, 0, 0, workers, gaussian, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==,
                   "1 of 1 covariances have no inverse at shrinkage 0: the features hardly change "
                   "from picture to picture; expected more shrinkage, or other layers");
  g_clear_error (&error);
  g_assert_true (cpac_whiten (moments, scales, 0, 0.01, workers, gaussian, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/moments/oracle", test_moments);
  g_test_add_func ("/moments/threads", test_threads);
  g_test_add_func ("/whiten/by-hand", test_by_hand);
  g_test_add_func ("/whiten/ledoit-wolf", test_ledoit_wolf);
  g_test_add_func ("/whiten/inverse", test_inverse);
  g_test_add_func ("/whiten/reach", test_reach);
  g_test_add_func ("/whiten/singular", test_singular);
  return g_test_run ();
}
