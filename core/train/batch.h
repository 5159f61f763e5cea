/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"

G_BEGIN_DECLS

/**
 * CpacBatch:
 *
 * Forward and backward over the pictures of a batch, shared out among workers. A batch is cut into
 * at most CPAC_BATCH_PORTIONS portions whatever the number of threads; within a portion gradients
 * are added picture by picture in double, and portions are added in their order, so the sum is the
 * same bytes at any number of threads.
 */
typedef struct _CpacBatch CpacBatch;

#define CPAC_BATCH_PORTIONS 8

/*
 * Puts picture @index of the batch into @input (channels, height, width); @worker tells whose
 * scratch to use. FALSE with @error stops the batch.
 */
typedef gboolean (*CpacBatchFillFunc) (gpointer user_data, guint index, guint worker, float *input,
                                       GError **error);
/* Loss of picture @index from the network's last output, and its gradient by it. */
typedef double (*CpacBatchLossFunc) (gpointer user_data, guint index, guint worker,
                                     const float *output, float *gradient);

/* @network and @params are borrowed; @params may be written between calls. @cache_bytes: most
 * memory of each worker for intermediates that are otherwise computed twice. (transfer full) */
CpacBatch *cpac_batch_new (const CpacNetwork *network, const CpacParams *params, guint n_threads,
                           gsize cache_bytes);
void cpac_batch_free (CpacBatch *batch);

/* Mean loss of @n pictures, and the gradient of that mean by every parameter (overwritten). */
gboolean
cpac_batch_run (CpacBatch *batch, guint n, CpacBatchFillFunc fill, CpacBatchLossFunc loss,
                gpointer user_data, double *const *gradients, double *mean_loss, GError **error);
/* Forward only: @loss is given a NULL gradient and may keep what it likes of the output. */
gboolean cpac_batch_look (CpacBatch *batch, guint n, CpacBatchFillFunc fill, CpacBatchLossFunc loss,
                          gpointer user_data, double *mean_loss, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacBatch, cpac_batch_free)

G_END_DECLS
