/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pango/pangocairo.h>

#include "pipelines/frames.h"
#include "pipelines/report-tile.h"

#define COLUMNS 4
#define BOX_WIDTH 168 /* of a picture, and of its map */
#define MAX_BOX_HEIGHT 224
#define GAP 4 /* between the two */
#define MARGIN 20
#define CAPTION 42 /* two lines under a tile */
#define HEADER 84
#define HEADING 34 /* of each half */

#define INK 0x222222
#define GRAY 0x6b6b6b
#define RIGHT 0x0072b2
#define WRONG 0xd55e00
#define MASK_OUTLINE 0xe69f00
#define CALLED_OUTLINE 0x56b4e9

typedef struct {
  const Report *report;
  guint worst[REPORT_N_WORST];
  guint n, n_good;
  guint n_panels;   /* picture and map, or the picture alone */
  guint box_height; /* of every tile */
  guint width, height;
  cairo_surface_t *surface; /* RGB24 */
  cairo_t *cairo;
} Sheet;

static const ScoredPicture *
picture_at (const Sheet *sheet, guint i)
{
  return &g_array_index (sheet->report->pictures, ScoredPicture, sheet->worst[i]);
}

/* ---- Layout ---- */

static guint
tile_width (const Sheet *sheet)
{
  return sheet->n_panels * BOX_WIDTH + (sheet->n_panels - 1) * GAP;
}

static guint
half_height (const Sheet *sheet, guint n)
{
  guint n_rows = (n + COLUMNS - 1) / COLUMNS;

  return n > 0 ? HEADING + n_rows * (sheet->box_height + CAPTION) : 0;
}

/* All tiles are as high as the highest picture needs. */
static void
lay_out (Sheet *sheet)
{
  sheet->n_panels = 1;
  sheet->box_height = 1;
  for (guint i = 0; i < sheet->n; i++) {
    const ScoredPicture *picture = picture_at (sheet, i);
    guint width, height;

    report_tile_fit (picture->width, picture->height, BOX_WIDTH, MAX_BOX_HEIGHT, &width, &height);
    sheet->box_height = MAX (sheet->box_height, height);
    if (picture->map != NULL)
      sheet->n_panels = 2;
  }
  /* Wide enough for the header even where the tiles are narrow. */
  sheet->width = MAX (COLUMNS * (tile_width (sheet) + MARGIN) + MARGIN, 900);
  sheet->height = HEADER + half_height (sheet, sheet->n_good) +
                  half_height (sheet, sheet->n - sheet->n_good) + MARGIN;
}

/* ---- Drawing ---- */

static void
set_color (cairo_t *cairo, guint color)
{
  cairo_set_source_rgb (cairo, (color >> 16 & 0xff) / 255.0, (color >> 8 & 0xff) / 255.0,
                        (color & 0xff) / 255.0);
}

/* Cut in the middle where it is wider than @max_width: names begin alike and end alike. Returns the
 * width. */
static int
draw_text (Sheet *sheet, int x, int y, int max_width, const char *font, guint color,
           const char *words)
{
  g_autoptr (PangoLayout) layout = pango_cairo_create_layout (sheet->cairo);
  PangoFontDescription *description = pango_font_description_from_string (font);
  g_autofree char *valid = g_utf8_make_valid (words, -1);
  int width, height;

  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, valid, -1);
  pango_layout_set_width (layout, max_width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
  set_color (sheet->cairo, color);
  cairo_move_to (sheet->cairo, x, y);
  pango_cairo_show_layout (sheet->cairo, layout);
  pango_layout_get_pixel_size (layout, &width, &height);
  return width;
}

static void
put_pixel (Sheet *sheet, guint x, guint y, guint color)
{
  guint8 *data = cairo_image_surface_get_data (sheet->surface);
  int stride = cairo_image_surface_get_stride (sheet->surface);

  ((guint32 *) (gpointer) (data + (gsize) y * (gsize) stride))[x] = color;
}

static guint
pixel_color (const ReportTile *tile, gboolean is_map, guint x, guint y)
{
  gsize i = (gsize) y * tile->width + x;

  if (tile->mask != NULL && report_is_outline (tile->mask, tile->width, tile->height, x, y))
    return MASK_OUTLINE;
  if (tile->called != NULL && report_is_outline (tile->called, tile->width, tile->height, x, y))
    return CALLED_OUTLINE;
  if (is_map)
    return tile->heat[i] * 0x010101u;
  return (guint) tile->picture[3 * i] << 16 | (guint) tile->picture[3 * i + 1] << 8 |
         tile->picture[3 * i + 2];
}

