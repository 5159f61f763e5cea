/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/train/augment.h"

#define MAX_SIDE 32
#define MAX_VALUES (3 * MAX_SIDE * MAX_SIDE)

/* One call: its picture, and its mask when it has one. */
typedef struct {
  CpacInputSpec spec;
  guint mask_width, mask_height; /* 0: none */
  float input[MAX_VALUES], mask[MAX_VALUES];
} Sheet;

static CpacInputSpec
make_spec (guint width, guint height, guint channels)
{
  return (CpacInputSpec){
    .width = width,
    .height = height,
    .channels = channels,
    .mean = { 100, 120, 140 },
    .scale = { 50, 40, 32 },
    .min_width = 1,
    .min_height = 1,
  };
}

/* 8-bit values that are all different up to 256 of them, normalised. */
static void
sheet_init (Sheet *sheet, guint width, guint height, guint channels)
{
  gsize n = (gsize) width * height;

  memset (sheet, 0x7f, sizeof *sheet);
  sheet->spec = make_spec (width, height, channels);
  sheet->mask_width = width;
  sheet->mask_height = height;
  for (guint i = 0; i < n * channels; i++)
    sheet->input[i] =
        ((i * 7 + 3) % 256 - sheet->spec.mean[i / n]) / (float) sheet->spec.scale[i / n];
  for (guint i = 0; i < n; i++)
    sheet->mask[i] = (i * 5 % 11) / 16.0f;
}

static void
apply (Sheet *sheet, const CpacAugment *augment, CpacRandom *random)
{
  static float scratch[MAX_VALUES], mask_scratch[MAX_VALUES];

  memset (scratch, 0x7f, sizeof scratch);
  memset (mask_scratch, 0x7f, sizeof mask_scratch);
  cpac_augment_apply (augment, &sheet->spec, random, sheet->input, scratch,
                      sheet->mask_width > 0 ? sheet->mask : NULL, sheet->mask_width,
                      sheet->mask_height, mask_scratch);
}

static void
apply_seed (Sheet *sheet, const CpacAugment *augment, guint64 seed)
{
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_AUGMENT, 0);
  apply (sheet, augment, &random);
}

static const CpacAugment everything = {
  .flip_horizontal = TRUE,
  .flip_vertical = TRUE,
  .rotate_quarter = TRUE,
  .shift = 2,
  .rotate = 20,
  .zoom = 0.2,
  .gain = 0.2,
  .offset = 10,
  .gamma = 0.25,
  .noise = 3,
};

static void
test_is_active (void)
{
  static const CpacAugment rows[] = {
    { .flip_horizontal = TRUE },
    { .flip_vertical = TRUE },
    { .rotate_quarter = TRUE },
    { .shift = 1 },
    { .rotate = 0.1 },
    { .zoom = 0.1 },
    { .gain = 0.1 },
    { .offset = 0.1 },
    { .gamma = 0.1 },
    { .noise = 0.1 },
  };

  g_assert_false (cpac_augment_is_active (&(CpacAugment){ 0 }));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_true (cpac_augment_is_active (&rows[i]));
}

