/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What tells one part from the next. */
typedef enum {
  CPAC_PARTS_AUTO,     /* ids, of events or metadata, where there are any; else frames */
  CPAC_PARTS_EVENT,    /* ids of events; without one in force a frame is between parts */
  CPAC_PARTS_METADATA, /* the same of metadata */
  CPAC_PARTS_FRAMES,   /* so many frames are a part, those that were lost counted */
  CPAC_PARTS_GAP,      /* a part begins where no frame came for so long */
} CpacPartsBy;

typedef struct {
  CpacPartsBy by;
  guint n_frames;     /* of a part, at least 1 */
  guint64 min_gap_ns; /* from one frame's time to the next part's first */
} CpacPartRule;

/* What is known of a frame that has come. */
typedef struct {
  const char *event_id, *metadata_id; /* NULL: none is in force */
  gboolean has_metadata;
  guint64 time_ns; /* G_MAXUINT64 unknown */
  guint64 n_lost;  /* frames that were lost right before this one */
} CpacPartCue;

/* What follows from it, in this order. */
typedef struct {
  guint64 n_lost_before;    /* lost frames that belong to the part in hand */
  gboolean ends_before;     /* the part in hand ends */
  gboolean ends_incomplete; /* and has fewer frames than a part has */
  guint64 n_lost_parts;     /* whole parts that were lost, of n_frames each */
  guint64 n_lost_between;   /* lost frames that belong to no part */
  gboolean begins;          /* a part begins; its id is tracker->id */
  guint64 n_lost_into;      /* lost frames that belong to it */
  gboolean misses_begin;    /* lost frames may have belonged to it */
  gboolean is_between;      /* the frame belongs to no part */
  gboolean ends_after;      /* the frame is its part's last */
} CpacPartStep;

/**
 * CpacPartTracker:
 *
 * Says which frames make a part. A part with an id is a run of frames with that id: the same id
 * twice in a row is one part. A frame without metadata does not end a part that metadata names.
 *
 * Where ids or gaps tell parts, nothing tells which part lost frames belonged to. They are counted
 * into the part in hand, and the one that begins behind them misses its beginning: neither was seen
 * whole.
 */
typedef struct {
  CpacPartRule rule;
  gboolean is_open;
  char *id;         /* of the part in hand; NULL: it has none */
  guint64 n_frames; /* of it, lost ones counted */
  guint64 last_time_ns;
} CpacPartTracker;

#define CPAC_PART_TRACKER_INIT(part_rule)                                                          \
  {                                                                                                \
    .rule = (part_rule), .last_time_ns = G_MAXUINT64                                               \
  }

void cpac_part_tracker_clear (CpacPartTracker *tracker);
CpacPartStep cpac_part_tracker_step (CpacPartTracker *tracker, const CpacPartCue *cue);
/* The stream ends, or goes on elsewhere. Whether the part in hand has all that the rule says; TRUE
 * where there is none. */
gboolean cpac_part_tracker_end (CpacPartTracker *tracker);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacPartTracker, cpac_part_tracker_clear)

G_END_DECLS
