/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fine-tuning of a compressed network, the dense one its teacher. */

#include <math.h>
#include <string.h>

#include "core/cp/cp.h"
#include "core/cp/factorize.h"
#include "core/layers/options.h"
#include "core/layers/types.h"
#include "core/train/hints.h"
#include "pipelines/compress-run.h"
#include "pipelines/tool.h"

/* Of the recipe's rate: the weights are good already. */
#define FINE_RATE 0.1
/* Of all hints together, beside the output's 1. */
#define HINT_WEIGHT 2
/* Components that cancel each other more than so are not taken, however well they do. */
#define MAX_DEGENERACY 100

/* A network on its way from the dense one to the compressed one. */
typedef struct {
  char *text;
  CpacNetwork *network;
  CpacParams *params;
} Passage;

static void
passage_clear (Passage *passage)
{
  g_clear_pointer (&passage->params, cpac_params_free);
  g_clear_pointer (&passage->network, cpac_network_free);
  g_clear_pointer (&passage->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Passage, passage_clear)

/* ---- Order ---- */

static gint
compare_sensitivities (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const CompressRun *run = user_data;
  double sensitivities[2] = { 0 };
  guint layers[2] = { *(const guint *) a, *(const guint *) b };

  for (guint k = 0; k < 2; k++)
    for (guint i = 0; i < run->candidates->len; i++) {
      const CompressCandidate *c = compress_run_get_candidate (run, i);

      if (c->layer == layers[k])
        sensitivities[k] = c->sensitivity;
    }
  if (sensitivities[0] != sensitivities[1])
    return sensitivities[0] > sensitivities[1] ? -1 : 1;
  return layers[0] < layers[1] ? -1 : 1;
}

/* The layers to be decomposed, the most sensitive first. (element-type guint) */
static GArray *
order_layers (CompressRun *run, const CompressedModel *compressed)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < compressed->layers->len; i++) {
    guint layer = g_array_index (compressed->layers, CpacDecomposedLayer, i).layer;

    g_array_append_val (order, layer);
  }
  g_array_sort_with_data (order, compare_sensitivities, run);
  return order;
}

/* ---- One stage ---- */

/* @next: @from with @layer decomposed at @rank and fitted to what it gave. */
static gboolean
decompose_layer (const CompressRun *run, const Passage *from, guint layer, guint rank,
                 Passage *next, GError **error)
{
  const char *name = cpac_model_get_path (run->model);
  g_autofree guint *ranks = g_new0 (guint, cpac_network_get_n_layers (from->network));
  CpacDecomposedLayer of = { .layer = layer };
  CpacDecomposeOptions options = {
    .dense = from->network,
    .dense_params = from->params,
    .layers = &of,
    .n_layers = 1,
    .pictures = &run->training.pictures,
    .fit = run->wishes->fit,
    .seed = run->wishes->seed,
    .n_threads = run->wishes->n_threads,
  };

  ranks[layer] = rank;
  if ((next->text = cpac_factorize_text (from->network, ranks, name, from->text, error)) == NULL ||
      (next->network = cpac_factorize_network (from->network, name, next->text, error)) == NULL)
    return FALSE;
  next->params = cpac_factorize_params (from->network, from->params, next->network);
  options.network = next->network;
  options.params = next->params;
  return cpac_decompose_kernels (&options, error) &&
         (run->wishes->fit == CPAC_DECOMPOSE_NOTHING || cpac_decompose_fit (&options, error));
}

typedef struct {
  guint rank, dims[4];
  float *factors[4];
} Factors;

/* FALSE for a layer that has none. */
static gboolean
get_factors (const CpacNetwork *network, const CpacParams *params, guint layer, Factors *f)
{
  float *bias;

  if (cpac_network_get_layer (network, layer)->klass != &cpac_cpac_conv_class)
    return FALSE;
  f->rank = ((const CpacConvLayer *) cpac_network_get_layer (network, layer))->rank;
  cpac_factorize_get_factors (network, params, layer, f->factors, &bias);
  for (guint m = 0; m < 4; m++)
    f->dims[m] = (guint) params->values[params->first[layer] + m]->shape.dims[0];
  return TRUE;
}

/* Equal norms of the four columns, for training; or the canonical form, for keeping. */
static void
scale_factors (const CpacNetwork *network, const CpacParams *params, gboolean balance)
{
  Factors f;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    g_autofree double *scale = NULL;

    if (!get_factors (network, params, i, &f))
      continue;
    scale = g_new (double, 4 * (gsize) f.rank);
    if (balance)
      cpac_cp_balance (f.factors, f.dims, f.rank, scale);
    else
      cpac_cp_canonicalize (f.factors, f.dims, f.rank);
  }
}

