/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/monitor-settings.h"

GType
gst_cpac_parts_by_get_type (void)
{
  static const GEnumValue values[] = {
    { CPAC_PARTS_AUTO, "Ids, of events or metadata, where there are any; else frames", "auto" },
    { CPAC_PARTS_EVENT, "Ids that cpac-part events give", "event" },
    { CPAC_PARTS_METADATA, "Ids in the frames' metadata", "metadata" },
    { CPAC_PARTS_FRAMES, "So many frames are a part: frames-per-part", "frames" },
    { CPAC_PARTS_GAP, "A part begins where no frame came for so long: part-gap", "gap" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacPartsBy", values));
  return type;
}

GType
gst_cpac_monitor_messages_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_MONITOR_MESSAGES_NONE, "No message", "none" },
    { GST_CPAC_MONITOR_MESSAGES_CHANGES, "A message for every part that changes the state",
      "changes" },
    { GST_CPAC_MONITOR_MESSAGES_PARTS, "A message for every part", "parts" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacMonitorMessages", values));
  return type;
}

GType
gst_cpac_journal_sync_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_JOURNAL_SYNC_NONE, "When the system does: a loss of power may cost half a minute",
      "none" },
    { GST_CPAC_JOURNAL_SYNC_PART, "At the end of every part, before the next frame goes on",
      "part" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacJournalSync", values));
  return type;
}

GType
gst_cpac_monitor_charts_get_type (void)
{
  static const GFlagsValue values[] = {
    { CPAC_CHART_SHEWHART, "Single parts", "shewhart" },
    { CPAC_CHART_EWMA, "Exponentially weighted average, always on", "ewma" },
    { CPAC_CHART_CUSUM, "Cumulated sums", "cusum" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("GstCpacMonitorCharts", values));
  return type;
}
