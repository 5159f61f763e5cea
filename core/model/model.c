/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/model.h"

#include "core/model/files.h"
#include "core/model/golden.h"
#include "core/sync.h"

#define MAX_YAML (4u << 20)

struct _CpacModel {
  gatomicrefcount references;
  char *path;
  char *name;
  char *config_sha256;
  char *weights_sha256;
  char *scoring_sha256;
  CpacInputSpec input;
  CpacNetwork *network;
  CpacParams *params;
  CpacHead *head;
  CpacGaussian *gaussian;
  CpacCombined *combined;
  CpacGolden *golden;
  guint n_ignored;
};

static const char *const keys[] = { "cpac-model", "name",  "input",  "weights", "layers",
                                    "score",      "train", "golden", NULL };
static const char *const input_keys[] = { "width", "height", "channels", "mean",
                                          "scale", "resize", "min-size", NULL };
static const char *const weights_keys[] = { "file", "sha256", NULL };
static const char *const resize_names[] = { "area", "bilinear", "nearest", NULL };

/* One number for each channel of the input. */
static gboolean
read_per_channel (const CpacConfig *map, const char *key, guint n, double min, double max,
                  double *values, GError **error)
{
  g_autoptr (GArray) list = cpac_config_get_doubles (map, key, n, n, min, max, error);

  if (list == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    values[i] = g_array_index (list, double, i);
  return TRUE;
}

static gboolean
read_min_size (const CpacConfig *map, CpacInputSpec *input, GError **error)
{
  guint size[2];

  input->min_width = input->min_height = 1;
  if (!cpac_config_has (map, "min-size"))
    return TRUE;
  if (!cpac_config_get_uints (map, "min-size", 2, 1, CPAC_MAX_SIDE, size, error))
    return FALSE;
  input->min_width = size[0];
  input->min_height = size[1];
  return TRUE;
}

gboolean
cpac_model_read_input (const CpacConfig *map, CpacInputSpec *input, GError **error)
{
  guint resize = CPAC_RESIZE_AREA;

  if (!cpac_config_check_keys (map, input_keys, error) ||
      !cpac_config_get_uint (map, "width", 1, CPAC_MODEL_MAX_INPUT_SIDE, &input->width, error) ||
      !cpac_config_get_uint (map, "height", 1, CPAC_MODEL_MAX_INPUT_SIDE, &input->height, error) ||
      !cpac_config_get_uint (map, "channels", 1, 3, &input->channels, error))
    return FALSE;
  if (input->channels == 2)
    return cpac_config_error (cpac_config_peek (map, "channels"), CPAC_ERROR_SCHEMA, error,
                              "channels must be 1 (gray) or 3 (RGB), got 2");
  if (!read_per_channel (map, "mean", input->channels, -1e6, 1e6, input->mean, error) ||
      !read_per_channel (map, "scale", input->channels, 1e-6, 1e6, input->scale, error) ||
      !cpac_config_get_choice_default (map, "resize", resize_names, &resize, error))
    return FALSE;
  input->resize = resize;
  return read_min_size (map, input, error);
}

/* Counts the tensors that neither a layer nor the head has taken. */
static guint
count_ignored (const CpacModel *model, const CpacWeights *weights)
{
  guint n_taken = model->params->n_params;

  /* Each took one tensor of its own name, so the rest is ignored. */
  if (model->gaussian != NULL)
    n_taken += cpac_gaussian_get_n_tensors (model->gaussian);
  return cpac_weights_get_n_tensors (weights) - n_taken;
}

static gboolean
check_sha256 (const CpacConfig *node, const char *text, GError **error)
{
  gsize i = 0;

  while (g_ascii_isxdigit (text[i]))
    i++;
  if (i == 64 && text[i] == '\0')
    return TRUE;
  return cpac_config_error (node, CPAC_ERROR_SCHEMA, error,
                            "sha256 must be 64 hexadecimal digits, got \"%s\"", text);
}

static gboolean
read_weights (CpacModel *model, const CpacConfig *map, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (model->path);
  g_autofree char *path = NULL;
  g_autoptr (CpacWeights) weights = NULL;
  const char *file, *sha256;

  if (!cpac_config_check_keys (map, weights_keys, error) ||
      (file = cpac_config_get_string (map, "file", error)) == NULL ||
      (sha256 = cpac_config_get_string (map, "sha256", error)) == NULL ||
      !check_sha256 (cpac_config_peek (map, "sha256"), sha256, error))
    return FALSE;
  path = g_path_is_absolute (file) ? g_strdup (file) : g_build_filename (folder, file, NULL);
  weights = cpac_weights_load (path, sha256, error);
  if (weights == NULL)
    return FALSE;
  model->params = cpac_params_from_weights (model->network, weights, path, error);
  if (model->params == NULL ||
      (model->gaussian != NULL && !cpac_gaussian_bind (model->gaussian, weights, path, error)))
    return FALSE;
  model->weights_sha256 = g_strdup (cpac_weights_get_sha256 (weights));
  model->n_ignored = count_ignored (model, weights);
  return TRUE;
}

static gboolean
read_score (CpacModel *model, const CpacConfig *root, GError **error)
{
  const CpacConfig *map = cpac_config_get (root, "score", error);

  if (map == NULL)
    return FALSE;
  model->head = cpac_head_new (map, cpac_network_get_output (model->network), error);
  if (model->head == NULL)
    return FALSE;
  if (model->head->kind == CPAC_HEAD_COMBINED) {
    model->combined = cpac_combined_new (map, model->network, &map, error);
    if (model->combined == NULL)
      return FALSE;
  } else if (model->head->kind != CPAC_HEAD_GAUSSIAN) {
    return TRUE;
  }
  model->gaussian = cpac_gaussian_new (map, model->network, error);
  return model->gaussian != NULL;
}

static gboolean
read_network (CpacModel *model, const CpacConfig *root, GError **error)
{
  const CpacConfig *layers = cpac_config_get (root, "layers", error);
  CpacDims dims = { model->input.channels, model->input.height, model->input.width };

  if (layers == NULL)
    return FALSE;
  model->network = cpac_network_new (layers, &dims, error);
  return model->network != NULL;
}

static gboolean
read_golden (CpacModel *model, const CpacConfig *root, GError **error)
{
  const CpacConfig *map = cpac_config_peek (root, "golden");

  if (map == NULL)
    return TRUE;
  model->golden =
      cpac_golden_new (map, cpac_dims_count (cpac_network_get_output (model->network)), error);
  return model->golden != NULL;
}

/* What decides about scores. Thresholds and labels may change under a calibration, but for a
 * classifier, whose score is by its good classes. */
static char *
digest_scoring (const CpacModel *model, const CpacConfig *root)
{
  static const char *const not_scoring[] = { "threshold", "warn-threshold", "range", "calibration",
                                             "classes",   "good",           NULL };
  static const char *const not_scoring_of_classifier[] = { "threshold", "warn-threshold",
                                                           "calibration", NULL };
  g_autoptr (GChecksum) digest = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (digest, (const guchar *) model->weights_sha256, -1);
  cpac_config_add_to_digest (cpac_config_peek (root, "input"), NULL, digest);
  cpac_config_add_to_digest (cpac_config_peek (root, "layers"), NULL, digest);
  cpac_config_add_to_digest (
      cpac_config_peek (root, "score"),
      model->head->kind == CPAC_HEAD_CLASSIFIER ? not_scoring_of_classifier : not_scoring, digest);
  return g_strdup (g_checksum_get_string (digest));
}

static gboolean
read_model (CpacModel *model, const CpacConfig *root, CpacModelFlags flags, GError **error)
{
  const CpacConfig *input, *weights;
  const char *name;
  guint version;

  if (!cpac_config_get_uint (root, "cpac-model", 1, 1, &version, error) ||
      !cpac_config_check_keys (root, keys, error) ||
      (name = cpac_config_get_string (root, "name", error)) == NULL ||
      (input = cpac_config_get (root, "input", error)) == NULL ||
      !cpac_model_read_input (input, &model->input, error) || !read_network (model, root, error) ||
      !read_score (model, root, error) || !read_golden (model, root, error))
    return FALSE;
  model->name = g_strdup (name);
  weights = cpac_config_peek (root, "weights");
  if (weights != NULL && !read_weights (model, weights, error))
    return FALSE;
  if (weights != NULL)
    model->scoring_sha256 = digest_scoring (model, root);
  cpac_head_check_calibration (model->head, model->scoring_sha256);
  if (weights != NULL)
    return TRUE;
  if (!(flags & CPAC_MODEL_ALLOW_SHAPE))
    return cpac_config_error (root, CPAC_ERROR_SCHEMA, error,
                              "this is a shape without weights: it can be inspected, benchmarked "
                              "and trained, nothing else");
  model->params = cpac_params_new_random (model->network, 1);
  if (model->gaussian != NULL)
    cpac_gaussian_bind_unit (model->gaussian);
  return TRUE;
}

CpacModel *
cpac_model_load (const char *path, CpacModelFlags flags, GError **error)
{
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!cpac_file_read (path, MAX_YAML, &text, &length, error))
    return NULL;
  root = cpac_config_parse (path, text, length, error);
  if (root == NULL)
    return NULL;
  model = g_new0 (CpacModel, 1);
  g_atomic_ref_count_init (&model->references);
  model->path = g_strdup (path);
  model->config_sha256 =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  if (!read_model (model, root, flags, error))
    return NULL;
  if (model->golden != NULL && model->weights_sha256 != NULL &&
      !(flags & CPAC_MODEL_SKIP_SELF_CHECK) &&
      !cpac_golden_check (model->golden, model, NULL, error))
    return NULL;
  return g_steal_pointer (&model);
}

