/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/join.h"

#include <string.h>

#include "core/model/config-edit.h"

#define OUTPUTS "joined.outputs"
#define MEAN "joined.mean"
/* Most times the largest member's width and height that the joined input may have: 128 and 192
 * pixels meet at 384, but 127 and 128 only at 16256. */
#define MAX_GROWTH 4

static const char *const written[] = { "name", "type", "inputs", NULL };

typedef struct {
  const CpacJoinMember *members;
  guint n;
  guint height, width; /* of the joined input: multiples of every member's */
  CpacDims output;     /* of the mean: the most cells that a member has */
  gboolean *shared;    /* (layers of the first member) stand once for all */
} Joiner;

static const CpacNetwork *
get_network (const Joiner *joiner, guint k)
{
  return cpac_model_get_network (joiner->members[k].model);
}

/* ---- What can be joined ---- */

static gboolean
is_same_size (const CpacInputSpec *a, const CpacInputSpec *b)
{
  return a->width == b->width && a->height == b->height;
}

/* Whether the pictures of one are means of the other's pixels. Only areas are: the mean of the
 * areas that make up a larger one is that one's mean. */
static gboolean
is_same_picture (const CpacInputSpec *a, const CpacInputSpec *b)
{
  gboolean same = a->channels == b->channels && a->resize == b->resize &&
                  a->min_width == b->min_width && a->min_height == b->min_height &&
                  (is_same_size (a, b) || a->resize == CPAC_RESIZE_AREA);

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

/* Maps of other cells are enlarged, other outputs are other things. */
static gboolean
is_same_output (const CpacModel *a, const CpacModel *b)
{
  const CpacDims *one = cpac_network_get_output (cpac_model_get_network (a));
  const CpacDims *other = cpac_network_get_output (cpac_model_get_network (b));

  return cpac_head_gives_map (cpac_model_get_head (a)) ? one->channels == other->channels
                                                       : cpac_dims_equal (one, other);
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
  if (!is_same_picture (cpac_model_get_input (first), cpac_model_get_input (model)) ||
      !is_same_output (first, model)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: its input or the shape of its output does not go with that of %s "
                 "(other sizes of input do, with resize: area)",
                 path, with);
    return FALSE;
  }
  return TRUE;
}

static guint
common_multiple (guint a, guint b)
{
  guint x = a, y = b;

  while (y > 0) {
    guint rest = x % y;

    x = y;
    y = rest;
  }
  return a / x * b;
}

/* The largest of the members' inputs, and the most cells of their outputs. */
static void
find_largest (Joiner *joiner, guint *height, guint *width)
{
  joiner->output = *cpac_network_get_output (get_network (joiner, 0));
  *height = *width = 1;
  for (guint k = 0; k < joiner->n; k++) {
    const CpacInputSpec *input = cpac_model_get_input (joiner->members[k].model);
    const CpacDims *output = cpac_network_get_output (get_network (joiner, k));

    *height = MAX (*height, input->height);
    *width = MAX (*width, input->width);
    joiner->output.height = MAX (joiner->output.height, output->height);
    joiner->output.width = MAX (joiner->output.width, output->width);
  }
}

/* The limits end the search before a product could overflow. */
static gboolean
find_size (Joiner *joiner, GError **error)
{
  guint height, width;

  find_largest (joiner, &height, &width);
  height = MIN (MAX_GROWTH * height, CPAC_MODEL_MAX_INPUT_SIDE);
  width = MIN (MAX_GROWTH * width, CPAC_MODEL_MAX_INPUT_SIDE);
  joiner->height = joiner->width = 1;
  for (guint k = 0; k < joiner->n; k++) {
    const CpacInputSpec *input = cpac_model_get_input (joiner->members[k].model);

    joiner->height = common_multiple (joiner->height, input->height);
    joiner->width = common_multiple (joiner->width, input->width);
    if (joiner->height > height || joiner->width > width) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                   "%s: its input of %ux%u and those before have no common multiple of at most "
                   "%ux%u",
                   cpac_model_get_path (joiner->members[k].model), input->width, input->height,
                   width, height);
      return FALSE;
    }
  }
  return TRUE;
}

/* ---- Which layers stand once ---- */

