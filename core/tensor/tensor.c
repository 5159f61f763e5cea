/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tensor/tensor.h"

#include <stdlib.h>
#include <string.h>

#define CPAC_ALIGNMENT 64

gboolean
cpac_shape_checked (const CpacShape *shape, gsize element_size, gsize *n_bytes)
{
  gsize total = element_size;

  for (guint i = 0; i < shape->n_dims; i++)
    if (!g_size_checked_mul (&total, total, shape->dims[i]))
      return FALSE;
  *n_bytes = total;
  return TRUE;
}

gsize
cpac_shape_count (const CpacShape *shape)
{
  gsize count = 1;

  for (guint i = 0; i < shape->n_dims; i++)
    count *= shape->dims[i];
  return count;
}

gboolean
cpac_shape_equal (const CpacShape *a, const CpacShape *b)
{
  if (a->n_dims != b->n_dims)
    return FALSE;
  for (guint i = 0; i < a->n_dims; i++)
    if (a->dims[i] != b->dims[i])
      return FALSE;
  return TRUE;
}

char *
cpac_shape_to_string (const CpacShape *shape)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (shape->n_dims == 0)
    return g_strdup ("scalar");
  for (guint i = 0; i < shape->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, i ? "x" : "", shape->dims[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gsize
cpac_dims_count (const CpacDims *dims)
{
  return (gsize) dims->channels * dims->height * dims->width;
}

gboolean
cpac_dims_equal (const CpacDims *a, const CpacDims *b)
{
  return a->channels == b->channels && a->height == b->height && a->width == b->width;
}

char *
cpac_dims_to_string (const CpacDims *dims)
{
  return g_strdup_printf ("%ux%ux%u", dims->channels, dims->height, dims->width);
}

gboolean
cpac_is_finite (const float *values, gsize n)
{
  /* A sum of x - x is zero when all are finite, and not a number otherwise. Several at once, as
   * each addition waits for the one before. */
  float sums[8] = { 0 };
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    for (guint k = 0; k < 8; k++)
      sums[k] += values[i + k] - values[i + k];
  for (; i < n; i++)
    sums[0] += values[i] - values[i];
  for (guint k = 1; k < 8; k++)
    sums[0] += sums[k];
  return sums[0] == 0;
}

gpointer
cpac_aligned_new0 (gsize n, gsize size)
{
  gsize n_bytes;
  gpointer memory = NULL;

  if (!g_size_checked_mul (&n_bytes, n, size) ||
      !g_size_checked_add (&n_bytes, n_bytes, CPAC_ALIGNMENT - 1))
    g_error ("cannot allocate %" G_GSIZE_FORMAT " x %" G_GSIZE_FORMAT " bytes", n, size);
  n_bytes -= n_bytes % CPAC_ALIGNMENT;
  if (n_bytes == 0)
    n_bytes = CPAC_ALIGNMENT;
  if (posix_memalign (&memory, CPAC_ALIGNMENT, n_bytes) != 0)
    g_error ("cannot allocate %" G_GSIZE_FORMAT " bytes", n_bytes);
  memset (memory, 0, n_bytes);
  return memory;
}

void
cpac_aligned_free (gpointer memory)
{
  free (memory);
}

CpacTensor *
cpac_tensor_new (CpacShape shape)
{
  CpacTensor *tensor = g_new (CpacTensor, 1);

  tensor->shape = shape;
  tensor->data = cpac_aligned_new0 (cpac_shape_count (&shape), sizeof (float));
  return tensor;
}

CpacTensor *
cpac_tensor_copy (const CpacTensor *tensor)
{
  CpacTensor *copy = cpac_tensor_new (tensor->shape);

  memcpy (copy->data, tensor->data, cpac_shape_count (&tensor->shape) * sizeof (float));
  return copy;
}

void
cpac_tensor_free (CpacTensor *tensor)
{
  if (tensor == NULL)
    return;
  cpac_aligned_free (tensor->data);
  g_free (tensor);
}
