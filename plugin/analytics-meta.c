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

static void
add_region (GstAnalyticsRelationMeta *meta, const CpacInspection *inspection, guint index)
{
  const CpacDefectRegion *region = &inspection->regions[index];
  GQuark anomaly = g_quark_from_static_string ("Anomaly");
  CpacRect box = gst_cpac_region_to_pixels (region, inspection);
  gfloat confidence = (gfloat) gst_cpac_region_get_confidence (region);
  GstAnalyticsODMtd place;
  GstAnalyticsClsMtd kind;

  if (gst_analytics_relation_meta_add_od_mtd (meta, anomaly, (gint) box.x, (gint) box.y,
                                              (gint) box.width, (gint) box.height, confidence,
                                              &place) &&
      gst_analytics_relation_meta_add_cls_mtd (meta, 1, &confidence, &anomaly, &kind))
    gst_analytics_relation_meta_set_relation (meta, GST_ANALYTICS_REL_TYPE_RELATE_TO, place.id,
                                              kind.id);
}

void
gst_cpac_add_analytics_meta (GstBuffer *buffer, const CpacInspection *inspection)
{
  GstAnalyticsRelationMeta *meta;

  if (inspection->n_regions == 0)
    return;
  meta = gst_buffer_get_analytics_relation_meta (buffer);
  if (meta == NULL)
    meta = gst_buffer_add_analytics_relation_meta (buffer);
  for (guint i = 0; i < inspection->n_regions; i++)
    add_region (meta, inspection, i);
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
