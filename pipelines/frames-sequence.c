/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/frames.h"

#include <gst/gst.h>
#include <string.h>

/* Digits that the pattern may ask for: more than any index has. */
#define MAX_DIGITS 20

typedef struct {
  CpacFrameSource parent;
  GString *before, *after; /* the pattern round its number */
  gboolean has_number, zeros;
  guint digits;
  guint start, index, fps;
  CpacFrameSource *picture; /* that of index, or the one before it while that is lent out */
  gboolean is_ahead;        /* picture has not been asked for yet */
  gboolean ended;
} SequenceSource;

/* Reads "%d", "%5d" or "%05d" (or i, u). Its end, NULL when it is none of them. */
static const char *
parse_number (SequenceSource *self, const char *text)
{
  const char *p = text + 1;

  self->zeros = *p == '0';
  for (self->digits = 0; g_ascii_isdigit (*p) && self->digits <= MAX_DIGITS; p++)
    self->digits = 10 * self->digits + (*p - '0');
  if (self->digits > MAX_DIGITS || *p == '\0' || strchr ("diu", *p) == NULL)
    return NULL;
  self->has_number = TRUE;
  return p + 1;
}

/* Read here, not by printf: a pattern from the command line may hold any conversion. */
static gboolean
parse_pattern (SequenceSource *self, const char *pattern)
{
  const char *p = pattern;

  while (*p != '\0') {
    GString *part = self->has_number ? self->after : self->before;

    if (*p != '%' || p[1] == '%') {
      g_string_append_c (part, *p);
      p += *p == '%' ? 2 : 1;
    } else if (self->has_number || (p = parse_number (self, p)) == NULL) {
      return FALSE;
    }
  }
  return self->has_number;
}

/* Opens the picture of the index. */
static gboolean
open_picture (SequenceSource *self, GError **error)
{
  g_autofree char *path = g_strdup_printf (self->zeros ? "%s%0*u%s" : "%s%*u%s", self->before->str,
                                           (int) self->digits, self->index, self->after->str);

  g_clear_pointer (&self->picture, cpac_frame_source_free);
  self->picture = cpac_frames_open (path, NULL, error);
  return self->picture != NULL;
}

static CpacFrameStatus
sequence_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark, GError **error)
{
  SequenceSource *self = (SequenceSource *) source;
  g_autoptr (GError) local = NULL;
  CpacFrameStatus status;

  if (self->ended)
    return CPAC_FRAME_END;
  if (!self->is_ahead && !open_picture (self, &local)) {
    self->ended = g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    if (self->ended)
      return CPAC_FRAME_END;
    g_propagate_error (error, g_steal_pointer (&local));
    return CPAC_FRAME_ERROR;
  }
  self->is_ahead = FALSE;
  status = cpac_frame_source_next (self->picture, frame, mark, error);
  if (status == CPAC_FRAME_NEXT) {
    mark->timestamp_ns = gst_util_uint64_scale (self->index - self->start, GST_SECOND, self->fps);
    self->index++;
  }
  return status;
}

static void
sequence_free (CpacFrameSource *source)
{
  SequenceSource *self = (SequenceSource *) source;

  cpac_frame_source_free (self->picture);
  g_string_free (self->before, TRUE);
  g_string_free (self->after, TRUE);
  g_free (self);
}

static const CpacFrameSourceClass sequence_class = { sequence_next, sequence_free };

static SequenceSource *
sequence_new (guint start, guint fps)
{
  SequenceSource *self = g_new0 (SequenceSource, 1);

  self->parent.klass = &sequence_class;
  self->before = g_string_new (NULL);
  self->after = g_string_new (NULL);
  self->start = self->index = start;
  self->fps = fps;
  return self;
}

CpacFrameSource *
cpac_frames_open_sequence (const char *pattern, guint start, guint fps, GError **error)
{
  SequenceSource *self = sequence_new (start, fps);

  if (!parse_pattern (self, pattern))
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: not the pattern of a sequence, expected one number such as %%05d", pattern);
  else if (fps == 0)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: 0 frames a second, expected at least 1",
                 pattern);
  else
    self->is_ahead = open_picture (self, error);
  if (self->is_ahead)
    return &self->parent;
  sequence_free (&self->parent);
  return NULL;
}
