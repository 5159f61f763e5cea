/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/scorer.h"
#include "core/train/footage.h"

/* config/sample-metal.yaml against footage that it was not designed on. */

typedef struct {
  CpacScorer *scorer;
  CpacFootage *footage;
  CpacFrameInfo info;
  guint8 *gray;
} Line;

static void
line_init (Line *line, guint64 seed)
{
  const CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autofree char *path =
      g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "config", "sample-metal.yaml", NULL);
  g_autoptr (CpacModel) model = NULL;
  g_autoptr (GError) error = NULL;

  spec.seed = seed;
  spec.defect_rate = 0.5;
  line->footage = cpac_footage_new (&spec, &error);
  g_assert_no_error (error);
  line->gray = g_malloc ((gsize) spec.width * spec.height);
  line->info =
      (CpacFrameInfo){ .format = CPAC_PIXEL_GRAY8, .width = spec.width, .height = spec.height };
  model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  line->scorer = cpac_scorer_new (model, &options, &error);
  g_assert_no_error (error);
  cpac_scorer_set_stream (line->scorer, &line->info, NULL, &error);
  g_assert_no_error (error);
}

static void
line_clear (Line *line)
{
  cpac_scorer_free (line->scorer);
  cpac_footage_free (line->footage);
  g_free (line->gray);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

static const CpacInspection *
inspect (Line *line, guint index, CpacFootageTruth *truth)
{
  const CpacFrame frame = { .info = &line->info,
                            .planes = { line->gray },
                            .strides = { (gssize) line->info.width } };

  cpac_footage_render (line->footage, index, line->gray, NULL, truth);
  return cpac_scorer_score (line->scorer, &frame, NULL);
}

/* The map's largest cell lies on the defect: at most 12 pixels of the network's input (half of the
 * 3x3 cells, and half the longest kernel along x) outside its box. */
static void
check_place (const Line *line, const CpacFootageDefect *defect)
{
  const CpacModel *model = cpac_scorer_get_model (line->scorer);
  const CpacDims *dims = cpac_network_get_output (cpac_model_get_network (model));
  const float *map = cpac_scorer_get_map (line->scorer);
  const double cell_x = line->info.width / (double) dims->width;
  const double cell_y = line->info.height / (double) dims->height;
  guint best = 0;
  double x, y;

  for (guint i = 1; i < dims->width * dims->height; i++)
    if (map[i] > map[best])
      best = i;
  x = (best % dims->width + 0.5) * cell_x;
  y = (best / dims->width + 0.5) * cell_y;
  g_assert_cmpfloat (x, >=, defect->left - 3 * cell_x);
  g_assert_cmpfloat (x, <=, defect->right + 1 + 3 * cell_x);
  g_assert_cmpfloat (y, >=, defect->top - 3 * cell_y);
  g_assert_cmpfloat (y, <=, defect->bottom + 1 + 3 * cell_y);
}

static void
test_verdicts (gconstpointer data)
{
  const guint64 *seed = data;
  g_auto (Line) line = { 0 };

  line_init (&line, *seed);
  for (guint i = 0; i < cpac_footage_get_n_frames (line.footage); i++) {
    CpacFootageTruth truth;
    const CpacInspection *inspection = inspect (&line, i, &truth);

    g_assert_cmpint (inspection->status, ==, CPAC_STATUS_SCORED);
    g_assert_cmpint (inspection->verdict == CPAC_VERDICT_NOT_OK, ==, truth.n_defects > 0);
    if (truth.n_defects > 0)
      check_place (&line, &truth.defects[0]);
  }
}

int
main (int argc, char **argv)
{
  /* The embedded sample's, and one that neither design nor calibration has seen. */
  static const guint64 seeds[] = { 1, 105 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/sample-metal/seed-1", &seeds[0], test_verdicts);
  g_test_add_data_func ("/sample-metal/seed-105", &seeds[1], test_verdicts);
  return g_test_run ();
}
