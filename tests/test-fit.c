/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/fit.h"

#include <math.h>

#include "core/network/run.h"
#include "tests/toy-training.h"

#define LAYERS                                                                                     \
  "[{type: conv, name: a, filters: 3, kernel: 3}, {type: relu, name: r}, "                         \
  "{type: conv, name: b, filters: 2, kernel: 2, stride: 2}]"

/* Pictures, network and gaussian of one fit. */
typedef struct {
  CpacNetwork *network;
  CpacParams *params;
  CpacHead *head;
  CpacGaussian *gaussian;
  CpacManifest *manifest;
  CpacDataset *dataset;
  CpacFitOptions options;
} Toy;

static CpacManifest *
make_manifest (guint n_train, guint n_val)
{
  g_autoptr (GString) text = g_string_new ("path,split,label,mask,group\nspot,train,spot,,s\n"
                                           "spot-val,val,spot,,v\n");
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest;

  for (guint i = 0; i < n_train + n_val; i++)
    g_string_append_printf (text, "good-%u,%s,good,,%u\n", i, i < n_train ? "train" : "val", i);
  manifest = cpac_manifest_parse_csv ("toy.csv", "", text->str, text->len, &error);
  g_assert_no_error (error);
  return manifest;
}

static void
toy_init (Toy *toy, const char *score, guint n_train, guint n_val, gsize max_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) layers = cpac_config_parse ("layers", LAYERS, strlen (LAYERS), &error);
  g_autoptr (CpacConfig) map = cpac_config_parse ("score", score, strlen (score), &error);
  CpacDims dims = { 1, TOY_SIDE, TOY_SIDE };
  CpacDatasetOptions options = {
    .input = { .width = TOY_SIDE,
               .height = TOY_SIDE,
               .channels = 1,
               .mean = { 100 },
               .scale = { 60 },
               .min_width = 1,
               .min_height = 1 },
    .max_bytes = max_bytes,
    .n_threads = 1,
    .open = toy_picture_open,
  };

  toy->network = cpac_network_new (layers, &dims, &error);
  g_assert_no_error (error);
  toy->params = cpac_params_new_random (toy->network, 5);
  toy->head = cpac_head_new (map, cpac_network_get_output (toy->network), &error);
  g_assert_no_error (error);
  toy->gaussian = cpac_gaussian_new (map, toy->network, &error);
  g_assert_no_error (error);
  toy->manifest = make_manifest (n_train, n_val);
  options.head = toy->head;
  toy->dataset = cpac_dataset_open (toy->manifest, &options, &error);
  g_assert_no_error (error);
  toy->options = (CpacFitOptions){
    .network = toy->network,
    .params = toy->params,
    .head = toy->head,
    .dataset = toy->dataset,
    .shrinkage = -1,
    .n_threads = 1,
  };
}

static void
toy_clear (Toy *toy)
{
  cpac_dataset_free (toy->dataset);
  cpac_manifest_free (toy->manifest);
  cpac_gaussian_free (toy->gaussian);
  cpac_head_free (toy->head);
  cpac_params_free (toy->params);
  cpac_network_free (toy->network);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Toy, toy_clear)

static const char *const modes[] = { "texture", "position-mean", "position" };

/* (transfer full) */
static char *
make_score (const char *mode, const char *more)
{
  return g_strdup_printf (
      "{head: gaussian, good: [good], threshold: 0, layers: [a, b], mode: %s%s}", mode, more);
}

/* ---- Against the definition ---- */

static void
turn (float *plane, gboolean mirror, gboolean upside_down)
{
  float copy[TOY_SIDE * TOY_SIDE];

  memcpy (copy, plane, sizeof copy);
  for (guint y = 0; y < TOY_SIDE; y++)
    for (guint x = 0; x < TOY_SIDE; x++)
      plane[y * TOY_SIDE + x] =
          copy[(upside_down ? TOY_SIDE - 1 - y : y) * TOY_SIDE + (mirror ? TOY_SIDE - 1 - x : x)];
}

