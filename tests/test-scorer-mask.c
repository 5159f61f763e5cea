/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an ignore mask does to a score, its map and its regions. */

#include "core/score/scorer.h"

#include "tests/toy-model.h"

#define SIDE 10
#define CELLS (SIDE * SIDE)
#define INPUT "{width: 10, height: 10, channels: 1, mean: [0], scale: [1], resize: nearest}"
#define MAP_LAYERS "[{type: conv, name: c, filters: 1, kernel: 1, bias: false}]"
#define CLASS_LAYERS                                                                               \
  "[{type: conv, name: c, filters: 2, kernel: 1}, {type: global-average-pool, name: g}]"

static void
make_one (CpacParams *params)
{
  params->values[0]->data[0] = 1;
}

static CpacModel *
make_model (const char *layers, const char *score, ToyChange change)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *sha256 = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  CpacModel *model;

  folder_init (&folder);
  sha256 = put_weights (&folder, "w.safetensors", layers, (CpacDims){ 1, SIDE, SIDE }, 1, change);
  text = g_strdup_printf ("cpac-model: 1\nname: toy\ninput: " INPUT "\n"
                          "weights: {file: w.safetensors, sha256: %s}\nlayers: %s\nscore: %s\n",
                          sha256, layers, score);
  model = load_text (&folder, text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  return model;
}

/* With the columns from @first to before @end ignored. */
static CpacScorer *
make_scorer (CpacModel *model, guint first, guint end, GError **error)
{
  static const CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = SIDE, .height = SIDE };
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (CpacIgnoreMask) mask = NULL;
  guint8 row[SIDE];
  CpacScorer *scorer;

  for (guint x = 0; x < SIDE; x++)
    row[x] = x >= first && x < end;
  mask = cpac_ignore_mask_new (row, SIDE, 1, "cc");
  options.ignore_mask = mask;
  scorer = cpac_scorer_new (model, &options, error);
  g_assert_nonnull (scorer);
  cpac_scorer_set_stream (scorer, &info, NULL, error);
  return scorer;
}

static const CpacInspection *
score (CpacScorer *scorer, const guint8 *pixels)
{
  static const CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = SIDE, .height = SIDE };
  CpacFrame frame = { &info, { pixels }, { SIDE } };

  return cpac_scorer_score (scorer, &frame, NULL);
}

/* Spots of 90 at (2, 2) and 180 at (7, 7): 3x3 cells of 10 and 20, nothing else. */
static const struct {
  const char *name, *head;
  guint first, end;
  double score;
  guint n_regions;
} rows[] = {
  { "nothing", "{head: map, threshold: 8}", 0, 0, 20, 2 },
  { "larger", "{head: map, threshold: 8}", 5, 10, 10, 1 },
  { "smaller", "{head: map, threshold: 8}", 0, 5, 20, 1 },
  { "between", "{head: map, threshold: 8}", 4, 6, 20, 2 },
  /* The share stays that of all cells: 18 of 100 were 9 of 20 and 9 of 10, are 9 of 20 and 9 of 0.
   */
  { "top", "{head: map, threshold: 8, top: 0.18}", 0, 0, 15, 2 },
  { "top-masked", "{head: map, threshold: 8, top: 0.18}", 0, 5, 10, 1 },
};

static void
test_map (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (CpacModel) model = make_model (MAP_LAYERS, rows[i].head, make_one);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) scorer = make_scorer (model, rows[i].first, rows[i].end, &error);
  guint8 pixels[CELLS] = { [2 * SIDE + 2] = 90, [7 * SIDE + 7] = 180 };
  const CpacInspection *result;

  g_assert_no_error (error);
  result = score (scorer, pixels);
  g_assert_cmpfloat (result->score, ==, rows[i].score);
  g_assert_cmpuint (result->n_regions, ==, rows[i].n_regions);
  g_assert_cmpstr (result->ignore_mask_sha256, ==, "cc");
  for (guint k = 0; k < CELLS; k++) {
    guint x = k % SIDE, y = k / SIDE;
    gboolean is_ignored = x >= rows[i].first && x < rows[i].end;
    double value = x >= 1 && x <= 3 && y >= 1 && y <= 3   ? 10
                   : x >= 6 && x <= 8 && y >= 6 && y <= 8 ? 20
                                                          : 0;

    g_assert_cmpfloat (cpac_scorer_get_map (scorer)[k], ==, is_ignored ? 0 : value);
    g_assert_cmpuint (result->heatmap[k], ==,
                      is_ignored               ? 0
                      : value * 255 / 16 > 255 ? 255
                                               : (guint) (value * 255 / 16 + 0.5));
  }
}

