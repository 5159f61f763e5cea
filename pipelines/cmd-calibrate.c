/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/model/config-edit.h"
#include "core/model/files.h"
#include "core/score/tolerance.h"
#include "pipelines/calibration-parts.h"
#include "pipelines/tool.h"
#include "plugin/mask-file.h"

#define MAX_YAML (4u << 20)
/* Without --warn-false-reject: so many times --max-false-reject. */
#define WARN_FACTOR 2.5

static gboolean as_json, accept_promised;
static int n_threads = 1;
static gint64 seed = 1;
static double max_false_reject = -1, confidence = 0.95, warn_false_reject = -1;
static char *data, *split, *ignore_mask;

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder or idx file with good parts",
    "M" },
  { "max-false-reject", 0, 0, G_OPTION_ARG_DOUBLE, &max_false_reject,
    "Share of good parts that may be rejected: 0.01 is 1 %", "P" },
  { "confidence", 0, 0, G_OPTION_ARG_DOUBLE, &confidence, "That it will not be more (0.95)", "C" },
  { "warn-false-reject", 0, 0, G_OPTION_ARG_DOUBLE, &warn_false_reject,
    "Share of good parts above the warn threshold, on average (2.5 x P)", "P" },
  { "accept-promised", 0, 0, G_OPTION_ARG_NONE, &accept_promised,
    "Where there are too few parts, take the best that they can promise", NULL },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "Rows of this split (val)", "S" },
  { "ignore-mask", 0, 0, G_OPTION_ARG_FILENAME, &ignore_mask, TOOL_IGNORE_MASK_HELP, "FILE" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Pictures scored side by side (1)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the test of the tail's fit (1)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* What is written into the model. */
typedef struct {
  gboolean accepted; /* FALSE: the parts are too few, nothing is written */
  CpacTolerance tolerance;
  double threshold, warn_threshold;
  double warn_expected; /* share of good parts above the latter, on average */
  CpacCalibration *calibration;
  char *no_tail; /* why there is none */
} Result;

static void
result_clear (Result *result)
{
  cpac_calibration_free (result->calibration);
  g_free (result->no_tail);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

/* ---- The sample decides ---- */

static void
decide (Result *result, const CalibrationParts *parts)
{
  double warn_rate =
      warn_false_reject >= 0 ? warn_false_reject : MIN (WARN_FACTOR * max_false_reject, 1);
  guint k_warn;

  result->accepted =
      cpac_tolerance_choose (parts->n, max_false_reject, confidence, &result->tolerance) ||
      accept_promised;
  k_warn = MIN (cpac_tolerance_get_k_expected (parts->n, warn_rate), parts->n);
  k_warn = MAX (k_warn, result->tolerance.k);
  result->threshold = parts->scores[parts->n - result->tolerance.k];
  result->warn_threshold = parts->scores[parts->n - k_warn];
  result->warn_expected = k_warn / ((double) parts->n + 1);
}

static void
summarise (Result *result, const CalibrationParts *parts, const CpacModel *model,
           const CpacManifest *manifest, const CpacIgnoreMask *mask)
{
  CpacTail tail;
  gboolean has_tail =
      cpac_tail_fit (parts->scores, parts->n, (guint64) seed, &tail, &result->no_tail);
  CpacCalibration *calibration =
      cpac_calibration_new (parts->scores, parts->n, has_tail ? &tail : NULL);

  calibration->max_false_reject = max_false_reject;
  calibration->confidence = confidence;
  calibration->promised_false_reject = result->tolerance.promised;
  calibration->data_sha256 = cpac_manifest_get_sha256 (manifest);
  calibration->scoring_sha256 = g_strdup (cpac_model_get_scoring_sha256 (model));
  if (mask != NULL)
    calibration->ignore_mask_sha256 = g_strdup (cpac_ignore_mask_get_sha256 (mask));
  result->calibration = calibration;
}

/* ---- The model's file ---- */

/* Replaces *@text by itself with score.@key set to @value. */
static gboolean
set_value (const char *path, char **text, const char *key, const char *value, GError **error)
{
  char *edited = cpac_config_set_value (path, *text, "score", key, value, error);

  if (edited == NULL)
    return FALSE;
  g_free (*text);
  *text = edited;
  return TRUE;
}

static gboolean
set_number (const char *path, char **text, const char *key, double value, GError **error)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  return set_value (path, text, key, cpac_config_format_double (value, number), error);
}

/* That the edited text is still a model's. */
static gboolean
check_text (const CpacModel *model, const char *text, GError **error)
{
  const char *path = cpac_model_get_path (model);
  g_autoptr (CpacConfig) root = cpac_config_parse (path, text, strlen (text), error);
  g_autoptr (CpacHead) head = NULL;

  if (root == NULL)
    return FALSE;
  head = cpac_head_new (cpac_config_peek (root, "score"),
                        cpac_network_get_output (cpac_model_get_network (model)), error);
  return head != NULL;
}

static gboolean
check_unchanged (const CpacModel *model, const char *text, GError **error)
{
  g_autofree char *sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  if (g_str_equal (sha256, cpac_model_get_config_sha256 (model)))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: has changed since it was read; nothing was written",
               cpac_model_get_path (model));
  return FALSE;
}

