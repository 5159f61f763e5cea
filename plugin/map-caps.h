/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/score/inspection.h"

G_BEGIN_DECLS

/* Of GRAY8 maps of one size. */
typedef struct {
  GstCaps *caps;
  guint width, height;
} GstCpacGrayCaps;

/**
 * GstCpacMapCaps:
 *
 * Caps of the maps in a stream's metadata, made once for each model and size rather than for each
 * frame. One thread at a time; all zero to begin with.
 */
typedef struct {
  GstCpacGrayCaps heatmap, components;
  GArray *features; /* (element-type GstCpacFeatureCaps), by place in the list of features */
} GstCpacMapCaps;

/* Of a GRAY8 map of that size. (transfer full) */
GstCaps *gst_cpac_gray_caps_get (GstCpacGrayCaps *cache, guint width, guint height);
/* Of @maps, number @index of a frame's features. (transfer full) */
GstCaps *
gst_cpac_map_caps_get_feature (GstCpacMapCaps *cache, guint index, const CpacFeatureMaps *maps);
void gst_cpac_map_caps_clear (GstCpacMapCaps *cache);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstCpacMapCaps, gst_cpac_map_caps_clear)

G_END_DECLS
