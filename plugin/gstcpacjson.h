/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/score/journal.h"

G_BEGIN_DECLS

#define GST_TYPE_CPAC_JSON (gst_cpac_json_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacJson, gst_cpac_json, GST, CPAC_JSON, GstElement)

struct _GstCpacJson {
  GstElement parent;
  GstPad *sinkpad, *srcpad;

  /* Guarded by the object lock. */
  char *source;
  gboolean timing;

  /* Of the streaming thread; from start to stop. */
  GstSegment segment;
  gboolean negotiated;
  gboolean journal;        /* x-ndjson: with header and closing record */
  gboolean header_written; /* and no closing record yet */
  CpacLedger ledger;       /* of the lines since the header */
  guint64 n_frames;        /* that came */
  gint width, height;      /* by the caps; 0 when they do not say */
};

GST_ELEMENT_REGISTER_DECLARE (cpacjson);

G_END_DECLS
