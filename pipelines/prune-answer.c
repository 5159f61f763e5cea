/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/prune-answer.h"

#include <math.h>
#include <stdio.h>

#include "core/cp/cp.h"
#include "core/layers/options.h"
#include "pipelines/tool.h"

/* ---- As JSON ---- */

static double
get_degeneracy (const PrunedModel *pruned, guint index)
{
  const CpacLayer *layer = cpac_network_get_layer (pruned->network, index);
  CpacTensor *const *values = pruned->params->values + pruned->params->first[index];
  const float *factors[4];
  guint dims[4];

  for (guint m = 0; m < 4; m++) {
    factors[m] = values[m]->data;
    dims[m] = (guint) values[m]->shape.dims[0];
  }
  return cpac_cp_degeneracy (factors, dims, ((const CpacConvLayer *) layer)->rank);
}

static void
add_layer (const PrunedModel *pruned, const CpacRefitLayer *of, JsonBuilder *builder)
{
  const CpacLayer *whole = cpac_network_get_layer (pruned->prune->network, of->layer);
  const CpacLayer *layer = cpac_network_get_layer (pruned->network, of->layer);

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", layer->name);
  tool_json_int (builder, "rank_before", ((const CpacConvLayer *) whole)->rank);
  tool_json_int (builder, "rank", ((const CpacConvLayer *) layer)->rank);
  tool_json_int (builder, "filters_before", whole->out.channels);
  tool_json_int (builder, "filters", layer->out.channels);
  tool_json_double (builder, "fit_before", pruned->wishes.refit ? of->fit_before : NAN);
  tool_json_double (builder, "fit", pruned->wishes.refit ? of->fit : NAN);
  tool_json_double (builder, "degeneracy", get_degeneracy (pruned, of->layer));
  json_builder_end_object (builder);
}

static void
add_training (const PruneRun *run, const PrunedModel *pruned, JsonBuilder *builder)
{
  const CpacEpoch *e = &pruned->epoch;

  tool_json_int (builder, "epochs", pruned->epochs);
  if (e->epoch == 0)
    return;
  tool_json_int (builder, "best_epoch", e->epoch);
  tool_json_double (builder, "train_loss", e->train_loss);
  tool_json_double (builder, "val_loss", e->val_loss);
  tool_json_double (builder,
                    cpac_model_get_head (run->model)->kind == CPAC_HEAD_CLASSIFIER ? "val_accuracy"
                                                                                   : "val_auroc",
                    e->val_figure);
}

void
prune_answer_add_model (const PruneRun *run, const PrunedModel *pruned, JsonBuilder *builder)
{
  const PruneWishes *wishes = &pruned->wishes;
  CpacCost whole, cost;

  cpac_network_count (pruned->prune->network, &whole);
  cpac_network_count (pruned->network, &cost);
  tool_json_text (builder, "measure", cpac_measure_names ()[wishes->measure]);
  tool_json_double (builder, "keep", wishes->keep);
  tool_json_double (builder, "keep_channels", wishes->keep_channels);
  tool_json_int (builder, "components_before", pruned->prune->n_components);
  tool_json_int (builder, "components", pruned->prune->n_kept);
  tool_json_int (builder, "channels_before", pruned->prune->n_channels);
  tool_json_int (builder, "channels", pruned->prune->n_kept_channels);
  tool_json_int (builder, "pictures", run->training.pictures.n);
  json_builder_set_member_name (builder, "refit");
  json_builder_add_boolean_value (builder, wishes->refit);
  add_training (run, pruned, builder);
  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < pruned->layers->len; i++)
    add_layer (pruned, &g_array_index (pruned->layers, CpacRefitLayer, i), builder);
  json_builder_end_array (builder);
  tool_json_int (builder, "macs", (gint64) cost.macs);
  tool_json_int (builder, "parameters", (gint64) cost.parameters);
  tool_json_double (builder, "macs_ratio", prune_ratio (whole.macs, cost.macs));
  tool_json_double (builder, "parameters_ratio", prune_ratio (whole.parameters, cost.parameters));
}

void
prune_answer_add_curve (const PruneRun *run, const GArray *points, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "curve");
  json_builder_begin_array (builder);
  for (guint i = 0; i < points->len; i++) {
    const PrunePoint *p = &g_array_index (points, PrunePoint, i);

    json_builder_begin_object (builder);
    if (i > 0) {
      tool_json_text (builder, "measure", cpac_measure_names ()[p->measure]);
      json_builder_set_member_name (builder, "refit");
      json_builder_add_boolean_value (builder, p->refit);
    }
    tool_json_double (builder, "keep", p->keep);
    tool_json_double (builder, prune_curve_get_figure (run->model), p->figure);
    tool_json_double (builder, "macs_ratio", p->macs_ratio);
    tool_json_double (builder, "parameters_ratio", p->parameters_ratio);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* ---- For people ---- */

void
prune_answer_print_model (const PrunedModel *pruned, const char *folder)
{
  CpacCost whole, cost;

  cpac_network_count (pruned->prune->network, &whole);
  cpac_network_count (pruned->network, &cost);
  printf ("%s: %u of %u components, %u of %u channels; multiply-adds / %.2f, parameters / %.2f\n",
          folder, pruned->prune->n_kept, pruned->prune->n_components,
          pruned->prune->n_kept_channels, pruned->prune->n_channels,
          prune_ratio (whole.macs, cost.macs), prune_ratio (whole.parameters, cost.parameters));
  for (guint i = 0; i < pruned->layers->len; i++) {
    const CpacRefitLayer *of = &g_array_index (pruned->layers, CpacRefitLayer, i);
    const CpacLayer *before = cpac_network_get_layer (pruned->prune->network, of->layer);
    const CpacLayer *layer = cpac_network_get_layer (pruned->network, of->layer);

    printf ("  %-24s rank %u of %u, filters %u of %u", layer->name,
            ((const CpacConvLayer *) layer)->rank, ((const CpacConvLayer *) before)->rank,
            layer->out.channels, before->out.channels);
    if (pruned->wishes.refit)
      printf (", fit %.3f, refitted %.3f", of->fit_before, of->fit);
    putchar ('\n');
  }
}

void
prune_answer_print_curve (const PruneRun *run, const GArray *points)
{
  const PrunePoint *before = NULL;

  printf ("%s, whole model %.4f\n", prune_curve_get_figure (run->model),
          g_array_index (points, PrunePoint, 0).figure);
  for (guint i = 1; i < points->len; i++) {
    const PrunePoint *p = &g_array_index (points, PrunePoint, i);

    if (before == NULL || before->measure != p->measure || before->refit != p->refit)
      printf ("%s%-10s %-9s", i > 1 ? "\n" : "", cpac_measure_names ()[p->measure],
              p->refit ? "refitted" : "as it is");
    printf ("  %g: %.4f", p->keep, p->figure);
    before = p;
  }
  putchar ('\n');
}
