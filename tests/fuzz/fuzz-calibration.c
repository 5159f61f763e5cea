/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/model/config-edit.h"
#include "core/score/calibration.h"
#include "tests/fuzz/fuzz.h"

/* What any calibration that was accepted must give: numbers in their bounds that never fall. */
static void
check_calibration (const CpacCalibration *calibration)
{
  double first = calibration->quantiles[0];
  double last = calibration->quantiles[calibration->n_quantiles - 1];
  double step = (last - first) / 8 + 1e-3, p = 1, normalized = 0;

  for (double score = first - step; score < last + 20 * step; score += step) {
    double next_p = cpac_calibration_get_p_value (calibration, score);
    double next = cpac_calibration_normalize (calibration, score, calibration->median + step);

    g_assert_true (next_p > 0 && next_p <= p);
    g_assert_true (next >= normalized && next <= 1);
    p = next_p;
    normalized = next;
    if (score + step == score)
      break;
  }
  g_assert_true (cpac_calibration_get_promise (calibration, last) <= 1);
}

static void
check_section (const CpacConfig *root)
{
  const CpacConfig *score =
      cpac_config_get_kind (root) == CPAC_CONFIG_MAP ? cpac_config_peek (root, "score") : NULL;
  const CpacConfig *map = score != NULL && cpac_config_get_kind (score) == CPAC_CONFIG_MAP
                              ? cpac_config_peek (score, "calibration")
                              : NULL;
  g_autoptr (CpacCalibration) calibration = NULL;
  g_autoptr (GError) error = NULL;

  if (map == NULL)
    return;
  calibration = cpac_calibration_read (map, &error);
  if (calibration != NULL)
    check_calibration (calibration);
  else
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
}

/* Whatever the text is: refused, or edited so that the value is there and can be set once more. */
static void
check_edit (const char *text, const char *key, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *edited = cpac_config_set_value ("fuzz.yaml", text, "score", key, value, &error);
  g_autofree char *again = NULL;

  if (edited == NULL) {
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
    return;
  }
  again = cpac_config_set_value ("fuzz.yaml", edited, "score", key, value, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, edited);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (CpacConfig) root = cpac_config_parse ("fuzz.yaml", text, strlen (text), NULL);

  check_edit (text, "threshold", "0.25");
  if (root == NULL)
    return 0;
  check_section (root);
  check_edit (text, "calibration", "{parts: 2,\nquantiles: [1, 2]}");
  return 0;
}
