/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Boxes round the defect regions, and labels at them. */

#include <math.h>

#include "plugin/overlay-painter.h"

/* More are noise to the eye; the strongest are drawn. */
#define MAX_BOXES 16

#define LABEL_EM 0.8
#define LABEL_PADDING 0.25 /* of its letters */
#define MAX_LABEL 0.2      /* of the frame's height; a higher one would hide more than it tells */

/* A product that is off a whole pixel by rounding alone is that pixel. */
#define ROUNDING 1e-6

/* A box in pixels of the frame. */
typedef struct {
  double left, top, right, bottom;
} Box;

/* What is drawn on one frame, the strongest region first. */
typedef struct {
  GstCpacPainter *painter;
  const CpacDefectRegion *regions[MAX_BOXES];
  guint numbers[MAX_BOXES]; /* among all regions of the frame, from 1 */
  Box boxes[MAX_BOXES];
  guint n;
  Box labels[MAX_BOXES];
  guint n_labels;
} Layer;

/* FALSE when nothing of it lies in the frame. */
static gboolean
find_box (const GstCpacPainter *painter, const CpacDefectRegion *region, Box *box)
{
  double width = painter->canvas->width, height = painter->canvas->height;

  *box = (Box){ .left = floor (CLAMP (region->x, 0, 1) * width + ROUNDING),
                .top = floor (CLAMP (region->y, 0, 1) * height + ROUNDING),
                .right = ceil (CLAMP (region->x + region->width, 0, 1) * width - ROUNDING),
                .bottom = ceil (CLAMP (region->y + region->height, 0, 1) * height - ROUNDING) };
  return box->left < box->right && box->top < box->bottom;
}

/* The line lies just round the box, or just inside of the frame. */
static void
draw_box (GstCpacPainter *painter, const Box *box)
{
  double half = painter->line / 2;
  double left = MAX (box->left - half, half), top = MAX (box->top - half, half);
  double right = MIN (box->right + half, painter->canvas->width - half);
  double bottom = MIN (box->bottom + half, painter->canvas->height - half);

  cairo_new_path (painter->canvas->cairo);
  cairo_rectangle (painter->canvas->cairo, left, top, right - left, bottom - top);
  gst_cpac_painter_mark_line (painter, left, top, right, top);
  gst_cpac_painter_mark_line (painter, left, bottom, right, bottom);
  gst_cpac_painter_mark_line (painter, left, top, left, bottom);
  gst_cpac_painter_mark_line (painter, right, top, right, bottom);
  gst_cpac_painter_stroke (painter);
}

static gboolean
overlaps (const Box *a, const Box *b)
{
  return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Whether a label at @place lies in the frame and hides neither the panel, a box nor a label. */
static gboolean
is_free (const Layer *layer, const Box *place)
{
  const GstCpacCanvas *canvas = layer->painter->canvas;
  const Box panel = { 0, 0, layer->painter->panel_width, layer->painter->panel_height };

  if (place->left < 0 || place->top < 0 || place->right > canvas->width ||
      place->bottom > canvas->height || overlaps (place, &panel))
    return FALSE;
  for (guint i = 0; i < layer->n; i++)
    if (overlaps (place, &layer->boxes[i]))
      return FALSE;
  for (guint i = 0; i < layer->n_labels; i++)
    if (overlaps (place, &layer->labels[i]))
      return FALSE;
  return TRUE;
}

/* Above the box, below it, at its right or left; where none of these is free, above it or, at the
 * frame's upper border, inside. */
static Box
choose_place (const Layer *layer, const Box *box, double width, double height)
{
  const GstCpacCanvas *canvas = layer->painter->canvas;
  double gap = 2 * layer->painter->line;
  double x = MAX (MIN (box->left, canvas->width - width), 0);
  double above = box->top - gap - height;
  const double corners[][2] = { { x, above },
                                { x, box->bottom + gap },
                                { box->right + gap, box->top },
                                { box->left - gap - width, box->top },
                                { x, above >= 0 ? above : box->top + gap } };
  guint i = 0;
  Box place;

  do {
    place = (Box){ corners[i][0], corners[i][1], corners[i][0] + width, corners[i][1] + height };
    i++;
  } while (i < G_N_ELEMENTS (corners) && !is_free (layer, &place));
  return place;
}

static void
draw_label (Layer *layer, const Box *box, PangoLayout *layout, double padding)
{
  const GstCpacCanvas *canvas = layer->painter->canvas;
  gint text_width, text_height;
  double width, height;
  Box place;

  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  width = text_width + 2 * padding;
  height = text_height;
  if (width > canvas->width || height > MAX_LABEL * canvas->height)
    return;
  place = choose_place (layer, box, width, height);
  layer->labels[layer->n_labels++] = place;
  gst_cpac_painter_begin_plate (layer->painter, place.left, place.top, width, height);
  cairo_move_to (canvas->cairo, place.left + padding, place.top);
  cairo_set_source_rgb (canvas->cairo, 1, 1, 1);
  pango_cairo_show_layout (canvas->cairo, layout);
  cairo_restore (canvas->cairo);
}

/* Number (as in the journal and in ROI metas), score, area. */
static char *
describe (const CpacDefectRegion *region, guint number)
{
  g_autofree char *score = gst_cpac_painter_format (region->score);

  return g_strdup_printf ("%u: %s, %.0f px", number, score, region->area);
}

static gint
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const CpacDefectRegion *regions = data;
  double first = regions[*(const guint *) a].score, second = regions[*(const guint *) b].score;

  return (first < second) - (first > second);
}

/* The indices of all regions, the strongest first. (transfer full) */
static guint *
sort_regions (const CpacInspection *inspection)
{
  guint *order = g_new (guint, inspection->n_regions);

  for (guint i = 0; i < inspection->n_regions; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint) inspection->n_regions, sizeof *order, compare,
                     (gpointer) inspection->regions);
  return order;
}

static void
list_boxes (Layer *layer, const CpacInspection *inspection)
{
  g_autofree guint *order = sort_regions (inspection);

  for (guint i = 0; i < inspection->n_regions && layer->n < MAX_BOXES; i++) {
    const CpacDefectRegion *region = &inspection->regions[order[i]];

    if (!find_box (layer->painter, region, &layer->boxes[layer->n]))
      continue;
    layer->regions[layer->n] = region;
    layer->numbers[layer->n++] = order[i] + 1;
  }
}

void
gst_cpac_paint_boxes (GstCpacPainter *painter, const CpacInspection *inspection)
{
  Layer layer = { .painter = painter };

  list_boxes (&layer, inspection);
  for (guint i = 0; i < layer.n; i++)
    draw_box (painter, &layer.boxes[i]);
}

void
gst_cpac_paint_labels (GstCpacPainter *painter, const CpacInspection *inspection, double font_scale)
{
  Layer layer = { .painter = painter };
  double em = LABEL_EM * painter->em * font_scale;

  list_boxes (&layer, inspection);
  for (guint i = 0; i < layer.n; i++) {
    g_autofree char *text = describe (layer.regions[i], layer.numbers[i]);
    g_autoptr (PangoLayout) layout = gst_cpac_painter_layout (painter, text, em, FALSE);

    draw_label (&layer, &layer.boxes[i], layout, LABEL_PADDING * em);
  }
}
