/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/model/files.h"
#include "core/model/save.h"
#include "core/network/run.h"
#include "core/onnx/export.h"
#include "core/onnx/import.h"
#include "tests/folder.h"

/* Every type of layer, vectors that become planes again, a layer that nothing reads. */
static const char every_layer[] =
    "cpac-model: 1\n"
    "name: every \"layer\"\n"
    "input: {width: 11, height: 9, channels: 3, mean: [1, 2, 3], scale: [50, 60, 70]}\n"
    "layers:\n"
    "  - {name: standardize, type: standardize, mean: 0.25, clip: [-2, 2.5]}\n"
    "  - {name: contrast, type: local-contrast, window: 5}\n"
    "  - {name: conv, type: conv, filters: 5, kernel: [3, 2], padding: same, stride: [1, 2]}\n"
    "  - {name: cpac, type: cpac-conv, filters: 4, kernel: [3, 3], rank: 3, padding: [2, 0, 1, "
    "1]}\n"
    "  - {name: relu, type: relu}\n"
    "  - {name: unread, type: average-pool, size: 2}\n"
    "  - {name: max, type: max-pool, inputs: [relu], size: 3, stride: 2, ceil: true}\n"
    "  - {name: mean, type: average-pool, size: [2, 1], stride: 1, padding: [1, 0, 0, 0]}\n"
    "  - {name: up, type: upsample, inputs: [mean], size: [9, 6]}\n"
    "  - {name: golden, type: template, channels: 2, height: 9, width: 6}\n"
    "  - {name: both, type: concat, inputs: [up, golden]}\n"
    "  - {name: all, type: global-average-pool}\n"
    "  - {name: flat, type: flatten}\n"
    "  - {name: dense, type: linear, units: 6, bias: false}\n"
    "  - {name: sum, type: add, inputs: [dense, all]}\n"
    "  - {name: narrow, type: cpac-conv, filters: 2, kernel: [1, 1], rank: 1, bias: false}\n"
    "score: {head: classifier, classes: [a, b], good: [a], threshold: 0.5}\n";

static const CpacOnnxOptions no_options;

/* A model saved and loaded, with the text it was loaded from. */
typedef struct {
  CpacModel *model;
  char *text;
  CpacConfig *root;
} Loaded;

static void
loaded_clear (Loaded *loaded)
{
  cpac_model_unref (loaded->model);
  cpac_config_free (loaded->root);
  g_free (loaded->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Loaded, loaded_clear)

static void
save_and_load (Loaded *loaded, const char *folder, const char *text, const CpacNetwork *network,
               const CpacParams *params)
{
  g_autofree char *path = g_build_filename (folder, "model.yaml", NULL);
  GError *error = NULL;
  gsize length;

  cpac_model_save (folder, text, network, params, &error);
  g_assert_no_error (error);
  loaded->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  g_assert_true (cpac_file_read (path, 1 << 20, &loaded->text, &length, NULL));
  loaded->root = cpac_config_parse (path, loaded->text, length, &error);
  g_assert_no_error (error);
}

/* The model of every layer with random weights. */
static void
make_model (Loaded *loaded, const char *folder)
{
  const CpacDims input = { 3, 9, 11 };
  g_autoptr (CpacConfig) root =
      cpac_config_parse ("every", every_layer, strlen (every_layer), NULL);
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (CpacParams) params = NULL;
  GError *error = NULL;

  g_assert_nonnull (root);
  network = cpac_network_new (cpac_config_peek (root, "layers"), &input, &error);
  g_assert_no_error (error);
  params = cpac_params_new_random (network, 3);
  save_and_load (loaded, folder, every_layer, network, params);
}

static GBytes *export(const Loaded *loaded, gboolean dense)
{
  GError *error = NULL;
  GBytes *bytes = cpac_onnx_export (loaded->model, loaded->root, loaded->text, dense, &error);

  g_assert_no_error (error);
  return bytes;
}

static CpacOnnxImported *
import (GBytes *bytes)
{
  GError *error = NULL;
  CpacOnnxImported *imported = cpac_onnx_import ("test", NULL, g_bytes_get_data (bytes, NULL),
                                                 g_bytes_get_size (bytes), &no_options, &error);

  g_assert_no_error (error);
  return imported;
}

/* The two outputs for a picture that is the same each time. */
static void
compute (const CpacNetwork *network, const CpacParams *params, float outputs[2])
{
  const CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (network, params, &options);
  float *input = cpac_run_get_input (run, 0);

  for (guint i = 0; i < 3 * 9 * 11; i++)
    input[i] = (float) (i * 37 % 101) / 25 - 2;
  outputs[0] = outputs[1] = -12345;
  cpac_run_forward (run);
  memcpy (outputs, cpac_run_get_output (run, cpac_network_get_n_layers (network) - 1, 0),
          2 * sizeof *outputs);
}

/* The layers of @a but for @without are those of @b: names, types and shapes. */
static void
assert_same_layers (const CpacNetwork *a, const CpacNetwork *b, const char *without)
{
  guint k = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (a); i++) {
    const CpacLayer *layer = cpac_network_get_layer (a, i), *other;

    if (g_strcmp0 (layer->name, without) == 0)
      continue;
    g_assert_cmpuint (k, <, cpac_network_get_n_layers (b));
    other = cpac_network_get_layer (b, (guint) cpac_network_find (b, layer->name));
    g_assert_cmpstr (layer->klass->type, ==, other->klass->type);
    g_assert_true (cpac_dims_equal (&layer->out, &other->out));
    k++;
  }
  g_assert_cmpuint (k, ==, cpac_network_get_n_layers (b));
}

