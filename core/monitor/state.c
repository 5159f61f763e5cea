/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/state.h"

#include "core/model/json-writer.h"
#include "core/monitor/number.h"

/* Counts that reach it, in no one's lifetime, stay there when they are saved. */
#define MAX_COUNT (G_MAXINT64 / 2)

void
cpac_state_init_writer (CpacState *state)
{
  *state = (CpacState){ .json = g_string_new (NULL) };
  cpac_json_open (state->json, NULL, '{');
}

char *
cpac_state_end_writer (CpacState *state)
{
  cpac_json_close (state->json, '}');
  g_string_append_c (state->json, '\n');
  return g_string_free (g_steal_pointer (&state->json), FALSE);
}

gboolean
cpac_state_is_reader (const CpacState *state)
{
  return state->json == NULL;
}

gboolean
cpac_state_failed (const CpacState *state)
{
  return state->error != NULL;
}

void
cpac_state_fail (CpacState *state, GError *error)
{
  if (state->error == NULL)
    state->error = error;
  else
    g_error_free (error);
}

/* ---- Errors of a reader ---- */

/* "name: a.b.key: " and what is wrong with it. */
static void
refuse (CpacState *state, const char *key, const char *found, const char *expected)
{
  g_autoptr (GString) place = g_string_new (state->name);

  g_string_append (place, ": ");
  for (guint i = 1; i < state->path->len; i++)
    g_string_append_printf (place, "%s.", (const char *) g_ptr_array_index (state->path, i));
  g_string_append (place, key);
  cpac_state_fail (state, g_error_new (CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: found %s, expected %s",
                                       place->str, found, expected));
}

/* json-glib would write 1e22 as "1e+22.0". */
static char *
node_to_text (JsonNode *node)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return g_strdup (g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
  return json_to_string (node, FALSE);
}

static void
refuse_node (CpacState *state, const char *key, JsonNode *node, const char *expected)
{
  g_autofree char *text = node_to_text (node);
  g_autofree char *excerpt = cpac_error_excerpt (text);

  refuse (state, key, excerpt, expected);
}

/* The member, counted as read; NULL after an error. */
static JsonNode *
take_member (CpacState *state, const char *key)
{
  JsonNode *node;

  if (state->error != NULL)
    return NULL;
  node = json_object_get_member (g_ptr_array_index (state->objects, state->objects->len - 1), key);
  if (node == NULL)
    refuse (state, key, "nothing", "this member");
  else
    g_hash_table_add (state->read, node);
  return node;
}

/* ---- Objects ---- */

static void
push (CpacState *state, const char *key, JsonObject *object)
{
  g_ptr_array_add (state->objects, object);
  g_ptr_array_add (state->path, (gpointer) key);
}

gboolean
cpac_state_init_reader (CpacState *state, const char *name, JsonNode *root, GError **error)
{
  *state = (CpacState){ .name = name };
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: found no JSON object, expected one",
                 name);
    return FALSE;
  }
  state->objects = g_ptr_array_new ();
  state->path = g_ptr_array_new ();
  state->read = g_hash_table_new (NULL, NULL);
  push (state, name, json_node_get_object (root));
  return TRUE;
}

/* Every member that was asked for is there; are there others? */
static void
check_all_read (CpacState *state)
{
  JsonObject *object = g_ptr_array_index (state->objects, state->objects->len - 1);
  g_autoptr (GList) keys = state->error == NULL ? json_object_get_members (object) : NULL;

  for (const GList *key = keys; key != NULL; key = key->next)
    if (!g_hash_table_contains (state->read, json_object_get_member (object, key->data))) {
      g_autofree char *excerpt = cpac_error_excerpt (key->data);

      refuse (state, excerpt, "a member that is not known", "none");
      return;
    }
}

gboolean
cpac_state_end_reader (CpacState *state, GError **error)
{
  check_all_read (state);
  g_ptr_array_unref (state->objects);
  g_ptr_array_unref (state->path);
  g_hash_table_unref (state->read);
  if (state->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&state->error));
  return FALSE;
}

void
cpac_state_open (CpacState *state, const char *key)
{
  JsonNode *node;

  if (!cpac_state_is_reader (state)) {
    cpac_json_open (state->json, key, '{');
    return;
  }
  node = take_member (state, key);
  if (node == NULL)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    push (state, key, json_node_get_object (node));
  else
    refuse_node (state, key, node, "an object");
}

void
cpac_state_close (CpacState *state)
{
  if (!cpac_state_is_reader (state)) {
    cpac_json_close (state->json, '}');
    return;
  }
  check_all_read (state);
  if (state->error != NULL)
    return;
  g_ptr_array_set_size (state->objects, state->objects->len - 1);
  g_ptr_array_set_size (state->path, state->path->len - 1);
}

/* ---- Numbers ---- */

static gboolean
read_double (CpacState *state, const char *key, JsonNode *node, double low, double high,
             double *value)
{
  gboolean is_number =
      JSON_NODE_HOLDS_VALUE (node) && (json_node_get_value_type (node) == G_TYPE_DOUBLE ||
                                       json_node_get_value_type (node) == G_TYPE_INT64);
  double number = is_number ? json_node_get_double (node) : 0;
  g_autofree char *expected = NULL;

  if (is_number && number >= low && number <= high) {
    *value = number;
    return TRUE;
  }
  expected = g_strdup_printf ("a number from %s to %s", cpac_number (low, 6).text,
                              cpac_number (high, 6).text);
  refuse_node (state, key, node, expected);
  return FALSE;
}

