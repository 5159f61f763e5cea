/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/map-caps.h"

#include "plugin/score-meta.h"

/* Those of one layer's maps, and what they were made for. */
typedef struct {
  GstCaps *caps;
  char *layer;
  CpacDims dims;
} GstCpacFeatureCaps;

static void
clear_feature (gpointer data)
{
  GstCpacFeatureCaps *feature = data;

  gst_clear_caps (&feature->caps);
  g_free (feature->layer);
}

GstCaps *
gst_cpac_gray_caps_get (GstCpacGrayCaps *cache, guint width, guint height)
{
  if (cache->caps == NULL || cache->width != width || cache->height != height) {
    gst_clear_caps (&cache->caps);
    cache->width = width;
    cache->height = height;
    cache->caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "GRAY8", "width",
                                       G_TYPE_INT, (gint) width, "height", G_TYPE_INT,
                                       (gint) height, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
  }
  return gst_caps_ref (cache->caps);
}

static GstCaps *
make_feature_caps (const CpacFeatureMaps *maps)
{
  return gst_caps_new_simple (
      GST_CPAC_FEATURE_MAPS_CAPS, "format", G_TYPE_STRING, "F32LE", "layer", G_TYPE_STRING,
      maps->layer, "channels", G_TYPE_INT, (gint) maps->dims.channels, "height", G_TYPE_INT,
      (gint) maps->dims.height, "width", G_TYPE_INT, (gint) maps->dims.width, NULL);
}

GstCaps *
gst_cpac_map_caps_get_feature (GstCpacMapCaps *cache, guint index, const CpacFeatureMaps *maps)
{
  GstCpacFeatureCaps *feature;

  if (cache->features == NULL) {
    cache->features = g_array_new (FALSE, TRUE, sizeof (GstCpacFeatureCaps));
    g_array_set_clear_func (cache->features, clear_feature);
  }
  if (cache->features->len <= index)
    g_array_set_size (cache->features, index + 1);
  feature = &g_array_index (cache->features, GstCpacFeatureCaps, index);
  if (feature->caps == NULL || !g_str_equal (feature->layer, maps->layer) ||
      !cpac_dims_equal (&feature->dims, &maps->dims)) {
    clear_feature (feature);
    *feature = (GstCpacFeatureCaps){ make_feature_caps (maps), g_strdup (maps->layer), maps->dims };
  }
  return gst_caps_ref (feature->caps);
}

void
gst_cpac_map_caps_clear (GstCpacMapCaps *cache)
{
  gst_clear_caps (&cache->heatmap.caps);
  gst_clear_caps (&cache->components.caps);
  g_clear_pointer (&cache->features, g_array_unref);
}
