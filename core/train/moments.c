/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/moments.h"

#include <math.h>

#include "core/tensor/linalg.h"

/* Rows of a scatter matrix that one piece of work computes. */
#define ROWS 64

/*
 * With N values of mean m before and p values of mean m' in the portion, d = m' - m:
 *
 *   mean    = m + d p / (N + p)
 *   scatter = scatter + sum (x - m') (x - m')^T + N p / (N + p) d d^T
 *
 * The last term is that of one more value, sqrt (N p / (N + p)) d, about the mean. So a portion
 * becomes a matrix Z (n, values) of values less their mean and such corrections, and its scatter
 * Z Z^T.
 */
typedef struct {
  CpacMoments *moments;
  const float *features; /* (n_pictures, n, cells) */
  guint n_pictures;
  gsize n_values; /* of a row of Z */
  double *z;      /* (n, n_values); for positions one (n, n_values) a worker */
} Portion;

CpacMoments *
cpac_moments_new (const CpacGaussian *gaussian, GError **error)
{
  g_autoptr (CpacMoments) moments = g_new0 (CpacMoments, 1);
  gsize n = gaussian->n_channels, n_mean, n_scatter;

  moments->mode = gaussian->mode;
  moments->n = gaussian->n_channels;
  moments->width = gaussian->width;
  moments->height = gaussian->height;
  moments->cells = (gsize) gaussian->width * gaussian->height;
  n_mean = moments->mode == CPAC_GAUSSIAN_TEXTURE ? n : n * moments->cells;
  n_scatter = cpac_moments_get_n_covariances (moments) * n * n;
  moments->mean = g_try_new0 (double, n_mean);
  moments->scatter = g_try_new0 (double, n_scatter);
  if (moments->mean != NULL && moments->scatter != NULL)
    return g_steal_pointer (&moments);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "no memory for the %" G_GSIZE_FORMAT " bytes of the covariances of %u channels",
               n_scatter * sizeof (double), moments->n);
  return NULL;
}

void
cpac_moments_free (CpacMoments *moments)
{
  if (moments == NULL)
    return;
  g_free (moments->mean);
  g_free (moments->scatter);
  g_free (moments);
}

gsize
cpac_moments_get_n_covariances (const CpacMoments *moments)
{
  return moments->mode == CPAC_GAUSSIAN_POSITION ? moments->cells : 1;
}

guint64
cpac_moments_get_n_samples (const CpacMoments *moments)
{
  return moments->mode == CPAC_GAUSSIAN_POSITION ? moments->n_pictures
                                                 : moments->n_pictures * moments->cells;
}

/* Merges the portion's mean into @mean, of @before values so far; returns the correction. */
static double
merge_mean (double *mean, double portion_mean, double before, double n_portion)
{
  double difference = portion_mean - *mean, all = before + n_portion;

  *mean += difference * n_portion / all;
  return difference * sqrt (before * n_portion / all);
}

/* Channel @channel of @cells cells from @first on, of all pictures, as a row of Z, picture after
 * picture, with the correction behind its values. */
static void
fill_values (const Portion *portion, guint channel, gsize first, gsize cells, double *row,
             double *mean)
{
  const CpacMoments *moments = portion->moments;
  gsize n = portion->n_pictures * cells;
  double sum = 0, own;

  for (guint p = 0; p < portion->n_pictures; p++) {
    const float *plane =
        portion->features + ((gsize) p * moments->n + channel) * moments->cells + first;

    for (gsize k = 0; k < cells; k++) {
      row[p * cells + k] = plane[k];
      sum += plane[k];
    }
  }
  own = sum / (double) n;
  for (gsize k = 0; k < n; k++)
    row[k] -= own;
  row[n] = merge_mean (mean, own, (double) (moments->n_pictures * cells), (double) n);
}

static void
fill_row (gpointer user_data, guint channel, guint worker)
{
  Portion *portion = user_data;
  CpacMoments *moments = portion->moments;
  double *row = portion->z + channel * portion->n_values;

  if (moments->mode == CPAC_GAUSSIAN_TEXTURE) {
    fill_values (portion, channel, 0, moments->cells, row, &moments->mean[channel]);
    return;
  }
  for (gsize cell = 0; cell < moments->cells; cell++)
    fill_values (portion, channel, cell, 1, row + cell * (portion->n_pictures + 1),
                 &moments->mean[channel * moments->cells + cell]);
}

/* Rows [begin, end) of the lower triangle of @scatter (n, n) += Z Z^T. */
static void
add_product (const double *z, guint n, gsize n_values, guint begin, guint end, double *scatter)
{
  cpac_dgemm (FALSE, TRUE, end - begin, end, (guint) n_values, 1, z + begin * n_values,
              (guint) n_values, z, (guint) n_values, 1, scatter + (gsize) begin * n, n);
}

static void
add_rows (gpointer user_data, guint piece, guint worker)
{
  Portion *portion = user_data;
  CpacMoments *moments = portion->moments;
  guint begin = piece * ROWS;

  add_product (portion->z, moments->n, portion->n_values, begin, MIN (begin + ROWS, moments->n),
               moments->scatter);
}

static void
add_cell (gpointer user_data, guint cell, guint worker)
{
  Portion *portion = user_data;
  CpacMoments *moments = portion->moments;
  gsize n = moments->n;
  double *z = portion->z + worker * n * portion->n_values;

  for (guint i = 0; i < n; i++)
    fill_values (portion, i, cell, 1, z + i * portion->n_values,
                 &moments->mean[i * moments->cells + cell]);
  for (guint begin = 0; begin < n; begin += ROWS)
    add_product (z, moments->n, portion->n_values, begin, MIN (begin + ROWS, moments->n),
                 moments->scatter + cell * n * n);
}

void
cpac_moments_add (CpacMoments *moments, const float *features, guint n_pictures,
                  CpacWorkers *workers)
{
  g_autofree double *z = NULL;
  Portion portion = { .moments = moments, .features = features, .n_pictures = n_pictures };
  gsize n_copies = 1;

  cpac_linalg_init ();
  switch (moments->mode) {
    case CPAC_GAUSSIAN_TEXTURE:
      portion.n_values = n_pictures * moments->cells + 1;
      break;
    case CPAC_GAUSSIAN_POSITION_MEAN:
      portion.n_values = ((gsize) n_pictures + 1) * moments->cells;
      break;
    case CPAC_GAUSSIAN_POSITION:
      portion.n_values = (gsize) n_pictures + 1;
      n_copies = cpac_workers_get_n_threads (workers);
      break;
  }
  portion.z = z = g_new (double, n_copies * moments->n * portion.n_values);
  if (moments->mode == CPAC_GAUSSIAN_POSITION) {
    cpac_workers_run (workers, (guint) moments->cells, add_cell, &portion);
  } else {
    cpac_workers_run (workers, moments->n, fill_row, &portion);
    cpac_workers_run (workers, (moments->n + ROWS - 1) / ROWS, add_rows, &portion);
  }
  moments->n_pictures += n_pictures;
}
