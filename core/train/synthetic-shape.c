/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Shapes of synthetic defects: from pixels of the original picture to how much of each pixel of the
 * network's input they take, as an area resize of the damaged original would have it. */

#include <string.h>

#include "core/train/synthetic-private.h"

/* Samples along each side of a pixel, for shapes not much larger than a pixel. */
#define MAX_SAMPLES 4

/* The octaves' lattices are turned against each other, or their axes would show. */
double
cpac_smooth_noise (guint32 seed, double x, double y)
{
  double sum = 0, amplitude = 1;

  for (guint32 octave = 0; octave < 3; octave++) {
    gint32 u = (gint32) floor (x * 256), v = (gint32) floor (y * 256);
    double turned;

    sum += amplitude * footage_noise (seed + octave, u, v, 0) / 32768.0;
    amplitude /= 2;
    turned = 1.6 * x - 1.2 * y;
    y = 1.2 * x + 1.6 * y;
    x = turned;
  }
  return sum;
}

void
cpac_canvas_clear (CpacDefectCanvas *canvas)
{
  const CpacDefectBox *box = &canvas->box;

  for (guint y = box->y0; y < box->y1; y++)
    memset (canvas->alpha + (gsize) y * canvas->width + box->x0, 0,
            (box->x1 - box->x0) * sizeof *canvas->alpha);
  canvas->box = (CpacDefectBox){ 0 };
}

/* The pixels of the input that touch a rectangle of the original. */
static CpacDefectBox
get_box (const CpacDefectCanvas *canvas, double x0, double y0, double x1, double y1)
{
  return (CpacDefectBox){
    .x0 = (guint) CLAMP (floor (x0 * canvas->per_x), 0, canvas->width),
    .y0 = (guint) CLAMP (floor (y0 * canvas->per_y), 0, canvas->height),
    .x1 = (guint) CLAMP (ceil (x1 * canvas->per_x), 0, canvas->width),
    .y1 = (guint) CLAMP (ceil (y1 * canvas->per_y), 0, canvas->height),
  };
}

static gboolean
box_is_empty (const CpacDefectBox *box)
{
  return box->x0 >= box->x1 || box->y0 >= box->y1;
}

static void
extend_box (CpacDefectCanvas *canvas, const CpacDefectBox *box)
{
  CpacDefectBox *all = &canvas->box;

  if (box_is_empty (all)) {
    *all = *box;
    return;
  }
  all->x0 = MIN (all->x0, box->x0);
  all->y0 = MIN (all->y0, box->y0);
  all->x1 = MAX (all->x1, box->x1);
  all->y1 = MAX (all->y1, box->y1);
}

/* How far inside the border a point of the original is; negative outside. */
typedef double (*DepthFunc) (gconstpointer data, double x, double y);

static double
fade (double depth, double soft)
{
  double t = CLAMP (0.5 + depth / soft, 0, 1);

  return t * t * (3 - 2 * t);
}

static double
cover_pixel (const CpacDefectCanvas *canvas, guint x, guint y, guint n_samples, DepthFunc depth,
             gconstpointer data, double soft)
{
  double sum = 0;

  for (guint i = 0; i < n_samples; i++)
    for (guint j = 0; j < n_samples; j++)
      sum += fade (depth (data, (x + (j + 0.5) / n_samples) / canvas->per_x,
                          (y + (i + 0.5) / n_samples) / canvas->per_y),
                   soft);
  return sum / (n_samples * n_samples);
}

static void
cover (CpacDefectCanvas *canvas, const CpacDefectBox *box, guint n_samples, DepthFunc depth,
       gconstpointer data, double soft)
{
  /* Never sharper than the samples lie apart. */
  soft = MAX (soft, 1 / (n_samples * MIN (canvas->per_x, canvas->per_y)));
  if (box_is_empty (box))
    return;
  extend_box (canvas, box);
  for (guint y = box->y0; y < box->y1; y++) {
    float *alpha = canvas->alpha + (gsize) y * canvas->width;

    for (guint x = box->x0; x < box->x1; x++)
      alpha[x] = MAX (alpha[x], (float) cover_pixel (canvas, x, y, n_samples, depth, data, soft));
  }
}

