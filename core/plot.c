/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/plot.h"

#include <math.h>

#define GRID "#dddddd"
#define TICK 5
/* From the axis to the line its label is written on. */
#define LABEL_BELOW 36
#define LABEL_ASIDE 46

static double
share_of (const CpacPlotScale *scale, double value)
{
  if (!(scale->high > scale->low))
    return 0.5;
  if (scale->is_log)
    return log (value / scale->low) / log (scale->high / scale->low);
  return (value - scale->low) / (scale->high - scale->low);
}

double
cpac_plot_place (const CpacPlotScale *scale, double value)
{
  return scale->from + share_of (scale, value) * (scale->to - scale->from);
}

/* ---- Ticks ---- */

typedef struct {
  double *values; /* (CPAC_PLOT_MAX_TICKS) */
  guint n;
} Ticks;

/* Half a rounding outside still counts as inside. */
static void
add_tick (Ticks *ticks, const CpacPlotScale *scale, double value)
{
  double slack = 1e-9 * (scale->high - scale->low);

  if (value >= scale->low - slack && value <= scale->high + slack && ticks->n < CPAC_PLOT_MAX_TICKS)
    ticks->values[ticks->n++] = value;
}

double
cpac_plot_round_step (double wanted)
{
  double power = pow (10, floor (log10 (wanted)));

  if (wanted <= power)
    return power;
  if (wanted <= 2 * power)
    return 2 * power;
  return wanted <= 5 * power ? 5 * power : 10 * power;
}

static void
add_even_ticks (Ticks *ticks, const CpacPlotScale *scale, guint n_wanted)
{
  double step = cpac_plot_round_step ((scale->high - scale->low) / n_wanted);
  double first;

  if (scale->is_whole)
    step = MAX (step, 1);
  first = ceil (scale->low / step - 1e-9);
  for (guint i = 0; i < CPAC_PLOT_MAX_TICKS; i++)
    add_tick (ticks, scale, (first + i) * step);
}

/* @per_decade: how many of 1, 2 and 5 times the powers of ten. */
static void
add_log_ticks (Ticks *ticks, const CpacPlotScale *scale, guint per_decade)
{
  static const double factors[] = { 1, 2, 5 };
  int last = (int) floor (log10 (scale->high) + 1e-9);

  ticks->n = 0;
  for (int power = (int) floor (log10 (scale->low)); power <= last; power++)
    for (guint i = 0; i < per_decade; i++)
      add_tick (ticks, scale, factors[i] * pow (10, power));
}

guint
cpac_plot_ticks (const CpacPlotScale *scale, guint n_wanted, double values[CPAC_PLOT_MAX_TICKS])
{
  Ticks ticks = { values, 0 };

  g_return_val_if_fail (n_wanted > 0, 0);

  if (!(scale->high > scale->low)) {
    add_tick (&ticks, scale, scale->low);
    return ticks.n;
  }
  if (scale->is_log) {
    add_log_ticks (&ticks, scale, 1);
    if (ticks.n < 3)
      add_log_ticks (&ticks, scale, 3);
    if (ticks.n >= 3)
      return ticks.n;
    ticks.n = 0;
  }
  add_even_ticks (&ticks, scale, n_wanted);
  return ticks.n;
}

/* ---- Marks ---- */

static void
add_number (GString *svg, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  /* Adding 0 makes -0 a plain 0. */
  g_ascii_formatd (number, sizeof number, "%.1f", round (value * 10) / 10 + 0.0);
  g_string_append (svg, number);
}

static void
add_attribute (GString *svg, const char *name, double value)
{
  g_string_append_printf (svg, " %s=\"", name);
  add_number (svg, value);
  g_string_append_c (svg, '"');
}

GString *
cpac_plot_begin (guint width, guint height, const char *title)
{
  GString *svg = g_string_new (NULL);

  g_string_append_printf (svg,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
                          "font-family=\"sans-serif\" font-size=\"12\">\n"
                          "<rect width=\"%u\" height=\"%u\" fill=\"white\"/>\n",
                          width, height, width, height);
  cpac_plot_text (svg, width / 2.0, 22, "middle", CPAC_PLOT_INK, title);
  return svg;
}

