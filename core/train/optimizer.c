/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/optimizer.h"

#include <math.h>

double
cpac_optimizer_rate (const CpacRecipe *recipe, guint64 step, guint64 n_steps)
{
  /* A short run warms up in its first half, so that it reaches the peak. */
  guint64 warm_up = MIN (recipe->warm_up, n_steps / 2);
  double progress;

  if (step < warm_up)
    return recipe->rate * (double) (step + 1) / (double) warm_up;
  progress = (double) (step - warm_up) / (double) (n_steps - warm_up);
  return recipe->rate *
         (recipe->rate_end + (1 - recipe->rate_end) * 0.5 * (1 + cos (G_PI * MIN (progress, 1))));
}

static void
move_by_adam (const CpacRecipe *recipe, CpacVariable *variable, guint64 step, double rate,
              double scale)
{
  double b1 = recipe->momentum, b2 = recipe->beta2;
  double first_bias = 1 - pow (b1, (double) (step + 1));
  double second_bias = 1 - pow (b2, (double) (step + 1));

  for (gsize i = 0; i < variable->n; i++) {
    double g = variable->gradient[i] * scale;
    double m = b1 * variable->first[i] + (1 - b1) * g;
    double v = b2 * variable->second[i] + (1 - b2) * g * g;

    variable->first[i] = (float) m;
    variable->second[i] = (float) v;
    variable->value[i] -=
        (float) (rate * (m / first_bias) / (sqrt (v / second_bias) + recipe->epsilon));
  }
}

static void
move_by_momentum (const CpacRecipe *recipe, CpacVariable *variable, double rate, double scale)
{
  for (gsize i = 0; i < variable->n; i++) {
    double v = recipe->momentum * variable->first[i] + variable->gradient[i] * scale;

    variable->first[i] = (float) v;
    variable->value[i] -= (float) (rate * v);
  }
}

double
cpac_optimizer_step (const CpacRecipe *recipe, CpacVariables *variables, guint64 step, double rate)
{
  double norm = cpac_variables_gradient_norm (variables);
  double scale = recipe->clip > 0 && norm > recipe->clip ? recipe->clip / norm : 1;

  for (guint i = 0; i < variables->list->len; i++) {
    CpacVariable *variable = g_ptr_array_index (variables->list, i);

    switch (recipe->optimizer) {
      case CPAC_OPTIMIZER_ADAM:
        move_by_adam (recipe, variable, step, rate, scale);
        break;
      case CPAC_OPTIMIZER_SGD:
        move_by_momentum (recipe, variable, rate, scale);
        break;
    }
  }
  return norm;
}
