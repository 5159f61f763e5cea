/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the shapes of synthetic defects are filled with. */

#include "core/train/synthetic-private.h"

/* One channel of one picture while it is painted, and of the other. */
typedef struct {
  const CpacDefectContent *content;
  const CpacDefectCanvas *canvas;
  double mean, scale; /* v = x scale + mean */
  float *plane;
  const float *other;
} Painting;

/* A place of a mirrored row of @n, whatever @i is. */
static guint
mirror (gint i, guint n)
{
  gint period = 2 * (gint) n;

  i = i % period;
  if (i < 0)
    i += period;
  return i < (gint) n ? (guint) i : (guint) (period - 1 - i);
}

/* Place along an axis of the source, and the next, and how far between them. */
static double
map_axis (guint i, double centre, double shift, double zoom, guint n, guint *first, guint *second)
{
  double place = (shift + (i - centre) / n * zoom) * n;
  double whole = floor (place);

  *first = mirror ((gint) whole, n);
  *second = mirror ((gint) whole + 1, n);
  return place - whole;
}

static double
get_foreign (const Painting *painting, guint x, guint y)
{
  const CpacDefectContent *content = painting->content;
  const CpacDefectCanvas *canvas = painting->canvas;
  const CpacDefectBox *box = &canvas->box;
  guint x0, x1, y0, y1;
  double fx = map_axis (x, (box->x0 + box->x1) / 2.0, content->shift_x, content->zoom_x,
                        canvas->width, &x0, &x1);
  double fy = map_axis (y, (box->y0 + box->y1) / 2.0, content->shift_y, content->zoom_y,
                        canvas->height, &y0, &y1);
  const float *top = painting->other + (gsize) y0 * canvas->width;
  const float *bottom = painting->other + (gsize) y1 * canvas->width;

  return ((1 - fy) * ((1 - fx) * top[x0] + fx * top[x1]) +
          fy * ((1 - fx) * bottom[x0] + fx * bottom[x1])) *
             painting->scale +
         painting->mean;
}

static double
get_value (const Painting *painting, gsize place)
{
  return painting->plane[place] * painting->scale + painting->mean;
}

static double
get_source (const Painting *painting, guint x, guint y)
{
  if (painting->content->foreign)
    return get_foreign (painting, x, y);
  return get_value (painting, (gsize) y * painting->canvas->width + x);
}

/* Means of picture and source under the shape. */
static void
get_means (const Painting *painting, double *here, double *source)
{
  const CpacDefectCanvas *canvas = painting->canvas;
  double sum = 0, source_sum = 0, weight = 0;

  for (guint y = canvas->box.y0; y < canvas->box.y1; y++)
    for (guint x = canvas->box.x0; x < canvas->box.x1; x++) {
      gsize place = (gsize) y * canvas->width + x;
      double alpha = canvas->alpha[place];

      if (alpha <= 0)
        continue;
      weight += alpha;
      sum += alpha * get_value (painting, place);
      source_sum += alpha * get_source (painting, x, y);
    }
  *here = weight > 0 ? sum / weight : 0;
  *source = weight > 0 ? source_sum / weight : 0;
}

static double
get_grain (const Painting *painting, guint x, guint y)
{
  const CpacDefectContent *content = painting->content;

  if (content->grain <= 0)
    return 0;
  return content->grain * cpac_smooth_noise (content->seed,
                                             x / painting->canvas->per_x / content->wavelength,
                                             y / painting->canvas->per_y / content->wavelength);
}

static void
paint_channel (const Painting *painting, double offset)
{
  const CpacDefectContent *content = painting->content;
  const CpacDefectCanvas *canvas = painting->canvas;
  double here, source;

  get_means (painting, &here, &source);
  for (guint y = canvas->box.y0; y < canvas->box.y1; y++)
    for (guint x = canvas->box.x0; x < canvas->box.x1; x++) {
      gsize place = (gsize) y * canvas->width + x;
      double alpha = canvas->alpha[place], old, value;

      if (alpha <= 0)
        continue;
      old = get_value (painting, place);
      value = here + content->texture * (get_source (painting, x, y) - source) + offset +
              get_grain (painting, x, y);
      value = CLAMP (value * (1 + content->gain), 0, 255);
      painting->plane[place] =
          (float) ((old + alpha * (value - old) - painting->mean) / painting->scale);
    }
}

void
cpac_content_paint (const CpacDefectContent *content, const CpacDefectCanvas *canvas,
                    const CpacInputSpec *spec, float *picture, const float *other)
{
  gsize n = (gsize) canvas->width * canvas->height;

  for (guint c = 0; c < spec->channels; c++) {
    Painting painting = { content,        canvas,          spec->mean[c],
                          spec->scale[c], picture + c * n, other + c * n };

    paint_channel (&painting, content->offset[c]);
  }
}
