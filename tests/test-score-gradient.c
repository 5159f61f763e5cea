/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/explain/score-gradient.h"

/* Step of the differences, and what they may be off: (h^2 / 6) S''' <= 2e-5 of a classifier, and a
 * rounding of logits up to 8 in float, 5e-7, over 2 h. A map is linear within the step. */
#define STEP (1.0f / 128)
#define TOLERANCE 2e-4

typedef struct {
  const char *name, *score;
  CpacDims output;
  double top; /* of the sum of the gradient */
} Case;

static const Case cases[] = {
  { "classifier",
    "{head: classifier, classes: [a, b, c], good: [b], threshold: 0.5}",
    { 3, 1, 1 },
    0 },
  { "two-good",
    "{head: classifier, classes: [a, b, c, d, e], good: [b, e], threshold: 0.5}",
    { 5, 1, 1 },
    0 },
  { "none-good", "{head: classifier, classes: [a, b], threshold: 0.5}", { 2, 1, 1 }, 0 },
  { "single-cell", "{head: map, threshold: 0}", { 1, 1, 1 }, 1 },
  { "row", "{head: map, threshold: 0}", { 1, 1, 17 }, 1 },
  { "map", "{head: map, threshold: 0}", { 1, 5, 3 }, 1 },
  { "top", "{head: map, threshold: 0, top: 0.3}", { 1, 5, 3 }, 1 },
  { "whole-map", "{head: map, threshold: 0, top: 1}", { 1, 3, 5 }, 1 },
};

static CpacHead *
make_head (const Case *c)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) map = cpac_config_parse ("score", c->score, strlen (c->score), &error);
  CpacHead *head;

  g_assert_no_error (error);
  head = cpac_head_new (map, &c->output, &error);
  g_assert_no_error (error);
  return head;
}

static double
score_of (const CpacHead *head, const CpacDims *output, const float *logits)
{
  g_autofree double *probabilities = g_new (double, cpac_dims_count (output));
  g_autofree float *map = g_new (float, 2 * cpac_dims_count (output));
  guint best;

  if (head->kind == CPAC_HEAD_CLASSIFIER)
    return cpac_head_classify (head, logits, probabilities, &best);
  return cpac_head_map (head, logits, output->width, output->height, map,
                        map + cpac_dims_count (output));
}

/* Against differences of the score that is published. The logits' means over 3x3 cells differ by
 * more than the step, so that none overtakes another. */
static void
test_differences (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (CpacHead) head = make_head (c);
  gsize n = cpac_dims_count (&c->output);
  g_autofree float *logits = g_new (float, n), *gradient = g_new (float, n);
  double sum = 0;

  for (gsize i = 0; i < n; i++) {
    logits[i] = (float) ((i * i * 7 + 3 * i) % 31) / 4;
    gradient[i] = NAN;
  }
  g_assert_true (cpac_score_has_gradient (head));
  cpac_score_gradient (head, &c->output, logits, gradient);
  for (gsize i = 0; i < n; i++) {
    float keep = logits[i];
    double high, low;

    logits[i] = keep + STEP;
    high = score_of (head, &c->output, logits);
    logits[i] = keep - STEP;
    low = score_of (head, &c->output, logits);
    logits[i] = keep;
    g_assert_cmpfloat_with_epsilon (gradient[i], (high - low) / (2 * (double) STEP), TOLERANCE);
    sum += gradient[i];
  }
  /* A map moves with its logits; probabilities do not change when all logits do. */
  g_assert_cmpfloat_with_epsilon (sum, c->top, 1e-6);
}

/* By hand: the largest of equal means is the first in reading order, a corner of 2x2. */
static void
test_ties (void)
{
  g_autoptr (CpacHead) head = make_head (&cases[5]);
  const float logits[15] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  const float expected[15] = { 0.25f, 0.25f, 0, 0.25f, 0.25f };
  float gradient[15];

  cpac_score_gradient (head, &cases[5].output, logits, gradient);
  g_assert_cmpmem (gradient, sizeof gradient, expected, sizeof expected);
}

static void
test_no_gradient (void)
{
  static const Case none = { "none", "{head: none}", { 1, 1, 1 }, 0 };
  g_autoptr (CpacHead) head = make_head (&none);

  g_assert_false (cpac_score_has_gradient (head));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/score-gradient/differences/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_differences);
  }
  g_test_add_func ("/score-gradient/ties", test_ties);
  g_test_add_func ("/score-gradient/no-gradient", test_no_gradient);
  return g_test_run ();
}