/* The lower left corner of its box holds the picture, beside which lies the map. */
static void
draw_panel (Sheet *sheet, const ReportTile *tile, gboolean is_map, guint left, guint top)
{
  left += is_map ? tile->width + GAP : 0;
  top += sheet->box_height - tile->height;
  cairo_surface_flush (sheet->surface);
  for (guint y = 0; y < tile->height; y++)
    for (guint x = 0; x < tile->width; x++)
      put_pixel (sheet, left + x, top + y, pixel_color (tile, is_map, x, y));
  cairo_surface_mark_dirty (sheet->surface);
}

static const char *
describe_verdict (CpacVerdict verdict, gboolean defect, guint *color)
{
  *color = defect == (verdict == CPAC_VERDICT_NOT_OK) ? RIGHT : WRONG;
  switch (verdict) {
    case CPAC_VERDICT_OK:
      return defect ? "missed" : "accepted";
    case CPAC_VERDICT_NOT_OK:
      return defect ? "detected" : "rejected";
    case CPAC_VERDICT_NOT_DECIDABLE:
    case CPAC_VERDICT_UNDEFINED:
      break;
  }
  *color = INK;
  return verdict == CPAC_VERDICT_NOT_DECIDABLE ? "in doubt" : "no verdict";
}

static gboolean
draw_tile (Sheet *sheet, guint i, guint left, guint top, GError **error)
{
  const ScoredPicture *picture = picture_at (sheet, i);
  gboolean defect = i >= sheet->n_good;
  guint color;
  const char *verdict = describe_verdict (picture->verdict, defect, &color);
  g_auto (ReportTile) tile = { 0 };
  g_autofree char *line =
      g_strdup_printf ("%s: %s, score %.4g", picture->sample->label, verdict, picture->score);

  if (!report_tile_load (&tile, sheet->report, sheet->worst[i], BOX_WIDTH, sheet->box_height,
                         error))
    return FALSE;
  draw_panel (sheet, &tile, FALSE, left, top);
  if (tile.heat != NULL)
    draw_panel (sheet, &tile, TRUE, left, top);
  top += sheet->box_height;
  draw_text (sheet, (int) left, (int) top + 2, (int) tile_width (sheet), "Sans Bold 8", color,
             line);
  draw_text (sheet, (int) left, (int) top + 17, (int) tile_width (sheet), "Sans 8", GRAY,
             picture->sample->name);
  return TRUE;
}

/* The tiles [@start, @end) under their heading at @top. */
static gboolean
draw_half (Sheet *sheet, guint start, guint end, guint top, const char *heading, GError **error)
{
  if (start == end)
    return TRUE;
  draw_text (sheet, MARGIN, (int) top + 6, (int) sheet->width - 2 * MARGIN, "Sans Bold 10", INK,
             heading);
  for (guint i = start; i < end; i++) {
    guint column = (i - start) % COLUMNS, row = (i - start) / COLUMNS;

    if (!draw_tile (sheet, i, MARGIN + column * (tile_width (sheet) + MARGIN),
                    top + HEADING + row * (sheet->box_height + CAPTION), error))
      return FALSE;
  }
  return TRUE;
}

/* A gray wedge with the ends of the scale and the threshold where it lies. */
static int
draw_wedge (Sheet *sheet, int x, int y)
{
  const ScoredPicture *picture = picture_at (sheet, 0);
  double threshold = sheet->report->head->threshold;
  double place = (threshold - picture->map_min) / (picture->map_max - picture->map_min);
  g_autofree char *low = g_strdup_printf ("map %.4g", picture->map_min);
  g_autofree char *high =
      g_strdup_printf ("%.4g, threshold %.4g marked", picture->map_max, threshold);

  x += draw_text (sheet, x, y, 200, "Sans 8", INK, low) + 6;
  cairo_surface_flush (sheet->surface);
  for (guint v = 0; v < 14; v++)
    for (guint u = 0; u < 256; u++)
      put_pixel (sheet, (guint) x + u, (guint) y + v, u * 0x010101u);
  cairo_surface_mark_dirty (sheet->surface);
  if (place >= 0 && place <= 1) {
    set_color (sheet->cairo, CALLED_OUTLINE);
    cairo_rectangle (sheet->cairo, x + (int) (place * 254), y - 3, 2, 20);
    cairo_fill (sheet->cairo);
  }
  x += 256 + 6;
  return x + draw_text (sheet, x, y, 300, "Sans 8", INK, high) + 24;
}

