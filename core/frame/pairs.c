/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/pairs.h"

/* Largest sum of weights down a column of bytes, and along a row. */
#define MAX_COLUMN (G_MAXUINT16 / 255)
#define MAX_ROW G_MAXINT16

static guint
common_divisor (guint a, guint b)
{
  while (b != 0) {
    guint rest = a % b;

    a = b;
    b = rest;
  }
  return a;
}

/* Of sample @k of the span. */
static guint
get_weight (const CpacSpan *span, guint k)
{
  guint weight = k > 0 && k + 1 < span->n ? span->w_mid : 0;

  weight += k == 0 ? span->w_first : 0;
  return weight + (k + 1 == span->n ? span->w_last : 0);
}

/* What divides every weight of the axis. */
static guint
divide_axis (const CpacAxis *axis)
{
  guint divisor = axis->divisor;

  for (guint i = 0; i < axis->n; i++) {
    const CpacSpan *span = &axis->spans[i];

    divisor = common_divisor (divisor, get_weight (span, 0));
    if (span->n > 2)
      divisor = common_divisor (divisor, span->w_mid);
  }
  return divisor;
}

static CpacSpan
divide_span (const CpacSpan *span, guint divisor)
{
  return (CpacSpan){
    .first = span->first,
    .n = span->n,
    .w_first = (guint16) (get_weight (span, 0) / divisor),
    .w_mid = span->n > 2 ? span->w_mid / divisor : 0,
    .w_last = span->n > 1 ? span->w_last / divisor : 0,
  };
}

/* The weights of the two samples of pair @pair. */
static void
set_weights (gint16 weights[2], const CpacSpan *span, guint divisor, guint pair)
{
  for (guint k = 0; k < 2; k++) {
    guint sample = 2 * pair + k;
    gboolean inside = sample >= span->first && sample < span->first + span->n;

    weights[k] = inside ? (gint16) (get_weight (span, sample - span->first) / divisor) : 0;
  }
}

static CpacPairSpan
pair_span (const CpacSpan *span, guint divisor)
{
  guint first = span->first / 2, last = (span->first + span->n - 1) / 2;
  CpacPairSpan pairs = { .first = first, .n = last - first + 1 };

  set_weights (pairs.w_first, span, divisor, first);
  if (pairs.n > 2)
    set_weights (pairs.w_mid, span, divisor, first + 1);
  if (pairs.n > 1)
    set_weights (pairs.w_last, span, divisor, last);
  return pairs;
}

void
cpac_pairs_init (CpacPairs *pairs, const CpacAxis *x, const CpacAxis *y)
{
  guint x_divisor = divide_axis (x), y_divisor = divide_axis (y);
  guint row = x->divisor / x_divisor, column = y->divisor / y_divisor;

  *pairs = (CpacPairs){ .bias = row << 15, .factor = (double) x_divisor * y_divisor };
  if (row > MAX_ROW || column > MAX_COLUMN)
    return;
  pairs->rows = g_new (CpacSpan, y->n);
  pairs->columns = g_new (CpacPairSpan, x->n);
  for (guint i = 0; i < y->n; i++)
    pairs->rows[i] = divide_span (&y->spans[i], y_divisor);
  for (guint i = 0; i < x->n; i++)
    pairs->columns[i] = pair_span (&x->spans[i], x_divisor);
}

void
cpac_pairs_clear (CpacPairs *pairs)
{
  g_clear_pointer (&pairs->rows, g_free);
  g_clear_pointer (&pairs->columns, g_free);
}