/* Adds the squares of the distances of every cell of a good picture; returns its score. */
static double
measure (const Toy *toy, CpacSplit split, guint index, guint copy, double *squares)
{
  const CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  const CpacGaussian *g = toy->gaussian;
  g_autoptr (CpacRun) run = cpac_run_new (toy->network, toy->params, &options);
  g_autofree float *scratch = g_new (float, cpac_gaussian_get_scratch (g));
  gsize cells = (gsize) g->width * g->height;
  g_autofree float *map = g_new (float, cells);
  const float *maps[2];
  double largest = 0;

  g_assert_true (
      cpac_dataset_get_input (toy->dataset, split, index, cpac_run_get_input (run, 0), NULL));
  turn (cpac_run_get_input (run, 0), copy & 1, copy & 2);
  cpac_run_forward (run);
  for (guint i = 0; i < g->n_layers; i++)
    maps[i] = cpac_run_get_output (run, g->layers[i], 0);
  cpac_gaussian_measure (g, maps, scratch, map);
  for (gsize k = 0; k < cells; k++) {
    squares[k] += (double) map[k] * map[k];
    largest = MAX (largest, map[k]);
  }
  return largest;
}

/* Without shrinkage, the mean over all that was fitted to of d^2 is tr (W C W^T) / n = 1: over all
 * pictures and cells, or over the pictures at each cell. A whitening in float of a covariance whose
 * condition is below 1e5 gives squares to 2^-24 1e5. */
static void
check_mean_square (const char *mode, const char *more, gboolean copies)
{
  g_autofree char *score = make_score (mode, more);
  g_auto (Toy) toy = { 0 };
  g_autoptr (GError) error = NULL;
  double squares[64] = { 0 }, sum = 0;
  gsize cells;
  CpacFit fit;

  toy_init (&toy, score, 67, 2, 1 << 20);
  toy.options.shrinkage = 0;
  toy.options.mirror = toy.options.upside_down = copies;
  cpac_fit (&toy.options, toy.gaussian, &fit, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fit.n, ==, 67);
  g_assert_cmpuint (fit.n_copies, ==, copies ? 4 : 1);
  g_assert_cmpfloat (fit.shrinkage, ==, 0);
  cells = (gsize) toy.gaussian->width * toy.gaussian->height;
  for (guint i = 0; i < cpac_dataset_get_n (toy.dataset, CPAC_SPLIT_TRAIN); i++)
    for (guint copy = 0; copy < fit.n_copies; copy++)
      if (!cpac_dataset_get_item (toy.dataset, CPAC_SPLIT_TRAIN, i)->defect)
        measure (&toy, CPAC_SPLIT_TRAIN, i, copy, squares);
  for (gsize k = 0; k < cells; k++) {
    if (toy.gaussian->mode == CPAC_GAUSSIAN_POSITION)
      g_assert_cmpfloat_with_epsilon (squares[k] / (67 * fit.n_copies), 1, 6e-3);
    sum += squares[k];
  }
  g_assert_cmpfloat_with_epsilon (sum / (double) (67 * fit.n_copies * cells), 1, 6e-3);
}

static void
test_mean_square (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    check_mean_square (modes[i], "", FALSE);
    check_mean_square (modes[i], ", channels: 2", TRUE);
  }
}

/* Good pictures of val, between which the quantile is linear: 3 of 4 lie below the median of five,
 * 0.95 of the way is 0.8 from the fourth to the fifth. */
static void
test_held_out (void)
{
  g_autofree char *score = make_score ("texture", "");
  g_auto (Toy) toy = { 0 };
  g_autoptr (GError) error = NULL;
  double scores[5], squares[64];
  guint n = 0;
  CpacFit fit;

  toy_init (&toy, score, 30, 5, 1 << 20);
  cpac_fit (&toy.options, toy.gaussian, &fit, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fit.n_held_out, ==, 5);
  /* Ledoit and Wolf's is the least allowed or more, and small for 1080 values of 5 channels. */
  g_assert_cmpfloat (fit.shrinkage, >=, 1e-4);
  g_assert_cmpfloat (fit.shrinkage, <, 0.1);
  for (guint i = 0; i < cpac_dataset_get_n (toy.dataset, CPAC_SPLIT_VAL); i++) {
    double value;
    guint at = n;

    if (cpac_dataset_get_item (toy.dataset, CPAC_SPLIT_VAL, i)->defect)
      continue;
    value = measure (&toy, CPAC_SPLIT_VAL, i, 0, squares);
    for (; at > 0 && scores[at - 1] > value; at--)
      scores[at] = scores[at - 1];
    scores[at] = value;
    n++;
  }
  g_assert_cmpuint (n, ==, 5);
  /* Training's own arithmetic rounds differently. */
  g_assert_cmpfloat_with_epsilon (fit.good.median, scores[2], 1e-4);
  g_assert_cmpfloat_with_epsilon (fit.good.high, 0.2 * scores[3] + 0.8 * scores[4], 1e-4);
}

