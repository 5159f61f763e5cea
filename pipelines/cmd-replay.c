/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "core/kernels/kernels.h"
#include "core/score/journal.h"
#include "core/score/scorer.h"
#include "core/train/manifest.h"
#include "pipelines/frames.h"
#include "pipelines/growing-file.h"
#include "pipelines/tool.h"
#include "plugin/mask-file.h"

static gboolean as_json, timing;
static int n_threads = 1, fps = 25, start, min_region_area, explain;
static char *journal, *features, *ignore_mask;

static const GOptionEntry entries[] = {
  { "journal", 0, 0, G_OPTION_ARG_FILENAME, &journal, "Where the journal goes", "FILE" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "Threads that share one frame (1)", "N" },
  { "timing", 0, 0, G_OPTION_ARG_NONE, &timing,
    "Also write wall-clock fields; without them every run gives the same bytes", NULL },
  { "fps", 0, 0, G_OPTION_ARG_INT, &fps, "Frames a second of a numbered sequence (25)", "N" },
  { "start", 0, 0, G_OPTION_ARG_INT, &start, "First number of a sequence (0)", "N" },
  { "features", 0, 0, G_OPTION_ARG_STRING, &features, "Layers whose maps are noted", "A,B" },
  { "ignore-mask", 0, 0, G_OPTION_ARG_FILENAME, &ignore_mask, TOOL_IGNORE_MASK_HELP, "FILE" },
  { "min-region-area", 0, 0, G_OPTION_ARG_INT, &min_region_area,
    "Smaller defect regions are not listed (0 pixels)", "N" },
  { "explain", 0, 0, G_OPTION_ARG_INT, &explain,
    "Also note what the N strongest components contributed to each score (0)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* One replay while it goes on. */
typedef struct {
  CpacScorer *scorer;
  CpacFrameInfo info; /* what the scorer's stream is set to */
  GrowingFile *lines;
  CpacLedger ledger;
  guint64 frame;
} Replay;

static gboolean
add_line (Replay *replay, CpacInspection *result, const CpacFrameMark *mark, const char *name,
          const char *part, GError **error)
{
  CpacJournalFrame frame = { .source = name,
                             .timestamp_ns = mark->timestamp_ns,
                             .timing = timing,
                             .system_time_us = g_get_real_time () };
  g_autofree char *line = NULL;

  result->frame = replay->frame++;
  result->part_id = part;
  if (mark->corrupted)
    result->verdict = CPAC_VERDICT_UNDEFINED;
  line = cpac_journal_line (result, &frame);
  cpac_ledger_add (&replay->ledger, result->verdict);
  return growing_file_append (replay->lines, line, error);
}

static gboolean
score_one (Replay *replay, const CpacFrame *frame, const CpacFrameMark *mark, const char *name,
           const char *part, GError **error)
{
  CpacInspection *result;
  gint64 begin;

  if (!cpac_scorer_has_stream (replay->scorer) ||
      !cpac_frame_info_equal (&replay->info, frame->info)) {
    replay->info = *frame->info;
    if (!cpac_scorer_set_stream (replay->scorer, &replay->info, NULL, error)) {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
  }
  begin = g_get_monotonic_time ();
  result = cpac_scorer_score (replay->scorer, frame, NULL);
  result->has_time = TRUE;
  result->time_ns = (guint64) (g_get_monotonic_time () - begin) * 1000;
  return add_line (replay, result, mark, name, part, error);
}

/* All frames of a video, sequence or picture. */
static gboolean
score_source (Replay *replay, CpacFrameSource *source, const char *name, const char *part,
              guint64 total, GError **error)
{
  for (;;) {
    CpacFrameMark mark;
    CpacFrame frame;

    switch (cpac_frame_source_next (source, &frame, &mark, error)) {
      case CPAC_FRAME_END:
        return TRUE;
      case CPAC_FRAME_ERROR:
        return FALSE;
      case CPAC_FRAME_NEXT:
        if (!score_one (replay, &frame, &mark, name, part, error))
          return FALSE;
        tool_progress ("replay", replay->frame, total);
    }
  }
}

static gboolean
score_path (Replay *replay, const char *path, const char *name, const char *part, guint64 total,
            GError **error)
{
  g_autoptr (CpacFrameSource) source = cpac_frames_open (path, NULL, error);

  return source != NULL && score_source (replay, source, name, part, total, error);
}

/* The pictures of a folder, list or idx file, in its order. */
static gboolean
score_list (Replay *replay, const CpacManifest *manifest, GError **error)
{
  guint n = cpac_manifest_get_n_samples (manifest);

  for (guint i = 0; i < n; i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);
    const char *part = cpac_manifest_has_groups (manifest) ? sample->group : NULL;
    CpacFrameMark mark = { .timestamp_ns = G_MAXUINT64 };
    CpacFrame frame;

    if (cpac_manifest_get_kind (manifest) != CPAC_MANIFEST_IDX) {
      if (!score_path (replay, sample->path, sample->name, part, n, error))
        return FALSE;
      continue;
    }
    cpac_manifest_get_idx_frame (manifest, i, &frame);
    if (!score_one (replay, &frame, &mark, sample->name, part, error))
      return FALSE;
    tool_progress ("replay", replay->frame, n);
  }
  return TRUE;
}

/* Whether SOURCE is a list of pictures rather than one file to decode. */
static gboolean
is_list (const char *source)
{
  g_autofree char *lower = g_ascii_strdown (source, -1);

  return g_file_test (source, G_FILE_TEST_IS_DIR) || g_str_has_suffix (lower, ".csv") ||
         strstr (lower, "-idx3-ubyte") != NULL;
}

static gboolean
score_all (Replay *replay, const char *source, GError **error)
{
  const CpacHead *head = cpac_model_get_head (cpac_scorer_get_model (replay->scorer));

  if (strchr (source, '%') != NULL && !g_file_test (source, G_FILE_TEST_EXISTS)) {
    g_autoptr (CpacFrameSource) sequence =
        cpac_frames_open_sequence (source, (guint) start, (guint) fps, error);

    return sequence != NULL && score_source (replay, sequence, source, NULL, 0, error);
  }
  if (is_list (source)) {
    g_autoptr (CpacManifest) manifest =
        cpac_manifest_load (source, (const char *const *) head->classes, error);

    return manifest != NULL && score_list (replay, manifest, error);
  }
  return score_path (replay, source, source, NULL, 0, error);
}

static gboolean
add_header (Replay *replay, const char *source, GError **error)
{
  const CpacModel *model = cpac_scorer_get_model (replay->scorer);
  CpacLevel level = CPAC_LEVEL_C;
  CpacJournalHeader header = {
    .source = source,
    .model = cpac_model_get_name (model),
    .model_sha256 = cpac_model_get_weights_sha256 (model),
    .config_sha256 = cpac_model_get_config_sha256 (model),
  };
  g_autofree char *line = NULL;

  /* Checked when the program started. */
  cpac_level_get (&level, NULL);
  header.kernel_level = cpac_level_to_string (level);
  line = cpac_journal_header (&header);
  return growing_file_append (replay->lines, line, error);
}

static void
print_summary (const Replay *replay)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const CpacLedger *ledger = &replay->ledger;

  if (!as_json) {
    printf ("%" G_GUINT64_FORMAT " frames: %" G_GUINT64_FORMAT " ok, %" G_GUINT64_FORMAT
            " not-ok, %" G_GUINT64_FORMAT " not-decidable, %" G_GUINT64_FORMAT " undefined\n",
            ledger->seen, ledger->verdicts[CPAC_VERDICT_OK], ledger->verdicts[CPAC_VERDICT_NOT_OK],
            ledger->verdicts[CPAC_VERDICT_NOT_DECIDABLE], ledger->verdicts[CPAC_VERDICT_UNDEFINED]);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_int (builder, "frames", (gint64) ledger->seen);
  for (guint i = 0; i < CPAC_N_VERDICTS; i++) {
    g_autofree char *key = g_strdelimit (g_strdup (cpac_verdict_to_string (i)), "-", '_');

    tool_json_int (builder, key, (gint64) ledger->verdicts[i]);
  }
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static gboolean
replay_to_journal (Replay *replay, const char *source, GError **error)
{
  g_autofree char *closing = NULL;

  replay->lines = growing_file_new (journal, error);
  if (replay->lines == NULL || !add_header (replay, source, error) ||
      !score_all (replay, source, error))
    return FALSE;
  tool_progress_end ();
  closing = cpac_journal_closing (&replay->ledger);
  return growing_file_append (replay->lines, closing, error) &&
         growing_file_finish (replay->lines, error);
}

static int
run (int argc, char **argv)
{
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacIgnoreMask) mask = NULL;
  g_auto (GStrv) names = NULL;
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  Replay replay = { 0 };
  GError *error = NULL;
  gboolean ok;

  if (!tool_parse (&tool_replay, entries, 2, 2, &argc, &argv))
    return TOOL_ERROR;
  if (journal == NULL)
    return tool_fail_text (&tool_replay, "--journal is missing: where should the lines go?");
  if (n_threads < 1 || n_threads > 64 || fps < 1 || start < 0)
    return tool_fail_text (&tool_replay,
                           "--threads must be 1..64, --fps at least 1, --start at least 0");
  if (min_region_area < 0)
    return tool_fail_text (&tool_replay, "--min-region-area must be at least 0, got %d",
                           min_region_area);
  if (explain < 0 || explain > CPAC_MAX_CHANNELS)
    return tool_fail_text (&tool_replay, "--explain must be 0..65536");
  gst_init (NULL, NULL);
  model = cpac_model_load (argv[1], CPAC_MODEL_DEFAULT, &error);
  if (model == NULL ||
      (ignore_mask != NULL && (mask = gst_cpac_mask_load (ignore_mask, &error)) == NULL))
    return tool_fail (&tool_replay, error);
  names = features != NULL ? g_strsplit (features, ",", -1) : NULL;
  options.n_threads = (guint) n_threads;
  options.features = (const char *const *) names;
  options.ignore_mask = mask;
  replay.scorer = cpac_scorer_new (model, &options, &error);
  if (replay.scorer == NULL)
    return tool_fail (&tool_replay, error);
  cpac_scorer_set_min_region_area (replay.scorer, (guint) min_region_area);
  ok = cpac_scorer_set_explain (replay.scorer, (guint) explain, NULL, &error) &&
       replay_to_journal (&replay, argv[2], &error);
  growing_file_free (replay.lines);
  cpac_scorer_free (replay.scorer);
  if (!ok)
    return tool_fail (&tool_replay, error);
  print_summary (&replay);
  return TOOL_DONE;
}

const ToolCommand tool_replay = {
  .name = "replay",
  .arguments = "MODEL SOURCE --journal FILE",
  .summary = "Score a recording into a journal, the same bytes every time",
  .run = run,
};
