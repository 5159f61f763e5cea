/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/model/weights.h"
#include "core/train/dataset.h"
#include "pipelines/training-record.h"

G_BEGIN_DECLS

/* training.json: what a model was made of, and the hashes of the parts it has learnt from, which
 * calibration must refuse. */

/* A builder whose object is open and holds what every record begins with: `schema`, `version` and
 * `weights_sha256`, of what @writer will write, which ties the record to its weights.
 * (transfer full) */
JsonBuilder *fit_record_begin (const CpacWeightsWriter *writer);

/* Adds `group_sha256` and `selection_group_sha256` to @builder's object: the hashes of the parts in
 * split train, and in val, each with those that @record, of the network that was built on, already
 * names: calibration must refuse what any step has learnt from. Where @record has a gap, this one
 * is `incomplete`, too. A zeroed record names none and has none. */
void fit_record_add_groups (JsonBuilder *builder, const CpacDataset *dataset,
                            const TrainingRecord *record);

/* The same of what any of the @n @records names. */
void fit_record_add_union (JsonBuilder *builder, const TrainingRecord *const *records, guint n);

/* One note to stderr where @record, of the model at @path, has a gap that the new model inherits.
 */
void fit_record_note_gap (const TrainingRecord *record, const char *path);

/* Closes @builder's object and writes it to FOLDER/training.json, with the model of @config and
 * @writer as cpac_model_save_tensors() does. A model that cannot be saved leaves in @folder what it
 * held before; cut short, a record beside weights of another model tells by its
 * weights_sha256. */
gboolean fit_record_save (JsonBuilder *builder, const char *folder, const char *config,
                          const CpacWeightsWriter *writer, GError **error);

G_END_DECLS
