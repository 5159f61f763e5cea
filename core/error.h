/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CPAC_ERROR (cpac_error_quark ())

/**
 * CpacError:
 * @CPAC_ERROR_PARSE: the bytes are not the format they claim to be
 * @CPAC_ERROR_SCHEMA: well formed, but a key is missing, unknown, of the wrong type or out of range
 * @CPAC_ERROR_SHAPE: two shapes that must agree do not
 * @CPAC_ERROR_NUMERIC: not a number, infinite, or no solution
 *
 * What is wrong with the content of a file. Trouble with reading it keeps GLib's own domains
 * (G_FILE_ERROR, G_IO_ERROR).
 */
typedef enum {
  CPAC_ERROR_PARSE,
  CPAC_ERROR_SCHEMA,
  CPAC_ERROR_SHAPE,
  CPAC_ERROR_NUMERIC,
} CpacError;

GQuark cpac_error_quark (void);

/* What of @text fits into one line of an error: at most 64 characters, control characters, quotes
 * and backslashes escaped. (transfer full) */
char *cpac_error_excerpt (const char *text);

/* Moves the first of @errors (@n, NULL where there was none) to @error and frees the others. TRUE
 * where there is none. What workers ran into is so the same at any number of them. */
gboolean cpac_error_take_first (GError **errors, guint n, GError **error);

G_END_DECLS
