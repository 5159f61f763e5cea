/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "pipelines/prune-curve.h"
#include "pipelines/prune-run.h"

G_BEGIN_DECLS

/* What cpac prune says: of the pruned model, and of a curve (element-type PrunePoint); added to an
 * object, or printed. */
void prune_answer_add_model (const PruneRun *run, const PrunedModel *pruned, JsonBuilder *builder);
void prune_answer_add_curve (const PruneRun *run, const GArray *points, JsonBuilder *builder);
void prune_answer_print_model (const PrunedModel *pruned, const char *folder);
/* A row for each measure, with and without refit; a column for each share. */
void prune_answer_print_curve (const PruneRun *run, const GArray *points);

G_END_DECLS
