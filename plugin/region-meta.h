/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

#include "core/score/inspection.h"

G_BEGIN_DECLS

/*
 * Defect regions in the forms that other elements read. Copies for them: scaling and cropping lose
 * parts of these metas, CpacScoreMeta keeps all.
 */

/* One GstVideoRegionOfInterestMeta "Anomaly" per region, ids from 1, with the parameter structure
 * `detection`: x_min, y_min, x_max, y_max d (relative), confidence d, label_id i (1), and of our
 * own score d, area d (pixels), centroid_x, centroid_y, peak_x, peak_y d (relative); and with
 * `label`: label s, model_name s, confidence d, label_id i; and for each of its contours, the outer
 * one first, a structure `contour` as in CpacScoreMeta. */
void gst_cpac_add_roi_metas (GstBuffer *buffer, const CpacInspection *inspection);

/* Whether this build has the GstAnalytics library. */
gboolean gst_cpac_has_analytics (void);
/* One GstAnalyticsClsMtd for the frame, "Normal" and "Anomaly" with 1 - p and p, and one
 * GstAnalyticsODMtd "Anomaly" for each region, related to it. Nothing for a frame without a score,
 * and nothing in a build without the library. */
void gst_cpac_add_analytics_meta (GstBuffer *buffer, const CpacInspection *inspection);

/* In pixels of the frame, each side rounded outwards. */
CpacRect
gst_cpac_region_to_pixels (const CpacDefectRegion *region, const CpacInspection *inspection);

/* The probability of a defect: a classifier's score is one; a map's is the largest logit (or the
 * mean of the largest), which stands for 1 / (1 + exp (-score)). */
double gst_cpac_get_confidence (const CpacInspection *inspection);
double gst_cpac_region_get_confidence (const CpacDefectRegion *region);

G_END_DECLS
