/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Linear layers for training: one picture's are products with a vector, which read every weight
 * once; the formulas stand in core/layers/linear.c. */

#include "core/layers/options.h"
#include "core/train/ops-private.h"

/* Units whose rows of weights are handed to a row loop at once. */
#define AT_ONCE 64

static gboolean
has_bias (const CpacLayer *layer)
{
  return layer->n_params > CPAC_DENSE_BIAS;
}

static guint
rows_of_weights (const float *weight, gsize n, guint first, guint n_units, const float **rows)
{
  guint k = 0;

  for (; k < AT_ONCE && first + k < n_units; k++)
    rows[k] = weight + (first + k) * n;
  return k;
}

/* Y = W X + bias for the units [begin, end). */
void
cpac_train_linear_forward (const CpacLayer *layer, const CpacForward *call)
{
  gsize n = cpac_dims_count (&layer->in[0]);
  float *y = call->out;

  for (guint u = call->begin; u < call->end; u++)
    y[u] = has_bias (layer) ? ((const float *) call->params[CPAC_DENSE_BIAS])[u] : 0;
  for (guint u = call->begin; u < call->end; u += AT_ONCE) {
    const float *rows[AT_ONCE];
    guint k = rows_of_weights (call->params[CPAC_DENSE_WEIGHT], n, u, call->end, rows);

    cpac_train_rows ()->dots (n, k, call->in[0], rows, y + u);
  }
}

/* dW += dY X^T, dbias += dY, dX = W^T dY */
void
cpac_train_linear_backward (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacRowKernels *kernels = cpac_train_rows ();
  gsize n = cpac_dims_count (&layer->in[0]);
  guint n_units = layer->out.channels;
  const float *x = call->in[0], *dy = call->dout;

  for (guint u = 0; u < n_units; u++)
    kernels->add_taps (n, 1, dy + u, &x, (float *) call->dparams[CPAC_DENSE_WEIGHT] + u * n);
  for (guint u = 0; has_bias (layer) && u < n_units; u++)
    ((float *) call->dparams[CPAC_DENSE_BIAS])[u] += dy[u];
  for (guint u = 0; call->din[0] != NULL && u < n_units; u += AT_ONCE) {
    const float *rows[AT_ONCE];
    guint k = rows_of_weights (call->params[CPAC_DENSE_WEIGHT], n, u, n_units, rows);

    (u == 0 ? kernels->taps : kernels->add_taps) (n, k, dy + u, rows, call->din[0]);
  }
}
