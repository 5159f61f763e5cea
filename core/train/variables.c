/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/variables.h"

#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/layers/options.h"
#include "core/layers/types.h"

static CpacVariable *
variable_new (const char *layer, const char *name, gsize n, float *value)
{
  CpacVariable *variable = g_new0 (CpacVariable, 1);

  variable->name = g_strdup_printf ("%s.%s", layer, name);
  variable->n = n;
  variable->owns_value = value == NULL;
  variable->value = value != NULL ? value : g_new0 (float, n);
  variable->gradient = g_new0 (double, n);
  variable->first = g_new0 (float, n);
  variable->second = g_new0 (float, n);
  return variable;
}

static void
variable_free (gpointer data)
{
  CpacVariable *variable = data;

  if (variable->owns_value)
    g_free (variable->value);
  g_free (variable->name);
  g_free (variable->gradient);
  g_free (variable->first);
  g_free (variable->second);
  g_free (variable);
}

static gboolean
is_cpac_conv (const CpacLayer *layer)
{
  return layer->klass == &cpac_cpac_conv_class;
}

static CpacVariable *
add_variable (CpacVariables *variables, CpacVariable *variable)
{
  g_ptr_array_add (variables->list, variable);
  return variable;
}

static void
add_param (CpacVariables *variables, const CpacLayer *layer, guint p, guint index,
           gboolean over_parameterise)
{
  const CpacParamSpec *spec = &layer->params[p];
  gsize n = cpac_shape_count (&spec->shape);
  gsize channels = spec->shape.dims[0];

  variables->param_gradients[index] = g_new0 (double, n);
  if (spec->constant)
    return;
  if (!over_parameterise || !is_cpac_conv (layer) || p != CPAC_CONV_D || channels < 2) {
    variables->of_param[index] =
        add_variable (variables, variable_new (layer->name, spec->name, n,
                                               variables->params->values[index]->data));
    return;
  }
  variables->of_param[index] = add_variable (variables, variable_new (layer->name, "d0", n, NULL));
  variables->mixers[index] =
      add_variable (variables, variable_new (layer->name, "e", channels * channels, NULL));
}

CpacVariables *
cpac_variables_new (const CpacNetwork *network, CpacParams *params, gboolean over_parameterise)
{
  CpacVariables *variables = g_new0 (CpacVariables, 1);
  guint index = 0;

  variables->network = network;
  variables->params = params;
  variables->list = g_ptr_array_new_with_free_func (variable_free);
  variables->of_param = g_new0 (CpacVariable *, params->n_params + 1);
  variables->mixers = g_new0 (CpacVariable *, params->n_params + 1);
  variables->param_gradients = g_new0 (double *, params->n_params + 1);
  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++)
      add_param (variables, layer, p, index++, over_parameterise);
  }
  cpac_variables_reset (variables);
  return variables;
}

void
cpac_variables_free (CpacVariables *variables)
{
  if (variables == NULL)
    return;
  for (guint i = 0; i < variables->params->n_params; i++)
    g_free (variables->param_gradients[i]);
  g_free (variables->param_gradients);
  g_free (variables->of_param);
  g_free (variables->mixers);
  g_ptr_array_unref (variables->list);
  g_free (variables);
}

void
cpac_variables_reset (CpacVariables *variables)
{
  for (guint i = 0; i < variables->params->n_params; i++) {
    CpacVariable *e = variables->mixers[i];
    const CpacTensor *d = variables->params->values[i];

    if (e == NULL)
      continue;
    memcpy (variables->of_param[i]->value, d->data, variables->of_param[i]->n * sizeof (float));
    for (gsize s = 0; s < d->shape.dims[0]; s++)
      for (gsize t = 0; t < d->shape.dims[0]; t++)
        e->value[s * d->shape.dims[0] + t] = s == t;
  }
}

void
cpac_variables_fold (CpacVariables *variables)
{
  for (guint i = 0; i < variables->params->n_params; i++) {
    const CpacVariable *e = variables->mixers[i], *d0 = variables->of_param[i];
    CpacTensor *d = variables->params->values[i];
    gsize channels = d->shape.dims[0], rank = e != NULL ? d->shape.dims[1] : 0;

    for (gsize s = 0; e != NULL && s < channels; s++)
      for (gsize r = 0; r < rank; r++) {
        double sum = 0;

        for (gsize t = 0; t < channels; t++)
          sum += (double) e->value[s * channels + t] * d0->value[t * rank + r];
        d->data[s * rank + r] = (float) sum;
      }
  }
}

/* dE[s,t] = sum_r gd[s,r] d0[t,r],  dd0[t,r] = sum_s E[s,t] gd[s,r] */
static void
spread_mixed (const CpacTensor *d, const double *gd, CpacVariable *d0, CpacVariable *e)
{
  gsize channels = d->shape.dims[0], rank = d->shape.dims[1];

  memset (d0->gradient, 0, d0->n * sizeof (double));
  for (gsize s = 0; s < channels; s++)
    for (gsize t = 0; t < channels; t++) {
      double sum = 0, weight = e->value[s * channels + t];

      for (gsize r = 0; r < rank; r++) {
        sum += gd[s * rank + r] * d0->value[t * rank + r];
        d0->gradient[t * rank + r] += weight * gd[s * rank + r];
      }
      e->gradient[s * channels + t] = sum;
    }
}

