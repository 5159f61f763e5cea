/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/svg-reader.h"

#include <string.h>

static void
on_start (GMarkupParseContext *context, const char *name, const char **names, const char **values,
          gpointer user_data, GError **error)
{
  SvgReader *reader = user_data;
  GString *tag = g_string_new (name);

  g_assert_cmpint (reader->depth++ == 0, ==, g_str_equal (name, "svg"));
  for (guint i = 0; names[i] != NULL; i++) {
    g_assert_null (strstr (values[i], "nan"));
    g_assert_null (strstr (values[i], "inf"));
    g_string_append_printf (tag, " %s=%s", names[i], values[i]);
    if (g_str_equal (name, "polyline") && g_str_equal (names[i], "points"))
      g_ptr_array_add (reader->points, g_strstrip (g_strdup (values[i])));
  }
  g_ptr_array_add (reader->tags, g_string_free (tag, FALSE));
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  ((SvgReader *) user_data)->depth--;
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer user_data,
         GError **error)
{
  SvgReader *reader = user_data;

  g_string_append_len (reader->texts, text, (gssize) length);
  g_string_append_c (reader->texts, '|');
}

void
svg_read (SvgReader *reader, const char *svg)
{
  static const GMarkupParser parser = { .start_element = on_start,
                                        .end_element = on_end,
                                        .text = on_text };
  g_autoptr (GError) error = NULL;
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, reader, NULL);

  *reader = (SvgReader){
    .texts = g_string_new (NULL),
    .tags = g_ptr_array_new_with_free_func (g_free),
    .points = g_ptr_array_new_with_free_func (g_free),
  };
  g_markup_parse_context_parse (context, svg, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

void
svg_clear (SvgReader *reader)
{
  if (reader->texts == NULL)
    return;
  g_string_free (reader->texts, TRUE);
  g_ptr_array_unref (reader->tags);
  g_ptr_array_unref (reader->points);
}

guint
svg_count_points (const SvgReader *reader, guint line)
{
  const char *points = g_ptr_array_index (reader->points, line);
  g_auto (GStrv) parts = g_strsplit (points, " ", -1);

  return *points != '\0' ? g_strv_length (parts) : 0;
}

guint
svg_count_tags (const SvgReader *reader, const char *name, const char *attribute)
{
  guint n = 0;

  for (guint i = 0; i < reader->tags->len; i++) {
    const char *tag = g_ptr_array_index (reader->tags, i);

    n += g_str_has_prefix (tag, name) && strstr (tag, attribute) != NULL;
  }
  return n;
}
