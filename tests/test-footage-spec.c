/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage.h"

#include <math.h>

static const struct {
  gsize offset;
  guint uint_value;
  double real_value;
  const char *message;
} refused[] = {
#define UINT(field, value, text)                                                                   \
  {                                                                                                \
    G_STRUCT_OFFSET (CpacFootageSpec, field), value, 0, text                                       \
  }
#define REAL(field, value, text)                                                                   \
  {                                                                                                \
    G_STRUCT_OFFSET (CpacFootageSpec, field), G_MAXUINT, value, text                               \
  }
  UINT (surface, 3, "footage: surface must be 0 to 2, got 3"),
  UINT (view, 2, "footage: view must be 0 to 1, got 2"),
  UINT (width, 15, "footage: width must be 16 to 4096, got 15"),
  UINT (width, 0, "footage: width must be 16 to 4096, got 0"),
  UINT (height, 4097, "footage: height must be 16 to 4096, got 4097"),
  UINT (n_parts, 0, "footage: n_parts must be 1 to 1000000, got 0"),
  UINT (n_parts, 1000001, "footage: n_parts must be 1 to 1000000, got 1000001"),
  UINT (frames_per_part, 0, "footage: frames_per_part must be 1 to 10000, got 0"),
  UINT (defect_types, 0, "footage: defect_types must be 1 to 15, got 0"),
  UINT (defect_types, 16, "footage: defect_types must be 1 to 15, got 16"),
  UINT (max_defects, 0, "footage: max_defects must be 1 to 4, got 0"),
  UINT (max_defects, 5, "footage: max_defects must be 1 to 4, got 5"),
  UINT (size_min[CPAC_DEFECT_PIT], 4,
        "footage: size of a pit must lie within 4 to 122 pixels on this plate, got 4 to 0"),
  UINT (size_max[CPAC_DEFECT_SCRATCH], 9,
        "footage: size of a scratch must lie within 8 to 122 pixels on this plate, got 0 to 9"),
  REAL (defect_rate, -0.1, "footage: defect_rate must be 0 to 1, got -0.1"),
  REAL (defect_rate, NAN, "footage: defect_rate must be 0 to 1, got nan"),
  REAL (contrast, 0.5, "footage: contrast must be 0.8 to 2, got 0.5"),
  REAL (light_drift, 0.3, "footage: light_drift must be 0 to 0.25, got 0.3"),
  REAL (lamp_drift, 0.51, "footage: lamp_drift must be 0 to 0.5, got 0.51"),
  REAL (surface_drift, -0.1, "footage: surface_drift must be 0 to 1, got -0.1"),
  UINT (drift_start, 40, "footage: drift_start must be 0 to 39, got 40"),
  REAL (noise, INFINITY, "footage: noise must be 0 to 4, got inf"),
  REAL (margin, 0.31, "footage: margin must be 0 to 0.3, got 0.31"),
  REAL (margin, 0.01,
        "footage: chips need a margin of at least twice the jitter (0.012), got 0.01"),
  REAL (corner, 0.6, "footage: corner must be 0 to 0.5, got 0.6"),
  REAL (jitter, 0.06, "footage: jitter must be 0 to 0.05, got 0.06"),
#undef UINT
#undef REAL
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (GError) error = NULL;
    gpointer field = G_STRUCT_MEMBER_P (&spec, refused[i].offset);

    if (refused[i].uint_value != G_MAXUINT)
      *(guint *) field = refused[i].uint_value;
    else
      *(double *) field = refused[i].real_value;
    g_assert_null (cpac_footage_new (&spec, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, refused[i].message);
  }
}

static void
test_refused_together (void)
{
  CpacFootageSpec many = CPAC_FOOTAGE_SPEC_INIT;
  CpacFootageSpec large = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (GError) error = NULL;

  many.n_parts = 1000000;
  many.frames_per_part = 2148;
  g_assert_null (cpac_footage_new (&many, &error));
  g_assert_cmpstr (error->message, ==,
                   "footage: 1000000 parts of 2148 frames are more than 2147483647 frames");
  g_clear_error (&error);
  large.size_min[CPAC_DEFECT_CHIP] = 20;
  large.size_max[CPAC_DEFECT_CHIP] = 123;
  g_assert_null (cpac_footage_new (&large, &error));
  g_assert_cmpstr (error->message, ==,
                   "footage: size of a chip must lie within 4 to 122 pixels on this plate, got 20 "
                   "to 123");
}

static void
test_rate (void)
{
  const struct {
    double rate;
    guint n_parts, n_defective;
  } rates[] = { { 0, 1, 0 },       { 1, 1, 1 },        { 0, 1000, 0 }, { 1, 1000, 1000 },
                { 0.25, 40, 10 },  { 0.01, 1000, 10 }, { 0.5, 3, 2 },  { 0.3, 10, 3 },
                { 0.004, 100, 0 }, { 0.005, 100, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) footage = NULL;
    guint n = 0;

    spec.n_parts = rates[i].n_parts;
    spec.defect_rate = rates[i].rate;
    footage = cpac_footage_new (&spec, NULL);
    g_assert_nonnull (footage);
    for (guint k = 0; k < spec.n_parts; k++)
      n += cpac_footage_is_defective (footage, k);
    g_assert_cmpuint (n, ==, rates[i].n_defective);
  }
}

static void
test_names (void)
{
  g_assert_cmpstr (cpac_footage_surface_to_string (CPAC_SURFACE_WOVEN), ==, "woven");
  g_assert_cmpstr (cpac_footage_surface_to_string (CPAC_SURFACE_METAL), ==, "metal");
  g_assert_cmpstr (cpac_defect_type_to_string (CPAC_DEFECT_SCRATCH), ==, "scratch");
  g_assert_cmpstr (cpac_defect_type_to_string (CPAC_DEFECT_CHIP), ==, "chip");
  cpac_footage_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/footage-spec/refused", test_refused);
  g_test_add_func ("/footage-spec/refused-together", test_refused_together);
  g_test_add_func ("/footage-spec/rate", test_rate);
  g_test_add_func ("/footage-spec/names", test_names);
  return g_test_run ();
}
