/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A cpac-conv as others write it: its four stages as convolutions one behind the other,
 *
 *   1x1 (d), depthwise k x 1 (b), depthwise 1 x k (c), 1x1 (a) with a bias,
 *
 * the two in the middle in any order, or in one, k x k, whose kernels are of rank one.
 */

#include "core/onnx/import-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_STAGES 4

typedef struct {
  CpacOnnxConv convs[MAX_STAGES];
  gsize nodes[MAX_STAGES];
  guint n;
} Chain;

/* Index of the one node that reads @name; FALSE where there are others, or the graph's output. */
static gboolean
find_only_reader (const CpacOnnxImport *import, const char *name, gsize *index)
{
  gsize reader = GPOINTER_TO_SIZE (g_hash_table_lookup (import->reader, name));

  if (reader == 0 || GPOINTER_TO_UINT (g_hash_table_lookup (import->n_readers, name)) != 1)
    return FALSE;
  *index = reader - 1;
  return TRUE;
}

static gboolean
is_conv_of (const Onnx__NodeProto *node, const char *input)
{
  return g_strcmp0 (node->op_type, "Conv") == 0 && node->n_input >= 2 && node->n_input <= 3 &&
         node->n_output == 1 && g_str_equal (node->input[0], input) &&
         (node->domain == NULL || *node->domain == '\0');
}

/* Reads node @index as the next convolution; whatever is the matter with it, it is then no part of
 * a chain, and is looked at again for itself. */
static gboolean
read_next (CpacOnnxImport *import, gsize index, Chain *chain)
{
  const guint no_pads[4] = { 0 };
  const Onnx__NodeProto *current = import->node;
  gboolean ok;

  import->node = import->graph->node[index];
  ok = cpac_onnx_check_attributes (import, cpac_onnx_conv_attributes, NULL) &&
       cpac_onnx_read_conv (import, &chain->convs[chain->n - 1].out, no_pads,
                            &chain->convs[chain->n], NULL);
  import->node = current;
  if (ok)
    chain->nodes[chain->n++] = index;
  return ok;
}

/* Follows the convolutions that hang on one another, up to four. */
static void
follow (CpacOnnxImport *import, const CpacOnnxConv *first, Chain *chain)
{
  chain->convs[0] = *first;
  chain->nodes[0] = import->index;
  chain->n = 1;
  while (chain->n < MAX_STAGES) {
    const Onnx__NodeProto *last = import->graph->node[chain->nodes[chain->n - 1]];
    gsize index;

    if (last->n_output != 1 || !find_only_reader (import, last->output[0], &index) ||
        !is_conv_of (import->graph->node[index], last->output[0]) ||
        !read_next (import, index, chain))
      return;
  }
}

/* Nothing along @axis: one tap on every pixel. */
static gboolean
passes (const CpacOnnxConv *conv, guint axis)
{
  const CpacOnnxWindow *w = &conv->window;

  return w->size[axis] == 1 && w->stride[axis] == 1 && w->pads[axis] == 0 && w->pads[axis + 2] == 0;
}

static gboolean
is_pointwise (const CpacOnnxConv *conv)
{
  return conv->group == 1 && passes (conv, 0) && passes (conv, 1);
}

static gboolean
is_depthwise (const CpacOnnxConv *conv)
{
  return conv->group == conv->dims[0] && conv->dims[1] == 1;
}

/* A bias between the stages is none if it is zero. */
static gboolean
has_no_bias (CpacOnnxImport *import, const CpacOnnxConv *conv)
{
  const CpacOnnxValue *value =
      conv->bias != NULL ? g_hash_table_lookup (import->values, conv->bias) : NULL;
  g_autoptr (CpacTensor) bias = NULL;

  if (conv->bias == NULL)
    return TRUE;
  if (value == NULL || value->kind != CPAC_ONNX_TENSOR)
    return FALSE;
  bias = cpac_onnx_tensor_read (&import->source, value->tensor, value->name, NULL);
  for (gsize i = 0; bias != NULL && i < cpac_shape_count (&bias->shape); i++)
    if (bias->data[i] != 0)
      return FALSE;
  return bias != NULL;
}

/* Whether the first @n convolutions are one cpac-conv as to their shapes; @vertical and
 * @horizontal receive the stages that have the taps, one and the same where n is 3. */
