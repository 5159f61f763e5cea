/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-private.h"

#include "core/model/json.h"
#include "core/monitor/arl.h"
#include "core/monitor/state.h"

#define VERSION 1
#define MAX_LEVELS 8
#define MAX_VALUES 3000000
#define MAX_PARTS (CPAC_MONITOR_PHASE_ONE_WINDOW * CPAC_MONITOR_MAX_PHASE_ONE)
#define HUGE_VALUE 1e100
/* Residuals of standardised points, which are within 1e6. */
#define MAX_POINT 1e8

/* Each function below describes one structure, to the writer and to the reader alike. */

static void
visit_options (CpacState *state, CpacMonitorOptions *options)
{
  cpac_state_open (state, "options");
  cpac_state_double (state, "hours_per_false_alarm", &options->hours_per_false_alarm, 0, 1e9);
  cpac_state_double (state, "parts_per_hour", &options->parts_per_hour, 0, 1e9);
  cpac_state_uint (state, "n_phase_one", &options->n_phase_one, 0, CPAC_MONITOR_MAX_PHASE_ONE);
  cpac_state_boolean (state, "has_p_values", &options->has_p_values);
  cpac_state_double (state, "smallest_p", &options->smallest_p, 0, 1);
  cpac_state_uint (state, "score_charts", &options->score_charts, 0, 15);
  cpac_state_double (state, "lambda", &options->lambda, 0, 1);
  cpac_state_double (state, "cusum_k", &options->cusum_k, 0, CPAC_CHART_MAX_LIMIT);
  cpac_state_uint (state, "rules", &options->rules, 0, (1 << CPAC_N_RULES) - 1);
  cpac_state_double (state, "reject_rate", &options->reject_rate, 0, 1);
  cpac_state_double (state, "high_reject_rate", &options->high_reject_rate, 0, 1);
  cpac_state_boolean (state, "has_camera", &options->has_camera);
  cpac_state_uint (state, "n_features", &options->n_features, 0, CPAC_HOTELLING_MAX_FEATURES);
  cpac_state_close (state);
}

/* ---- Phase I ---- */

static void
visit_phase_one (CpacState *state, CpacMonitor *monitor)
{
  gsize max_features = (gsize) MAX_PARTS * monitor->options.n_features;

  cpac_state_open (state, "phase_one");
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    cpac_state_double_array (state, cpac_monitor_get_series_name (i), monitor->learnt[i], MAX_PARTS,
                             -HUGE_VALUE, HUGE_VALUE);
  cpac_state_double_array (state, "features", monitor->features, max_features, -HUGE_VALUE,
                           HUGE_VALUE);
  cpac_state_uint_array (state, "rejects", monitor->rejects, MAX_PARTS);
  cpac_state_close (state);
}

/* ---- Limits ---- */

static void
visit_baseline (CpacState *state, CpacBaseline *baseline)
{
  cpac_state_uint (state, "n_parts", &baseline->n_parts, 0, MAX_PARTS);
  cpac_state_uint (state, "n_used", &baseline->n_used, 0, MAX_PARTS);
  cpac_state_double (state, "center", &baseline->center, -2 * HUGE_VALUE, 2 * HUGE_VALUE);
  cpac_state_double (state, "spread", &baseline->spread, 1 / HUGE_VALUE / 10, 10 * HUGE_VALUE);
  cpac_state_doubles (state, "lags", baseline->lags, CPAC_N_LAGS, -1, 1);
  cpac_state_double (state, "phi", &baseline->phi, -CPAC_AUTOCORRELATION_MAX,
                     CPAC_AUTOCORRELATION_MAX);
  cpac_state_double (state, "residual_lag1", &baseline->residual_lag1, -1, 1);
  cpac_state_double (state, "margin", &baseline->margin, 0, 1);
  cpac_state_boolean (state, "is_slow", &baseline->is_slow);
  cpac_state_double (state, "df", &baseline->df, 0, 1e6);
}

static void
visit_sides (CpacState *state, CpacSides *sides)
{
  guint number = *sides;

  cpac_state_uint (state, "sides", &number, CPAC_SIDES_BOTH, CPAC_SIDES_UPPER);
  *sides = number;
}

