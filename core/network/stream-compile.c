/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a graph of layers to a stream's operations. */

#include <string.h>

#include "core/network/stream-compile.h"

/* Rows that hold the same as @value, in @phases phases, in @segment. */
static guint
rephase (CpacStreamCompiler *compiler, guint value, guint phases, guint segment)
{
  CpacStream *stream = compiler->stream;
  CpacDims dims = cpac_stream_value (stream, value)->dims;
  CpacStreamMoved moved = { value, phases, segment, 0 };

  if (cpac_stream_value (stream, value)->phases == phases)
    return value;
  /* Another reader may have wanted the same. */
  for (guint i = 0; i < compiler->moved->len; i++) {
    const CpacStreamMoved *other = &g_array_index (compiler->moved, CpacStreamMoved, i);

    if (other->from == value && other->phases == phases && other->segment == segment)
      return other->to;
  }
  moved.to = cpac_stream_add_rows (stream, &dims, phases, segment);
  cpac_stream_add_move (stream, value, moved.to, 0);
  g_array_append_val (compiler->moved, moved);
  return moved.to;
}

/* The output of @node, as it is to be had in @segment. */
static guint
native_of (const CpacStreamCompiler *compiler, guint node, guint segment)
{
  const CpacStreamNode *n = &compiler->nodes[node];
  gint value = n->rows != CPAC_NO_VALUE && n->segment == segment ? n->rows : n->plane;

  g_assert (value != CPAC_NO_VALUE);
  return (guint) value;
}

/* The same as rows in @phases phases. */
static guint
rows_of (CpacStreamCompiler *compiler, guint node, guint phases, guint segment)
{
  return rephase (compiler, native_of (compiler, node, segment), phases, segment);
}

static guint
plane_of (const CpacStreamCompiler *compiler, guint node)
{
  g_assert (compiler->nodes[node].plane != CPAC_NO_VALUE);
  return (guint) compiler->nodes[node].plane;
}

/* Windows of 2x2 side by side, all of them inside the picture. */
static gboolean
is_plain_pool (const CpacLayer *layer)
{
  const CpacWindow *w = &((const CpacPoolLayer *) layer)->window;

  for (guint axis = 0; axis < 2; axis++)
    if (w->size[axis] != 2 || w->stride[axis] != 2 || w->before[axis] != 0)
      return FALSE;
  return layer->out.height == layer->in[0].height / 2 && layer->out.width == layer->in[0].width / 2;
}

/* Takes along what is behind convolution @node and its only reader. Returns the last of them. */
static guint
find_tail (CpacStreamCompiler *compiler, guint node, CpacStreamTail *tail)
{
  *tail = (CpacStreamTail){ FALSE, FALSE };
  for (;;) {
    const CpacStreamNode *n = &compiler->nodes[node];
    const CpacLayer *next = n->n_readers == 1 ? cpac_compiler_layer (compiler, n->reader) : NULL;

    if (next == NULL || n->needed)
      return node;
    if (cpac_layer_is (next, "relu"))
      tail->relu = TRUE;
    else if (cpac_layer_is (next, "max-pool") && !tail->pool && is_plain_pool (next) &&
             n->phases == 2 * compiler->nodes[n->reader].phases)
      tail->pool = TRUE;
    else
      return node;
    node = n->reader;
    compiler->nodes[node].taken = TRUE;
  }
}

static CpacTensor *const *
params_of (const CpacStreamCompiler *compiler, guint node)
{
  const CpacParams *params = compiler->stream->params;

  return params->values + params->first[node - 1];
}

static guint
new_rows (CpacStreamCompiler *compiler, guint node)
{
  CpacStreamNode *n = &compiler->nodes[node];

  n->rows = (gint) cpac_stream_add_rows (
      compiler->stream, &cpac_compiler_layer (compiler, node)->out, n->phases, n->segment);
  return (guint) n->rows;
}

static void
add_convolution (CpacStreamCompiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);
  const CpacStreamNode *n = &compiler->nodes[node];
  CpacTensor *const *params = params_of (compiler, node);
  guint from = cpac_compiler_input (compiler, node, 0),
        stride = cpac_layer_window (layer)->stride[1], out;
  CpacStreamTail tail;

  out = new_rows (compiler, find_tail (compiler, node, &tail));
  if (cpac_layer_is (layer, "cpac-conv"))
    cpac_stream_add_cpac_conv (stream, (const CpacConvLayer *) layer, params, tail,
                               cpac_stream_moves_input ((const CpacConvLayer *) layer)
                                   ? native_of (compiler, from, n->segment)
                                   : rows_of (compiler, from, n->phases * stride, n->segment),
                               out);
  else
    cpac_stream_add_conv (stream, (const CpacDenseConvLayer *) layer, params, tail,
                          native_of (compiler, from, n->segment), out);
}

static void
add_joined (CpacStreamCompiler *compiler, guint node)
{
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);
  const CpacStreamNode *n = &compiler->nodes[node];
  g_autofree guint *in = g_new (guint, layer->n_inputs);
  guint out;

  for (guint k = 0; k < layer->n_inputs; k++)
    in[k] = rows_of (compiler, cpac_compiler_input (compiler, node, k), n->phases, n->segment);
  out = new_rows (compiler, node);
  if (cpac_layer_is (layer, "add"))
    cpac_stream_add_sum (compiler->stream, layer->n_inputs, in, out);
  else
    cpac_stream_add_concat (compiler->stream, layer->n_inputs, in, out);
}

