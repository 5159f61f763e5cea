/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-stats.h"

/* Times below 8 ns have a step each; above, a step is the leading one and the three bits behind. */
static guint
step_of (guint64 time_ns)
{
  guint bits, step;

  if (time_ns < 8)
    return (guint) time_ns;
  bits = g_bit_storage (time_ns);
  step = (bits - 3) * 8 + (guint) ((time_ns >> (bits - 4)) & 7);
  return MIN (step, GST_CPAC_TIME_STEPS - 1);
}

/* The longest time of a step. */
static guint64
longest_of (guint step)
{
  if (step < 8)
    return step;
  return ((guint64) (8 + step % 8 + 1) << (step / 8 - 1)) - 1;
}

void
gst_cpac_score_stats_add (GstCpacScoreStats *stats, const CpacInspection *inspection)
{
  stats->frames++;
  stats->by_status[inspection->status]++;
  stats->defects += inspection->verdict == CPAC_VERDICT_NOT_OK;
  if (inspection->has_score) {
    stats->has_score = TRUE;
    stats->last_score = inspection->score;
  }
  if (inspection->has_time) {
    stats->n_times++;
    stats->sum_ns += inspection->time_ns;
    stats->times[step_of (inspection->time_ns)]++;
  }
}

guint64
gst_cpac_score_stats_get_p99 (const GstCpacScoreStats *stats)
{
  guint64 seen = 0, wanted = stats->n_times - stats->n_times / 100;

  if (stats->n_times == 0)
    return 0;
  for (guint step = 0; step < GST_CPAC_TIME_STEPS; step++) {
    seen += stats->times[step];
    if (seen >= wanted)
      return longest_of (step);
  }
  return longest_of (GST_CPAC_TIME_STEPS - 1);
}

GstStructure *
gst_cpac_score_stats_to_structure (const GstCpacScoreStats *stats)
{
  guint64 mean = stats->n_times > 0 ? stats->sum_ns / stats->n_times : 0;
  GstStructure *structure = gst_structure_new (
      "cpac-stats", "frames", G_TYPE_UINT64, stats->frames, "scored", G_TYPE_UINT64,
      stats->by_status[CPAC_STATUS_SCORED], "skipped", G_TYPE_UINT64,
      stats->by_status[CPAC_STATUS_SKIPPED], "errors", G_TYPE_UINT64,
      stats->by_status[CPAC_STATUS_ERROR], "defects", G_TYPE_UINT64, stats->defects, "lost",
      G_TYPE_UINT64, stats->lost, "mean-time-ns", G_TYPE_UINT64, mean, "p99-time-ns", G_TYPE_UINT64,
      gst_cpac_score_stats_get_p99 (stats), NULL);

  if (stats->has_score)
    gst_structure_set (structure, "last-score", G_TYPE_DOUBLE, stats->last_score, NULL);
  return structure;
}
