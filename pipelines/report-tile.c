/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/report-tile.h"

#include "core/score/map-resize.h"
#include "pipelines/frames.h"

void
report_tile_fit (guint width, guint height, guint box_width, guint box_height, guint *fit_width,
                 guint *fit_height)
{
  guint64 by_height = (guint64) width * box_height / height;
  guint64 by_width = (guint64) height * box_width / width;

  *fit_width = (guint) CLAMP (by_height, 1, box_width);
  *fit_height = (guint) CLAMP (by_width, 1, box_height);
}

/* Whatever the format, by the way every picture takes to a network. */
static gboolean
scale_frame (ReportTile *tile, const CpacFrame *frame, GError **error)
{
  const CpacInputSpec spec = {
    .width = tile->width,
    .height = tile->height,
    .channels = 3,
    .scale = { 1, 1, 1 },
    .resize = CPAC_RESIZE_AREA,
    .min_width = 1,
    .min_height = 1,
  };
  gsize n = (gsize) tile->width * tile->height;
  g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (&spec, frame->info, NULL, error);
  g_autofree float *planes = g_new (float, 3 * n);

  if (plan == NULL)
    return FALSE;
  cpac_frame_plan_run (plan, frame, planes);
  tile->picture = g_malloc (3 * n);
  for (gsize i = 0; i < n; i++)
    for (guint c = 0; c < 3; c++)
      tile->picture[3 * i + c] = (guint8) (planes[c * n + i] + 0.5f);
  return TRUE;
}

static gboolean
load_picture (ReportTile *tile, const CpacManifest *manifest, const CpacSample *sample,
              GError **error)
{
  g_autoptr (CpacFrameSource) source = NULL;
  CpacFrameMark mark;
  CpacFrame frame;

  if (cpac_manifest_get_kind (manifest) == CPAC_MANIFEST_IDX) {
    cpac_manifest_get_idx_frame (manifest, (guint) sample->frame, &frame);
    return scale_frame (tile, &frame, error);
  }
  source = cpac_frames_open (sample->path, NULL, error);
  return source != NULL &&
         cpac_frame_source_next (source, &frame, &mark, error) == CPAC_FRAME_NEXT &&
         scale_frame (tile, &frame, error);
}

static void
scale_map (ReportTile *tile, const ScoredPicture *picture, double threshold)
{
  g_auto (CpacMapResize) resize = { 0 };
  g_autofree float *row = g_new (float, tile->width);
  double scale = 255 / (picture->map_max - picture->map_min);

  tile->heat = g_malloc ((gsize) tile->width * tile->height);
  tile->called = g_malloc ((gsize) tile->width * tile->height);
  cpac_map_resize_init (&resize, picture->map_width, picture->map_height, tile->width,
                        tile->height);
  for (guint y = 0; y < tile->height; y++) {
    cpac_map_resize_row (&resize, picture->map, y, row);
    for (guint x = 0; x < tile->width; x++) {
      gsize i = (gsize) y * tile->width + x;
      double level = (row[x] - picture->map_min) * scale;

      tile->heat[i] = (guint8) (CLAMP (level, 0, 255) + 0.5);
      tile->called[i] = row[x] > threshold;
    }
  }
}

/* The first and the end of the @n_in pixels that output pixel @i of @n_out touches. */
static void
find_span (guint i, guint n_in, guint n_out, guint *start, guint *end)
{
  *start = (guint) ((guint64) i * n_in / n_out);
  *end = (guint) (((guint64) (i + 1) * n_in + n_out - 1) / n_out);
}

/* A pixel is defect where any of those under it is: a small defect must not get lost. */
static gboolean
load_mask (ReportTile *tile, const char *path, GError **error)
{
  guint width, height, left, right, top, bottom;
  g_autofree guint8 *mask = cpac_frames_read_gray (path, &width, &height, error);

  if (mask == NULL)
    return FALSE;
  tile->mask = g_malloc0 ((gsize) tile->width * tile->height);
  for (guint y = 0; y < tile->height; y++) {
    find_span (y, height, tile->height, &top, &bottom);
    for (guint x = 0; x < tile->width; x++) {
      guint8 *out = &tile->mask[(gsize) y * tile->width + x];

      find_span (x, width, tile->width, &left, &right);
      for (guint v = top; v < bottom; v++)
        for (guint u = left; u < right; u++)
          *out |= mask[(gsize) v * width + u] > 127;
    }
  }
  return TRUE;
}

gboolean
report_tile_load (ReportTile *tile, const Report *report, guint index, guint box_width,
                  guint box_height, GError **error)
{
  const ScoredPicture *picture = &g_array_index (report->pictures, ScoredPicture, index);

  *tile = (ReportTile){ 0 };
  report_tile_fit (picture->width, picture->height, box_width, box_height, &tile->width,
                   &tile->height);
  if (!load_picture (tile, report->manifest, picture->sample, error))
    return FALSE;
  if (picture->map != NULL)
    scale_map (tile, picture, report->head->threshold);
  return picture->sample->mask == NULL || load_mask (tile, picture->sample->mask, error);
}

void
report_tile_clear (ReportTile *tile)
{
  g_free (tile->picture);
  g_free (tile->heat);
  g_free (tile->called);
  g_free (tile->mask);
}

gboolean
report_is_outline (const guint8 *region, guint width, guint height, guint x, guint y)
{
  guint left = x > 0 ? x - 1 : 0, right = MIN (x + 2, width);
  guint top = y > 0 ? y - 1 : 0, bottom = MIN (y + 2, height);

  if (region[(gsize) y * width + x])
    return FALSE;
  for (guint v = top; v < bottom; v++)
    for (guint u = left; u < right; u++)
      if (region[(gsize) v * width + u])
        return TRUE;
  return FALSE;
}
