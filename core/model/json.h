/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacJsonBounds:
 * @max_levels: objects and arrays inside each other
 * @max_values: values altogether, keys not counted
 */
typedef struct {
  guint max_levels;
  guint max_values;
} CpacJsonBounds;

/* Parses one JSON text of @length bytes, which need no NUL behind them. json-glib recurses without
 * a bound, lets the last of two equal keys win and takes more than JSON; so the text is checked
 * first, by the grammar of RFC 8259: UTF-8, no byte outside the value but white space, unique keys,
 * no U+0000 and no half surrogate pairs in texts, integers within 64 bits, finite numbers, @bounds.
 *
 * Errors (CPAC_ERROR_PARSE) read "name: byte N: found what, expected what"; N counts from @base,
 * the place of the text in the file @name. (transfer full) */
JsonNode *cpac_json_parse (const char *name, gsize base, const char *text, gsize length,
                           const CpacJsonBounds *bounds, GError **error);

G_END_DECLS
