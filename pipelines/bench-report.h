/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pipelines/bench.h"

G_BEGIN_DECLS

/* One model with one number of threads. */
typedef struct {
  char *name;
  GArray *rows;              /* (element-type BenchRow) */
  guint in_force;            /* which of them */
  CpacLevel level;           /* it ran at; of training, not that of its peak */
  double operations;         /* of one frame or step */
  BenchExplained *explained; /* NULL: not asked for */
  BenchOnnxFigures *onnx;    /* NULL: not asked for, or skipped */
} BenchResult;

BenchResult *bench_result_new (void);
/* Takes NULL. */
void bench_result_free (BenchResult *result);

/**
 * BenchReport:
 * @n_components: that were explained
 * @onnx_skipped: why ONNX Runtime, which was asked for, is not there; NULL otherwise
 */
typedef struct {
  gboolean train;
  int n_rounds, n_components;
  const char *onnx_skipped;
  GPtrArray *results; /* (element-type BenchResult), at least one */
} BenchReport;

/* To stdout: Markdown, or one object of JSON; of more than one result, they are its "networks". */
void bench_report_print_markdown (const BenchReport *report);
void bench_report_print_json (const BenchReport *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchResult, bench_result_free)

G_END_DECLS
