/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/gaussian.h"

#include <math.h>
#include <string.h>

#define MAX_LAYERS 64
/* One covariance of as many takes 0.5 GB in double. */
#define MAX_CHANNELS 8192
/* Elements of the whitening: what the largest weights file holds. */
#define MAX_ELEMENTS ((guint64) 1 << 29)

#define MEAN "score.mean"
#define WHITENING "score.whitening"
#define CHANNELS "score.channels"

static const char *const mode_names[] = { "texture", "position-mean", "position", NULL };

const char *
cpac_gaussian_mode_to_string (CpacGaussianMode mode)
{
  return mode_names[mode];
}

const char *const *
cpac_gaussian_mode_names (void)
{
  return mode_names;
}

static gsize
count_triangle (const CpacGaussian *gaussian)
{
  return (gsize) gaussian->n_channels * (gaussian->n_channels + 1) / 2;
}

static gsize
count_cells (const CpacGaussian *gaussian)
{
  return (gsize) gaussian->width * gaussian->height;
}

/* ---- What the file says ---- */

static gboolean
find_layers (CpacGaussian *gaussian, const CpacConfig *map, const CpacNetwork *network,
             GError **error)
{
  g_auto (GStrv) names = cpac_config_get_strings (map, "layers", MAX_LAYERS, error);
  const CpacConfig *list = cpac_config_peek (map, "layers");

  if (names == NULL)
    return FALSE;
  gaussian->n_layers = g_strv_length (names);
  if (gaussian->n_layers == 0)
    return cpac_config_error (list, CPAC_ERROR_SCHEMA, error,
                              "layers must name at least one layer whose maps are the features");
  gaussian->layers = g_new (guint, gaussian->n_layers);
  gaussian->dims = g_new (CpacDims, gaussian->n_layers);
  for (guint i = 0; i < gaussian->n_layers; i++) {
    gint index = cpac_network_find (network, names[i]);

    if (index < 0)
      return cpac_config_error (cpac_config_get_item (list, i), CPAC_ERROR_SCHEMA, error,
                                "there is no layer \"%s\" whose maps could be features", names[i]);
    gaussian->layers[i] = (guint) index;
    gaussian->dims[i] = cpac_network_get_layer (network, (guint) index)->out;
    gaussian->n_features += gaussian->dims[i].channels;
  }
  gaussian->width = gaussian->dims[0].width;
  gaussian->height = gaussian->dims[0].height;
  return TRUE;
}

static gboolean
read_channels (CpacGaussian *gaussian, const CpacConfig *map, GError **error)
{
  guint n = 0;

  if (!cpac_config_get_uint_default (map, "channels", 0, gaussian->n_features, &n, error))
    return FALSE;
  gaussian->n_channels = n > 0 ? n : gaussian->n_features;
  if (gaussian->n_channels > MAX_CHANNELS)
    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "the layers have %u channels, at most %u are taken; choose fewer "
                              "with channels",
                              gaussian->n_channels, MAX_CHANNELS);
  gaussian->channels = g_new (guint, gaussian->n_channels);
  for (guint i = 0; i < gaussian->n_channels; i++)
    gaussian->channels[i] = i;
  return TRUE;
}

static gboolean
check_size (const CpacGaussian *gaussian, const CpacConfig *map, GError **error)
{
  guint64 cells = gaussian->mode == CPAC_GAUSSIAN_POSITION ? count_cells (gaussian) : 1;
  guint64 mean = (guint64) gaussian->n_channels * count_cells (gaussian);

  if (cells * count_triangle (gaussian) <= MAX_ELEMENTS && mean <= MAX_ELEMENTS)
    return TRUE;
  return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                            "%u channels on %ux%u cells in mode %s need more statistics than a "
                            "weights file holds; choose fewer with channels, or another mode",
                            gaussian->n_channels, gaussian->width, gaussian->height,
                            mode_names[gaussian->mode]);
}

CpacGaussian *
cpac_gaussian_new (const CpacConfig *map, const CpacNetwork *network, GError **error)
{
  g_autoptr (CpacGaussian) gaussian = g_new0 (CpacGaussian, 1);
  const CpacConfig *mode = cpac_config_get (map, "mode", error);
  guint index;

  if (mode == NULL || !cpac_config_as_choice (mode, mode_names, &index, error))
    return NULL;
  gaussian->mode = index;
  if (!find_layers (gaussian, map, network, error) || !read_channels (gaussian, map, error) ||
      !check_size (gaussian, map, error))
    return NULL;
  return g_steal_pointer (&gaussian);
}

void
cpac_gaussian_free (CpacGaussian *gaussian)
{
  if (gaussian == NULL)
    return;
  g_free (gaussian->layers);
  g_free (gaussian->dims);
  g_free (gaussian->channels);
  cpac_tensor_free (gaussian->mean);
  cpac_tensor_free (gaussian->whitening);
  g_free (gaussian);
}

/* ---- Tensors ---- */

