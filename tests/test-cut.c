/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/cut.h"

#include <math.h>

#include "core/network/run.h"
#include "tests/toy-model.h"

#define RGB "{width: 9, height: 7, channels: 3, mean: [120, 110, 100], scale: [60, 50, 40]}"
#define EVEN "{width: 9, height: 7, channels: 3, mean: [120, 120, 120], scale: [60, 50, 40]}"

/* What only the classes need, and a branch that only b needs, are to go. */
#define BRANCHES                                                                                   \
  "\n"                                                                                             \
  "  - type: conv\n"                                                                               \
  "    filters: 4  # a comment\n"                                                                  \
  "    kernel: [3, 3]\n"                                                                           \
  "  - {type: relu}\n"                                                                             \
  "  - {name: b, type: conv, inputs: [conv-1], filters: 2, kernel: 1, bias: false}\n"              \
  "  - {name: c, type: concat, inputs: [relu-2, conv-1]}\n"                                        \
  "  - {name: d, type: conv, filters: 1, kernel: 1}\n"

/* A model with random weights, its text, and the tree of that. */
typedef struct {
  Folder folder;
  char *text;
  CpacConfig *root;
  CpacModel *model;
} Source;

static void
source_init (Source *source, const char *input, guint channels, const char *layers)
{
  g_autofree char *sha256 = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&source->folder);
  sha256 =
      put_weights (&source->folder, "w.safetensors", layers, (CpacDims){ channels, 7, 9 }, 3, NULL);
  source->text = g_strdup_printf ("cpac-model: 1\nname: \"a: b\"\ninput: %s\nweights: "
                                  "{file: w.safetensors, sha256: %s}\nlayers: %s\n"
                                  "score: {head: none}\n",
                                  input, sha256, layers);
  source->root = cpac_config_parse ("s", source->text, strlen (source->text), &error);
  g_assert_no_error (error);
  source->model = load_text (&source->folder, source->text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
}