static gboolean
is_chain (CpacOnnxImport *import, const Chain *chain, guint n, guint *vertical, guint *horizontal)
{
  const CpacOnnxConv *convs = chain->convs;

  if (chain->n < n || !is_pointwise (&convs[0]) || !is_pointwise (&convs[n - 1]))
    return FALSE;
  for (guint i = 1; i + 1 < n; i++)
    if (!is_depthwise (&convs[i]))
      return FALSE;
  for (guint i = 0; i + 1 < n; i++)
    if (!has_no_bias (import, &convs[i]))
      return FALSE;
  *vertical = *horizontal = 1;
  if (n == 3)
    return TRUE;
  *vertical = passes (&convs[1], 1) && passes (&convs[2], 0) ? 1 : 2;
  *horizontal = 3 - *vertical;
  return passes (&convs[*vertical], 1) && passes (&convs[*horizontal], 0);
}

/* ---- Factors ---- */

static CpacTensor *
read_weight (const CpacOnnxImport *import, const CpacOnnxConv *conv, GError **error)
{
  return cpac_onnx_tensor_read (&import->source, conv->weight, conv->weight_name, error);
}

/* R kernels of n as a factor (n, R): transposed. (transfer full) */
static CpacTensor *
make_factor (const CpacTensor *kernels, gsize n, gsize rank)
{
  CpacTensor *factor = cpac_tensor_new (CPAC_SHAPE (n, rank));

  for (gsize i = 0; i < n; i++)
    for (gsize r = 0; r < rank; r++)
      factor->data[i * rank + r] = kernels->data[r * n + i];
  return factor;
}

/* Column @b and row @c of the @kernel (kh, kw), which is their product up to the rounding of its
 * entries. FALSE where there are none. */
static gboolean
split_kernel (const float *kernel, guint kh, guint kw, float *b, float *c)
{
  gsize best = 0;

  for (gsize i = 0; i < (gsize) kh * kw; i++)
    if (fabsf (kernel[i]) > fabsf (kernel[best]))
      best = i;
  for (guint y = 0; y < kh; y++)
    b[y] = kernel[(gsize) y * kw + best % kw];
  for (guint x = 0; x < kw; x++)
    c[x] = kernel[best] != 0 ? kernel[best / kw * kw + x] / kernel[best] : 0;
  /* Each entry was rounded once, b, c and their product are again. */
  for (guint y = 0; y < kh; y++)
    for (guint x = 0; x < kw; x++)
      if (fabs ((double) b[y] * c[x] - kernel[(gsize) y * kw + x]) >
          4 * FLT_EPSILON * fabs ((double) kernel[best]))
        return FALSE;
  return TRUE;
}

/* @b (R, kh) and @c (R, kw) of one depthwise convolution's kernels. */
static gboolean
split_kernels (const CpacTensor *kernels, const CpacOnnxConv *conv, CpacTensor **b, CpacTensor **c)
{
  gsize rank = conv->dims[0], kh = conv->dims[2], kw = conv->dims[3];

  *b = cpac_tensor_new (CPAC_SHAPE (rank, kh));
  *c = cpac_tensor_new (CPAC_SHAPE (rank, kw));
  for (gsize r = 0; r < rank; r++)
    if (!split_kernel (kernels->data + r * kh * kw, (guint) kh, (guint) kw, (*b)->data + r * kh,
                       (*c)->data + r * kw))
      return FALSE;
  return TRUE;
}

/* @factors: a, b, c, d and, where the last stage has one, the bias. FALSE without an error: kernels
 * are not of rank one. */
static gboolean
read_factors (CpacOnnxImport *import, const Chain *chain, guint n, guint vertical, guint horizontal,
              CpacTensor *factors[CPAC_MAX_PARAMS], GError **error)
{
  const CpacOnnxConv *first = &chain->convs[0], *last = &chain->convs[n - 1];
  const CpacOnnxConv *v = &chain->convs[vertical], *h = &chain->convs[horizontal];
  gsize rank = first->dims[0];
  g_autoptr (CpacTensor) d = read_weight (import, first, error);
  g_autoptr (CpacTensor) rows = d != NULL ? read_weight (import, v, error) : NULL;
  g_autoptr (CpacTensor) columns = NULL;

  if (rows == NULL)
    return FALSE;
  if (n == 3) {
    g_autoptr (CpacTensor) kernels = g_steal_pointer (&rows);

    if (!split_kernels (kernels, v, &rows, &columns))
      return FALSE;
  } else if ((columns = read_weight (import, h, error)) == NULL) {
    return FALSE;
  }
  factors[0] = read_weight (import, last, error);
  if (factors[0] == NULL)
    return FALSE;
  factors[1] = make_factor (rows, v->dims[2], rank);
  factors[2] = make_factor (columns, h->dims[3], rank);
  factors[3] = make_factor (d, first->dims[1], rank);
  return TRUE;
}

