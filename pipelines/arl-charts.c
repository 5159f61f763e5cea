/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/arl-charts.h"

#include <math.h>

#include "core/monitor/arl.h"
#include "core/monitor/distributions.h"

#define N_SIMULATED 20000
#define MAX_DIMENSIONS 1000

/* Options a chart may be given. */
enum {
  LAMBDA = 1 << 0,
  LIMIT = 1 << 1,
  K = 1 << 2,
  H = 1 << 3,
  HEAD_START = 1 << 4,
  RATES = 1 << 5,
  DIMENSIONS = 1 << 6,
  SHIFT = 1 << 7,
  DF = 1 << 8,
  PHI = 1 << 9,
  WANTED = 1 << 10,
  ONE_SIDED = 1 << 11,
  FAST_START = 1 << 12,
  RULES = 1 << 13,
};

typedef gboolean (*Answer) (ArlQuestion *question, ArlAnswer *answer, GError **error);

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, text);
  return FALSE;
}

static double
default_to (double value, double standard)
{
  return isnan (value) ? standard : value;
}

/* The process in control, and the one that is asked about. */
static gboolean
read_processes (ArlQuestion *question, CpacArlProcess *in_control, CpacArlProcess *process,
                GError **error)
{
  question->shift = default_to (question->shift, 0);
  *in_control =
      (CpacArlProcess){ .df = default_to (question->df, 0), .phi = default_to (question->phi, 0) };
  *process = *in_control;
  process->shift = question->shift;
  return cpac_arl_process_check (process, error);
}

/* A limit that is not solved for must have been given. */
static gboolean
check_limit (const ArlQuestion *question, double limit, const char *name, GError **error)
{
  if (isnan (limit) && isnan (question->wanted))
    return refuse (error, "--%s is missing; or --in-control, to solve for it", name);
  if (!isnan (limit) && !isnan (question->wanted))
    return refuse (error, "--%s and --in-control exclude each other: the one is solved for", name);
  return TRUE;
}

/* ---- Charts ---- */

static gboolean
answer_shewhart (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  CpacShewhartDesign design = { question->limit,
                                question->one_sided ? CPAC_SIDES_UPPER : CPAC_SIDES_BOTH };
  CpacArlProcess in_control, process;

  if (!read_processes (question, &in_control, &process, error) ||
      !check_limit (question, question->limit, "limit", error))
    return FALSE;
  if (!isnan (question->wanted) &&
      !cpac_arl_solve_shewhart (&design, &in_control, question->wanted, error))
    return FALSE;
  if (!cpac_shewhart_check (&design, error))
    return FALSE;
  question->limit = design.limit;
  answer->method = process.phi != 0 ? "integral-equation" : "exact";
  answer->in_control = cpac_arl_shewhart (&design, &in_control);
  answer->arl = cpac_arl_shewhart (&design, &process);
  return TRUE;
}

static gboolean
answer_ewma (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  CpacEwmaDesign design = { .fast_start = question->fast_start };
  CpacArlProcess in_control, process;

  question->lambda = default_to (question->lambda, 0.1);
  design.lambda = question->lambda;
  design.limit = default_to (question->limit, 1);
  if (!read_processes (question, &in_control, &process, error) ||
      !check_limit (question, question->limit, "limit", error) || !cpac_ewma_check (&design, error))
    return FALSE;
  if (process.phi != 0 && design.fast_start)
    return refuse (error, "--phi and --fast-start exclude each other");
  if (!isnan (question->wanted) &&
      !cpac_arl_solve_ewma (&design, &in_control, question->wanted, error))
    return FALSE;
  question->limit = design.limit;
  answer->method = "integral-equation";
  answer->in_control = cpac_arl_ewma (&design, &in_control);
  answer->arl = cpac_arl_ewma (&design, &process);
  if (isnan (answer->arl))
    return refuse (error, "--lambda %g with --limit %g and --phi %g: too fine to be computed",
                   design.lambda, design.limit, process.phi);
  return TRUE;
}

static gboolean
answer_cusum (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  CpacCusumDesign design = { .sides = question->one_sided ? CPAC_SIDES_UPPER : CPAC_SIDES_BOTH };
  CpacArlProcess in_control, process;

  question->k = default_to (question->k, 0.5);
  question->head_start = default_to (question->head_start, 0);
  design.k = question->k;
  design.h = default_to (question->h, 1);
  design.head_start = question->head_start * design.h;
  if (!read_processes (question, &in_control, &process, error) ||
      !check_limit (question, question->h, "h", error) || !cpac_cusum_check (&design, error))
    return FALSE;
  if (!isnan (question->wanted) &&
      !cpac_arl_solve_cusum (&design, question->head_start, &in_control, question->wanted, error))
    return FALSE;
  question->h = design.h;
  answer->method = "integral-equation";
  answer->in_control = cpac_arl_cusum (&design, &in_control);
  answer->arl = cpac_arl_cusum (&design, &process);
  return TRUE;
}

static gboolean
answer_rules (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  CpacArlProcess in_control, process;
  guint rules;

  if (question->rules == NULL)
    return refuse (error, "--rules is missing: western-electric, nelson, or we1,we4 and the like");
  if (!read_processes (question, &in_control, &process, error) ||
      !cpac_rules_from_string (question->rules, &rules, error))
    return FALSE;
  /* Rules that see the order of values have no chain of zones. */
  if (rules & CPAC_RULES_OF_ORDER || process.phi != 0) {
    CpacArlEstimate before =
        cpac_arl_simulate_rules (rules, &in_control, N_SIMULATED, question->seed);
    CpacArlEstimate after = cpac_arl_simulate_rules (rules, &process, N_SIMULATED, question->seed);

    *answer = (ArlAnswer){ .method = "simulation",
                           .in_control = before.arl,
                           .in_control_error = before.standard_error,
                           .arl = after.arl,
                           .standard_error = after.standard_error };
    return TRUE;
  }
  answer->method = "markov-chain";
  answer->in_control = cpac_arl_rules (rules, &in_control, NULL);
  answer->arl = cpac_arl_rules (rules, &process, NULL);
  return TRUE;
}

