/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/cut.h"

#include <string.h>

#include "core/model/config-edit.h"
#include "core/train/gray-stem.h"

#define STANDARDIZE "standardize-gray"

static const char *const resize_names[] = { "area", "bilinear", "nearest" };

typedef struct {
  const CpacModel *model;
  const CpacConfig *root;
  const char *text;
  const CpacCut *cut;
  const CpacNetwork *network;
  gboolean folds;   /* RGB becomes gray */
  gboolean *needed; /* (n_layers) */
  GString *out;
} Cutter;

/* ---- Which layers ---- */

static gboolean
mark_named (Cutter *cutter, GError **error)
{
  for (guint i = 0; cutter->cut->layers[i] != NULL; i++) {
    gint index = cpac_network_find (cutter->network, cutter->cut->layers[i]);

    if (index < 0) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s: there is no layer \"%s\" whose maps could be features",
                   cpac_model_get_path (cutter->model), cutter->cut->layers[i]);
      return FALSE;
    }
    cutter->needed[index] = TRUE;
  }
  return TRUE;
}

/* A layer reads only layers above it. */
static void
mark_needed (Cutter *cutter)
{
  for (guint i = cpac_network_get_n_layers (cutter->network); i-- > 0;) {
    const gint *inputs = cpac_network_get_inputs (cutter->network, i);

    for (guint k = 0; k < cpac_network_get_layer (cutter->network, i)->n_inputs; k++)
      if (cutter->needed[i] && inputs[k] != CPAC_NETWORK_INPUT)
        cutter->needed[inputs[k]] = TRUE;
  }
}

static gboolean
reads_frame (const CpacNetwork *network, guint index)
{
  const gint *inputs = cpac_network_get_inputs (network, index);

  for (guint k = 0; k < cpac_network_get_layer (network, index)->n_inputs; k++)
    if (inputs[k] == CPAC_NETWORK_INPUT)
      return TRUE;
  return FALSE;
}

static gboolean
check (const Cutter *cutter, GError **error)
{
  const CpacInputSpec *input = cpac_model_get_input (cutter->model);

  if (cutter->cut->standardize && input->channels == 3 && !cutter->cut->gray) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s takes RGB: pictures are standardized in gray, which the network must be made "
                 "for first",
                 cpac_model_get_path (cutter->model));
    return FALSE;
  }
  if (cutter->cut->standardize && cpac_network_find (cutter->network, STANDARDIZE) >= 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s standardizes pictures already, in its layer " STANDARDIZE
                 "; expected a network that does not",
                 cpac_model_get_path (cutter->model));
    return FALSE;
  }
  for (guint i = 0; cutter->folds && i < cpac_network_get_n_layers (cutter->network); i++)
    if (cutter->needed[i] && reads_frame (cutter->network, i) &&
        !cpac_gray_stem_check (cpac_network_get_layer (cutter->network, i), input, error))
      return FALSE;
  return TRUE;
}

/* ---- Text ---- */

static void
append_number (GString *out, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, g_ascii_formatd (number, sizeof number, "%.9g", value));
}

static void
append_numbers (GString *out, const char *key, const double *values, guint n)
{
  g_string_append_printf (out, ", %s: [", key);
  for (guint i = 0; i < n; i++) {
    g_string_append (out, i > 0 ? ", " : "");
    append_number (out, values[i]);
  }
  g_string_append_c (out, ']');
}

void
cpac_cut_get_input (const CpacModel *model, const CpacCut *cut, CpacInputSpec *input)
{
  *input = *cpac_model_get_input (model);
  if (cut->gray && input->channels == 3)
    cpac_gray_stem_get_input (cpac_model_get_input (model), input);
  input->width = cut->width > 0 ? cut->width : input->width;
  input->height = cut->height > 0 ? cut->height : input->height;
}

static void
append_input (Cutter *cutter, const CpacInputSpec *input)
{
  GString *out = cutter->out;

  g_string_append_printf (out, "input: {width: %u, height: %u, channels: %u", input->width,
                          input->height, input->channels);
  append_numbers (out, "mean", input->mean, input->channels);
  append_numbers (out, "scale", input->scale, input->channels);
  g_string_append_printf (out, ", resize: %s", resize_names[input->resize]);
  if (input->min_width > 1 || input->min_height > 1)
    g_string_append_printf (out, ", min-size: [%u, %u]", input->min_width, input->min_height);
  g_string_append (out, "}\n");
}

static const char *
get_source (const Cutter *cutter, gint index)
{
  if (index != CPAC_NETWORK_INPUT)
    return cpac_network_get_layer (cutter->network, (guint) index)->name;
  return cutter->cut->standardize ? STANDARDIZE : "input";
}

static void
append_inputs (Cutter *cutter, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (cutter->network, index);
  const gint *inputs = cpac_network_get_inputs (cutter->network, index);

  if (layer->n_inputs == 0)
    return;
  g_string_append (cutter->out, ", inputs: [");
  for (guint k = 0; k < layer->n_inputs; k++)
    g_string_append_printf (cutter->out, "%s%s", k > 0 ? ", " : "", get_source (cutter, inputs[k]));
  g_string_append_c (cutter->out, ']');
}

