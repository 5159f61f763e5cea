/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/gradient-map.h"

#include <math.h>
#include <string.h>

#include "tests/explain-fixture.h"

#define BODY                                                                                       \
  "{type: standardize, inputs: [input]}, {name: v, type: local-contrast, window: 3}, "             \
  "{name: l, type: cpac-conv, kernel: 3, filters: 4, rank: 5}, {name: r, type: relu}"

static const struct {
  const char *name, *layers, *score;
  CpacDims input;
} rows[] = {
  { "map",
    "[" BODY ", {type: conv, kernel: 1, filters: 1}]",
    "{head: map, threshold: 0, top: 0.2}",
    { 3, 7, 6 } },
  { "classifier",
    "[" BODY ", {type: max-pool, size: 2}, {type: linear, units: 3}]",
    "{head: classifier, classes: [a, b, c], good: [a], threshold: 0.5}",
    { 1, 8, 9 } },
  { "gaussian",
    "[" BODY "]",
    "{head: gaussian, layers: [r, v], mode: position-mean, threshold: 1}",
    { 3, 7, 6 } },
  { "no cpac-conv",
    "[{type: conv, kernel: 3, filters: 1}]",
    "{head: map, threshold: 0}",
    { 1, 5, 4 } },
};

/* The quantity's slope by each pixel, found by moving it. The step's own error is about its square
 * relative to the pixel, 1e-8, the rounding of the quantity over the step 1e-11; the explanation
 * takes the frame as it is, in double from there on. */
static void
test_row (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  const double step = 1e-5;
  g_autoptr (CpacModel) model = explain_model (rows[i].layers, rows[i].input, rows[i].score, 2);
  g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 2);
  g_autoptr (CpacRun) reference = explain_run (model, CPAC_PRECISION_DOUBLE, 2);
  g_autofree float *heat = explain_heat_map (model, run);
  const CpacScoredMap scored = { .map = heat };
  g_autoptr (CpacGradientMap) map = cpac_gradient_map_new (model, NULL);
  const double *found = explain_gradient (map, model, run, &scored);
  gsize n = (gsize) rows[i].input.height * rows[i].input.width;
  double *x = cpac_run_get_input (reference, 0), largest = 0;

  for (gsize p = 0; p < n; p++)
    largest = MAX (largest, found[p]);
  g_assert_cmpfloat (largest, >, 0);
  for (gsize p = 0; p < n; p++) {
    double sum = 0;

    for (guint c = 0; c < rows[i].input.channels; c++) {
      double old = x[c * n + p], above;

      x[c * n + p] = old + step;
      cpac_run_forward (reference);
      above = explain_quantity (model, reference);
      x[c * n + p] = old - step;
      cpac_run_forward (reference);
      sum += fabs (above - explain_quantity (model, reference)) / (2 * step);
      x[c * n + p] = old;
    }
    g_assert_cmpfloat_with_epsilon (found[p], sum, 1e-6 * largest);
  }
}

/* The same picture twice gives the same map: nothing is left of the first. */
static void
test_again (void)
{
  g_autoptr (CpacModel) model = explain_model (rows[0].layers, rows[0].input, rows[0].score, 2);
  g_autoptr (CpacRun) run = explain_run (model, CPAC_PRECISION_SINGLE, 2);
  g_autofree float *heat = explain_heat_map (model, run);
  const CpacScoredMap scored = { .map = heat };
  g_autoptr (CpacGradientMap) map = cpac_gradient_map_new (model, NULL);
  gsize size = (gsize) rows[0].input.height * rows[0].input.width * sizeof (double);
  g_autofree double *first = g_memdup2 (explain_gradient (map, model, run, &scored), size);

  g_assert_cmpmem (explain_gradient (map, model, run, &scored), size, first, size);
}

static void
test_refused (void)
{
  g_autoptr (CpacModel) none = explain_model (rows[3].layers, rows[3].input, "{head: none}", 1);
  g_autoptr (CpacModel) constant = explain_model (
      "[{type: template, channels: 1, height: 5, width: 4}]", rows[3].input, rows[3].score, 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_gradient_map_new (none, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_null (cpac_gradient_map_new (constant, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_nonnull (strstr (error->message, "the score does not depend on the frame"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/gradient-map/row/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
  }
  g_test_add_func ("/gradient-map/again", test_again);
  g_test_add_func ("/gradient-map/refused", test_refused);
  return g_test_run ();
}
