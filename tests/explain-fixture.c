/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/explain-fixture.h"

#include <math.h>
#include <stdlib.h>

#include "tests/toy-model.h"

/* ---- Models ---- */

static void
fill (CpacTensor *tensor, GRand *random, double low, double high)
{
  gsize n = cpac_shape_count (&tensor->shape);

  for (gsize i = 0; i < n; i++)
    tensor->data[i] = (float) g_rand_double_range (random, low, high);
}

/* Adds the tensors of a gaussian of the shape that @shape says; its channels are every other one
 * where only some count. */
static void
write_gaussian (const CpacGaussian *shape, GRand *random, CpacWeightsWriter *writer)
{
  g_autoptr (CpacTensor) mean = cpac_tensor_new (cpac_gaussian_get_mean_shape (shape));
  g_autoptr (CpacTensor) whitening = cpac_tensor_new (cpac_gaussian_get_whitening_shape (shape));
  g_autoptr (CpacTensor) channels = cpac_tensor_new (CPAC_SHAPE (shape->n_channels));

  fill (mean, random, -1, 1);
  fill (whitening, random, -1, 1);
  for (guint i = 0; i < shape->n_channels; i++)
    channels->data[i] = (float) (2 * i);
  cpac_weights_writer_add (writer, "score.mean", mean);
  cpac_weights_writer_add (writer, "score.whitening", whitening);
  if (cpac_gaussian_selects (shape))
    cpac_weights_writer_add (writer, "score.channels", channels);
}

static char *
write_weights (const Folder *folder, const CpacModel *shape, guint64 seed,
               void (*change) (CpacParams *params))
{
  const CpacNetwork *network = cpac_model_get_network (shape);
  g_autoptr (CpacParams) params = cpac_params_new_random (network, seed);
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autofree char *path = g_build_filename (folder->path, "w.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  GRand *random = g_rand_new_with_seed ((guint32) seed + 7);
  char *sha256 = NULL;

  if (change != NULL)
    change (params);
  cpac_params_write (params, network, writer);
  if (cpac_model_get_gaussian (shape) != NULL)
    write_gaussian (cpac_model_get_gaussian (shape), random, writer);
  g_rand_free (random);
  cpac_weights_writer_save (writer, path, &sha256, &error);
  g_assert_no_error (error);
  return sha256;
}

static char *
describe (const char *layers, const CpacDims *input, const char *score, const char *weights)
{
  return g_strdup_printf ("cpac-model: 1\nname: toy\n"
                          "input: {width: %u, height: %u, channels: %u, mean: [%s], scale: [%s]}\n"
                          "layers: %s\nscore: %s\n%s",
                          input->width, input->height, input->channels,
                          input->channels == 3 ? "99, 99, 99" : "99",
                          input->channels == 3 ? "50, 50, 50" : "50", layers, score, weights);
}

CpacModel *
explain_model_changed (const char *layers, CpacDims input, const char *score, guint64 seed,
                       void (*change) (CpacParams *params))
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *bare = describe (layers, &input, score, ""), *sha256 = NULL, *line = NULL,
                  *text = NULL;
  g_autoptr (CpacModel) shape = NULL;
  g_autoptr (GError) error = NULL;
  CpacModel *model;

  folder_init (&folder);
  shape = load_text (&folder, bare, CPAC_MODEL_ALLOW_SHAPE, &error);
  g_assert_no_error (error);
  sha256 = write_weights (&folder, shape, seed, change);
  line = g_strdup_printf ("weights: {file: w.safetensors, sha256: %s}\n", sha256);
  text = describe (layers, &input, score, line);
  model = load_text (&folder, text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  return model;
}

CpacModel *
explain_model (const char *layers, CpacDims input, const char *score, guint64 seed)
{
  return explain_model_changed (layers, input, score, seed, NULL);
}

CpacRun *
explain_run (const CpacModel *model, CpacPrecision precision, guint64 seed)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  GRand *random = g_rand_new_with_seed ((guint32) seed);
  gsize n = cpac_dims_count (cpac_network_get_input (network));
  CpacRun *run;

  options.precision = precision;
  run = cpac_run_new (network, cpac_model_get_params (model), &options);
  for (gsize i = 0; i < n; i++) {
    float value = (float) g_rand_double_range (random, -2, 2);

    if (precision == CPAC_PRECISION_DOUBLE)
      ((double *) cpac_run_get_input (run, 0))[i] = value;
    else
      ((float *) cpac_run_get_input (run, 0))[i] = value;
  }
  g_rand_free (random);
  cpac_run_forward (run);
  return run;
}

