/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/init.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/layers/options.h"
#include "core/network/run.h"
#include "tests/toy.h"

/* One layer, its shape and the variance its kernel must have. */
typedef struct {
  const char *name;
  CpacDims input;
  const char *layer;
  guint n, kh, kw, c, rank;
} Case;

static const Case cases[] = {
  { "usual",
    { 3, 9, 9 },
    "[{type: cpac-conv, filters: 4, kernel: [3, 5], rank: 6}]",
    4,
    3,
    5,
    3,
    6 },
  { "rank-1", { 2, 5, 5 }, "[{type: cpac-conv, filters: 3, kernel: 3, rank: 1}]", 3, 3, 3, 2, 1 },
  { "gray", { 1, 5, 5 }, "[{type: cpac-conv, filters: 2, kernel: 3, rank: 7}]", 2, 3, 3, 1, 7 },
  { "point", { 5, 3, 3 }, "[{type: cpac-conv, filters: 2, kernel: 1, rank: 3}]", 2, 1, 1, 5, 3 },
  { "row",
    { 2, 3, 9 },
    "[{type: cpac-conv, filters: 1, kernel: [1, 5], rank: 12}]",
    1,
    1,
    5,
    2,
    12 },
};

static void
initialise (Toy *toy, CpacInitKind kind, guint64 seed)
{
  CpacRecipe recipe;
  g_autoptr (GError) error = NULL;

  cpac_recipe_init (&recipe);
  recipe.init = kind;
  cpac_init_params (toy->network, toy->params, &recipe, seed, &error);
  g_assert_no_error (error);
}

/* Entry @r of row @i of factor @m of the first layer. */
static double
entry (const Toy *toy, guint m, guint i, guint r)
{
  const CpacTensor *factor = toy->params->values[m];

  return factor->data[i * factor->shape.dims[1] + r];
}

/* Mean square of the kernel multiplied out. */
static double
kernel_mean_square (const Toy *toy, const Case *test)
{
  double sum = 0;

  for (guint n = 0; n < test->n; n++)
    for (guint y = 0; y < test->kh; y++)
      for (guint x = 0; x < test->kw; x++)
        for (guint s = 0; s < test->c; s++) {
          double k = 0;

          for (guint r = 0; r < test->rank; r++)
            k += entry (toy, 0, n, r) * entry (toy, 1, y, r) * entry (toy, 2, x, r) *
                 entry (toy, 3, s, r);
          sum += k * k;
        }
  return sum / (test->n * test->kh * test->kw * test->c);
}

/* Mean of the kernel's mean square over many seeds, with its standard error. */
static void
sample_variance (const Case *test, CpacInitKind kind, guint n_seeds, double *mean, double *error)
{
  g_auto (Toy) toy = { 0 };
  double sum = 0, squares = 0;

  toy_init (&toy, test->layer, test->input, 1);
  for (guint seed = 0; seed < n_seeds; seed++) {
    double value;

    initialise (&toy, kind, seed);
    value = kernel_mean_square (&toy, test);
    sum += value;
    squares += value * value;
  }
  *mean = sum / n_seeds;
  *error = sqrt ((squares / n_seeds - *mean * *mean) / (n_seeds - 1));
}

/* Var K = 2 / (C kh kw) within 4 standard errors of 2,000 seeds, and those are small. */
static void
test_variance (gconstpointer data)
{
  const Case *test = data;
  double expected = 2.0 / (test->c * test->kh * test->kw), mean, error;

  sample_variance (test, CPAC_INIT_HE, 2000, &mean, &error);
  g_assert_cmpfloat (error, <, 0.05 * expected);
  g_assert_cmpfloat_with_epsilon (mean, expected, 4 * error);
}

static double
column_dot (const Toy *toy, guint m, guint r, guint k)
{
  double sum = 0;

  for (guint i = 0; i < toy->params->values[m]->shape.dims[0]; i++)
    sum += entry (toy, m, i, r) * entry (toy, m, i, k);
  return sum;
}

/* Balanced: the four columns of a component have one norm g. Of b, c and d, which were unit
 * columns, those of a block are orthogonal; with one input channel d is positive. */
