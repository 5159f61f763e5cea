/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tensor/tensor.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tensor/shape-text", test_shape_text);
  g_test_add_func ("/tensor/shape-overflow", test_shape_overflow);
  g_test_add_func ("/tensor/copy", test_tensor_copy);
  return g_test_run ();
}
