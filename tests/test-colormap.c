/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/colormap.h"

#include <math.h>

static double
to_linear (guint8 value)
{
  double v = value / 255.0;

  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* How the eye sees linear red, green and blue: whole, without long cones, without medium ones
 * (F. Viénot, H. Brettel, J. Mollon: Digital video colourmaps for checking the legibility of
 * displays by dichromats, 1999), and without any. */
static const double eyes[][3][3] = {
  { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
  { { 0.1124, 0.8876, 0 }, { 0.1124, 0.8876, 0 }, { 0.0040, -0.0040, 1 } },
  { { 0.2928, 0.7072, 0 }, { 0.2928, 0.7072, 0 }, { -0.0223, 0.0223, 1 } },
  { { 0.2126, 0.7152, 0.0722 }, { 0.2126, 0.7152, 0.0722 }, { 0.2126, 0.7152, 0.0722 } },
};

/* CIE 1976 lightness, without its straight beginning: -16 to 100. */
static double
lightness (const GstCpacColor *color, const double eye[3][3])
{
  const double rgb[] = { to_linear (color->r), to_linear (color->g), to_linear (color->b) };
  static const double weights[] = { 0.2126, 0.7152, 0.0722 };
  double y = 0;

  for (guint i = 0; i < 3; i++)
    for (guint c = 0; c < 3; c++)
      y += weights[i] * eye[i][c] * rgb[c];
  return 116 * cbrt (y) - 16;
}

/* Whoever looks: a sixteenth of the scale on, it is lighter by at least two units, of which one can
 * be told; in all by at least 60 of the 116 there are. */
static void
test_lightness (gconstpointer data)
{
  const GstCpacColor *colors = gst_cpac_colormap_get (GPOINTER_TO_UINT (data));

  for (guint k = 0; k < G_N_ELEMENTS (eyes); k++) {
    for (guint i = 16; i < 256; i++)
      g_assert_cmpfloat (lightness (&colors[i], eyes[k]), >,
                         lightness (&colors[i - 16], eyes[k]) + 2);
    g_assert_cmpfloat (lightness (&colors[255], eyes[k]) - lightness (&colors[0], eyes[k]), >, 60);
  }
}

static void
test_gray (void)
{
  const GstCpacColor *colors = gst_cpac_colormap_get (GST_CPAC_COLORMAP_GRAY);

  for (guint i = 0; i < 256; i++)
    g_assert_true (colors[i].r == i && colors[i].g == i && colors[i].b == i);
}

/* The ends are those that are listed, whose way to OKLab and back loses a level at most. */
static void
test_ends (void)
{
  const GstCpacColor *colors = gst_cpac_colormap_get (GST_CPAC_COLORMAP_BLUE_YELLOW);

  g_assert_cmpint (ABS (colors[0].r - 0), <=, 1);
  g_assert_cmpint (ABS (colors[0].g - 32), <=, 1);
  g_assert_cmpint (ABS (colors[0].b - 96), <=, 1);
  g_assert_cmpint (ABS (colors[255].r - 255), <=, 1);
  g_assert_cmpint (ABS (colors[255].g - 234), <=, 1);
  g_assert_cmpint (ABS (colors[255].b - 70), <=, 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (GEnumClass) names = g_type_class_ref (GST_TYPE_CPAC_COLORMAP);

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpuint (names->n_values, ==, GST_CPAC_N_COLORMAPS);
  for (guint i = 0; i < names->n_values; i++) {
    g_autofree char *path = g_strdup_printf ("/colormap/%s", names->values[i].value_nick);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_lightness);
  }
  g_test_add_func ("/colormap/is-gray", test_gray);
  g_test_add_func ("/colormap/ends", test_ends);
  return g_test_run ();
}
