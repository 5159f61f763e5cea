/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/train/dataset.h"
#include "pipelines/training-record.h"

G_BEGIN_DECLS

/* Adds `group_sha256` and `selection_group_sha256` to @builder's object: the hashes of the parts in
 * split train, and in val, each with those that @record, of the network that was built on, already
 * names: calibration must refuse what any step has learnt from. A zeroed record names none. */
void fit_record_add_groups (JsonBuilder *builder, const CpacDataset *dataset,
                            const TrainingRecord *record);

/* The same of what any of the @n @records names. */
void fit_record_add_union (JsonBuilder *builder, const TrainingRecord *const *records, guint n);

G_END_DECLS
