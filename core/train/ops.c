/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/ops.h"

#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/train/ops-private.h"
#include "core/train/tail.h"

const CpacRowKernels *
cpac_train_rows (void)
{
  /* The table itself is what is handed over: a flag beside it would leave its own order to GLib,
   * whose inside a thread sanitizer does not see. */
  static const CpacRowKernels *rows;

  if (g_once_init_enter (&rows))
    g_once_init_leave (&rows, cpac_row_kernels_default ());
  return rows;
}

/* Elements; a worker has one such piece of memory. */
#define MAX_SCRATCH ((gsize) 1 << 29)

static gsize
no_scratch (const CpacLayer *layer, guint n_slices)
{
  return 0;
}

static gsize
no_backward_scratch (const CpacLayer *layer)
{
  return 0;
}

static void
relu_forward (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *dims = &layer->out;
  gsize n = (gsize) (call->end - call->begin) * dims->width;

  for (guint c = 0; c < dims->channels; c++) {
    gsize offset = ((gsize) c * dims->height + call->begin) * dims->width;

    cpac_train_rows ()->relu (n, (const float *) call->in[0] + offset,
                              (float *) call->out + offset);
  }
}

static void
relu_backward (const CpacLayer *layer, const CpacBackward *call)
{
  if (call->din[0] != NULL)
    cpac_train_rows ()->relu_backward (cpac_dims_count (&layer->out), call->in[0], call->dout,
                                       call->din[0]);
}

static void
max_pool_forward (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *in = &layer->in[0], *out = &layer->out;

  if (!cpac_tail_is_plain_pool (layer)) {
    cpac_max_pool_forward_f32 (layer, call);
    return;
  }
  for (guint c = 0; c < out->channels; c++)
    for (guint p = call->begin; p < call->end; p++) {
      const float *top =
          (const float *) call->in[0] + ((gsize) c * in->height + 2 * (gsize) p) * in->width;

      cpac_train_rows ()->pool2 (out->width, top, top + in->width,
                                 (float *) call->out + ((gsize) c * out->height + p) * out->width);
    }
}

/* What no window of a plain pool covers: an odd last column and row. */
static void
clear_rest (const CpacLayer *layer, float *dplane)
{
  const CpacDims *in = &layer->in[0], *out = &layer->out;

  for (guint i = 0; in->width % 2 != 0 && i < 2 * out->height; i++)
    dplane[(gsize) i * in->width + in->width - 1] = 0;
  if (in->height % 2 != 0)
    memset (dplane + (gsize) (in->height - 1) * in->width, 0, in->width * sizeof (float));
}

static void
max_pool_backward (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  const float *dy = call->dout;

  if (call->din[0] == NULL)
    return;
  if (!cpac_tail_is_plain_pool (layer)) {
    memset (call->din[0], 0, cpac_dims_count (in) * sizeof (float));
    cpac_max_pool_backward_f32 (layer, call);
    return;
  }
  for (guint c = 0; c < out->channels; c++) {
    float *dplane = (float *) call->din[0] + (gsize) c * in->height * in->width;

    for (guint p = 0; p < out->height; p++, dy += out->width) {
      gsize offset = 2 * (gsize) p * in->width;
      const float *top = (const float *) call->in[0] + (gsize) c * in->height * in->width + offset;

      cpac_train_rows ()->pool2_backward (out->width, top, top + in->width, dy, dplane + offset,
                                          dplane + offset + in->width);
    }
    clear_rest (layer, dplane);
  }
}

const CpacLayerOps *
cpac_train_ops (void)
{
  static const CpacLayerOps ops[] = {
    { .klass = &cpac_cpac_conv_class,
      .get_scratch = cpac_train_cpac_conv_scratch,
      .forward = cpac_train_cpac_conv_forward,
      .get_backward_scratch = cpac_train_cpac_conv_backward_scratch,
      .backward = cpac_train_cpac_conv_backward,
      .get_cache = cpac_train_cpac_conv_cache,
      .overwrites = TRUE,
      .take_along = cpac_train_cpac_conv_take_along },
    { .klass = &cpac_conv_class,
      .get_scratch = cpac_train_conv_scratch,
      .forward = cpac_train_conv_forward,
      .get_backward_scratch = cpac_train_conv_backward_scratch,
      .backward = cpac_train_conv_backward,
      .overwrites = TRUE },
    { .klass = &cpac_linear_class,
      .get_scratch = no_scratch,
      .forward = cpac_train_linear_forward,
      .get_backward_scratch = no_backward_scratch,
      .backward = cpac_train_linear_backward,
      .overwrites = TRUE },
    { .klass = &cpac_relu_class,
      .get_scratch = no_scratch,
      .forward = relu_forward,
      .get_backward_scratch = no_backward_scratch,
      .backward = relu_backward,
      .overwrites = TRUE },
    { .klass = &cpac_max_pool_class,
      .get_scratch = no_scratch,
      .forward = max_pool_forward,
      .get_backward_scratch = no_backward_scratch,
      .backward = max_pool_backward,
      .overwrites = TRUE },
    { NULL },
  };

  return ops;
}

static gsize
scratch_of (const CpacLayer *layer)
{
  guint n_slices = cpac_layer_get_n_slices (layer);
  const CpacLayerOps *ops = cpac_train_ops ();

  while (ops->klass != NULL && ops->klass != layer->klass)
    ops++;
  if (ops->klass != NULL)
    return MAX (ops->get_scratch (layer, n_slices), ops->get_backward_scratch (layer));
  return MAX (cpac_layer_get_scratch (layer, n_slices), cpac_layer_get_backward_scratch (layer));
}

gboolean
cpac_train_check_scratch (const CpacNetwork *network, GError **error)
{
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    gsize n = scratch_of (layer);

    if (n <= MAX_SCRATCH)
      continue;
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "training layer %s would need %" G_GSIZE_FORMAT
                 " intermediate elements at once, at most %" G_GSIZE_FORMAT " are taken",
                 layer->name, n, MAX_SCRATCH);
    return FALSE;
  }
  return TRUE;
}
