/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/toy.h"

#include <string.h>

/* What a graph on frames of 2x6x8 is refused for: the whole message, with its place. */
typedef struct {
  const char *name;
  const char *layers;
  CpacError code;
  const char *message;
} BadGraph;

#define TYPES                                                                                      \
  "add, average-pool, concat, conv, cpac-conv, flatten, global-average-pool, linear, "             \
  "local-contrast, max-pool, relu, standardize, template, upsample"

static const BadGraph bad_graphs[] = {
  /* The list. */
  { "none", "[]", CPAC_ERROR_SCHEMA,
    "1:1: layers must be a list of 1 to 4096 layers, got 0 of them" },
  { "text", "text", CPAC_ERROR_SCHEMA, "1:1: layers must be a list of 1 to 4096 layers, got text" },
  { "map", "{a: 1, b: 2}", CPAC_ERROR_SCHEMA,
    "1:1: layers must be a list of 1 to 4096 layers, got map" },
  { "text-layer", "- text", CPAC_ERROR_SCHEMA, "1:3: a layer must be a map with a type, got text" },
  /* Types and keys. */
  { "no-type", "- {name: a}", CPAC_ERROR_SCHEMA,
    "1:3: found no key \"type\" in this map, expected one" },
  { "unknown-type", "- {type: blur}", CPAC_ERROR_SCHEMA,
    "1:10: type: found blur, expected one of " TYPES },
  { "near-type", "- {type: cpac_conv}", CPAC_ERROR_SCHEMA,
    "1:10: type: found cpac_conv, expected one of " TYPES " (did you mean \"cpac-conv\"?)" },
  { "unknown-key", "- {type: relu, gain: 2}", CPAC_ERROR_SCHEMA,
    "1:16: found the unknown key \"gain\", expected one of name, type, inputs" },
  { "foreign-key", "- {type: conv, filters: 1, kernel: 3, rank: 2}", CPAC_ERROR_SCHEMA,
    "1:39: found the unknown key \"rank\", expected one of name, type, inputs, filters, kernel, "
    "stride, "
    "dilation, padding, bias" },
  /* Names. */
  { "name-twice", "- {type: relu, name: a}\n- {type: relu, name: a}", CPAC_ERROR_SCHEMA,
    "2:22: there is a layer a already" },
  { "given-name-twice", "- {type: relu, name: relu-2}\n- {type: relu}", CPAC_ERROR_SCHEMA,
    "2:3: there is a layer relu-2 already" },
  { "name-with-space", "- {type: relu, name: a b}", CPAC_ERROR_SCHEMA,
    "1:22: layer name \"a b\" may only hold letters, digits, '_', '.' and '-'" },
  { "name-not-ascii", "- {type: relu, name: \"\\u00e4\"}", CPAC_ERROR_SCHEMA,
    "1:22: layer name \"\303\244\" may only hold letters, digits, '_', '.' and '-'" },
  { "name-with-slash", "- {type: relu, name: a/b}", CPAC_ERROR_SCHEMA,
    "1:22: layer name \"a/b\" may only hold letters, digits, '_', '.' and '-'" },
  { "name-input", "- {type: relu, name: input}", CPAC_ERROR_SCHEMA,
    "1:22: a layer cannot be named input: that is the frame" },
  { "name-empty", "- {type: relu, name: ''}", CPAC_ERROR_SCHEMA,
    "1:22: name: found the text \"\", expected text that is not empty" },
  /* Inputs. */
  { "forward", "- {type: relu, inputs: [b]}\n- {type: relu, name: b}", CPAC_ERROR_SCHEMA,
    "1:25: no layer b above this one (input is the frame)" },
  { "itself", "- {type: relu, name: a, inputs: [a]}", CPAC_ERROR_SCHEMA,
    "1:34: no layer a above this one (input is the frame)" },
  { "two-for-one", "- {type: relu, inputs: [input, input]}", CPAC_ERROR_SCHEMA,
    "1:3: layer relu-1 (relu) has 2 inputs, expected 1" },
  { "none-for-one", "- {type: relu, inputs: []}", CPAC_ERROR_SCHEMA,
    "1:3: layer relu-1 (relu) has 0 inputs, expected 1" },
  { "one-for-two", "- {type: add}", CPAC_ERROR_SCHEMA,
    "1:3: layer add-1 (add) has 1 inputs, expected 2 or more" },
  { "one-for-none", "- {type: template, channels: 1, height: 1, width: 1, inputs: [input]}",
    CPAC_ERROR_SCHEMA, "1:3: layer template-1 (template) has 1 inputs, expected 0" },
  { "inputs-text", "- {type: relu, inputs: input}", CPAC_ERROR_SCHEMA,
    "1:24: inputs must be a list of 0 to 256 layer names, got text" },
  { "inputs-list", "- {type: relu, inputs: [[a]]}", CPAC_ERROR_SCHEMA,
    "1:25: inputs: found a list, expected text that is not empty" },
  /* Shapes that do not fit. */
  { "add", "- {type: max-pool, size: 2, name: p}\n- {type: add, inputs: [input, p]}",
    CPAC_ERROR_SHAPE,
    "2:3: layer add-2 adds inputs of different shape: input 1 is 2x6x8, input 2 is 2x3x4" },
  { "concat", "- {type: max-pool, size: 2, name: p}\n- {type: concat, inputs: [input, input, p]}",
    CPAC_ERROR_SHAPE,
    "2:3: layer concat-2 joins inputs of different size: input 1 is 2x6x8, input 3 is 2x3x4" },
  { "kernel-high", "- {type: conv, filters: 1, kernel: 7}", CPAC_ERROR_SHAPE,
    "1:3: window is 7 high, but its input has only 6 (with padding)" },
  { "kernel-wide", "- {type: cpac-conv, rank: 1, filters: 1, kernel: [1, 9]}", CPAC_ERROR_SHAPE,
    "1:3: window is 9 wide, but its input has only 8 (with padding)" },
  { "kernel-dilated", "- {type: conv, filters: 1, kernel: 3, dilation: 3}", CPAC_ERROR_SHAPE,
    "1:3: window is 7 high, but its input has only 6 (with padding)" },
  { "kernel-padded", "- {type: conv, filters: 1, kernel: [9, 1], padding: [1, 0, 1, 0]}",
    CPAC_ERROR_SHAPE, "1:3: window is 9 high, but its input has only 8 (with padding)" },
  { "pool-high", "- {type: max-pool, size: [7, 1], ceil: true}", CPAC_ERROR_SHAPE,
    "1:3: window is 7 high, but its input has only 6 (with padding)" },
  { "shrink", "- {type: upsample, size: [5, 12]}", CPAC_ERROR_SHAPE,
    "1:3: layer upsample-1 would shrink 6x8 to 5x12, upsample only enlarges" },
  /* Options. */
  { "no-kernel", "- {type: conv, filters: 1}", CPAC_ERROR_SCHEMA,
    "1:3: found no key \"kernel\" in this map, expected one" },
  { "no-filters", "- {type: conv, kernel: 3}", CPAC_ERROR_SCHEMA,
    "1:3: found no key \"filters\" in this map, expected one" },
  { "no-rank", "- {type: cpac-conv, filters: 1, kernel: 3}", CPAC_ERROR_SCHEMA,
    "1:3: found no key \"rank\" in this map, expected one" },
  { "no-size", "- {type: max-pool}", CPAC_ERROR_SCHEMA,
    "1:3: found no key \"size\" in this map, expected one" },
  { "filters-0", "- {type: conv, filters: 0, kernel: 3}", CPAC_ERROR_SCHEMA,
    "1:25: filters: found 0, expected a whole number from 1 to 65536" },
  { "filters-many", "- {type: conv, filters: 65537, kernel: 3}", CPAC_ERROR_SCHEMA,
    "1:25: filters: found 65537, expected a whole number from 1 to 65536" },
  { "stride-0", "- {type: conv, filters: 1, kernel: 3, stride: 0}", CPAC_ERROR_SCHEMA,
    "1:47: stride: found 0, expected a whole number from 1 to 32768" },
  { "kernel-3d", "- {type: conv, filters: 1, kernel: [3, 3, 3]}", CPAC_ERROR_SCHEMA,
    "1:36: kernel: found a list of 3, expected a list of 2 whole numbers" },
  { "padding-word", "- {type: conv, filters: 1, kernel: 3, padding: full}", CPAC_ERROR_SCHEMA,
    "1:48: padding: found full, expected one of valid, same" },
  { "padding-pair", "- {type: conv, filters: 1, kernel: 3, padding: [1, 1]}", CPAC_ERROR_SCHEMA,
    "1:48: padding: found a list of 2, expected a list of 4 whole numbers" },
  { "bias-number", "- {type: conv, filters: 1, kernel: 3, bias: 1}", CPAC_ERROR_SCHEMA,
    "1:45: bias: found 1, expected true or false" },
  { "pool-padding", "- {type: max-pool, size: 2, padding: [2, 0, 0, 0]}", CPAC_ERROR_SCHEMA,
    "1:38: padding must be smaller than the pool's size, 2 high" },
  { "pool-padding-right", "- {type: average-pool, size: [3, 2], padding: [2, 1, 2, 2]}",
    CPAC_ERROR_SCHEMA, "1:47: padding must be smaller than the pool's size, 2 wide" },
  { "upsample-none", "- {type: upsample}", CPAC_ERROR_SCHEMA,
    "1:3: layer upsample-1 needs either factor or size" },
  { "upsample-both", "- {type: upsample, factor: 2, size: [12, 12]}", CPAC_ERROR_SCHEMA,
    "1:3: layer upsample-1 needs either factor or size" },
  { "window-even", "- {type: local-contrast, window: 4}", CPAC_ERROR_SCHEMA,
    "1:34: window must be odd, got 4" },
  { "window-1", "- {type: local-contrast, window: 1}", CPAC_ERROR_SCHEMA,
    "1:34: window: found 1, expected a whole number from 3 to 1023" },
  { "clip", "- {type: standardize, clip: [1, 1]}", CPAC_ERROR_SCHEMA,
    "1:29: clip must be [min, max] with min below max, got [1, 1]" },
  { "spread-0", "- {type: standardize, spread: 0}", CPAC_ERROR_SCHEMA,
    "1:31: spread: found 0, expected a number from 1e-06 to 1000000" },
  /* Sizes. */
  { "weight", "- {type: linear, units: 65536}\n- {type: linear, units: 65536}", CPAC_ERROR_SHAPE,
    "2:3: parameter linear-2.weight would be 65536x65536, at most 268435456 elements are taken" },
  { "template", "- {type: template, channels: 65536, height: 32768, width: 32768}",
    CPAC_ERROR_SHAPE,
    "1:3: parameter template-1.weight would be 65536x32768x32768, at most 268435456 elements are "
    "taken" },
  { "output", "- {type: upsample, size: [32768, 32768]}", CPAC_ERROR_SHAPE,
    "1:3: layer upsample-1 has an output of 2x32768x32768, at most 268435456 elements are taken" },
  { "side", "- {type: upsample, factor: [1, 8192]}", CPAC_ERROR_SHAPE,
    "1:3: layer upsample-1 has an output of 2x6x65536, at most 268435456 elements are taken" },
  { "kernel", "- {type: conv, filters: 65536, kernel: 32768, padding: same}", CPAC_ERROR_SHAPE,
    "1:3: parameter conv-1.weight would be 65536x2x32768x32768, at most 268435456 elements are "
    "taken" },
  { "factored-kernel", "- {type: cpac-conv, filters: 9, rank: 1, kernel: 32768, padding: same}",
    CPAC_ERROR_SHAPE,
    "1:3: the kernel of layer cpac-conv-1 multiplied out would be 9x2x32768x32768, at most "
    "268435456 "
    "elements are taken" },
  { "outputs-together", "- {type: upsample, size: [12288, 8192]}\n- {type: relu}\n- {type: relu}",
    CPAC_ERROR_SHAPE,
    "3:3: the layers up to here have 603979872 outputs together, at most 536870912 are taken" },
  { "parameters-together",
    "- {type: linear, units: 3000}\n- {type: linear, units: 65536}\n- {type: linear, units: 3000}\n"
    "- {type: linear, units: 65536}",
    CPAC_ERROR_SHAPE,
    "4:3: the layers up to here have 590249072 parameters together, at most 536870912 are taken" },
};

