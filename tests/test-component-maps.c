/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/component-maps.h"

#include <math.h>
#include <string.h>

#include "core/score/scorer.h"
#include "tests/explain-fixture.h"

#define LAYERS                                                                                     \
  "[{name: l, type: cpac-conv, kernel: 3, filters: 6, rank: 5, padding: same}, {type: relu}, "     \
  "{name: m, type: cpac-conv, kernel: 3, filters: 1, rank: 4, padding: same}]"
#define SIZE 9

static const CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = SIZE, .height = SIZE };

typedef struct {
  CpacModel *model;
  CpacScorer *scorer;
  guint8 pixels[SIZE * SIZE];
  CpacFrame frame;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer score)
{
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;

  fixture->model = explain_model (LAYERS, (CpacDims){ 1, SIZE, SIZE }, score, 1);
  fixture->scorer = cpac_scorer_new (fixture->model, &options, NULL);
  g_assert_true (cpac_scorer_set_stream (fixture->scorer, &info, NULL, NULL));
  for (guint i = 0; i < SIZE * SIZE; i++)
    fixture->pixels[i] = (guint8) (i * 37);
  fixture->frame = (CpacFrame){ &info, { fixture->pixels }, { SIZE } };
}

static void
teardown (Fixture *fixture, gconstpointer score)
{
  cpac_scorer_free (fixture->scorer);
  cpac_model_unref (fixture->model);
}

/* What is published is the explanation: the strongest, at the scale that is stated. */
static void
test_published (Fixture *fixture, gconstpointer score)
{
  g_autoptr (GError) error = NULL;
  const CpacExplanation *explanation;
  const CpacInspection *result;

  g_assert_true (cpac_scorer_set_explain (fixture->scorer, 3, "l", &error));
  g_assert_no_error (error);
  result = cpac_scorer_score (fixture->scorer, &fixture->frame, NULL);
  explanation = cpac_scorer_get_explanation (fixture->scorer);
  g_assert_true (result->has_explanation);
  g_assert_cmpfloat (result->explained, ==, explanation->explained);
  g_assert_cmpfloat (result->bias_part, ==, explanation->bias_part);
  g_assert_cmpfloat (result->identity_error, <, 1e-13);
  g_assert_cmpuint (result->n_components, ==, 3);
  for (guint i = 0; i < 3; i++) {
    const CpacComponentMap *item = &result->components[i];
    const CpacComponent *component = &explanation->components[i];

    g_assert_cmpuint (item->index, ==, component->index);
    g_assert_cmpstr (item->layer, ==, "l");
    g_assert_cmpfloat (item->contribution, ==, component->contribution);
    g_assert_cmpfloat (item->share, ==, component->share);
    g_assert_cmpfloat (item->significance, ==, component->significance);
    g_assert_cmpuint (item->width * item->height, ==, SIZE * SIZE);
    for (guint p = 0; p < SIZE * SIZE; p++) {
      double level = (component->map[p] - item->map_min) / (item->map_max - item->map_min) * 255;

      g_assert_cmpfloat_with_epsilon (item->map[p], CLAMP (level, 0, 255), 0.5 + 1e-9);
      if (component->map[p] == 0)
        g_assert_cmpuint (item->map[p], ==, 128);
    }
  }
}

/* The score, its map and its verdict are the same bits, on, off and on again; what is off leaves
 * nothing behind. */
static void
test_scores_stay (Fixture *fixture, gconstpointer score)
{
  static const guint numbers[] = { 0, 1, 0, 100, 4 };
  double first = 0;
  float map[SIZE * SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    const CpacInspection *result;

    g_assert_true (cpac_scorer_set_explain (fixture->scorer, numbers[i], NULL, NULL));
    g_assert_null (cpac_scorer_get_explanation (fixture->scorer));
    result = cpac_scorer_score (fixture->scorer, &fixture->frame, NULL);
    if (i == 0) {
      first = result->score;
      memcpy (map, cpac_scorer_get_map (fixture->scorer), sizeof map);
    }
    g_assert_cmpmem (&result->score, sizeof first, &first, sizeof first);
    g_assert_cmpmem (cpac_scorer_get_map (fixture->scorer), sizeof map, map, sizeof map);
    g_assert_cmpint (result->has_explanation, ==, numbers[i] > 0);
    /* The default layer, m, has four components. */
    g_assert_cmpuint (result->n_components, ==, MIN (numbers[i], 4));
    g_assert_true ((cpac_scorer_get_explanation (fixture->scorer) != NULL) == (numbers[i] > 0));
  }
}

