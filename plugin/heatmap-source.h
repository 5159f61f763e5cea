/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin/score-meta.h"

G_BEGIN_DECLS

/* Which map of the metadata cpacheatmap shows. */
typedef enum {
  GST_CPAC_SOURCE_HEATMAP,
  GST_CPAC_SOURCE_FEATURE,   /* a layer's map, or all of its maps together */
  GST_CPAC_SOURCE_COMPONENT, /* what one component of the network adds to the score */
} GstCpacSourceKind;

typedef struct {
  GstCpacSourceKind kind;
  char layer[128]; /* of a feature */
  gint index;      /* of a component, or of a feature's channel; -1: all channels */
} GstCpacSource;

/**
 * gst_cpac_source_parse:
 *
 * Reads "heatmap", "feature:LAYER", "feature:LAYER:CHANNEL" or "component:INDEX"; NULL and "" are
 * "heatmap". FALSE for anything else.
 */
gboolean gst_cpac_source_parse (const char *text, GstCpacSource *source);

/* A map of 8 bits: of the metadata, or @owned. */
typedef struct {
  const guint8 *levels; /* (height, width) */
  guint width, height;
  guint8 *owned;
} GstCpacMap;

/**
 * gst_cpac_source_find:
 * @inspection: as read from the metadata; the map must not outlive the reading
 * @range: value of a feature that is shown white
 *
 * Finds the map that @source names. A feature's channel shows -@range as 0, 0 as mid-gray and
 * @range as 255; all channels together the root of the mean of their squares, 0 as 0 and @range as
 * 255. FALSE when there is no such map.
 */
gboolean gst_cpac_source_find (const GstCpacSource *source, const CpacInspection *inspection,
                               double range, GstCpacMap *map);
void gst_cpac_map_clear (GstCpacMap *map);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstCpacMap, gst_cpac_map_clear)

G_END_DECLS
