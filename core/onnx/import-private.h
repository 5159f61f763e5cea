/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/onnx/import.h"
#include "core/onnx/tensor.h"

G_BEGIN_DECLS

/* Longest vector of integers that is looked at: shapes, pads, axes. */
#define CPAC_ONNX_MAX_INTS 64

typedef enum {
  CPAC_ONNX_PICTURE, /* computed from the frame by layers */
  CPAC_ONNX_TENSOR,  /* a constant of the file */
  CPAC_ONNX_INTS,    /* integers computed while importing, for shapes */
} CpacOnnxKind;

/**
 * CpacOnnxValue:
 * @name: in the file
 * @is_sole: exactly one input reads it, and nothing else what it stands for
 * @layer: the layer that gives it, or CPAC_NETWORK_INPUT; of a constant: the layer that it became
 *   where it is planes to others, or that number as long as there is none
 * @rank: 4: (1, C, H, W); 2: (1, C), a vector, which has height and width 1
 * @pads: zeros about it that a convolution is to take along: top, left, bottom, right
 * @ended: the Softmax at the end that was left out, or NULL
 * @tensor: of a constant
 * @ints: of integers (element-type gint64)
 * @is_scalar: a number, not a vector of one
 * @is_float: the integers were cast to a type of floats, and are whole numbers still
 */
typedef struct {
  CpacOnnxKind kind;
  const char *name;
  gboolean is_sole;
  gint layer;
  guint rank;
  guint pads[4];
  const Onnx__NodeProto *ended;
  const Onnx__TensorProto *tensor;
  GArray *ints;
  gboolean is_scalar, is_float;
} CpacOnnxValue;

/**
 * CpacOnnxLayer:
 * @options: as they stand in the YAML, ", filters: 8", without bias
 * @shape: class, shapes and parameters, with a bias where the class has one
 * @inputs: (n_inputs): layers
 * @params: in the order of @shape's; the bias, always the last, may be NULL
 */
typedef struct {
  char *name;
  char *options;
  CpacLayer *shape;
  gint *inputs;
  CpacTensor *params[CPAC_MAX_PARAMS];
} CpacOnnxLayer;

/**
 * CpacOnnxImport:
 * @opset: version of the operators
 * @values: name -> CpacOnnxValue
 * @n_readers: name -> how many inputs (and outputs of the graph) read it
 * @reader: name -> index of the last node that does, plus 1
 * @is_done: (n_node): nothing needs the node, or it was taken along with another
 * @node: the one that is being read; NULL: none
 * @input: size and normalisation
 * @dims: of the input
 * @output: name of the value that is the network's
 * @layers: (element-type CpacOnnxLayer)
 * @names: of layers, taken
 * @notes: see CpacOnnxImported
 * @made: (element-type Onnx__TensorProto): tensors of constants that the file gives as numbers
 */
typedef struct {
  CpacOnnxSource source;
  const CpacOnnxOptions *options;
  Onnx__ModelProto *file;
  const Onnx__GraphProto *graph;
  gint64 opset;
  GHashTable *values, *n_readers, *reader;
  gboolean *is_done;
  const Onnx__NodeProto *node;
  gsize index;
  CpacInputSpec input;
  CpacDims dims;
  const char *output;
  GPtrArray *layers;
  GHashTable *names;
  guint64 n_parameters;
  GPtrArray *notes;
  GPtrArray *made;
} CpacOnnxImport;

/* ---- import-node.c: the node that is being read ---- */

/* Sets "FILE: node "NAME" (OP): ..."; FALSE always. */
gboolean cpac_onnx_refuse (const CpacOnnxImport *import, CpacError code, GError **error,
                           const char *format, ...) G_GNUC_PRINTF (4, 5);
/* Its name, or that of its first output where it has none. */
const char *cpac_onnx_node_get_name (const Onnx__NodeProto *node);

/* Refuses attributes that are not among @known (NULL-terminated). */
gboolean
cpac_onnx_check_attributes (const CpacOnnxImport *import, const char *const *known, GError **error);
gboolean cpac_onnx_has_attribute (const CpacOnnxImport *import, const char *name);
/* Attributes of a type; where there is none, @value keeps the default that the caller put there. */
gboolean cpac_onnx_get_int (const CpacOnnxImport *import, const char *name, gint64 min, gint64 max,
                            gint64 *value, GError **error);
gboolean
cpac_onnx_get_float (const CpacOnnxImport *import, const char *name, float *value, GError **error);
/* Exactly @n integers. */
gboolean cpac_onnx_get_ints (const CpacOnnxImport *import, const char *name, guint n, gint64 min,
                             gint64 max, gint64 *values, GError **error);
