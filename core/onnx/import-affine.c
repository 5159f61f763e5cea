/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Scales and shifts of channels, y_c = s_c x_c + t_c: BatchNormalization, and arithmetic with
 * constants. They cost nothing where what is before them can do them as well.
 */

#include "core/onnx/import-private.h"

#include <math.h>
#include <string.h>

/* As a layer of its own it is a matrix of which nearly all is zero. */
#define MAX_DIAGONAL 4096
/* Of the input's scale and mean in the YAML. */
#define MIN_SCALE 1e-6
#define MAX_SCALE 1e6

typedef struct {
  guint n;
  double *scale, *shift; /* (n) */
} Affine;

static void
affine_init (Affine *affine, guint n)
{
  *affine = (Affine){ n, g_new (double, n), g_new (double, n) };
  for (guint c = 0; c < n; c++) {
    affine->scale[c] = 1;
    affine->shift[c] = 0;
  }
}

static void
affine_clear (Affine *affine)
{
  g_free (affine->scale);
  g_free (affine->shift);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Affine, affine_clear)

/* ---- Where it goes ---- */

static gboolean
has_filters (const CpacOnnxLayer *layer)
{
  const char *type = layer->shape->klass->type;

  return g_str_equal (type, "conv") || g_str_equal (type, "cpac-conv") ||
         g_str_equal (type, "linear");
}

static guint
get_bias_index (const CpacOnnxLayer *layer)
{
  return layer->shape->n_params - 1;
}

/* Into a layer whose first parameter, a or weight, goes by outputs. */
static void
fold_into_layer (CpacOnnxLayer *layer, const Affine *affine)
{
  CpacTensor *weight = layer->params[0];
  CpacTensor **bias = &layer->params[get_bias_index (layer)];
  gsize n_each = cpac_shape_count (&weight->shape) / affine->n;
  gboolean shifts = *bias != NULL;

  for (guint c = 0; c < affine->n; c++) {
    for (gsize i = 0; i < n_each; i++)
      weight->data[c * n_each + i] = (float) (affine->scale[c] * weight->data[c * n_each + i]);
    shifts = shifts || affine->shift[c] != 0;
  }
  if (shifts && *bias == NULL)
    *bias = cpac_tensor_new (CPAC_SHAPE (affine->n));
  for (guint c = 0; shifts && c < affine->n; c++)
    (*bias)->data[c] = (float) (affine->scale[c] * (*bias)->data[c] + affine->shift[c]);
}

/* s (u - mean) / scale + t = (u - (mean - t scale / s)) / (scale / s) */
static gboolean
fold_into_input (CpacInputSpec *input, const Affine *affine)
{
  double mean[3], scale[3];

  for (guint c = 0; c < affine->n; c++) {
    if (affine->scale[c] <= 0)
      return FALSE;
    scale[c] = input->scale[c] / affine->scale[c];
    mean[c] = input->mean[c] - affine->shift[c] * scale[c];
    if (!(scale[c] >= MIN_SCALE && scale[c] <= MAX_SCALE && fabs (mean[c]) <= MAX_SCALE))
      return FALSE;
  }
  memcpy (input->mean, mean, affine->n * sizeof *mean);
  memcpy (input->scale, scale, affine->n * sizeof *scale);
  return TRUE;
}

static gint
add_diagonal (CpacOnnxImport *import, const CpacOnnxValue *input, const Affine *affine,
              GError **error)
{
  gint layer;
  CpacTensor *weight, *bias;

  if (affine->n > MAX_DIAGONAL) {
    cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                      "scales %u channels with no convolution before it to take that, expected at "
                      "most %u",
                      affine->n, MAX_DIAGONAL);
    return -1;
  }
  layer = cpac_onnx_add_layer (import, NULL, "conv",
                               g_strdup_printf (", filters: %u, kernel: [1, 1]", affine->n), 1,
                               &input->layer, error);
  if (layer < 0)
    return -1;
  weight = cpac_tensor_new (CPAC_SHAPE (affine->n, affine->n, 1, 1));
  bias = cpac_tensor_new (CPAC_SHAPE (affine->n));
  for (gsize c = 0; c < affine->n; c++) {
    weight->data[c * affine->n + c] = (float) affine->scale[c];
    bias->data[c] = (float) affine->shift[c];
  }
  cpac_onnx_set_param (import, layer, 0, weight);
  cpac_onnx_set_param (import, layer, 1, bias);
  return layer;
}

