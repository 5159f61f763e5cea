/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/synthetic-private.h"

/* What counts as the least spread of a picture, 8-bit units: about a camera's noise. */
#define LEAST_SPREAD 2

struct _CpacSynthetic {
  CpacSyntheticOptions options;
  CpacInputSpec spec;
  gsize n_pixels, n_values;
  float *clean, *before; /* (channels, height, width): undamaged; without the newest defect */
  CpacDefectCanvas canvas;
};

CpacSynthetic *
cpac_synthetic_new (const CpacSyntheticOptions *options, const CpacInputSpec *spec)
{
  CpacSynthetic *synthetic = g_new0 (CpacSynthetic, 1);

  synthetic->options = *options;
  synthetic->spec = *spec;
  synthetic->n_pixels = (gsize) spec->width * spec->height;
  synthetic->n_values = synthetic->n_pixels * spec->channels;
  synthetic->clean = g_new (float, synthetic->n_values);
  synthetic->before = g_new (float, synthetic->n_values);
  synthetic->canvas.alpha = g_new0 (float, synthetic->n_pixels);
  return synthetic;
}

void
cpac_synthetic_free (CpacSynthetic *synthetic)
{
  if (synthetic == NULL)
    return;
  g_free (synthetic->clean);
  g_free (synthetic->before);
  g_free (synthetic->canvas.alpha);
  g_free (synthetic);
}

static double
get_variance (const float *values, gsize n)
{
  double sum = 0, squares = 0, mean;

  for (gsize i = 0; i < n; i++)
    sum += values[i];
  mean = sum / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  return squares / (double) n;
}

double
cpac_synthetic_spread (const CpacInputSpec *spec, const float *picture)
{
  gsize n = (gsize) spec->width * spec->height;
  double sum = 0;

  for (guint c = 0; c < spec->channels; c++)
    sum += get_variance (picture + c * n, n) * spec->scale[c] * spec->scale[c];
  return MAX (sqrt (sum / spec->channels), LEAST_SPREAD);
}

/* Pixels that moved by more than @threshold (8-bit units) in any channel; @mask may be NULL. */
static guint
find_changes (const CpacSynthetic *synthetic, const float *from, const float *to, double threshold,
              guint8 *mask)
{
  const CpacInputSpec *spec = &synthetic->spec;
  guint n_changed = 0;

  for (gsize i = 0; i < synthetic->n_pixels; i++) {
    gboolean changed = FALSE;

    for (guint c = 0; c < spec->channels && !changed; c++) {
      gsize k = c * synthetic->n_pixels + i;

      changed = fabs (((double) to[k] - from[k]) * spec->scale[c]) > threshold;
    }
    n_changed += changed;
    if (mask != NULL)
      mask[i] = changed;
  }
  return n_changed;
}

static CpacDefectKind
draw_kind (const CpacSyntheticOptions *options, CpacRandom *random)
{
  double sum = 0, place;
  guint last = 0;

  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++)
    sum += options->kinds[i].weight;
  place = cpac_random_double (random) * sum;
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++) {
    if (options->kinds[i].weight <= 0)
      continue;
    last = i;
    if (place < options->kinds[i].weight)
      break;
    place -= options->kinds[i].weight;
  }
  return last;
}

static void
set_size (CpacSynthetic *synthetic, guint width, guint height)
{
  CpacDefectCanvas *canvas = &synthetic->canvas;

  canvas->width = synthetic->spec.width;
  canvas->height = synthetic->spec.height;
  canvas->original_width = width;
  canvas->original_height = height;
  canvas->per_x = (double) canvas->width / width;
  canvas->per_y = (double) canvas->height / height;
  canvas->side = sqrt ((double) width * height);
}

/* One defect; when it cannot be seen the picture is as before. */
static void
add_defect (CpacSynthetic *synthetic, CpacRandom *random, double spread, float *picture,
            const float *other)
{
  const CpacSyntheticOptions *options = &synthetic->options;
  gsize bytes = synthetic->n_values * sizeof *picture;

  memcpy (synthetic->before, picture, bytes);
  for (guint i = 0; i < CPAC_SYNTHETIC_TRIES; i++) {
    CpacDefectKind kind = draw_kind (options, random);
    CpacDefectContent content;

    cpac_defect_draw (kind, &options->kinds[kind], spread, random, &synthetic->canvas, &content);
    cpac_content_paint (&content, &synthetic->canvas, &synthetic->spec, picture, other);
    cpac_canvas_clear (&synthetic->canvas);
    if (find_changes (synthetic, synthetic->before, picture, options->visible * spread, NULL) >=
        options->min_pixels)
      return;
    memcpy (picture, synthetic->before, bytes);
  }
}

guint
cpac_synthetic_apply (CpacSynthetic *synthetic, CpacRandom *random, guint width, guint height,
                      float *picture, const float *other, guint8 *mask)
{
  const CpacSyntheticOptions *options = &synthetic->options;
  guint n_defects, n_changed;
  double spread;

  g_return_val_if_fail (width >= 1 && height >= 1, 0);

  set_size (synthetic, width, height);
  spread = cpac_synthetic_spread (&synthetic->spec, picture);
  memcpy (synthetic->clean, picture, synthetic->n_values * sizeof *picture);
  n_defects = options->defects[0] +
              cpac_random_below (random, options->defects[1] - options->defects[0] + 1);
  for (guint i = 0; i < n_defects; i++)
    add_defect (synthetic, random, spread, picture, other);
  n_changed = find_changes (synthetic, synthetic->clean, picture, options->visible * spread, mask);
  if (n_changed >= options->min_pixels)
    return n_changed;
  /* Two defects may undo each other. */
  memcpy (picture, synthetic->clean, synthetic->n_values * sizeof *picture);
  memset (mask, 0, synthetic->n_pixels);
  return 0;
}
