/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The value of what is explained and its gradient by what the head reads. */

#include <string.h>

#include "core/explain/target-private.h"

/* How one number of a head is mixed from the cells of a layer's maps: 3x3 means at up to four
 * places. */
typedef struct {
  guint n;
  gsize at[36];
  double weights[36];
} Mix;

static void
add_mean (Mix *mix, const CpacDims *dims, guint i, guint j, double weight)
{
  guint top = i > 0 ? i - 1 : 0, bottom = MIN (i + 2, dims->height);
  guint left = j > 0 ? j - 1 : 0, right = MIN (j + 2, dims->width);

  for (guint y = top; y < bottom; y++)
    for (guint x = left; x < right; x++) {
      mix->at[mix->n] = (gsize) y * dims->width + x;
      mix->weights[mix->n++] = weight / ((bottom - top) * (right - left));
    }
}

/* Where cell @p of @n_out lies among @n_in, with half-pixel centres: between @low and the next. */
static double
locate (guint p, guint n_in, guint n_out, guint *low)
{
  double at = CLAMP ((p + 0.5) * n_in / n_out - 0.5, 0, n_in - 1.0);

  *low = (guint) at;
  return at - *low;
}

/* Cell @cell of a grid: bilinear between the means of a map of @dims. */
static void
mix_cell (Mix *mix, const CpacDims *dims, guint width, guint height, guint cell)
{
  guint i, j;
  double v = locate (cell / width, dims->height, height, &i);
  double h = locate (cell % width, dims->width, width, &j);

  mix->n = 0;
  add_mean (mix, dims, i, j, (1 - v) * (1 - h));
  if (h > 0)
    add_mean (mix, dims, i, j + 1, (1 - v) * h);
  if (v > 0)
    add_mean (mix, dims, i + 1, j, v * (1 - h));
  if (v > 0 && h > 0)
    add_mean (mix, dims, i + 1, j + 1, v * h);
}

static double
mix_read (const Mix *mix, const double *map)
{
  double sum = 0;

  for (guint k = 0; k < mix->n; k++)
    sum += mix->weights[k] * map[mix->at[k]];
  return sum;
}

static void
mix_add (const Mix *mix, double gradient, double *dmap)
{
  for (guint k = 0; k < mix->n; k++)
    dmap[mix->at[k]] += mix->weights[k] * gradient;
}

static double
seed_classes (CpacTarget *target, CpacDownstream *downstream)
{
  gint layer = (gint) target->ends[0];
  const double *logits = cpac_downstream_get_value (downstream, layer);
  double *gradient = cpac_downstream_get_gradient (downstream, layer);

  gradient[target->named] += 1;
  gradient[target->rival] -= 1;
  return logits[target->named] - logits[target->rival];
}

static double
seed_map (CpacTarget *target, CpacDownstream *downstream)
{
  gint layer = (gint) target->ends[0];
  const CpacDims *dims =
      &cpac_network_get_layer (cpac_model_get_network (target->model), target->ends[0])->out;
  const double *logits = cpac_downstream_get_value (downstream, layer);
  double *gradient = cpac_downstream_get_gradient (downstream, layer), sum = 0;
  Mix mix;

  for (gsize k = 0; k < target->n_chosen; k++) {
    mix_cell (&mix, dims, dims->width, dims->height, target->cells[k].cell);
    sum += mix_read (&mix, logits);
    mix_add (&mix, 1.0 / (double) target->n_chosen, gradient);
  }
  return sum / (double) target->n_chosen;
}

/* Visits the channels of the gaussian with the layer and the plane each is in. */
typedef struct {
  const CpacGaussian *gaussian;
  guint layer; /* of its list */
  guint first; /* channel of that layer among all features */
  guint channel;
} Channel;

static gsize
channel_move (Channel *at, guint index)
{
  const CpacGaussian *gaussian = at->gaussian;
  const CpacDims *dims;

  while (gaussian->channels[index] >= at->first + gaussian->dims[at->layer].channels)
    at->first += gaussian->dims[at->layer++].channels;
  dims = &gaussian->dims[at->layer];
  return (gsize) (gaussian->channels[index] - at->first) * dims->width * dims->height;
}

