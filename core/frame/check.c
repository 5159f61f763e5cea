/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/check.h"

#include <math.h>

#include "core/frame/color.h"

static gboolean
check_size (const char *what, guint width, guint height, guint most, CpacError code, GError **error)
{
  if (width >= 1 && width <= most && height >= 1 && height <= most)
    return TRUE;
  g_set_error (error, CPAC_ERROR, code, "%s is %ux%u pixels, expected 1x1 to %ux%u", what, width,
               height, most, most);
  return FALSE;
}

static gboolean
check_enum (const char *what, guint value, guint n_values, GError **error)
{
  if (value < n_values)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s is number %u, expected 0 to %u", what,
               value, n_values - 1);
  return FALSE;
}

/* One comparison refuses NaN, infinity, a scale of 0, and one so small that 255 / scale leaves the
 * range of a float. */
static gboolean
check_normalisation (const CpacInputSpec *spec, GError **error)
{
  for (guint c = 0; c < spec->channels; c++) {
    double largest = (fabs (spec->mean[c]) + 255) / fabs (spec->scale[c]);

    if (!(largest <= G_MAXFLOAT && isfinite (spec->scale[c]))) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                   "mean %g and scale %g of channel %u do not normalise 0..255 to finite numbers",
                   spec->mean[c], spec->scale[c], c);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_spec (const CpacInputSpec *spec, GError **error)
{
  if (!check_size ("network input", spec->width, spec->height, CPAC_INPUT_MAX_SIDE,
                   CPAC_ERROR_SCHEMA, error) ||
      !check_size ("min-size", spec->min_width, spec->min_height, CPAC_FRAME_MAX_SIDE,
                   CPAC_ERROR_SCHEMA, error) ||
      !check_enum ("resize", spec->resize, CPAC_RESIZE_NEAREST + 1, error))
    return FALSE;
  if (spec->channels != 1 && spec->channels != 3) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "network input has %u channels, expected 1 or 3", spec->channels);
    return FALSE;
  }
  return check_normalisation (spec, error);
}

static gboolean
check_bit_depth (const CpacFrameInfo *info, GError **error)
{
  const CpacPixelLayout *layout = cpac_pixel_format_get_layout (info->format);
  gboolean bytes = layout->sample == CPAC_SAMPLE_U8;
  guint least = bytes ? 8 : 9;
  guint most = bytes ? 8 : 16;

  if (info->bit_depth == 0 || (info->bit_depth >= least && info->bit_depth <= most))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "bit depth %u of %s, expected %s (or 0, from the format)", info->bit_depth,
               layout->name, bytes ? "8" : "9 to 16");
  return FALSE;
}

static gboolean
check_info (const CpacFrameInfo *info, GError **error)
{
  return check_enum ("pixel format", info->format, CPAC_N_PIXEL_FORMATS, error) &&
         check_enum ("color matrix", info->matrix, CPAC_MATRIX_BT2020 + 1, error) &&
         check_enum ("color range", info->range, CPAC_RANGE_VIDEO + 1, error) &&
         check_size ("frame", info->width, info->height, CPAC_FRAME_MAX_SIDE, CPAC_ERROR_SHAPE,
                     error) &&
         check_bit_depth (info, error);
}

static gboolean
inside (guint start, guint length, guint size)
{
  return length >= 1 && length <= size && start <= size - length;
}

static gboolean
check_region (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *region,
              CpacRect *area, GError **error)
{
  gboolean whole = region == NULL || region->width == 0;

  *area = whole ? (CpacRect){ 0, 0, info->width, info->height } : *region;
  if (!inside (area->x, area->width, info->width) ||
      !inside (area->y, area->height, info->height)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "region %u,%u,%u,%u (x,y,width,height) is not inside the %ux%u frame", area->x,
                 area->y, area->width, area->height, info->width, info->height);
    return FALSE;
  }
  if (area->width < spec->min_width || area->height < spec->min_height) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s is %ux%u pixels, the network takes no less than %ux%u",
                 whole ? "frame" : "region", area->width, area->height, spec->min_width,
                 spec->min_height);
    return FALSE;
  }
  return TRUE;
}

gboolean
cpac_frame_check (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *region,
                  CpacRect *area, GError **error)
{
  return check_spec (spec, error) && check_info (info, error) &&
         check_region (spec, info, region, area, error);
}
