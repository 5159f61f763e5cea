/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/gaussian.h"

#include <math.h>
#include <string.h>

/* Layers a (3 channels, 5x4 cells), b (2, the same grid), c (4, 2x2), of a 6x5 frame. */
#define LAYERS                                                                                     \
  "[{type: conv, name: a, filters: 3, kernel: 2}, {type: conv, name: b, filters: 2, kernel: 1}, "  \
  "{type: conv, name: c, filters: 4, kernel: 2, stride: 2}]"

static CpacNetwork *
make_network (const char *layers, CpacDims input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) config = cpac_config_parse ("layers", layers, strlen (layers), &error);
  CpacNetwork *network;

  g_assert_no_error (error);
  network = cpac_network_new (config, &input, &error);
  g_assert_no_error (error);
  return network;
}

static CpacGaussian *
try_gaussian (const char *yaml, const CpacNetwork *network, GError **error)
{
  g_autoptr (CpacConfig) config = cpac_config_parse ("score.yaml", yaml, strlen (yaml), error);

  g_assert_nonnull (config);
  return cpac_gaussian_new (config, network, error);
}

static CpacGaussian *
make_gaussian (const char *yaml, const CpacNetwork *network)
{
  g_autoptr (GError) error = NULL;
  CpacGaussian *gaussian = try_gaussian (yaml, network, &error);

  g_assert_no_error (error);
  return gaussian;
}

/* ---- What is refused ---- */

static const struct {
  const char *yaml;
  CpacError code;
  const char *message;
} bad_sections[] = {
  { "{layers: [a]}", CPAC_ERROR_SCHEMA, "1:1: found no key \"mode\" in this map, expected one" },
  { "{layers: [a], mode: textures}", CPAC_ERROR_SCHEMA,
    "1:21: mode: found textures, expected one of texture, position-mean, position (did you mean "
    "\"texture\"?)" },
  { "{mode: texture}", CPAC_ERROR_SCHEMA,
    "1:1: found no key \"layers\" in this map, expected one" },
  { "{mode: texture, layers: []}", CPAC_ERROR_SCHEMA,
    "1:25: layers must name at least one layer whose maps are the features" },
  { "{mode: texture, layers: [a, d]}", CPAC_ERROR_SCHEMA,
    "1:29: there is no layer \"d\" whose maps could be features" },
  { "{mode: texture, layers: [a, b], channels: 6}", CPAC_ERROR_SCHEMA,
    "1:43: channels: found 6, expected a whole number from 0 to 5" },
};

