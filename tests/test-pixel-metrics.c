/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/random.h"
#include "core/score/pixel-metrics.h"

/* A map and the mask of its picture, NULL for a good one. */
typedef struct {
  const float *map;
  guint map_width, map_height;
  const guint8 *mask;
  guint width, height, group;
} Shown;

/* Both rounds over all pictures. */
static CpacPixelMetrics *
show (const Shown *pictures, guint n)
{
  CpacPixelMetrics *metrics = cpac_pixel_metrics_new ();

  for (guint i = 0; i < n; i++)
    if (pictures[i].mask != NULL)
      cpac_pixel_metrics_add_defects (metrics, pictures[i].map, pictures[i].map_width,
                                      pictures[i].map_height, pictures[i].mask, pictures[i].width,
                                      pictures[i].height, pictures[i].group);
  for (guint i = 0; i < n; i++)
    cpac_pixel_metrics_add_good (metrics, pictures[i].map, pictures[i].map_width,
                                 pictures[i].map_height, pictures[i].mask, pictures[i].width,
                                 pictures[i].height, pictures[i].group);
  return metrics;
}

static CpacPixelMetrics *
one_row (const float *scores, const guint8 *mask, guint width)
{
  const Shown picture = { scores, width, 1, mask, width, 1, 0 };

  return show (&picture, 1);
}

/* One region of one pixel and one of four, ten good pixels. */
static const guint8 toy_mask[] = { 0, 0, 0, 1, 0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0 };
static const float toy_scores[] = { 0, 9, 0, 10, 0, 5, 8, 2, 8, 2, 0, 0, 0, 0, 0 };

/* Falling threshold, (FPR, PRO): 10 (0, 0.5), 9 (0.1, 0.5), 8 (0.1, 0.75), 5 (0.2, 0.75),
 * 2 (0.2, 1), 0 (1, 1). */
static void
test_two_regions (void)
{
  static const struct {
    double limit, area;
  } rows[] = {
    { 0.05, 0.025 },       { 0.1, 0.05 },  { 0.15, 0.05 + 0.0375 },
    { 0.2, 0.05 + 0.075 }, { 0.3, 0.225 }, { 1, 0.125 + 0.8 },
  };
  g_autoptr (CpacPixelMetrics) metrics = one_row (toy_scores, toy_mask, 15);

  g_assert_cmpuint (cpac_pixel_metrics_get_n_regions (metrics), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_aupro (metrics, rows[i].limit),
                                    rows[i].area / rows[i].limit, 8 * DBL_EPSILON);
  /* Pairs: 10 beats 10 good pixels, 8 twice 9, 2 twice 8. */
  g_assert_cmpfloat (cpac_pixel_metrics_auroc (metrics), ==, (10 + 18 + 16) / 50.0);
  /* Precision 1 at 10, 3/4 at 8, 5/7 at 2. */
  g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_average_precision (metrics),
                                  (1 + 2 * 3 / 4.0 + 2 * 5 / 7.0) / 5, 4 * DBL_EPSILON);
}

static void
test_small_regions (void)
{
  g_autoptr (CpacPixelMetrics) metrics = one_row (toy_scores, toy_mask, 15);

  g_assert_true (isnan (cpac_pixel_metrics_aupro_small (metrics, 0.3, 1)));
  g_assert_cmpfloat (cpac_pixel_metrics_aupro_small (metrics, 0.3, 2), ==, 1);
  g_assert_cmpfloat (cpac_pixel_metrics_aupro_small (metrics, 0.3, 4), ==, 1);
  g_assert_cmpfloat (cpac_pixel_metrics_aupro_small (metrics, 0.3, 5), ==,
                     cpac_pixel_metrics_aupro (metrics, 0.3));
}

/* One score for all: the curve is the diagonal, cut at the limit inside its only segment. */
static void
test_interpolation (void)
{
  static const float scores[] = { 0.0f, -0.0f, 0.0f, -0.0f };
  static const guint8 mask[] = { 1, 0, 0, 1 };
  g_autoptr (CpacPixelMetrics) metrics = one_row (scores, mask, 4);

  g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_aupro (metrics, 0.3), 0.15, DBL_EPSILON);
  g_assert_cmpfloat (cpac_pixel_metrics_aupro (metrics, 1), ==, 0.5);
  g_assert_cmpfloat (cpac_pixel_metrics_auroc (metrics), ==, 0.5);
  g_assert_cmpfloat (cpac_pixel_metrics_average_precision (metrics), ==, 0.5);
}

