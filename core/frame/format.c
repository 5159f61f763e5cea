/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/format.h"

#include <string.h>

/* clang-format off */
static const CpacPixelLayout layouts[CPAC_N_PIXEL_FORMATS] = {
  [CPAC_PIXEL_GRAY8] =
    { "GRAY8", CPAC_FAMILY_GRAY, CPAC_SAMPLE_U8, 1, { { 0, 1, 0, 0 } } },
  [CPAC_PIXEL_GRAY16_LE] =
    { "GRAY16_LE", CPAC_FAMILY_GRAY, CPAC_SAMPLE_U16_LE, 1, { { 0, 1, 0, 0 } } },
  [CPAC_PIXEL_GRAY16_BE] =
    { "GRAY16_BE", CPAC_FAMILY_GRAY, CPAC_SAMPLE_U16_BE, 1, { { 0, 1, 0, 0 } } },
  [CPAC_PIXEL_RGB] =
    { "RGB", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 3, 0, 0 }, { 0, 3, 1, 0 }, { 0, 3, 2, 0 } } },
  [CPAC_PIXEL_BGR] =
    { "BGR", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 3, 2, 0 }, { 0, 3, 1, 0 }, { 0, 3, 0, 0 } } },
  [CPAC_PIXEL_RGBX] =
    { "RGBx", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 4, 0, 0 }, { 0, 4, 1, 0 }, { 0, 4, 2, 0 } } },
  [CPAC_PIXEL_BGRX] =
    { "BGRx", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 4, 2, 0 }, { 0, 4, 1, 0 }, { 0, 4, 0, 0 } } },
  [CPAC_PIXEL_RGBA] =
    { "RGBA", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 4, 0, 0 }, { 0, 4, 1, 0 }, { 0, 4, 2, 0 } } },
  [CPAC_PIXEL_BGRA] =
    { "BGRA", CPAC_FAMILY_RGB, CPAC_SAMPLE_U8, 1, { { 0, 4, 2, 0 }, { 0, 4, 1, 0 }, { 0, 4, 0, 0 } } },
  [CPAC_PIXEL_I420] =
    { "I420", CPAC_FAMILY_YUV, CPAC_SAMPLE_U8, 3, { { 0, 1, 0, 0 }, { 1, 1, 0, 1 }, { 2, 1, 0, 1 } } },
  [CPAC_PIXEL_YV12] =
    { "YV12", CPAC_FAMILY_YUV, CPAC_SAMPLE_U8, 3, { { 0, 1, 0, 0 }, { 2, 1, 0, 1 }, { 1, 1, 0, 1 } } },
  [CPAC_PIXEL_NV12] =
    { "NV12", CPAC_FAMILY_YUV, CPAC_SAMPLE_U8, 2, { { 0, 1, 0, 0 }, { 1, 2, 0, 1 }, { 1, 2, 1, 1 } } },
  [CPAC_PIXEL_NV21] =
    { "NV21", CPAC_FAMILY_YUV, CPAC_SAMPLE_U8, 2, { { 0, 1, 0, 0 }, { 1, 2, 1, 1 }, { 1, 2, 0, 1 } } },
};
/* clang-format on */

const CpacPixelLayout *
cpac_pixel_format_get_layout (CpacPixelFormat format)
{
  return &layouts[format];
}

const char *
cpac_pixel_format_to_string (CpacPixelFormat format)
{
  g_return_val_if_fail ((guint) format < CPAC_N_PIXEL_FORMATS, NULL);
  return layouts[format].name;
}

gboolean
cpac_frame_info_equal (const CpacFrameInfo *a, const CpacFrameInfo *b)
{
  return a->format == b->format && a->width == b->width && a->height == b->height &&
         a->matrix == b->matrix && a->range == b->range && a->bit_depth == b->bit_depth;
}

gboolean
cpac_pixel_format_from_string (const char *name, CpacPixelFormat *format)
{
  for (guint i = 0; i < CPAC_N_PIXEL_FORMATS; i++)
    if (strcmp (layouts[i].name, name) == 0) {
      *format = i;
      return TRUE;
    }
  return FALSE;
}

guint
cpac_pixel_format_get_n_planes (CpacPixelFormat format)
{
  g_return_val_if_fail ((guint) format < CPAC_N_PIXEL_FORMATS, 0);
  return layouts[format].n_planes;
}