/* Outputs of @run that are marked; NULL for the others. (transfer full) */
static const float **
marked_outputs (const CpacModel *model, const CpacRun *run, const gboolean *marks)
{
  guint n = cpac_network_get_n_layers (cpac_model_get_network (model));
  const float **outputs = g_new0 (const float *, n);

  for (guint i = 0; i < n; i++)
    if (marks[i])
      outputs[i] = cpac_run_get_output (run, i, 0);
  return outputs;
}

const CpacExplanation *
explain_explain (CpacExplainer *explainer, const CpacModel *model, CpacRun *run,
                 const CpacScoredMap *scored)
{
  g_autofree gboolean *marks =
      g_new0 (gboolean, cpac_network_get_n_layers (cpac_model_get_network (model)));
  g_autofree const float **outputs = NULL;

  cpac_explainer_mark (explainer, marks);
  outputs = marked_outputs (model, run, marks);
  return cpac_explainer_explain (
      explainer, &(CpacActivations){ cpac_run_get_input (run, 0), outputs }, scored);
}

const double *
explain_gradient (CpacGradientMap *map, const CpacModel *model, CpacRun *run,
                  const CpacScoredMap *scored)
{
  g_autofree gboolean *marks =
      g_new0 (gboolean, cpac_network_get_n_layers (cpac_model_get_network (model)));
  g_autofree const float **outputs = NULL;

  cpac_gradient_map_mark (map, marks);
  outputs = marked_outputs (model, run, marks);
  return cpac_gradient_map_compute (map, &(CpacActivations){ cpac_run_get_input (run, 0), outputs },
                                    scored);
}

float *
explain_heat_map (const CpacModel *model, const CpacRun *run)
{
  const CpacGaussian *gaussian = cpac_model_get_gaussian (model);
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacDims *dims = cpac_network_get_output (network);
  const float *maps[8];
  g_autofree float *scratch = NULL;
  float *map;

  switch (cpac_model_get_head (model)->kind) {
    case CPAC_HEAD_MAP:
      map = g_new (float, cpac_dims_count (dims));
      cpac_head_average (cpac_run_get_output (run, cpac_network_get_n_layers (network) - 1, 0),
                         dims->width, dims->height, map);
      return map;
    case CPAC_HEAD_GAUSSIAN:
      scratch = g_new (float, cpac_gaussian_get_scratch (gaussian));
      map = g_new (float, gaussian->width * gaussian->height);
      for (guint i = 0; i < gaussian->n_layers; i++)
        maps[i] = cpac_run_get_output (run, gaussian->layers[i], 0);
      cpac_gaussian_measure (gaussian, maps, scratch, map);
      return map;
    default:
      return NULL;
  }
}

/* ---- The quantity, in so many words ---- */

static double
mean_about (const double *plane, gint width, gint height, gint i, gint j)
{
  double sum = 0;
  guint n = 0;

  for (gint y = i - 1; y <= i + 1; y++)
    for (gint x = j - 1; x <= j + 1; x++)
      if (y >= 0 && y < height && x >= 0 && x < width) {
        sum += plane[y * width + x];
        n++;
      }
  return sum / n;
}

static int
descending (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (y > x) - (y < x);
}

/* The mean of the largest @top of the @n values, which are sorted. */
static double
top_mean (double *values, gsize n, double top)
{
  gsize k = top == 0 ? 1 : (gsize) ceil (top * (double) n - 1e-9);
  double sum = 0;

  qsort (values, n, sizeof (double), descending);
  for (gsize i = 0; i < k; i++)
    sum += values[i];
  return sum / (double) k;
}

static double
map_quantity (const double *logits, const CpacDims *dims, double top)
{
  gsize n = cpac_dims_count (dims);
  g_autofree double *map = g_new (double, n);

  for (guint i = 0; i < dims->height; i++)
    for (guint j = 0; j < dims->width; j++)
      map[i * dims->width + j] =
          mean_about (logits, (gint) dims->width, (gint) dims->height, (gint) i, (gint) j);
  return top_mean (map, n, top);
}

/* Feature @channel of all layers at cell (@p, @q): the 3x3 means of its map, bilinearly at the grid
 * of the first layer. */