static int
draw_key (Sheet *sheet, int x, int y, guint color, const char *words)
{
  set_color (sheet->cairo, color);
  cairo_set_line_width (sheet->cairo, 2);
  cairo_rectangle (sheet->cairo, x + 1, y + 2, 12, 10);
  cairo_stroke (sheet->cairo);
  return x + 20 + draw_text (sheet, x + 20, y, 260, "Sans 8", INK, words) + 20;
}

static void
draw_header (Sheet *sheet)
{
  const Figures *figures = sheet->report->figures;
  g_autofree char *title = g_strdup_printf ("%s: the pictures it judged worst, %u of %u",
                                            sheet->report->name, sheet->n, figures->n);
  int x = MARGIN, y = 50;

  draw_text (sheet, MARGIN, 14, (int) sheet->width - 2 * MARGIN, "Sans Bold 13", INK, title);
  if (sheet->n_panels == 2) {
    x = draw_wedge (sheet, x, y);
    x = draw_key (sheet, x, y, CALLED_OUTLINE, "map above the threshold");
  }
  draw_key (sheet, x, y, MASK_OUTLINE, "defect in the mask");
}

/* Gray antialiasing and no hinting: no colour fringes, whatever the screen of this machine. */
static void
open_canvas (Sheet *sheet)
{
  cairo_font_options_t *options = cairo_font_options_create ();

  sheet->surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) sheet->width, (int) sheet->height);
  sheet->cairo = cairo_create (sheet->surface);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options (sheet->cairo, options);
  cairo_font_options_destroy (options);
  cairo_set_source_rgb (sheet->cairo, 1, 1, 1);
  cairo_paint (sheet->cairo);
}

static void
close_canvas (Sheet *sheet)
{
  cairo_destroy (sheet->cairo);
  cairo_surface_destroy (sheet->surface);
}

static gboolean
draw_sheet (Sheet *sheet, GError **error)
{
  guint second = HEADER + half_height (sheet, sheet->n_good);

  draw_header (sheet);
  return draw_half (sheet, 0, sheet->n_good, HEADER, "Good pictures with the highest scores",
                    error) &&
         draw_half (sheet, sheet->n_good, sheet->n, second, "Defects with the lowest scores",
                    error);
}

static gboolean
write_canvas (Sheet *sheet, const char *path, GError **error)
{
  const CpacFrameInfo info = { .format = CPAC_PIXEL_RGB,
                               .width = sheet->width,
                               .height = sheet->height };
  g_autofree guint8 *rgb = g_malloc_n ((gsize) sheet->width * sheet->height, 3);
  const CpacFrame frame = { .info = &info, .planes = { rgb }, .strides = { 3 * sheet->width } };
  const guint8 *data;
  gsize stride;

  cairo_surface_flush (sheet->surface);
  data = cairo_image_surface_get_data (sheet->surface);
  stride = (gsize) cairo_image_surface_get_stride (sheet->surface);
  for (guint y = 0; y < sheet->height; y++) {
    const guint32 *row = (const guint32 *) (gconstpointer) (data + y * stride);
    guint8 *out = rgb + 3 * (gsize) y * sheet->width;

    for (guint x = 0; x < sheet->width; x++)
      for (guint c = 0; c < 3; c++)
        out[3 * x + c] = (guint8) (row[x] >> (16 - 8 * c));
  }
  return cpac_frames_write_png (&frame, path, error);
}

gboolean
report_write_worst (const Report *report, const char *path, GError **error)
{
  Sheet sheet = { .report = report };
  gboolean ok;

  sheet.n = report_find_worst (report->figures, sheet.worst, &sheet.n_good);
  lay_out (&sheet);
  open_canvas (&sheet);
  ok = draw_sheet (&sheet, error) && write_canvas (&sheet, path, error);
  close_canvas (&sheet);
  return ok;
}
