/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/recipe.h"

#include <float.h>

/* Largest decay of a running mean: one in a million is left of each step. */
#define MAX_DECAY 0.999999
/* A synthetic defect knows its pixels: two by two of them fill a cell of eight by eight. */
#define SYNTHETIC_CELL_SHARE (1.0 / 16)

static const char *const optimizer_names[] = { "adam", "sgd", NULL };
static const char *const init_names[] = { "he", "als-gaussian", NULL };
static const char *const select_names[] = { "loss", "auroc", NULL };
static const char *const loss_names[] = { "cross-entropy", "pixel-bce", "pixel-focal", NULL };

typedef enum {
  VALUE_UINT,
  VALUE_UINT64, /* any */
  VALUE_DOUBLE,
  VALUE_BOOLEAN,
  VALUE_CHOICE, /* an enumeration in the order of its names */
} ValueKind;

/* A key of the file, the member it fills, and for numbers the range, both ends included; a range
 * from DBL_MIN means above 0. */
typedef struct {
  const char *key;
  ValueKind kind;
  gsize offset;
  double min, max;
  const char *const *names;
} Value;

/* Choices are written as guint. */
G_STATIC_ASSERT (sizeof (CpacOptimizerKind) == sizeof (guint));
G_STATIC_ASSERT (sizeof (CpacInitKind) == sizeof (guint));
G_STATIC_ASSERT (sizeof (CpacLossKind) == sizeof (guint));
G_STATIC_ASSERT (sizeof (CpacSelect) == sizeof (guint));

#define RECIPE(member) .offset = G_STRUCT_OFFSET (CpacRecipe, member)
#define AUGMENT(member) .offset = G_STRUCT_OFFSET (CpacAugment, member)

static const Value recipe_values[] = {
  { "epochs", VALUE_UINT, RECIPE (epochs), .min = 1, .max = 100000 },
  { "least-steps", VALUE_UINT, RECIPE (least_steps), .min = 0, .max = 1000000000 },
  { "batch", VALUE_UINT, RECIPE (batch), .min = 1, .max = 65536 },
  { "seed", VALUE_UINT64, RECIPE (seed) },
  { "optimizer", VALUE_CHOICE, RECIPE (optimizer), .names = optimizer_names },
  { "rate", VALUE_DOUBLE, RECIPE (rate), .min = DBL_MIN, .max = 1000 },
  { "rate-end", VALUE_DOUBLE, RECIPE (rate_end), .min = 0, .max = 1 },
  { "warm-up", VALUE_UINT, RECIPE (warm_up), .min = 0, .max = 1000000 },
  { "momentum", VALUE_DOUBLE, RECIPE (momentum), .min = 0, .max = MAX_DECAY },
  { "beta2", VALUE_DOUBLE, RECIPE (beta2), .min = 0, .max = MAX_DECAY },
  { "epsilon", VALUE_DOUBLE, RECIPE (epsilon), .min = DBL_MIN, .max = 1 },
  { "clip", VALUE_DOUBLE, RECIPE (clip), .min = 0, .max = 1e9 },
  { "decay", VALUE_DOUBLE, RECIPE (decay), .min = 0, .max = 1000 },
  { "rank-prune", VALUE_DOUBLE, RECIPE (rank_prune), .min = 0, .max = 1000 },
  { "over-parameterise", VALUE_BOOLEAN, RECIPE (over_parameterise) },
  { "balance-every", VALUE_UINT, RECIPE (balance_every), .min = 0, .max = 1000000 },
  { "init", VALUE_CHOICE, RECIPE (init), .names = init_names },
  { "init-pictures", VALUE_UINT, RECIPE (init_pictures), .min = 0, .max = 100000 },
  { "loss", VALUE_CHOICE, RECIPE (loss), .names = loss_names },
  { "positive-weight", VALUE_DOUBLE, RECIPE (positive_weight), .min = DBL_MIN, .max = 1e6 },
  { "balance", VALUE_DOUBLE, RECIPE (balance), .min = 0, .max = 1 },
  { "picture-weight", VALUE_DOUBLE, RECIPE (picture_weight), .min = 0, .max = 1e6 },
  { "focal-gamma", VALUE_DOUBLE, RECIPE (focal_gamma), .min = 0, .max = 20 },
  { "label-smoothing", VALUE_DOUBLE, RECIPE (label_smoothing), .min = 0, .max = 0.5 },
  { "average", VALUE_DOUBLE, RECIPE (average), .min = 0, .max = MAX_DECAY },
  { "cell-share", VALUE_DOUBLE, RECIPE (cell_share), .min = 0.001, .max = 1 },
  { "select", VALUE_CHOICE, RECIPE (select), .names = select_names },
  { "validation-share", VALUE_DOUBLE, RECIPE (validation_share), .min = 0.001, .max = 0.5 },
  { "calibration-share", VALUE_DOUBLE, RECIPE (calibration_share), .min = 0, .max = 0.4 },
  { "activation-mib", VALUE_UINT, RECIPE (activation_mib), .min = 0, .max = 1 << 20 },
  { "memory-mib", VALUE_UINT, RECIPE (memory_mib), .min = 1, .max = 1 << 24 },
  { "patience", VALUE_UINT, RECIPE (patience), .min = 0, .max = 100000 },
};

