/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Integer noise for the footage generator. Fixed point throughout: "Q8" is a value times 256. A
 * negative number shifted right rounds down, as every compiler that builds GLib does it. */

#include <math.h>

#include <glib.h>

/* What may be drawn at random has a number of its own, so that no two draws are related. */
typedef enum {
  FOOTAGE_STREAM_PARTS,   /* which parts are defective */
  FOOTAGE_STREAM_PART,    /* a part's own properties */
  FOOTAGE_STREAM_DEFECTS, /* a part's defects */
  FOOTAGE_STREAM_POSE,
  FOOTAGE_STREAM_TEXTURE,
  FOOTAGE_STREAM_BELT,
  FOOTAGE_STREAM_LIGHT,
  FOOTAGE_STREAM_SENSOR,
} FootageStream;

/* The finaliser of SplitMix64. */
static inline guint64
footage_mix (guint64 z)
{
  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static inline guint64
footage_key (guint64 seed, FootageStream stream, guint64 index)
{
  const guint64 step = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return footage_mix (footage_mix (footage_mix (seed + step) + stream * step) + index * step);
}

/* A sequence of draws, each from a counter. */
typedef struct {
  guint64 key;
  guint64 n;
} FootageDraw;

static inline FootageDraw
footage_draw_init (guint64 seed, FootageStream stream, guint64 index)
{
  return (FootageDraw){ footage_key (seed, stream, index), 0 };
}

static inline guint32
footage_draw_u32 (FootageDraw *draw)
{
  return footage_mix (draw->key + ++draw->n * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 32;
}

/* Uniform in [min, max], both included. */
static inline gint32
footage_draw (FootageDraw *draw, gint32 min, gint32 max)
{
  guint64 span = (guint64) ((gint64) max - min) + 1;

  return (gint32) (min + (gint64) ((footage_draw_u32 (draw) * span) >> 32));
}

/* 32 bits for a point of a lattice; the finaliser of MurmurHash3. */
static inline guint32
footage_hash (guint32 seed, guint32 x, guint32 y)
{
  guint32 h = seed + x * 0x9e3779b1u + y * 0x7feb352du;

  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

/* Lattice value in -32768..32767. */
static inline gint32
footage_lattice (guint32 seed, gint32 x, gint32 y)
{
  return (gint32) (footage_hash (seed, (guint32) x, (guint32) y) >> 16) - 32768;
}

/* 3 t^2 - 2 t^3, t and result Q8 in 0..256. */
static inline gint32
footage_smooth (gint32 t)
{
  return (t * t * (768 - 2 * t)) >> 16;
}

static inline gint32
footage_lerp (gint32 a, gint32 b, gint32 t)
{
  return a + (((b - a) * t) >> 8);
}

/* Value noise in -32768..32767 at (u, v) Q8 on a lattice of 2^k pixels. */
static inline gint32
footage_noise (guint32 seed, gint32 u, gint32 v, guint k)
{
  const gint32 x = u >> (8 + k), y = v >> (8 + k);
  const gint32 tx = footage_smooth ((u >> k) & 255), ty = footage_smooth ((v >> k) & 255);

  return footage_lerp (
      footage_lerp (footage_lattice (seed, x, y), footage_lattice (seed, x + 1, y), tx),
      footage_lerp (footage_lattice (seed, x, y + 1), footage_lattice (seed, x + 1, y + 1), tx),
      ty);
}

/* Noise drawn out along u: rows 2^kv pixels high, each with its own values every 2^ku pixels and
 * its own start, so that no seam runs across the rows. */
static inline gint32
footage_streak (guint32 seed, gint32 u, gint32 v, guint ku, guint kv)
{
  const gint32 y = v >> (8 + kv);
  const gint32 ty = footage_smooth ((v >> kv) & 255);
  gint32 row[2];

  for (gint32 i = 0; i < 2; i++) {
    const gint32 start = (gint32) (((guint32) (y + i) * 0x9e3779b1u) >> 12);
    const gint32 s = u + start;
    const gint32 x = s >> (8 + ku);

    row[i] = footage_lerp (footage_lattice (seed, x, y + i), footage_lattice (seed, x + 1, y + i),
                           footage_smooth ((s >> ku) & 255));
  }
  return footage_lerp (row[0], row[1], ty);
}

/* Sine of a phase (65536 is a full turn), Q14. An odd polynomial of degree 5, within 2^-12. */
static inline gint32
footage_sin (gint32 phase)
{
  gint32 t = (gint16) (guint16) phase;
  gint32 t2;

  if (t > 16384)
    t = 32768 - t;
  else if (t < -16384)
    t = -32768 - t;
  t2 = (t * t) >> 14;
  return (t * (25733 - ((t2 * (10540 - ((t2 * 1191) >> 14))) >> 14))) >> 14;
}

static inline gint32
footage_cos (gint32 phase)
{
  return footage_sin (phase + 16384);
}

/* Length of (x, y) in their unit, rounded down. Up to 2^25 the sum of squares is exact in a double,
 * fused or not, and sqrt() is correctly rounded everywhere. */
static inline gint32
footage_length (gint32 x, gint32 y)
{
  return (gint32) sqrt ((double) x * x + (double) y * y);
}
