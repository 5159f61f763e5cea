/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"
#include "core/network/workers.h"

G_BEGIN_DECLS

/**
 * CpacRun:
 *
 * One stream's activations: everything that changes while a network computes. The narrow interface
 * behind which the way of computing may change: put a picture in, run, read outputs. One thread at
 * a time.
 */
typedef struct _CpacRun CpacRun;

typedef enum {
  CPAC_PRECISION_SINGLE,
  CPAC_PRECISION_DOUBLE, /* the reference in double: for checks and exact sums */
} CpacPrecision;

typedef struct {
  guint batch;     /* pictures at once, at least 1 */
  guint n_threads; /* at least 1; the results are the same bits at any number */
  CpacPrecision precision;
} CpacRunOptions;

#define CPAC_RUN_OPTIONS_INIT { .batch = 1, .n_threads = 1, .precision = CPAC_PRECISION_SINGLE }

/* @network and @params are borrowed and must outlive the run. Cannot fail: shapes were checked when
 * the network was built. (transfer full) */
CpacRun *cpac_run_new (const CpacNetwork *network, const CpacParams *params,
                       const CpacRunOptions *options);
/* Takes NULL. */
void cpac_run_free (CpacRun *run);

/* Where picture @picture (channels, height, width) is put before the forward pass: floats, or
 * doubles in double precision. */
gpointer cpac_run_get_input (CpacRun *run, guint picture);
/* Computes every layer for all pictures of the batch. */
void cpac_run_forward (CpacRun *run);
/* Output of layer @layer for picture @picture, of the layer's shape; valid until the next forward
 * pass. */
gconstpointer cpac_run_get_output (const CpacRun *run, guint layer, guint picture);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacRun, cpac_run_free)

G_END_DECLS