static const Value augment_values[] = {
  { "flip-horizontal", VALUE_BOOLEAN, AUGMENT (flip_horizontal) },
  { "flip-vertical", VALUE_BOOLEAN, AUGMENT (flip_vertical) },
  { "rotate-quarter", VALUE_BOOLEAN, AUGMENT (rotate_quarter) },
  { "shift", VALUE_DOUBLE, AUGMENT (shift), .min = 0, .max = 32768 },
  { "rotate", VALUE_DOUBLE, AUGMENT (rotate), .min = 0, .max = 180 },
  { "zoom", VALUE_DOUBLE, AUGMENT (zoom), .min = 0, .max = 10 },
  { "gain", VALUE_DOUBLE, AUGMENT (gain), .min = 0, .max = 1 },
  { "offset", VALUE_DOUBLE, AUGMENT (offset), .min = 0, .max = 255 },
  { "gamma", VALUE_DOUBLE, AUGMENT (gamma), .min = 0, .max = 10 },
  { "noise", VALUE_DOUBLE, AUGMENT (noise), .min = 0, .max = 255 },
};

void
cpac_recipe_init (CpacRecipe *recipe)
{
  *recipe = (CpacRecipe){
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
    .loss = CPAC_LOSS_CROSS_ENTROPY,
    .positive_weight = 3,
    .focal_gamma = 2,
    .cell_share = 1,
    .validation_share = 0.1,
    .calibration_share = 0.1,
    .activation_mib = 64,
    .memory_mib = 2048,
  };
  cpac_synthetic_options_init (&recipe->synthetic);
}

static gboolean
read_value (const CpacConfig *map, const Value *value, gpointer place, GError **error)
{
  switch (value->kind) {
    case VALUE_UINT:
      return cpac_config_get_uint_default (map, value->key, value->min, value->max, place, error);
    case VALUE_UINT64:
      return cpac_config_get_uint64_default (map, value->key, 0, G_MAXUINT64, place, error);
    case VALUE_DOUBLE:
      return cpac_config_get_double_default (map, value->key, value->min, value->max, place, error);
    case VALUE_BOOLEAN:
      return cpac_config_get_boolean_default (map, value->key, place, error);
    case VALUE_CHOICE:
      return cpac_config_get_choice_default (map, value->key, value->names, place, error);
  }
  g_return_val_if_reached (FALSE);
}

/* Fills the members of @base from @map, whose keys are those of @values and @sections (may be
 * NULL). */
static gboolean
read_values (const CpacConfig *map, const Value *values, guint n_values,
             const char *const *sections, gpointer base, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  for (guint i = 0; i < n_values; i++)
    g_ptr_array_add (keys, (gpointer) values[i].key);
  for (guint i = 0; sections != NULL && sections[i] != NULL; i++)
    g_ptr_array_add (keys, (gpointer) sections[i]);
  g_ptr_array_add (keys, NULL);
  if (!cpac_config_check_keys (map, (const char *const *) keys->pdata, error))
    return FALSE;
  for (guint i = 0; i < n_values; i++)
    if (!read_value (map, &values[i], G_STRUCT_MEMBER_P (base, values[i].offset), error))
      return FALSE;
  return TRUE;
}

static gboolean
check_loss (const CpacRecipe *recipe, const CpacConfig *map, GError **error)
{
  if (recipe->label_smoothing == 0 || !recipe->has_loss || recipe->loss == CPAC_LOSS_CROSS_ENTROPY)
    return TRUE;
  return cpac_config_error (cpac_config_peek (map, "label-smoothing"), CPAC_ERROR_SCHEMA, error,
                            "label-smoothing: found it with loss %s, expected cross-entropy",
                            loss_names[recipe->loss]);
}

static gboolean
read_synthetic (CpacRecipe *recipe, const CpacConfig *map, GError **error)
{
  const CpacConfig *section = cpac_config_peek (map, "synthetic");

  if (section == NULL)
    return TRUE;
  if (!cpac_config_has (map, "cell-share"))
    recipe->cell_share = SYNTHETIC_CELL_SHARE;
  return cpac_synthetic_options_read (&recipe->synthetic, section, error);
}

gboolean
cpac_recipe_read (CpacRecipe *recipe, const CpacConfig *map, GError **error)
{
  static const char *const sections[] = { "augment", "synthetic", NULL };
  const CpacConfig *augment;
  CpacRecipe result;

  cpac_recipe_init (&result);
  if (!read_values (map, recipe_values, G_N_ELEMENTS (recipe_values), sections, &result, error))
    return FALSE;
  augment = cpac_config_peek (map, "augment");
  if (augment != NULL && !read_values (augment, augment_values, G_N_ELEMENTS (augment_values), NULL,
                                       &result.augment, error))
    return FALSE;
  if (!read_synthetic (&result, map, error))
    return FALSE;
  result.has_loss = cpac_config_has (map, "loss");
  if (!check_loss (&result, map, error))
    return FALSE;
  *recipe = result;
  return TRUE;
}
