/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "pipelines/report.h"
#include "pipelines/tool.h"
#include "plugin/mask-file.h"

static gboolean as_json;
static int n_threads = 1;
static gint64 seed = 1;
static char *data, *split, *scores, *report, *ignore_mask;

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder or idx file of labelled pictures",
    "M" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "Only the rows of this split (all)", "S" },
  { "scores", 0, 0, G_OPTION_ARG_FILENAME, &scores, "Write a CSV line for every picture", "FILE" },
  { "report", 0, 0, G_OPTION_ARG_FILENAME, &report,
    "Write the worst pictures, the ROC and the scores as pictures into this folder", "DIR" },
  { "ignore-mask", 0, 0, G_OPTION_ARG_FILENAME, &ignore_mask, TOOL_IGNORE_MASK_HELP, "FILE" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Pictures scored side by side (1)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Seed of the bootstrap intervals (1)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

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

static void
append_number (GString *text, gboolean has, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE] = "";

  if (has)
    g_ascii_dtostr (number, sizeof number, value);
  g_string_append (text, number);
}

/* Numbers with all their digits; those of an uncalibrated model are left empty. */
static gboolean
write_scores (const CpacModel *model, const GArray *pictures, GError **error)
{
  g_autoptr (GString) text = g_string_new ("name,label,split,group,score,verdict,class,"
                                           "score_normalized,p_value\n");
  const CpacHead *head = cpac_model_get_head (model);

  for (guint i = 0; i < pictures->len; i++) {
    const ScoredPicture *picture = &g_array_index (pictures, ScoredPicture, i);
    const CpacSample *sample = picture->sample;
    const char *const fields[] = { sample->name, sample->label, sample->split, sample->group };

    for (guint k = 0; k < G_N_ELEMENTS (fields); k++) {
      append_csv (text, fields[k]);
      g_string_append_c (text, ',');
    }
    append_number (text, picture->has_score, picture->score);
    g_string_append_printf (text, ",%s,", cpac_verdict_to_string (picture->verdict));
    if (head->kind == CPAC_HEAD_CLASSIFIER)
      append_csv (text, head->classes[picture->class_index]);
    g_string_append_c (text, ',');
    append_number (text, picture->is_calibrated, picture->score_normalized);
    g_string_append_c (text, ',');
    append_number (text, picture->is_calibrated, picture->p_value);
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
      cpac_model_get_head (model)->kind != CPAC_HEAD_CLASSIFIER) {
    tool_fail_text (&tool_evaluate,
                    "%s: score.good names no good class, so nothing tells good from defect",
                    cpac_model_get_path (model));
    return FALSE;
  }
  if (report != NULL && cpac_model_get_head (model)->good[0] == NULL) {
    tool_fail_text (&tool_evaluate, "%s: score.good names no good class; --report needs one",
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

static void
note_without_good (const CpacHead *head)
{
  g_autofree char *good = g_strjoinv (", ", head->good);

  tool_note ("note: no picture of %s is labelled %s, which is what score.good calls good", data,
             good);
}

static gboolean
write_report (const CpacModel *model, const CpacManifest *manifest, const GArray *pictures,
              const Figures *figures, GError **error)
{
  const Report about = {
    .name = cpac_model_get_name (model),
    .head = cpac_model_get_head (model),
    .figures = figures,
    .pictures = pictures,
    .manifest = manifest,
    .n_draws = FIGURES_N_DRAWS,
    .seed = (guint64) seed,
  };

  return report_write (&about, report, error);
}

static int
evaluate (CpacModel *model, GError **error)
{
  const CpacHead *head = cpac_model_get_head (model);
  g_autoptr (CpacManifest) manifest =
      cpac_manifest_load (data, (const char *const *) head->classes, error);
  g_autoptr (CpacIgnoreMask) mask = NULL;
  g_autoptr (GArray) pictures = NULL;
  g_autoptr (Figures) figures = NULL;
  g_autofree char *text = NULL;

  if (manifest == NULL || !check_usable (model, manifest) ||
      (ignore_mask != NULL && (mask = gst_cpac_mask_load (ignore_mask, error)) == NULL))
    return TOOL_ERROR;
  pictures = score_set (model, manifest, split, mask, (guint) n_threads, error);
  if (pictures == NULL)
    return TOOL_ERROR;
  if (pictures->len == 0)
    return fail_without_pictures (manifest);
  if (!cpac_manifest_has_groups (manifest))
    tool_note ("note: %s names no groups, so every picture counts as its own part", data);
  figures = figures_new (head, pictures, FIGURES_N_DRAWS, (guint64) seed, error);
  if (figures == NULL || (scores != NULL && !write_scores (model, pictures, error)) ||
      (report != NULL && !write_report (model, manifest, pictures, figures, error)))
    return TOOL_ERROR;
  if (figures->has_anomaly && figures->n_good == 0)
    note_without_good (head);
  text = as_json ? figures_to_json (figures, cpac_model_get_name (model), head)
                 : figures_to_text (figures, cpac_model_get_name (model), head);
  fputs (text, stdout);
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
