/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/fit-run.h"

#include "core/model/files.h"
#include "core/random.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)

/* ---- Options ---- */

static gboolean
split_layers (FitRun *run, GError **error)
{
  run->layers = g_strsplit (run->wishes->layers, ",", -1);
  if (run->layers[0] == NULL)
    return tool_refuse (error, "--layers names no layer");
  for (guint i = 0; run->layers[i] != NULL; i++)
    if (g_strv_contains ((const char *const *) run->layers + i + 1, run->layers[i])) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "--layers names \"%s\" twice, expected each layer once", run->layers[i]);
      return FALSE;
    }
  return TRUE;
}

/* The features of a map are what its last layer reads. */
static gboolean
choose_layers (FitRun *run, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  const CpacGaussian *fitted = cpac_model_get_gaussian (run->model);
  guint last = cpac_network_get_n_layers (network) - 1;
  gint source;

  if (run->wishes->layers != NULL)
    return split_layers (run, error);
  if (fitted != NULL) {
    run->layers = g_new0 (char *, fitted->n_layers + 1);
    for (guint i = 0; i < fitted->n_layers; i++)
      run->layers[i] = g_strdup (cpac_network_get_layer (network, fitted->layers[i])->name);
    return TRUE;
  }
  source = cpac_network_get_layer (network, last)->n_inputs > 0
               ? cpac_network_get_inputs (network, last)[0]
               : CPAC_NETWORK_INPUT;
  if (cpac_model_get_head (run->model)->kind != CPAC_HEAD_MAP || source == CPAC_NETWORK_INPUT)
    return tool_refuse (error, "--layers is missing: the maps of which layers are the features? "
                               "(cpac inspect lists them)");
  run->layers = g_new0 (char *, 2);
  run->layers[0] = g_strdup (cpac_network_get_layer (network, (guint) source)->name);
  return TRUE;
}

/* A map that is to be combined is kept, too. */
static gboolean
choose_kept (FitRun *run, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  guint n = g_strv_length (run->layers);

  if (run->wishes->combine && cpac_model_get_head (run->model)->kind != CPAC_HEAD_MAP)
    return tool_refuse (error, "--combine wants a model of head map");
  run->kept = g_new0 (char *, n + 2);
  for (guint i = 0; i < n; i++)
    run->kept[i] = g_strdup (run->layers[i]);
  if (run->wishes->combine)
    run->kept[n] =
        g_strdup (cpac_network_get_layer (network, cpac_network_get_n_layers (network) - 1)->name);
  return TRUE;
}

static gboolean
choose_good (FitRun *run, GError **error)
{
  const CpacHead *head = cpac_model_get_head (run->model);

  run->good =
      run->wishes->good != NULL ? g_strsplit (run->wishes->good, ",", -1) : g_strdupv (head->good);
  return run->good[0] != NULL ||
         tool_refuse (error, "--good is missing: the model does not say which labels mean a good "
                             "part");
}

static gboolean
choose_mode (FitRun *run, GError **error)
{
  const char *const *names = cpac_gaussian_mode_names ();
  const CpacGaussian *fitted = cpac_model_get_gaussian (run->model);

  run->mode = fitted != NULL ? fitted->mode : CPAC_GAUSSIAN_TEXTURE;
  if (run->wishes->mode == NULL)
    return TRUE;
  for (run->mode = 0; names[run->mode] != NULL; run->mode++)
    if (g_str_equal (names[run->mode], run->wishes->mode))
      return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--mode must be texture, position-mean or position, got \"%s\"", run->wishes->mode);
  return FALSE;
}

static gboolean
read_standardize (FitRun *run, GError **error)
{
  char *end = NULL;

  if (run->wishes->standardize == NULL)
    return TRUE;
  run->cut.standardize = TRUE;
  run->cut.mean = g_ascii_strtod (run->wishes->standardize, &end);
  if (end != run->wishes->standardize && *end == ',') {
    const char *second = end + 1;

    run->cut.spread = g_ascii_strtod (second, &end);
    if (end != second && *end == '\0' && run->cut.mean >= 0 && run->cut.mean <= 255 &&
        run->cut.spread > 0 && run->cut.spread <= 255)
      return TRUE;
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "--standardize must be a mean and a spread of 0..255 such as 110,40, got \"%s\"",
               run->wishes->standardize);
  return FALSE;
}

/* ---- The fitted model ---- */

