/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/augment.h"

#include <math.h>
#include <string.h>

/* What is done to one picture. */
typedef struct {
  gboolean flip_horizontal, flip_vertical;
  guint quarters;          /* clockwise */
  double shift_x, shift_y; /* pixels of the input */
  double angle;            /* radians, clockwise */
  double zoom;
  double gamma, gain, offset;
} Change;

/* Where the content of an output place comes from, both counted from the centre of the picture:
 * x' = xx (x - shift_x) + xy (y - shift_y), y' likewise. */
typedef struct {
  double xx, xy, yx, yy;
  double shift_x, shift_y;
} Motion;

/* The four samples about a place, and how far it is from the first of them. */
typedef struct {
  gint x0, x1, y0, y1;
  double fx, fy;
} Taps;

static gboolean
needs_interpolation (const CpacAugment *augment)
{
  return augment->rotate > 0 || augment->zoom > 0;
}

static gboolean
moves (const CpacAugment *augment)
{
  return augment->flip_horizontal || augment->flip_vertical || augment->rotate_quarter ||
         augment->shift >= 1 || needs_interpolation (augment);
}

static gboolean
changes_values (const CpacAugment *augment)
{
  return augment->gain > 0 || augment->offset > 0 || augment->gamma > 0 || augment->noise > 0;
}

gboolean
cpac_augment_is_active (const CpacAugment *augment)
{
  return moves (augment) || changes_values (augment);
}

gboolean
cpac_augment_check (const CpacAugment *augment, const CpacInputSpec *spec, GError **error)
{
  if (!augment->rotate_quarter || spec->width == spec->height)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "augment: rotate-quarter needs a square input, but the network's is %ux%u",
               spec->width, spec->height);
  return FALSE;
}

/* ---- Drawing ---- */

static double
draw_between (CpacRandom *random, double low, double high)
{
  return low + (high - low) * cpac_random_double (random);
}

static double
draw_shift (CpacRandom *random, const CpacAugment *augment)
{
  double largest = floor (augment->shift);

  if (needs_interpolation (augment))
    return draw_between (random, -augment->shift, augment->shift);
  return floor (draw_between (random, -largest, largest + 1));
}

/* As often larger than 1 as smaller: uniform in its logarithm. */
static double
draw_factor (CpacRandom *random, double spread)
{
  double largest = log1p (spread);

  return exp (draw_between (random, -largest, largest));
}

/* Every number is drawn, wanted or not: what one switch does, no other changes. */
static void
draw_change (Change *change, const CpacAugment *augment, gboolean is_square, CpacRandom *random)
{
  guint quarters;

  change->flip_horizontal = cpac_random_double (random) < 0.5 && augment->flip_horizontal;
  change->flip_vertical = cpac_random_double (random) < 0.5 && augment->flip_vertical;
  quarters = 4 * cpac_random_double (random);
  change->quarters = augment->rotate_quarter && is_square ? quarters : 0;
  change->shift_x = draw_shift (random, augment);
  change->shift_y = draw_shift (random, augment);
  change->angle = draw_between (random, -augment->rotate, augment->rotate) * G_PI / 180;
  change->zoom = draw_factor (random, augment->zoom);
  change->gamma = draw_factor (random, augment->gamma);
  change->gain = draw_between (random, 1 - augment->gain, 1 + augment->gain);
  change->offset = draw_between (random, -augment->offset, augment->offset);
}

/* ---- Geometry ---- */

/* The content is flipped, turned, zoomed and shifted, in this order; this is the way back. Without
 * rotation and zoom every number is whole, so that nothing is rounded. */
static void
motion_init (Motion *motion, const Change *change)
{
  static const gint cosines[] = { 1, 0, -1, 0 };
  double quarter_cos = cosines[change->quarters];
  double quarter_sin = cosines[(change->quarters + 3) % 4];
  double c = (quarter_cos * cos (change->angle) - quarter_sin * sin (change->angle)) / change->zoom;
  double s = (quarter_sin * cos (change->angle) + quarter_cos * sin (change->angle)) / change->zoom;
  double sign_x = change->flip_horizontal ? -1 : 1, sign_y = change->flip_vertical ? -1 : 1;

  *motion = (Motion){
    .xx = sign_x * c,
    .xy = sign_x * s,
    .yx = sign_y * -s,
    .yy = sign_y * c,
    .shift_x = change->shift_x,
    .shift_y = change->shift_y,
  };
}