/* ---- Ellipses and rectangles ---- */

typedef struct {
  const CpacDefectShape *shape;
  double cosine, sine;
} Turned;

static double
depth_in_shape (gconstpointer data, double x, double y)
{
  const Turned *turned = data;
  const CpacDefectShape *shape = turned->shape;
  double dx = x - shape->x, dy = y - shape->y;
  double along = fabs (turned->cosine * dx + turned->sine * dy);
  double across = fabs (turned->cosine * dy - turned->sine * dx);
  double half = MIN (shape->half_a, shape->half_b), depth;

  if (shape->outline == CPAC_OUTLINE_RECTANGLE)
    depth = MIN (shape->half_a - along, shape->half_b - across);
  else
    depth = half * (1 - hypot (along / shape->half_a, across / shape->half_b));
  if (shape->ragged > 0)
    depth += half * shape->ragged *
             cpac_smooth_noise (shape->seed, dx / shape->wavelength, dy / shape->wavelength);
  return depth;
}

/* Small shapes need samples within pixels; large ones would only be slow. */
static guint
count_samples (const CpacDefectCanvas *canvas, const CpacDefectShape *shape)
{
  double half = MIN (shape->half_a, shape->half_b) * MIN (canvas->per_x, canvas->per_y);

  return half < 2 ? MAX_SAMPLES : half < 8 ? 2 : 1;
}

void
cpac_canvas_add_shape (CpacDefectCanvas *canvas, const CpacDefectShape *shape)
{
  Turned turned = { shape, cos (shape->angle), sin (shape->angle) };
  guint n_samples = count_samples (canvas, shape);
  double pixel = 1 / MIN (canvas->per_x, canvas->per_y);
  double half = MIN (shape->half_a, shape->half_b);
  /* The noise is below 1.75 everywhere. */
  double margin = (1.75 * shape->ragged * half + MAX (shape->soft, pixel) / 2) / half;
  double along = shape->half_a * (1 + margin), across = shape->half_b * (1 + margin);
  double reach_x = fabs (turned.cosine) * along + fabs (turned.sine) * across;
  double reach_y = fabs (turned.sine) * along + fabs (turned.cosine) * across;
  CpacDefectBox box = get_box (canvas, shape->x - reach_x, shape->y - reach_y, shape->x + reach_x,
                               shape->y + reach_y);

  cover (canvas, &box, n_samples, depth_in_shape, &turned, shape->soft);
}

/* ---- Strokes ---- */

typedef struct {
  double x, y;   /* of the start */
  double dx, dy; /* to the end */
  double length2;
  double width0, width1;
} Stroke;

static double
depth_in_stroke (gconstpointer data, double x, double y)
{
  const Stroke *stroke = data;
  double t = ((x - stroke->x) * stroke->dx + (y - stroke->y) * stroke->dy) / stroke->length2;

  t = CLAMP (t, 0, 1);
  return (stroke->width0 + t * (stroke->width1 - stroke->width0)) / 2 -
         hypot (x - stroke->x - t * stroke->dx, y - stroke->y - t * stroke->dy);
}

void
cpac_canvas_add_stroke (CpacDefectCanvas *canvas, double x0, double y0, double width0, double x1,
                        double y1, double width1)
{
  Stroke stroke = { x0, y0, x1 - x0, y1 - y0, 0, width0, width1 };
  double reach = MAX (width0, width1) / 2 + 1 / MIN (canvas->per_x, canvas->per_y);
  CpacDefectBox box = get_box (canvas, MIN (x0, x1) - reach, MIN (y0, y1) - reach,
                               MAX (x0, x1) + reach, MAX (y0, y1) + reach);

  stroke.length2 = MAX (stroke.dx * stroke.dx + stroke.dy * stroke.dy, 1e-12);
  cover (canvas, &box, MAX_SAMPLES, depth_in_stroke, &stroke, 0);
}
