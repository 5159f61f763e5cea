/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/colormap.h"

#include <math.h>

#define MAX_ANCHORS 5

GType
gst_cpac_colormap_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_COLORMAP_GRAY, "Black to white", "gray" },
    { GST_CPAC_COLORMAP_BLUE_YELLOW, "Dark blue over gray to yellow", "blue-yellow" },
    { GST_CPAC_COLORMAP_THERMAL, "Black over purple and orange to pale yellow", "thermal" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacColormap", values));
  return type;
}

/* Lightness and two opponent colours: green to red, blue to yellow. */
typedef struct {
  double l, a, b;
} Lab;

/* The hues that a map passes through. The lightness is not theirs: it rises evenly from the first
 * one's to the last one's. */
static const struct {
  guint n;
  GstCpacColor anchors[MAX_ANCHORS];
} maps[GST_CPAC_N_COLORMAPS] = {
  [GST_CPAC_COLORMAP_BLUE_YELLOW] = { 2, { { 0, 32, 96 }, { 255, 234, 70 } } },
  [GST_CPAC_COLORMAP_THERMAL] = { 5,
                                  { { 8, 4, 24 },
                                    { 80, 20, 110 },
                                    { 185, 50, 90 },
                                    { 245, 130, 30 },
                                    { 252, 250, 170 } } },
};

static double
to_linear (guint8 value)
{
  double v = value / 255.0;

  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

static guint8
from_linear (double v)
{
  v = CLAMP (v, 0, 1);
  v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow (v, 1 / 2.4) - 0.055;
  return (guint8) (v * 255 + 0.5);
}

/* Between sRGB and OKLab: https://bottosson.github.io/posts/oklab/ */
static Lab
to_lab (const GstCpacColor *color)
{
  double r = to_linear (color->r), g = to_linear (color->g), b = to_linear (color->b);
  double l = cbrt (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  double m = cbrt (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  double s = cbrt (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

  return (Lab){ 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s };
}

static GstCpacColor
from_lab (const Lab *lab)
{
  double l = pow (lab->l + 0.3963377774 * lab->a + 0.2158037573 * lab->b, 3);
  double m = pow (lab->l - 0.1055613458 * lab->a - 0.0638541728 * lab->b, 3);
  double s = pow (lab->l - 0.0894841775 * lab->a - 1.2914855480 * lab->b, 3);

  return (GstCpacColor){ from_linear (4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                         from_linear (-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                         from_linear (-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s) };
}

static void
fill (GstCpacColor colors[256], guint map)
{
  guint n = maps[map].n;
  Lab anchors[MAX_ANCHORS];

  for (guint i = 0; i < n; i++)
    anchors[i] = to_lab (&maps[map].anchors[i]);
  for (guint i = 0; i < 256; i++) {
    double share = i / 255.0, place = share * (n - 1);
    guint k = MIN ((guint) place, n - 2);
    double t = place - k;
    Lab lab = { anchors[0].l + share * (anchors[n - 1].l - anchors[0].l),
                anchors[k].a + t * (anchors[k + 1].a - anchors[k].a),
                anchors[k].b + t * (anchors[k + 1].b - anchors[k].b) };

    colors[i] = from_lab (&lab);
  }
}

const GstCpacColor *
gst_cpac_colormap_get (GstCpacColormap colormap)
{
  static GstCpacColor tables[GST_CPAC_N_COLORMAPS][256];
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    for (guint i = 0; i < 256; i++)
      tables[GST_CPAC_COLORMAP_GRAY][i] = (GstCpacColor){ (guint8) i, (guint8) i, (guint8) i };
    fill (tables[GST_CPAC_COLORMAP_BLUE_YELLOW], GST_CPAC_COLORMAP_BLUE_YELLOW);
    fill (tables[GST_CPAC_COLORMAP_THERMAL], GST_CPAC_COLORMAP_THERMAL);
    g_once_init_leave (&once, 1);
  }
  return tables[colormap];
}
