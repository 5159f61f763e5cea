/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpacoverlay draws, pixel by pixel, without the element. */

#include <math.h>
#include <string.h>

#include "plugin/overlay-painter.h"

#define WIDTH 320
#define HEIGHT 240
#define LINE 1 /* at that height */
#define MAP_WIDTH 32
#define MAP_HEIGHT 24
#define CELL 10     /* pixels */
#define N_POINTS 90 /* of a contour */

/* Nothing but what a test switches on. */
static const GstCpacOverlaySettings off = { .opacity = 1, .font_scale = 1 };

/* A cone of 255 at its tip, which passes the threshold, 127.5, on a circle; and its region. */
typedef struct {
  guint8 map[MAP_WIDTH * MAP_HEIGHT];
  CpacDefectRegion region;
  CpacPoint points[N_POINTS];
  CpacContour contour;
  CpacInspection inspection;
} Cone;

#define CONE_X 143.7
#define CONE_Y 110.2
#define CONE_SLOPE 2.0 /* levels a pixel */
#define CONE_RADIUS (127.5 / CONE_SLOPE)

static double
cone_at (double x, double y)
{
  return MAX (255 - CONE_SLOPE * hypot (x - CONE_X, y - CONE_Y), 0);
}

static void
cone_init (Cone *cone)
{
  for (guint i = 0; i < MAP_WIDTH * MAP_HEIGHT; i++)
    cone->map[i] =
        (guint8) (cone_at ((i % MAP_WIDTH + 0.5) * CELL, (i / MAP_WIDTH + 0.5) * CELL) + 0.5);
  for (guint i = 0; i < N_POINTS; i++) {
    double angle = 2 * G_PI * i / N_POINTS;

    cone->points[i] = (CpacPoint){ (CONE_X + CONE_RADIUS * cos (angle)) / WIDTH,
                                   (CONE_Y + CONE_RADIUS * sin (angle)) / HEIGHT };
  }
  cone->contour = (CpacContour){ 1, N_POINTS, cone->points };
  cone->region = (CpacDefectRegion){ .x = 80.0 / WIDTH,
                                     .y = 50.0 / HEIGHT,
                                     .width = 130.0 / WIDTH,
                                     .height = 120.0 / HEIGHT,
                                     .score = 1,
                                     .area = 12000,
                                     .peak_x = 145.0 / WIDTH,
                                     .peak_y = 115.0 / HEIGHT };
  cone->inspection = (CpacInspection){ .status = CPAC_STATUS_SCORED,
                                       .verdict = CPAC_VERDICT_NOT_OK,
                                       .has_score = TRUE,
                                       .score = 1,
                                       .has_thresholds = TRUE,
                                       .width = WIDTH,
                                       .height = HEIGHT,
                                       .region = { 0, 0, WIDTH, HEIGHT },
                                       .heatmap = cone->map,
                                       .map_width = MAP_WIDTH,
                                       .map_height = MAP_HEIGHT,
                                       .heatmap_min = -1,
                                       .heatmap_max = 1,
                                       .has_regions = TRUE,
                                       .n_regions = 1,
                                       .regions = &cone->region,
                                       .n_contours = 1,
                                       .contours = &cone->contour };
}

static guint32
pixel_at (const GstCpacPainter *painter, guint x, guint y)
{
  return painter->canvas->pixels[y * painter->canvas->stride + x];
}

/* A bright line's pixel, whole. */
static gboolean
is_white (guint32 pixel)
{
  return pixel == 0xffffffff;
}

static guint
count_drawn (const GstCpacPainter *painter)
{
  guint n = 0;

  for (guint y = 0; y < painter->canvas->height; y++)
    for (guint x = 0; x < painter->canvas->width; x++)
      n += pixel_at (painter, x, y) != 0;
  return n;
}

