/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/variables.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/layers/options.h"
#include "tests/toy.h"

#define LAYERS                                                                                     \
  "[{name: g, type: cpac-conv, filters: 3, kernel: [3, 2], rank: 4}, "                             \
  "{name: m, type: cpac-conv, filters: 2, kernel: [1, 3], rank: 5, bias: false}, "                 \
  "{name: w, type: conv, filters: 2, kernel: 1}, "                                                 \
  "{name: t, type: template, channels: 2, height: 5, width: 4}, "                                  \
  "{name: j, type: concat, inputs: [w, t]}, "                                                      \
  "{name: l, type: linear, units: 2}]"
#define INPUT ((CpacDims){ 1, 7, 7 })
/* First parameters of the layers above. */
enum { PARAM_G = 0, PARAM_M = 5, PARAM_W = 9, PARAM_T = 11, PARAM_L = 12, N_PARAMS = 14 };

typedef struct {
  Toy toy;
  CpacVariables *variables;
} Fixture;

static void
fixture_init (Fixture *fixture, gboolean over_parameterise)
{
  toy_init (&fixture->toy, LAYERS, INPUT, 3);
  g_assert_cmpuint (fixture->toy.params->n_params, ==, N_PARAMS);
  fixture->variables =
      cpac_variables_new (fixture->toy.network, fixture->toy.params, over_parameterise);
}

static void
fixture_clear (Fixture *fixture)
{
  cpac_variables_free (fixture->variables);
  toy_clear (&fixture->toy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static CpacTensor *
param (const Fixture *fixture, guint index)
{
  return fixture->toy.params->values[index];
}

static gsize
size_of_param (const Fixture *fixture, guint index)
{
  return cpac_shape_count (&param (fixture, index)->shape);
}

static void
fill (float *values, gsize n, GRand *random)
{
  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -1, 1);
}

static void
fill_gradients (const Fixture *fixture, GRand *random)
{
  for (guint i = 0; i < N_PARAMS; i++)
    for (gsize k = 0; k < size_of_param (fixture, i); k++)
      fixture->variables->param_gradients[i][k] = g_rand_double_range (random, -1, 1);
}

static char *
join_names (const CpacVariables *variables)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < variables->list->len; i++) {
    const CpacVariable *variable = g_ptr_array_index (variables->list, i);

    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", variable->name);
  }
  return g_strdup (names->str);
}

/* A gray layer's d, which is one number a component, is not split; a constant is no variable. */
static void
test_list (void)
{
  static const char *const expected[] = {
    "g.a g.b g.c g.d g.bias m.a m.b m.c m.d w.weight w.bias l.weight l.bias",
    "g.a g.b g.c g.d g.bias m.a m.b m.c m.d0 m.e w.weight w.bias l.weight l.bias",
  };

  for (guint over = 0; over < 2; over++) {
    g_auto (Fixture) fixture = { 0 };
    g_autofree char *names = NULL;

    fixture_init (&fixture, over);
    names = join_names (fixture.variables);
    g_assert_cmpstr (names, ==, expected[over]);
    g_assert_null (fixture.variables->of_param[PARAM_T]);
    for (guint i = 0; i < N_PARAMS; i++)
      if (i != PARAM_T && fixture.variables->mixers[i] == NULL)
        g_assert_true (fixture.variables->of_param[i]->value == param (&fixture, i)->data);
    g_assert_cmpint (fixture.variables->mixers[PARAM_M + CPAC_CONV_D] != NULL, ==, over);
  }
}

/* E is the identity: the bits of d stay. */
static void
test_reset (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CpacTensor) d = NULL;
  const CpacVariable *e;

  fixture_init (&fixture, TRUE);
  d = cpac_tensor_copy (param (&fixture, PARAM_M + CPAC_CONV_D));
  e = fixture.variables->mixers[PARAM_M + CPAC_CONV_D];
  g_assert_cmpuint (e->n, ==, 9);
  for (guint i = 0; i < 9; i++)
    g_assert_cmpfloat (e->value[i], ==, i % 4 == 0);
  cpac_variables_fold (fixture.variables);
  g_assert_cmpmem (param (&fixture, PARAM_M + CPAC_CONV_D)->data, 15 * sizeof (float), d->data,
                   15 * sizeof (float));
}

