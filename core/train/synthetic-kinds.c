/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The kinds of synthetic defects: what is drawn at random for each. */

#include "core/train/synthetic-private.h"

/* Spreads below count as this much for the strongest contrast: dirt on a flawless surface is as
 * dark as on any other. */
#define LOUD_SPREAD 12

/* One defect while it is drawn. */
typedef struct {
  const CpacDefectOptions *options;
  double spread;
  CpacRandom *random;
  CpacDefectCanvas *canvas;
  CpacDefectContent *content;
} Draw;

static double
between (Draw *draw, double low, double high)
{
  return cpac_draw_between (draw->random, low, high);
}

static double
log_between (Draw *draw, double low, double high)
{
  return cpac_draw_log (draw->random, low, high);
}

static double
draw_size (Draw *draw, const CpacSizeRange *range)
{
  return log_between (draw, range->min, range->max) * (range->in_pixels ? 1 : draw->canvas->side);
}

/* Signed, 8-bit units. */
static double
draw_change (Draw *draw)
{
  const double *contrast = draw->options->contrast;
  double weakest = contrast[0] * draw->spread;
  double strongest = contrast[1] * MAX (draw->spread, LOUD_SPREAD);
  double change = log_between (draw, weakest, MAX (strongest, weakest));

  return cpac_draw_chance (draw->random, draw->options->dark) ? -change : change;
}

/* Gray mostly; sometimes of a colour, the strongest channel changing by @change. */
static void
set_offset (Draw *draw, double change)
{
  gboolean coloured = cpac_draw_chance (draw->random, 0.3);
  guint strongest = cpac_random_below (draw->random, 3);

  for (guint c = 0; c < 3; c++) {
    double part = between (draw, -0.5, 1);

    draw->content->offset[c] = coloured && c != strongest ? part * change : change;
  }
}

static void
set_grain (Draw *draw, double amplitude)
{
  draw->content->grain = amplitude;
  draw->content->wavelength =
      log_between (draw, 1, 8) / sqrt (draw->canvas->per_x * draw->canvas->per_y);
  draw->content->seed = cpac_random_uint32 (draw->random);
}

static void
set_foreign (Draw *draw, double largest_zoom)
{
  CpacDefectContent *content = draw->content;
  double zoom = log_between (draw, 1 / largest_zoom, largest_zoom);

  content->foreign = TRUE;
  content->zoom_x = cpac_draw_chance (draw->random, 0.5) ? -zoom : zoom;
  content->zoom_y = cpac_draw_chance (draw->random, 0.5) ? -zoom : zoom;
  content->shift_x = cpac_random_double (draw->random);
  content->shift_y = cpac_random_double (draw->random);
}

/* A shape of mean diameter @size anywhere in the picture. */
static void
shape_init (Draw *draw, CpacDefectShape *shape, CpacDefectOutline outline, double size,
            double largest_aspect)
{
  double aspect = sqrt (log_between (draw, 1, largest_aspect));

  *shape = (CpacDefectShape){
    .outline = outline,
    .x = between (draw, 0, draw->canvas->original_width),
    .y = between (draw, 0, draw->canvas->original_height),
    .angle = between (draw, 0, G_PI),
    .half_a = size / 2 * aspect,
    .half_b = size / 2 / aspect,
    .seed = cpac_random_uint32 (draw->random),
  };
}

static void
set_ragged (Draw *draw, CpacDefectShape *shape, double least, double most)
{
  shape->ragged = between (draw, least, most);
  shape->wavelength = MIN (shape->half_a, shape->half_b) * log_between (draw, 0.3, 2);
}

static void
draw_cut_paste (Draw *draw)
{
  gboolean straight = cpac_draw_chance (draw->random, 0.5);
  CpacDefectShape shape;

  shape_init (draw, &shape, straight ? CPAC_OUTLINE_RECTANGLE : CPAC_OUTLINE_ELLIPSE,
              draw_size (draw, &draw->options->size), 4);
  shape.soft = shape.half_b * log_between (draw, 0.05, 1);
  if (!straight)
    set_ragged (draw, &shape, 0, 0.6);
  cpac_canvas_add_shape (draw->canvas, &shape);
  set_foreign (draw, 3);
  draw->content->texture = log_between (draw, 0.6, 1.8);
  set_offset (draw, draw_change (draw));
}

