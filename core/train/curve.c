/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/curve.h"

#include <math.h>

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

/* Not a number stays one, and is not drawn. */
static double
log_of (double loss)
{
  return log10 (loss < 1e-12 ? 1e-12 : loss);
}

static double
log_train_loss (const CpacEpoch *epoch)
{
  return log_of (epoch->train_loss);
}

static double
log_val_loss (const CpacEpoch *epoch)
{
  return log_of (epoch->val_loss);
}

static double
val_figure (const CpacEpoch *epoch)
{
  return epoch->val_figure;
}

typedef struct {
  double low, high;
} Range;

static void
extend (Range *range, const GArray *curve, ValueFunc value)
{
  for (guint i = 0; i < curve->len; i++) {
    double v = value (&g_array_index (curve, CpacEpoch, i));

    if (isfinite (v)) {
      range->low = MIN (range->low, v);
      range->high = MAX (range->high, v);
    }
  }
}

static void
settle_range (Range *range)
{
  if (!(range->low <= range->high))
    *range = (Range){ 0, 1 };
  if (range->high - range->low < 1e-9)
    range->high = range->low + 1e-3;
}

static double
x_of (const GArray *curve, guint i)
{
  double share = curve->len > 1 ? (double) i / (curve->len - 1) : 0.5;

  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double
y_of (const Range *range, double value)
{
  return TOP + (range->high - value) / (range->high - range->low) * (HEIGHT - TOP - BOTTOM);
}

static void
append_fixed (GString *svg, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (svg, g_ascii_formatd (number, sizeof number, "%.1f", value));
}

static void
append_line (GString *svg, const GArray *curve, ValueFunc value, const Range *range,
             const char *color, const char *dashes)
{
  g_string_append_printf (svg,
                          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" "
                          "stroke-dasharray=\"%s\" points=\"",
                          color, dashes);
  for (guint i = 0; i < curve->len; i++) {
    double v = value (&g_array_index (curve, CpacEpoch, i));

    if (!isfinite (v))
      continue;
    append_fixed (svg, x_of (curve, i));
    g_string_append_c (svg, ',');
    append_fixed (svg, y_of (range, v));
    g_string_append_c (svg, ' ');
  }
  g_string_append (svg, "\"/>\n");
}

static void
append_text (GString *svg, double x, double y, const char *anchor, const char *color,
             const char *words)
{
  g_autofree char *escaped = g_markup_escape_text (words, -1);

  g_string_append (svg, "<text x=\"");
  append_fixed (svg, x);
  g_string_append (svg, "\" y=\"");
  append_fixed (svg, y);
  g_string_append_printf (svg, "\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", anchor, color,
                          escaped);
}

/* Five labels along one side; @is_log: the range is of logarithms. */
static void
append_axis (GString *svg, const Range *range, gboolean is_log, double x, const char *anchor,
             const char *color)
{
  for (guint i = 0; i <= 4; i++) {
    double value = range->low + (range->high - range->low) * i / 4;
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd (number, sizeof number, "%.3g", is_log ? pow (10, value) : value);
    append_text (svg, x, y_of (range, value) + 4, anchor, color, number);
  }
}

static void
append_frame (GString *svg, const GArray *curve, const char *title)
{
  g_autofree char *last = g_strdup_printf ("%u epochs", curve->len);

  g_string_append_printf (
      svg,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n"
      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n",
      WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
  append_text (svg, WIDTH / 2.0, 22, "middle", "#222", title);
  append_text (svg, WIDTH - RIGHT, HEIGHT - BOTTOM + 18, "end", "#222", last);
}

char *
cpac_curve_to_svg (const GArray *curve, const char *title, const char *figure, guint best_epoch)
{
  GString *svg = g_string_new (NULL);
  Range losses = { INFINITY, -INFINITY }, figures = { INFINITY, -INFINITY };

  extend (&losses, curve, log_train_loss);
  extend (&losses, curve, log_val_loss);
  extend (&figures, curve, val_figure);
  settle_range (&losses);
  settle_range (&figures);
  append_frame (svg, curve, title);
  append_axis (svg, &losses, TRUE, LEFT - 8, "end", "#0072b2");
  append_axis (svg, &figures, FALSE, WIDTH - RIGHT + 8, "start", "#d55e00");
  append_line (svg, curve, log_train_loss, &losses, "#0072b2", "5 4");
  append_line (svg, curve, log_val_loss, &losses, "#0072b2", "none");
  append_line (svg, curve, val_figure, &figures, "#d55e00", "none");
  if (best_epoch > 0) {
    double x = x_of (curve, best_epoch - 1);

    g_string_append (svg, "<path stroke=\"#009e73\" d=\"M");
    append_fixed (svg, x);
    g_string_append_printf (svg, " %d V%d\"/>\n", TOP, HEIGHT - BOTTOM);
    append_text (svg, x, HEIGHT - BOTTOM + 18, "middle", "#009e73", "best");
  }
  append_text (svg, LEFT, HEIGHT - 12, "start", "#0072b2", "loss: training dashed, validation");
  append_text (svg, WIDTH - RIGHT, HEIGHT - 12, "end", "#d55e00", figure);
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}
