/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage-private.h"

/* Gray levels (Q8) to noise of +-32768: the amplitude is that of the lattice values. */
static inline gint32
scaled (gint32 noise, gint32 gray)
{
  return (noise * gray) >> 7;
}

/* The rolling mill leaves fine hairlines, broader bands, and a slow change across the sheet. The
 * sheen is where the camera sees the lamp mirrored: an upright band, as streaks run along x. */
static gint32
metal (const FootagePart *part, gint32 u, gint32 v)
{
  const guint32 seed = part->texture;
  const gint32 hairline = footage_streak (seed, u, v, 6, 0);
  const gint32 fine = footage_streak (seed + 1, u, v, 4, 0);
  const gint32 band = footage_streak (seed + 2, u, v, 7, 2);
  const gint32 slow = footage_noise (seed + 3, u, v, 6);

  return scaled (hairline, 24) + scaled (fine, 10) + scaled (band, 10) + scaled (slow, 9);
}

/* Each scale has its lattice turned by another angle, lest the grid show. Q14 cosine and sine. */
static const gint32 lattice_turns[][2] = { { 13107, 9830 }, { 6301, 15124 }, { 15458, -5430 } };

/* Height differences towards the lamp at the upper left shade the relief. */
static gint32
relief (guint32 seed, gint32 u, gint32 v, guint k, const gint32 *turn)
{
  const gint32 s = (gint32) (((gint64) u * turn[0] + (gint64) v * turn[1]) >> 14);
  const gint32 t = (gint32) (((gint64) v * turn[0] - (gint64) u * turn[1]) >> 14);
  const gint32 step_s = (turn[0] + turn[1]) * (1 << k) >> 7;
  const gint32 step_t = (turn[0] - turn[1]) * (1 << k) >> 7;

  return footage_noise (seed, s, t, k) - footage_noise (seed, s - step_s, t - step_t, k);
}

/* At most one pore in a cell of 8 pixels, up to 2.5 pixels across. */
static gint32
pore (guint32 seed, gint32 u, gint32 v)
{
  const guint32 h = footage_hash (seed, (guint32) (u >> 11), (guint32) (v >> 11));
  const gint32 du = (u & 2047) - 512 - (gint32) (h & 1023);
  const gint32 dv = (v & 2047) - 512 - (gint32) ((h >> 10) & 1023);
  const gint32 radius = 128 + (gint32) ((h >> 20) & 255);
  gint32 distance;

  if ((h >> 28) > 4 || ABS (du) > 512 || ABS (dv) > 512)
    return 0;
  distance = footage_length (du, dv);
  return -28 * CLAMP (radius - distance + 64, 0, 256);
}

static gint32
cast (const FootagePart *part, gint32 u, gint32 v)
{
  const guint32 seed = part->texture;

  return scaled (relief (seed, u, v, 1, lattice_turns[0]), 11) +
         scaled (relief (seed + 1, u, v, 2, lattice_turns[1]), 11) +
         scaled (relief (seed + 2, u, v, 4, lattice_turns[2]), 8) +
         scaled (footage_noise (seed + 3, u, v, 5), 8) + pore (seed + 4, u, v);
}

/* A thread system: where (u, v) lies across its thread, and which thread that is. */
typedef struct {
  gint32 number;
  gint32 round; /* height of the thread's round: 0 in the gap, 16384 in the middle */
} Thread;

static Thread
thread_at (guint32 seed, gint32 across, gint32 along, gint32 period)
{
  const gint32 waver = footage_noise (seed, across, along, 5) >> 8;
  const gint64 turns = (gint64) (across + waver) * 65536 / period;

  return (Thread){ (gint32) (turns >> 16), footage_sin ((gint32) (turns & 65535) >> 1) };
}

/* Plain weave: at every other crossing the warp lies on top, between them the weft. A thread is
 * brightest where it is highest; its tone is its own. */
static gint32
woven (const FootagePart *part, gint32 u, gint32 v)
{
  const guint32 seed = part->texture;
  const Thread warp = thread_at (seed, u, v, part->period[0]);
  const Thread weft = thread_at (seed + 1, v, u, part->period[1]);
  const gint32 lift = ((warp.number + weft.number) & 1) ? 1 : -1;
  const gint32 warp_height = warp.round + lift * weft.round / 2;
  const gint32 weft_height = weft.round - lift * warp.round / 2;
  const gboolean over = warp_height > weft_height;
  const gint32 tone = over ? footage_lattice (seed + 2, warp.number, v >> 15)
                           : footage_lattice (seed + 3, u >> 15, weft.number);

  return ((MAX (warp_height, weft_height) - 15000) * 48 >> 6) + (over ? 512 : -512) +
         scaled (tone, 8) + scaled (footage_noise (seed + 4, u, v, 0), 6) +
         scaled (footage_noise (seed + 5, u, v, 5), 5);
}

gint32
footage_surface_albedo (CpacFootageSurface surface, const FootagePart *part, gint32 u, gint32 v)
{
  gint32 texture = 0;

  switch (surface) {
    case CPAC_SURFACE_METAL:
      texture = metal (part, u, v);
      break;
    case CPAC_SURFACE_CAST:
      texture = cast (part, u, v);
      break;
    case CPAC_SURFACE_WOVEN:
      texture = woven (part, u, v);
      break;
  }
  texture = (texture * part->strength) >> 8;
  return CLAMP (part->base + texture, FOOTAGE_PLATE_MIN, FOOTAGE_PLATE_MAX);
}

/* Dark rubber. */
gint32
footage_belt_albedo (guint32 seed, gint32 x, gint32 y)
{
  const gint32 albedo = FOOTAGE_BELT_GRAY + scaled (footage_noise (seed, x, y, 0), 6) +
                        scaled (footage_noise (seed + 1, x, y, 2), 5);

  return CLAMP (albedo, FOOTAGE_BELT_MIN, FOOTAGE_BELT_MAX);
}

/* Gray levels that plates of a surface have on average. */
static const gint32 base_gray[CPAC_N_SURFACES] = {
  [CPAC_SURFACE_METAL] = 126,
  [CPAC_SURFACE_CAST] = 112,
  [CPAC_SURFACE_WOVEN] = 116,
};

void
footage_part_init (FootagePart *part, const CpacFootage *footage, guint index)
{
  FootageDraw draw = footage_draw_init (footage->spec.seed, FOOTAGE_STREAM_PART, index);

  part->texture = (guint32) footage_key (footage->spec.seed, FOOTAGE_STREAM_TEXTURE, index);
  part->base = base_gray[footage->spec.surface] * 256 + footage_draw (&draw, -5 * 256, 5 * 256);
  for (guint i = 0; i < 2; i++)
    part->period[i] = footage_draw (&draw, 7 * 256, 8 * 256);
  part->strength = 256 + ((gint32) (footage->spec.surface_drift * 256) *
                              footage_drift_at (&footage->spec, index) >>
                          14);
  part->n_defects = 0;
  if (footage->defective[index])
    footage_defects_place (part, footage, index);
}