/* What comes back computes the very same, and what goes out of that again is the same again. */
static void
test_round_trip (void)
{
  g_auto (Folder) folder;
  g_auto (Loaded) first = { 0 }, second = { 0 };
  g_autoptr (GBytes) bytes = NULL, again = NULL;
  g_autoptr (CpacOnnxImported) imported = NULL, twice = NULL;
  float expected[2], found[2];

  folder_init (&folder);
  make_model (&first, folder.path);
  bytes = export(&first, FALSE);
  imported = import (bytes);
  assert_same_layers (cpac_model_get_network (first.model), imported->network, "unread");
  compute (cpac_model_get_network (first.model), cpac_model_get_params (first.model), expected);
  compute (imported->network, imported->params, found);
  g_assert_cmpmem (found, sizeof found, expected, sizeof expected);

  save_and_load (&second, folder.path, imported->text, imported->network, imported->params);
  again = export(&second, FALSE);
  twice = import (again);
  g_assert_cmpstr (twice->text, ==, imported->text);
  compute (twice->network, twice->params, found);
  g_assert_cmpmem (found, sizeof found, expected, sizeof expected);
}

static void
test_same_bytes (void)
{
  g_auto (Folder) folder;
  g_auto (Loaded) loaded = { 0 };

  folder_init (&folder);
  make_model (&loaded, folder.path);
  for (guint dense = 0; dense < 2; dense++) {
    g_autoptr (GBytes) a = export(&loaded, dense), b = export(&loaded, dense);

    g_assert_true (g_bytes_equal (a, b));
  }
}

/* Multiplied out, the kernels are those of the layers to the rounding of each entry; the values
 * behind them are sums of some dozen of products. */
static void
test_dense (void)
{
  g_auto (Folder) folder;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CpacOnnxImported) imported = NULL;
  float expected[2], found[2];

  folder_init (&folder);
  make_model (&loaded, folder.path);
  bytes = export(&loaded, TRUE);
  imported = import (bytes);
  for (guint i = 0; i < cpac_network_get_n_layers (imported->network); i++)
    g_assert_cmpstr (cpac_network_get_layer (imported->network, i)->klass->type, !=, "cpac-conv");
  compute (cpac_model_get_network (loaded.model), cpac_model_get_params (loaded.model), expected);
  compute (imported->network, imported->params, found);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i],
                                    1e-5 * (ABS (expected[0]) + ABS (expected[1])));
}

/* No beginning of a file is mistaken for a whole one, except where only metadata is missing. */
static void
test_every_prefix (void)
{
  g_auto (Folder) folder;
  g_auto (Loaded) loaded = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize size;
  guint n_whole = 0;

  folder_init (&folder);
  make_model (&loaded, folder.path);
  bytes = export(&loaded, FALSE);
  data = g_bytes_get_data (bytes, &size);
  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *copy = g_memdup2 (data, n);
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacOnnxImported) imported =
        cpac_onnx_import ("test", NULL, copy, n, &no_options, &error);

    if (imported != NULL)
      n_whole++;
    else
      g_assert_true (g_str_has_prefix (error->message, "test: "));
  }
  /* The six entries of metadata stand last. */
  g_assert_cmpuint (n_whole, <=, 6);
}

/* 3 million nodes of two bytes each: memory is not taken for them. */
static void
test_empty_nodes (void)
{
  const gsize n = 3000000, head = 5;
  g_autofree guint8 *data = g_malloc (head + 2 * n);
  g_autoptr (CpacOnnxImported) imported = NULL;
  g_autoptr (GError) error = NULL;

  data[0] = 7 << 3 | 2; /* the graph, of 2 n bytes */
  data[1] = (2 * n & 127) | 128;
  data[2] = (2 * n >> 7 & 127) | 128;
  data[3] = (2 * n >> 14 & 127) | 128;
  data[4] = (guint8) (2 * n >> 21);
  for (gsize i = 0; i < n; i++) {
    data[head + 2 * i] = 1 << 3 | 2;
    data[head + 2 * i + 1] = 0;
  }
  imported = cpac_onnx_import ("test", NULL, data, head + 2 * n, &no_options, &error);
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_null (imported);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx/round-trip", test_round_trip);
  g_test_add_func ("/onnx/same-bytes", test_same_bytes);
  g_test_add_func ("/onnx/dense", test_dense);
  g_test_add_func ("/onnx/every-prefix", test_every_prefix);
  g_test_add_func ("/onnx/empty-nodes", test_empty_nodes);
  return g_test_run ();
}
