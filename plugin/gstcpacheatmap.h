/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

#define GST_TYPE_CPAC_HEATMAP (gst_cpac_heatmap_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacHeatmap, gst_cpac_heatmap, GST, CPAC_HEATMAP, GstBaseTransform)

struct _GstCpacHeatmap {
  GstBaseTransform parent;

  GstVideoInfo out; /* of the streaming thread */
};

GST_ELEMENT_REGISTER_DECLARE (cpacheatmap);

G_END_DECLS