static void
test_undefined (void)
{
  static const float scores[] = { 1, 2, 3 }, broken[] = { 1, NAN, 3 },
                     infinite[] = { 1, 2, INFINITY };
  static const guint8 none[] = { 0, 0, 0 }, all[] = { 1, 1, 1 }, some[] = { 0, 0, 1 };
  static const struct {
    const float *scores;
    const guint8 *mask;
    guint n_regions;
  } rows[] = { { scores, NULL, 0 },
               { scores, none, 0 },
               { scores, all, 1 },
               { broken, some, 1 },
               { infinite, some, 1 } };
  g_autoptr (CpacPixelMetrics) empty = cpac_pixel_metrics_new ();

  g_assert_true (isnan (cpac_pixel_metrics_auroc (empty)));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (CpacPixelMetrics) metrics = one_row (rows[i].scores, rows[i].mask, 3);

    g_assert_cmpuint (cpac_pixel_metrics_get_n_regions (metrics), ==, rows[i].n_regions);
    g_assert_true (isnan (cpac_pixel_metrics_auroc (metrics)));
    g_assert_true (isnan (cpac_pixel_metrics_average_precision (metrics)));
    g_assert_true (isnan (cpac_pixel_metrics_aupro (metrics, 0.3)));
  }
}

/* A map of 0 and 1 over four pixels: half-pixel centres give 0, 1/4, 3/4, 1 (aligned corners would
 * give 1/3 and 2/3, repetition 0 and 1). The figure says between which other scores they lie. */
static void
test_resize_columns (void)
{
  static const struct {
    guint pixel;
    float expected;
  } rows[] = { { 0, 0 }, { 1, 0.25f }, { 2, 0.75f }, { 3, 1 } };
  static const float map[] = { 0, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    for (int turned = 0; turned < 2; turned++) {
      g_autoptr (CpacPixelMetrics) metrics = NULL;
      guint8 mask[4] = { 0 };
      float reference[5];
      const Shown pictures[] = {
        { map, turned ? 1 : 2, turned ? 2 : 1, mask, turned ? 1 : 4, turned ? 4 : 1, 0 },
        { reference, 5, 1, NULL, 5, 1, 1 },
      };
      double wins = 0;

      for (guint k = 0; k < 4; k++)
        wins += rows[k].expected < rows[i].expected ? 1 : 0;
      for (guint k = 0; k < 5; k++)
        reference[k] = rows[i].expected + ((int) k - 2) * 0.001f;
      mask[rows[i].pixel] = 1;
      metrics = show (pictures, 2);
      /* Two of the five references lie below, one is equal. */
      g_assert_cmpfloat (cpac_pixel_metrics_auroc (metrics), ==, (wins + 2.5) / 8);
    }
  }
}

/* Downwards the map is sampled, not averaged: 4 to 2 pixels reads at 0.5 and 2.5. */
static void
test_resize_down (void)
{
  static const float map[] = { 0, 4, 8, 16 };
  static const float reference[] = { 11.9f, 12, 12.1f };
  static const guint8 mask[] = { 0, 1 };
  const Shown pictures[] = { { map, 4, 1, mask, 2, 1, 0 }, { reference, 3, 1, NULL, 3, 1, 1 } };
  g_autoptr (CpacPixelMetrics) metrics = show (pictures, 2);

  g_assert_cmpfloat (cpac_pixel_metrics_auroc (metrics), ==, 2.5 / 4);
}

