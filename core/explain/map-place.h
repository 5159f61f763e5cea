/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"

G_BEGIN_DECLS

/**
 * CpacMapPlace:
 *
 * Where a map lies: its @map_width x @map_height cells share out the pixels of @rect in a frame of
 * @width x @height pixels evenly. All are at least 1.
 */
typedef struct {
  guint map_width, map_height;
  CpacRect rect;
  guint width, height;
} CpacMapPlace;

/* Cells to pixels of the frame; cell i reaches from @x = i to i + 1. */
static inline double
cpac_map_place_get_x (const CpacMapPlace *place, double x)
{
  return place->rect.x + x * ((double) place->rect.width / place->map_width);
}

static inline double
cpac_map_place_get_y (const CpacMapPlace *place, double y)
{
  return place->rect.y + y * ((double) place->rect.height / place->map_height);
}

G_END_DECLS
