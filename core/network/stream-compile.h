/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two steps of compiling a stream share: the plan and the operations. */

#include "core/network/stream-private.h"

enum { CPAC_NO_VALUE = -1 };

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
} CpacStreamNode;

/* Rows that were moved to other phases. */
typedef struct {
  guint from, phases, segment, to;
} CpacStreamMoved;

typedef struct {
  CpacStream *stream;
  const gboolean *keep;
  guint n_nodes;
  CpacStreamNode *nodes;
  GArray *moved; /* (element-type CpacStreamMoved) */
} CpacStreamCompiler;

static inline const CpacLayer *
cpac_compiler_layer (const CpacStreamCompiler *compiler, guint node)
{
  return cpac_network_get_layer (compiler->stream->network, node - 1);
}

static inline guint
cpac_compiler_input (const CpacStreamCompiler *compiler, guint node, guint k)
{
  return (guint) (cpac_network_get_inputs (compiler->stream->network, node - 1)[k] + 1);
}

static inline gboolean
cpac_layer_is (const CpacLayer *layer, const char *type)
{
  return g_str_equal (layer->klass->type, type);
}

/* The window of a layer that has one. */
static inline const CpacWindow *
cpac_layer_window (const CpacLayer *layer)
{
  if (cpac_layer_is (layer, "cpac-conv"))
    return &((const CpacConvLayer *) layer)->window;
  if (cpac_layer_is (layer, "conv"))
    return &((const CpacDenseConvLayer *) layer)->window;
  if (cpac_layer_is (layer, "max-pool") || cpac_layer_is (layer, "average-pool"))
    return &((const CpacPoolLayer *) layer)->window;
  return NULL;
}

/* In which segment every layer is computed, which outputs must be whole planes, and in which phases
 * the others pass by (stream-plan.c). */
void cpac_stream_plan (CpacStreamCompiler *compiler);
