/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/model.h"

#include <math.h>
#include <string.h>

#include "core/model/golden.h"
#include "core/network/run.h"
#include "tests/toy-model.h"

#define LAYERS                                                                                     \
  "[{name: c1, type: cpac-conv, filters: 3, kernel: 3, rank: 2}, {type: relu}, "                   \
  "{name: l1, type: linear, units: 3}]"
static const CpacDims input = { 1, 5, 7 };

/* The toy model as lines that a test can replace one by one. */
enum { VERSION, NAME, INPUT, WEIGHTS, NETWORK, SCORE, MORE, N_LINES };
static const char *const lines[N_LINES] = {
  [VERSION] = "cpac-model: 1",
  [NAME] = "name: toy",
  [INPUT] = "input: {width: 7, height: 5, channels: 1, mean: [127.5], scale: [64]}",
  [WEIGHTS] = "weights: {file: toy.safetensors, sha256: SHA}",
  [NETWORK] = "layers: " LAYERS,
  [SCORE] = "score: {head: classifier, classes: [a, b, c], good: [a], threshold: 0.5}",
  [MORE] = "",
};

/* The YAML with line @index replaced; "SHA" stands for the hash of the weights. (transfer full) */
static char *
model_text (guint index, const char *line, const char *sha256)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < N_LINES; i++)
    g_string_append_printf (text, "%s\n", i == index ? line : lines[i]);
  g_string_replace (text, "SHA", sha256, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

typedef struct {
  Folder folder;
  char *sha256;
} Place;

static void
place_init (Place *place)
{
  folder_init (&place->folder);
  place->sha256 = put_weights (&place->folder, "toy.safetensors", LAYERS, input, 1, NULL);
}

static void
place_clear (Place *place)
{
  folder_clear (&place->folder);
  g_free (place->sha256);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static CpacModel *
load (const Place *place, guint index, const char *line, CpacModelFlags flags, GError **error)
{
  g_autofree char *text = model_text (index, line, place->sha256);

  return load_text (&place->folder, text, flags, error);
}

/* ---- A good one ---- */

static void
test_good (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL, *text = NULL, *config_sha256 = NULL;
  const CpacInputSpec *spec;

  place_init (&place);
  model = load (&place, INPUT,
                "input: {width: 7, height: 5, channels: 1, mean: [127.5], scale: [64], "
                "resize: nearest, min-size: [3, 2]}",
                CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  path = g_build_filename (place.folder.path, "model.yaml", NULL);
  g_file_get_contents (path, &text, NULL, &error);
  config_sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  spec = cpac_model_get_input (model);
  g_assert_cmpuint (spec->width, ==, 7);
  g_assert_cmpuint (spec->height, ==, 5);
  g_assert_cmpuint (spec->channels, ==, 1);
  g_assert_cmpint (spec->resize, ==, CPAC_RESIZE_NEAREST);
  g_assert_cmpuint (spec->min_width, ==, 3);
  g_assert_cmpuint (spec->min_height, ==, 2);
  g_assert_cmpfloat (spec->mean[0], ==, 127.5);
  g_assert_cmpfloat (spec->scale[0], ==, 64);
  g_assert_cmpstr (cpac_model_get_name (model), ==, "toy");
  g_assert_cmpstr (cpac_model_get_path (model), ==, path);
  g_assert_cmpstr (cpac_model_get_weights_sha256 (model), ==, place.sha256);
  g_assert_cmpstr (cpac_model_get_config_sha256 (model), ==, config_sha256);
  g_assert_false (cpac_model_is_shape (model));
  g_assert_cmpuint (cpac_model_get_n_ignored (model), ==, 0);
  g_assert_null (cpac_model_get_golden (model));
  g_assert_cmpint (cpac_model_get_head (model)->kind, ==, CPAC_HEAD_CLASSIFIER);
}

/* ---- What is refused ---- */

/* FOLDER/ stands for the folder; messages begin with the YAML's path unless they begin with it. */
static const struct {
  const char *name;
  guint index;
  const char *line;
  const char *message;
} bad[] = {
  { "no-version", VERSION, "", "2:1: found no key \"cpac-model\" in this map, expected one" },
  { "version", VERSION, "cpac-model: 2", "1:13: cpac-model: found 2, expected 1" },
  { "no-name", NAME, "", "1:1: found no key \"name\" in this map, expected one" },
  { "name-list", NAME, "name: [a]", "2:7: name: found a list, expected text that is not empty" },
  { "unknown-key", MORE, "wieghts: 1",
    "7:1: found the unknown key \"wieghts\" (did you mean \"weights\"?), expected one of "
    "cpac-model, "
    "name, input, weights, layers, score, train, golden" },
  { "key-twice", MORE, "name: again",
    "7:1: found the key \"name\" a second time (first at 2:1), expected it once" },
  { "no-input", INPUT, "", "1:1: found no key \"input\" in this map, expected one" },
  { "input-text", INPUT, "input: camera", "3:8: input: found camera, expected a map" },
  { "width", INPUT, "input: {width: 0, height: 5, channels: 1, mean: [0], scale: [1]}",
    "3:16: width: found 0, expected a whole number from 1 to 8192" },
  { "height", INPUT, "input: {width: 7, height: 8193, channels: 1, mean: [0], scale: [1]}",
    "3:27: height: found 8193, expected a whole number from 1 to 8192" },
  { "channels-2", INPUT, "input: {width: 7, height: 5, channels: 2, mean: [0, 0], scale: [1, 1]}",
    "3:40: channels must be 1 (gray) or 3 (RGB), got 2" },
  { "channels-4", INPUT, "input: {width: 7, height: 5, channels: 4, mean: [0], scale: [1]}",
    "3:40: channels: found 4, expected a whole number from 1 to 3" },
  { "mean-length", INPUT, "input: {width: 7, height: 5, channels: 3, mean: [0], scale: [1]}",
    "3:49: mean: found a list of 1, expected a list of 3 numbers" },
  { "mean-number", INPUT, "input: {width: 7, height: 5, channels: 1, mean: 0, scale: [1]}",
    "3:49: mean: found 0, expected a list of numbers" },
  { "scale-0", INPUT, "input: {width: 7, height: 5, channels: 1, mean: [0], scale: [0]}",
    "3:62: scale: found 0, expected a number from 1e-06 to 1000000" },
  { "resize", INPUT,
    "input: {width: 7, height: 5, channels: 1, mean: [0], scale: [1], resize: cubic}",
    "3:74: resize: found cubic, expected one of area, bilinear, nearest" },
  { "min-size", INPUT,
    "input: {width: 7, height: 5, channels: 1, mean: [0], scale: [1], min-size: [0, 3]}",
    "3:77: min-size: found 0, expected a whole number from 1 to 32768" },
  { "no-layers", NETWORK, "", "1:1: found no key \"layers\" in this map, expected one" },
  { "no-score", SCORE, "", "1:1: found no key \"score\" in this map, expected one" },
  { "classes", SCORE, "score: {head: classifier, classes: [a, b], threshold: 0.5}",
    "6:36: there are 2 classes, but the last layer has 3 outputs" },
  { "shape", WEIGHTS, "",
    "1:1: this is a shape without weights: it can be inspected, benchmarked and trained, nothing "
    "else" },
  { "no-file", WEIGHTS, "weights: {sha256: SHA}",
    "4:10: weights: found no key \"file\" in this map, expected one" },
  { "no-sha256", WEIGHTS, "weights: {file: toy.safetensors}",
    "4:10: weights: found no key \"sha256\" in this map, expected one" },
  { "sha256-form", WEIGHTS, "weights: {file: toy.safetensors, sha256: abc}",
    "4:42: sha256 must be 64 hexadecimal digits, got \"abc\"" },
  { "sha256-long", WEIGHTS, "weights: {file: toy.safetensors, sha256: SHA0}", NULL },
  { "golden-seed", MORE, "golden: {expected: [1]}",
    "7:9: golden: found no key \"seed\" in this map, expected one" },
  { "golden-none", MORE, "golden: {seed: 1, expected: []}",
    "7:29: expected: found a list of 0, expected a list of 1 to 3 numbers" },
  { "golden-many", MORE, "golden: {seed: 1, expected: [1, 2, 3, 4]}",
    "7:29: expected: found a list of 4, expected a list of 1 to 3 numbers" },
  { "golden-tolerance", MORE, "golden: {seed: 1, tolerance: 2, expected: [1]}",
    "7:30: tolerance: found 2, expected a number from 1e-12 to 1" },
};

static void
test_bad (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_auto (Place) place = { 0 };
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place);
  g_assert_null (load (&place, bad[i].index, bad[i].line, CPAC_MODEL_DEFAULT, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == CPAC_ERROR);
  if (bad[i].message != NULL)
    message = g_strdup_printf ("%s/model.yaml:%s", place.folder.path, bad[i].message);
  else
    message =
        g_strdup_printf ("%s/model.yaml:4:42: sha256 must be 64 hexadecimal digits, got \"%s0\"",
                         place.folder.path, place.sha256);
  g_assert_cmpstr (error->message, ==, message);
}

/* ---- Weights ---- */

/* Layers of the YAML, layers whose tensors are in the file, what comes of it. */
static const struct {
  const char *name, *wanted, *stored;
  CpacError code;
  const char *message; /* NULL: loads, with n_ignored */
  guint n_ignored;
} weights_rows[] = {
  { "missing-tensor", LAYERS,
    "[{name: c1, type: cpac-conv, filters: 3, kernel: 3, rank: 2, bias: false}]", CPAC_ERROR_SCHEMA,
    "there is no tensor c1.bias, layer c1 (cpac-conv) expects one of 3", 0 },
  { "shape", LAYERS,
    "[{name: c1, type: cpac-conv, filters: 3, kernel: 3, rank: 4}, {name: l1, type: linear, units: "
    "3}]",
    CPAC_ERROR_SHAPE, "tensor c1.a is 3x4, layer c1 (cpac-conv) expects 3x2", 0 },
  { "dimensions", "[{name: l1, type: linear, units: 3}]",
    "[{name: l1, type: conv, filters: 3, kernel: [5, 7]}]", CPAC_ERROR_SHAPE,
    "tensor l1.weight is 3x1x5x7, layer l1 (linear) expects 3x35", 0 },
  { "extra", "[{name: l1, type: linear, units: 3}]",
    "[{name: x, type: linear, units: 2}, {name: l1, type: linear, units: 3, bias: true, inputs: "
    "[input]}, "
    "{name: y, type: cpac-conv, filters: 1, kernel: 1, rank: 1, inputs: [input]}]",
    0, NULL, 7 },
};

static void
test_weights (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (weights_rows); i++) {
    g_auto (Place) place = { 0 };
    g_autofree char *line = g_strconcat ("layers: ", weights_rows[i].wanted, NULL);
    g_autoptr (CpacModel) model = NULL;
    g_autoptr (GError) error = NULL;

    place_init (&place);
    g_free (place.sha256);
    place.sha256 =
        put_weights (&place.folder, "toy.safetensors", weights_rows[i].stored, input, 1, NULL);
    model = load (&place, NETWORK, line, CPAC_MODEL_DEFAULT, &error);
    if (weights_rows[i].message == NULL) {
      g_assert_no_error (error);
      g_assert_cmpuint (cpac_model_get_n_ignored (model), ==, weights_rows[i].n_ignored);
    } else {
      g_autofree char *message =
          g_strdup_printf ("%s/toy.safetensors: %s", place.folder.path, weights_rows[i].message);

      g_assert_null (model);
      g_assert_cmpstr (error->message, ==, message);
      g_assert_error (error, CPAC_ERROR, (int) weights_rows[i].code);
    }
  }
}

static void
test_weights_file (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (CpacModel) upper = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *absolute = NULL, *capitals = NULL;

  place_init (&place);
  g_assert_null (load (&place, WEIGHTS, "weights: {file: none.safetensors, sha256: SHA}",
                       CPAC_MODEL_DEFAULT, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "none.safetensors"));
  g_clear_error (&error);
  /* Another file's hash. */
  g_assert_null (load (&place, WEIGHTS,
                       "weights: {file: toy.safetensors, sha256: "
                       "0000000000000000000000000000000000000000000000000000000000000000}",
                       CPAC_MODEL_DEFAULT, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_nonnull (strstr (error->message, place.sha256));
  g_clear_error (&error);
  /* Capital digits and an absolute path are as good. */
  capitals = g_ascii_strup (place.sha256, -1);
  absolute = g_strdup_printf ("weights: {file: \"%s/toy.safetensors\", sha256: %s}",
                              place.folder.path, capitals);
  upper = load (&place, WEIGHTS, absolute, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (cpac_model_get_weights_sha256 (upper), ==, place.sha256);
  g_assert_null (cpac_model_load ("/nonexistent/model.yaml", CPAC_MODEL_DEFAULT, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_shape (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (CpacModel) model = NULL, golden = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  place_init (&place);
  model = load (&place, WEIGHTS, "", CPAC_MODEL_ALLOW_SHAPE, &error);
  g_assert_no_error (error);
  g_assert_true (cpac_model_is_shape (model));
  g_assert_null (cpac_model_get_weights_sha256 (model));
  g_assert_cmpuint (cpac_model_get_params (model)->n_params, ==, 7);
  /* A golden answer is about weights: a shape is not held against one. */
  text = model_text (WEIGHTS, "golden: {seed: 1, expected: [12345]}", place.sha256);
  golden = load_text (&place.folder, text, CPAC_MODEL_ALLOW_SHAPE, &error);
  g_assert_no_error (error);
}

/* ---- Golden self-check ---- */

static void
nudge (CpacParams *params)
{
  /* The last bias moves one output of three. */
  params->values[params->n_params - 1]->data[2] += 0.01f;
}

/* Of outputs that the reference and the scoring path compute each in an order of its own: a term
 * goes through at most 1 + 3 + 3 + 2 + 4 roundings in the convolution and 45 + 2 in the fully
 * connected layer, of 2^-24 each, and the terms' magnitudes sum up to what the network gives for
 * magnitudes of weights and pixels (see test-stream.c). Pixels are below 2. */
static double
rounding_bound (const CpacModel *model)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacParams *params = cpac_model_get_params (model);
  g_autoptr (CpacParams) magnitudes = cpac_params_new_random (network, 0);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = NULL;
  double largest = 0;

  for (guint p = 0; p < params->n_params; p++)
    for (gsize i = 0; i < cpac_shape_count (&params->values[p]->shape); i++)
      magnitudes->values[p]->data[i] = fabsf (params->values[p]->data[i]);
  options.precision = CPAC_PRECISION_DOUBLE;
  run = cpac_run_new (network, magnitudes, &options);
  for (gsize i = 0; i < cpac_dims_count (&input); i++)
    ((double *) cpac_run_get_input (run, 0))[i] = 2;
  cpac_run_forward (run);
  for (guint i = 0; i < 3; i++)
    largest = MAX (largest, ((const double *) cpac_run_get_output (run, 2, 0))[i]);
  return 2 * 60 * ldexp (largest, -24);
}

/* Written by one load, read by the next: passes as it is, and with a hair's breadth of slack; fails
 * when one weight moved, naming the output. */
static void
test_golden (void)
{
  static const guint64 seeds[] = { 0, 42, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++) {
    g_auto (Place) place = { 0 };
    g_autoptr (CpacModel) plain = NULL, checked = NULL, skipped = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *yaml = NULL, *message = NULL;
    CpacGolden golden = { 0 };
    double deviation = NAN;

    place_init (&place);
    plain = load (&place, MORE, "", CPAC_MODEL_DEFAULT, &error);
    g_assert_no_error (error);
    cpac_golden_compute (plain, seeds[i], &golden);
    g_assert_cmpuint (golden.n_expected, ==, 3);
    yaml = cpac_golden_to_yaml (&golden);
    checked = load (&place, MORE, yaml, CPAC_MODEL_DEFAULT, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (cpac_model_get_golden (checked)->seed, ==, seeds[i]);
    g_assert_cmpuint (cpac_model_get_golden (checked)->n_expected, ==, 3);
    /* Nine digits name a float. */
    for (guint k = 0; k < 3; k++)
      g_assert_cmpfloat ((float) cpac_model_get_golden (checked)->expected[k], ==,
                         (float) golden.expected[k]);
    g_assert_true (
        cpac_golden_check (cpac_model_get_golden (checked), checked, &deviation, &error));
    /* Written by the reference, checked by what scores: they differ by rounding. */
    g_assert_cmpfloat (deviation, <=, rounding_bound (checked));
    g_free (place.sha256);
    place.sha256 = put_weights (&place.folder, "toy.safetensors", LAYERS, input, 1, nudge);
    g_assert_null (load (&place, MORE, yaml, CPAC_MODEL_DEFAULT, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
    message = g_strdup_printf ("%s/model.yaml: golden self-check failed: expected output 2 is ",
                               place.folder.path);
    g_assert_true (g_str_has_prefix (error->message, message));
    g_clear_error (&error);
    skipped = load (&place, MORE, yaml, CPAC_MODEL_SKIP_SELF_CHECK, &error);
    g_assert_no_error (error);
    g_assert_false (
        cpac_golden_check (cpac_model_get_golden (skipped), skipped, &deviation, &error));
    g_assert_cmpfloat_with_epsilon (deviation, 0.01, 1e-5);
  }
}

/* ---- References ---- */

static gpointer
use_model (gpointer data)
{
  CpacModel *model = data;

  for (guint i = 0; i < 1000; i++) {
    g_autoptr (CpacModel) mine = cpac_model_ref (model);

    g_assert_cmpstr (cpac_model_get_name (mine), ==, "toy");
  }
  cpac_model_unref (model);
  return NULL;
}

static void
test_references (void)
{
  g_auto (Place) place = { 0 };
  CpacModel *model;
  g_autoptr (GError) error = NULL;
  GThread *threads[5];

  place_init (&place);
  model = load (&place, MORE, "", CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("user", use_model, cpac_model_ref (model));
  /* The threads keep it alive; the last one frees it. */
  cpac_model_unref (model);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  cpac_model_unref (NULL);
}

/* What no model may say of itself. */
static void
test_golden_numbers (void)
{
  static const double numbers[] = { INFINITY, -INFINITY, NAN, 1e31 };
  CpacGolden golden = { .n_expected = 2, .expected = { 1e30, 0 } };

  g_assert_true (cpac_golden_is_valid (&golden, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (GError) error = NULL;

    golden.expected[1] = numbers[i];
    g_assert_false (cpac_golden_is_valid (&golden, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/good", test_good);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *path = g_strdup_printf ("/model/bad/%s", bad[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad);
  }
  g_test_add_func ("/model/weights", test_weights);
  g_test_add_func ("/model/weights-file", test_weights_file);
  g_test_add_func ("/model/shape", test_shape);
  g_test_add_func ("/model/golden", test_golden);
  g_test_add_func ("/model/references", test_references);
  g_test_add_func ("/model/golden-numbers", test_golden_numbers);
  return g_test_run ();
}
