/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/* Seeded footage of an inspection camera: plates of one surface under drifting light, some with
 * defects, each with its ground truth. 8-bit gray frames in memory, for samples, tests and training
 * on good parts that nobody had to photograph.
 *
 * Frame i depends on the spec and on i alone, so frames may be rendered in any order and by any
 * number of threads. All pixels come from integer arithmetic (and sqrt(), which IEEE 754 rounds
 * exactly): the same spec gives the same bytes on every machine, compiler and optimisation. */

typedef enum {
  CPAC_SURFACE_METAL, /* brushed: long fine streaks along x, a soft upright band of sheen */
  CPAC_SURFACE_CAST,  /* grainy relief at several scales, with pores below defect size */
  CPAC_SURFACE_WOVEN, /* plain weave of two thread systems, each thread a little different */
} CpacFootageSurface;
#define CPAC_N_SURFACES (CPAC_SURFACE_WOVEN + 1)

typedef enum {
  CPAC_FOOTAGE_STATIC,   /* every frame shows one part at the centre, its pose jittering */
  CPAC_FOOTAGE_CONVEYOR, /* parts pass along x on a belt, entering left and leaving right */
} CpacFootageView;

/* Sizes are in pixels; see CpacFootageDefect. */
typedef enum {
  CPAC_DEFECT_SCRATCH, /* thin, slightly bent line, brighter or darker, weaker towards its ends */
  CPAC_DEFECT_PIT,     /* small hole (dark) or inclusion (bright) with a rim lit from one side */
  CPAC_DEFECT_STAIN,   /* large soft blob of low contrast, with a faint drying edge */
  CPAC_DEFECT_CHIP,    /* bite out of the plate's border: a fracture face, then the belt */
} CpacDefectType;
#define CPAC_N_DEFECTS (CPAC_DEFECT_CHIP + 1)

#define CPAC_DEFECT_ALL ((1u << CPAC_N_DEFECTS) - 1)

/* A pixel belongs to a mask when the defect changed its gray level by at least this much. */
#define CPAC_FOOTAGE_VISIBLE 6
/* Most defects on one part, and in one frame (a conveyor shows at most two parts at once). */
#define CPAC_FOOTAGE_MAX_DEFECTS 4
#define CPAC_FOOTAGE_MAX_TRUTHS (2 * CPAC_FOOTAGE_MAX_DEFECTS)

/**
 * CpacFootageSpec:
 * @surface: what the plates are made of
 * @view: one part a frame, or a conveyor
 * @width, @height: of a frame, pixels, 16 to 4096
 * @seed: another seed, other parts, defects, light and noise
 * @n_parts: physical parts, 1 to 1,000,000
 * @frames_per_part: 1 to 10,000; frame i shows part i / @frames_per_part
 * @defect_rate: share of defective parts, 0 to 1; exactly round (@defect_rate * @n_parts) are
 * @defect_types: bits 1 << %CpacDefectType that may occur; chips need the border in view:
 *   @margin at least twice @jitter
 * @max_defects: a defective part has 1 to @max_defects (1 to %CPAC_FOOTAGE_MAX_DEFECTS) defects;
 *   they do not touch, so fewer where the part has no room
 * @size_min, @size_max: by %CpacDefectType, the range of #CpacFootageDefect.size in pixels; 0 and
 *   0: a range that suits the plate (cpac_footage_get_size_range() tells)
 * @contrast: factor on every defect's contrast, 0.8 to 2
 * @light_drift: the light's gain stays within 1 +- @light_drift / 2, and so does its gradient from
 *   the centre to the frame's border; 0 to 0.25
 * @lamp_drift: share of its light that the lamp has lost at the last part, 0 to 0.5; defects fade
 *   with it, and masks shrink
 * @surface_drift: by how much the surface's texture is stronger at the last part, relative to what
 *   it was, 0 to 1
 * @drift_start: the last part before both drifts, which grow evenly from there on; below @n_parts
 * @noise: standard deviation of the sensor noise in gray levels, 0 to 4
 * @margin: belt left visible beside the plate, as a share of the frame's smaller side, 0 to 0.3
 * @corner: radius of the plate's corners, as a share of the plate's smaller side, 0 to 0.5
 * @jitter: largest shift of the plate along x and along y, and largest travel of its corners by
 *   rotation, each as a share of the frame's smaller side, 0 to 0.05. Drawn for every frame of a
 *   static view, once for every part on a conveyor
 *
 * Initialise with %CPAC_FOOTAGE_SPEC_INIT, which is the spec of 40 parts of brushed metal.
 */