void
cpac_variables_spread_gradients (CpacVariables *variables)
{
  for (guint i = 0; i < variables->params->n_params; i++) {
    CpacVariable *variable = variables->of_param[i];

    if (variables->mixers[i] != NULL)
      spread_mixed (variables->params->values[i], variables->param_gradients[i], variable,
                    variables->mixers[i]);
    else if (variable != NULL)
      memcpy (variable->gradient, variables->param_gradients[i], variable->n * sizeof (double));
  }
}

/* The four factors of a cpac-conv layer, its first parameter standing at @first. */
static void
factors_of (const CpacVariables *variables, const CpacLayer *layer, guint first,
            const float *factors[4], guint dims[4], guint *rank)
{
  *rank = ((const CpacConvLayer *) layer)->rank;
  for (guint m = 0; m < 4; m++) {
    factors[m] = variables->params->values[first + m]->data;
    dims[m] = (guint) layer->params[m].shape.dims[0];
  }
}

static void
decay_factors (CpacVariables *variables, const CpacLayer *layer, guint first,
               const CpacRecipe *recipe)
{
  const float *factors[4];
  guint dims[4], rank;

  factors_of (variables, layer, first, factors, dims, &rank);
  if (recipe->decay > 0) {
    g_autofree double *scratch = g_new (double, 5 * (gsize) rank * rank);

    cpac_cp_energy_gradient (factors, dims, rank, recipe->decay, variables->param_gradients + first,
                             scratch);
  }
  for (guint m = 0; recipe->rank_prune > 0 && m < 4; m++)
    for (gsize i = 0; i < (gsize) dims[m] * rank; i++)
      variables->param_gradients[first + m][i] += 0.5 * recipe->rank_prune * factors[m][i];
}

void
cpac_variables_add_penalties (CpacVariables *variables, const CpacRecipe *recipe)
{
  for (guint i = 0; i < cpac_network_get_n_layers (variables->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (variables->network, i);
    guint first = variables->params->first[i];

    if (is_cpac_conv (layer)) {
      decay_factors (variables, layer, first, recipe);
      continue;
    }
    for (guint p = 0; p < layer->n_params; p++) {
      const CpacTensor *value = variables->params->values[first + p];
      gsize n = cpac_shape_count (&value->shape);

      if (layer->params[p].constant || !g_str_equal (layer->params[p].name, "weight"))
        continue;
      for (gsize k = 0; k < n; k++)
        variables->param_gradients[first + p][k] += recipe->decay * value->data[k];
    }
  }
}

/* Scales column @r of a (n / rank, rank) variable by @t, and its moments to match. */
static void
scale_column (CpacVariable *variable, guint rank, guint r, double t, gboolean value_too)
{
  for (gsize k = r; k < variable->n; k += rank) {
    if (value_too)
      variable->value[k] = (float) (variable->value[k] * t);
    variable->first[k] = (float) (variable->first[k] / t);
    variable->second[k] = (float) (variable->second[k] / (t * t));
  }
}

void
cpac_variables_balance (CpacVariables *variables, CpacParams *average)
{
  for (guint i = 0; i < cpac_network_get_n_layers (variables->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (variables->network, i);
    guint first = variables->params->first[i], dims[4], rank;
    const float *factors[4];
    g_autofree double *scale = NULL;

    if (!is_cpac_conv (layer))
      continue;
    factors_of (variables, layer, first, factors, dims, &rank);
    scale = g_new (double, 4 * (gsize) rank);
    cpac_cp_balance ((float *const *) factors, dims, rank, scale);
    for (guint m = 0; m < 4; m++)
      for (guint r = 0; r < rank; r++)
        scale_column (variables->of_param[first + m], rank, r, scale[m * rank + r],
                      variables->mixers[first + m] != NULL);
    if (average == NULL)
      continue;
    for (guint m = 0; m < 4; m++)
      factors[m] = average->values[first + m]->data;
    cpac_cp_balance ((float *const *) factors, dims, rank, scale);
  }
}

double
cpac_variables_gradient_norm (const CpacVariables *variables)
{
  double sum = 0;

  for (guint i = 0; i < variables->list->len; i++) {
    const CpacVariable *variable = g_ptr_array_index (variables->list, i);

    for (gsize k = 0; k < variable->n; k++)
      sum += variable->gradient[k] * variable->gradient[k];
  }
  return sqrt (sum);
}

GArray *
cpac_variables_get_health (const CpacVariables *variables)
{
  GArray *health = g_array_new (FALSE, FALSE, sizeof (CpacFactorHealth));

  for (guint i = 0; i < cpac_network_get_n_layers (variables->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (variables->network, i);
    const float *factors[4];
    guint dims[4], rank;
    CpacFactorHealth entry = { .layer = layer->name };

    if (!is_cpac_conv (layer))
      continue;
    factors_of (variables, layer, variables->params->first[i], factors, dims, &rank);
    entry.degeneracy = cpac_cp_degeneracy (factors, dims, rank);
    entry.sensitivity = cpac_cp_sensitivity (factors, dims, rank);
    entry.congruence = cpac_cp_congruence (factors, dims, rank);
    g_array_append_val (health, entry);
  }
  return health;
}
