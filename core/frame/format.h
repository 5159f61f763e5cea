/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/kernels/pixels.h"

G_BEGIN_DECLS

typedef enum {
  CPAC_FAMILY_GRAY,
  CPAC_FAMILY_RGB,
  CPAC_FAMILY_YUV,
} CpacColorFamily;

/* Where one component lies. */
typedef struct {
  guint8 plane;
  guint8 step;   /* samples from one pixel to the next */
  guint8 offset; /* of the component among them */
  guint8 shift;  /* log2 of the pixels that one sample covers, along both axes */
} CpacComponent;

/* Components in the order gray; R, G, B; or Y, U, V. Those of one plane follow each other. */
typedef struct {
  const char *name;
  CpacColorFamily family;
  CpacSample sample;
  guint n_planes;
  CpacComponent components[3];
} CpacPixelLayout;

const CpacPixelLayout *cpac_pixel_format_get_layout (CpacPixelFormat format);

G_END_DECLS