gboolean
cpac_gaussian_selects (const CpacGaussian *gaussian)
{
  return gaussian->n_channels < gaussian->n_features;
}

guint
cpac_gaussian_get_n_tensors (const CpacGaussian *gaussian)
{
  return cpac_gaussian_selects (gaussian) ? 3 : 2;
}

CpacShape
cpac_gaussian_get_mean_shape (const CpacGaussian *gaussian)
{
  if (gaussian->mode == CPAC_GAUSSIAN_TEXTURE)
    return CPAC_SHAPE (gaussian->n_channels);
  return CPAC_SHAPE (gaussian->n_channels, gaussian->height, gaussian->width);
}

CpacShape
cpac_gaussian_get_whitening_shape (const CpacGaussian *gaussian)
{
  if (gaussian->mode != CPAC_GAUSSIAN_POSITION)
    return CPAC_SHAPE (count_triangle (gaussian));
  return CPAC_SHAPE (gaussian->height, gaussian->width, count_triangle (gaussian));
}

gsize
cpac_gaussian_get_n_bytes (const CpacGaussian *gaussian)
{
  CpacShape mean = cpac_gaussian_get_mean_shape (gaussian);
  CpacShape whitening = cpac_gaussian_get_whitening_shape (gaussian);

  return (cpac_shape_count (&mean) + cpac_shape_count (&whitening)) * sizeof (float);
}

static const CpacTensor *
look_up (const CpacWeights *weights, const char *file, const char *name, CpacShape shape,
         GError **error)
{
  const CpacTensor *tensor = cpac_weights_lookup (weights, name);
  g_autofree char *expected = cpac_shape_to_string (&shape);
  g_autofree char *found = NULL;

  if (tensor == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: there is no tensor %s, head gaussian expects one of %s", file, name,
                 expected);
    return NULL;
  }
  if (cpac_shape_equal (&tensor->shape, &shape))
    return tensor;
  found = cpac_shape_to_string (&tensor->shape);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE, "%s: tensor %s is %s, head gaussian expects %s",
               file, name, found, expected);
  return NULL;
}

static gboolean
bind_channels (CpacGaussian *gaussian, const CpacWeights *weights, const char *file, GError **error)
{
  const CpacTensor *tensor =
      look_up (weights, file, CHANNELS, CPAC_SHAPE (gaussian->n_channels), error);
  double least = 0;

  for (guint i = 0; tensor != NULL && i < gaussian->n_channels; i++) {
    double value = tensor->data[i];

    if (!(value >= least && value < gaussian->n_features && value == floor (value))) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "%s: tensor " CHANNELS " holds %g as element %u, expected rising whole numbers "
                   "below %u",
                   file, value, i, gaussian->n_features);
      return FALSE;
    }
    gaussian->channels[i] = (guint) value;
    least = value + 1;
  }
  return tensor != NULL;
}

gboolean
cpac_gaussian_bind (CpacGaussian *gaussian, const CpacWeights *weights, const char *file,
                    GError **error)
{
  const CpacTensor *mean, *whitening;

  mean = look_up (weights, file, MEAN, cpac_gaussian_get_mean_shape (gaussian), error);
  if (mean == NULL)
    return FALSE;
  whitening =
      look_up (weights, file, WHITENING, cpac_gaussian_get_whitening_shape (gaussian), error);
  if (whitening == NULL)
    return FALSE;
  if (cpac_gaussian_selects (gaussian) && !bind_channels (gaussian, weights, file, error))
    return FALSE;
  gaussian->mean = cpac_tensor_copy (mean);
  gaussian->whitening = cpac_tensor_copy (whitening);
  return TRUE;
}

void
cpac_gaussian_bind_unit (CpacGaussian *gaussian)
{
  gsize triangle = count_triangle (gaussian), n;

  gaussian->mean = cpac_tensor_new (cpac_gaussian_get_mean_shape (gaussian));
  gaussian->whitening = cpac_tensor_new (cpac_gaussian_get_whitening_shape (gaussian));
  n = cpac_shape_count (&gaussian->whitening->shape);
  for (gsize first = 0; first < n; first += triangle)
    for (gsize i = 0; i < gaussian->n_channels; i++)
      gaussian->whitening->data[first + i * (i + 3) / 2] = 1;
}

void
cpac_gaussian_write (const CpacGaussian *gaussian, CpacWeightsWriter *writer)
{
  g_autoptr (CpacTensor) channels = cpac_tensor_new (CPAC_SHAPE (gaussian->n_channels));

  cpac_weights_writer_add (writer, MEAN, gaussian->mean);
  cpac_weights_writer_add (writer, WHITENING, gaussian->whitening);
  if (!cpac_gaussian_selects (gaussian))
    return;
  for (guint i = 0; i < gaussian->n_channels; i++)
    channels->data[i] = (float) gaussian->channels[i];
  cpac_weights_writer_add (writer, CHANNELS, channels);
}
