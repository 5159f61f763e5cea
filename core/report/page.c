/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/report/page.h"

#include <math.h>

#include "core/report/page-private.h"

#define COUNT "%" G_GUINT64_FORMAT

void
cpac_report_add_text (GString *html, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "\342\200\223", -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  g_string_append (html, escaped);
}

/* Six digits; a dash where it is no number. */
static void
add_number (GString *html, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    cpac_report_add_text (html, g_ascii_formatd (number, sizeof number, "%.6g", value));
  else
    cpac_report_add_text (html, NULL);
}

static void
add_percent (GString *html, double share)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (html, "%s&#160;%%",
                          g_ascii_formatd (number, sizeof number, "%.2f", 100 * share));
}

static void
begin_table (GString *html, const char *heads)
{
  g_string_append_printf (html,
                          "<div class=\"scroll\" role=\"region\" aria-label=\"table\" "
                          "tabindex=\"0\"><table><thead><tr>%s</tr></thead>"
                          "<tbody>\n",
                          heads);
}

static void
end_table (GString *html)
{
  g_string_append (html, "</tbody></table></div>\n");
}

static void
add_sentences (GString *html, const char *class_name, const GPtrArray *sentences)
{
  if (sentences->len == 0)
    return;
  g_string_append_printf (html, "<ul class=\"%s\">\n", class_name);
  for (guint i = 0; i < sentences->len; i++) {
    g_string_append (html, "<li>");
    cpac_report_add_text (html, sentences->pdata[i]);
    g_string_append (html, "</li>\n");
  }
  g_string_append (html, "</ul>\n");
}

/* ---- Head ---- */

static void
add_headline (GString *html, const CpacReportPage *page)
{
  const CpacReportSummary *summary = page->summary;
  const CpacLedger *ledger = cpac_report_summary_get_ledger (summary);

  g_string_append (html, "<header><h1>Inspection report</h1>\n<p class=\"soft\">Journal <code>");
  cpac_report_add_text (html, page->name);
  g_string_append_printf (
      html,
      "</code>, " COUNT " lines</p>\n<p class=\"lead\">" COUNT " %s seen: " COUNT " ok, " COUNT
      " not ok, " COUNT " not decidable, " COUNT " not inspected. ",
      summary->n_lines, ledger->seen, summary->has_parts ? "parts" : "frames",
      ledger->verdicts[CPAC_VERDICT_OK], ledger->verdicts[CPAC_VERDICT_NOT_OK],
      ledger->verdicts[CPAC_VERDICT_NOT_DECIDABLE], ledger->verdicts[CPAC_VERDICT_UNDEFINED]);
  g_string_append (html, summary->closes ? "The ledger closes.</p>\n"
                                         : "<strong>The ledger does not close.</strong></p>\n");
  add_sentences (html, "warnings", summary->warnings);
  add_sentences (html, "remarks", summary->remarks);
  g_string_append (html, "</header>\n<main>\n");
}

static void
add_code_cell (GString *html, const char *text)
{
  g_string_append (html, "<td><code>");
  cpac_report_add_text (html, text);
  g_string_append (html, "</code></td>");
}

static void
add_models (GString *html, const CpacReportSummary *summary)
{
  g_string_append (html, "<section><h2>Model and configuration</h2>\n");
  if (summary->models->len == 0) {
    g_string_append (html, "<p>The journal names no model.</p>\n</section>\n");
    return;
  }
  begin_table (html, "<th scope=\"col\">model</th><th scope=\"col\">SHA-256 of the model</th>"
                     "<th scope=\"col\">of the configuration</th><th scope=\"col\">of the ignore "
                     "mask</th><th class=\"n\" scope=\"col\">frames</th>");
  for (guint i = 0; i < summary->models->len; i++) {
    const CpacReportModel *model = &g_array_index (summary->models, CpacReportModel, i);

    g_string_append (html, "<tr>");
    add_code_cell (html, model->model);
    add_code_cell (html, model->model_sha256);
    add_code_cell (html, model->config_sha256);
    add_code_cell (html, model->ignore_mask_sha256);
    g_string_append_printf (html, "<td class=\"n\">" COUNT "</td></tr>\n", model->n_frames);
  }
  end_table (html);
  g_string_append (html, "</section>\n");
}