static void
test_check (void)
{
  CpacInputSpec square = make_spec (17, 17, 1), wide = make_spec (17, 5, 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (cpac_augment_check (&everything, &square, &error));
  g_assert_true (cpac_augment_check (&(CpacAugment){ .rotate = 90 }, &wide, &error));
  g_assert_no_error (error);
  g_assert_false (cpac_augment_check (&everything, &wide, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "augment: rotate-quarter needs a square input, but the network's is 17x5");
}

static void
test_identity (void)
{
  Sheet sheet, before;

  for (guint seed = 0; seed < 20; seed++) {
    sheet_init (&sheet, 17, 5, 3);
    before = sheet;
    apply_seed (&sheet, &(CpacAugment){ 0 }, seed);
    g_assert_cmpmem (&sheet, sizeof sheet, &before, sizeof before);
  }
}

static void
test_deterministic (void)
{
  Sheet first, second, other;

  for (guint seed = 0; seed < 20; seed++) {
    sheet_init (&first, 17, 17, 3);
    sheet_init (&second, 17, 17, 3);
    sheet_init (&other, 17, 17, 3);
    apply_seed (&first, &everything, seed);
    apply_seed (&second, &everything, seed);
    apply_seed (&other, &everything, seed + 100);
    g_assert_cmpmem (&first, sizeof first, &second, sizeof second);
    g_assert_cmpint (memcmp (first.input, other.input, 17 * 17 * sizeof (float)), !=, 0);
    g_assert_cmpint (memcmp (first.mask, other.mask, 17 * 17 * sizeof (float)), !=, 0);
  }
}

/* Without a mask the picture is the same as with one. */
static void
test_without_mask (void)
{
  Sheet with, without;

  for (guint seed = 0; seed < 20; seed++) {
    sheet_init (&with, 17, 17, 1);
    sheet_init (&without, 17, 17, 1);
    without.mask_width = without.mask_height = 0;
    apply_seed (&with, &everything, seed);
    apply_seed (&without, &everything, seed);
    g_assert_cmpmem (with.input, sizeof with.input, without.input, sizeof without.input);
  }
}

/* ---- Whole-pixel movements, exact ---- */

/* @sheet must be @before flipped, turned by @quarters clockwise and shifted. Pixels that come from
 * outside are those of the border, and 0 in the mask. */
static gboolean
is_moved (const Sheet *sheet, const Sheet *before, gboolean flip_x, gboolean flip_y, guint quarters,
          gint shift_x, gint shift_y)
{
  gint width = sheet->spec.width, height = sheet->spec.height;

  for (gint y = 0; y < height; y++) {
    for (gint x = 0; x < width; x++) {
      gint u = x - shift_x, v = y - shift_y;
      gboolean outside;

      for (guint i = 0; i < quarters; i++) {
        gint turned = u;

        /* Clockwise, the top row becomes the right column: (u, v) holds what was at (v, n-1-u). */
        u = v;
        v = height - 1 - turned;
      }
      u = flip_x ? width - 1 - u : u;
      v = flip_y ? height - 1 - v : v;
      outside = u < 0 || u >= width || v < 0 || v >= height;
      if (sheet->mask[y * width + x] != (outside ? 0 : before->mask[v * width + u]))
        return FALSE;
      for (guint c = 0; c < sheet->spec.channels; c++) {
        const float *plane = before->input + c * width * height;

        if (sheet->input[(c * height + y) * width + x] !=
            plane[CLAMP (v, 0, height - 1) * width + CLAMP (u, 0, width - 1)])
          return FALSE;
      }
    }
  }
  return TRUE;
}

static void
test_flips (void)
{
  static const guint sizes[][2] = { { 1, 1 }, { 2, 3 }, { 5, 2 }, { 17, 5 }, { 32, 31 } };
  const CpacAugment augment = { .flip_horizontal = TRUE, .flip_vertical = TRUE };
  guint counts[4] = { 0 };

  for (guint seed = 0; seed < 100; seed++) {
    const guint *size = sizes[seed % G_N_ELEMENTS (sizes)];
    Sheet sheet, before;
    guint n_found = 0;

    sheet_init (&sheet, size[0], size[1], 3);
    before = sheet;
    apply_seed (&sheet, &augment, seed);
    for (guint which = 0; which < 4; which++)
      if (is_moved (&sheet, &before, which & 1, which & 2, 0, 0, 0)) {
        counts[which]++;
        n_found++;
      }
    g_assert_cmpuint (n_found, >=, 1);
  }
  /* 80 draws of 1/4 among the sizes above 1x1 (mean 20, standard deviation 3.9), 20 that are all
   * four. */
  for (guint which = 0; which < 4; which++)
    g_assert_cmpuint (counts[which], >=, 20 + 5);
}

/* Each switch moves along its own axis only, about half of the time. */
static void
test_single_flips (void)
{
  for (guint vertical = 0; vertical < 2; vertical++) {
    const CpacAugment augment = { .flip_horizontal = !vertical, .flip_vertical = vertical };
    guint n_flipped = 0;

    for (guint seed = 0; seed < 100; seed++) {
      Sheet sheet, before;
      gboolean flipped;

      sheet_init (&sheet, 5, 3, 1);
      before = sheet;
      apply_seed (&sheet, &augment, seed);
      flipped = is_moved (&sheet, &before, !vertical, vertical, 0, 0, 0);
      g_assert_true (flipped || is_moved (&sheet, &before, FALSE, FALSE, 0, 0, 0));
      n_flipped += flipped;
    }
    /* Mean 50, standard deviation 5. */
    g_assert_cmpuint (n_flipped, >, 25);
    g_assert_cmpuint (n_flipped, <, 75);
  }
}

static void
test_quarters (void)
{
  static const guint sides[] = { 2, 3, 5, 17, 32 };
  const CpacAugment augment = { .rotate_quarter = TRUE };
  guint counts[4] = { 0 };

  for (guint seed = 0; seed < 200; seed++) {
    guint side = sides[seed % G_N_ELEMENTS (sides)];
    Sheet sheet, before;
    guint n_found = 0;

    sheet_init (&sheet, side, side, 3);
    before = sheet;
    apply_seed (&sheet, &augment, seed);
    for (guint quarters = 0; quarters < 4; quarters++)
      if (is_moved (&sheet, &before, FALSE, FALSE, quarters, 0, 0)) {
        counts[quarters]++;
        n_found++;
      }
    g_assert_cmpuint (n_found, ==, 1);
  }
  /* Mean 50, standard deviation 6.1. */
  for (guint quarters = 0; quarters < 4; quarters++)
    g_assert_cmpuint (counts[quarters], >, 20);
}

/* An input that is not square is left alone. */
static void
test_quarters_of_oblong (void)
{
  for (guint seed = 0; seed < 20; seed++) {
    Sheet sheet, before;

    sheet_init (&sheet, 5, 3, 1);
    before = sheet;
    apply_seed (&sheet, &(CpacAugment){ .rotate_quarter = TRUE }, seed);
    g_assert_cmpmem (&sheet, sizeof sheet, &before, sizeof before);
  }
}

static void
test_shift (void)
{
  const CpacAugment augment = { .shift = 2.9 };
  guint counts[5][5] = { 0 };

  for (guint seed = 0; seed < 500; seed++) {
    Sheet sheet, before;
    guint n_found = 0;

    sheet_init (&sheet, 17, 5, 3);
    before = sheet;
    apply_seed (&sheet, &augment, seed);
    for (gint y = -2; y <= 2; y++)
      for (gint x = -2; x <= 2; x++)
        if (is_moved (&sheet, &before, FALSE, FALSE, 0, x, y)) {
          counts[y + 2][x + 2]++;
          n_found++;
        }
    g_assert_cmpuint (n_found, ==, 1);
  }
  /* Mean 20, standard deviation 4.4. */
  for (guint i = 0; i < 25; i++)
    g_assert_cmpuint (counts[i / 5][i % 5], >, 2);
}

/* Flip, then turn, then shift. */
static void
test_all_whole (void)
{
  const CpacAugment augment = {
    .flip_horizontal = TRUE, .flip_vertical = TRUE, .rotate_quarter = TRUE, .shift = 1
  };

  for (guint seed = 0; seed < 100; seed++) {
    Sheet sheet, before;
    guint n_found = 0;

    sheet_init (&sheet, 5, 5, 1);
    before = sheet;
    apply_seed (&sheet, &augment, seed);
    for (guint i = 0; i < 4 * 4 * 9; i++)
      n_found += is_moved (&sheet, &before, i & 1, i & 2, i / 4 % 4, (gint) (i / 16 % 3) - 1,
                           (gint) (i / 48) - 1);
    /* Each of the 8 symmetries of the square is 2 of the 16 flips and turns. */
    g_assert_cmpuint (n_found, ==, 2);
  }
}

/* ---- Rotation and zoom ---- */

/* A plane a x + b y + c is bilinear, so resampling it is exact but for rounding: inside, the result
 * is again a plane, through the same value at the centre. */
static void
test_plane_stays_plane (void)
{
  const CpacAugment augment = { .rotate = 30, .zoom = 0.5 };
  const guint n = 32;

  for (guint seed = 0; seed < 50; seed++) {
    Sheet sheet;
    double slope_x, slope_y, centre;

    sheet_init (&sheet, n, n, 1);
    for (guint i = 0; i < n * n; i++)
      sheet.input[i] = 0.125f * (i % n) + 0.0625f * (i / n);
    apply_seed (&sheet, &augment, seed);
    slope_x = sheet.input[16 * n + 17] - sheet.input[16 * n + 16];
    slope_y = sheet.input[17 * n + 16] - sheet.input[16 * n + 16];
    centre = (sheet.input[15 * n + 15] + sheet.input[16 * n + 16]) / 2;
    /* (0.125 + 0.0625) * 15.5; values up to 6 have a unit in the last place of 4.8e-7. */
    g_assert_cmpfloat_with_epsilon (centre, 2.90625, 1e-6);
    /* Zoom by z divides the length of the slope, turning by at most 30 degrees keeps its direction
     * within them: both follow from the drawn numbers being in their ranges. */
    g_assert_cmpfloat (hypot (slope_x, slope_y), >, hypot (0.125, 0.0625) / 1.5 - 2e-6);
    g_assert_cmpfloat (hypot (slope_x, slope_y), <, hypot (0.125, 0.0625) * 1.5 + 2e-6);
    g_assert_cmpfloat (fabs (atan2 (slope_y, slope_x) - atan2 (0.0625, 0.125)), <, G_PI / 6 + 2e-5);
    /* Within 5 pixels of the centre nothing comes from outside: 5 sqrt 2 * 1.5 < 15. */
    for (gint y = 11; y < 21; y++)
      for (gint x = 11; x < 21; x++)
        g_assert_cmpfloat_with_epsilon (sheet.input[y * n + x],
                                        sheet.input[16 * n + 16] + slope_x * (x - 16) +
                                            slope_y * (y - 16),
                                        /* 10 steps of a slope that is wrong by 1e-6 */
                                        1.1e-5);
  }
}

/* A bright square and a mask of it at half the resolution, over which 2x2 pixels are averaged: they
 * move together. */
static void
test_mask_follows (void)
{
  const CpacAugment augment = {
    .rotate_quarter = TRUE, .flip_horizontal = TRUE, .shift = 3, .rotate = 25, .zoom = 0.2
  };
  const guint n = 32, m = 16;

  for (guint seed = 0; seed < 50; seed++) {
    Sheet sheet;
    double x[2] = { 0 }, y[2] = { 0 }, sum[2] = { 0 };

    sheet_init (&sheet, n, n, 1);
    sheet.mask_width = sheet.mask_height = m;
    for (guint i = 0; i < n * n; i++)
      sheet.input[i] = i % n >= 18 && i % n < 24 && i / n >= 12 && i / n < 16;
    for (guint i = 0; i < m * m; i++)
      sheet.mask[i] = i % m >= 9 && i % m < 12 && i / m >= 6 && i / m < 8;
    apply_seed (&sheet, &augment, seed);
    for (guint i = 0; i < n * n; i++) {
      sum[0] += sheet.input[i];
      x[0] += sheet.input[i] * (i % n + 0.5);
      y[0] += sheet.input[i] * (i / n + 0.5);
    }
    for (guint i = 0; i < m * m; i++) {
      sum[1] += sheet.mask[i];
      x[1] += sheet.mask[i] * 2 * (i % m + 0.5);
      y[1] += sheet.mask[i] * 2 * (i / m + 0.5);
    }
    g_assert_cmpfloat (sum[0], >, 10);
    g_assert_cmpfloat (sum[1], >, 2.5);
    /* The centres of gravity agree to a third of a mask cell: sampling a blob of 3x2 cells at other
     * places moves its centre by less. */
    g_assert_cmpfloat_with_epsilon (x[0] / sum[0], x[1] / sum[1], 0.67);
    g_assert_cmpfloat_with_epsilon (y[0] / sum[0], y[1] / sum[1], 0.67);
  }
}

/* A mask of another shape than the picture is flipped exactly, too. */
static void
test_flip_odd_mask (void)
{
  const CpacAugment augment = { .flip_horizontal = TRUE };
  guint n_flipped = 0;

  for (guint seed = 0; seed < 20; seed++) {
    Sheet sheet, before;
    gboolean flipped = TRUE;

    sheet_init (&sheet, 17, 5, 1);
    sheet.mask_width = 3;
    sheet.mask_height = 2;
    before = sheet;
    apply_seed (&sheet, &augment, seed);
    flipped = sheet.input[0] != before.input[0];
    n_flipped += flipped;
    for (guint i = 0; i < 6; i++)
      g_assert_cmpfloat (sheet.mask[i], ==, before.mask[flipped ? i / 3 * 3 + 2 - i % 3 : i]);
  }
  g_assert_cmpuint (n_flipped, >, 0);
  g_assert_cmpuint (n_flipped, <, 20);
}

/* ---- Values ---- */

static double
to_bytes (const Sheet *sheet, guint i)
{
  guint c = i / (sheet->spec.width * sheet->spec.height);

  return sheet->input[i] * sheet->spec.scale[c] + sheet->spec.mean[c];
}

/* Of three channels with normalisations of their own, at 8-bit values 60, 100 and 200. */
static void
values_init (Sheet *sheet)
{
  static const double values[3] = { 60, 100, 200 };

  sheet_init (sheet, 3, 1, 3);
  for (guint i = 0; i < 9; i++)
    sheet->input[i] = (values[i % 3] - sheet->spec.mean[i / 3]) / sheet->spec.scale[i / 3];
}

/* A float of about 3 times a scale of 50: 1.2e-5; the same again for the way there. */
#define VALUE_TOLERANCE 3e-5

static void
test_gain (void)
{
  double least = 2, most = 0;

  for (guint seed = 0; seed < 200; seed++) {
    Sheet sheet;
    double gain;

    values_init (&sheet);
    apply_seed (&sheet, &(CpacAugment){ .gain = 0.25 }, seed);
    gain = to_bytes (&sheet, 1) / 100;
    for (guint i = 0; i < 9; i += 3) {
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i), 60 * gain, VALUE_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i + 1), 100 * gain, VALUE_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i + 2), 200 * gain, 2 * VALUE_TOLERANCE);
    }
    least = MIN (least, gain);
    most = MAX (most, gain);
  }
  /* 200 draws miss the outer twentieth of the range once in 28,000 times. */
  g_assert_cmpfloat (least, >, 0.75 - 1e-6);
  g_assert_cmpfloat (least, <, 0.775);
  g_assert_cmpfloat (most, >, 1.225);
  g_assert_cmpfloat (most, <, 1.25 + 1e-6);
}