static void
test_columns (gconstpointer data)
{
  const Case *test = data;
  const guint dims[] = { test->n, test->kh, test->kw, test->c };
  g_auto (Toy) toy = { 0 };

  toy_init (&toy, test->layer, test->input, 1);
  initialise (&toy, CPAC_INIT_HE, 17);
  for (guint r = 0; r < test->rank; r++)
    for (guint m = 0; m < 4; m++) {
      double norm = column_dot (&toy, m, r, r);

      g_assert_cmpfloat (norm, >, 0);
      g_assert_cmpfloat_with_epsilon (norm, column_dot (&toy, 0, r, r), 16 * FLT_EPSILON * norm);
      if (dims[m] == 1 && m > 0)
        g_assert_cmpfloat (entry (&toy, m, 0, r), >, 0);
      for (guint k = r - r % dims[m]; m > 0 && k < r; k++)
        g_assert_cmpfloat_with_epsilon (column_dot (&toy, m, r, k), 0,
                                        16 * FLT_EPSILON *
                                            sqrt (norm * column_dot (&toy, m, k, k)));
    }
  /* No bias. */
  for (guint i = 0; i < test->n; i++)
    g_assert_cmpfloat (toy.params->values[CPAC_CONV_BIAS]->data[i], ==, 0);
}

/* A rank that holds the kernel exactly: a 1x1 kernel, and one of a single filter and channel. */
static void
test_als (void)
{
  static const Case exact[] = {
    { "point", { 3, 3, 3 }, "[{type: cpac-conv, filters: 4, kernel: 1, rank: 3}]", 4, 1, 1, 3, 3 },
    { "plane",
      { 1, 9, 9 },
      "[{type: cpac-conv, filters: 1, kernel: [2, 3], rank: 2}]",
      1,
      2,
      3,
      1,
      2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (exact); i++) {
    double taps = exact[i].kh * exact[i].kw, expected = 1 / (taps * taps), mean, error;

    sample_variance (&exact[i], CPAC_INIT_ALS_GAUSSIAN, 1000, &mean, &error);
    g_assert_cmpfloat (error, <, 0.05 * expected);
    g_assert_cmpfloat_with_epsilon (mean, expected, 4 * error);
  }
}

/* N (0, 2 / fan in) for dense kernels and 0 for biases, over 253 x 17 numbers of one draw: the
 * mean square of n numbers is off by sqrt (2 / n) of itself. */
static void
test_dense (void)
{
  static const char *const layers[] = { "[{type: conv, filters: 253, kernel: [1, 17]}]",
                                        "[{type: linear, units: 253}]" };

  for (guint i = 0; i < G_N_ELEMENTS (layers); i++) {
    g_auto (Toy) toy = { 0 };
    gsize n = 253 * 17;
    double sum = 0;

    toy_init (&toy, layers[i], (CpacDims){ 1, 1, 17 }, 1);
    initialise (&toy, CPAC_INIT_HE, 3);
    for (gsize k = 0; k < n; k++)
      sum += (double) toy.params->values[0]->data[k] * toy.params->values[0]->data[k];
    g_assert_cmpfloat_with_epsilon (sum / n, 2.0 / 17, 4 * sqrt (2.0 / n) * 2 / 17);
    for (guint k = 0; k < 253; k++)
      g_assert_cmpfloat (toy.params->values[1]->data[k], ==, 0);
  }
}

#define MIXED                                                                                      \
  "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 5, padding: same}, {type: relu}, "     \
  "{name: t, type: template, channels: 2, height: 6, width: 7}, "                                  \
  "{name: j, type: concat, inputs: [a, t]}, "                                                      \
  "{name: b, type: cpac-conv, filters: 3, kernel: [2, 3], rank: 4, stride: 2}, "                   \
  "{name: c, type: conv, filters: 2, kernel: 1}, {name: l, type: linear, units: 3}]"
#define MIXED_INPUT ((CpacDims){ 2, 6, 7 })
enum { MIXED_A = 0, MIXED_T = 5, MIXED_B = 6, MIXED_C = 11, MIXED_L = 13, N_MIXED = 15 };

static gboolean
same_params (const Toy *a, const Toy *b, guint p)
{
  return memcmp (a->params->values[p]->data, b->params->values[p]->data,
                 cpac_shape_count (&a->params->values[p]->shape) * sizeof (float)) == 0;
}

/* The seed decides everything but the constants, whatever stood there before. */
static void
test_seed (gconstpointer data)
{
  CpacInitKind kind = GPOINTER_TO_UINT (data);
  g_auto (Toy) one = { 0 };
  g_auto (Toy) again = { 0 };
  g_auto (Toy) other = { 0 };
  g_autoptr (CpacTensor) constant = NULL;

  toy_init (&one, MIXED, MIXED_INPUT, 1);
  toy_init (&again, MIXED, MIXED_INPUT, 2);
  toy_init (&other, MIXED, MIXED_INPUT, 3);
  g_assert_cmpuint (one.params->n_params, ==, N_MIXED);
  constant = cpac_tensor_copy (one.params->values[MIXED_T]);
  initialise (&one, kind, 7);
  initialise (&again, kind, 7);
  initialise (&other, kind, 8);
  for (guint p = 0; p < N_MIXED; p++) {
    gboolean is_bias = one.params->values[p]->shape.n_dims == 1;

    if (p == MIXED_T)
      continue;
    g_assert_true (same_params (&one, &again, p));
    g_assert_cmpint (same_params (&one, &other, p), ==, is_bias);
  }
  cpac_init_scale (one.network, one.params, NULL, one.pictures, 2);
  cpac_init_scale (again.network, again.params, NULL, one.pictures, 2);
  g_assert_cmpmem (one.params->values[MIXED_T]->data, 84 * sizeof (float), constant->data,
                   84 * sizeof (float));
}

/* Mean square of the outputs of layer @index over the first two pictures, by the reference. */
static double
mean_square (const Toy *toy, const CpacParams *params, guint index)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  gsize n_in = toy_n_inputs (toy);
  gsize n_out = cpac_dims_count (&cpac_network_get_layer (toy->network, index)->out);
  g_autoptr (CpacRun) run = NULL;
  double sum = 0;

  options.precision = CPAC_PRECISION_DOUBLE;
  run = cpac_run_new (toy->network, params, &options);
  for (guint picture = 0; picture < 2; picture++) {
    const double *y;

    for (gsize i = 0; i < n_in; i++)
      ((double *) cpac_run_get_input (run, 0))[i] = toy->pictures[picture * n_in + i];
    cpac_run_forward (run);
    y = cpac_run_get_output (run, index, 0);
    for (gsize i = 0; i < n_out; i++)
      sum += y[i] * y[i];
  }
  return sum / (2.0 * (double) n_out);
}

