/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The panel in the upper left corner: verdict as word, shape and colour; score, class, part. */

#include <math.h>

#include "plugin/overlay-icon.h"
#include "plugin/overlay-painter.h"

/* In heights of the letters. */
#define BADGE_EM 1.5
#define PADDING 0.4
#define GAUGE_WIDTH 9.0
#define GAUGE_HEIGHT 0.9
#define MAX_ROWS 6

/* Shares of the frame that the panel may take; and letters smaller than this cannot be read. */
#define MAX_WIDTH 0.96
#define MAX_HEIGHT 0.5
#define MIN_LETTERS 5.0

typedef struct {
  enum { ROW_BADGE, ROW_TEXT, ROW_GAUGE } kind;
  char *text;
} Row;

typedef struct {
  GstCpacPainter *painter;
  const CpacInspection *inspection;
  double em;
  Row rows[MAX_ROWS];
  guint n_rows;
} Panel;

typedef struct {
  double width, height;
} Size;

/* Where the score lies between the ends of its scale, whose middle is the threshold where it has
 * one that is fixed. FALSE when there is no scale. */
static gboolean
place_score (const CpacInspection *inspection, double score, double *place)
{
  double min = 0, max = 1;

  if (inspection->class_name == NULL) {
    min = inspection->heatmap_min;
    max = inspection->heatmap_max;
  }
  if (!(min < max))
    return FALSE;
  *place = CLAMP ((score - min) / (max - min), 0, 1);
  return TRUE;
}

/* Takes @text. */
static void
add_row (Panel *panel, gint kind, char *text)
{
  panel->rows[panel->n_rows++] = (Row){ .kind = kind, .text = text };
}

static char *
describe_score (const CpacInspection *inspection)
{
  g_autofree char *score = gst_cpac_painter_format (inspection->score);
  g_autofree char *threshold = gst_cpac_painter_format (inspection->threshold);

  return inspection->has_thresholds ? g_strdup_printf ("score %s, limit %s", score, threshold)
                                    : g_strdup_printf ("score %s", score);
}

static char *
describe_class (const CpacInspection *inspection)
{
  double largest = 0;

  for (guint i = 0; i < inspection->n_classes; i++)
    largest = MAX (largest, inspection->probabilities[i]);
  return g_strdup_printf ("%s %.0f %%", inspection->class_name, 100 * largest);
}

static const char *
get_word (const CpacInspection *inspection)
{
  switch (inspection->status) {
    case CPAC_STATUS_SKIPPED:
      return "NOT INSPECTED";
    case CPAC_STATUS_ERROR:
      return "NO RESULT";
    case CPAC_STATUS_SCORED:
      break;
  }
  switch (inspection->verdict) {
    case CPAC_VERDICT_OK:
      return "OK";
    case CPAC_VERDICT_NOT_OK:
      return "NOT OK";
    case CPAC_VERDICT_NOT_DECIDABLE:
      return "NOT DECIDABLE";
    case CPAC_VERDICT_UNDEFINED:
      break;
  }
  return "UNDEFINED";
}

static void
list_rows (Panel *panel, const GstCpacOverlaySettings *settings)
{
  const CpacInspection *inspection = panel->inspection;
  double place;

  if (settings->verdict)
    add_row (panel, ROW_BADGE, g_strdup (get_word (inspection)));
  if (settings->score && inspection->has_score) {
    add_row (panel, ROW_TEXT, describe_score (inspection));
    if (inspection->has_thresholds && place_score (inspection, inspection->score, &place))
      add_row (panel, ROW_GAUGE, NULL);
    if (inspection->class_name != NULL)
      add_row (panel, ROW_TEXT, describe_class (inspection));
  }
  if (settings->part && inspection->part_id != NULL)
    add_row (panel, ROW_TEXT, g_strdup_printf ("part %s", inspection->part_id));
}

static PangoLayout *
layout_of (const Panel *panel, const Row *row)
{
  gboolean is_badge = row->kind == ROW_BADGE;

  return gst_cpac_painter_layout (panel->painter, row->text, panel->em * (is_badge ? BADGE_EM : 1),
                                  is_badge);
}

static Size
measure_row (const Panel *panel, const Row *row)
{
  PangoLayout *layout;
  gint width, height;

  if (row->kind == ROW_GAUGE)
    return (Size){ GAUGE_WIDTH * panel->em, GAUGE_HEIGHT * panel->em };
  layout = layout_of (panel, row);
  pango_layout_get_pixel_size (layout, &width, &height);
  g_object_unref (layout);
  if (row->kind == ROW_BADGE)
    return (Size){ width + height + PADDING * panel->em, height };
  return (Size){ width, height };
}

