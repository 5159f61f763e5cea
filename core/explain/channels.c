/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/channels.h"

#include <string.h>

#include "core/layers/types.h"

/* How a layer's channels come from those of its inputs. */
typedef enum {
  MAKES,    /* new ones */
  HANDS_ON, /* each channel by itself */
  FLATTENS, /* each channel becomes as many as it has pixels */
  JOINS,    /* those of all inputs, one behind the other */
  ADDS,     /* a channel of each input together */
  KEEPS,    /* new ones, and what it reads must stay */
} Way;

static Way
get_way (const CpacLayer *layer)
{
  static const struct {
    const CpacLayerClass *klass;
    Way way;
  } ways[] = {
    { &cpac_cpac_conv_class, MAKES },
    { &cpac_conv_class, MAKES },
    { &cpac_linear_class, MAKES },
    { &cpac_relu_class, HANDS_ON },
    { &cpac_max_pool_class, HANDS_ON },
    { &cpac_average_pool_class, HANDS_ON },
    { &cpac_global_average_pool_class, HANDS_ON },
    { &cpac_upsample_class, HANDS_ON },
    { &cpac_flatten_class, FLATTENS },
    { &cpac_concat_class, JOINS },
    { &cpac_add_class, ADDS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if (layer->klass == ways[i].klass)
      return ways[i].way;
  return KEEPS;
}

gboolean
cpac_channels_are_made_by (const CpacLayer *layer)
{
  return get_way (layer) == MAKES;
}

/* ---- Groups while they are still being joined: a forest, each pointing to an earlier one ---- */

typedef struct {
  const CpacNetwork *network;
  CpacChannels *channels;
  GArray *parents; /* (element-type guint) */
  GArray *fixed;   /* (element-type gboolean), of roots */
} Builder;

static guint
add_group (Builder *builder, gboolean fixed)
{
  guint group = builder->parents->len;

  g_array_append_val (builder->parents, group);
  g_array_append_val (builder->fixed, fixed);
  return group;
}

static guint
find_root (const Builder *builder, guint group)
{
  guint *parents = &g_array_index (builder->parents, guint, 0);

  while (parents[group] != group)
    group = parents[group] = parents[parents[group]];
  return group;
}

static void
join (Builder *builder, guint a, guint b)
{
  guint x = find_root (builder, a), y = find_root (builder, b);
  guint low = MIN (x, y), high = MAX (x, y);

  g_array_index (builder->parents, guint, high) = low;
  g_array_index (builder->fixed, gboolean, low) |= g_array_index (builder->fixed, gboolean, high);
}

static void
fix (Builder *builder, guint group)
{
  g_array_index (builder->fixed, gboolean, find_root (builder, group)) = TRUE;
}

/* ---- Layer by layer ---- */

static const guint *
get_source (const Builder *builder, guint index, guint k)
{
  gint source = cpac_network_get_inputs (builder->network, index)[k];

  return source == CPAC_NETWORK_INPUT ? builder->channels->of_frame
                                      : builder->channels->of_layer[source];
}

static void
fill_new (Builder *builder, guint *groups, guint n, gboolean fixed)
{
  for (guint c = 0; c < n; c++)
    groups[c] = add_group (builder, fixed);
}

static void
keep_inputs (Builder *builder, guint index, const CpacLayer *layer)
{
  for (guint k = 0; k < layer->n_inputs; k++)
    for (guint c = 0; c < layer->in[k].channels; c++)
      fix (builder, get_source (builder, index, k)[c]);
}

static void
fill_joined (Builder *builder, guint index, const CpacLayer *layer, guint *groups)
{
  for (guint k = 0; k < layer->n_inputs; k++) {
    memcpy (groups, get_source (builder, index, k), layer->in[k].channels * sizeof (guint));
    groups += layer->in[k].channels;
  }
}

static void
fill_added (Builder *builder, guint index, const CpacLayer *layer, guint *groups)
{
  memcpy (groups, get_source (builder, index, 0), layer->out.channels * sizeof (guint));
  for (guint k = 1; k < layer->n_inputs; k++)
    for (guint c = 0; c < layer->out.channels; c++)
      join (builder, groups[c], get_source (builder, index, k)[c]);
}

static void
fill_layer (Builder *builder, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (builder->network, index);
  guint n = layer->out.channels, per_channel;
  guint *groups = builder->channels->of_layer[index] = g_new (guint, n);

  switch (get_way (layer)) {
    case MAKES:
      fill_new (builder, groups, n, FALSE);
      break;
    case HANDS_ON:
      memcpy (groups, get_source (builder, index, 0), n * sizeof (guint));
      break;
    case FLATTENS:
      per_channel = n / layer->in[0].channels;
      for (guint c = 0; c < n; c++)
        groups[c] = get_source (builder, index, 0)[c / per_channel];
      break;
    case JOINS:
      fill_joined (builder, index, layer, groups);
      break;
    case ADDS:
      fill_added (builder, index, layer, groups);
      break;
    case KEEPS:
      fill_new (builder, groups, n, TRUE);
      keep_inputs (builder, index, layer);
      break;
  }
}

/* What no layer reads is read by whoever runs the network. */
static void
keep_unread (Builder *builder)
{
  guint n_layers = builder->channels->n_layers;
  g_autofree gboolean *is_read = g_new0 (gboolean, n_layers);

  for (guint i = 0; i < n_layers; i++)
    for (guint k = 0; k < cpac_network_get_layer (builder->network, i)->n_inputs; k++)
      if (cpac_network_get_inputs (builder->network, i)[k] != CPAC_NETWORK_INPUT)
        is_read[cpac_network_get_inputs (builder->network, i)[k]] = TRUE;
  for (guint i = 0; i < n_layers; i++)
    for (guint c = 0; !is_read[i] && c < cpac_network_get_layer (builder->network, i)->out.channels;
         c++)
      fix (builder, builder->channels->of_layer[i][c]);
}

/* Numbers the roots from 0, and puts these numbers everywhere. */
static void
finish (Builder *builder)
{
  CpacChannels *channels = builder->channels;
  guint n = builder->parents->len;
  g_autofree guint *numbers = g_new (guint, n);

  channels->is_fixed = g_new (gboolean, n);
  for (guint i = 0; i < n; i++)
    if (find_root (builder, i) == i) {
      channels->is_fixed[channels->n_groups] = g_array_index (builder->fixed, gboolean, i);
      numbers[i] = channels->n_groups++;
    }
  for (guint c = 0; c < cpac_network_get_input (builder->network)->channels; c++)
    channels->of_frame[c] = numbers[find_root (builder, channels->of_frame[c])];
  for (guint i = 0; i < channels->n_layers; i++)
    for (guint c = 0; c < cpac_network_get_layer (builder->network, i)->out.channels; c++)
      channels->of_layer[i][c] = numbers[find_root (builder, channels->of_layer[i][c])];
}

CpacChannels *
cpac_channels_new (const CpacNetwork *network)
{
  CpacChannels *channels = g_new0 (CpacChannels, 1);
  g_autoptr (GArray) parents = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) fixed = g_array_new (FALSE, FALSE, sizeof (gboolean));
  Builder builder = { network, channels, parents, fixed };
  guint n_frame = cpac_network_get_input (network)->channels;

  channels->n_layers = cpac_network_get_n_layers (network);
  channels->of_layer = g_new0 (guint *, channels->n_layers);
  channels->of_frame = g_new (guint, n_frame);
  fill_new (&builder, channels->of_frame, n_frame, TRUE);
  for (guint i = 0; i < channels->n_layers; i++)
    fill_layer (&builder, i);
  keep_unread (&builder);
  finish (&builder);
  return channels;
}

void
cpac_channels_free (CpacChannels *channels)
{
  if (channels == NULL)
    return;
  for (guint i = 0; i < channels->n_layers; i++)
    g_free (channels->of_layer[i]);
  g_free (channels->of_layer);
  g_free (channels->of_frame);
  g_free (channels->is_fixed);
  g_free (channels);
}

const guint *
cpac_channels_of_input (const CpacChannels *channels, const CpacNetwork *network, guint index)
{
  gint source = cpac_network_get_inputs (network, index)[0];

  return source == CPAC_NETWORK_INPUT ? channels->of_frame : channels->of_layer[source];
}
