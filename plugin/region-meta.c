/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/region-meta.h"

#include <math.h>

#include "plugin/score-meta.h"

#define LABEL_ID 1

/* Relative places are quotients of pixels; a product that is off by rounding alone stays itself. */
#define ROUNDING 1e-6

CpacRect
gst_cpac_region_to_pixels (const CpacDefectRegion *region, const CpacInspection *inspection)
{
  double width = inspection->width, height = inspection->height;
  double left = floor (CLAMP (region->x * width + ROUNDING, 0, width));
  double top = floor (CLAMP (region->y * height + ROUNDING, 0, height));
  double right = ceil (CLAMP ((region->x + region->width) * width - ROUNDING, 0, width));
  double bottom = ceil (CLAMP ((region->y + region->height) * height - ROUNDING, 0, height));

  return (CpacRect){ (guint) left, (guint) top, (guint) MAX (right - left, 0),
                     (guint) MAX (bottom - top, 0) };
}

static double
logistic (double logit)
{
  return 1 / (1 + exp (-logit));
}

double
gst_cpac_get_confidence (const CpacInspection *inspection)
{
  return inspection->class_name != NULL ? inspection->score : logistic (inspection->score);
}

double
gst_cpac_region_get_confidence (const CpacDefectRegion *region)
{
  return logistic (region->score);
}

static GstStructure *
detection_new (const CpacDefectRegion *region)
{
  return gst_structure_new (
      "detection", "x_min", G_TYPE_DOUBLE, region->x, "y_min", G_TYPE_DOUBLE, region->y, "x_max",
      G_TYPE_DOUBLE, region->x + region->width, "y_max", G_TYPE_DOUBLE, region->y + region->height,
      "confidence", G_TYPE_DOUBLE, gst_cpac_region_get_confidence (region), "label_id", G_TYPE_INT,
      LABEL_ID, "score", G_TYPE_DOUBLE, region->score, "area", G_TYPE_DOUBLE, region->area,
      "centroid_x", G_TYPE_DOUBLE, region->centroid_x, "centroid_y", G_TYPE_DOUBLE,
      region->centroid_y, "peak_x", G_TYPE_DOUBLE, region->peak_x, "peak_y", G_TYPE_DOUBLE,
      region->peak_y, NULL);
}

static GstStructure *
label_new (const CpacDefectRegion *region, const char *model)
{
  return gst_structure_new ("label", "label", G_TYPE_STRING, "Anomaly", "model_name", G_TYPE_STRING,
                            model, "confidence", G_TYPE_DOUBLE,
                            gst_cpac_region_get_confidence (region), "label_id", G_TYPE_INT,
                            LABEL_ID, NULL);
}

static void
add_contours (GstVideoRegionOfInterestMeta *meta, const CpacInspection *inspection)
{
  for (guint i = 0; i < inspection->n_contours; i++)
    if (inspection->contours[i].region_id == (guint) meta->id)
      gst_video_region_of_interest_meta_add_param (meta,
                                                   gst_cpac_contour_new (&inspection->contours[i]));
}

void
gst_cpac_add_roi_metas (GstBuffer *buffer, const CpacInspection *inspection)
{
  for (guint i = 0; i < inspection->n_regions; i++) {
    const CpacDefectRegion *region = &inspection->regions[i];
    CpacRect box = gst_cpac_region_to_pixels (region, inspection);
    GstVideoRegionOfInterestMeta *meta = gst_buffer_add_video_region_of_interest_meta (
        buffer, "Anomaly", box.x, box.y, box.width, box.height);

    meta->id = (gint) i + 1;
    meta->parent_id = -1;
    gst_video_region_of_interest_meta_add_param (meta, detection_new (region));
    gst_video_region_of_interest_meta_add_param (meta, label_new (region, inspection->model));
    add_contours (meta, inspection);
  }
}
