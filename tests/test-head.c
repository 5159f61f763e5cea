/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/head.h"

#include <float.h>
#include <math.h>
#include <string.h>

static CpacHead *
try_head (const char *yaml, CpacDims output, GError **error)
{
  g_autoptr (CpacConfig) config = cpac_config_parse ("score.yaml", yaml, strlen (yaml), error);

  g_assert_nonnull (config);
  return cpac_head_new (config, &output, error);
}

static CpacHead *
make_head (const char *yaml, CpacDims output)
{
  g_autoptr (GError) error = NULL;
  CpacHead *head = try_head (yaml, output, &error);

  g_assert_no_error (error);
  return head;
}

/* ---- What is refused ---- */

static const struct {
  const char *yaml;
  CpacDims output;
  CpacError code;
  const char *message;
} bad_heads[] = {
  { "text", { 2, 1, 1 }, CPAC_ERROR_SCHEMA, "1:1: score must be a map, got text" },
  { "{threshold: 1}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:1: found no key \"head\" in this map, expected one" },
  { "{head: oracle}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:8: head: found oracle, expected one of none, classifier, map, gaussian, combined" },
  { "{head: none, threshold: 1}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:14: found the unknown key \"threshold\", expected one of head, classes, good" },
  { "{head: classifier, classes: [a, b]}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:1: found no key \"threshold\" in this map, expected one" },
  { "{head: classifier, classes: [a, b], threshold: 1.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:48: threshold: found 1.5, expected a number from 0 to 1" },
  { "{head: classifier, classes: [a, b], threshold: -0.1}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:48: threshold: found -0.1, expected a number from 0 to 1" },
  { "{head: classifier, classes: [a, b], threshold: .nan}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:48: threshold: found .nan, expected a number from 0 to 1" },
  { "{head: classifier, classes: [a, b], threshold: 0.5, warn-threshold: 0.6}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:69: warn-threshold 0.6 must not be above threshold 0.5" },
  { "{head: classifier, classes: [a, b, c], threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SHAPE,
    "1:29: there are 3 classes, but the last layer has 2 outputs" },
  { "{head: classifier, classes: [a, b], threshold: 0.5}",
    { 2, 1, 2 },
    CPAC_ERROR_SHAPE,
    "1:29: there are 2 classes, but the last layer has 4 outputs" },
  { "{head: classifier, classes: [a], threshold: 0.5}",
    { 1, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:1: a classifier needs at least 2 classes, got 1" },
  { "{head: classifier, threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:1: a classifier needs at least 2 classes, got 0" },
  { "{head: classifier, classes: [a, a], threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:33: classes: found a a second time (first at 1:30), expected it once" },
  { "{head: classifier, classes: [a, b], good: [c], threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:43: good class \"c\" is not one of the classes" },
  { "{head: classifier, classes: [a, b], good: [b, a], threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:43: every class is good: nothing could ever be rejected" },
  { "{head: classifier, classes: [a, b], top: 0.5, threshold: 0.5}",
    { 2, 1, 1 },
    CPAC_ERROR_SCHEMA,
    "1:37: found the unknown key \"top\", expected one of head, classes, good, threshold, "
    "warn-threshold, calibration" },
  { "{head: map, threshold: 1}",
    { 2, 4, 4 },
    CPAC_ERROR_SHAPE,
    "1:1: head map needs a last layer of 1 channel, it has 2" },
  { "{head: map, threshold: 1, top: 0}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:32: top: found 0, expected a number from 1e-09 to 1" },
  { "{head: map, threshold: 1, top: 1.1}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:32: top: found 1.1, expected a number from 1e-09 to 1" },
  { "{head: map, threshold: 1, range: [1]}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:34: range: found a list of 1, expected a list of 2 numbers" },
  { "{head: map, threshold: 1, range: [2, 2]}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:34: range must be [min, max] with min below max, got [2, 2]" },
  { "{head: map, threshold: 1, range: [3, 2]}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:34: range must be [min, max] with min below max, got [3, 2]" },
  { "{head: map}",
    { 1, 4, 4 },
    CPAC_ERROR_SCHEMA,
    "1:1: found no key \"threshold\" in this map, expected one" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_heads); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *message = g_strconcat ("score.yaml:", bad_heads[i].message, NULL);

    g_assert_null (try_head (bad_heads[i].yaml, bad_heads[i].output, &error));
    g_assert_cmpstr (error->message, ==, message);
    g_assert_error (error, CPAC_ERROR, (int) bad_heads[i].code);
  }
}

static void
test_read (void)
{
  g_autoptr (CpacHead) head =
      make_head ("{head: classifier, classes: [ok, hole, dust], good: [dust, ok], threshold: 0.5, "
                 "warn-threshold: 0.25}",
                 (CpacDims){ 3, 1, 1 });
  g_autoptr (CpacHead) none = make_head ("{head: none, good: [fine]}", (CpacDims){ 4, 2, 2 });

  g_assert_cmpint (head->kind, ==, CPAC_HEAD_CLASSIFIER);
  g_assert_cmpuint (head->n_classes, ==, 3);
  g_assert_cmpuint (head->n_good, ==, 2);
  g_assert_true (head->is_good[0] && !head->is_good[1] && head->is_good[2]);
  g_assert_true (cpac_head_label_is_good (head, "dust"));
  g_assert_false (cpac_head_label_is_good (head, "hole"));
  g_assert_false (cpac_head_label_is_good (head, ""));
  g_assert_cmpint (cpac_head_find_class (head, "dust"), ==, 2);
  g_assert_cmpint (cpac_head_find_class (head, "rust"), ==, -1);
  g_assert_cmpfloat (cpac_head_get_thresholds (head).threshold, ==, 0.5);
  g_assert_cmpfloat (cpac_head_get_thresholds (head).warn_threshold, ==, 0.25);
  g_assert_cmpint (none->kind, ==, CPAC_HEAD_NONE);
  g_assert_true (cpac_head_label_is_good (none, "fine"));
}

/* ---- Thresholds ---- */

static void
test_manual (void)
{
  static const struct {
    const char *yaml;
    double manual, warn;
  } rows[] = {
    { "{head: map, threshold: 2}", 5, 5 },
    { "{head: map, threshold: 2}", -5, -5 },
    { "{head: map, threshold: 2, warn-threshold: 1}", 5, 1 },
    { "{head: map, threshold: 2, warn-threshold: 1}", 1.5, 1 },
    { "{head: map, threshold: 2, warn-threshold: 1}", 0.5, 0.5 },
    { "{head: map, threshold: 2, warn-threshold: 2}", 5, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (CpacHead) head = make_head (rows[i].yaml, (CpacDims){ 1, 3, 3 });
    CpacThresholds manual = cpac_head_get_manual_thresholds (head, rows[i].manual);

    g_assert_cmpfloat (manual.threshold, ==, rows[i].manual);
    g_assert_cmpfloat (manual.warn_threshold, ==, rows[i].warn);
  }
}

static void
test_heatmap_range (void)
{
  g_autoptr (CpacHead) plain = make_head ("{head: map, threshold: 0.3}", (CpacDims){ 1, 3, 3 });
  g_autoptr (CpacHead) ranged =
      make_head ("{head: map, threshold: 2, range: [-1, 4]}", (CpacDims){ 1, 3, 3 });
  g_autoptr (CpacHead) distance =
      make_head ("{head: gaussian, threshold: 3}", (CpacDims){ 1, 3, 3 });
  CpacThresholds own = cpac_head_get_thresholds (plain), manual = { 7.1, 7.1 };
  double min, max;

  cpac_head_get_heatmap_range (plain, &own, &min, &max);
  g_assert_cmpfloat (min, ==, 0.3 - 8);
  g_assert_cmpfloat (max, ==, 0.3 + 8);
  /* As if the model had that threshold, to the last bit. */
  cpac_head_get_heatmap_range (plain, &manual, &min, &max);
  g_assert_cmpfloat (min, ==, 7.1 - 8);
  g_assert_cmpfloat (max, ==, 7.1 + 8);
  manual.threshold = 5;
  cpac_head_get_heatmap_range (ranged, &manual, &min, &max);
  g_assert_cmpfloat (min, ==, 2);
  g_assert_cmpfloat (max, ==, 7);
  cpac_head_get_heatmap_range (distance, &manual, &min, &max);
  g_assert_cmpfloat (min, ==, 0);
  g_assert_cmpfloat (max, ==, 10);
  /* The largest that the element's property takes: twice as much is no number any more. */
  manual.threshold = DBL_MAX;
  cpac_head_get_heatmap_range (distance, &manual, &min, &max);
  g_assert_cmpfloat (min, ==, 0);
  g_assert_cmpfloat (max, ==, DBL_MAX);
}

/* ---- Classifier ---- */

typedef struct {
  const char *good;
  float logits[3];
  double score;
  guint best;
} Classified;

/* By hand. Logits that are ln of small numbers give probabilities that are their shares. */
static const Classified classified[] = {
  { "[]", { 0, 0, 0 }, 2.0 / 3, 0 },
  { "[a]", { 0, 0, 0 }, 2.0 / 3, 0 },
  { "[a, b]", { 0, 0, 0 }, 1.0 / 3, 0 },
  { "[a]", { 0.6931471805599453f, 0, 1.0986122886681098f }, 4.0 / 6, 2 },
  { "[]", { 0.6931471805599453f, 0, 1.0986122886681098f }, 3.0 / 6, 2 },
  { "[c]", { 0.6931471805599453f, 0, 1.0986122886681098f }, 3.0 / 6, 2 },
  /* Neither overflow nor a score that is lost: exp (-2e4) is 0 in double. */
  { "[a]", { 1e4f, -1e4f, -1e4f }, 0, 0 },
  { "[a]", { -1e4f, 1e4f, -1e4f }, 1, 1 },
  { "[a]", { -1e4f, -1e4f, -1e4f }, 2.0 / 3, 0 },
  { "[]", { 1e4f, 1e4f, -1e4f }, 0.5, 0 },
  { "[]", { 3e38f, -3e38f, 0 }, 0, 0 },
  { "[b]", { 3e38f, -3e38f, 3e38f }, 1, 0 },
  { "[a]", { 3e38f, -3e38f, 3e38f }, 0.5, 0 },
  { "[]", { 1e17f, 1e17f, 1e17f }, 2.0 / 3, 0 },
};

static void
test_classify (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (classified); i++) {
    const Classified *row = &classified[i];
    g_autofree char *yaml = g_strdup_printf (
        "{head: classifier, classes: [a, b, c], good: %s, threshold: 0.5}", row->good);
    g_autoptr (CpacHead) head = make_head (yaml, (CpacDims){ 3, 1, 1 });
    double probabilities[3] = { NAN, NAN, NAN }, sum = 0;
    guint best = 99;
    double score = cpac_head_classify (head, row->logits, probabilities, &best);

    g_assert_cmpfloat_with_epsilon (score, row->score, 1e-7);
    g_assert_true (score >= 0 && score <= 1);
    g_assert_cmpuint (best, ==, row->best);
    for (guint k = 0; k < 3; k++)
      sum += probabilities[k];
    g_assert_cmpfloat_with_epsilon (sum, 1, 1e-15);
  }
}

/* A defect of probability e^-50 is not lost in 1 - (1 - e^-50): scores far below and close to the
 * ends stay in order. */
static void
test_classify_small (void)
{
  g_autoptr (CpacHead) head = make_head (
      "{head: classifier, classes: [a, b], good: [a], threshold: 0.5}", (CpacDims){ 2, 1, 1 });
  g_autoptr (CpacHead) open =
      make_head ("{head: classifier, classes: [a, b], threshold: 0.5}", (CpacDims){ 2, 1, 1 });
  double probabilities[2], before = 0;
  guint best;

  for (gint logit = -700; logit <= 33; logit++) {
    float logits[2] = { 0, (float) logit };
    double score = cpac_head_classify (head, logits, probabilities, &best);

    g_assert_cmpfloat (score, >, before);
    g_assert_cmpfloat (score, <=, 1);
    g_assert_cmpfloat_with_epsilon (score * (1 + exp (-logit)), 1, 1e-12);
    before = score;
    if (logit < 0)
      g_assert_cmpfloat (cpac_head_classify (open, logits, probabilities, &best), ==, score);
  }
}

/* ---- Map ---- */

/* Mean of the cells within one step that exist, added in reading order. */
static double
mean_about (const float *logits, gint width, gint height, gint i, gint j)
{
  double sum = 0;
  guint n = 0;

  for (gint y = 0; y < height; y++)
    for (gint x = 0; x < width; x++)
      if (ABS (y - i) <= 1 && ABS (x - j) <= 1) {
        sum += logits[y * width + x];
        n++;
      }
  return sum / n;
}

static void
test_map (void)
{
  static const guint sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 3 },  { 2, 2 },
                                    { 3, 3 }, { 5, 2 }, { 17, 5 }, { 253, 3 } };
  GRand *random = g_rand_new_with_seed (1);

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    guint width = sizes[s][0], height = sizes[s][1], n = width * height;
    g_autoptr (CpacHead) head =
        make_head ("{head: map, threshold: 1}", (CpacDims){ 1, height, width });
    g_autofree float *logits = g_new (float, n), *map = g_new (float, n);
    g_autofree float *scratch = g_new (float, n);
    double score, largest = -INFINITY;

    for (guint i = 0; i < n; i++)
      logits[i] = (float) g_rand_double_range (random, -9, -1);
    memset (map, 0xff, n * sizeof (float));
    score = cpac_head_map (head, logits, width, height, map, scratch);
    for (guint i = 0; i < n; i++) {
      double mean =
          mean_about (logits, (gint) width, (gint) height, (gint) (i / width), (gint) (i % width));

      /* To the bit: the same sums in the same order. */
      g_assert_cmpfloat (map[i], ==, (float) mean);
      largest = MAX (largest, map[i]);
    }
    g_assert_cmpfloat (score, ==, largest);
  }
  g_rand_free (random);
}

