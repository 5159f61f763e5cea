/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacConfig:
 *
 * One node of a parsed YAML file: a map, a list or a scalar, with the place it was written at. The
 * tree belongs to its root: nodes handed out are (transfer none) and live until cpac_config_free()
 * of the root. config.c is the only file that knows libyaml.
 *
 * Every error of this interface reads "file:line:column: what was found, what was expected".
 *
 * Bounds, checked while reading, before memory is taken: 4 MiB of text, 64 levels, 100,000 nodes.
 * One document a file. Aliases share the anchored node (nothing is expanded); an alias inside its
 * own anchor is refused, and so are duplicate keys, keys that are not plain text, tags other than
 * the core schema's, %TAG directives, invalid UTF-8 and control characters. An alias counts for the
 * bounds as if written out, so that no walk over the tree meets more levels or nodes.
 */
typedef struct _CpacConfig CpacConfig;

typedef enum {
  CPAC_CONFIG_SCALAR,
  CPAC_CONFIG_LIST,
  CPAC_CONFIG_MAP,
} CpacConfigKind;

/* Reads a file: G_FILE_ERROR, or CPAC_ERROR_PARSE; of a file that is too long the error names no
 * line. (transfer full) */
CpacConfig *cpac_config_load (const char *path, GError **error);
/* Parses @length bytes of @text; @name stands for the file in errors. (transfer full) */
CpacConfig *cpac_config_parse (const char *name, const char *text, gsize length, GError **error);
/* Frees the whole tree; takes NULL. Only for a root. */
void cpac_config_free (CpacConfig *root);

CpacConfigKind cpac_config_get_kind (const CpacConfig *node);
/* "map", "list", "text" or "empty value": for error messages. */
const char *cpac_config_describe (const CpacConfig *node);
/* Line and column of the node's first character, from 1. */
void cpac_config_get_place (const CpacConfig *node, guint *line, guint *column);
/* Byte offsets of the node's text in the file, without its anchor and tag: [begin, end). Used to
 * change one value in place. */
void cpac_config_get_span (const CpacConfig *node, gsize *begin, gsize *end);

/* Sets @error to "file:line:column: message" with @code of CPAC_ERROR; returns FALSE always, so
 * that callers can write return cpac_config_error (...). */
gboolean cpac_config_error (const CpacConfig *node, CpacError code, GError **error,
                            const char *format, ...) G_GNUC_PRINTF (4, 5);

/* Refuses a map with a key outside @known (NULL-terminated) and names the nearest known one. Also
 * refuses a @node that is no map. */
gboolean cpac_config_check_keys (const CpacConfig *node, const char *const *known, GError **error);
/* The same with two lists, the second may be NULL. */
gboolean cpac_config_check_keys2 (const CpacConfig *node, const char *const *known,
                                  const char *const *also_known, GError **error);

gboolean cpac_config_has (const CpacConfig *map, const char *key);
/* The value of @key, or NULL with @error set (missing). (transfer none) */
const CpacConfig *cpac_config_get (const CpacConfig *map, const char *key, GError **error);
/* The value of @key, or NULL without an error. */
const CpacConfig *cpac_config_peek (const CpacConfig *map, const char *key);

/* Number of items of a list or of pairs of a map; 0 for a scalar. */
guint cpac_config_get_length (const CpacConfig *node);
/* Item @index of a list, or value @index of a map. */
const CpacConfig *cpac_config_get_item (const CpacConfig *node, guint index);
/* Key @index of a map. */
const char *cpac_config_get_key (const CpacConfig *map, guint index);
/* Adds what @node says to @digest: keys in their order, and scalars as they are written; not how
 * the file is laid out, nor comments. Keys of @node itself that are in @without (NULL-terminated,
 * nullable) are left out. */
void
cpac_config_add_to_digest (const CpacConfig *node, const char *const *without, GChecksum *digest);

/*
 * Typed values of one node. Integers are decimal digits with an optional sign; numbers are YAML
 * core-schema floats without .inf and .nan; booleans are true and false. A quoted scalar is text
 * and never a number or boolean. On failure nothing is written to the result.
 */
gboolean cpac_config_as_uint (const CpacConfig *node, guint64 min, guint64 max, guint64 *value,
                              GError **error);
gboolean cpac_config_as_double (const CpacConfig *node, double min, double max, double *value,
                                GError **error);
gboolean cpac_config_as_boolean (const CpacConfig *node, gboolean *value, GError **error);
/* (transfer none); not empty. */
const char *cpac_config_as_string (const CpacConfig *node, GError **error);
/* Index of the text in @names (NULL-terminated); the error lists them all. */
gboolean cpac_config_as_choice (const CpacConfig *node, const char *const *names, guint *index,
                                GError **error);

/*
 * The same for the value of @key in a map. With the suffix _default an absent key leaves
 * @value as it is (the caller put the default there) and succeeds; without it, absent is an error.
 */
gboolean cpac_config_get_uint (const CpacConfig *map, const char *key, guint min, guint max,
                               guint *value, GError **error);
gboolean cpac_config_get_uint_default (const CpacConfig *map, const char *key, guint min, guint max,
                                       guint *value, GError **error);
gboolean cpac_config_get_uint64_default (const CpacConfig *map, const char *key, guint64 min,
                                         guint64 max, guint64 *value, GError **error);
gboolean cpac_config_get_double (const CpacConfig *map, const char *key, double min, double max,
                                 double *value, GError **error);
gboolean cpac_config_get_double_default (const CpacConfig *map, const char *key, double min,
                                         double max, double *value, GError **error);
gboolean cpac_config_get_boolean_default (const CpacConfig *map, const char *key, gboolean *value,
                                          GError **error);
gboolean cpac_config_get_choice_default (const CpacConfig *map, const char *key,
                                         const char *const *names, guint *index, GError **error);
const char *cpac_config_get_string (const CpacConfig *map, const char *key, GError **error);

/* Lists of numbers, every item in [min, max], between @min_length and @max_length items.
 * (transfer full) (element-type double) */
GArray *cpac_config_get_doubles (const CpacConfig *map, const char *key, guint min_length,
                                 guint max_length, double min, double max, GError **error);
/* @values receives exactly @n integers. */
gboolean cpac_config_get_uints (const CpacConfig *map, const char *key, guint n, guint min,
                                guint max, guint *values, GError **error);
/* List of texts, without duplicates. (transfer full) NULL-terminated */
char **
cpac_config_get_strings (const CpacConfig *map, const char *key, guint max_length, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacConfig, cpac_config_free)

G_END_DECLS
