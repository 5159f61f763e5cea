/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/layer-oracle.h"
#include "tests/toy.h"

#include <string.h>

/* Both convolutions against the direct sum over the multiplied-out kernel, over every combination
 * of the tables below; filters, channels, rank and bias take turns. */
static const guint sizes[][2] = { { 1, 1 }, { 1, 5 }, { 2, 3 },  { 3, 1 },
                                  { 5, 2 }, { 5, 5 }, { 3, 17 }, { 17, 5 } };
static const guint kernels[][2] = { { 1, 1 }, { 1, 3 }, { 3, 1 }, { 3, 3 },
                                    { 5, 3 }, { 2, 2 }, { 7, 1 } };
static const guint strides[][2] = { { 1, 1 }, { 2, 2 }, { 3, 3 }, { 2, 1 } };
static const guint dilations[][2] = { { 1, 1 }, { 2, 2 }, { 1, 3 } };
static const struct {
  const char *text;
  OraclePadding padding;
  guint sides[4];
} paddings[] = {
  { "same", ORACLE_SAME, { 0 } },
  { "valid", ORACLE_VALID, { 0 } },
  { "[1, 0, 2, 3]", ORACLE_EXPLICIT, { 1, 0, 2, 3 } },
  { "[0, 4, 0, 1]", ORACLE_EXPLICIT, { 0, 4, 0, 1 } },
};
static const guint channel_counts[] = { 1, 2, 3, 5 };
static const guint filter_counts[] = { 1, 3, 7 };
static const guint ranks[] = { 1, 2, 5 };

typedef struct {
  OracleWindow window;
  const char *padding;
  CpacDims in;
  guint filters, rank; /* rank 0: dense */
  gboolean bias;
} ConvCase;

static char *
case_to_yaml (const ConvCase *c)
{
  g_autofree char *rank = c->rank > 0 ? g_strdup_printf (", rank: %u", c->rank) : g_strdup ("");
  const OracleWindow *w = &c->window;

  return g_strdup_printf ("- {type: %s, filters: %u, kernel: [%u, %u], stride: [%u, %u], "
                          "dilation: [%u, %u], padding: %s, bias: %s%s}",
                          c->rank > 0 ? "cpac-conv" : "conv", c->filters, w->size[0], w->size[1],
                          w->stride[0], w->stride[1], w->dilation[0], w->dilation[1], c->padding,
                          c->bias ? "true" : "false", rank);
}

static void
assert_refused (const ConvCase *c, const char *yaml)
{
  g_autoptr (CpacConfig) config = toy_parse (yaml);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_network_new (config, &c->in, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "window is "));
}

static void
make_kernel (OracleKernel *kernel, const ConvCase *c, const Toy *toy)
{
  kernel->filters = c->filters;
  kernel->channels = c->in.channels;
  kernel->kh = c->window.size[0];
  kernel->kw = c->window.size[1];
  if (c->rank > 0)
    oracle_kernel_from_factors (kernel, c->rank, toy_param (toy, 0), toy_param (toy, 1),
                                toy_param (toy, 2), toy_param (toy, 3));
  else
    oracle_kernel_from_dense (kernel, toy_param (toy, 0));
}

/* Additions and multiplications of the longest path of one term, in the layer or in the oracle. */
static guint
roundings (const ConvCase *c)
{
  guint taps = c->window.size[0] * c->window.size[1] * c->in.channels;
  guint stages = c->in.channels + c->window.size[0] + c->window.size[1] + c->rank + 4;

  return MAX (taps + c->rank, stages) + 5;
}

static void
check_case (const ConvCase *c, guint number)
{
  g_autofree char *yaml = case_to_yaml (c);
  g_auto (Toy) toy = { 0 };
  g_auto (OracleKernel) kernel = { 0 };
  g_autofree double *expected = NULL, *bound = NULL;
  guint n_p = oracle_n_out (&c->window, 0, c->in.height);
  guint n_q = oracle_n_out (&c->window, 1, c->in.width);
  gsize n = (gsize) c->filters * n_p * n_q;

  if (n == 0) {
    assert_refused (c, yaml);
    return;
  }
  toy_init (&toy, yaml, c->in, number);
  g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ c->filters, n_p, n_q }));
  make_kernel (&kernel, c, &toy);
  expected = g_new (double, n);
  bound = g_new (double, n);
  oracle_convolve (&c->window, &kernel, c->bias ? toy_param (&toy, c->rank > 0 ? 4 : 1) : NULL,
                   toy.pictures, c->in.height, c->in.width, expected, bound);
  toy_check (&toy, expected, bound, roundings (c));
  /* Teams of threads are dear: a sample of the cases. */
  if (number % 29 == 0)
    toy_check_bits (&toy);
}

