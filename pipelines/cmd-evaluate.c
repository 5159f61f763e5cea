/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "pipelines/figures.h"
#include "pipelines/tool.h"

#define N_DRAWS 2000

static gboolean as_json;
static int n_threads = 1;
static gint64 seed = 1;
static char *data, *split, *scores;

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder or idx file of labelled pictures",
    "M" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "Only the rows of this split (all)", "S" },
  { "scores", 0, 0, G_OPTION_ARG_FILENAME, &scores, "Write a CSV line for every picture", "FILE" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Pictures scored side by side (1)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the bootstrap intervals (1)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static void
json_interval (JsonBuilder *builder, const char *key, const CpacInterval *interval)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  json_builder_add_double_value (builder, interval->low);
  json_builder_add_double_value (builder, interval->high);
  json_builder_end_array (builder);
}

static void
json_classes (JsonBuilder *builder, const Figures *figures, const CpacHead *head)
{
  guint n = head->n_classes;

  tool_json_int (builder, "correct", figures->n_correct);
  tool_json_double (builder, "accuracy", figures->accuracy.value);
  json_interval (builder, "accuracy_ci", &figures->accuracy);
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
json_labels (JsonBuilder *builder, const Figures *figures)
{
  json_builder_set_member_name (builder, "defect_classes");
  json_builder_begin_array (builder);
  for (guint k = 0; k < figures->n_labels; k++) {
    json_builder_begin_object (builder);
    tool_json_text (builder, "label", figures->labels[k]);
    tool_json_int (builder, "n", figures->n_of_label[k]);
    tool_json_double (builder, "image_auroc", figures->label_auroc[k].value);
    json_interval (builder, "image_auroc_ci", &figures->label_auroc[k]);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
json_anomaly (JsonBuilder *builder, const Figures *figures, double threshold)
{
  tool_json_int (builder, "n_good", figures->n_good);
  tool_json_int (builder, "n_defects", figures->n_defects);
  tool_json_double (builder, "image_auroc", figures->image_auroc.value);
  json_interval (builder, "image_auroc_ci", &figures->image_auroc);
  tool_json_double (builder, "average_precision", figures->average_precision.value);
  json_interval (builder, "average_precision_ci", &figures->average_precision);
  tool_json_double (builder, "threshold", threshold);
  tool_json_double (builder, "f1", figures->f1);
  tool_json_double (builder, "f1_max", figures->f1_max);
  tool_json_double (builder, "f1_max_threshold", figures->f1_max_threshold);
  tool_json_double (builder, "false_reject", figures->false_reject.value);
  json_interval (builder, "false_reject_ci", &figures->false_reject);
  tool_json_double (builder, "detection", figures->detection.value);
  json_interval (builder, "detection_ci", &figures->detection);
  json_builder_set_member_name (builder, "fixed_false_reject");
  json_builder_begin_array (builder);
  for (guint k = 0; k < FIGURES_N_RATES; k++) {
    json_builder_begin_object (builder);
    tool_json_double (builder, "rate", figures->fixed[k].rate);
    tool_json_double (builder, "threshold", figures->fixed[k].threshold);
    tool_json_double (builder, "realised_rate", figures->fixed[k].realised_rate);
    tool_json_double (builder, "detection", figures->fixed[k].detection);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_labels (builder, figures);
}

static void
print_as_json (const CpacModel *model, const Figures *figures)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const CpacHead *head = cpac_model_get_head (model);

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", cpac_model_get_name (model));
  tool_json_int (builder, "n", figures->n);
  tool_json_int (builder, "n_groups", figures->n_groups);
  if (figures->has_classes)
    json_classes (builder, figures, head);
  if (figures->has_anomaly)
    json_anomaly (builder, figures, head->threshold);
  if (figures->has_pixels) {
    tool_json_double (builder, "pixel_auroc", figures->pixel_auroc);
    tool_json_double (builder, "pixel_average_precision", figures->pixel_ap);
    tool_json_double (builder, "aupro", figures->aupro);
    tool_json_double (builder, "aupro_small_regions", figures->aupro_small);
    tool_json_int (builder, "n_defect_regions", (gint64) figures->n_regions);
    tool_json_int (builder, "n_without_mask", figures->n_without_mask);
  }
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static void
print_interval (const char *what, const CpacInterval *interval)
{
  printf ("%-28s %.4f  [%.4f, %.4f]\n", what, interval->value, interval->low, interval->high);
}

static void
print_confusion (const Figures *figures, const CpacHead *head)
{
  guint n = head->n_classes;

  printf ("\nconfusion (rows: truth)\n%-14s", "");
  for (guint j = 0; j < n; j++)
    printf (" %9.9s", head->classes[j]);
  for (guint i = 0; i < n; i++) {
    printf ("\n%-14.14s", head->classes[i]);
    for (guint j = 0; j < n; j++)
      printf (" %9u", figures->confusion[i * n + j]);
  }
  printf ("\n");
}

static void
print_anomaly (const Figures *figures, const CpacHead *head)
{
  printf ("\n%u good, %u defective pictures; threshold %g\n", figures->n_good, figures->n_defects,
          head->threshold);
  print_interval ("image AUROC", &figures->image_auroc);
  print_interval ("average precision", &figures->average_precision);
  printf ("%-28s %.4f  (best over all thresholds: %.4f at %g)\n", "F1 at the threshold",
          figures->f1, figures->f1_max, figures->f1_max_threshold);
  print_interval ("false rejects", &figures->false_reject);
  print_interval ("detection", &figures->detection);
  for (guint k = 0; k < FIGURES_N_RATES; k++)
    printf ("detection at %.1f %% false rejects %.4f  (realised %.4f, threshold %g)\n",
            100 * figures->fixed[k].rate, figures->fixed[k].detection,
            figures->fixed[k].realised_rate, figures->fixed[k].threshold);
  for (guint k = 0; k < figures->n_labels; k++) {
    g_autofree char *what =
        g_strdup_printf ("AUROC %s (%u)", figures->labels[k], figures->n_of_label[k]);

    print_interval (what, &figures->label_auroc[k]);
  }
}

static void
print_as_table (const CpacModel *model, const Figures *figures)
{
  const CpacHead *head = cpac_model_get_head (model);

  printf ("%s: %u pictures of %u parts\n", cpac_model_get_name (model), figures->n,
          figures->n_groups);
  printf ("intervals: 95 %%, by physical part (rates at the threshold: by picture)\n\n");
  if (figures->has_classes) {
    printf ("%-28s %u of %u\n", "correct", figures->n_correct, figures->n);
    print_interval ("accuracy", &figures->accuracy);
    printf ("%-28s %.7f\n", "mean negative log-likelihood", figures->mean_nll);
    print_confusion (figures, head);
  }
  if (figures->has_anomaly)
    print_anomaly (figures, head);
  if (figures->has_pixels)
    printf (
        "\npixel AUROC %.4f, pixel AP %.4f, AUPRO at 30 %% %.4f (%" G_GSIZE_FORMAT
        " defect regions; regions under 4 pixels: %.4f); %u defective picture(s) without mask\n",
        figures->pixel_auroc, figures->pixel_ap, figures->aupro, figures->n_regions,
        figures->aupro_small, figures->n_without_mask);
}

static void
append_csv (GString *text, const char *field)
{
  if (strpbrk (field, ",\"\r\n") == NULL) {
    g_string_append (text, field);
    return;
  }
  g_string_append_c (text, '"');
  for (; *field != '\0'; field++) {
    if (*field == '"')
      g_string_append_c (text, '"');
    g_string_append_c (text, *field);
  }
  g_string_append_c (text, '"');
}

/* name,label,split,group,score,verdict,class: scores with all their digits. */
static gboolean
write_scores (const CpacModel *model, const GArray *pictures, GError **error)
{
  g_autoptr (GString) text = g_string_new ("name,label,split,group,score,verdict,class\n");
  const CpacHead *head = cpac_model_get_head (model);

  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = &g_array_index (pictures, ScoredPicture, i);
    const CpacSample *sample = picture->sample;
    const char *const fields[] = { sample->name, sample->label, sample->split, sample->group };
    char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

    for (guint k = 0; k < G_N_ELEMENTS (fields); k++) {
      append_csv (text, fields[k]);
      g_string_append_c (text, ',');
    }
    if (picture->has_score)
      g_ascii_dtostr (number, sizeof number, picture->score);
    g_string_append_printf (text, "%s,%s,", number, cpac_verdict_to_string (picture->verdict));
    if (head->kind == CPAC_HEAD_CLASSIFIER)
      append_csv (text, head->classes[picture->class_index]);
    g_string_append_c (text, '\n');
  }
  return cpac_file_replace (scores, text->str, text->len, error);
}

static gboolean
check_usable (const CpacModel *model, const CpacManifest *manifest)
{
  if (cpac_model_get_head (model)->kind == CPAC_HEAD_NONE) {
    tool_fail_text (&tool_evaluate, "%s: head none gives no score to evaluate",
                    cpac_model_get_path (model));
    return FALSE;
  }
  if (cpac_manifest_get_kind (manifest) == CPAC_MANIFEST_VIDEO) {
    tool_fail_text (&tool_evaluate, "%s: a video has no labels; cpac replay scores it", data);
    return FALSE;
  }
  if (cpac_model_get_head (model)->good[0] == NULL &&
      cpac_model_get_head (model)->kind == CPAC_HEAD_MAP) {
    tool_fail_text (&tool_evaluate,
                    "%s: score.good names no good class, so nothing tells good from defect",
                    cpac_model_get_path (model));
    return FALSE;
  }
  return TRUE;
}

/* The splits that the list does have, each once, in its order. (transfer full) */
static char *
list_splits (const CpacManifest *manifest)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const char *name = cpac_manifest_get_sample (manifest, i)->split;

    if (*name != '\0' && g_hash_table_add (seen, (gpointer) name))
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
  }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static int
fail_without_pictures (const CpacManifest *manifest)
{
  g_autofree char *splits = list_splits (manifest);

  if (*splits == '\0')
    return tool_fail_text (&tool_evaluate, "%s: no picture of split \"%s\", it names no splits",
                           data, split);
  return tool_fail_text (&tool_evaluate, "%s: no picture of split \"%s\", expected one of %s", data,
                         split, splits);
}

static int
evaluate (CpacModel *model, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  g_autoptr (CpacManifest) manifest =
      cpac_manifest_load (data, (const char *const *) head->classes, error);
  g_autoptr (GArray) pictures = NULL;
  g_autoptr (Figures) figures = NULL;

  if (manifest == NULL || !check_usable (model, manifest))
    return TOOL_ERROR;
  pictures = score_set (model, manifest, split, (guint) n_threads, error);
  if (pictures == NULL)
    return TOOL_ERROR;
  if (pictures->len == 0)
    return fail_without_pictures (manifest);
  if (!cpac_manifest_has_groups (manifest))
    tool_note ("note: %s names no groups, so every picture counts as its own part", data);
  figures = figures_new (model, pictures, N_DRAWS, (guint64) seed, error);
  if (figures == NULL || (scores != NULL && !write_scores (model, pictures, error)))
    return TOOL_ERROR;
  if (as_json)
    print_as_json (model, figures);
  else
    print_as_table (model, figures);
  return TOOL_DONE;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  GError *error = NULL;
  int status;

  if (!tool_parse (&tool_evaluate, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (data == NULL)
    return tool_fail_text (&tool_evaluate, "--data is missing: what should be scored?");
  if (n_threads < 1 || n_threads > 64)
    return tool_fail_text (&tool_evaluate, "--threads must be 1..64, got %d", n_threads);
  gst_init (NULL, NULL);
  model = cpac_model_load (argv[1], CPAC_MODEL_DEFAULT, &error);
  if (model == NULL)
    return tool_fail (&tool_evaluate, error);
  status = evaluate (model, &error);
  return error != NULL ? tool_fail (&tool_evaluate, error) : status;
}

const ToolCommand tool_evaluate = {
  .name = "evaluate",
  .arguments = "MODEL --data M",
  .summary = "Score labelled pictures and print the figures",
  .run = run,
};
