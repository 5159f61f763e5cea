/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/layers/layer.h"

#include "core/layers/types.h"

static const CpacLayerClass *const classes[] = {
  &cpac_add_class,
  &cpac_average_pool_class,
  &cpac_concat_class,
  &cpac_conv_class,
  &cpac_cpac_conv_class,
  &cpac_flatten_class,
  &cpac_global_average_pool_class,
  &cpac_linear_class,
  &cpac_local_contrast_class,
  &cpac_max_pool_class,
  &cpac_relu_class,
  &cpac_standardize_class,
  &cpac_template_class,
  &cpac_upsample_class,
  NULL,
};

static const char *const common_keys[] = { "name", "type", "inputs", NULL };

const CpacLayerClass *const *
cpac_layer_classes (void)
{
  return classes;
}

const CpacLayerClass *
cpac_layer_class_from_config (const CpacConfig *map, GError **error)
{
  const char *names[G_N_ELEMENTS (classes)];
  const CpacConfig *type = cpac_config_get (map, "type", error);
  guint index;

  if (type == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    names[i] = classes[i] != NULL ? classes[i]->type : NULL;
  if (!cpac_config_as_choice (type, names, &index, error))
    return NULL;
  return classes[index];
}

static gboolean
check_output (const CpacLayer *layer, const CpacConfig *map, GError **error)
{
  const CpacDims *out = &layer->out;
  g_autofree char *text = cpac_dims_to_string (out);

  if (out->channels > CPAC_MAX_CHANNELS && (out->height > 1 || out->width > 1))
    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "layer %s has %u channels, at most %u are taken", layer->name,
                              out->channels, CPAC_MAX_CHANNELS);
  if (out->height > CPAC_MAX_SIDE || out->width > CPAC_MAX_SIDE ||
      (guint64) out->height * out->width > CPAC_MAX_ELEMENTS ||
      (guint64) out->channels * ((guint64) out->height * out->width) > CPAC_MAX_ELEMENTS)
    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "layer %s has an output of %s, at most %u elements are taken",
                              layer->name, text, CPAC_MAX_ELEMENTS);
  return TRUE;
}

static gboolean
check_scratch (const CpacLayer *layer, const CpacConfig *map, GError **error)
{
  gsize n = cpac_layer_get_scratch (layer, MIN (CPAC_STRIP, cpac_layer_get_n_slices (layer)));

  if (n <= CPAC_MAX_ELEMENTS)
    return TRUE;
  return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                            "layer %s has %" G_GSIZE_FORMAT
                            " intermediate elements at once, at most %u are taken",
                            layer->name, n, CPAC_MAX_ELEMENTS);
}

CpacLayer *
cpac_layer_new (const CpacConfig *map, const CpacLayerClass *klass, const char *name,
                guint n_inputs, const CpacDims *in, GError **error)
{
  CpacLayer *layer;

  if (!cpac_config_check_keys2 (map, common_keys, klass->keys, error))
    return NULL;
  if (n_inputs < klass->min_inputs || n_inputs > klass->max_inputs) {
    cpac_config_error (map, CPAC_ERROR_SCHEMA, error, "layer %s (%s) has %u inputs, expected %u%s",
                       name, klass->type, n_inputs, klass->min_inputs,
                       klass->max_inputs > klass->min_inputs ? " or more" : "");
    return NULL;
  }
  layer = g_malloc0 (klass->instance_size);
  layer->klass = klass;
  layer->name = g_strdup (name);
  layer->n_inputs = n_inputs;
  layer->in = g_memdup2 (in, n_inputs * sizeof (CpacDims));
  if (!klass->setup (layer, map, error) || !check_output (layer, map, error) ||
      !check_scratch (layer, map, error)) {
    cpac_layer_free (layer);
    return NULL;
  }
  return layer;
}

void
cpac_layer_free (CpacLayer *layer)
{
  if (layer == NULL)
    return;
  g_free (layer->name);
  g_free (layer->in);
  g_free (layer);
}

guint
cpac_layer_get_n_slices (const CpacLayer *layer)
{
  return layer->klass->get_n_slices ? layer->klass->get_n_slices (layer) : layer->out.height;
}

gsize
cpac_layer_get_scratch (const CpacLayer *layer, guint n_slices)
{
  return layer->klass->get_scratch ? layer->klass->get_scratch (layer, n_slices) : 0;
}

gsize
cpac_layer_get_backward_scratch (const CpacLayer *layer)
{
  return layer->klass->get_backward_scratch ? layer->klass->get_backward_scratch (layer) : 0;
}

void
cpac_layer_count (const CpacLayer *layer, CpacCost *cost)
{
  *cost = (CpacCost){ 0 };
  for (guint i = 0; i < layer->n_params; i++)
    cost->parameters += cpac_shape_count (&layer->params[i].shape);
  cost->parameters_dense = cost->parameters;
  if (layer->klass->count != NULL)
    layer->klass->count (layer, cost);
}

gboolean
cpac_layer_add_param (CpacLayer *layer, const char *name, CpacShape shape, const CpacConfig *map,
                      GError **error)
{
  gsize n_bytes;

  if (!cpac_shape_checked (&shape, sizeof (float), &n_bytes) ||
      n_bytes > CPAC_MAX_ELEMENTS * sizeof (float)) {
    g_autofree char *text = cpac_shape_to_string (&shape);

    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "parameter %s.%s would be %s, at most %u elements are taken",
                              layer->name, name, text, CPAC_MAX_ELEMENTS);
  }
  g_assert (layer->n_params < CPAC_MAX_PARAMS);
  layer->params[layer->n_params++] = (CpacParamSpec){ .name = name, .shape = shape };
  return TRUE;
}

gboolean
cpac_layer_get_pair (const CpacConfig *map, const char *key, guint min, guint max, guint pair[2],
                     GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, key);

  if (node == NULL)
    return TRUE;
  if (cpac_config_get_kind (node) == CPAC_CONFIG_LIST)
    return cpac_config_get_uints (map, key, 2, min, max, pair, error);
  if (!cpac_config_get_uint (map, key, min, max, &pair[0], error))
    return FALSE;
  pair[1] = pair[0];
  return TRUE;
}
