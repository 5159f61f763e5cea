/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/compress-run.h"

#include <math.h>
#include <string.h>

#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/model/config-edit.h"
#include "core/model/files.h"
#include "core/model/save.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)

/* ---- The model ---- */

static gboolean
check_head (const CpacModel *model, GError **error)
{
  if (cpac_model_get_head (model)->kind != CPAC_HEAD_COMBINED)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: head combined is fitted to the features of this very network; compress the map "
               "that it was made of, then use cpac fit --combine again",
               cpac_model_get_path (model));
  return FALSE;
}

/* Without what was measured on the network as it is: a calibration, the statistics of a gaussian.
 */
static gboolean
prepare_text (CompressRun *run, const char *path, const char *text, GError **error)
{
  run->text = cpac_config_remove_value (path, text, "score", "calibration", error);
  if (run->text == NULL)
    return FALSE;
  run->drops_calibration = !g_str_equal (text, run->text);
  if (cpac_model_get_gaussian (run->model) != NULL) {
    char *headless = cpac_yaml_replace_section (run->text, "score", "score: {head: none}\n");

    g_free (run->text);
    run->text = headless;
    run->drops_head = TRUE;
  }
  return TRUE;
}

static gboolean
read_recipe (CompressRun *run, GError **error)
{
  const char *path = run->wishes->recipe;
  g_autoptr (CpacConfig) root = NULL;
  const CpacConfig *section;

  if (path == NULL)
    return training_recipe_read (run->model, &run->recipe, NULL, error);
  return (root = cpac_config_load (path, error)) != NULL &&
         (section = cpac_config_get (root, "train", error)) != NULL &&
         cpac_recipe_read (&run->recipe, section, error);
}

static gboolean
read_model (CompressRun *run, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  run->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  return run->model != NULL && check_head (run->model, error) &&
         training_record_read (&run->record, run->model, error) && read_recipe (run, error) &&
         cpac_file_read (path, MAX_YAML, &text, &length, error) &&
         cpac_model_check_text (path, text, error) && prepare_text (run, path, text, error);
}

/* ---- Which layers ---- */

static gboolean
is_wanted (const CpacLayer *layer, const char *const *names)
{
  const CpacWindow *window = &((const CpacDenseConvLayer *) layer)->window;

  if (layer->klass != &cpac_conv_class)
    return FALSE;
  if (names != NULL)
    return g_strv_contains (names, layer->name);
  return (guint64) window->size[0] * window->size[1] > 1;
}

static gboolean
check_names (const CpacModel *model, const char *const *names, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);

  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    gint index = cpac_network_find (network, names[i]);

    if (index >= 0 && cpac_network_get_layer (network, (guint) index)->klass == &cpac_conv_class)
      continue;
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: %s \"%s\", expected the names of layers of type conv (cpac inspect lists "
                 "them)",
                 cpac_model_get_path (model),
                 index < 0 ? "there is no layer" : "there is nothing to decompose in layer",
                 names[i]);
    return FALSE;
  }
  return TRUE;
}

static gboolean
list_candidates (CompressRun *run, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (run->model);
  g_auto (GStrv) names =
      run->wishes->layers != NULL ? g_strsplit (run->wishes->layers, ",", -1) : NULL;

  if (!check_names (run->model, (const char *const *) names, error))
    return FALSE;
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    CompressCandidate candidate = { .layer = i, .sensitivity = 1 };

    if (!is_wanted (layer, (const char *const *) names))
      continue;
    cpac_layer_count (layer, &candidate.dense);
    g_array_append_val (run->candidates, candidate);
  }
  if (run->candidates->len > 0)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: no layer is a dense convolution with a kernel larger than 1x1, so there is "
               "nothing to compress; --layers takes 1x1 ones, too",
               cpac_model_get_path (run->model));
  return FALSE;
}

static void
clear_candidate (gpointer data)
{
  cpac_rank_ladder_clear (&((CompressCandidate *) data)->ladder);
}