/* Figures do not depend on the order of the pictures, and taking them disturbs nothing. */
static void
test_order (void)
{
  float scores[7][15];
  Shown forth[7], back[7];
  g_autoptr (CpacPixelMetrics) a = NULL, b = NULL;

  for (guint i = 0; i < 7; i++) {
    for (guint k = 0; k < 15; k++)
      scores[i][k] = toy_scores[(k + i) % 15] + 0.125f * i;
    forth[i] = back[6 - i] = (Shown){ scores[i], 5, 3, i % 3 > 0 ? toy_mask : NULL, 5, 3, i };
  }
  a = show (forth, 7);
  b = show (back, 7);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpfloat (cpac_pixel_metrics_auroc (a), ==, cpac_pixel_metrics_auroc (b));
    g_assert_cmpfloat (cpac_pixel_metrics_average_precision (a), ==,
                       cpac_pixel_metrics_average_precision (b));
    g_assert_cmpfloat (cpac_pixel_metrics_aupro (a, 0.3), ==, cpac_pixel_metrics_aupro (b, 0.3));
  }
}

/*
 * The oracle goes through every threshold and counts from scratch.
 */
#define WIDTH 17
#define HEIGHT 5
#define AREA (WIDTH * HEIGHT)
#define N_PICTURES 3
#define N_PIXELS (N_PICTURES * AREA)

typedef struct {
  float scores[N_PIXELS];
  guint8 mask[N_PIXELS];
  guint region[N_PIXELS]; /* 0: good; else unique over the pictures */
  guint n_regions;
} Scene;

static void
paint (Scene *scene, guint picture, int x, int y)
{
  guint pixel = picture * AREA + y * WIDTH + x;

  if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT || !scene->mask[pixel] || scene->region[pixel])
    return;
  scene->region[pixel] = scene->n_regions;
  for (int v = -1; v <= 1; v++)
    for (int u = -1; u <= 1; u++)
      paint (scene, picture, x + u, y + v);
}

static void
make_scene (Scene *scene, int n_scores)
{
  *scene = (Scene){ 0 };
  for (guint i = 0; i < N_PIXELS; i++) {
    scene->scores[i] = g_test_rand_int_range (-n_scores, n_scores) / 4.0f;
    scene->mask[i] = g_test_rand_int_range (0, 4) == 0;
  }
  for (guint i = 0; i < N_PIXELS; i++) {
    if (scene->mask[i] && scene->region[i] == 0) {
      scene->n_regions++;
      paint (scene, i / AREA, i % AREA % WIDTH, i % AREA / WIDTH);
    }
  }
}

/* (FPR, PRO) of "score >= threshold" over the regions below @max_pixels. */
static void
slow_point (const Scene *scene, float threshold, guint max_pixels, double *rate, double *overlap)
{
  guint n_good = 0, n_false = 0, n_regions = 0;

  *overlap = 0;
  for (guint i = 0; i < N_PIXELS; i++) {
    n_good += !scene->mask[i];
    n_false += !scene->mask[i] && scene->scores[i] >= threshold;
  }
  for (guint region = 1; region <= scene->n_regions; region++) {
    guint size = 0, covered = 0;

    for (guint i = 0; i < N_PIXELS; i++) {
      size += scene->region[i] == region;
      covered += scene->region[i] == region && scene->scores[i] >= threshold;
    }
    if (size < max_pixels) {
      n_regions++;
      *overlap += (double) covered / size;
    }
  }
  *overlap /= n_regions;
  *rate = (double) n_false / n_good;
}

static double
slow_aupro (const Scene *scene, int n_scores, double limit, guint max_pixels)
{
  double area = 0, rate = 0, overlap = 0;

  for (int level = n_scores; level >= -n_scores && rate < limit; level--) {
    double next_rate, next_overlap, width;

    slow_point (scene, level / 4.0f, max_pixels, &next_rate, &next_overlap);
    width = MIN (next_rate, limit) - rate;
    if (width > 0) {
      double slope = (next_overlap - overlap) / (next_rate - rate);

      area += width * (overlap + slope * width / 2);
    }
    rate = next_rate;
    overlap = next_overlap;
  }
  return area / limit;
}

static double
slow_auroc (const Scene *scene)
{
  double twice_wins = 0, n_pairs = 0;

  for (guint i = 0; i < N_PIXELS; i++)
    for (guint k = 0; k < N_PIXELS; k++)
      if (scene->mask[i] && !scene->mask[k]) {
        n_pairs++;
        twice_wins +=
            (scene->scores[i] > scene->scores[k]) + (scene->scores[i] >= scene->scores[k]);
      }
  return twice_wins / 2 / n_pairs;
}