char *
cpac_plot_end (GString *svg)
{
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}

static void
add_words (GString *svg, const char *words)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  g_string_append_printf (svg, ">%s</text>\n", escaped);
}

void
cpac_plot_text (GString *svg, double x, double y, const char *anchor, const char *color,
                const char *words)
{
  g_string_append (svg, "<text");
  add_attribute (svg, "x", x);
  add_attribute (svg, "y", y);
  g_string_append_printf (svg, " text-anchor=\"%s\" fill=\"%s\"", anchor, color);
  add_words (svg, words);
}

/* Read from bottom to top. */
static void
add_upright_text (GString *svg, double x, double y, const char *color, const char *words)
{
  g_string_append_printf (svg, "<text text-anchor=\"middle\" fill=\"%s\" transform=\"translate(",
                          color);
  add_number (svg, x);
  g_string_append_c (svg, ' ');
  add_number (svg, y);
  g_string_append (svg, ") rotate(-90)\"");
  add_words (svg, words);
}

void
cpac_plot_rectangle (GString *svg, double x, double y, double width, double height,
                     const char *stroke, const char *fill)
{
  g_string_append (svg, "<rect");
  add_attribute (svg, "x", x);
  add_attribute (svg, "y", y);
  add_attribute (svg, "width", width);
  add_attribute (svg, "height", height);
  g_string_append_printf (svg, " stroke=\"%s\" fill=\"%s\"/>\n", stroke, fill);
}

void
cpac_plot_segment (GString *svg, double x1, double y1, double x2, double y2, const char *color,
                   const char *dashes)
{
  if (!isfinite (x1 + y1 + x2 + y2))
    return;
  g_string_append (svg, "<line");
  add_attribute (svg, "x1", x1);
  add_attribute (svg, "y1", y1);
  add_attribute (svg, "x2", x2);
  add_attribute (svg, "y2", y2);
  g_string_append_printf (svg, " stroke=\"%s\" stroke-dasharray=\"%s\"/>\n", color, dashes);
}

void
cpac_plot_marker (GString *svg, double x, double y, const char *color, gboolean filled)
{
  if (!isfinite (x + y))
    return;
  g_string_append (svg, "<circle");
  add_attribute (svg, "cx", x);
  add_attribute (svg, "cy", y);
  g_string_append_printf (svg, " r=\"5\" stroke=\"%s\" stroke-width=\"2\" fill=\"%s\"/>\n", color,
                          filled ? color : "white");
}

/* ---- Axes ---- */

static void
write_tick (char number[G_ASCII_DTOSTR_BUF_SIZE], double value)
{
  g_ascii_formatd (number, G_ASCII_DTOSTR_BUF_SIZE, "%.6g", value + 0.0);
}

/* A tick at a multiple of the step may miss 0 by a rounding. */
static double
clean (const CpacPlotScale *scale, double value)
{
  return fabs (value) < 1e-9 * (scale->high - scale->low) ? 0 : value;
}

void
cpac_plot_axis_below (GString *svg, const CpacPlotScale *scale, double y, double grid,
                      const char *label)
{
  double ticks[CPAC_PLOT_MAX_TICKS], middle = (scale->from + scale->to) / 2;
  guint n = cpac_plot_ticks (scale, 6, ticks);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < n; i++) {
    double x = cpac_plot_place (scale, ticks[i]);

    cpac_plot_segment (svg, x, y, x, grid, GRID, "none");
    cpac_plot_segment (svg, x, y, x, y + TICK, CPAC_PLOT_GRAY, "none");
    write_tick (number, clean (scale, ticks[i]));
    cpac_plot_text (svg, x, y + 18, "middle", CPAC_PLOT_INK, number);
  }
  cpac_plot_text (svg, middle, y + LABEL_BELOW, "middle", CPAC_PLOT_INK, label);
}