static void
test_offset (void)
{
  double least = 99, most = -99;

  for (guint seed = 0; seed < 200; seed++) {
    Sheet sheet;
    double offset;

    values_init (&sheet);
    apply_seed (&sheet, &(CpacAugment){ .offset = 20 }, seed);
    offset = to_bytes (&sheet, 1) - 100;
    for (guint i = 0; i < 9; i += 3) {
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i), 60 + offset, VALUE_TOLERANCE);
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i + 2), 200 + offset, VALUE_TOLERANCE);
    }
    least = MIN (least, offset);
    most = MAX (most, offset);
  }
  g_assert_cmpfloat (least, >, -20 - 1e-4);
  g_assert_cmpfloat (least, <, -18);
  g_assert_cmpfloat (most, >, 18);
  g_assert_cmpfloat (most, <, 20 + 1e-4);
}

static void
test_gamma (void)
{
  double least = 9, most = 0;

  for (guint seed = 0; seed < 200; seed++) {
    Sheet sheet;
    double gamma;

    values_init (&sheet);
    apply_seed (&sheet, &(CpacAugment){ .gamma = 0.5 }, seed);
    gamma = log (to_bytes (&sheet, 1) / 255) / log (100.0 / 255);
    /* An error of 3e-5 in 100 makes one of 3e-7 in the exponent, 1e-4 in 200. */
    for (guint i = 0; i < 9; i += 3) {
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i), 255 * pow (60.0 / 255, gamma), 2e-4);
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i + 2), 255 * pow (200.0 / 255, gamma),
                                      2e-4);
    }
    least = MIN (least, gamma);
    most = MAX (most, gamma);
  }
  g_assert_cmpfloat (least, >, 1 / 1.5 - 1e-6);
  g_assert_cmpfloat (least, <, 0.70);
  g_assert_cmpfloat (most, >, 1.42);
  g_assert_cmpfloat (most, <, 1.5 + 1e-6);
}

