/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/target-private.h"

static const char *const quantity_names[] = { "logit-difference", "map-score", "squared-distance" };

const char *
cpac_quantity_to_string (CpacQuantity quantity)
{
  return quantity_names[quantity];
}

/* ---- Making one ---- */

static void
add_end (CpacTarget *target, guint layer)
{
  target->ends = g_renew (guint, target->ends, target->n_ends + 1);
  target->ends[target->n_ends++] = layer;
}

static void
find_ends (CpacTarget *target)
{
  const CpacNetwork *network = cpac_model_get_network (target->model);
  const CpacGaussian *gaussian = target->gaussian;

  if (target->combined != NULL)
    add_end (target, target->combined->layer);
  else if (gaussian == NULL)
    add_end (target, cpac_network_get_n_layers (network) - 1);
  for (guint i = 0; gaussian != NULL && i < gaussian->n_layers; i++)
    add_end (target, gaussian->layers[i]);
}

/* Cells of the largest map that is ranked. */
static gsize
count_cells (const CpacTarget *target)
{
  const CpacDims *output = cpac_network_get_output (cpac_model_get_network (target->model));
  gsize n = 0;

  if (target->gaussian != NULL)
    n = (gsize) target->gaussian->width * target->gaussian->height;
  if (target->combined != NULL)
    return MAX (n, cpac_dims_count (&target->combined->dims));
  return target->head->kind == CPAC_HEAD_MAP ? cpac_dims_count (output) : n;
}

CpacTarget *
cpac_target_new (const CpacModel *model, GError **error)
{
  g_autoptr (CpacTarget) target = g_new0 (CpacTarget, 1);
  gsize n_cells;

  target->model = model;
  target->head = cpac_model_get_head (model);
  target->gaussian = cpac_model_get_gaussian (model);
  target->combined = cpac_model_get_combined (model);
  if (target->head->kind == CPAC_HEAD_NONE) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: head none gives no score to explain",
                 cpac_model_get_path (model));
    return NULL;
  }
  find_ends (target);
  n_cells = count_cells (target);
  target->cells = g_new0 (CpacTopCell, n_cells);
  if (target->gaussian != NULL) {
    target->maps = g_new0 (const float *, target->gaussian->n_layers);
    target->features = g_new (double, target->gaussian->n_channels);
    target->whitened = g_new (double, target->gaussian->n_channels);
  }
  if (target->combined != NULL) {
    target->map = g_new (float, n_cells);
    target->scratch = g_new (float, cpac_combined_get_scratch (target->combined, target->gaussian));
  }
  return g_steal_pointer (&target);
}

void
cpac_target_free (CpacTarget *target)
{
  if (target == NULL)
    return;
  g_free (target->ends);
  g_free (target->cells);
  g_free (target->maps);
  g_free (target->map);
  g_free (target->scratch);
  g_free (target->features);
  g_free (target->whitened);
  g_free (target);
}

const guint *
cpac_target_get_ends (const CpacTarget *target, guint *n_ends)
{
  *n_ends = target->n_ends;
  return target->ends;
}

CpacQuantity
cpac_target_get_quantity (const CpacTarget *target)
{
  return target->quantity;
}

const char *
cpac_target_get_class (const CpacTarget *target)
{
  return target->head->kind == CPAC_HEAD_CLASSIFIER ? target->head->classes[target->named] : NULL;
}

const char *
cpac_target_get_rival (const CpacTarget *target)
{
  return target->head->kind == CPAC_HEAD_CLASSIFIER ? target->head->classes[target->rival] : NULL;
}

void
cpac_target_mark (const CpacTarget *target, gboolean *layers)
{
  for (guint i = 0; i < target->n_ends; i++)
    layers[target->ends[i]] = TRUE;
}

/* ---- What decides ---- */

/* The largest logit of the good or of the bad classes, the first of equals. */
static guint
find_largest (const CpacHead *head, const float *logits, gboolean good)
{
  guint best = G_MAXUINT;

  for (guint i = 0; i < head->n_classes; i++)
    if (!head->is_good[i] == !good && (best == G_MAXUINT || logits[i] > logits[best]))
      best = i;
  return best;
}

static guint
find_other (const CpacHead *head, const float *logits, guint than)
{
  guint best = than == 0 ? 1 : 0;

  for (guint i = best + 1; i < head->n_classes; i++)
    if (i != than && logits[i] > logits[best])
      best = i;
  return best;
}

static void
choose_classes (CpacTarget *target, const float *logits)
{
  target->quantity = CPAC_QUANTITY_LOGIT_DIFFERENCE;
  target->named = find_largest (target->head, logits, FALSE);
  target->rival = target->head->n_good > 0 ? find_largest (target->head, logits, TRUE)
                                           : find_other (target->head, logits, target->named);
}

static void
choose_cells (CpacTarget *target, CpacQuantity quantity, const float *map, const guint8 *ignored,
              gsize n, double top)
{
  target->quantity = quantity;
  target->n_chosen = cpac_top_cells (map, ignored, n, top, target->cells);
}

/* The parts' own maps are computed again: only the combined one was published. */
static void
choose_part (CpacTarget *target, const CpacActivations *activations, const CpacScoredMap *scored)
{
  const CpacCombined *combined = target->combined;
  const CpacGaussian *gaussian = target->gaussian;
  const float *logits = activations->outputs[combined->layer];
  const CpacDims *dims = &combined->dims;
  double scores[2];

  for (guint i = 0; i < gaussian->n_layers; i++)
    target->maps[i] = activations->outputs[gaussian->layers[i]];
  cpac_combined_measure_kept (combined, gaussian, logits, target->maps, scored->ignored,
                              scored->ignored_grid, target->scratch, target->map, scores);
  if (cpac_scale_apply (&combined->map, scores[0]) >=
      cpac_scale_apply (&combined->gaussian, scores[1])) {
    cpac_head_average (logits, dims->width, dims->height, target->map);
    choose_cells (target, CPAC_QUANTITY_MAP_SCORE, target->map, scored->ignored,
                  cpac_dims_count (dims), combined->map.top);
  } else {
    cpac_gaussian_measure (gaussian, target->maps, target->scratch, target->map);
    choose_cells (target, CPAC_QUANTITY_SQUARED_DISTANCE, target->map, scored->ignored_grid,
                  (gsize) gaussian->width * gaussian->height, combined->gaussian.top);
  }
}

void
cpac_target_choose (CpacTarget *target, const CpacActivations *activations,
                    const CpacScoredMap *scored)
{
  const CpacNetwork *network = cpac_model_get_network (target->model);
  const CpacGaussian *gaussian = target->gaussian;

  switch (target->head->kind) {
    case CPAC_HEAD_NONE:
      break;
    case CPAC_HEAD_CLASSIFIER:
      choose_classes (target, activations->outputs[cpac_network_get_n_layers (network) - 1]);
      break;
    case CPAC_HEAD_MAP:
      choose_cells (target, CPAC_QUANTITY_MAP_SCORE, scored->map, scored->ignored,
                    cpac_dims_count (cpac_network_get_output (network)), target->head->top);
      break;
    case CPAC_HEAD_GAUSSIAN:
      choose_cells (target, CPAC_QUANTITY_SQUARED_DISTANCE, scored->map, scored->ignored,
                    (gsize) gaussian->width * gaussian->height, target->head->top);
      break;
    case CPAC_HEAD_COMBINED:
      choose_part (target, activations, scored);
      break;
  }
}
