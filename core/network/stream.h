/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/kernels/kernels.h"
#include "core/network/activations.h"
#include "core/network/params.h"

G_BEGIN_DECLS

/**
 * CpacStream:
 *
 * Inference of one picture at a time, as fast as this CPU can: every layer makes a row as soon as
 * the rows it reads are there, and keeps only as many of them as the next layer still needs. Whole
 * planes exist of the frame, of what is asked for, and where a layer needs to see all of it. What
 * CpacRun computes is the reference: both differ by rounding only.
 *
 * At one level, outputs are the same bits at any number of threads, in any instance, and whichever
 * outputs are kept. One thread at a time.
 */
typedef struct _CpacStream CpacStream;

/**
 * CpacStreamOptions:
 * @level: instruction set, one that this CPU supports
 * @n_threads: at least 1: they share the rows of a picture
 * @keep: (array) (nullable): for each layer, whether its output is wanted; the last one's always is
 */
typedef struct {
  CpacLevel level;
  guint n_threads;
  const gboolean *keep;
} CpacStreamOptions;

/* @network is borrowed and must outlive the stream; the weights are copied, as the kernels like
 * them. Cannot fail: shapes were checked when the network was built. (transfer full) */
CpacStream *cpac_stream_new (const CpacNetwork *network, const CpacParams *params,
                             const CpacStreamOptions *options);
/* Takes NULL. */
void cpac_stream_free (CpacStream *stream);

/* Where the picture (channels, height, width) is put. */
float *cpac_stream_get_input (CpacStream *stream);
/* Computes everything that is kept; allocates nothing. */
void cpac_stream_run (CpacStream *stream);
/* Output of layer @layer, of its shape, valid until the next run; NULL when it was not kept. */
const float *cpac_stream_get_output (const CpacStream *stream, guint layer);
/* All of them, and the picture. */
const CpacActivations *cpac_stream_get_activations (const CpacStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacStream, cpac_stream_free)

G_END_DECLS
