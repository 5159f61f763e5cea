/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/save.h"

#include <math.h>

#include "core/model/golden.h"
#include "tests/toy-model.h"

/* ---- Sections ---- */

static const struct {
  const char *name, *text, *key, *section, *expected;
} sections[] = {
  { "only", "golden:\n  a: 1\n", "golden", "golden: 2\n", "golden: 2\n" },
  { "first", "golden:\n  a: 1\nname: x\n", "golden", "golden: 2\n", "golden: 2\nname: x\n" },
  { "middle", "name: x\ngolden:\n  a: 1\n  b: 2\nlast: y\n", "golden", "golden: 2\n",
    "name: x\ngolden: 2\nlast: y\n" },
  { "last", "name: x\ngolden:\n  a: 1\n", "golden", "golden: 2\n", "name: x\ngolden: 2\n" },
  { "no-newline", "name: x\ngolden:\n  a: 1", "golden", "golden: 2\n", "name: x\ngolden: 2\n" },
  { "one-line-no-newline", "name: x\ngolden: 1", "golden", "golden: 2\n", "name: x\ngolden: 2\n" },
  { "flow", "golden: {a: 1, b: [2, 3]}\nname: x\n", "golden", "golden: 2\n",
    "golden: 2\nname: x\n" },
  { "flow-lines", "golden: {a: 1,\n  b: 2}\nname: x\n", "golden", "golden: 2\n",
    "golden: 2\nname: x\n" },
  { "tabs", "golden:\n\ta\nname: x\n", "golden", "golden: 2\n", "golden: 2\nname: x\n" },
  { "missing", "name: x\n", "golden", "golden: 2\n", "name: x\ngolden: 2\n" },
  { "missing-no-newline", "name: x", "golden", "golden: 2\n", "name: x\ngolden: 2\n" },
  { "missing-empty", "", "golden", "golden: 2\n", "golden: 2\n" },
  { "prefix-of-another", "golden-tolerance: 1\ngolden: 1\n", "golden", "golden: 2\n",
    "golden-tolerance: 1\ngolden: 2\n" },
  { "another-is-prefix", "gold: 1\ngolden: 1\n", "golden", "golden: 2\n", "gold: 1\ngolden: 2\n" },
  { "suffix-of-another", "my-golden: 1\n", "golden", "golden: 2\n", "my-golden: 1\ngolden: 2\n" },
  { "deeper", "a:\n  golden: 1\n", "golden", "golden: 2\n", "a:\n  golden: 1\ngolden: 2\n" },
  { "in-a-comment", "# golden: 1\nname: x\n", "golden", "golden: 2\n",
    "# golden: 1\nname: x\ngolden: 2\n" },
  { "comment-before", "# about\ngolden: 1\n", "golden", "golden: 2\n", "# about\ngolden: 2\n" },
  { "comment-behind", "golden:\n  a: 1\n\n# about name\nname: x\n", "golden", "golden: 2\n",
    "golden: 2\n\n# about name\nname: x\n" },
  { "comment-inside", "golden:\n  a: 1\n# still golden\n  b: 2\nname: x\n", "golden", "golden: 2\n",
    "golden: 2\nname: x\n" },
  { "comment-at-end", "golden:\n  a: 1\n# the end\n", "golden", "golden: 2\n",
    "golden: 2\n# the end\n" },
  { "comment-at-end-no-newline", "golden:\n  a: 1\n# the end", "golden", "golden: 2\n",
    "golden: 2\n# the end" },
  { "blank-lines", "\n\ngolden: 1\n\n\nname: x\n", "golden", "golden: 2\n",
    "\n\ngolden: 2\n\n\nname: x\n" },
  { "crlf", "name: x\r\ngolden:\r\n  a: 1\r\n\r\nlast: y\r\n", "golden", "golden: 2\n",
    "name: x\r\ngolden: 2\n\r\nlast: y\r\n" },
  { "away", "name: x\ngolden:\n  a: 1\nlast: y\n", "golden", NULL, "name: x\nlast: y\n" },
  { "away-last", "name: x\ngolden:\n  a: 1\n", "golden", NULL, "name: x\n" },
  { "away-only", "golden: 1", "golden", NULL, "" },
  { "away-missing", "name: x\n", "golden", NULL, "name: x\n" },
  { "empty-value", "golden:\nname: x\n", "golden", "golden: 2\n", "golden: 2\nname: x\n" },
};

