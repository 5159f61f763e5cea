/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/rows.h"

extern const CpacRowKernels cpac_row_kernels_c;
#ifdef CPAC_HAVE_AVX2
extern const CpacRowKernels cpac_row_kernels_avx2;
#endif
#ifdef CPAC_HAVE_AVX512
extern const CpacRowKernels cpac_row_kernels_avx512;
#endif

const CpacRowKernels *
cpac_row_kernels_get (CpacLevel level)
{
#ifdef CPAC_HAVE_AVX512
  if (level >= CPAC_LEVEL_AVX512)
    return &cpac_row_kernels_avx512;
#endif
#ifdef CPAC_HAVE_AVX2
  if (level >= CPAC_LEVEL_AVX2)
    return &cpac_row_kernels_avx2;
#endif
  return &cpac_row_kernels_c;
}

CpacLevel
cpac_row_kernels_default_level (void)
{
  const char *name = g_getenv ("CPAC_CPU");
  CpacLevel level = CPAC_LEVEL_C;

  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (cpac_level_is_supported (i))
      level = i;
  if (name != NULL && *name != '\0')
    cpac_level_get (&level, NULL);
  return level;
}

const CpacRowKernels *
cpac_row_kernels_default (void)
{
  return cpac_row_kernels_get (cpac_row_kernels_default_level ());
}

const CpacRowKernels *
cpac_row_kernels_any (void)
{
  static gsize kernels = 0;

  if (g_once_init_enter (&kernels))
    g_once_init_leave (&kernels, (gsize) cpac_row_kernels_default ());
  return (const CpacRowKernels *) kernels;
}
