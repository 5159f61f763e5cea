/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/stream.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/network/run.h"
#include "core/network/stream-private.h"
#include "tests/toy.h"

/*
 * Streams at every level against the reference in double, at awkward sizes, with all memory
 * poisoned. Every output is held against a bound of its own. With M the network's output where
 * every weight, bias and input is replaced by its magnitude, a chain of layers in each of which a
 * term goes through at most k_l roundings is off by at most (sum k_l) u M, u = 2^-24 (Higham,
 * Accuracy and Stability, 3.1; a maximum or ReLU moves no further than what it chooses from).
 */

static const struct {
  const char *name, *layers;
} networks[] = {
  { "cpac-same", "[{type: cpac-conv, filters: 7, kernel: 3, rank: 3, padding: same}]" },
  { "cpac-relu-pool", "[{type: cpac-conv, filters: 8, kernel: 3, rank: 5, padding: same}, "
                      "{type: relu}, {type: max-pool, size: 2, ceil: true}]" },
  { "cpac-pool-relu", "[{type: cpac-conv, filters: 13, kernel: [1, 3], rank: 2, padding: same}, "
                      "{type: max-pool, size: 2, ceil: true}, {type: relu}, {type: relu}]" },
  { "cpac-tall", "[{type: cpac-conv, filters: 3, kernel: [5, 1], rank: 4, padding: same}, "
                 "{type: relu}]" },
  { "cpac-seven", "[{type: cpac-conv, filters: 2, kernel: 7, rank: 1, padding: same, "
                  "bias: false}]" },
  { "cpac-even", "[{type: cpac-conv, filters: 5, kernel: [2, 4], rank: 6, padding: same}]" },
  { "cpac-stride", "[{type: cpac-conv, filters: 4, kernel: 3, rank: 3, stride: 2, padding: same}, "
                   "{type: relu}]" },
  { "cpac-stride-apart", "[{type: cpac-conv, filters: 4, kernel: [3, 5], rank: 3, "
                         "stride: [1, 3], padding: same}]" },
  { "cpac-stride-beyond", "[{type: cpac-conv, filters: 4, kernel: 3, rank: 3, stride: 11, "
                          "padding: same}]" },
  { "cpac-dilated", "[{type: cpac-conv, filters: 4, kernel: 3, rank: 3, dilation: [2, 6], "
                    "padding: same}, {type: relu}]" },
  { "cpac-padded", "[{type: cpac-conv, filters: 4, kernel: 3, rank: 3, "
                   "padding: [5, 0, 2, 7]}, {type: max-pool, size: 2, ceil: true}]" },
  { "cpac-far-padded", "[{type: cpac-conv, filters: 2, kernel: 1, rank: 2, stride: 9, "
                       "padding: [4, 4, 4, 4]}]" },
  { "cpac-chain",
    "[{type: cpac-conv, filters: 8, kernel: 3, rank: 4, padding: same}, {type: relu}, "
    "{type: max-pool, size: 2, ceil: true}, "
    "{type: cpac-conv, filters: 12, kernel: 5, rank: 7, padding: same}, {type: relu}, "
    "{type: max-pool, size: 2, ceil: true}, "
    "{type: cpac-conv, filters: 6, kernel: 3, rank: 7, padding: same}, {type: relu}, "
    "{type: global-average-pool}, {type: flatten}, {type: linear, units: 5}]" },
  { "dense-same", "[{type: conv, filters: 7, kernel: 3, padding: same}, {type: relu}]" },
  { "dense-pool", "[{type: conv, filters: 5, kernel: 3, padding: same}, "
                  "{type: max-pool, size: 2, ceil: true}, {type: relu}]" },
  { "dense-pointwise", "[{type: conv, filters: 9, kernel: 1}, {type: relu}]" },
  { "dense-stride", "[{type: conv, filters: 3, kernel: [3, 4], stride: [2, 3], dilation: [1, 2], "
                    "padding: same}]" },
  { "dense-chain", "[{type: conv, filters: 6, kernel: 3, padding: same}, {type: relu}, "
                   "{type: conv, filters: 4, kernel: 3, stride: 2, padding: same}, {type: relu}, "
                   "{type: conv, filters: 2, kernel: 1}]" },
  { "linear", "[{type: linear, units: 7}, {type: relu}, {type: linear, units: 3, bias: false}]" },
  { "max-pool", "[{type: max-pool, size: 3, stride: 2, padding: same}]" },
  { "max-pool-wide", "[{type: max-pool, size: [1, 5], stride: [1, 2], padding: [0, 4, 0, 3]}]" },
  { "average-pool", "[{type: average-pool, size: 3, stride: 1, padding: same}, {type: relu}]" },
  { "average-pool-ceil", "[{type: average-pool, size: [2, 3], stride: [2, 3], ceil: true, "
                         "padding: [1, 1, 0, 2]}]" },
  { "residual", "[{type: cpac-conv, name: a, filters: 6, kernel: 3, rank: 3, padding: same}, "
                "{type: relu, name: b}, "
                "{type: cpac-conv, name: c, filters: 6, kernel: 3, rank: 3, padding: same}, "
                "{type: add, inputs: [b, c, a]}, {type: relu}, "
                "{type: max-pool, size: 2, ceil: true}]" },
  { "two-scales",
    "[{type: cpac-conv, name: a, filters: 4, kernel: 3, rank: 2, padding: same, inputs: [input]}, "
    "{type: max-pool, name: b, size: 2, ceil: true}, "
    "{type: cpac-conv, name: c, filters: 3, kernel: 3, rank: 2, padding: same}, "
    "{type: upsample, name: d, factor: 2}, {type: relu}, "
    "{type: conv, name: e, filters: 3, kernel: 3, padding: [2, 2, 0, 0]}, "
    "{type: average-pool, size: 2, stride: 1, padding: [1, 1, 0, 0]}]" },
  { "join", "[{type: conv, name: a, filters: 3, kernel: 3, padding: same}, "
            "{type: max-pool, name: b, inputs: [input], size: 3, stride: 1, padding: same}, "
            "{type: concat, inputs: [b, a, input, a]}, "
            "{type: cpac-conv, filters: 3, kernel: 3, rank: 4, padding: same}]" },
  { "means", "[{type: conv, name: a, filters: 3, kernel: 3, padding: same}, "
             "{type: global-average-pool, name: m}, "
             "{type: global-average-pool, name: n, inputs: [input]}, "
             "{type: concat, inputs: [m, n]}, {type: conv, filters: 4, kernel: 1}, {type: relu}, "
             "{type: linear, units: 2}]" },
  { "standardized", "[{type: standardize}, {type: cpac-conv, filters: 3, kernel: 3, rank: 2, "
                    "padding: same}, {type: relu}, {type: max-pool, size: 2, ceil: true}]" },
  { "contrast", "[{type: local-contrast, window: 3}, {type: conv, filters: 3, kernel: 3, "
                "padding: same}]" },
  { "wide-contrast", "[{type: conv, filters: 3, kernel: 1}, {type: local-contrast, window: 25, "
                     "inputs: [input]}, {type: relu}]" },
  { "blocks-of-contrast", "[{type: local-contrast, window: 129}]" },
  { "clipped", "[{type: standardize, mean: 0.5, spread: 3, clip: [-1, 2.5]}, {type: relu}]" },
  { "beyond", "[{type: max-pool, size: [300, 1], stride: 1, padding: [299, 0, 299, 0]}, "
              "{type: conv, filters: 2, kernel: [1, 3], stride: [1, 9], padding: same}]" },
  { "dead-end", "[{type: conv, name: a, filters: 3, kernel: 1}, "
                "{type: cpac-conv, filters: 9, kernel: 3, rank: 2, padding: same}, "
                "{type: relu, inputs: [a]}]" },
};