static const CpacConfig *
get_layer_map (const CpacJoinMember *member, guint index)
{
  return cpac_config_get_item (cpac_config_peek (member->root, "layers"), index);
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

    if (!is_same_size (cpac_model_get_input (joiner->members[0].model),
                       cpac_model_get_input (joiner->members[k].model)) ||
        g_strcmp0 (description, other) != 0)
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

/* How often the joined input holds member @k's. */
static void
get_shrinking (const Joiner *joiner, guint k, guint *vertical, guint *horizontal)
{
  const CpacInputSpec *input = cpac_model_get_input (joiner->members[k].model);

  *vertical = joiner->height / input->height;
  *horizontal = joiner->width / input->width;
}

/* (transfer full) */
static char *
get_name (const Joiner *joiner, guint k, gint index)
{
  const char *name;

  if (index == CPAC_NETWORK_INPUT) {
    guint vertical, horizontal;

    get_shrinking (joiner, k, &vertical, &horizontal);
    return vertical * horizontal == 1 ? g_strdup ("input") : g_strdup_printf ("m%u.input", k + 1);
  }
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
append_input (const Joiner *joiner, guint k, GString *out)
{
  guint vertical, horizontal;

  get_shrinking (joiner, k, &vertical, &horizontal);
  if (vertical * horizontal > 1)
    g_string_append_printf (out,
                            "  - {name: m%u.input, type: average-pool, inputs: [input], "
                            "size: [%u, %u], stride: [%u, %u]}\n",
                            k + 1, vertical, horizontal, vertical, horizontal);
}

/* Returns the name of what goes into the mean. (transfer full) */
static char *
append_enlarged (const Joiner *joiner, guint k, GString *out)
{
  const CpacDims *cells = cpac_network_get_output (get_network (joiner, k));
  guint last = cpac_network_get_n_layers (get_network (joiner, k)) - 1;
  char *name = get_name (joiner, k, (gint) last), *enlarged;

  if (cpac_dims_equal (cells, &joiner->output))
    return name;
  enlarged = g_strdup_printf ("m%u.enlarged", k + 1);
  g_string_append_printf (out, "  - {name: %s, type: upsample, inputs: [%s], size: [%u, %u]}\n",
                          enlarged, name, joiner->output.height, joiner->output.width);
  g_free (name);
  return enlarged;
}

static void
append_mean (const Joiner *joiner, GString *out)
{
  g_autoptr (GString) inputs = g_string_new (NULL);

  for (guint k = 0; k < joiner->n; k++) {
    g_autofree char *name = append_enlarged (joiner, k, out);

    g_string_append_printf (inputs, "%s%s", k > 0 ? ", " : "", name);
  }
  g_string_append_printf (out,
                          "  - {name: " OUTPUTS ", type: concat, inputs: [%s]}\n"
                          "  - {name: " MEAN ", type: conv, filters: %u, kernel: [1, 1], "
                          "bias: false}\n",
                          inputs->str, joiner->output.channels);
}

static void
append_input_section (const Joiner *joiner, GString *out)
{
  static const char *const size[] = { "width", "height", NULL };
  const CpacJoinMember *first = &joiner->members[0];

  g_string_append_printf (out, "input: {width: %u, height: %u", joiner->width, joiner->height);
  cpac_config_append_pairs (cpac_config_peek (first->root, "input"), size, first->text, out);
  g_string_append (out, "}\n");
}

static void
append_score_section (const CpacJoinMember *member, GString *out)
{
  static const char *const calibration[] = { "calibration", NULL };
  g_autoptr (GString) pairs = g_string_new (NULL);

  cpac_config_append_pairs (cpac_config_peek (member->root, "score"), calibration, member->text,
                            pairs);
  /* Behind the first ", ". */
  g_string_append_printf (out, "score: {%s}\n", pairs->str + 2);
}

static char *
write_text (const Joiner *joiner)
{
  const CpacJoinMember *first = &joiner->members[0];
  GString *out = g_string_new ("cpac-model: 1\nname: ");

  cpac_config_append_flow (cpac_config_peek (first->root, "name"), first->text, out);
  g_string_append_c (out, '\n');
  append_input_section (joiner, out);
  g_string_append_printf (out, "# The mean of %u networks.\nlayers:\n", joiner->n);
  for (guint k = 0; k < joiner->n; k++) {
    append_input (joiner, k, out);
    for (guint i = 0; i < cpac_network_get_n_layers (get_network (joiner, k)); i++)
      if (k == 0 || !is_shared (joiner, k, i))
        append_layer (joiner, k, i, out);
  }
  append_mean (joiner, out);
  append_score_section (first, out);
  return g_string_free (out, FALSE);
}

static gboolean
joiner_init (Joiner *joiner, const CpacJoinMember *members, guint n, GError **error)
{
  *joiner = (Joiner){ .members = members, .n = n };
  if (!find_size (joiner, error))
    return FALSE;
  joiner->shared = g_new0 (gboolean, cpac_network_get_n_layers (get_network (joiner, 0)));
  find_shared (joiner);
  return TRUE;
}

char *
cpac_join_text (const CpacJoinMember *members, guint n, CpacDims *input, GError **error)
{
  Joiner joiner;
  char *text;

  for (guint k = 0; k < n; k++)
    if (!check_member (members[0].model, members[k].model, error))
      return NULL;
  if (!joiner_init (&joiner, members, n, error))
    return NULL;
  *input =
      (CpacDims){ cpac_model_get_input (members[0].model)->channels, joiner.height, joiner.width };
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

  /* Cannot fail: the network's text was written for the same members. */
  joiner_init (&joiner, members, n, NULL);
  for (guint k = 0; k < n; k++)
    copy_member (&joiner, k, network, params);
  set_mean (&joiner, network, params);
  g_free (joiner.shared);
  return params;
}
