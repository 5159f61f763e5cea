/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every format, resize and awkward size against the definition at CpacFramePlan, evaluated directly
 * in double; and the same bits from every memory layout of one picture, at every kernel level. */

#include <math.h>
#include <string.h>

#include "core/frame/frame.h"
#include "core/kernels/kernels.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void) (start), (void) (size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void) (start), (void) (size))
#endif

/* --- Pictures in memory --- */

typedef struct {
  guint pad;      /* bytes between the rows */
  gboolean flip;  /* stored bottom-up: negative stride */
  guint8 nothing; /* what lies in the padding, and in the x of RGBx */
} Layout;

typedef struct {
  CpacFrameInfo info;
  CpacFrame frame;
  guint8 *memory[3]; /* exactly up to the last pixel of the last row */
  gsize sizes[3];
} Picture;

static gboolean
is_yuv (CpacPixelFormat format)
{
  return format >= CPAC_PIXEL_I420;
}

static gboolean
is_gray (CpacPixelFormat format)
{
  return format <= CPAC_PIXEL_GRAY16_BE;
}

static gsize
row_bytes (CpacPixelFormat format, guint plane, guint width)
{
  if (is_yuv (format)) {
    gboolean two_planes = format == CPAC_PIXEL_NV12 || format == CPAC_PIXEL_NV21;

    return plane == 0 ? width : (width + 1) / 2 * (two_planes ? 2 : 1);
  }
  switch (format) {
    case CPAC_PIXEL_GRAY8:
      return width;
    case CPAC_PIXEL_GRAY16_LE:
    case CPAC_PIXEL_GRAY16_BE:
      return 2 * width;
    case CPAC_PIXEL_RGB:
    case CPAC_PIXEL_BGR:
      return 3 * width;
    default:
      return 4 * width;
  }
}

/* Any byte, each value about equally often; a fixed function of its place. */
static guint8
content (guint plane, guint y, gsize x)
{
  guint32 h = (plane * 40503u + y) * 2654435761u + (guint32) x * 2246822519u;

  h ^= h >> 15;
  return (h * 2654435761u) >> 24;
}

static void
fill_plane (Picture *picture, guint plane, guint n_rows, const Layout *layout)
{
  CpacPixelFormat format = picture->info.format;
  gsize n_bytes = row_bytes (format, plane, picture->info.width);
  gsize stride = n_bytes + layout->pad;
  gsize size = stride * (n_rows - 1) + n_bytes;
  guint8 *memory = g_malloc (size);
  gboolean has_x = format == CPAC_PIXEL_RGBX || format == CPAC_PIXEL_BGRX;

  memset (memory, layout->nothing, size);
  for (guint y = 0; y < n_rows; y++) {
    guint8 *row = memory + (layout->flip ? n_rows - 1 - y : y) * stride;

    for (gsize i = 0; i < n_bytes; i++)
      if (!has_x || i % 4 != 3)
        row[i] = content (plane, y, i);
    if (row + stride < memory + size)
      ASAN_POISON_MEMORY_REGION (row + n_bytes, layout->pad);
  }
  picture->memory[plane] = memory;
  picture->sizes[plane] = size;
  picture->frame.planes[plane] = layout->flip ? memory + (n_rows - 1) * stride : memory;
  picture->frame.strides[plane] = layout->flip ? -(gssize) stride : (gssize) stride;
}

static void
picture_init (Picture *picture, const CpacFrameInfo *info, const Layout *layout)
{
  *picture = (Picture){ .info = *info };
  picture->frame.info = &picture->info;
  for (guint plane = 0; plane < cpac_pixel_format_get_n_planes (info->format); plane++)
    fill_plane (picture, plane, plane == 0 ? info->height : (info->height + 1) / 2, layout);
}

static void
picture_clear (Picture *picture)
{
  for (guint plane = 0; plane < 3; plane++) {
    ASAN_UNPOISON_MEMORY_REGION (picture->memory[plane], picture->sizes[plane]);
    g_free (picture->memory[plane]);
  }
}

/* --- The definition --- */

/* Byte @i of row @y of @plane. */
static guint
byte_at (const Picture *picture, guint plane, guint y, gsize i)
{
  return picture->frame.planes[plane][(gssize) y * picture->frame.strides[plane] + (gssize) i];
}