/* The same bytes at 1 and 3 threads, and whether pictures are kept or decoded again. */
static void
test_threads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree char *score = make_score (modes[i], "");
    g_auto (Toy) one = { 0 }, three = { 0 };
    g_autoptr (GError) error = NULL;
    CpacFit first, second;
    gsize n_mean, n_whitening;

    toy_init (&one, score, 45, 3, 1 << 20);
    toy_init (&three, score, 45, 3, 0);
    three.options.n_threads = 3;
    cpac_fit (&one.options, one.gaussian, &first, &error);
    g_assert_no_error (error);
    cpac_fit (&three.options, three.gaussian, &second, &error);
    g_assert_no_error (error);
    n_mean = cpac_shape_count (&one.gaussian->mean->shape) * sizeof (float);
    n_whitening = cpac_shape_count (&one.gaussian->whitening->shape) * sizeof (float);
    g_assert_cmpmem (one.gaussian->mean->data, n_mean, three.gaussian->mean->data, n_mean);
    g_assert_cmpmem (one.gaussian->whitening->data, n_whitening, three.gaussian->whitening->data,
                     n_whitening);
    g_assert_cmpfloat (first.shrinkage, ==, second.shrinkage);
    g_assert_cmpfloat (first.good.median, ==, second.good.median);
    g_assert_cmpfloat (first.good.high, ==, second.good.high);
  }
}

/* ---- What is refused ---- */

static const struct {
  const char *mode;
  guint n_train, n_val;
  const char *message; /* NULL: it is enough */
} sizes[] = {
  { "texture", 1, 1,
    "1 good pictures of 36 cells for the covariance of 5 channels; expected at least 10 values for "
    "each: more pictures, or fewer channels" },
  { "texture", 2, 1, NULL },
  { "position-mean", 2, 1,
    "2 good pictures of 36 cells for the covariance of 5 channels; expected at least 10 values for "
    "each: more pictures, or fewer channels" },
  { "position-mean", 3, 1, NULL },
  { "position", 19, 1,
    "19 good pictures to learn from; mode position expected at least 20, mode texture needs "
    "fewer" },
  { "position", 20, 1, NULL },
  { "texture", 5, 0,
    "no good picture in split val, expected some: what is normal beyond the pictures learnt from "
    "is measured on them" },
};

static void
test_too_few (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *score = make_score (sizes[i].mode, "");
    g_auto (Toy) toy = { 0 };
    g_autoptr (GError) error = NULL;
    CpacFit fit;

    toy_init (&toy, score, sizes[i].n_train, sizes[i].n_val, 1 << 20);
    g_assert_cmpint (cpac_fit (&toy.options, toy.gaussian, &fit, &error), ==,
                     sizes[i].message == NULL);
    g_assert_cmpstr (error != NULL ? error->message : NULL, ==, sizes[i].message);
    g_assert_true (error == NULL || g_error_matches (error, CPAC_ERROR, CPAC_ERROR_SCHEMA));
  }
}

static void
test_not_finite (void)
{
  g_autofree char *score = make_score ("texture", "");
  g_auto (Toy) toy = { 0 };
  g_autoptr (GError) error = NULL;
  CpacFit fit;

  toy_init (&toy, score, 20, 1, 1 << 20);
  for (gsize i = 0; i < cpac_shape_count (&toy.params->values[0]->shape); i++)
    toy.params->values[0]->data[i] = 3e38f;
  g_assert_false (cpac_fit (&toy.options, toy.gaussian, &fit, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_cmpstr (error->message, ==, "good-0: the network's features are not finite");
}

/* A picture that was there when the list was opened. */
static void
test_gone (void)
{
  g_autofree char *score = make_score ("position", "");
  g_auto (Toy) toy = { 0 };
  g_autoptr (GError) error = NULL;
  CpacFit fit;

  toy_init (&toy, score, 40, 1, 0);
  toy_pictures_left = 33;
  toy.options.n_threads = 2;
  g_assert_false (cpac_fit (&toy.options, toy.gaussian, &fit, &error));
  toy_pictures_left = -1;
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "gone"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fit/mean-square", test_mean_square);
  g_test_add_func ("/fit/held-out", test_held_out);
  g_test_add_func ("/fit/threads", test_threads);
  g_test_add_func ("/fit/too-few", test_too_few);
  g_test_add_func ("/fit/not-finite", test_not_finite);
  g_test_add_func ("/fit/gone", test_gone);
  return g_test_run ();
}