/* Gamma first, then gain, then offset, as the same seed draws them one by one; limited to what a
 * frame can hold. */
static void
test_order (void)
{
  guint n_limited = 0;

  for (guint seed = 0; seed < 200; seed++) {
    const CpacAugment all = { .gamma = 0.5, .gain = 0.6, .offset = 60 };
    const CpacAugment parts[3] = { { .gamma = 0.5 }, { .gain = 0.6 }, { .offset = 60 } };
    Sheet sheet, single[3];
    double gamma, gain, offset;

    for (guint i = 0; i < 3; i++) {
      values_init (&single[i]);
      apply_seed (&single[i], &parts[i], seed);
    }
    gamma = log (to_bytes (&single[0], 0) / 255) / log (60.0 / 255);
    gain = to_bytes (&single[1], 1) / 100;
    offset = to_bytes (&single[2], 1) - 100;
    values_init (&sheet);
    apply_seed (&sheet, &all, seed);
    for (guint i = 0; i < 9; i++) {
      static const double values[3] = { 60, 100, 200 };
      double expected = gain * 255 * pow (values[i % 3] / 255, gamma) + offset;

      n_limited += expected < 0 || expected > 255;
      g_assert_cmpfloat_with_epsilon (to_bytes (&sheet, i), CLAMP (expected, 0, 255), 3e-4);
    }
  }
  g_assert_cmpuint (n_limited, >, 0);
}

