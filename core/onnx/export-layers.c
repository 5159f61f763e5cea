/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/cp/cp.h"
#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/onnx/export-private.h"

/* ---- Values ---- */

/* The name of what layer @index gives, whatever its rank. */
static const char *
get_value (const CpacOnnxExport *export, gint index)
{
  return index == CPAC_NETWORK_INPUT
             ? "input"
             : cpac_network_get_layer (export->network, (guint) index)->name;
}

static guint
get_rank (const CpacOnnxExport *export, gint index)
{
  return index == CPAC_NETWORK_INPUT ? 4 : export->ranks[index];
}

/* "conv1/bias". (transfer full) */
static char *
join (const char *name, const char *part)
{
  return g_strconcat (name, "/", part, NULL);
}

static void
add_change_of_rank (CpacOnnxExport *export, const char *from, const CpacDims *dims, guint rank,
                    const char *name)
{
  g_autofree char *shape = join (name, "shape");
  Onnx__NodeProto *node;

  if (rank == 2) {
    node = cpac_onnx_graph_add_node (export->graph, "Flatten", name, from, NULL);
    cpac_onnx_node_set_int (node, "axis", 1);
    return;
  }
  cpac_onnx_graph_add_ints (export->graph, shape, 4,
                            (gint64[]){ 1, dims->channels, dims->height, dims->width });
  cpac_onnx_graph_add_node (export->graph, "Reshape", name, from, shape, NULL);
}

/* The name of input @k of layer @index as a value with @rank dimensions, which is made where there
 * is none yet. (transfer full) */
static char *
take_input (CpacOnnxExport *export, guint index, guint k, guint rank)
{
  gint source = cpac_network_get_inputs (export->network, index)[k];
  const char *name = get_value (export, source);
  const CpacDims *dims = &cpac_network_get_layer (export->network, index)->in[k];
  char *changed;

  if (get_rank (export, source) == rank)
    return g_strdup (name);
  changed = join (name, rank == 2 ? "vector" : "planes");
  if (g_hash_table_add (export->made, g_strdup (changed)))
    add_change_of_rank (export, name, dims, rank, changed);
  return changed;
}

static const CpacTensor *
get_param (const CpacOnnxExport *export, guint index, guint param)
{
  return export->params->values[export->params->first[index] + param];
}

/* Parameter @param as a constant of its own name and shape, which is returned. (transfer full) */
static char *
add_param (CpacOnnxExport *export, guint index, guint param, guint n_dims, const gint64 *dims)
{
  const CpacLayer *layer = cpac_network_get_layer (export->network, index);
  char *name = join (layer->name, layer->params[param].name);

  cpac_onnx_graph_add_initializer (export->graph, name, n_dims, dims,
                                   get_param (export, index, param)->data);
  return name;
}

/* NULL where the layer has none. (transfer full) */
static char *
add_bias (CpacOnnxExport *export, guint index, guint param)
{
  const CpacLayer *layer = cpac_network_get_layer (export->network, index);

  return param < layer->n_params
             ? add_param (export, index, param, 1, (gint64[]){ layer->out.channels })
             : NULL;
}

/* ---- Convolutions ---- */

/* Of one axis, or, with @axes 3, of both; the other one is passed through. */
static void
set_window (Onnx__NodeProto *node, const CpacWindow *window, guint axes)
{
  gint64 size[2] = { 1, 1 }, stride[2] = { 1, 1 }, dilation[2] = { 1, 1 }, pads[4] = { 0 };

  for (guint axis = 0; axis < 2; axis++)
    if (axes & 1u << axis) {
      size[axis] = window->size[axis];
      stride[axis] = window->stride[axis];
      dilation[axis] = window->dilation[axis];
      pads[axis] = window->before[axis];
      pads[axis + 2] = window->after[axis];
    }
  cpac_onnx_node_set_ints (node, "dilations", 2, dilation);
  cpac_onnx_node_set_ints (node, "kernel_shape", 2, size);
  cpac_onnx_node_set_ints (node, "pads", 4, pads);
  cpac_onnx_node_set_ints (node, "strides", 2, stride);
}

