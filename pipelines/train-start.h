/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/training-record.h"

G_BEGIN_DECLS

/* The trained model whose weights training begins with; zeroed: there is none. */
typedef struct {
  CpacModel *model;
  TrainingRecord record; /* what it has learnt from */
} TrainStart;

/* Loads the model at @path for @shape; notes to stderr say how many layers it gives and what of its
 * past is unknown. CPAC_ERROR_SHAPE for one that has no layer to give; CPAC_ERROR_SCHEMA where a
 * layer it gives reads the input and its pictures are normalised in another way. @start must be
 * zeroed, and be cleared whatever comes of it. */
gboolean
train_start_load (TrainStart *start, const char *path, const CpacModel *shape, GError **error);
void train_start_clear (TrainStart *start);

G_END_DECLS
