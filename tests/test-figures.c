/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <float.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "tests/scored-fixture.h"

/* Three good parts, one of two pictures; a tie of a good picture and a defect at 0.3, a defect at
 * the threshold of 0.5, a good picture above it. The second mask is twice as fine as its picture,
 * so its 48 pixels are 12 of the picture's. */
static const ScoredRow toy[] = {
  { "good", "a", 0.125, 0, 0 },  { "good", "a", 0.375, 0, 0 },  { "good", "b", 0.25, 0, 0 },
  { "good", "c", 0.625, 0, 0 },  { "scratch", "d", 0.5, 5, 0 }, { "scratch", "e", 0.9, 48, 2 },
  { "pit", "f", 0.375, 150, 0 }, { "pit", "g", 0.75, 0, 0 },
};

/* Clopper-Pearson at 95 % for few trials, from (alpha / 2)^(1 / n) and tables. */
static void
assert_rate (const FigureRate *rate, guint hits, guint n, double low, double high)
{
  g_assert_cmpuint (rate->hits, ==, hits);
  g_assert_cmpuint (rate->n, ==, n);
  g_assert_cmpfloat_with_epsilon (rate->by_picture.value, (double) hits / n, DBL_EPSILON);
  g_assert_cmpfloat_with_epsilon (rate->by_picture.low, low, 1e-4);
  g_assert_cmpfloat_with_epsilon (rate->by_picture.high, high, 1e-4);
  g_assert_cmpfloat (rate->by_part.value, ==, rate->by_picture.value);
  g_assert_true (rate->by_part.low <= rate->by_part.value);
  g_assert_true (rate->by_part.high >= rate->by_part.value);
}

static void
test_overall (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;

  scored_init (&fixture, toy, G_N_ELEMENTS (toy), 0.5, 0.5);
  figures = scored_measure (&fixture);
  g_assert_cmpuint (figures->n_groups, ==, 7);
  g_assert_cmpuint (figures->n_good, ==, 4);
  g_assert_cmpuint (figures->n_good_parts, ==, 3);
  g_assert_cmpuint (figures->n_defects, ==, 4);
  g_assert_cmpuint (figures->n_defective_parts, ==, 4);
  /* 0.5 beats 3 of 4, 0.9 and 0.75 all, 0.375 beats 2 and ties with 1. */
  g_assert_cmpfloat (figures->image_auroc.value, ==, (3 + 4 + 4 + 2.5) / 16);
  assert_rate (&figures->false_reject, 1, 4, 0.00631, 0.80588);
  assert_rate (&figures->detection, 2, 4, 0.06759, 0.93241);
  g_assert_cmpuint (figures->n_rejected_parts, ==, 1);
  g_assert_cmpfloat (figures->part_false_reject.value, ==, 1 / 3.0);
  g_assert_cmpfloat_with_epsilon (figures->f1.value, 4 / 7.0, DBL_EPSILON);
  /* Six called, four of them defects. */
  g_assert_cmpfloat_with_epsilon (figures->f1_max, 0.8, DBL_EPSILON);
  g_assert_cmpfloat (figures->f1_max_threshold, ==, 0.25);
}

/* None of 4 good pictures may be rejected at 1 %: the threshold is the best of them. */
static void
test_fixed (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;

  scored_init (&fixture, toy, G_N_ELEMENTS (toy), 0.5, 0.5);
  figures = scored_measure (&fixture);
  for (guint k = 0; k < FIGURES_N_RATES; k++) {
    g_assert_cmpfloat (figures->fixed[k].at.threshold, ==, 0.625);
    g_assert_cmpfloat (figures->fixed[k].detection.value, ==, 0.5);
    g_assert_false (figures->fixed[k].is_resolved);
  }
}

static void
test_resolved (void)
{
  static const struct {
    guint n_good;
    gboolean percent, per_mille;
  } rows[] = {
    { 99, FALSE, FALSE }, { 100, TRUE, FALSE }, { 999, TRUE, FALSE }, { 1000, TRUE, TRUE }
  };
  const CpacHead *head;
  g_auto (ScoredFixture) fixture = { 0 };

  scored_init (&fixture, toy, 2, 0.5, 0.5);
  head = &fixture.head;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GArray) pictures = g_array_new (FALSE, TRUE, sizeof (ScoredPicture));
    g_autoptr (GError) error = NULL;
    g_autoptr (Figures) figures = NULL;

    for (guint k = 0; k < rows[i].n_good; k++) {
      ScoredPicture picture = g_array_index (fixture.pictures, ScoredPicture, k % 2);

      picture.map = NULL;
      g_array_append_val (pictures, picture);
    }
    figures = figures_new (head, pictures, 1, 1, &error);
    g_assert_no_error (error);
    g_assert_cmpint (figures->fixed[0].is_resolved, ==, rows[i].percent);
    g_assert_cmpint (figures->fixed[1].is_resolved, ==, rows[i].per_mille);
  }
}