static gboolean
answer_bernoulli (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  CpacBernoulliDesign design = { 0, 1 };

  if (isnan (question->p0))
    return refuse (error, "--p0 is missing: the share of rejects in control");
  question->p1 = default_to (question->p1, 2 * question->p0);
  question->rate = default_to (question->rate, question->p0);
  if (!cpac_bernoulli_get_step (question->p0, question->p1, &design.step, error) ||
      !cpac_chart_check_range ("share of rejects", question->rate, 0, 1, error) ||
      !check_limit (question, question->limit, "limit", error))
    return FALSE;
  if (!isnan (question->limit)) {
    if (!cpac_chart_check_range ("limit", question->limit, 1, CPAC_BERNOULLI_MAX_LIMIT, error))
      return FALSE;
    if (question->limit != floor (question->limit))
      return refuse (error, "limit: found %g, expected a whole number", question->limit);
    design.limit = (guint) question->limit;
  } else if (!cpac_arl_solve_bernoulli (&design, question->p0, question->p0, question->wanted,
                                        error)) {
    return FALSE;
  }
  question->limit = design.limit;
  answer->step = design.step;
  answer->method = "markov-chain";
  answer->in_control = cpac_arl_bernoulli (&design, question->p0, question->p0);
  answer->arl = cpac_arl_bernoulli (&design, question->rate, question->rate);
  return TRUE;
}

static gboolean
answer_t2 (ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  question->shift = default_to (question->shift, 0);
  if (isnan (question->dimensions))
    return refuse (error, "--dimensions is missing: how many directions T^2 sums");
  if (!cpac_chart_check_range ("dimensions", question->dimensions, 1, MAX_DIMENSIONS, error) ||
      !cpac_chart_check_range ("shift", question->shift, 0, CPAC_CHART_MAX_LIMIT, error) ||
      !check_limit (question, question->limit, "limit", error))
    return FALSE;
  if (question->dimensions != floor (question->dimensions))
    return refuse (error, "dimensions: found %g, expected a whole number", question->dimensions);
  if (!isnan (question->wanted)) {
    if (!cpac_chart_check_range ("average run length", question->wanted, CPAC_ARL_MIN_WANTED,
                                 CPAC_ARL_MAX_WANTED, error))
      return FALSE;
    question->limit = cpac_chi_square_upper_quantile (1 / question->wanted, question->dimensions);
  }
  if (!cpac_chart_check_range ("limit", question->limit, 0, 1e4, error))
    return FALSE;
  answer->method = "exact";
  answer->in_control = cpac_arl_t2 (question->limit, (guint) question->dimensions, 0);
  answer->arl = cpac_arl_t2 (question->limit, (guint) question->dimensions, question->shift);
  return TRUE;
}

/* ---- Which is asked ---- */

static const struct {
  const char *name;
  guint options;
  Answer answer;
} charts[] = {
  { "shewhart", LIMIT | SHIFT | DF | PHI | WANTED | ONE_SIDED, answer_shewhart },
  { "ewma", LAMBDA | LIMIT | SHIFT | DF | PHI | WANTED | FAST_START, answer_ewma },
  { "cusum", K | H | HEAD_START | SHIFT | DF | WANTED | ONE_SIDED, answer_cusum },
  { "rules", RULES | SHIFT | DF | PHI, answer_rules },
  { "bernoulli", RATES | LIMIT | WANTED, answer_bernoulli },
  { "t2", DIMENSIONS | LIMIT | SHIFT | WANTED, answer_t2 },
};

static gboolean
check_options (const char *chart, guint options, const ArlQuestion *question, GError **error)
{
  const struct {
    guint option;
    const char *name;
    gboolean is_given;
  } given[] = {
    { LAMBDA, "lambda", !isnan (question->lambda) },
    { LIMIT, "limit", !isnan (question->limit) },
    { K, "k", !isnan (question->k) },
    { H, "h", !isnan (question->h) },
    { HEAD_START, "head-start", !isnan (question->head_start) },
    { RATES, "p0", !isnan (question->p0) },
    { RATES, "p1", !isnan (question->p1) },
    { RATES, "rate", !isnan (question->rate) },
    { DIMENSIONS, "dimensions", !isnan (question->dimensions) },
    { SHIFT, "shift", !isnan (question->shift) },
    { DF, "df", !isnan (question->df) },
    { PHI, "phi", !isnan (question->phi) },
    { WANTED, "in-control", !isnan (question->wanted) },
    { ONE_SIDED, "one-sided", question->one_sided },
    { FAST_START, "fast-start", question->fast_start },
    { RULES, "rules", question->rules != NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    if (given[i].is_given && !(options & given[i].option))
      return refuse (error, "%s takes no --%s", chart, given[i].name);
  return TRUE;
}

gboolean
arl_answer (const char *chart, ArlQuestion *question, ArlAnswer *answer, GError **error)
{
  *answer = (ArlAnswer){ .standard_error = NAN, .in_control_error = NAN };
  for (guint i = 0; i < G_N_ELEMENTS (charts); i++)
    if (g_str_equal (chart, charts[i].name))
      return check_options (chart, charts[i].options, question, error) &&
             charts[i].answer (question, answer, error);
  return refuse (error,
                 "there is no chart \"%s\"; expected shewhart, ewma, cusum, rules, bernoulli "
                 "or t2",
                 chart);
}
