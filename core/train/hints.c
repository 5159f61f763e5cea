/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/hints.h"

#include <string.h>

#include "core/model/config-edit.h"

/* ---- Which layers ---- */

/* The only layer that reads layer @index, -1 when there are others or none. */
static gint
find_reader (const CpacNetwork *network, guint index)
{
  gint reader = -1;

  for (guint i = index + 1; i < cpac_network_get_n_layers (network); i++) {
    const gint *inputs = cpac_network_get_inputs (network, i);

    for (guint k = 0; k < cpac_network_get_layer (network, i)->n_inputs; k++) {
      if (inputs[k] != (gint) index)
        continue;
      if (reader >= 0)
        return -1;
      reader = (gint) i;
    }
  }
  return reader;
}

static guint
follow (const CpacNetwork *network, guint index)
{
  const CpacDims *grid = &cpac_network_get_layer (network, index)->out;
  gint reader;

  while ((reader = find_reader (network, index)) >= 0) {
    const CpacLayer *layer = cpac_network_get_layer (network, (guint) reader);

    if (layer->n_params > 0 || layer->out.width != grid->width || layer->out.height != grid->height)
      break;
    index = (guint) reader;
  }
  return index;
}

GArray *
cpac_hints_find (const CpacNetwork *network, const guint *of, guint n)
{
  guint n_layers = cpac_network_get_n_layers (network);
  g_autofree gboolean *is_hint = g_new0 (gboolean, n_layers);
  GArray *layers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < n; i++)
    is_hint[follow (network, of[i])] = TRUE;
  for (guint i = 0; i + 1 < n_layers; i++)
    if (is_hint[i])
      g_array_append_val (layers, i);
  return layers;
}

/* ---- The network ---- */

/* Each layer as it is, under the name it has. */
static void
append_layers (const CpacNetwork *network, const CpacConfig *layers, const char *text, GString *out)
{
  static const char *const named[] = { "name", NULL };

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    g_string_append_printf (out, "- {name: %s", cpac_network_get_layer (network, i)->name);
    cpac_config_append_pairs (cpac_config_get_item (layers, i), named, text, out);
    g_string_append (out, "}\n");
  }
}

static void
append_flat (const CpacNetwork *network, guint index, GString *out)
{
  const char *name = cpac_network_get_layer (network, index)->name;

  g_string_append_printf (out, "- {name: hint.%s, type: flatten, inputs: [%s]}\n", name, name);
}

static char *
write_layers (const CpacNetwork *network, const CpacConfig *config, const char *text,
              const GArray *layers)
{
  guint last = cpac_network_get_n_layers (network) - 1;
  GString *out = g_string_new (NULL);

  append_layers (network, config, text, out);
  append_flat (network, last, out);
  /* There is no concatenation of one. */
  if (layers->len == 0)
    return g_string_free (out, FALSE);
  for (guint i = 0; i < layers->len; i++)
    append_flat (network, g_array_index (layers, guint, i), out);
  g_string_append_printf (out, "- {type: concat, inputs: [hint.%s",
                          cpac_network_get_layer (network, last)->name);
  for (guint i = 0; i < layers->len; i++) {
    guint index = g_array_index (layers, guint, i);

    g_string_append_printf (out, ", hint.%s", cpac_network_get_layer (network, index)->name);
  }
  g_string_append (out, "]}\n");
  return g_string_free (out, FALSE);
}

CpacNetwork *
cpac_hints_network (const CpacNetwork *network, const char *name, const char *text,
                    const GArray *layers, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  const CpacConfig *config = root != NULL ? cpac_config_get (root, "layers", error) : NULL;
  g_autoptr (CpacConfig) list = NULL;
  g_autofree char *written = NULL;

  if (config == NULL)
    return NULL;
  written = write_layers (network, config, text, layers);
  list = cpac_config_parse (name, written, strlen (written), error);
  return list != NULL ? cpac_network_new (list, cpac_network_get_input (network), error) : NULL;
}

GArray *
cpac_hints_get_parts (const CpacNetwork *network, const GArray *layers, double weight)
{
  GArray *parts = g_array_new (FALSE, FALSE, sizeof (CpacTeacherPart));
  CpacTeacherPart part = { cpac_dims_count (cpac_network_get_output (network)), 1 };

  g_array_append_val (parts, part);
  part.weight = weight / layers->len;
  for (guint i = 0; i < layers->len; i++) {
    guint index = g_array_index (layers, guint, i);

    part.n_values = cpac_dims_count (&cpac_network_get_layer (network, index)->out);
    g_array_append_val (parts, part);
  }
  return parts;
}
