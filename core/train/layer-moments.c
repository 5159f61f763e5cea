/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/layer-moments.h"

#include <string.h>

#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/tensor/linalg.h"
#include "core/train/ops.h"

/* Output pixels whose patches are laid out at once, about. */
#define CHUNK 2048

/* What one thread computes with; @target is @run where the two networks are one. */
typedef struct {
  CpacRun *run, *target;
  float *patches; /* (P, chunk) */
} Worker;

/* One picture's sums, as in CpacCpMoments, of all layers one behind the other. */
typedef struct {
  float *products; /* xx, yx */
  double *sums;    /* x, y, yy */
} Slot;

typedef struct {
  const CpacLayerMomentsOptions *options;
  guint last, last_target;
  gsize n_products, n_sums;
  Slot slots[CPAC_PICTURES_AT_ONCE];
  CpacWorkers *workers;
  Worker *own; /* (n_threads) */
} Gatherer;

static const CpacWindow *
window_of (const CpacLayer *layer)
{
  return layer->klass == &cpac_cpac_conv_class ? &((const CpacConvLayer *) layer)->window
                                               : &((const CpacDenseConvLayer *) layer)->window;
}

/* Output rows that make a chunk. */
static guint
rows_of_chunk (const CpacLayer *layer)
{
  return MAX (1, MIN (CHUNK / layer->out.width, layer->out.height));
}

/* ---- One picture ---- */

/* Row (y, x, s) of the patches of output rows [begin, end): the pixels that tap (y, x) reads in
 * channel s, zero outside. */
static void
fill_row (const CpacLayer *layer, const float *x, guint y, guint t, guint s, guint begin, guint end,
          float *to)
{
  const CpacWindow *w = window_of (layer);
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  guint p, p_end, q, q_end;

  memset (to, 0, (gsize) (end - begin) * out->width * sizeof (float));
  cpac_window_range (w, 0, y, in->height, out->height, &p, &p_end);
  cpac_window_range (w, 1, t, in->width, out->width, &q, &q_end);
  for (p = MAX (p, begin); p < MIN (p_end, end); p++) {
    gsize i = (gsize) p * w->stride[0] + (gsize) y * w->dilation[0] - w->before[0];
    gsize j = (gsize) q * w->stride[1] + (gsize) t * w->dilation[1] - w->before[1];
    const float *from = x + ((gsize) s * in->height + i) * in->width + j;
    float *row = to + (gsize) (p - begin) * out->width;

    for (guint k = q; k < q_end; k++, from += w->stride[1])
      row[k] = *from;
  }
}

static void
fill_patches (const CpacLayer *layer, const float *x, guint begin, guint end, float *patches)
{
  const CpacWindow *w = window_of (layer);
  gsize n = (gsize) (end - begin) * layer->out.width;

  for (guint y = 0; y < w->size[0]; y++)
    for (guint t = 0; t < w->size[1]; t++)
      for (guint s = 0; s < layer->in[0].channels; s++, patches += n)
        fill_row (layer, x, y, t, s, begin, end, patches);
}

static void
add_sums (const float *values, gsize n, double *sum, double *squares)
{
  for (gsize i = 0; i < n; i++) {
    *sum += values[i];
    *squares += (double) values[i] * values[i];
  }
}

/* Adds the output rows [begin, end). */
static void
add_rows (const CpacLayerMoments *of, const CpacLayer *layer, const float *patches, const float *y,
          guint begin, guint end, float *products, double *sums)
{
  const CpacCpMoments *m = of->moments;
  guint n_taps = (guint) cpac_cp_moments_get_n_taps (m), n_filters = m->dims[0];
  guint n = (end - begin) * layer->out.width;
  guint plane = layer->out.height * layer->out.width;
  double ignored = 0;

  y += (gsize) begin * layer->out.width;
  cpac_sgemm (FALSE, TRUE, n_taps, n_taps, n, 1, patches, n, patches, n, 1, products, n_taps);
  cpac_sgemm (FALSE, TRUE, n_filters, n_taps, n, 1, y, plane, patches, n, 1,
              products + (gsize) n_taps * n_taps, n_taps);
  for (gsize i = 0; i < n_taps; i++)
    add_sums (patches + i * n, n, &sums[i], &ignored);
  sums += n_taps;
  for (gsize f = 0; f < n_filters; f++)
    add_sums (y + f * plane, n, &sums[f], &sums[n_filters + f]);
}

