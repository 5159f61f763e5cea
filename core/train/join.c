/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/join.h"

#include <string.h>

#include "core/model/config-edit.h"

#define OUTPUTS "joined.outputs"
#define MEAN "joined.mean"

static const char *const written[] = { "name", "type", "inputs", NULL };

typedef struct {
  const CpacJoinMember *members;
  guint n;
  gboolean *shared; /* (layers of the first member) stand once for all */
} Joiner;

/* ---- What can be joined ---- */

static gboolean
is_same_input (const CpacInputSpec *a, const CpacInputSpec *b)
{
  gboolean same = a->width == b->width && a->height == b->height && a->channels == b->channels &&
                  a->resize == b->resize && a->min_width == b->min_width &&
                  a->min_height == b->min_height;

  for (guint c = 0; same && c < a->channels; c++)
    same = a->mean[c] == b->mean[c] && a->scale[c] == b->scale[c];
  return same;
}

static gboolean
is_same_head (const CpacHead *a, const CpacHead *b)
{
  return a->kind == b->kind && a->top == b->top && a->n_classes == b->n_classes &&
         (a->n_classes == 0 ||
          g_strv_equal ((const char *const *) a->classes, (const char *const *) b->classes));
}

static gboolean
check_member (const CpacModel *first, const CpacModel *model, GError **error)
{
  const char *path = cpac_model_get_path (model), *with = cpac_model_get_path (first);

  if (cpac_model_get_gaussian (model) != NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: its score is no mean of outputs; join networks before cpac fit", path);
    return FALSE;
  }
  if (!is_same_head (cpac_model_get_head (first), cpac_model_get_head (model))) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: its score section differs from that of %s in head, top or classes", path,
                 with);
    return FALSE;
  }
  if (!is_same_input (cpac_model_get_input (first), cpac_model_get_input (model)) ||
      !cpac_dims_equal (cpac_network_get_output (cpac_model_get_network (first)),
                        cpac_network_get_output (cpac_model_get_network (model)))) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: its input or the shape of its output is not that of %s", path, with);
    return FALSE;
  }
  return TRUE;
}

/* ---- Which layers stand once ---- */

static const CpacConfig *
get_layer_map (const CpacJoinMember *member, guint index)
{
  return cpac_config_get_item (cpac_config_peek (member->root, "layers"), index);
}

static const CpacNetwork *
get_network (const Joiner *joiner, guint k)
{
  return cpac_model_get_network (joiner->members[k].model);
}

/* Type, inputs by name, and options. */
static char *
describe_layer (const CpacJoinMember *member, guint index)
{
  const CpacNetwork *network = cpac_model_get_network (member->model);
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  const gint *inputs = cpac_network_get_inputs (network, index);
  GString *out = g_string_new (layer->klass->type);

  for (guint i = 0; i < layer->n_inputs; i++)
    g_string_append_printf (out, " %s",
                            inputs[i] == CPAC_NETWORK_INPUT
                                ? "input"
                                : cpac_network_get_layer (network, (guint) inputs[i])->name);
  cpac_config_append_pairs (get_layer_map (member, index), written, member->text, out);
  return g_string_free (out, FALSE);
}

static gboolean
all_have_it (const Joiner *joiner, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (get_network (joiner, 0), index);
  g_autofree char *description = describe_layer (&joiner->members[0], index);

  for (guint k = 1; k < joiner->n; k++) {
    gint same = cpac_network_find (get_network (joiner, k), layer->name);
    g_autofree char *other = same >= 0 ? describe_layer (&joiner->members[k], (guint) same) : NULL;

    if (g_strcmp0 (description, other) != 0)
      return FALSE;
  }
  return TRUE;
}

/* A layer stands once if what it reads does. */
static void
find_shared (Joiner *joiner)
{
  const CpacNetwork *network = get_network (joiner, 0);

  for (guint i = 0; i + 1 < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);
    const gint *inputs = cpac_network_get_inputs (network, i);
    gboolean shared = layer->n_params == 0 && layer->n_inputs > 0;

    for (guint p = 0; p < layer->n_inputs; p++)
      shared = shared && (inputs[p] == CPAC_NETWORK_INPUT || joiner->shared[inputs[p]]);
    joiner->shared[i] = shared && all_have_it (joiner, i);
  }
}

static gboolean
is_shared (const Joiner *joiner, guint k, guint index)
{
  const char *name = cpac_network_get_layer (get_network (joiner, k), index)->name;
  gint first = cpac_network_find (get_network (joiner, 0), name);

  return first >= 0 && joiner->shared[first];
}

/* ---- Text ---- */

/* (transfer full) */
static char *
get_name (const Joiner *joiner, guint k, gint index)
{
  const char *name;

  if (index == CPAC_NETWORK_INPUT)
    return g_strdup ("input");
  name = cpac_network_get_layer (get_network (joiner, k), (guint) index)->name;
  return is_shared (joiner, k, (guint) index) ? g_strdup (name)
                                              : g_strdup_printf ("m%u.%s", k + 1, name);
}