/* A single hot cell by hand: 9 in the corner of a 3x3 map is 9/4 there, 9/6 beside, 9/9 inside. */
static void
test_map_corner (void)
{
  static const float logits[9] = { 9 };
  static const float expected[9] = { 2.25f, 1.5f, 0, 1.5f, 1, 0, 0, 0, 0 };
  g_autoptr (CpacHead) head = make_head ("{head: map, threshold: 1}", (CpacDims){ 1, 3, 3 });
  float map[9], scratch[9];

  g_assert_cmpfloat (cpac_head_map (head, logits, 3, 3, map, scratch), ==, 2.25);
  g_assert_cmpmem (map, sizeof map, expected, sizeof expected);
}

/* Mean of the largest fraction: rounded up to whole cells, at least one; the expected cells are
 * picked from the published map one by one. */
static void
test_map_top (void)
{
  static const struct {
    const char *top;
    guint n_cells;
  } rows[] = { { "1e-9", 1 },  { "0.01", 1 }, { "0.011", 2 }, { "0.07", 7 },
               { "0.29", 29 }, { "0.5", 50 }, { "0.57", 57 }, { "1", 100 } };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
    g_autofree char *yaml = g_strdup_printf ("{head: map, threshold: 1, top: %s}", rows[r].top);
    g_autoptr (CpacHead) head = make_head (yaml, (CpacDims){ 1, 10, 10 });
    float logits[100], map[100], scratch[100];
    double score, sum = 0;

    for (guint i = 0; i < 100; i++)
      logits[i] = (float) (i * 37 % 100);
    score = cpac_head_map (head, logits, 10, 10, map, scratch);
    for (guint k = 0; k < rows[r].n_cells; k++) {
      guint best = 0;

      for (guint i = 1; i < 100; i++)
        if (map[i] > map[best])
          best = i;
      sum += map[best];
      map[best] = -INFINITY;
    }
    g_assert_cmpfloat_with_epsilon (score, sum / rows[r].n_cells, 1e-12);
  }
}

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x < y) - (x > y);
}

