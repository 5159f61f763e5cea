/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One point of a control chart. */
typedef struct {
  guint at; /* which part, from 0 */
  gboolean is_alarm;
  double value, lower, upper; /* NAN where there is none */
} CpacReportPoint;

/* Of @n points those that a chart of @n_columns has room for: of each column of as many points the
 * first, the smallest, the largest and the last, in their order. All where they are at most four a
 * column. (transfer full) (element-type guint) */
GArray *cpac_report_thin (const CpacReportPoint *points, guint n, guint n_columns);

/* Places of the alarms; beyond @max of them evenly spread ones, the first and the last among them.
 * @n_alarms: all there are. @max at least 2. (transfer full) (element-type guint) */
GArray *cpac_report_alarms (const CpacReportPoint *points, guint n, guint max, guint *n_alarms);

G_END_DECLS
