/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* More than that is no count of frames but another numbering. */
#define GST_CPAC_MAX_LOST 1000000
/* Offsets that have gone up by one so often count frames, and a jump is a loss. */
#define GST_CPAC_TRUSTED_OFFSETS 8

/**
 * GstCpacLosses:
 *
 * Frames that never came, told from the buffers that did, by the first of these that says anything:
 *
 * * "offset": GST_BUFFER_OFFSET skips numbers, on a buffer flagged DISCONT or after at least 8
 *   buffers numbered one by one; many elements write offsets that do not count frames
 * * "time": a buffer flagged DISCONT begins later than the one before it ended, by so many of its
 *   durations
 * * "discont": a buffer is flagged DISCONT and has neither; one frame
 *
 * Initialise with zeros.
 */
typedef struct {
  gboolean has_previous;
  guint64 next_offset;
  guint n_in_order; /* buffers numbered one by one, up to GST_CPAC_TRUSTED_OFFSETS */
  GstClockTime next_time;
} GstCpacLosses;

/* What comes next follows nothing. */
void gst_cpac_losses_reset (GstCpacLosses *losses);
/* Frames that were lost right before @buffer, at most GST_CPAC_MAX_LOST; @how is set where that is
 * more than 0. */
guint64 gst_cpac_losses_step (GstCpacLosses *losses, const GstBuffer *buffer, const char **how);

G_END_DECLS