/* 3072 values of noise about mid-gray with a standard deviation of 8: the mean is known to 0.144,
 * the deviation to 0.102; five times that is exceeded once in two million. Limits at 16 times the
 * deviation are never met. */
static void
test_noise (void)
{
  Sheet sheet;
  double sum = 0, squares = 0, lagged = 0, last = 0;
  const guint n = MAX_VALUES;

  sheet_init (&sheet, MAX_SIDE, MAX_SIDE, 3);
  for (guint i = 0; i < n; i++) {
    guint c = i / (MAX_SIDE * MAX_SIDE);

    sheet.input[i] = (128 - sheet.spec.mean[c]) / sheet.spec.scale[c];
  }
  apply_seed (&sheet, &(CpacAugment){ .noise = 8 }, 1);
  for (guint i = 0; i < n; i++) {
    double value = to_bytes (&sheet, i) - 128;

    sum += value;
    squares += value * value;
    lagged += value * last;
    last = value;
  }
  g_assert_cmpfloat_with_epsilon (sum / n, 0, 5 * 8 / sqrt (n));
  g_assert_cmpfloat_with_epsilon (sqrt (squares / n), 8, 5 * 8 / sqrt (2 * n));
  /* Neighbours are independent: their correlation is 0 +- 1 / sqrt n. */
  g_assert_cmpfloat_with_epsilon (lagged / squares, 0, 5 / sqrt (n));
}

