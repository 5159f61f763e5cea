/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-compare.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "core/model/json.h"

static const char *const ignored[] = { "system_timestamp", "time_ns", "source",
                                       "kernel_level",     "version", NULL };

/* One journal while it is read. */
typedef struct {
  const char *name;
  const char *at, *end;
  guint line;
} Reader;

typedef struct {
  GArray *differences;
  double tolerance;
  guint line;
  GString *path;
} Comparison;

static void
clear_difference (gpointer data)
{
  CpacJournalDifference *difference = data;

  g_free (difference->path);
  g_free (difference->a);
  g_free (difference->b);
}

static char *
as_text (JsonNode *node)
{
  return node != NULL ? json_to_string (node, FALSE) : g_strdup ("(absent)");
}

static void
add_difference (Comparison *comparison, JsonNode *a, JsonNode *b)
{
  CpacJournalDifference difference = { comparison->line, g_strdup (comparison->path->str),
                                       as_text (a), as_text (b) };

  g_array_append_val (comparison->differences, difference);
}

static gboolean
is_number (JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

static gboolean
same_number (JsonNode *a, JsonNode *b, double tolerance)
{
  double x = json_node_get_double (a), y = json_node_get_double (b);

  if (json_node_get_value_type (a) == G_TYPE_INT64 && json_node_get_value_type (b) == G_TYPE_INT64)
    return json_node_get_int (a) == json_node_get_int (b);
  return x == y || fabs (x - y) <= tolerance * MAX (1, MAX (fabs (x), fabs (y)));
}

static void compare_nodes (Comparison *comparison, JsonNode *a, JsonNode *b);

static void
compare_member (Comparison *comparison, const char *key, JsonNode *a, JsonNode *b)
{
  gsize length = comparison->path->len;

  if (g_strv_contains (ignored, key))
    return;
  g_string_append_printf (comparison->path, "%s%s", length ? "." : "", key);
  compare_nodes (comparison, a, b);
  g_string_truncate (comparison->path, length);
}

static void
compare_objects (Comparison *comparison, JsonObject *a, JsonObject *b)
{
  g_autoptr (GList) in_a = json_object_get_members (a);
  g_autoptr (GList) in_b = json_object_get_members (b);

  for (GList *l = in_a; l != NULL; l = l->next)
    compare_member (comparison, l->data, json_object_get_member (a, l->data),
                    json_object_get_member (b, l->data));
  for (GList *l = in_b; l != NULL; l = l->next)
    if (!json_object_has_member (a, l->data))
      compare_member (comparison, l->data, NULL, json_object_get_member (b, l->data));
}

static void
compare_arrays (Comparison *comparison, JsonArray *a, JsonArray *b)
{
  guint n_a = json_array_get_length (a), n_b = json_array_get_length (b);
  gsize length = comparison->path->len;

  for (guint i = 0; i < MAX (n_a, n_b); i++) {
    g_string_append_printf (comparison->path, "[%u]", i);
    compare_nodes (comparison, i < n_a ? json_array_get_element (a, i) : NULL,
                   i < n_b ? json_array_get_element (b, i) : NULL);
    g_string_truncate (comparison->path, length);
  }
}

/* Either may be NULL: absent. Depth is bounded: cpac_json_parse() refuses deep nesting. */
static void
compare_nodes (Comparison *comparison, JsonNode *a, JsonNode *b)
{
  if (a == NULL || b == NULL) {
    add_difference (comparison, a, b);
  } else if (JSON_NODE_HOLDS_OBJECT (a) && JSON_NODE_HOLDS_OBJECT (b)) {
    compare_objects (comparison, json_node_get_object (a), json_node_get_object (b));
  } else if (JSON_NODE_HOLDS_ARRAY (a) && JSON_NODE_HOLDS_ARRAY (b)) {
    compare_arrays (comparison, json_node_get_array (a), json_node_get_array (b));
  } else if (is_number (a) && is_number (b)) {
    if (!same_number (a, b, comparison->tolerance))
      add_difference (comparison, a, b);
  } else if (!json_node_equal (a, b)) {
    add_difference (comparison, a, b);
  }
}

/* The next line as a JSON object, NULL at the end. */
static gboolean
next_line (Reader *reader, JsonNode **node, GError **error)
{
  static const CpacJsonBounds bounds = { 32, 1000000 };
  const char *end;
  g_autofree char *place = NULL;

  *node = NULL;
  if (reader->at == reader->end)
    return TRUE;
  reader->line++;
  place = g_strdup_printf ("%s:%u", reader->name, reader->line);
  end = memchr (reader->at, '\n', (gsize) (reader->end - reader->at));
  if (end == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s: the line is torn: found no newline at its end", place);
    return FALSE;
  }
  *node = cpac_json_parse (place, 0, reader->at, (gsize) (end - reader->at), &bounds, error);
  reader->at = end + 1;
  if (*node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (*node))
    return TRUE;
  g_clear_pointer (node, json_node_unref);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: a journal line must be a JSON object",
               place);
  return FALSE;
}

static gboolean
compare_lines (Comparison *comparison, Reader *a, Reader *b, guint *n_frames, GError **error)
{
  for (;;) {
    g_autoptr (JsonNode) line_a = NULL;
    g_autoptr (JsonNode) line_b = NULL;

    if (!next_line (a, &line_a, error) || !next_line (b, &line_b, error))
      return FALSE;
    if (line_a == NULL && line_b == NULL)
      return TRUE;
    comparison->line++;
    if (line_a != NULL && json_object_has_member (json_node_get_object (line_a), "inspection"))
      (*n_frames)++;
    compare_nodes (comparison, line_a, line_b);
  }
}

GArray *
cpac_journal_compare (const char *name_a, const char *text_a, gsize length_a, const char *name_b,
                      const char *text_b, gsize length_b, double tolerance, guint *n_frames,
                      GError **error)
{
  Reader a = { name_a, text_a, text_a + length_a, 0 };
  Reader b = { name_b, text_b, text_b + length_b, 0 };
  Comparison comparison = { .tolerance = tolerance, .path = g_string_new (NULL) };
  gboolean ok;

  *n_frames = 0;
  comparison.differences = g_array_new (FALSE, FALSE, sizeof (CpacJournalDifference));
  g_array_set_clear_func (comparison.differences, clear_difference);
  ok = compare_lines (&comparison, &a, &b, n_frames, error);
  g_string_free (comparison.path, TRUE);
  if (!ok)
    g_clear_pointer (&comparison.differences, g_array_unref);
  return comparison.differences;
}
