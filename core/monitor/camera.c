/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/camera.h"

#include <math.h>

#include "core/frame/color.h"
#include "core/monitor/camera-tile.h"

/* Where black and white lie among the samples of tiles. */
typedef struct {
  guint black, white;
} Range;

static Range
get_range (const CpacFrameInfo *info)
{
  guint n_bits = MIN (cpac_color_bit_depth (info), CPAC_CAMERA_BITS);
  gboolean is_rgb = cpac_pixel_format_get_layout (info->format)->family == CPAC_FAMILY_RGB;

  if (info->range == CPAC_RANGE_VIDEO && !is_rgb)
    return (Range){ 16u << (n_bits - 8), 235u << (n_bits - 8) };
  return (Range){ 0, (1u << n_bits) - 1 };
}

static CpacRect
clip (const CpacFrameInfo *info, const CpacRect *region)
{
  CpacRect clipped = { 0, 0, info->width, info->height };

  if (region == NULL || region->width == 0)
    return clipped;
  clipped.x = MIN (region->x, info->width);
  clipped.y = MIN (region->y, info->height);
  clipped.width = MIN (region->width, info->width - clipped.x);
  clipped.height = MIN (region->height, info->height - clipped.y);
  return clipped;
}

/* Tile @i of @n along an axis of @length pixels begins here, one pixel left for its neighbour. */
static guint
place (guint i, guint n, guint length, guint size)
{
  guint room = length - 2 - size;

  return n > 1 ? room * i / (n - 1) : room / 2;
}

static void
add_tiles (const CpacFrame *frame, const CpacRect *area, Range range, CpacCameraSums *sums)
{
  const CpacPixelLayout *layout = cpac_pixel_format_get_layout (frame->info->format);
  gssize step = layout->sample == CPAC_SAMPLE_U8 ? layout->components[0].step : 2;
  guint n_bits = cpac_color_bit_depth (frame->info), margin = (range.white - range.black) / 100;
  gint16 low = (gint16) (range.black + margin), high = (gint16) (range.white - margin);
  CpacCameraTile tile;
  guint n_x, n_y;

  tile.width = MIN (area->width - 2, CPAC_CAMERA_TILE_WIDTH);
  tile.height = MIN (area->height - 2, CPAC_CAMERA_TILE_HEIGHT);
  n_x = MIN ((area->width - 2) / tile.width, CPAC_CAMERA_TILES);
  n_y = MIN ((area->height - 2) / tile.height, CPAC_CAMERA_TILES);
  for (guint j = 0; j < n_y; j++)
    for (guint i = 0; i < n_x; i++) {
      /* Every tile sees rows and columns of its own, lest stripes be seen twice or not at all. */
      gssize x = area->x + place (i * n_y + j, n_x * n_y, area->width, tile.width);
      gssize y = area->y + place (j * n_x + i, n_x * n_y, area->height, tile.height);

      cpac_camera_tile_load (&tile, layout, n_bits,
                             frame->planes[0] + y * frame->strides[0] + x * step,
                             frame->strides[0]);
      cpac_camera_tile_add (&tile, low, high, sums);
    }
}

gboolean
cpac_camera_measure (const CpacFrame *frame, const CpacRect *region,
                     double measures[CPAC_N_CAMERA_MEASURES])
{
  CpacRect area = clip (frame->info, region);
  Range range = get_range (frame->info);
  double unit = 255.0 / (range.white - range.black);
  CpacCameraSums sums = { 0 };
  double n, mean, variance;

  if (area.width < 3 || area.height < 3)
    return FALSE;
  add_tiles (frame, &area, range, &sums);
  n = (double) sums.n;
  mean = (double) sums.sum / n;
  /* n^2 times the variance, exactly. */
  variance = (double) (sums.n * sums.squares - sums.sum * sums.sum) / (n * n);
  measures[CPAC_CAMERA_BRIGHTNESS] = (mean - range.black) * unit;
  measures[CPAC_CAMERA_CONTRAST] = sqrt (variance) * unit;
  measures[CPAC_CAMERA_SHARPNESS] = sqrt ((double) sums.laplacian / n) * unit;
  measures[CPAC_CAMERA_SATURATION] = (double) sums.n_ends / n;
  return TRUE;
}
