/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

#define CPAC_MAX_PARAMS 5
/* Bounds of what a network may ask for, so that a hostile or mistyped file is refused before
 * memory is taken. */
#define CPAC_MAX_CHANNELS 65536
#define CPAC_MAX_SIDE 32768
#define CPAC_MAX_ELEMENTS (1u << 28)
/* Slices a worker takes at once: enough that the rows a convolution shares with its neighbours are
 * few, few enough that its intermediate rows stay in the cache. */
#define CPAC_STRIP 16

typedef struct _CpacLayer CpacLayer;
typedef struct _CpacLayerClass CpacLayerClass;

/**
 * CpacParamSpec:
 * @name: last part of the tensor's name, "a" of "conv1.a"
 * @shape: its shape
 * @constant: training leaves it alone
 */
typedef struct {
  const char *name;
  CpacShape shape;
  gboolean constant;
} CpacParamSpec;

/**
 * CpacCost:
 * @macs: multiply-adds of one picture as the layer computes it
 * @macs_dense: the same with the kernel multiplied out
 * @parameters: numbers the layer stores
 * @parameters_dense: the same with the kernel multiplied out
 */
typedef struct {
  guint64 macs, macs_dense;
  guint64 parameters, parameters_dense;
} CpacCost;

/**
 * CpacForward:
 * @in: (array): one plane block (channels, height, width) for each input
 * @params: (array): values of the layer's parameters, in the order of its specs
 * @out: (channels, height, width); the slices [begin, end) of it are overwritten
 * @scratch: room for what the class's get_scratch() asked for
 * @cache: where intermediates may be left for the backward pass; NULL: nowhere
 * @tail: (array): layers behind this one that are computed along with it, where its ops take them
 *   along: @out is then the last one's, and @in stays this one's
 * @n_tail: how many, usually 0
 * @choices: with a tail, room for a byte for each element of @out, kept for the backward pass
 * @begin: first slice
 * @end: behind the last slice
 *
 * One call of a layer's arithmetic for one picture. Pointers are to cpac_real: float for the _f32
 * functions, double for the _f64 ones. A slice is an output row, unless the class says otherwise.
 * Every output element is computed by the same operations in the same order however the slices are
 * cut, so results do not depend on the number of threads.
 */
typedef struct {
  const void *const *in;
  const void *const *params;
  void *out;
  void *scratch;
  void *cache;
  const CpacLayer *const *tail;
  guint n_tail;
  guint8 *choices;
  guint begin, end;
} CpacForward;

typedef void (*CpacForwardFunc) (const CpacLayer *layer, const CpacForward *call);

/**
 * CpacBackward:
 * @in: (array): the forward pass's inputs
 * @params: (array): its parameters
 * @dout: (channels, height, width): gradient of the loss by the layer's output
 * @din: (array): gradients by the inputs, which are added to; NULL where one is not wanted
 * @dparams: (array): gradients by the parameters, which are added to
 * @scratch: room for what the class's get_backward_scratch() asked for
 * @cache: what the forward pass left, which may be overwritten; NULL: nothing
 * @tail: (array): the forward pass's tail: @dout is then by the last one's output
 * @n_tail: how many
 * @choices: what the forward pass left there
 *
 * One call of a layer's backward arithmetic for one whole picture, in cpac_real as the forward's.
 */
typedef struct {
  const void *const *in;
  const void *const *params;
  const void *dout;
  void *const *din;
  void *const *dparams;
  void *scratch;
  void *cache;
  const CpacLayer *const *tail;
  guint n_tail;
  const guint8 *choices;
} CpacBackward;

typedef void (*CpacBackwardFunc) (const CpacLayer *layer, const CpacBackward *call);

/**
 * CpacLayerClass:
 *
 * One type of layer: a plain table of functions. Layers are immutable once they are built.
 */
struct _CpacLayerClass {
  const char *type; /* its name in the YAML */
  gsize instance_size;
  guint min_inputs, max_inputs;
  const char *const *keys; /* options beside name, type and inputs */

  /* Reads the options of @map, works out layer->out from layer->in and declares the parameters.
   * Errors carry the place in the file. */
  gboolean (*setup) (CpacLayer *layer, const CpacConfig *map, GError **error);

  /* Given which way its choices (signs, maxima) go, the output is linear in the inputs, plus at
   * most a parameter named bias: output = <input, gradient> + <bias, gradient>, exactly. */
  gboolean piecewise_linear;

  /* Slices of one picture's output; NULL: one per output row. */
  guint (*get_n_slices) (const CpacLayer *layer);
  /* Elements of scratch that a call for @n_slices slices needs; NULL: none. */
  gsize (*get_scratch) (const CpacLayer *layer, guint n_slices);
  /* Multiply-adds; NULL: none worth counting. Parameters are counted by the caller. */
  void (*count) (const CpacLayer *layer, CpacCost *cost);

  CpacForwardFunc forward_f32, forward_f64;

  /* Elements of scratch that one backward call needs; NULL: none. */
  gsize (*get_backward_scratch) (const CpacLayer *layer);
  CpacBackwardFunc backward_f32, backward_f64;
};

struct _CpacLayer {
  const CpacLayerClass *klass;
  char *name;
  guint n_inputs;
  CpacDims *in; /* (n_inputs) */
  CpacDims out;
  guint n_params;
  CpacParamSpec params[CPAC_MAX_PARAMS];
};

/* All types, NULL-terminated, in alphabetical order. */
const CpacLayerClass *const *cpac_layer_classes (void);

/* The class @map's `type` names, or NULL with an error that lists them. */
const CpacLayerClass *cpac_layer_class_from_config (const CpacConfig *map, GError **error);

/* Builds one layer on inputs of the given shapes: options, output shape and parameters are all
 * checked. (transfer full) */
CpacLayer *cpac_layer_new (const CpacConfig *map, const CpacLayerClass *klass, const char *name,
                           guint n_inputs, const CpacDims *in, GError **error);
void cpac_layer_free (CpacLayer *layer);

guint cpac_layer_get_n_slices (const CpacLayer *layer);
gsize cpac_layer_get_scratch (const CpacLayer *layer, guint n_slices);
gsize cpac_layer_get_backward_scratch (const CpacLayer *layer);
void cpac_layer_count (const CpacLayer *layer, CpacCost *cost);

/* For setup(): declares a parameter; FALSE when it would be unreasonably large. @name is static. */
gboolean cpac_layer_add_param (CpacLayer *layer, const char *name, CpacShape shape,
                               const CpacConfig *map, GError **error);

/* For setup(): an option that is one integer or a pair [vertical, horizontal]. */
gboolean cpac_layer_get_pair (const CpacConfig *map, const char *key, guint min, guint max,
                              guint pair[2], GError **error);

G_END_DECLS
