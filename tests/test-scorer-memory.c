/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/scorer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/toy-model.h"

/* What asks for memory in this program is counted: these come before libc's own. One thread only:
 * a thread that is starting allocates whenever it gets to. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static gint n_allocations; /* atomic */

#define SEEN_BY_LIBRARIES __attribute__ ((visibility ("default")))

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);

SEEN_BY_LIBRARIES void *
malloc (size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_malloc (size);
}

SEEN_BY_LIBRARIES void *
calloc (size_t n, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_calloc (n, size);
}

SEEN_BY_LIBRARIES void *
realloc (void *memory, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_realloc (memory, size);
}
#else
static gint n_allocations;
#endif

#define SIDE 33
#define HEAD_INPUT "{width: 33, height: 33, channels: 1, mean: [0], scale: [1]}"
#define MAP_LAYERS "[{type: conv, name: c, filters: 1, kernel: 1, bias: false}]"
#define CLASS_LAYERS                                                                               \
  "[{type: cpac-conv, name: c, filters: 3, kernel: 5, rank: 2}, {type: relu}, "                    \
  "{type: max-pool, size: 2}, {type: linear, name: l, units: 3}]"

static const struct {
  const char *name, *layers, *score;
} rows[] = {
  { "largest", MAP_LAYERS, "{head: map, threshold: 25}" },
  { "top", MAP_LAYERS, "{head: map, threshold: 25, top: 0.3}" },
  { "classes", CLASS_LAYERS, "{head: classifier, classes: [a, b, c], good: [a], threshold: 0.5}" },
};

static void
make_one (CpacParams *params)
{
  params->values[0]->data[0] = 1;
}

static CpacModel *
make_model (const char *layers, const char *score)
{
  const CpacDims dims = { 1, SIDE, SIDE };
  g_auto (Folder) folder = { 0 };
  g_autofree char *sha256 = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;
  CpacModel *model;

  folder_init (&folder);
  sha256 = put_weights (&folder, "w.safetensors", layers, dims, 1, make_one);
  text = g_strdup_printf ("cpac-model: 1\nname: toy\ninput: " HEAD_INPUT "\n"
                          "weights: {file: w.safetensors, sha256: %s}\nlayers: %s\nscore: %s\n",
                          sha256, layers, score);
  model = load_text (&folder, text, CPAC_MODEL_DEFAULT, &error);
  g_assert_no_error (error);
  return model;
}

/* From the first frame on, be the map dark or full of regions: a dot of 255 makes 3x3 cells of 28,
 * dots 4 cells apart leave one dark cell between them. */
static void
test_frames (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  guint8 pixels[2][SIDE * SIDE] = { { 0 } };
  CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = SIDE, .height = SIDE };
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (CpacModel) model = make_model (rows[i].layers, rows[i].score);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacScorer) scorer = cpac_scorer_new (model, &options, &error);
  gint before = g_atomic_int_get (&n_allocations), after;

  g_assert_no_error (error);
  g_free (g_malloc (1000));
  if (g_atomic_int_get (&n_allocations) == before) {
    g_test_skip ("allocations cannot be counted here");
    return;
  }
  for (guint y = 1; y < SIDE; y += 4)
    for (guint x = 1; x < SIDE; x += 4)
      pixels[1][y * SIDE + x] = 255;
  cpac_scorer_set_stream (scorer, &info, NULL, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < 4; k++) {
    CpacFrame frame = { &info, { pixels[k % 2] }, { SIDE } };
    const CpacInspection *result;

    before = g_atomic_int_get (&n_allocations);
    result = cpac_scorer_score (scorer, &frame, NULL);
    after = g_atomic_int_get (&n_allocations);
    g_assert_cmpint (after, ==, before);
    g_assert_true (result->has_score);
    if (result->has_regions)
      g_assert_cmpuint (result->n_regions, ==, k % 2 == 0 ? 0 : 64);
    g_assert_cmpuint (result->n_contours, ==, result->n_regions);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/scorer-memory/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_frames);
  }
  return g_test_run ();
}