static void
source_clear (Source *source)
{
  cpac_model_unref (source->model);
  cpac_config_free (source->root);
  g_free (source->text);
  folder_clear (&source->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static char *
cut_text (const Source *source, const CpacCut *cut, GError **error)
{
  return cpac_cut_text (source->model, source->root, source->text, cut, error);
}

static void
test_text (void)
{
  static const char *const layers[] = { "c", NULL };
  const CpacCut cut = { .layers = layers, .width = 11 };
  g_auto (Source) source = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  source_init (&source, RGB, 3, BRANCHES);
  text = cut_text (&source, &cut, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      text, ==,
      "cpac-model: 1\nname: \"a: b\"\n"
      "input: {width: 11, height: 7, channels: 3, mean: [120, 110, 100], scale: [60, 50, 40], "
      "resize: area}\n"
      "layers:\n"
      "  - {name: conv-1, type: conv, inputs: [input], filters: 4, kernel: [3, 3]}\n"
      "  - {name: relu-2, type: relu, inputs: [conv-1]}\n"
      "  - {name: c, type: concat, inputs: [relu-2, conv-1]}\n");
}

static void
test_gray_text (void)
{
  static const char *const layers[] = { "b", NULL };
  const CpacCut cut = {
    .layers = layers, .gray = TRUE, .standardize = TRUE, .mean = 110, .spread = 40
  };
  g_auto (Source) source = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  source_init (&source, RGB, 3, BRANCHES);
  text = cut_text (&source, &cut, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (
      text, ==,
      "cpac-model: 1\nname: \"a: b\"\n"
      "input: {width: 9, height: 7, channels: 1, mean: [110], scale: [50], resize: area}\n"
      "layers:\n"
      "  # In 8-bit units: mean 110, spread 40, clipped to 0..255.\n"
      "  - {name: standardize-gray, type: standardize, inputs: [input], mean: 0, spread: 0.8, "
      "clip: [-2.2, 2.9]}\n"
      "  - {name: conv-1, type: conv, inputs: [standardize-gray], filters: 4, kernel: [3, 3]}\n"
      "  - {name: b, type: conv, inputs: [conv-1], filters: 2, kernel: 1, bias: false}\n");
}

static const struct {
  const char *input;
  const char *layers;
  const char *named;
  gboolean gray, standardize;
  CpacError code;
  const char *message; /* part of it */
} refused[] = {
  { RGB, "[{type: conv, filters: 1, kernel: 1}]", "x", FALSE, FALSE, CPAC_ERROR_SCHEMA,
    ": there is no layer \"x\" whose maps could be features" },
  { RGB, "[{type: conv, filters: 1, kernel: 1}]", "conv-1", FALSE, TRUE, CPAC_ERROR_SCHEMA,
    " takes RGB: pictures are standardized in gray" },
  { RGB, "[{name: standardize-gray, type: conv, filters: 1, kernel: 1}]", "standardize-gray", TRUE,
    TRUE, CPAC_ERROR_SCHEMA, " standardizes pictures already, in its layer standardize-gray" },
  { RGB, "[{type: max-pool, size: 2}]", "max-pool-1", TRUE, FALSE, CPAC_ERROR_SHAPE,
    "layer max-pool-1 (max-pool) reads the RGB frame; only a conv or cpac-conv" },
  { RGB, "[{type: conv, filters: 1, kernel: 3, padding: same}]", "conv-1", TRUE, FALSE,
    CPAC_ERROR_SHAPE, "layer conv-1 pads the frame, whose three channels have different means" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    const char *const layers[] = { refused[i].named, NULL };
    const CpacCut cut = { .layers = layers,
                          .gray = refused[i].gray,
                          .standardize = refused[i].standardize,
                          .mean = 110,
                          .spread = 40 };
    g_auto (Source) source = { 0 };
    g_autoptr (GError) error = NULL;

    source_init (&source, refused[i].input, 3, refused[i].layers);
    g_assert_null (cut_text (&source, &cut, &error));
    g_assert_error (error, CPAC_ERROR, (int) refused[i].code);
    g_assert_nonnull (strstr (error->message, refused[i].message));
  }
}

/* ---- What the cut network computes ---- */

static CpacRun *
make_run (const CpacNetwork *network, const CpacParams *params)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  options.precision = CPAC_PRECISION_DOUBLE;
  return cpac_run_new (network, params, &options);
}

/* The same gray picture, in 8-bit units, for a network of @input. */
static void
fill (CpacRun *run, const CpacInputSpec *input, const guint8 *pixels)
{
  double *to = cpac_run_get_input (run, 0);
  gsize plane = (gsize) input->width * input->height;

  for (guint c = 0; c < input->channels; c++)
    for (gsize i = 0; i < plane; i++)
      to[c * plane + i] = (pixels[i] - input->mean[c]) / input->scale[c];
}

static const struct {
  const char *name;
  const char *input;
  const char *stem;
} stems[] = {
  { "conv", RGB, "{name: s, type: conv, filters: 5, kernel: [3, 2], stride: 2}" },
  { "conv-without-bias", RGB, "{name: s, type: conv, filters: 5, kernel: 3, bias: false}" },
  { "conv-padded", EVEN, "{name: s, type: conv, filters: 5, kernel: 3, padding: same}" },
  { "cpac-conv", RGB, "{name: s, type: cpac-conv, filters: 5, kernel: [2, 3], rank: 4}" },
  { "cpac-conv-without-bias", RGB,
    "{name: s, type: cpac-conv, filters: 5, kernel: 2, rank: 3, bias: false}" },
  { "cpac-conv-padded", EVEN,
    "{name: s, type: cpac-conv, filters: 3, kernel: 3, rank: 2, padding: same}" },
};

/* Both run in double: what differs is the rounding of the folded weights and biases to float. Of
 * up to 27 products of inputs below 3 and weights below 2, then 2^-24 of each. */
static void
test_fold (gconstpointer data)
{
  static const char *const layers[] = { "t", NULL };
  const CpacCut cut = { .layers = layers, .gray = TRUE };
  guint index = GPOINTER_TO_UINT (data);
  g_autofree char *list = g_strdup_printf (
      "[%s, {type: relu}, {name: t, type: conv, filters: 2, kernel: 1}]", stems[index].stem);
  g_auto (Source) source = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (CpacParams) params = NULL;
  g_autoptr (CpacRun) colour = NULL, gray = NULL;
  g_autoptr (GError) error = NULL;
  CpacInputSpec input;
  guint8 pixels[9 * 7];
  const double *expected, *found;

  source_init (&source, stems[index].input, 3, list);
  text = cut_text (&source, &cut, &error);
  g_assert_no_error (error);
  root = cpac_config_parse ("cut", text, strlen (text), &error);
  g_assert_no_error (error);
  cpac_cut_get_input (source.model, &cut, &input);
  g_assert_cmpuint (input.channels, ==, 1);
  network = cpac_network_new (cpac_config_peek (root, "layers"),
                              &(CpacDims){ 1, input.height, input.width }, &error);
  g_assert_no_error (error);
  params = cpac_cut_params (source.model, &cut, network, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (pixels); i++)
    pixels[i] = (guint8) (i * i * 37 + 11 * i);
  colour = make_run (cpac_model_get_network (source.model), cpac_model_get_params (source.model));
  gray = make_run (network, params);
  fill (colour, cpac_model_get_input (source.model), pixels);
  fill (gray, &input, pixels);
  cpac_run_forward (colour);
  cpac_run_forward (gray);
  expected = cpac_run_get_output (colour, 2, 0);
  found = cpac_run_get_output (gray, 2, 0);
  for (gsize i = 0; i < cpac_dims_count (cpac_network_get_output (network)); i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], 5 * 28 * 6 * 0x1p-24);
}

/* A constant plane does not fit a picture of another size. */
static void
test_size (void)
{
  static const char *const layers[] = { "l", NULL };
  const CpacCut cut = { .layers = layers, .height = 9 };
  g_auto (Source) source = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (GError) error = NULL;

  source_init (&source, RGB, 3, "[{type: flatten}, {name: l, type: linear, units: 2}]");
  text = cut_text (&source, &cut, &error);
  g_assert_no_error (error);
  root = cpac_config_parse ("cut", text, strlen (text), &error);
  network = cpac_network_new (cpac_config_peek (root, "layers"), &(CpacDims){ 3, 9, 9 }, &error);
  g_assert_no_error (error);
  g_assert_null (cpac_cut_params (source.model, &cut, network, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "tensor l.weight is 2x189, an input of that size would need 2x243");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cut/text", test_text);
  g_test_add_func ("/cut/gray-text", test_gray_text);
  g_test_add_func ("/cut/refused", test_refused);
  g_test_add_func ("/cut/size", test_size);
  for (guint i = 0; i < G_N_ELEMENTS (stems); i++) {
    g_autofree char *name = g_strconcat ("/gray-stem/", stems[i].name, NULL);

    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_fold);
  }
  return g_test_run ();
}