/* What is ignored has no say, however bright; nor does it show, be all else above the threshold. */
static void
test_wild (void)
{
  g_autoptr (CpacModel) model = make_model (MAP_LAYERS, "{head: map, threshold: 8}", make_one);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) scorer = make_scorer (model, 3, 5, &error);
  guint8 pixels[CELLS];
  const CpacInspection *result;

  g_assert_no_error (error);
  memset (pixels, 9, sizeof pixels);
  result = score (scorer, pixels);
  g_assert_cmpfloat (result->score, ==, 9);
  g_assert_cmpuint (result->n_regions, ==, 2);
  g_assert_cmpuint (result->heatmap[3], ==, 0);
  g_assert_cmpuint (result->heatmap[5], >, 128);
  for (guint y = 0; y < SIDE; y++)
    pixels[y * SIDE + 3] = pixels[y * SIDE + 4] = 255;
  result = score (scorer, pixels);
  /* A cell beside the mask has 3 of its 9 neighbours under it. */
  g_assert_cmpfloat (result->score, ==, (6 * 9 + 3 * 255) / 9.0);
}

/* A mask never raises a score, however much more of the map it is the mean of than is looked at,
 * and whatever lies under the mask. */
static void
test_never_raises (void)
{
  static const double tops[] = { 0.05, 0.5, 0.75, 1 };
  static const guint8 levels[][2] = { { 9, 0 }, { 9, 9 }, { 0, 9 }, { 4, 200 } };

  for (guint t = 0; t < G_N_ELEMENTS (tops); t++) {
    g_autofree char *head = g_strdup_printf ("{head: map, threshold: 8, top: %g}", tops[t]);
    g_autoptr (CpacModel) model = make_model (MAP_LAYERS, head, make_one);
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacScorer) plain = make_scorer (model, 0, 0, &error);

    for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
      for (guint end = 1; end < SIDE; end += 2) {
        g_autoptr (CpacScorer) masked = make_scorer (model, 0, end, &error);
        guint8 pixels[CELLS];

        g_assert_no_error (error);
        for (guint k = 0; k < CELLS; k++)
          pixels[k] = k % SIDE < 5 ? levels[i][1] : levels[i][0];
        g_assert_cmpfloat (score (masked, pixels)->score, <=, score (plain, pixels)->score);
      }
  }
}

static void
test_min_area (void)
{
  g_autoptr (CpacModel) model = make_model (MAP_LAYERS, "{head: map, threshold: 8}", make_one);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) scorer = make_scorer (model, 0, 0, &error);
  /* In the corner the block has 4 cells, and their means have fewer to share with. */
  guint8 pixels[CELLS] = { [0] = 90, [7 * SIDE + 7] = 180 };

  g_assert_no_error (error);
  g_assert_cmpuint (score (scorer, pixels)->n_regions, ==, 2);
  cpac_scorer_set_min_region_area (scorer, 4);
  g_assert_cmpuint (score (scorer, pixels)->n_regions, ==, 2);
  cpac_scorer_set_min_region_area (scorer, 5);
  g_assert_cmpuint (score (scorer, pixels)->n_regions, ==, 1);
  cpac_scorer_set_min_region_area (scorer, G_MAXUINT);
  g_assert_cmpuint (score (scorer, pixels)->n_regions, ==, 0);
  g_assert_cmpint (score (scorer, pixels)->verdict, ==, CPAC_VERDICT_NOT_OK);
  g_assert_true (score (scorer, pixels)->has_regions);
}

static void
test_nothing_left (void)
{
  g_autoptr (CpacModel) model = make_model (MAP_LAYERS, "{head: map, threshold: 8}", make_one);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) scorer = make_scorer (model, 0, SIDE, &error);

  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "the ignore mask leaves nothing to look at of 10x10 pixels at 0,0 of a frame of "
                   "10x10");
  g_assert_false (cpac_scorer_has_stream (scorer));
}

/* A classifier has no map, so that the mask may even cover the whole frame. */
static void
test_classifier (void)
{
  static const char head[] = "{head: classifier, classes: [a, b], good: [a], threshold: 0.5}";
  g_autoptr (CpacModel) model = make_model (CLASS_LAYERS, head, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) plain = make_scorer (model, 0, 0, &error);
  g_autoptr (CpacScorer) masked = make_scorer (model, 0, SIDE, &error);
  guint8 pixels[CELLS];

  g_assert_no_error (error);
  for (guint i = 0; i < CELLS; i++)
    pixels[i] = (guint8) i;
  g_assert_cmpfloat (score (masked, pixels)->score, ==, score (plain, pixels)->score);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/scorer-mask/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_map);
  }
  g_test_add_func ("/scorer-mask/wild", test_wild);
  g_test_add_func ("/scorer-mask/never-raises", test_never_raises);
  g_test_add_func ("/scorer-mask/min-area", test_min_area);
  g_test_add_func ("/scorer-mask/nothing-left", test_nothing_left);
  g_test_add_func ("/scorer-mask/classifier", test_classifier);
  return g_test_run ();
}