/* Rising, falling, of few values and of any, against a sorted copy: the same sum in the same order,
 * so the same bits. */
static void
test_top_order (void)
{
  static const gsize sizes[] = { 1, 2, 3, 5, 17, 62, 253, 2304 };
  static const double tops[] = { 1e-9, 0.02, 0.3, 0.99, 1 };
  GRand *random = g_rand_new_with_seed (2);

  for (guint kind = 0; kind < 4; kind++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (guint t = 0; t < G_N_ELEMENTS (tops); t++) {
        gsize n = sizes[s], k = cpac_head_count_top (tops[t], n);
        g_autofree float *map = g_new (float, n), *scratch = g_new (float, n);
        double sum = 0, score;

        for (gsize i = 0; i < n; i++)
          map[i] = kind == 0   ? 0.1f * (float) i
                   : kind == 1 ? -0.1f * (float) i
                   : kind == 2 ? 0.3f * (float) g_rand_int_range (random, -2, 3)
                               : (float) g_rand_double_range (random, -9, 9);
        score = cpac_head_summarize (tops[t], map, n, scratch);
        qsort (map, n, sizeof (float), compare_falling);
        for (gsize i = 0; i < k; i++)
          sum += map[i];
        g_assert_cmpfloat (score, ==, sum / (double) k);
      }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/head/refused", test_refused);
  g_test_add_func ("/head/read", test_read);
  g_test_add_func ("/head/manual", test_manual);
  g_test_add_func ("/head/heatmap-range", test_heatmap_range);
  g_test_add_func ("/head/classify", test_classify);
  g_test_add_func ("/head/classify-small", test_classify_small);
  g_test_add_func ("/head/map", test_map);
  g_test_add_func ("/head/map-corner", test_map_corner);
  g_test_add_func ("/head/map-top", test_map_top);
  g_test_add_func ("/head/top-order", test_top_order);
  return g_test_run ();
}
