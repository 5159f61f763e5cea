/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/stream-kernels.h"

extern const CpacStreamKernels cpac_stream_kernels_c;
#ifdef CPAC_HAVE_SSE2
extern const CpacStreamKernels cpac_stream_kernels_sse2;
#endif
#ifdef CPAC_HAVE_AVX2
extern const CpacStreamKernels cpac_stream_kernels_avx2;
#endif
#ifdef CPAC_HAVE_AVX512
extern const CpacStreamKernels cpac_stream_kernels_avx512;
#endif

static const CpacStreamKernels *const tables[CPAC_N_LEVELS] = {
  [CPAC_LEVEL_C] = &cpac_stream_kernels_c,
#ifdef CPAC_HAVE_SSE2
  [CPAC_LEVEL_SSE2] = &cpac_stream_kernels_sse2,
#endif
#ifdef CPAC_HAVE_AVX2
  [CPAC_LEVEL_AVX2] = &cpac_stream_kernels_avx2,
#endif
#ifdef CPAC_HAVE_AVX512
  [CPAC_LEVEL_AVX512] = &cpac_stream_kernels_avx512,
#endif
};

const CpacStreamKernels *
cpac_stream_kernels_get (CpacLevel level)
{
  g_assert (tables[level] != NULL);
  return tables[level];
}
