/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What layers and networks cost in microseconds, on this machine. */

#include <string.h>

#include "core/layers/types.h"
#include "core/model/config-edit.h"
#include "core/network/run.h"
#include "pipelines/compress-run.h"

/* The least time of so many rounds counts: what else the machine does is no cost of the layer. */
#define N_ROUNDS 9
#define MIN_ROUND_US 3000
#define MAX_FRAMES (1u << 20)

static gint64
time_frames (CpacRun *run, guint n)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    cpac_run_forward (run);
  return g_get_monotonic_time () - begin;
}

double
compress_time_network (const CpacNetwork *network)
{
  g_autoptr (CpacParams) params = cpac_params_new_random (network, 1);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (network, params, &options);
  gint64 least = G_MAXINT64;
  guint n = 1;

  while (time_frames (run, n) < MIN_ROUND_US && n < MAX_FRAMES)
    n *= 2;
  for (guint i = 0; i < N_ROUNDS; i++)
    least = MIN (least, time_frames (run, n));
  return (double) least / n;
}

/* The layer by itself, on what it reads in the network. */
static CpacNetwork *
new_layer_network (const CompressRun *run, guint index, guint rank, GError **error)
{
  static const char *const written[] = { "name", "type", "inputs", NULL };
  const CpacLayer *layer = cpac_network_get_layer (cpac_model_get_network (run->model), index);
  const char *name = cpac_model_get_path (run->model);
  g_autoptr (CpacConfig) root = cpac_config_parse (name, run->text, strlen (run->text), error);
  g_autoptr (CpacConfig) list = NULL;
  g_autoptr (GString) text = g_string_new ("- {type: ");

  if (root == NULL)
    return NULL;
  g_string_append (text, rank > 0 ? cpac_cpac_conv_class.type : layer->klass->type);
  if (rank > 0)
    g_string_append_printf (text, ", rank: %u", rank);
  cpac_config_append_pairs (cpac_config_get_item (cpac_config_peek (root, "layers"), index),
                            written, run->text, text);
  g_string_append (text, "}\n");
  list = cpac_config_parse (name, text->str, text->len, error);
  return list != NULL ? cpac_network_new (list, &layer->in[0], error) : NULL;
}

gboolean
compress_time_layer (const CompressRun *run, guint layer, guint rank, double *us, GError **error)
{
  g_autoptr (CpacNetwork) network = new_layer_network (run, layer, rank, error);

  if (network != NULL)
    *us = compress_time_network (network);
  return network != NULL;
}