static void
test_random_against_slow (void)
{
  static const int n_scores[] = { 1, 3, 20, 500 };
  static const double limits[] = { 0.01, 0.3, 1 };

  for (guint round = 0; round < 24; round++) {
    int levels = n_scores[round % G_N_ELEMENTS (n_scores)];
    double limit = limits[round % G_N_ELEMENTS (limits)];
    g_autoptr (CpacPixelMetrics) metrics = NULL;
    g_autofree Scene *scene = g_new (Scene, 1);
    Shown pictures[N_PICTURES];

    make_scene (scene, levels);
    for (guint i = 0; i < N_PICTURES; i++)
      pictures[i] = (Shown){
        scene->scores + i * AREA, WIDTH, HEIGHT, scene->mask + i * AREA, WIDTH, HEIGHT, i
      };
    metrics = show (pictures, N_PICTURES);
    g_assert_cmpuint (cpac_pixel_metrics_get_n_regions (metrics), ==, scene->n_regions);
    g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_auroc (metrics), slow_auroc (scene),
                                    4 * DBL_EPSILON);
    /* Sums of at most N_PIXELS terms, each below 1. */
    g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_aupro (metrics, limit),
                                    slow_aupro (scene, levels, limit, G_MAXUINT),
                                    N_PIXELS * DBL_EPSILON / limit);
    if (scene->n_regions > 0 && !isnan (cpac_pixel_metrics_aupro_small (metrics, limit, 4)))
      g_assert_cmpfloat_with_epsilon (cpac_pixel_metrics_aupro_small (metrics, limit, 4),
                                      slow_aupro (scene, levels, limit, 4),
                                      N_PIXELS * DBL_EPSILON / limit);
  }
}