static Size
measure (const Panel *panel)
{
  Size size = { 0 };

  for (guint i = 0; i < panel->n_rows; i++) {
    Size row = measure_row (panel, &panel->rows[i]);

    size.width = MAX (size.width, row.width);
    size.height += row.height;
  }
  size.width += 2 * PADDING * panel->em;
  size.height += 2 * PADDING * panel->em;
  return size;
}

static void
draw_text (const Panel *panel, const Row *row, double x, double y, guint32 color)
{
  cairo_t *cairo = panel->painter->canvas->cairo;
  PangoLayout *layout = layout_of (panel, row);

  cairo_move_to (cairo, x, y);
  gst_cpac_icon_set_color (cairo, color);
  pango_cairo_show_layout (cairo, layout);
  g_object_unref (layout);
}

static void
draw_badge (const Panel *panel, const Row *row, double x, double y, Size size)
{
  const GstCpacIcon *icon = gst_cpac_icon_get (panel->inspection->verdict);
  cairo_t *cairo = panel->painter->canvas->cairo;

  cairo_new_path (cairo);
  cairo_rectangle (cairo, x, y, size.width, size.height);
  gst_cpac_icon_set_color (cairo, icon->background);
  cairo_fill (cairo);
  gst_cpac_icon_draw (icon, cairo, x + size.height / 2, y + size.height / 2, 0.36 * size.height);
  draw_text (panel, row, x + size.height, y, icon->foreground);
}

/* A line with a tick at the threshold, to which the score is a filled bar. */
static void
draw_gauge (const Panel *panel, double x, double y, Size size)
{
  const CpacInspection *inspection = panel->inspection;
  const GstCpacIcon *icon = gst_cpac_icon_get (inspection->verdict);
  cairo_t *cairo = panel->painter->canvas->cairo;
  double score = 0, threshold = 0, bar = 0.4 * size.height, top = y + 0.3 * size.height;

  place_score (inspection, inspection->score, &score);
  place_score (inspection, inspection->threshold, &threshold);
  cairo_new_path (cairo);
  cairo_rectangle (cairo, x, top, size.width, bar);
  gst_cpac_icon_set_color (cairo, 0x707070);
  cairo_fill (cairo);
  cairo_rectangle (cairo, x, top, MAX (score * size.width, 1), bar);
  gst_cpac_icon_set_color (cairo, icon->background);
  cairo_fill (cairo);
  cairo_rectangle (cairo, x + threshold * size.width - panel->painter->line / 2, y,
                   panel->painter->line, size.height);
  gst_cpac_icon_set_color (cairo, 0xffffff);
  cairo_fill (cairo);
}

static void
draw (const Panel *panel, Size size)
{
  double padding = PADDING * panel->em, y = padding;

  panel->painter->panel_width = size.width;
  panel->painter->panel_height = size.height;
  gst_cpac_painter_begin_plate (panel->painter, 0, 0, size.width, size.height);
  for (guint i = 0; i < panel->n_rows; i++) {
    const Row *row = &panel->rows[i];
    Size row_size = measure_row (panel, row);

    if (row->kind == ROW_BADGE)
      draw_badge (panel, row, padding, y, row_size);
    else if (row->kind == ROW_GAUGE)
      draw_gauge (panel, padding, y, row_size);
    else
      draw_text (panel, row, padding, y, 0xffffff);
    y += row_size.height;
  }
  cairo_restore (panel->painter->canvas->cairo);
}

/* On a frame that is too small the letters shrink, until they could not be read. */
static gboolean
fit (Panel *panel, Size *size)
{
  const GstCpacCanvas *canvas = panel->painter->canvas;
  double share;

  *size = measure (panel);
  share = MIN (MAX_WIDTH * canvas->width / size->width, MAX_HEIGHT * canvas->height / size->height);
  if (share >= 1)
    return TRUE;
  panel->em *= share;
  *size = measure (panel);
  return panel->em >= MIN_LETTERS;
}

void
gst_cpac_paint_panel (GstCpacPainter *painter, const CpacInspection *inspection,
                      const GstCpacOverlaySettings *settings)
{
  Panel panel = { .painter = painter,
                  .inspection = inspection,
                  .em = painter->em * settings->font_scale };
  Size size;

  painter->panel_width = painter->panel_height = 0;
  list_rows (&panel, settings);
  if (panel.n_rows > 0 && fit (&panel, &size))
    draw (&panel, size);
  for (guint i = 0; i < panel.n_rows; i++)
    g_free (panel.rows[i].text);
}
