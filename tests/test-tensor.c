/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tensor/tensor.h"

#include <float.h>
#include <math.h>

static void
test_shape_text (void)
{
  CpacShape scalar = { 0 };
  CpacShape shape = CPAC_SHAPE (8, 3, 5, 7);
  g_autofree char *a = cpac_shape_to_string (&scalar);
  g_autofree char *b = cpac_shape_to_string (&shape);

  g_assert_cmpstr (a, ==, "scalar");
  g_assert_cmpstr (b, ==, "8x3x5x7");
  g_assert_cmpuint (cpac_shape_count (&shape), ==, 840);
}

static void
test_shape_overflow (void)
{
  CpacShape huge = CPAC_SHAPE (G_MAXSIZE / 2, 3);
  CpacShape fits = CPAC_SHAPE (3, 5);
  gsize n_bytes = 0;

  g_assert_false (cpac_shape_checked (&huge, sizeof (float), &n_bytes));
  g_assert_cmpuint (n_bytes, ==, 0);
  g_assert_true (cpac_shape_checked (&fits, sizeof (float), &n_bytes));
  g_assert_cmpuint (n_bytes, ==, 60);
}

static void
test_tensor_copy (void)
{
  g_autoptr (CpacTensor) tensor = cpac_tensor_new (CPAC_SHAPE (3, 5));
  g_autoptr (CpacTensor) copy = NULL;

  for (guint i = 0; i < 15; i++) {
    g_assert_cmpfloat (tensor->data[i], ==, 0);
    tensor->data[i] = i;
  }
  copy = cpac_tensor_copy (tensor);
  tensor->data[7] = -1;
  g_assert_true (cpac_shape_equal (&copy->shape, &tensor->shape));
  g_assert_cmpfloat (copy->data[7], ==, 7);
  g_assert_cmpuint (((gsize) copy->data) % 64, ==, 0);
}

/* One number that is none among others, at any place; the largest numbers are some. */
static void
test_finite (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17, 253 };
  static const float odd[] = { NAN, INFINITY, -INFINITY };
  float values[253];

  for (guint i = 0; i < 253; i++)
    values[i] = i % 3 == 0 ? FLT_MAX : i % 3 == 1 ? -FLT_MIN : 0;
  g_assert_true (cpac_is_finite (values, 0));
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    g_assert_true (cpac_is_finite (values, sizes[s]));
    for (guint i = 0; i < sizes[s]; i++)
      for (guint k = 0; k < G_N_ELEMENTS (odd); k++) {
        float kept = values[i];

        values[i] = odd[k];
        g_assert_false (cpac_is_finite (values, sizes[s]));
        values[i] = kept;
      }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/shape-text", test_shape_text);
  g_test_add_func ("/tensor/shape-overflow", test_shape_overflow);
  g_test_add_func ("/tensor/copy", test_tensor_copy);
  g_test_add_func ("/tensor/finite", test_finite);
  return g_test_run ();
}