/* ---- The layer ---- */

static gboolean
read_bias (CpacOnnxImport *import, const CpacOnnxConv *last, CpacTensor **bias, GError **error)
{
  const CpacOnnxValue *value =
      last->bias != NULL ? g_hash_table_lookup (import->values, last->bias) : NULL;

  if (last->bias == NULL)
    return TRUE;
  if (value == NULL || value->kind != CPAC_ONNX_TENSOR)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "the bias behind it is no constant, as was expected");
  *bias = cpac_onnx_tensor_read (&import->source, value->tensor, value->name, error);
  if (*bias == NULL || ((*bias)->shape.n_dims == 1 && (*bias)->shape.dims[0] == last->dims[0]))
    return *bias != NULL;
  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "the bias behind it is not of %u values, as was expected",
                           last->dims[0]);
}

static gint
add_layer (CpacOnnxImport *import, const Chain *chain, guint n, guint vertical, guint horizontal,
           gint input, const guint pads[4], GError **error)
{
  const CpacOnnxConv *v = &chain->convs[vertical], *h = &chain->convs[horizontal];
  const Onnx__NodeProto *last = import->graph->node[chain->nodes[n - 1]];
  CpacOnnxWindow window = v->window;
  GString *options = g_string_new (NULL);

  window.size[1] = h->window.size[1];
  window.stride[1] = h->window.stride[1];
  window.dilation[1] = h->window.dilation[1];
  window.pads[1] = h->window.pads[1];
  window.pads[3] = h->window.pads[3];
  for (guint i = 0; i < 4; i++)
    window.pads[i] += pads[i];
  g_string_append_printf (options, ", filters: %u, rank: %u", chain->convs[n - 1].dims[0],
                          chain->convs[0].dims[0]);
  cpac_onnx_append_window (&window, FALSE, options);
  return cpac_onnx_add_layer (import, cpac_onnx_node_get_name (last), "cpac-conv",
                              g_string_free (options, FALSE), 1, &input, error);
}

/* All but the first node, which is being read, are done; what the last gives is the layer's. */
static gboolean
finish (CpacOnnxImport *import, const Chain *chain, guint n, gint layer, GError **error)
{
  for (guint i = 1; i < n; i++)
    import->is_done[chain->nodes[i]] = TRUE;
  import->node = import->graph->node[chain->nodes[n - 1]];
  return cpac_onnx_set_layer (import, layer, 4, error);
}

static gboolean
take (CpacOnnxImport *import, const Chain *chain, guint n, const CpacOnnxValue *input,
      GError **error)
{
  CpacTensor *factors[CPAC_MAX_PARAMS] = { NULL };
  guint vertical, horizontal;
  gint layer = -1;

  if (!is_chain (import, chain, n, &vertical, &horizontal))
    return FALSE;
  if (read_factors (import, chain, n, vertical, horizontal, factors, error) &&
      read_bias (import, &chain->convs[n - 1], &factors[4], error))
    layer = add_layer (import, chain, n, vertical, horizontal, input->layer, input->pads, error);
  for (guint p = 0; p < CPAC_MAX_PARAMS; p++)
    if (layer >= 0 && factors[p] != NULL)
      cpac_onnx_set_param (import, layer, p, factors[p]);
    else
      cpac_tensor_free (factors[p]);
  return layer >= 0 && finish (import, chain, n, layer, error);
}

gboolean
cpac_onnx_take_chain (CpacOnnxImport *import, const CpacOnnxConv *first, const CpacOnnxValue *input,
                      GError **error)
{
  CpacOnnxConv own = *first;
  GError *reason = NULL;
  Chain chain;

  /* Zeros about the picture pad the taps: 1x1 of zero is zero. */
  for (guint i = 0; i < 4; i++)
    own.window.pads[i] -= input->pads[i];
  if (!is_pointwise (&own))
    return FALSE;
  follow (import, &own, &chain);
  for (guint n = MAX_STAGES; n >= 3; n--) {
    if (take (import, &chain, n, input, &reason))
      return TRUE;
    if (reason != NULL) {
      g_propagate_error (error, reason);
      return FALSE;
    }
  }
  return FALSE;
}