static double
largest_degeneracy (const CpacNetwork *network, const CpacParams *params)
{
  double largest = 0;
  Factors f;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++)
    if (get_factors (network, params, i, &f))
      largest =
          MAX (largest, cpac_cp_degeneracy ((const float *const *) f.factors, f.dims, f.rank));
  return largest;
}

static gboolean
run_trainer (CpacTrainer *trainer, const char *what, GError **error)
{
  while (!cpac_trainer_is_done (trainer)) {
    if (!cpac_trainer_step (trainer, error))
      return FALSE;
    tool_progress (what, cpac_trainer_get_step (trainer), cpac_trainer_get_n_steps (trainer));
  }
  return TRUE;
}

static void
copy_params (CpacParams *to, const CpacParams *from)
{
  for (guint i = 0; i < to->n_params; i++)
    memcpy (to->values[i]->data, from->values[i]->data,
            cpac_shape_count (&to->values[i]->shape) * sizeof (float));
}

/* Takes the best weights if they are closer to the dense network than those it began with. */
static void
take_best (const CpacTrainer *trainer, Passage *passage, CompressStage *stage)
{
  guint best = cpac_trainer_get_best_epoch (trainer);
  const GArray *curve = cpac_trainer_get_curve (trainer);
  double loss = g_array_index (curve, CpacEpoch, best - 1).val_loss;

  stage->loss = stage->loss_before;
  if (!(loss < stage->loss_before) ||
      largest_degeneracy (passage->network, cpac_trainer_get_best (trainer)) > MAX_DEGENERACY)
    return;
  stage->loss = loss;
  stage->epoch = best;
  copy_params (passage->params, cpac_trainer_get_best (trainer));
}

/* What the trainer is given: the two networks with hints, which end with the same parts. */
typedef struct {
  CpacNetwork *network, *teacher;
  GArray *parts; /* (element-type CpacTeacherPart) */
} Lesson;