/* A failure leaves frames without an explanation, not without a score. */
static void
test_failure (Fixture *fixture, gconstpointer score)
{
  g_autoptr (GError) error = NULL;
  const CpacInspection *result;

  g_assert_true (cpac_scorer_set_explain (fixture->scorer, 1, NULL, NULL));
  cpac_scorer_score (fixture->scorer, &fixture->frame, NULL);
  g_assert_false (cpac_scorer_set_explain (fixture->scorer, 1, "x", &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_null (cpac_scorer_get_explanation (fixture->scorer));
  result = cpac_scorer_score (fixture->scorer, &fixture->frame, NULL);
  g_assert_true (result->has_score);
  g_assert_false (result->has_explanation);
}

/* A frame that is not looked at has no explanation, whatever the one before had. */
static void
test_passed (Fixture *fixture, gconstpointer score)
{
  const CpacInspection *result;

  g_assert_true (cpac_scorer_set_explain (fixture->scorer, 1, NULL, NULL));
  cpac_scorer_score (fixture->scorer, &fixture->frame, NULL);
  result = cpac_scorer_pass (fixture->scorer, CPAC_STATUS_SKIPPED, NULL);
  g_assert_false (result->has_explanation);
  g_assert_cmpuint (result->n_components, ==, 0);
  g_assert_null (cpac_scorer_get_explanation (fixture->scorer));
}

#define PARTS(map, gaussian)                                                                       \
  "parts: [{head: map, anchors: " map "}, "                                                        \
  "{head: gaussian, layers: [l], mode: texture, anchors: " gaussian "}]"

/* What the score is of what is explained. */
static const struct {
  const char *name, *score;
  gboolean is_squared;
  double low, high; /* anchors of the part that decides */
} masked[] = {
  { "map", "{head: map, threshold: 0}", FALSE, 0, 1 },
  { "top", "{head: map, threshold: 0, top: 0.9}", FALSE, 0, 1 },
  { "gaussian", "{head: gaussian, threshold: 1, layers: [l], mode: texture}", TRUE, 0, 1 },
  { "combined-map", "{head: combined, threshold: 1, " PARTS ("[-9, -7]", "[1, 1000]") "}", FALSE,
    -9, -7 },
  { "combined-gaussian", "{head: combined, threshold: 1, " PARTS ("[1, 1000]", "[-9, -7]") "}",
    TRUE, -9, -7 },
};

/* Cells under an ignore mask explain nothing: those that do are the ones that make the score. The
 * mask hides the largest cell of the whole frame's map; of the top 0.9 more than there are left. */
static void
test_masked (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  Fixture fixture;
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (CpacIgnoreMask) mask = NULL;
  guint8 ignored[SIZE * SIZE] = { 0 };
  const CpacInspection *result;
  double plain, expected;
  guint largest = 0;

  setup (&fixture, masked[i].score);
  plain = cpac_scorer_score (fixture.scorer, &fixture.frame, NULL)->score;
  for (guint p = 1; p < SIZE * SIZE; p++)
    if (cpac_scorer_get_map (fixture.scorer)[p] > cpac_scorer_get_map (fixture.scorer)[largest])
      largest = p;
  for (guint p = 0; p < SIZE * SIZE; p++)
    ignored[p] = p == largest || p % 3 == 0;
  mask = cpac_ignore_mask_new (ignored, SIZE, SIZE, NULL);
  options.ignore_mask = mask;
  cpac_scorer_free (fixture.scorer);
  fixture.scorer = cpac_scorer_new (fixture.model, &options, NULL);
  g_assert_true (cpac_scorer_set_stream (fixture.scorer, &info, NULL, NULL));
  g_assert_true (cpac_scorer_set_explain (fixture.scorer, 1, "l", NULL));
  result = cpac_scorer_score (fixture.scorer, &fixture.frame, NULL);
  g_assert_cmpfloat (result->score, <, plain);
  expected = masked[i].low + result->score * (masked[i].high - masked[i].low);
  if (masked[i].is_squared)
    expected *= expected;
  g_assert_cmpfloat_with_epsilon (result->explained, expected, 1e-5 * MAX (1, expected));
  g_assert_cmpfloat (result->identity_error, <, 1e-13);
  teardown (&fixture, NULL);
}

static const struct {
  const char *score;
  CpacQuantity quantity;
  double threshold, limit;
} limits[] = {
  { "{head: classifier, classes: [a, b], threshold: 0.5}", CPAC_QUANTITY_LOGIT_DIFFERENCE, 0.9,
    0.5 },
  /* Half of the scale -2..6 is 4; it moves with the threshold and keeps its width. */
  { "{head: map, threshold: 2, range: [-2, 6]}", CPAC_QUANTITY_MAP_SCORE, 2, 0.25 },
  { "{head: map, threshold: 2, range: [-2, 6]}", CPAC_QUANTITY_MAP_SCORE, 5, 0.25 },
  { "{head: map, threshold: 2}", CPAC_QUANTITY_MAP_SCORE, 2, 0.5 },
  /* A scale that rounding leaves no width, and one beyond double. */
  { "{head: map, threshold: 0}", CPAC_QUANTITY_MAP_SCORE, 1e30, 0.5 },
  { "{head: gaussian, layers: [l], mode: texture, threshold: 3}", CPAC_QUANTITY_SQUARED_DISTANCE, 4,
    1 },
  { "{head: gaussian, layers: [l], mode: texture, threshold: 3}", CPAC_QUANTITY_SQUARED_DISTANCE,
    -4, 0.0625 },
  { "{head: gaussian, layers: [l], mode: texture, threshold: 3}", CPAC_QUANTITY_SQUARED_DISTANCE,
    1e300, G_MAXDOUBLE / 255 / 16 },
  { "{head: combined, threshold: 1, range: [-1, 3], parts: [{head: map, anchors: [-4, 0]}, "
    "{head: gaussian, layers: [l], mode: texture, anchors: [1, 2]}]}",
    CPAC_QUANTITY_MAP_SCORE, 1, 0.5 },
  { "{head: combined, threshold: 1, range: [-1, 3], parts: [{head: map, anchors: [-4, 0]}, "
    "{head: gaussian, layers: [l], mode: texture, anchors: [1, 2]}]}",
    CPAC_QUANTITY_SQUARED_DISTANCE, 3, 1 },
};

static void
test_limits (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    const char *layers = limits[i].quantity == CPAC_QUANTITY_LOGIT_DIFFERENCE
                             ? "[{type: linear, units: 2}]"
                             : LAYERS;
    g_autoptr (CpacModel) model =
        explain_model (layers, (CpacDims){ 1, SIZE, SIZE }, limits[i].score, 1);
    CpacThresholds in_force = { limits[i].threshold, limits[i].threshold };

    g_assert_cmpfloat (cpac_component_maps_get_limit (model, limits[i].quantity, &in_force), ==,
                       limits[i].limit);
  }
}

#define ADD(name, score, test)                                                                     \
  g_test_add ("/component-maps/" name, Fixture, score, setup, test, teardown)
#define MAP "{head: map, threshold: 0, range: [-2, 2]}"
#define GAUSSIAN "{head: gaussian, threshold: 1, layers: [m], mode: position-mean, top: 0.1}"

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("published/map", MAP, test_published);
  ADD ("published/gaussian", GAUSSIAN, test_published);
  ADD ("scores-stay/map", MAP, test_scores_stay);
  ADD ("scores-stay/gaussian", GAUSSIAN, test_scores_stay);
  ADD ("failure", MAP, test_failure);
  ADD ("passed", MAP, test_passed);
  for (guint i = 0; i < G_N_ELEMENTS (masked); i++) {
    g_autofree char *path = g_strdup_printf ("/component-maps/masked/%s", masked[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_masked);
  }
  g_test_add_func ("/component-maps/limits", test_limits);
  return g_test_run ();
}
