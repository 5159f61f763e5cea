/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/workers.h"

#include "core/sync.h"

struct _CpacWorkers {
  guint n_threads;
  GThread **threads; /* (n_threads - 1) */

  GMutex lock;
  GCond work;  /* there are pieces to take, or the team is being dissolved */
  GCond ready; /* the last piece is done */
  /* Under the lock: */
  CpacWorkFunc func;
  gpointer user_data;
  guint n_pieces, next, n_done;
  gboolean quit;
};

typedef struct {
  CpacWorkers *team;
  guint worker;
} Member;

/* Takes and does pieces until none is left; called and left with the lock held. */
static void
do_pieces (CpacWorkers *workers, guint worker)
{
  while (workers->next < workers->n_pieces) {
    guint piece = workers->next++;
    CpacWorkFunc func = workers->func;
    gpointer user_data = workers->user_data;

    cpac_unlock (&workers->lock);
    func (user_data, piece, worker);
    cpac_lock (&workers->lock);
    if (++workers->n_done == workers->n_pieces)
      g_cond_signal (&workers->ready);
  }
}

static gpointer
member_main (gpointer data)
{
  g_autofree Member *member = data;
  CpacWorkers *workers = member->team;

  cpac_lock (&workers->lock);
  while (!workers->quit) {
    do_pieces (workers, member->worker);
    if (!workers->quit && workers->next >= workers->n_pieces)
      cpac_wait (&workers->work, &workers->lock);
  }
  cpac_unlock (&workers->lock);
  return NULL;
}

CpacWorkers *
cpac_workers_new (guint n_threads)
{
  CpacWorkers *workers = g_new0 (CpacWorkers, 1);

  g_assert (n_threads >= 1);
  workers->n_threads = n_threads;
  g_mutex_init (&workers->lock);
  g_cond_init (&workers->work);
  g_cond_init (&workers->ready);
  workers->threads = g_new0 (GThread *, n_threads);
  for (guint i = 1; i < n_threads; i++) {
    Member *member = g_new (Member, 1);

    *member = (Member){ workers, i };
    workers->threads[i - 1] = g_thread_new ("cpac-worker", member_main, member);
  }
  return workers;
}

void
cpac_workers_free (CpacWorkers *workers)
{
  if (workers == NULL)
    return;
  cpac_lock (&workers->lock);
  workers->quit = TRUE;
  g_cond_broadcast (&workers->work);
  cpac_unlock (&workers->lock);
  for (guint i = 1; i < workers->n_threads; i++)
    g_thread_join (workers->threads[i - 1]);
  g_mutex_clear (&workers->lock);
  g_cond_clear (&workers->work);
  g_cond_clear (&workers->ready);
  g_free (workers->threads);
  g_free (workers);
}

guint
cpac_workers_get_n_threads (const CpacWorkers *workers)
{
  return workers->n_threads;
}

void
cpac_workers_run (CpacWorkers *workers, guint n_pieces, CpacWorkFunc func, gpointer user_data)
{
  if (workers->n_threads == 1 || n_pieces <= 1) {
    for (guint piece = 0; piece < n_pieces; piece++)
      func (user_data, piece, 0);
    return;
  }
  cpac_lock (&workers->lock);
  workers->func = func;
  workers->user_data = user_data;
  workers->n_pieces = n_pieces;
  workers->next = workers->n_done = 0;
  g_cond_broadcast (&workers->work);
  do_pieces (workers, 0);
  while (workers->n_done < workers->n_pieces)
    cpac_wait (&workers->ready, &workers->lock);
  cpac_unlock (&workers->lock);
}
