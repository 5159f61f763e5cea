/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pruned network as the text it is read from. */

#include <stdlib.h>
#include <string.h>

#include "core/explain/prune.h"
#include "core/layers/types.h"

/* A number that replaces bytes [begin, end). */
typedef struct {
  gsize begin, end;
  guint value;
} Edit;

static int
compare_edits (const void *a, const void *b)
{
  const Edit *x = a, *y = b;

  return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static void
set_number (GArray *edits, const CpacConfig *map, const char *key, guint value)
{
  const CpacConfig *node = cpac_config_peek (map, key);
  Edit edit = { .value = value };

  if (node == NULL)
    return;
  cpac_config_get_span (node, &edit.begin, &edit.end);
  g_array_append_val (edits, edit);
}

static void
collect_edits (const CpacPrune *prune, const CpacConfig *layers, GArray *edits)
{
  for (guint i = 0; i < cpac_network_get_n_layers (prune->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (prune->network, i);
    const CpacConfig *map = cpac_config_get_item (layers, i);
    guint outputs = cpac_prune_get_outputs (prune, i, NULL);

    if (prune->components[i] != NULL)
      set_number (edits, map, "rank", cpac_prune_get_rank (prune, i));
    if (cpac_channels_are_made_by (layer))
      set_number (edits, map, layer->klass == &cpac_linear_class ? "units" : "filters", outputs);
  }
}

/* @text with the edits made, the last one first; an edit of the same place is one. */
static char *
apply_edits (const char *text, const GArray *edits)
{
  GString *result = g_string_new (text);

  for (guint i = edits->len; i-- > 0;) {
    const Edit *edit = &g_array_index (edits, Edit, i);
    g_autofree char *number = g_strdup_printf ("%u", edit->value);

    if (i + 1 < edits->len && edit->begin == g_array_index (edits, Edit, i + 1).begin)
      continue;
    g_string_erase (result, (gssize) edit->begin, (gssize) (edit->end - edit->begin));
    g_string_insert (result, (gssize) edit->begin, number);
  }
  return g_string_free (result, FALSE);
}

CpacNetwork *
cpac_prune_network (const CpacPrune *prune, const char *name, const char *text, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  const CpacConfig *layers = root != NULL ? cpac_config_get (root, "layers", error) : NULL;

  return layers != NULL ? cpac_network_new (layers, cpac_network_get_input (prune->network), error)
                        : NULL;
}

/* Whether @pruned is what is wanted: where layers share a value, by an alias, it may not be. */
static gboolean
is_as_planned (const CpacPrune *prune, const CpacNetwork *pruned)
{
  for (guint i = 0; i < cpac_network_get_n_layers (prune->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (pruned, i);

    if (layer->out.channels != cpac_prune_get_outputs (prune, i, NULL))
      return FALSE;
    if (prune->components[i] != NULL &&
        layer->params[0].shape.dims[1] != cpac_prune_get_rank (prune, i))
      return FALSE;
  }
  return TRUE;
}

char *
cpac_prune_text (const CpacPrune *prune, const char *name, const char *text, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), error);
  g_autoptr (GArray) edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  g_autoptr (CpacNetwork) pruned = NULL;
  g_autofree char *result = NULL;
  const CpacConfig *layers = root != NULL ? cpac_config_get (root, "layers", error) : NULL;

  if (layers == NULL)
    return NULL;
  collect_edits (prune, layers, edits);
  g_array_sort (edits, compare_edits);
  result = apply_edits (text, edits);
  pruned = cpac_prune_network (prune, name, result, NULL);
  if (pruned != NULL && is_as_planned (prune, pruned))
    return g_steal_pointer (&result);
  cpac_config_error (layers, CPAC_ERROR_SCHEMA, error,
                     "rank, filters and units of the layers cannot be changed one by one in this "
                     "text; expected each layer to state its own, without aliases");
  return NULL;
}
