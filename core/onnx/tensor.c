/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/tensor.h"

#include <string.h>

#include "core/tensor/half.h"

/* Where the values of a tensor are. */
typedef struct {
  const guint8 *raw; /* little-endian; NULL: in the typed field */
  guint8 *owned;     /* freed with this */
} Values;

static void
values_clear (Values *values)
{
  g_free (values->owned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static gboolean
    G_GNUC_PRINTF (5, 6) refuse (const CpacOnnxSource *source, const char *name, CpacError code,
                                 GError **error, const char *format, ...)
{
  g_autofree char *tensor = cpac_onnx_excerpt (name), *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, CPAC_ERROR, code, "%s: tensor \"%s\": %s", source->file, tensor, message);
  return FALSE;
}

gboolean
cpac_onnx_tensor_get_shape (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                            const char *name, CpacShape *shape, GError **error)
{
  gsize n_bytes;

  if (tensor->n_dims > CPAC_MAX_DIMS)
    return refuse (source, name, CPAC_ERROR_SHAPE, error,
                   "found %" G_GSIZE_FORMAT " dimensions, expected at most %u",
                   (gsize) tensor->n_dims, CPAC_MAX_DIMS);
  shape->n_dims = (guint) tensor->n_dims;
  for (guint i = 0; i < shape->n_dims; i++) {
    if (tensor->dims[i] < 0)
      return refuse (source, name, CPAC_ERROR_SHAPE, error,
                     "found %" G_GINT64_FORMAT " as dimension %u, expected 0 or more",
                     (gint64) tensor->dims[i], i + 1);
    shape->dims[i] = (gsize) tensor->dims[i];
  }
  if (!cpac_shape_checked (shape, sizeof (gint64), &n_bytes))
    return refuse (source, name, CPAC_ERROR_SHAPE, error,
                   "found a shape of more values than memory can hold");
  return TRUE;
}

/* ---- Where the values are ---- */

static gboolean
check_count (const CpacOnnxSource *source, const char *name, const CpacShape *shape,
             const char *what, gsize found, gsize expected, GError **error)
{
  g_autofree char *text = NULL;

  if (found == expected)
    return TRUE;
  text = cpac_shape_to_string (shape);
  return refuse (source, name, CPAC_ERROR_SHAPE, error,
                 "found %" G_GSIZE_FORMAT " %s, expected %" G_GSIZE_FORMAT " for shape %s", found,
                 what, expected, text);
}

/* Finds the values, of @size bytes each and otherwise @n_typed of them in the typed field, and
 * checks that they are as many as @shape says. */
static gboolean
locate (const CpacOnnxSource *source, const Onnx__TensorProto *tensor, const char *name,
        const CpacShape *shape, gsize size, gsize n_typed, Values *values, GError **error)
{
  gsize n = cpac_shape_count (shape);

  if (tensor->segment != NULL)
    return refuse (source, name, CPAC_ERROR_SCHEMA, error,
                   "found one segment of a larger tensor, expected a whole one");
  if (tensor->has_data_location &&
      tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
    values->raw = values->owned = cpac_onnx_external_read (source, tensor, name, n * size, error);
    return values->raw != NULL;
  }
  if (n_typed > 0)
    return check_count (source, name, shape, "values", n_typed, n, error);
  values->raw = tensor->raw_data.data != NULL ? tensor->raw_data.data : (const guint8 *) "";
  return check_count (source, name, shape, "bytes", tensor->raw_data.len, n * size, error);
}

/* ---- Floats ---- */

static guint32
read_bits (const Onnx__TensorProto *tensor, const Values *values, gsize index)
{
  gboolean is_half = tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16;
  guint32 bits;
  guint16 half;

  if (values->raw == NULL && is_half)
    return cpac_half_widen ((guint16) tensor->int32_data[index]);
  if (values->raw == NULL) {
    memcpy (&bits, &tensor->float_data[index], sizeof bits);
    return bits;
  }
  if (is_half) {
    memcpy (&half, values->raw + 2 * index, sizeof half);
    return cpac_half_widen (GUINT16_FROM_LE (half));
  }
  memcpy (&bits, values->raw + 4 * index, sizeof bits);
  return GUINT32_FROM_LE (bits);
}

CpacTensor *
cpac_onnx_tensor_read (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                       const char *name, GError **error)
{
  gboolean is_half = tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16;
  g_auto (Values) values = { NULL, NULL };
  g_autoptr (CpacTensor) result = NULL;
  CpacShape shape;

  if (!cpac_onnx_tensor_get_shape (source, tensor, name, &shape, error))
    return NULL;
  if (!is_half && tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) {
    refuse (source, name, CPAC_ERROR_SCHEMA, error,
            "found elements of type %d, expected 1 (FLOAT) or 10 (FLOAT16)", tensor->data_type);
    return NULL;
  }
  if (!locate (source, tensor, name, &shape, is_half ? 2 : 4,
               is_half ? tensor->n_int32_data : tensor->n_float_data, &values, error))
    return NULL;
  result = cpac_tensor_new (shape);
  for (gsize i = 0; i < cpac_shape_count (&shape); i++) {
    guint32 bits = read_bits (tensor, &values, i);

    if ((bits & 0x7f800000) == 0x7f800000) {
      refuse (source, name, CPAC_ERROR_NUMERIC, error,
              "found %s as element %" G_GSIZE_FORMAT ", expected finite numbers",
              bits & 0x7fffff ? "not-a-number" : "infinity", i);
      return NULL;
    }
    memcpy (&result->data[i], &bits, sizeof bits);
  }
  return g_steal_pointer (&result);
}

/* ---- Integers ---- */

gboolean
cpac_onnx_tensor_is_int (const Onnx__TensorProto *tensor)
{
  return tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 ||
         tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
}

static gint64
read_int (const Onnx__TensorProto *tensor, const Values *values, gsize index)
{
  gint64 wide;
  gint32 narrow;

  if (tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64) {
    if (values->raw == NULL)
      return tensor->int64_data[index];
    memcpy (&wide, values->raw + 8 * index, sizeof wide);
    return GINT64_FROM_LE (wide);
  }
  if (values->raw == NULL)
    return tensor->int32_data[index];
  memcpy (&narrow, values->raw + 4 * index, sizeof narrow);
  return GINT32_FROM_LE (narrow);
}

GArray *
cpac_onnx_tensor_read_ints (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                            const char *name, guint max, GError **error)
{
  gboolean is_wide = tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
  g_auto (Values) values = { NULL, NULL };
  GArray *result;
  CpacShape shape;

  if (!cpac_onnx_tensor_get_shape (source, tensor, name, &shape, error))
    return NULL;
  if (!cpac_onnx_tensor_is_int (tensor) || shape.n_dims > 1 || cpac_shape_count (&shape) > max) {
    g_autofree char *text = cpac_shape_to_string (&shape);

    refuse (source, name, CPAC_ERROR_SCHEMA, error,
            "found elements of type %d in shape %s, expected a number or at most %u of them of "
            "type 7 (INT64)",
            tensor->data_type, text, max);
    return NULL;
  }
  if (!locate (source, tensor, name, &shape, is_wide ? 8 : 4,
               is_wide ? tensor->n_int64_data : tensor->n_int32_data, &values, error))
    return NULL;
  result = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (gsize i = 0; i < cpac_shape_count (&shape); i++) {
    gint64 value = read_int (tensor, &values, i);

    g_array_append_val (result, value);
  }
  return result;
}
