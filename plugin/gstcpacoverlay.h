/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

#include "plugin/overlay-painter.h"

G_BEGIN_DECLS

#define GST_TYPE_CPAC_OVERLAY (gst_cpac_overlay_get_type ())
G_DECLARE_FINAL_TYPE (GstCpacOverlay, gst_cpac_overlay, GST, CPAC_OVERLAY, GstBaseTransform)

struct _GstCpacOverlay {
  GstBaseTransform parent;

  GstCpacOverlaySettings settings; /* guarded by the object lock */

  /* Of the streaming thread; from caps to stop. */
  GstVideoInfo video;
  GstCpacBlender blender;
  GstCpacPainter *painter; /* NULL until there is something to draw */
  gboolean is_painted;     /* the canvas holds what belongs onto the frame under way */
  gboolean warned;         /* that a frame could not be written */
};

GST_ELEMENT_REGISTER_DECLARE (cpacoverlay);

G_END_DECLS
