/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/synthetic.h"

static gboolean
read_text (const char *text, CpacSyntheticOptions *options, GError **error)
{
  g_autoptr (GError) bad_yaml = NULL;
  g_autoptr (CpacConfig) map = cpac_config_parse ("s.yaml", text, strlen (text), &bad_yaml);

  g_assert_no_error (bad_yaml);
  return cpac_synthetic_options_read (options, map, error);
}

static void
assert_size (const CpacSizeRange *size, double min, double max, gboolean in_pixels)
{
  g_assert_cmpfloat (size->min, ==, min);
  g_assert_cmpfloat (size->max, ==, max);
  g_assert_cmpint (size->in_pixels, ==, in_pixels);
}

static void
test_defaults (void)
{
  CpacSyntheticOptions options;
  g_autoptr (GError) error = NULL;

  memset (&options, 0x5a, sizeof options);
  cpac_synthetic_options_init (&options);
  g_assert_false (options.active);
  memset (&options, 0x5a, sizeof options);
  g_assert_true (read_text ("{}", &options, &error));
  g_assert_no_error (error);
  g_assert_true (options.active);
  g_assert_cmpfloat (options.share, ==, 0.5);
  g_assert_cmpuint (options.defects[0], ==, 1);
  g_assert_cmpuint (options.defects[1], ==, 2);
  g_assert_cmpfloat (options.visible, ==, 0.15);
  g_assert_cmpuint (options.min_pixels, ==, 2);
  g_assert_cmpfloat (options.real_share, ==, 0.25);
  g_assert_cmpuint (options.validation_draws, ==, 1);
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++) {
    const CpacDefectOptions *kind = &options.kinds[i];

    g_assert_cmpfloat (kind->weight, ==, 1);
    g_assert_false (kind->size.in_pixels);
    g_assert_cmpfloat (kind->size.min, >, 0);
    g_assert_cmpfloat (kind->size.max, >, kind->size.min);
    g_assert_cmpfloat (kind->contrast[0], >=, options.visible);
    g_assert_cmpfloat (kind->contrast[1], >, kind->contrast[0]);
  }
}

static void
test_all_keys (void)
{
  CpacSyntheticOptions options;
  g_autoptr (GError) error = NULL;
  const CpacDefectOptions *kinds = options.kinds;

  g_assert_true (
      read_text ("share: 0.25\ndefects: [3, 5]\nvisible: 0.5\nmin-pixels: 7\nreal-share: 0.125\n"
                 "validation-draws: 3\nkinds:\n"
                 "  cut-paste: {weight: 2, size: [8, 80], contrast: [1, 2], dark: 0.25}\n"
                 "  spots: {radius: [1, 1]}\n  scratches: {width: [1.5, 3], length: [20, 200]}\n"
                 "  blobs: {weight: 0}\n  bands: {width: [9, 90]}\n"
                 "  edge-losses: {size: [0.01, 32768]}\n",
                 &options, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (options.share, ==, 0.25);
  g_assert_cmpuint (options.defects[0], ==, 3);
  g_assert_cmpuint (options.defects[1], ==, 5);
  g_assert_cmpfloat (options.visible, ==, 0.5);
  g_assert_cmpuint (options.min_pixels, ==, 7);
  g_assert_cmpfloat (options.real_share, ==, 0.125);
  g_assert_cmpuint (options.validation_draws, ==, 3);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_CUT_PASTE].weight, ==, 2);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_CUT_PASTE].contrast[0], ==, 1);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_CUT_PASTE].contrast[1], ==, 2);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_CUT_PASTE].dark, ==, 0.25);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_SPOTS].weight, ==, 1);
  g_assert_cmpfloat (kinds[CPAC_DEFECT_BLOBS].weight, ==, 0);
  assert_size (&kinds[CPAC_DEFECT_CUT_PASTE].size, 8, 80, TRUE);
  assert_size (&kinds[CPAC_DEFECT_SPOTS].size, 1, 1, TRUE);
  assert_size (&kinds[CPAC_DEFECT_SCRATCHES].size, 1.5, 3, TRUE);
  assert_size (&kinds[CPAC_DEFECT_SCRATCHES].length, 20, 200, TRUE);
  assert_size (&kinds[CPAC_DEFECT_BANDS].size, 9, 90, TRUE);
  assert_size (&kinds[CPAC_DEFECT_EDGE_LOSSES].size, 0.01, 32768, TRUE);
}

#define KEYS "share, defects, visible, min-pixels, real-share, validation-draws, kinds"
#define KINDS "cut-paste, spots, scratches, blobs, bands, edge-losses"

static const struct {
  const char *text, *message;
} bad[] = {
  { "[]", "s.yaml:1:1: found a list, expected a map" },
  { "shares: 1", "s.yaml:1:1: found the unknown key \"shares\" (did you mean \"share\"?), expected "
                 "one of " KEYS },
  { "share: 1.5", "s.yaml:1:8: share: found 1.5, expected a number from 0 to 1" },
  { "defects: [2, 1]", "s.yaml:1:10: defects: found [2, 1], expected [least, most]" },
  { "defects: [0, 1]", "s.yaml:1:11: defects: found 0, expected a whole number from 1 to 100" },
  { "visible: 0", "s.yaml:1:10: visible: found 0, expected a number from 0.001 to 10" },
  { "min-pixels: 0",
    "s.yaml:1:13: min-pixels: found 0, expected a whole number from 1 to 1000000" },
  { "real-share: 1", "s.yaml:1:13: real-share: found 1, expected a number from 0 to 0.9" },
  { "validation-draws: 0",
    "s.yaml:1:19: validation-draws: found 0, expected a whole number from 1 to 16" },
  { "kinds: {spot: {}}", "s.yaml:1:9: found the unknown key \"spot\" (did you mean \"spots\"?), "
                         "expected one of " KINDS },
  { "kinds: {spots: {size: [1, 2]}}", "s.yaml:1:17: found the unknown key \"size\", expected one "
                                      "of weight, contrast, dark, radius" },
  { "kinds: {blobs: {size: [5, 2]}}", "s.yaml:1:23: size: found [5, 2], expected [least, most]" },
  { "kinds: {blobs: {size: [0, 2]}}",
    "s.yaml:1:24: size: found 0, expected a number from 0.01 to 32768" },
  { "kinds: {blobs: {dark: 2}}", "s.yaml:1:23: dark: found 2, expected a number from 0 to 1" },
  { "kinds: {blobs: {contrast: [1, 0.5]}}",
    "s.yaml:1:27: contrast: found [1, 0.5], expected [least, most]" },
  { "kinds: {scratches: {length: [1, 40000]}}",
    "s.yaml:1:33: length: found 40000, expected a number from 0.01 to 32768" },
  { "kinds: {cut-paste: {weight: 0}, spots: {weight: 0}, scratches: {weight: 0}, "
    "blobs: {weight: 0}, bands: {weight: 0}, edge-losses: {weight: 0}}",
    "s.yaml:1:8: kinds: found weight 0 for all of them, expected one above 0" },
};

/* Nothing of options that are refused is taken over. */
static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    CpacSyntheticOptions options, before;
    g_autoptr (GError) error = NULL;

    memset (&options, 0x5a, sizeof options);
    before = options;
    g_assert_false (read_text (bad[i].text, &options, &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, bad[i].message);
    g_assert_cmpmem (&options, sizeof options, &before, sizeof before);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/synthetic-options/defaults", test_defaults);
  g_test_add_func ("/synthetic-options/all-keys", test_all_keys);
  g_test_add_func ("/synthetic-options/bad", test_bad);
  return g_test_run ();
}
