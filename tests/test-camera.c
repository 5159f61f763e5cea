/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/camera.h"

#include <math.h>
#include <string.h>

#define POISON 0xa5

/* ---- Pictures ---- */

typedef struct {
  CpacFrameInfo info;
  guint step; /* bytes of a pixel in plane 0 */
  gssize stride;
  guint8 *memory; /* (height, stride), poisoned beside the pixels */
  CpacFrame frame;
} Picture;

static guint
get_step (CpacPixelFormat format)
{
  switch (format) {
    case CPAC_PIXEL_GRAY16_LE:
    case CPAC_PIXEL_GRAY16_BE:
      return 2;
    case CPAC_PIXEL_RGB:
    case CPAC_PIXEL_BGR:
      return 3;
    case CPAC_PIXEL_RGBX:
    case CPAC_PIXEL_BGRX:
    case CPAC_PIXEL_RGBA:
    case CPAC_PIXEL_BGRA:
      return 4;
    default:
      return 1;
  }
}

static void
picture_init (Picture *picture, CpacPixelFormat format, guint width, guint height, guint padding)
{
  *picture = (Picture){ .info = { .format = format, .width = width, .height = height } };
  picture->step = get_step (format);
  picture->stride = (gssize) (width * picture->step + padding);
  picture->memory = g_malloc ((gsize) picture->stride * height);
  memset (picture->memory, POISON, (gsize) picture->stride * height);
  picture->frame = (CpacFrame){ .info = &picture->info,
                                .planes = { picture->memory },
                                .strides = { picture->stride } };
}

static void
picture_clear (Picture *picture)
{
  g_free (picture->memory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear)

static guint8 *
at (const Picture *picture, guint x, guint y)
{
  return picture->memory + (gsize) picture->stride * y + (gsize) x * picture->step;
}

static void
fill_random (Picture *picture)
{
  for (guint y = 0; y < picture->info.height; y++)
    for (guint x = 0; x < picture->info.width * picture->step; x++) {
      guint8 byte = (guint8) g_test_rand_int_range (0, 256);

      /* Ends of the range, too. */
      picture->memory[(gsize) picture->stride * y + x] = byte < 16 ? 0 : byte > 240 ? 255 : byte;
    }
}

/* ---- The obvious way, in double, over the pixels that the header names ---- */

static void
get_pixel (const Picture *picture, guint x, guint y, double *gray, double *peak)
{
  const guint8 *p = at (picture, x, y);
  guint max = picture->info.bit_depth ? (1u << picture->info.bit_depth) - 1 : 65535;

  switch (picture->step) {
    case 1:
      *gray = *peak = p[0];
      return;
    case 2:
      *gray = picture->info.format == CPAC_PIXEL_GRAY16_LE ? p[0] + 256 * p[1] : p[1] + 256 * p[0];
      /* Ten bits of what is significant. */
      *gray = *peak = floor (MIN (*gray, max) / ((max + 1) / 1024));
      return;
    default:
      break;
  }
  *gray = floor ((p[0] + 2 * p[1] + p[2]) / 4.0 + 0.5);
  *peak = MAX (p[0], MAX (p[1], p[2]));
}

static double
get_gray (const Picture *picture, guint x, guint y)
{
  double gray, peak;

  get_pixel (picture, x, y, &gray, &peak);
  return gray;
}

static guint
place (guint i, guint n, guint length, guint size)
{
  return n > 1 ? (length - 2 - size) * i / (n - 1) : (length - 2 - size) / 2;
}

typedef struct {
  double n, sum, squares, laplacian, ends;
} Sums;

static void
add_pixel (const Picture *picture, guint x, guint y, double black, double white, Sums *sums)
{
  double margin = floor ((white - black) / 100), gray, peak, l;

  get_pixel (picture, x, y, &gray, &peak);
  l = 4 * gray - get_gray (picture, x - 1, y) - get_gray (picture, x + 1, y) -
      get_gray (picture, x, y - 1) - get_gray (picture, x, y + 1);
  sums->n++;
  sums->sum += gray;
  sums->squares += gray * gray;
  sums->laplacian += l * l;
  sums->ends += peak <= black + margin || peak >= white - margin;
}

static void
measure (const Picture *picture, const CpacRect *area, double black, double white, double m[4])
{
  guint width = MIN (area->width - 2, 32), height = MIN (area->height - 2, 4);
  guint n_x = MIN ((area->width - 2) / width, 8), n_y = MIN ((area->height - 2) / height, 8);
  double unit = 255 / (white - black), mean;
  Sums sums = { 0 };

  for (guint t = 0; t < n_x * n_y; t++) {
    guint x = area->x + place (t % n_x * n_y + t / n_x, n_x * n_y, area->width, width);
    guint y = area->y + place (t, n_x * n_y, area->height, height);

    for (guint k = 0; k < width * height; k++)
      add_pixel (picture, x + 1 + k % width, y + 1 + k / width, black, white, &sums);
  }
  mean = sums.sum / sums.n;
  m[CPAC_CAMERA_BRIGHTNESS] = (mean - black) * unit;
  m[CPAC_CAMERA_CONTRAST] = sqrt (fmax (sums.squares / sums.n - mean * mean, 0)) * unit;
  m[CPAC_CAMERA_SHARPNESS] = sqrt (sums.laplacian / sums.n) * unit;
  m[CPAC_CAMERA_SATURATION] = sums.ends / sums.n;
}

/* ---- Cases ---- */

static void
check (const Picture *picture, const CpacRect *region, double black, double white)
{
  CpacRect all = { 0, 0, picture->info.width, picture->info.height };
  double found[4] = { NAN, NAN, NAN, NAN }, expected[4];

  g_assert_true (cpac_camera_measure (&picture->frame, region, found));
  measure (picture, region != NULL ? region : &all, black, white, expected);
  /* The oracle's variance is a difference of numbers up to 1e9: 1e-7 of them is 1e-16 relative. */
  for (guint i = 0; i < CPAC_N_CAMERA_MEASURES; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], 1e-6 * (1 + fabs (expected[i])));
}

