/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"
#include "core/model/model.h"
#include "core/onnx/export.h"
#include "pipelines/bench-spread.h"
#include "pipelines/onnx-runtime.h"

G_BEGIN_DECLS

/**
 * BenchOnnx:
 *
 * ONNX Runtime on the same network, exported in every form, in the same rounds. What a call
 * through node costs is not charged to it: a graph that holds the network once and one that holds
 * it BENCH_ONNX_COPIES times are timed, and the slope between them is the time of one network.
 * (Handing a copy its input, about 2 us, stays in.)
 */
typedef struct _BenchOnnx BenchOnnx;

#define BENCH_ONNX_COPIES 33

/* Outputs that are further apart than this, relative to the largest one, are not of the same
 * network. In float32 sums of a few hundred products in another order are within 1e-5. */
#define BENCH_ONNX_TOLERANCE 1e-4

/* Of CpacOnnxForm, all. */
#define BENCH_ONNX_N_FORMS 3

extern const char *const bench_onnx_form_names[BENCH_ONNX_N_FORMS];

/**
 * BenchOnnxTimes:
 * @us: of one network by the slope
 * @us_call: of one call of one network through node
 * @ratio: of ONNX Runtime's time and ours, round by round
 */
typedef struct {
  BenchSpread us, us_call, ratio;
} BenchOnnxTimes;

/**
 * BenchOnnxFigures:
 * @forms: by CpacOnnxForm
 * @difference: between outputs, largest of all forms and copies, relative to the largest output
 */
typedef struct {
  BenchOnnxTimes forms[BENCH_ONNX_N_FORMS];
  double difference;
  char *version;
} BenchOnnxFigures;

/* Starts it, gives it the models, and compares its outputs with those at @level. Errors: as those
 * of OnnxRuntime, G_FILE_ERROR for the temporary folder, CPAC_ERROR_SHAPE for a model that is too
 * large for a file or whose outputs have another shape there. (transfer full) */
BenchOnnx *bench_onnx_new (const OnnxRuntimePlace *place, const CpacModel *model, CpacLevel level,
                           guint n_threads, guint n_rounds, GError **error);
/* Takes NULL. */
void bench_onnx_free (BenchOnnx *onnx);

/* Microseconds that a round of ours should last at least, so that both sides meet as much of what
 * else the machine does. */
double bench_onnx_get_round_us (const BenchOnnx *onnx);

/* One of at most n_rounds rounds, in which our frame took @us_ours. Errors: as those of
 * OnnxRuntime. */
gboolean bench_onnx_round (BenchOnnx *onnx, double us_ours, GError **error);
/* After the last of at least one round. (transfer full) */
BenchOnnxFigures *bench_onnx_finish (BenchOnnx *onnx);
/* Takes NULL. */
void bench_onnx_figures_free (BenchOnnxFigures *figures);

/* Noise in -1 .. 1, the same each time: what networks are timed with. */
void bench_fill_input (float *values, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchOnnx, bench_onnx_free)

G_END_DECLS
