/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/curve.h"

#include <math.h>

#include "core/plot.h"

#define WIDTH 640
#define HEIGHT 360
#define LEFT 70
#define RIGHT 70
#define TOP 40
#define BOTTOM 50

static void
append_number (GString *text, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", value));
}

char *
cpac_curve_to_csv (const GArray *curve)
{
  GString *text =
      g_string_new ("epoch,rate,train_loss,val_loss,val_figure,gradient_norm,seconds\n");

  for (guint i = 0; i < curve->len; i++) {
    const CpacEpoch *epoch = &g_array_index (curve, CpacEpoch, i);
    const double values[] = { epoch->rate,       epoch->train_loss,    epoch->val_loss,
                              epoch->val_figure, epoch->gradient_norm, epoch->seconds };

    g_string_append_printf (text, "%u", epoch->epoch);
    for (guint k = 0; k < G_N_ELEMENTS (values); k++) {
      g_string_append_c (text, ',');
      append_number (text, values[k]);
    }
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

/* ---- The picture ---- */

typedef double (*ValueFunc) (const CpacEpoch *epoch);

/* A logarithm needs something; not a number stays one, and is not drawn. */
static double
positive (double loss)
{
  return loss < 1e-12 ? 1e-12 : loss;
}

static double
train_loss (const CpacEpoch *epoch)
{
  return positive (epoch->train_loss);
}

static double
val_loss (const CpacEpoch *epoch)
{
  return positive (epoch->val_loss);
}

static double
val_figure (const CpacEpoch *epoch)
{
  return epoch->val_figure;
}

/* (transfer full) */
static double *
collect (const GArray *curve, ValueFunc value)
{
  double *values = g_new (double, (gsize) curve->len + 1);

  for (guint i = 0; i < curve->len; i++)
    values[i] = value (&g_array_index (curve, CpacEpoch, i));
  return values;
}

static void
extend (CpacPlotScale *scale, const double *values, guint n)
{
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i])) {
      scale->low = MIN (scale->low, values[i]);
      scale->high = MAX (scale->high, values[i]);
    }
}

/* A range for what has none, and a little of one for what stays the same. */
static void
settle (CpacPlotScale *scale)
{
  if (!(scale->low <= scale->high)) {
    scale->low = scale->is_log ? 1 : 0;
    scale->high = scale->is_log ? 10 : 1;
  } else if (scale->is_log && scale->high < scale->low * (1 + 1e-9)) {
    scale->high = scale->low * 1.01;
  } else if (!scale->is_log && scale->high - scale->low < 1e-9) {
    scale->high = scale->low + 1e-3;
  }
}

static void
add_best (GString *svg, const CpacPlotScale *epochs, guint best_epoch)
{
  double x = cpac_plot_place (epochs, best_epoch);
  g_autofree char *words = g_strdup_printf ("best: %u", best_epoch);

  cpac_plot_segment (svg, x, TOP, x, HEIGHT - BOTTOM, CPAC_PLOT_GREEN, "2 3");
  cpac_plot_text (svg, x, TOP - 5, "middle", CPAC_PLOT_GREEN, words);
}

char *
cpac_curve_to_svg (const GArray *curve, const char *title, const char *figure, guint best_epoch)
{
  GString *svg = cpac_plot_begin (WIDTH, HEIGHT, title);
  guint n = curve->len;
  g_autofree double *train = collect (curve, train_loss), *val = collect (curve, val_loss);
  g_autofree double *figures = collect (curve, val_figure), *xs = g_new (double, (gsize) n + 1);
  CpacPlotScale epochs = { 1, n, LEFT, WIDTH - RIGHT, FALSE, TRUE };
  CpacPlotScale losses = { INFINITY, -INFINITY, HEIGHT - BOTTOM, TOP, TRUE, FALSE };
  CpacPlotScale right = { INFINITY, -INFINITY, HEIGHT - BOTTOM, TOP, FALSE, FALSE };

  for (guint i = 0; i < n; i++)
    xs[i] = i + 1;
  extend (&losses, train, n);
  extend (&losses, val, n);
  extend (&right, figures, n);
  settle (&losses);
  settle (&right);
  cpac_plot_rectangle (svg, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, CPAC_PLOT_GRAY,
                       "none");
  cpac_plot_axis_below (svg, &epochs, HEIGHT - BOTTOM, NAN, "epoch");
  cpac_plot_axis_left (svg, &losses, LEFT, NAN, CPAC_PLOT_BLUE,
                       "loss: training dashed, validation");
  cpac_plot_axis_right (svg, &right, WIDTH - RIGHT, CPAC_PLOT_VERMILLION, figure);
  cpac_plot_line (svg, &epochs, &losses, xs, train, n, CPAC_PLOT_BLUE, "5 4");
  cpac_plot_line (svg, &epochs, &losses, xs, val, n, CPAC_PLOT_BLUE, "none");
  cpac_plot_line (svg, &epochs, &right, xs, figures, n, CPAC_PLOT_VERMILLION, "none");
  if (best_epoch > 0)
    add_best (svg, &epochs, best_epoch);
  return cpac_plot_end (svg);
}
