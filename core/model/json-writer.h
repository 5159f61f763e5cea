/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Writes one JSON text piece by piece at the end of a GString that began empty. json-glib 1.6
 * writes 1e22 as "1e+22.0", which no reader takes; so what must be read back is written here.
 *
 * @key: name of the member; NULL in an array and for the root.
 */

/* @bracket: '{' or '['; closed by '}' or ']'. */
void cpac_json_open (GString *json, const char *key, char bracket);
void cpac_json_close (GString *json, char bracket);

/* Bytes that are not UTF-8 become U+FFFD. */
void cpac_json_add_text (GString *json, const char *key, const char *value);
void cpac_json_add_int (GString *json, const char *key, gint64 value);
/* At most G_MAXINT64. */
void cpac_json_add_count (GString *json, const char *key, guint64 value);
/* Locale-independent, reads back exactly, and as a double: 1 is "1.0". @value must be finite. */
void cpac_json_add_double (GString *json, const char *key, double value);
/* The same; nothing where @value is not finite. */
void cpac_json_add_finite (GString *json, const char *key, double value);
void cpac_json_add_boolean (GString *json, const char *key, gboolean value);

/* @value is one whole JSON value, as this file writes it. */
void cpac_json_add_json (GString *json, const char *key, const char *value);

/* The whole of what @builder holds on one line, with a newline. Members keep their order; a double
 * that is not finite becomes null. (transfer full) */
char *cpac_json_from_builder (JsonBuilder *builder);

G_END_DECLS