static void
test_section (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *found =
      cpac_yaml_replace_section (sections[i].text, sections[i].key, sections[i].section);

  g_assert_cmpstr (found, ==, sections[i].expected);
}

/* ---- Whole models ---- */

#define INPUT ((CpacDims){ 1, 8, 8 })
#define LAYERS                                                                                     \
  "[{name: a, type: cpac-conv, filters: 2, kernel: 3, rank: 2}, {type: relu}, "                    \
  "{name: b, type: conv, filters: 1, kernel: 3}]"
#define CONFIG                                                                                     \
  "# A model with remarks.\n"                                                                      \
  "cpac-model: 1\n"                                                                                \
  "name: saved # here too\n"                                                                       \
  "input: {width: 8, height: 8, channels: 1, mean: [100], scale: [50]}\n"                          \
  "\n"                                                                                             \
  "# Seven lines of layers would follow.\n"                                                        \
  "layers: " LAYERS "\n"                                                                           \
  "score: {head: map, good: [good], threshold: 0.5}\n"

typedef struct {
  Folder folder;
  CpacNetwork *network;
  CpacParams *params;
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) list = cpac_config_parse ("layers", LAYERS, strlen (LAYERS), &error);
  CpacDims dims = INPUT;

  g_assert_no_error (error);
  folder_init (&fixture->folder);
  fixture->network = cpac_network_new (list, &dims, &error);
  g_assert_no_error (error);
  fixture->params = cpac_params_new_random (fixture->network, 5);
}