static void
test_nothing (void)
{
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  cone_init (&cone);
  gst_cpac_painter_paint (painter, &off, &cone.inspection);
  g_assert_true (painter->canvas->is_empty);
  g_assert_cmpuint (count_drawn (painter), ==, 0);
  gst_cpac_painter_free (painter);
}

/* From the threshold on the map's colours at full opacity, below it nothing: the edge lies where
 * the cone passes 127.5. Between centres of cells, 10 pixels apart, the bilinear map is off by at
 * most 1/8 of their distance's square by the second derivative across, slope / radius, along both
 * axes; then half a level of rounding, and half a pixel's diagonal. */
static void
test_glow (void)
{
  const double off_by =
      (2 * CELL * CELL / 8.0 * CONE_SLOPE / (CONE_RADIUS - CELL) + 1) / CONE_SLOPE + 0.71;
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  g_assert_cmpfloat (off_by, <, 2.5);
  settings.heatmap = TRUE;
  settings.colormap = GST_CPAC_COLORMAP_THERMAL;
  cone_init (&cone);
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++) {
      double distance = hypot (x + 0.5 - CONE_X, y + 0.5 - CONE_Y);
      guint32 pixel = pixel_at (painter, x, y);

      if (distance < CONE_RADIUS - off_by)
        g_assert_cmpuint (pixel >> 24, ==, 255);
      else if (distance > CONE_RADIUS + off_by)
        g_assert_cmpuint (pixel, ==, 0);
    }
  gst_cpac_painter_free (painter);
}

/* Between warn-threshold, here level 64, and threshold, 128, the opacity rises evenly. */
static void
test_ramp (void)
{
  static const guint8 levels[] = { 0, 63, 64, 65, 96, 127, 128, 255 };
  static const double shares[] = { 0, 0, 0, 1 / 64.0, 0.5, 63 / 64.0, 1, 1 };
  GstCpacOverlaySettings settings = off;

  settings.heatmap = TRUE;
  settings.opacity = 0.5;
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++) {
    GstCpacPainter *painter = gst_cpac_painter_new (16, 16);
    guint8 map[] = { levels[i] };
    CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                  .verdict = CPAC_VERDICT_NOT_DECIDABLE,
                                  .has_thresholds = TRUE,
                                  .warn_threshold = -0.5,
                                  .heatmap = map,
                                  .map_width = 1,
                                  .map_height = 1,
                                  .heatmap_min = -1,
                                  .heatmap_max = 1,
                                  .width = 16,
                                  .height = 16,
                                  .region = { 4, 4, 8, 8 } };

    gst_cpac_painter_paint (painter, &settings, &inspection);
    g_assert_cmpuint (pixel_at (painter, 8, 8) >> 24, ==, (guint) (127.5 * shares[i] + 0.5));
    /* Premultiplied, of the colour map gray. */
    g_assert_cmpuint (pixel_at (painter, 8, 8) & 255, ==,
                      (guint) (0.5 * shares[i] * levels[i] + 0.5));
    g_assert_cmpuint (count_drawn (painter), ==, shares[i] > 0 ? 64 : 0);
    g_assert_cmpint (painter->canvas->is_empty, ==, shares[i] == 0);
    gst_cpac_painter_free (painter);
  }
}

/* The bright line runs within a pixel of the circle, all round it. */
static void
test_contour (void)
{
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.contours = TRUE;
  cone_init (&cone);
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  for (guint degrees = 0; degrees < 360; degrees++) {
    double x = CONE_X + CONE_RADIUS * cos (degrees * G_PI / 180);
    double y = CONE_Y + CONE_RADIUS * sin (degrees * G_PI / 180);
    guint brightest = 0;

    for (gint v = -1; v <= 1; v++)
      for (gint u = -1; u <= 1; u++)
        brightest =
            MAX (brightest, pixel_at (painter, (guint) (x + u), (guint) (y + v)) >> 8 & 255);
    /* A line of one pixel across two columns of them covers half of one at least. */
    g_assert_cmpuint (brightest, >=, 127);
  }
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++) {
      double distance = hypot (x + 0.5 - CONE_X, y + 0.5 - CONE_Y);

      /* Half of the dark line's 3 pixels; from a circle a chord is off by 0.04; half a pixel's
       * diagonal. */
      if (fabs (distance - CONE_RADIUS) > 1.5 * LINE + 0.04 + 0.71)
        g_assert_cmpuint (pixel_at (painter, x, y), ==, 0);
    }
  gst_cpac_painter_free (painter);
}

