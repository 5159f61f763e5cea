/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/scorer.h"

#include <math.h>
#include <string.h>

#include "tests/toy-model.h"

/* A network that hands its 6x4 input on as the map (conv 1x1 of weight 1): raw logits are pixels.
 */
#define MAP_LAYERS "[{type: conv, name: c, filters: 1, kernel: 1, bias: false}]"
#define MAP_INPUT "{width: 6, height: 4, channels: 1, mean: [0], scale: [1], resize: nearest}"
/* Pixels as small numbers of either sign, the usual logits. */
#define FINE_INPUT "{width: 6, height: 4, channels: 1, mean: [99], scale: [17], resize: nearest}"

static void
make_one (CpacParams *params)
{
  params->values[0]->data[0] = 1;
}

static void
make_huge (CpacParams *params)
{
  for (guint i = 0; i < params->n_params; i++)
    for (gsize k = 0; k < cpac_shape_count (&params->values[i]->shape); k++)
      params->values[i]->data[k] = 3e38f;
}

static CpacModel *
make_map (const char *input, const char *score, ToyChange change)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *sha256 = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  CpacModel *model;

  folder_init (&folder);
  sha256 = put_weights (&folder, "w.safetensors", MAP_LAYERS, (CpacDims){ 1, 4, 6 }, 1, change);
  text = g_strdup_printf ("cpac-model: 1\nname: map\ninput: %s\n"
                          "weights: {file: w.safetensors, sha256: %s}\nlayers: " MAP_LAYERS "\n"
                          "score: %s\n",
                          input, sha256, score);
  model = load_text (&folder, text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  return model;
}

typedef struct {
  CpacFrameInfo info;
  guint8 pixels[64 * 64];
  CpacFrame frame;
} Picture;

static void
picture_init (Picture *picture, guint width, guint height)
{
  *picture = (Picture){ .info = { .format = CPAC_PIXEL_GRAY8, .width = width, .height = height } };
  picture->frame = (CpacFrame){ &picture->info, { picture->pixels }, { width } };
}

static CpacScorer *
make_scorer (CpacModel *model, const Picture *picture, const CpacRect *region)
{
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  CpacScorer *scorer = cpac_scorer_new (model, &options, &error);

  g_assert_no_error (error);
  g_assert_false (cpac_scorer_has_stream (scorer));
  cpac_scorer_set_stream (scorer, &picture->info, region, &error);
  g_assert_no_error (error);
  g_assert_true (cpac_scorer_has_stream (scorer));
  return scorer;
}

/* One cell of 180 at (2, 2) of an otherwise black 6x4 picture: 3x3 block of 20 about it. */
static void
test_map (void)
{
  g_autoptr (CpacModel) model =
      make_map (MAP_INPUT, "{head: map, threshold: 16, warn-threshold: 15}", make_one);
  g_autoptr (CpacScorer) scorer = NULL;
  const CpacInspection *result;
  Picture picture;

  picture_init (&picture, 6, 4);
  picture.pixels[2 * 6 + 2] = 180;
  scorer = make_scorer (model, &picture, NULL);
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_SCORED);
  g_assert_cmpint (result->verdict, ==, CPAC_VERDICT_NOT_OK);
  g_assert_true (result->has_score && result->has_thresholds && result->has_regions);
  /* Cells of the bottom row have 6 neighbours: 180 / 6. */
  g_assert_cmpfloat (result->score, ==, 30);
  g_assert_cmpfloat (result->threshold, ==, 16);
  g_assert_cmpfloat (result->warn_threshold, ==, 15);
  g_assert_cmpuint (result->n_regions, ==, 1);
  g_assert_cmpfloat (result->regions[0].x, ==, 1.0 / 6);
  g_assert_cmpfloat (result->regions[0].y, ==, 1.0 / 4);
  g_assert_cmpfloat (result->regions[0].width, ==, 3.0 / 6);
  g_assert_cmpfloat (result->regions[0].height, ==, 3.0 / 4);
  g_assert_cmpfloat (result->regions[0].score, ==, 30);
  g_assert_cmpfloat (result->regions[0].area, ==, 9);
  g_assert_cmpuint (result->map_width, ==, 6);
  g_assert_cmpuint (result->map_height, ==, 4);
  /* 20 on the scale 8..24 is 191.25; 30 is above its end, 0 below its beginning. */
  g_assert_cmpuint (result->heatmap[1 * 6 + 1], ==, 191);
  g_assert_cmpuint (result->heatmap[3 * 6 + 1], ==, 255);
  g_assert_cmpuint (result->heatmap[0], ==, 0);
  g_assert_cmpfloat (cpac_scorer_get_map (scorer)[2 * 6 + 3], ==, 20);
  g_assert_cmpfloat (cpac_scorer_get_input (scorer)[2 * 6 + 2], ==, 180);
  g_assert_cmpfloat (cpac_scorer_get_output (scorer)[2 * 6 + 2], ==, 180);
  g_assert_cmpstr (result->model, ==, "map");
  g_assert_null (result->classes);
}