static void
test_bad (gconstpointer data)
{
  const BadGraph *bad = data;
  g_autoptr (CpacConfig) config = toy_parse (bad->layers);
  g_autofree char *message = g_strconcat ("toy.yaml:", bad->message, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_network_new (config, &(CpacDims){ 2, 6, 8 }, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_error (error, CPAC_ERROR, (int) bad->code);
}

/* The largest frame with the widest layer: refused without taking memory or time. */
static void
test_huge (void)
{
  static const struct {
    const char *layers, *message;
  } huge[] = {
    { "- {type: linear, units: 65536}", "parameter linear-1.weight would be 65536x67108864" },
    { "- {type: cpac-conv, filters: 1, kernel: 3, rank: 65536, padding: same}",
      "layer cpac-conv-1 has 26843545600 intermediate elements at once" },
    { "- {type: conv, filters: 65536, kernel: 1}",
      "layer conv-1 has an output of 65536x8192x8192" },
  };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (huge); i++) {
    g_autoptr (CpacConfig) config = toy_parse (huge[i].layers);
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_network_new (config, &(CpacDims){ 1, 8192, 8192 }, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
    g_assert_true (g_str_has_prefix (error->message + strlen ("toy.yaml:1:3: "), huge[i].message));
  }
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
}

static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (CpacConfig) most = NULL, more = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (GError) error = NULL;
  CpacDims one = { 1, 1, 1 };

  for (guint i = 0; i < 4096; i++)
    g_string_append (text, "- {type: relu}\n");
  most = toy_parse (text->str);
  network = cpac_network_new (most, &one, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_network_get_n_layers (network), ==, 4096);
  g_string_append (text, "- {type: relu}\n");
  more = toy_parse (text->str);
  g_assert_null (cpac_network_new (more, &one, &error));
  g_assert_cmpstr (error->message, ==,
                   "toy.yaml:1:1: layers must be a list of 1 to 4096 layers, got 4097 of them");
}

static void
test_many_inputs (void)
{
  g_autoptr (GString) text = g_string_new ("- {type: add, inputs: [input");
  g_autoptr (CpacConfig) most = NULL, more = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *full = NULL;
  CpacDims one = { 1, 1, 1 };

  for (guint i = 1; i < 256; i++)
    g_string_append (text, ", input");
  full = g_strconcat (text->str, "]}", NULL);
  most = toy_parse (full);
  network = cpac_network_new (most, &one, &error);
  g_assert_no_error (error);
  g_string_append (text, ", input]}");
  more = toy_parse (text->str);
  g_assert_null (cpac_network_new (more, &one, &error));
  g_assert_cmpstr (error->message, ==,
                   "toy.yaml:1:23: inputs must be a list of 0 to 256 layer names, got 257 of them");
}

/* Names, default names, default inputs and shapes of a graph with a branch. */
static void
test_graph (void)
{
  g_auto (Toy) toy = { 0 };
  const CpacNetwork *network;
  CpacCost cost;

  toy_init (&toy,
            "- {type: conv, filters: 3, kernel: 3, padding: same}\n"
            "- {type: relu, name: Left_1.x-y}\n"
            "- {type: max-pool, size: 2, inputs: [input]}\n"
            "- {type: upsample, factor: 2}\n"
            "- {type: template, channels: 4, height: 6, width: 8, name: t}\n"
            "- {type: concat, inputs: [upsample-4, Left_1.x-y, t]}\n",
            (CpacDims){ 2, 6, 8 }, 1);
  network = toy.network;
  g_assert_cmpuint (cpac_network_get_n_layers (network), ==, 6);
  g_assert_cmpstr (cpac_network_get_layer (network, 0)->name, ==, "conv-1");
  g_assert_cmpint (cpac_network_find (network, "conv-1"), ==, 0);
  g_assert_cmpint (cpac_network_find (network, "Left_1.x-y"), ==, 1);
  g_assert_cmpint (cpac_network_find (network, "input"), ==, -1);
  g_assert_cmpint (cpac_network_get_inputs (network, 0)[0], ==, CPAC_NETWORK_INPUT);
  g_assert_cmpint (cpac_network_get_inputs (network, 1)[0], ==, 0);
  g_assert_cmpint (cpac_network_get_inputs (network, 2)[0], ==, CPAC_NETWORK_INPUT);
  g_assert_cmpint (cpac_network_get_inputs (network, 5)[0], ==, 3);
  g_assert_cmpint (cpac_network_get_inputs (network, 5)[1], ==, 1);
  g_assert_cmpint (cpac_network_get_inputs (network, 5)[2], ==, 4);
  g_assert_true (cpac_dims_equal (cpac_network_get_output (network), &(CpacDims){ 9, 6, 8 }));
  cpac_network_count (network, &cost);
  g_assert_cmpuint (cost.macs, ==, 6 * 8 * 2 * 3 * 9);
  g_assert_cmpuint (cost.parameters, ==, 3 * 2 * 9 + 3 + 4 * 6 * 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad_graphs); i++) {
    g_autofree char *path = g_strdup_printf ("/network/bad/%s", bad_graphs[i].name);

    g_test_add_data_func (path, &bad_graphs[i], test_bad);
  }
  g_test_add_func ("/network/huge", test_huge);
  g_test_add_func ("/network/many", test_many);
  g_test_add_func ("/network/many-inputs", test_many_inputs);
  g_test_add_func ("/network/graph", test_graph);
  return g_test_run ();
}
