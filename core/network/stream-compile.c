/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a graph of layers to a stream's operations. */

#include <string.h>

#include "core/network/stream-private.h"

/* Lanes that phases may waste beside those that a row wastes as it is: one in four. */
#define MOST_WASTE(n) ((n) + (n) / 4)
/* Horizontal strides beyond are left to the reference: phases would be mostly margin. */
#define MAX_STRIDE CPAC_MAX_PHASES
/* Rows of a window: with more, too. Pointers to them are kept on the stack. */
#define MAX_ROWS 256
/* Floats of a chunk: with more, too. */
#define MAX_CHUNK (1u << 24)

enum { NONE = -1 };

/* Layers, and at index 0 the frame: node i + 1 is layer i. */
typedef struct {
  guint n_readers, reader; /* the last one */
  guint segment;           /* in which rows of it are made */
  guint available;         /* from which its plane can be read */
  guint phases;
  gboolean whole;   /* is not made by rows */
  gboolean needed;  /* its plane is */
  gboolean taken;   /* is computed along with a convolution before it */
  gint rows, plane; /* values */
} Node;

/* Rows that were moved to other phases. */
typedef struct {
  guint from, phases, segment, to;
} Moved;

typedef struct {
  CpacStream *stream;
  const gboolean *keep;
  guint n_nodes;
  Node *nodes;
  GArray *moved; /* (element-type Moved) */
} Compiler;

static const CpacLayer *
layer_of (const Compiler *compiler, guint node)
{
  return cpac_network_get_layer (compiler->stream->network, node - 1);
}

static guint
input_of (const Compiler *compiler, guint node, guint k)
{
  return (guint) (cpac_network_get_inputs (compiler->stream->network, node - 1)[k] + 1);
}

static gboolean
is_type (const CpacLayer *layer, const char *type)
{
  return g_str_equal (layer->klass->type, type);
}

/* The window of a layer that has one. */
static const CpacWindow *
window_of (const CpacLayer *layer)
{
  if (is_type (layer, "cpac-conv"))
    return &((const CpacConvLayer *) layer)->window;
  if (is_type (layer, "conv"))
    return &((const CpacDenseConvLayer *) layer)->window;
  if (is_type (layer, "max-pool") || is_type (layer, "average-pool"))
    return &((const CpacPoolLayer *) layer)->window;
  return NULL;
}

/* ---- What streams ---- */

static gboolean
is_whole (const Compiler *compiler, const CpacLayer *layer)
{
  const CpacWindow *w = window_of (layer);
  gsize chunk = (gsize) CPAC_CHUNK_VECTORS * compiler->stream->kernels->lanes;

  if (w != NULL && (w->stride[1] > MAX_STRIDE || w->size[0] > MAX_ROWS))
    return TRUE;
  if (is_type (layer, "conv"))
    chunk *= (gsize) layer->in[0].channels * w->size[0] * w->size[1];
  return chunk > MAX_CHUNK || !(w != NULL || is_type (layer, "relu") || is_type (layer, "add") ||
                                is_type (layer, "concat") || is_type (layer, "upsample"));
}

/* A layer's rows are made in the first segment in which all that it reads is there. */
static void
find_segments (Compiler *compiler)
{
  compiler->nodes[0] = (Node){ .whole = TRUE, .needed = TRUE, .rows = NONE, .plane = NONE };
  for (guint node = 1; node < compiler->n_nodes; node++) {
    const CpacLayer *layer = layer_of (compiler, node);
    Node *n = &compiler->nodes[node];

    *n = (Node){ .whole = is_whole (compiler, layer), .rows = NONE, .plane = NONE };
    for (guint k = 0; k < layer->n_inputs; k++) {
      Node *from = &compiler->nodes[input_of (compiler, node, k)];

      n->segment = MAX (n->segment, from->whole ? from->available : from->segment);
      from->n_readers++;
      from->reader = node;
    }
    n->available = is_type (layer, "template") ? 0 : n->segment + 1;
    compiler->stream->n_segments = MAX (compiler->stream->n_segments, n->segment + 1);
  }
}

static void
find_planes (Compiler *compiler)
{
  guint last = compiler->n_nodes - 1;

  compiler->nodes[last].needed = TRUE;
  for (guint node = 1; node < compiler->n_nodes; node++) {
    const CpacLayer *layer = layer_of (compiler, node);
    const Node *n = &compiler->nodes[node];

    if (n->whole || (compiler->keep != NULL && compiler->keep[node - 1]))
      compiler->nodes[node].needed = TRUE;
    for (guint k = 0; k < layer->n_inputs; k++) {
      Node *from = &compiler->nodes[input_of (compiler, node, k)];

      /* The mean is a whole layer, but reads rows. */
      if ((n->whole && !is_type (layer, "global-average-pool")) || from->segment != n->segment)
        from->needed = TRUE;
    }
  }
}