/* d = E d0 against the sum; the other parameters stay as they are. */
static void
test_fold (void)
{
  g_auto (Fixture) fixture = { 0 };
  CpacVariable *e, *d0;
  GRand *random = g_rand_new_with_seed (4);
  const float *d;

  fixture_init (&fixture, TRUE);
  e = fixture.variables->mixers[PARAM_M + CPAC_CONV_D];
  d0 = fixture.variables->of_param[PARAM_M + CPAC_CONV_D];
  fill (e->value, 9, random);
  fill (d0->value, 15, random);
  cpac_variables_fold (fixture.variables);
  d = param (&fixture, PARAM_M + CPAC_CONV_D)->data;
  for (guint s = 0; s < 3; s++)
    for (guint r = 0; r < 5; r++) {
      double sum = 0;

      for (guint t = 0; t < 3; t++)
        sum += (double) e->value[s * 3 + t] * d0->value[t * 5 + r];
      g_assert_cmpfloat (d[s * 5 + r], ==, (float) sum);
    }
  g_rand_free (random);
}

/* sum over d of weights times d, after folding. */
static double
folded_sum (const Fixture *fixture, const double *weights)
{
  const float *d = param (fixture, PARAM_M + CPAC_CONV_D)->data;
  double sum = 0;

  cpac_variables_fold (fixture->variables);
  for (guint i = 0; i < 15; i++)
    sum += weights[i] * d[i];
  return sum;
}

/* The sum is linear in each number alone, so central differences are exact with any step but for
 * the rounding of d to float: 2^-24 of values below 4, 15 of them, over the step. */
static void
check_mixed (const Fixture *fixture, CpacVariable *variable, const double *weights)
{
  for (gsize i = 0; i < variable->n; i++) {
    float keep = variable->value[i];
    double up, down;

    variable->value[i] = keep + 0.5f;
    up = folded_sum (fixture, weights);
    variable->value[i] = keep - 0.5f;
    down = folded_sum (fixture, weights);
    variable->value[i] = keep;
    g_assert_cmpfloat_with_epsilon (variable->gradient[i], up - down, 15 * 4 * FLT_EPSILON);
  }
}

static void
test_spread (void)
{
  g_auto (Fixture) fixture = { 0 };
  CpacVariable *e, *d0;
  GRand *random = g_rand_new_with_seed (5);

  fixture_init (&fixture, TRUE);
  e = fixture.variables->mixers[PARAM_M + CPAC_CONV_D];
  d0 = fixture.variables->of_param[PARAM_M + CPAC_CONV_D];
  fill (e->value, 9, random);
  fill (d0->value, 15, random);
  fill_gradients (&fixture, random);
  /* Overwritten, not added to. */
  for (guint i = 0; i < fixture.variables->list->len; i++) {
    const CpacVariable *variable = g_ptr_array_index (fixture.variables->list, i);

    for (gsize k = 0; k < variable->n; k++)
      variable->gradient[k] = 1e9;
  }
  cpac_variables_spread_gradients (fixture.variables);
  for (guint i = 0; i < N_PARAMS; i++)
    if (i != PARAM_T && i != PARAM_M + CPAC_CONV_D)
      g_assert_cmpmem (
          fixture.variables->of_param[i]->gradient, size_of_param (&fixture, i) * sizeof (double),
          fixture.variables->param_gradients[i], size_of_param (&fixture, i) * sizeof (double));
  check_mixed (&fixture, e, fixture.variables->param_gradients[PARAM_M + CPAC_CONV_D]);
  check_mixed (&fixture, d0, fixture.variables->param_gradients[PARAM_M + CPAC_CONV_D]);
  g_rand_free (random);
}

/* K[n,s,y,x] of the layer whose parameters begin at @first, from its definition. */
static double
kernel_entry (const Fixture *fixture, guint first, const guint at[4])
{
  const CpacShape *shape = &param (fixture, first)->shape;
  double sum = 0;

  for (gsize r = 0; r < shape->dims[1]; r++) {
    double term = 1;

    for (guint m = 0; m < 4; m++)
      term *= param (fixture, first + m)->data[at[m] * shape->dims[1] + r];
    sum += term;
  }
  return sum;
}