/* Step 1: sample @x, @y of component @k (gray; R, G, B; Y, U, V), on its own grid. */
static double
sample_at (const Picture *picture, guint k, guint x, guint y)
{
  guint max = picture->info.bit_depth ? (1 << picture->info.bit_depth) - 1 : 65535;

  switch (picture->info.format) {
    case CPAC_PIXEL_GRAY8:
      return byte_at (picture, 0, y, x);
    case CPAC_PIXEL_GRAY16_LE:
      return MIN (byte_at (picture, 0, y, 2 * x) + 256 * byte_at (picture, 0, y, 2 * x + 1), max);
    case CPAC_PIXEL_GRAY16_BE:
      return MIN (256 * byte_at (picture, 0, y, 2 * x) + byte_at (picture, 0, y, 2 * x + 1), max);
    case CPAC_PIXEL_RGB:
      return byte_at (picture, 0, y, 3 * x + k);
    case CPAC_PIXEL_BGR:
      return byte_at (picture, 0, y, 3 * x + 2 - k);
    case CPAC_PIXEL_RGBX:
    case CPAC_PIXEL_RGBA:
      return byte_at (picture, 0, y, 4 * x + k);
    case CPAC_PIXEL_BGRX:
    case CPAC_PIXEL_BGRA:
      return byte_at (picture, 0, y, 4 * x + 2 - k);
    case CPAC_PIXEL_I420:
      return byte_at (picture, k, y, x);
    case CPAC_PIXEL_YV12:
      return byte_at (picture, (3 - k) % 3, y, x);
    case CPAC_PIXEL_NV12:
      return k == 0 ? byte_at (picture, 0, y, x) : byte_at (picture, 1, y, 2 * x + (k == 2));
    case CPAC_PIXEL_NV21:
      return k == 0 ? byte_at (picture, 0, y, x) : byte_at (picture, 1, y, 2 * x + (k == 1));
  }
  g_return_val_if_reached (0);
}

/* One axis of the region: @size pixels from @start on become @n; a sample covers @length pixels. */
typedef struct {
  double start, size, n, length;
} Axis;

/* The samples that the region touches. */
static guint
first_sample (const Axis *axis)
{
  return floor (axis->start / axis->length);
}

static guint
last_sample (const Axis *axis)
{
  return ceil ((axis->start + axis->size) / axis->length) - 1;
}

/* Weight of sample @k in output @i, as stated at CpacResize. The centre is one quotient of whole
 * numbers, so that floor () is exact: its rounding does not reach the next whole number. */
static double
weight (CpacResize resize, const Axis *axis, guint i, guint k)
{
  double pixel = axis->size / axis->n;
  double centre =
      (2 * axis->n * axis->start + (2 * i + 1) * axis->size) / (2 * axis->n * axis->length);
  double from = k * axis->length - axis->start;
  double to = from + axis->length;

  if (resize == CPAC_RESIZE_NEAREST)
    return k == floor (centre);
  if (resize == CPAC_RESIZE_AREA && pixel >= axis->length)
    return MAX (0, MIN (to, (i + 1) * pixel) - MAX (from, i * pixel)) / pixel;
  return MAX (0, 1 - fabs (CLAMP (centre - 0.5, first_sample (axis), last_sample (axis)) - k));
}

/* Step 2: component @k of output pixel @i, @j. */
static double
resized (const Picture *picture, const CpacRect *rect, const CpacInputSpec *spec, guint k, guint i,
         guint j)
{
  double length = is_yuv (picture->info.format) && k > 0 ? 2 : 1;
  Axis across = { rect->x, rect->width, spec->width, length };
  Axis down = { rect->y, rect->height, spec->height, length };
  double sum = 0;

  for (guint y = first_sample (&down); y <= last_sample (&down); y++) {
    double wy = weight (spec->resize, &down, j, y);

    if (wy == 0)
      continue;
    for (guint x = first_sample (&across); x <= last_sample (&across); x++) {
      double wx = weight (spec->resize, &across, i, x);

      if (wx != 0)
        sum += wx * wy * sample_at (picture, k, x, y);
    }
  }
  return sum;
}

