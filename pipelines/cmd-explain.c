/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/explain/component-maps.h"
#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "pipelines/explain-pictures.h"
#include "pipelines/explain-set.h"
#include "pipelines/frames.h"
#include "pipelines/tool.h"
#include "plugin/mask-file.h"
#define TOTAL "total.png"
#define OVERLAY "overlay.png"
#define SUMMARY "explanation.json"

static gboolean as_json;
static int n_components = 3, n_threads = 1, grow = 8;
static char *out, *layer, *data, *split, *baseline, *ignore_mask;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out,
    "Write the maps as PNG, and the answer as JSON, into this folder", "DIR" },
  { "layer", 0, 0, G_OPTION_ARG_STRING, &layer,
    "Explain at this cpac-conv layer (the last one that no way to the score goes around)", "L" },
  { "components", 0, 0, G_OPTION_ARG_INT, &n_components, "Strongest components to show (3)", "N" },
  { "ignore-mask", 0, 0, G_OPTION_ARG_FILENAME, &ignore_mask, TOOL_IGNORE_MASK_HELP, "FILE" },
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data,
    "Explain a whole manifest, folder or idx file instead of one picture", "M" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "Only the rows of this split (all)", "S" },
  { "grow", 0, 0, G_OPTION_ARG_INT, &grow,
    "Pixels of the network's input by which masks of --data are grown (8)", "N" },
  { "baseline", 0, 0, G_OPTION_ARG_STRING, &baseline,
    "With --data, also measure how well this points at defects: gradient, the magnitude of the "
    "gradient by the frame",
    "B" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Pictures of --data explained side by side (1)",
    "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* ---- One picture ---- */

typedef struct {
  const char *path;
  const CpacModel *model;
  const CpacFrame *frame;
  const CpacInspection *inspection;
  const CpacExplanation *explanation;
  guint n_shown;
  double limit; /* of the maps' scale */
} Explained;

static char *
component_file (guint index)
{
  return g_strdup_printf ("component-%u.png", index);
}

/* What the components that are not shown contribute together. */
static double
sum_others (const Explained *explained)
{
  double sum = 0;

  for (guint i = explained->n_shown; i < explained->explanation->n_components; i++)
    sum += explained->explanation->components[i].contribution;
  return sum;
}

static void
add_component (JsonBuilder *builder, const CpacExplanation *explanation, guint index)
{
  const CpacComponent *component = &explanation->components[index];
  g_autofree char *file = component_file (component->index);

  json_builder_begin_object (builder);
  tool_json_int (builder, "index", component->index);
  tool_json_text (builder, "layer", explanation->layer);
  tool_json_double (builder, "significance", component->significance);
  tool_json_double (builder, "contribution", component->contribution);
  tool_json_double (builder, "share", component->share);
  if (out != NULL)
    tool_json_text (builder, "map", file);
  json_builder_end_object (builder);
}

static void
add_source (JsonBuilder *builder, const Explained *explained)
{
  const CpacInspection *inspection = explained->inspection;

  tool_json_text (builder, "name", cpac_model_get_name (explained->model));
  tool_json_text (builder, "model_sha256", cpac_model_get_weights_sha256 (explained->model));
  tool_json_text (builder, "config_sha256", cpac_model_get_config_sha256 (explained->model));
  tool_json_text (builder, "picture", explained->path);
  tool_json_double (builder, "score", inspection->score);
  tool_json_double (builder, "threshold", inspection->threshold);
  tool_json_text (builder, "verdict", cpac_verdict_to_string (inspection->verdict));
  if (inspection->class_name != NULL)
    tool_json_text (builder, "class", inspection->class_name);
}

static JsonBuilder *
describe (const Explained *explained)
{
  const CpacExplanation *explanation = explained->explanation;
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_source (builder, explained);
  tool_json_double (builder, "explained", explanation->explained);
  tool_json_text (builder, "explained_quantity", cpac_quantity_to_string (explanation->quantity));
  if (explanation->class_name != NULL) {
    tool_json_text (builder, "explained_class", explanation->class_name);
    tool_json_text (builder, "rival_class", explanation->rival);
  }
  tool_json_double (builder, "bias_part", explanation->bias_part);
  tool_json_text (builder, "layer", explanation->layer);
  tool_json_int (builder, "n_components", explanation->n_components);
  json_builder_set_member_name (builder, "components");
  json_builder_begin_array (builder);
  for (guint i = 0; i < explained->n_shown; i++)
    add_component (builder, explanation, i);
  json_builder_end_array (builder);
  tool_json_double (builder, "other_contributions", sum_others (explained));
  tool_json_double (builder, "identity_error", explanation->identity_error);
  if (out != NULL) {
    tool_json_text (builder, "total_map", TOTAL);
    tool_json_text (builder, "overlay", OVERLAY);
    tool_json_double (builder, "map_limit", explained->limit);
  }
  json_builder_end_object (builder);
  return builder;
}

static void
print_quantity (const CpacExplanation *explanation)
{
  switch (explanation->quantity) {
    case CPAC_QUANTITY_LOGIT_DIFFERENCE:
      printf ("the logit of %s less that of %s", explanation->class_name, explanation->rival);
      break;
    case CPAC_QUANTITY_MAP_SCORE:
      printf ("the score of the map");
      break;
    case CPAC_QUANTITY_SQUARED_DISTANCE:
      printf ("the squared distance from good parts");
      break;
  }
}

static void
print_text (const Explained *explained)
{
  const CpacExplanation *explanation = explained->explanation;
  const CpacInspection *inspection = explained->inspection;

  printf ("%s: score %.6g, threshold %.6g: %s%s%s\nexplained: ", explained->path, inspection->score,
          inspection->threshold, cpac_verdict_to_string (inspection->verdict),
          inspection->class_name != NULL ? ", class " : "",
          inspection->class_name != NULL ? inspection->class_name : "");
  print_quantity (explanation);
  printf (", %.6g, at layer %s\n\n%-12s %12s %8s %13s\n", explanation->explained,
          explanation->layer, "component", "contribution", "share", "significance");
  for (guint i = 0; i < explained->n_shown; i++) {
    const CpacComponent *component = &explanation->components[i];

    printf ("%-12u %+12.6g %+7.1f%% %12.1f%%\n", component->index, component->contribution,
            100 * component->share, 100 * component->significance);
  }
  if (explained->n_shown < explanation->n_components)
    printf ("%3u others   %+12.6g\n", explanation->n_components - explained->n_shown,
            sum_others (explained));
  printf ("%-12s %+12.6g\n%-12s %+12.6g, but for %.1g of it\n", "bias part", explanation->bias_part,
          "sum", explanation->explained, explanation->identity_error);
  if (out != NULL)
    printf ("\nmaps in %s: blue lowers, orange raises, full colour from %.4g a cell on\n", out,
            explained->limit);
}

static gboolean
write_maps (const Explained *explained, GError **error)
{
  const CpacExplanation *explanation = explained->explanation;
  guint width = explained->frame->info->width, height = explained->frame->info->height;

  if (!explain_write_map (explanation->total, explanation->width, explanation->height,
                          explained->limit, width, height, out, TOTAL, error) ||
      !explain_write_overlay (explanation->total, explanation->width, explanation->height,
                              explained->limit, explained->frame, out, OVERLAY, error))
    return FALSE;
  for (guint i = 0; i < explained->n_shown; i++) {
    g_autofree char *file = component_file (explanation->components[i].index);

    if (!explain_write_map (explanation->components[i].map, explanation->width, explanation->height,
                            explained->limit, width, height, out, file, error))
      return FALSE;
  }
  return TRUE;
}

/* The summary comes last: what it names is there. */
static gboolean
write_all (const Explained *explained, JsonBuilder *builder, GError **error)
{
  g_autofree char *path = g_build_filename (out, SUMMARY, NULL);
  g_autofree char *text = cpac_json_from_builder (builder);

  return cpac_file_make_folder (out, error) && write_maps (explained, error) &&
         cpac_file_replace (path, text, strlen (text), error);
}

static gboolean
show (Explained *explained, GError **error)
{
  const CpacThresholds in_force = { explained->inspection->threshold,
                                    explained->inspection->warn_threshold };
  g_autoptr (JsonBuilder) builder = NULL;

  explained->n_shown = MIN ((guint) n_components, explained->explanation->n_components);
  explained->limit =
      cpac_component_maps_get_limit (explained->model, explained->explanation->quantity, &in_force);
  builder = describe (explained);
  if (out != NULL && !write_all (explained, builder, error))
    return FALSE;
  if (as_json)
    tool_print_json (builder);
  else
    print_text (explained);
  return TRUE;
}

static gboolean
explain_picture (CpacModel *model, CpacIgnoreMask *mask, const char *path, GError **error)
{
  const CpacScorerOptions options = { .n_threads = 1, .ignore_mask = mask };
  g_autoptr (CpacScorer) scorer = cpac_scorer_new (model, &options, error);
  g_autoptr (CpacFrameSource) source = NULL;
  Explained explained = { .path = path, .model = model };
  CpacFrameMark mark;
  CpacFrame frame;

  if (scorer == NULL || !cpac_scorer_set_explain (scorer, (guint) n_components, layer, error))
    return FALSE;
  source = cpac_frames_open (path, NULL, error);
  if (source == NULL || cpac_frame_source_next (source, &frame, &mark, error) != CPAC_FRAME_NEXT)
    return FALSE;
  if (!cpac_scorer_set_stream (scorer, frame.info, NULL, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  explained.frame = &frame;
  explained.inspection = cpac_scorer_score (scorer, &frame, NULL);
  explained.explanation = cpac_scorer_get_explanation (scorer);
  if (explained.explanation == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC, "%s: the network's output is not finite",
                 path);
    return FALSE;
  }
  return show (&explained, error);
}

/* ---- A list ---- */

static gboolean
explain_list (CpacModel *model, CpacIgnoreMask *mask, GError **error)
{
  const ExplainOptions options = { .layer = layer,
                                   .split = split,
                                   .mask = mask,
                                   .n_threads = (guint) n_threads,
                                   .grow = (guint) grow,
                                   .baseline = baseline != NULL };
  g_autoptr (CpacManifest) manifest =
      cpac_manifest_load (data, (const char *const *) cpac_model_get_head (model)->classes, error);
  g_autoptr (ExplainedSet) set = NULL;

  if (manifest == NULL)
    return FALSE;
  if (cpac_manifest_get_kind (manifest) == CPAC_MANIFEST_VIDEO) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: a video is no list; cpac replay --explain explains its frames", data);
    return FALSE;
  }
  set = explained_set_new (model, manifest, &options, error);
  if (set == NULL)
    return FALSE;
  if (set->scores->len == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: no picture%s%s", data,
                 split != NULL ? " of split " : "", split != NULL ? split : "");
    return FALSE;
  }
  if (as_json)
    explained_set_print_json (set, model, &options, (guint) n_components);
  else
    explained_set_print_text (set, model, &options, (guint) n_components);
  return TRUE;
}