static const CpacDims sizes[] = {
  { 1, 1, 1 },   { 3, 1, 2 },    { 1, 2, 1 },   { 2, 3, 3 },   { 5, 5, 5 },   { 3, 5, 2 },
  { 3, 17, 17 }, { 1, 17, 253 }, { 2, 40, 64 }, { 17, 9, 33 }, { 1, 517, 3 },
};

/* ---- The bound ---- */

static guint
count_roundings (const CpacLayer *layer)
{
  const char *type = layer->klass->type;
  const CpacDims *in = layer->n_inputs > 0 ? &layer->in[0] : &layer->out;

  if (g_str_equal (type, "cpac-conv")) {
    const CpacConvLayer *conv = (const CpacConvLayer *) layer;

    return in->channels + conv->window.size[0] + conv->window.size[1] + conv->rank + 4;
  }
  if (g_str_equal (type, "conv")) {
    const CpacWindow *w = &((const CpacDenseConvLayer *) layer)->window;

    return in->channels * w->size[0] * w->size[1] + 2;
  }
  if (g_str_equal (type, "average-pool")) {
    const CpacWindow *w = &((const CpacPoolLayer *) layer)->window;

    return w->size[0] * w->size[1] + 1;
  }
  if (g_str_equal (type, "linear"))
    return (guint) cpac_dims_count (in) + 2;
  if (g_str_equal (type, "global-average-pool"))
    return in->width + 2;
  if (g_str_equal (type, "add"))
    return layer->n_inputs;
  return g_str_equal (type, "upsample") ? 8 : 1;
}