static void
add_simple (CpacStreamCompiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);
  const CpacStreamNode *n = &compiler->nodes[node];
  guint from = cpac_compiler_input (compiler, node, 0);
  guint in = cpac_layer_is (layer, "relu") ? rows_of (compiler, from, n->phases, n->segment)
                                           : native_of (compiler, from, n->segment);
  guint out = new_rows (compiler, node);

  if (cpac_layer_is (layer, "relu"))
    cpac_stream_add_relu (stream, in, out);
  else if (cpac_layer_is (layer, "upsample"))
    cpac_stream_add_upsample (stream, in, out);
  else
    cpac_stream_add_pool (stream, (const CpacPoolLayer *) layer,
                          cpac_layer_is (layer, "average-pool"), in, out);
}

static void
add_streaming (CpacStreamCompiler *compiler, guint node)
{
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);

  if (cpac_layer_is (layer, "cpac-conv") || cpac_layer_is (layer, "conv"))
    add_convolution (compiler, node);
  else if (cpac_layer_is (layer, "add") || cpac_layer_is (layer, "concat"))
    add_joined (compiler, node);
  else
    add_simple (compiler, node);
}

static void
add_template (CpacStreamCompiler *compiler, guint node)
{
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);
  guint plane = cpac_stream_add_plane (compiler->stream, &layer->out, NULL, 0);

  memcpy (cpac_stream_value (compiler->stream, plane)->plane, params_of (compiler, node)[0]->data,
          cpac_dims_count (&layer->out) * sizeof (float));
  compiler->nodes[node].plane = (gint) plane;
}

/* Flattening only renames. */
static void
add_flatten (CpacStreamCompiler *compiler, guint node)
{
  CpacStreamNode *n = &compiler->nodes[node];
  guint in = plane_of (compiler, cpac_compiler_input (compiler, node, 0));

  n->plane =
      (gint) cpac_stream_add_plane (compiler->stream, &cpac_compiler_layer (compiler, node)->out,
                                    cpac_stream_value (compiler->stream, in)->plane, n->segment);
}

static void
add_whole (CpacStreamCompiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);
  CpacStreamNode *n = &compiler->nodes[node];
  g_autofree guint *in = g_new (guint, layer->n_inputs + 1);
  guint from = layer->n_inputs > 0 ? cpac_compiler_input (compiler, node, 0) : 0, out;

  n->plane = (gint) cpac_stream_add_plane (stream, &layer->out, NULL, n->segment);
  out = (guint) n->plane;
  if (cpac_layer_is (layer, "global-average-pool")) {
    cpac_stream_add_mean (stream, native_of (compiler, from, n->segment), out, n->segment);
    return;
  }
  for (guint k = 0; k < layer->n_inputs; k++)
    in[k] = plane_of (compiler, cpac_compiler_input (compiler, node, k));
  if (cpac_layer_is (layer, "linear"))
    cpac_stream_add_linear (stream, layer, params_of (compiler, node), in[0], out, n->segment);
  else if (cpac_layer_is (layer, "standardize"))
    cpac_stream_add_standardize (stream, layer, in[0], out, n->segment);
  else if (cpac_layer_is (layer, "local-contrast"))
    cpac_stream_add_local_contrast (stream, layer, in[0], out, n->segment);
  else
    cpac_stream_add_reference (stream, layer, params_of (compiler, node), layer->n_inputs, in, out,
                               n->segment);
}

static void
add_node (CpacStreamCompiler *compiler, guint node)
{
  CpacStreamNode *n = &compiler->nodes[node];
  const CpacLayer *layer = cpac_compiler_layer (compiler, node);

  if (!n->taken) {
    if (cpac_layer_is (layer, "template"))
      add_template (compiler, node);
    else if (cpac_layer_is (layer, "flatten"))
      add_flatten (compiler, node);
    else if (n->whole)
      add_whole (compiler, node);
    else
      add_streaming (compiler, node);
  }
  if (n->whole || !n->needed || n->rows == CPAC_NO_VALUE)
    return;
  n->plane = (gint) cpac_stream_add_plane (compiler->stream, &layer->out, NULL, n->segment);
  cpac_stream_add_publish (compiler->stream, (guint) n->rows, (guint) n->plane);
}

void
cpac_stream_compile (CpacStream *stream, const gboolean *keep)
{
  CpacStreamCompiler compiler = { .stream = stream, .keep = keep };

  compiler.n_nodes = cpac_network_get_n_layers (stream->network) + 1;
  compiler.nodes = g_new0 (CpacStreamNode, compiler.n_nodes);
  compiler.moved = g_array_new (FALSE, FALSE, sizeof (CpacStreamMoved));
  cpac_stream_plan (&compiler);
  compiler.nodes[0].plane =
      (gint) cpac_stream_add_plane (stream, cpac_network_get_input (stream->network), NULL, 0);
  for (guint node = 1; node < compiler.n_nodes; node++)
    add_node (&compiler, node);
  stream->planes = g_new (gint, compiler.n_nodes);
  for (guint node = 1; node < compiler.n_nodes; node++)
    stream->planes[node - 1] = compiler.nodes[node].plane;
  g_array_unref (compiler.moved);
  g_free (compiler.nodes);
}
