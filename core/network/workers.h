/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CpacWorkers:
 *
 * A fixed team of threads that share out numbered pieces of work. The caller is one of the team, so
 * a team of one has no thread of its own and costs nothing.
 */
typedef struct _CpacWorkers CpacWorkers;

/* Does piece @piece; @worker (0 .. n_threads-1) tells whose scratch to use. */
typedef void (*CpacWorkFunc) (gpointer user_data, guint piece, guint worker);

/* @n_threads >= 1, the caller included. (transfer full) */
CpacWorkers *cpac_workers_new (guint n_threads);
/* Joins the threads; takes NULL. */
void cpac_workers_free (CpacWorkers *workers);
guint cpac_workers_get_n_threads (const CpacWorkers *workers);

/* Calls @func once for each piece in [0, n_pieces) and returns when all are done. What a piece
 * wrote is visible to the caller. Only one caller at a time; not from inside @func. */
void cpac_workers_run (CpacWorkers *workers, guint n_pieces, CpacWorkFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacWorkers, cpac_workers_free)

G_END_DECLS