static void
check_all (gboolean factored)
{
  guint number = 0;

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint k = 0; k < G_N_ELEMENTS (kernels); k++)
      for (guint t = 0; t < G_N_ELEMENTS (strides); t++)
        for (guint d = 0; d < G_N_ELEMENTS (dilations); d++)
          for (guint p = 0; p < G_N_ELEMENTS (paddings); p++, number++) {
            ConvCase c = {
              .padding = paddings[p].text,
              .in = { channel_counts[number % 4], sizes[s][0], sizes[s][1] },
              .filters = filter_counts[number / 4 % 3],
              .rank = factored ? ranks[number / 12 % 3] : 0,
              .bias = number / 36 % 2,
            };

            memcpy (c.window.size, kernels[k], sizeof c.window.size);
            memcpy (c.window.stride, strides[t], sizeof c.window.stride);
            memcpy (c.window.dilation, dilations[d], sizeof c.window.dilation);
            memcpy (c.window.sides, paddings[p].sides, sizeof c.window.sides);
            c.window.padding = paddings[p].padding;
            check_case (&c, number);
          }
}

static void
test_dense (void)
{
  check_all (FALSE);
}

static void
test_factored (void)
{
  check_all (TRUE);
}

/* More rows than a worker takes at once, so that strips meet inside the picture. */
static void
test_strips (void)
{
  static const ConvCase tall[] = {
    { { { 3, 3 }, { 1, 1 }, { 1, 1 }, ORACLE_SAME, { 0 }, FALSE },
      "same",
      { 3, 53, 7 },
      7,
      5,
      TRUE },
    { { { 5, 3 }, { 2, 1 }, { 3, 1 }, ORACLE_SAME, { 0 }, FALSE },
      "same",
      { 2, 90, 5 },
      3,
      2,
      TRUE },
    { { { 3, 3 }, { 1, 2 }, { 1, 1 }, ORACLE_EXPLICIT, { 40, 0, 40, 2 }, FALSE },
      "[40, 0, 40, 2]",
      { 1, 5, 5 },
      3,
      1,
      TRUE },
    { { { 3, 1 }, { 3, 1 }, { 20, 1 }, ORACLE_VALID, { 0 }, FALSE },
      "valid",
      { 1, 253, 2 },
      1,
      1,
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tall); i++) {
    ConvCase dense = tall[i];

    dense.rank = 0;
    check_case (&tall[i], 0);
    check_case (&dense, 0);
  }
}

/* By hand: 5x4 input of 2 channels, 3 filters, 3x2 kernel, stride [2, 1], valid, rank 2:
 * output 2x3; dense 2 * 3 * 2 * 3 * (3 * 2) = 216;
 * factored 5 * 4 * 2 * 2 + 2 * 4 * 3 * 2 + 2 * 3 * 2 * 2 + 2 * 3 * 2 * 3 = 80 + 48 + 24 + 36. */
static void
test_count (void)
{
  g_auto (Toy) factored = { 0 }, dense = { 0 };
  CpacDims in = { 2, 5, 4 };
  CpacCost cost;

  toy_init (&factored, "- {type: cpac-conv, filters: 3, kernel: [3, 2], rank: 2, stride: [2, 1]}",
            in, 1);
  cpac_network_count (factored.network, &cost);
  g_assert_cmpuint (cost.macs, ==, 188);
  g_assert_cmpuint (cost.macs_dense, ==, 216);
  g_assert_cmpuint (cost.parameters, ==, 3 * 2 + 3 * 2 + 2 * 2 + 2 * 2 + 3);
  g_assert_cmpuint (cost.parameters_dense, ==, 3 * 2 * 3 * 2 + 3);
  toy_init (&dense, "- {type: conv, filters: 3, kernel: [3, 2], stride: [2, 1], bias: false}", in,
            1);
  cpac_network_count (dense.network, &cost);
  g_assert_cmpuint (cost.macs, ==, 216);
  g_assert_cmpuint (cost.macs_dense, ==, 216);
  g_assert_cmpuint (cost.parameters, ==, 36);
  g_assert_cmpuint (cost.parameters_dense, ==, 36);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layer-conv/dense", test_dense);
  g_test_add_func ("/layer-conv/factored", test_factored);
  g_test_add_func ("/layer-conv/strips", test_strips);
  g_test_add_func ("/layer-conv/count", test_count);
  return g_test_run ();
}
