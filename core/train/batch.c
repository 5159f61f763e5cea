/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/batch.h"

#include <string.h>

#include "core/tensor/linalg.h"
#include "core/train/ops.h"

/* One worker's run and the gradient of one picture. */
typedef struct {
  CpacRun *run;
  gpointer *gradient; /* (n_params), floats */
} Worker;

/* One portion's sums. */
typedef struct {
  double **gradient; /* (n_params) */
  double loss;
  GError *error;
} Portion;

struct _CpacBatch {
  const CpacNetwork *network;
  const CpacParams *params;
  CpacWorkers *workers;
  Worker *each; /* (n_threads) */
  Portion portions[CPAC_BATCH_PORTIONS];
};

/* What one call shares among the workers. */
typedef struct {
  CpacBatch *batch;
  guint n, n_portions;
  CpacBatchFillFunc fill;
  CpacBatchLossFunc loss;
  gpointer user_data;
  gboolean backward;
} Call;

static gsize
size_of (const CpacBatch *batch, guint param)
{
  return cpac_shape_count (&batch->params->values[param]->shape);
}

CpacBatch *
cpac_batch_new (const CpacNetwork *network, const CpacParams *params, guint n_threads,
                gsize cache_bytes)
{
  CpacBatch *batch = g_new0 (CpacBatch, 1);
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;

  cpac_linalg_init ();
  batch->network = network;
  batch->params = params;
  batch->workers = cpac_workers_new (n_threads);
  batch->each = g_new0 (Worker, n_threads);
  options.gradients = TRUE;
  options.ops = cpac_train_ops ();
  options.strip = G_MAXUINT;
  options.cache_bytes = cache_bytes;
  for (guint i = 0; i < n_threads; i++) {
    Worker *worker = &batch->each[i];

    worker->run = cpac_run_new (network, params, &options);
    worker->gradient = g_new0 (gpointer, params->n_params + 1);
    for (guint p = 0; p < params->n_params; p++)
      worker->gradient[p] = g_new0 (float, size_of (batch, p));
    cpac_run_bind_gradients (worker->run, worker->gradient);
  }
  for (guint i = 0; i < CPAC_BATCH_PORTIONS; i++) {
    batch->portions[i].gradient = g_new0 (double *, params->n_params + 1);
    for (guint p = 0; p < params->n_params; p++)
      batch->portions[i].gradient[p] = g_new0 (double, size_of (batch, p));
  }
  return batch;
}

void
cpac_batch_free (CpacBatch *batch)
{
  if (batch == NULL)
    return;
  for (guint i = 0; i < cpac_workers_get_n_threads (batch->workers); i++) {
    cpac_run_free (batch->each[i].run);
    for (guint p = 0; p < batch->params->n_params; p++)
      g_free (batch->each[i].gradient[p]);
    g_free (batch->each[i].gradient);
  }
  for (guint i = 0; i < CPAC_BATCH_PORTIONS; i++) {
    for (guint p = 0; p < batch->params->n_params; p++)
      g_free (batch->portions[i].gradient[p]);
    g_free (batch->portions[i].gradient);
  }
  g_free (batch->each);
  cpac_workers_free (batch->workers);
  g_free (batch);
}

static void
clear_floats (const CpacBatch *batch, Worker *worker)
{
  for (guint p = 0; p < batch->params->n_params; p++)
    memset (worker->gradient[p], 0, size_of (batch, p) * sizeof (float));
}

static void
add_picture (const CpacBatch *batch, const Worker *worker, Portion *portion)
{
  for (guint p = 0; p < batch->params->n_params; p++) {
    const float *from = worker->gradient[p];
    double *to = portion->gradient[p];
    gsize n = size_of (batch, p);

    for (gsize i = 0; i < n; i++)
      to[i] += from[i];
  }
}

static void
do_picture (Call *call, guint index, guint worker_index, Portion *portion, GError **error)
{
  CpacBatch *batch = call->batch;
  Worker *worker = &batch->each[worker_index];
  guint last = cpac_network_get_n_layers (batch->network) - 1;
  const float *output;

  if (!call->fill (call->user_data, index, worker_index, cpac_run_get_input (worker->run, 0),
                   error))
    return;
  cpac_run_forward (worker->run);
  output = cpac_run_get_output (worker->run, last, 0);
  if (!call->backward) {
    portion->loss += call->loss (call->user_data, index, worker_index, output, NULL);
    return;
  }
  portion->loss += call->loss (call->user_data, index, worker_index, output,
                               cpac_run_get_output_gradient (worker->run, (gint) last, 0));
  clear_floats (batch, worker);
  cpac_run_backward (worker->run);
  add_picture (batch, worker, portion);
}

static void
do_portion (gpointer user_data, guint piece, guint worker)
{
  Call *call = user_data;
  CpacBatch *batch = call->batch;
  Portion *portion = &batch->portions[piece];
  guint begin = (guint) ((guint64) call->n * piece / call->n_portions);
  guint end = (guint) ((guint64) call->n * (piece + 1) / call->n_portions);

  portion->loss = 0;
  for (guint p = 0; call->backward && p < batch->params->n_params; p++)
    memset (portion->gradient[p], 0, size_of (batch, p) * sizeof (double));
  /* A portion ends at its first error whatever the others do, so that which error is reported does
   * not depend on who is faster. */
  for (guint i = begin; i < end && portion->error == NULL; i++)
    do_picture (call, i, worker, portion, &portion->error);
}

static gboolean
run_call (Call *call, double *mean_loss, GError **error)
{
  CpacBatch *batch = call->batch;
  double loss = 0;
  gboolean ok = TRUE;

  call->n_portions = MIN (CPAC_BATCH_PORTIONS, call->n);
  cpac_workers_run (batch->workers, call->n_portions, do_portion, call);
  for (guint i = 0; i < call->n_portions; i++) {
    loss += batch->portions[i].loss;
    if (batch->portions[i].error == NULL)
      continue;
    if (ok)
      g_propagate_error (error, g_steal_pointer (&batch->portions[i].error));
    g_clear_error (&batch->portions[i].error);
    ok = FALSE;
  }
  *mean_loss = loss / call->n;
  return ok;
}

gboolean
cpac_batch_run (CpacBatch *batch, guint n, CpacBatchFillFunc fill, CpacBatchLossFunc loss,
                gpointer user_data, double *const *gradients, double *mean_loss, GError **error)
{
  Call call = { batch, n, 0, fill, loss, user_data, TRUE };

  if (!run_call (&call, mean_loss, error))
    return FALSE;
  for (guint p = 0; p < batch->params->n_params; p++) {
    gsize size = size_of (batch, p);

    for (gsize k = 0; k < size; k++) {
      double sum = 0;

      for (guint i = 0; i < call.n_portions; i++)
        sum += batch->portions[i].gradient[p][k];
      gradients[p][k] = sum / n;
    }
  }
  return TRUE;
}

gboolean
cpac_batch_look (CpacBatch *batch, guint n, CpacBatchFillFunc fill, CpacBatchLossFunc loss,
                 gpointer user_data, double *mean_loss, GError **error)
{
  Call call = { batch, n, 0, fill, loss, user_data, FALSE };

  return run_call (&call, mean_loss, error);
}
