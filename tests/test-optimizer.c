/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/optimizer.h"

#include <float.h>
#include <math.h>

#include "tests/toy.h"

/* Variables of one linear layer without a bias: @n numbers. */
typedef struct {
  Toy toy;
  CpacVariables *variables;
  CpacVariable *variable;
  CpacRecipe recipe;
} Fixture;

static void
fixture_init (Fixture *fixture, guint n)
{
  toy_init (&fixture->toy, "[{name: l, type: linear, units: 1, bias: false}]",
            (CpacDims){ n, 1, 1 }, 1);
  fixture->variables = cpac_variables_new (fixture->toy.network, fixture->toy.params, FALSE);
  g_assert_cmpuint (fixture->variables->list->len, ==, 1);
  fixture->variable = g_ptr_array_index (fixture->variables->list, 0);
  g_assert_cmpuint (fixture->variable->n, ==, n);
  cpac_recipe_init (&fixture->recipe);
}

static void
fixture_clear (Fixture *fixture)
{
  cpac_variables_free (fixture->variables);
  toy_clear (&fixture->toy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* m, v and x after gradients 1, -2, 0.5 from x = 1 at rate 0.1, worked out by hand from Kingma, Ba
 * 2015, algorithm 1: for example m_2 = 0.9 * 0.1 - 0.1 * 2 = -0.11, v_2 = 0.99 * 0.01 + 0.01 * 4 =
 * 0.0499, x_2 = 0.9 + 0.1 (0.11 / 0.19) / sqrt (0.0499 / 0.0199). Each step rounds to float once.
 */
static void
test_adam (void)
{
  static const struct {
    double g, m, v, x;
  } steps[] = {
    { 1, 0.1, 0.01, 0.9 },
    { -2, -0.11, 0.0499, 0.9365607721026055 },
    { 0.5, -0.049, 0.051901, 0.9502388306679819 },
  };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, 1);
  fixture.recipe.clip = 0;
  fixture.variable->value[0] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    fixture.variable->gradient[0] = steps[i].g;
    g_assert_cmpfloat (cpac_optimizer_step (&fixture.recipe, fixture.variables, i, 0.1), ==,
                       fabs (steps[i].g));
    g_assert_cmpfloat_with_epsilon (fixture.variable->first[0], steps[i].m, 4 * FLT_EPSILON);
    g_assert_cmpfloat_with_epsilon (fixture.variable->second[0], steps[i].v, 4 * FLT_EPSILON);
    g_assert_cmpfloat_with_epsilon (fixture.variable->value[0], steps[i].x, 4 * FLT_EPSILON);
  }
}

/* The first step has the length of the rate whatever the gradient's size, and none for 0. */
static void
test_adam_first_step (void)
{
  static const double gradients[] = { 1e-6, -1e-3, 1e6, 0 };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, G_N_ELEMENTS (gradients));
  fixture.recipe.clip = 0;
  for (guint i = 0; i < G_N_ELEMENTS (gradients); i++) {
    fixture.variable->value[i] = 0;
    fixture.variable->gradient[i] = gradients[i];
  }
  cpac_optimizer_step (&fixture.recipe, fixture.variables, 0, 0.25);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (fixture.variable->value[i],
                                    -0.25 * gradients[i] / (fabs (gradients[i]) + 1e-8), 1e-7);
  g_assert_cmpfloat (fixture.variable->value[3], ==, 0);
}

/* v = 1, -1.5, -0.25 and x = 0.75, 1.125, 1.1875 by hand, all exact in float. */
static void
test_momentum (void)
{
  static const double steps[][3] = { { 1, 1, 0.75 }, { -2, -1.5, 1.125 }, { 0.5, -0.25, 1.1875 } };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, 1);
  fixture.recipe.optimizer = CPAC_OPTIMIZER_SGD;
  fixture.recipe.momentum = 0.5;
  fixture.recipe.clip = 0;
  fixture.variable->value[0] = 1;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    fixture.variable->gradient[0] = steps[i][0];
    cpac_optimizer_step (&fixture.recipe, fixture.variables, i, 0.25);
    g_assert_cmpfloat (fixture.variable->first[0], ==, steps[i][1]);
    g_assert_cmpfloat (fixture.variable->value[0], ==, steps[i][2]);
    g_assert_cmpfloat (fixture.variable->second[0], ==, 0);
  }
}

/* A gradient (3, 4) has norm 5. */
static void
test_clip (void)
{
  static const struct {
    double clip, scale;
  } cases[] = { { 0, 1 }, { 1, 0.2 }, { 2.5, 0.5 }, { 5, 1 }, { 10, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Fixture) fixture = { 0 };

    fixture_init (&fixture, 2);
    fixture.recipe.optimizer = CPAC_OPTIMIZER_SGD;
    fixture.recipe.clip = cases[i].clip;
    for (guint k = 0; k < 2; k++) {
      fixture.variable->value[k] = 0;
      fixture.variable->gradient[k] = 3 + k;
    }
    g_assert_cmpfloat (cpac_optimizer_step (&fixture.recipe, fixture.variables, 0, 1), ==, 5);
    for (guint k = 0; k < 2; k++)
      g_assert_cmpfloat_with_epsilon (fixture.variable->value[k], -(3.0 + k) * cases[i].scale,
                                      4 * FLT_EPSILON);
  }
}

/* Warm-up to 1 over 4 steps, then a cosine to 0.1: 0.55 half way. */
static void
test_schedule (void)
{
  static const struct {
    guint64 step;
    double rate;
  } values[] = { { 0, 0.25 }, { 1, 0.5 },
                 { 2, 0.75 }, { 3, 1 },
                 { 4, 1 },    { 6, 0.1 + 0.9 * 0.85355339059327376 },
                 { 8, 0.55 }, { 10, 0.1 + 0.9 * 0.14644660940672624 },
                 { 12, 0.1 }, { 1000, 0.1 } };
  CpacRecipe recipe;

  cpac_recipe_init (&recipe);
  recipe.rate = 1;
  recipe.rate_end = 0.1;
  recipe.warm_up = 4;
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_cmpfloat_with_epsilon (cpac_optimizer_rate (&recipe, values[i].step, 12),
                                    values[i].rate, 1e-12);
  recipe.rate = 0.5;
  g_assert_cmpfloat_with_epsilon (cpac_optimizer_rate (&recipe, 8, 12), 0.275, 1e-12);
  recipe.warm_up = 0;
  g_assert_cmpfloat (cpac_optimizer_rate (&recipe, 0, 12), ==, 0.5);
  g_assert_cmpfloat_with_epsilon (cpac_optimizer_rate (&recipe, 6, 12), 0.275, 1e-12);
  /* Shorter than its warm-up: the first half warms up, then the peak. */
  recipe.warm_up = 4;
  g_assert_cmpfloat (cpac_optimizer_rate (&recipe, 0, 4), ==, 0.25);
  g_assert_cmpfloat (cpac_optimizer_rate (&recipe, 2, 4), ==, 0.5);
  g_assert_cmpfloat (cpac_optimizer_rate (&recipe, 0, 1), ==, 0.5);
  g_assert_cmpfloat_with_epsilon (cpac_optimizer_rate (&recipe, 4, 2), 0.05, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/optimizer/adam", test_adam);
  g_test_add_func ("/optimizer/adam/first-step", test_adam_first_step);
  g_test_add_func ("/optimizer/momentum", test_momentum);
  g_test_add_func ("/optimizer/clip", test_clip);
  g_test_add_func ("/optimizer/schedule", test_schedule);
  return g_test_run ();
}
