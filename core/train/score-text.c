/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/score-text.h"

static void
append_names (GString *text, const char *before, char **names, const char *after)
{
  g_string_append_printf (text, "%s[", before);
  for (guint i = 0; names[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (names[i], "'", -1);
    g_autofree char *quoted = g_strjoinv ("''", parts);

    g_string_append_printf (text, "%s'%s'", i > 0 ? ", " : "", quoted);
  }
  g_string_append_printf (text, "]%s", after);
}

static void
append_number (GString *text, const char *before, double value, const char *after)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.9g", value);
  g_string_append_printf (text, "%s%s%s", before, number, after);
}

static void
append_fit (GString *text, const CpacScoreText *section)
{
  const CpacFit *fit = section->fit;

  g_string_append_printf (text, "  # Fitted to %u good pictures", fit->n);
  if (section->copies != NULL)
    g_string_append_printf (text, " and their copies (%s)", section->copies);
  append_number (text, ", shrinkage ", fit->shrinkage, ";\n");
  g_string_append_printf (text,
                          "  # threshold: a score that 5 %% of %u held-out good ones exceed, not "
                          "calibrated.\n",
                          fit->n_held_out);
}

/* The keys of a gaussian, @indent before and @end behind each. */
static void
append_gaussian (GString *text, const CpacScoreText *section, const char *indent, const char *end)
{
  g_string_append (text, indent);
  append_names (text, "layers: ", section->layers, end);
  g_string_append_printf (text, "%smode: %s%s", indent,
                          cpac_gaussian_mode_to_string (section->mode), end);
  if (section->channels > 0)
    g_string_append_printf (text, "%schannels: %u%s", indent, section->channels, end);
  if (section->top > 0) {
    g_string_append (text, indent);
    append_number (text, "top: ", section->top, end);
  }
}

static void
append_anchors (GString *text, const CpacSpan *span)
{
  CpacScale scale = { 0 };

  cpac_span_get_scale (span, &scale);
  append_number (text, "anchors: [", scale.low, ", ");
  append_number (text, "", scale.high, "]}\n");
}

static void
append_parts (GString *text, const CpacScoreText *section)
{
  g_string_append_printf (text, "  parts:\n    - {head: map, layer: %s, ", section->map_layer);
  if (section->map_top > 0)
    append_number (text, "top: ", section->map_top, ", ");
  append_anchors (text, &section->fit->comparison.map);
  g_string_append (text, "    - {head: gaussian, ");
  append_gaussian (text, section, "", ", ");
  append_anchors (text, &section->fit->comparison.gaussian);
}

void
cpac_score_text_get_scale (const CpacScoreText *section, CpacScale *scale)
{
  cpac_span_get_scale (
      section->map_layer != NULL ? &section->fit->comparison.combined : &section->fit->good, scale);
}

static void
append_threshold (GString *text, const CpacScoreText *section)
{
  CpacScale scale = { 0 };

  cpac_score_text_get_scale (section, &scale);
  append_number (text, "  threshold: ", scale.high, "\n");
  append_number (text, "  range: [", scale.low, ", ");
  append_number (text, "", 2 * scale.high - scale.low, "]\n");
}

char *
cpac_score_text_make (const CpacScoreText *section)
{
  GString *text = g_string_new ("score:\n");

  if (section->fit != NULL)
    append_fit (text, section);
  g_string_append_printf (text, "  head: %s\n",
                          section->map_layer != NULL ? "combined" : "gaussian");
  append_names (text, "  good: ", section->good, "\n");
  if (section->map_layer != NULL)
    append_parts (text, section);
  else
    append_gaussian (text, section, "  ", "\n");
  if (section->fit != NULL)
    append_threshold (text, section);
  else
    g_string_append (text, "  threshold: 0\n");
  return g_string_free (text, FALSE);
}
