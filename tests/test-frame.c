/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values worked out by hand, and the largest sums. */

#include <math.h>
#include <string.h>

#include "core/frame/frame.h"

/* Input as it comes, in 8-bit units. */
static CpacInputSpec
plain_spec (guint width, guint height, guint channels)
{
  return (CpacInputSpec){
    .width = width,
    .height = height,
    .channels = channels,
    .scale = { 1, 1, 1 },
    .min_width = 1,
    .min_height = 1,
  };
}

static void
run (const CpacInputSpec *spec, const CpacFrame *frame, const CpacRect *region, float *out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (spec, frame->info, region, &error);

  g_assert_no_error (error);
  cpac_frame_plan_run (plan, frame, out);
}

static void
test_names (void)
{
  static const struct {
    const char *name;
    guint n_planes;
  } rows[CPAC_N_PIXEL_FORMATS] = {
    { "GRAY8", 1 }, { "GRAY16_LE", 1 }, { "GRAY16_BE", 1 }, { "RGB", 1 },  { "BGR", 1 },
    { "RGBx", 1 },  { "BGRx", 1 },      { "RGBA", 1 },      { "BGRA", 1 }, { "I420", 3 },
    { "YV12", 3 },  { "NV12", 2 },      { "NV21", 2 },
  };
  CpacPixelFormat format = CPAC_PIXEL_BGR;

  for (guint i = 0; i < CPAC_N_PIXEL_FORMATS; i++) {
    g_assert_cmpstr (cpac_pixel_format_to_string (i), ==, rows[i].name);
    g_assert_cmpuint (cpac_pixel_format_get_n_planes (i), ==, rows[i].n_planes);
    g_assert_true (cpac_pixel_format_from_string (rows[i].name, &format));
    g_assert_cmpuint (format, ==, i);
  }
  g_assert_false (cpac_pixel_format_from_string ("gray8", &format));
  g_assert_false (cpac_pixel_format_from_string ("", &format));
  g_assert_cmpuint (format, ==, CPAC_PIXEL_NV21);
}

/* One field at a time makes the difference. */
static void
test_info_equal (void)
{
  static const CpacFrameInfo info = { CPAC_PIXEL_GRAY16_LE, 5, 3, CPAC_MATRIX_BT709,
                                      CPAC_RANGE_VIDEO,     12 };
  static const CpacFrameInfo others[] = {
    { CPAC_PIXEL_GRAY16_BE, 5, 3, CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, 12 },
    { CPAC_PIXEL_GRAY16_LE, 3, 3, CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, 12 },
    { CPAC_PIXEL_GRAY16_LE, 5, 5, CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, 12 },
    { CPAC_PIXEL_GRAY16_LE, 5, 3, CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, 12 },
    { CPAC_PIXEL_GRAY16_LE, 5, 3, CPAC_MATRIX_BT709, CPAC_RANGE_FULL, 12 },
    { CPAC_PIXEL_GRAY16_LE, 5, 3, CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, 0 },
  };
  CpacFrameInfo copy = info;

  g_assert_true (cpac_frame_info_equal (&info, &copy));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (cpac_frame_info_equal (&info, &others[i]));
}

/* One pixel to three channels; expected values in 8-bit units, worked out in rational numbers and
 * rounded to 4 digits, hence the tolerance. Primaries come near 255 and 0, as 8-bit YUV allows,
 * and are cut off there. */
