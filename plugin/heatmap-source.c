/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/heatmap-source.h"

#include <math.h>
#include <string.h>

#define MAX_INDEX 1000000

static gboolean
parse_index (const char *text, gint *index)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 0, MAX_INDEX, &value, NULL))
    return FALSE;
  *index = (gint) value;
  return TRUE;
}

gboolean
gst_cpac_source_parse (const char *text, GstCpacSource *source)
{
  g_auto (GStrv) parts = NULL;
  guint n;

  *source = (GstCpacSource){ .kind = GST_CPAC_SOURCE_HEATMAP, .index = -1 };
  if (text == NULL || *text == '\0' || g_str_equal (text, "heatmap"))
    return TRUE;
  parts = g_strsplit (text, ":", -1);
  n = g_strv_length (parts);
  if (n == 2 && g_str_equal (parts[0], "component")) {
    source->kind = GST_CPAC_SOURCE_COMPONENT;
    return parse_index (parts[1], &source->index);
  }
  source->kind = GST_CPAC_SOURCE_FEATURE;
  return (n == 2 || n == 3) && g_str_equal (parts[0], "feature") && *parts[1] != '\0' &&
         g_strlcpy (source->layer, parts[1], sizeof source->layer) < sizeof source->layer &&
         (n == 2 || parse_index (parts[2], &source->index));
}

static guint8
quantise (double value)
{
  return value > 0 ? (guint8) (MIN (value, 255) + 0.5) : 0;
}

static void
show_channel (const float *values, gsize n, double range, guint8 *out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = quantise ((values[i] / range + 1) * 127.5);
}

static void
show_channels (const CpacFeatureMaps *maps, gsize n, double range, guint8 *out)
{
  for (gsize i = 0; i < n; i++) {
    double sum = 0;

    for (guint c = 0; c < maps->dims.channels; c++)
      sum += (double) maps->data[c * n + i] * maps->data[c * n + i];
    out[i] = quantise (sqrt (sum / maps->dims.channels) / range * 255);
  }
}

static gboolean
find_feature (const GstCpacSource *source, const CpacInspection *inspection, double range,
              GstCpacMap *map)
{
  const CpacFeatureMaps *maps = NULL;
  gsize n;

  for (guint i = 0; i < inspection->n_features && maps == NULL; i++)
    if (g_str_equal (inspection->features[i].layer, source->layer))
      maps = &inspection->features[i];
  if (maps == NULL || source->index >= (gint) maps->dims.channels)
    return FALSE;
  n = (gsize) maps->dims.width * maps->dims.height;
  *map = (GstCpacMap){ .width = maps->dims.width, .height = maps->dims.height };
  map->levels = map->owned = g_malloc (n);
  if (source->index >= 0)
    show_channel (maps->data + (gsize) source->index * n, n, range, map->owned);
  else
    show_channels (maps, n, range, map->owned);
  return TRUE;
}

gboolean
gst_cpac_source_find (const GstCpacSource *source, const CpacInspection *inspection, double range,
                      GstCpacMap *map)
{
  *map = (GstCpacMap){ 0 };
  switch (source->kind) {
    case GST_CPAC_SOURCE_HEATMAP:
      map->levels = inspection->heatmap;
      map->width = inspection->map_width;
      map->height = inspection->map_height;
      break;
    case GST_CPAC_SOURCE_FEATURE:
      return find_feature (source, inspection, range, map);
    case GST_CPAC_SOURCE_COMPONENT:
      /* The metadata has them strongest first. */
      if (source->index < (gint) inspection->n_components) {
        const CpacComponentMap *component = &inspection->components[source->index];

        *map = (GstCpacMap){ component->map, component->width, component->height, NULL };
      }
      break;
  }
  return map->levels != NULL;
}

void
gst_cpac_map_clear (GstCpacMap *map)
{
  g_free (map->owned);
}