/* Partial Fisher-Yates: N of all features, then sorted. */
static void
draw_channels (CpacGaussian *gaussian, guint64 seed)
{
  g_autofree guint *all = g_new (guint, gaussian->n_features);
  g_autofree gboolean *drawn = g_new0 (gboolean, gaussian->n_features);
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_CHANNELS, 0);
  for (guint i = 0; i < gaussian->n_features; i++)
    all[i] = i;
  for (guint i = 0; i < gaussian->n_channels; i++) {
    guint k = i + cpac_random_below (&random, gaussian->n_features - i);

    drawn[all[k]] = TRUE;
    all[k] = all[i];
  }
  for (guint i = 0, n = 0; i < gaussian->n_features; i++)
    if (drawn[i])
      gaussian->channels[n++] = i;
}

void
fit_run_describe (const FitRun *run, gboolean fitted, CpacScoreText *section)
{
  *section = (CpacScoreText){
    .good = run->good,
    .layers = run->layers,
    .mode = run->mode,
    .channels = (guint) run->wishes->n_channels,
    .top = run->wishes->top,
    .fit = fitted ? &run->fit : NULL,
    .copies = run->wishes->augment,
    .map_layer = fitted && run->is_combined ? run->kept[g_strv_length (run->layers)] : NULL,
    .map_top = cpac_model_get_head (run->model)->top,
  };
}

/* (transfer full) */
char *
fit_run_make_text (const FitRun *run, gboolean fitted)
{
  g_autofree char *score = NULL;
  CpacScoreText section;

  fit_run_describe (run, fitted, &section);
  score = cpac_score_text_make (&section);
  return g_strconcat (run->cut_text, score, NULL);
}

/* What of the network is kept; returns its score section within @root. */
static const CpacConfig *
make_network (FitRun *run, char **kept, CpacConfig **root, GError **error)
{
  g_autofree char *text = NULL;
  CpacDims dims;

  g_clear_pointer (&run->cut_text, g_free);
  g_clear_pointer (&run->network, cpac_network_free);
  g_clear_pointer (&run->params, cpac_params_free);
  run->cut.layers = (const char *const *) kept;
  run->cut_text = cpac_cut_text (run->model, run->root, run->text, &run->cut, error);
  if (run->cut_text == NULL)
    return NULL;
  text = fit_run_make_text (run, FALSE);
  *root = cpac_config_parse ("fitted model", text, strlen (text), error);
  if (*root == NULL)
    return NULL;
  cpac_cut_get_input (run->model, &run->cut, &run->input);
  dims = (CpacDims){ run->input.channels, run->input.height, run->input.width };
  run->network = cpac_network_new (cpac_config_get (*root, "layers", NULL), &dims, error);
  if (run->network == NULL ||
      (run->params = cpac_cut_params (run->model, &run->cut, run->network, error)) == NULL)
    return NULL;
  return cpac_config_get (*root, "score", error);
}

/* The fitted model without its numbers. */
static gboolean
make_model (FitRun *run, GError **error)
{
  g_autoptr (CpacConfig) root = NULL;
  const CpacConfig *score = make_network (run, run->kept, &root, error);

  if (score == NULL ||
      (run->head = cpac_head_new (score, cpac_network_get_output (run->network), error)) == NULL ||
      (run->gaussian = cpac_gaussian_new (score, run->network, error)) == NULL)
    return FALSE;
  if (cpac_gaussian_selects (run->gaussian))
    draw_channels (run->gaussian, (guint64) run->wishes->seed);
  return TRUE;
}

/* A map that does not help goes. */
gboolean
fit_run_drop_map (FitRun *run, GError **error)
{
  g_autoptr (CpacConfig) root = NULL;

  return !run->wishes->combine || run->is_combined ||
         make_network (run, run->layers, &root, error) != NULL;
}

gboolean
fit_run_prepare (FitRun *run, const char *path, const FitWishes *wishes, GError **error)
{
  gsize length;

  run->wishes = wishes;
  run->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (run->model == NULL || !training_record_read (&run->record, run->model, error) ||
      !cpac_file_read (path, MAX_YAML, &run->text, &length, error) ||
      (run->root = cpac_config_parse (path, run->text, length, error)) == NULL ||
      !choose_layers (run, error) || !choose_kept (run, error) || !choose_good (run, error) ||
      !choose_mode (run, error) || !read_standardize (run, error))
    return FALSE;
  run->cut.width = (guint) wishes->width;
  run->cut.height = (guint) wishes->height;
  run->cut.gray = wishes->gray;
  return make_model (run, error);
}

void
fit_run_clear (FitRun *run)
{
  cpac_dataset_free (run->dataset);
  cpac_manifest_free (run->manifest);
  cpac_gaussian_free (run->gaussian);
  cpac_head_free (run->head);
  cpac_params_free (run->params);
  cpac_network_free (run->network);
  g_free (run->cut_text);
  g_strfreev (run->good);
  g_strfreev (run->layers);
  g_strfreev (run->kept);
  cpac_config_free (run->root);
  g_free (run->text);
  training_record_clear (&run->record);
  cpac_model_unref (run->model);
}
