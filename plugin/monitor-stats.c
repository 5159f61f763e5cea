/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/monitor-stats.h"

static void
set_count (GstStructure *structure, const char *of, const char *what, guint64 n)
{
  g_autofree char *field = g_strconcat (of, "-", what, NULL);

  gst_structure_set (structure, field, G_TYPE_UINT64, n, NULL);
}

static void
set_ledger (GstStructure *structure, const char *of, const CpacLedger *ledger)
{
  set_count (structure, of, "seen", ledger->seen);
  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    set_count (structure, of, cpac_verdict_to_string (i), ledger->verdicts[i]);
}

GstStructure *
gst_cpac_monitor_stats_to_structure (const GstCpacMonitorStats *stats)
{
  const CpacLineLedger *ledger = &stats->ledger;
  GstStructure *structure = gst_structure_new (
      "cpac-monitor-stats", "frames-lost", G_TYPE_UINT64, ledger->lost, "frames-between",
      G_TYPE_UINT64, ledger->between, "frames-corrupted", G_TYPE_UINT64, stats->n_corrupted,
      "frames-unmeasured", G_TYPE_UINT64, stats->n_unmeasured, "qos-events", G_TYPE_UINT64,
      stats->n_qos_events, "part-in-hand", G_TYPE_BOOLEAN, ledger->is_part_open, "frozen",
      G_TYPE_BOOLEAN, stats->is_frozen, NULL);

  set_ledger (structure, "frames", &ledger->frames);
  set_ledger (structure, "parts", &ledger->parts);
  if (stats->has_result)
    gst_structure_set (structure, "state", G_TYPE_STRING,
                       cpac_monitor_state_to_string (stats->state), "sentence", G_TYPE_STRING,
                       stats->sentence, NULL);
  return structure;
}
