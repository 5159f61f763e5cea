/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/monitor.h"

G_BEGIN_DECLS

/* What the journal says of a part (see CpacJournalPart), as JSON objects. (transfer full) */

/* {"state", "changed", "parts_in_state", "sentence", "alarms": [names], "rules": [names],
 * "top_feature", "top_share", "charts": [{"series", "chart", "value", "lower", "upper", "alarm"}]}.
 * What does not apply is left out. */
char *cpac_monitor_result_to_json (const CpacMonitorResult *result);
/* {"brightness", "contrast", "sharpness", "saturation"}. */
char *cpac_camera_to_json (const double camera[CPAC_N_CAMERA_MEASURES]);

/* One line of the journal, ending in a newline: record "limits", what phase I found and fixed.
 * NULL in phase I. (transfer full) */
char *cpac_monitor_journal_limits (const CpacMonitor *monitor);

/* The name of one bit of CpacMonitorResult.alarms: "score", "rejects", "t2", "q" or a camera
 * measure's. */
const char *cpac_monitor_alarm_to_string (guint alarm);

G_END_DECLS
