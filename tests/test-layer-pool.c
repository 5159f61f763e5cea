/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/layer-oracle.h"
#include "tests/toy.h"

#include <math.h>
#include <string.h>

/* Pools against their definition, over every combination of the tables. */
static const guint sides_of_input[] = { 1, 2, 3, 5, 7, 17 };
static const guint sizes[][2] = { { 1, 1 }, { 2, 2 }, { 3, 3 }, { 3, 1 }, { 2, 5 } };
static const guint strides[][2] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 2 }, { 4, 4 } };
static const struct {
  const char *text;
  OraclePadding padding;
  guint sides[4];
} paddings[] = {
  { "valid", ORACLE_VALID, { 0 } },
  { "same", ORACLE_SAME, { 0 } },
  { "[1, 0, 1, 0]", ORACLE_EXPLICIT, { 1, 0, 1, 0 } },
  { "[0, 1, 2, 1]", ORACLE_EXPLICIT, { 0, 1, 2, 1 } },
};

typedef struct {
  OracleWindow window;
  gboolean has_stride;
  const char *padding;
  CpacDims in;
} PoolCase;

static char *
case_to_yaml (const PoolCase *c, OraclePool kind)
{
  const OracleWindow *w = &c->window;
  g_autofree char *stride = c->has_stride
                                ? g_strdup_printf (", stride: [%u, %u]", w->stride[0], w->stride[1])
                                : g_strdup ("");

  return g_strdup_printf ("- {type: %s, size: [%u, %u]%s, padding: %s, ceil: %s}",
                          kind == ORACLE_MAX ? "max-pool" : "average-pool", w->size[0], w->size[1],
                          stride, c->padding, w->ceil ? "true" : "false");
}

static gboolean
padding_fits (const OracleWindow *w)
{
  for (guint side = 0; side < 4; side++)
    if (w->sides[side] >= w->size[side % 2])
      return FALSE;
  return TRUE;
}

static void
assert_refused (const PoolCase *c, const char *yaml, CpacError code)
{
  g_autoptr (CpacConfig) config = toy_parse (yaml);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_network_new (config, &c->in, &error));
  g_assert_error (error, CPAC_ERROR, (int) code);
}

static void
check_case (const PoolCase *c, OraclePool kind, guint number)
{
  g_autofree char *yaml = case_to_yaml (c, kind);
  g_auto (Toy) toy = { 0 };
  g_autofree double *expected = NULL, *bound = NULL;
  guint n_p = oracle_n_out (&c->window, 0, c->in.height);
  guint n_q = oracle_n_out (&c->window, 1, c->in.width);
  gsize n = (gsize) c->in.channels * n_p * n_q;

  if (!padding_fits (&c->window)) {
    assert_refused (c, yaml, CPAC_ERROR_SCHEMA);
    return;
  }
  if (n == 0) {
    assert_refused (c, yaml, CPAC_ERROR_SHAPE);
    return;
  }
  toy_init (&toy, yaml, c->in, number);
  g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ c->in.channels, n_p, n_q }));
  expected = g_new (double, n);
  bound = g_new (double, n);
  oracle_pool (&c->window, kind, toy.pictures, &c->in, expected, bound);
  /* A maximum is one of the inputs, exactly: its bound is 0. */
  toy_check (&toy, expected, bound, c->window.size[0] * c->window.size[1] + 1);
  if (number % 37 == 0)
    toy_check_bits (&toy);
}