static const char *
find_misuse (int n_words)
{
  if (data == NULL && n_words != 2)
    return "which picture? Expected MODEL PICTURE, or MODEL --data M";
  if (data != NULL && n_words != 1)
    return "either a PICTURE or --data, not both";
  if (data != NULL && out != NULL)
    return "--out is for one PICTURE; --data prints figures";
  if (data == NULL && (split != NULL || baseline != NULL))
    return "--split and --baseline go with --data";
  if (baseline != NULL && !g_str_equal (baseline, "gradient"))
    return "--baseline must be gradient";
  if (n_components < 1 || n_components > CPAC_MAX_CHANNELS)
    return "--components must be 1..65536";
  if (n_threads < 1 || n_threads > 64)
    return "--threads must be 1..64";
  if (grow < 0 || grow > 1000)
    return "--grow must be 0..1000";
  return NULL;
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacIgnoreMask) mask = NULL;
  GError *error = NULL;
  const char *misuse;
  if (!tool_parse (&tool_explain, entries, 1, 2, &argc, &argv))
    return TOOL_ERROR;
  misuse = find_misuse (argc - 1);
  if (misuse != NULL)
    return tool_fail_text (&tool_explain, "%s", misuse);
  gst_init (NULL, NULL);
  model = cpac_model_load (argv[1], CPAC_MODEL_DEFAULT, &error);
  if (model == NULL ||
      (ignore_mask != NULL && (mask = gst_cpac_mask_load (ignore_mask, &error)) == NULL) ||
      !(data != NULL ? explain_list (model, mask, &error)
                     : explain_picture (model, mask, argv[2], &error)))
    return tool_fail (&tool_explain, error);
  return TOOL_DONE;
}

const ToolCommand tool_explain = {
  .name = "explain",
  .arguments = "MODEL PICTURE | MODEL --data M",
  .summary = "Show what the components of a layer contributed to a score",
  .run = run,
};
