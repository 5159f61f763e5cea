/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread of cpacevidence that makes files of frames. */

#include <string.h>

#include "core/score/journal.h"
#include "core/sync.h"
#include "plugin/evidence-picture.h"
#include "plugin/gstcpacevidence.h"
#include "plugin/score-messages.h"
#include "plugin/score-meta.h"

GST_DEBUG_CATEGORY_EXTERN (gst_cpac_evidence_debug);
#define GST_CAT_DEFAULT gst_cpac_evidence_debug

/* A frame that is to be kept. */
typedef struct {
  GstBuffer *buffer;
  GstVideoInfo video;
  char *source;
  CpacJournalFrame origin;
} Frame;

static void
frame_free (Frame *frame)
{
  gst_clear_buffer (&frame->buffer);
  g_free (frame->source);
  g_free (frame);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Frame, frame_free)

static void
evidence_set_clear (GstCpacEvidenceSet *set)
{
  g_clear_pointer (&set->picture, g_bytes_unref);
  g_clear_pointer (&set->map, g_bytes_unref);
  g_clear_pointer (&set->line, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstCpacEvidenceSet, evidence_set_clear)

/* ---- The writer ---- */

/* The next frame, NULL when all is done. (transfer full) */
static Frame *
wait_for_frame (GstCpacEvidence *self)
{
  Frame *frame;

  cpac_lock (&self->mutex);
  while (self->is_open && g_queue_is_empty (&self->pending))
    cpac_wait (&self->changed, &self->mutex);
  frame = g_queue_pop_head (&self->pending);
  cpac_unlock (&self->mutex);
  return frame;
}

/* The stream may have its buffer back: writing takes longer than encoding. */
static void
release (GstCpacEvidence *self, Frame *frame)
{
  gst_clear_buffer (&frame->buffer);
  cpac_lock (&self->mutex);
  self->n_held--;
  cpac_unlock (&self->mutex);
}

static GBytes *
encode_line (const CpacInspection *inspection, const CpacJournalFrame *origin)
{
  char *line = cpac_journal_line (inspection, origin);

  return g_bytes_new_take (line, strlen (line));
}

static gboolean
encode (GstCpacEvidence *self, const Frame *frame, GstCpacEvidenceSet *set, guint64 *number,
        GError **error)
{
  g_auto (GstCpacScoreReading) reading = { 0 };
  const CpacInspection *inspection = &reading.inspection;

  gst_cpac_score_meta_read (frame->buffer, &reading);
  *number = inspection->frame;
  set->picture =
      gst_cpac_picture_encode (frame->buffer, &frame->video, self->in_force.bit_depth, error);
  if (set->picture == NULL)
    return FALSE;
  if (inspection->heatmap != NULL) {
    set->map = gst_cpac_levels_encode (inspection->heatmap, inspection->map_width,
                                       inspection->map_height, error);
    if (set->map == NULL)
      return FALSE;
  }
  set->line = encode_line (inspection, &frame->origin);
  return TRUE;
}

static gboolean
keep (GstCpacEvidence *self, Frame *frame, guint64 *n_removed, GError **error)
{
  g_auto (GstCpacEvidenceSet) set = { 0 };
  guint64 number;
  gboolean done = encode (self, frame, &set, &number, error);

  release (self, frame);
  return done && gst_cpac_evidence_store_add (self->store, number, &set, n_removed, error);
}

static void
warn_failed (GstCpacEvidence *self, const GError *error)
{
  GST_INFO_OBJECT (self, "a frame is not kept: %s", error->message);
  if (self->warned_failed)
    return;
  self->warned_failed = TRUE;
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT,
                         ("Evidence is not kept: %s", error->message), (NULL));
  else
    GST_ELEMENT_WARNING (self, RESOURCE, WRITE, ("Evidence is not kept: %s", error->message),
                         (NULL));
}

static gpointer
write_frames (gpointer data)
{
  GstCpacEvidence *self = data;
  Frame *next;

  while ((next = wait_for_frame (self)) != NULL) {
    g_autoptr (Frame) frame = next;
    g_autoptr (GError) error = NULL;
    guint64 n_removed = 0;
    gboolean is_kept = keep (self, frame, &n_removed, &error);

    GST_OBJECT_LOCK (self);
    self->stats.n_kept += is_kept;
    self->stats.n_failed += !is_kept;
    self->stats.n_removed += n_removed;
    self->stats.size = gst_cpac_evidence_store_get_size (self->store);
    GST_OBJECT_UNLOCK (self);
    if (!is_kept)
      warn_failed (self, error);
  }
  return NULL;
}

/* ---- For the stream ---- */

gboolean
gst_cpac_evidence_open (GstCpacEvidence *self, const char *folder, GError **error)
{
  guint64 n_removed = 0;

  self->store = gst_cpac_evidence_store_open (folder, self->in_force.max_size, &n_removed, error);
  if (self->store == NULL)
    return FALSE;
  GST_OBJECT_LOCK (self);
  self->stats = (GstCpacEvidenceStats){ .n_removed = n_removed,
                                        .size = gst_cpac_evidence_store_get_size (self->store) };
  GST_OBJECT_UNLOCK (self);
  self->warned_failed = FALSE;
  self->n_held = 0;
  self->is_open = TRUE;
  self->writer = g_thread_try_new ("cpacevidence", write_frames, self, error);
  if (self->writer != NULL)
    return TRUE;
  g_clear_pointer (&self->store, gst_cpac_evidence_store_close);
  return FALSE;
}

void
gst_cpac_evidence_close (GstCpacEvidence *self)
{
  cpac_lock (&self->mutex);
  self->is_open = FALSE;
  g_cond_signal (&self->changed);
  cpac_unlock (&self->mutex);
  if (self->writer != NULL)
    g_thread_join (g_steal_pointer (&self->writer));
  g_clear_pointer (&self->store, gst_cpac_evidence_store_close);
}

static gboolean
take_place (GstCpacEvidence *self)
{
  gboolean is_free;

  cpac_lock (&self->mutex);
  is_free = self->n_held < self->in_force.max_pending;
  self->n_held += is_free;
  cpac_unlock (&self->mutex);
  return is_free;
}

gboolean
gst_cpac_evidence_offer (GstCpacEvidence *self, GstBuffer *buffer)
{
  GstCpacTimes times;
  Frame *frame;

  if (!take_place (self))
    return FALSE;
  gst_cpac_times_of_buffer (&times, &GST_BASE_TRANSFORM (self)->segment, buffer);
  frame = g_new (Frame, 1);
  *frame = (Frame){ .buffer = gst_buffer_ref (buffer), .video = self->video };
  GST_OBJECT_LOCK (self);
  frame->source = g_strdup (self->source);
  GST_OBJECT_UNLOCK (self);
  frame->origin = (CpacJournalFrame){ .source = frame->source,
                                      .timestamp_ns = times.stream_time,
                                      .timing = TRUE,
                                      .system_time_us = g_get_real_time () };
  cpac_lock (&self->mutex);
  g_queue_push_tail (&self->pending, frame);
  g_cond_signal (&self->changed);
  cpac_unlock (&self->mutex);
  return TRUE;
}