/* ---- Phases ---- */

static gboolean
suits (const Compiler *compiler, guint width, guint phases)
{
  gsize lanes = compiler->stream->kernels->lanes;

  return phases <= CPAC_MAX_PHASES &&
         phases * cpac_stream_round_up ((width + phases - 1) / phases, lanes) <=
             MOST_WASTE (cpac_stream_round_up (width, lanes));
}

/* From the end to the frame: what a reader that moves on by s columns would like is s times its own
 * phases. Whether outputs are kept plays no part: it must not change what is added in what order.
 */
static void
find_phases (Compiler *compiler)
{
  for (guint node = 0; node < compiler->n_nodes; node++)
    compiler->nodes[node].phases = 1;
  for (guint node = compiler->n_nodes - 1; node > 0; node--) {
    const CpacLayer *layer = layer_of (compiler, node);
    const CpacWindow *w = window_of (layer);
    guint wanted = compiler->nodes[node].phases * (w != NULL ? w->stride[1] : 1);

    if (compiler->nodes[node].whole || is_type (layer, "upsample"))
      continue;
    for (guint k = 0; k < layer->n_inputs; k++) {
      Node *from = &compiler->nodes[input_of (compiler, node, k)];

      if (!from->whole && wanted > from->phases && suits (compiler, layer->in[k].width, wanted))
        from->phases = wanted;
    }
  }
}

/* ---- Operations ---- */