/* Sum over the kernel of func (K), weighted or squared. */
static double
kernel_sum (const Fixture *fixture, guint first, const double *weights)
{
  guint dims[4], at[4], n = 0;
  double sum = 0;

  for (guint m = 0; m < 4; m++)
    dims[m] = (guint) param (fixture, first + m)->shape.dims[0];
  for (at[0] = 0; at[0] < dims[0]; at[0]++)
    for (at[1] = 0; at[1] < dims[1]; at[1]++)
      for (at[2] = 0; at[2] < dims[2]; at[2]++)
        for (at[3] = 0; at[3] < dims[3]; at[3]++, n++) {
          double k = kernel_entry (fixture, first, at);

          sum += weights != NULL ? weights[n] * k : k * k;
        }
  return sum;
}

static double
sum_of_squares (const CpacTensor *tensor)
{
  double sum = 0;

  for (gsize i = 0; i < cpac_shape_count (&tensor->shape); i++)
    sum += (double) tensor->data[i] * tensor->data[i];
  return sum;
}

/* The penalties, from their definitions. */
static double
penalty (const Fixture *fixture, const CpacRecipe *recipe)
{
  static const guint factored[] = { PARAM_G, PARAM_M }, dense[] = { PARAM_W, PARAM_L };
  double sum = 0;

  for (guint i = 0; i < 2; i++) {
    sum += recipe->decay / 2 * kernel_sum (fixture, factored[i], NULL);
    sum += recipe->decay / 2 * sum_of_squares (param (fixture, dense[i]));
    for (guint m = 0; m < 4; m++)
      sum += recipe->rank_prune / 4 * sum_of_squares (param (fixture, factored[i] + m));
  }
  return sum;
}

/* Of second degree in each number alone: central differences are exact with any step. */
static void
test_penalties (void)
{
  static const struct {
    double decay, rank_prune;
  } cases[] = { { 0, 0 }, { 0.5, 0 }, { 0, 0.25 }, { 0.5, 0.25 } };
  GRand *random = g_rand_new_with_seed (6);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Fixture) fixture = { 0 };
    CpacRecipe recipe;

    fixture_init (&fixture, i % 2);
    cpac_recipe_init (&recipe);
    recipe.decay = cases[i].decay;
    recipe.rank_prune = cases[i].rank_prune;
    for (guint p = 0; p < N_PARAMS; p++) {
      fill (param (&fixture, p)->data, size_of_param (&fixture, p), random);
      for (gsize k = 0; k < size_of_param (&fixture, p); k++)
        fixture.variables->param_gradients[p][k] = 7;
    }
    cpac_variables_add_penalties (fixture.variables, &recipe);
    for (guint p = 0; p < N_PARAMS; p++)
      for (gsize k = 0; k < size_of_param (&fixture, p); k++) {
        float *value = &param (&fixture, p)->data[k], keep = *value;
        double up, down;

        *value = keep + 0.5f;
        up = penalty (&fixture, &recipe);
        *value = keep - 0.5f;
        down = penalty (&fixture, &recipe);
        *value = keep;
        /* keep +- 0.5 round to float. */
        g_assert_cmpfloat_with_epsilon (fixture.variables->param_gradients[p][k] - 7, up - down,
                                        100 * FLT_EPSILON);
      }
  }
  g_rand_free (random);
}

/* Gradient of kernel_sum (weights) by factor @m of the layer, exact: linear in each number. */
static double
slope (const Fixture *fixture, guint first, guint m, gsize k, const double *weights)
{
  float *value = &param (fixture, first + m)->data[k], keep = *value;
  double up, down;

  *value = 1;
  up = kernel_sum (fixture, first, weights);
  *value = 0;
  down = kernel_sum (fixture, first, weights);
  *value = keep;
  return up - down;
}

#define N_KERNEL_M (2 * 1 * 3 * 3)

/* First moments are gradients and second ones their squares, so that carrying them along means
 * being the gradients and squares at the balanced factors. */
static void
set_moments (const Fixture *fixture, const double *weights)
{
  for (guint m = 0; m < 4; m++) {
    double *gradient = fixture->variables->param_gradients[PARAM_M + m];

    for (gsize k = 0; k < size_of_param (fixture, PARAM_M + m); k++)
      gradient[k] = slope (fixture, PARAM_M, m, k, weights);
  }
  cpac_variables_spread_gradients (fixture->variables);
}

