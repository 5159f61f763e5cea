/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* run-network MODEL INPUT OUTPUT: what the network's last layer gives, for tests that compare it
 * with what others compute. INPUT holds the normalised (C, H, W) floats, OUTPUT receives the
 * layer's, both in the machine's own order of bytes. */

#include <string.h>

#include "core/model/model.h"
#include "core/network/run.h"

static gboolean
run (const CpacModel *model, const char *input, const char *output, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (network, cpac_model_get_params (model), &options);
  gsize n_in = cpac_dims_count (cpac_network_get_input (network)) * sizeof (float);
  gsize n_out = cpac_dims_count (cpac_network_get_output (network)) * sizeof (float);
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (input, &data, &size, error))
    return FALSE;
  if (size != n_in) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE, "%s: found %zu bytes, expected %zu", input,
                 size, n_in);
    return FALSE;
  }
  memcpy (cpac_run_get_input (run, 0), data, size);
  cpac_run_forward (run);
  return g_file_set_contents (output,
                              cpac_run_get_output (run, cpac_network_get_n_layers (network) - 1, 0),
                              (gssize) n_out, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacModel) model = NULL;

  if (argc != 4) {
    g_printerr ("usage: run-network MODEL INPUT OUTPUT\n");
    return 2;
  }
  model = cpac_model_load (argv[1], CPAC_MODEL_DEFAULT, &error);
  if (model != NULL && run (model, argv[2], argv[3], &error))
    return 0;
  g_printerr ("%s\n", error->message);
  return 2;
}