static void
test_rows (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  const FigureRow *row;

  scored_init (&fixture, toy, G_N_ELEMENTS (toy), 0.5, 0.5);
  figures = scored_measure (&fixture);
  g_assert_cmpuint (figures->per_class->len, ==, 2);
  row = &g_array_index (figures->per_class, FigureRow, 0);
  g_assert_cmpstr (row->label, ==, "pit");
  g_assert_cmpuint (row->n_parts, ==, 2);
  g_assert_cmpfloat (row->image_auroc.value, ==, (2.5 + 4) / 8);
  assert_rate (&row->detection, 1, 2, 0.01258, 0.98742);
  row++;
  g_assert_cmpstr (row->label, ==, "scratch");
  g_assert_cmpfloat (row->image_auroc.value, ==, (3 + 4) / 8.0);
  assert_rate (&row->detection, 1, 2, 0.01258, 0.98742);

  g_assert_cmpuint (figures->per_size->len, ==, 3);
  g_assert_cmpuint (figures->n_without_mask, ==, 1);
  row = &g_array_index (figures->per_size, FigureRow, 0);
  g_assert_cmpfloat (row->min_area, ==, 0);
  g_assert_cmpfloat (row->max_area, ==, 10);
  g_assert_cmpfloat (row->image_auroc.value, ==, 3 / 4.0);
  assert_rate (&row->detection, 0, 1, 0, 0.975);
  row++;
  g_assert_cmpfloat (row->min_area, ==, 10);
  g_assert_cmpfloat (row->max_area, ==, 30);
  g_assert_cmpfloat (row->image_auroc.value, ==, 1);
  assert_rate (&row->detection, 1, 1, 0.025, 1);
  row++;
  g_assert_cmpfloat (row->min_area, ==, 100);
  g_assert_cmpfloat (row->max_area, ==, 300);
  g_assert_cmpfloat (row->image_auroc.value, ==, 2.5 / 4);
}

/* Every pixel of a picture has its score. The defect pixels, 5 at 0.5, 48 at 0.9 and 150 at 0.375,
 * against four good pictures of 200 pixels and what is left of those with a mask: 195, 752 and 50;
 * the defect without a mask is left out. */
static void
test_pixels (void)
{
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  double at_half = 600 + 50 + 195 / 2.0, at_top = 800 + 195 + 50 + 752 / 2.0;
  double at_tie = 400 + (200 + 50) / 2.0, n_pairs = 203.0 * (800 + 195 + 752 + 50);

  scored_init (&fixture, toy, G_N_ELEMENTS (toy), 0.5, 0.5);
  figures = scored_measure (&fixture);
  g_assert_true (figures->has_pixels);
  g_assert_cmpuint (figures->n_regions, ==, 3);
  g_assert_cmpfloat_with_epsilon (figures->pixels.auroc.value,
                                  (5 * at_half + 48 * at_top + 150 * at_tie) / n_pairs,
                                  4 * DBL_EPSILON);
}

