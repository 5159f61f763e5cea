/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdio.h>

#include "core/model/files.h"
#include "core/report/page.h"
#include "pipelines/evidence-folder.h"
#include "pipelines/tool.h"

#define MAX_JOURNAL ((gsize) 4 << 30)

static gboolean as_json;
static char *out, *evidence_folder;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Page to write", "HTML" },
  { "evidence", 0, 0, G_OPTION_ARG_FILENAME, &evidence_folder,
    "Folder with pictures that were kept of frames", "DIR" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the summary as one JSON object", NULL },
  { NULL },
};

static gboolean
write_page (const CpacReportSummary *summary, const char *journal, GError **error)
{
  g_autofree char *name = g_path_get_basename (journal);
  g_autoptr (GArray) worst = cpac_report_summary_get_worst (summary, CPAC_REPORT_N_WORST);
  g_autoptr (EvidenceFolder) evidence = NULL;
  g_autofree char *html = NULL;
  CpacReportPage page = { summary, name, worst, NULL };

  if (evidence_folder != NULL) {
    evidence = evidence_folder_open (evidence_folder, worst, error);
    if (evidence == NULL)
      return FALSE;
    page.evidence = evidence_folder_get (evidence);
  }
  html = cpac_report_page (&page);
  return cpac_file_replace (out, html, strlen (html), error);
}

/* A page in place of its journal would be the end of it. */
static gboolean
is_same_file (const char *a, const char *b)
{
  GStatBuf x, y;

  return g_stat (a, &x) == 0 && g_stat (b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacReportSummary) summary = NULL;
  g_autofree char *text = NULL;
  gsize length;
  GError *error = NULL;

  if (!tool_parse (&tool_report, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (out == NULL && !as_json)
    return tool_fail_text (&tool_report, "--out is missing: the page to write; or --json");
  if (evidence_folder != NULL && out == NULL)
    return tool_fail_text (&tool_report, "--evidence goes with --out");
  if (out != NULL && is_same_file (argv[1], out))
    return tool_fail_text (&tool_report, "--out is the journal itself: expected another file");
  if (!cpac_file_read (argv[1], MAX_JOURNAL, &text, &length, &error))
    return tool_fail (&tool_report, error);
  summary = cpac_report_summary_new (argv[1], text, length, &error);
  if (summary == NULL || (out != NULL && !write_page (summary, argv[1], &error)))
    return tool_fail (&tool_report, error);
  if (as_json) {
    g_autofree char *json = cpac_report_summary_to_json (summary);

    fputs (json, stdout);
  }
  return TOOL_DONE;
}

const ToolCommand tool_report = {
  .name = "report",
  .arguments = "JOURNAL",
  .summary = "One page about what a journal says",
  .run = run,
};