static void
lesson_clear (Lesson *lesson)
{
  g_clear_pointer (&lesson->network, cpac_network_free);
  g_clear_pointer (&lesson->teacher, cpac_network_free);
  g_clear_pointer (&lesson->parts, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Lesson, lesson_clear)

static gboolean
prepare_lesson (const CompressRun *run, const CompressedModel *compressed, const Passage *passage,
                Lesson *lesson, GError **error)
{
  const CpacNetwork *dense = cpac_model_get_network (run->model);
  const char *name = cpac_model_get_path (run->model);
  g_autofree guint *layers = g_new (guint, compressed->layers->len);
  g_autoptr (GArray) hints = NULL;

  for (guint i = 0; i < compressed->layers->len; i++)
    layers[i] = g_array_index (compressed->layers, CpacDecomposedLayer, i).layer;
  hints = cpac_hints_find (dense, layers, compressed->layers->len);
  lesson->parts = cpac_hints_get_parts (dense, hints, HINT_WEIGHT);
  lesson->teacher = cpac_hints_network (dense, name, run->text, hints, error);
  if (lesson->teacher != NULL)
    lesson->network = cpac_hints_network (passage->network, name, passage->text, hints, error);
  return lesson->network != NULL;
}

/* @stage->layer tells what the bar is to say. */
static gboolean
train_passage (const CompressRun *run, const Lesson *lesson, Passage *passage, guint epochs,
               CompressStage *stage, GError **error)
{
  CpacRecipe recipe = run->recipe;
  const CpacTrainerOptions options = {
    .network = lesson->network,
    .head = cpac_model_get_head (run->model),
    .input = cpac_model_get_input (run->model),
    .recipe = &recipe,
    .dataset = run->training.dataset,
    .start = passage->params,
    .teacher = lesson->teacher,
    .teacher_params = cpac_model_get_params (run->model),
    .parts = (const CpacTeacherPart *) lesson->parts->data,
    .n_parts = lesson->parts->len,
    .n_threads = run->wishes->n_threads,
  };
  g_autoptr (CpacTrainer) trainer = NULL;
  gboolean ok;

  recipe.epochs = epochs;
  recipe.least_steps = 0;
  recipe.rate *= FINE_RATE;
  scale_factors (passage->network, passage->params, TRUE);
  trainer = cpac_trainer_new (&options, error);
  ok = trainer != NULL && cpac_trainer_validate (trainer, &stage->loss_before, error) &&
       run_trainer (trainer, cpac_network_get_layer (passage->network, stage->layer)->name, error);
  tool_progress_end ();
  if (ok)
    take_best (trainer, passage, stage);
  scale_factors (passage->network, passage->params, FALSE);
  return ok;
}

static void
note_stage (const Passage *passage, const CompressStage *stage)
{
  const char *name = cpac_network_get_layer (passage->network, stage->layer)->name;

  if (stage->epoch > 0)
    tool_note ("%s decomposed: distance %.5f, trained %.5f", name, stage->loss_before, stage->loss);
  else
    tool_note ("%s decomposed: distance %.5f, training did not bring it closer and is rolled back",
               name, stage->loss_before);
}

/* ---- All of them ---- */

static gboolean
add_stage (CompressRun *run, CompressedModel *compressed, Passage *passage, guint layer,
           guint epochs, GError **error)
{
  g_auto (Passage) next = { NULL, NULL, NULL };
  g_auto (Lesson) lesson = { NULL, NULL, NULL };
  CompressStage stage = { .layer = layer };

  if (!decompose_layer (run, passage, layer, compressed->ranks[layer], &next, error) ||
      !prepare_lesson (run, compressed, &next, &lesson, error) ||
      !train_passage (run, &lesson, &next, epochs, &stage, error))
    return FALSE;
  note_stage (&next, &stage);
  g_array_append_val (compressed->stages, stage);
  passage_clear (passage);
  *passage = next;
  next = (Passage){ NULL, NULL, NULL };
  return TRUE;
}

/* What was fitted at once stays, if all this work has brought nothing better. */
static gboolean
take_if_better (const CompressRun *run, CompressedModel *compressed, const Passage *passage,
                GError **error)
{
  g_autoptr (CpacParams) fitted = cpac_params_new_random (compressed->network, 0);
  CpacFidelity *trained = &compressed->after_training;
  const CpacFidelity *before =
      compressed->after_fit.n > 0 ? &compressed->after_fit : &compressed->after_als;

  copy_params (fitted, compressed->params);
  copy_params (compressed->params, passage->params);
  if (!compress_run_measure (run, compressed, trained, error))
    return FALSE;
  if (trained->output_error < before->output_error)
    return TRUE;
  tool_note ("note: training brought the network no closer to the dense one, it stays as fitted");
  copy_params (compressed->params, fitted);
  *trained = *before;
  return TRUE;
}

static CpacParams *
copy_of (const CpacNetwork *network, const CpacParams *params)
{
  CpacParams *copy = cpac_params_new_random (network, 0);

  copy_params (copy, params);
  return copy;
}

/* Training has moved the components. */
static void
measure_factors (CompressedModel *compressed)
{
  for (guint i = 0; i < compressed->layers->len; i++) {
    CpacDecomposedLayer *of = &g_array_index (compressed->layers, CpacDecomposedLayer, i);
    Factors f;

    get_factors (compressed->network, compressed->params, of->layer, &f);
    of->degeneracy = cpac_cp_degeneracy ((const float *const *) f.factors, f.dims, f.rank);
    of->congruence = cpac_cp_congruence ((const float *const *) f.factors, f.dims, f.rank);
  }
}

gboolean
compress_run_train (CompressRun *run, CompressedModel *compressed, guint epochs, GError **error)
{
  const char *name = cpac_model_get_path (run->model);
  const CpacNetwork *dense = cpac_model_get_network (run->model);
  g_autoptr (GArray) order = NULL;
  g_auto (Passage) passage = { g_strdup (run->text), NULL, NULL };

  compressed->epochs = epochs;
  compressed->stages = g_array_new (FALSE, FALSE, sizeof (CompressStage));
  if (!compress_run_weigh (run, error) ||
      (passage.network = cpac_factorize_network (dense, name, run->text, error)) == NULL)
    return FALSE;
  passage.params = copy_of (passage.network, cpac_model_get_params (run->model));
  order = order_layers (run, compressed);
  for (guint i = 0; i < order->len; i++)
    if (!add_stage (run, compressed, &passage, g_array_index (order, guint, i), epochs, error))
      return FALSE;
  if (!take_if_better (run, compressed, &passage, error))
    return FALSE;
  measure_factors (compressed);
  return TRUE;
}
