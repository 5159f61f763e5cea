/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/kernels.h"

#include <math.h>

#include "core/kernels/peak.h"

typedef struct {
  const char *name;
  gboolean has_kernels;
  guint64 (*peak) (guint64 rounds, float *sink);
} LevelInfo;

static const LevelInfo levels[CPAC_N_LEVELS] = {
  [CPAC_LEVEL_C] = { .name = "c", .has_kernels = TRUE },
  [CPAC_LEVEL_SSE2] = { .name = "sse2", .has_kernels = TRUE },
  [CPAC_LEVEL_AVX2] = { .name = "avx2", .has_kernels = TRUE },
  [CPAC_LEVEL_AVX512] = { .name = "avx512", .has_kernels = TRUE },
};

static guint64 (*const peaks[CPAC_N_LEVELS]) (guint64 rounds, float *sink) = {
#ifdef CPAC_HAVE_SSE2
  [CPAC_LEVEL_C] = cpac_peak_sse2,
  [CPAC_LEVEL_SSE2] = cpac_peak_sse2,
#endif
#ifdef CPAC_HAVE_AVX2
  [CPAC_LEVEL_AVX2] = cpac_peak_avx2,
#endif
#ifdef CPAC_HAVE_AVX512
  [CPAC_LEVEL_AVX512] = cpac_peak_avx512,
#endif
};

const char *
cpac_level_to_string (CpacLevel level)
{
  return levels[level].name;
}

gboolean
cpac_level_is_supported (CpacLevel level)
{
  if (level == CPAC_LEVEL_C)
    return TRUE;
  if (peaks[level] == NULL)
    return FALSE;
#if defined(__x86_64__)
  __builtin_cpu_init ();
  switch (level) {
    case CPAC_LEVEL_C:
    case CPAC_LEVEL_SSE2:
      return TRUE;
    case CPAC_LEVEL_AVX2:
      return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
    case CPAC_LEVEL_AVX512:
      return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512bw") &&
             __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512vl");
  }
#endif
  return FALSE;
}

gboolean
cpac_level_has_kernels (CpacLevel level)
{
  return levels[level].has_kernels;
}

static gboolean
level_from_environment (const char *name, CpacLevel *level, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    if (!levels[i].has_kernels || !cpac_level_is_supported (i))
      continue;
    if (g_str_equal (name, levels[i].name)) {
      *level = i;
      return TRUE;
    }
    g_string_append_printf (known, "%s%s", known->len ? ", " : "", levels[i].name);
  }
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "CPAC_CPU is \"%s\", on this machine it can be: %s", name, known->str);
  return FALSE;
}

gboolean
cpac_level_get (CpacLevel *level, GError **error)
{
  const char *name = g_getenv ("CPAC_CPU");

  if (name != NULL && *name != '\0')
    return level_from_environment (name, level, error);
  *level = CPAC_LEVEL_C;
  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    if (levels[i].has_kernels && cpac_level_is_supported (i))
      *level = i;
  return TRUE;
}

double
cpac_level_measure_peak (CpacLevel level, guint milliseconds)
{
  gint64 start = g_get_monotonic_time (), elapsed;
  double best = 0;

  if (peaks[level] == NULL)
    return NAN;
  /* The best of short runs: a run that was interrupted says nothing about the CPU. */
  do {
    float sink = 0.5f;
    gint64 begin = g_get_monotonic_time ();
    guint64 operations = peaks[level](20000, &sink);
    gint64 microseconds = MAX (g_get_monotonic_time () - begin, 1);

    best = MAX (best, (double) operations / (double) microseconds / 1e3);
    elapsed = g_get_monotonic_time () - start;
  } while (elapsed < (gint64) milliseconds * 1000);
  return best;
}