static void
append_layer (const Joiner *joiner, guint k, guint index, GString *out)
{
  const CpacNetwork *network = get_network (joiner, k);
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  const gint *inputs = cpac_network_get_inputs (network, index);
  g_autofree char *name = get_name (joiner, k, (gint) index);

  g_string_append_printf (out, "  - {name: %s, type: %s", name, layer->klass->type);
  for (guint p = 0; p < layer->n_inputs; p++) {
    g_autofree char *source = get_name (joiner, k, inputs[p]);

    g_string_append_printf (out, "%s%s", p == 0 ? ", inputs: [" : ", ", source);
  }
  g_string_append (out, layer->n_inputs > 0 ? "]" : "");
  cpac_config_append_pairs (get_layer_map (&joiner->members[k], index), written,
                            joiner->members[k].text, out);
  g_string_append (out, "}\n");
}

static void
append_mean (const Joiner *joiner, GString *out)
{
  const CpacDims *output = cpac_network_get_output (get_network (joiner, 0));

  g_string_append (out, "  - {name: " OUTPUTS ", type: concat, inputs: [");
  for (guint k = 0; k < joiner->n; k++) {
    guint last = cpac_network_get_n_layers (get_network (joiner, k)) - 1;
    g_autofree char *name = get_name (joiner, k, (gint) last);

    g_string_append_printf (out, "%s%s", k > 0 ? ", " : "", name);
  }
  g_string_append_printf (out,
                          "]}\n  - {name: " MEAN ", type: conv, filters: %u, kernel: [1, 1], "
                          "bias: false}\n",
                          output->channels);
}

static void
append_section (const CpacJoinMember *member, const char *key, const char *const *without,
                GString *out)
{
  g_autoptr (GString) pairs = g_string_new (NULL);

  cpac_config_append_pairs (cpac_config_peek (member->root, key), without, member->text, pairs);
  /* Behind the first ", ". */
  g_string_append_printf (out, "%s: {%s}\n", key, pairs->str + 2);
}

static char *
write_text (const Joiner *joiner)
{
  static const char *const nothing[] = { NULL };
  static const char *const calibration[] = { "calibration", NULL };
  const CpacJoinMember *first = &joiner->members[0];
  GString *out = g_string_new ("cpac-model: 1\nname: ");

  cpac_config_append_flow (cpac_config_peek (first->root, "name"), first->text, out);
  g_string_append_c (out, '\n');
  append_section (first, "input", nothing, out);
  g_string_append_printf (out, "# The mean of %u networks.\nlayers:\n", joiner->n);
  for (guint k = 0; k < joiner->n; k++)
    for (guint i = 0; i < cpac_network_get_n_layers (get_network (joiner, k)); i++)
      if (k == 0 || !is_shared (joiner, k, i))
        append_layer (joiner, k, i, out);
  append_mean (joiner, out);
  append_section (first, "score", calibration, out);
  return g_string_free (out, FALSE);
}

static void
joiner_init (Joiner *joiner, const CpacJoinMember *members, guint n)
{
  *joiner = (Joiner){ members, n, NULL };
  joiner->shared = g_new0 (gboolean, cpac_network_get_n_layers (get_network (joiner, 0)));
  find_shared (joiner);
}

char *
cpac_join_text (const CpacJoinMember *members, guint n, GError **error)
{
  Joiner joiner;
  char *text;

  for (guint k = 0; k < n; k++)
    if (!check_member (members[0].model, members[k].model, error))
      return NULL;
  joiner_init (&joiner, members, n);
  text = write_text (&joiner);
  g_free (joiner.shared);
  return text;
}

/* ---- Parameters ---- */

static void
copy_member (const Joiner *joiner, guint k, const CpacNetwork *network, CpacParams *params)
{
  const CpacParams *from = cpac_model_get_params (joiner->members[k].model);
  const CpacNetwork *source = get_network (joiner, k);

  for (guint i = 0; i < cpac_network_get_n_layers (source); i++) {
    const CpacLayer *layer = cpac_network_get_layer (source, i);
    g_autofree char *name = get_name (joiner, k, (gint) i);
    guint to = (guint) cpac_network_find (network, name);

    for (guint p = 0; p < layer->n_params; p++) {
      const CpacTensor *value = from->values[from->first[i] + p];

      memcpy (params->values[params->first[to] + p]->data, value->data,
              cpac_shape_count (&value->shape) * sizeof (float));
    }
  }
}

/* Output c is 1 / n of channel c of every member. */
static void
set_mean (const Joiner *joiner, const CpacNetwork *network, CpacParams *params)
{
  guint n_channels = cpac_network_get_output (network)->channels;
  CpacTensor *weight = params->values[params->first[cpac_network_find (network, MEAN)]];

  memset (weight->data, 0, cpac_shape_count (&weight->shape) * sizeof (float));
  for (guint c = 0; c < n_channels; c++)
    for (guint k = 0; k < joiner->n; k++)
      weight->data[((gsize) c * joiner->n + k) * n_channels + c] = 1 / (float) joiner->n;
}

CpacParams *
cpac_join_params (const CpacJoinMember *members, guint n, const CpacNetwork *network)
{
  CpacParams *params = cpac_params_new_random (network, 0);
  Joiner joiner;

  joiner_init (&joiner, members, n);
  for (guint k = 0; k < n; k++)
    copy_member (&joiner, k, network, params);
  set_mean (&joiner, network, params);
  g_free (joiner.shared);
  return params;
}