/* Share of component @r in the layer's outputs: its mean square with all others switched off. */
static double
component_share (const Toy *toy, guint index, guint first, guint r)
{
  CpacTensor *a = toy->params->values[first + CPAC_CONV_A];
  g_autoptr (CpacTensor) keep = cpac_tensor_copy (a);
  gsize n = cpac_shape_count (&a->shape), rank = a->shape.dims[1];
  double share;

  for (gsize i = 0; i < n; i++)
    if (i % rank != r)
      a->data[i] = 0;
  share = mean_square (toy, toy->params, index);
  memcpy (a->data, keep->data, n * sizeof (float));
  return share;
}

static double
norm_of_a (const Toy *toy, guint first, guint r)
{
  const CpacTensor *a = toy->params->values[first + CPAC_CONV_A];
  double sum = 0;

  for (gsize i = r; i < cpac_shape_count (&a->shape); i += a->shape.dims[1])
    sum += (double) a->data[i] * a->data[i];
  return sqrt (sum);
}

/* The columns of a keep their ratios while every Z_r becomes 1: the shares of the components go
 * with the squares of those columns, and the output as a whole has mean square 1. */
static void
test_scale (void)
{
  static const struct {
    guint layer, first, rank;
  } factored[] = { { 0, MIXED_A, 5 }, { 4, MIXED_B, 4 } };
  static const guint scaled[] = { 0, 4, 5, 6 };
  g_auto (Toy) toy = { 0 };
  double norms[2][5], shares[5];

  toy_init (&toy, MIXED, MIXED_INPUT, 1);
  initialise (&toy, CPAC_INIT_HE, 5);
  for (guint i = 0; i < 2; i++)
    for (guint r = 0; r < factored[i].rank; r++)
      norms[i][r] = norm_of_a (&toy, factored[i].first, r);
  cpac_init_scale (toy.network, toy.params, NULL, toy.pictures, 2);
  for (guint i = 0; i < G_N_ELEMENTS (scaled); i++)
    g_assert_cmpfloat_with_epsilon (mean_square (&toy, toy.params, scaled[i]), 1, 1e-4);
  for (guint i = 0; i < 2; i++)
    for (guint r = 0; r < factored[i].rank; r++) {
      shares[r] = component_share (&toy, factored[i].layer, factored[i].first, r) /
                  (norms[i][r] * norms[i][r]);
      g_assert_cmpfloat (shares[r], >, 0);
      g_assert_cmpfloat_with_epsilon (shares[r], shares[0], 1e-3 * shares[0]);
      /* Balanced again. */
      g_assert_cmpfloat_with_epsilon (
          norm_of_a (&toy, factored[i].first, r),
          sqrt (column_dot (&toy, factored[i].first + CPAC_CONV_B, r, r)), 1e-5);
    }
}

