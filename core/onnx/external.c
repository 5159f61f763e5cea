/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values that lie in a file of their own beside the model. */

#include "core/onnx/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

/* The reader of one tensor: what errors begin with, and what the tensor says. */
typedef struct {
  const CpacOnnxSource *source;
  const char *name;
  const char *location;
  guint64 offset, length;
  gboolean has_length;
} External;

static gboolean
    G_GNUC_PRINTF (3, 4) refuse (const External *external, GError **error, const char *format, ...)
{
  g_autofree char *tensor = cpac_onnx_excerpt (external->name), *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: tensor \"%s\": external data: %s",
               external->source->file, tensor, message);
  return FALSE;
}

static gboolean
refuse_file (const External *external, int number, GError **error)
{
  g_autofree char *tensor = cpac_onnx_excerpt (external->name);
  g_autofree char *location = cpac_onnx_excerpt (external->location);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
               "%s: tensor \"%s\": external data: cannot read \"%s\" beside the model: %s",
               external->source->file, tensor, location, g_strerror (number));
  return FALSE;
}

static gboolean
read_number (const External *external, const char *key, const char *text, guint64 *value,
             GError **error)
{
  g_autofree char *excerpt = NULL;

  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, value, NULL))
    return TRUE;
  excerpt = cpac_onnx_excerpt (text);
  return refuse (external, error, "%s: found \"%s\", expected a number of bytes", key, excerpt);
}

/* A checksum is not looked at. */
static gboolean
read_entries (External *external, const Onnx__TensorProto *tensor, GError **error)
{
  for (gsize i = 0; i < tensor->n_external_data; i++) {
    const Onnx__StringStringEntryProto *entry = tensor->external_data[i];
    const char *value = entry->value != NULL ? entry->value : "";

    if (g_strcmp0 (entry->key, "location") == 0)
      external->location = value;
    else if (g_strcmp0 (entry->key, "offset") == 0 &&
             !read_number (external, "offset", value, &external->offset, error))
      return FALSE;
    else if (g_strcmp0 (entry->key, "length") == 0) {
      if (!read_number (external, "length", value, &external->length, error))
        return FALSE;
      external->has_length = TRUE;
    }
  }
  return TRUE;
}

static gboolean
check_location (const External *external, GError **error)
{
  const char *location = external->location;
  g_autofree char *excerpt = NULL;

  if (location == NULL)
    return refuse (external, error, "found no location, expected the name of a file");
  if (external->source->folder == NULL)
    return refuse (external, error, "expected all values in the file itself");
  if (*location != '\0' && strpbrk (location, "/\\") == NULL && !g_str_equal (location, ".") &&
      !g_str_equal (location, ".."))
    return TRUE;
  excerpt = cpac_onnx_excerpt (location);
  return refuse (external, error,
                 "found the location \"%s\", expected the name of a file beside the model, without "
                 "a folder",
                 excerpt);
}

/* What the location leads to, links followed; it must be in the model's folder. (transfer full) */
static char *
resolve (const External *external, GError **error)
{
  g_autofree char *path = g_build_filename (external->source->folder, external->location, NULL);
  /* realpath() memory is free()d, which g_free() is since GLib 2.46. */
  g_autofree char *folder = realpath (external->source->folder, NULL);
  g_autofree char *target = realpath (path, NULL);
  g_autofree char *parent = NULL, *excerpt = NULL;

  if (folder == NULL || target == NULL) {
    refuse_file (external, errno, error);
    return NULL;
  }
  parent = g_path_get_dirname (target);
  if (g_str_equal (parent, folder))
    return g_steal_pointer (&target);
  excerpt = cpac_onnx_excerpt (external->location);
  refuse (external, error, "\"%s\" is a link that leads out of the model's folder", excerpt);
  return NULL;
}

/* The part must be of @size bytes and lie in the file. */
static gboolean
check_part (const External *external, const struct stat *status, gsize size, GError **error)
{
  guint64 length = (guint64) status->st_size;

  if (!S_ISREG (status->st_mode))
    return refuse (external, error, "found no regular file");
  if (external->has_length && external->length != size)
    return refuse (external, error,
                   "length: found %" G_GUINT64_FORMAT ", expected %" G_GSIZE_FORMAT
                   " bytes for the tensor's shape",
                   external->length, size);
  if (external->offset <= length && size <= length - external->offset)
    return TRUE;
  return refuse (external, error,
                 "found a file of %" G_GUINT64_FORMAT " bytes, expected %" G_GSIZE_FORMAT
                 " from byte %" G_GUINT64_FORMAT " on",
                 length, size, external->offset);
}

static gboolean
read_bytes (const External *external, int fd, guint8 *bytes, gsize size, GError **error)
{
  gsize done = 0;

  while (done < size) {
    gssize n = pread (fd, bytes + done, size - done, (off_t) (external->offset + done));

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return refuse_file (external, n < 0 ? errno : EIO, error);
    done += (gsize) n;
  }
  return TRUE;
}

/* (transfer full) */
static guint8 *
read_part (const External *external, int fd, gsize size, GError **error)
{
  g_autofree guint8 *bytes = NULL;
  struct stat status;

  if (fstat (fd, &status) != 0) {
    refuse_file (external, errno, error);
    return NULL;
  }
  if (!check_part (external, &status, size, error))
    return NULL;
  bytes = g_try_malloc (size + 1);
  if (bytes == NULL) {
    refuse_file (external, ENOMEM, error);
    return NULL;
  }
  return read_bytes (external, fd, bytes, size, error) ? g_steal_pointer (&bytes) : NULL;
}

guint8 *
cpac_onnx_external_read (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                         const char *name, gsize size, GError **error)
{
  External external = { .source = source, .name = name };
  g_autofree char *path = NULL;
  guint8 *bytes;
  int fd;

  if (!read_entries (&external, tensor, error) || !check_location (&external, error) ||
      (path = resolve (&external, error)) == NULL)
    return NULL;
  /* A pipe of that name would wait for ever. */
  fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
  if (fd < 0) {
    refuse_file (&external, errno, error);
    return NULL;
  }
  bytes = read_part (&external, fd, size, error);
  close (fd);
  return bytes;
}
