/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/pairs.h"

/* Weights of both axes, sample by sample, are those of the axes divided by @factor. */

static const struct {
  CpacResize resize;
  guint origin, size, n, shift;
  gboolean fits; /* as vertical axis: 257 at most after division */
} axes[] = {
  { CPAC_RESIZE_AREA, 0, 1080, 100, 0, TRUE },     { CPAC_RESIZE_AREA, 0, 1080, 256, 0, TRUE },
  { CPAC_RESIZE_AREA, 0, 1920, 100, 0, TRUE },     { CPAC_RESIZE_AREA, 0, 1080, 101, 0, FALSE },
  { CPAC_RESIZE_AREA, 0, 257, 2, 0, TRUE },        { CPAC_RESIZE_AREA, 0, 259, 2, 0, FALSE },
  { CPAC_RESIZE_AREA, 7, 540, 100, 1, TRUE },      { CPAC_RESIZE_AREA, 3, 32768, 1, 0, FALSE },
  { CPAC_RESIZE_BILINEAR, 5, 1080, 100, 0, TRUE }, { CPAC_RESIZE_BILINEAR, 0, 17, 254, 0, FALSE },
  { CPAC_RESIZE_NEAREST, 1, 1080, 100, 1, TRUE },  { CPAC_RESIZE_BILINEAR, 0, 3, 5, 0, TRUE },
  { CPAC_RESIZE_AREA, 0, 17, 17, 0, TRUE },        { CPAC_RESIZE_AREA, 1, 5, 1, 1, TRUE },
};

static double
weight_of (const CpacSpan *span, guint sample)
{
  guint last = span->first + span->n - 1;

  if (sample > span->first && sample < last)
    return span->w_mid;
  return (sample == span->first ? span->w_first : 0) + (sample == last ? span->w_last : 0);
}

static double
pair_weight_of (const CpacPairSpan *span, guint sample)
{
  guint pair = sample / 2, last = span->first + span->n - 1;

  if (pair < span->first || pair > last)
    return 0;
  if (pair == span->first)
    return span->w_first[sample % 2];
  return pair == last ? span->w_last[sample % 2] : span->w_mid[sample % 2];
}

static void
assert_same_weights (const CpacPairs *pairs, const CpacAxis *x, const CpacAxis *y, guint i, guint j)
{
  double column = weight_of (&y->spans[i], y->spans[i].first);
  double divided = weight_of (&pairs->rows[i], y->spans[i].first), sum = 0;

  g_assert_cmpuint (pairs->rows[i].first, ==, y->spans[i].first);
  g_assert_cmpuint (pairs->rows[i].n, ==, y->spans[i].n);
  for (guint sample = 0; sample < x->n_samples + 2; sample++) {
    double weight = pair_weight_of (&pairs->columns[j], sample);
    gboolean inside = sample >= x->spans[j].first && sample - x->spans[j].first < x->spans[j].n;

    sum += weight;
    g_assert_cmpfloat (pairs->factor * weight * divided, ==,
                       inside ? weight_of (&x->spans[j], sample) * column : 0);
  }
  g_assert_cmpfloat (sum * 32768, ==, pairs->bias);
}

static void
test_axes (gconstpointer data)
{
  guint k = GPOINTER_TO_UINT (data);
  CpacAxis axis;
  CpacPairs pairs;

  cpac_axis_init (&axis, axes[k].resize, axes[k].origin, axes[k].size, axes[k].n, axes[k].shift);
  cpac_pairs_init (&pairs, &axis, &axis);
  g_assert_cmpint (pairs.rows != NULL, ==, axes[k].fits);
  g_assert_cmpint (pairs.columns != NULL, ==, axes[k].fits);
  for (guint i = 0; axes[k].fits && i < axis.n; i++)
    assert_same_weights (&pairs, &axis, &axis, i, axis.n - 1 - i);
  cpac_pairs_clear (&pairs);
  cpac_axis_clear (&axis);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (axes); k++) {
    g_autofree char *path = g_strdup_printf ("/pairs/%u-to-%u-%u", axes[k].size, axes[k].n, k);

    g_test_add_data_func (path, GUINT_TO_POINTER (k), test_axes);
  }
  return g_test_run ();
}
