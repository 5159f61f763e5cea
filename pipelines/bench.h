/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"
#include "core/model/model.h"
#include "pipelines/bench-onnx.h"

G_BEGIN_DECLS

/* What one kind of work takes, over interleaved rounds. */
typedef struct {
  CpacLevel level; /* whose peak it is measured against */
  guint n_threads;
  BenchSpread us;
  double peak_gflops; /* of one core, the best round */
} BenchRow;

/* One round of the work, in microseconds. */
typedef double (*BenchFunc) (gpointer user_data);

/* Rounds of the work and of the CPU's peak take turns, so that both see the same machine. */
BenchRow bench_measure (BenchFunc func, gpointer user_data, guint n_rounds, guint n_threads,
                        CpacLevel peak_level);

/* Frames through the network alone, at every level this CPU supports, slowest first. With @onnx
 * (nullable) ONNX Runtime has its turn in each round, beside @level. Errors: as bench_onnx_round().
 * (transfer full) (element-type BenchRow) */
GArray *bench_frames (const CpacModel *model, CpacLevel level, guint n_threads, guint n_rounds,
                      BenchOnnx *onnx, GError **error);

/* Training steps of @batch random pictures with Adam. The operations of one step go to
 * @operations: multiply-adds of forward, gradient by weights and gradient by inputs (which the
 * first layer does without), twice; what is computed again instead of kept does not count. */
BenchRow bench_training (const CpacModel *model, guint batch, guint n_threads, guint n_rounds,
                         CpacLevel peak_level, double *operations);

/* Microseconds a frame of noise, of the input's size, takes from pixels to verdict: alone, and with
 * its @n_components strongest components explained. */
typedef struct {
  double us_scored, us_explained;
} BenchExplained;

/* Errors: as cpac_scorer_set_explain(). */
gboolean bench_explained (CpacModel *model, guint n_components, guint n_threads, guint n_rounds,
                          BenchExplained *result, GError **error);

G_END_DECLS
