/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Between the footage files only. Plate coordinates (u, v) are Q8 pixels from the plate's centre;
 * albedo, the gray level before light and noise, is Q8. */

#include "core/train/footage.h"
#include "core/train/footage-noise.h"

/* Albedo of plate and belt is held within these gray levels. Without lamp drift the light lies
 * between 0.68 (0.875 of gain times 1 - 0.125 - 0.1 of gradient and vignette) and 1.38, the noise
 * within 14 levels: a good plate is never clipped, and at least 7 levels are left for a bright
 * defect. */
#define FOOTAGE_PLATE_MIN (64 * 256)
#define FOOTAGE_PLATE_MAX (170 * 256)
#define FOOTAGE_BELT_MIN (16 * 256)
#define FOOTAGE_BELT_MAX (40 * 256)
#define FOOTAGE_BELT_GRAY (28 * 256) /* on average */

typedef struct {
  gint32 half_width, half_height; /* Q8 */
  gint32 radius;                  /* of the corners, Q8 */
} FootagePlate;

/* Where a plate lies in the frame: u = cos dx + sin dy, v = -sin dx + cos dy. */
typedef struct {
  gint32 x, y;     /* its centre, Q8 */
  gint32 cos, sin; /* Q16 */
} FootagePose;

typedef struct {
  CpacDefectType type;
  gint32 u, v;          /* centre */
  gint32 size, breadth; /* Q8, see CpacFootageDefect */
  gint32 contrast;      /* Q8 */
  gint32 cos, sin;      /* of its own axes, Q14 */
  gint32 bend;          /* how far a scratch's middle is off its chord, Q8 */
  gint32 reach;         /* changes nothing beyond |du| or |dv| = reach, Q8 */
  guint32 seed;
} FootageDefect;

typedef struct {
  guint32 texture;  /* seed */
  gint32 base;      /* albedo */
  gint32 period[2]; /* of the threads along u and v, Q8 */
  gint32 strength;  /* of the texture, Q8 */
  guint n_defects;
  FootageDefect defects[CPAC_FOOTAGE_MAX_DEFECTS];
} FootagePart;

struct _CpacFootage {
  CpacFootageSpec spec;
  guint n_frames;
  FootagePlate plate;
  gint32 jitter; /* Q8 pixels */
  guint size_min[CPAC_N_DEFECTS], size_max[CPAC_N_DEFECTS];
  guint8 *defective; /* (n_parts) */
};

/* footage.c */
/* How far the drifts have gone at @part: 0 up to drift_start, 16384 at the last part. */
gint32 footage_drift_at (const CpacFootageSpec *spec, guint part);

/* footage-surface.c */
gint32
footage_surface_albedo (CpacFootageSurface surface, const FootagePart *part, gint32 u, gint32 v);
gint32 footage_belt_albedo (guint32 seed, gint32 x, gint32 y);
/* Everything about part @index, its defects included. */
void footage_part_init (FootagePart *part, const CpacFootage *footage, guint index);

/* footage-place.c */
/* Distance to the plate's border, Q8 pixels, negative inside. */
gint32 footage_plate_distance (const FootagePlate *plate, gint32 u, gint32 v);
/* What a spec may ask for as a defect's size, and what it gets by default; pixels. */
void footage_size_limits (const FootagePlate *plate, CpacDefectType type, guint *min, guint *max);
void footage_size_default (const FootagePlate *plate, CpacDefectType type, guint *min, guint *max);
void footage_defects_place (FootagePart *part, const CpacFootage *footage, guint index);

/* footage-defect.c */
/* Albedo at (u, v), where the plate without defects has @plate and the belt below it @belt. */
gint32
footage_defect_albedo (const FootageDefect *defect, gint32 u, gint32 v, gint32 plate, gint32 belt);