static void
visit_series_limits (CpacState *state, const char *key, CpacSeries *series)
{
  cpac_state_open (state, key);
  cpac_state_uint (state, "charts", &series->charts, 0, 15);
  if (series->charts != 0)
    visit_baseline (state, &series->baseline);
  if (series->charts & CPAC_CHART_SHEWHART) {
    cpac_state_double (state, "shewhart_limit", &series->shewhart.limit, 0.01,
                       CPAC_SHEWHART_MAX_LIMIT);
    visit_sides (state, &series->shewhart.sides);
  }
  if (series->charts & CPAC_CHART_EWMA) {
    cpac_state_double (state, "ewma_lambda", &series->ewma.design.lambda, CPAC_EWMA_MIN_LAMBDA, 1);
    cpac_state_double (state, "ewma_limit", &series->ewma.design.limit, 0.01, CPAC_CHART_MAX_LIMIT);
  }
  if (series->charts & CPAC_CHART_CUSUM) {
    cpac_state_double (state, "cusum_k", &series->cusum.design.k, 0, CPAC_CHART_MAX_LIMIT);
    cpac_state_double (state, "cusum_h", &series->cusum.design.h, 0.01, CPAC_CUSUM_MAX_H);
  }
  if (series->charts & CPAC_CHART_RULES)
    cpac_state_uint (state, "rules", &series->rules.rules, 1, (1 << CPAC_N_RULES) - 1);
  cpac_state_close (state);
}

static void
visit_bernoulli_limits (CpacState *state, CpacMonitor *monitor)
{
  CpacBernoulliDesign *design = &monitor->bernoulli.design;

  cpac_state_open (state, "rejects");
  cpac_state_boolean (state, "on", &monitor->has_bernoulli);
  if (monitor->has_bernoulli) {
    cpac_state_uint (state, "step", &design->step, 2, CPAC_BERNOULLI_MAX_STEP);
    cpac_state_uint (state, "limit", &design->limit, 1, CPAC_BERNOULLI_MAX_LIMIT);
  }
  cpac_state_close (state);
}

static void
visit_axes (CpacState *state, CpacHotelling *hotelling)
{
  guint n = hotelling->n_features;

  cpac_state_uint (state, "n_parts", &hotelling->n_parts, 0, MAX_PARTS);
  cpac_state_uint (state, "n_used", &hotelling->n_used, 0, MAX_PARTS);
  cpac_state_doubles (state, "mean", hotelling->mean, n, -2 * HUGE_VALUE, 2 * HUGE_VALUE);
  cpac_state_doubles (state, "scale", hotelling->scale, n, 0, 10 * HUGE_VALUE);
  cpac_state_doubles (state, "axes", hotelling->axes, (gsize) hotelling->n_axes * n, -2, 2);
  /* Of correlations: their sum is the number of features, and 90 % of it is in the axes. */
  cpac_state_doubles (state, "variances", hotelling->variances, hotelling->n_axes, 1e-6,
                      2 * CPAC_HOTELLING_MAX_FEATURES);
  cpac_state_double (state, "t2_limit", &hotelling->t2_limit, 0, HUGE_VALUE);
  cpac_state_double (state, "q_limit", &hotelling->q_limit, 0, HUGE_VALUE);
}

static void
visit_features (CpacState *state, CpacMonitor *monitor)
{
  guint n = monitor->options.n_features;
  guint n_axes = monitor->hotelling != NULL ? monitor->hotelling->n_axes : 0;

  cpac_state_open (state, "features");
  cpac_state_uint (state, "n_axes", &n_axes, 0, MIN (n, CPAC_HOTELLING_MAX_AXES));
  if (cpac_state_is_reader (state) && n_axes > 0 && !cpac_state_failed (state))
    monitor->hotelling = cpac_hotelling_alloc (n, n_axes);
  if (monitor->hotelling != NULL)
    visit_axes (state, monitor->hotelling);
  cpac_state_close (state);
}

static void
visit_limits (CpacState *state, CpacMonitor *monitor)
{
  cpac_state_open (state, "limits");
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    visit_series_limits (state, cpac_monitor_get_series_name (i), &monitor->series[i]);
  visit_bernoulli_limits (state, monitor);
  visit_features (state, monitor);
  cpac_state_uint (state, "n_parts", &monitor->n_learnt, 0, MAX_PARTS);
  cpac_state_uint_array (state, "left_out", monitor->left_out, monitor->n_learnt);
  cpac_state_uint (state, "n_charts", &monitor->n_charts, 1, CPAC_MONITOR_MAX_READINGS);
  cpac_state_double (state, "arl", &monitor->arl, 1, CPAC_ARL_MAX);
  cpac_state_double (state, "arl_of_chart", &monitor->arl_of_chart, 1, CPAC_ARL_MAX);
  cpac_state_double (state, "arl_low", &monitor->arl_low, 0, CPAC_ARL_MAX);
  cpac_state_double (state, "arl_uncorrected", &monitor->arl_uncorrected, 0, CPAC_ARL_MAX);
  cpac_state_double (state, "arl_of_rules", &monitor->arl_of_rules, 0, CPAC_ARL_MAX);
  cpac_state_texts (state, "notes", monitor->notes, CPAC_MONITOR_MAX_NOTES);
  cpac_state_close (state);
}

