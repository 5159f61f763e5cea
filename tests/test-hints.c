/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/network/run.h"
#include "core/train/hints.h"
#include "tests/toy.h"

/* A block with a shortcut, a pool, and a classifier behind it. */
#define LAYERS                                                                                     \
  "- {name: a, type: conv, filters: 3, kernel: 3, padding: same}\n"                                \
  "- {type: relu}\n"                                                                               \
  "- {name: b, type: conv, filters: 3, kernel: 3, padding: same}\n"                                \
  "- {name: sum, type: add, inputs: [b, relu-2]}\n"                                                \
  "- {name: out, type: relu}\n"                                                                    \
  "- {name: pool, type: max-pool, size: 2}\n"                                                      \
  "- {name: c, type: conv, filters: 2, kernel: 1}\n"                                               \
  "- {type: flatten}\n"                                                                            \
  "- {name: l, type: linear, units: 4}\n"
#define TEXT "name: toy\nlayers:\n" LAYERS
static const CpacDims input = { 2, 4, 6 };

static void
assert_layers (GArray *found, const char *names, const CpacNetwork *network)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (
        text, "%s%s", i > 0 ? " " : "",
        cpac_network_get_layer (network, g_array_index (found, guint, i))->name);
  g_assert_cmpstr (text->str, ==, names);
  g_array_unref (found);
}

/* Up to the relu whose map two layers read, to the sum's relu before the pool, not beyond a grid or
 * parameters, and never the output. */
static void
test_find (void)
{
  static const guint a[] = { 0 }, ab[] = { 2, 0 }, c[] = { 6 }, l[] = { 8 };
  g_auto (Toy) toy = { NULL };

  toy_init (&toy, LAYERS, input, 1);
  assert_layers (cpac_hints_find (toy.network, a, 1), "relu-2", toy.network);
  assert_layers (cpac_hints_find (toy.network, ab, 2), "relu-2 out", toy.network);
  assert_layers (cpac_hints_find (toy.network, c, 1), "c", toy.network);
  assert_layers (cpac_hints_find (toy.network, l, 1), "", toy.network);
}

/* The vector holds the output and the maps, bit by bit. */
static void
test_network (void)
{
  static const guint of[] = { 0, 2 };
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_auto (Toy) toy = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) hints = NULL, parts = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (CpacRun) run = NULL, plain = NULL;
  const float *vector;
  guint last;

  toy_init (&toy, LAYERS, input, 2);
  hints = cpac_hints_find (toy.network, of, 2);
  network = cpac_hints_network (toy.network, "toy", TEXT, hints, &error);
  g_assert_no_error (error);
  run = cpac_run_new (network, toy.params, &options);
  plain = cpac_run_new (toy.network, toy.params, &options);
  memcpy (cpac_run_get_input (run, 0), toy.pictures, toy_n_inputs (&toy) * sizeof (float));
  memcpy (cpac_run_get_input (plain, 0), toy.pictures, toy_n_inputs (&toy) * sizeof (float));
  cpac_run_forward (run);
  cpac_run_forward (plain);
  last = cpac_network_get_n_layers (network) - 1;
  vector = cpac_run_get_output (run, last, 0);
  parts = cpac_hints_get_parts (toy.network, hints, 3);
  g_assert_cmpuint (parts->len, ==, 3);
  g_assert_cmpuint (cpac_dims_count (cpac_network_get_output (network)), ==, 4 + 2 * 72);
  for (guint i = 0; i < parts->len; i++) {
    const CpacTeacherPart *part = &g_array_index (parts, CpacTeacherPart, i);
    guint layer = i == 0 ? 8 : g_array_index (hints, guint, i - 1);

    g_assert_cmpfloat (part->weight, ==, i == 0 ? 1 : 1.5);
    g_assert_cmpuint (part->n_values, ==, i == 0 ? 4 : 72);
    g_assert_cmpmem (vector, part->n_values * sizeof (float), cpac_run_get_output (plain, layer, 0),
                     part->n_values * sizeof (float));
    vector += part->n_values;
  }
}

/* Without hints the output is all there is. */
static void
test_none (void)
{
  g_auto (Toy) toy = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) hints = g_array_new (FALSE, FALSE, sizeof (guint)), parts = NULL;
  g_autoptr (CpacNetwork) network = NULL;

  toy_init (&toy, LAYERS, input, 2);
  network = cpac_hints_network (toy.network, "toy", TEXT, hints, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_dims_count (cpac_network_get_output (network)), ==, 4);
  parts = cpac_hints_get_parts (toy.network, hints, 3);
  g_assert_cmpuint (parts->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hints/find", test_find);
  g_test_add_func ("/hints/network", test_network);
  g_test_add_func ("/hints/none", test_none);
  return g_test_run ();
}
