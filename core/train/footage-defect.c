/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage-private.h"

/* Every shape works in its own axes: s along @cos, @sin, t across, Q8 pixels from its centre. */
typedef struct {
  gint32 s, t;
} Local;

static Local
to_local (const FootageDefect *defect, gint32 u, gint32 v)
{
  const gint64 du = u - defect->u, dv = v - defect->v;

  return (Local){ (gint32) ((du * defect->cos + dv * defect->sin) >> 14),
                  (gint32) ((dv * defect->cos - du * defect->sin) >> 14) };
}

/* Distance from the centre as a share of the ellipse's radius in that direction, Q8: below 256 is
 * inside. @breadth is its diameter along t. The outline is ragged inwards, by up to @rough / 256 at
 * 2^k pixels. */
static gint32
ellipse (const FootageDefect *defect, Local at, gint32 breadth, gint32 rough, guint k)
{
  const gint32 along = at.s * 512 / defect->size, across = at.t * 512 / breadth;
  const gint32 noise = footage_noise (defect->seed, at.s, at.t, k) + 32768;

  return footage_length (along, across) * (256 + ((noise * rough) >> 16)) >> 8;
}

/* The middle of the line lies on a parabola through both ends; the line keeps its full depth over
 * most of its length and is uneven along it. */
static gint32
scratch (const FootageDefect *defect, Local at)
{
  const gint32 share = at.s * 512 / defect->size; /* -256 and 256 at the ends */
  const gint32 ending = 256 - ABS (share);
  const gint32 middle = (defect->bend * (256 - ((share * share) >> 8))) >> 8;
  const gint32 slope = -4 * defect->bend * share / defect->size; /* Q8 */
  const gint32 distance = ABS (at.t - middle) * 256 / footage_length (256, slope);
  const gint32 covered = CLAMP (defect->breadth / 2 + 128 - distance, 0, 256);
  const gint32 uneven = 218 + (footage_noise (defect->seed, at.s, 0, 3) >> 10);

  if (ending <= 0)
    return 0;
  return (((defect->contrast * covered) >> 8) * uneven >> 8) * MIN (ending * 6, 256) >> 8;
}

/* A flat bottom, walls, and a rim whose side away from the lamp (upper left) is lit. */
static gint32
pit (const FootageDefect *defect, gint32 u, gint32 v, Local at)
{
  const gint32 radius = ellipse (defect, at, defect->breadth, 40, 1);
  const gint32 bottom = CLAMP ((200 - radius) * 4, 0, 256);
  const gint32 rim = CLAMP (128 - ABS (radius - 192) * 2, 0, 128);
  const gint32 side = (u - defect->u + v - defect->v) * 256 / defect->size;

  return ((defect->contrast * bottom) >> 8) - ((((defect->contrast * rim) >> 8) * side) >> 8);
}

/* Dried liquid: even inside, soft at the border, a little stronger just within it. */
static gint32
stain (const FootageDefect *defect, Local at)
{
  const gint32 radius = ellipse (defect, at, defect->breadth, 70, 3);
  const gint32 inside = footage_smooth (CLAMP ((256 - radius) * 3, 0, 256));
  const gint32 edge = CLAMP (64 - ABS (radius - 190), 0, 64);
  const gint32 blotch = footage_noise (defect->seed + 1, at.s, at.t, 3) >> 11;

  return (defect->contrast * inside >> 8) * (200 + edge / 2 + blotch) >> 8;
}

/* Broken metal between what is gone and what is left. */
static gint32
chip (const FootageDefect *defect, Local at, gint32 plate, gint32 belt)
{
  const gint32 radius = ellipse (defect, at, 2 * defect->breadth, 150, 2);
  const gint32 gone = CLAMP ((190 - radius) * 6, 0, 256);
  const gint32 broken = CLAMP ((256 - radius) * 8, 0, 256);
  const gint32 grain = footage_noise (defect->seed + 1, at.s, at.t, 1) >> 4;
  const gint32 face = footage_lerp (plate, plate * 5 / 8 + grain, broken);

  return footage_lerp (face, belt * 3 / 4, gone);
}

gint32
footage_defect_albedo (const FootageDefect *defect, gint32 u, gint32 v, gint32 plate, gint32 belt)
{
  const Local at = to_local (defect, u, v);

  switch (defect->type) {
    case CPAC_DEFECT_SCRATCH:
      return plate + scratch (defect, at);
    case CPAC_DEFECT_PIT:
      return plate + pit (defect, u, v, at);
    case CPAC_DEFECT_STAIN:
      return plate + stain (defect, at);
    case CPAC_DEFECT_CHIP:
      return chip (defect, at, plate, belt);
  }
  g_assert_not_reached ();
}