static void
assert_interval (const CpacInterval *interval, double value, double low, double high)
{
  g_assert_cmpfloat_with_epsilon (interval->value, value, 8 * DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (interval->low, low, 8 * DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (interval->high, high, 8 * DBL_EPSILON);
}

/* Two defective parts, each with one defect pixel and one good one, and a good part. Draws that
 * take the first part twice have its defect on top of every good pixel, those with the second twice
 * have it below half of them; each comes up in a quarter of the draws, so the ends are theirs. */
static void
test_bootstrap_hand (void)
{
  static const float maps[3][2] = { { 9, 1 }, { 2, 1 }, { 3, 0 } };
  static const guint8 mask[] = { 1, 0 };
  const Shown pictures[] = { { maps[0], 2, 1, mask, 2, 1, 4 },
                             { maps[1], 2, 1, mask, 2, 1, 0 },
                             { maps[2], 2, 1, NULL, 2, 1, 2 } };
  g_autoptr (CpacPixelMetrics) metrics = show (pictures, 3);
  CpacPixelIntervals intervals;

  cpac_pixel_metrics_bootstrap (metrics, 0.3, 253, 1, &intervals);
  /* 9 beats 1, 1, 3, 0; 2 beats all but 3. Twice the second part: 3 above of 4 good. */
  assert_interval (&intervals.auroc, 7 / 8.0, 3 / 4.0, 1);
  /* Precision 1 at 9 and 2/3 at 2; twice the second: 2/3. */
  assert_interval (&intervals.average_precision, (1 + 2 / 3.0) / 2, 2 / 3.0, 1);
  /* PRO is 1/2 to FPR 1/4, then 1: (1/8 + 0.05) / 0.3; twice the second: 0.05 / 0.3. */
  assert_interval (&intervals.aupro, 0.175 / 0.3, 0.05 / 0.3, 1);
}

/* Against draws of whole pictures measured exactly: 256 quantiles lose next to nothing. */
#define N_PARTS 12
#define SIDE 40

static void
test_bootstrap_against_exact (void)
{
  static float maps[N_PARTS][SIDE * SIDE];
  static guint8 masks[N_PARTS][SIDE * SIDE];
  Shown pictures[N_PARTS], drawn[N_PARTS];
  double values[200];
  g_autoptr (CpacPixelMetrics) metrics = NULL;
  CpacInterval expected = { 0 };
  CpacPixelIntervals intervals;
  CpacRandom random;

  cpac_random_init (&random, 5, 0, 0);
  for (guint i = 0; i < N_PARTS; i++) {
    double shift = cpac_random_normal (&random);

    for (guint k = 0; k < SIDE * SIDE; k++) {
      masks[i][k] = i % 2 && k % SIDE < 5;
      maps[i][k] = (float) (cpac_random_normal (&random) + (masks[i][k] ? 2 + shift : 0));
    }
    pictures[i] = (Shown){ maps[i], SIDE, SIDE, i % 2 ? masks[i] : NULL, SIDE, SIDE, i };
  }
  metrics = show (pictures, N_PARTS);
  cpac_pixel_metrics_bootstrap (metrics, 0.3, G_N_ELEMENTS (values), 9, &intervals);
  for (guint draw = 0; draw < G_N_ELEMENTS (values); draw++) {
    g_autoptr (CpacPixelMetrics) exact = NULL;

    /* The draws as documented: strata of good and of defective parts, in turn. */
    cpac_random_init (&random, 9, CPAC_STREAM_BOOTSTRAP, draw);
    for (guint i = 0; i < N_PARTS; i++)
      drawn[i] = pictures[2 * cpac_random_below (&random, N_PARTS / 2) + (i >= N_PARTS / 2)];
    exact = show (drawn, N_PARTS);
    values[draw] = cpac_pixel_metrics_auroc (exact);
  }
  cpac_interval_from_draws (&expected, values, G_N_ELEMENTS (values), 1);
  g_assert_cmpfloat (expected.high - expected.low, >, 0.02);
  /* A bin holds 1/256 of the defects; ties in it are wrong by half of it at most, and the mean
   * error is taken out. */
  g_assert_cmpfloat_with_epsilon (intervals.auroc.low, expected.low, 0.5 / 256);
  g_assert_cmpfloat_with_epsilon (intervals.auroc.high, expected.high, 0.5 / 256);
}

/* Without a defect there is no figure and no interval; with one part in each stratum every draw is
 * the sample itself. */
static void
test_bootstrap_small (void)
{
  const Shown good = { toy_scores, 15, 1, NULL, 15, 1, 0 };
  g_autoptr (CpacPixelMetrics) none = cpac_pixel_metrics_new (), some = show (&good, 1);
  g_autoptr (CpacPixelMetrics) one = one_row (toy_scores, toy_mask, 15);
  CpacPixelIntervals intervals;

  cpac_pixel_metrics_bootstrap (none, 0.3, 17, 1, &intervals);
  g_assert_true (isnan (intervals.auroc.value) && isnan (intervals.aupro.high));
  cpac_pixel_metrics_bootstrap (some, 0.3, 17, 1, &intervals);
  g_assert_true (isnan (intervals.auroc.value) && isnan (intervals.aupro.high));
  cpac_pixel_metrics_bootstrap (one, 0.3, 17, 1, &intervals);
  assert_interval (&intervals.auroc, 0.88, 0.88, 0.88);
  assert_interval (&intervals.aupro, 0.75, 0.75, 0.75);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pixel-metrics/two-regions", test_two_regions);
  g_test_add_func ("/pixel-metrics/small-regions", test_small_regions);
  g_test_add_func ("/pixel-metrics/interpolation", test_interpolation);
  g_test_add_func ("/pixel-metrics/undefined", test_undefined);
  g_test_add_func ("/pixel-metrics/resize-columns", test_resize_columns);
  g_test_add_func ("/pixel-metrics/resize-down", test_resize_down);
  g_test_add_func ("/pixel-metrics/order", test_order);
  g_test_add_func ("/pixel-metrics/random-against-slow", test_random_against_slow);
  g_test_add_func ("/pixel-metrics/bootstrap-hand", test_bootstrap_hand);
  g_test_add_func ("/pixel-metrics/bootstrap-against-exact", test_bootstrap_against_exact);
  g_test_add_func ("/pixel-metrics/bootstrap-small", test_bootstrap_small);
  return g_test_run ();
}
