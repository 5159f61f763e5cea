/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/combined.h"

#include <math.h>
#include <string.h>

#include "core/score/head.h"

/* Features a (2 channels, 2x2 cells) and a map m (4x4 cells) of a 4x4 frame. */
#define LAYERS                                                                                     \
  "[{type: conv, name: m, filters: 1, kernel: 1}, "                                                \
  "{type: conv, name: a, filters: 2, kernel: 2, stride: 2}]"
#define GAUSSIAN "{head: gaussian, layers: [a], mode: texture, anchors: [1, 3]}"

/* The same with features of 4x4 cells. */
#define FINE_LAYERS                                                                                \
  "[{type: conv, name: m, filters: 1, kernel: 1}, {type: conv, name: a, filters: 2, kernel: 1}]"

static CpacNetwork *
make_network_of (const char *layers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) config = cpac_config_parse ("layers", layers, strlen (layers), &error);
  CpacNetwork *network = cpac_network_new (config, &(CpacDims){ 1, 4, 4 }, &error);

  g_assert_no_error (error);
  return network;
}

static CpacNetwork *
make_network (void)
{
  return make_network_of (LAYERS);
}

static const struct {
  const char *parts;
  CpacError code;
  const char *message;
} bad_parts[] = {
  { "x", CPAC_ERROR_SCHEMA,
    "1:9: parts must be a list of 2, one of head map and one of head gaussian" },
  { "[" GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:9: parts must be a list of 2, one of head map and one of head gaussian" },
  { "[x, " GAUSSIAN "]", CPAC_ERROR_SCHEMA, "1:10: a part must be a map with a head, got text" },
  { "[{anchors: [1, 2]}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:10: parts: found no key \"head\" in this map, expected one" },
  { "[{head: none}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:17: head: found none, expected one of map, gaussian" },
  { "[" GAUSSIAN ", " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:80: there is a part of head gaussian already" },
  { "[{head: map, layer: m}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:10: parts: found no key \"anchors\" in this map, expected one" },
  { "[{head: map, layer: m, anchors: [2, 2]}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:41: anchors must be [low, high] with low below high, got [2, 2]" },
  { "[{head: map, layer: x, anchors: [1, 2]}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:29: there is no layer \"x\" that could be a map" },
  { "[{head: map, layer: a, anchors: [1, 2]}, " GAUSSIAN "]", CPAC_ERROR_SHAPE,
    "1:29: a map is a layer of 1 channel, a has 2" },
  { "[{head: map, anchors: [1, 2]}, " GAUSSIAN "]", CPAC_ERROR_SHAPE,
    "1:10: a map is a layer of 1 channel, a has 2" },
  { "[{head: map, mode: texture, anchors: [1, 2]}, " GAUSSIAN "]", CPAC_ERROR_SCHEMA,
    "1:22: found the unknown key \"mode\", expected one of head, top, anchors, layer" },
};

static CpacCombined *
try_combined (const char *parts, const CpacNetwork *network, CpacGaussian **gaussian,
              GError **error)
{
  g_autofree char *yaml = g_strdup_printf ("{parts: %s}", parts);
  g_autoptr (CpacConfig) config = cpac_config_parse ("score.yaml", yaml, strlen (yaml), error);
  const CpacConfig *section = NULL;
  CpacCombined *combined;

  g_assert_nonnull (config);
  combined = cpac_combined_new (config, network, &section, error);
  if (combined != NULL && gaussian != NULL)
    *gaussian = cpac_gaussian_new (section, network, error);
  return combined;
}

static void
test_refused (void)
{
  g_autoptr (CpacNetwork) network = make_network ();

  for (guint i = 0; i < G_N_ELEMENTS (bad_parts); i++) {
    g_autofree char *message = g_strconcat ("score.yaml:", bad_parts[i].message, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (try_combined (bad_parts[i].parts, network, NULL, &error));
    g_assert_cmpstr (error->message, ==, message);
    g_assert_error (error, CPAC_ERROR, (int) bad_parts[i].code);
  }
}

/* Logits all 6, on the scale [2, 10]: 0.5. Features (3, 5) everywhere about 0: distance sqrt (17),
 * on the scale [1, 3]. With a logit of 50 at (0, 0), whose 3x3 mean, of 4 cells, is 17: 1.875. */
static void
test_measure (void)
{
  g_autoptr (CpacNetwork) network = make_network ();
  g_autoptr (CpacGaussian) gaussian = NULL;
  g_autoptr (CpacCombined) combined = NULL;
  g_autofree float *scratch = NULL;
  g_autoptr (GError) error = NULL;
  float logits[16], features[8], map[16];
  const float *maps[] = { features };
  double scores[2], distance = (sqrt (17) - 1) / 2, score;

  combined = try_combined ("[" GAUSSIAN ", {head: map, layer: m, anchors: [2, 10]}]", network,
                           &gaussian, &error);
  g_assert_no_error (error);
  cpac_gaussian_bind_unit (gaussian);
  scratch = g_new (float, cpac_combined_get_scratch (combined, gaussian));
  for (guint i = 0; i < 16; i++)
    logits[i] = 6;
  logits[0] = 50;
  for (guint i = 0; i < 8; i++)
    features[i] = i < 4 ? 3 : 5;
  score = cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, scores);
  g_assert_cmpfloat (scores[0], ==, 17);
  g_assert_cmpfloat_with_epsilon (scores[1], sqrt (17), 1e-6);
  g_assert_cmpfloat (score, ==, 1.875);
  g_assert_cmpfloat (map[0], ==, 1.875f);
  g_assert_cmpfloat_with_epsilon (map[15], distance, 1e-6);
  /* Without the spot the gaussian is the larger one everywhere. */
  logits[0] = 6;
  score = cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, NULL);
  g_assert_cmpfloat_with_epsilon (score, distance, 1e-6);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpfloat_with_epsilon (map[i], distance, 1e-6);
}

/* A logit of 50 in a corner, whose 3x3 mean, of 4 cells, is 12.5, and a feature of 12 there: 3,
 * which is a distance of 3 / sqrt (2) from 0. Where the corner's cells do not count, one part or
 * the other scores 0, and the map shows them still. */
static void
test_ignored (void)
{
  static const guint8 corner[16] = { 1, 1, 0, 0, 1, 1 };
  g_autoptr (CpacNetwork) network = make_network_of (FINE_LAYERS);
  g_autoptr (CpacGaussian) gaussian = NULL;
  g_autoptr (CpacCombined) combined = NULL;
  g_autofree float *scratch = NULL;
  g_autoptr (GError) error = NULL;
  float logits[16] = { 50 }, features[32] = { 12 }, map[16];
  const float *maps[] = { features };

  combined = try_combined ("[" GAUSSIAN ", {head: map, layer: m, anchors: [2, 10]}]", network,
                           &gaussian, &error);
  g_assert_no_error (error);
  cpac_gaussian_bind_unit (gaussian);
  scratch = g_new (float, cpac_combined_get_scratch (combined, gaussian));
  for (guint i = 0; i < 4; i++) {
    const guint8 *ignored = i & 1 ? corner : NULL, *ignored_grid = i & 2 ? corner : NULL;
    double scores[2], score;

    score = cpac_combined_measure_kept (combined, gaussian, logits, maps, ignored, ignored_grid,
                                        scratch, map, scores);
    g_assert_cmpfloat (scores[0], ==, ignored != NULL ? 0 : 12.5);
    g_assert_cmpfloat_with_epsilon (scores[1], ignored_grid != NULL ? 0 : 3 / sqrt (2), 1e-6);
    g_assert_cmpfloat (score, ==, MAX ((scores[0] - 2) / 8, (scores[1] - 1) / 2));
    g_assert_cmpfloat (map[0], ==, 10.5f / 8);
  }
}

/* Neither part hides what is not a number in the other. */
static void
test_not_finite (void)
{
  g_autoptr (CpacNetwork) network = make_network ();
  g_autoptr (CpacGaussian) gaussian = NULL;
  g_autoptr (CpacCombined) combined = NULL;
  g_autofree float *scratch = NULL;
  g_autoptr (GError) error = NULL;
  float logits[16] = { 0 }, features[8] = { 0 }, map[16];
  const float *maps[] = { features };

  combined = try_combined ("[" GAUSSIAN ", {head: map, layer: m, anchors: [2, 10]}]", network,
                           &gaussian, &error);
  g_assert_no_error (error);
  cpac_gaussian_bind_unit (gaussian);
  scratch = g_new (float, cpac_combined_get_scratch (combined, gaussian));
  g_assert_true (
      isfinite (cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, NULL)));
  logits[7] = NAN;
  g_assert_true (
      isnan (cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, NULL)));
  logits[7] = 0;
  features[3] = 3e38f;
  g_assert_true (
      isnan (cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, NULL)));
}

/* A logit of 6 on a scale that is 1e-300 wide is a double, but no float. */
static void
test_beyond_float (void)
{
  g_autoptr (CpacNetwork) network = make_network ();
  g_autoptr (CpacGaussian) gaussian = NULL;
  g_autoptr (CpacCombined) combined = NULL;
  g_autofree float *scratch = NULL;
  g_autoptr (GError) error = NULL;
  float logits[16] = { 6 }, features[8] = { 0 }, map[16];
  const float *maps[] = { features };

  combined = try_combined ("[" GAUSSIAN ", {head: map, layer: m, anchors: [0, 1e-300]}]", network,
                           &gaussian, &error);
  g_assert_no_error (error);
  cpac_gaussian_bind_unit (gaussian);
  scratch = g_new (float, cpac_combined_get_scratch (combined, gaussian));
  g_assert_true (
      isnan (cpac_combined_measure (combined, gaussian, logits, maps, scratch, map, NULL)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/combined/refused", test_refused);
  g_test_add_func ("/combined/measure", test_measure);
  g_test_add_func ("/combined/ignored", test_ignored);
  g_test_add_func ("/combined/not-finite", test_not_finite);
  g_test_add_func ("/combined/beyond-float", test_beyond_float);
  return g_test_run ();
}
