/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Brings each picture to a stated mean and spread (standard deviation over all its pixels and
 * channels): Y = (X - mean X) spread / max (sd X, floor) + mean. A flat picture becomes flat at
 * the mean. Sums in double, in memory order. The whole picture is one slice.
 * Options: `mean` (default 0), `spread` (default 1), `floor` (smallest standard deviation that is
 * divided by, default 1e-6), `clip` [min, max] (values beyond are set to these; default: none).
 */

#include "core/layers/options.h"
#include "core/layers/real.h"
#include "core/layers/types.h"

#include <math.h>

void
CPAC_REAL_NAME (cpac_standardize_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacStandardizeLayer *options = (const CpacStandardizeLayer *) layer;
  const cpac_real *x = call->in[0];
  cpac_real *y = call->out;
  gsize n = cpac_dims_count (&layer->out);
  double sum = 0, squares = 0, mean, gain;

  for (gsize i = 0; i < n; i++)
    sum += x[i];
  mean = sum / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (x[i] - mean) * (x[i] - mean);
  gain = options->spread / MAX (sqrt (squares / (double) n), options->floor);
  for (gsize i = 0; i < n; i++)
    y[i] = (cpac_real) CLAMP ((x[i] - mean) * gain + options->mean, options->min, options->max);
}

/* The gradient by one output: nothing where it was clipped. */
static inline double
gradient_at (const CpacStandardizeLayer *options, double standardized, double dy)
{
  return standardized < options->min || standardized > options->max ? 0 : dy;
}

/* With x^ = (X - mean X) / sd and g = spread / sd:
 *   dX = g (dY - mean dY - x^ mean (dY x^)); below the floor sd is a constant, and the last term
 * is absent. */
void
CPAC_REAL_NAME (cpac_standardize_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacStandardizeLayer *options = (const CpacStandardizeLayer *) layer;
  const cpac_real *x = call->in[0], *dy = call->dout;
  cpac_real *dx = call->din[0];
  gsize n = cpac_dims_count (&layer->out);
  double sum = 0, squares = 0, mean, sd, gain, dmean = 0, along = 0;

  if (dx == NULL)
    return;
  for (gsize i = 0; i < n; i++)
    sum += x[i];
  mean = sum / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (x[i] - mean) * (x[i] - mean);
  sd = sqrt (squares / (double) n);
  gain = options->spread / MAX (sd, options->floor);
  for (gsize i = 0; i < n; i++) {
    double d = gradient_at (options, (x[i] - mean) * gain + options->mean, dy[i]);

    dmean += d;
    along += d * (x[i] - mean);
  }
  dmean /= (double) n;
  along = sd > options->floor ? along / ((double) n * sd * sd) : 0;
  for (gsize i = 0; i < n; i++) {
    double d = gradient_at (options, (x[i] - mean) * gain + options->mean, dy[i]);

    dx[i] += (cpac_real) ((d - dmean - (x[i] - mean) * along) * gain);
  }
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "mean", "spread", "floor", "clip", NULL };

static gboolean
read_clip (CpacStandardizeLayer *options, const CpacConfig *map, GError **error)
{
  g_autoptr (GArray) clip = NULL;

  if (!cpac_config_has (map, "clip"))
    return TRUE;
  clip = cpac_config_get_doubles (map, "clip", 2, 2, -1e6, 1e6, error);
  if (clip == NULL)
    return FALSE;
  options->min = g_array_index (clip, double, 0);
  options->max = g_array_index (clip, double, 1);
  if (options->min < options->max)
    return TRUE;
  return cpac_config_error (cpac_config_peek (map, "clip"), CPAC_ERROR_SCHEMA, error,
                            "clip must be [min, max] with min below max, got [%g, %g]",
                            options->min, options->max);
}

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacStandardizeLayer *options = (CpacStandardizeLayer *) layer;

  options->mean = 0;
  options->spread = 1;
  options->floor = 1e-6;
  options->min = -INFINITY;
  options->max = INFINITY;
  layer->out = layer->in[0];
  return read_clip (options, map, error) &&
         cpac_config_get_double_default (map, "mean", -1e6, 1e6, &options->mean, error) &&
         cpac_config_get_double_default (map, "spread", 1e-6, 1e6, &options->spread, error) &&
         cpac_config_get_double_default (map, "floor", 1e-12, 1e6, &options->floor, error);
}

static guint
get_n_slices (const CpacLayer *layer)
{
  return 1;
}

const CpacLayerClass cpac_standardize_class = {
  .type = "standardize",
  .instance_size = sizeof (CpacStandardizeLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .get_n_slices = get_n_slices,
  .forward_f32 = cpac_standardize_forward_f32,
  .forward_f64 = cpac_standardize_forward_f64,
  .backward_f32 = cpac_standardize_backward_f32,
  .backward_f64 = cpac_standardize_backward_f64,
};

#endif