static double
feature_at (const CpacGaussian *gaussian, const CpacRun *run, guint channel, guint p, guint q)
{
  guint layer = 0;
  const CpacDims *dims;
  const double *plane;
  gint width, height, i, j;
  double v, h, sum = 0;

  while (channel >= gaussian->dims[layer].channels)
    channel -= gaussian->dims[layer++].channels;
  dims = &gaussian->dims[layer];
  width = (gint) dims->width;
  height = (gint) dims->height;
  plane = (const double *) cpac_run_get_output (run, gaussian->layers[layer], 0) +
          (gsize) channel * dims->width * dims->height;
  v = CLAMP ((p + 0.5) * height / gaussian->height - 0.5, 0, height - 1);
  h = CLAMP ((q + 0.5) * width / gaussian->width - 0.5, 0, width - 1);
  i = (gint) v;
  j = (gint) h;
  for (gint y = i; y <= MIN (i + 1, height - 1); y++)
    for (gint x = j; x <= MIN (j + 1, width - 1); x++)
      sum += (1 - fabs (v - y)) * (1 - fabs (h - x)) * mean_about (plane, width, height, y, x);
  return sum;
}

static double
squared_distance (const CpacGaussian *gaussian, const CpacRun *run, guint p, guint q)
{
  guint n = gaussian->n_channels;
  gsize cells = (gsize) gaussian->width * gaussian->height, cell = p * gaussian->width + q;
  g_autofree double *z = g_new (double, n);
  double sum = 0;

  for (guint i = 0; i < n; i++)
    z[i] = feature_at (gaussian, run, gaussian->channels[i], p, q) -
           gaussian->mean->data[gaussian->mode == CPAC_GAUSSIAN_TEXTURE ? i : i * cells + cell];
  for (guint i = 0; i < n; i++) {
    gsize triangle = gaussian->mode == CPAC_GAUSSIAN_POSITION ? cell * (n * (n + 1) / 2) : 0;
    double product = 0;

    for (guint j = 0; j <= i; j++)
      product += gaussian->whitening->data[triangle + i * (i + 1) / 2 + j] * z[j];
    sum += product * product;
  }
  return sum / n;
}

/* @score receives the mean distance of the same cells, may be NULL. */
static double
gaussian_quantity (const CpacGaussian *gaussian, const CpacRun *run, double top, double *score)
{
  gsize n = (gsize) gaussian->width * gaussian->height;
  g_autofree double *squares = g_new (double, n), *roots = g_new (double, n);

  for (gsize k = 0; k < n; k++) {
    squares[k] =
        squared_distance (gaussian, run, (guint) k / gaussian->width, (guint) k % gaussian->width);
    roots[k] = sqrt (squares[k]);
  }
  if (score != NULL)
    *score = top_mean (roots, n, top);
  return top_mean (squares, n, top);
}

static double
class_quantity (const CpacHead *head, const double *logits)
{
  double bad = -INFINITY, good = -INFINITY;
  g_autofree double *sorted = g_memdup2 (logits, head->n_classes * sizeof (double));

  if (head->n_good == 0) {
    qsort (sorted, head->n_classes, sizeof (double), descending);
    return sorted[0] - sorted[1];
  }
  for (guint i = 0; i < head->n_classes; i++)
    if (head->is_good[i])
      good = MAX (good, logits[i]);
    else
      bad = MAX (bad, logits[i]);
  return bad - good;
}

gboolean
explain_gaussian_decides (const CpacModel *model, const CpacRun *run)
{
  const CpacCombined *combined = cpac_model_get_combined (model);
  double distance;
  double map = map_quantity (cpac_run_get_output (run, combined->layer, 0), &combined->dims,
                             combined->map.top);

  gaussian_quantity (cpac_model_get_gaussian (model), run, combined->gaussian.top, &distance);
  return (distance - combined->gaussian.low) / (combined->gaussian.high - combined->gaussian.low) >
         (map - combined->map.low) / (combined->map.high - combined->map.low);
}

double
explain_quantity (const CpacModel *model, const CpacRun *run)
{
  const CpacHead *head = cpac_model_get_head (model);
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacGaussian *gaussian = cpac_model_get_gaussian (model);
  const CpacCombined *combined = cpac_model_get_combined (model);
  const double *output = cpac_run_get_output (run, cpac_network_get_n_layers (network) - 1, 0);

  switch (head->kind) {
    case CPAC_HEAD_CLASSIFIER:
      return class_quantity (head, output);
    case CPAC_HEAD_MAP:
      return map_quantity (output, cpac_network_get_output (network), head->top);
    case CPAC_HEAD_GAUSSIAN:
      return gaussian_quantity (gaussian, run, head->top, NULL);
    case CPAC_HEAD_COMBINED:
      return explain_gaussian_decides (model, run)
                 ? gaussian_quantity (gaussian, run, combined->gaussian.top, NULL)
                 : map_quantity (cpac_run_get_output (run, combined->layer, 0), &combined->dims,
                                 combined->map.top);
    case CPAC_HEAD_NONE:
      break;
  }
  g_assert_not_reached ();
}
