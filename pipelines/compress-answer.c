/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/compress-answer.h"

#include <math.h>
#include <stdio.h>

#include "core/layers/options.h"
#include "pipelines/tool.h"

/* What was and what is, of a layer or of some of them. */
typedef struct {
  CpacCost before, after;
} Change;

static double
get_ratio (guint64 before, guint64 after)
{
  return after > 0 ? (double) before / (double) after : 1;
}

static Change
change_of_layer (const CompressRun *run, const CompressedModel *compressed, guint layer)
{
  Change change;

  cpac_layer_count (cpac_network_get_layer (cpac_model_get_network (run->model), layer),
                    &change.before);
  cpac_layer_count (cpac_network_get_layer (compressed->network, layer), &change.after);
  return change;
}

static Change
change_of_network (const CompressRun *run, const CompressedModel *compressed)
{
  Change change;

  cpac_network_count (cpac_model_get_network (run->model), &change.before);
  cpac_network_count (compressed->network, &change.after);
  return change;
}

/* Of all layers that might have been compressed. */
static Change
change_of_candidates (const CompressRun *run, const CompressedModel *compressed)
{
  Change sum = { .before.macs = 0 };

  for (guint i = 0; i < run->candidates->len; i++) {
    guint layer = compress_run_get_candidate (run, i)->layer;
    Change change = change_of_layer (run, compressed, layer);

    sum.before.macs += change.before.macs;
    sum.before.parameters += change.before.parameters;
    sum.after.macs += change.after.macs;
    sum.after.parameters += change.after.parameters;
  }
  return sum;
}

static const CompressCandidate *
find_candidate (const CompressRun *run, guint layer)
{
  guint i = 0;

  while (compress_run_get_candidate (run, i)->layer != layer)
    i++;
  return compress_run_get_candidate (run, i);
}

/* ---- As JSON ---- */

static void
add_change (const Change *change, JsonBuilder *builder)
{
  tool_json_int (builder, "macs_before", (gint64) change->before.macs);
  tool_json_int (builder, "macs", (gint64) change->after.macs);
  tool_json_int (builder, "parameters_before", (gint64) change->before.parameters);
  tool_json_int (builder, "parameters", (gint64) change->after.parameters);
}

static void
add_layer (const CompressRun *run, const CompressedModel *compressed, const CpacDecomposedLayer *of,
           JsonBuilder *builder)
{
  const CpacLayer *layer = cpac_network_get_layer (compressed->network, of->layer);
  Change change = change_of_layer (run, compressed, of->layer);

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", layer->name);
  tool_json_int (builder, "rank", ((const CpacConvLayer *) layer)->rank);
  tool_json_double (builder, "fit", of->fit);
  tool_json_double (builder, "degeneracy", of->degeneracy);
  tool_json_double (builder, "congruence", of->congruence);
  tool_json_int (builder, "sweeps", of->n_sweeps);
  tool_json_double (builder, "output_fit_als", of->outputs.fit_before);
  tool_json_double (builder, "output_fit_a", of->outputs.fit_a);
  tool_json_double (builder, "output_fit", of->outputs.fit);
  tool_json_double (builder, "sensitivity", find_candidate (run, of->layer)->sensitivity);
  add_change (&change, builder);
  json_builder_end_object (builder);
}

static void
add_fidelity (const char *stage, const CpacFidelity *fidelity, JsonBuilder *builder)
{
  if (fidelity->n == 0)
    return;
  json_builder_set_member_name (builder, stage);
  json_builder_begin_object (builder);
  tool_json_int (builder, "n", fidelity->n);
  tool_json_double (builder, "output_error", fidelity->output_error);
  tool_json_double (builder, "agreement", fidelity->agreement);
  tool_json_double (builder, "accuracy", fidelity->accuracy);
  tool_json_double (builder, "accuracy_before", fidelity->dense_accuracy);
  tool_json_double (builder, "auroc", fidelity->auroc);
  tool_json_double (builder, "auroc_before", fidelity->dense_auroc);
  json_builder_end_object (builder);
}

