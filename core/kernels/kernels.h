/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/**
 * CpacLevel:
 *
 * Instruction sets, slowest first. The kernels that score exist at the levels that
 * cpac_level_has_kernels() names; the peak can be measured at every level the CPU has.
 */
typedef enum {
  CPAC_LEVEL_C, /* the compiler's own vectors of four, baseline instructions, no intrinsics */
  CPAC_LEVEL_SSE2,
  CPAC_LEVEL_AVX2, /* with FMA */
  CPAC_LEVEL_AVX512,
} CpacLevel;
#define CPAC_N_LEVELS 4

/* "c", "sse2", "avx2", "avx512": as in the environment variable CPAC_CPU. */
const char *cpac_level_to_string (CpacLevel level);
/* Whether this CPU (and its operating system) runs it and this build has it. */
gboolean cpac_level_is_supported (CpacLevel level);
gboolean cpac_level_has_kernels (CpacLevel level);

/* The level that scoring runs at: the fastest that has kernels, or what CPAC_CPU says (empty: as if
 * unset). CPAC_ERROR_SCHEMA for a CPAC_CPU that names no level, one this CPU lacks or one without
 * kernels in this build. */
gboolean cpac_level_get (CpacLevel *level, GError **error);

/* The most multiply-adds this CPU does on one core at @level, in GFLOP/s (2 per multiply-add):
 * independent chains in registers for about @milliseconds. The level must be supported; C is
 * measured as SSE2, its width on x86-64. NaN where this build cannot measure. */
double cpac_level_measure_peak (CpacLevel level, guint milliseconds);

G_END_DECLS
