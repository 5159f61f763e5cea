/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/monitor-losses.h"

void
gst_cpac_losses_reset (GstCpacLosses *losses)
{
  *losses = (GstCpacLosses){ 0 };
}

/* FALSE where offsets say nothing. */
static gboolean
count_by_offset (GstCpacLosses *losses, guint64 offset, gboolean is_discont, guint64 *n)
{
  gboolean is_trusted = is_discont || losses->n_in_order >= GST_CPAC_TRUSTED_OFFSETS;

  if (offset == GST_BUFFER_OFFSET_NONE || losses->next_offset == GST_BUFFER_OFFSET_NONE)
    return FALSE;
  *n = offset - losses->next_offset;
  if (*n == 0) {
    losses->n_in_order = MIN (losses->n_in_order + 1, GST_CPAC_TRUSTED_OFFSETS);
    return TRUE;
  }
  if (offset > losses->next_offset && *n <= GST_CPAC_MAX_LOST && is_trusted)
    return TRUE;
  losses->n_in_order = 0;
  return FALSE;
}

/* The same of times. */
static gboolean
count_by_time (const GstCpacLosses *losses, const GstBuffer *buffer, guint64 *n)
{
  GstClockTime time = GST_BUFFER_PTS (buffer), duration = GST_BUFFER_DURATION (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (time) || !GST_CLOCK_TIME_IS_VALID (losses->next_time) ||
      !GST_CLOCK_TIME_IS_VALID (duration) || duration == 0 || time < losses->next_time)
    return FALSE;
  *n = (time - losses->next_time + duration / 2) / duration;
  return *n <= GST_CPAC_MAX_LOST;
}

static guint64
count (GstCpacLosses *losses, const GstBuffer *buffer, const char **how)
{
  gboolean is_discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  guint64 n;

  if (count_by_offset (losses, GST_BUFFER_OFFSET (buffer), is_discont, &n)) {
    *how = "offset";
    return n;
  }
  if (!is_discont)
    return 0;
  if (count_by_time (losses, buffer, &n)) {
    *how = "time";
    return n;
  }
  *how = "discont";
  return 1;
}

guint64
gst_cpac_losses_step (GstCpacLosses *losses, const GstBuffer *buffer, const char **how)
{
  GstClockTime time = GST_BUFFER_PTS (buffer), duration = GST_BUFFER_DURATION (buffer);
  guint64 offset = GST_BUFFER_OFFSET (buffer);
  guint64 n = losses->has_previous ? count (losses, buffer, how) : 0;

  losses->has_previous = TRUE;
  losses->next_offset = offset != GST_BUFFER_OFFSET_NONE ? offset + 1 : GST_BUFFER_OFFSET_NONE;
  losses->next_time = GST_CLOCK_TIME_IS_VALID (time) && GST_CLOCK_TIME_IS_VALID (duration)
                          ? time + duration
                          : GST_CLOCK_TIME_NONE;
  return n;
}