/* Several close together are one defect: a nest of pores. */
static void
draw_spots (Draw *draw)
{
  guint n = cpac_draw_chance (draw->random, 0.6) ? 1 : 2 + cpac_random_below (draw->random, 4);
  double x = 0, y = 0;

  for (guint i = 0; i < n; i++) {
    double radius = draw_size (draw, &draw->options->size);
    CpacDefectShape shape;

    shape_init (draw, &shape, CPAC_OUTLINE_ELLIPSE, 2 * radius, 2.5);
    shape.soft = shape.half_b * log_between (draw, 0.1, 1.5);
    set_ragged (draw, &shape, 0, 0.3);
    if (i == 0) {
      x = shape.x;
      y = shape.y;
    } else {
      shape.x = x + 8 * radius * cpac_random_normal (draw->random);
      shape.y = y + 8 * radius * cpac_random_normal (draw->random);
    }
    cpac_canvas_add_shape (draw->canvas, &shape);
  }
  draw->content->texture = cpac_random_double (draw->random);
  set_offset (draw, draw_change (draw));
}

#define MAX_STROKES 96

/* A walk whose heading drifts and jumps; the width swells and fades out at both ends. */
static void
draw_scratches (Draw *draw)
{
  double length = draw_size (draw, &draw->options->length);
  double width = draw_size (draw, &draw->options->size);
  guint n = (guint) CLAMP (length / (2 * width), 4, MAX_STROKES);
  double step = length / n, jagged = log_between (draw, 0.02, 0.7);
  double heading = between (draw, 0, 2 * G_PI), drift = 0;
  double x = between (draw, 0, draw->canvas->original_width) - length / 2 * cos (heading);
  double y = between (draw, 0, draw->canvas->original_height) - length / 2 * sin (heading);
  double from = 0.3 * width;

  for (guint i = 1; i <= n; i++) {
    double next_x = x + step * cos (heading), next_y = y + step * sin (heading);
    double ends = MIN (1, 0.3 + 4 * MIN (i, n - i) / (double) n);
    double to = width * ends * exp (0.25 * cpac_random_normal (draw->random));

    cpac_canvas_add_stroke (draw->canvas, x, y, from, next_x, next_y, to);
    x = next_x;
    y = next_y;
    from = to;
    drift = 0.8 * drift + 0.05 * cpac_random_normal (draw->random);
    heading += drift + jagged * cpac_random_normal (draw->random);
  }
  draw->content->texture = cpac_random_double (draw->random);
  set_offset (draw, draw_change (draw));
}

/* Rough, smooth or foreign texture, and a change of brightness. */
static void
set_other_texture (Draw *draw)
{
  switch (cpac_random_below (draw->random, 3)) {
    case 0:
      set_foreign (draw, 4);
      draw->content->texture = log_between (draw, 0.5, 3);
      break;
    case 1:
      draw->content->texture = log_between (draw, 0.1, 3);
      break;
    default:
      draw->content->texture = cpac_random_double (draw->random);
      set_grain (draw, fabs (draw_change (draw)) / 2);
      break;
  }
}

static void
draw_blobs (Draw *draw)
{
  CpacDefectShape shape;

  shape_init (draw, &shape, CPAC_OUTLINE_ELLIPSE, draw_size (draw, &draw->options->size), 3);
  shape.soft = shape.half_b * log_between (draw, 0.05, 1);
  set_ragged (draw, &shape, 0.3, 1.2);
  cpac_canvas_add_shape (draw->canvas, &shape);
  set_other_texture (draw);
  set_offset (draw, draw_change (draw));
}

/* Farther than anything in the picture is from anything else. */
static double
get_reach (const Draw *draw)
{
  return draw->canvas->original_width + draw->canvas->original_height;
}

/* A straight band, mostly along an axis and often through the whole picture. */
static void
add_band (Draw *draw, double width)
{
  double reach = get_reach (draw);
  gboolean is_long = cpac_draw_chance (draw->random, 0.5);
  double length = is_long ? 2 * reach : width * log_between (draw, 1, 4);
  gboolean along_axis = cpac_draw_chance (draw->random, 0.7);
  gboolean upright = cpac_draw_chance (draw->random, 0.5);
  CpacDefectShape shape;

  shape_init (draw, &shape, CPAC_OUTLINE_RECTANGLE, width, 1);
  shape.half_a = length / 2;
  shape.soft = width * log_between (draw, 0.02, 1);
  if (along_axis)
    shape.angle = upright ? G_PI / 2 : 0;
  cpac_canvas_add_shape (draw->canvas, &shape);
}

/* All that lies beyond a line: at most half the picture, or which side is the odd one out could not
 * be told. */
