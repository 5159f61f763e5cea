/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What stays of a training run: the model, its record, the curve, and what is said at the end. */

#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/train/curve.h"
#include "pipelines/fit-record.h"
#include "pipelines/tool.h"
#include "pipelines/train-run.h"

const char *
train_run_name_figure (const TrainRun *run)
{
  return cpac_model_get_head (run->shape)->kind == CPAC_HEAD_CLASSIFIER ? "val_accuracy"
                                                                        : "val_auroc";
}

static void
add_figures (const TrainRun *run, JsonBuilder *builder)
{
  const GArray *curve = cpac_trainer_get_curve (run->trainer);
  guint best = cpac_trainer_get_best_epoch (run->trainer);
  double seconds = 0;

  for (guint i = 0; i < curve->len; i++)
    seconds += g_array_index (curve, CpacEpoch, i).seconds;
  tool_json_int (builder, "epochs", curve->len);
  tool_json_int (builder, "best_epoch", best);
  if (best > 0) {
    const CpacEpoch *e = &g_array_index (curve, CpacEpoch, best - 1);

    tool_json_double (builder, "train_loss", e->train_loss);
    tool_json_double (builder, "val_loss", e->val_loss);
    tool_json_double (builder, train_run_name_figure (run), e->val_figure);
  }
  tool_json_double (builder, "seconds", seconds);
  tool_json_int (builder, "interrupted", run->is_interrupted);
}

static void
add_health (const TrainRun *run, JsonBuilder *builder)
{
  g_autoptr (GArray) health = cpac_variables_get_health (cpac_trainer_get_variables (run->trainer));

  json_builder_set_member_name (builder, "factors");
  json_builder_begin_array (builder);
  for (guint i = 0; i < health->len; i++) {
    const CpacFactorHealth *h = &g_array_index (health, CpacFactorHealth, i);

    json_builder_begin_object (builder);
    tool_json_text (builder, "layer", h->layer);
    tool_json_double (builder, "degeneracy", h->degeneracy);
    tool_json_double (builder, "sensitivity", h->sensitivity);
    tool_json_double (builder, "congruence", h->congruence);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* training.json: what was trained on what, with which figures; and the hashes of the parts that the
 * weights were fitted to and chosen by, those of start too, so that calibration knows them.
 * (transfer full) */
static JsonBuilder *
record (const TrainRun *run, const CpacWeightsWriter *writer)
{
  JsonBuilder *builder = fit_record_begin (writer);

  tool_json_text (builder, "configuration_sha256", cpac_model_get_config_sha256 (run->shape));
  tool_json_text (builder, "data_sha256", cpac_dataset_get_sha256 (run->dataset));
  if (run->start.model != NULL)
    tool_json_text (builder, "start_sha256", cpac_model_get_weights_sha256 (run->start.model));
  tool_json_int (builder, "seed", (gint64) run->recipe.seed);
  tool_json_int (builder, "n_train", cpac_dataset_get_n (run->dataset, CPAC_SPLIT_TRAIN));
  tool_json_int (builder, "n_val", cpac_dataset_get_n (run->dataset, CPAC_SPLIT_VAL));
  tool_json_int (builder, "cached_bytes", (gint64) cpac_dataset_get_cached_bytes (run->dataset));
  add_figures (run, builder);
  add_health (run, builder);
  fit_record_add_groups (builder, run->dataset, &run->start.record);
  return builder;
}

static gboolean
write_text (const TrainRun *run, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (run->out, name, NULL);

  return cpac_file_replace (path, text, strlen (text), error);
}

gboolean
train_run_write (const TrainRun *run, GError **error)
{
  const GArray *curve = cpac_trainer_get_curve (run->trainer);
  g_autofree char *csv = cpac_curve_to_csv (curve);
  g_autofree char *svg =
      cpac_curve_to_svg (curve, cpac_model_get_name (run->shape), train_run_name_figure (run),
                         cpac_trainer_get_best_epoch (run->trainer));
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (JsonBuilder) builder = NULL;

  cpac_params_write (cpac_trainer_get_best (run->trainer), cpac_model_get_network (run->shape),
                     writer);
  builder = record (run, writer);
  return fit_record_save (builder, run->out, run->text, writer, error) &&
         write_text (run, "curve.csv", csv, error) && write_text (run, "curve.svg", svg, error);
}

void
train_run_print (const TrainRun *run, gboolean as_json)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const GArray *curve = cpac_trainer_get_curve (run->trainer);
  guint best = cpac_trainer_get_best_epoch (run->trainer);

  if (as_json) {
    json_builder_begin_object (builder);
    add_figures (run, builder);
    add_health (run, builder);
    json_builder_end_object (builder);
    tool_print_json (builder);
    return;
  }
  if (best > 0)
    printf ("%s: best of %u epochs is %u, %s %.4f, val loss %.5f\n", run->out, curve->len, best,
            train_run_name_figure (run), g_array_index (curve, CpacEpoch, best - 1).val_figure,
            g_array_index (curve, CpacEpoch, best - 1).val_loss);
  if (run->is_interrupted)
    printf ("%s: interrupted%s; --resume goes on\n", run->out,
            best > 0 ? "" : " before the first validation, no model yet");
}