/* Step 3 for gray and luma. */
static double
full_luma (const CpacFrameInfo *info, double sample)
{
  guint n =
      info->bit_depth
          ? info->bit_depth
          : (info->format == CPAC_PIXEL_GRAY16_LE || info->format == CPAC_PIXEL_GRAY16_BE ? 16 : 8);

  if (info->range == CPAC_RANGE_FULL)
    return 255 * sample / (pow (2, n) - 1);
  return (sample / pow (2, n - 8) - 16) * 255 / 219;
}

/* Steps 3 and 4 for YUV. */
static double
yuv_to_rgb (const CpacFrameInfo *info, const double s[3], guint channel)
{
  static const double kr_kb[3][2] = { { 0.299, 0.114 }, { 0.2126, 0.0722 }, { 0.2627, 0.0593 } };
  double chroma_scale = info->range == CPAC_RANGE_FULL ? 1 : 255.0 / 224;
  double y = full_luma (info, s[0]);
  double kr = kr_kb[info->matrix][0], kb = kr_kb[info->matrix][1];
  double r = y + 2 * (1 - kr) * (s[2] - 128) * chroma_scale;
  double b = y + 2 * (1 - kb) * (s[1] - 128) * chroma_scale;
  double g = (y - kr * r - kb * b) / (1 - kr - kb);

  return ((double[]){ r, g, b })[channel];
}

/* All steps. */
static double
expected (const Picture *picture, const CpacRect *rect, const CpacInputSpec *spec, guint c, guint i,
          guint j)
{
  CpacPixelFormat format = picture->info.format;
  double s[3] = { resized (picture, rect, spec, 0, i, j), 0, 0 };
  double v;

  if (!is_gray (format) && !(is_yuv (format) && spec->channels == 1)) {
    s[1] = resized (picture, rect, spec, 1, i, j);
    s[2] = resized (picture, rect, spec, 2, i, j);
  }
  if (is_yuv (format) && spec->channels == 3)
    v = yuv_to_rgb (&picture->info, s, c);
  else if (is_yuv (format) || is_gray (format))
    v = full_luma (&picture->info, s[0]);
  else
    v = spec->channels == 3 ? s[c] : 0.299 * s[0] + 0.587 * s[1] + 0.114 * s[2];
  return (CLAMP (v, 0, 255) - spec->mean[c]) / spec->scale[c];
}

/* --- Comparison --- */

static const Layout layouts[] = {
  { 0, FALSE, 0 }, { 5, FALSE, 0 }, { 5, FALSE, 255 }, { 64, TRUE, 170 }, { 0, TRUE, 85 },
};

static void
run_plan (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *rect,
          const Layout *layout, float *out)
{
  Picture picture;
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (spec, info, rect, &error);

  g_assert_no_error (error);
  picture_init (&picture, info, layout);
  if (spec->channels == 1)
    picture.frame.planes[1] = picture.frame.planes[2] = NULL;
  cpac_frame_plan_run (plan, &picture.frame, out);
  picture_clear (&picture);
}

/* Each of the other layouts at a level of its own, where this CPU has it. */
static void
run_at_level (guint l, const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *rect,
              float *out)
{
  CpacLevel level = (l - 1) % CPAC_N_LEVELS;
  g_autofree char *given = g_strdup (g_getenv ("CPAC_CPU"));

  if (cpac_level_is_supported (level))
    g_setenv ("CPAC_CPU", cpac_level_to_string (level), TRUE);
  run_plan (spec, info, rect, &layouts[l], out);
  if (given != NULL)
    g_setenv ("CPAC_CPU", given, TRUE);
  else
    g_unsetenv ("CPAC_CPU");
}

static void
check_layouts (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *rect,
               const float *out, gsize n)
{
  g_autofree float *again = g_new (float, n + 1);

  for (guint l = 1; l < G_N_ELEMENTS (layouts); l++) {
    memset (again, 0xff, (n + 1) * sizeof *again);
    run_at_level (l, spec, info, rect, again);
    g_assert_cmpmem (again, n * sizeof *out, out, n * sizeof *out);
    g_assert_true (isnan (again[n]));
  }
}

/* The plan rounds once to float, 2^-24 of the value. Before that both sides compute in double; the
 * oracle's mean adds at most one term a pixel and component, each below 255 times the largest
 * gain, 2.2 x 255 / 219, and so wrong by less than 1024 2^-52. */
