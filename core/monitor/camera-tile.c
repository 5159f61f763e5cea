/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/camera-tile.h"

#include <string.h>

/* Forced, so that constants make a copy each and the loops around them vectorise. */
#define ALWAYS_INLINE static inline __attribute__ ((always_inline))

/* ---- Reading ---- */

static void
load_u8 (const guint8 *row, gsize n, guint16 *restrict gray)
{
  for (gsize i = 0; i < n; i++)
    gray[i] = row[i];
}

ALWAYS_INLINE void
load_u16 (gboolean is_be, guint16 max, guint shift, const guint8 *row, gsize n,
          guint16 *restrict gray)
{
  for (gsize i = 0; i < n; i++) {
    guint16 value = is_be ? (guint16) (row[2 * i] << 8 | row[2 * i + 1])
                          : (guint16) (row[2 * i] | row[2 * i + 1] << 8);

    gray[i] = (guint16) (MIN (value, max) >> shift);
  }
}

/* Bytes of a pixel in the order of memory, from the lowest bits on, whatever the machine's. */
static void
gather_rgb (gsize step, const guint8 *row, gsize n, guint32 *restrict pixels)
{
  /* The last pixel may be the last of the memory. */
  for (gsize i = 0; i + 1 < n; i++)
    memcpy (&pixels[i], row + step * i, 4);
  pixels[n - 1] = 0;
  memcpy (&pixels[n - 1], row + step * (n - 1), 3);
  for (gsize i = 0; i < n; i++)
    pixels[i] = GUINT32_FROM_LE (pixels[i]);
}

/* Red and blue count alike, so their order does not matter. */
static void
mix_rgb (const guint32 *restrict pixels, gsize n, guint16 *restrict gray, guint16 *restrict largest)
{
  for (gsize i = 0; i < n; i++) {
    gint32 red = pixels[i] & 255, green = pixels[i] >> 8 & 255, blue = pixels[i] >> 16 & 255;
    gint32 both = MAX (red, green);

    gray[i] = (guint16) ((red + 2 * green + blue + 2) >> 2);
    largest[i] = (guint16) MAX (both, blue);
  }
}

static void
load_rgb (const CpacPixelLayout *layout, const guint8 *row, gsize n, guint16 *gray,
          guint16 *largest)
{
  guint32 pixels[CPAC_CAMERA_ROW];

  gather_rgb (layout->components[0].step, row, n, pixels);
  mix_rgb (pixels, n, gray, largest);
}

void
cpac_camera_tile_load (CpacCameraTile *tile, const CpacPixelLayout *layout, guint n_bits,
                       const guint8 *pixels, gssize stride)
{
  gsize n = tile->width + 2;
  guint shift = n_bits - MIN (n_bits, CPAC_CAMERA_BITS);
  guint16 max = (guint16) ((1u << n_bits) - 1);

  for (guint y = 0; y < tile->height + 2; y++, pixels += stride) {
    if (layout->family == CPAC_FAMILY_RGB)
      load_rgb (layout, pixels, n, tile->gray[y], tile->largest[y]);
    else if (layout->sample == CPAC_SAMPLE_U8)
      load_u8 (pixels, n, tile->gray[y]);
    else if (layout->sample == CPAC_SAMPLE_U16_LE)
      load_u16 (FALSE, max, shift, pixels, n, tile->gray[y]);
    else
      load_u16 (TRUE, max, shift, pixels, n, tile->gray[y]);
  }
  tile->peaks = layout->family == CPAC_FAMILY_RGB ? tile->largest : tile->gray;
}

/* ---- Adding ---- */

/* 128 pixels of 10 bits: the sum of squared Laplacians is at most 128 x 4092^2, below 2^31. */
ALWAYS_INLINE void
add (const CpacCameraTile *tile, gsize width, gint16 low, gint16 high, CpacCameraSums *sums)
{
  guint32 sum = 0, squares = 0, laplacian = 0, n_ends = 0;

  for (guint y = 1; y <= tile->height; y++) {
    const guint16 *above = tile->gray[y - 1], *row = tile->gray[y], *below = tile->gray[y + 1];
    const guint16 *peaks = tile->peaks[y];

    for (gsize x = 1; x <= width; x++) {
      gint16 p = (gint16) row[x], peak = (gint16) peaks[x];
      gint16 l = (gint16) (4 * p - row[x - 1] - row[x + 1] - above[x] - below[x]);

      sum += (guint32) p;
      squares += (guint32) (p * p);
      laplacian += (guint32) (l * l);
      n_ends += (peak <= low) | (peak >= high);
    }
  }
  sums->n += width * tile->height;
  sums->sum += sum;
  sums->squares += squares;
  sums->laplacian += laplacian;
  sums->n_ends += n_ends;
}

void
cpac_camera_tile_add (const CpacCameraTile *tile, gint16 low, gint16 high, CpacCameraSums *sums)
{
  if (tile->width == CPAC_CAMERA_TILE_WIDTH)
    add (tile, CPAC_CAMERA_TILE_WIDTH, low, high, sums);
  else
    add (tile, tile->width, low, high, sums);
}
