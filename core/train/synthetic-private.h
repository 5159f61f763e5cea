/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <math.h>

#include "core/train/footage-noise.h"
#include "core/train/synthetic.h"

G_BEGIN_DECLS

/* Pixels of the input: [x0, x1) x [y0, y1). */
typedef struct {
  guint x0, y0, x1, y1;
} CpacDefectBox;

/**
 * CpacDefectCanvas:
 *
 * One picture's worth of shape: how much of each pixel of the input a defect takes. Shapes are
 * given in pixels of the original picture, whose two axes may shrink differently.
 */
typedef struct {
  guint width, height; /* of the input */
  double original_width, original_height;
  double per_x, per_y; /* pixels of the input per pixel of the original */
  double side;         /* sqrt (width x height) of the original */
  float *alpha;        /* (height, width), 0 outside the box */
  CpacDefectBox box;
} CpacDefectCanvas;

typedef enum { CPAC_OUTLINE_ELLIPSE, CPAC_OUTLINE_RECTANGLE } CpacDefectOutline;

/**
 * CpacDefectShape:
 *
 * An ellipse or rectangle with a soft and ragged border.
 */
typedef struct {
  CpacDefectOutline outline;
  double x, y;           /* centre */
  double angle;          /* radians */
  double half_a, half_b; /* along and across */
  double soft;           /* width of the border, within which it fades */
  double ragged;         /* how far noise moves the border, in half widths */
  double wavelength;     /* of that noise */
  guint32 seed;          /* of that noise */
} CpacDefectShape;

/**
 * CpacDefectContent:
 *
 * What a shape is filled with: the mean of the place, plus @texture times the deviation of the
 * source from its own mean there, plus @offset, plus noise, the sum times 1 + @gain. The source is
 * the picture itself or the other one, zoomed and mirrored.
 */
typedef struct {
  gboolean foreign;
  double texture;
  double offset[3]; /* of each channel, 8-bit units */
  double gain;
  double grain;      /* amplitude of the noise, 8-bit units */
  double wavelength; /* of the noise, pixels of the original */
  guint32 seed;
  double zoom_x, zoom_y;   /* of the source; negative: mirrored */
  double shift_x, shift_y; /* where the source is taken from, shares of the picture */
} CpacDefectContent;

/* ---- Random numbers ---- */

static inline double
cpac_draw_between (CpacRandom *random, double low, double high)
{
  return low + (high - low) * cpac_random_double (random);
}

/* Log-uniform. */
static inline double
cpac_draw_log (CpacRandom *random, double low, double high)
{
  return low * exp (cpac_random_double (random) * log (high / low));
}

static inline gboolean
cpac_draw_chance (CpacRandom *random, double probability)
{
  return cpac_random_double (random) < probability;
}

/* Smooth noise, mostly within -1..1, with details down to a quarter of the unit. */
double cpac_smooth_noise (guint32 seed, double x, double y);

/* ---- Shapes ---- */

void cpac_canvas_clear (CpacDefectCanvas *canvas);
/* Adds to the canvas what @shape covers; where shapes overlap the larger alpha stays. */
void cpac_canvas_add_shape (CpacDefectCanvas *canvas, const CpacDefectShape *shape);
/* The same for a piece of a curve from (x0, y0), @width0 wide, to (x1, y1), @width1 wide. */
void cpac_canvas_add_stroke (CpacDefectCanvas *canvas, double x0, double y0, double width0,
                             double x1, double y1, double width1);

/* ---- Contents ---- */

/* Fills what the canvas covers of @picture. */
void cpac_content_paint (const CpacDefectContent *content, const CpacDefectCanvas *canvas,
                         const CpacInputSpec *spec, float *picture, const float *other);

/* ---- Kinds ---- */

/* Draws a defect's shape on the cleared @canvas, and its content. @spread: of the picture. */
void cpac_defect_draw (CpacDefectKind kind, const CpacDefectOptions *options, double spread,
                       CpacRandom *random, CpacDefectCanvas *canvas, CpacDefectContent *content);

G_END_DECLS