/* The same for a grid whose cells are 1 / (@per_x, @per_y) pixels large. */
static void
motion_rescale (Motion *motion, double per_x, double per_y)
{
  motion->xy *= per_x / per_y;
  motion->yx *= per_y / per_x;
  motion->shift_x *= per_x;
  motion->shift_y *= per_y;
}

static void
set_taps (double place, gint *first, gint *second, double *fraction)
{
  /* floor() is a call, and this is asked for every pixel. */
  *first = (gint) place - (place < (gint) place);
  *second = *first + 1;
  *fraction = place - *first;
}

/* Where pixel @x, @y comes from; places beyond the border by more than @margin are moved there. */
static void
taps_init (Taps *taps, const Motion *motion, guint x, guint y, guint width, guint height,
           gint margin)
{
  double u = x + 0.5 - width / 2.0 - motion->shift_x;
  double v = y + 0.5 - height / 2.0 - motion->shift_y;
  double from_x = motion->xx * u + motion->xy * v + width / 2.0 - 0.5;
  double from_y = motion->yx * u + motion->yy * v + height / 2.0 - 0.5;

  set_taps (CLAMP (from_x, -margin, width - 1.0 + margin), &taps->x0, &taps->x1, &taps->fx);
  set_taps (CLAMP (from_y, -margin, height - 1.0 + margin), &taps->y0, &taps->y1, &taps->fy);
}

/* What lies outside is 0; at a margin of 0 it is only met with weight 0. */
static double
get_value (const float *plane, guint width, guint height, gint x, gint y)
{
  if (x < 0 || x >= (gint) width || y < 0 || y >= (gint) height)
    return 0;
  return plane[(gsize) y * width + x];
}

static float
blend (const float *plane, guint width, guint height, const Taps *taps)
{
  double top = (1 - taps->fx) * get_value (plane, width, height, taps->x0, taps->y0) +
               taps->fx * get_value (plane, width, height, taps->x1, taps->y0);
  double bottom = (1 - taps->fx) * get_value (plane, width, height, taps->x0, taps->y1) +
                  taps->fx * get_value (plane, width, height, taps->x1, taps->y1);

  return (1 - taps->fy) * top + taps->fy * bottom;
}

/* @planes (channels, height, width) is moved in place; @scratch as large. */
static void
move (float *planes, float *scratch, guint channels, guint width, guint height,
      const Motion *motion, gint margin)
{
  gsize n = (gsize) width * height;

  for (guint y = 0; y < height; y++) {
    for (guint x = 0; x < width; x++) {
      Taps taps;

      taps_init (&taps, motion, x, y, width, height, margin);
      for (guint c = 0; c < channels; c++)
        scratch[c * n + (gsize) y * width + x] = blend (planes + c * n, width, height, &taps);
    }
  }
  memcpy (planes, scratch, channels * n * sizeof *planes);
}

/* ---- Values ---- */

static double
change_value (double value, const Change *change, double noise)
{
  if (change->gamma != 1)
    value = 255 * pow (CLAMP (value, 0, 255) / 255, change->gamma);
  value = change->gain * value + change->offset + noise;
  return CLAMP (value, 0, 255);
}

static void
change_values (float *input, const CpacInputSpec *spec, const Change *change, double noise,
               CpacRandom *random)
{
  gsize n = (gsize) spec->width * spec->height;

  for (guint c = 0; c < spec->channels; c++) {
    double mean = spec->mean[c], scale = spec->scale[c];

    for (gsize i = 0; i < n; i++, input++) {
      double error = noise > 0 ? noise * cpac_random_normal (random) : 0;

      *input = (change_value (*input * scale + mean, change, error) - mean) / scale;
    }
  }
}

void
cpac_augment_apply (const CpacAugment *augment, const CpacInputSpec *spec, CpacRandom *random,
                    float *input, float *scratch, float *mask, guint mask_width, guint mask_height,
                    float *mask_scratch)
{
  Change change;
  Motion motion;

  draw_change (&change, augment, spec->width == spec->height, random);
  if (moves (augment)) {
    motion_init (&motion, &change);
    move (input, scratch, spec->channels, spec->width, spec->height, &motion, 0);
    if (mask != NULL) {
      motion_rescale (&motion, (double) mask_width / spec->width,
                      (double) mask_height / spec->height);
      move (mask, mask_scratch, 1, mask_width, mask_height, &motion, 1);
    }
  }
  if (changes_values (augment))
    change_values (input, spec, &change, augment->noise, random);
}
