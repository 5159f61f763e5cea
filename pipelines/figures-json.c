/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-writer.h"
#include "pipelines/figures.h"
#include "pipelines/tool.h"

static void
add_ends (JsonBuilder *builder, const char *key, const CpacInterval *interval)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  json_builder_add_double_value (builder, interval->low);
  json_builder_add_double_value (builder, interval->high);
  json_builder_end_array (builder);
}

/* `key` and `key_ci`. */
static void
add_interval (JsonBuilder *builder, const char *key, const CpacInterval *interval)
{
  g_autofree char *ends = g_strconcat (key, "_ci", NULL);

  tool_json_double (builder, key, interval->value);
  add_ends (builder, ends, interval);
}

/* `key`, `key_ci` by Clopper-Pearson and `key_group_ci`. */
static void
add_rate (JsonBuilder *builder, const char *key, const FigureRate *rate)
{
  g_autofree char *ends = g_strconcat (key, "_group_ci", NULL);

  add_interval (builder, key, &rate->by_picture);
  add_ends (builder, ends, &rate->by_part);
}

static void
add_classes (JsonBuilder *builder, const Figures *figures, const CpacHead *head)
{
  guint n = head->n_classes;

  tool_json_int (builder, "correct", figures->n_correct);
  add_interval (builder, "accuracy", &figures->accuracy);
  add_interval (builder, "balanced_accuracy", &figures->balanced_accuracy);
  tool_json_double (builder, "mean_nll", figures->mean_nll);
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_string_value (builder, head->classes[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "confusion");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++) {
    json_builder_begin_array (builder);
    for (guint j = 0; j < n; j++)
      json_builder_add_int_value (builder, figures->confusion[i * n + j]);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

static void
add_fixed (JsonBuilder *builder, const Figures *figures)
{
  json_builder_set_member_name (builder, "fixed_false_reject");
  json_builder_begin_array (builder);
  for (guint k = 0; k < FIGURES_N_RATES; k++) {
    const FigureFixed *fixed = &figures->fixed[k];

    json_builder_begin_object (builder);
    tool_json_double (builder, "rate", fixed->at.rate);
    tool_json_double (builder, "threshold", fixed->at.threshold);
    tool_json_double (builder, "realised_rate", fixed->at.realised_rate);
    add_interval (builder, "detection", &fixed->detection);
    tool_json_int (builder, "n_good", figures->n_good);
    tool_json_int (builder, "n_good_parts", figures->n_good_parts);
    json_builder_set_member_name (builder, "resolved");
    json_builder_add_boolean_value (builder, fixed->is_resolved);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_rows (JsonBuilder *builder, const char *key, const GArray *rows)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++) {
    const FigureRow *row = &g_array_index (rows, FigureRow, i);

    json_builder_begin_object (builder);
    if (row->label != NULL) {
      tool_json_text (builder, "label", row->label);
    } else {
      tool_json_double (builder, "min_area", row->min_area);
      tool_json_double (builder, "max_area", row->max_area);
    }
    tool_json_int (builder, "n", row->detection.n);
    tool_json_int (builder, "n_parts", row->n_parts);
    add_interval (builder, "image_auroc", &row->image_auroc);
    tool_json_int (builder, "n_detected", row->detection.hits);
    add_rate (builder, "detection", &row->detection);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_anomaly (JsonBuilder *builder, const Figures *figures, double threshold)
{
  tool_json_int (builder, "n_good", figures->n_good);
  tool_json_int (builder, "n_defects", figures->n_defects);
  tool_json_int (builder, "n_good_parts", figures->n_good_parts);
  tool_json_int (builder, "n_defective_parts", figures->n_defective_parts);
  add_interval (builder, "image_auroc", &figures->image_auroc);
  add_interval (builder, "average_precision", &figures->average_precision);
  tool_json_double (builder, "threshold", threshold);
  add_interval (builder, "f1", &figures->f1);
  tool_json_double (builder, "f1_max", figures->f1_max);
  tool_json_double (builder, "f1_max_threshold", figures->f1_max_threshold);
  add_rate (builder, "false_reject", &figures->false_reject);
  add_interval (builder, "part_false_reject", &figures->part_false_reject);
  add_rate (builder, "detection", &figures->detection);
  add_fixed (builder, figures);
  add_rows (builder, "per_class", figures->per_class);
  add_rows (builder, "per_size", figures->per_size);
  tool_json_int (builder, "n_without_mask", figures->n_without_mask);
  add_interval (builder, "pixel_auroc", &figures->pixels.auroc);
  add_interval (builder, "pixel_average_precision", &figures->pixels.average_precision);
  add_interval (builder, "aupro", &figures->pixels.aupro);
  tool_json_double (builder, "aupro_small_regions", figures->aupro_small);
  tool_json_int (builder, "n_defect_regions", (gint64) figures->n_regions);
}

char *
figures_to_json (const Figures *figures, const char *name, const CpacHead *head)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", name);
  tool_json_int (builder, "n", figures->n);
  tool_json_int (builder, "n_groups", figures->n_groups);
  if (figures->has_classes)
    add_classes (builder, figures, head);
  if (figures->has_anomaly)
    add_anomaly (builder, figures, head->threshold);
  json_builder_end_object (builder);
  return cpac_json_from_builder (builder);
}
