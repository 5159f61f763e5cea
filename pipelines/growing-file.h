/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GrowingFile:
 *
 * A file that is written line by line and appears under its name only when it is finished: until
 * then it is NAME.part beside it.
 */
typedef struct _GrowingFile GrowingFile;

/* G_FILE_ERROR, also for a @path that is something else than a regular file. (transfer full) */
GrowingFile *growing_file_new (const char *path, GError **error);
/* FALSE with G_FILE_ERROR when the text could not be written; growing_file_free() then. */
gboolean growing_file_append (GrowingFile *file, const char *text, GError **error);
/* Makes it durable and gives it its name. */
gboolean growing_file_finish (GrowingFile *file, GError **error);
/* Takes away what is not finished; takes NULL. */
void growing_file_free (GrowingFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GrowingFile, growing_file_free)

G_END_DECLS