/* z = f - mu of @cell into target->features. */
static void
read_features (CpacTarget *target, CpacDownstream *downstream, guint cell)
{
  const CpacGaussian *gaussian = target->gaussian;
  gsize n_cells = (gsize) gaussian->width * gaussian->height;
  const float *mean = gaussian->mean->data;
  Channel at = { gaussian, 0, 0, 0 };
  guint mixed = G_MAXUINT;
  Mix mix;

  for (guint i = 0; i < gaussian->n_channels; i++) {
    gsize plane = channel_move (&at, i);
    gint layer = (gint) gaussian->layers[at.layer];

    if (mixed != at.layer)
      mix_cell (&mix, &gaussian->dims[at.layer], gaussian->width, gaussian->height, cell);
    mixed = at.layer;
    target->features[i] =
        mix_read (&mix, cpac_downstream_get_value (downstream, layer) + plane) -
        (gaussian->mode == CPAC_GAUSSIAN_TEXTURE ? mean[i] : mean[i * n_cells + cell]);
  }
}

/* From z in target->features: returns |W z|^2 / n, and leaves h = W^T W z / n in its place. */
static double
measure (CpacTarget *target, guint cell)
{
  const CpacGaussian *gaussian = target->gaussian;
  guint n = gaussian->n_channels;
  const float *whitening = gaussian->whitening->data;
  double *z = target->features, *q = target->whitened, sum = 0;
  const float *row;

  if (gaussian->mode == CPAC_GAUSSIAN_POSITION)
    whitening += cell * ((gsize) n * (n + 1) / 2);
  row = whitening;
  for (guint i = 0; i < n; row += ++i) {
    q[i] = 0;
    for (guint j = 0; j <= i; j++)
      q[i] += row[j] * z[j];
    sum += q[i] * q[i];
  }
  memset (z, 0, n * sizeof (double));
  row = whitening;
  for (guint i = 0; i < n; row += ++i)
    for (guint j = 0; j <= i; j++)
      z[j] += row[j] * q[i] / n;
  return sum / n;
}

/* Hands h, times @weight, back to the layers; returns - <h, mu>. */
static double
hand_back (CpacTarget *target, CpacDownstream *downstream, guint cell, double weight)
{
  const CpacGaussian *gaussian = target->gaussian;
  gsize n_cells = (gsize) gaussian->width * gaussian->height;
  const float *mean = gaussian->mean->data;
  Channel at = { gaussian, 0, 0, 0 };
  guint mixed = G_MAXUINT;
  double offset = 0;
  Mix mix;

  for (guint i = 0; i < gaussian->n_channels; i++) {
    gsize plane = channel_move (&at, i);
    gint layer = (gint) gaussian->layers[at.layer];
    double gradient = target->features[i] * weight;

    if (mixed != at.layer)
      mix_cell (&mix, &gaussian->dims[at.layer], gaussian->width, gaussian->height, cell);
    mixed = at.layer;
    mix_add (&mix, gradient, cpac_downstream_get_gradient (downstream, layer) + plane);
    offset -=
        gradient * (gaussian->mode == CPAC_GAUSSIAN_TEXTURE ? mean[i] : mean[i * n_cells + cell]);
  }
  return offset;
}

static double
seed_distance (CpacTarget *target, CpacDownstream *downstream, double *offset)
{
  double sum = 0, weight = 1.0 / (double) target->n_chosen;

  for (gsize k = 0; k < target->n_chosen; k++) {
    guint cell = target->cells[k].cell;

    read_features (target, downstream, cell);
    sum += measure (target, cell);
    *offset += hand_back (target, downstream, cell, weight);
  }
  return sum * weight;
}

double
cpac_target_seed (CpacTarget *target, CpacDownstream *downstream, double *offset)
{
  switch (target->quantity) {
    case CPAC_QUANTITY_LOGIT_DIFFERENCE:
      return seed_classes (target, downstream);
    case CPAC_QUANTITY_MAP_SCORE:
      return seed_map (target, downstream);
    case CPAC_QUANTITY_SQUARED_DISTANCE:
      return seed_distance (target, downstream, offset);
  }
  g_assert_not_reached ();
}