static gboolean
write_model (const CpacModel *model, const Result *result, GError **error)
{
  const char *path = cpac_model_get_path (model);
  g_autofree char *section = cpac_calibration_to_yaml (result->calibration);
  g_autofree char *text = NULL;
  gsize length;

  return cpac_file_read (path, MAX_YAML, &text, &length, error) &&
         check_unchanged (model, text, error) &&
         set_number (path, &text, "threshold", result->threshold, error) &&
         set_number (path, &text, "warn-threshold", result->warn_threshold, error) &&
         set_value (path, &text, "calibration", section, error) &&
         check_text (model, text, error) && cpac_file_replace (path, text, strlen (text), error);
}

/* ---- What is said ---- */

static void
print_as_json (const Result *result, const CalibrationParts *parts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const CpacCalibration *calibration = result->calibration;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "accepted");
  json_builder_add_boolean_value (builder, result->accepted);
  tool_json_double (builder, "threshold", result->accepted ? result->threshold : NAN);
  tool_json_double (builder, "warn_threshold", result->accepted ? result->warn_threshold : NAN);
  tool_json_int (builder, "n_parts", parts->n);
  tool_json_int (builder, "n_pictures", parts->n_pictures);
  tool_json_double (builder, "max_false_reject", max_false_reject);
  tool_json_double (builder, "confidence", confidence);
  tool_json_int (builder, "n_parts_needed",
                 (gint64) cpac_tolerance_get_n_needed (max_false_reject, confidence));
  tool_json_double (builder, "promised_false_reject", result->tolerance.promised);
  tool_json_double (builder, "expected_false_reject", result->tolerance.expected);
  tool_json_double (builder, "expected_warn", result->warn_expected);
  if (calibration != NULL) {
    tool_json_double (builder, "median", calibration->median);
    tool_json_double (builder, "least_p_value", calibration->floor);
    if (calibration->has_tail) {
      tool_json_double (builder, "tail_sigma", calibration->tail.sigma);
      tool_json_double (builder, "tail_gamma", calibration->tail.gamma);
      tool_json_double (builder, "tail_fit_p_value", calibration->tail.fit_p);
    } else {
      tool_json_text (builder, "no_tail", result->no_tail);
    }
  }
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_as_text (const char *path, const Result *result, const CalibrationParts *parts)
{
  const CpacCalibration *calibration = result->calibration;

  printf ("%s: %u good parts, %u pictures\n", path, parts->n, parts->n_pictures);
  printf ("threshold       %-12g at most %.3g %% of good parts are rejected, with %g %% "
          "confidence; %.3g %% on average\n",
          result->threshold, 100 * result->tolerance.promised, 100 * confidence,
          100 * result->tolerance.expected);
  printf ("warn-threshold  %-12g %.3g %% of good parts are above it on average\n",
          result->warn_threshold, 100 * result->warn_expected);
  if (calibration->has_tail)
    printf (
        "p-values        down to %.2g, by a generalised Pareto tail above %g (sigma %.3g, gamma "
        "%.3g, fit p = %.2g)\n",
        calibration->floor, calibration->tail.begin, calibration->tail.sigma,
        calibration->tail.gamma, calibration->tail.fit_p);
  else
    printf ("p-values        down to %.2g: %s\n", calibration->floor, result->no_tail);
}