/* The score of a calibrated model as a share of good parts and on the common scale, by hand: 9
 * parts scored 1 to 9; 30 is above all of them, 4.5 between the fourth and the fifth. */
static void
test_calibrated (void)
{
  static const char score[] =
      "{head: map, threshold: 8, calibration: {parts: 9, max-false-reject: 0.5, confidence: 0.5, "
      "promised-false-reject: 0.5, data-sha256: %s, scoring-sha256: %s, "
      "quantiles: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}";
  g_autofree char *section = NULL;
  g_autoptr (CpacModel) bare = make_map (MAP_INPUT, "{head: map, threshold: 8}", make_one);
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacScorer) scorer = NULL;
  CpacThresholds manual = { 30, 30 };
  const CpacInspection *result;
  Picture picture;

  section = g_strdup_printf (score, cpac_model_get_config_sha256 (bare),
                             cpac_model_get_scoring_sha256 (bare));
  model = make_map (MAP_INPUT, section, make_one);
  picture_init (&picture, 6, 4);
  picture.pixels[2 * 6 + 2] = 180;
  scorer = make_scorer (model, &picture, NULL);
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_true (result->has_normalized && result->has_p_value);
  g_assert_cmpfloat (result->score, ==, 30);
  g_assert_cmpfloat (result->p_value, ==, 0.1);
  g_assert_cmpfloat (result->score_normalized, >, 0.5);
  /* Black is the median good part's score, 5; white the threshold and as much again. */
  g_assert_cmpfloat (result->heatmap_min, ==, 5);
  g_assert_cmpfloat (result->heatmap_max, ==, 11);
  /* Under the threshold in force. */
  result = cpac_scorer_score (scorer, &picture.frame, &manual);
  g_assert_cmpfloat (result->score_normalized, ==, 0.5);
  g_assert_cmpfloat (result->p_value, ==, 0.1);
  picture.pixels[2 * 6 + 2] = 27;
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpfloat (result->score, ==, 4.5);
  g_assert_cmpfloat_with_epsilon (result->p_value, 0.65, 1e-15);
  g_assert_cmpfloat (result->score_normalized, <, 0.1);
  /* A frame that was not looked at has neither. */
  result = cpac_scorer_pass (scorer, CPAC_STATUS_SKIPPED, NULL);
  g_assert_false (result->has_normalized || result->has_p_value);
}

/* What is found in a region of interest is told in terms of the whole frame. */
static void
test_region (void)
{
  g_autoptr (CpacModel) model = make_map (MAP_INPUT, "{head: map, threshold: 16}", make_one);
  static const CpacRect rect = { 10, 20, 24, 8 };
  g_autoptr (CpacScorer) scorer = NULL;
  const CpacInspection *result;
  Picture picture;

  picture_init (&picture, 48, 32);
  /* Cell (1, 4) of the map is the pixels [26, 30) x [22, 24): a cell of 4x2 pixels. */
  for (guint i = 22; i < 24; i++)
    memset (picture.pixels + i * 48 + 26, 180, 4);
  /* Outside the region: must not matter. */
  memset (picture.pixels, 255, 20 * 48);
  scorer = make_scorer (model, &picture, &rect);
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  /* Cell (0, 5) is a corner with 4 neighbours: 180 / 4. */
  g_assert_cmpfloat (result->score, ==, 45);
  g_assert_cmpuint (result->region.x, ==, 10);
  g_assert_cmpuint (result->region.height, ==, 8);
  g_assert_cmpuint (result->width, ==, 48);
  g_assert_cmpuint (result->n_regions, ==, 1);
  /* Cells [3, 6) x [0, 3). */
  g_assert_cmpfloat_with_epsilon (result->regions[0].x, 22.0 / 48, 1e-15);
  g_assert_cmpfloat_with_epsilon (result->regions[0].y, 20.0 / 32, 1e-15);
  g_assert_cmpfloat_with_epsilon (result->regions[0].width, 12.0 / 48, 1e-15);
  g_assert_cmpfloat_with_epsilon (result->regions[0].height, 6.0 / 32, 1e-15);
  g_assert_cmpfloat (result->regions[0].area, ==, 9 * 8);
}

