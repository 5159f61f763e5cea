/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "plugin/evidence-store.h"

G_BEGIN_DECLS

#define GST_TYPE_CPAC_EVIDENCE_VERDICTS (gst_cpac_evidence_verdicts_get_type ())
GType gst_cpac_evidence_verdicts_get_type (void);

#define GST_TYPE_CPAC_EVIDENCE (gst_cpac_evidence_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacEvidence, gst_cpac_evidence, GST, CPAC_EVIDENCE, GstBaseTransform)

/* Plain values; copied at start, but for the verdicts. */
typedef struct {
  guint64 max_size;
  guint max_pending, bit_depth;
  guint verdicts; /* bit v: CpacVerdict v */
} GstCpacEvidenceSettings;

/* What the property `stats` shows. */
typedef struct {
  guint64 n_kept, n_dropped, n_removed, n_failed; /* frames since the start */
  guint64 size;                                   /* bytes in the folder */
} GstCpacEvidenceStats;

struct _GstCpacEvidence {
  GstBaseTransform parent;

  /* Guarded by the object lock. */
  char *location, *source; /* as set */
  GstCpacEvidenceSettings settings;
  GstCpacEvidenceStats stats;

  /* Of the streaming thread. */
  GstVideoInfo video;
  gboolean warned_dropped;

  GstCpacEvidenceSettings in_force; /* written while there is no writer */

  /* Of the writer; from start to stop. */
  GThread *writer;
  GstCpacEvidenceStore *store;
  gboolean warned_failed;

  GMutex mutex; /* guards what follows; never held while encoding, writing or posting */
  GCond changed;
  gboolean is_open;
  GQueue pending; /* of what evidence-writer.c makes of a frame, the oldest first */
  guint n_held;   /* frames that are held, pending or being encoded */
};

/* ---- evidence-writer.c ---- */

/* Opens the folder and starts the writer. */
gboolean gst_cpac_evidence_open (GstCpacEvidence *self, const char *folder, GError **error);
/* Waits until all that is pending is written. */
void gst_cpac_evidence_close (GstCpacEvidence *self);
/* Hands a reference to @buffer to the writer; FALSE, at once, when it has its hands full. */
gboolean gst_cpac_evidence_offer (GstCpacEvidence *self, GstBuffer *buffer);

GST_ELEMENT_REGISTER_DECLARE (cpacevidence);

G_END_DECLS