static void
check_all (gconstpointer data)
{
  OraclePool kind = GPOINTER_TO_INT (data);
  guint number = 0;

  for (guint i = 0; i < G_N_ELEMENTS (sides_of_input) * G_N_ELEMENTS (sides_of_input); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
      for (guint t = 0; t < G_N_ELEMENTS (strides); t++)
        for (guint p = 0; p < G_N_ELEMENTS (paddings); p++, number++)
          for (gboolean ceiling = FALSE; ceiling <= TRUE; ceiling++) {
            PoolCase c = {
              .has_stride = strides[t][0] > 0,
              .padding = paddings[p].text,
              .in = { 1 + number % 3, sides_of_input[i % 6], sides_of_input[i / 6] },
              .window = { .padding = paddings[p].padding, .dilation = { 1, 1 }, .ceil = ceiling },
            };

            memcpy (c.window.size, sizes[k], sizeof c.window.size);
            memcpy (c.window.stride, c.has_stride ? strides[t] : sizes[k], sizeof c.window.stride);
            memcpy (c.window.sides, paddings[p].sides, sizeof c.window.sides);
            check_case (&c, kind, number);
          }
}

/* What PyTorch answers for MaxPool2d (size, stride, padding, ceil_mode=True) on one row: its
 * documented examples and the corners of its rule "a window that would start in the padding behind
 * the picture is left out". */
static void
test_ceil (void)
{
  static const struct {
    guint n_in, size, stride, padding, n_out;
  } rows[] = {
    { 5, 2, 2, 0, 3 },   { 4, 2, 2, 0, 2 },    { 6, 3, 2, 0, 3 }, { 7, 3, 2, 0, 3 },
    { 55, 3, 2, 0, 27 }, { 112, 3, 2, 0, 56 }, { 1, 2, 2, 1, 1 }, { 3, 2, 2, 1, 2 },
    { 2, 2, 3, 1, 1 },   { 5, 2, 4, 0, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *yaml = g_strdup_printf (
        "- {type: max-pool, size: [1, %u], stride: [1, %u], padding: [0, %u, 0, %u], ceil: true}",
        rows[i].size, rows[i].stride, rows[i].padding, rows[i].padding);
    g_auto (Toy) toy = { 0 };

    toy_init (&toy, yaml, (CpacDims){ 1, 1, rows[i].n_in }, 1);
    g_assert_cmpuint (toy_out (&toy)->width, ==, rows[i].n_out);
  }
}

/* Ties, signed zeros and what is not a number: the first maximum wins; not a number wins always, so
 * that it reaches the score, where it is noticed. */
static void
test_max_special (void)
{
  static const struct {
    float in[4];
    float out;
  } windows[] = {
    { { 1, 1, 1, 1 }, 1 },
    { { -3, -3, -5, -3 }, -3 },
    { { -INFINITY, -INFINITY, -INFINITY, -INFINITY }, -INFINITY },
    { { 0.0f, -0.0f, -0.0f, -1 }, 0.0f },
    { { -0.0f, 0.0f, 0.0f, -1 }, -0.0f },
    { { NAN, 1, 2, 3 }, NAN },
    { { 1, NAN, 2, 3 }, NAN },
    { { 3, 2, NAN, 1 }, NAN },
    { { 3, 2, 1, NAN }, NAN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++) {
    g_auto (Toy) toy = { 0 };
    g_autofree double *out = NULL;

    toy_init (&toy, "- {type: max-pool, size: 2}", (CpacDims){ 1, 2, 2 }, 1);
    memcpy (toy.pictures, windows[i].in, sizeof windows[i].in);
    out = toy_run (&toy, CPAC_PRECISION_SINGLE, 1, 1);
    if (isnan (windows[i].out)) {
      g_assert_true (isnan (out[0]));
    } else {
      g_assert_true (out[0] == windows[i].out);
      g_assert_cmpint (signbit (out[0]) != 0, ==, signbit (windows[i].out) != 0);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/layer-pool/max", GINT_TO_POINTER (ORACLE_MAX), check_all);
  g_test_add_data_func ("/layer-pool/average", GINT_TO_POINTER (ORACLE_MEAN), check_all);
  g_test_add_func ("/layer-pool/ceil", test_ceil);
  g_test_add_func ("/layer-pool/max-special", test_max_special);
  return g_test_run ();
}