/* A line that leaves the frame is drawn along its border; without a map, and where there is none,
 * too. */
static void
test_wild_contours (void)
{
  static const CpacPoint points[] = { { -1e300, 0.25 }, { 1e300, 0.25 }, { 0.5, 7 } };
  static const CpacContour contour = { 1, 3, points };
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.contours = TRUE;
  cone_init (&cone);
  cone.inspection.heatmap = NULL;
  cone.inspection.contours = &contour;
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  for (guint x = 2; x < WIDTH - 2; x++)
    g_assert_cmpuint (pixel_at (painter, x, HEIGHT / 4) >> 8 & 255, >=, 127);
  g_assert_cmpuint (pixel_at (painter, 50, HEIGHT / 4 - 5), ==, 0);
  cone.inspection.n_contours = 0;
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  g_assert_true (painter->canvas->is_empty);
  gst_cpac_painter_free (painter);
}

/* The bright line lies just round the box (80, 50) to (210, 170), the dark one about it; inside and
 * outside there is nothing. */
static void
test_box (void)
{
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.boxes = TRUE;
  cone_init (&cone);
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++) {
      guint32 pixel = pixel_at (painter, x, y);
      gboolean in_outer = x >= 79 && x < 211 && y >= 49 && y < 171;
      gboolean in_box = x >= 80 && x < 210 && y >= 50 && y < 170;
      gboolean far_inside = x >= 82 && x < 208 && y >= 52 && y < 168;
      gboolean far_outside = x < 77 || x >= 213 || y < 47 || y >= 173;

      g_assert_cmpint (is_white (pixel), ==, in_outer && !in_box);
      if (far_inside || far_outside)
        g_assert_cmpuint (pixel, ==, 0);
    }
  gst_cpac_painter_free (painter);
}

/* A box that is the whole frame has its line just inside of it; one that lies outside of the frame,
 * or is no number, has none. */
static void
test_wild_boxes (void)
{
  static const CpacDefectRegion regions[] = {
    { .x = 0, .y = 0, .width = 1, .height = 1 },
    { .x = 2, .y = 0, .width = 1, .height = 1 },
    { .x = -3, .y = -3, .width = 1, .height = 1 },
    { .x = NAN, .y = 0.5, .width = 0.25, .height = 0.25 },
    { .x = 0.5, .y = 0.5, .width = INFINITY, .height = -0.25 },
    { .x = 0.5, .y = 0.5, .width = 0, .height = 0 },
  };
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.boxes = settings.labels = TRUE;
  cone_init (&cone);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++) {
    cone.inspection.regions = &regions[i];
    gst_cpac_painter_paint (painter, &settings, &cone.inspection);
    g_assert_cmpint (painter->canvas->is_empty, ==, i > 0);
    if (i == 0)
      for (guint x = 0; x < WIDTH; x++)
        g_assert_true (is_white (pixel_at (painter, x, HEIGHT - 1)));
  }
  gst_cpac_painter_free (painter);
}