/* Outputs of all layers in double, and bounds of their errors in single precision. */
typedef struct {
  guint n_layers;
  double **values, **bounds;
} Expected;

static void
expected_clear (Expected *expected)
{
  for (guint i = 0; i < expected->n_layers; i++) {
    g_free (expected->values[i]);
    g_free (expected->bounds[i]);
  }
  g_free (expected->values);
  g_free (expected->bounds);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Expected, expected_clear)

static double *
to_doubles (const float *from, gsize n, gboolean magnitude)
{
  double *to = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    to[i] = magnitude ? fabs ((double) from[i]) : from[i];
  return to;
}

static double *
compute_layer (const Toy *toy, guint index, double *const *outputs, const double *input,
               gboolean magnitude)
{
  const CpacLayer *layer = cpac_network_get_layer (toy->network, index);
  const gint *from = cpac_network_get_inputs (toy->network, index);
  double *out = g_new (double, cpac_dims_count (&layer->out));
  guint n_slices = cpac_layer_get_n_slices (layer);
  g_autofree double *scratch = g_new (double, cpac_layer_get_scratch (layer, n_slices) + 1);
  g_autofree const void **in = g_new0 (const void *, layer->n_inputs + 1);
  g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func (g_free);
  CpacForward call = { .in = in, .out = out, .scratch = scratch, .end = n_slices };

  for (guint k = 0; k < layer->n_inputs; k++)
    in[k] = from[k] == CPAC_NETWORK_INPUT ? input : outputs[from[k]];
  for (guint p = 0; p < layer->n_params; p++) {
    const CpacTensor *tensor = toy->params->values[toy->params->first[index] + p];

    g_ptr_array_add (params,
                     to_doubles (tensor->data, cpac_shape_count (&tensor->shape), magnitude));
  }
  call.params = (const void *const *) params->pdata;
  layer->klass->forward_f64 (layer, &call);
  return out;
}

/* What divides by a spread is no chain of sums: it stands first, where the stream computes it in
 * double from the very input, as the reference does: rounded once. */
static gboolean
starts_anew (const CpacLayer *layer)
{
  return g_str_equal (layer->klass->type, "standardize") ||
         g_str_equal (layer->klass->type, "local-contrast");
}