static void
test_oracle (void)
{
  static const guint sizes[][2] = { { 3, 3 },   { 4, 3 },    { 5, 17 },   { 34, 10 }, { 35, 11 },
                                    { 66, 18 }, { 67, 253 }, { 253, 67 }, { 300, 90 } };

  for (CpacPixelFormat format = 0; format < CPAC_N_PIXEL_FORMATS; format++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
      g_auto (Picture) picture = { 0 };
      gboolean is_wide = get_step (format) == 2;

      picture_init (&picture, format, sizes[i][0], sizes[i][1], 5);
      fill_random (&picture);
      check (&picture, NULL, 0, is_wide ? 1023 : 255);
      if (is_wide) {
        picture.info.bit_depth = 12;
        check (&picture, NULL, 0, 1023);
      }
    }
}

static void
test_range (void)
{
  g_auto (Picture) picture = { 0 };

  picture_init (&picture, CPAC_PIXEL_NV12, 70, 50, 0);
  fill_random (&picture);
  picture.info.range = CPAC_RANGE_VIDEO;
  check (&picture, NULL, 16, 235);
}

static void
test_region (void)
{
  static const CpacRect regions[] = { { 0, 0, 3, 3 }, { 30, 20, 70, 40 }, { 97, 57, 3, 3 } };
  g_auto (Picture) picture = { 0 };
  CpacRect beyond = { 40, 10, 500, 500 }, clipped = { 40, 10, 60, 50 };
  double a[4], b[4];

  picture_init (&picture, CPAC_PIXEL_RGB, 100, 60, 1);
  fill_random (&picture);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    check (&picture, &regions[i], 0, 255);
  g_assert_true (cpac_camera_measure (&picture.frame, &beyond, a));
  g_assert_true (cpac_camera_measure (&picture.frame, &clipped, b));
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
}

static void
test_too_small (void)
{
  static const CpacRect regions[] = {
    { 0, 0, 2, 10 }, { 0, 0, 10, 2 }, { 9, 0, 5, 5 }, { 0, 50, 3, 3 }, { 4000000000u, 0, 9, 9 }
  };
  g_auto (Picture) picture = { 0 };
  double measures[4];

  picture_init (&picture, CPAC_PIXEL_GRAY8, 10, 10, 0);
  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    g_assert_false (cpac_camera_measure (&picture.frame, &regions[i], measures));
}

/* Answers that can be computed in the head. */
static void
test_by_hand (void)
{
  g_auto (Picture) picture = { 0 };
  double m[4];

  picture_init (&picture, CPAC_PIXEL_GRAY8, 64, 64, 0);
  memset (picture.memory, 100, 64 * 64);
  g_assert_true (cpac_camera_measure (&picture.frame, NULL, m));
  g_assert_cmpfloat (m[CPAC_CAMERA_BRIGHTNESS], ==, 100);
  g_assert_cmpfloat (m[CPAC_CAMERA_CONTRAST], ==, 0);
  g_assert_cmpfloat (m[CPAC_CAMERA_SHARPNESS], ==, 0);
  g_assert_cmpfloat (m[CPAC_CAMERA_SATURATION], ==, 0);
  /* A chess board of black and white: every Laplacian is 4 x 255. */
  for (guint y = 0; y < 64; y++)
    for (guint x = 0; x < 64; x++)
      *at (&picture, x, y) = (x + y) % 2 ? 255 : 0;
  g_assert_true (cpac_camera_measure (&picture.frame, NULL, m));
  g_assert_cmpfloat (m[CPAC_CAMERA_BRIGHTNESS], ==, 127.5);
  g_assert_cmpfloat (m[CPAC_CAMERA_CONTRAST], ==, 127.5);
  g_assert_cmpfloat (m[CPAC_CAMERA_SHARPNESS], ==, 1020);
  g_assert_cmpfloat (m[CPAC_CAMERA_SATURATION], ==, 1);
  /* From the bottom up. */
  picture.frame.planes[0] = at (&picture, 0, 63);
  picture.frame.strides[0] = -64;
  g_assert_true (cpac_camera_measure (&picture.frame, NULL, m));
  g_assert_cmpfloat (m[CPAC_CAMERA_SHARPNESS], ==, 1020);
}

/* Sums do not overflow: white and black lines of all 16 bits. */
static void
test_wide (void)
{
  g_auto (Picture) picture = { 0 };
  double m[4];

  picture_init (&picture, CPAC_PIXEL_GRAY16_BE, 300, 100, 0);
  for (guint y = 0; y < 100; y++)
    memset (at (&picture, 0, y), y % 2 ? 255 : 0, 600);
  g_assert_true (cpac_camera_measure (&picture.frame, NULL, m));
  g_assert_cmpfloat_with_epsilon (m[CPAC_CAMERA_BRIGHTNESS], 127.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (m[CPAC_CAMERA_CONTRAST], 127.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (m[CPAC_CAMERA_SHARPNESS], 510, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/oracle", test_oracle);
  g_test_add_func ("/camera/range", test_range);
  g_test_add_func ("/camera/region", test_region);
  g_test_add_func ("/camera/too-small", test_too_small);
  g_test_add_func ("/camera/by-hand", test_by_hand);
  g_test_add_func ("/camera/wide", test_wide);
  return g_test_run ();
}
