/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/activity.h"
#include "core/model/model.h"
#include "core/train/dataset.h"
#include "core/train/recipe.h"

G_BEGIN_DECLS

/* The recipe of the file that @model was loaded from; the defaults, and @has_recipe (may be NULL)
 * FALSE, where it has none. */
gboolean training_recipe_read (const CpacModel *model, CpacRecipe *recipe, gboolean *has_recipe,
                               GError **error);

/**
 * TrainingPictures:
 *
 * Pictures of a model's training split, spread over the list. @pictures points to its own place:
 * such a structure is not copied.
 */
typedef struct {
  CpacManifest *manifest;
  CpacDataset *dataset;
  guint *indices; /* (pictures.n) in the split */
  CpacPictures pictures;
} TrainingPictures;

/* Opens @data as cpac train does, so that what it set aside is set aside, and takes at most
 * @n_pictures. @training must be zeroed, and be cleared whatever comes of it. */
gboolean training_pictures_open (TrainingPictures *training, const CpacModel *model,
                                 const CpacRecipe *recipe, const char *data, guint n_pictures,
                                 guint n_threads, GError **error);
/* The same where nobody learns from labels: these may be missing, or be of no class. @split: the
 * rows to take instead of those of split train; NULL: these. */
gboolean
training_pictures_open_unlabelled (TrainingPictures *training, const CpacModel *model,
                                   const CpacRecipe *recipe, const char *data, const char *split,
                                   guint n_pictures, guint n_threads, GError **error);
void training_pictures_clear (TrainingPictures *training);

/* What @model does on them; see CpacActivityOptions for @products. (transfer full) */
CpacActivity *training_pictures_measure (const TrainingPictures *training, const CpacModel *model,
                                         gboolean products, guint n_threads, GError **error);

G_END_DECLS
