/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "plugin/colormap.h"
#include "plugin/heatmap-source.h"

G_BEGIN_DECLS

/* Plain values, copied once per frame. */
typedef struct {
  GstCpacSource source;
  gboolean source_is_valid;
  guint source_serial; /* changes with every setting of it */
  GstCpacColormap colormap;
  double feature_range;
} GstCpacHeatmapSettings;

#define GST_TYPE_CPAC_HEATMAP (gst_cpac_heatmap_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacHeatmap, gst_cpac_heatmap, GST, CPAC_HEATMAP, GstBaseTransform)

struct _GstCpacHeatmap {
  GstBaseTransform parent;

  /* Guarded by the object lock. */
  char *source; /* as set */
  GstCpacHeatmapSettings settings;

  /* Of the streaming thread. */
  GstVideoInfo out;
  guint warned_serial; /* of the source that was no good */
};

GST_ELEMENT_REGISTER_DECLARE (cpacheatmap);

G_END_DECLS