/* @side: -1 to the left, 1 to the right. */
static void
add_upright_axis (GString *svg, const CpacPlotScale *scale, double x, double grid, int side,
                  const char *color, const char *label)
{
  double ticks[CPAC_PLOT_MAX_TICKS], middle = (scale->from + scale->to) / 2;
  guint n = cpac_plot_ticks (scale, 5, ticks);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  for (guint i = 0; i < n; i++) {
    double y = cpac_plot_place (scale, ticks[i]);

    cpac_plot_segment (svg, x, y, grid, y, GRID, "none");
    cpac_plot_segment (svg, x, y, x + side * TICK, y, CPAC_PLOT_GRAY, "none");
    write_tick (number, clean (scale, ticks[i]));
    cpac_plot_text (svg, x + side * 8, y + 4, side < 0 ? "end" : "start", color, number);
  }
  add_upright_text (svg, x + side * LABEL_ASIDE + (side > 0 ? 9 : 0), middle, color, label);
}

void
cpac_plot_axis_left (GString *svg, const CpacPlotScale *scale, double x, double grid,
                     const char *color, const char *label)
{
  add_upright_axis (svg, scale, x, grid, -1, color, label);
}

void
cpac_plot_axis_right (GString *svg, const CpacPlotScale *scale, double x, const char *color,
                      const char *label)
{
  add_upright_axis (svg, scale, x, NAN, 1, color, label);
}

/* ---- Data ---- */

static void
add_point (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, double u, double v)
{
  double px = cpac_plot_place (x, u), py = cpac_plot_place (y, v);

  if (!isfinite (px) || !isfinite (py))
    return;
  add_number (svg, px);
  g_string_append_c (svg, ',');
  add_number (svg, py);
  g_string_append_c (svg, ' ');
}

void
cpac_plot_line (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const double *xs,
                const double *ys, guint n, const char *color, const char *dashes)
{
  g_string_append_printf (svg,
                          "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" "
                          "stroke-dasharray=\"%s\" points=\"",
                          color, dashes);
  for (guint i = 0; i < n; i++)
    add_point (svg, x, y, xs[i], ys[i]);
  g_string_append (svg, "\"/>\n");
}

void
cpac_plot_band (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const double *xs,
                const double *lows, const double *highs, guint n, const char *color)
{
  g_string_append_printf (
      svg, "<polygon stroke=\"none\" fill=\"%s\" fill-opacity=\"0.2\" points=\"", color);
  for (guint i = 0; i < n; i++)
    add_point (svg, x, y, xs[i], highs[i]);
  for (guint i = n; i-- > 0;)
    add_point (svg, x, y, xs[i], lows[i]);
  g_string_append (svg, "\"/>\n");
}

/* Up from (@left, @foot), across, down, and back. */
static void
add_bar (GString *svg, double left, double foot, double width, double height)
{
  g_string_append_c (svg, 'M');
  add_number (svg, left);
  g_string_append_c (svg, ',');
  add_number (svg, foot);
  g_string_append_c (svg, 'v');
  add_number (svg, -height);
  g_string_append_c (svg, 'h');
  add_number (svg, width);
  g_string_append_c (svg, 'v');
  add_number (svg, height);
  g_string_append_c (svg, 'z');
}

void
cpac_plot_bars (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const double *values,
                guint n, double begin, double end, const char *color)
{
  double foot = cpac_plot_place (y, y->low);

  /* One path: bars are many. */
  g_string_append_printf (svg, "<path fill=\"%s\" d=\"", color);
  for (guint i = 0; i < n; i++) {
    double left = cpac_plot_place (x, i + begin), right = cpac_plot_place (x, i + end);
    double top = cpac_plot_place (y, values[i]);

    if (isfinite (top) && values[i] > y->low)
      add_bar (svg, left, foot, right - left, foot - top);
  }
  g_string_append (svg, "\"/>\n");
}
