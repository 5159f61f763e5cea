/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/growing-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/model/files.h"

struct _GrowingFile {
  char *path, *part;
  FILE *stream;
};

GrowingFile *
growing_file_new (const char *path, GError **error)
{
  GrowingFile *file;
  struct stat status;

  if (stat (path, &status) == 0 && !S_ISREG (status.st_mode)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 "%s: found no regular file, expected one to replace, or none", path);
    return NULL;
  }
  file = g_new0 (GrowingFile, 1);
  file->path = g_strdup (path);
  file->part = g_strconcat (path, ".part", NULL);
  file->stream = g_fopen (file->part, "we");
  if (file->stream != NULL)
    return file;
  cpac_file_error (path, "cannot create", error);
  growing_file_free (file);
  return NULL;
}

gboolean
growing_file_append (GrowingFile *file, const char *text, GError **error)
{
  return fputs (text, file->stream) >= 0 || cpac_file_error (file->path, "cannot write", error);
}

gboolean
growing_file_finish (GrowingFile *file, GError **error)
{
  FILE *stream = g_steal_pointer (&file->stream);
  gboolean written = fflush (stream) == 0 && fsync (fileno (stream)) == 0;
  int number = errno;

  if (fclose (stream) != 0 && written) {
    number = errno;
    written = FALSE;
  }
  errno = number;
  if (!written || g_rename (file->part, file->path) != 0) {
    cpac_file_error (file->path, "cannot write", error);
    g_unlink (file->part);
    return FALSE;
  }
  return TRUE;
}

void
growing_file_free (GrowingFile *file)
{
  if (file == NULL)
    return;
  if (file->stream != NULL) {
    fclose (file->stream);
    g_unlink (file->part);
  }
  g_free (file->path);
  g_free (file->part);
  g_free (file);
}
