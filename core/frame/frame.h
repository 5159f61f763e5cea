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
 * and, when the caps say so, to gray; RGB ignores it. */
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

/* Whether what was set up for frames of one kind serves those of the other. */
gboolean cpac_frame_info_equal (const CpacFrameInfo *a, const CpacFrameInfo *b);

/* Largest width and height of a frame, and of a network's input. */
#define CPAC_FRAME_MAX_SIDE 32768
#define CPAC_INPUT_MAX_SIDE 16384

/**
 * CpacFrame:
 *
 * One picture, borrowed: planes and strides in bytes as the mapped buffer has them (strides may be
 * larger than the row, and negative). Bytes beyond a row's pixels are never read. Planes of I420
 * and YV12 are given in the format's own order (YV12: Y, V, U); chroma planes have (width + 1) / 2
 * by (height + 1) / 2 samples. Planes need no alignment. One-channel networks never read chroma,
 * whose plane pointers may then be NULL.
 */
typedef struct {
  const CpacFrameInfo *info;
  const guint8 *planes[3];
  gssize strides[3];
} CpacFrame;

typedef struct {
  guint x, y, width, height; /* pixels; width 0: the whole frame */
} CpacRect;

/* A place; whoever uses it says in what units. */
typedef struct {
  double x, y;
} CpacPoint;

/**
 * CpacResize:
 * @CPAC_RESIZE_AREA: the mean of the samples over output pixel i, a sample that lies only partly in
 *   there counting by that part; where output pixels are smaller than samples (S < N L), bilinear
 * @CPAC_RESIZE_BILINEAR: at t = c / L - 1/2, limited to the samples that the region touches: the
 *   samples floor (t) and floor (t) + 1 weighted by 1 - f and f, f = t - floor (t)
 * @CPAC_RESIZE_NEAREST: the sample under the centre of output pixel i, floor (c / L)
 *
 * How the samples of one component along one axis become N output pixels. In pixels of the frame,
 * sample k covers k L to (k + 1) L, and bilinear sees it in the middle of that: L is 1, but 2 for
 * the chroma of a 4:2:0 format. Of the S pixels from X on, which are the region, output pixel i
 * covers X + i S / N to X + (i + 1) S / N, its centre being c = X + (i + 1/2) S / N.
 *
 * The axes, and luma and chroma, are independent: one may shrink by area while the other grows
 * bilinearly. All three are the identity where output pixels are samples: S = N L, and X a multiple
 * of L. The region is cut out first: samples that it does not touch have no influence. Of a chroma
 * sample that lies only half in the region, or half outside a picture of odd side, area counts the
 * half inside; its centre, for bilinear, stays where it is. Bilinear takes 2 samples however strong
 * the reduction, so it aliases; area does not.
 *
 * Chroma is thus centred, as in JPEG and MPEG-1, and at equal sizes comes out as from libjpeg. That
 * of MPEG-2 and H.264 is usually meant half a pixel further left, which is not looked at.
 */
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
 *
 * The input is defined by these steps, in real numbers:
 *
 * 1. Samples of GRAY16 above 2^n - 1, n = bit_depth, count as 2^n - 1.
 * 2. The region is cut out and every component is resized from its own grid (see CpacResize).
 * 3. To full range in 8-bit units. Gray and luma: Y = 255 s / (2^n - 1), or for video range
 *    Y = (s / 2^(n - 8) - 16) 255 / 219. Chroma: U, V = s - 128, for video range times 255 / 224.
 * 4. To the network's channels. With kr, kb = 0.299, 0.114 (BT.601), 0.2126, 0.0722 (BT.709) or
 *    0.2627, 0.0593 (BT.2020) and kg = 1 - kr - kb: R = Y + 2 (1 - kr) V, B = Y + 2 (1 - kb) U,
 *    G = (Y - kr R - kb B) / kg. RGB to gray: 0.299 R + 0.587 G + 0.114 B. The luma of a YUV frame
 *    is its gray, whatever the matrix; a gray frame is all three channels of an RGB network.
 * 5. v is limited to 0..255. YUV holds values that no RGB picture has (blacker than black, colours
 *    outside the cube); a network trained on pictures must not meet them from a camera. Steps 2
 *    to 4 being linear, this is the only place where order matters.
 * 6. x = (v - mean[c]) / scale[c].
 *
 * Step 2 is done in integers, without rounding, and the rest in double before the one rounding to
 * float; so x is the same at every kernel level, stride and alignment.
 */
typedef struct _CpacFramePlan CpacFramePlan;

/* CPAC_ERROR_SHAPE when the region does not lie inside the frame or is smaller than the minimum, or
 * the frame is larger than CPAC_FRAME_MAX_SIDE; CPAC_ERROR_SCHEMA for a bit depth the format cannot
 * have or a @spec out of range, such as an input larger than CPAC_INPUT_MAX_SIDE;
 * CPAC_ERROR_NUMERIC for a mean and scale that do not give finite numbers. @region NULL: the whole
 * frame. Nothing of the arguments is kept. (transfer full) */
CpacFramePlan *cpac_frame_plan_new (const CpacInputSpec *spec, const CpacFrameInfo *info,
                                    const CpacRect *region, GError **error);
void cpac_frame_plan_free (CpacFramePlan *plan);

/* @frame must be of the plan's kind. @out (channels, height, width) is overwritten whole, row by
 * row from the top. Cannot fail, allocates nothing. */
void cpac_frame_plan_run (CpacFramePlan *plan, const CpacFrame *frame, float *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacFramePlan, cpac_frame_plan_free)

G_END_DECLS
