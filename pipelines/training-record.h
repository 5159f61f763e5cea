/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/**
 * TrainingRecord:
 *
 * What the training.json beside a model's weights says about parts: sets of the hashes of their
 * names, of those the weights were fitted to and of those by which they were chosen.
 */
typedef struct {
  GHashTable *trained, *selected;
  /* Why the model may have learnt from more than the sets say, as half a sentence: there is no
   * record, it calls itself incomplete, or it is of other weights. NULL: they say all. */
  char *gap;
} TrainingRecord;

/* Reads the record of @model; that there is none is no error. CPAC_ERROR_SCHEMA for one without
 * both lists: what it leaves out would pass for parts that nothing was learnt from. @record must be
 * zeroed, and be cleared whatever comes of it. */
gboolean training_record_read (TrainingRecord *record, const CpacModel *model, GError **error);
void training_record_clear (TrainingRecord *record);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TrainingRecord, training_record_clear)

G_END_DECLS
