/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/train/loss.h"

#define MAX_SIDE 17
#define MAX_N (MAX_SIDE * MAX_SIDE)
#define POISON 1e30f

static int
compare_falling (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x < y) - (x > y);
}

/* The definition: means of 3x3 cells, the mean of the largest @k, -log of its sigmoid. */
static double
slow_loss (const double *logits, guint width, guint height, guint k, gboolean is_defect)
{
  double map[MAX_N], score = 0;
  guint n = width * height;

  for (guint i = 0; i < n; i++) {
    gint y = (gint) (i / width), x = (gint) (i % width);
    double sum = 0;
    guint count = 0;

    for (gint v = y - 1; v <= y + 1; v++)
      for (gint u = x - 1; u <= x + 1; u++)
        if (v >= 0 && v < (gint) height && u >= 0 && u < (gint) width) {
          sum += logits[v * (gint) width + u];
          count++;
        }
    map[i] = sum / count;
  }
  qsort (map, n, sizeof (double), compare_falling);
  for (guint i = 0; i < k; i++)
    score += map[i] / k;
  return log (1 + exp (is_defect ? -score : score));
}

/* Two cells of the map that change order within a step would bend the difference: h is far below
 * the distances drawn. Errors h^2 |f'''| / 6 + eps |f| / h are below 1e-9; then a cell gets up to
 * nine parts, each addition to about 1 rounded by up to 2^-24. */
#define STEP 1e-6
#define TOLERANCE 1e-6

typedef struct {
  guint width, height;
  double top;
  guint k; /* by hand: how many cells top is */
} Case;

static const Case cases[] = {
  { 1, 1, 0, 1 },   { 2, 1, 0, 1 },  { 1, 3, 0.5, 2 },    { 5, 3, 0, 1 },
  { 5, 3, 0.2, 3 }, { 5, 3, 1, 15 }, { 17, 17, 0.1, 29 }, { 16, 17, 0, 1 },
};

static void
check_case (const Case *c, gboolean is_defect, GRand *random)
{
  CpacHead head = { .kind = CPAC_HEAD_MAP, .top = c->top };
  guint n = c->width * c->height;
  float logits[MAX_N], map[MAX_N], scratch[MAX_N], gradient[MAX_N + 1];
  double exact[MAX_N], largest = 0, loss;

  for (guint i = 0; i < n; i++) {
    exact[i] = logits[i] = (float) g_rand_double_range (random, -4, 4);
    gradient[i] = 1;
  }
  gradient[n] = POISON;
  loss = cpac_loss_picture (&head, logits, c->width, c->height, is_defect, 0.25, map, scratch,
                            gradient);
  /* The score is a float's mean of floats. */
  g_assert_cmpfloat_with_epsilon (
      loss, 0.25 * slow_loss (exact, c->width, c->height, c->k, is_defect), 1e-6);
  for (guint i = 0; i < n; i++) {
    double keep = exact[i], up, down, slope;

    exact[i] = keep + STEP;
    up = slow_loss (exact, c->width, c->height, c->k, is_defect);
    exact[i] = keep - STEP;
    down = slow_loss (exact, c->width, c->height, c->k, is_defect);
    exact[i] = keep;
    slope = 0.25 * (up - down) / (2 * STEP);
    g_assert_cmpfloat_with_epsilon (gradient[i], 1 + slope, TOLERANCE);
    largest = MAX (largest, fabs (slope));
  }
  g_assert_cmpfloat (largest, >, 1e-5);
  g_assert_cmpfloat (gradient[n], ==, POISON);
}

static void
test_gradient (void)
{
  GRand *random = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    check_case (&cases[i], TRUE, random);
    check_case (&cases[i], FALSE, random);
  }
  g_rand_free (random);
}

/* By hand: all cells of the map are 0, so the first one is the score: a quarter of -1/2 to each of
 * the four cells it is the mean of. */
static void
test_ties (void)
{
  CpacHead head = { .kind = CPAC_HEAD_MAP };
  float logits[9] = { 0 }, map[9], scratch[9], gradient[9] = { 0 };

  g_assert_cmpfloat_with_epsilon (
      cpac_loss_picture (&head, logits, 3, 3, TRUE, 1, map, scratch, gradient), G_LN2, 1e-15);
  for (guint i = 0; i < 9; i++)
    g_assert_cmpfloat (gradient[i], ==, i % 3 < 2 && i < 6 ? -0.125f : 0);
}

static void
test_extremes (void)
{
  double slope;

  g_assert_cmpfloat (cpac_loss_score (1e4, FALSE, &slope), ==, 1e4);
  g_assert_cmpfloat (slope, ==, 1);
  g_assert_cmpfloat (cpac_loss_score (-1e4, TRUE, &slope), ==, 1e4);
  g_assert_cmpfloat (slope, ==, -1);
  g_assert_cmpfloat (cpac_loss_score (1e4, TRUE, &slope), ==, 0);
  g_assert_cmpfloat (slope, ==, 0);
  g_assert_cmpfloat (cpac_loss_score (0, FALSE, &slope), ==, G_LN2);
  g_assert_cmpfloat (slope, ==, 0.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loss/picture", test_gradient);
  g_test_add_func ("/loss/picture/ties", test_ties);
  g_test_add_func ("/loss/score/extremes", test_extremes);
  return g_test_run ();
}
