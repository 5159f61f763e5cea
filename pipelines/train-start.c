/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/train-start.h"

#include "core/train/init.h"
#include "pipelines/fit-record.h"
#include "pipelines/tool.h"

/* Whether layer @index sees pictures, @sees telling it of those above: nothing that could have
 * learnt lies between. */
static gboolean
sees_input (const CpacNetwork *network, guint index, const gboolean *sees)
{
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  const gint *inputs = cpac_network_get_inputs (network, index);

  for (guint k = 0; k < layer->n_inputs; k++)
    if (inputs[k] == CPAC_NETWORK_INPUT ||
        (sees[inputs[k]] && cpac_network_get_layer (network, (guint) inputs[k])->n_params == 0))
      return TRUE;
  return FALSE;
}

/* The first taken layer that sees pictures, or NULL. */
static const CpacLayer *
find_taken_at_input (const CpacNetwork *network, const gboolean *taken)
{
  guint n = cpac_network_get_n_layers (network);
  g_autofree gboolean *sees = g_new (gboolean, n);

  for (guint i = 0; i < n; i++) {
    sees[i] = sees_input (network, i, sees);
    if (sees[i] && taken[i])
      return cpac_network_get_layer (network, i);
  }
  return NULL;
}

static gboolean
is_same_normalisation (const CpacInputSpec *a, const CpacInputSpec *b)
{
  for (guint c = 0; c < MIN (a->channels, b->channels); c++)
    if (a->mean[c] != b->mean[c] || a->scale[c] != b->scale[c])
      return FALSE;
  return a->channels == b->channels;
}

static void
append_numbers (GString *text, const char *name, const double *values, guint n)
{
  g_string_append_printf (text, "%s: [", name);
  for (guint c = 0; c < n; c++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (text, "%s%s", c > 0 ? ", " : "",
                            g_ascii_formatd (number, sizeof number, "%.9g", values[c]));
  }
  g_string_append_c (text, ']');
}

/* As in a model's YAML. (transfer full) */
static char *
describe_normalisation (const CpacInputSpec *input)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "channels: %u, ", input->channels);
  append_numbers (text, "mean", input->mean, input->channels);
  g_string_append (text, ", ");
  append_numbers (text, "scale", input->scale, input->channels);
  return g_string_free (text, FALSE);
}

/* Kernels that see pictures know them by their numbers. Another size or way of resizing is fine,
 * and so is anything where new layers stand between the pictures and what was taken. */
static gboolean
check_input (const CpacModel *model, const CpacModel *shape, const gboolean *taken, GError **error)
{
  const CpacInputSpec *found = cpac_model_get_input (shape);
  const CpacInputSpec *expected = cpac_model_get_input (model);
  const CpacLayer *layer = find_taken_at_input (cpac_model_get_network (shape), taken);
  g_autofree char *here = NULL, *there = NULL;

  if (layer == NULL || is_same_normalisation (found, expected))
    return TRUE;
  here = describe_normalisation (found);
  there = describe_normalisation (expected);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: input: found %s, expected %s as in %s, whose layer %s has learnt from pictures "
               "in those units",
               cpac_model_get_path (shape), here, there, cpac_model_get_path (model), layer->name);
  return FALSE;
}

/* A model none of whose layers fits has been taken for another one. */
static gboolean
check (const CpacModel *model, const CpacModel *shape, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (shape);
  g_autoptr (CpacParams) params = cpac_params_new_random (network, 0);
  g_autofree gboolean *taken = g_new (gboolean, cpac_network_get_n_layers (network));
  guint n = cpac_init_take (network, params, cpac_model_get_network (model),
                            cpac_model_get_params (model), taken);

  if (n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: no layer has the name, type and shape of one of %s",
                 cpac_model_get_path (model), cpac_model_get_path (shape));
    return FALSE;
  }
  if (!check_input (model, shape, taken, error))
    return FALSE;
  tool_note ("%u layer%s begin%s with the weights of %s", n, n == 1 ? "" : "s", n == 1 ? "s" : "",
             cpac_model_get_path (model));
  return TRUE;
}

gboolean
train_start_load (TrainStart *start, const char *path, const CpacModel *shape, GError **error)
{
  start->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (start->model == NULL || !training_record_read (&start->record, start->model, error) ||
      !check (start->model, shape, error))
    return FALSE;
  fit_record_note_gap (&start->record, path);
  return TRUE;
}

void
train_start_clear (TrainStart *start)
{
  cpac_model_unref (start->model);
  training_record_clear (&start->record);
}
