/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/feature-means.h"

#include <math.h>

/* So many sums side by side, which processors add at once. */
#define LANES 8

guint
cpac_feature_count (const CpacFeatureMaps *maps, guint n)
{
  guint64 count = 0;

  for (guint i = 0; i < n; i++)
    count += maps[i].dims.channels;
  return (guint) MIN (count, G_MAXUINT);
}

static double
get_mean (const float *x, gsize n)
{
  double lanes[LANES] = { 0 }, sum = 0;
  gsize i = 0;

  for (; i + LANES <= n; i += LANES)
    for (guint k = 0; k < LANES; k++)
      lanes[k] += (double) x[i + k];
  for (; i < n; i++)
    sum += (double) x[i];
  for (guint k = 0; k < LANES; k++)
    sum += lanes[k];
  return sum / (double) n;
}

gboolean
cpac_feature_means (const CpacFeatureMaps *maps, guint n, double *means)
{
  gboolean is_finite = TRUE;

  for (guint i = 0; i < n; i++) {
    gsize n_pixels = (gsize) maps[i].dims.height * maps[i].dims.width;

    for (guint c = 0; c < maps[i].dims.channels; c++, means++) {
      *means = get_mean (maps[i].data + c * n_pixels, n_pixels);
      is_finite &= isfinite (*means);
    }
  }
  return is_finite;
}

char *
cpac_feature_name (const CpacFeatureMaps *maps, guint n, guint index)
{
  for (guint i = 0; i < n; i++) {
    if (index < maps[i].dims.channels)
      return g_strdup_printf ("%s:%u", maps[i].layer, index);
    index -= maps[i].dims.channels;
  }
  return NULL;
}