/* A label lies above its box, below it at the upper border, and never on another box. */
static void
test_labels (void)
{
  const CpacDefectRegion regions[] = {
    { .x = 0.5, .y = 0.5, .width = 0.1, .height = 0.1, .score = 3, .area = 5 },
    { .x = 0.5, .y = 0, .width = 0.1, .height = 0.1, .score = 2, .area = 5 },
    { .x = 0.5, .y = 0.4, .width = 0.1, .height = 0.09, .score = 1, .area = 5 },
  };
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.labels = TRUE;
  cone_init (&cone);
  cone.inspection.regions = regions;
  for (guint n = 1; n <= 3; n++) {
    guint n_boxes[3] = { 0 };

    cone.inspection.n_regions = n;
    gst_cpac_painter_paint (painter, &settings, &cone.inspection);
    for (guint i = 0; i < n; i++)
      for (guint y = (guint) (regions[i].y * HEIGHT);
           y < (regions[i].y + regions[i].height) * HEIGHT; y++)
        for (guint x = 160; x < 192; x++)
          n_boxes[i] += pixel_at (painter, x, y) != 0;
    for (guint i = 0; i < n; i++)
      g_assert_cmpuint (n_boxes[i], ==, 0);
    g_assert_cmpint (pixel_at (painter, 162, 115) != 0, ==, n < 3);
    g_assert_cmpint (pixel_at (painter, 162, 29) != 0, ==, n >= 2);
  }
  /* On a small frame it would hide more than it tells. */
  g_assert_true (gst_cpac_painter_resize (painter, 24, 24));
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  g_assert_true (painter->canvas->is_empty);
  gst_cpac_painter_free (painter);
}

/* A good frame is marked only on request. */
static void
test_good (void)
{
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.heatmap = settings.contours = settings.boxes = settings.labels = TRUE;
  cone_init (&cone);
  cone.inspection.verdict = CPAC_VERDICT_OK;
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  g_assert_true (painter->canvas->is_empty);
  settings.mark_ok = TRUE;
  gst_cpac_painter_paint (painter, &settings, &cone.inspection);
  g_assert_false (painter->canvas->is_empty);
  gst_cpac_painter_free (painter);
}

/* Colours of badges: 0xd55e00 not-ok, 0x009e73 ok, 0xf0e442 not-decidable, 0x9a9a9a nothing known.
 */
static const struct {
  CpacStatus status;
  CpacVerdict verdict;
  guint32 color;
} badges[] = {
  { CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_OK, 0xffd55e00 },
  { CPAC_STATUS_SCORED, CPAC_VERDICT_OK, 0xff009e73 },
  { CPAC_STATUS_SCORED, CPAC_VERDICT_NOT_DECIDABLE, 0xfff0e442 },
  { CPAC_STATUS_SCORED, CPAC_VERDICT_UNDEFINED, 0xff9a9a9a },
  { CPAC_STATUS_SKIPPED, CPAC_VERDICT_UNDEFINED, 0xff9a9a9a },
  { CPAC_STATUS_ERROR, CPAC_VERDICT_UNDEFINED, 0xff9a9a9a },
};

/* No two look alike, and not by colour alone: what is filled with the badge's own colour differs.
 */
static void
test_badges (void)
{
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  g_autofree guint8 *filled = g_new0 (guint8, G_N_ELEMENTS (badges) * WIDTH * HEIGHT);
  Cone cone;

  settings.verdict = TRUE;
  cone_init (&cone);
  for (guint i = 0; i < G_N_ELEMENTS (badges); i++) {
    guint8 *own = filled + i * WIDTH * HEIGHT;
    guint n_filled = 0;

    cone.inspection.status = badges[i].status;
    cone.inspection.verdict = badges[i].verdict;
    gst_cpac_painter_paint (painter, &settings, &cone.inspection);
    for (guint k = 0; k < WIDTH * HEIGHT; k++) {
      own[k] = pixel_at (painter, k % WIDTH, k / WIDTH) == badges[i].color;
      n_filled += own[k];
    }
    g_assert_cmpuint (n_filled, >, 100);
    for (guint other = 0; other < i; other++) {
      guint n_different = 0;

      for (guint k = 0; k < WIDTH * HEIGHT; k++)
        n_different += own[k] != filled[other * WIDTH * HEIGHT + k];
      g_assert_cmpuint (n_different, >, 100);
    }
  }
  gst_cpac_painter_free (painter);
}