/* ---- Yield ---- */

static void
add_share (GString *html, const char *words, guint64 k, guint64 n)
{
  CpacInterval interval = cpac_report_get_interval (k, n);

  g_string_append_printf (
      html, "<tr><th scope=\"row\">%s</th><td class=\"n\">" COUNT "</td><td class=\"n\">", words,
      k);
  add_percent (html, (double) k / (double) n);
  g_string_append (html, "</td><td class=\"n\">");
  if (isnan (interval.low)) {
    cpac_report_add_text (html, NULL);
  } else {
    add_percent (html, interval.low);
    g_string_append (html, " to ");
    add_percent (html, interval.high);
  }
  g_string_append (html, "</td></tr>\n");
}

static void
add_yield (GString *html, const CpacReportSummary *summary)
{
  const CpacLedger *ledger = cpac_report_summary_get_ledger (summary);

  g_string_append (html, "<section><h2>Yield</h2>\n");
  if (ledger->seen == 0) {
    g_string_append (html, "<p>Nothing was seen, so there is no yield.</p>\n</section>\n");
    return;
  }
  begin_table (html,
               "<th scope=\"col\">of all seen</th><th class=\"n\" scope=\"col\">count</th>"
               "<th class=\"n\" scope=\"col\">share</th><th class=\"n\" scope=\"col\">95&#160;"
               "% interval</th>");
  add_share (html, "ok (yield)", ledger->verdicts[CPAC_VERDICT_OK], ledger->seen);
  add_share (html, "not ok", ledger->verdicts[CPAC_VERDICT_NOT_OK], ledger->seen);
  add_share (html, "not decidable", ledger->verdicts[CPAC_VERDICT_NOT_DECIDABLE], ledger->seen);
  add_share (html, "not inspected", ledger->verdicts[CPAC_VERDICT_UNDEFINED], ledger->seen);
  end_table (html);
  g_string_append_printf (
      html,
      "<p class=\"soft\">Clopper-Pearson intervals, as if %s were "
      "independent of each other.%s</p>\n</section>\n",
      summary->has_parts ? "parts" : "frames",
      summary->has_parts ? ""
                         : " The journal has no parts: frames that show "
                           "the same part are not independent, and the truth is then less sure.");
}

/* ---- Not inspected ---- */

static void
add_parts_missing (GString *html, const CpacReportSummary *summary)
{
  if (!summary->has_parts) {
    g_string_append (html,
                     "<p>The journal has no records of parts, so only frames are told.</p>\n");
    return;
  }
  if (summary->n_lost_parts + summary->n_incomplete + summary->n_mixed == 0) {
    g_string_append (html, "<p>No part is missing or incomplete.</p>\n");
    return;
  }
  g_string_append_printf (html,
                          "<p>" COUNT " parts never came; of " COUNT
                          " others frames are missing, or may be; " COUNT
                          " were scored by two models.</p>\n",
                          summary->n_lost_parts, summary->n_incomplete, summary->n_mixed);
}

static void
add_not_inspected (GString *html, const CpacReportSummary *summary)
{
  g_string_append (html, "<section><h2>Not inspected</h2>\n");
  add_parts_missing (html, summary);
  if (summary->reasons->len == 0) {
    g_string_append (html, "<p>Every frame has a verdict.</p>\n</section>\n");
    return;
  }
  begin_table (html, "<th class=\"n\" scope=\"col\">frames</th><th scope=\"col\">why</th>");
  for (guint i = 0; i < summary->reasons->len; i++) {
    const CpacReportReason *reason = &g_array_index (summary->reasons, CpacReportReason, i);

    g_string_append_printf (html, "<tr><td class=\"n\">" COUNT "</td><td>", reason->n_frames);
    cpac_report_add_text (html, reason->why);
    g_string_append (html, "</td></tr>\n");
  }
  end_table (html);
  g_string_append_printf (html,
                          "<p>" COUNT " of " COUNT " frames were not inspected.</p>\n"
                          "</section>\n",
                          summary->frames.verdicts[CPAC_VERDICT_UNDEFINED], summary->frames.seen);
}