/* Index in @choices (NULL-terminated). */
gboolean cpac_onnx_get_choice (const CpacOnnxImport *import, const char *name,
                               const char *const *choices, guint *index, GError **error);
/* Any number of integers, or, where there is no such attribute, those of input @input. @list: (out)
 * (transfer full) (element-type gint64): NULL where there is neither. */
gboolean cpac_onnx_get_list (const CpacOnnxImport *import, const char *name, guint input,
                             GArray **list, GError **error);

/* ---- import-values.c: what has a name ---- */

/* No values yet. (transfer full) */
GHashTable *cpac_onnx_values_new (void);
/* Counts who reads what, and marks what the output does not need. */
void cpac_onnx_find_readers (CpacOnnxImport *import);

/* Input @k of the node has a name, so that something is to be read. */
gboolean cpac_onnx_has_input (const CpacOnnxImport *import, guint k);
/* What input @k is: never NULL without an error. */
const CpacOnnxValue *cpac_onnx_get_input (const CpacOnnxImport *import, guint k, GError **error);
/* The same of a picture that nothing special is the matter with. */
const CpacOnnxValue *cpac_onnx_get_picture (const CpacOnnxImport *import, guint k, GError **error);
/* A picture with four dimensions. */
const CpacOnnxValue *cpac_onnx_get_planes (const CpacOnnxImport *import, guint k, GError **error);
/* The floats of input @k, a constant. (transfer full) */
CpacTensor *cpac_onnx_get_tensor (const CpacOnnxImport *import, guint k, GError **error);
/* The integers of input @k, not those that were cast to floats. (transfer full)
 * (element-type gint64) */
GArray *cpac_onnx_get_input_ints (const CpacOnnxImport *import, guint k, GError **error);

/* There are zeros about it that were to be taken along. */
gboolean cpac_onnx_is_padded (const CpacOnnxValue *value);
gboolean cpac_onnx_value_is_int (const CpacOnnxValue *value);
/* Shape of a picture. */
const CpacDims *cpac_onnx_get_dims (const CpacOnnxImport *import, const CpacOnnxValue *value);

/* A new value of that name and kind. (transfer none) NULL: an error: there is one already */
CpacOnnxValue *
cpac_onnx_add_value (CpacOnnxImport *import, const char *name, CpacOnnxKind kind, GError **error);
/* The frame, under the name that the file gives it. */
gboolean cpac_onnx_set_frame (CpacOnnxImport *import, const char *name, GError **error);
/* The node's first output becomes what @layer gives; -1, an error already, fails. */
gboolean cpac_onnx_set_layer (CpacOnnxImport *import, gint layer, guint rank, GError **error);
/* The same as @value, with another name. (transfer none) NULL: an error */
CpacOnnxValue *
cpac_onnx_set_alias (CpacOnnxImport *import, const CpacOnnxValue *value, GError **error);
/* Integers; @ints is (transfer full). */
gboolean
cpac_onnx_set_ints (CpacOnnxImport *import, GArray *ints, gboolean is_scalar, GError **error);
/* The same as floats. CPAC_ERROR_NUMERIC for one that a float does not hold exactly. */
gboolean cpac_onnx_set_whole_floats (CpacOnnxImport *import, GArray *ints, gboolean is_scalar,
                                     GError **error);

/* import-constants.c: initializers, and the nodes that are nothing but constants, which are done.
 */
gboolean cpac_onnx_add_constants (CpacOnnxImport *import, GError **error);

/* ---- import-layers.c: the network that is being made ---- */

CpacOnnxLayer *cpac_onnx_get_layer (const CpacOnnxImport *import, gint index);
/* Adds a layer of @type with @options (transfer full) on the layers @inputs (n_inputs), named after
 * @name, or NULL: after the node. Its shape is that of the YAML's rules, and what these refuse is
 * refused. Returns its index, -1 with an error. Its parameters are still to be put in. */
gint cpac_onnx_add_layer (CpacOnnxImport *import, const char *name, const char *type, char *options,
                          guint n_inputs, const gint *inputs, GError **error);
/* Parameter @param of layer @index, which must have the shape the layer says but for the number of
 * its dimensions. @tensor is (transfer full). */
void cpac_onnx_set_param (CpacOnnxImport *import, gint index, guint param, CpacTensor *tensor);
void cpac_onnx_layer_free (CpacOnnxLayer *layer);
/* A constant as planes: a layer of its own, named after @name. -1: an error */
gint cpac_onnx_add_template (CpacOnnxImport *import, const char *name, const CpacTensor *tensor,
                             GError **error);

/* ---- operators ---- */

typedef gboolean (*CpacOnnxTake) (CpacOnnxImport *import, GError **error);

/* import-operators.c: takes the node by what its operator says. */
gboolean cpac_onnx_take_node (CpacOnnxImport *import, GError **error);

