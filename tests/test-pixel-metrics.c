/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/score/metrics.h"

static CpacPixelMetrics *
one_row (const float *scores, const guint8 *mask, guint width)
{
  CpacPixelMetrics *metrics = cpac_pixel_metrics_new ();

  cpac_pixel_metrics_add (metrics, scores, width, 1, mask, width, 1);
  return metrics;
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
      g_autoptr (CpacPixelMetrics) metrics = cpac_pixel_metrics_new ();
      guint8 mask[4] = { 0 };
      float reference[5];
      double wins = 0;

      for (guint k = 0; k < 4; k++)
        wins += rows[k].expected < rows[i].expected ? 1 : 0;
      for (guint k = 0; k < 5; k++)
        reference[k] = rows[i].expected + ((int) k - 2) * 0.001f;
      mask[rows[i].pixel] = 1;
      cpac_pixel_metrics_add (metrics, map, turned ? 1 : 2, turned ? 2 : 1, mask, turned ? 1 : 4,
                              turned ? 4 : 1);
      cpac_pixel_metrics_add (metrics, reference, 5, 1, NULL, 5, 1);
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
  g_autoptr (CpacPixelMetrics) metrics = cpac_pixel_metrics_new ();

  cpac_pixel_metrics_add (metrics, map, 4, 1, mask, 2, 1);
  cpac_pixel_metrics_add (metrics, reference, 3, 1, NULL, 3, 1);
  g_assert_cmpfloat (cpac_pixel_metrics_auroc (metrics), ==, 2.5 / 4);
}

/* A figure taken between two pictures does not disturb the next. */
static void
test_add_after_figure (void)
{
  g_autoptr (CpacPixelMetrics) once = cpac_pixel_metrics_new ();
  g_autoptr (CpacPixelMetrics) between = cpac_pixel_metrics_new ();

  for (guint i = 0; i < 7; i++) {
    float scores[15];

    for (guint k = 0; k < 15; k++)
      scores[k] = toy_scores[(k + i) % 15];
    cpac_pixel_metrics_add (once, scores, 5, 3, toy_mask, 5, 3);
    cpac_pixel_metrics_add (between, scores, 5, 3, toy_mask, 5, 3);
    g_assert_cmpfloat (cpac_pixel_metrics_auroc (between), >, 0);
  }
  g_assert_cmpfloat (cpac_pixel_metrics_auroc (once), ==, cpac_pixel_metrics_auroc (between));
  g_assert_cmpfloat (cpac_pixel_metrics_aupro (once, 0.3), ==,
                     cpac_pixel_metrics_aupro (between, 0.3));
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
    g_autoptr (CpacPixelMetrics) metrics = cpac_pixel_metrics_new ();
    g_autofree Scene *scene = g_new (Scene, 1);

    make_scene (scene, levels);
    for (guint i = 0; i < N_PICTURES; i++)
      cpac_pixel_metrics_add (metrics, scene->scores + i * AREA, WIDTH, HEIGHT,
                              scene->mask + i * AREA, WIDTH, HEIGHT);
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
  g_test_add_func ("/pixel-metrics/add-after-figure", test_add_after_figure);
  g_test_add_func ("/pixel-metrics/random-against-slow", test_random_against_slow);
  return g_test_run ();
}
