/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/recipe.h"

static gboolean
read_text (const char *text, CpacRecipe *recipe, GError **error)
{
  g_autoptr (GError) bad_yaml = NULL;
  g_autoptr (CpacConfig) map = cpac_config_parse ("r.yaml", text, strlen (text), &bad_yaml);

  g_assert_no_error (bad_yaml);
  return cpac_recipe_read (recipe, map, error);
}

static void
assert_same (const CpacRecipe *a, const CpacRecipe *b)
{
  g_assert_cmpuint (a->epochs, ==, b->epochs);
  g_assert_cmpuint (a->batch, ==, b->batch);
  g_assert_cmpuint (a->seed, ==, b->seed);
  g_assert_cmpint (a->optimizer, ==, b->optimizer);
  g_assert_cmpfloat (a->rate, ==, b->rate);
  g_assert_cmpfloat (a->rate_end, ==, b->rate_end);
  g_assert_cmpuint (a->warm_up, ==, b->warm_up);
  g_assert_cmpfloat (a->momentum, ==, b->momentum);
  g_assert_cmpfloat (a->beta2, ==, b->beta2);
  g_assert_cmpfloat (a->epsilon, ==, b->epsilon);
  g_assert_cmpfloat (a->clip, ==, b->clip);
  g_assert_cmpfloat (a->decay, ==, b->decay);
  g_assert_cmpfloat (a->rank_prune, ==, b->rank_prune);
  g_assert_cmpint (a->over_parameterise, ==, b->over_parameterise);
  g_assert_cmpuint (a->balance_every, ==, b->balance_every);
  g_assert_cmpint (a->init, ==, b->init);
  g_assert_cmpuint (a->init_pictures, ==, b->init_pictures);
  g_assert_cmpint (a->loss, ==, b->loss);
  g_assert_cmpint (a->has_loss, ==, b->has_loss);
  g_assert_cmpfloat (a->positive_weight, ==, b->positive_weight);
  g_assert_cmpfloat (a->balance, ==, b->balance);
  g_assert_cmpfloat (a->picture_weight, ==, b->picture_weight);
  g_assert_cmpfloat (a->focal_gamma, ==, b->focal_gamma);
  g_assert_cmpfloat (a->label_smoothing, ==, b->label_smoothing);
  g_assert_cmpfloat (a->average, ==, b->average);
  g_assert_cmpfloat (a->cell_share, ==, b->cell_share);
  g_assert_cmpint (a->select, ==, b->select);
  g_assert_cmpint (a->synthetic.active, ==, b->synthetic.active);
  g_assert_cmpuint (a->memory_mib, ==, b->memory_mib);
  g_assert_cmpfloat (a->validation_share, ==, b->validation_share);
  g_assert_cmpfloat (a->calibration_share, ==, b->calibration_share);
  g_assert_cmpuint (a->activation_mib, ==, b->activation_mib);
  g_assert_cmpuint (a->patience, ==, b->patience);
  g_assert_cmpuint (a->least_steps, ==, b->least_steps);
  g_assert_cmpint (a->augment.flip_horizontal, ==, b->augment.flip_horizontal);
  g_assert_cmpint (a->augment.flip_vertical, ==, b->augment.flip_vertical);
  g_assert_cmpint (a->augment.rotate_quarter, ==, b->augment.rotate_quarter);
  g_assert_cmpfloat (a->augment.shift, ==, b->augment.shift);
  g_assert_cmpfloat (a->augment.rotate, ==, b->augment.rotate);
  g_assert_cmpfloat (a->augment.zoom, ==, b->augment.zoom);
  g_assert_cmpfloat (a->augment.gain, ==, b->augment.gain);
  g_assert_cmpfloat (a->augment.offset, ==, b->augment.offset);
  g_assert_cmpfloat (a->augment.gamma, ==, b->augment.gamma);
  g_assert_cmpfloat (a->augment.noise, ==, b->augment.noise);
}

/* As the header states them. */
static const CpacRecipe defaults = {
  .epochs = 10,
  .batch = 16,
  .seed = 1,
  .optimizer = CPAC_OPTIMIZER_ADAM,
  .rate = 3e-3,
  .warm_up = 50,
  .momentum = 0.9,
  .beta2 = 0.99,
  .epsilon = 1e-8,
  .clip = 1,
  .decay = 1e-4,
  .balance_every = 100,
  .init = CPAC_INIT_HE,
  .init_pictures = 64,
  .positive_weight = 3,
  .focal_gamma = 2,
  .cell_share = 1,
  .memory_mib = 2048,
  .validation_share = 0.1,
  .calibration_share = 0.1,
  .activation_mib = 64,
};