/* What was taken stays to the bit, and what is new is scaled on top of it: a donor that is ten
 * times as loud as what was drawn. */
static void
test_scale_upon_taken (void)
{
  g_auto (Toy) donor = { 0 };
  g_auto (Toy) toy = { 0 };
  gboolean taken[7];

  toy_init (&donor,
            "[{name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 5, padding: same}, "
            "{name: t, type: template, channels: 2, height: 6, width: 7}, "
            "{name: j, type: concat, inputs: [a, t]}, "
            "{name: c, type: conv, filters: 3, kernel: 1}]",
            MIXED_INPUT, 9);
  toy_init (&toy, MIXED, MIXED_INPUT, 1);
  initialise (&toy, CPAC_INIT_HE, 5);
  for (gsize i = 0; i < cpac_shape_count (&donor.params->values[0]->shape); i++)
    donor.params->values[0]->data[i] *= 10;
  /* Only a: of c the shape is another one, and t is a constant. */
  g_assert_cmpuint (cpac_init_take (toy.network, toy.params, donor.network, donor.params, taken),
                    ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    g_assert_cmpint (taken[i], ==, i == 0);
  cpac_init_scale (toy.network, toy.params, taken, toy.pictures, 2);
  for (guint p = MIXED_A; p < MIXED_T; p++)
    g_assert_true (same_params (&toy, &donor, p));
  for (guint i = 4; i < 7; i++)
    g_assert_cmpfloat_with_epsilon (mean_square (&toy, toy.params, i), 1, 1e-4);
}

/* Pictures of nothing: what is silent stays as it is, and finite. */
static void
test_silent (void)
{
  g_auto (Toy) toy = { 0 };
  g_auto (Toy) before = { 0 };

  toy_init (&toy, "[{type: cpac-conv, filters: 4, kernel: 3, rank: 5}, {type: linear, units: 2}]",
            (CpacDims){ 2, 5, 5 }, 1);
  toy_init (&before,
            "[{type: cpac-conv, filters: 4, kernel: 3, rank: 5}, {type: linear, units: 2}]",
            (CpacDims){ 2, 5, 5 }, 1);
  initialise (&toy, CPAC_INIT_HE, 5);
  initialise (&before, CPAC_INIT_HE, 5);
  memset (toy.pictures, 0, TOY_BATCH * toy_n_inputs (&toy) * sizeof (float));
  cpac_init_scale (toy.network, toy.params, NULL, toy.pictures, TOY_BATCH);
  for (guint p = 0; p < toy.params->n_params; p++)
    g_assert_true (same_params (&toy, &before, p));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *variance = g_strdup_printf ("/init/variance/%s", cases[i].name);
    g_autofree char *columns = g_strdup_printf ("/init/columns/%s", cases[i].name);

    g_test_add_data_func (variance, &cases[i], test_variance);
    g_test_add_data_func (columns, &cases[i], test_columns);
  }
  g_test_add_func ("/init/als", test_als);
  g_test_add_func ("/init/dense", test_dense);
  g_test_add_data_func ("/init/seed/he", GUINT_TO_POINTER (CPAC_INIT_HE), test_seed);
  g_test_add_data_func ("/init/seed/als", GUINT_TO_POINTER (CPAC_INIT_ALS_GAUSSIAN), test_seed);
  g_test_add_func ("/init/scale", test_scale);
  g_test_add_func ("/init/scale-upon-taken", test_scale_upon_taken);
  g_test_add_func ("/init/silent", test_silent);
  return g_test_run ();
}