gboolean
compress_run_open (CompressRun *run, const char *path, const CompressWishes *wishes, GError **error)
{
  run->wishes = wishes;
  run->candidates = g_array_new (FALSE, FALSE, sizeof (CompressCandidate));
  g_array_set_clear_func (run->candidates, clear_candidate);
  return read_model (run, path, error) && list_candidates (run, error) &&
         (wishes->data == NULL || training_pictures_open_unlabelled (
                                      &run->training, run->model, &run->recipe, wishes->data,
                                      wishes->split, wishes->n_pictures, wishes->n_threads, error));
}

void
compress_run_clear (CompressRun *run)
{
  g_clear_pointer (&run->candidates, g_array_unref);
  training_pictures_clear (&run->training);
  g_free (run->text);
  training_record_clear (&run->record);
  cpac_model_unref (run->model);
}

/* ---- The compressed network ---- */

static void
show_fitting (guint done, guint total, gpointer user_data)
{
  tool_progress ("fitting", done, total);
}

gboolean
compress_run_measure (const CompressRun *run, const CompressedModel *compressed,
                      CpacFidelity *fidelity, GError **error)
{
  const CpacFidelityOptions options = {
    .network = compressed->network,
    .params = compressed->params,
    .dense = cpac_model_get_network (run->model),
    .dense_params = cpac_model_get_params (run->model),
    .head = cpac_model_get_head (run->model),
    .dataset = run->training.dataset,
    .split = CPAC_SPLIT_VAL,
    .n_threads = run->wishes->n_threads,
  };

  return run->training.dataset == NULL || cpac_fidelity_measure (&options, fidelity, error);
}

static gboolean
decompose (const CompressRun *run, CompressedModel *compressed, GError **error)
{
  const CpacDecomposeOptions options = {
    .dense = cpac_model_get_network (run->model),
    .dense_params = cpac_model_get_params (run->model),
    .network = compressed->network,
    .params = compressed->params,
    .layers = &g_array_index (compressed->layers, CpacDecomposedLayer, 0),
    .n_layers = compressed->layers->len,
    .pictures = &run->training.pictures,
    .fit = run->wishes->fit,
    .seed = run->wishes->seed,
    .n_threads = run->wishes->n_threads,
    .progress = show_fitting,
  };
  gboolean ok = cpac_decompose_kernels (&options, error) &&
                compress_run_measure (run, compressed, &compressed->after_als, error);

  if (ok && run->training.dataset != NULL && run->wishes->fit != CPAC_DECOMPOSE_NOTHING)
    ok = cpac_decompose_fit (&options, error) &&
         compress_run_measure (run, compressed, &compressed->after_fit, error);
  tool_progress_end ();
  return ok;
}

CompressedModel *
compress_run_make (const CompressRun *run, guint *ranks, GError **error)
{
  const CpacNetwork *dense = cpac_model_get_network (run->model);
  const char *name = cpac_model_get_path (run->model);
  g_autoptr (CompressedModel) compressed = g_new0 (CompressedModel, 1);

  compressed->ranks = ranks;
  compressed->layers = g_array_new (FALSE, FALSE, sizeof (CpacDecomposedLayer));
  for (guint i = 0; i < cpac_network_get_n_layers (dense); i++) {
    CpacDecomposedLayer layer = { .layer = i };

    if (ranks[i] > 0)
      g_array_append_val (compressed->layers, layer);
  }
  compressed->text = cpac_factorize_text (dense, ranks, name, run->text, error);
  if (compressed->text == NULL ||
      (compressed->network = cpac_factorize_network (dense, name, compressed->text, error)) == NULL)
    return NULL;
  compressed->params =
      cpac_factorize_params (dense, cpac_model_get_params (run->model), compressed->network);
  if (run->wishes->budget == COMPRESS_BUDGET_TIME) {
    compressed->us_before = compress_time_network (dense);
    compressed->us = compress_time_network (compressed->network);
  }
  return decompose (run, compressed, error) ? g_steal_pointer (&compressed) : NULL;
}

void
compressed_model_free (CompressedModel *compressed)
{
  g_free (compressed->ranks);
  g_clear_pointer (&compressed->layers, g_array_unref);
  g_clear_pointer (&compressed->stages, g_array_unref);
  g_free (compressed->text);
  cpac_params_free (compressed->params);
  cpac_network_free (compressed->network);
  g_free (compressed);
}