/* Letters follow the frame's height; on small frames they shrink to fit, and vanish. */
static void
test_sizes (void)
{
  static const guint sides[] = { 1, 2, 3, 5, 17, 64, 253, 480, 2160 };
  GstCpacOverlaySettings settings = off;
  Cone cone;

  settings.verdict = settings.score = settings.part = settings.heatmap = settings.contours =
      settings.boxes = settings.labels = TRUE;
  cone_init (&cone);
  cone.inspection.part_id = "P-1";
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++) {
    GstCpacPainter *painter = gst_cpac_painter_new (sides[i], sides[i]);

    gst_cpac_painter_paint (painter, &settings, &cone.inspection);
    g_assert_cmpfloat (painter->panel_width, <=, sides[i]);
    g_assert_cmpfloat (painter->panel_height, <=, 0.55 * sides[i]);
    if (sides[i] < 17)
      g_assert_cmpfloat (painter->panel_height, ==, 0);
    if (sides[i] >= 480)
      g_assert_cmpfloat_with_epsilon (painter->panel_height / sides[i], 0.21, 0.03);
    gst_cpac_painter_free (painter);
  }
}

static void
test_format (void)
{
  static const struct {
    double value;
    const char *text;
  } numbers[] = {
    { 0, "0.00" },       { 1, "1.00" },          { -1.8, "-1.80" },      { 3.14159, "3.14" },
    { 12.34, "12.3" },   { 123.4, "123" },       { 65432.1, "65432" },   { 1234567, "1.23e+06" },
    { 0.5, "0.500" },    { -0.0512, "-0.0512" }, { 0.00123, "0.00123" }, { 1e300, "1e+300" },
    { INFINITY, "inf" }, { -INFINITY, "-inf" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *text = gst_cpac_painter_format (numbers[i].value);

    g_assert_cmpstr (text, ==, numbers[i].text);
  }
}

/* Texts from elsewhere: long ones are cut, what is no UTF-8 is replaced, nothing hides the verdict.
 */
static void
test_wild_texts (void)
{
  g_autofree char *long_text = g_strnfill (100000, 'M');
  const char *texts[] = { long_text, "\xff\xfe\x80", "", "line\nbreak", "\xd8\xa7\xd9\x84" };
  static const char *const classes[] = { "\xc3" };
  static const double probabilities[] = { NAN };
  GstCpacOverlaySettings settings = off;
  GstCpacPainter *painter = gst_cpac_painter_new (WIDTH, HEIGHT);
  Cone cone;

  settings.verdict = settings.score = settings.part = TRUE;
  cone_init (&cone);
  cone.inspection.class_name = classes[0];
  cone.inspection.classes = classes;
  cone.inspection.probabilities = probabilities;
  cone.inspection.n_classes = 1;
  cone.inspection.score = -1e300;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    cone.inspection.part_id = texts[i];
    gst_cpac_painter_paint (painter, &settings, &cone.inspection);
    g_assert_cmpfloat (painter->panel_width, >, 0);
    g_assert_cmpuint (pixel_at (painter, 5, 12), ==, 0xffd55e00);
  }
  gst_cpac_painter_free (painter);
}

