/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

#define FIRST_CHUNK 4096

gboolean
cpac_file_error (const char *path, const char *what, GError **error)
{
  int number = errno;
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s: %s", name, what,
               g_strerror (number));
  return FALSE;
}

static gboolean
too_long (const char *path, gsize max_length, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s: found a longer file, expected at most %" G_GSIZE_FORMAT " bytes", name,
               max_length);
  return FALSE;
}

static gssize
read_some (int fd, char *buffer, gsize length)
{
  gssize n;

  do
    n = read (fd, buffer, length);
  while (n < 0 && errno == EINTR);
  return n;
}

static gboolean
grow (const char *path, char **buffer, gsize capacity, GError **error)
{
  char *bigger = g_try_realloc (*buffer, capacity);

  if (bigger == NULL) {
    errno = ENOMEM;
    return cpac_file_error (path, "cannot read", error);
  }
  *buffer = bigger;
  return TRUE;
}

/* One byte more than allowed is asked for, to tell a full buffer from a longer file; and the
 * buffer always keeps room for the NUL. */
static gboolean
read_bounded (int fd, const char *path, gsize expected, gsize max_length, char **data,
              gsize *length, GError **error)
{
  g_autofree char *buffer = NULL;
  gsize capacity = MIN (MAX (expected, FIRST_CHUNK), max_length) + 2;
  gsize used = 0;
  gssize n;

  if (!grow (path, &buffer, capacity, error))
    return FALSE;
  while ((n = read_some (fd, buffer + used, capacity - 1 - used)) > 0) {
    used += n;
    if (used > max_length)
      return too_long (path, max_length, error);
    if (used == capacity - 1) {
      capacity = MIN (2 * capacity, max_length + 2);
      if (!grow (path, &buffer, capacity, error))
        return FALSE;
    }
  }
  if (n < 0)
    return cpac_file_error (path, "cannot read", error);
  buffer[used] = '\0';
  *data = g_steal_pointer (&buffer);
  *length = used;
  return TRUE;
}

/* -1: @error is set. */
static int
open_to_read (const char *path, struct stat *status, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0) {
    cpac_file_error (path, "cannot open", error);
    return -1;
  }
  if (fstat (fd, status) == 0)
    return fd;
  cpac_file_error (path, "cannot read", error);
  close (fd);
  return -1;
}

static gboolean
read_open (int fd, const struct stat *status, const char *path, gsize max_length, char **data,
           gsize *length, GError **error)
{
  gsize expected = S_ISREG (status->st_mode) ? (gsize) status->st_size : 0;

  if (expected > max_length)
    return too_long (path, max_length, error);
  return read_bounded (fd, path, expected, max_length, data, length, error);
}

gboolean
cpac_file_read (const char *path, gsize max_length, char **data, gsize *length, GError **error)
{
  struct stat status;
  gboolean done;
  int fd;

  g_return_val_if_fail (max_length < G_MAXSIZE / 4, FALSE);

  fd = open_to_read (path, &status, error);
  if (fd < 0)
    return FALSE;
  done = read_open (fd, &status, path, max_length, data, length, error);
  close (fd);
  return done;
}

static GBytes *
map_open (int fd, const char *path, GError **error)
{
  g_autoptr (GMappedFile) mapped = g_mapped_file_new_from_fd (fd, FALSE, error);

  if (mapped == NULL) {
    g_autofree char *name = g_filename_display_name (path);

    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  return g_mapped_file_get_bytes (mapped);
}

GBytes *
cpac_file_map (const char *path, gsize max_length, GError **error)
{
  GBytes *bytes = NULL;
  struct stat status;
  gsize length;
  char *data;
  int fd;

  g_return_val_if_fail (max_length < G_MAXSIZE / 4, NULL);

  fd = open_to_read (path, &status, error);
  if (fd < 0)
    return NULL;
  /* Files of the system may say that they are empty, and are not. */
  if (S_ISREG (status.st_mode) && status.st_size > 0 && (guint64) status.st_size <= max_length)
    bytes = map_open (fd, path, error);
  else if (read_open (fd, &status, path, max_length, &data, &length, error))
    bytes = g_bytes_new_take (data, length);
  close (fd);
  return bytes;
}

gboolean
cpac_file_replace (const char *path, gconstpointer data, gsize length, GError **error)
{
  /* realpath() memory is free()d, which g_free() is since GLib 2.46. */
  g_autofree char *target = realpath (path, NULL);
  const char *name = target ? target : path;
  struct stat status;
  int mode = 0666;

  g_return_val_if_fail (length <= G_MAXSSIZE, FALSE);

  if (target && stat (target, &status) == 0) {
    /* A rename would put a file in the place of /dev/null. */
    if (!S_ISREG (status.st_mode)) {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   "%s: found no regular file, expected one to replace, or none", path);
      return FALSE;
    }
    mode = status.st_mode & 07777;
  }
  if (g_file_set_contents_full (name, length > 0 ? data : "", length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode,
                                error))
    return TRUE;
  /* GLib names the temporary file only. */
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

gboolean
cpac_file_make_folder (const char *folder, GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) == 0)
    return TRUE;
  return cpac_file_error (folder, "cannot make this folder", error);
}