static void
expected_init (Expected *expected, const Toy *toy)
{
  gsize n_in = toy_n_inputs (toy);
  g_autofree double *input = to_doubles (toy->pictures, n_in, FALSE);
  g_autofree double *magnitude = to_doubles (toy->pictures, n_in, TRUE);
  guint n_roundings = 0;

  expected->n_layers = cpac_network_get_n_layers (toy->network);
  expected->values = g_new (double *, expected->n_layers);
  expected->bounds = g_new (double *, expected->n_layers);
  for (guint i = 0; i < expected->n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (toy->network, i);

    expected->values[i] = compute_layer (toy, i, expected->values, input, FALSE);
    expected->bounds[i] = compute_layer (toy, i, expected->bounds, magnitude, TRUE);
    for (gsize k = 0; starts_anew (layer) && k < cpac_dims_count (&layer->out); k++)
      expected->bounds[i][k] = fabs (expected->values[i][k]);
  }
  for (guint i = 0; i < expected->n_layers; i++) {
    const CpacLayer *layer = cpac_network_get_layer (toy->network, i);

    n_roundings += count_roundings (layer);
    for (gsize k = 0; k < cpac_dims_count (&layer->out); k++)
      expected->bounds[i][k] = expected->bounds[i][k] * n_roundings * FLT_EPSILON / 2 * 1.01;
  }
}

/* ---- Streams ---- */