static void
check_balanced_columns (const Fixture *fixture)
{
  for (guint r = 0; r < 5; r++) {
    double norms[4];

    for (guint m = 0; m < 4; m++) {
      const CpacTensor *factor = param (fixture, PARAM_M + m);

      norms[m] = 0;
      for (gsize k = r; k < cpac_shape_count (&factor->shape); k += 5)
        norms[m] += (double) factor->data[k] * factor->data[k];
      g_assert_cmpfloat_with_epsilon (norms[m], norms[0], 16 * FLT_EPSILON * norms[0]);
    }
  }
}

static void
check_moments (const Fixture *fixture, guint m)
{
  const CpacVariable *variable = fixture->variables->of_param[PARAM_M + m];

  for (gsize k = 0; k < variable->n; k++) {
    double g = variable->gradient[k], bound = 1e-4 * (fabs (g) + 0.01);

    g_assert_cmpfloat_with_epsilon (variable->first[k], g, bound);
    g_assert_cmpfloat_with_epsilon (variable->second[k], g * g, 2 * bound * (fabs (g) + 0.01));
  }
}

static void
test_balance (gconstpointer data)
{
  gboolean over = GPOINTER_TO_INT (data);
  g_auto (Fixture) fixture = { 0 };
  GRand *random = g_rand_new_with_seed (8);
  double weights[N_KERNEL_M], before[N_KERNEL_M] = { 0 };

  fixture_init (&fixture, over);
  if (over) {
    fill (fixture.variables->mixers[PARAM_M + CPAC_CONV_D]->value, 9, random);
    fill (fixture.variables->of_param[PARAM_M + CPAC_CONV_D]->value, 15, random);
    cpac_variables_fold (fixture.variables);
  }
  /* Far from balanced. */
  for (gsize k = 0; k < 10; k++)
    param (&fixture, PARAM_M + CPAC_CONV_A)->data[k] *= 100;
  for (guint i = 0; i < N_KERNEL_M; i++) {
    double one[N_KERNEL_M] = { 0 };

    one[i] = 1;
    before[i] = kernel_sum (&fixture, PARAM_M, one);
    weights[i] = g_rand_double_range (random, -1, 1);
  }
  set_moments (&fixture, weights);
  for (guint i = 0; i < fixture.variables->list->len; i++) {
    CpacVariable *variable = g_ptr_array_index (fixture.variables->list, i);

    for (gsize k = 0; k < variable->n; k++) {
      variable->first[k] = (float) variable->gradient[k];
      variable->second[k] = (float) (variable->gradient[k] * variable->gradient[k]);
    }
  }
  cpac_variables_balance (fixture.variables, NULL);
  for (guint i = 0; i < N_KERNEL_M; i++) {
    double one[N_KERNEL_M] = { 0 };

    one[i] = 1;
    g_assert_cmpfloat_with_epsilon (kernel_sum (&fixture, PARAM_M, one), before[i], 1e-4);
  }
  check_balanced_columns (&fixture);
  set_moments (&fixture, weights);
  for (guint m = 0; m < 4; m++)
    check_moments (&fixture, m);
  if (over) {
    const CpacVariable *e = fixture.variables->mixers[PARAM_M + CPAC_CONV_D];

    for (gsize k = 0; k < e->n; k++)
      g_assert_cmpfloat_with_epsilon (e->first[k], e->gradient[k], 1e-3);
    /* The variables still make the factors the network computes with. */
    cpac_variables_fold (fixture.variables);
    check_balanced_columns (&fixture);
  }
  g_rand_free (random);
}

/* A dead component stays as it is, moments included. */
static void
test_balance_zero (void)
{
  g_auto (Fixture) fixture = { 0 };
  CpacTensor *b;
  float *moment;

  fixture_init (&fixture, FALSE);
  b = param (&fixture, PARAM_M + CPAC_CONV_B);
  moment = fixture.variables->of_param[PARAM_M + CPAC_CONV_B]->second;
  b->data[2] = 0;
  moment[2] = 0.75f;
  cpac_variables_balance (fixture.variables, NULL);
  g_assert_cmpfloat (b->data[2], ==, 0);
  g_assert_cmpfloat (moment[2], ==, 0.75f);
  for (guint i = 0; i < N_PARAMS; i++)
    for (gsize k = 0; k < size_of_param (&fixture, i); k++)
      g_assert_true (isfinite (param (&fixture, i)->data[k]));
}

