/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/whiten.h"

#include <math.h>
#include <string.h>

#include "core/tensor/linalg.h"

/* Variance of channel @i, over all covariances. */
static double
mean_variance (const CpacMoments *moments, guint i)
{
  gsize n = moments->n, n_covariances = cpac_moments_get_n_covariances (moments);
  double sum = 0;

  for (gsize k = 0; k < n_covariances; k++)
    sum += moments->scatter[(k * n + i) * n + i];
  return sum / (double) (cpac_moments_get_n_samples (moments) * n_covariances);
}

void
cpac_whiten_get_scales (const CpacMoments *moments, const CpacGaussian *gaussian, double *scales)
{
  guint i = 0, end_of_layer = 0;

  for (guint layer = 0; layer < gaussian->n_layers; layer++) {
    guint first = i;
    double sum = 0, unit;

    end_of_layer += gaussian->dims[layer].channels;
    for (; i < moments->n && gaussian->channels[i] < end_of_layer; i++)
      sum += mean_variance (moments, i);
    unit = sum > 0 ? sqrt (sum / (i - first)) : 1;
    for (guint k = first; k < i; k++)
      scales[k] = 1 / unit;
  }
}

/* Adds the lower triangle of covariance @index in the channels' units, times @share. */
static void
add_covariance (const CpacMoments *moments, const double *scales, gsize index, double share,
                double *covariance)
{
  gsize n = moments->n;
  const double *scatter = moments->scatter + index * n * n;
  double weight = share / (double) cpac_moments_get_n_samples (moments);

  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j <= i; j++)
      covariance[i * n + j] += scatter[i * n + j] * weight * scales[i] * scales[j];
}

/* The mean of those up to @reach cells away. */
static void
get_covariance (const CpacMoments *moments, const double *scales, gsize index, guint reach,
                double *covariance)
{
  gsize n = moments->n;
  guint y = (guint) (index / moments->width), x = (guint) (index % moments->width);
  guint top = y - MIN (y, reach), bottom = MIN (y + reach + 1, moments->height);
  guint left = x - MIN (x, reach), right = MIN (x + reach + 1, moments->width);
  double share = 1.0 / ((bottom - top) * (right - left));

  memset (covariance, 0, n * n * sizeof (double));
  for (guint i = top; i < bottom; i++)
    for (guint j = left; j < right; j++)
      add_covariance (moments, scales, (gsize) i * moments->width + j, share, covariance);
}

static double
mean_diagonal (const double *matrix, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += matrix[i * n + i];
  return sum / (double) n;
}

double
cpac_whiten_ledoit_wolf (const CpacMoments *moments, const double *scales, double fourth)
{
  gsize n = moments->n;
  g_autofree double *c = g_new (double, n *n);
  double n_samples = (double) cpac_moments_get_n_samples (moments);
  double squares = 0, mean, distance, error;

  memset (c, 0, n * n * sizeof (double));
  add_covariance (moments, scales, 0, 1, c);
  mean = mean_diagonal (c, n);
  for (gsize i = 0; i < n; i++) {
    for (gsize j = 0; j < i; j++)
      squares += 2 * c[i * n + j] * c[i * n + j];
    squares += c[i * n + i] * c[i * n + i];
  }
  distance = squares - (double) n * mean * mean;
  error = (fourth / n_samples - squares) / n_samples;
  /* Rounding may leave a distance of nothing, or less. */
  return error < distance ? MAX (error / distance, 0) : 1;
}

typedef struct {
  const CpacMoments *moments;
  const double *scales;
  guint reach;
  double shrinkage;
  CpacGaussian *gaussian;
  double *matrices; /* (n, n) a worker */
  gint n_failed;    /* atomic */
} Job;

static void
shrink (double *matrix, gsize n, double shrinkage)
{
  double mean = mean_diagonal (matrix, n);

  for (gsize i = 0; i < n; i++) {
    for (gsize j = 0; j <= i; j++)
      matrix[i * n + j] *= 1 - shrinkage;
    matrix[i * n + i] += shrinkage * mean;
  }
}

static void
whiten_one (gpointer user_data, guint index, guint worker)
{
  Job *job = user_data;
  gsize n = job->moments->n;
  double *matrix = job->matrices + worker * n * n;
  float *out = job->gaussian->whitening->data + index * (n * (n + 1) / 2);

  get_covariance (job->moments, job->scales, index, job->reach, matrix);
  shrink (matrix, n, job->shrinkage);
  if (!cpac_whiten_symmetric (matrix, job->moments->n)) {
    g_atomic_int_inc (&job->n_failed);
    return;
  }
  for (gsize i = 0; i < n; i++)
    for (gsize j = 0; j <= i; j++)
      *out++ = (float) (matrix[i * n + j] * job->scales[j]);
}

gboolean
cpac_whiten (const CpacMoments *moments, const double *scales, guint reach, double shrinkage,
             CpacWorkers *workers, CpacGaussian *gaussian, GError **error)
{
  gsize n = moments->n, n_mean;
  g_autofree double *matrices = g_new (double, cpac_workers_get_n_threads (workers) * n * n);
  gboolean own = moments->mode == CPAC_GAUSSIAN_POSITION;
  Job job = { moments, scales, own ? reach : 0, shrinkage, gaussian, matrices, 0 };

  cpac_linalg_init ();
  cpac_tensor_free (gaussian->mean);
  cpac_tensor_free (gaussian->whitening);
  gaussian->mean = cpac_tensor_new (cpac_gaussian_get_mean_shape (gaussian));
  gaussian->whitening = cpac_tensor_new (cpac_gaussian_get_whitening_shape (gaussian));
  n_mean = cpac_shape_count (&gaussian->mean->shape);
  for (gsize i = 0; i < n_mean; i++)
    gaussian->mean->data[i] = (float) moments->mean[i];
  cpac_workers_run (workers, (guint) cpac_moments_get_n_covariances (moments), whiten_one, &job);
  if (job.n_failed == 0)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "%d of %" G_GSIZE_FORMAT " covariances have no inverse at shrinkage %g: the "
               "features hardly change from picture to picture; expected more shrinkage, or other "
               "layers",
               job.n_failed, cpac_moments_get_n_covariances (moments), shrinkage);
  return FALSE;
}
