/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/pixels.h"

extern const CpacPixelKernels cpac_pixel_kernels_c;
#ifdef CPAC_HAVE_AVX2
extern const CpacPixelKernels cpac_pixel_kernels_avx2;
#endif
#ifdef CPAC_HAVE_AVX512
extern const CpacPixelKernels cpac_pixel_kernels_avx512;
#endif

const CpacPixelKernels *
cpac_pixel_kernels_get (CpacLevel level)
{
#ifdef CPAC_HAVE_AVX512
  if (level >= CPAC_LEVEL_AVX512)
    return &cpac_pixel_kernels_avx512;
#endif
#ifdef CPAC_HAVE_AVX2
  if (level >= CPAC_LEVEL_AVX2)
    return &cpac_pixel_kernels_avx2;
#endif
  return &cpac_pixel_kernels_c;
}