static void
append_layer (Cutter *cutter, guint index, const CpacConfig *map)
{
  static const char *const written[] = { "name", "type", "inputs", NULL };
  static const char *const written_of_stem[] = { "name", "type", "inputs", "bias", NULL };
  const CpacLayer *layer = cpac_network_get_layer (cutter->network, index);
  gboolean gets_bias = cutter->folds && reads_frame (cutter->network, index) &&
                       cpac_gray_stem_needs_bias (cpac_model_get_input (cutter->model));

  g_string_append_printf (cutter->out, "  - {name: %s, type: %s", layer->name, layer->klass->type);
  append_inputs (cutter, index);
  cpac_config_append_pairs (map, gets_bias ? written_of_stem : written, cutter->text, cutter->out);
  g_string_append (cutter->out, "}\n");
}

static void
append_standardize (Cutter *cutter, const CpacInputSpec *input)
{
  const CpacCut *cut = cutter->cut;
  GString *out = cutter->out;
  double shift = input->mean[0], scale = input->scale[0];
  const double clip[] = { -shift / scale, (255 - shift) / scale };

  g_string_append (out, "  # In 8-bit units: mean ");
  append_number (out, cut->mean);
  g_string_append (out, ", spread ");
  append_number (out, cut->spread);
  g_string_append (out, ", clipped to 0..255.\n  - {name: " STANDARDIZE
                        ", type: standardize, inputs: [input], mean: ");
  append_number (out, (cut->mean - shift) / scale);
  g_string_append (out, ", spread: ");
  append_number (out, cut->spread / scale);
  append_numbers (out, "clip", clip, G_N_ELEMENTS (clip));
  g_string_append (out, "}\n");
}

static char *
write_text (Cutter *cutter)
{
  const CpacConfig *layers = cpac_config_get (cutter->root, "layers", NULL);
  CpacInputSpec input;

  cpac_cut_get_input (cutter->model, cutter->cut, &input);
  cutter->out = g_string_new ("cpac-model: 1\nname: ");
  cpac_config_append_flow (cpac_config_get (cutter->root, "name", NULL), cutter->text, cutter->out);
  g_string_append_c (cutter->out, '\n');
  append_input (cutter, &input);
  g_string_append (cutter->out, "layers:\n");
  if (cutter->cut->standardize)
    append_standardize (cutter, &input);
  for (guint i = 0; i < cpac_network_get_n_layers (cutter->network); i++)
    if (cutter->needed[i])
      append_layer (cutter, i, cpac_config_get_item (layers, i));
  return g_string_free (cutter->out, FALSE);
}

char *
cpac_cut_text (const CpacModel *model, const CpacConfig *root, const char *text, const CpacCut *cut,
               GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  g_autofree gboolean *needed = g_new0 (gboolean, cpac_network_get_n_layers (network));
  Cutter cutter = { .model = model, .root = root, .text = text, .cut = cut, .network = network };

  cutter.needed = needed;
  cutter.folds = cut->gray && cpac_model_get_input (model)->channels == 3;
  if (!mark_named (&cutter, error))
    return NULL;
  mark_needed (&cutter);
  return check (&cutter, error) ? write_text (&cutter) : NULL;
}

/* ---- Parameters ---- */

static gboolean
copy_values (const CpacLayer *layer, CpacTensor *const *from, CpacTensor **to, GError **error)
{
  for (guint p = 0; p < layer->n_params; p++) {
    if (!cpac_shape_equal (&from[p]->shape, &to[p]->shape)) {
      g_autofree char *found = cpac_shape_to_string (&from[p]->shape);
      g_autofree char *expected = cpac_shape_to_string (&to[p]->shape);

      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                   "tensor %s.%s is %s, an input of that size would need %s", layer->name,
                   layer->params[p].name, found, expected);
      return FALSE;
    }
    memcpy (to[p]->data, from[p]->data, cpac_shape_count (&to[p]->shape) * sizeof (float));
  }
  return TRUE;
}

CpacParams *
cpac_cut_params (const CpacModel *model, const CpacCut *cut, const CpacNetwork *network,
                 GError **error)
{
  const CpacNetwork *whole = cpac_model_get_network (model);
  const CpacParams *from = cpac_model_get_params (model);
  const CpacInputSpec *input = cpac_model_get_input (model);
  g_autoptr (CpacParams) params = cpac_params_new_random (network, 0);

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    gint index = cpac_network_find (whole, layer->name);
    CpacTensor **to = params->values + params->first[i];

    if (layer->n_params == 0)
      continue;
    if (cut->gray && input->channels == 3 && reads_frame (whole, (guint) index))
      cpac_gray_stem_fold (cpac_network_get_layer (whole, (guint) index),
                           from->values + from->first[index], input, layer, to);
    else if (!copy_values (layer, from->values + from->first[index], to, error))
      return NULL;
  }
  return g_steal_pointer (&params);
}
