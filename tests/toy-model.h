/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "core/model/model.h"
#include "core/model/weights.h"
#include "tests/folder.h"

/* Writes the tensors that @layers need, with random values of @seed, as NAME.safetensors of the
 * folder and returns its sha256. @change, may be NULL, alters them before. (transfer full) */
typedef void (*ToyChange) (CpacParams *params);

static inline char *
put_weights (const Folder *folder, const char *name, const char *layers, CpacDims input,
             guint64 seed, ToyChange change)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (CpacConfig) config = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (CpacParams) params = NULL;
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (GError) error = NULL;
  char *sha256 = NULL;

  config = cpac_config_parse ("layers", layers, strlen (layers), &error);
  g_assert_no_error (error);
  network = cpac_network_new (config, &input, &error);
  g_assert_no_error (error);
  params = cpac_params_new_random (network, seed);
  if (change != NULL)
    change (params);
  for (guint i = 0, n = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      g_autofree char *tensor = g_strdup_printf ("%s.%s", layer->name, layer->params[p].name);

      cpac_weights_writer_add (writer, tensor, params->values[n]);
    }
  }
  cpac_weights_writer_save (writer, path, &sha256, &error);
  g_assert_no_error (error);
  return sha256;
}

/* Writes text into the folder and returns the full path. (transfer full) */
static inline char *
put_text (const Folder *folder, const char *name, const char *text)
{
  return put (folder, name, text, strlen (text));
}

static inline CpacModel *
load_text (const Folder *folder, const char *text, CpacModelFlags flags, GError **error)
{
  g_autofree char *path = put_text (folder, "model.yaml", text);

  return cpac_model_load (path, flags, error);
}