/* A value at the threshold in force is mid-gray, 128, whatever the threshold; and the verdict, the
 * regions and the scale follow it. */
static void
test_mid_gray (void)
{
  g_autoptr (CpacModel) model = make_map (FINE_INPUT, "{head: map, threshold: 0.3}", make_one);
  g_autoptr (CpacScorer) scorer = NULL;
  Picture picture;

  picture_init (&picture, 6, 4);
  scorer = make_scorer (model, &picture, NULL);
  for (guint value = 0; value <= 255; value++) {
    CpacThresholds manual;
    const CpacInspection *result;

    /* A flat picture but for one cell, so that means are fractions of 9. */
    memset (picture.pixels, (int) value, sizeof picture.pixels);
    picture.pixels[9] = (guint8) (value * 37);
    cpac_scorer_score (scorer, &picture.frame, NULL);
    manual.threshold = manual.warn_threshold = cpac_scorer_get_map (scorer)[8];
    result = cpac_scorer_score (scorer, &picture.frame, &manual);
    g_assert_cmpuint (result->heatmap[8], ==, 128);
    g_assert_cmpfloat (result->threshold, ==, manual.threshold);
    g_assert_cmpint (result->verdict, ==,
                     result->score > manual.threshold ? CPAC_VERDICT_NOT_OK : CPAC_VERDICT_OK);
    g_assert_cmpint (result->n_regions > 0, ==, result->score > manual.threshold);
  }
}

/* Thresholds beyond all reason leave a scale without width, or none at all: still a frame with a
 * score, and bytes that are defined. */
static void
test_absurd_thresholds (void)
{
  static const struct {
    double threshold;
    CpacVerdict verdict;
  } rows[] = {
    { 1e30, CPAC_VERDICT_OK },        { -1e30, CPAC_VERDICT_NOT_OK },
    { G_MAXDOUBLE, CPAC_VERDICT_OK }, { INFINITY, CPAC_VERDICT_OK },
    { NAN, CPAC_VERDICT_UNDEFINED },
  };
  g_autoptr (CpacModel) model =
      make_map (MAP_INPUT, "{head: map, threshold: 1, range: [1, 1.0000000000000002]}", make_one);
  g_autoptr (CpacScorer) scorer = NULL;
  Picture picture;

  picture_init (&picture, 6, 4);
  memset (picture.pixels, 1, sizeof picture.pixels);
  scorer = make_scorer (model, &picture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacThresholds manual = { rows[i].threshold, rows[i].threshold };
    const CpacInspection *result = cpac_scorer_score (scorer, &picture.frame, &manual);

    g_assert_cmpint (result->status, ==, CPAC_STATUS_SCORED);
    g_assert_cmpint (result->verdict, ==, rows[i].verdict);
    g_assert_cmpfloat (result->score, ==, 1);
    for (guint k = 0; k < 24; k++)
      g_assert_cmpuint (result->heatmap[k], ==, rows[i].verdict == CPAC_VERDICT_NOT_OK ? 255 : 0);
  }
  g_assert_cmpuint (cpac_scorer_score (scorer, &picture.frame, NULL)->heatmap[0], ==, 0);
}

/* A network that overflows: an error, no score, no map, nothing released; the next stream is fine.
 */
static void
test_not_finite (void)
{
  g_autoptr (CpacModel) model = make_map (MAP_INPUT, "{head: map, threshold: 16}", make_huge);
  g_autoptr (CpacScorer) scorer = NULL;
  const CpacInspection *result;
  Picture picture;

  picture_init (&picture, 6, 4);
  picture.pixels[13] = 2;
  scorer = make_scorer (model, &picture, NULL);
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_ERROR);
  g_assert_cmpint (result->verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_false (result->has_score);
  g_assert_null (result->heatmap);
  g_assert_false (result->has_regions);
  g_assert_cmpuint (result->n_features, ==, 0);
  /* A black frame does not overflow: 0 is in order. */
  picture.pixels[13] = 0;
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_SCORED);
  g_assert_cmpfloat (result->score, ==, 0);
}

static void
test_pass (void)
{
  g_autoptr (CpacModel) model =
      make_map (MAP_INPUT, "{head: map, threshold: 16, warn-threshold: 2}", make_one);
  CpacThresholds manual = { 7, 5 };
  g_autoptr (CpacScorer) scorer = NULL;
  const CpacInspection *result;
  Picture picture;

  picture_init (&picture, 6, 4);
  picture.pixels[13] = 180;
  scorer = make_scorer (model, &picture, NULL);
  cpac_scorer_score (scorer, &picture.frame, NULL);
  result = cpac_scorer_pass (scorer, CPAC_STATUS_SKIPPED, &manual);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_SKIPPED);
  g_assert_cmpint (result->verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_false (result->has_score || result->has_regions);
  g_assert_null (result->heatmap);
  g_assert_cmpfloat (result->threshold, ==, 7);
  g_assert_cmpfloat (result->warn_threshold, ==, 5);
  g_assert_cmpuint (result->width, ==, 6);
  g_assert_cmpuint (result->region.width, ==, 6);
  g_assert_nonnull (result->model_sha256);
}