/* ---- How charts stand ---- */

static void
visit_byte (CpacState *state, const char *key, guint8 *value, guint high)
{
  guint number = *value;

  cpac_state_uint (state, key, &number, 0, high);
  *value = (guint8) number;
}

static void
visit_rules (CpacState *state, CpacRulesChart *chart)
{
  CpacZoneHistory *zones = &chart->zones;

  cpac_state_open (state, "rules");
  visit_byte (state, "above_2", &zones->beyond_2[0], 3);
  visit_byte (state, "below_2", &zones->beyond_2[1], 3);
  visit_byte (state, "above_1", &zones->beyond_1[0], 15);
  visit_byte (state, "below_1", &zones->beyond_1[1], 15);
  visit_byte (state, "above", &zones->same[0], 8);
  visit_byte (state, "below", &zones->same[1], 8);
  visit_byte (state, "near", &zones->near, 14);
  visit_byte (state, "far", &zones->far, 7);
  visit_byte (state, "rises", &chart->rises, 5);
  visit_byte (state, "falls", &chart->falls, 5);
  visit_byte (state, "turns", &chart->turns, 13);
  cpac_state_boolean (state, "has_previous", &chart->has_previous);
  cpac_state_double (state, "previous", &chart->previous, -MAX_POINT, MAX_POINT);
  cpac_state_close (state);
}

static void
visit_series (CpacState *state, const char *key, CpacSeries *series)
{
  cpac_state_open (state, key);
  cpac_state_boolean (state, "has_previous", &series->has_previous);
  cpac_state_double (state, "previous", &series->previous, -CPAC_CLIP, CPAC_CLIP);
  if (series->charts & CPAC_CHART_EWMA) {
    cpac_state_double (state, "ewma", &series->ewma.value, -CPAC_CLIP, CPAC_CLIP);
    cpac_state_uint64 (state, "n_points", &series->ewma.n_points);
  }
  if (series->charts & CPAC_CHART_CUSUM) {
    double most = 2 * series->cusum.design.h;

    cpac_state_double (state, "cusum_upper", &series->cusum.upper, 0, most);
    cpac_state_double (state, "cusum_lower", &series->cusum.lower, 0, most);
  }
  if (series->charts & CPAC_CHART_RULES)
    visit_rules (state, &series->rules);
  cpac_state_close (state);
}

static void
visit_charts (CpacState *state, CpacMonitor *monitor)
{
  CpacScoreShift *shift = &monitor->shift;

  cpac_state_open (state, "charts");
  for (guint i = 0; i < CPAC_N_SERIES; i++)
    visit_series (state, cpac_monitor_get_series_name (i), &monitor->series[i]);
  cpac_state_uint (state, "rejects", &monitor->bernoulli.sum, 0,
                   2 * monitor->bernoulli.design.limit);
  cpac_state_uint64 (state, "rejects_n", &monitor->bernoulli.n_parts);
  cpac_state_uint64 (state, "rejects_n_rejects", &monitor->bernoulli.n_rejects);
  cpac_state_uint64 (state, "shift_n", &shift->n);
  cpac_state_uint64 (state, "shift_n_rejects", &shift->n_rejects);
  cpac_state_double (state, "shift_sum", &shift->sum, -HUGE_VALUE, HUGE_VALUE);
  cpac_state_double (state, "shift_sum_of_rejects", &shift->sum_of_rejects, -HUGE_VALUE,
                     HUGE_VALUE);
  cpac_state_doubles (state, "camera", monitor->camera, CPAC_N_CAMERA_MEASURES, -HUGE_VALUE,
                      HUGE_VALUE);
  cpac_state_close (state);
}

/* ---- All ---- */

