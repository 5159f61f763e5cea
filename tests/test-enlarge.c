/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/enlarge.h"

#include <math.h>
#include <string.h>

/* Weights are cut to 8 bits: each of the two steps is off by less than 255/256, the rounding by a
 * half. */
#define TOLERANCE 2.5

#define POISON 0xa5
#define PADDING 3

static double
sample (const guint8 *map, guint width, guint height, double x, double y)
{
  guint x0, y0, x1, y1;

  x = CLAMP (x, 0, width - 1.0);
  y = CLAMP (y, 0, height - 1.0);
  x0 = (guint) floor (x);
  y0 = (guint) floor (y);
  x1 = MIN (x0 + 1, width - 1);
  y1 = MIN (y0 + 1, height - 1);
  x -= x0;
  y -= y0;
  return (1 - y) * ((1 - x) * map[y0 * width + x0] + x * map[y0 * width + x1]) +
         y * ((1 - x) * map[y1 * width + x0] + x * map[y1 * width + x1]);
}

static void
check (guint width, guint height, guint out_width, guint out_height)
{
  gsize stride = out_width + PADDING;
  g_autofree guint8 *map = g_malloc (width * height);
  g_autofree guint8 *out = g_malloc (stride * out_height);
  GstCpacGray picture = { out, out_width, out_height, stride };

  for (guint i = 0; i < width * height; i++)
    map[i] = (guint8) g_test_rand_int_range (0, 256);
  memset (out, POISON, stride * out_height);
  gst_cpac_enlarge (map, width, height, &picture);
  for (guint i = 0; i < out_height; i++) {
    for (guint j = 0; j < out_width; j++)
      g_assert_cmpfloat_with_epsilon (out[i * stride + j],
                                      sample (map, width, height,
                                              (j + 0.5) * width / out_width - 0.5,
                                              (i + 0.5) * height / out_height - 0.5),
                                      TOLERANCE);
    for (guint j = out_width; j < stride; j++)
      g_assert_cmpuint (out[i * stride + j], ==, POISON);
  }
}

static void
test_oracle (void)
{
  static const guint sides[] = { 1, 2, 3, 5, 17, 253 };
  guint n = G_N_ELEMENTS (sides);

  for (guint a = 0; a < n; a++)
    for (guint b = 0; b < n; b++) {
      check (sides[a], sides[(a + 1) % n], sides[b], sides[(b + 2) % n]);
      check (sides[a], 1, 1, sides[b]);
    }
}

static void
test_identity (void)
{
  guint8 map[5 * 7], out[5 * 7];
  GstCpacGray picture = { out, 5, 7, 5 };

  for (guint i = 0; i < sizeof map; i++)
    map[i] = (guint8) (i * 7);
  gst_cpac_enlarge (map, 5, 7, &picture);
  g_assert_cmpmem (out, sizeof out, map, sizeof map);
}

/* Centres at 1/4 - 1/2, 3/4 - 1/2, ...: -0.25 (the edge), 0.25, 0.75, 1.25 (the edge). */
static void
test_double (void)
{
  static const guint8 map[] = { 0, 100 }, expected[] = { 0, 25, 75, 100 };
  guint8 out[4];
  GstCpacGray picture = { out, 4, 1, 4 };

  gst_cpac_enlarge (map, 2, 1, &picture);
  g_assert_cmpmem (out, 4, expected, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enlarge/oracle", test_oracle);
  g_test_add_func ("/enlarge/identity", test_identity);
  g_test_add_func ("/enlarge/double", test_double);
  return g_test_run ();
}
