/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"

/* The arithmetic of one layer: its class's, or what the caller brought. */
typedef struct {
  CpacForwardFunc forward;
  CpacBackwardFunc backward;
  guint8 *cache; /* of one picture; NULL: none */
  gboolean overwrites;
  guint n_tail;    /* layers behind it that it takes along */
  guint8 *choices; /* (batch, C, H, W) of the last of them */
  gboolean taken;  /* is itself taken along */
} CpacRunArithmetic;

struct _CpacRun {
  const CpacNetwork *network;
  const CpacParams *params;
  guint batch;
  gboolean is_double;
  gsize real_size;

  guint strip;

  guint8 *input;          /* (batch, C, H, W) */
  guint8 **outputs;       /* (n_layers), each (batch, C, H, W) */
  guint8 *input_gradient; /* the same for gradients; NULL where not wanted */
  guint8 **output_gradients;
  gpointer *param_gradients;     /* (n_params), the caller's */
  CpacRunArithmetic *arithmetic; /* (n_layers) */
  const CpacLayer **layers;      /* (n_layers) */
  guint *n_readers;              /* (n_layers): inputs that read the layer's output */
  guint n_input_readers;         /* inputs that read the frame */
  guint8 *addend;   /* (largest input): from a pass that overwrites what others add to */
  gpointer *values; /* (n_params): the parameters as reals; owned in double precision only */
  const void **in;  /* (most inputs of a layer) x (n_threads) */
  void **din;       /* (most inputs of a layer) */
  guint max_inputs;

  CpacWorkers *workers;
  guint8 **scratch; /* (n_threads) */
};

/* Numbers of one picture of the output of layer @index, or of the frame. */
static inline gsize
cpac_run_picture_count (const CpacRun *run, gint index)
{
  return cpac_dims_count (index == CPAC_NETWORK_INPUT ? cpac_network_get_input (run->network)
                                                      : &run->layers[index]->out);
}

/* How many inputs read the output of layer @index, or the frame. */
static inline guint *
cpac_run_readers_of (CpacRun *run, gint index)
{
  return index == CPAC_NETWORK_INPUT ? &run->n_input_readers : &run->n_readers[index];
}
