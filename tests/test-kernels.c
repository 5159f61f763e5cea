/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/kernels/kernels.h"

#include <math.h>
#include <string.h>

static void
test_names (void)
{
  static const char *const names[CPAC_N_LEVELS] = { "c", "sse2", "avx2", "avx512" };

  for (guint i = 0; i < CPAC_N_LEVELS; i++)
    g_assert_cmpstr (cpac_level_to_string (i), ==, names[i]);
  g_assert_true (cpac_level_is_supported (CPAC_LEVEL_C));
  g_assert_true (cpac_level_has_kernels (CPAC_LEVEL_C));
}

/* Without CPAC_CPU (or with an empty one) the fastest level that has kernels. */
static void
test_default (void)
{
  static const char *const values[] = { NULL, "" };

  for (guint v = 0; v < G_N_ELEMENTS (values); v++) {
    g_autoptr (GError) error = NULL;
    CpacLevel level;

    if (values[v] == NULL)
      g_unsetenv ("CPAC_CPU");
    else
      g_setenv ("CPAC_CPU", values[v], TRUE);
    g_assert_true (cpac_level_get (&level, &error));
    g_assert_no_error (error);
    g_assert_true (cpac_level_has_kernels (level) && cpac_level_is_supported (level));
    for (guint i = level + 1; i < CPAC_N_LEVELS; i++)
      g_assert_false (cpac_level_has_kernels (i) && cpac_level_is_supported (i));
  }
}

/* Every level that can run is taken by name; every other one is an error, not SIGILL. */
static void
test_forced (void)
{
  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    g_autoptr (GError) error = NULL;
    gboolean usable = cpac_level_has_kernels (i) && cpac_level_is_supported (i);
    CpacLevel level = CPAC_N_LEVELS;

    g_setenv ("CPAC_CPU", cpac_level_to_string (i), TRUE);
    g_assert_cmpint (cpac_level_get (&level, &error), ==, usable);
    if (usable) {
      g_assert_cmpint (level, ==, i);
    } else {
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
      g_assert_cmpint (level, ==, CPAC_N_LEVELS);
    }
  }
}

static void
test_unknown (void)
{
  static const char *const names[] = { "C", "avx", "avx2 ", "best", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *begin =
        g_strdup_printf ("CPAC_CPU is \"%s\", on this machine it can be: c", names[i]);
    CpacLevel level;

    g_setenv ("CPAC_CPU", names[i], TRUE);
    g_assert_false (cpac_level_get (&level, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_true (g_str_has_prefix (error->message, begin));
  }
}

/* A sane figure at every level the CPU has: a core of the last 20 years does 0.1 to 2000 GFLOP/s,
 * and tools that run the program in software do at least something. */
static void
test_peak (void)
{
  for (guint i = 0; i < CPAC_N_LEVELS; i++) {
    double peak;

    if (!cpac_level_is_supported (i))
      continue;
    peak = cpac_level_measure_peak (i, 2);
    g_test_message ("%s: %.1f GFLOP/s", cpac_level_to_string (i), peak);
    g_assert_true (isnan (peak) || (peak > 0 && peak < 2000));
#ifdef __x86_64__
    g_assert_false (isnan (peak));
#endif
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernels/names", test_names);
  g_test_add_func ("/kernels/default", test_default);
  g_test_add_func ("/kernels/forced", test_forced);
  g_test_add_func ("/kernels/unknown", test_unknown);
  g_test_add_func ("/kernels/peak", test_peak);
  return g_test_run ();
}
