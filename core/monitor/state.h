/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacState:
 *
 * Describes a structure's members one after the other, to a writer or to a reader of JSON: one
 * description serves both, so that what is written is what is read, to the last bit. A
 * reader checks that each member is there, of its type and within its bounds, and that there are no
 * others. After the first error nothing more is read: values stay as they were.
 */
typedef struct {
  /* Writer. */
  GString *json;
  /* Reader. */
  const char *name;   /* of the text, for errors */
  GPtrArray *objects; /* JsonObject that are open, the innermost last */
  GHashTable *read;   /* JsonNode: members that were read, of all objects */
  GPtrArray *path;    /* keys of the open ones */
  GError *error;
} CpacState;

void cpac_state_init_writer (CpacState *state);
/* The text, one line. (transfer full) */
char *cpac_state_end_writer (CpacState *state);

/* CPAC_ERROR_PARSE. @root must outlive the reader. */
gboolean
cpac_state_init_reader (CpacState *state, const char *name, JsonNode *root, GError **error);
/* Whether all was well; the error if not. */
gboolean cpac_state_end_reader (CpacState *state, GError **error);
gboolean cpac_state_is_reader (const CpacState *state);
gboolean cpac_state_failed (const CpacState *state);
/* Takes @error, e.g. of a check across members. */
void cpac_state_fail (CpacState *state, GError *error);

void cpac_state_open (CpacState *state, const char *key);
void cpac_state_close (CpacState *state);
void cpac_state_double (CpacState *state, const char *key, double *value, double low, double high);
void cpac_state_uint (CpacState *state, const char *key, guint *value, guint low, guint high);
void cpac_state_uint64 (CpacState *state, const char *key, guint64 *value);
void cpac_state_int (CpacState *state, const char *key, int *value, int low, int high);
void cpac_state_boolean (CpacState *state, const char *key, gboolean *value);
/* Exactly @n numbers. */
void cpac_state_doubles (CpacState *state, const char *key, double *values, gsize n, double low,
                         double high);
/* Numbers of an array of any length up to @max; a reader replaces the array's content. */
void cpac_state_double_array (CpacState *state, const char *key, GArray *values, gsize max,
                              double low, double high);
void cpac_state_uint_array (CpacState *state, const char *key, GArray *values, gsize max);
/* Texts, up to @max. */
void cpac_state_texts (CpacState *state, const char *key, GPtrArray *texts, guint max);

G_END_DECLS
