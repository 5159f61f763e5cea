/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <stdio.h>

#include "core/monitor/arl.h"
#include "pipelines/arl-charts.h"
#include "pipelines/tool.h"

static gboolean as_json;
static char *rules;
static gint64 seed = 1;
static double hours = NAN, parts_per_hour = NAN;
static ArlQuestion question = {
  .lambda = NAN,
  .limit = NAN,
  .k = NAN,
  .h = NAN,
  .head_start = NAN,
  .p0 = NAN,
  .p1 = NAN,
  .rate = NAN,
  .df = NAN,
  .dimensions = NAN,
  .shift = NAN,
  .phi = NAN,
  .wanted = NAN,
};

static const GOptionEntry entries[] = {
  { "shift", 0, 0, G_OPTION_ARG_DOUBLE, &question.shift,
    "Of the mean, in standard deviations; t2: Mahalanobis distance (0)", "D" },
  { "limit", 0, 0, G_OPTION_ARG_DOUBLE, &question.limit,
    "shewhart, ewma: standard deviations of what is charted; bernoulli, t2: of the statistic",
    "L" },
  { "lambda", 0, 0, G_OPTION_ARG_DOUBLE, &question.lambda, "ewma: weight of the latest point (0.1)",
    "W" },
  { "fast-start", 0, 0, G_OPTION_ARG_NONE, &question.fast_start,
    "ewma: limits of the points there are", NULL },
  { "k", 0, 0, G_OPTION_ARG_DOUBLE, &question.k, "cusum: half the shift to be found (0.5)", "K" },
  { "h", 0, 0, G_OPTION_ARG_DOUBLE, &question.h, "cusum: limit of the sums", "H" },
  { "head-start", 0, 0, G_OPTION_ARG_DOUBLE, &question.head_start,
    "cusum: where the sums begin, a share of h; 0.5 is usual (0)", "F" },
  { "one-sided", 0, 0, G_OPTION_ARG_NONE, &question.one_sided,
    "shewhart, cusum: only a rise is an alarm", NULL },
  { "rules", 0, 0, G_OPTION_ARG_STRING, &rules,
    "western-electric, nelson, or some of we1 to we4 and nelson1 to nelson8", "A,B" },
  { "p0", 0, 0, G_OPTION_ARG_DOUBLE, &question.p0, "bernoulli: share of rejects in control", "P" },
  { "p1", 0, 0, G_OPTION_ARG_DOUBLE, &question.p1, "bernoulli: share to be found (2 x p0)", "P" },
  { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &question.rate, "bernoulli: share there is (p0)", "P" },
  { "dimensions", 0, 0, G_OPTION_ARG_DOUBLE, &question.dimensions, "t2: directions", "N" },
  { "df", 0, 0, G_OPTION_ARG_DOUBLE, &question.df,
    "Points with the tails of Student's t of so many degrees of freedom (normal)", "N" },
  { "phi", 0, 0, G_OPTION_ARG_DOUBLE, &question.phi,
    "Points with this lag-1 autocorrelation, uncorrected (0)", "R" },
  { "in-control", 0, 0, G_OPTION_ARG_DOUBLE, &question.wanted,
    "Solve the limit for this run length in control", "N" },
  { "hours", 0, 0, G_OPTION_ARG_DOUBLE, &hours,
    "Solve the limit for one false alarm in so many hours", "T" },
  { "parts-per-hour", 0, 0, G_OPTION_ARG_DOUBLE, &parts_per_hour, "With --hours", "M" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of what is simulated: rules of order (1)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* What is known of the design, in the order of the options. */
static const struct {
  const char *key;
  const double *value;
} design[] = {
  { "lambda", &question.lambda },
  { "k", &question.k },
  { "limit", &question.limit },
  { "h", &question.h },
  { "head_start", &question.head_start },
  { "p0", &question.p0 },
  { "p1", &question.p1 },
  { "rate", &question.rate },
  { "dimensions", &question.dimensions },
  { "df", &question.df },
  { "phi", &question.phi },
  { "shift", &question.shift },
};

static void
add_given (JsonBuilder *builder, const char *key, double value)
{
  if (!isnan (value))
    tool_json_double (builder, key, value);
}

static void
print_as_json (const char *chart, const ArlAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  tool_json_text (builder, "chart", chart);
  for (guint i = 0; i < G_N_ELEMENTS (design); i++)
    add_given (builder, design[i].key, *design[i].value);
  if (rules != NULL)
    tool_json_text (builder, "rules", rules);
  if (answer->step > 0)
    tool_json_int (builder, "step", answer->step);
  tool_json_double (builder, "arl", answer->arl);
  add_given (builder, "standard_error", answer->standard_error);
  tool_json_double (builder, "arl_in_control", answer->in_control);
  add_given (builder, "standard_error_in_control", answer->in_control_error);
  tool_json_text (builder, "method", answer->method);
  if (!isnan (parts_per_hour)) {
    tool_json_double (builder, "hours", answer->arl / parts_per_hour);
    tool_json_double (builder, "hours_in_control", answer->in_control / parts_per_hour);
  }
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_length (const char *what, double arl, double standard_error)
{
  if (isinf (arl))
    printf ("%s: more than %g points", what, CPAC_ARL_MAX);
  else
    printf ("%s: %.*f points", what, arl < 10 ? 2 : arl < 1000 ? 1 : 0, arl);
  if (!isnan (standard_error))
    printf (" (simulated, standard error %.2g)", standard_error);
  if (!isnan (parts_per_hour))
    printf (", %.3g hours", arl / parts_per_hour);
  putchar ('\n');
}

static void
print_as_text (const char *chart, const ArlAnswer *answer)
{
  printf ("%s", chart);
  for (guint i = 0; i < G_N_ELEMENTS (design); i++)
    if (!isnan (*design[i].value))
      printf (", %s %.5g", design[i].key, *design[i].value);
  printf ("%s%s\n", rules != NULL ? ", " : "", rules != NULL ? rules : "");
  print_length ("in control, until a false alarm", answer->in_control, answer->in_control_error);
  print_length ("so shifted, until the alarm", answer->arl, answer->standard_error);
}

/* --hours and --parts-per-hour are another way to say --in-control; the latter alone tells lengths
 * in hours, too. */
static gboolean
read_rate (GError **error)
{
  if (isnan (hours)) {
    if (isnan (parts_per_hour))
      return TRUE;
    return cpac_chart_check_range ("parts per hour", parts_per_hour, 1e-9, 1e9, error);
  }
  if (!isnan (question.wanted) || isnan (parts_per_hour)) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "--hours goes with --parts-per-hour, in place of --in-control");
    return FALSE;
  }
  return cpac_arl_from_rate (hours, parts_per_hour, &question.wanted, error);
}

static int
run (int argc, char **argv)
{
  ArlAnswer answer;
  GError *error = NULL;

  if (!tool_parse (&tool_arl, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  question.rules = rules;
  question.seed = (guint64) seed;
  if (!read_rate (&error) || !arl_answer (argv[1], &question, &answer, &error))
    return tool_fail (&tool_arl, error);
  if (as_json)
    print_as_json (argv[1], &answer);
  else
    print_as_text (argv[1], &answer);
  return TOOL_DONE;
}

const ToolCommand tool_arl = {
  .name = "arl",
  .arguments = "CHART",
  .summary = "Average run length of a control chart, or the limit for a wanted one",
  .run = run,
};
