/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/layer-oracle.h"

#include <math.h>

static guint
extent (const OracleWindow *window, guint axis)
{
  return (window->size[axis] - 1) * window->dilation[axis] + 1;
}

static guint
same_total (const OracleWindow *window, guint axis, guint n_in)
{
  guint k = extent (window, axis), s = window->stride[axis];
  guint covered = n_in % s == 0 ? s : n_in % s;

  return k > covered ? k - covered : 0;
}

guint
oracle_before (const OracleWindow *window, guint axis, guint n_in)
{
  switch (window->padding) {
    case ORACLE_VALID:
      return 0;
    case ORACLE_SAME:
      return same_total (window, axis, n_in) / 2;
    case ORACLE_EXPLICIT:
      return window->sides[axis];
  }
  g_assert_not_reached ();
}

guint
oracle_n_out (const OracleWindow *window, guint axis, guint n_in)
{
  guint before = oracle_before (window, axis, n_in), n = 0;
  guint after = window->padding == ORACLE_EXPLICIT ? window->sides[2 + axis] : 0;
  guint padded = n_in + before + after;

  if (window->padding == ORACLE_SAME) {
    while (n * window->stride[axis] < n_in)
      n++;
    return n;
  }
  while (n * window->stride[axis] + extent (window, axis) <= padded)
    n++;
  /* Hanging over by less than a stride, as rounding up allows no more. */
  if (n > 0 && window->ceil && (n - 1) * window->stride[axis] + extent (window, axis) < padded &&
      n * window->stride[axis] < n_in + before)
    n++;
  return n;
}

static void
kernel_allocate (OracleKernel *kernel)
{
  gsize n = (gsize) kernel->filters * kernel->channels * kernel->kh * kernel->kw;

  kernel->value = g_new0 (double, n);
  kernel->magnitude = g_new0 (double, n);
}

void
oracle_kernel_from_factors (OracleKernel *kernel, guint rank, const float *a, const float *b,
                            const float *c, const float *d)
{
  gsize at = 0;

  kernel_allocate (kernel);
  for (guint n = 0; n < kernel->filters; n++)
    for (guint s = 0; s < kernel->channels; s++)
      for (guint y = 0; y < kernel->kh; y++)
        for (guint x = 0; x < kernel->kw; x++, at++)
          for (guint r = 0; r < rank; r++) {
            double term =
                (double) a[n * rank + r] * b[y * rank + r] * c[x * rank + r] * d[s * rank + r];

            kernel->value[at] += term;
            kernel->magnitude[at] += fabs (term);
          }
}

void
oracle_kernel_from_dense (OracleKernel *kernel, const float *weight)
{
  kernel_allocate (kernel);
  for (gsize i = 0; i < (gsize) kernel->filters * kernel->channels * kernel->kh * kernel->kw; i++) {
    kernel->value[i] = weight[i];
    kernel->magnitude[i] = fabs (kernel->value[i]);
  }
}

void
oracle_kernel_clear (OracleKernel *kernel)
{
  g_clear_pointer (&kernel->value, g_free);
  g_clear_pointer (&kernel->magnitude, g_free);
}

/* Pixel (i, j) of a plane, 0 outside. */
static double
pixel (const float *plane, gint64 i, gint64 j, guint height, guint width)
{
  return i < 0 || j < 0 || i >= height || j >= width ? 0 : plane[i * width + j];
}

void
oracle_convolve (const OracleWindow *window, const OracleKernel *kernel, const float *bias,
                 const float *x, guint height, guint width, double *y, double *bound)
{
  gint64 top = oracle_before (window, 0, height), left = oracle_before (window, 1, width);
  guint n_p = oracle_n_out (window, 0, height), n_q = oracle_n_out (window, 1, width);
  gsize at = 0;

  for (guint n = 0; n < kernel->filters; n++)
    for (guint p = 0; p < n_p; p++)
      for (guint q = 0; q < n_q; q++, at++) {
        const double *tap = kernel->value + (gsize) n * kernel->channels * kernel->kh * kernel->kw;
        const double *magnitude = kernel->magnitude + (tap - kernel->value);

        y[at] = bias != NULL ? bias[n] : 0;
        bound[at] = fabs (y[at]);
        for (guint s = 0; s < kernel->channels; s++)
          for (guint u = 0; u < kernel->kh; u++)
            for (guint v = 0; v < kernel->kw; v++, tap++, magnitude++) {
              gint64 i = (gint64) p * window->stride[0] + u * window->dilation[0] - top;
              gint64 j = (gint64) q * window->stride[1] + v * window->dilation[1] - left;
              double value = pixel (x + (gsize) s * height * width, i, j, height, width);

              y[at] += *tap * value;
              bound[at] += *magnitude * fabs (value);
            }
      }
}

void
oracle_pool (const OracleWindow *window, OraclePool kind, const float *x, const CpacDims *in,
             double *y, double *bound)
{
  gint64 top = oracle_before (window, 0, in->height), left = oracle_before (window, 1, in->width);
  guint n_p = oracle_n_out (window, 0, in->height), n_q = oracle_n_out (window, 1, in->width);
  gsize at = 0;

  for (guint c = 0; c < in->channels; c++)
    for (guint p = 0; p < n_p; p++)
      for (guint q = 0; q < n_q; q++, at++) {
        double sum = 0, magnitude = 0, largest = -INFINITY;
        guint n = 0;

        for (guint u = 0; u < window->size[0]; u++)
          for (guint v = 0; v < window->size[1]; v++) {
            gint64 i = (gint64) p * window->stride[0] + u - top;
            gint64 j = (gint64) q * window->stride[1] + v - left;
            double value;

            if (i < 0 || j < 0 || i >= in->height || j >= in->width)
              continue;
            value = x[((gsize) c * in->height + i) * in->width + j];
            sum += value;
            magnitude += fabs (value);
            largest = fmax (largest, value);
            n++;
          }
        g_assert_cmpuint (n, >, 0);
        y[at] = kind == ORACLE_MAX ? largest : sum / n;
        bound[at] = kind == ORACLE_MAX ? 0 : magnitude / n;
      }
}
