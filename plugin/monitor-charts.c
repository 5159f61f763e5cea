/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/monitor-charts.h"

#include <math.h>

#include "core/monitor/feature-means.h"

void
gst_cpac_charts_init (GstCpacCharts *charts, const CpacMonitorOptions *wanted,
                      gboolean has_features)
{
  *charts = (GstCpacCharts){ .wanted = *wanted, .has_features = has_features };
  charts->names = g_ptr_array_new_with_free_func (g_free);
  charts->means = g_array_new (FALSE, TRUE, sizeof (double));
  cpac_part_sum_init (&charts->sum, 0);
}

void
gst_cpac_charts_clear (GstCpacCharts *charts)
{
  g_clear_pointer (&charts->monitor, cpac_monitor_free);
  cpac_monitor_origin_clear (&charts->origin);
  g_clear_pointer (&charts->names, g_ptr_array_unref);
  g_clear_pointer (&charts->means, g_array_unref);
  cpac_part_sum_clear (&charts->sum);
}

/* ---- Which monitor ---- */

/* What the user can say of it. */
static gboolean
is_as_wanted (const CpacMonitorOptions *a, const CpacMonitorOptions *b)
{
  return a->hours_per_false_alarm == b->hours_per_false_alarm &&
         a->parts_per_hour == b->parts_per_hour && a->n_phase_one == b->n_phase_one &&
         a->score_charts == b->score_charts && a->lambda == b->lambda && a->rules == b->rules &&
         a->reject_rate == b->reject_rate && a->high_reject_rate == b->high_reject_rate &&
         a->has_camera == b->has_camera;
}

gboolean
gst_cpac_charts_load (GstCpacCharts *charts, const char *path, gboolean *differs, GError **error)
{
  CpacMonitor *monitor = cpac_monitor_file_load (path, &charts->origin, error);

  if (monitor == NULL)
    return FALSE;
  charts->monitor = monitor;
  cpac_part_sum_set_features (&charts->sum, cpac_monitor_get_options (monitor)->n_features);
  *differs = !is_as_wanted (&charts->wanted, cpac_monitor_get_options (monitor));
  return TRUE;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

const char *
gst_cpac_charts_find_change (const GstCpacCharts *charts, const CpacInspection *inspection)
{
  const char *mask = charts->origin.ignore_mask_sha256;

  if (charts->monitor == NULL || !inspection->has_score)
    return NULL;
  if (!g_str_equal (charts->origin.config_sha256, or_empty (inspection->config_sha256)))
    return "another model";
  if (mask != NULL && !g_str_equal (mask, or_empty (inspection->ignore_mask_sha256)))
    return "scores with another ignore mask";
  if (cpac_monitor_get_options (charts->monitor)->has_p_values && !inspection->has_p_value)
    return "p-values, which are given no more";
  return NULL;
}

void
gst_cpac_charts_restart (GstCpacCharts *charts)
{
  g_clear_pointer (&charts->monitor, cpac_monitor_free);
  cpac_monitor_origin_clear (&charts->origin);
  g_ptr_array_set_size (charts->names, 0);
  cpac_part_sum_mix (&charts->sum);
  charts->has_result = FALSE;
}

/* More features than charts take are not charted. */
static guint
get_n_features (const GstCpacCharts *charts, const CpacInspection *inspection)
{
  guint n =
      charts->has_features ? cpac_feature_count (inspection->features, inspection->n_features) : 0;

  return n <= CPAC_HOTELLING_MAX_FEATURES ? n : 0;
}

/* Options were checked at start. */
static void
begin_monitor (GstCpacCharts *charts, const CpacInspection *inspection)
{
  CpacMonitorOptions options = charts->wanted;

  options.has_p_values = inspection->has_p_value;
  options.n_features = get_n_features (charts, inspection);
  charts->monitor = cpac_monitor_new (&options, NULL);
  g_assert (charts->monitor != NULL);
  charts->origin.config_sha256 = g_strdup (or_empty (inspection->config_sha256));
  cpac_part_sum_set_features (&charts->sum, options.n_features);
}

/* ---- Frames ---- */

static void
take_score (const CpacMonitorOptions *options, const CpacInspection *inspection,
            CpacMonitorPart *picture)
{
  if (options->has_p_values) {
    picture->score = inspection->p_value;
    picture->has_score =
        inspection->has_p_value && inspection->p_value >= 0 && inspection->p_value <= 1;
  } else {
    picture->score = inspection->score;
    picture->has_score = inspection->has_score && fabs (inspection->score) < 1e100;
  }
}

static void
take_features (GstCpacCharts *charts, const CpacInspection *inspection, CpacMonitorPart *picture)
{
  guint n = cpac_monitor_get_options (charts->monitor)->n_features;

  if (n == 0 || cpac_feature_count (inspection->features, inspection->n_features) != n)
    return;
  g_array_set_size (charts->means, n);
  if (!cpac_feature_means (inspection->features, inspection->n_features,
                           (double *) (gpointer) charts->means->data))
    return;
  picture->features = (const double *) (gpointer) charts->means->data;
  for (guint i = charts->names->len; i < n; i++)
    g_ptr_array_add (charts->names,
                     cpac_feature_name (inspection->features, inspection->n_features, i));
}

/* The state of a monitor may be older than the keeping of masks: the first one seen is taken for
 * the one it learnt with. */
static void
note_mask (GstCpacCharts *charts, const CpacInspection *inspection)
{
  if (charts->origin.ignore_mask_sha256 == NULL && inspection->has_score)
    charts->origin.ignore_mask_sha256 = g_strdup (or_empty (inspection->ignore_mask_sha256));
}

void
gst_cpac_charts_begin_part (GstCpacCharts *charts)
{
  cpac_part_sum_restart (&charts->sum);
}

void
gst_cpac_charts_add_frame (GstCpacCharts *charts, CpacVerdict verdict,
                           const CpacInspection *inspection, const double *camera)
{
  CpacMonitorPart picture = { .verdict = verdict, .has_camera = camera != NULL };
  gboolean has_p_values = FALSE;

  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES && camera != NULL; i++)
    picture.camera[i] = camera[i];
  if (inspection != NULL && charts->monitor == NULL && inspection->has_score)
    begin_monitor (charts, inspection);
  if (inspection != NULL && charts->monitor != NULL) {
    note_mask (charts, inspection);
    has_p_values = cpac_monitor_get_options (charts->monitor)->has_p_values;
    take_score (cpac_monitor_get_options (charts->monitor), inspection, &picture);
    take_features (charts, inspection, &picture);
  }
  cpac_part_sum_add (&charts->sum, &picture, has_p_values);
}

CpacMonitorPart
gst_cpac_charts_end_part (GstCpacCharts *charts, gboolean is_incomplete)
{
  CpacMonitorPart part = cpac_part_sum_get (&charts->sum);

  if (is_incomplete && part.verdict != CPAC_VERDICT_NOT_OK)
    part.verdict = CPAC_VERDICT_UNDEFINED;
  /* Every value was checked when it was taken. */
  charts->has_result = charts->monitor != NULL &&
                       cpac_monitor_add_part (charts->monitor, &part, &charts->result, NULL);
  return part;
}

const char *
gst_cpac_charts_get_top_feature (const GstCpacCharts *charts)
{
  const CpacMonitorResult *result = &charts->result;

  if (!charts->has_result || !result->has_top_feature || result->top_feature >= charts->names->len)
    return NULL;
  return g_ptr_array_index (charts->names, result->top_feature);
}