static gboolean
apply (CpacOnnxImport *import, const CpacOnnxValue *input, const Affine *affine, GError **error)
{
  for (guint c = 0; c < affine->n; c++)
    if (!(fabs (affine->scale[c]) <= G_MAXFLOAT && fabs (affine->shift[c]) <= G_MAXFLOAT))
      return cpac_onnx_refuse (import, CPAC_ERROR_NUMERIC, error,
                               "scales channel %u by %g and shifts it by %g, expected finite "
                               "numbers",
                               c + 1, affine->scale[c], affine->shift[c]);
  if (input->is_sole && input->layer == CPAC_NETWORK_INPUT &&
      fold_into_input (&import->input, affine))
    return cpac_onnx_set_alias (import, input, error) != NULL;
  if (input->is_sole && input->layer != CPAC_NETWORK_INPUT) {
    CpacOnnxLayer *layer = cpac_onnx_get_layer (import, input->layer);

    if (has_filters (layer)) {
      fold_into_layer (layer, affine);
      return cpac_onnx_set_alias (import, input, error) != NULL;
    }
  }
  return cpac_onnx_set_layer (import, add_diagonal (import, input, affine, error), input->rank,
                              error);
}

/* ---- BatchNormalization: (x - mean) scale / sqrt (var + epsilon) + bias ---- */

/* Input @k, @n floats. (transfer full) */
static CpacTensor *
get_vector (CpacOnnxImport *import, guint k, guint n, GError **error)
{
  CpacTensor *vector = cpac_onnx_get_tensor (import, k, error);
  g_autofree char *text = NULL;

  if (vector == NULL || (vector->shape.n_dims == 1 && vector->shape.dims[0] == n))
    return vector;
  text = cpac_shape_to_string (&vector->shape);
  cpac_tensor_free (vector);
  cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                    "input %u: found a constant of shape %s, expected %u, one for each channel",
                    k + 1, text, n);
  return NULL;
}

gboolean
cpac_onnx_take_batch_normalization (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  CpacTensor *vectors[4] = { NULL }; /* scale, bias, mean, variance */
  float epsilon = 1e-5f, momentum;
  gint64 spatial = 1, training = 0;
  g_auto (Affine) affine = { 0 };
  gboolean ok;

  if (input == NULL || !cpac_onnx_get_float (import, "epsilon", &epsilon, error) ||
      !cpac_onnx_get_float (import, "momentum", &momentum, error) ||
      !cpac_onnx_get_int (import, "spatial", 1, 1, &spatial, error) ||
      !cpac_onnx_get_int (import, "training_mode", 0, 0, &training, error))
    return FALSE;
  affine_init (&affine, cpac_onnx_get_dims (import, input)->channels);
  for (guint k = 0; k < 4 && (k == 0 || vectors[k - 1] != NULL); k++)
    vectors[k] = get_vector (import, k + 1, affine.n, error);
  ok = vectors[3] != NULL;
  for (guint c = 0; ok && c < affine.n; c++) {
    affine.scale[c] = vectors[0]->data[c] / sqrt ((double) vectors[3]->data[c] + epsilon);
    affine.shift[c] = vectors[1]->data[c] - vectors[2]->data[c] * affine.scale[c];
  }
  for (guint k = 0; k < 4; k++)
    cpac_tensor_free (vectors[k]);
  return ok && apply (import, input, &affine, error);
}

/* ---- Arithmetic with constants ---- */

/* Whether @constant, stretched over @input as ONNX does, is one number for each channel, and where
 * it has them. @step: 0 where it is the same for all. */
static gboolean
goes_by_channel (const CpacOnnxImport *import, const CpacOnnxValue *input,
                 const CpacTensor *constant, guint *step)
{
  guint channels = cpac_onnx_get_dims (import, input)->channels;
  const CpacShape *shape = &constant->shape;

  if (shape->n_dims > input->rank)
    return FALSE;
  for (guint i = 0; i < shape->n_dims; i++) {
    guint axis = input->rank - shape->n_dims + i;

    if (shape->dims[i] != 1 && (axis != 1 || shape->dims[i] != channels))
      return FALSE;
  }
  *step = cpac_shape_count (shape) > 1 ? 1 : 0;
  return TRUE;
}