/* Changes of the values leave the mask alone. */
static void
test_values_keep_mask (void)
{
  const CpacAugment augment = { .gain = 0.2, .offset = 10, .gamma = 0.25, .noise = 3 };
  Sheet sheet, before;

  sheet_init (&sheet, 17, 5, 3);
  before = sheet;
  apply_seed (&sheet, &augment, 1);
  g_assert_cmpmem (sheet.mask, sizeof sheet.mask, before.mask, sizeof before.mask);
  g_assert_cmpint (memcmp (sheet.input, before.input, 17 * 5 * 3 * sizeof (float)), !=, 0);
}

/* Another key of the recipe changes nothing of what a seed draws: the flip stays the same. */
static void
test_independent_keys (void)
{
  for (guint seed = 0; seed < 50; seed++) {
    Sheet flipped, both;

    sheet_init (&flipped, 5, 5, 1);
    sheet_init (&both, 5, 5, 1);
    apply_seed (&flipped, &(CpacAugment){ .flip_vertical = TRUE }, seed);
    apply_seed (&both,
                &(CpacAugment){ .flip_vertical = TRUE, .gain = 0.1, .noise = 1, .gamma = 0.1 },
                seed);
    g_assert_cmpmem (flipped.mask, sizeof flipped.mask, both.mask, sizeof both.mask);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/is-active", test_is_active);
  g_test_add_func ("/augment/check", test_check);
  g_test_add_func ("/augment/identity", test_identity);
  g_test_add_func ("/augment/deterministic", test_deterministic);
  g_test_add_func ("/augment/without-mask", test_without_mask);
  g_test_add_func ("/augment/flips", test_flips);
  g_test_add_func ("/augment/single-flips", test_single_flips);
  g_test_add_func ("/augment/quarters", test_quarters);
  g_test_add_func ("/augment/quarters-of-oblong", test_quarters_of_oblong);
  g_test_add_func ("/augment/shift", test_shift);
  g_test_add_func ("/augment/all-whole", test_all_whole);
  g_test_add_func ("/augment/plane-stays-plane", test_plane_stays_plane);
  g_test_add_func ("/augment/mask-follows", test_mask_follows);
  g_test_add_func ("/augment/flip-odd-mask", test_flip_odd_mask);
  g_test_add_func ("/augment/gain", test_gain);
  g_test_add_func ("/augment/offset", test_offset);
  g_test_add_func ("/augment/gamma", test_gamma);
  g_test_add_func ("/augment/order", test_order);
  g_test_add_func ("/augment/noise", test_noise);
  g_test_add_func ("/augment/values-keep-mask", test_values_keep_mask);
  g_test_add_func ("/augment/independent-keys", test_independent_keys);
  return g_test_run ();
}
