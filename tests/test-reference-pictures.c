/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#include "core/score/scorer.h"
#include "pipelines/frames.h"
#include "tests/npy.h"

/* The paper's defect network on the paper's own 663 pictures, from the files on: decoding, input,
 * network and class must all be right. */

static char *
data_path (const char *name)
{
  const char *folder = g_getenv ("CPAC_TEST_DATA");

  return folder != NULL
             ? g_build_filename (folder, name, NULL)
             : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", name, NULL);
}

static const CpacInspection *
score_file (CpacScorer *scorer, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacFrameSource) source = cpac_frames_open (path, NULL, &error);
  const CpacInspection *result;
  CpacFrameMark mark;
  CpacFrame frame;

  g_assert_no_error (error);
  g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, &error), ==, CPAC_FRAME_NEXT);
  cpac_scorer_set_stream (scorer, frame.info, NULL, &error);
  g_assert_no_error (error);
  result = cpac_scorer_score (scorer, &frame, NULL);
  g_assert_cmpint (result->status, ==, CPAC_STATUS_SCORED);
  return result;
}

/* Held against the stored logits of one picture; returns the largest difference. */
static double
check_logits (const CpacScorer *scorer, const CpacInspection *result, const double *expected)
{
  const float *got = cpac_scorer_get_output (scorer);
  double worst = 0;
  guint best = 0;

  for (guint k = 0; k < result->n_classes; k++) {
    worst = MAX (worst, fabs (got[k] - expected[k]));
    if (expected[k] > expected[best])
      best = k;
  }
  g_assert_cmpstr (result->class_name, ==, result->classes[best]);
  return worst;
}

static void
test_manu (void)
{
  g_autofree char *model_path = data_path ("reference-vectors/tile-masks.yaml");
  g_autofree char *npy_path = data_path ("reference-vectors/manu_1layer_r5/logits_all_f32.npy");
  g_autofree char *folder = data_path ("magnetic-tile-paper");
  g_autofree char *list_path = g_build_filename (folder, "split_seed48.csv", NULL);
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (CpacScorer) scorer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (Npy) logits = { 0 };
  guint n = 0, n_hits = 0;
  double worst = 0;

  if (!g_file_get_contents (list_path, &list, NULL, NULL)) {
    g_test_skip ("needs the data folder, see CPAC_TEST_DATA");
    return;
  }
  npy_load (&logits, npy_path);
  model = cpac_model_load (model_path, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  scorer = cpac_scorer_new (model, &options, &error);
  lines = g_strsplit (list, "\n", -1);
  for (char **line = lines + 1; *line != NULL && **line != '\0'; line++, n++) {
    g_auto (GStrv) fields = g_strsplit (*line, ",", 4); /* index, path, label, split */
    g_autofree char *path = g_build_filename (folder, fields[1], NULL);
    const CpacInspection *result = score_file (scorer, path);

    g_assert_cmpuint (g_ascii_strtoull (fields[0], NULL, 10), ==, n);
    worst = MAX (worst, check_logits (scorer, result, logits.values + n * result->n_classes));
    n_hits +=
        g_str_equal (result->class_name, result->classes[g_ascii_strtoull (fields[2], NULL, 10)]);
  }
  g_test_message ("%u pictures: largest error %.3g, %u right", n, worst, n_hits);
  g_assert_cmpuint (n, ==, 663);
  g_assert_cmpuint (n_hits, ==, 651);
  g_assert_cmpfloat (worst, <=, 1e-3);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference-pictures/manu", test_manu);
  return g_test_run ();
}
