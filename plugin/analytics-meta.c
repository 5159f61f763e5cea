/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/region-meta.h"

#ifdef HAVE_ANALYTICS
#include <gst/analytics/analytics.h>

gboolean
gst_cpac_has_analytics (void)
{
  return TRUE;
}

/* The frame as a whole: "Normal" or "Anomaly". */
static gboolean
add_frame (GstAnalyticsRelationMeta *meta, const CpacInspection *inspection,
           GstAnalyticsClsMtd *frame)
{
  gfloat anomaly = (gfloat) gst_cpac_get_confidence (inspection);
  gfloat levels[] = { 1 - anomaly, anomaly };
  GQuark classes[] = { g_quark_from_static_string ("Normal"),
                       g_quark_from_static_string ("Anomaly") };

  return gst_analytics_relation_meta_add_cls_mtd (meta, G_N_ELEMENTS (levels), levels, classes,
                                                  frame);
}

static void
add_region (GstAnalyticsRelationMeta *meta, const CpacInspection *inspection, guint index,
            guint frame_id)
{
  const CpacDefectRegion *region = &inspection->regions[index];
  CpacRect box = gst_cpac_region_to_pixels (region, inspection);
  GstAnalyticsODMtd place;

  if (gst_analytics_relation_meta_add_od_mtd (
          meta, g_quark_from_static_string ("Anomaly"), (gint) box.x, (gint) box.y,
          (gint) box.width, (gint) box.height, (gfloat) gst_cpac_region_get_confidence (region),
          &place))
    gst_analytics_relation_meta_set_relation (meta, GST_ANALYTICS_REL_TYPE_RELATE_TO, place.id,
                                              frame_id);
}

void
gst_cpac_add_analytics_meta (GstBuffer *buffer, const CpacInspection *inspection)
{
  GstAnalyticsRelationMeta *meta;
  GstAnalyticsClsMtd frame;

  if (!inspection->has_score)
    return;
  meta = gst_buffer_get_analytics_relation_meta (buffer);
  if (meta == NULL)
    meta = gst_buffer_add_analytics_relation_meta (buffer);
  if (!add_frame (meta, inspection, &frame))
    return;
  for (guint i = 0; i < inspection->n_regions; i++)
    add_region (meta, inspection, i, frame.id);
}

#else

gboolean
gst_cpac_has_analytics (void)
{
  return FALSE;
}

void
gst_cpac_add_analytics_meta (GstBuffer *buffer, const CpacInspection *inspection)
{
}

#endif