typedef struct {
  CpacFootageSurface surface;
  CpacFootageView view;
  guint width, height;
  guint64 seed;
  guint n_parts;
  guint frames_per_part;
  double defect_rate;
  guint defect_types;
  guint max_defects;
  guint size_min[CPAC_N_DEFECTS], size_max[CPAC_N_DEFECTS];
  double contrast;
  double light_drift;
  double lamp_drift, surface_drift;
  guint drift_start;
  double noise;
  double margin;
  double corner;
  double jitter;
} CpacFootageSpec;

#define CPAC_FOOTAGE_SPEC_INIT                                                                     \
  {                                                                                                \
    .surface = CPAC_SURFACE_METAL, .view = CPAC_FOOTAGE_STATIC, .width = 256, .height = 256,       \
    .seed = 1, .n_parts = 40, .frames_per_part = 1, .defect_rate = 0.25,                           \
    .defect_types = CPAC_DEFECT_ALL, .max_defects = 1, .contrast = 1, .light_drift = 0.1,          \
    .noise = 1.5, .margin = 0.02, .corner = 0.02, .jitter = 0.006                                  \
  }

/**
 * CpacFootageDefect:
 * @type: which kind
 * @part: the part that has it
 * @x, @y: its centre in this frame, pixels; the first pixel's centre is at 0.5
 * @size: pixels: distance between a scratch's ends, largest diameter of a pit (rim included) or
 *   stain, length of a chip along the border
 * @breadth: pixels: thickness of a scratch, smallest diameter of a pit or stain, depth of a chip
 * @contrast: gray levels that it adds to the surface at its strongest, before the light; negative
 *   is darker. A chip: belt minus plate
 * @n_pixels: pixels of the mask that are its own, at least 1
 * @left, @top, @right, @bottom: their bounding box, the last two inclusive
 */
typedef struct {
  CpacDefectType type;
  guint part;
  double x, y;
  double size, breadth;
  double contrast;
  guint n_pixels;
  guint left, top, right, bottom;
} CpacFootageDefect;

/**
 * CpacFootageTruth:
 * @part: the part shown, on a conveyor the one nearest the centre: the frame's group
 * @view: which frame of this part, from 0
 * @n_defects: defects that this frame shows; 0: the frame is good, its mask empty
 * @gain: of the light, 1 on average without lamp drift
 * @gradient_x, @gradient_y: relative change of the light from the centre to the right and the
 *   lower border
 */
typedef struct {
  guint part, view;
  guint n_defects;
  CpacFootageDefect defects[CPAC_FOOTAGE_MAX_TRUTHS];
  double gain, gradient_x, gradient_y;
} CpacFootageTruth;

/* Immutable after cpac_footage_new(). */
typedef struct _CpacFootage CpacFootage;

/* CPAC_ERROR_SCHEMA names the field, what it is and what it may be. (transfer full) */
CpacFootage *cpac_footage_new (const CpacFootageSpec *spec, GError **error);
void cpac_footage_free (CpacFootage *footage);

const CpacFootageSpec *cpac_footage_get_spec (const CpacFootage *footage);
/* n_parts x frames_per_part. */
guint cpac_footage_get_n_frames (const CpacFootage *footage);
/* Whether @part (below n_parts) has a defect. Every frame of a static view then shows it. */
gboolean cpac_footage_is_defective (const CpacFootage *footage, guint part);
/* The range, in force, of a defect's size in pixels. */
void cpac_footage_get_size_range (const CpacFootage *footage, CpacDefectType type, guint *min,
                                  guint *max);

/* Renders frame @index. @gray and @mask are (height, width) without padding, overwritten whole;
 * mask pixels are 255 or 0. @mask and @truth may be NULL. */
void cpac_footage_render (const CpacFootage *footage, guint index, guint8 *gray, guint8 *mask,
                          CpacFootageTruth *truth);
/* The same frame as if its parts had no defects: same texture, pose, light and noise. A pixel is in
 * the mask exactly where the two differ by CPAC_FOOTAGE_VISIBLE or more. */
void cpac_footage_render_clean (const CpacFootage *footage, guint index, guint8 *gray);

/* "metal", "cast", "woven"; "scratch", "pit", "stain", "chip". */
const char *cpac_footage_surface_to_string (CpacFootageSurface surface);
const char *cpac_defect_type_to_string (CpacDefectType type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacFootage, cpac_footage_free)

G_END_DECLS