static void
add_stages (const CompressedModel *compressed, JsonBuilder *builder)
{
  tool_json_int (builder, "epochs", compressed->epochs);
  json_builder_set_member_name (builder, "stages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < compressed->stages->len; i++) {
    const CompressStage *stage = &g_array_index (compressed->stages, CompressStage, i);

    json_builder_begin_object (builder);
    tool_json_text (builder, "layer",
                    cpac_network_get_layer (compressed->network, stage->layer)->name);
    tool_json_double (builder, "val_loss_before", stage->loss_before);
    tool_json_double (builder, "val_loss", stage->loss);
    tool_json_int (builder, "best_epoch", stage->epoch);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

void
compress_answer_add (const CompressRun *run, const CompressedModel *compressed,
                     JsonBuilder *builder)
{
  Change change = change_of_network (run, compressed);
  Change candidates = change_of_candidates (run, compressed);

  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < compressed->layers->len; i++)
    add_layer (run, compressed, &g_array_index (compressed->layers, CpacDecomposedLayer, i),
               builder);
  json_builder_end_array (builder);
  add_change (&change, builder);
  tool_json_double (builder, "macs_ratio", get_ratio (change.before.macs, change.after.macs));
  tool_json_double (builder, "parameters_ratio",
                    get_ratio (change.before.parameters, change.after.parameters));
  tool_json_double (builder, "layers_macs_ratio",
                    get_ratio (candidates.before.macs, candidates.after.macs));
  tool_json_double (builder, "layers_parameters_ratio",
                    get_ratio (candidates.before.parameters, candidates.after.parameters));
  if (compressed->us > 0) {
    tool_json_double (builder, "us_before", compressed->us_before);
    tool_json_double (builder, "us", compressed->us);
    tool_json_double (builder, "time_ratio", compressed->us_before / compressed->us);
  }
  tool_json_int (builder, "pictures", run->training.pictures.n);
  add_fidelity ("after_als", &compressed->after_als, builder);
  add_fidelity ("after_fit", &compressed->after_fit, builder);
  add_fidelity ("after_training", &compressed->after_training, builder);
  if (compressed->stages != NULL)
    add_stages (compressed, builder);
}

/* ---- For people ---- */

static void
print_layer (const CompressRun *run, const CompressedModel *compressed,
             const CpacDecomposedLayer *of)
{
  const CpacLayer *layer = cpac_network_get_layer (compressed->network, of->layer);
  Change change = change_of_layer (run, compressed, of->layer);

  printf ("  %-20s rank %4u  fit %.3f  D %5.2f  multiply-adds %" G_GUINT64_FORMAT
          " of %" G_GUINT64_FORMAT,
          layer->name, ((const CpacConvLayer *) layer)->rank, of->fit, of->degeneracy,
          change.after.macs, change.before.macs);
  if (!isnan (of->outputs.fit))
    printf ("  outputs %.3f, a refitted %.3f, all %.3f", of->outputs.fit_before, of->outputs.fit_a,
            of->outputs.fit);
  putchar ('\n');
}

static void
print_fidelity (const char *stage, const CpacFidelity *fidelity)
{
  if (fidelity->n == 0)
    return;
  printf ("  %-12s", stage);
  if (!isnan (fidelity->accuracy))
    printf ("  accuracy %.4f of %.4f", fidelity->accuracy, fidelity->dense_accuracy);
  if (!isnan (fidelity->auroc))
    printf ("  auroc %.4f of %.4f", fidelity->auroc, fidelity->dense_auroc);
  if (!isnan (fidelity->agreement))
    printf ("  agreement %.4f", fidelity->agreement);
  printf ("  output error %.4f  (%u pictures set aside)\n", fidelity->output_error, fidelity->n);
}

void
compress_answer_print (const CompressRun *run, const CompressedModel *compressed,
                       const char *folder)
{
  Change change = change_of_network (run, compressed);
  Change candidates = change_of_candidates (run, compressed);

  printf ("%s: multiply-adds / %.2f, parameters / %.2f; of the layers it is about / %.2f, / %.2f\n",
          folder, get_ratio (change.before.macs, change.after.macs),
          get_ratio (change.before.parameters, change.after.parameters),
          get_ratio (candidates.before.macs, candidates.after.macs),
          get_ratio (candidates.before.parameters, candidates.after.parameters));
  if (compressed->us > 0)
    printf ("  one frame on one thread here: %.0f us of %.0f us, / %.2f\n", compressed->us,
            compressed->us_before, compressed->us_before / compressed->us);
  for (guint i = 0; i < compressed->layers->len; i++)
    print_layer (run, compressed, &g_array_index (compressed->layers, CpacDecomposedLayer, i));
  print_fidelity ("ALS", &compressed->after_als);
  print_fidelity ("fitted", &compressed->after_fit);
  print_fidelity ("trained", &compressed->after_training);
}