static void
test_defaults (void)
{
  CpacRecipe recipe;
  g_autoptr (GError) error = NULL;

  memset (&recipe, 0x5a, sizeof recipe);
  cpac_recipe_init (&recipe);
  assert_same (&recipe, &defaults);

  memset (&recipe, 0x5a, sizeof recipe);
  g_assert_true (read_text ("{}", &recipe, &error));
  g_assert_no_error (error);
  assert_same (&recipe, &defaults);

  memset (&recipe, 0x5a, sizeof recipe);
  g_assert_true (read_text ("augment: {}", &recipe, &error));
  assert_same (&recipe, &defaults);
}

static void
test_all_keys (void)
{
  static const CpacRecipe expected = {
    .epochs = 3,
    .batch = 5,
    .seed = G_MAXUINT64,
    .optimizer = CPAC_OPTIMIZER_SGD,
    .rate = 0.25,
    .rate_end = 0.125,
    .warm_up = 7,
    .momentum = 0.5,
    .beta2 = 0.75,
    .epsilon = 0.0625,
    .clip = 2.5,
    .decay = 0.03125,
    .rank_prune = 0.015625,
    .over_parameterise = TRUE,
    .balance_every = 11,
    .init = CPAC_INIT_ALS_GAUSSIAN,
    .init_pictures = 13,
    .loss = CPAC_LOSS_CROSS_ENTROPY,
    .has_loss = TRUE,
    .positive_weight = 17,
    .balance = 0.4375,
    .picture_weight = 0.3125,
    .focal_gamma = 1.5,
    .label_smoothing = 0.375,
    .average = 0.875,
    .cell_share = 0.625,
    .select = CPAC_SELECT_AUROC,
    .synthetic.active = TRUE,
    .memory_mib = 19,
    .validation_share = 0.25,
    .calibration_share = 0.125,
    .activation_mib = 21,
    .patience = 23,
    .least_steps = 29,
    .augment = { TRUE, TRUE, TRUE, 4.5, 9.5, 0.1875, 0.3, 12, 0.4, 6 },
  };
  CpacRecipe recipe;
  g_autoptr (GError) error = NULL;

  g_assert_true (read_text (
      "epochs: 3\nbatch: 5\nseed: 18446744073709551615\noptimizer: sgd\n"
      "rate: 0.25\nrate-end: 0.125\nwarm-up: 7\nmomentum: 0.5\nbeta2: 0.75\n"
      "epsilon: 0.0625\nclip: 2.5\ndecay: 0.03125\nrank-prune: 0.015625\n"
      "over-parameterise: true\nbalance-every: 11\ninit: als-gaussian\n"
      "init-pictures: 13\nloss: cross-entropy\npositive-weight: 17\n"
      "focal-gamma: 1.5\nlabel-smoothing: 0.375\naverage: 0.875\n"
      "balance: 0.4375\npicture-weight: 0.3125\ncell-share: 0.625\nselect: auroc\nsynthetic: {}\n"
      "memory-mib: 19\nvalidation-share: 0.25\ncalibration-share: "
      "0.125\nactivation-mib: 21\npatience: 23\nleast-steps: 29\naugment:\n"
      "  flip-horizontal: true\n"
      "  flip-vertical: true\n  rotate-quarter: true\n  shift: 4.5\n"
      "  rotate: 9.5\n  zoom: 0.1875\n  gain: 0.3\n  offset: 12\n"
      "  gamma: 0.4\n  noise: 6\n",
      &recipe, &error));
  g_assert_no_error (error);
  assert_same (&recipe, &expected);
}

