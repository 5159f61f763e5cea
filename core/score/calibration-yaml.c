/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/model/config-edit.h"
#include "core/score/calibration-private.h"
#include "core/score/tolerance.h"

#define NUMBERS_A_LINE 4
#define MAX_SCORE 1e30

static const char *const keys[] = {
  "parts",
  "max-false-reject",
  "confidence",
  "promised-false-reject",
  "data-sha256",
  "scoring-sha256",
  "ignore-mask-sha256",
  "tail",
  "quantiles",
  NULL,
};
static const char *const tail_keys[] = {
  "begin", "sigma", "gamma", "excesses", "fit-p-value", NULL
};

/* ---- Reading ---- */

static gboolean
read_sha256 (const CpacConfig *map, const char *key, char **value, GError **error)
{
  const char *text = cpac_config_get_string (map, key, error);

  if (text == NULL)
    return FALSE;
  if (strlen (text) != 64 || strspn (text, "0123456789abcdef") != 64)
    return cpac_config_error (cpac_config_peek (map, key), CPAC_ERROR_SCHEMA, error,
                              "%s must be 64 hexadecimal digits in lower case", key);
  *value = g_strdup (text);
  return TRUE;
}

static gboolean
read_quantiles (CpacCalibration *calibration, const CpacConfig *map, GError **error)
{
  guint n = MIN (calibration->n_parts, CPAC_CALIBRATION_MAX_QUANTILES);
  g_autoptr (GArray) list =
      cpac_config_get_doubles (map, "quantiles", n, n, -MAX_SCORE, MAX_SCORE, error);

  if (list == NULL)
    return FALSE;
  for (guint i = 1; i < n; i++)
    if (g_array_index (list, double, i) < g_array_index (list, double, i - 1))
      return cpac_config_error (cpac_config_get_item (cpac_config_peek (map, "quantiles"), i),
                                CPAC_ERROR_SCHEMA, error,
                                "quantiles must never fall, found a smaller one behind a larger");
  calibration->n_quantiles = n;
  calibration->quantiles = (double *) (gpointer) g_array_free (g_steal_pointer (&list), FALSE);
  return TRUE;
}

static gboolean
read_tail (CpacCalibration *calibration, const CpacConfig *map, GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, "tail");
  double largest = calibration->quantiles[calibration->n_quantiles - 1];
  CpacTail *tail = &calibration->tail;

  if (node == NULL)
    return TRUE;
  calibration->has_tail = TRUE;
  return cpac_config_check_keys (node, tail_keys, error) &&
         cpac_config_get_double (node, "begin", calibration->quantiles[0], largest, &tail->begin,
                                 error) &&
         cpac_config_get_double (node, "sigma", DBL_MIN, MAX_SCORE, &tail->sigma, error) &&
         cpac_config_get_double (node, "gamma", -CPAC_TAIL_MAX_SHAPE, CPAC_TAIL_MAX_SHAPE,
                                 &tail->gamma, error) &&
         cpac_config_get_uint (node, "excesses", CPAC_TAIL_MIN_EXCESSES, CPAC_TAIL_MAX_EXCESSES,
                               &tail->n_excesses, error) &&
         cpac_config_get_double (node, "fit-p-value", 0, 1, &tail->fit_p, error);
}

CpacCalibration *
cpac_calibration_read (const CpacConfig *map, GError **error)
{
  g_autoptr (CpacCalibration) calibration = g_new0 (CpacCalibration, 1);

  if (!cpac_config_check_keys (map, keys, error) ||
      !cpac_config_get_uint (map, "parts", 1, CPAC_CALIBRATION_MAX_PARTS, &calibration->n_parts,
                             error) ||
      !cpac_config_get_double (map, "max-false-reject", CPAC_TOLERANCE_MIN_RATE,
                               CPAC_TOLERANCE_MAX_RATE, &calibration->max_false_reject, error) ||
      !cpac_config_get_double (map, "confidence", CPAC_TOLERANCE_MIN_CONFIDENCE,
                               CPAC_TOLERANCE_MAX_CONFIDENCE, &calibration->confidence, error) ||
      !cpac_config_get_double (map, "promised-false-reject", 0, 1,
                               &calibration->promised_false_reject, error) ||
      !read_sha256 (map, "data-sha256", &calibration->data_sha256, error) ||
      !read_sha256 (map, "scoring-sha256", &calibration->scoring_sha256, error) ||
      (cpac_config_peek (map, "ignore-mask-sha256") != NULL &&
       !read_sha256 (map, "ignore-mask-sha256", &calibration->ignore_mask_sha256, error)) ||
      !read_quantiles (calibration, map, error) || !read_tail (calibration, map, error))
    return NULL;
  cpac_calibration_derive (calibration);
  return g_steal_pointer (&calibration);
}

/* ---- Writing ---- */

static void
add_number (GString *text, const char *before, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "%s%s", before, cpac_config_format_double (value, number));
}

static void
add_quantiles (GString *text, const CpacCalibration *calibration)
{
  g_string_append (text, "\nquantiles: [");
  for (guint i = 0; i < calibration->n_quantiles; i++)
    add_number (text,
                i == 0                    ? ""
                : i % NUMBERS_A_LINE == 0 ? ",\n"
                                          : ", ",
                calibration->quantiles[i]);
  g_string_append_c (text, ']');
}

static void
add_tail (GString *text, const CpacTail *tail)
{
  add_number (text, "\ntail: {begin: ", tail->begin);
  add_number (text, ", sigma: ", tail->sigma);
  add_number (text, ",\n  gamma: ", tail->gamma);
  g_string_append_printf (text, ", excesses: %u", tail->n_excesses);
  add_number (text, ", fit-p-value: ", tail->fit_p);
  g_string_append (text, "},");
}

char *
cpac_calibration_to_yaml (const CpacCalibration *calibration)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "{parts: %u", calibration->n_parts);
  add_number (text, ", max-false-reject: ", calibration->max_false_reject);
  add_number (text, ", confidence: ", calibration->confidence);
  add_number (text, ",\npromised-false-reject: ", calibration->promised_false_reject);
  g_string_append_printf (text, ",\ndata-sha256: %s,\nscoring-sha256: %s,",
                          calibration->data_sha256, calibration->scoring_sha256);
  if (calibration->ignore_mask_sha256 != NULL)
    g_string_append_printf (text, "\nignore-mask-sha256: %s,", calibration->ignore_mask_sha256);
  if (calibration->has_tail)
    add_tail (text, &calibration->tail);
  add_quantiles (text, calibration);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
