/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"
#include "core/model/config.h"

G_BEGIN_DECLS

/**
 * cpac_config_set_value:
 * @name: stands for the file in errors
 * @text: a YAML file whose root is a map
 * @section: key of a map in it
 * @key: of that map: its value is replaced; where there is none, the pair is put behind the last
 * @value: YAML in flow style; its line breaks become the file's own, with an indentation that suits
 *
 * Changes one value in the text of a file and not a byte besides: comments, order, quotes, line
 * breaks and anchors stay. The result is read back and compared: it means the same as @text but for
 * this value.
 *
 * Returns: (transfer full): the new text, or NULL with CPAC_ERROR_PARSE for what is no YAML,
 * CPAC_ERROR_SCHEMA for what cannot be edited: a value that is an alias, or that others repeat.
 */
char *cpac_config_set_value (const char *name, const char *text, const char *section,
                             const char *key, const char *value, GError **error);

/* The same without the pair of @key, where there is one, its line or lines and their comments: what
 * is left means the same as @text but for that. */
char *cpac_config_remove_value (const char *name, const char *text, const char *section,
                                const char *key, GError **error);

/* Appends @node of the file @text in flow style, so that the indentation of the source does not
 * matter; scalars as they stand there, or in quotes where flow style would read them in another
 * way: what is appended means the same. */
void cpac_config_append_flow (const CpacConfig *node, const char *text, GString *out);
/* Appends ", key: value" of each pair of @map whose key is not in @without (NULL-terminated). */
void cpac_config_append_pairs (const CpacConfig *map, const char *const *without, const char *text,
                               GString *out);

/* The shortest decimal text of the finite @value that reads back exactly, whatever the locale.
 * Returns @buffer, which has room for G_ASCII_DTOSTR_BUF_SIZE bytes. */
char *cpac_config_format_double (double value, char *buffer);

G_END_DECLS
