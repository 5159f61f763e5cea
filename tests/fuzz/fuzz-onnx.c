/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/error.h"
#include "core/onnx/import.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

/* What was read is a network with all its values, and its text is one that a model can be read
 * from. */
static void
check (const CpacOnnxImported *imported)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) root =
      cpac_config_parse ("text", imported->text, strlen (imported->text), &error);
  const CpacParams *params = imported->params;

  g_assert_no_error (error);
  g_assert_nonnull (cpac_config_peek (root, "score"));
  for (guint p = 0; p < params->n_params; p++)
    for (gsize i = 0; i < cpac_shape_count (&params->values[p]->shape); i++)
      g_assert_true (isfinite (params->values[p]->data[i]));
  for (guint i = 0; i < cpac_network_get_n_layers (imported->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (imported->network, i);

    for (guint p = 0; p < layer->n_params; p++)
      g_assert_true (
          cpac_shape_equal (&layer->params[p].shape, &params->values[params->first[i] + p]->shape));
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const CpacOnnxOptions options = { .width = 9, .height = 8 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacOnnxImported) imported =
      cpac_onnx_import ("fuzz", NULL, data, size, &options, &error);

  if (imported != NULL) {
    g_assert_no_error (error);
    check (imported);
  } else {
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
  return 0;
}
