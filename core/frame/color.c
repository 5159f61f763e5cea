/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/color.h"

/* Weights of red and blue in luma; that of green is the rest. Recommendations ITU-R BT.601, BT.709
 * and BT.2020 (non-constant luminance). */
static const struct {
  double red, blue;
} luma_weights[] = {
  [CPAC_MATRIX_BT601] = { 0.299, 0.114 },
  [CPAC_MATRIX_BT709] = { 0.2126, 0.0722 },
  [CPAC_MATRIX_BT2020] = { 0.2627, 0.0593 },
};

guint
cpac_color_n_components (CpacColorFamily family, guint channels)
{
  switch (family) {
    case CPAC_FAMILY_GRAY:
      return 1;
    case CPAC_FAMILY_RGB:
      return 3;
    case CPAC_FAMILY_YUV:
      return channels;
  }
  g_return_val_if_reached (1);
}

guint
cpac_color_bit_depth (const CpacFrameInfo *info)
{
  if (info->bit_depth != 0)
    return info->bit_depth;
  return cpac_pixel_format_get_layout (info->format)->sample == CPAC_SAMPLE_U8 ? 8 : 16;
}

/* v = gain sample + offset, for gray and luma. */
static void
set_luma (CpacMix *mix, const CpacFrameInfo *info)
{
  guint n_bits = cpac_color_bit_depth (info);

  if (info->range == CPAC_RANGE_FULL) {
    mix->gain[0] = 255.0 / ((1 << n_bits) - 1);
    mix->offset = 0;
  } else {
    mix->gain[0] = 255.0 / (219 << (n_bits - 8));
    mix->offset = -16 * 255.0 / 219;
  }
}

/* Adds the chroma of @channel: R = Y + 2 (1 - kr) V, B = Y + 2 (1 - kb) U, and G such that
 * Y = kr R + kg G + kb B. */
static void
add_chroma (CpacMix *mix, guint channel, const CpacFrameInfo *info)
{
  double kr = luma_weights[info->matrix].red;
  double kb = luma_weights[info->matrix].blue;
  double kg = 1 - kr - kb;
  double scale = info->range == CPAC_RANGE_FULL ? 1 : 255.0 / 224;
  const double gains[3][2] = {
    { 0, 2 * (1 - kr) },
    { -2 * (1 - kb) * kb / kg, -2 * (1 - kr) * kr / kg },
    { 2 * (1 - kb), 0 },
  };

  mix->gain[1] = scale * gains[channel][0];
  mix->gain[2] = scale * gains[channel][1];
  mix->offset -= 128 * (mix->gain[1] + mix->gain[2]);
}

static void
set_gains (CpacMix *mix, guint channel, guint n_channels, const CpacFrameInfo *info)
{
  static const double gray[3] = { 0.299, 0.587, 0.114 };

  switch (cpac_pixel_format_get_layout (info->format)->family) {
    case CPAC_FAMILY_GRAY:
      set_luma (mix, info);
      break;
    case CPAC_FAMILY_RGB:
      for (guint k = 0; k < 3; k++)
        mix->gain[k] = n_channels == 1 ? gray[k] : (k == channel);
      break;
    case CPAC_FAMILY_YUV:
      set_luma (mix, info);
      if (n_channels == 3)
        add_chroma (mix, channel, info);
      break;
  }
}

void
cpac_color_init (CpacMix mixes[3], const CpacInputSpec *spec, const CpacFrameInfo *info,
                 const double divisors[3])
{
  for (guint c = 0; c < spec->channels; c++) {
    CpacMix *mix = &mixes[c];

    *mix = (CpacMix){ .mean = spec->mean[c], .inverse_scale = 1 / spec->scale[c] };
    set_gains (mix, c, spec->channels, info);
    for (guint k = 0; k < 3; k++)
      mix->gain[k] /= divisors[k];
  }
}