static void
look_at_layer (const CpacLayerMomentsOptions *o, const CpacLayerMoments *of, Worker *worker,
               float *products, double *sums)
{
  const CpacLayer *layer = cpac_network_get_layer (o->network, of->layer);
  const float *x = cpac_run_get_layer_input (worker->run, of->layer, 0);
  const float *y = cpac_run_get_output (worker->target, of->target, 0);
  guint rows = rows_of_chunk (layer);

  for (guint begin = 0; begin < layer->out.height; begin += rows) {
    guint end = MIN (begin + rows, layer->out.height);

    fill_patches (layer, x, begin, end, worker->patches);
    add_rows (of, layer, worker->patches, y, begin, end, products, sums);
  }
}

static gsize
count_products (const CpacCpMoments *m)
{
  gsize n_taps = cpac_cp_moments_get_n_taps (m);

  return n_taps * (n_taps + m->dims[0]);
}

static gsize
count_sums (const CpacCpMoments *m)
{
  return cpac_cp_moments_get_n_taps (m) + 2 * (gsize) m->dims[0];
}

static gboolean
look (gpointer user_data, guint index, guint slot, guint number, GError **error)
{
  Gatherer *gatherer = user_data;
  const CpacLayerMomentsOptions *o = gatherer->options;
  Worker *worker = &gatherer->own[number];
  float *products = gatherer->slots[slot].products;
  double *sums = gatherer->slots[slot].sums;
  float *input = cpac_run_get_input (worker->run, 0);

  memset (products, 0, gatherer->n_products * sizeof (float));
  memset (sums, 0, gatherer->n_sums * sizeof (double));
  if (!o->pictures->fill (o->pictures->user_data, index, number, input, error))
    return FALSE;
  if (worker->target != worker->run) {
    memcpy (cpac_run_get_input (worker->target, 0), input,
            cpac_dims_count (cpac_network_get_input (o->network)) * sizeof (float));
    cpac_run_forward_to (worker->target, gatherer->last_target);
  }
  cpac_run_forward_to (worker->run, gatherer->last);
  for (guint i = 0; i < o->n_layers; i++) {
    look_at_layer (o, &o->layers[i], worker, products, sums);
    products += count_products (o->layers[i].moments);
    sums += count_sums (o->layers[i].moments);
  }
  return TRUE;
}

static void
add_products (double *to, const float **from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    to[i] += (*from)[i];
  *from += n;
}

static void
add_doubles (double *to, const double **from, gsize n)
{
  for (gsize i = 0; i < n; i++)
    to[i] += (*from)[i];
  *from += n;
}

static void
add (gpointer user_data, guint slot)
{
  Gatherer *gatherer = user_data;
  const CpacLayerMomentsOptions *o = gatherer->options;
  const float *products = gatherer->slots[slot].products;
  const double *sums = gatherer->slots[slot].sums;

  for (guint i = 0; i < o->n_layers; i++) {
    const CpacDims *out = &cpac_network_get_layer (o->network, o->layers[i].layer)->out;
    CpacCpMoments *m = o->layers[i].moments;
    gsize n_taps = cpac_cp_moments_get_n_taps (m);

    m->n += (double) out->height * out->width;
    add_products (m->xx, &products, n_taps * n_taps);
    add_products (m->yx, &products, m->dims[0] * n_taps);
    add_doubles (m->x, &sums, n_taps);
    add_doubles (m->y, &sums, m->dims[0]);
    add_doubles (m->yy, &sums, m->dims[0]);
  }
}

/* ---- Setting up ---- */

