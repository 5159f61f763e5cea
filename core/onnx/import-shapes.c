/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nodes that give the same numbers another shape. */

#include "core/onnx/import-private.h"

#include <string.h>

gboolean
cpac_onnx_resolve_axis (const CpacOnnxImport *import, gint64 axis, guint rank, guint *result,
                        GError **error)
{
  if (axis < -(gint64) rank || axis >= (gint64) rank)
    return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                             "axis: found %" G_GINT64_FORMAT ", expected -%u to %u", axis, rank,
                             rank - 1);
  *result = (guint) (axis < 0 ? axis + rank : axis);
  return TRUE;
}

/* The same numbers under another rank. */
static gboolean
set_rank (CpacOnnxImport *import, const CpacOnnxValue *input, guint rank, GError **error)
{
  CpacOnnxValue *alias = cpac_onnx_set_alias (import, input, error);

  if (alias != NULL)
    alias->rank = rank;
  return alias != NULL;
}

/* The picture becomes a vector: a layer, unless it is one already. */
static gboolean
flatten (CpacOnnxImport *import, const CpacOnnxValue *input, guint rank, GError **error)
{
  if (input->rank == 2)
    return set_rank (import, input, rank, error);
  return cpac_onnx_set_layer (
      import, cpac_onnx_add_layer (import, NULL, "flatten", g_strdup (""), 1, &input->layer, error),
      rank, error);
}

gboolean
cpac_onnx_take_flatten (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  gint64 axis = 1;

  if (input == NULL || !cpac_onnx_get_int (import, "axis", -4, 4, &axis, error))
    return FALSE;
  if (axis == 1 || axis == 1 - (gint64) input->rank)
    return flatten (import, input, 2, error);
  return cpac_onnx_refuse (import, CPAC_ERROR_SCHEMA, error,
                           "attribute axis: found %" G_GINT64_FORMAT ", expected 1: pictures are "
                           "looked at one by one",
                           axis);
}

/* What @wanted, with its 0 (as it was) and -1 (what is left), comes to. FALSE: nothing. */
static gboolean
resolve_shape (const GArray *wanted, const gint64 *from, guint n_from, gboolean keep_zero,
               gint64 *shape)
{
  gint64 total = 1, known = 1;
  gint open = -1;

  for (guint i = 0; i < n_from; i++)
    total *= from[i];
  for (guint i = 0; i < wanted->len; i++) {
    shape[i] = g_array_index (wanted, gint64, i);
    if (shape[i] == 0 && !keep_zero && i < n_from)
      shape[i] = from[i];
    if (shape[i] == -1 && open < 0)
      open = (gint) i;
    else if (shape[i] < 1 || __builtin_mul_overflow (known, shape[i], &known))
      return FALSE;
  }
  if (open >= 0 && total % known == 0) {
    shape[open] = total / known;
    return TRUE;
  }
  return open < 0 && known == total;
}

static gboolean
refuse_shape (const CpacOnnxImport *import, const GArray *wanted, const CpacOnnxValue *input,
              GError **error)
{
  const CpacDims *dims = cpac_onnx_get_dims (import, input);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < wanted->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "",
                            g_array_index (wanted, gint64, i));
  return cpac_onnx_refuse (import, CPAC_ERROR_SHAPE, error,
                           "found the shape [%s] for a picture of %ux%ux%u, expected one vector, "
                           "[1, %" G_GSIZE_FORMAT "], or the same shape",
                           text->str, dims->channels, dims->height, dims->width,
                           cpac_dims_count (dims));
}

gboolean
cpac_onnx_take_reshape (CpacOnnxImport *import, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  g_autoptr (GArray) wanted = NULL;
  gint64 shape[CPAC_ONNX_MAX_INTS], keep_zero = 0;
  const CpacDims *dims;
  gint64 n;

  if (input == NULL || !cpac_onnx_get_int (import, "allowzero", 0, 1, &keep_zero, error) ||
      (wanted = cpac_onnx_get_input_ints (import, 1, error)) == NULL)
    return FALSE;
  dims = cpac_onnx_get_dims (import, input);
  n = (gint64) cpac_dims_count (dims);
  if (resolve_shape (wanted, (gint64[]){ 1, dims->channels, dims->height, dims->width },
                     input->rank, keep_zero != 0, shape)) {
    if (wanted->len == 2 && shape[0] == 1)
      return flatten (import, input, 2, error);
    if (wanted->len == 4 && shape[0] == 1 && shape[1] == dims->channels &&
        shape[2] == dims->height && shape[3] == dims->width)
      return set_rank (import, input, 4, error);
    if (wanted->len == 4 && shape[0] == 1 && shape[1] == n)
      return flatten (import, input, 4, error);
  }
  return refuse_shape (import, wanted, input, error);
}

gboolean
cpac_onnx_are_of_plane (const GArray *axes)
{
  gboolean height = FALSE, width = FALSE;

  for (guint i = 0; axes != NULL && i < axes->len; i++) {
    gint64 axis = g_array_index (axes, gint64, i);

    height = height || axis == 2 || axis == -2;
    width = width || axis == 3 || axis == -1;
  }
  return height && width && axes->len == 2;
}

/* Between ranks, by the axes of height and width, which are 1. */
static gboolean
take_axes (CpacOnnxImport *import, guint from, guint to, GError **error)
{
  const CpacOnnxValue *input = cpac_onnx_get_picture (import, 0, error);
  g_autoptr (GArray) axes = NULL;
  const CpacDims *dims;

  if (input == NULL || !cpac_onnx_get_list (import, "axes", 1, &axes, error))
    return FALSE;
  dims = cpac_onnx_get_dims (import, input);
  if (input->rank == from && cpac_onnx_are_of_plane (axes) && dims->height == 1 && dims->width == 1)
    return set_rank (import, input, to, error);
  return cpac_onnx_refuse (
      import, CPAC_ERROR_SHAPE, error,
      "of a picture of %ux%ux%u: expected axes 2 and 3, where height and width "
      "are 1",
      dims->channels, dims->height, dims->width);
}

gboolean
cpac_onnx_take_squeeze (CpacOnnxImport *import, GError **error)
{
  return take_axes (import, 4, 2, error);
}

gboolean
cpac_onnx_take_unsqueeze (CpacOnnxImport *import, GError **error)
{
  return take_axes (import, 2, 4, error);
}