/* What the network answers is the same but for rounding. */
static void
test_balance_output (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autofree double *before = NULL, *after = NULL;

  fixture_init (&fixture, FALSE);
  before = toy_run (&fixture.toy, CPAC_PRECISION_DOUBLE, 1, 1);
  cpac_variables_balance (fixture.variables, NULL);
  after = toy_run (&fixture.toy, CPAC_PRECISION_DOUBLE, 1, 1);
  for (gsize i = 0; i < toy_n_outputs (&fixture.toy); i++)
    g_assert_cmpfloat_with_epsilon (after[i], before[i], 1e-5);
}

/* A running mean that equals the values goes on equalling them. */
static void
test_balance_average (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (CpacParams) average = NULL, before = NULL;
  CpacParams *params;
  gboolean moved = FALSE;

  fixture_init (&fixture, FALSE);
  params = fixture.variables->params;
  average = cpac_params_new_random (fixture.toy.network, 0);
  before = cpac_params_new_random (fixture.toy.network, 0);
  for (guint i = 0; i < params->n_params; i++) {
    gsize n_bytes = cpac_shape_count (&params->values[i]->shape) * sizeof (float);

    memcpy (average->values[i]->data, params->values[i]->data, n_bytes);
    memcpy (before->values[i]->data, params->values[i]->data, n_bytes);
  }
  cpac_variables_balance (fixture.variables, average);
  for (guint i = 0; i < params->n_params; i++)
    for (gsize k = 0; k < cpac_shape_count (&params->values[i]->shape); k++) {
      float value = params->values[i]->data[k];

      /* The scale is a double, each side rounds once or twice. */
      g_assert_cmpfloat_with_epsilon (average->values[i]->data[k], value,
                                      4 * FLT_EPSILON * fabsf (value));
      moved |= value != before->values[i]->data[k];
    }
  g_assert_true (moved);
}

static void
test_norm (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, TRUE);
  g_assert_cmpfloat (cpac_variables_gradient_norm (fixture.variables), ==, 0);
  fixture.variables->mixers[PARAM_M + CPAC_CONV_D]->gradient[8] = -3;
  fixture.variables->of_param[PARAM_L]->gradient[0] = 4;
  g_assert_cmpfloat (cpac_variables_gradient_norm (fixture.variables), ==, 5);
}

/* One entry for each factored layer: the numbers of cp.h. */
static void
test_health (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_autoptr (GArray) health = NULL;
  const CpacFactorHealth *entry;
  const float *factors[4];
  guint dims[4];

  fixture_init (&fixture, FALSE);
  health = cpac_variables_get_health (fixture.variables);
  g_assert_cmpuint (health->len, ==, 2);
  g_assert_cmpstr (g_array_index (health, CpacFactorHealth, 0).layer, ==, "g");
  entry = &g_array_index (health, CpacFactorHealth, 1);
  g_assert_cmpstr (entry->layer, ==, "m");
  for (guint m = 0; m < 4; m++) {
    factors[m] = param (&fixture, PARAM_M + m)->data;
    dims[m] = (guint) param (&fixture, PARAM_M + m)->shape.dims[0];
  }
  g_assert_cmpfloat (entry->degeneracy, ==, cpac_cp_degeneracy (factors, dims, 5));
  g_assert_cmpfloat (entry->sensitivity, ==, cpac_cp_sensitivity (factors, dims, 5));
  g_assert_cmpfloat (entry->congruence, ==, cpac_cp_congruence (factors, dims, 5));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/variables/list", test_list);
  g_test_add_func ("/variables/reset", test_reset);
  g_test_add_func ("/variables/fold", test_fold);
  g_test_add_func ("/variables/spread", test_spread);
  g_test_add_func ("/variables/penalties", test_penalties);
  g_test_add_data_func ("/variables/balance", GINT_TO_POINTER (FALSE), test_balance);
  g_test_add_data_func ("/variables/balance/over-parameterised", GINT_TO_POINTER (TRUE),
                        test_balance);
  g_test_add_func ("/variables/balance/zero", test_balance_zero);
  g_test_add_func ("/variables/balance/output", test_balance_output);
  g_test_add_func ("/variables/balance-average", test_balance_average);
  g_test_add_func ("/variables/norm", test_norm);
  g_test_add_func ("/variables/health", test_health);
  return g_test_run ();
}