/* Input @k, a constant that goes by channels of @input. (transfer full) (n channels) */
static double *
get_numbers (CpacOnnxImport *import, guint k, const CpacOnnxValue *input, GError **error)
{
  g_autoptr (CpacTensor) constant = cpac_onnx_get_tensor (import, k, error);
  guint n = cpac_onnx_get_dims (import, input)->channels, step;
  double *numbers;

  if (constant == NULL)
    return NULL;
  if (!goes_by_channel (import, input, constant, &step)) {
    g_autofree char *text = cpac_shape_to_string (&constant->shape);

    cpac_onnx_refuse (
        import, CPAC_ERROR_SHAPE, error,
        "input %u: found a constant of shape %s, expected a number or one for each of "
        "%u channels, %s",
        k + 1, text, n, input->rank == 4 ? "Cx1x1" : "C");
    return NULL;
  }
  numbers = g_new (double, n);
  for (guint c = 0; c < n; c++)
    numbers[c] = constant->data[c * step];
  return numbers;
}

/* Of two inputs, which is the picture: 0 or 1; the other one is a constant. */
static gboolean
find_picture (const CpacOnnxImport *import, guint *k, GError **error)
{
  const CpacOnnxValue *first = cpac_onnx_get_input (import, 0, error);

  if (first == NULL)
    return FALSE;
  *k = first->kind == CPAC_ONNX_PICTURE ? 0 : 1;
  return TRUE;
}

/* scale[c] and shift[c] of the two inputs, numbers being those of the constant. */
typedef void (*Rule) (double number, gboolean picture_first, double *scale, double *shift);

static gboolean
take_arithmetic (CpacOnnxImport *import, Rule rule, GError **error)
{
  const CpacOnnxValue *input;
  g_autofree double *numbers = NULL;
  g_auto (Affine) affine = { 0 };
  guint k;

  if (!find_picture (import, &k, error) ||
      (input = cpac_onnx_get_picture (import, k, error)) == NULL ||
      (numbers = get_numbers (import, 1 - k, input, error)) == NULL)
    return FALSE;
  affine_init (&affine, cpac_onnx_get_dims (import, input)->channels);
  for (guint c = 0; c < affine.n; c++)
    rule (numbers[c], k == 0, &affine.scale[c], &affine.shift[c]);
  return apply (import, input, &affine, error);
}

static void
add_rule (double number, gboolean picture_first, double *scale, double *shift)
{
  *shift = number;
}

static void
sub_rule (double number, gboolean picture_first, double *scale, double *shift)
{
  *scale = picture_first ? 1 : -1;
  *shift = picture_first ? -number : number;
}

static void
mul_rule (double number, gboolean picture_first, double *scale, double *shift)
{
  *scale = number;
}

static void
div_rule (double number, gboolean picture_first, double *scale, double *shift)
{
  *scale = 1 / number;
}

gboolean
cpac_onnx_take_sub (CpacOnnxImport *import, GError **error)
{
  return take_arithmetic (import, sub_rule, error);
}

gboolean
cpac_onnx_take_mul (CpacOnnxImport *import, GError **error)
{
  return take_arithmetic (import, mul_rule, error);
}

gboolean
cpac_onnx_take_div (CpacOnnxImport *import, GError **error)
{
  return cpac_onnx_get_picture (import, 0, error) != NULL &&
         take_arithmetic (import, div_rule, error);
}

gboolean
cpac_onnx_is_shift (CpacOnnxImport *import)
{
  g_autoptr (CpacTensor) constant = NULL;
  const CpacOnnxValue *input;
  guint k, step;

  if (import->node->n_input != 2 || !find_picture (import, &k, NULL) ||
      (input = cpac_onnx_get_picture (import, k, NULL)) == NULL)
    return FALSE;
  constant = cpac_onnx_get_tensor (import, 1 - k, NULL);
  return constant != NULL && goes_by_channel (import, input, constant, &step);
}

gboolean
cpac_onnx_take_shift (CpacOnnxImport *import, GError **error)
{
  return take_arithmetic (import, add_rule, error);
}
