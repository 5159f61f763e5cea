/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Charts as SVG text. Lengths are the picture's units, y downwards; numbers are written with one
 * decimal and a point in every locale, so the same data gives the same bytes. What is not finite is
 * not drawn.
 */

/* Okabe and Ito's colours, which people tell apart whatever their kind of colour vision. */
#define CPAC_PLOT_BLUE "#0072b2"
#define CPAC_PLOT_VERMILLION "#d55e00"
#define CPAC_PLOT_GREEN "#009e73"
#define CPAC_PLOT_INK "#222222"
#define CPAC_PLOT_GRAY "#767676"

/* Values from @low to @high lie at @from to @to; @to may be the smaller one. */
typedef struct {
  double low, high; /* both above 0 where @is_log */
  double from, to;
  gboolean is_log;
  gboolean is_whole; /* ticks at whole numbers only */
} CpacPlotScale;

/* Where @value lies, inside the scale or not; the middle where the scale has no width. */
double cpac_plot_place (const CpacPlotScale *scale, double value);

/* The smallest of 1, 2 and 5 times the powers of ten that is not below @wanted > 0. */
double cpac_plot_round_step (double wanted);

#define CPAC_PLOT_MAX_TICKS 16
/* Round numbers inside the scale, rising, about @n_wanted of them; returns how many. */
guint
cpac_plot_ticks (const CpacPlotScale *scale, guint n_wanted, double ticks[CPAC_PLOT_MAX_TICKS]);

/* The beginning of a picture, and its end. (transfer full) both */
GString *cpac_plot_begin (guint width, guint height, const char *title);
char *cpac_plot_end (GString *svg);

/* @anchor: "start", "middle" or "end". */
void cpac_plot_text (GString *svg, double x, double y, const char *anchor, const char *color,
                     const char *words);
/* @stroke and @fill: a colour or "none". */
void cpac_plot_rectangle (GString *svg, double x, double y, double width, double height,
                          const char *stroke, const char *fill);
/* @dashes: SVG's stroke-dasharray, "none" for a whole line. */
void cpac_plot_segment (GString *svg, double x1, double y1, double x2, double y2, const char *color,
                        const char *dashes);
/* @filled: a disk, else a ring. */
void cpac_plot_marker (GString *svg, double x, double y, const char *color, gboolean filled);

/* The scale along a side: ticks, their numbers and @label. @grid: the coordinate on the other side
 * of the frame to which faint lines run from the ticks; NAN for none. */
void cpac_plot_axis_below (GString *svg, const CpacPlotScale *scale, double y, double grid,
                           const char *label);
void cpac_plot_axis_left (GString *svg, const CpacPlotScale *scale, double x, double grid,
                          const char *color, const char *label);
void cpac_plot_axis_right (GString *svg, const CpacPlotScale *scale, double x, const char *color,
                           const char *label);

/* Through the points (@xs, @ys) (n). */
void cpac_plot_line (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const double *xs,
                     const double *ys, guint n, const char *color, const char *dashes);
/* A bar for each of @values (n), from the low end of @y up: bar i fills the share from @begin to
 * @end of the space between i and i + 1 on @x. None for what is not above that end. */
void cpac_plot_bars (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y,
                     const double *values, guint n, double begin, double end, const char *color);
/* The area between (@xs, @lows) and (@xs, @highs) (n). */
void cpac_plot_band (GString *svg, const CpacPlotScale *x, const CpacPlotScale *y, const double *xs,
                     const double *lows, const double *highs, guint n, const char *color);

G_END_DECLS