static void
check_values (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *rect,
              const float *out)
{
  Picture picture;
  double noise = 3.0 * rect->width * rect->height * 1024 * ldexp (1, -52);
  const float *value = out;

  picture_init (&picture, info, &layouts[0]);
  for (guint c = 0; c < spec->channels; c++)
    for (guint j = 0; j < spec->height; j++)
      for (guint i = 0; i < spec->width; i++, value++) {
        double want = expected (&picture, rect, spec, c, i, j);

        g_assert_cmpfloat (fabs (*value - want), <=,
                           ldexp (fabs (want), -24) + noise / spec->scale[c]);
      }
  picture_clear (&picture);
}

static void
check (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *rect)
{
  gsize n = (gsize) spec->channels * spec->width * spec->height;
  g_autofree float *out = g_new (float, n);

  memset (out, 0xff, n * sizeof *out);
  run_plan (spec, info, rect, &layouts[0], out);
  check_values (spec, info, rect, out);
  check_layouts (spec, info, rect, out, n);
}

static void
check_regions (const CpacInputSpec *spec, const CpacFrameInfo *info)
{
  guint w = info->width, h = info->height;
  const CpacRect rects[] = {
    { 0, 0, w, h },
    { w / 2, h / 3, w - w / 2, h - h / 3 },
    { w > 2, h > 2, MAX (w / 2, 1), MAX (h / 2, 1) },
  };

  for (guint r = 0; r < G_N_ELEMENTS (rects); r++)
    check (spec, info, &rects[r]);
}

static const guint frame_sizes[][2] = {
  { 1, 1 }, { 2, 2 }, { 3, 5 }, { 17, 13 }, { 253, 7 }, { 64, 48 },
};

static const guint input_sizes[][2] = {
  { 1, 1 }, { 3, 3 }, { 7, 11 }, { 32, 32 }, { 17, 13 },
};

/* Each combination of range, matrix, depth and channels meets each format and resize, at sizes that
 * vary with them. */
static void
test_format (gconstpointer data)
{
  CpacPixelFormat format = GPOINTER_TO_UINT (data);
  gboolean deep = format == CPAC_PIXEL_GRAY16_LE || format == CPAC_PIXEL_GRAY16_BE;
  static const guint depths[] = { 0, 9, 10, 12, 16 };
  guint turn = 0;

  for (guint s = 0; s < G_N_ELEMENTS (frame_sizes); s++)
    for (guint n = 0; n < G_N_ELEMENTS (input_sizes); n++)
      for (guint resize = 0; resize <= CPAC_RESIZE_NEAREST; resize++)
        for (guint channels = 1; channels <= 3; channels += 2, turn++) {
          CpacFrameInfo info = { format,       frame_sizes[s][0], frame_sizes[s][1],
                                 turn / 6 % 3, turn / 18 % 2,     deep ? depths[turn / 2 % 5] : 0 };
          CpacInputSpec spec = { input_sizes[n][0],
                                 input_sizes[n][1],
                                 channels,
                                 { 123.675, 116.28, 103.53 },
                                 { 58.395, 57.12, 255 },
                                 resize,
                                 1,
                                 1 };

          check_regions (&spec, &info);
        }
}

/* Rows so wide that the kernels take them in several strips. */
static void
test_strips (void)
{
  static const CpacPixelFormat formats[] = { CPAC_PIXEL_RGBA, CPAC_PIXEL_NV12 };

  for (guint f = 0; f < G_N_ELEMENTS (formats); f++)
    for (guint resize = 0; resize <= CPAC_RESIZE_NEAREST; resize++) {
      CpacFrameInfo info = { .format = formats[f], .width = 4501, .height = 2 };
      CpacInputSpec spec = { 83,     2, 3, { 123.675, 116.28, 103.53 }, { 58.395, 57.12, 255 },
                             resize, 1, 1 };

      check_regions (&spec, &info);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < CPAC_N_PIXEL_FORMATS; i++) {
    g_autofree char *path = g_strdup_printf ("/frame/oracle/%s", cpac_pixel_format_to_string (i));

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_format);
  }
  g_test_add_func ("/frame/oracle/strips", test_strips);
  return g_test_run ();
}