/* Rows that hold the same as @value, in @phases phases, in @segment. */
static guint
rephase (Compiler *compiler, guint value, guint phases, guint segment)
{
  CpacStream *stream = compiler->stream;
  CpacDims dims = cpac_stream_value (stream, value)->dims;
  Moved moved = { value, phases, segment, 0 };

  if (cpac_stream_value (stream, value)->phases == phases)
    return value;
  /* Another reader may have wanted the same. */
  for (guint i = 0; i < compiler->moved->len; i++) {
    const Moved *other = &g_array_index (compiler->moved, Moved, i);

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
native_of (const Compiler *compiler, guint node, guint segment)
{
  const Node *n = &compiler->nodes[node];
  gint value = n->rows != NONE && n->segment == segment ? n->rows : n->plane;

  g_assert (value != NONE);
  return (guint) value;
}

/* The same as rows in @phases phases. */
static guint
rows_of (Compiler *compiler, guint node, guint phases, guint segment)
{
  return rephase (compiler, native_of (compiler, node, segment), phases, segment);
}

static guint
plane_of (const Compiler *compiler, guint node)
{
  g_assert (compiler->nodes[node].plane != NONE);
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
find_tail (Compiler *compiler, guint node, CpacStreamTail *tail)
{
  *tail = (CpacStreamTail){ FALSE, FALSE };
  for (;;) {
    const Node *n = &compiler->nodes[node];
    const CpacLayer *next = n->n_readers == 1 ? layer_of (compiler, n->reader) : NULL;

    if (next == NULL || n->needed)
      return node;
    if (is_type (next, "relu"))
      tail->relu = TRUE;
    else if (is_type (next, "max-pool") && !tail->pool && is_plain_pool (next) &&
             n->phases == 2 * compiler->nodes[n->reader].phases)
      tail->pool = TRUE;
    else
      return node;
    node = n->reader;
    compiler->nodes[node].taken = TRUE;
  }
}

static CpacTensor *const *
params_of (const Compiler *compiler, guint node)
{
  const CpacParams *params = compiler->stream->params;

  return params->values + params->first[node - 1];
}

static guint
new_rows (Compiler *compiler, guint node)
{
  Node *n = &compiler->nodes[node];

  n->rows = (gint) cpac_stream_add_rows (compiler->stream, &layer_of (compiler, node)->out,
                                         n->phases, n->segment);
  return (guint) n->rows;
}

static void
add_convolution (Compiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = layer_of (compiler, node);
  const Node *n = &compiler->nodes[node];
  CpacTensor *const *params = params_of (compiler, node);
  guint from = input_of (compiler, node, 0), stride = window_of (layer)->stride[1], out;
  CpacStreamTail tail;

  out = new_rows (compiler, find_tail (compiler, node, &tail));
  if (is_type (layer, "cpac-conv"))
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
add_joined (Compiler *compiler, guint node)
{
  const CpacLayer *layer = layer_of (compiler, node);
  const Node *n = &compiler->nodes[node];
  g_autofree guint *in = g_new (guint, layer->n_inputs);
  guint out;

  for (guint k = 0; k < layer->n_inputs; k++)
    in[k] = rows_of (compiler, input_of (compiler, node, k), n->phases, n->segment);
  out = new_rows (compiler, node);
  if (is_type (layer, "add"))
    cpac_stream_add_sum (compiler->stream, layer->n_inputs, in, out);
  else
    cpac_stream_add_concat (compiler->stream, layer->n_inputs, in, out);
}

static void
add_simple (Compiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = layer_of (compiler, node);
  const Node *n = &compiler->nodes[node];
  guint from = input_of (compiler, node, 0);
  guint in = is_type (layer, "relu") ? rows_of (compiler, from, n->phases, n->segment)
                                     : native_of (compiler, from, n->segment);
  guint out = new_rows (compiler, node);

  if (is_type (layer, "relu"))
    cpac_stream_add_relu (stream, in, out);
  else if (is_type (layer, "upsample"))
    cpac_stream_add_upsample (stream, in, out);
  else
    cpac_stream_add_pool (stream, (const CpacPoolLayer *) layer, is_type (layer, "average-pool"),
                          in, out);
}

static void
add_streaming (Compiler *compiler, guint node)
{
  const CpacLayer *layer = layer_of (compiler, node);

  if (is_type (layer, "cpac-conv") || is_type (layer, "conv"))
    add_convolution (compiler, node);
  else if (is_type (layer, "add") || is_type (layer, "concat"))
    add_joined (compiler, node);
  else
    add_simple (compiler, node);
}

static void
add_template (Compiler *compiler, guint node)
{
  const CpacLayer *layer = layer_of (compiler, node);
  guint plane = cpac_stream_add_plane (compiler->stream, &layer->out, NULL, 0);

  memcpy (cpac_stream_value (compiler->stream, plane)->plane, params_of (compiler, node)[0]->data,
          cpac_dims_count (&layer->out) * sizeof (float));
  compiler->nodes[node].plane = (gint) plane;
}

/* Flattening only renames. */
static void
add_flatten (Compiler *compiler, guint node)
{
  Node *n = &compiler->nodes[node];
  guint in = plane_of (compiler, input_of (compiler, node, 0));

  n->plane =
      (gint) cpac_stream_add_plane (compiler->stream, &layer_of (compiler, node)->out,
                                    cpac_stream_value (compiler->stream, in)->plane, n->segment);
}

static void
add_whole (Compiler *compiler, guint node)
{
  CpacStream *stream = compiler->stream;
  const CpacLayer *layer = layer_of (compiler, node);
  Node *n = &compiler->nodes[node];
  g_autofree guint *in = g_new (guint, layer->n_inputs + 1);
  guint from = layer->n_inputs > 0 ? input_of (compiler, node, 0) : 0, out;

  n->plane = (gint) cpac_stream_add_plane (stream, &layer->out, NULL, n->segment);
  out = (guint) n->plane;
  if (is_type (layer, "global-average-pool")) {
    cpac_stream_add_mean (stream, native_of (compiler, from, n->segment), out, n->segment);
    return;
  }
  for (guint k = 0; k < layer->n_inputs; k++)
    in[k] = plane_of (compiler, input_of (compiler, node, k));
  if (is_type (layer, "linear"))
    cpac_stream_add_linear (stream, layer, params_of (compiler, node), in[0], out, n->segment);
  else
    cpac_stream_add_reference (stream, layer, params_of (compiler, node), layer->n_inputs, in, out,
                               n->segment);
}

static void
add_node (Compiler *compiler, guint node)
{
  Node *n = &compiler->nodes[node];
  const CpacLayer *layer = layer_of (compiler, node);

  if (!n->taken) {
    if (is_type (layer, "template"))
      add_template (compiler, node);
    else if (is_type (layer, "flatten"))
      add_flatten (compiler, node);
    else if (n->whole)
      add_whole (compiler, node);
    else
      add_streaming (compiler, node);
  }
  if (n->whole || !n->needed || n->rows == NONE)
    return;
  n->plane = (gint) cpac_stream_add_plane (compiler->stream, &layer->out, NULL, n->segment);
  cpac_stream_add_publish (compiler->stream, (guint) n->rows, (guint) n->plane);
}

void
cpac_stream_compile (CpacStream *stream, const gboolean *keep)
{
  Compiler compiler = { .stream = stream, .keep = keep };

  compiler.n_nodes = cpac_network_get_n_layers (stream->network) + 1;
  compiler.nodes = g_new0 (Node, compiler.n_nodes);
  compiler.moved = g_array_new (FALSE, FALSE, sizeof (Moved));
  find_segments (&compiler);
  find_planes (&compiler);
  find_phases (&compiler);
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
