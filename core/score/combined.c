/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/combined.h"

#include <math.h>

#include "core/score/head.h"

#define N_PARTS 2

enum { PART_MAP, PART_GAUSSIAN };

static const char *const part_names[] = { "map", "gaussian", NULL };
static const char *const part_keys[] = { "head", "top", "anchors", NULL };
static const char *const map_keys[] = { "layer", NULL };
static const char *const gaussian_keys[] = { "layers", "mode", "channels", NULL };

static gboolean
read_scale (const CpacConfig *part, CpacScale *scale, GError **error)
{
  g_autoptr (GArray) anchors = cpac_config_get_doubles (part, "anchors", 2, 2, -1e30, 1e30, error);

  if (anchors == NULL)
    return FALSE;
  scale->low = g_array_index (anchors, double, 0);
  scale->high = g_array_index (anchors, double, 1);
  if (scale->low >= scale->high)
    return cpac_config_error (cpac_config_peek (part, "anchors"), CPAC_ERROR_SCHEMA, error,
                              "anchors must be [low, high] with low below high, got [%g, %g]",
                              scale->low, scale->high);
  return cpac_config_get_double_default (part, "top", 1e-9, 1, &scale->top, error);
}

static gboolean
read_map (CpacCombined *combined, const CpacConfig *part, const CpacNetwork *network,
          GError **error)
{
  const CpacConfig *node = cpac_config_peek (part, "layer");
  gint index = (gint) cpac_network_get_n_layers (network) - 1;

  if (node != NULL) {
    const char *name = cpac_config_as_string (node, error);

    if (name == NULL)
      return FALSE;
    index = cpac_network_find (network, name);
    if (index < 0)
      return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                                "there is no layer \"%s\" that could be a map", name);
  }
  combined->layer = (guint) index;
  combined->dims = cpac_network_get_layer (network, combined->layer)->out;
  if (combined->dims.channels != 1)
    return cpac_config_error (node != NULL ? node : part, CPAC_ERROR_SHAPE, error,
                              "a map is a layer of 1 channel, %s has %u",
                              cpac_network_get_layer (network, combined->layer)->name,
                              combined->dims.channels);
  return read_scale (part, &combined->map, error);
}

static gboolean
read_parts (CpacCombined *combined, const CpacConfig *parts, const CpacNetwork *network,
            const CpacConfig **section, GError **error)
{
  gboolean seen[N_PARTS] = { FALSE };

  if (cpac_config_get_kind (parts) != CPAC_CONFIG_LIST || cpac_config_get_length (parts) != N_PARTS)
    return cpac_config_error (
        parts, CPAC_ERROR_SCHEMA, error,
        "parts must be a list of 2, one of head map and one of head gaussian");
  for (guint i = 0; i < N_PARTS; i++) {
    const CpacConfig *part = cpac_config_get_item (parts, i);
    const CpacConfig *head = cpac_config_get_kind (part) == CPAC_CONFIG_MAP
                                 ? cpac_config_get (part, "head", error)
                                 : NULL;
    guint kind;

    if (cpac_config_get_kind (part) != CPAC_CONFIG_MAP)
      return cpac_config_error (part, CPAC_ERROR_SCHEMA, error,
                                "a part must be a map with a head, got %s",
                                cpac_config_describe (part));
    if (head == NULL || !cpac_config_as_choice (head, part_names, &kind, error) ||
        !cpac_config_check_keys2 (part, part_keys, kind == PART_MAP ? map_keys : gaussian_keys,
                                  error))
      return FALSE;
    if (seen[kind])
      return cpac_config_error (head, CPAC_ERROR_SCHEMA, error,
                                "there is a part of head %s already", part_names[kind]);
    seen[kind] = TRUE;
    if (kind == PART_GAUSSIAN)
      *section = part;
    if (!(kind == PART_MAP ? read_map (combined, part, network, error)
                           : read_scale (part, &combined->gaussian, error)))
      return FALSE;
  }
  return TRUE;
}

CpacCombined *
cpac_combined_new (const CpacConfig *map, const CpacNetwork *network, const CpacConfig **section,
                   GError **error)
{
  g_autoptr (CpacCombined) combined = g_new0 (CpacCombined, 1);
  const CpacConfig *parts = cpac_config_get (map, "parts", error);

  if (parts == NULL || !read_parts (combined, parts, network, section, error))
    return NULL;
  return g_steal_pointer (&combined);
}

void
cpac_combined_free (CpacCombined *combined)
{
  g_free (combined);
}

double
cpac_scale_apply (const CpacScale *scale, double value)
{
  return (value - scale->low) / (scale->high - scale->low);
}

static gsize
count_cells (const CpacCombined *combined)
{
  return (gsize) combined->dims.width * combined->dims.height;
}

/* The gaussian's map, then either what measuring it needs, or it resized, or a heap of cells. */
gsize
cpac_combined_get_scratch (const CpacCombined *combined, const CpacGaussian *gaussian)
{
  gsize own = (gsize) gaussian->width * gaussian->height;

  return own + MAX (cpac_gaussian_get_scratch (gaussian), MAX (own, count_cells (combined)));
}

double
cpac_combined_measure (const CpacCombined *combined, const CpacGaussian *gaussian,
                       const float *logits, const float *const *maps, float *scratch, float *map,
                       double scores[2])
{
  return cpac_combined_measure_kept (combined, gaussian, logits, maps, NULL, NULL, scratch, map,
                                     scores);
}

double
cpac_combined_measure_kept (const CpacCombined *combined, const CpacGaussian *gaussian,
                            const float *logits, const float *const *maps, const guint8 *ignored,
                            const guint8 *ignored_grid, float *scratch, float *map,
                            double scores[2])
{
  const CpacDims *dims = &combined->dims;
  CpacDims grid = { 1, gaussian->height, gaussian->width };
  gsize n = count_cells (combined), n_grid = cpac_dims_count (&grid);
  float *distances = scratch, *rest = scratch + n_grid;
  double first, second;

  cpac_gaussian_measure (gaussian, maps, rest, distances);
  cpac_head_average (logits, dims->width, dims->height, map);
  if (!cpac_is_finite (distances, n_grid) || !cpac_is_finite (map, n))
    return NAN;
  first = cpac_head_summarize_kept (combined->map.top, map, ignored, n, rest);
  second = cpac_head_summarize_kept (combined->gaussian.top, distances, ignored_grid, n_grid, rest);
  if (scores != NULL) {
    scores[0] = first;
    scores[1] = second;
  }
  cpac_gaussian_resize (distances, &grid, dims->width, dims->height, rest);
  for (gsize i = 0; i < n; i++)
    map[i] = (float) MAX (cpac_scale_apply (&combined->map, map[i]),
                          cpac_scale_apply (&combined->gaussian, rest[i]));
  /* Anchors close together can lift a cell beyond float. */
  if (!cpac_is_finite (map, n))
    return NAN;
  return MAX (cpac_scale_apply (&combined->map, first),
              cpac_scale_apply (&combined->gaussian, second));
}
