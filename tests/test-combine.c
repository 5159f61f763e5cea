/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/combine.h"

#include <math.h>

#include "core/train/score-text.h"

static void
test_span (void)
{
  double values[] = { 5, 1, 3 }, one[] = { 7 };
  CpacScale scale = { 0 };
  CpacSpan span;

  cpac_span_init (&span, values, 3);
  g_assert_cmpfloat (span.median, ==, 3);
  /* 0.95 of two steps: 0.9 of the way from 3 to 5. */
  g_assert_cmpfloat_with_epsilon (span.high, 4.8, 1e-14);
  cpac_span_get_scale (&span, &scale);
  g_assert_cmpfloat (scale.low, ==, 3);
  g_assert_cmpfloat (scale.high, ==, span.high);
  cpac_span_init (&span, one, 1);
  cpac_span_get_scale (&span, &scale);
  g_assert_cmpfloat (scale.low, ==, 7);
  g_assert_cmpfloat (scale.high, ==, 14);
}

/* The map finds one defect, the gaussian the other: only together both. */
static void
test_helps (void)
{
  static const CpacPair pairs[] = {
    { 0, 10, FALSE }, { 1, 11, FALSE }, { 2, 12, FALSE }, { 30, 9, TRUE }, { -1, 40, TRUE },
  };
  CpacComparison comparison;

  cpac_compare_parts (pairs, G_N_ELEMENTS (pairs), &comparison);
  g_assert_cmpfloat (comparison.map_auroc, ==, 0.5);
  g_assert_cmpfloat (comparison.gaussian_auroc, ==, 0.5);
  g_assert_cmpfloat (comparison.combined_auroc, ==, 1);
  g_assert_true (comparison.helps);
  g_assert_cmpfloat (comparison.map.median, ==, 1);
  g_assert_cmpfloat_with_epsilon (comparison.gaussian.high, 11.9, 1e-12);
  /* The good ones lie at -1 / 0.9, 0 and 1 / 0.9 on both scales. */
  g_assert_cmpfloat (comparison.combined.median, ==, 0);
  g_assert_cmpfloat_with_epsilon (comparison.combined.high, 1, 1e-12);
}

/* A gaussian that is right by itself, a map that is noise. */
static void
test_does_not_help (void)
{
  static const CpacPair pairs[] = {
    { 9, 1, FALSE }, { 3, 2, FALSE }, { 5, 3, FALSE }, { 4, 4, TRUE }, { 2, 5, TRUE },
  };
  static const CpacPair good[] = { { 1, 2, FALSE }, { 2, 3, FALSE } };
  CpacComparison comparison;

  cpac_compare_parts (pairs, G_N_ELEMENTS (pairs), &comparison);
  g_assert_cmpfloat (comparison.gaussian_auroc, ==, 1);
  g_assert_cmpfloat (comparison.combined_auroc, <=, 1);
  g_assert_false (comparison.helps);
  cpac_compare_parts (good, G_N_ELEMENTS (good), &comparison);
  g_assert_true (isnan (comparison.combined_auroc));
  g_assert_false (comparison.helps);
}

static void
test_text (void)
{
  char *names[] = { (char *) "it's", (char *) "b", NULL };
  CpacFit fit = {
    .n = 30,
    .shrinkage = 0.25,
    .n_held_out = 7,
    .good = { 1, 3 },
    .comparison = { .map = { -2, 2 }, .gaussian = { 1, 3 }, .combined = { 0, 1 } },
  };
  CpacScoreText section = {
    .good = names, .layers = names + 1, .mode = CPAC_GAUSSIAN_POSITION, .channels = 4, .top = 0.5
  };
  g_autofree char *empty = cpac_score_text_make (&section), *fitted = NULL, *combined = NULL;

  g_assert_cmpstr (empty, ==,
                   "score:\n  head: gaussian\n  good: ['it''s', 'b']\n  layers: ['b']\n"
                   "  mode: position\n  channels: 4\n  top: 0.5\n  threshold: 0\n");
  section.fit = &fit;
  section.channels = 0;
  section.top = 0;
  fitted = cpac_score_text_make (&section);
  g_assert_cmpstr (
      fitted, ==,
      "score:\n  # Fitted to 30 good pictures, shrinkage 0.25;\n"
      "  # threshold: a score that 5 % of 7 held-out good ones exceed, not calibrated.\n"
      "  head: gaussian\n  good: ['it''s', 'b']\n  layers: ['b']\n"
      "  mode: position\n  threshold: 3\n  range: [1, 5]\n");
  section.map_layer = "m";
  section.map_top = 0.125;
  section.copies = "mirror";
  combined = cpac_score_text_make (&section);
  g_assert_cmpstr (
      combined, ==,
      "score:\n  # Fitted to 30 good pictures and their copies (mirror), shrinkage "
      "0.25;\n"
      "  # threshold: a score that 5 % of 7 held-out good ones exceed, not calibrated.\n"
      "  head: combined\n  good: ['it''s', 'b']\n  parts:\n"
      "    - {head: map, layer: m, top: 0.125, anchors: [-2, 2]}\n"
      "    - {head: gaussian, layers: ['b'], mode: position, anchors: [1, 3]}\n"
      "  threshold: 1\n  range: [0, 2]\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/combine/span", test_span);
  g_test_add_func ("/combine/helps", test_helps);
  g_test_add_func ("/combine/does-not-help", test_does_not_help);
  g_test_add_func ("/score-text/text", test_text);
  return g_test_run ();
}
