/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/weights.h"
#include "core/error.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

static void
check_equal (const CpacTensor *a, const CpacTensor *b)
{
  gsize n = cpac_shape_count (&a->shape);

  g_assert_true (cpac_shape_equal (&a->shape, &b->shape));
  g_assert_cmpmem (a->data, n * sizeof (float), b->data, n * sizeof (float));
}

/* What was read must survive being written and read again, bit for bit. */
static void
check_round_trip (const CpacWeights *weights)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CpacWeights) again = NULL;
  g_autoptr (GError) error = NULL;
  guint n = cpac_weights_get_n_tensors (weights);

  for (guint i = 0; i < n; i++) {
    const char *name = cpac_weights_get_name (weights, i);

    cpac_weights_writer_add (writer, name, cpac_weights_lookup (weights, name));
  }
  bytes = cpac_weights_writer_to_bytes (writer);
  again = cpac_weights_parse ("again", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                              &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_weights_get_n_tensors (again), ==, n);
  for (guint i = 0; i < n; i++) {
    const char *name = cpac_weights_get_name (weights, i);

    check_equal (cpac_weights_lookup (weights, name), cpac_weights_lookup (again, name));
  }
}

static void
check_finite (const CpacWeights *weights)
{
  for (guint i = 0; i < cpac_weights_get_n_tensors (weights); i++) {
    const CpacTensor *tensor = cpac_weights_lookup (weights, cpac_weights_get_name (weights, i));

    for (gsize j = 0; j < cpac_shape_count (&tensor->shape); j++)
      g_assert_true (isfinite (tensor->data[j]));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacWeights) weights = cpac_weights_parse ("fuzz", data, size, &error);

  if (weights) {
    g_assert_no_error (error);
    check_finite (weights);
    check_round_trip (weights);
  } else {
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "fuzz: "));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
  return 0;
}
