/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/model/config.h"

#define TEXT                                                                                       \
  "# A network in all the ways of writing one.\n"                                                  \
  "layers:\n"                                                                                      \
  "  - {name: a, type: conv, filters: 3, kernel: 3}   # flow\n"                                    \
  "  - type: relu\n"                                                                               \
  "  - type: conv   # without a name\n"                                                            \
  "    filters: 2\n"                                                                               \
  "    kernel: [3, 1]\n"                                                                           \
  "    bias: false\n"                                                                              \
  "  - {type: relu}\n"                                                                             \
  "  -   name: c\n"                                                                                \
  "      filters: 4\n"                                                                             \
  "      kernel: 2\n"                                                                              \
  "      type:   \"conv\"\n"                                                                       \
  "      stride: 2\n"                                                                              \
  "  - {type: add, inputs: [c, c]}\n"
static const CpacDims input = { 2, 9, 8 };

static CpacNetwork *
read_network (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) root = cpac_config_parse ("toy", text, strlen (text), &error);
  CpacNetwork *network;

  g_assert_no_error (error);
  network = cpac_network_new (cpac_config_peek (root, "layers"), &input, &error);
  g_assert_no_error (error);
  return network;
}

/* Types and ranks, names where they came from the type, and nothing else. */
static void
test_text (void)
{
  static const guint all[] = { 5, 0, 7, 0, 6, 0 }, one[] = { 0, 0, 0, 0, 1, 0 };
  g_autoptr (CpacNetwork) network = read_network (TEXT);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = cpac_factorize_text (network, all, "toy", TEXT, &error);
  g_autofree char *last = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==,
                   "# A network in all the ways of writing one.\n"
                   "layers:\n"
                   "  - {name: a, type: cpac-conv, rank: 5, filters: 3, kernel: 3}   # flow\n"
                   "  - type: relu\n"
                   "  - type: cpac-conv\n"
                   "    name: conv-3\n"
                   "    rank: 7   # without a name\n"
                   "    filters: 2\n"
                   "    kernel: [3, 1]\n"
                   "    bias: false\n"
                   "  - {type: relu}\n"
                   "  -   name: c\n"
                   "      filters: 4\n"
                   "      kernel: 2\n"
                   "      type:   cpac-conv\n"
                   "      rank: 6\n"
                   "      stride: 2\n"
                   "  - {type: add, inputs: [c, c]}\n");
  last = cpac_factorize_text (network, one, "toy", TEXT, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (last, "type: conv, filters: 3"));
  g_assert_nonnull (strstr (last, "cpac-conv\n      rank: 1\n"));
}

/* A file from elsewhere keeps its line breaks. */
static void
test_line_breaks (void)
{
  const char *text = "layers:\r\n- name: a\r\n  type: conv\r\n  filters: 1\r\n  kernel: 3\r\n";
  static const guint ranks[] = { 2 };
  g_autoptr (CpacNetwork) network = read_network (text);
  g_autoptr (GError) error = NULL;
  g_autofree char *result = cpac_factorize_text (network, ranks, "toy", text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (result, ==,
                   "layers:\r\n- name: a\r\n  type: cpac-conv\r\n  rank: 2\r\n  filters: 1\r\n"
                   "  kernel: 3\r\n");
}

/* Two layers that share their type cannot become different ones. */
static void
test_alias (void)
{
  const char *text = "layers:\n"
                     "- {name: a, type: &t conv, filters: 2, kernel: 3}\n"
                     "- {name: b, type: *t, filters: 2, kernel: 3}\n";
  static const guint ranks[] = { 0, 2 };
  g_autoptr (CpacNetwork) network = read_network (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_factorize_text (network, ranks, "toy", text, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_true (g_str_has_prefix (error->message, "toy:2:1: the types of the layers cannot"));
}

static void
assert_same (const CpacTensor *x, const CpacTensor *y)
{
  g_assert_true (cpac_shape_equal (&x->shape, &y->shape));
  g_assert_cmpmem (x->data, cpac_shape_count (&x->shape) * sizeof (float), y->data,
                   cpac_shape_count (&y->shape) * sizeof (float));
}

/* What stays is copied, biases too; factors wait to be set. */
static void
test_params (void)
{
  static const guint ranks[] = { 5, 0, 7, 0, 0, 0 };
  g_autoptr (CpacNetwork) network = read_network (TEXT);
  g_autoptr (CpacParams) params = cpac_params_new_random (network, 3), result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = cpac_factorize_text (network, ranks, "toy", TEXT, &error);
  g_autoptr (CpacNetwork) factorized = cpac_factorize_network (network, "toy", text, &error);
  float *factors[4], *bias;

  g_assert_no_error (error);
  result = cpac_factorize_params (network, params, factorized);
  assert_same (result->values[result->first[4]], params->values[params->first[4]]);
  assert_same (result->values[result->first[4] + 1], params->values[params->first[4] + 1]);
  assert_same (result->values[result->first[0] + CPAC_CONV_BIAS],
               params->values[params->first[0] + CPAC_DENSE_BIAS]);
  cpac_factorize_get_factors (factorized, result, 0, factors, &bias);
  g_assert_true (bias == result->values[result->first[0] + CPAC_CONV_BIAS]->data);
  for (guint m = 0; m < 4; m++)
    g_assert_cmpfloat (factors[m][0], ==, 0);
  cpac_factorize_get_factors (factorized, result, 2, factors, &bias);
  g_assert_null (bias);
}

/* The costs said beforehand are those of the network that is made. */
static void
test_count (void)
{
  static const guint ranks[] = { 5, 0, 7, 0, 6, 0 };
  g_autoptr (CpacNetwork) network = read_network (TEXT);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = cpac_factorize_text (network, ranks, "toy", TEXT, &error);
  g_autoptr (CpacNetwork) factorized = cpac_factorize_network (network, "toy", text, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 5; i += 2) {
    CpacCost said, is;

    cpac_factorize_count (network, i, ranks[i], &said);
    cpac_layer_count (cpac_network_get_layer (factorized, i), &is);
    g_assert_cmpuint (said.macs, ==, is.macs);
    g_assert_cmpuint (said.macs_dense, ==, is.macs_dense);
    g_assert_cmpuint (said.parameters, ==, is.parameters);
    g_assert_cmpuint (said.parameters_dense, ==, is.parameters_dense);
    cpac_factorize_count (network, i, 0, &said);
    cpac_layer_count (cpac_network_get_layer (network, i), &is);
    g_assert_cmpuint (said.macs, ==, is.macs);
    g_assert_cmpuint (said.parameters, ==, is.parameters);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/factorize/text", test_text);
  g_test_add_func ("/factorize/line-breaks", test_line_breaks);
  g_test_add_func ("/factorize/alias", test_alias);
  g_test_add_func ("/factorize/params", test_params);
  g_test_add_func ("/factorize/count", test_count);
  return g_test_run ();
}