/* ---- Worst ---- */

static void
add_picture (GString *html, const char *uri, const char *words)
{
  if (uri != NULL)
    g_string_append_printf (html, "<img src=\"%s\" alt=\"%s\">", uri, words);
}

static void
add_evidence (GString *html, const CpacReportPage *page, guint index)
{
  const CpacReportEvidence *evidence;

  if (page->evidence == NULL)
    return;
  evidence = &g_array_index (page->evidence, CpacReportEvidence, index);
  g_string_append (html, "<td><div class=\"pictures\">");
  add_picture (html, evidence->picture, "the frame");
  add_picture (html, evidence->map, "its heat map");
  if (evidence->remark != NULL)
    cpac_report_add_text (html, evidence->remark);
  g_string_append (html, "</div></td>");
}

static void
add_unit (GString *html, const CpacReportPage *page, guint index)
{
  const CpacReportUnit *unit = &g_array_index (page->worst, CpacReportUnit, index);

  g_string_append_printf (html, "<tr><td class=\"n\">" COUNT "</td><td class=\"id\">",
                          unit->number);
  cpac_report_add_text (html, unit->id);
  g_string_append_printf (html, "</td><td>%s</td><td class=\"n\">",
                          cpac_verdict_to_string (unit->verdict));
  add_number (html, unit->score);
  g_string_append (html, "</td><td class=\"n\">");
  add_number (html, unit->p_value);
  g_string_append_printf (html, "</td><td class=\"n\">" COUNT "</td>", unit->line);
  add_evidence (html, page, index);
  g_string_append (html, "</tr>\n");
}

static void
add_worst (GString *html, const CpacReportPage *page)
{
  const char *what = page->summary->has_parts ? "part" : "frame";
  g_autofree char *heads = g_strdup_printf (
      "<th class=\"n\" scope=\"col\">%s</th><th scope=\"col\">part id</th><th scope=\"col\">verdict"
      "</th><th class=\"n\" scope=\"col\">score</th><th class=\"n\" scope=\"col\">p</th>"
      "<th class=\"n\" scope=\"col\">line</th>%s",
      what, page->evidence != NULL ? "<th scope=\"col\">pictures</th>" : "");

  g_string_append_printf (html, "<section><h2>Worst %ss</h2>\n", what);
  if (page->worst->len == 0) {
    g_string_append_printf (html, "<p>No %s has a score.</p>\n</section>\n", what);
    return;
  }
  g_string_append_printf (
      html,
      "<p>Rejected ones first, then those that could not be decided, then "
      "the rest, the highest scores first; at most %d.%s</p>\n",
      CPAC_REPORT_N_WORST,
      page->evidence == NULL ? " No folder of evidence was given, so there are no pictures." : "");
  begin_table (html, heads);
  for (guint i = 0; i < page->worst->len; i++)
    add_unit (html, page, i);
  end_table (html);
  g_string_append (html, "</section>\n");
}

char *
cpac_report_page (const CpacReportPage *page)
{
  GString *html = g_string_new (NULL);

  g_string_append_printf (
      html,
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Inspection report</title>\n<style>\n%s</style>\n</head>\n<body>\n",
      cpac_report_style);
  add_headline (html, page);
  add_models (html, page->summary);
  add_yield (html, page->summary);
  cpac_report_add_verdicts (html, page->summary);
  add_not_inspected (html, page->summary);
  cpac_report_add_charts (html, page->summary);
  cpac_report_add_scores (html, page->summary);
  add_worst (html, page);
  g_string_append_printf (html,
                          "</main>\n<footer class=\"soft\"><p>Made by cpac report %s."
                          "</p></footer>\n</body>\n</html>\n",
                          CPAC_VERSION);
  return g_string_free (html, FALSE);
}
