/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipelines/frames-private.h"
#include "pipelines/one-shot.h"
#include "pipelines/picture.h"

/* Larger files are left to the stream, which reads piece by piece. */
#define PICTURE_MAX_BYTES (256 << 20)

typedef struct {
  CpacFrameSource parent;
  GstSample *pending; /* the picture until it is asked for */
  CpacMappedSample mapped;
} PictureSource;

static CpacFrameStatus
picture_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark, GError **error)
{
  PictureSource *self = (PictureSource *) source;

  cpac_mapped_sample_clear (&self->mapped);
  if (self->pending == NULL)
    return CPAC_FRAME_END;
  return cpac_mapped_sample_set (&self->mapped, g_steal_pointer (&self->pending), frame, mark,
                                 error)
             ? CPAC_FRAME_NEXT
             : CPAC_FRAME_ERROR;
}

static void
picture_free (CpacFrameSource *source)
{
  PictureSource *self = (PictureSource *) source;

  cpac_mapped_sample_clear (&self->mapped);
  g_clear_pointer (&self->pending, gst_sample_unref);
  g_free (self);
}

static const CpacFrameSourceClass picture_class = { picture_next, picture_free };

static gboolean
fail_with_errno (int saved_errno, GError **error)
{
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                       g_strerror (saved_errno));
  return FALSE;
}

/* Whether the file can be read, and whether it begins like a picture. What is not a regular file
 * could block for ever (a FIFO) or has no end (a device). */
static gboolean
look_at_file (const char *path, gboolean *is_picture, GError **error)
{
  guint8 head[CPAC_PICTURE_SNIFF_BYTES];
  GStatBuf status;
  gssize n_read;
  int fd;

  if (g_stat (path, &status) != 0)
    return fail_with_errno (errno, error);
  if (S_ISDIR (status.st_mode))
    return fail_with_errno (EISDIR, error);
  if (!S_ISREG (status.st_mode)) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not a regular file");
    return FALSE;
  }
  if (status.st_size == 0) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_PARSE, "the file is empty");
    return FALSE;
  }
  if ((fd = g_open (path, O_RDONLY | O_CLOEXEC, 0)) < 0)
    return fail_with_errno (errno, error);
  n_read = read (fd, head, sizeof head);
  if (n_read < 0) {
    fail_with_errno (errno, error);
    close (fd);
    return FALSE;
  }
  close (fd);
  *is_picture = status.st_size <= PICTURE_MAX_BYTES && cpac_picture_sniff (head, n_read);
  return TRUE;
}

/* One picture in one buffer, which borrows @bytes: pngdec forgets its input when libpng gives up.
 */
static GstSample *
wrap_picture (CpacPictureKind kind, char *bytes, gsize size)
{
  g_autoptr (GstBuffer) buffer =
      gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY, bytes, size, 0, size, NULL, NULL);
  g_autoptr (GstCaps) caps =
      gst_caps_new_empty_simple (kind == CPAC_PICTURE_PNG ? "image/png" : "image/jpeg");

  GST_BUFFER_PTS (buffer) = 0;
  return gst_sample_new (buffer, caps, NULL, NULL);
}

/* Decodes a file that is one plain picture. TRUE and no picture: it is something else. */
static gboolean
decode_picture (const char *path, GstSample **picture, GError **error)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GstSample) coded = NULL;
  g_autoptr (GstCaps) caps = NULL;
  CpacPictureKind kind;
  gsize size;

  if (!g_file_get_contents (path, &bytes, &size, error) ||
      !cpac_picture_probe ((const guint8 *) bytes, size, &kind, error))
    return FALSE;
  if (kind == CPAC_PICTURE_OTHER)
    return TRUE;
  coded = wrap_picture (kind, bytes, size);
  caps = cpac_frames_caps ();
  *picture =
      cpac_one_shot_run (kind == CPAC_PICTURE_PNG ? "pngdec" : "jpegdec", coded, caps, error);
  return *picture != NULL;
}

static CpacFrameSource *
picture_source_new (GstSample *picture)
{
  PictureSource *self = g_new0 (PictureSource, 1);

  self->parent.klass = &picture_class;
  self->pending = picture;
  return &self->parent;
}

CpacFrameSource *
cpac_frames_open (const char *path, gpointer user_data, GError **error)
{
  GstSample *picture = NULL;
  GError *cause = NULL;
  gboolean is_picture;

  if (!look_at_file (path, &is_picture, &cause) ||
      (is_picture && !decode_picture (path, &picture, &cause))) {
    cpac_frames_set_error (error, path, cause);
    return NULL;
  }
  return picture != NULL ? picture_source_new (picture) : cpac_frames_stream_new (path, error);
}
