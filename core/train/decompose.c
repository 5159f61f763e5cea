/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/decompose.h"

#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/train/layer-moments.h"

/* As in CpacCpOptions. */
#define MAX_DEGENERACY 100

static const CpacTensor *
kernel_of (const CpacDecomposeOptions *o, guint layer)
{
  return o->dense_params->values[o->dense_params->first[layer] + CPAC_DENSE_WEIGHT];
}

static const char *
name_of (const CpacDecomposeOptions *o, guint layer)
{
  return cpac_network_get_layer (o->network, layer)->name;
}

/* ---- Kernels ---- */

/* CP-ALS of layer @layer into its factors; @channels: see CpacCpOptions. (transfer full) */
static CpacCp *
decompose (const CpacDecomposeOptions *o, guint layer, const double *channels, GError **error)
{
  guint rank = ((const CpacConvLayer *) cpac_network_get_layer (o->network, layer))->rank;
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  float *factors[4], *bias;
  CpacCp *cp;

  options.seed = o->seed;
  options.channels = channels;
  cp = cpac_cp_als (kernel_of (o, layer), rank, &options, error);
  if (cp == NULL) {
    g_prefix_error (error, "layer %s: ", name_of (o, layer));
    return NULL;
  }
  cpac_factorize_get_factors (o->network, o->params, layer, factors, &bias);
  for (guint m = 0; m < 4; m++) {
    const CpacTensor *from = (const CpacTensor *[]){ cp->a, cp->b, cp->c, cp->d }[m];

    memcpy (factors[m], from->data, cpac_shape_count (&from->shape) * sizeof (float));
  }
  return cp;
}

static void
keep_measures (CpacDecomposedLayer *of, const CpacCp *cp)
{
  of->fit = cp->fit;
  of->degeneracy = cp->degeneracy;
  of->congruence = cp->congruence;
  of->n_sweeps = cp->n_sweeps;
  of->outputs = (CpacCpRegression){ NAN, NAN, NAN, NAN, 0 };
}

typedef struct {
  const CpacDecomposeOptions *options;
  GError **errors; /* (n_layers) */
} Kernels;

static void
decompose_kernel (gpointer user_data, guint index, guint worker)
{
  Kernels *kernels = user_data;
  CpacDecomposedLayer *of = &kernels->options->layers[index];
  g_autoptr (CpacCp) cp = decompose (kernels->options, of->layer, NULL, &kernels->errors[index]);

  if (cp != NULL)
    keep_measures (of, cp);
}

gboolean
cpac_decompose_kernels (const CpacDecomposeOptions *o, GError **error)
{
  g_autoptr (CpacWorkers) workers = cpac_workers_new (o->n_threads);
  g_autofree GError **errors = g_new0 (GError *, o->n_layers + 1);
  Kernels kernels = { o, errors };

  cpac_workers_run (workers, o->n_layers, decompose_kernel, &kernels);
  return cpac_error_take_first (errors, o->n_layers, error);
}

/* ---- Outputs ---- */

typedef struct {
  const CpacDecomposeOptions *options;
  guint n_done, n_total;
} Progress;

static void
report_progress (guint done, guint total, gpointer user_data)
{
  const Progress *progress = user_data;
  const CpacDecomposeOptions *o = progress->options;

  if (o->progress != NULL)
    o->progress (progress->n_done + done, progress->n_total, o->progress_data);
}

static gboolean
gather (const CpacDecomposeOptions *o, CpacLayerMoments *of, Progress *progress, GError **error)
{
  const CpacLayerMomentsOptions options = {
    .network = o->network,
    .params = o->params,
    .target = o->dense,
    .target_params = o->dense_params,
    .layers = of,
    .n_layers = 1,
    .pictures = o->pictures,
    .n_threads = o->n_threads,
    .progress = report_progress,
    .progress_data = progress,
  };

  return cpac_layer_moments_gather (&options, error);
}

/* Second moments of what each channel reads, about the means where a bias takes those away; of all
 * taps alike. (transfer full) */
static double *
get_channels (const CpacCpMoments *m)
{
  gsize n = m->dims[3], n_taps = cpac_cp_moments_get_n_taps (m);
  double *channels = g_new0 (double, n *n);

  for (gsize first = 0; first < n_taps; first += n)
    for (gsize i = 0; i < n; i++)
      for (gsize k = 0; k < n; k++) {
        double mean = m->bias ? m->x[first + i] / m->n * m->x[first + k] : 0;

        channels[i * n + k] += (m->xx[(first + i) * n_taps + first + k] - mean) / m->n;
      }
  return channels;
}

static gboolean
fit_layer (const CpacDecomposeOptions *o, CpacDecomposedLayer *of, const CpacCpMoments *moments,
           GError **error)
{
  CpacCpRegressOptions options = CPAC_CP_REGRESS_OPTIONS_INIT;
  guint rank = ((const CpacConvLayer *) cpac_network_get_layer (o->network, of->layer))->rank;
  g_autofree double *channels = get_channels (moments);
  g_autoptr (CpacCp) start = decompose (o, of->layer, channels, error);
  float *factors[4], *bias;

  if (start == NULL)
    return FALSE;
  cpac_factorize_get_factors (o->network, o->params, of->layer, factors, &bias);
  if (o->fit == CPAC_DECOMPOSE_A)
    options.max_sweeps = 0;
  if (!cpac_cp_regress (moments, kernel_of (o, of->layer), rank, &options, factors, bias,
                        &of->outputs, error)) {
    g_prefix_error (error, "layer %s: ", name_of (o, of->layer));
    return FALSE;
  }
  if (of->outputs.degeneracy > MAX_DEGENERACY) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                 "layer %s: fitted to its outputs the %u components cancel each other, their "
                 "energies are %.3g times that of the kernel; another rank may do",
                 name_of (o, of->layer), rank, of->outputs.degeneracy);
    return FALSE;
  }
  of->degeneracy = of->outputs.degeneracy;
  of->congruence = cpac_cp_congruence ((const float *const *) factors, moments->dims, rank);
  return TRUE;
}

gboolean
cpac_decompose_fit (const CpacDecomposeOptions *o, GError **error)
{
  Progress progress = { .options = o, .n_total = o->n_layers * o->pictures->n };

  for (guint i = 0; i < o->n_layers; i++) {
    CpacLayerMoments of = { .layer = o->layers[i].layer, .target = o->layers[i].layer };
    gboolean ok;

    if (!gather (o, &of, &progress, error))
      return FALSE;
    ok = fit_layer (o, &o->layers[i], of.moments, error);
    cpac_cp_moments_free (of.moments);
    if (!ok)
      return FALSE;
    progress.n_done += o->pictures->n;
  }
  return TRUE;
}
