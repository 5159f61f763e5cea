/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/canvas.h"

#include <math.h>
#include <string.h>

/* Even, so that tiles share no chroma sample. */
#define TILE 64

GstCpacCanvas *
gst_cpac_canvas_new (guint width, guint height)
{
  gint stride = cairo_format_stride_for_width (CAIRO_FORMAT_ARGB32, (gint) width);
  /* Zeroed memory of this size is not touched before it is used. */
  guint32 *pixels = g_try_malloc0_n (height, (gsize) stride);
  GstCpacCanvas *canvas;
  cairo_surface_t *surface;

  if (pixels == NULL)
    return NULL;
  canvas = g_new0 (GstCpacCanvas, 1);
  canvas->pixels = pixels;
  canvas->width = width;
  canvas->height = height;
  canvas->stride = (gsize) stride / sizeof (guint32);
  surface = cairo_image_surface_create_for_data ((guchar *) canvas->pixels, CAIRO_FORMAT_ARGB32,
                                                 (gint) width, (gint) height, stride);
  canvas->cairo = cairo_create (surface);
  cairo_surface_destroy (surface);
  canvas->tiles_across = (width + TILE - 1) / TILE;
  canvas->tiles_down = (height + TILE - 1) / TILE;
  canvas->marked = g_malloc0_n (canvas->tiles_across, canvas->tiles_down);
  canvas->is_empty = TRUE;
  return canvas;
}

void
gst_cpac_canvas_free (GstCpacCanvas *canvas)
{
  if (canvas == NULL)
    return;
  cairo_destroy (canvas->cairo);
  g_free (canvas->pixels);
  g_free (canvas->marked);
  g_free (canvas);
}

/* A run of marked tiles of one row of them, in pixels. */
typedef struct {
  guint x, y, width, height;
} Run;

/* The next run from tile @at on, which is moved behind it; FALSE when there is none. */
static gboolean
next_run (const GstCpacCanvas *canvas, guint *at, Run *run)
{
  guint n = canvas->tiles_across * canvas->tiles_down, first, column;

  while (*at < n && !canvas->marked[*at])
    ++*at;
  if (*at == n)
    return FALSE;
  first = *at;
  column = first % canvas->tiles_across;
  do {
    ++*at;
    column++;
  } while (column < canvas->tiles_across && canvas->marked[*at]);
  run->x = first % canvas->tiles_across * TILE;
  run->y = first / canvas->tiles_across * TILE;
  run->width = MIN (column * TILE, canvas->width) - run->x;
  run->height = MIN (TILE, canvas->height - run->y);
  return TRUE;
}

void
gst_cpac_canvas_clear (GstCpacCanvas *canvas)
{
  guint at = 0;
  Run run;

  cairo_surface_flush (cairo_get_target (canvas->cairo));
  while (next_run (canvas, &at, &run))
    for (guint y = run.y; y < run.y + run.height; y++)
      memset (canvas->pixels + y * canvas->stride + run.x, 0, run.width * sizeof (guint32));
  cairo_surface_mark_dirty (cairo_get_target (canvas->cairo));
  memset (canvas->marked, 0, (gsize) canvas->tiles_across * canvas->tiles_down);
  canvas->is_empty = TRUE;
}

void
gst_cpac_canvas_mark (GstCpacCanvas *canvas, double left, double top, double right, double bottom)
{
  guint x0, y0, x1, y1;

  if (!(left < right && top < bottom && left < canvas->width && top < canvas->height && right > 0 &&
        bottom > 0))
    return;
  x0 = (guint) MAX (left, 0) / TILE;
  y0 = (guint) MAX (top, 0) / TILE;
  x1 = (guint) (MIN (ceil (right), canvas->width) - 1) / TILE;
  y1 = (guint) (MIN (ceil (bottom), canvas->height) - 1) / TILE;
  for (guint y = y0; y <= y1; y++)
    memset (canvas->marked + (gsize) y * canvas->tiles_across + x0, TRUE, x1 - x0 + 1);
  canvas->is_empty = FALSE;
}

void
gst_cpac_canvas_blend (GstCpacCanvas *canvas, const GstCpacBlender *blender, GstVideoFrame *frame)
{
  guint at = 0;
  Run run;

  cairo_surface_flush (cairo_get_target (canvas->cairo));
  while (next_run (canvas, &at, &run))
    gst_cpac_blend (blender, frame, canvas->pixels, canvas->stride, run.x, run.y, run.width,
                    run.height);
}