static void
visit_monitor (CpacState *state, CpacMonitor *monitor)
{
  guint version = VERSION, number = monitor->state;

  cpac_state_uint (state, "cpac_monitor", &version, VERSION, VERSION);
  visit_options (state, &monitor->options);
  cpac_state_boolean (state, "is_frozen", &monitor->is_frozen);
  cpac_state_uint64 (state, "n_seen", &monitor->n_seen);
  cpac_state_uint (state, "state", &number, 0, CPAC_N_MONITOR_STATES - 1);
  monitor->state = number;
  cpac_state_uint64 (state, "n_in_state", &monitor->n_in_state);
  if (monitor->is_frozen) {
    visit_limits (state, monitor);
    visit_charts (state, monitor);
  } else {
    visit_phase_one (state, monitor);
  }
}

/* A writer changes nothing. */
char *
cpac_monitor_save (const CpacMonitor *monitor)
{
  CpacState state;

  cpac_state_init_writer (&state);
  visit_monitor (&state, (CpacMonitor *) monitor);
  return cpac_state_end_writer (&state);
}

char *
cpac_monitor_dup_limits_sha256 (const CpacMonitor *monitor)
{
  g_autofree char *text = NULL;
  CpacState state;

  if (!monitor->is_frozen)
    return NULL;
  cpac_state_init_writer (&state);
  visit_limits (&state, (CpacMonitor *) monitor);
  text = cpac_state_end_writer (&state);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/* ---- What members say together ---- */

static gboolean
refuse (const char *name, const char *what, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: %s", name, what);
  return FALSE;
}

static gboolean
check_phase_one (const char *name, const CpacMonitor *monitor, GError **error)
{
  const CpacMonitorOptions *options = &monitor->options;
  guint n = monitor->rejects->len;

  if (n > CPAC_MONITOR_PHASE_ONE_WINDOW * options->n_phase_one ||
      monitor->learnt[CPAC_SERIES_SCORE]->len != n ||
      monitor->features->len != (gsize) n * options->n_features)
    return refuse (name, "phase_one: found lists of different lengths, expected a value each part",
                   error);
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    if (monitor->learnt[CPAC_SERIES_CAMERA + i]->len != (options->has_camera ? n : 0))
      return refuse (name, "phase_one: found camera values for some parts, expected all or none",
                     error);
  for (guint i = 0; i < n; i++)
    if (g_array_index (monitor->rejects, guint, i) > 1)
      return refuse (name, "phase_one.rejects: found a number above 1, expected 0 and 1", error);
  return TRUE;
}

static gboolean
check_limits (const char *name, const CpacMonitor *monitor, GError **error)
{
  for (guint i = 0; i < monitor->left_out->len; i++)
    if (g_array_index (monitor->left_out, guint, i) >= monitor->n_learnt)
      return refuse (name, "limits.left_out: found a part beyond those of phase I", error);
  if (monitor->series[CPAC_SERIES_SCORE].charts != monitor->options.score_charts)
    return refuse (name, "limits.score.charts: found other charts than the options say", error);
  if (monitor->has_bernoulli != (monitor->options.reject_rate > 0))
    return refuse (name, "limits.rejects: found other charts than the options say", error);
  if (monitor->shift.n_rejects > monitor->shift.n)
    return refuse (name, "charts.shift_n_rejects: found more rejected parts than parts", error);
  return TRUE;
}

static gboolean
read_monitor (const char *name, JsonNode *root, CpacMonitor *monitor, GError **error)
{
  CpacState state;

  if (!cpac_state_init_reader (&state, name, root, error))
    return FALSE;
  visit_monitor (&state, monitor);
  if (!cpac_state_end_reader (&state, error))
    return FALSE;
  if (!cpac_monitor_options_check (&monitor->options, error)) {
    g_prefix_error (error, "%s: options: ", name);
    return FALSE;
  }
  return monitor->is_frozen ? check_limits (name, monitor, error)
                            : check_phase_one (name, monitor, error);
}

CpacMonitor *
cpac_monitor_load (const char *name, const char *text, gsize length, GError **error)
{
  static const CpacJsonBounds bounds = { MAX_LEVELS, MAX_VALUES };
  g_autoptr (JsonNode) root = cpac_json_parse (name, 0, text, length, &bounds, error);
  g_autoptr (CpacMonitor) monitor = NULL;

  if (root == NULL)
    return NULL;
  monitor = cpac_monitor_alloc ();
  return read_monitor (name, root, monitor, error) ? g_steal_pointer (&monitor) : NULL;
}