/* All bits set is not a number. What planes hold behind their ends stays: it is zero for good. */
static void
poison (CpacStream *stream)
{
  for (guint b = 0; b < stream->n_bands; b++) {
    memset (stream->bands[b].rows, 0xff, stream->rows_size * sizeof (float));
    memset (stream->bands[b].scratch, 0xff, stream->scratch_size * sizeof (float));
    memset (stream->bands[b].chunk, 0xff, stream->chunk_size * sizeof (float));
  }
  for (guint i = 0; i < cpac_network_get_n_layers (stream->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (stream->network, i);

    if (stream->planes[i] >= 0 && layer->n_inputs > 0)
      memset (cpac_stream_value (stream, (guint) stream->planes[i])->plane, 0xff,
              cpac_dims_count (&layer->out) * sizeof (float));
  }
  cpac_stream_prepare (stream);
}

static void
check_slack (const CpacStream *stream)
{
  for (guint v = 0; v < stream->values->len; v++) {
    const CpacStreamValue *value = cpac_stream_value (stream, v);

    for (guint i = 0; value->owns_plane && i < CPAC_ROW_SLACK; i++)
      g_assert_cmpfloat (value->plane[cpac_dims_count (&value->dims) + i], ==, 0);
  }
  for (gsize i = 0; i < stream->n_zeros; i++)
    g_assert_cmpfloat (stream->zeros[i], ==, 0);
}

static CpacStream *
run_stream (const Toy *toy, CpacLevel level, guint n_threads, const gboolean *keep)
{
  CpacStreamOptions options = { .level = level, .n_threads = n_threads, .keep = keep };
  CpacStream *stream = cpac_stream_new (toy->network, toy->params, &options);

  poison (stream);
  memcpy (cpac_stream_get_input (stream), toy->pictures, toy_n_inputs (toy) * sizeof (float));
  cpac_stream_run (stream);
  check_slack (stream);
  return stream;
}

static void
check_output (const Toy *toy, const Expected *expected, const CpacStream *stream, guint index)
{
  const float *got = cpac_stream_get_output (stream, index);
  const CpacLayer *layer = cpac_network_get_layer (toy->network, index);

  for (gsize i = 0; i < cpac_dims_count (&layer->out); i++)
    if (!(fabs (got[i] - expected->values[index][i]) <= expected->bounds[index][i] + FLT_MIN))
      g_error ("%s: layer %u (%s) output %" G_GSIZE_FORMAT " of %ux%ux%u is %.9g, expected %.9g "
               "+- %g",
               cpac_level_to_string (stream->level), index, layer->klass->type, i,
               layer->out.channels, layer->out.height, layer->out.width, got[i],
               expected->values[index][i], expected->bounds[index][i]);
}

static void
check_same (const CpacStream *one, const CpacStream *other, guint layer, gsize n)
{
  g_assert_cmpmem (cpac_stream_get_output (one, layer), n * sizeof (float),
                   cpac_stream_get_output (other, layer), n * sizeof (float));
}

/* With every output kept, and with each second or third one: outputs are right, and all the same
 * bits whatever else is kept. */
static void
check_kept (const Toy *toy, const Expected *expected, const CpacStream *alone, guint last)
{
  g_autofree gboolean *keep = g_new0 (gboolean, last + 1);
  g_autoptr (CpacStream) all = NULL;

  for (guint i = 0; i <= last; i++)
    keep[i] = TRUE;
  all = run_stream (toy, alone->level, 1, keep);
  for (guint i = 0; i <= last; i++)
    check_output (toy, expected, all, i);
  check_same (alone, all, last, toy_n_outputs (toy));
  for (guint step = 2; step <= 3; step++) {
    g_autoptr (CpacStream) stream = NULL;

    for (guint i = 0; i <= last; i++)
      keep[i] = i % step == step - 1;
    stream = run_stream (toy, alone->level, step, keep);
    for (guint i = 0; i <= last; i++)
      if (keep[i])
        check_same (all, stream, i,
                    cpac_dims_count (&cpac_network_get_layer (toy->network, i)->out));
    check_same (alone, stream, last, toy_n_outputs (toy));
  }
}

static void
check_level (const Toy *toy, const Expected *expected, CpacLevel level)
{
  guint last = cpac_network_get_n_layers (toy->network) - 1;
  g_autoptr (CpacStream) alone = run_stream (toy, level, 1, NULL);
  g_autoptr (CpacStream) two = run_stream (toy, level, 2, NULL);
  g_autoptr (CpacStream) five = run_stream (toy, level, 5, NULL);

  check_output (toy, expected, alone, last);
  check_same (alone, two, last, toy_n_outputs (toy));
  check_same (alone, five, last, toy_n_outputs (toy));
  /* Another picture leaves no trace. */
  for (gsize i = 0; i < toy_n_inputs (toy); i++)
    cpac_stream_get_input (two)[i] = NAN;
  cpac_stream_run (two);
  memcpy (cpac_stream_get_input (two), toy->pictures, toy_n_inputs (toy) * sizeof (float));
  cpac_stream_run (two);
  check_same (alone, two, last, toy_n_outputs (toy));
  check_kept (toy, expected, alone, last);
}

static void
check_toy (const Toy *toy)
{
  g_auto (Expected) expected = { 0 };

  expected_init (&expected, toy);
  for (guint level = 0; level < CPAC_N_LEVELS; level++)
    if (cpac_level_has_kernels (level) && cpac_level_is_supported (level))
      check_level (toy, &expected, level);
}

static gboolean
fits (const char *layers, const CpacDims *dims)
{
  g_autoptr (CpacConfig) config = toy_parse (layers);
  g_autoptr (CpacNetwork) network = cpac_network_new (config, dims, NULL);

  return network != NULL;
}

static void
test_network (gconstpointer data)
{
  const char *layers = networks[GPOINTER_TO_UINT (data)].layers;
  guint n_checked = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_auto (Toy) toy = { 0 };

    if (!fits (layers, &sizes[i]))
      continue;
    toy_init (&toy, layers, sizes[i], i);
    check_toy (&toy);
    n_checked++;
  }
  g_assert_cmpuint (n_checked, >=, 2);
}

/* ---- No numbers ---- */