/* import-sequence.c: whether the nodes from this one on are those that the exporter writes for a
 * layer; then it is added and the nodes are done. FALSE without an error: they are not. */
gboolean cpac_onnx_take_sequence (CpacOnnxImport *import, GError **error);

/* import-shape-arithmetic.c: whether all that the node reads are shapes; then its result is one. */
gboolean cpac_onnx_is_shape_arithmetic (const CpacOnnxImport *import);
gboolean cpac_onnx_take_shape_arithmetic (CpacOnnxImport *import, GError **error);
/* import-shapes.c */
gboolean cpac_onnx_take_flatten (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_reshape (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_squeeze (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_unsqueeze (CpacOnnxImport *import, GError **error);
/* @axis of a value of @rank dimensions, counted from the end where it is negative. */
gboolean cpac_onnx_resolve_axis (const CpacOnnxImport *import, gint64 axis, guint rank,
                                 guint *result, GError **error);

/* import-affine.c: scales and shifts of channels. */

gboolean cpac_onnx_take_batch_normalization (CpacOnnxImport *import, GError **error);

gboolean cpac_onnx_take_sub (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_mul (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_div (CpacOnnxImport *import, GError **error);
/* Whether the node adds a constant that has a number for each channel, or one for all. */
gboolean cpac_onnx_is_shift (CpacOnnxImport *import);
gboolean cpac_onnx_take_shift (CpacOnnxImport *import, GError **error);

/* import-join.c */
gboolean cpac_onnx_take_add (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_concat (CpacOnnxImport *import, GError **error);

/* Whether @axes (nullable), of four dimensions, are those of height and width. */
gboolean cpac_onnx_are_of_plane (const GArray *axes);

/* import-conv.c */
extern const char *const cpac_onnx_conv_attributes[];
gboolean cpac_onnx_take_conv (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_pad (CpacOnnxImport *import, GError **error);

/**
 * CpacOnnxWindow:
 *
 * Index 0 is vertical, 1 horizontal; @pads: top, left, bottom, right, whatever the file calls them.
 */
typedef struct {
  guint size[2], stride[2], dilation[2], pads[4];
} CpacOnnxWindow;

/* Reads strides, dilations, pads or auto_pad of a window of the size that is set, over a picture of
 * @in. */
gboolean cpac_onnx_read_window (const CpacOnnxImport *import, const CpacDims *in,
                                CpacOnnxWindow *window, GError **error);
/* Appends them as YAML, where they are not the default. */
void cpac_onnx_append_window (const CpacOnnxWindow *window, gboolean is_pool, GString *options);

/**
 * CpacOnnxConv:
 * @weight: of four dimensions, @dims: (N, C / group, kh, kw)
 * @bias: name; NULL: none
 * @out: shape of what it gives
 */
typedef struct {
  const Onnx__TensorProto *weight;
  const char *weight_name, *bias;
  guint dims[4];
  guint group;
  CpacOnnxWindow window;
  CpacDims out;
} CpacOnnxConv;

/* Reads the node, a Conv on planes of @in; @pads: zeros that are about them already. */
gboolean cpac_onnx_read_conv (CpacOnnxImport *import, const CpacDims *in, const guint pads[4],
                              CpacOnnxConv *conv, GError **error);

/* import-chain.c: whether a cpac-conv begins with @first, which reads @input; then it is added and
 * the nodes are done. FALSE without an error: it does not. */
gboolean cpac_onnx_take_chain (CpacOnnxImport *import, const CpacOnnxConv *first,
                               const CpacOnnxValue *input, GError **error);

/* import-pool.c */
gboolean cpac_onnx_take_pool (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_global_pool (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_reduce_mean (CpacOnnxImport *import, GError **error);
gboolean cpac_onnx_take_resize (CpacOnnxImport *import, GError **error);

/* import-input.c: finds the input, its size and normalisation. NULL: an error */
const Onnx__ValueInfoProto *cpac_onnx_read_input (CpacOnnxImport *import, GError **error);
/* Names of @infos (n) with commas between them, for errors. (transfer full) */
char *cpac_onnx_list_names (Onnx__ValueInfoProto **infos, gsize n);
/* What the metadata says under @key; NULL: nothing. */
const char *cpac_onnx_find_property (const CpacOnnxImport *import, const char *key);
/* The same, a section of a model, with its text. @map: (out) (transfer full): NULL: nothing. */
gboolean cpac_onnx_parse_property (const CpacOnnxImport *import, const char *key, CpacConfig **map,
                                   const char **text, GError **error);

/* import-text.c: what was made of it all. */
CpacOnnxImported *cpac_onnx_import_finish (CpacOnnxImport *import, GError **error);
void cpac_onnx_add_note (CpacOnnxImport *import, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