/* Anything at all, so that whatever is drawn lies where it is marked: then nothing of it stays. */
static void
make_random (CpacInspection *inspection, CpacDefectRegion *regions, CpacPoint *points,
             CpacContour *contours, guint8 *map)
{
  guint width = (guint) g_test_rand_int_range (1, 20),
        height = (guint) g_test_rand_int_range (1, 20);

  for (guint i = 0; i < width * height; i++)
    map[i] = (guint8) g_test_rand_int_range (0, 256);
  for (guint i = 0; i < 20; i++)
    regions[i] = (CpacDefectRegion){ .x = g_test_rand_double_range (-0.2, 1),
                                     .y = g_test_rand_double_range (-0.2, 1),
                                     .width = g_test_rand_double_range (0, 0.6),
                                     .height = g_test_rand_double_range (0, 0.6),
                                     .score = g_test_rand_double_range (0, 9),
                                     .area = g_test_rand_double_range (0, 9e9),
                                     .peak_x = g_test_rand_double_range (-1, 2),
                                     .peak_y = g_test_rand_double_range (-1, 2) };
  for (guint i = 0; i < 4 * 5; i++)
    points[i] =
        (CpacPoint){ g_test_rand_double_range (-0.2, 1.2), g_test_rand_double_range (-0.2, 1.2) };
  for (guint i = 0; i < 4; i++)
    contours[i] = (CpacContour){ 1, (guint) g_test_rand_int_range (3, 6), points + 5 * i };
  *inspection = (CpacInspection){ .status = (CpacStatus) g_test_rand_int_range (0, 3),
                                  .verdict = (CpacVerdict) g_test_rand_int_range (0, 4),
                                  .has_score = TRUE,
                                  .score = g_test_rand_double_range (-9, 9),
                                  .has_thresholds = TRUE,
                                  .threshold = g_test_rand_double_range (-1, 1),
                                  .warn_threshold = g_test_rand_double_range (-1, 1),
                                  .width = (guint) g_test_rand_int_range (0, 500),
                                  .height = (guint) g_test_rand_int_range (0, 500),
                                  .region = { 3, 5, 200, 100 },
                                  .heatmap = map,
                                  .map_width = width,
                                  .map_height = height,
                                  .heatmap_min = -1,
                                  .heatmap_max = 1,
                                  .has_regions = TRUE,
                                  .n_regions = (guint) g_test_rand_int_range (0, 20),
                                  .regions = regions,
                                  .n_contours = (guint) g_test_rand_int_range (0, 5),
                                  .contours = contours };
}

static void
test_marked (void)
{
  GstCpacPainter *painter = gst_cpac_painter_new (333, 201);
  CpacDefectRegion regions[20];
  CpacPoint points[4 * 5];
  CpacContour contours[4];
  guint8 map[400];
  CpacInspection inspection;

  for (guint round = 0; round < 400; round++) {
    GstCpacOverlaySettings settings = { .opacity = 0.7, .font_scale = 1 };

    make_random (&inspection, regions, points, contours, map);
    settings.verdict = settings.score = round % 3 == 0;
    settings.heatmap = round % 5 == 0;
    settings.contours = round % 2 == 0;
    settings.boxes = round % 4 < 2;
    settings.labels = round % 7 < 3;
    gst_cpac_painter_paint (painter, &settings, &inspection);
    gst_cpac_canvas_clear (painter->canvas);
    g_assert_cmpuint (count_drawn (painter), ==, 0);
  }
  gst_cpac_painter_free (painter);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/nothing", test_nothing);
  g_test_add_func ("/overlay/glow", test_glow);
  g_test_add_func ("/overlay/ramp", test_ramp);
  g_test_add_func ("/overlay/contour", test_contour);
  g_test_add_func ("/overlay/wild-contours", test_wild_contours);
  g_test_add_func ("/overlay/box", test_box);
  g_test_add_func ("/overlay/wild-boxes", test_wild_boxes);
  g_test_add_func ("/overlay/labels", test_labels);
  g_test_add_func ("/overlay/good", test_good);
  g_test_add_func ("/overlay/badges", test_badges);
  g_test_add_func ("/overlay/sizes", test_sizes);
  g_test_add_func ("/overlay/format", test_format);
  g_test_add_func ("/overlay/wild-texts", test_wild_texts);
  g_test_add_func ("/overlay/marked", test_marked);
  return g_test_run ();
}