/* What is not a number, or infinite, comes out where it does in the reference, and nowhere else. */
static void
check_no_number (const Toy *toy, CpacLevel level)
{
  guint last = cpac_network_get_n_layers (toy->network) - 1;
  g_autofree double *expected = toy_run (toy, CPAC_PRECISION_DOUBLE, 1, 1);
  g_autoptr (CpacStream) stream = run_stream (toy, level, 1, NULL);
  const float *got = cpac_stream_get_output (stream, last);
  guint n_odd = 0;

  for (gsize i = 0; i < toy_n_outputs (toy); i++) {
    n_odd += !isfinite (expected[i]);
    if (isnan (expected[i]))
      g_assert_true (isnan (got[i]));
    else if (isinf (expected[i]))
      g_assert_cmpfloat (got[i], ==, (float) expected[i]);
    else
      g_assert_cmpfloat_with_epsilon (got[i], expected[i], 1e-4 * (1 + fabs (expected[i])));
  }
  g_assert_cmpuint (n_odd, >, 0);
}

static void
test_no_number (gconstpointer data)
{
  static const float specials[] = { NAN, -NAN, INFINITY, -INFINITY };
  static const char *const pooled[] = {
    "[{type: cpac-conv, filters: 8, kernel: 3, rank: 5, padding: same}, "
    "{type: max-pool, size: 2, ceil: true}]",
    "[{type: cpac-conv, filters: 13, kernel: 5, rank: 2, padding: same}, {type: relu}, "
    "{type: max-pool, size: 2, ceil: true}]",
    "[{type: conv, filters: 7, kernel: 3, padding: same}, {type: max-pool, size: 2, ceil: true}]",
  };
  CpacLevel level = GPOINTER_TO_UINT (data);

  for (guint n = 0; n < G_N_ELEMENTS (pooled); n++) {
    g_auto (Toy) toy = { 0 };

    toy_init (&toy, pooled[n], (CpacDims){ 2, 12, 66 }, n);
    for (guint i = 0; i < 24; i++) {
      float *at = toy.pictures + i * 997 % toy_n_inputs (&toy), kept = *at;

      *at = specials[i % 4];
      check_no_number (&toy, level);
      *at = kept;
    }
  }
}

/* ---- Random graphs ---- */

typedef struct {
  GRand *random;
  GString *text;
  guint n_layers;
} Maker;

static gint
pick (Maker *maker, gint begin, gint end)
{
  return g_rand_int_range (maker->random, begin, end);
}

/* A layer above, or the frame; mostly the one just above. */
static void
add_source (Maker *maker)
{
  gint source = pick (maker, 0, 3) > 0 ? (gint) maker->n_layers - 1
                                       : pick (maker, -1, (gint) maker->n_layers);

  if (source < 0)
    g_string_append (maker->text, "input");
  else
    g_string_append_printf (maker->text, "l%d", source);
}

static void
add_padding (Maker *maker, gboolean small)
{
  static const char *const names[] = { "same", "valid" };

  if (pick (maker, 0, 3) > 0 || small)
    g_string_append_printf (maker->text, ", padding: %s", names[pick (maker, 0, 4) == 0]);
  else
    g_string_append_printf (maker->text, ", padding: [%d, %d, %d, %d]", pick (maker, 0, 4),
                            pick (maker, 0, 4), pick (maker, 0, 4), pick (maker, 0, 4));
}

static void
add_convolution (Maker *maker)
{
  if (pick (maker, 0, 3) > 0)
    g_string_append_printf (maker->text, "type: cpac-conv, rank: %d", pick (maker, 1, 9));
  else
    g_string_append (maker->text, "type: conv");
  g_string_append_printf (maker->text, ", filters: %d, kernel: [%d, %d], bias: %s",
                          pick (maker, 1, 15), pick (maker, 1, 6), pick (maker, 1, 6),
                          pick (maker, 0, 2) ? "true" : "false");
  if (pick (maker, 0, 3) == 0)
    g_string_append_printf (maker->text, ", stride: [%d, %d]", pick (maker, 1, 4),
                            pick (maker, 1, 5));
  if (pick (maker, 0, 4) == 0)
    g_string_append_printf (maker->text, ", dilation: [%d, %d]", pick (maker, 1, 4),
                            pick (maker, 1, 4));
  add_padding (maker, FALSE);
}

