/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/score/combined.h"
#include "core/score/head.h"
#include "tests/fuzz/fuzz.h"

/* Layers m (1 channel, 4x4 cells), a (2, 2x2), b (3, 2x2) of a 4x4 frame. */
#define LAYERS                                                                                     \
  "[{type: conv, name: m, filters: 1, kernel: 1}, "                                                \
  "{type: conv, name: a, filters: 2, kernel: 2, stride: 2}, "                                      \
  "{type: conv, name: b, filters: 3, kernel: 1}]"
#define MAX_CELLS 16
#define MAX_LAYERS 64

/* Made once, for all inputs. */
static const CpacNetwork *
get_network (void)
{
  static CpacNetwork *network;

  if (network == NULL) {
    g_autoptr (CpacConfig) layers = cpac_config_parse ("layers", LAYERS, strlen (LAYERS), NULL);

    network = cpac_network_new (layers, &(CpacDims){ 1, 4, 4 }, NULL);
  }
  return network;
}

/* With unit statistics, features of 1 lie at a distance of 1. */
static void
check_gaussian (CpacGaussian *gaussian, const CpacCombined *combined)
{
  float ones[3 * MAX_CELLS], map[MAX_CELLS];
  const float *maps[MAX_LAYERS];
  g_autofree float *scratch = NULL;
  gsize cells = (gsize) gaussian->width * gaussian->height;

  g_assert_cmpuint (gaussian->n_layers, <=, MAX_LAYERS);
  g_assert_cmpuint (cells, <=, MAX_CELLS);
  g_assert_true (gaussian->n_channels >= 1 && gaussian->n_channels <= gaussian->n_features);
  for (guint i = 0; i < G_N_ELEMENTS (ones); i++)
    ones[i] = 1;
  for (guint i = 0; i < gaussian->n_layers; i++)
    maps[i] = ones;
  cpac_gaussian_bind_unit (gaussian);
  if (combined != NULL) {
    scratch = g_new (float, cpac_combined_get_scratch (combined, gaussian));
    cpac_combined_measure (combined, gaussian, ones, maps, scratch, map, NULL);
    return;
  }
  scratch = g_new (float, cpac_gaussian_get_scratch (gaussian));
  cpac_gaussian_measure (gaussian, maps, scratch, map);
  for (gsize i = 0; i < cells; i++)
    g_assert_true (fabsf (map[i] - 1) < 1e-5f);
}

static gboolean
read_section (const CpacConfig *map, const CpacNetwork *network, GError **error)
{
  g_autoptr (CpacHead) head = cpac_head_new (map, cpac_network_get_output (network), error);
  g_autoptr (CpacCombined) combined = NULL;
  g_autoptr (CpacGaussian) gaussian = NULL;

  if (head == NULL)
    return FALSE;
  if (head->kind == CPAC_HEAD_COMBINED &&
      (combined = cpac_combined_new (map, network, &map, error)) == NULL)
    return FALSE;
  if (combined == NULL && head->kind != CPAC_HEAD_GAUSSIAN)
    return TRUE;
  gaussian = cpac_gaussian_new (map, network, error);
  if (gaussian == NULL)
    return FALSE;
  check_gaussian (gaussian, combined);
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (CpacConfig) root = cpac_config_parse ("fuzz.yaml", (const char *) data, size, NULL);
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (root == NULL)
    return 0;
  ok = read_section (root, get_network (), &error);
  g_assert_cmpint (ok, ==, error == NULL);
  if (!ok) {
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "fuzz.yaml:"));
  }
  return 0;
}
