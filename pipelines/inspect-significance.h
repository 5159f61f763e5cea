/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/explain/activity.h"
#include "core/explain/significance.h"
#include "core/model/model.h"

G_BEGIN_DECLS

/**
 * ModelSignificance:
 * @layers: (n_layers): of the kernel of each cpac-conv and conv layer; NULL for others
 * @activity: the same with data; NULL without
 * @bands: (n_layers): what the channels are called that a layer reads straight from the picture,
 *   (its channels), NULL-terminated: "R", "gray", or the layer they come through; NULL for a layer
 *   that reads what others have learnt
 *
 * The significance of the maps of a model, as cpac inspect shows it.
 */
typedef struct {
  const CpacModel *model;
  CpacSignificance **layers;
  CpacActivity *activity;
  char ***bands;
} ModelSignificance;

/* Of the weights alone. (transfer full) */
ModelSignificance *model_significance_new (const CpacModel *model);
/* Adds what @data, a list of pictures, says: of at most @n_pictures of its training pictures. */
gboolean model_significance_measure (ModelSignificance *significance, const char *data,
                                     guint n_pictures, guint n_threads, GError **error);
/* Takes NULL. */
void model_significance_free (ModelSignificance *significance);

/* Adds `significance` to the object of layer @index, where it has any; and the model's `bands`. */
void model_significance_add_layer (const ModelSignificance *significance, guint index,
                                   JsonBuilder *builder);
void model_significance_add_bands (const ModelSignificance *significance, JsonBuilder *builder);

/* For people. (transfer full) */
char *model_significance_to_text (const ModelSignificance *significance);
/* As bars. (transfer full) */
char *model_significance_to_svg (const ModelSignificance *significance);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelSignificance, model_significance_free)

G_END_DECLS