static void
add_side (Draw *draw)
{
  const CpacDefectCanvas *canvas = draw->canvas;
  double reach = get_reach (draw), dx, dy;
  CpacDefectShape shape;

  shape_init (draw, &shape, CPAC_OUTLINE_RECTANGLE, 2 * reach, 1);
  shape.soft = canvas->side * log_between (draw, 0.005, 0.3);
  if (cpac_draw_chance (draw->random, 0.5))
    shape.angle = 0;
  /* From the middle to the point on the line, and on by half the rectangle. */
  dx = shape.x - canvas->original_width / 2;
  dy = shape.y - canvas->original_height / 2;
  if (cpac_draw_chance (draw->random, 0.5)) {
    double along = cos (shape.angle) * dx + sin (shape.angle) * dy;

    shape.x += copysign (reach, along) * cos (shape.angle);
    shape.y += copysign (reach, along) * sin (shape.angle);
  } else {
    double across = cos (shape.angle) * dy - sin (shape.angle) * dx;

    shape.x -= copysign (reach, across) * sin (shape.angle);
    shape.y += copysign (reach, across) * cos (shape.angle);
  }
  cpac_canvas_add_shape (draw->canvas, &shape);
}

static void
add_patch (Draw *draw, double size)
{
  CpacDefectShape shape;

  shape_init (draw, &shape, CPAC_OUTLINE_ELLIPSE, size, 3);
  shape.soft = shape.half_b * between (draw, 0.5, 2);
  set_ragged (draw, &shape, 0, 0.5);
  cpac_canvas_add_shape (draw->canvas, &shape);
}

static void
draw_bands (Draw *draw)
{
  double width = draw_size (draw, &draw->options->size);
  double change;

  switch (cpac_random_below (draw->random, 3)) {
    case 0:
      add_band (draw, width);
      break;
    case 1:
      add_patch (draw, width);
      break;
    default:
      add_side (draw);
      break;
  }
  change = draw_change (draw);
  /* Wear changes the grain of a surface, light does not. */
  draw->content->texture = cpac_draw_chance (draw->random, 0.5) ? 1 : log_between (draw, 0.4, 2.5);
  /* Light acts as a factor, a film on the surface as an addition; both are seen. */
  if (cpac_draw_chance (draw->random, 0.5))
    draw->content->gain = CLAMP (change / 128, -0.9, 2);
  else
    set_offset (draw, change);
}

/* A place on the border, at a corner one time in three. */
static void
move_to_border (Draw *draw, CpacDefectShape *shape)
{
  double width = draw->canvas->original_width, height = draw->canvas->original_height;
  gboolean corner = cpac_draw_chance (draw->random, 0.33);
  gboolean far_x = cpac_draw_chance (draw->random, 0.5);
  gboolean far_y = cpac_draw_chance (draw->random, 0.5);
  gboolean beside = cpac_draw_chance (draw->random, 0.5);

  if (corner || beside)
    shape->x = far_x ? width : 0;
  if (corner || !beside)
    shape->y = far_y ? height : 0;
}

static void
draw_edge_losses (Draw *draw)
{
  CpacDefectShape shape;

  shape_init (draw, &shape, CPAC_OUTLINE_ELLIPSE, draw_size (draw, &draw->options->size), 3);
  shape.soft = shape.half_b * log_between (draw, 0.03, 0.3);
  set_ragged (draw, &shape, 0.1, 0.8);
  move_to_border (draw, &shape);
  cpac_canvas_add_shape (draw->canvas, &shape);
  if (cpac_draw_chance (draw->random, 0.5)) {
    draw->content->texture = between (draw, 0, 0.5);
    set_grain (draw, fabs (draw_change (draw)) * cpac_random_double (draw->random));
  } else {
    set_other_texture (draw);
  }
  set_offset (draw, draw_change (draw));
}

void
cpac_defect_draw (CpacDefectKind kind, const CpacDefectOptions *options, double spread,
                  CpacRandom *random, CpacDefectCanvas *canvas, CpacDefectContent *content)
{
  static void (*const functions[CPAC_N_DEFECT_KINDS]) (Draw * draw) = {
    [CPAC_DEFECT_CUT_PASTE] = draw_cut_paste, [CPAC_DEFECT_SPOTS] = draw_spots,
    [CPAC_DEFECT_SCRATCHES] = draw_scratches, [CPAC_DEFECT_BLOBS] = draw_blobs,
    [CPAC_DEFECT_BANDS] = draw_bands,         [CPAC_DEFECT_EDGE_LOSSES] = draw_edge_losses,
  };
  Draw draw = { options, spread, random, canvas, content };

  *content = (CpacDefectContent){ .zoom_x = 1, .zoom_y = 1, .wavelength = 1 };
  functions[kind](&draw);
}
