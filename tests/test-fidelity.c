/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/train/fidelity.h"
#include "tests/toy-training.h"

typedef struct {
  ToyTraining toy;
  CpacParams *dense, *params;
  CpacFidelityOptions options;
} Fixture;

static void
fixture_init (Fixture *fixture, const char *score, const char *layers)
{
  *fixture = (Fixture){ .dense = NULL };
  toy_training_init (&fixture->toy, score, layers, 1 << 20);
  fixture->dense = cpac_params_new_random (fixture->toy.network, 2);
  fixture->params = cpac_params_new_random (fixture->toy.network, 3);
  fixture->options = (CpacFidelityOptions){ .network = fixture->toy.network,
                                            .params = fixture->params,
                                            .dense = fixture->toy.network,
                                            .dense_params = fixture->dense,
                                            .head = fixture->toy.head,
                                            .dataset = fixture->toy.dataset,
                                            .split = CPAC_SPLIT_VAL,
                                            .n_threads = 2 };
}

static void
fixture_clear (Fixture *fixture)
{
  cpac_params_free (fixture->dense);
  cpac_params_free (fixture->params);
  toy_training_clear (&fixture->toy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static CpacFidelity
measure (const Fixture *fixture)
{
  CpacFidelity fidelity;
  g_autoptr (GError) error = NULL;

  cpac_fidelity_measure (&fixture->options, &fidelity, &error);
  g_assert_no_error (error);
  return fidelity;
}

static const float *
output_of (CpacRun *run, const Fixture *fixture, guint picture)
{
  g_assert_true (cpac_dataset_get_input (fixture->toy.dataset, CPAC_SPLIT_VAL, picture,
                                         cpac_run_get_input (run, 0), NULL));
  cpac_run_forward (run);
  return cpac_run_get_output (run, cpac_network_get_n_layers (fixture->toy.network) - 1, 0);
}

/* All figures once more, picture by picture. */
static void
test_classifier (void)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_auto (Fixture) fixture = { .dense = NULL };
  g_autoptr (CpacRun) run = NULL, dense = NULL;
  double error = 0, sums[2] = { 0 }, squares = 0, same = 0, hits = 0, dense_hits = 0;
  CpacFidelity fidelity;
  const char *name;

  fixture_init (&fixture, TOY_CLASSIFIER_SCORE, TOY_CLASSIFIER_LAYERS);
  run = cpac_run_new (fixture.toy.network, fixture.params, &options);
  dense = cpac_run_new (fixture.toy.network, fixture.dense, &options);
  for (guint i = 0; i < TOY_VAL; i++) {
    const float *is = output_of (run, &fixture, i), *was = output_of (dense, &fixture, i);
    guint truth = cpac_dataset_get_item (fixture.toy.dataset, CPAC_SPLIT_VAL, i)->class_index;

    for (guint k = 0; k < 2; k++) {
      error += pow ((double) is[k] - was[k], 2);
      sums[k] += was[k];
      squares += (double) was[k] * was[k];
    }
    same += (is[1] > is[0]) == (was[1] > was[0]);
    hits += (is[1] > is[0]) == (truth == 1);
    dense_hits += (was[1] > was[0]) == (truth == 1);
  }
  squares -= (sums[0] * sums[0] + sums[1] * sums[1]) / TOY_VAL;
  fidelity = measure (&fixture);
  g_assert_cmpuint (fidelity.n, ==, TOY_VAL);
  g_assert_cmpfloat_with_epsilon (fidelity.output_error, sqrt (error / squares), 1e-4);
  g_assert_cmpfloat (fidelity.agreement, ==, same / TOY_VAL);
  g_assert_cmpfloat (fidelity.accuracy, ==, hits / TOY_VAL);
  g_assert_cmpfloat (fidelity.dense_accuracy, ==, dense_hits / TOY_VAL);
  g_assert_true (isnan (fidelity.auroc));
  g_assert_cmpfloat (cpac_fidelity_get_figure (&fidelity, &name), ==, fidelity.accuracy);
  g_assert_cmpstr (name, ==, "accuracy");
}

/* Whatever the weights, a network is true to itself. */
static void
test_same (void)
{
  g_auto (Fixture) fixture = { .dense = NULL };
  CpacFidelity fidelity;

  fixture_init (&fixture, TOY_CLASSIFIER_SCORE, TOY_CLASSIFIER_LAYERS);
  fixture.options.params = fixture.dense;
  fidelity = measure (&fixture);
  g_assert_cmpfloat (fidelity.output_error, ==, 0);
  g_assert_cmpfloat (fidelity.agreement, ==, 1);
  g_assert_cmpfloat (fidelity.accuracy, ==, fidelity.dense_accuracy);
}

/* A map whose logit is the picture itself finds the bright spots, one of the negative none. */
static void
test_map (void)
{
  g_auto (Fixture) fixture = { .dense = NULL };
  CpacFidelity fidelity;
  const char *name;

  fixture_init (&fixture, TOY_MAP_SCORE, "[{name: a, type: conv, filters: 1, kernel: 1}]");
  fixture.dense->values[0]->data[0] = 1;
  fixture.params->values[0]->data[0] = -1;
  fidelity = measure (&fixture);
  g_assert_cmpfloat (fidelity.dense_auroc, ==, 1);
  g_assert_cmpfloat (fidelity.auroc, <, 1);
  g_assert_true (isnan (fidelity.agreement));
  g_assert_true (isnan (fidelity.accuracy));
  cpac_fidelity_get_figure (&fidelity, &name);
  g_assert_cmpstr (name, ==, "auroc");
}

static void
test_none (void)
{
  g_auto (Fixture) fixture = { .dense = NULL };
  CpacFidelity fidelity;
  const char *name;

  fixture_init (&fixture, "{head: none}",
                "[{name: a, type: conv, filters: 3, kernel: 3}, {type: global-average-pool}]");
  fidelity = measure (&fixture);
  g_assert_true (isnan (fidelity.accuracy));
  g_assert_cmpfloat (fidelity.agreement, >=, 0);
  cpac_fidelity_get_figure (&fidelity, &name);
  g_assert_cmpstr (name, ==, "agreement");
  fixture.options.split = CPAC_SPLIT_OTHER;
  fidelity = measure (&fixture);
  g_assert_cmpuint (fidelity.n, ==, 0);
  g_assert_true (isnan (fidelity.agreement));
}

/* What is no vector has no largest output to agree on. */
static void
test_features (void)
{
  g_auto (Fixture) fixture = { .dense = NULL };
  CpacFidelity fidelity;
  const char *name;

  fixture_init (&fixture, "{head: none}", "[{name: a, type: conv, filters: 3, kernel: 3}]");
  fidelity = measure (&fixture);
  g_assert_true (isnan (fidelity.agreement));
  g_assert_cmpfloat (fidelity.output_error, >, 0);
  g_assert_cmpfloat (cpac_fidelity_get_figure (&fidelity, &name), ==, -fidelity.output_error);
  g_assert_cmpstr (name, ==, "output_error");
}

static void
test_threads (void)
{
  g_auto (Fixture) fixture = { .dense = NULL };
  CpacFidelity one, three;

  fixture_init (&fixture, TOY_CLASSIFIER_SCORE, TOY_CLASSIFIER_LAYERS);
  fixture.options.n_threads = 1;
  one = measure (&fixture);
  fixture.options.n_threads = 3;
  three = measure (&fixture);
  g_assert_cmpfloat (one.output_error, ==, three.output_error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fidelity/classifier", test_classifier);
  g_test_add_func ("/fidelity/same", test_same);
  g_test_add_func ("/fidelity/map", test_map);
  g_test_add_func ("/fidelity/none", test_none);
  g_test_add_func ("/fidelity/features", test_features);
  g_test_add_func ("/fidelity/threads", test_threads);
  return g_test_run ();
}
