/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What of a network streams, in which segment, and in which phases. */

#include "core/network/stream-compile.h"

/* Lanes that phases may waste beside those that a row wastes as it is: three in eight. So much is
 * made good by a pool that needs no pass of its own. */
#define MOST_WASTE(n) ((n) + (n) * 3 / 8)
/* Horizontal strides beyond are left to the reference: phases would be mostly margin. */
#define MAX_STRIDE CPAC_MAX_PHASES
/* Rows of a window: with more, too. Pointers to them are kept on the stack. */
#define MAX_ROWS 256
/* Floats of a chunk: with more, too. */
#define MAX_CHUNK (1u << 24)

/* ---- What streams ---- */

static gboolean
is_whole (const CpacStreamCompiler *compiler, const CpacLayer *layer)
{
  const CpacWindow *w = cpac_layer_window (layer);
  gsize chunk = (gsize) CPAC_CHUNK_VECTORS * compiler->stream->kernels->lanes;

  if (w != NULL && (w->stride[1] > MAX_STRIDE || w->size[0] > MAX_ROWS))
    return TRUE;
  if (cpac_layer_is (layer, "conv"))
    chunk *= (gsize) layer->in[0].channels * w->size[0] * w->size[1];
  return chunk > MAX_CHUNK ||
         !(w != NULL || cpac_layer_is (layer, "relu") || cpac_layer_is (layer, "add") ||
           cpac_layer_is (layer, "concat") || cpac_layer_is (layer, "upsample"));
}

/* A layer's rows are made in the first segment in which all that it reads is there. */
static void
find_segments (CpacStreamCompiler *compiler)
{
  compiler->nodes[0] = (CpacStreamNode){
    .whole = TRUE, .needed = TRUE, .rows = CPAC_NO_VALUE, .plane = CPAC_NO_VALUE
  };
  for (guint node = 1; node < compiler->n_nodes; node++) {
    const CpacLayer *layer = cpac_compiler_layer (compiler, node);
    CpacStreamNode *n = &compiler->nodes[node];

    *n = (CpacStreamNode){ .whole = is_whole (compiler, layer),
                           .rows = CPAC_NO_VALUE,
                           .plane = CPAC_NO_VALUE };
    for (guint k = 0; k < layer->n_inputs; k++) {
      CpacStreamNode *from = &compiler->nodes[cpac_compiler_input (compiler, node, k)];

      n->segment = MAX (n->segment, from->whole ? from->available : from->segment);
      from->n_readers++;
      from->reader = node;
    }
    n->available = cpac_layer_is (layer, "template") ? 0 : n->segment + 1;
    compiler->stream->n_segments = MAX (compiler->stream->n_segments, n->segment + 1);
  }
}

static void
find_planes (CpacStreamCompiler *compiler)
{
  guint last = compiler->n_nodes - 1;

  compiler->nodes[last].needed = TRUE;
  for (guint node = 1; node < compiler->n_nodes; node++) {
    const CpacLayer *layer = cpac_compiler_layer (compiler, node);
    const CpacStreamNode *n = &compiler->nodes[node];

    if (n->whole || (compiler->keep != NULL && compiler->keep[node - 1]))
      compiler->nodes[node].needed = TRUE;
    for (guint k = 0; k < layer->n_inputs; k++) {
      CpacStreamNode *from = &compiler->nodes[cpac_compiler_input (compiler, node, k)];

      /* The mean is a whole layer, but reads rows. */
      if ((n->whole && !cpac_layer_is (layer, "global-average-pool")) ||
          from->segment != n->segment)
        from->needed = TRUE;
    }
  }
}

/* ---- Phases ---- */

static gboolean
suits (const CpacStreamCompiler *compiler, guint width, guint phases)
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
find_phases (CpacStreamCompiler *compiler)
{
  for (guint node = 0; node < compiler->n_nodes; node++)
    compiler->nodes[node].phases = 1;
  for (guint node = compiler->n_nodes - 1; node > 0; node--) {
    const CpacLayer *layer = cpac_compiler_layer (compiler, node);
    const CpacWindow *w = cpac_layer_window (layer);
    guint wanted = compiler->nodes[node].phases * (w != NULL ? w->stride[1] : 1);

    if (compiler->nodes[node].whole || cpac_layer_is (layer, "upsample"))
      continue;
    for (guint k = 0; k < layer->n_inputs; k++) {
      CpacStreamNode *from = &compiler->nodes[cpac_compiler_input (compiler, node, k)];

      if (!from->whole && wanted > from->phases && suits (compiler, layer->in[k].width, wanted))
        from->phases = wanted;
    }
  }
}

void
cpac_stream_plan (CpacStreamCompiler *compiler)
{
  find_segments (compiler);
  find_planes (compiler);
  find_phases (compiler);
}