static void
test_classes_and_features (void)
{
  static const char layers[] = "[{type: relu, name: r}, {type: linear, name: l, units: 3}]";
  static const char *const features[] = { "l", "r", NULL }, *const unknown[] = { "r", "x", NULL };
  CpacScorerOptions options = { .n_threads = 2, .features = features };
  g_auto (Folder) folder = { 0 };
  g_autofree char *sha256 = NULL, *text = NULL;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacScorer) scorer = NULL;
  g_autoptr (GError) error = NULL;
  const CpacInspection *result;
  double sum = 0;
  Picture picture;

  folder_init (&folder);
  sha256 = put_weights (&folder, "w.safetensors", layers, (CpacDims){ 1, 4, 6 }, 5, NULL);
  text =
      g_strdup_printf ("cpac-model: 1\nname: toy\ninput: " MAP_INPUT "\n"
                       "weights: {file: w.safetensors, sha256: %s}\nlayers: %s\n"
                       "score: {head: classifier, classes: [a, b, c], good: [b], threshold: 0.5}\n",
                       sha256, layers);
  model = load_text (&folder, text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  picture_init (&picture, 6, 4);
  picture.pixels[5] = 1;
  scorer = cpac_scorer_new (model, &options, &error);
  g_assert_no_error (error);
  cpac_scorer_set_stream (scorer, &picture.info, NULL, &error);
  g_assert_no_error (error);
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpuint (result->n_classes, ==, 3);
  for (guint i = 0; i < 3; i++)
    sum += result->probabilities[i];
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-15);
  g_assert_cmpfloat_with_epsilon (result->score, 1 - result->probabilities[1], 1e-15);
  g_assert_null (result->heatmap);
  g_assert_false (result->has_regions);
  g_assert_null (cpac_scorer_get_map (scorer));
  g_assert_cmpuint (result->n_features, ==, 2);
  g_assert_cmpstr (result->features[0].layer, ==, "l");
  g_assert_cmpuint (result->features[0].dims.channels, ==, 3);
  g_assert_cmpmem (result->features[0].data, 3 * sizeof (float), cpac_scorer_get_output (scorer),
                   3 * sizeof (float));
  g_assert_cmpfloat (result->features[1].data[5], ==, 1);
  options.features = unknown;
  g_assert_null (cpac_scorer_new (model, &options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_true (g_str_has_suffix (
      error->message, "there is no layer \"x\" whose feature maps could be published"));
}

/* A stream that cannot be leaves the scorer without one, and another may follow. */
static void
test_stream (void)
{
  g_autoptr (CpacModel) model = make_map (MAP_INPUT, "{head: none}", make_one);
  static const CpacRect outside = { 3, 0, 6, 4 };
  g_autoptr (CpacScorer) scorer = NULL;
  g_autoptr (GError) error = NULL;
  const CpacInspection *result;
  Picture picture;

  picture_init (&picture, 6, 4);
  scorer = make_scorer (model, &picture, NULL);
  g_assert_false (cpac_scorer_set_stream (scorer, &picture.info, &outside, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_false (cpac_scorer_has_stream (scorer));
  g_clear_error (&error);
  g_assert_true (cpac_scorer_set_stream (scorer, &picture.info, &(CpacRect){ 0 }, &error));
  result = cpac_scorer_score (scorer, &picture.frame, NULL);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_SCORED);
  g_assert_cmpint (result->verdict, ==, CPAC_VERDICT_UNDEFINED);
  g_assert_false (result->has_score || result->has_thresholds);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scorer/map", test_map);
  g_test_add_func ("/scorer/calibrated", test_calibrated);
  g_test_add_func ("/scorer/region", test_region);
  g_test_add_func ("/scorer/mid-gray", test_mid_gray);
  g_test_add_func ("/scorer/absurd-thresholds", test_absurd_thresholds);
  g_test_add_func ("/scorer/not-finite", test_not_finite);
  g_test_add_func ("/scorer/pass", test_pass);
  g_test_add_func ("/scorer/classes-and-features", test_classes_and_features);
  g_test_add_func ("/scorer/stream", test_stream);
  return g_test_run ();
}