static void
add_one (Maker *maker)
{
  gint kind = pick (maker, 0, 14);

  g_string_append_printf (maker->text, "%s{name: l%u, inputs: [", maker->n_layers ? ", " : "[",
                          maker->n_layers);
  add_source (maker);
  if (kind >= 10 && kind <= 11) {
    g_string_append (maker->text, ", ");
    add_source (maker);
  }
  g_string_append (maker->text, "], ");
  if (kind < 5) {
    add_convolution (maker);
  } else if (kind < 7) {
    g_string_append (maker->text, "type: relu");
  } else if (kind < 9) {
    g_string_append_printf (maker->text, "type: max-pool, size: 2, ceil: %s",
                            pick (maker, 0, 2) ? "true" : "false");
  } else if (kind == 9) {
    g_string_append_printf (maker->text, "type: average-pool, size: [%d, %d], stride: %d",
                            pick (maker, 1, 4), pick (maker, 1, 4), pick (maker, 1, 4));
    add_padding (maker, TRUE);
  } else if (kind == 10) {
    g_string_append (maker->text, "type: add");
  } else if (kind == 11) {
    g_string_append (maker->text, "type: concat");
  } else if (kind == 12) {
    g_string_append_printf (maker->text, "type: upsample, factor: [%d, %d]", pick (maker, 1, 4),
                            pick (maker, 1, 4));
  } else {
    g_string_append (maker->text,
                     pick (maker, 0, 2) ? "type: global-average-pool" : "type: linear, units: 3");
  }
  g_string_append_c (maker->text, '}');
  maker->n_layers++;
}

/* Layers are added as long as they fit; what does not fit the shapes is taken back. */
static char *
make_graph (GRand *random, const CpacDims *dims, guint n_layers)
{
  Maker maker = { random, g_string_new (NULL), 0 };

  while (maker.n_layers < n_layers) {
    gsize before = maker.text->len;
    g_autofree char *whole = NULL;

    add_one (&maker);
    whole = g_strconcat (maker.text->str, "]", NULL);
    if (!fits (whole, dims)) {
      g_string_truncate (maker.text, before);
      maker.n_layers--;
    }
  }
  g_string_append_c (maker.text, ']');
  return g_string_free (maker.text, FALSE);
}

static void
test_random (gconstpointer data)
{
  static const guint sides[] = { 1, 2, 3, 5, 17, 20, 33, 40 };
  guint seed = GPOINTER_TO_UINT (data);
  GRand *random = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 25; i++) {
    CpacDims dims = { (guint) g_rand_int_range (random, 1, 5),
                      sides[g_rand_int_range (random, 0, G_N_ELEMENTS (sides))],
                      sides[g_rand_int_range (random, 0, G_N_ELEMENTS (sides))] };
    guint n_layers = (guint) g_rand_int_range (random, 1, 12);
    g_autofree char *layers = make_graph (random, &dims, n_layers);
    g_auto (Toy) toy = { 0 };

    g_test_message ("%ux%ux%u: %s", dims.channels, dims.height, dims.width, layers);
    toy_init (&toy, layers, dims, seed * 100 + i);
    check_toy (&toy);
  }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strdup_printf ("/stream/%s", networks[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_network);
  }
  for (guint seed = 1; seed <= 8; seed++) {
    g_autofree char *path = g_strdup_printf ("/stream/random/%u", seed);

    g_test_add_data_func (path, GUINT_TO_POINTER (seed), test_random);
  }
  for (guint level = 0; level < CPAC_N_LEVELS; level++) {
    g_autofree char *path = g_strdup_printf ("/stream/no-number/%s", cpac_level_to_string (level));

    if (cpac_level_has_kernels (level) && cpac_level_is_supported (level))
      g_test_add_data_func (path, GUINT_TO_POINTER (level), test_no_number);
  }
  return g_test_run ();
}
