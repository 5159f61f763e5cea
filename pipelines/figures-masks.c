/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "pipelines/figures-private.h"
#include "pipelines/frames.h"

#define SMALL_REGION_PIXELS 4

typedef struct {
  guint8 *pixels; /* (height, width), 1 = defect; NULL where there is no mask */
  guint width, height;
  gsize n_defect;
} Mask;

static void
mask_clear (Mask *mask)
{
  g_free (mask->pixels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mask, mask_clear)

static gboolean
mask_read (Mask *mask, const CpacSample *sample, GError **error)
{
  if (sample->mask == NULL)
    return TRUE;
  mask->pixels = cpac_frames_read_gray (sample->mask, &mask->width, &mask->height, error);
  if (mask->pixels == NULL)
    return FALSE;
  for (gsize i = 0; i < (gsize) mask->width * mask->height; i++) {
    mask->pixels[i] = mask->pixels[i] > 127;
    mask->n_defect += mask->pixels[i];
  }
  return TRUE;
}

/* The area of one defect in pixels of its picture, and its pixels where there is a map. */
static gboolean
measure_defect (Figures *figures, CpacPixelMetrics *pixels, const ScoredPicture *picture, guint i,
                GError **error)
{
  g_auto (Mask) mask = { 0 };

  if (!mask_read (&mask, picture->sample, error))
    return FALSE;
  if (mask.n_defect == 0) {
    figures->n_without_mask++;
    return TRUE;
  }
  figures->areas[i] = (double) mask.n_defect * ((double) picture->width / mask.width) *
                      ((double) picture->height / mask.height);
  if (picture->map == NULL)
    return TRUE;
  figures->has_pixels = TRUE;
  cpac_pixel_metrics_add_defects (pixels, picture->map, picture->map_width, picture->map_height,
                                  mask.pixels, mask.width, mask.height, figures->groups[i]);
  return TRUE;
}

/* Of a good picture every pixel, of one with a mask those outside it, of other defects none. */
static gboolean
add_good_pixels (const Figures *figures, CpacPixelMetrics *pixels, const ScoredPicture *picture,
                 guint i, GError **error)
{
  g_auto (Mask) mask = { .width = picture->width, .height = picture->height };

  if (picture->map == NULL || (figures->samples[i].defect && isnan (figures->areas[i])))
    return TRUE;
  if (figures->samples[i].defect && !mask_read (&mask, picture->sample, error))
    return FALSE;
  cpac_pixel_metrics_add_good (pixels, picture->map, picture->map_width, picture->map_height,
                               mask.pixels, mask.width, mask.height, figures->groups[i]);
  return TRUE;
}

/* Masks are read twice: all of them at once could be more than the memory holds. */
gboolean
figures_measure_masks (Figures *figures, const GArray *pictures, guint n_draws, guint64 seed,
                       GError **error)
{
  g_autoptr (CpacPixelMetrics) pixels = cpac_pixel_metrics_new ();
  const CpacInterval none = { NAN, NAN, NAN };

  figures->pixels = (CpacPixelIntervals){ none, none, none };
  figures->aupro_small = NAN;
  figures->areas = g_new (double, (gsize) figures->n + 1);
  for (guint i = 0; i < figures->n; i++) {
    figures->areas[i] = NAN;
    if (figures->samples[i].defect &&
        !measure_defect (figures, pixels, figures_picture (pictures, i), i, error))
      return FALSE;
  }
  if (!figures->has_pixels)
    return TRUE;
  for (guint i = 0; i < figures->n; i++)
    if (!add_good_pixels (figures, pixels, figures_picture (pictures, i), i, error))
      return FALSE;
  cpac_pixel_metrics_bootstrap (pixels, FIGURES_AUPRO_LIMIT, n_draws, seed, &figures->pixels);
  figures->aupro_small =
      cpac_pixel_metrics_aupro_small (pixels, FIGURES_AUPRO_LIMIT, SMALL_REGION_PIXELS);
  figures->n_regions = cpac_pixel_metrics_get_n_regions (pixels);
  return TRUE;
}
