/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/toy.h"

#include <float.h>
#include <math.h>
#include <string.h>

CpacConfig *
toy_parse (const char *layers)
{
  g_autoptr (GError) error = NULL;
  CpacConfig *config = cpac_config_parse ("toy.yaml", layers, strlen (layers), &error);

  g_assert_no_error (error);
  return config;
}

void
toy_init (Toy *toy, const char *layers, CpacDims input, guint64 seed)
{
  g_autoptr (CpacConfig) config = toy_parse (layers);
  g_autoptr (GError) error = NULL;
  GRand *random = g_rand_new_with_seed ((guint32) seed + 1);
  gsize n = cpac_dims_count (&input);

  toy->network = cpac_network_new (config, &input, &error);
  if (error != NULL)
    g_error ("%s: %s", layers, error->message);
  toy->params = cpac_params_new_random (toy->network, seed);
  toy->pictures = g_new (float, TOY_BATCH *n);
  for (gsize i = 0; i < (TOY_BATCH - 1) * n; i++)
    toy->pictures[i] = (float) g_rand_double_range (random, -2, 2);
  memcpy (toy->pictures + 2 * n, toy->pictures, n * sizeof (float));
  g_rand_free (random);
}

void
toy_clear (Toy *toy)
{
  g_clear_pointer (&toy->params, cpac_params_free);
  g_clear_pointer (&toy->network, cpac_network_free);
  g_clear_pointer (&toy->pictures, g_free);
}

gsize
toy_n_inputs (const Toy *toy)
{
  return cpac_dims_count (cpac_network_get_input (toy->network));
}

const CpacDims *
toy_out (const Toy *toy)
{
  return cpac_network_get_output (toy->network);
}

gsize
toy_n_outputs (const Toy *toy)
{
  return cpac_dims_count (toy_out (toy));
}

const CpacLayer *
toy_last (const Toy *toy)
{
  return cpac_network_get_layer (toy->network, cpac_network_get_n_layers (toy->network) - 1);
}

const float *
toy_param (const Toy *toy, guint index)
{
  guint last = cpac_network_get_n_layers (toy->network) - 1;

  return toy->params->values[toy->params->first[last] + index]->data;
}

static void
poison (const Toy *toy, CpacRun *run, guint batch, gsize real_size)
{
  for (guint i = 0; i < cpac_network_get_n_layers (toy->network); i++) {
    gsize n = cpac_dims_count (&cpac_network_get_layer (toy->network, i)->out);

    /* All bits set is not a number in both precisions. */
    for (guint b = 0; b < batch; b++)
      memset ((gpointer) cpac_run_get_output (run, i, b), 0xff, n * real_size);
  }
}

static void
put_picture (const Toy *toy, CpacRun *run, guint picture, gboolean is_double)
{
  gsize n = toy_n_inputs (toy);
  gpointer input = cpac_run_get_input (run, picture);

  for (gsize i = 0; i < n; i++)
    if (is_double)
      ((double *) input)[i] = toy->pictures[picture * n + i];
    else
      ((float *) input)[i] = toy->pictures[picture * n + i];
}

double *
toy_run (const Toy *toy, CpacPrecision precision, guint batch, guint n_threads)
{
  gboolean is_double = precision == CPAC_PRECISION_DOUBLE;
  CpacRunOptions options = { .batch = batch, .n_threads = n_threads, .precision = precision };
  g_autoptr (CpacRun) run = cpac_run_new (toy->network, toy->params, &options);
  gsize n = toy_n_outputs (toy);
  double *all = g_new (double, batch *n);

  poison (toy, run, batch, is_double ? sizeof (double) : sizeof (float));
  for (guint b = 0; b < batch; b++)
    put_picture (toy, run, b, is_double);
  cpac_run_forward (run);
  for (guint b = 0; b < batch; b++) {
    gconstpointer out = cpac_run_get_output (run, cpac_network_get_n_layers (toy->network) - 1, b);

    for (gsize i = 0; i < n; i++)
      all[b * n + i] = is_double ? ((const double *) out)[i] : ((const float *) out)[i];
  }
  return all;
}

static void
check_close (const Toy *toy, CpacPrecision precision, const double *expected, const double *bound,
             double relative)
{
  g_autofree double *got = toy_run (toy, precision, 1, 1);
  double tiny = precision == CPAC_PRECISION_DOUBLE ? DBL_MIN : FLT_MIN;

  for (gsize i = 0; i < toy_n_outputs (toy); i++)
    if (!(fabs (got[i] - expected[i]) <= relative * bound[i] + tiny))
      g_error ("%s: output %" G_GSIZE_FORMAT " is %.17g, expected %.17g +- %g",
               toy_last (toy)->klass->type, i, got[i], expected[i], relative * bound[i]);
}

void
toy_check (const Toy *toy, const double *expected, const double *bound, guint n_roundings)
{
  double n = n_roundings;

  check_close (toy, CPAC_PRECISION_SINGLE, expected, bound, n * FLT_EPSILON / 2 * 1.01);
  check_close (toy, CPAC_PRECISION_DOUBLE, expected, bound, 2 * n * DBL_EPSILON / 2 * 1.01);
}

void
toy_check_bits (const Toy *toy)
{
  static const guint threads[] = { 1, 2, 3, 5 };
  gsize n = toy_n_outputs (toy);
  g_autofree double *alone = toy_run (toy, CPAC_PRECISION_SINGLE, 1, 1);
  g_autofree double *batch = toy_run (toy, CPAC_PRECISION_SINGLE, TOY_BATCH, 1);

  g_assert_cmpmem (alone, n * sizeof (double), batch, n * sizeof (double));
  g_assert_cmpmem (alone, n * sizeof (double), batch + 2 * n, n * sizeof (double));
  for (guint t = 1; t < G_N_ELEMENTS (threads); t++) {
    g_autofree double *one = toy_run (toy, CPAC_PRECISION_SINGLE, 1, threads[t]);
    g_autofree double *all = toy_run (toy, CPAC_PRECISION_SINGLE, TOY_BATCH, threads[t]);

    g_assert_cmpmem (one, n * sizeof (double), alone, n * sizeof (double));
    g_assert_cmpmem (all, TOY_BATCH * n * sizeof (double), batch, TOY_BATCH * n * sizeof (double));
  }
}