static gboolean
read_int (CpacState *state, const char *key, JsonNode *node, gint64 low, gint64 high, gint64 *value)
{
  gboolean is_int = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
  g_autofree char *expected = NULL;

  if (is_int && json_node_get_int (node) >= low && json_node_get_int (node) <= high) {
    *value = json_node_get_int (node);
    return TRUE;
  }
  expected =
      g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, low, high);
  refuse_node (state, key, node, expected);
  return FALSE;
}

void
cpac_state_double (CpacState *state, const char *key, double *value, double low, double high)
{
  JsonNode *node;

  if (!cpac_state_is_reader (state))
    cpac_json_add_double (state->json, key, *value);
  else if ((node = take_member (state, key)) != NULL)
    read_double (state, key, node, low, high, value);
}

/* Integers of any width pass through this one. */
static gint64
visit_int (CpacState *state, const char *key, gint64 value, gint64 low, gint64 high)
{
  JsonNode *node;

  if (!cpac_state_is_reader (state))
    cpac_json_add_int (state->json, key, value);
  else if ((node = take_member (state, key)) != NULL)
    read_int (state, key, node, low, high, &value);
  return value;
}

void
cpac_state_uint (CpacState *state, const char *key, guint *value, guint low, guint high)
{
  *value = (guint) visit_int (state, key, *value, low, high);
}

void
cpac_state_uint64 (CpacState *state, const char *key, guint64 *value)
{
  *value = (guint64) visit_int (state, key, (gint64) MIN (*value, MAX_COUNT), 0, MAX_COUNT);
}

void
cpac_state_int (CpacState *state, const char *key, int *value, int low, int high)
{
  *value = (int) visit_int (state, key, *value, low, high);
}

void
cpac_state_boolean (CpacState *state, const char *key, gboolean *value)
{
  JsonNode *node;

  if (!cpac_state_is_reader (state)) {
    cpac_json_add_boolean (state->json, key, *value);
    return;
  }
  node = take_member (state, key);
  if (node == NULL)
    return;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    *value = json_node_get_boolean (node);
  else
    refuse_node (state, key, node, "true or false");
}

/* ---- Arrays ---- */

/* The array, of @min to @max elements; NULL after an error. */
static JsonArray *
take_array (CpacState *state, const char *key, gsize min, gsize max)
{
  JsonNode *node = take_member (state, key);
  g_autofree char *expected = NULL;
  JsonArray *array;

  if (node == NULL)
    return NULL;
  array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (array != NULL && json_array_get_length (array) >= min && json_array_get_length (array) <= max)
    return array;
  expected =
      g_strdup_printf ("a list of %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT " elements", min, max);
  refuse_node (state, key, node, expected);
  return NULL;
}

static void
write_doubles (CpacState *state, const char *key, const double *values, gsize n)
{
  cpac_json_open (state->json, key, '[');
  for (gsize i = 0; i < n; i++)
    cpac_json_add_double (state->json, NULL, values[i]);
  cpac_json_close (state->json, ']');
}

static void
read_doubles (CpacState *state, const char *key, JsonArray *array, double *values, double low,
              double high)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read_double (state, key, json_array_get_element (array, i), low, high, &values[i]))
      return;
}

void
cpac_state_doubles (CpacState *state, const char *key, double *values, gsize n, double low,
                    double high)
{
  JsonArray *array;

  if (!cpac_state_is_reader (state))
    write_doubles (state, key, values, n);
  else if ((array = take_array (state, key, n, n)) != NULL)
    read_doubles (state, key, array, values, low, high);
}

void
cpac_state_double_array (CpacState *state, const char *key, GArray *values, gsize max, double low,
                         double high)
{
  JsonArray *array;

  if (!cpac_state_is_reader (state)) {
    write_doubles (state, key, (const double *) (gpointer) values->data, values->len);
    return;
  }
  array = take_array (state, key, 0, max);
  if (array == NULL)
    return;
  g_array_set_size (values, json_array_get_length (array));
  read_doubles (state, key, array, (double *) (gpointer) values->data, low, high);
}

void
cpac_state_uint_array (CpacState *state, const char *key, GArray *values, gsize max)
{
  JsonArray *array;

  if (!cpac_state_is_reader (state)) {
    cpac_json_open (state->json, key, '[');
    for (guint i = 0; i < values->len; i++)
      cpac_json_add_int (state->json, NULL, g_array_index (values, guint, i));
    cpac_json_close (state->json, ']');
    return;
  }
  array = take_array (state, key, 0, max);
  if (array == NULL)
    return;
  g_array_set_size (values, 0);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    gint64 number;
    guint value;

    if (!read_int (state, key, json_array_get_element (array, i), 0, G_MAXUINT, &number))
      return;
    value = (guint) number;
    g_array_append_val (values, value);
  }
}

void
cpac_state_texts (CpacState *state, const char *key, GPtrArray *texts, guint max)
{
  JsonArray *array;

  if (!cpac_state_is_reader (state)) {
    cpac_json_open (state->json, key, '[');
    for (guint i = 0; i < texts->len; i++)
      cpac_json_add_text (state->json, NULL, g_ptr_array_index (texts, i));
    cpac_json_close (state->json, ']');
    return;
  }
  array = take_array (state, key, 0, max);
  if (array == NULL)
    return;
  g_ptr_array_set_size (texts, 0);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING) {
      refuse_node (state, key, node, "a text");
      return;
    }
    g_ptr_array_add (texts, g_strdup (json_node_get_string (node)));
  }
}