static void
test_yuv_colors (void)
{
  static const struct {
    CpacColorMatrix matrix;
    CpacColorRange range;
    guint8 yuv[3];
    double rgb[3];
  } rows[] = {
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 16, 128, 128 }, { 0, 0, 0 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 235, 128, 128 }, { 255, 255, 255 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 126, 128, 128 }, { 128.0822, 128.0822, 128.0822 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 81, 90, 240 }, { 254.4399, 0, 0 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 145, 54, 34 }, { 0.179, 255, 0.9303 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 41, 240, 110 }, { 0.3811, 0, 255 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 255, 128, 128 }, { 255, 255, 255 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_VIDEO, { 0, 128, 128 }, { 0, 0, 0 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, { 16, 128, 128 }, { 0, 0, 0 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, { 235, 128, 128 }, { 255, 255, 255 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, { 63, 102, 240 }, { 255, 0.5846, 0 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, { 173, 42, 26 }, { 0, 255, 1.1417 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_VIDEO, { 32, 240, 118 }, { 0.7027, 0.0754, 255 } },
    { CPAC_MATRIX_BT2020, CPAC_RANGE_VIDEO, { 74, 97, 240 }, { 255, 0.4938, 1.1393 } },
    { CPAC_MATRIX_BT2020, CPAC_RANGE_VIDEO, { 164, 47, 25 }, { 0, 254.4959, 0 } },
    { CPAC_MATRIX_BT2020, CPAC_RANGE_VIDEO, { 29, 240, 119 }, { 0.0289, 0.0103, 255 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_FULL, { 76, 85, 255 }, { 254.054, 0.1026, 0 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_FULL, { 150, 44, 21 }, { 0, 255, 1.152 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_FULL, { 29, 255, 107 }, { 0, 0.2916, 254.044 } },
    { CPAC_MATRIX_BT601, CPAC_RANGE_FULL, { 100, 128, 128 }, { 100, 100, 100 } },
    { CPAC_MATRIX_BT709, CPAC_RANGE_FULL, { 54, 99, 255 }, { 253.9996, 0, 0.1876 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacFrameInfo info = { CPAC_PIXEL_I420, 1, 1, rows[i].matrix, rows[i].range, 0 };
    const guint8 *yuv = rows[i].yuv;
    CpacFrame frame = { &info, { yuv, yuv + 1, yuv + 2 }, { 1, 1, 1 } };
    CpacInputSpec spec = plain_spec (1, 1, 3);
    float out[3] = { NAN, NAN, NAN };

    run (&spec, &frame, NULL, out);
    for (guint c = 0; c < 3; c++)
      g_assert_cmpfloat_with_epsilon (out[c], rows[i].rgb[c], 1e-4);
  }
}

static void
test_gray_from_rgb (void)
{
  static const struct {
    guint8 rgb[3];
    double gray;
  } rows[] = {
    { { 255, 0, 0 }, 76.245 },  { { 0, 255, 0 }, 149.685 },  { { 0, 0, 255 }, 29.07 },
    { { 255, 255, 255 }, 255 }, { { 10, 100, 200 }, 84.49 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacFrameInfo info = { .format = CPAC_PIXEL_RGB, .width = 1, .height = 1 };
    CpacFrame frame = { &info, { rows[i].rgb }, { 3 } };
    CpacInputSpec spec = plain_spec (1, 1, 1);
    float gray = NAN;

    run (&spec, &frame, NULL, &gray);
    g_assert_cmpfloat (gray, ==, (float) rows[i].gray);
  }
}

/* The two bytes of a GRAY16 sample, given as big endian. */
static void
test_gray_depths (void)
{
  static const struct {
    CpacPixelFormat format;
    guint bit_depth;
    CpacColorRange range;
    guint16 sample;
    double v;
  } rows[] = {
    { CPAC_PIXEL_GRAY16_BE, 0, CPAC_RANGE_FULL, 65535, 255 },
    { CPAC_PIXEL_GRAY16_BE, 16, CPAC_RANGE_FULL, 257, 1 },
    { CPAC_PIXEL_GRAY16_LE, 16, CPAC_RANGE_FULL, 257 * 9, 9 },
    { CPAC_PIXEL_GRAY16_LE, 0, CPAC_RANGE_FULL, 0x0102, 258.0 * 255 / 65535 },
    { CPAC_PIXEL_GRAY16_BE, 10, CPAC_RANGE_FULL, 341, 85 },
    { CPAC_PIXEL_GRAY16_LE, 10, CPAC_RANGE_FULL, 1023, 255 },
    { CPAC_PIXEL_GRAY16_LE, 10, CPAC_RANGE_FULL, 1024, 255 },
    { CPAC_PIXEL_GRAY16_BE, 9, CPAC_RANGE_FULL, 60000, 255 },
    { CPAC_PIXEL_GRAY16_LE, 12, CPAC_RANGE_FULL, 1365, 85 },
    { CPAC_PIXEL_GRAY16_LE, 12, CPAC_RANGE_VIDEO, 16 << 4, 0 },
    { CPAC_PIXEL_GRAY16_BE, 12, CPAC_RANGE_VIDEO, 235 << 4, 255 },
    { CPAC_PIXEL_GRAY16_BE, 12, CPAC_RANGE_VIDEO, 4095, 255 },
    { CPAC_PIXEL_GRAY16_LE, 10, CPAC_RANGE_VIDEO, 89 << 2, 85 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacFrameInfo info = { rows[i].format, 1, 1, 0, rows[i].range, rows[i].bit_depth };
    guint16 sample = rows[i].format == CPAC_PIXEL_GRAY16_BE ? GUINT16_TO_BE (rows[i].sample)
                                                            : GUINT16_TO_LE (rows[i].sample);
    CpacFrame frame = { &info, { (const guint8 *) &sample }, { 2 } };
    CpacInputSpec spec = plain_spec (1, 1, 1);
    float v = NAN;

    run (&spec, &frame, NULL, &v);
    /* Video range is offset by 18.6, rounded in double. */
    g_assert_cmpfloat_with_epsilon (v, (float) rows[i].v, 1e-13);
  }
}

static void
test_gray8_identity (void)
{
  guint8 pixels[256];
  float out[3 * 256];
  CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = 16, .height = 16 };
  CpacFrame frame = { &info, { pixels }, { 16 } };

  for (guint i = 0; i < 256; i++)
    pixels[i] = i;
  for (guint resize = 0; resize <= CPAC_RESIZE_NEAREST; resize++) {
    CpacInputSpec spec = plain_spec (16, 16, 3);

    spec.resize = resize;
    memset (out, 0xff, sizeof out);
    run (&spec, &frame, NULL, out);
    for (guint i = 0; i < 3 * 256; i++)
      g_assert_cmpfloat (out[i], ==, i % 256);
  }
}

static void
test_normalisation (void)
{
  static const guint8 rgb[] = { 100, 50, 255 };
  CpacFrameInfo info = { .format = CPAC_PIXEL_RGB, .width = 1, .height = 1 };
  CpacFrame frame = { &info, { rgb }, { 3 } };
  CpacInputSpec spec = plain_spec (1, 1, 3);
  float out[3] = { NAN, NAN, NAN };

  spec.mean[0] = 128, spec.mean[1] = 50, spec.mean[2] = 0;
  spec.scale[0] = 14, spec.scale[1] = 57, spec.scale[2] = -255;
  run (&spec, &frame, NULL, out);
  g_assert_cmpfloat (out[0], ==, -2);
  g_assert_cmpfloat (out[1], ==, 0);
  g_assert_cmpfloat (out[2], ==, -1);
}

/* One row of gray pixels along x and, stored as a column, along y. */
static void
test_resize (void)
{
  static const struct {
    CpacResize resize;
    guint n_in, n_out;
    guint8 in[5];
    float out[5];
  } rows[] = {
    { CPAC_RESIZE_AREA, 3, 2, { 10, 20, 40 }, { 40 / 3.0, 100 / 3.0 } },
    { CPAC_RESIZE_AREA, 5, 2, { 1, 2, 6, 4, 10 }, { 2.4, 6.8 } },
    { CPAC_RESIZE_AREA, 4, 1, { 1, 2, 3, 255 }, { 65.25 } },
    { CPAC_RESIZE_AREA, 2, 4, { 0, 100 }, { 0, 25, 75, 100 } },
    { CPAC_RESIZE_BILINEAR, 2, 4, { 0, 100 }, { 0, 25, 75, 100 } },
    { CPAC_RESIZE_BILINEAR, 5, 1, { 1, 2, 77, 4, 5 }, { 77 } },
    { CPAC_RESIZE_BILINEAR, 4, 2, { 10, 20, 30, 50 }, { 15, 40 } },
    { CPAC_RESIZE_NEAREST, 5, 2, { 1, 2, 3, 4, 5 }, { 2, 4 } },
    { CPAC_RESIZE_NEAREST, 4, 2, { 1, 2, 3, 4 }, { 2, 4 } },
    { CPAC_RESIZE_NEAREST, 2, 5, { 1, 2 }, { 1, 1, 2, 2, 2 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint down = 0; down < 2; down++) {
      guint in = rows[i].n_in, n = rows[i].n_out;
      CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8,
                             .width = down ? 1 : in,
                             .height = down ? in : 1 };
      CpacFrame frame = { &info, { rows[i].in }, { down ? 1 : in } };
      CpacInputSpec spec = plain_spec (down ? 1 : n, down ? n : 1, 1);
      float out[5] = { NAN, NAN, NAN, NAN, NAN };

      spec.resize = rows[i].resize;
      run (&spec, &frame, NULL, out);
      g_assert_cmpmem (out, n * sizeof (float), rows[i].out, n * sizeof (float));
    }
}

/* Pixel 3 of a row of 5 is the right half of chroma sample 1, pixel 4 all there is of sample 2. */
static void
test_region_cuts_chroma (void)
{
  static const guint8 y[] = { 0, 0, 0, 100, 100 };
  static const guint8 u[] = { 0, 128, 128 };
  static const guint8 v[] = { 255, 128, 178 };
  CpacFrameInfo info = { .format = CPAC_PIXEL_I420, .width = 5, .height = 1 };
  CpacFrame frame = { &info, { y, u, v }, { 5, 3, 3 } };
  CpacInputSpec spec = plain_spec (1, 1, 3);
  CpacRect region = { 3, 0, 2, 1 };
  float out[3] = { NAN, NAN, NAN };

  run (&spec, &frame, &region, out);
  /* V is 25 on average: R = 100 + 1.402 x 25. */
  g_assert_cmpfloat (out[0], ==, 135.05f);
  g_assert_cmpfloat (out[2], ==, 100);
}

/* One row of chroma across and down, gray being 0; expected values in sixteenths. At twice the size
 * it is libjpeg's triangle filter: 3 parts of the nearer sample, 1 of the other. */
static void
test_chroma (void)
{
  static const struct {
    CpacResize resize;
    guint side, start, size, n_out;
    guint8 in[4];
    float out[7];
  } rows[] = {
    { CPAC_RESIZE_AREA, 6, 0, 6, 6, { 0, 16, 32 }, { 0, 64, 192, 320, 448, 512 } },
    { CPAC_RESIZE_BILINEAR, 6, 0, 6, 6, { 0, 16, 32 }, { 0, 64, 192, 320, 448, 512 } },
    { CPAC_RESIZE_NEAREST, 6, 0, 6, 6, { 0, 16, 32 }, { 0, 0, 256, 256, 512, 512 } },
    /* The last sample is centred at the edge of the picture. */
    { CPAC_RESIZE_AREA, 5, 0, 5, 5, { 0, 16, 32 }, { 0, 64, 192, 320, 448 } },
    { CPAC_RESIZE_AREA, 1, 0, 1, 3, { 9 }, { 144, 144, 144 } },
    /* The first region has half a sample at each end; none touches a 99. */
    { CPAC_RESIZE_AREA, 8, 1, 4, 4, { 0, 16, 32, 99 }, { 64, 192, 320, 448 } },
    { CPAC_RESIZE_AREA, 8, 2, 4, 4, { 99, 16, 32, 99 }, { 256, 320, 448, 512 } },
    /* Where gray shrinks and chroma grows; where output pixels are samples, and off by half. */
    { CPAC_RESIZE_AREA, 8, 0, 8, 5, { 0, 40, 80, 120 }, { 0, 448, 960, 1472, 1920 } },
    { CPAC_RESIZE_AREA, 8, 0, 8, 4, { 1, 9, 4, 7 }, { 16, 144, 64, 112 } },
    { CPAC_RESIZE_AREA, 8, 1, 6, 3, { 1, 9, 4, 8 }, { 80, 104, 96 } },
    /* (1 x 0 + 1/2 x 60) / (3/2), (1/2 x 60 + 1 x 30) / (3/2); then halves cut off at both ends. */
    { CPAC_RESIZE_AREA, 6, 0, 6, 2, { 0, 60, 30 }, { 320, 640 } },
    { CPAC_RESIZE_AREA, 6, 1, 4, 1, { 0, 60, 30 }, { 600 } },
    { CPAC_RESIZE_AREA, 5, 0, 5, 1, { 0, 60, 30 }, { 480 } },
    { CPAC_RESIZE_BILINEAR, 8, 0, 8, 1, { 99, 1, 2, 99 }, { 24 } },
    { CPAC_RESIZE_NEAREST, 8, 1, 7, 3, { 1, 9, 4, 8 }, { 144, 64, 128 } },
  };
  static const guint8 black[8];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint down = 0; down < 2; down++) {
      guint side = rows[i].side, size = rows[i].size, n = rows[i].n_out, start = rows[i].start;
      guint8 v[4];
      CpacFrameInfo info = { .format = CPAC_PIXEL_I420,
                             .width = down ? 1 : side,
                             .height = down ? side : 1 };
      CpacFrame frame = { &info, { black, v, v }, { down ? 1 : 8, down ? 1 : 4, down ? 1 : 4 } };
      CpacInputSpec spec = plain_spec (down ? 1 : n, down ? n : 1, 3);
      CpacRect region = { down ? 0 : start, down ? start : 0, down ? 1 : size, down ? size : 1 };
      float out[3 * 7];

      for (guint k = 0; k < 4; k++)
        v[k] = MIN (128 + rows[i].in[k], 255);
      spec.resize = rows[i].resize;
      run (&spec, &frame, &region, out);
      for (guint k = 0; k < n; k++)
        g_assert_cmpfloat_with_epsilon (out[k], 1.402 * rows[i].out[k] / 16, 1e-4);
    }
}

/* The largest sums: a frame of one white sample, repeated by a stride of 0. */
static void
test_largest (void)
{
  static const guint16 white[3] = { 65535, 65535, 65535 };
  static const guint sides[][2] = {
    { CPAC_FRAME_MAX_SIDE, 1 },
    { CPAC_FRAME_MAX_SIDE, CPAC_INPUT_MAX_SIDE - 1 },
    { 3, CPAC_INPUT_MAX_SIDE },
    { CPAC_INPUT_MAX_SIDE, CPAC_INPUT_MAX_SIDE },
  };
  g_autofree float *out = g_new (float, CPAC_INPUT_MAX_SIDE);

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    for (guint resize = 0; resize <= CPAC_RESIZE_NEAREST; resize++) {
      CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY16_LE, .width = 3, .height = sides[i][0] };
      CpacFrame frame = { &info, { (const guint8 *) white }, { 0 } };
      CpacInputSpec spec = plain_spec (1, sides[i][1], 1);

      spec.resize = resize;
      memset (out, 0xff, sides[i][1] * sizeof *out);
      run (&spec, &frame, NULL, out);
      for (guint y = 0; y < sides[i][1]; y++)
        g_assert_cmpfloat (out[y], ==, 255);
    }
}

/* Chroma has the largest weights: 4 n = 65536 for each of its samples. */
static void
test_widest (void)
{
  guint width = CPAC_INPUT_MAX_SIDE;
  g_autofree guint8 *white = g_malloc (CPAC_FRAME_MAX_SIDE);
  g_autofree float *out = g_new (float, 3 * width);
  CpacInputSpec spec = plain_spec (width, 1, 3);

  memset (white, 255, CPAC_FRAME_MAX_SIDE);
  memset (out, 0xff, 3 * width * sizeof *out);
  for (guint in = 3; in <= CPAC_FRAME_MAX_SIDE; in += CPAC_FRAME_MAX_SIDE - 3) {
    CpacFrameInfo info = { .format = CPAC_PIXEL_I420, .width = in, .height = 1 };
    CpacFrame frame = { &info, { white, white, white }, { in, in, in } };

    run (&spec, &frame, NULL, out);
    /* 255 - (0.344136 + 0.714136) 127 */
    for (guint x = 0; x < width; x++)
      g_assert_cmpfloat_with_epsilon (out[width + x], 120.5994, 1e-4);
  }
}

/* Scratch rows carry nothing from one frame to the next. */
static void
test_plan_again (void)
{
  static const guint8 dark[5 * 3], bright[5 * 3] = { 255, 1, 254, 2, 253, 3, 252 };
  CpacFrameInfo info = { .format = CPAC_PIXEL_RGB, .width = 5, .height = 1 };
  CpacFrame frames[2] = { { &info, { dark }, { 15 } }, { &info, { bright }, { 15 } } };
  CpacInputSpec spec = plain_spec (2, 1, 3);
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (&spec, &info, NULL, NULL);
  float first[6], between[6], again[6];

  cpac_frame_plan_run (plan, &frames[1], first);
  cpac_frame_plan_run (plan, &frames[0], between);
  cpac_frame_plan_run (plan, &frames[1], again);
  g_assert_cmpmem (first, sizeof first, again, sizeof again);
  /* Red: 255, 2 and half of 252. */
  g_assert_cmpfloat (first[0], ==, 153.2f);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat (between[i], ==, 0);
}

static void
test_free_null (void)
{
  cpac_frame_plan_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/names", test_names);
  g_test_add_func ("/frame/info-equal", test_info_equal);
  g_test_add_func ("/frame/yuv-colors", test_yuv_colors);
  g_test_add_func ("/frame/gray-from-rgb", test_gray_from_rgb);
  g_test_add_func ("/frame/gray-depths", test_gray_depths);
  g_test_add_func ("/frame/gray8-identity", test_gray8_identity);
  g_test_add_func ("/frame/normalisation", test_normalisation);
  g_test_add_func ("/frame/resize", test_resize);
  g_test_add_func ("/frame/chroma", test_chroma);
  g_test_add_func ("/frame/region-cuts-chroma", test_region_cuts_chroma);
  g_test_add_func ("/frame/largest", test_largest);
  g_test_add_func ("/frame/widest", test_widest);
  g_test_add_func ("/frame/plan-again", test_plan_again);
  g_test_add_func ("/frame/free-null", test_free_null);
  return g_test_run ();
}
