/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How rows lie in memory, and where windows read them. */

#include "core/network/stream-private.h"

void
cpac_stream_value_init (CpacStreamValue *value, const CpacStreamKernels *kernels,
                        const CpacDims *dims, guint phases, guint reach_before, guint reach_after)
{
  guint lanes = kernels->lanes, columns = (dims->width + phases - 1) / phases;
  gsize after = cpac_stream_round_up (reach_after, lanes);

  *value = (CpacStreamValue){ .dims = *dims, .phases = phases };
  value->n_vectors = (columns + lanes - 1) / lanes;
  value->before = cpac_stream_round_up (reach_before, lanes);
  /* The margin behind a phase is the one before the next. */
  value->phase_stride = (gsize) value->n_vectors * lanes + MAX (value->before, after);
  value->channel_stride = phases * value->phase_stride + value->before;
  /* Channels a power of two apart would share a few cache sets. */
  if (value->channel_stride % 64 == 0)
    value->channel_stride += 16;
  value->row_stride = dims->channels * value->channel_stride;
}

guint
cpac_stream_add_value (CpacStream *stream, const CpacStreamValue *value, guint segment)
{
  g_array_append_val (stream->values, *value);
  g_array_index (stream->values, CpacStreamValue, stream->values->len - 1).segment = segment;
  return stream->values->len - 1;
}

guint
cpac_stream_add_rows (CpacStream *stream, const CpacDims *dims, guint phases, guint segment)
{
  CpacStreamValue value;

  cpac_stream_value_init (&value, stream->kernels, dims, phases, 0, 0);
  return cpac_stream_add_value (stream, &value, segment);
}

guint
cpac_stream_add_plane (CpacStream *stream, const CpacDims *dims, float *plane, guint segment)
{
  guint lanes = stream->kernels->lanes;
  gsize n = cpac_dims_count (dims);
  CpacStreamValue value = {
    .dims = *dims,
    .phases = 1,
    .n_vectors = (dims->width + lanes - 1) / lanes,
    .phase_stride = dims->width,
    .channel_stride = (gsize) dims->height * dims->width,
    .row_stride = dims->width,
    .capacity = dims->height,
    .plane = plane,
    .owns_plane = plane == NULL,
  };

  if (plane == NULL)
    value.plane = cpac_aligned_new0 (n + CPAC_ROW_SLACK, sizeof (float));
  return cpac_stream_add_value (stream, &value, segment);
}

guint32 *
cpac_stream_value_ends (const CpacStreamValue *value, const CpacStreamKernels *kernels,
                        guint *n_ends)
{
  guint32 *ends = g_new (guint32, value->phases);

  *n_ends = 0;
  for (guint f = 0; f < value->phases; f++) {
    guint width = cpac_stream_phase_width (value, f);

    if (width < value->n_vectors * kernels->lanes)
      ends[(*n_ends)++] = (guint32) (f * value->phase_stride + value->before + width);
  }
  return ends;
}

/* Column i phases + @column lies in phase @phase, @shift columns from its i-th. */
static void
locate (gint64 column, guint phases, guint *phase, gint64 *shift)
{
  gint64 rest = column % phases;

  *phase = (guint) (rest < 0 ? rest + phases : rest);
  *shift = (column - *phase) / phases;
}

/* Tap t of a phase reads what the tap behind it reads for the phase before: with stride and
 * dilation 1, nearly always. */
static guint32 *
find_sliding (const CpacStreamColumns *columns, guint phases)
{
  guint n = columns->n_taps;
  g_autofree guint32 *sliding = g_new (guint32, phases + n - 1);

  for (guint f = 0; f < phases; f++)
    for (guint t = 0; t < n; t++) {
      if (f > 0 && t + 1 < n && sliding[f + t] != columns->at[f * n + t])
        return NULL;
      sliding[f + t] = columns->at[f * n + t];
    }
  return g_steal_pointer (&sliding);
}

void
cpac_stream_columns_init (CpacStreamColumns *columns, CpacStreamValue *value,
                          const CpacStreamKernels *kernels, const CpacWindow *window,
                          const CpacDims *in, guint n_out, guint phases)
{
  guint phases_in = phases * window->stride[1];
  guint n_vectors = ((n_out + phases - 1) / phases + kernels->lanes - 1) / kernels->lanes;
  gint64 before = 0, after = 0, in_phase;
  guint n = 0;

  columns->taps = g_new (guint, window->size[1]);
  columns->n_taps = 0;
  for (guint t = 0; t < window->size[1]; t++) {
    guint begin, end;

    cpac_window_range (window, 1, t, in->width, n_out, &begin, &end);
    if (begin < end)
      columns->taps[columns->n_taps++] = t;
  }
  /* A window that reads padding only still reads something. */
  if (columns->n_taps == 0)
    columns->taps[columns->n_taps++] = 0;
  columns->at = g_new (guint32, (gsize) phases * columns->n_taps);
  cpac_stream_value_init (value, kernels, in, phases_in, 0, 0);
  in_phase = (gint64) value->n_vectors * kernels->lanes;
  for (guint pass = 0; pass < 2; pass++) {
    for (guint f = 0; f < phases; f++)
      for (guint t = 0; t < columns->n_taps; t++) {
        gint64 shift, column = (gint64) f * window->stride[1] +
                               (gint64) columns->taps[t] * window->dilation[1] - window->before[1];
        guint phase;

        locate (column, phases_in, &phase, &shift);
        before = MAX (before, -shift);
        after = MAX (after, shift + (gint64) n_vectors * kernels->lanes - in_phase);
        if (pass == 1)
          columns->at[n++] =
              (guint32) ((gint64) (phase * value->phase_stride + value->before) + shift);
      }
    /* The ends are overwritten by a whole vector. */
    if (pass == 0)
      cpac_stream_value_init (value, kernels, in, phases_in, (guint) before,
                              (guint) MAX (after, kernels->lanes));
  }
  columns->sliding = find_sliding (columns, phases);
}

void
cpac_stream_columns_clear (CpacStreamColumns *columns)
{
  g_free (columns->taps);
  g_free (columns->at);
  g_free (columns->sliding);
}

void
cpac_stream_window_reach (const CpacWindow *window, guint height, guint begin, guint n,
                          guint *first, guint *end)
{
  gint64 low = (gint64) begin * window->stride[0] - window->before[0];
  gint64 high = (gint64) (begin + n - 1) * window->stride[0] +
                (gint64) (window->size[0] - 1) * window->dilation[0] - window->before[0] + 1;

  low = CLAMP (low, 0, (gint64) height);
  high = CLAMP (high, low, (gint64) height);
  *first = (guint) low;
  *end = (guint) high;
}
