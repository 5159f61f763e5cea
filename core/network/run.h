/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"
#include "core/network/workers.h"

G_BEGIN_DECLS

/**
 * CpacRun:
 *
 * One stream's activations: everything that changes while a network computes. The narrow interface
 * behind which the way of computing may change: put a picture in, run, read outputs. One thread at
 * a time.
 */
typedef struct _CpacRun CpacRun;

typedef enum {
  CPAC_PRECISION_SINGLE,
  CPAC_PRECISION_DOUBLE, /* the reference in double: for checks and exact sums */
} CpacPrecision;

/**
 * CpacLayerOps:
 * @klass: the layer type they are for
 *
 * Other arithmetic for one type of layer, in single precision, with the meaning of the class's own
 * functions. Training brings the ones that use BLAS, so that core itself does without.
 */
typedef struct {
  const CpacLayerClass *klass;
  gsize (*get_scratch) (const CpacLayer *layer, guint n_slices);
  CpacForwardFunc forward;
  gsize (*get_backward_scratch) (const CpacLayer *layer);
  CpacBackwardFunc backward;
  /* Elements that the forward pass can leave in a cache for the backward pass, which otherwise
   * computes them again; NULL: none. */
  gsize (*get_cache) (const CpacLayer *layer);
  /* The backward pass overwrites the gradient by its (only) input instead of adding to it. */
  gboolean overwrites;
  /* How many of the @n layers @behind, each the only reader of the one before, the passes take
   * along as their tail, so that planes between them need not exist; NULL: none. Asked only where
   * there is a backward pass. */
  guint (*take_along) (const CpacLayer *layer, const CpacLayer *const *behind, guint n);
} CpacLayerOps;

typedef struct {
  guint batch;     /* pictures at once, at least 1 */
  guint n_threads; /* at least 1; the results are the same bits at any number */
  CpacPrecision precision;
  gboolean gradients;      /* make room for the backward pass */
  gboolean input_gradient; /* which also goes down to the frame */
  const CpacLayerOps *ops; /* ends with a NULL class; NULL: none */
  guint strip;             /* slices computed at once; 0: what suits the caches */
  gsize cache_bytes;       /* most memory for such caches; layers get theirs from the last down */
} CpacRunOptions;

#define CPAC_RUN_OPTIONS_INIT                                                                      \
  {                                                                                                \
    .batch = 1, .n_threads = 1, .precision = CPAC_PRECISION_SINGLE                                 \
  }

/* @network and @params are borrowed and must outlive the run. The parameters may be those of a
 * network that @network begins with, if no layer behind has any. Cannot fail: shapes were checked
 * when the network was built. (transfer full) */
CpacRun *
cpac_run_new (const CpacNetwork *network, const CpacParams *params, const CpacRunOptions *options);
/* Takes NULL. */
void cpac_run_free (CpacRun *run);

/* Where picture @picture (channels, height, width) is put before the forward pass: floats, or
 * doubles in double precision. */
gpointer cpac_run_get_input (CpacRun *run, guint picture);
/* Computes every layer for all pictures of the batch. */
void cpac_run_forward (CpacRun *run);
/* The same of the layers 0 to @last only, for runs without gradients. */
void cpac_run_forward_to (CpacRun *run, guint last);
/* Output of layer @layer for picture @picture, of the layer's shape; valid until the next forward
 * pass. NULL for a layer whose only reader the run's ops took along. */
gconstpointer cpac_run_get_output (const CpacRun *run, guint layer, guint picture);

/* What layer @layer reads as its first input, for picture @picture: an output as the above, or the
 * frame. */
gconstpointer cpac_run_get_layer_input (CpacRun *run, guint layer, guint picture);

/*
 * The backward pass, for runs made with gradients. The gradient by a layer's output stands where
 * cpac_run_get_output_gradient() says; before the pass the caller fills in that of the last layer.
 */

/* Gradient by the output of layer @layer, of its shape: written by the caller for the last layer,
 * read after the pass for the others; NULL where cpac_run_get_output() gives NULL, and where
 * neither that layer nor one it reads from has parameters, unless input_gradient is set.
 * CPAC_NETWORK_INPUT: by the frame, with input_gradient. */
gpointer cpac_run_get_output_gradient (CpacRun *run, gint layer, guint picture);
/* Where gradients by the parameters are added to: @gradients (n_params), each of its parameter's
 * size. Borrowed until others are bound. */
void cpac_run_bind_gradients (CpacRun *run, gpointer *gradients);
/* Value of parameter @index as the run computes with it: the network's own floats, or the run's
 * copy in double, which checks may move. */
gpointer cpac_run_get_value (CpacRun *run, guint index);
/* Back through all layers for every picture of the batch in turn: adds to the bound gradients,
 * overwrites those of outputs below the last. */
void cpac_run_backward (CpacRun *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacRun, cpac_run_free)

G_END_DECLS
