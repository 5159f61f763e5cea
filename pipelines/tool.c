/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/error.h"
#include "core/model/json-writer.h"

#define BAR_WIDTH 30
#define BAR_INTERVAL_US 100000

gboolean
tool_parse (const ToolCommand *command, const GOptionEntry *entries, guint n_min, guint n_max,
            int *argc, char ***argv)
{
  g_autofree char *usage = g_strdup_printf ("%s - %s", command->arguments, command->summary);
  g_autofree char *name = g_strdup_printf ("cpac %s", command->name);
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  GError *error = NULL;
  guint n_words;

  g_set_prgname (name);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    tool_fail (command, error);
    return FALSE;
  }
  n_words = (guint) *argc - 1;
  if (n_words >= n_min && n_words <= n_max)
    return TRUE;
  tool_fail_text (command, "expected %s, got %u argument%s; see cpac %s --help", command->arguments,
                  n_words, n_words == 1 ? "" : "s", command->name);
  return FALSE;
}

int
tool_fail (const ToolCommand *command, GError *error)
{
  tool_progress_end ();
  fprintf (stderr, "cpac %s: %s\n", command->name, error->message);
  g_error_free (error);
  return TOOL_ERROR;
}

int
tool_fail_text (const ToolCommand *command, const char *format, ...)
{
  va_list arguments;

  tool_progress_end ();
  fprintf (stderr, "cpac %s: ", command->name);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  return TOOL_ERROR;
}

gboolean
tool_refuse (GError **error, const char *message)
{
  g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, message);
  return FALSE;
}

void
tool_note (const char *format, ...)
{
  va_list arguments;

  tool_progress_end ();
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
}

void
tool_print_json (JsonBuilder *builder)
{
  g_autofree char *text = cpac_json_from_builder (builder);

  fputs (text, stdout);
}

void
tool_json_text (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

void
tool_json_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

void
tool_json_double (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

static gboolean bar_is_shown;

void
tool_progress (const char *what, guint64 done, guint64 total)
{
  static gint64 last_us;
  gint64 now_us = g_get_monotonic_time ();

  if (!isatty (STDERR_FILENO) || (now_us - last_us < BAR_INTERVAL_US && done < total))
    return;
  last_us = now_us;
  bar_is_shown = TRUE;
  fprintf (stderr, "\r%s ", what);
  if (total == 0) {
    fprintf (stderr, "%" G_GUINT64_FORMAT, done);
  } else {
    guint filled = (guint) (done * BAR_WIDTH / total);

    fputc ('[', stderr);
    for (guint i = 0; i < BAR_WIDTH; i++)
      fputc (i < filled ? '#' : '.', stderr);
    fprintf (stderr, "] %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT, done, total);
  }
  fflush (stderr);
}

void
tool_progress_end (void)
{
  if (bar_is_shown)
    fputs ("\r\033[K", stderr);
  bar_is_shown = FALSE;
}