static void
test_choices (void)
{
  static const struct {
    const char *text;
    CpacRecipe expected;
  } rows[] = {
    { "{optimizer: adam, init: he}", { .optimizer = CPAC_OPTIMIZER_ADAM } },
    { "{loss: pixel-bce, optimizer: sgd}",
      { .optimizer = CPAC_OPTIMIZER_SGD, .loss = CPAC_LOSS_PIXEL_BCE, .has_loss = TRUE } },
    { "{loss: pixel-focal, label-smoothing: 0}",
      { .loss = CPAC_LOSS_PIXEL_FOCAL, .has_loss = TRUE } },
    { "{label-smoothing: 0.5}", { .has_loss = FALSE } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacRecipe recipe;
    g_autoptr (GError) error = NULL;

    g_assert_true (read_text (rows[i].text, &recipe, &error));
    g_assert_no_error (error);
    g_assert_cmpint (recipe.optimizer, ==, rows[i].expected.optimizer);
    g_assert_cmpint (recipe.init, ==, CPAC_INIT_HE);
    g_assert_cmpint (recipe.loss, ==, rows[i].expected.loss);
    g_assert_cmpint (recipe.has_loss, ==, rows[i].expected.has_loss);
  }
}

/* The ends of every range are inside. */
static void
test_ends (void)
{
  static const char *const texts[] = {
    "{epochs: 1, batch: 1, seed: 0, rate: 1e-300, rate-end: 0, warm-up: 0, momentum: 0, beta2: 0, "
    "epsilon: 1e-300, clip: 0, decay: 0, rank-prune: 0, balance-every: 0, init-pictures: 0, "
    "positive-weight: 1e-300, picture-weight: 0, focal-gamma: 0, label-smoothing: 0, average: 0, "
    "memory-mib: 1, "
    "activation-mib: 0, "
    "patience: 0, least-steps: 0, augment: {shift: 0, rotate: 0, zoom: 0, gain: 0, offset: 0, "
    "gamma: 0, noise: 0}}",
    "{epochs: 100000, batch: 65536, rate: 1000, rate-end: 1, warm-up: 1000000, "
    "momentum: 0.999999, beta2: 0.999999, epsilon: 1, clip: 1e9, decay: 1000, rank-prune: 1000, "
    "balance-every: 1000000, init-pictures: 100000, positive-weight: 1e6, focal-gamma: 20, "
    "picture-weight: 1e6, label-smoothing: 0.5, average: 0.999999, memory-mib: 16777216, "
    "activation-mib: 1048576, "
    "patience: 100000, least-steps: 1000000000, augment: "
    "{shift: 32768, rotate: 180, zoom: 10, gain: 1, offset: 255, gamma: 10, noise: 255}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    CpacRecipe recipe;
    g_autoptr (GError) error = NULL;

    g_assert_true (read_text (texts[i], &recipe, &error));
    g_assert_no_error (error);
  }
}

#define KEYS                                                                                       \
  "epochs, least-steps, batch, seed, optimizer, rate, rate-end, warm-up, momentum, beta2, "        \
  "epsilon, clip, "                                                                                \
  "decay, rank-prune, over-parameterise, balance-every, init, init-pictures, loss, "               \
  "positive-weight, balance, picture-weight, focal-gamma, label-smoothing, average, cell-share, "  \
  "select, "                                                                                       \
  "validation-share, calibration-share, activation-mib, memory-mib, patience, augment, synthetic"
#define AUGMENT_KEYS                                                                               \
  "flip-horizontal, flip-vertical, rotate-quarter, shift, rotate, zoom, gain, offset, gamma, "     \
  "noise"

static const struct {
  const char *text, *message;
} bad[] = {
  { "[]", "r.yaml:1:1: found a list, expected a map" },
  { "epoch: 3", "r.yaml:1:1: found the unknown key \"epoch\" (did you mean \"epochs\"?), expected "
                "one of " KEYS },
  { "clip: 1\nflip: true", "r.yaml:2:1: found the unknown key \"flip\" (did you mean \"clip\"?), "
                           "expected one of " KEYS },
  { "augment: {blur: 1}",
    "r.yaml:1:11: found the unknown key \"blur\", expected one of " AUGMENT_KEYS },
  { "augment: true", "r.yaml:1:10: augment: found true, expected a map" },
  { "epochs: 0", "r.yaml:1:9: epochs: found 0, expected a whole number from 1 to 100000" },
  { "epochs: 100001",
    "r.yaml:1:9: epochs: found 100001, expected a whole number from 1 to 100000" },
  { "batch: 0", "r.yaml:1:8: batch: found 0, expected a whole number from 1 to 65536" },
  { "batch: 65537", "r.yaml:1:8: batch: found 65537, expected a whole number from 1 to 65536" },
  { "seed: -1", "r.yaml:1:7: seed: found -1, expected a whole number of at least 0" },
  { "optimizer: adm", "r.yaml:1:12: optimizer: found adm, expected one of adam, sgd (did you mean "
                      "\"adam\"?)" },
  { "rate: 0", "r.yaml:1:7: rate: found 0, expected a number above 0, at most 1000" },
  { "rate: 1001", "r.yaml:1:7: rate: found 1001, expected a number above 0, at most 1000" },
  { "rate: \"0.1\"", "r.yaml:1:7: rate: found the text \"0.1\", expected a number above 0, at most "
                     "1000" },
  { "rate-end: 1.5", "r.yaml:1:11: rate-end: found 1.5, expected a number from 0 to 1" },
  { "warm-up: 1000001", "r.yaml:1:10: warm-up: found 1000001, expected a whole number from 0 to "
                        "1000000" },
  { "momentum: 1", "r.yaml:1:11: momentum: found 1, expected a number from 0 to 0.999999" },
  { "beta2: -0.1", "r.yaml:1:8: beta2: found -0.1, expected a number from 0 to 0.999999" },
  { "epsilon: 0", "r.yaml:1:10: epsilon: found 0, expected a number above 0, at most 1" },
  { "clip: -1", "r.yaml:1:7: clip: found -1, expected a number from 0 to 1000000000" },
  { "decay: 1001", "r.yaml:1:8: decay: found 1001, expected a number from 0 to 1000" },
  { "rank-prune: .inf", "r.yaml:1:13: rank-prune: found .inf, expected a number from 0 to 1000" },
  { "over-parameterise: 1", "r.yaml:1:20: over-parameterise: found 1, expected true or false" },
  { "balance-every: 1.5",
    "r.yaml:1:16: balance-every: found 1.5, expected a whole number from 0 to "
    "1000000" },
  { "init: zero", "r.yaml:1:7: init: found zero, expected one of he, als-gaussian" },
  { "init-pictures: 100001", "r.yaml:1:16: init-pictures: found 100001, expected a whole number "
                             "from 0 to 100000" },
  { "loss: focal", "r.yaml:1:7: loss: found focal, expected one of cross-entropy, pixel-bce, "
                   "pixel-focal" },
  { "positive-weight: 0", "r.yaml:1:18: positive-weight: found 0, expected a number above 0, at "
                          "most 1000000" },
  { "focal-gamma: 21", "r.yaml:1:14: focal-gamma: found 21, expected a number from 0 to 20" },
  { "label-smoothing: 0.6", "r.yaml:1:18: label-smoothing: found 0.6, expected a number from 0 to "
                            "0.5" },
  { "loss: pixel-bce\nlabel-smoothing: 0.1",
    "r.yaml:2:18: label-smoothing: found it with loss pixel-bce, expected cross-entropy" },
  { "average: 1", "r.yaml:1:10: average: found 1, expected a number from 0 to 0.999999" },
  { "memory-mib: 0", "r.yaml:1:13: memory-mib: found 0, expected a whole number from 1 to "
                     "16777216" },
  { "activation-mib: 1048577",
    "r.yaml:1:17: activation-mib: found 1048577, expected a whole number from 0 to 1048576" },
  { "least-steps: 1000000001",
    "r.yaml:1:14: least-steps: found 1000000001, expected a whole number "
    "from 0 to 1000000000" },
  { "patience: 100001", "r.yaml:1:11: patience: found 100001, expected a whole number from 0 to "
                        "100000" },
  { "augment: {flip-horizontal: yes}", "r.yaml:1:28: flip-horizontal: found yes, expected true or "
                                       "false" },
  { "augment: {flip-vertical: 1}", "r.yaml:1:26: flip-vertical: found 1, expected true or false" },
  { "augment: {rotate-quarter: 90}", "r.yaml:1:27: rotate-quarter: found 90, expected true or "
                                     "false" },
  { "augment: {shift: -1}", "r.yaml:1:18: shift: found -1, expected a number from 0 to 32768" },
  { "augment: {rotate: 181}", "r.yaml:1:19: rotate: found 181, expected a number from 0 to 180" },
  { "augment: {zoom: 11}", "r.yaml:1:17: zoom: found 11, expected a number from 0 to 10" },
  { "augment: {gain: 1.1}", "r.yaml:1:17: gain: found 1.1, expected a number from 0 to 1" },
  { "augment: {offset: 256}", "r.yaml:1:19: offset: found 256, expected a number from 0 to 255" },
  { "augment: {gamma: 11}", "r.yaml:1:18: gamma: found 11, expected a number from 0 to 10" },
  { "augment: {noise: 256}", "r.yaml:1:18: noise: found 256, expected a number from 0 to 255" },
};

/* Nothing of a recipe that is refused is taken over. */
static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    CpacRecipe recipe = defaults;
    g_autoptr (GError) error = NULL;

    recipe.epochs = 253;
    g_assert_false (read_text (bad[i].text, &recipe, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, bad[i].message);
    g_assert_cmpuint (recipe.epochs, ==, 253);
    recipe.epochs = defaults.epochs;
    assert_same (&recipe, &defaults);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/defaults", test_defaults);
  g_test_add_func ("/recipe/all-keys", test_all_keys);
  g_test_add_func ("/recipe/choices", test_choices);
  g_test_add_func ("/recipe/ends", test_ends);
  g_test_add_func ("/recipe/bad", test_bad);
  return g_test_run ();
}
