/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/part-tracker.h"

static void
close_part (CpacPartTracker *tracker)
{
  tracker->is_open = FALSE;
  tracker->n_frames = 0;
  g_clear_pointer (&tracker->id, g_free);
}

void
cpac_part_tracker_clear (CpacPartTracker *tracker)
{
  close_part (tracker);
}

static void
open_part (CpacPartTracker *tracker, const char *id, CpacPartStep *step)
{
  tracker->is_open = TRUE;
  tracker->id = g_strdup (id);
  step->begins = TRUE;
}

/* Whether the part in hand is one by its number of frames. */
static gboolean
is_counted (const CpacPartTracker *tracker)
{
  return tracker->rule.by == CPAC_PARTS_FRAMES ||
         (tracker->rule.by == CPAC_PARTS_AUTO && tracker->id == NULL);
}

/* What has no part in hand cannot be told to belong to the next. */
static void
end_before (CpacPartTracker *tracker, const CpacPartCue *cue, CpacPartStep *step)
{
  if (tracker->is_open)
    step->n_lost_before = cue->n_lost;
  else
    step->n_lost_between = cue->n_lost;
  step->ends_before = tracker->is_open;
  step->ends_incomplete = tracker->is_open && is_counted (tracker);
  close_part (tracker);
}

/* ---- By ids ---- */

static const char *
get_id (const CpacPartTracker *tracker, const CpacPartCue *cue)
{
  const char *kept = cue->has_metadata || !tracker->is_open ? NULL : tracker->id;
  const char *metadata_id = cue->metadata_id != NULL ? cue->metadata_id : kept;

  switch (tracker->rule.by) {
    case CPAC_PARTS_EVENT:
      return cue->event_id;
    case CPAC_PARTS_METADATA:
      return metadata_id;
    case CPAC_PARTS_AUTO:
      return cue->event_id != NULL ? cue->event_id : metadata_id;
    case CPAC_PARTS_FRAMES:
    case CPAC_PARTS_GAP:
      break;
  }
  return NULL;
}

/* @id may be that of the part in hand. */
static void
step_by_id (CpacPartTracker *tracker, const CpacPartCue *cue, const char *id, CpacPartStep *step)
{
  g_autofree char *kept = g_strdup (id);

  if (tracker->is_open && id != NULL && g_strcmp0 (tracker->id, id) == 0) {
    step->n_lost_before = cue->n_lost;
    return;
  }
  end_before (tracker, cue, step);
  step->is_between = id == NULL;
  if (id == NULL)
    return;
  open_part (tracker, kept, step);
  step->misses_begin = cue->n_lost > 0;
}

/* ---- By counting ---- */

/* Lost frames fill the part in hand, then whole parts, then the beginning of the next. */
static void
step_by_frames (CpacPartTracker *tracker, const CpacPartCue *cue, CpacPartStep *step)
{
  guint64 n = tracker->rule.n_frames, n_lost = cue->n_lost;

  if (tracker->is_open && tracker->id != NULL) {
    /* A part by its id ends here; what was lost is lost to it. */
    end_before (tracker, cue, step);
    step->misses_begin = n_lost > 0;
    n_lost = 0;
  } else if (tracker->is_open) {
    step->n_lost_before = MIN (n_lost, n - tracker->n_frames);
    n_lost -= step->n_lost_before;
    if (tracker->n_frames + step->n_lost_before == n) {
      step->ends_before = TRUE;
      close_part (tracker);
    }
  }
  step->n_lost_parts = n_lost / n;
  if (!tracker->is_open) {
    open_part (tracker, NULL, step);
    step->n_lost_into = n_lost % n;
  }
  step->ends_after =
      tracker->n_frames + (step->begins ? step->n_lost_into : step->n_lost_before) + 1 == n;
}

/* ---- By gaps ---- */

static void
step_by_gap (CpacPartTracker *tracker, const CpacPartCue *cue, CpacPartStep *step)
{
  gboolean is_gap = cue->time_ns != G_MAXUINT64 && tracker->last_time_ns != G_MAXUINT64 &&
                    cue->time_ns > tracker->last_time_ns &&
                    cue->time_ns - tracker->last_time_ns >= tracker->rule.min_gap_ns;

  if (tracker->is_open && !is_gap) {
    step->n_lost_before = cue->n_lost;
    return;
  }
  end_before (tracker, cue, step);
  open_part (tracker, NULL, step);
  step->misses_begin = cue->n_lost > 0;
}

CpacPartStep
cpac_part_tracker_step (CpacPartTracker *tracker, const CpacPartCue *cue)
{
  CpacPartStep step = { 0 };
  const char *id = get_id (tracker, cue);
  gboolean counts =
      tracker->rule.by == CPAC_PARTS_FRAMES || (tracker->rule.by == CPAC_PARTS_AUTO && id == NULL);

  if (counts)
    step_by_frames (tracker, cue, &step);
  else if (tracker->rule.by == CPAC_PARTS_GAP)
    step_by_gap (tracker, cue, &step);
  else
    step_by_id (tracker, cue, id, &step);
  if (cue->time_ns != G_MAXUINT64)
    tracker->last_time_ns = cue->time_ns;
  if (step.ends_after)
    close_part (tracker);
  else if (tracker->is_open)
    tracker->n_frames += (step.begins ? step.n_lost_into : step.n_lost_before) + 1;
  return step;
}

gboolean
cpac_part_tracker_end (CpacPartTracker *tracker)
{
  gboolean is_whole = !tracker->is_open || !is_counted (tracker);

  close_part (tracker);
  tracker->last_time_ns = G_MAXUINT64;
  return is_whole;
}
