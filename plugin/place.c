/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/place.h"

/* @position of @size, in pixels of an axis that is @out_size long; rounded, not beyond it. */
static guint
scale_position (guint64 position, guint size, guint out_size)
{
  return (guint) MIN ((position * out_size + size / 2) / size, out_size);
}

CpacRect
gst_cpac_place_region (const CpacInspection *inspection, guint width, guint height)
{
  const CpacRect *region = &inspection->region;
  guint64 right = (guint64) region->x + region->width,
          bottom = (guint64) region->y + region->height;
  CpacRect place;

  if (inspection->width == 0 || inspection->height == 0)
    return (CpacRect){ 0, 0, width, height };
  place.x = MIN (scale_position (region->x, inspection->width, width), width - 1);
  place.y = MIN (scale_position (region->y, inspection->height, height), height - 1);
  place.width = MAX (scale_position (right, inspection->width, width), place.x + 1) - place.x;
  place.height = MAX (scale_position (bottom, inspection->height, height), place.y + 1) - place.y;
  return place;
}