/* What cannot be measured is not a number, null in JSON, a word in the text; nothing fails. */
static void
test_awkward (void)
{
  static const ScoredRow good = { "good", "a", 0.25, 0, 0 }, bad = { "pit", "b", 0.75, 0, 0 };
  static const ScoredRow one_of_each[] = { { "good", "a", 0.25, 0, 0 },
                                           { "pit", "a", 0.75, 0, 0 } };
  static const struct {
    const ScoredRow *rows;
    guint n, n_good, n_good_parts, n_classes;
    double auroc, false_reject, detection;
  } rows[] = {
    { &good, 1, 1, 1, 0, NAN, 0, NAN },
    { &bad, 1, 0, 0, 1, NAN, NAN, 1 },
    { one_of_each, 2, 1, 0, 1, 1, 0, 1 },
    { NULL, 0, 0, 0, 0, NAN, NAN, NAN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (ScoredFixture) fixture = { 0 };
    g_autoptr (Figures) figures = NULL;
    g_autoptr (JsonNode) root = NULL;
    g_autofree char *json = NULL, *text = NULL;
    JsonObject *object;

    scored_init (&fixture, rows[i].rows, rows[i].n, 0.5, 0.5);
    figures = scored_measure (&fixture);
    g_assert_cmpuint (figures->n_good, ==, rows[i].n_good);
    g_assert_cmpuint (figures->n_good_parts, ==, rows[i].n_good_parts);
    g_assert_cmpuint (figures->per_class->len, ==, rows[i].n_classes);
    g_assert_cmpuint (figures->per_size->len, ==, 0);
    json = figures_to_json (figures, "toy", &fixture.head);
    root = json_from_string (json, NULL);
    object = json_node_get_object (root);
    g_assert_cmpint (json_object_get_null_member (object, "image_auroc"), ==,
                     isnan (rows[i].auroc) != 0);
    g_assert_cmpint (json_object_get_null_member (object, "false_reject"), ==,
                     isnan (rows[i].false_reject) != 0);
    g_assert_cmpint (json_object_get_null_member (object, "detection"), ==,
                     isnan (rows[i].detection) != 0);
    g_assert_true (json_object_get_null_member (object, "pixel_auroc"));
    g_assert_true (json_object_get_null_member (object, "aupro"));
    text = figures_to_text (figures, "toy", &fixture.head);
    g_assert_null (strstr (text, "nan"));
  }
}

/* All keys of the contract with the right number of ends. */
static void
test_json (void)
{
  static const char *const figures_with_interval[] = {
    "image_auroc", "average_precision", "f1",          "false_reject",           "detection",
    "aupro",       "part_false_reject", "pixel_auroc", "pixel_average_precision"
  };
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;
  JsonObject *object, *row;
  JsonArray *sizes;

  scored_init (&fixture, toy, G_N_ELEMENTS (toy), 0.5, 0.5);
  figures = scored_measure (&fixture);
  json = figures_to_json (figures, "toy", &fixture.head);
  root = json_from_string (json, NULL);
  object = json_node_get_object (root);
  for (guint i = 0; i < G_N_ELEMENTS (figures_with_interval); i++) {
    g_autofree char *ends = g_strconcat (figures_with_interval[i], "_ci", NULL);
    double value = json_object_get_double_member (object, figures_with_interval[i]);
    JsonArray *interval = json_object_get_array_member (object, ends);

    g_assert_cmpuint (json_array_get_length (interval), ==, 2);
    g_assert_true (json_array_get_double_element (interval, 0) <= value);
    g_assert_true (json_array_get_double_element (interval, 1) >= value);
  }
  sizes = json_object_get_array_member (object, "per_size");
  g_assert_cmpuint (json_array_get_length (sizes), ==, 3);
  row = json_array_get_object_element (sizes, 2);
  g_assert_cmpfloat (json_object_get_double_member (row, "max_area"), ==, 300);
  g_assert_cmpint (json_object_get_int_member (row, "n"), ==, 1);
  row = json_array_get_object_element (json_object_get_array_member (object, "fixed_false_reject"),
                                       1);
  g_assert_false (json_object_get_boolean_member (row, "resolved"));
  g_assert_cmpint (json_object_get_int_member (row, "n_good_parts"), ==, 3);
}

static void
test_broken_mask (void)
{
  static const ScoredRow rows[] = { { "good", "a", 0, 0, 0 }, { "pit", "b", 1, 9, 0 } };
  g_auto (ScoredFixture) fixture = { 0 };
  g_autoptr (Figures) figures = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *mask = NULL;

  scored_init (&fixture, rows, 2, 0.5, 0.5);
  mask = put (&fixture.folder, "m1.png", "no picture", 10);
  figures = figures_new (&fixture.head, fixture.pictures, 10, 1, &error);
  g_assert_null (figures);
  g_assert_nonnull (strstr (error->message, "m1.png"));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/figures/overall", test_overall);
  g_test_add_func ("/figures/fixed", test_fixed);
  g_test_add_func ("/figures/resolved", test_resolved);
  g_test_add_func ("/figures/rows", test_rows);
  g_test_add_func ("/figures/pixels", test_pixels);
  g_test_add_func ("/figures/awkward", test_awkward);
  g_test_add_func ("/figures/json", test_json);
  g_test_add_func ("/figures/broken-mask", test_broken_mask);
  return g_test_run ();
}
