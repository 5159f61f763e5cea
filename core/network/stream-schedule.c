/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In which order rows are made, and how many must be held. Both follow from playing a segment
 * through: the rows that leave it are asked for one by one, and each asks for what it is made of.
 * That makes everything as late as possible and holds as little as possible. The steps are written
 * down and only repeated for each picture.
 */

#include "core/network/stream-private.h"

typedef struct {
  CpacStream *stream;
  guint segment;
  gint *producers;     /* (n_values): the operation in this segment that makes it; -1: none */
  GPtrArray **readers; /* (n_values) (element-type CpacStreamOp): those in this segment */
  guint *next;         /* (n_ops): the row it makes next */
  guint *begin, *end;  /* (n_ops): rows it makes for the present band */
  GArray *steps;
} Play;

static const CpacStreamOp *
op_at (const Play *play, guint index)
{
  return g_ptr_array_index (play->stream->ops, index);
}

static void
find_reach (const Play *play, const CpacStreamOp *op, guint row, guint *first, guint *end)
{
  *first = row;
  *end = row + 1;
  if (op->klass->reach != NULL)
    op->klass->reach (play->stream, op, row, first, end);
}

static void
find_neighbours (Play *play)
{
  CpacStream *stream = play->stream;

  for (guint v = 0; v < stream->values->len; v++) {
    play->producers[v] = -1;
    g_ptr_array_set_size (play->readers[v], 0);
  }
  for (guint i = 0; i < stream->ops->len; i++) {
    const CpacStreamOp *op = op_at (play, i);

    if (op->segment != play->segment)
      continue;
    if (!op->is_sink)
      play->producers[op->out] = (gint) i;
    for (guint k = 0; k < op->n_in; k++)
      g_ptr_array_add (play->readers[op->in[k]], GUINT_TO_POINTER (i));
  }
}

/* Which rows of everything the band's share of what leaves the segment is made of: from the last
 * operation to the first. */
static void
find_shares (Play *play, guint band, guint n_bands)
{
  guint n_ops = play->stream->ops->len;

  for (guint i = 0; i < n_ops; i++) {
    play->begin[i] = G_MAXUINT;
    play->end[i] = 0;
  }
  for (guint i = n_ops; i-- > 0;) {
    const CpacStreamOp *op = op_at (play, i);
    guint first, last, end, ignored;

    if (op->segment != play->segment)
      continue;
    if (op->is_sink) {
      play->begin[i] = (guint) ((guint64) op->n_rows * band / n_bands);
      play->end[i] = (guint) ((guint64) op->n_rows * (band + 1) / n_bands);
    }
    play->next[i] = play->begin[i];
    if (play->begin[i] >= play->end[i])
      continue;
    find_reach (play, op, play->begin[i], &first, &ignored);
    find_reach (play, op, play->end[i] - 1, &last, &end);
    for (guint k = 0; k < op->n_in; k++) {
      gint from = play->producers[op->in[k]];

      if (from < 0 || first >= end)
        continue;
      play->begin[from] = MIN (play->begin[from], first);
      play->end[from] = MAX (play->end[from], end);
    }
  }
}

/* Rows of @value from the first that a reader has still to see are held. */
static void
hold (Play *play, guint value, guint made)
{
  CpacStreamValue *v = &g_array_index (play->stream->values, CpacStreamValue, value);

  for (guint r = 0; r < play->readers[value]->len; r++) {
    guint reader = GPOINTER_TO_UINT (g_ptr_array_index (play->readers[value], r)), first, end;

    if (play->next[reader] >= play->end[reader])
      continue;
    find_reach (play, op_at (play, reader), play->next[reader], &first, &end);
    if (first < made)
      v->capacity = MAX (v->capacity, made - first);
  }
}

/* Makes rows of operation @index up to @end. */
static void
make_up_to (Play *play, guint index, guint end)
{
  const CpacStreamOp *op = op_at (play, index);

  while (play->next[index] < end) {
    guint row = play->next[index], first, needed;

    find_reach (play, op, row, &first, &needed);
    for (guint k = 0; k < op->n_in; k++)
      if (play->producers[op->in[k]] >= 0)
        make_up_to (play, (guint) play->producers[op->in[k]], needed);
    g_array_append_val (play->steps, ((CpacStreamStep){ index, row }));
    play->next[index]++;
    if (!op->is_sink)
      hold (play, op->out, play->next[index]);
  }
}

/* What leaves the segment, at the same pace. */
static void
play_band (Play *play)
{
  guint n_ops = play->stream->ops->len, n_beats = 0;

  for (guint i = 0; i < n_ops; i++)
    if (op_at (play, i)->segment == play->segment && op_at (play, i)->is_sink)
      n_beats = MAX (n_beats, play->end[i] - play->begin[i]);
  for (guint beat = 1; beat <= n_beats; beat++)
    for (guint i = 0; i < n_ops; i++) {
      const CpacStreamOp *op = op_at (play, i);
      guint64 n = play->end[i] - play->begin[i];

      if (op->segment == play->segment && op->is_sink)
        make_up_to (play, i, play->begin[i] + (guint) (n * beat / n_beats));
    }
}

/* Places rows and scratch in a band's memory, and a chunk behind them. */
static void
place (CpacStream *stream)
{
  for (guint v = 0; v < stream->values->len; v++) {
    CpacStreamValue *value = &g_array_index (stream->values, CpacStreamValue, v);

    if (value->plane != NULL)
      continue;
    value->capacity = MAX (value->capacity, 1);
    value->offset = stream->rows_size;
    stream->rows_size +=
        cpac_stream_round_up (value->capacity * value->row_stride + CPAC_ROW_SLACK, 16);
  }
  for (guint i = 0; i < stream->ops->len; i++) {
    CpacStreamOp *op = g_ptr_array_index (stream->ops, i);

    op->scratch_at = stream->scratch_size;
    if (op->scratch > 0)
      stream->scratch_size += cpac_stream_round_up (op->scratch + CPAC_ROW_SLACK, 16);
  }
}

static void
play_segment (Play *play, guint segment)
{
  CpacStream *stream = play->stream;
  GArray **steps = g_new0 (GArray *, stream->n_bands);

  play->segment = segment;
  find_neighbours (play);
  for (guint band = 0; band < stream->n_bands; band++) {
    play->steps = steps[band] = g_array_new (FALSE, FALSE, sizeof (CpacStreamStep));
    find_shares (play, band, stream->n_bands);
    play_band (play);
    stream->segments[segment].n_steps += steps[band]->len;
  }
  stream->segments[segment].steps = steps;
}

void
cpac_stream_schedule (CpacStream *stream)
{
  guint n_values = stream->values->len, n_ops = stream->ops->len;
  Play play = {
    .stream = stream,
    .producers = g_new (gint, n_values),
    .readers = g_new (GPtrArray *, n_values),
    .next = g_new0 (guint, n_ops),
    .begin = g_new0 (guint, n_ops),
    .end = g_new0 (guint, n_ops),
  };

  for (guint v = 0; v < n_values; v++)
    play.readers[v] = g_ptr_array_new ();
  stream->segments = g_new0 (CpacStreamSegment, stream->n_segments);
  for (guint s = 0; s < stream->n_segments; s++)
    play_segment (&play, s);
  place (stream);
  for (guint v = 0; v < n_values; v++)
    g_ptr_array_unref (play.readers[v]);
  g_free (play.producers);
  g_free (play.readers);
  g_free (play.next);
  g_free (play.begin);
  g_free (play.end);
}