/* @weight and @bias (nullable) are the names of constants. */
static void
add_conv (CpacOnnxExport *export, const char *output, const char *input, const char *weight,
          const char *bias, const CpacWindow *window, guint axes, guint group)
{
  Onnx__NodeProto *node =
      cpac_onnx_graph_add_node (export->graph, "Conv", output, input, weight, bias, NULL);

  cpac_onnx_node_set_int (node, "group", group);
  set_window (node, window, axes);
}

static void
write_dense_kernel (CpacOnnxExport *export, guint index, const CpacLayer *layer,
                    const CpacWindow *window, const char *weight, guint bias_param)
{
  g_autofree char *input = take_input (export, index, 0, 4);
  g_autofree char *bias = add_bias (export, index, bias_param);

  add_conv (export, layer->name, input, weight, bias, window, 3, 1);
}

static guint
write_conv (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  const CpacDenseConvLayer *conv = (const CpacDenseConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  g_autofree char *weight =
      add_param (export, index, CPAC_DENSE_WEIGHT, 4,
                 (gint64[]){ conv->filters, layer->in[0].channels, w->size[0], w->size[1] });

  write_dense_kernel (export, index, layer, w, weight, CPAC_DENSE_BIAS);
  return 4;
}

static void
write_multiplied_out (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  const guint dims[4] = { conv->filters, w->size[0], w->size[1], layer->in[0].channels };
  const float *factors[4];
  g_autoptr (CpacTensor) kernel = NULL;
  g_autofree char *weight = join (layer->name, "weight");

  for (guint m = 0; m < 4; m++)
    factors[m] = get_param (export, index, m)->data;
  kernel = cpac_cp_reconstruct (factors, dims, conv->rank);
  cpac_onnx_graph_add_initializer (
      export->graph, weight, 4,
      (gint64[]){ conv->filters, layer->in[0].channels, w->size[0], w->size[1] }, kernel->data);
  write_dense_kernel (export, index, layer, w, weight, CPAC_CONV_BIAS);
}

/* Factor @param (n, R) as R kernels of n: transposed. (transfer full) */
static char *
add_factor (CpacOnnxExport *export, guint index, guint param, const gint64 dims[4])
{
  const CpacLayer *layer = cpac_network_get_layer (export->network, index);
  const CpacTensor *factor = get_param (export, index, param);
  gsize n = factor->shape.dims[0], rank = factor->shape.dims[1];
  g_autofree float *kernels = g_new (float, n *rank);
  char *name = join (layer->name, layer->params[param].name);

  for (gsize r = 0; r < rank; r++)
    for (gsize i = 0; i < n; i++)
      kernels[r * n + i] = factor->data[i * rank + r];
  cpac_onnx_graph_add_initializer (export->graph, name, 4, dims, kernels);
  return name;
}

/* B and C as one kernel (kh, kw) for each component. (transfer full) */
static char *
add_merged_taps (CpacOnnxExport *export, guint index, const CpacConvLayer *conv)
{
  const float *b = get_param (export, index, CPAC_CONV_B)->data;
  const float *c = get_param (export, index, CPAC_CONV_C)->data;
  guint height = conv->window.size[0], width = conv->window.size[1];
  g_autofree float *kernels = g_new (float, (gsize) conv->rank *height *width);
  char *name = join (conv->layer.name, "bc");
  gsize n = 0;

  for (guint r = 0; r < conv->rank; r++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++)
        kernels[n++] = b[(gsize) y * conv->rank + r] * c[(gsize) x * conv->rank + r];
  cpac_onnx_graph_add_initializer (export->graph, name, 4,
                                   (gint64[]){ conv->rank, 1, height, width }, kernels);
  return name;
}

/* Stages (2) and (3), of @u to @z. */
static void
write_taps (CpacOnnxExport *export, guint index, const CpacConvLayer *conv, const char *u,
            const char *z)
{
  const CpacWindow *w = &conv->window;

  if (export->form == CPAC_ONNX_MERGED) {
    g_autofree char *bc = add_merged_taps (export, index, conv);

    add_conv (export, z, u, bc, NULL, w, 3, conv->rank);
  } else {
    g_autofree char *v = join (conv->layer.name, "v");
    g_autofree char *b =
        add_factor (export, index, CPAC_CONV_B, (gint64[]){ conv->rank, 1, w->size[0], 1 });
    g_autofree char *c =
        add_factor (export, index, CPAC_CONV_C, (gint64[]){ conv->rank, 1, 1, w->size[1] });

    add_conv (export, v, u, b, NULL, w, 1, conv->rank);
    add_conv (export, z, v, c, NULL, w, 2, conv->rank);
  }
}

/* Stages (1) to (4) of the layer, one convolution each, or (2) and (3) in one. */
static void
write_factored (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  const CpacConvLayer *conv = (const CpacConvLayer *) layer;
  const CpacWindow *w = &conv->window;
  gint64 rank = conv->rank, filters = conv->filters;
  g_autofree char *input = take_input (export, index, 0, 4), *bias = NULL;
  g_autofree char *u = join (layer->name, "u"), *z = join (layer->name, "z");
  g_autofree char *d =
      add_factor (export, index, CPAC_CONV_D, (gint64[]){ rank, layer->in[0].channels, 1, 1 });
  g_autofree char *a = NULL;

  add_conv (export, u, input, d, NULL, w, 0, 1);
  write_taps (export, index, conv, u, z);
  a = add_param (export, index, CPAC_CONV_A, 4, (gint64[]){ filters, rank, 1, 1 });
  bias = add_bias (export, index, CPAC_CONV_BIAS);
  add_conv (export, layer->name, z, a, bias, w, 0, 1);
}

static guint
write_cpac_conv (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  if (export->form == CPAC_ONNX_DENSE)
    write_multiplied_out (export, index, layer);
  else
    write_factored (export, index, layer);
  return 4;
}

static guint
write_linear (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  g_autofree char *input = take_input (export, index, 0, 2);
  const CpacShape *shape = &layer->params[CPAC_DENSE_WEIGHT].shape;
  g_autofree char *weight =
      add_param (export, index, CPAC_DENSE_WEIGHT, 2,
                 (gint64[]){ (gint64) shape->dims[0], (gint64) shape->dims[1] });
  g_autofree char *bias = add_bias (export, index, CPAC_DENSE_BIAS);
  Onnx__NodeProto *node =
      cpac_onnx_graph_add_node (export->graph, "Gemm", layer->name, input, weight, bias, NULL);

  cpac_onnx_node_set_int (node, "transB", 1);
  return 2;
}

/* ---- Pools ---- */

/* Runtimes do not agree on where the last window of `ceil_mode` ends. Padding does: just as much
 * as the last window needs, which is always less than a window. */
static guint
write_pool (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  CpacWindow w = ((const CpacPoolLayer *) layer)->window;
  const guint in[2] = { layer->in[0].height, layer->in[0].width };
  const guint out[2] = { layer->out.height, layer->out.width };
  g_autofree char *input = take_input (export, index, 0, 4);
  gboolean is_mean = layer->klass == &cpac_average_pool_class;
  Onnx__NodeProto *node;

  for (guint axis = 0; axis < 2; axis++) {
    gint64 reach = (gint64) (out[axis] - 1) * w.stride[axis] + w.size[axis] - w.before[axis];

    w.after[axis] = (guint) MAX (reach - in[axis], 0);
  }
  node = cpac_onnx_graph_add_node (export->graph, is_mean ? "AveragePool" : "MaxPool", layer->name,
                                   input, NULL);
  if (is_mean)
    cpac_onnx_node_set_int (node, "count_include_pad", 0);
  cpac_onnx_node_set_ints (node, "kernel_shape", 2, (gint64[]){ w.size[0], w.size[1] });
  cpac_onnx_node_set_ints (node, "pads", 4,
                           (gint64[]){ w.before[0], w.before[1], w.after[0], w.after[1] });
  cpac_onnx_node_set_ints (node, "strides", 2, (gint64[]){ w.stride[0], w.stride[1] });
  return 4;
}

static guint
write_global_average_pool (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  g_autofree char *input = take_input (export, index, 0, 4);

  cpac_onnx_graph_add_node (export->graph, "GlobalAveragePool", layer->name, input, NULL);
  return 4;
}

/* ---- The others ---- */

static guint
write_flatten (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  gint source = cpac_network_get_inputs (export->network, index)[0];
  Onnx__NodeProto *node = cpac_onnx_graph_add_node (export->graph, "Flatten", layer->name,
                                                    get_value (export, source), NULL);

  cpac_onnx_node_set_int (node, "axis", 1);
  return 2;
}

static guint
write_relu (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  gint source = cpac_network_get_inputs (export->network, index)[0];

  cpac_onnx_graph_add_node (export->graph, "Relu", layer->name, get_value (export, source), NULL);
  return get_rank (export, source);
}

/* Inputs of one rank: 2 if all of them have it. */
static guint
write_joined (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  const gint *sources = cpac_network_get_inputs (export->network, index);
  g_auto (GStrv) inputs = g_new0 (char *, layer->n_inputs + 1);
  gboolean is_concat = layer->klass == &cpac_concat_class;
  Onnx__NodeProto *node;
  guint rank = 2;

  for (guint k = 0; k < layer->n_inputs; k++)
    rank = MAX (rank, get_rank (export, sources[k]));
  for (guint k = 0; k < layer->n_inputs; k++)
    inputs[k] = take_input (export, index, k, rank);
  node = cpac_onnx_graph_add_node_v (export->graph,
                                     is_concat              ? "Concat"
                                     : layer->n_inputs == 2 ? "Add"
                                                            : "Sum",
                                     layer->name, (const char *const *) inputs);
  if (is_concat)
    cpac_onnx_node_set_int (node, "axis", 1);
  return rank;
}

static guint
write_upsample (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  g_autofree char *input = take_input (export, index, 0, 4);
  g_autofree char *size = join (layer->name, "size");
  const CpacDims *out = &layer->out;
  Onnx__NodeProto *node;

  cpac_onnx_graph_add_ints (export->graph, size, 4,
                            (gint64[]){ 1, out->channels, out->height, out->width });
  node = cpac_onnx_graph_add_node (export->graph, "Resize", layer->name, input, "", "", size, NULL);
  cpac_onnx_node_set_text (node, "coordinate_transformation_mode", "half_pixel");
  cpac_onnx_node_set_text (node, "mode", "linear");
  return 4;
}

static guint
write_template (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  const CpacDims *out = &layer->out;
  g_autofree char *weight =
      add_param (export, index, 0, 4, (gint64[]){ 1, out->channels, out->height, out->width });

  cpac_onnx_graph_add_node (export->graph, "Identity", layer->name, weight, NULL);
  return 4;
}

static guint
write_standardize (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  g_autofree char *input = take_input (export, index, 0, 4);

  cpac_onnx_write_standardize (export->graph, layer, layer->name, input);
  return 4;
}

static guint
write_local_contrast (CpacOnnxExport *export, guint index, const CpacLayer *layer)
{
  g_autofree char *input = take_input (export, index, 0, 4);

  cpac_onnx_write_local_contrast (export->graph, layer, layer->name, input);
  return 4;
}

/* Each appends the nodes of one layer and returns the rank of its value. */
static const struct {
  const CpacLayerClass *klass;
  guint (*write) (CpacOnnxExport *export, guint index, const CpacLayer *layer);
} writers[] = {
  { &cpac_add_class, write_joined },
  { &cpac_average_pool_class, write_pool },
  { &cpac_concat_class, write_joined },
  { &cpac_conv_class, write_conv },
  { &cpac_cpac_conv_class, write_cpac_conv },
  { &cpac_flatten_class, write_flatten },
  { &cpac_global_average_pool_class, write_global_average_pool },
  { &cpac_linear_class, write_linear },
  { &cpac_local_contrast_class, write_local_contrast },
  { &cpac_max_pool_class, write_pool },
  { &cpac_relu_class, write_relu },
  { &cpac_standardize_class, write_standardize },
  { &cpac_template_class, write_template },
  { &cpac_upsample_class, write_upsample },
};

void
cpac_onnx_export_layer (CpacOnnxExport *export, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (export->network, index);

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    if (writers[i].klass == layer->klass) {
      export->ranks[index] = writers[i].write (export, index, layer);
      return;
    }
  g_assert_not_reached ();
}