/* TOOL_NO: that is the answer to the wish. */
static int
refuse (const char *path, const Result *result, const CalibrationParts *parts)
{
  if (as_json)
    print_as_json (result, parts);
  tool_fail_text (
      &tool_calibrate,
      "%s: to promise at most %g %% false rejects with %g %% confidence takes %" G_GUINT64_FORMAT
      " good parts, found %u; these can promise %.3g %%, which "
      "--accept-promised takes",
      path, 100 * max_false_reject, 100 * confidence,
      cpac_tolerance_get_n_needed (max_false_reject, confidence), parts->n,
      100 * result->tolerance.promised);
  return TOOL_NO;
}

/* ---- The command ---- */

static gboolean
check_usable (const CpacModel *model, const CpacManifest *manifest, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  const char *path = cpac_model_get_path (model);

  if (head->kind == CPAC_HEAD_NONE)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: head none gives no score to calibrate",
                 path);
  else if (cpac_manifest_get_kind (manifest) == CPAC_MANIFEST_VIDEO)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: a video does not tell one part from the next, and promises are about parts; "
                 "expected pictures",
                 cpac_manifest_get_name (manifest));
  else
    return TRUE;
  return FALSE;
}

static int
calibrate (CpacModel *model, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  g_autoptr (CpacManifest) manifest =
      cpac_manifest_load (data, (const char *const *) head->classes, error);
  g_autoptr (CpacIgnoreMask) mask = NULL;
  g_autoptr (CalibrationParts) parts = NULL;
  g_auto (Result) result = { 0 };

  if (manifest == NULL || !check_usable (model, manifest, error) ||
      (ignore_mask != NULL && (mask = gst_cpac_mask_load (ignore_mask, error)) == NULL))
    return TOOL_ERROR;
  parts = calibration_parts_score (model, manifest, split, mask, (guint) n_threads, error);
  if (parts == NULL)
    return TOOL_ERROR;
  decide (&result, parts);
  if (!result.accepted)
    return refuse (cpac_model_get_path (model), &result, parts);
  summarise (&result, parts, model, manifest, mask);
  if (!write_model (model, &result, error))
    return TOOL_ERROR;
  if (as_json)
    print_as_json (&result, parts);
  else
    print_as_text (cpac_model_get_path (model), &result, parts);
  return TOOL_DONE;
}

static gboolean
check_options (void)
{
  if (data == NULL)
    tool_fail_text (&tool_calibrate, "--data is missing: where are good parts?");
  else if (max_false_reject == -1)
    tool_fail_text (&tool_calibrate,
                    "--max-false-reject is missing: which share of good parts may be rejected?");
  else if (!(max_false_reject >= CPAC_TOLERANCE_MIN_RATE &&
             max_false_reject <= CPAC_TOLERANCE_MAX_RATE))
    tool_fail_text (&tool_calibrate,
                    "--max-false-reject must be a share from %g to %g (0.01 is 1 %%), got %g",
                    CPAC_TOLERANCE_MIN_RATE, CPAC_TOLERANCE_MAX_RATE, max_false_reject);
  else if (!(confidence >= CPAC_TOLERANCE_MIN_CONFIDENCE &&
             confidence <= CPAC_TOLERANCE_MAX_CONFIDENCE))
    tool_fail_text (&tool_calibrate, "--confidence must be from %g to %g, got %g",
                    CPAC_TOLERANCE_MIN_CONFIDENCE, CPAC_TOLERANCE_MAX_CONFIDENCE, confidence);
  else if (warn_false_reject != -1 && !(warn_false_reject >= 0 && warn_false_reject <= 1))
    tool_fail_text (&tool_calibrate, "--warn-false-reject must be a share from 0 to 1, got %g",
                    warn_false_reject);
  else if (n_threads < 1 || n_threads > 64)
    tool_fail_text (&tool_calibrate, "--threads must be 1..64, got %d", n_threads);
  else
    return TRUE;
  return FALSE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  GError *error = NULL;
  int status;

  if (!tool_parse (&tool_calibrate, entries, 1, 1, &argc, &argv) || !check_options ())
    return TOOL_ERROR;
  gst_init (NULL, NULL);
  model = cpac_model_load (argv[1], CPAC_MODEL_DEFAULT, &error);
  if (model == NULL)
    return tool_fail (&tool_calibrate, error);
  status = calibrate (model, &error);
  return error != NULL ? tool_fail (&tool_calibrate, error) : status;
}

const ToolCommand tool_calibrate = {
  .name = "calibrate",
  .arguments = "MODEL --data M --max-false-reject P",
  .summary = "Set thresholds from good parts, with a promise",
  .run = run,
};
