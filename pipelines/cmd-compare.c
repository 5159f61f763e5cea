/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "core/model/files.h"
#include "core/score/journal-compare.h"
#include "core/score/journal.h"
#include "pipelines/tool.h"

#define MAX_JOURNAL ((gsize) 4 << 30)

static gboolean as_json;
static double tolerance;
static int n_shown = 10;

static const GOptionEntry entries[] = {
  { "tolerance", 0, 0, G_OPTION_ARG_DOUBLE, &tolerance,
    "Numbers this close, relative to the larger (or to 1), are the same (0: the same bits)", "T" },
  { "show", 0, 0, G_OPTION_ARG_INT, &n_shown, "Differences to print (10)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static void
print_as_json (const GArray *differences, guint n_frames)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  tool_json_int (builder, "frames", n_frames);
  tool_json_int (builder, "differences", differences->len);
  json_builder_set_member_name (builder, "first");
  json_builder_begin_array (builder);
  for (guint i = 0; i < differences->len && i < (guint) n_shown; i++) {
    const CpacJournalDifference *d = &g_array_index (differences, CpacJournalDifference, i);

    json_builder_begin_object (builder);
    tool_json_int (builder, "line", d->line);
    tool_json_text (builder, "path", d->path);
    tool_json_text (builder, "a", d->a);
    tool_json_text (builder, "b", d->b);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_as_text (const GArray *differences, guint n_frames)
{
  for (guint i = 0; i < differences->len && i < (guint) n_shown; i++) {
    const CpacJournalDifference *d = &g_array_index (differences, CpacJournalDifference, i);

    printf ("line %u %s: %s | %s\n", d->line, *d->path != '\0' ? d->path : "(whole line)", d->a,
            d->b);
  }
  printf ("%u frames, %u difference(s)\n", n_frames, differences->len);
}

/* Two files that are no journals would have no frames, and so no difference. */
static gboolean
read_journal (const char *path, char **text, gsize *length, GError **error)
{
  if (!cpac_file_read (path, MAX_JOURNAL, text, length, error))
    return FALSE;
  if (g_strstr_len (*text, (gssize) *length, "\"" CPAC_JOURNAL_SCHEMA "\"") != NULL)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s: found no line of schema " CPAC_JOURNAL_SCHEMA ", expected a journal", path);
  return FALSE;
}

static int
run (int argc, char **argv)
{
  g_autofree char *text_a = NULL;
  g_autofree char *text_b = NULL;
  g_autoptr (GArray) differences = NULL;
  gsize length_a, length_b;
  GError *error = NULL;
  guint n_frames;

  if (!tool_parse (&tool_compare, entries, 2, 2, &argc, &argv))
    return TOOL_ERROR;
  if (!(tolerance >= 0) || n_shown < 0)
    return tool_fail_text (&tool_compare, "--tolerance and --show must not be negative");
  if (!read_journal (argv[1], &text_a, &length_a, &error) ||
      !read_journal (argv[2], &text_b, &length_b, &error))
    return tool_fail (&tool_compare, error);
  differences = cpac_journal_compare (argv[1], text_a, length_a, argv[2], text_b, length_b,
                                      tolerance, &n_frames, &error);
  if (differences == NULL)
    return tool_fail (&tool_compare, error);
  if (as_json)
    print_as_json (differences, n_frames);
  else
    print_as_text (differences, n_frames);
  return differences->len == 0 ? TOOL_DONE : TOOL_NO;
}

const ToolCommand tool_compare = {
  .name = "compare",
  .arguments = "A B",
  .summary = "Compare two journals",
  .run = run,
};
