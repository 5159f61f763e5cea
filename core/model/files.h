/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/* Sets "@path: @what: " and what errno says, in the domain G_FILE_ERROR; returns FALSE. */
gboolean cpac_file_error (const char *path, const char *what, GError **error);

/* Reads the whole of @path, at most @max_length bytes; the size of a regular file is checked before
 * memory is taken, and pipes are read no further than the bound. The bytes are followed by one NUL
 * that @length does not count. Errors: G_FILE_ERROR; CPAC_ERROR_PARSE when there is more.
 * @data: (out) (transfer full) */
gboolean
cpac_file_read (const char *path, gsize max_length, char **data, gsize *length, GError **error);

/* The same bytes, without the NUL: a regular file is mapped, so that nothing is copied. It must not
 * be written to while the bytes are in use: they would change, and where it is cut short the process
 * ends (SIGBUS). A file put in its place by a rename, as cpac_file_replace() does, is safe. Anything else, a pipe say, is read.
 * (transfer full) */
GBytes *cpac_file_map (const char *path, gsize max_length, GError **error);

/* Replaces the content of @path by @length bytes of @data: written to a temporary file in the same
 * folder, synchronised to the disk, renamed. Whatever happens, @path holds the old content or the
 * new, whole, and no temporary file stays behind. Links are followed and the permissions of an
 * existing file kept. Errors: G_FILE_ERROR, also for what is there and no regular file. */
gboolean cpac_file_replace (const char *path, gconstpointer data, gsize length, GError **error);

/* Makes @folder and those above it, if they are not there; errors name it. */
gboolean cpac_file_make_folder (const char *folder, GError **error);

G_END_DECLS
