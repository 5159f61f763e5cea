/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/report/series.h"

#include <math.h>

static int
compare_places (const void *a, const void *b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return (x > y) - (x < y);
}

/* Of the points from @begin on before @end. */
static void
add_column (GArray *kept, const CpacReportPoint *points, guint begin, guint end)
{
  guint places[4] = { begin, begin, begin, end - 1 };

  for (guint i = begin; i < end; i++) {
    if (points[i].value < points[places[1]].value || isnan (points[places[1]].value))
      places[1] = i;
    if (points[i].value > points[places[2]].value || isnan (points[places[2]].value))
      places[2] = i;
  }
  qsort (places, G_N_ELEMENTS (places), sizeof *places, compare_places);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (i == 0 || places[i] != places[i - 1])
      g_array_append_val (kept, places[i]);
}

GArray *
cpac_report_thin (const CpacReportPoint *points, guint n, guint n_columns)
{
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (guint));

  if (n <= 4 * (guint64) n_columns) {
    for (guint i = 0; i < n; i++)
      g_array_append_val (kept, i);
    return kept;
  }
  for (guint i = 0; i < n_columns; i++) {
    guint begin = (guint) ((guint64) i * n / n_columns);
    guint end = (guint) ((guint64) (i + 1) * n / n_columns);

    add_column (kept, points, begin, end);
  }
  return kept;
}

GArray *
cpac_report_alarms (const CpacReportPoint *points, guint n, guint max, guint *n_alarms)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *kept;

  for (guint i = 0; i < n; i++)
    if (points[i].is_alarm)
      g_array_append_val (all, i);
  *n_alarms = all->len;
  if (all->len <= max)
    return g_steal_pointer (&all);
  kept = g_array_sized_new (FALSE, FALSE, sizeof (guint), max);
  for (guint i = 0; i < max; i++) {
    guint64 place = (guint64) i * (all->len - 1) / (max - 1);

    g_array_append_val (kept, g_array_index (all, guint, place));
  }
  return kept;
}
