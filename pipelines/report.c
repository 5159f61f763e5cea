/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/report.h"

#include <string.h>

#include "core/model/files.h"

/* What is most at odds with its label first; equal scores in the order of the list. */
static gint
compare_worst (gconstpointer a, gconstpointer b, gpointer user_data)
{
  guint i = *(const guint *) a, k = *(const guint *) b;
  const CpacMetricSample *x = (const CpacMetricSample *) user_data + i;
  const CpacMetricSample *y = (const CpacMetricSample *) user_data + k;

  if (x->score != y->score)
    return ((x->score > y->score) == (x->defect != FALSE)) ? 1 : -1;
  return (i > k) - (i < k);
}

/* (transfer full) */
static GArray *
sort_kind (const Figures *figures, gboolean defect)
{
  GArray *indices = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < figures->n; i++)
    if ((figures->samples[i].defect != FALSE) == defect)
      g_array_append_val (indices, i);
  g_array_sort_with_data (indices, compare_worst, figures->samples);
  return indices;
}

guint
report_find_worst (const Figures *figures, guint worst[REPORT_N_WORST], guint *n_good)
{
  g_autoptr (GArray) good = sort_kind (figures, FALSE), defects = sort_kind (figures, TRUE);
  guint half = REPORT_N_WORST / 2;
  guint n_defects = MIN (defects->len, REPORT_N_WORST - MIN (good->len, half));

  *n_good = MIN (good->len, REPORT_N_WORST - n_defects);
  for (guint i = 0; i < *n_good; i++)
    worst[i] = g_array_index (good, guint, i);
  for (guint i = 0; i < n_defects; i++)
    worst[*n_good + i] = g_array_index (defects, guint, i);
  return *n_good + n_defects;
}

static gboolean
write_text (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return cpac_file_replace (path, text, strlen (text), error);
}

gboolean
report_write (const Report *report, const char *path, GError **error)
{
  g_autofree char *worst = g_build_filename (path, "worst.png", NULL);
  g_autofree char *roc = NULL, *scores = NULL;

  if (!cpac_file_make_folder (path, error))
    return FALSE;
  roc = report_draw_roc (report);
  scores = report_draw_scores (report);
  return write_text (path, "roc.svg", roc, error) &&
         write_text (path, "scores.svg", scores, error) &&
         report_write_worst (report, worst, error);
}
