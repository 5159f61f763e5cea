/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/significance.h"

#include <math.h>
#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"

G_STATIC_ASSERT (CPAC_MODE_FILTERS == (int) CPAC_CONV_A && CPAC_MODE_ROWS == (int) CPAC_CONV_B &&
                 CPAC_MODE_COLUMNS == (int) CPAC_CONV_C && CPAC_MODE_INPUTS == (int) CPAC_CONV_D);

static CpacSignificance *
significance_new (const guint dims[CPAC_N_MODES], guint rank)
{
  CpacSignificance *significance = g_new0 (CpacSignificance, 1);

  significance->rank = rank;
  significance->components = g_new0 (double, rank);
  significance->leave_one_out = g_new0 (double, rank);
  for (guint m = 0; m < CPAC_N_MODES; m++) {
    significance->dims[m] = dims[m];
    significance->slices[m] = g_new0 (double, dims[m]);
  }
  return significance;
}

/* @gram (rank) = row @r of U^T U, of @factor (dim, rank). */
static void
gram_row (const float *factor, guint dim, guint rank, guint r, double *gram)
{
  memset (gram, 0, rank * sizeof (double));
  for (guint i = 0; i < dim; i++) {
    const float *row = factor + (gsize) i * rank;
    double value = row[r];

    for (guint q = 0; q < rank; q++)
      gram[q] += value * row[q];
  }
}

/* Component @r's share of ||K||^2, of its slices' squares, and the component by itself. @grams has
 * row r of all four Gram matrices, (4, rank). */
static void
add_component (CpacSignificance *s, const float *const factors[CPAC_N_MODES], const double *grams,
               guint r, double *others)
{
  gsize rank = s->rank;
  double sum = 0, own = 1;

  for (guint m = 0; m < CPAC_N_MODES; m++) {
    own *= grams[m * rank + r];
    for (gsize q = 0; q < rank; q++) {
      others[q] = 1;
      for (guint k = 0; k < CPAC_N_MODES; k++)
        others[q] *= k != m ? grams[k * rank + q] : 1;
    }
    for (guint i = 0; i < s->dims[m]; i++) {
      const float *row = factors[m] + i * rank;
      double dot = 0;

      for (gsize q = 0; q < rank; q++)
        dot += row[q] * others[q];
      s->slices[m][i] += row[r] * dot;
    }
  }
  for (gsize q = 0; q < rank; q++)
    sum += grams[q] * grams[rank + q] * grams[2 * rank + q] * grams[3 * rank + q];
  s->norm += sum;
  s->components[r] = sqrt (own);
  s->leave_one_out[r] = 2 * sum - own;
}

/* Rounding may leave a little less than nothing of what cancels. */
static void
take_roots (CpacSignificance *s)
{
  s->norm = sqrt (MAX (s->norm, 0));
  for (guint m = 0; m < CPAC_N_MODES; m++)
    for (guint i = 0; i < s->dims[m]; i++)
      s->slices[m][i] = sqrt (MAX (s->slices[m][i], 0));
}

CpacSignificance *
cpac_significance_new (const float *const factors[CPAC_N_MODES], const guint dims[CPAC_N_MODES],
                       guint rank)
{
  CpacSignificance *significance = significance_new (dims, rank);
  g_autofree double *grams = g_new (double, CPAC_N_MODES *(gsize) rank);
  g_autofree double *others = g_new (double, rank);

  for (guint r = 0; r < rank; r++) {
    for (guint m = 0; m < CPAC_N_MODES; m++)
      gram_row (factors[m], dims[m], rank, r, grams + m * (gsize) rank);
    add_component (significance, factors, grams, r, others);
  }
  take_roots (significance);
  return significance;
}

/* Of a kernel (N, C, kh, kw) that is stored whole. */
static CpacSignificance *
significance_of_kernel (const CpacTensor *kernel)
{
  const gsize *shape = kernel->shape.dims;
  const guint dims[CPAC_N_MODES] = { (guint) shape[0], (guint) shape[2], (guint) shape[3],
                                     (guint) shape[1] };
  CpacSignificance *s = significance_new (dims, 0);
  const float *value = kernel->data;

  for (guint n = 0; n < dims[CPAC_MODE_FILTERS]; n++)
    for (guint c = 0; c < dims[CPAC_MODE_INPUTS]; c++)
      for (guint y = 0; y < dims[CPAC_MODE_ROWS]; y++)
        for (guint x = 0; x < dims[CPAC_MODE_COLUMNS]; x++, value++) {
          double square = (double) *value * *value;

          s->norm += square;
          s->slices[CPAC_MODE_FILTERS][n] += square;
          s->slices[CPAC_MODE_INPUTS][c] += square;
          s->slices[CPAC_MODE_ROWS][y] += square;
          s->slices[CPAC_MODE_COLUMNS][x] += square;
        }
  take_roots (s);
  return s;
}

CpacSignificance *
cpac_significance_of_layer (const CpacLayer *layer, CpacTensor *const *values)
{
  const float *factors[CPAC_N_MODES];
  guint dims[CPAC_N_MODES];

  if (layer->klass == &cpac_conv_class)
    return significance_of_kernel (values[CPAC_DENSE_WEIGHT]);
  if (layer->klass != &cpac_cpac_conv_class)
    return NULL;
  for (guint m = 0; m < CPAC_N_MODES; m++) {
    factors[m] = values[m]->data;
    dims[m] = (guint) values[m]->shape.dims[0];
  }
  return cpac_significance_new (factors, dims, ((const CpacConvLayer *) layer)->rank);
}

/* Of a linear layer, whose rows go over the pixels of one channel after the other. */
static void
measure_columns (const CpacLayer *layer, const CpacTensor *weight, double *norms)
{
  gsize per_channel = (gsize) layer->in[0].height * layer->in[0].width;
  gsize n = layer->in[0].channels * per_channel;

  memset (norms, 0, layer->in[0].channels * sizeof (double));
  for (gsize i = 0; i < weight->shape.dims[0]; i++)
    for (gsize k = 0; k < n; k++)
      norms[k / per_channel] += (double) weight->data[i * n + k] * weight->data[i * n + k];
  for (gsize c = 0; c < layer->in[0].channels; c++)
    norms[c] = sqrt (norms[c]);
}

void
cpac_significance_get_inputs (const CpacLayer *layer, CpacTensor *const *values, double *norms)
{
  g_autoptr (CpacSignificance) significance = cpac_significance_of_layer (layer, values);

  if (significance == NULL)
    measure_columns (layer, values[CPAC_DENSE_WEIGHT], norms);
  else
    memcpy (norms, significance->slices[CPAC_MODE_INPUTS], layer->in[0].channels * sizeof (double));
}

void
cpac_significance_free (CpacSignificance *significance)
{
  if (significance == NULL)
    return;
  g_free (significance->components);
  g_free (significance->leave_one_out);
  for (guint m = 0; m < CPAC_N_MODES; m++)
    g_free (significance->slices[m]);
  g_free (significance);
}
