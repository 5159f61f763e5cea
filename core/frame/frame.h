/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * CpacPixelFormat:
 *
 * The formats of the element, named as in GStreamer.
 */
typedef enum {
  CPAC_PIXEL_GRAY8,
  CPAC_PIXEL_GRAY16_LE,
  CPAC_PIXEL_GRAY16_BE,
  CPAC_PIXEL_RGB,
  CPAC_PIXEL_BGR,
  CPAC_PIXEL_RGBX,
  CPAC_PIXEL_BGRX,
  CPAC_PIXEL_RGBA,
  CPAC_PIXEL_BGRA,
  CPAC_PIXEL_I420,
  CPAC_PIXEL_YV12,
  CPAC_PIXEL_NV12,
  CPAC_PIXEL_NV21,
} CpacPixelFormat;
#define CPAC_N_PIXEL_FORMATS (CPAC_PIXEL_NV21 + 1)

/* "GRAY8", ..., the names GStreamer uses. */
const char *cpac_pixel_format_to_string (CpacPixelFormat format);
gboolean cpac_pixel_format_from_string (const char *name, CpacPixelFormat *format);
/* Planes of one frame, 1 to 3. */
guint cpac_pixel_format_get_n_planes (CpacPixelFormat format);

/* Matrix of a YUV format, as the caps' colorimetry says; GRAY and RGB ignore it. */
typedef enum {
  CPAC_MATRIX_BT601,
  CPAC_MATRIX_BT709,
  CPAC_MATRIX_BT2020,
} CpacColorMatrix;

/* Range of the samples: full 0..255, or video range (luma 16..235, chroma 16..240). Applies to YUV
 * and, when the caps say so, to gray. */
typedef enum {
  CPAC_RANGE_FULL,
  CPAC_RANGE_VIDEO,
} CpacColorRange;

/**
 * CpacFrameInfo:
 *
 * What stays the same from frame to frame of one stream.
 */
typedef struct {
  CpacPixelFormat format;
  guint width, height;
  CpacColorMatrix matrix;
  CpacColorRange range;
  guint bit_depth; /* significant bits of GRAY16, 9..16; 0: all the format has */
} CpacFrameInfo;

/**
 * CpacFrame:
 *
 * One picture, borrowed: planes and strides in bytes as the mapped buffer has them (strides may be
 * larger than the row, and negative). Bytes beyond a row's pixels are never read. Planes of I420
 * and YV12 are given in the format's own order (YV12: Y, V, U); chroma planes have (width + 1) / 2
 * by (height + 1) / 2 samples.
 */
typedef struct {
  const CpacFrameInfo *info;
  const guint8 *planes[3];
  gssize strides[3];
} CpacFrame;

typedef struct {
  guint x, y, width, height; /* pixels; width 0: the whole frame */
} CpacRect;

typedef enum {
  CPAC_RESIZE_AREA,
  CPAC_RESIZE_BILINEAR,
  CPAC_RESIZE_NEAREST,
} CpacResize;

/**
 * CpacInputSpec:
 *
 * A network's input: size, normalisation x = (v - mean[c]) / scale[c] with v in 8-bit units
 * (0..255), the way to resize, and the smallest frame (or region) that is taken.
 */
typedef struct {
  guint width, height;
  guint channels; /* 1 gray, 3 RGB */
  double mean[3], scale[3];
  CpacResize resize;
  guint min_width, min_height; /* pixels, at least 1 */
} CpacInputSpec;

/**
 * CpacFramePlan:
 *
 * Everything about turning frames of one kind into one network's input that can be worked out once.
 * Immutable, except for its scratch rows: one plan serves one thread at a time.
 */
typedef struct _CpacFramePlan CpacFramePlan;

/* CPAC_ERROR_SHAPE when the region does not lie inside the frame or is smaller than the minimum;
 * CPAC_ERROR_SCHEMA for a bit depth the format cannot have. @region NULL: the whole frame.
 * (transfer full) */
CpacFramePlan *cpac_frame_plan_new (const CpacInputSpec *spec, const CpacFrameInfo *info,
                                    const CpacRect *region, GError **error);
void cpac_frame_plan_free (CpacFramePlan *plan);

/* @frame must be of the plan's kind. @out (channels, height, width) is overwritten whole. Cannot
 * fail, allocates nothing. */
void cpac_frame_plan_run (CpacFramePlan *plan, const CpacFrame *frame, float *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacFramePlan, cpac_frame_plan_free)

G_END_DECLS