CpacModel *
cpac_model_ref (CpacModel *model)
{
  g_atomic_ref_count_inc (&model->references);
  return model;
}

void
cpac_model_unref (CpacModel *model)
{
  if (model == NULL || !cpac_ref_count_dec (&model->references))
    return;
  cpac_golden_free (model->golden);
  cpac_combined_free (model->combined);
  cpac_gaussian_free (model->gaussian);
  cpac_head_free (model->head);
  cpac_params_free (model->params);
  cpac_network_free (model->network);
  g_free (model->config_sha256);
  g_free (model->weights_sha256);
  g_free (model->scoring_sha256);
  g_free (model->name);
  g_free (model->path);
  g_free (model);
}

const char *
cpac_model_get_name (const CpacModel *model)
{
  return model->name;
}

const char *
cpac_model_get_path (const CpacModel *model)
{
  return model->path;
}

const CpacInputSpec *
cpac_model_get_input (const CpacModel *model)
{
  return &model->input;
}

const CpacNetwork *
cpac_model_get_network (const CpacModel *model)
{
  return model->network;
}

const CpacParams *
cpac_model_get_params (const CpacModel *model)
{
  return model->params;
}

const CpacHead *
cpac_model_get_head (const CpacModel *model)
{
  return model->head;
}

const CpacGaussian *
cpac_model_get_gaussian (const CpacModel *model)
{
  return model->gaussian;
}

const CpacCombined *
cpac_model_get_combined (const CpacModel *model)
{
  return model->combined;
}

const CpacGolden *
cpac_model_get_golden (const CpacModel *model)
{
  return model->golden;
}

const char *
cpac_model_get_scoring_sha256 (const CpacModel *model)
{
  return model->scoring_sha256;
}

const char *
cpac_model_get_weights_sha256 (const CpacModel *model)
{
  return model->weights_sha256;
}

const char *
cpac_model_get_config_sha256 (const CpacModel *model)
{
  return model->config_sha256;
}

gboolean
cpac_model_is_shape (const CpacModel *model)
{
  return model->weights_sha256 == NULL;
}

guint
cpac_model_get_n_ignored (const CpacModel *model)
{
  return model->n_ignored;
}
