/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/report/charts.h"
#include "core/report/page-private.h"

static void
add_figure (GString *html, const char *svg, const char *caption)
{
  g_string_append_printf (html,
                          "<figure><div class=\"scroll\" role=\"region\" aria-label=\"chart\" "
                          "tabindex=\"0\">\n%s</div>\n"
                          "<figcaption>%s</figcaption></figure>\n",
                          svg, caption);
}

static const char verdict_key[] =
    "From the foot of each bar up: ok (plain), not decidable (hatched one way), not ok (hatched "
    "both ways), not inspected (lines across).";

void
cpac_report_add_verdicts (GString *html, const CpacReportSummary *summary)
{
  g_autofree char *svg = cpac_report_draw_verdicts (summary);

  g_string_append (html, "<section><h2>Verdicts over time</h2>\n");
  if (svg != NULL)
    add_figure (html, svg, verdict_key);
  else
    g_string_append (html, "<p>The journal holds no frame and no part, so there is nothing to "
                           "draw.</p>\n");
  g_string_append (html, "</section>\n");
}

void
cpac_report_add_scores (GString *html, const CpacReportSummary *summary)
{
  g_autofree char *svg = NULL, *caption = NULL, *beyond = NULL;
  guint n_beyond;

  svg = cpac_report_draw_scores (summary, &n_beyond);
  g_string_append (html, "<section><h2>Scores</h2>\n");
  if (svg == NULL) {
    g_string_append (html, "<p>No line of the journal has a score.</p>\n</section>\n");
    return;
  }
  if (n_beyond > 0)
    beyond = g_strdup_printf (" The last bar also holds %u scores far beyond it.", n_beyond);
  caption = g_strconcat (verdict_key, beyond, NULL);
  add_figure (html, svg, caption);
  if (summary->thresholds->len == 0)
    g_string_append (html, "<p>The journal says no thresholds.</p>\n");
  if (summary->thresholds->len > 1)
    g_string_append_printf (html,
                            "<p>Frames were judged by %u different pairs of thresholds.</p>\n",
                            summary->thresholds->len);
  g_string_append (html, "</section>\n");
}

/* ---- Control charts ---- */

static void
add_limits (GString *html, const CpacReportLimits *limits)
{
  if (limits->n_records == 0)
    return;
  g_string_append_printf (html,
                          "<p>Limits were learnt from %" G_GUINT64_FORMAT
                          " parts, %" G_GUINT64_FORMAT " of them left out; SHA-256 <code>",
                          limits->n_parts, limits->n_left_out);
  cpac_report_add_text (html, limits->sha256);
  g_string_append (html, "</code>.");
  if (limits->n_records > 1)
    g_string_append_printf (
        html, " The journal tells limits %" G_GUINT64_FORMAT " times; these are the last.",
        limits->n_records);
  g_string_append (html, "</p>\n");
  if (limits->notes->len == 0)
    return;
  g_string_append (html, "<ul>");
  for (guint i = 0; i < limits->notes->len; i++) {
    g_string_append (html, "<li>");
    cpac_report_add_text (html, limits->notes->pdata[i]);
    g_string_append (html, "</li>\n");
  }
  g_string_append (html, "</ul>\n");
}

static void
add_changes (GString *html, const CpacReportSummary *summary)
{
  if (summary->n_changes == 0)
    return;
  g_string_append (html, "<h3>States</h3>\n<div class=\"scroll\" role=\"region\" "
                         "aria-label=\"states\" tabindex=\"0\"><table><thead><tr>"
                         "<th class=\"n\" scope=\"col\">from part</th><th scope=\"col\">state</th>"
                         "<th scope=\"col\">what was said</th></tr></thead><tbody>\n");
  for (guint i = 0; i < summary->changes->len; i++) {
    const CpacReportChange *change = &g_array_index (summary->changes, CpacReportChange, i);

    g_string_append_printf (html, "<tr><td class=\"n\">%" G_GUINT64_FORMAT "</td><td>",
                            change->part);
    cpac_report_add_text (html, change->state);
    g_string_append (html, "</td><td>");
    cpac_report_add_text (html, change->sentence);
    g_string_append (html, "</td></tr>\n");
  }
  g_string_append (html, "</tbody></table></div>\n");
  if (summary->n_changes > summary->changes->len)
    g_string_append_printf (html,
                            "<p>The first %u of %" G_GUINT64_FORMAT " changes are listed.</p>"
                            "\n",
                            summary->changes->len, summary->n_changes);
}

static void
add_chart (GString *html, const CpacReportSummary *summary, const CpacReportChart *chart)
{
  g_autofree char *svg = NULL, *caption = NULL;
  guint n_alarms;

  svg = cpac_report_draw_chart (summary, chart, &n_alarms);
  if (n_alarms > CPAC_REPORT_MAX_ALARMS)
    caption = g_strdup_printf ("%u alarms, of which %d, evenly spread, are drawn.", n_alarms,
                               CPAC_REPORT_MAX_ALARMS);
  else
    caption = g_strdup_printf (n_alarms == 1 ? "%u alarm." : "%u alarms.", n_alarms);
  add_figure (html, svg, caption);
}

void
cpac_report_add_charts (GString *html, const CpacReportSummary *summary)
{
  g_string_append (html, "<section><h2>Control charts</h2>\n");
  if (summary->charts->len == 0)
    g_string_append (html, summary->n_changes > 0
                               ? "<p>No limits were set yet, so there are no charts.</p>\n"
                               : "<p>The journal has no control charts: they come from "
                                 "cpacmonitor.</p>\n");
  else
    g_string_append (html, "<p>Full line with triangles: values and alarms. Dashed: limits. Gray: "
                           "centre between two limits. Dotted, upright: the state changed.</p>\n");
  add_limits (html, &summary->limits);
  add_changes (html, summary);
  for (guint i = 0; i < summary->charts->len; i++)
    add_chart (html, summary, &g_array_index (summary->charts, CpacReportChart, i));
  g_string_append (html, "</section>\n");
}