static void
test_refused (void)
{
  g_autoptr (CpacNetwork) network = make_network (LAYERS, (CpacDims){ 1, 5, 6 });

  for (guint i = 0; i < G_N_ELEMENTS (bad_sections); i++) {
    g_autofree char *message = g_strconcat ("score.yaml:", bad_sections[i].message, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (try_gaussian (bad_sections[i].yaml, network, &error));
    g_assert_error (error, CPAC_ERROR, (int) bad_sections[i].code);
    g_assert_cmpstr (error->message, ==, message);
  }
}

/* 16384 cells of 300 channels would be 740 million numbers. */
static void
test_too_large (void)
{
  g_autoptr (CpacNetwork) network =
      make_network ("[{type: conv, name: a, filters: 300, kernel: 1}]", (CpacDims){ 1, 128, 128 });
  g_autoptr (CpacGaussian) texture = make_gaussian ("{mode: texture, layers: [a]}", network);
  g_autoptr (CpacGaussian) few =
      make_gaussian ("{mode: position, layers: [a], channels: 8}", network);
  g_autoptr (GError) error = NULL;

  g_assert_null (try_gaussian ("{mode: position, layers: [a]}", network, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "score.yaml:1:1: 300 channels on 128x128 cells in mode position need more "
                   "statistics than a weights file holds; choose fewer with channels, or another "
                   "mode");
  g_assert_cmpuint (cpac_gaussian_get_n_bytes (few), ==, (8 + 36) * 16384 * 4);
}

static CpacWeights *
make_weights (CpacShape mean, CpacShape whitening, const float *channels, guint n_channels)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (CpacTensor) first = cpac_tensor_new (mean), second = cpac_tensor_new (whitening);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  CpacWeights *weights;

  cpac_weights_writer_add (writer, "score.mean", first);
  cpac_weights_writer_add (writer, "score.whitening", second);
  if (channels != NULL) {
    g_autoptr (CpacTensor) third = cpac_tensor_new (CPAC_SHAPE (n_channels));

    memcpy (third->data, channels, n_channels * sizeof (float));
    cpac_weights_writer_add (writer, "score.channels", third);
  }
  bytes = cpac_weights_writer_to_bytes (writer);
  weights =
      cpac_weights_parse ("w", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  return weights;
}

static const struct {
  const char *yaml;
  guint mean, whitening; /* elements, as flat tensors */
  float channels[2];
  const char *message; /* NULL: taken */
} tensors[] = {
  { "{mode: texture, layers: [a]}", 3, 6, { 0 }, NULL },
  { "{mode: texture, layers: [a]}",
    2,
    6,
    { 0 },
    "w: tensor score.mean is 2, head gaussian expects 3" },
  { "{mode: texture, layers: [a]}",
    3,
    9,
    { 0 },
    "w: tensor score.whitening is 9, head gaussian expects 6" },
  { "{mode: position-mean, layers: [a]}",
    3,
    6,
    { 0 },
    "w: tensor score.mean is 3, head gaussian expects 3x4x5" },
  { "{mode: texture, layers: [a], channels: 2}",
    2,
    3,
    { 0 },
    "w: there is no tensor score.channels, head gaussian expects one of 2" },
  { "{mode: texture, layers: [a], channels: 2}", 2, 3, { 0, 2 }, NULL },
  { "{mode: texture, layers: [a], channels: 2}",
    2,
    3,
    { 1, 3 },
    "w: tensor score.channels holds 3 as element 1, expected rising whole numbers below 3" },
  { "{mode: texture, layers: [a], channels: 2}",
    2,
    3,
    { 1, 1 },
    "w: tensor score.channels holds 1 as element 1, expected rising whole numbers below 3" },
  { "{mode: texture, layers: [a], channels: 2}",
    2,
    3,
    { 0.5f, 1 },
    "w: tensor score.channels holds 0.5 as element 0, expected rising whole numbers below 3" },
  { "{mode: texture, layers: [a], channels: 2}",
    2,
    3,
    { -1, 1 },
    "w: tensor score.channels holds -1 as element 0, expected rising whole numbers below 3" },
};

static void
test_bind (void)
{
  g_autoptr (CpacNetwork) network = make_network (LAYERS, (CpacDims){ 1, 5, 6 });

  for (guint i = 0; i < G_N_ELEMENTS (tensors); i++) {
    g_autoptr (CpacGaussian) gaussian = make_gaussian (tensors[i].yaml, network);
    const float *channels = tensors[i].channels;
    gboolean has_channels = channels[0] != 0 || channels[1] != 0;
    CpacWeights *weights =
        make_weights (CPAC_SHAPE (tensors[i].mean), CPAC_SHAPE (tensors[i].whitening),
                      has_channels ? channels : NULL, 2);
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (cpac_gaussian_bind (gaussian, weights, "w", &error), ==,
                     tensors[i].message == NULL);
    g_assert_cmpstr (error != NULL ? error->message : NULL, ==, tensors[i].message);
    cpac_weights_unref (weights);
  }
}

/* What was written is what is bound. */
static void
test_write (void)
{
  g_autoptr (CpacNetwork) network = make_network (LAYERS, (CpacDims){ 1, 5, 6 });
  const char *yaml = "{mode: position, layers: [a, c], channels: 3}";
  g_autoptr (CpacGaussian) gaussian = make_gaussian (yaml, network);
  g_autoptr (CpacGaussian) again = make_gaussian (yaml, network);
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  CpacWeights *weights;

  cpac_gaussian_bind_unit (gaussian);
  gaussian->channels[0] = 1;
  gaussian->channels[1] = 2;
  gaussian->channels[2] = 6;
  gaussian->mean->data[7] = 3.5f;
  cpac_gaussian_write (gaussian, writer);
  bytes = cpac_weights_writer_to_bytes (writer);
  weights =
      cpac_weights_parse ("w", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_weights_get_n_tensors (weights), ==,
                    cpac_gaussian_get_n_tensors (gaussian));
  cpac_gaussian_bind (again, weights, "w", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (again->channels, 3 * sizeof (guint), gaussian->channels, 3 * sizeof (guint));
  g_assert_cmpmem (again->mean->data, 60 * sizeof (float), gaussian->mean->data,
                   60 * sizeof (float));
  g_assert_cmpmem (again->whitening->data, 120 * sizeof (float), gaussian->whitening->data,
                   120 * sizeof (float));
  cpac_weights_unref (weights);
}

/* ---- Arithmetic ---- */

static float *
random_floats (gsize n, GRand *random)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
  return values;
}

/* Mean of the 3x3 about (y, x) of a plane, in double. */
static double
mean_about (const float *plane, const CpacDims *dims, gint y, gint x)
{
  double sum = 0;
  guint n = 0;

  for (gint i = y - 1; i <= y + 1; i++)
    for (gint j = x - 1; j <= x + 1; j++)
      if (i >= 0 && j >= 0 && i < (gint) dims->height && j < (gint) dims->width) {
        sum += plane[i * (gint) dims->width + j];
        n++;
      }
  return sum / n;
}

/* Linear between the means, at the place of cell (y, x) of the grid. */
static double
feature_at (const float *plane, const CpacDims *dims, guint width, guint height, guint y, guint x)
{
  double v = CLAMP ((y + 0.5) * dims->height / height - 0.5, 0, dims->height - 1.0);
  double h = CLAMP ((x + 0.5) * dims->width / width - 0.5, 0, dims->width - 1.0);
  gint i = (gint) floor (v), j = (gint) floor (h);
  gint k = MIN (i + 1, (gint) dims->height - 1), l = MIN (j + 1, (gint) dims->width - 1);

  v -= i;
  h -= j;
  return (1 - v) * ((1 - h) * mean_about (plane, dims, i, j) + h * mean_about (plane, dims, i, l)) +
         v * ((1 - h) * mean_about (plane, dims, k, j) + h * mean_about (plane, dims, k, l));
}

/* Of feature @k of all. */
static double
oracle_feature (const CpacGaussian *g, const float *const *maps, guint k, guint y, guint x)
{
  guint layer = 0;

  while (k >= g->dims[layer].channels)
    k -= g->dims[layer++].channels;
  return feature_at (maps[layer] + (gsize) k * g->dims[layer].width * g->dims[layer].height,
                     &g->dims[layer], g->width, g->height, y, x);
}

static double
oracle_distance (const CpacGaussian *g, const float *const *maps, guint y, guint x)
{
  gsize cell = (gsize) y * g->width + x, cells = (gsize) g->width * g->height;
  gsize n = g->n_channels, triangle = n * (n + 1) / 2;
  gboolean own = g->mode == CPAC_GAUSSIAN_POSITION, one = g->mode == CPAC_GAUSSIAN_TEXTURE;
  const float *w = g->whitening->data + (own ? cell * triangle : 0);
  double sum = 0;

  for (gsize i = 0; i < n; i++) {
    double product = 0;

    for (gsize j = 0; j <= i; j++)
      product += *w++ * (oracle_feature (g, maps, g->channels[j], y, x) -
                         g->mean->data[one ? j : j * cells + cell]);
    sum += product * product;
  }
  return sqrt (sum / (double) n);
}

static const struct {
  const char *score;
  CpacDims dims[3]; /* of the layers' maps */
  guint n_layers;
  guint n_channels;
} cases[] = {
  { "texture", { { 1, 1, 1 } }, 1, 1 },
  { "texture", { { 3, 5, 2 } }, 1, 3 },
  { "texture", { { 17, 17, 31 } }, 1, 17 }, /* more than one tile of cells */
  { "position-mean", { { 5, 3, 17 } }, 1, 5 },
  { "position", { { 2, 1, 5 } }, 1, 2 },
  { "position", { { 35, 3, 2 } }, 1, 35 },
  { "texture", { { 2, 5, 4 }, { 3, 2, 2 } }, 2, 5 },
  { "position-mean", { { 2, 2, 3 }, { 1, 5, 7 }, { 4, 1, 1 } }, 3, 7 },
  { "position", { { 4, 3, 3 }, { 5, 6, 6 } }, 2, 9 },
  { "position", { { 4, 3, 3 }, { 5, 6, 6 } }, 2, 4 }, /* some of the features */
};

/* Against the definition, in double. Features are up to 1, whitened by rows of up to n numbers up
 * to 1: products up to n, each sum of n terms off by less than n^2 2^-24; the distance by no more.
 */
static void
test_measure (void)
{
  GRand *random = g_rand_new_with_seed (7);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CpacGaussian) g = g_new0 (CpacGaussian, 1);
    g_autofree float *scratch = NULL, *map = NULL;
    float *maps[3] = { NULL };
    gsize n_scratch, n_weights;
    double tolerance;

    for (g->mode = 0; strcmp (cpac_gaussian_mode_to_string (g->mode), cases[i].score) != 0;)
      g->mode++;
    g->n_layers = cases[i].n_layers;
    g->dims = g_memdup2 (cases[i].dims, sizeof cases[i].dims);
    g->width = cases[i].dims[0].width;
    g->height = cases[i].dims[0].height;
    for (guint k = 0; k < g->n_layers; k++) {
      g->n_features += g->dims[k].channels;
      maps[k] = random_floats (cpac_dims_count (&g->dims[k]), random);
    }
    g->n_channels = cases[i].n_channels;
    g->channels = g_new (guint, g->n_channels);
    for (guint k = 0; k < g->n_channels; k++)
      g->channels[k] = k * g->n_features / g->n_channels;
    cpac_gaussian_bind_unit (g);
    n_weights = cpac_shape_count (&g->whitening->shape);
    for (gsize k = 0; k < n_weights; k++)
      g->whitening->data[k] = (float) g_rand_double_range (random, -1, 1);
    for (gsize k = 0; k < cpac_shape_count (&g->mean->shape); k++)
      g->mean->data[k] = (float) g_rand_double_range (random, -1, 1);
    n_scratch = cpac_gaussian_get_scratch (g);
    scratch = g_new (float, n_scratch + 1);
    map = g_new (float, (gsize) g->width * g->height + 1);
    for (gsize k = 0; k <= n_scratch; k++)
      scratch[k] = NAN;
    map[(gsize) g->width * g->height] = 42;
    cpac_gaussian_measure (g, (const float *const *) maps, scratch, map);
    tolerance = 2 * (double) g->n_channels * g->n_channels * 0x1p-24 + 8 * 0x1p-24;
    for (guint y = 0; y < g->height; y++)
      for (guint x = 0; x < g->width; x++)
        g_assert_cmpfloat_with_epsilon (map[y * g->width + x],
                                        oracle_distance (g, (const float *const *) maps, y, x),
                                        tolerance);
    g_assert_cmpfloat (map[(gsize) g->width * g->height], ==, 42);
    g_assert_true (isnan (scratch[n_scratch]));
    for (guint k = 0; k < g->n_layers; k++)
      g_free (maps[k]);
  }
  g_rand_free (random);
}

/* With unit covariance of 2 channels about 0: sqrt ((3^2 + 4^2) / 2). */
static void
test_unit (void)
{
  g_autoptr (CpacNetwork) network =
      make_network ("[{type: conv, name: a, filters: 2, kernel: 1}]", (CpacDims){ 1, 1, 1 });
  g_autoptr (CpacGaussian) gaussian = make_gaussian ("{mode: position, layers: [a]}", network);
  g_autofree float *scratch = g_new (float, cpac_gaussian_get_scratch (gaussian));
  const float values[2] = { 3, -4 }, *maps[] = { values };
  float map;

  cpac_gaussian_bind_unit (gaussian);
  cpac_gaussian_measure (gaussian, maps, scratch, &map);
  g_assert_cmpfloat (map, ==, sqrtf (12.5f));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaussian/refused", test_refused);
  g_test_add_func ("/gaussian/too-large", test_too_large);
  g_test_add_func ("/gaussian/bind", test_bind);
  g_test_add_func ("/gaussian/write", test_write);
  g_test_add_func ("/gaussian/measure", test_measure);
  g_test_add_func ("/gaussian/unit", test_unit);
  return g_test_run ();
}
