/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/component-maps.h"
#include "core/explain/defect-regions.h"
#include "core/network/stream.h"
#include "core/score/scorer.h"

G_BEGIN_DECLS

/* scorer.c makes it and sets it up for a stream; scorer-frame.c scores a frame. */
struct _CpacScorer {
  CpacModel *model;
  CpacLevel level;
  guint n_threads;
  CpacStream *stream;
  gboolean *kept; /* (n_layers): what callers want to read, beside the head and what is published */
  CpacFrameInfo info;
  CpacRect region;
  CpacFramePlan *plan; /* NULL: no stream */

  double *probabilities; /* (n_classes) of a classifier */
  guint map_width, map_height;
  float *map, *scratch; /* the map, and as much or more */
  const float **maps;   /* of the layers a gaussian head looks at */
  guint8 *heatmap;
  CpacRegionFinder *finder; /* NULL for a head that gives no map */
  guint min_region_area;    /* pixels of the frame */
  CpacIgnoreMask *mask;     /* NULL: none */
  guint8 *ignored;          /* (map_height, map_width); NULL without a mask or a map */
  guint8 *ignored_grid;     /* the same of a combined head's gaussian */
  GArray *features;         /* (element-type CpacFeatureMaps) */
  guint *feature_layers;    /* (n_features) */
  CpacInspection result;

  CpacComponentMaps *components; /* NULL: frames are not explained */
};

/* Where a map of @width x @height cells lies. */
CpacMapPlace cpac_scorer_place_map (const CpacScorer *scorer, guint width, guint height);

G_END_DECLS
