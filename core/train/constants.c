/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Parameters that training leaves alone: from the weights file; of a template, from the data; else
 * from the model whose weights training begins with. */

#include <string.h>

#include "core/train/init.h"
#include "core/train/trainer-private.h"

/* @mean (channels, height, width): of the good training pictures, as the network sees them. */
static gboolean
get_mean_input (const CpacDataset *dataset, gsize n_values, float *mean, GError **error)
{
  g_autofree float *input = g_new (float, n_values);
  g_autofree double *sum = g_new0 (double, n_values);
  guint n = 0;

  for (guint i = 0; i < cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN); i++) {
    if (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, i)->defect)
      continue;
    if (!cpac_dataset_get_input (dataset, CPAC_SPLIT_TRAIN, i, input, error))
      return FALSE;
    for (gsize k = 0; k < n_values; k++)
      sum[k] += input[k];
    n++;
  }
  if (n == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "a template is the mean of the good training pictures, but there are none");
    return FALSE;
  }
  for (gsize k = 0; k < n_values; k++)
    mean[k] = (float) (sum[k] / n);
  return TRUE;
}

static gboolean
is_like_input (const CpacNetwork *network, const CpacLayer *layer)
{
  const CpacDims *input = cpac_network_get_input (network);

  return g_str_equal (layer->klass->type, "template") && layer->out.channels == input->channels &&
         layer->out.height == input->height && layer->out.width == input->width;
}

/* What the layers below the donor's constant put out is what they put out here, too. */
static gboolean
take_constant (const CpacTrainerOptions *options, const CpacLayer *layer, guint p,
               CpacTensor *value)
{
  gint from = options->donor != NULL ? cpac_init_find_donor (options->donor_network, layer) : -1;

  if (from < 0)
    return FALSE;
  memcpy (value->data, options->donor->values[options->donor->first[from] + p]->data,
          cpac_shape_count (&value->shape) * sizeof (float));
  return TRUE;
}

static gboolean
make_constant (const CpacTrainerOptions *options, const CpacLayer *layer, guint p,
               CpacTensor *value, GError **error)
{
  if (is_like_input (options->network, layer))
    return get_mean_input (options->dataset, cpac_shape_count (&value->shape), value->data, error);
  if (take_constant (options, layer, p, value))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "layer %s (%s): %s is a constant, which training takes from the weights file, but "
               "the model has none; only a template as large as the input is made from the data",
               layer->name, layer->klass->type, layer->params[p].name);
  return FALSE;
}

gboolean
cpac_train_set_constants (const CpacTrainerOptions *options, CpacParams *params, GError **error)
{
  const CpacNetwork *network = options->network;
  const CpacParams *from = options->constants;
  guint n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      if (!layer->params[p].constant)
        continue;
      if (from != NULL)
        memcpy (params->values[n]->data, from->values[n]->data,
                cpac_shape_count (&from->values[n]->shape) * sizeof (float));
      else if (!make_constant (options, layer, p, params->values[n], error))
        return FALSE;
    }
  }
  return TRUE;
}