static void
fixture_clear (Fixture *fixture)
{
  cpac_params_free (fixture->params);
  cpac_network_free (fixture->network);
  folder_clear (&fixture->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
save (const Fixture *fixture, const char *config)
{
  g_autoptr (GError) error = NULL;
  gboolean ok =
      cpac_model_save (fixture->folder.path, config, fixture->network, fixture->params, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

static CpacModel *
load (const Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder.path, "model.yaml", NULL);
  g_autoptr (GError) error = NULL;
  CpacModel *model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);

  g_assert_no_error (error);
  return model;
}

static char *
read_file (const Fixture *fixture, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (fixture->folder.path, name, NULL);
  char *text;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* "a b c": the folder's files. (transfer full) */
static char *
list_files (const Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder.path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, (gpointer) g_intern_string (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

/* The weights come back to the bit, the golden answer is there and holds, the text is what it was
 * but for the two sections. */
static void
test_round_trip (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CpacModel) model = NULL;
  g_autofree char *files = NULL, *text = NULL, *plain = NULL, *bare = NULL;
  g_autoptr (GError) error = NULL;
  double deviation;

  fixture_init (&fixture);
  save (&fixture, CONFIG);
  files = list_files (&fixture);
  g_assert_cmpstr (files, ==, "model.safetensors model.yaml");
  model = load (&fixture);
  g_assert_false (cpac_model_is_shape (model));
  for (guint i = 0; i < fixture.params->n_params; i++) {
    gsize n = cpac_shape_count (&fixture.params->values[i]->shape) * sizeof (float);

    g_assert_cmpmem (cpac_model_get_params (model)->values[i]->data, n,
                     fixture.params->values[i]->data, n);
  }
  g_assert_nonnull (cpac_model_get_golden (model));
  g_assert_true (cpac_golden_check (cpac_model_get_golden (model), model, &deviation, &error));
  g_assert_cmpfloat (deviation, <, 1e-6);
  text = read_file (&fixture, "model.yaml", NULL);
  plain = cpac_yaml_replace_section (text, "golden", NULL);
  bare = cpac_yaml_replace_section (plain, "weights", NULL);
  g_assert_cmpstr (bare, ==, CONFIG);
}

/* A saved model is a configuration, too; the same weights give the same bytes. */
static void
test_again (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *first = NULL, *second = NULL, *files = NULL;
  g_autoptr (CpacModel) model = NULL;

  fixture_init (&fixture);
  save (&fixture, CONFIG);
  first = read_file (&fixture, "model.yaml", NULL);
  save (&fixture, first);
  second = read_file (&fixture, "model.yaml", NULL);
  g_assert_cmpstr (second, ==, first);
  /* Other weights in the same place. */
  fixture.params->values[0]->data[0] += 1;
  save (&fixture, first);
  model = load (&fixture);
  g_assert_cmpfloat (cpac_model_get_params (model)->values[0]->data[0], ==,
                     fixture.params->values[0]->data[0]);
  files = list_files (&fixture);
  g_assert_cmpstr (files, ==, "model.safetensors model.yaml");
}

/* The folder is made, with those above it. */
static void
test_new_folder (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *path = NULL;

  fixture_init (&fixture);
  path = g_build_filename (fixture.folder.path, "a", "b", NULL);
  g_assert_true (cpac_model_save (path, CONFIG, fixture.network, fixture.params, NULL));
}

static void
break_nothing (Fixture *fixture)
{
}

static void
break_weights (Fixture *fixture)
{
  fixture->params->values[0]->data[0] = NAN;
}

/* model.yaml.new, where the text is tried, cannot be written. */
static void
break_place (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder.path, "model.yaml.new", NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static const struct {
  const char *name, *config;
  void (*break_it) (Fixture *fixture);
  const char *words;
} failures[] = {
  { "not-finite", CONFIG, break_weights, "finite" },
  { "place", CONFIG, break_place, "model.yaml.new" },
  { "no-yaml", "{", break_nothing, "model.yaml.new" },
  { "other-network",
    "cpac-model: 1\nname: x\ninput: {width: 8, height: 8, channels: 1, mean: [0], scale: [1]}\n"
    "layers: [{name: other, type: conv, filters: 1, kernel: 3}]\n"
    "score: {head: map, good: [good], threshold: 0.5}\n",
    break_nothing, "there is no tensor other.weight" },
  { "quoted-key", "\"golden\": {seed: 1}\n" CONFIG, break_nothing, "golden" },
  { "flow-at-the-margin", CONFIG "golden: {seed: 1,\ntolerance: 1, expected: [1]}\n", break_nothing,
    "model.yaml.new" },
};

/* One error, and the model that was there is there and loads. */
static void
test_failure (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *yaml = NULL, *weights = NULL, *yaml_after = NULL, *weights_after = NULL;
  gsize length, length_after;
  g_autofree char *files = NULL, *files_after = NULL;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  save (&fixture, CONFIG);
  yaml = read_file (&fixture, "model.yaml", NULL);
  weights = read_file (&fixture, "model.safetensors", &length);
  fixture.params->values[0]->data[0] = 2;
  failures[i].break_it (&fixture);
  files = list_files (&fixture);
  g_assert_false (cpac_model_save (fixture.folder.path, failures[i].config, fixture.network,
                                   fixture.params, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, failures[i].words) == NULL)
    g_error ("found \"%s\", expected \"%s\" in it", error->message, failures[i].words);
  yaml_after = read_file (&fixture, "model.yaml", NULL);
  weights_after = read_file (&fixture, "model.safetensors", &length_after);
  g_assert_cmpstr (yaml_after, ==, yaml);
  g_assert_cmpmem (weights_after, length_after, weights, length);
  files_after = list_files (&fixture);
  g_assert_cmpstr (files_after, ==, files);
  model = load (&fixture);
}

/* The weights' lasting name is taken by a folder: the new model is there all the same, under the
 * name it was staged with. */
static void
test_cut_short (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  path = g_build_filename (fixture.folder.path, "model.safetensors", NULL);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_false (
      cpac_model_save (fixture.folder.path, CONFIG, fixture.network, fixture.params, &error));
  g_assert_nonnull (strstr (error->message, "model.safetensors"));
  model = load (&fixture);
  g_assert_cmpfloat (cpac_model_get_params (model)->values[0]->data[0], ==,
                     fixture.params->values[0]->data[0]);
  /* Once it can be, it is put in order. */
  g_assert_cmpint (g_rmdir (path), ==, 0);
  save (&fixture, CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sections); i++) {
    g_autofree char *path = g_strdup_printf ("/save/section/%s", sections[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_section);
  }
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++) {
    g_autofree char *path = g_strdup_printf ("/save/failure/%s", failures[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_failure);
  }
  g_test_add_func ("/save/round-trip", test_round_trip);
  g_test_add_func ("/save/again", test_again);
  g_test_add_func ("/save/new-folder", test_new_folder);
  g_test_add_func ("/save/cut-short", test_cut_short);
  return g_test_run ();
}