static gboolean
set_up_layer (Gatherer *gatherer, CpacLayerMoments *of, gsize *n_patches, GError **error)
{
  const CpacLayer *layer = cpac_network_get_layer (gatherer->options->network, of->layer);
  const CpacLayer *target = cpac_network_get_layer (gatherer->options->target, of->target);
  const CpacWindow *w = window_of (layer);
  const guint dims[4] = { layer->out.channels, w->size[0], w->size[1], layer->in[0].channels };

  of->moments = cpac_cp_moments_new (dims, ((const CpacDenseConvLayer *) target)->bias, error);
  if (of->moments == NULL) {
    g_prefix_error (error, "layer %s: ", layer->name);
    return FALSE;
  }
  gatherer->last = MAX (gatherer->last, of->layer);
  gatherer->last_target = MAX (gatherer->last_target, of->target);
  gatherer->n_products += count_products (of->moments);
  gatherer->n_sums += count_sums (of->moments);
  *n_patches = MAX (*n_patches, cpac_cp_moments_get_n_taps (of->moments) * rows_of_chunk (layer) *
                                    layer->out.width);
  return TRUE;
}

static void
set_up_workers (Gatherer *gatherer, gsize n_patches)
{
  const CpacLayerMomentsOptions *o = gatherer->options;
  gboolean is_one = o->network == o->target && o->params == o->target_params;
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  gatherer->workers = cpac_workers_new (o->n_threads);
  gatherer->own = g_new0 (Worker, o->n_threads);
  for (guint i = 0; i < o->n_threads; i++) {
    Worker *worker = &gatherer->own[i];

    worker->run = cpac_run_new (o->network, o->params, &options);
    worker->target = is_one ? worker->run : cpac_run_new (o->target, o->target_params, &options);
    worker->patches = g_new (float, n_patches);
  }
  gatherer->last = is_one ? MAX (gatherer->last, gatherer->last_target) : gatherer->last;
  for (guint i = 0; i < CPAC_PICTURES_AT_ONCE; i++) {
    gatherer->slots[i].products = g_new (float, gatherer->n_products);
    gatherer->slots[i].sums = g_new (double, gatherer->n_sums);
  }
}

static gboolean
set_up (Gatherer *gatherer, GError **error)
{
  const CpacLayerMomentsOptions *o = gatherer->options;
  gsize n_patches = 0;

  if (!cpac_train_check_scratch (o->network, error) || !cpac_train_check_scratch (o->target, error))
    return FALSE;
  for (guint i = 0; i < o->n_layers; i++)
    if (!set_up_layer (gatherer, &o->layers[i], &n_patches, error))
      return FALSE;
  set_up_workers (gatherer, n_patches);
  return TRUE;
}

static void
clear (Gatherer *gatherer)
{
  for (guint i = 0; gatherer->own != NULL && i < gatherer->options->n_threads; i++) {
    Worker *worker = &gatherer->own[i];

    if (worker->target != worker->run)
      cpac_run_free (worker->target);
    cpac_run_free (worker->run);
    g_free (worker->patches);
  }
  for (guint i = 0; i < CPAC_PICTURES_AT_ONCE; i++) {
    g_free (gatherer->slots[i].products);
    g_free (gatherer->slots[i].sums);
  }
  g_free (gatherer->own);
  cpac_workers_free (gatherer->workers);
}

gboolean
cpac_layer_moments_gather (const CpacLayerMomentsOptions *options, GError **error)
{
  const CpacPictureVisitor visitor = { look, add, options->progress, options->progress_data };
  Gatherer gatherer = { .options = options };
  gboolean ok;

  if (options->pictures->n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "no picture to measure activations on, expected at least 1");
    return FALSE;
  }
  cpac_linalg_init ();
  ok = set_up (&gatherer, error) &&
       cpac_pictures_visit (options->pictures->n, gatherer.workers, &visitor, &gatherer, error);
  clear (&gatherer);
  for (guint i = 0; !ok && i < options->n_layers; i++)
    g_clear_pointer (&options->layers[i].moments, cpac_cp_moments_free);
  return ok;
}
