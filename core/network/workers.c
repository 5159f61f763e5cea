/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/workers.h"

#include "core/sync.h"

#ifdef __linux__
#include <sched.h>
#endif

/* Who waits looks out for so long before it sleeps: what it waits for is often nearer than that,
 * and to be woken takes as long. */
#define LOOK_OUT_US 50

struct _CpacWorkers {
  guint n_threads;
  gint n_processors;
  GThread **threads; /* (n_threads - 1) */
  /* Counted on under the lock, looked at without: news for members, and runs that are done. */
  gint n_calls, n_runs;

  GMutex lock;
  GCond work;  /* there are pieces to take, or the team is being dissolved */
  GCond ready; /* the last piece is done */
  /* Under the lock: */
  CpacWorkFunc func;
  gpointer user_data;
  guint n_pieces, next, n_done;
  guint n_asleep;
  gboolean caller_asleep, quit;
};

typedef struct {
  CpacWorkers *team;
  guint worker;
} Member;

static void
pause_briefly (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* That this process may use. */
static gint
count_processors (void)
{
#ifdef __linux__
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) == 0)
    return CPU_COUNT (&set);
#endif
  return (gint) g_get_num_processors ();
}

/* Waits a little for @counter to be no longer @seen. Of all teams of the process, one processor at
 * least is left alone. */
static void
look_out (const CpacWorkers *workers, const gint *counter, gint seen)
{
  static gint n_looking;

  if (g_atomic_int_add (&n_looking, 1) + 1 < workers->n_processors) {
    gint64 end = g_get_monotonic_time () + LOOK_OUT_US;

    while (g_atomic_int_get (counter) == seen && g_get_monotonic_time () < end)
      for (guint i = 0; i < 8 && g_atomic_int_get (counter) == seen; i++)
        pause_briefly ();
  }
  g_atomic_int_add (&n_looking, -1);
}

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
    if (++workers->n_done < workers->n_pieces)
      continue;
    g_atomic_int_inc (&workers->n_runs);
    if (workers->caller_asleep)
      g_cond_signal (&workers->ready);
  }
}

static gboolean
has_nothing (const CpacWorkers *workers)
{
  return !workers->quit && workers->next >= workers->n_pieces;
}

/* Until there are pieces, or the team is being dissolved; called and left with the lock held. */
static void
await_call (CpacWorkers *workers)
{
  gint seen = workers->n_calls;

  cpac_unlock (&workers->lock);
  look_out (workers, &workers->n_calls, seen);
  cpac_lock (&workers->lock);
  workers->n_asleep++;
  while (has_nothing (workers))
    cpac_wait (&workers->work, &workers->lock);
  workers->n_asleep--;
}

/* Called with the lock held. */
static void
call_members (CpacWorkers *workers)
{
  g_atomic_int_inc (&workers->n_calls);
  if (workers->n_asleep > 0)
    g_cond_broadcast (&workers->work);
}

static gpointer
member_main (gpointer data)
{
  g_autofree Member *member = data;
  CpacWorkers *workers = member->team;

  cpac_lock (&workers->lock);
  while (!workers->quit) {
    do_pieces (workers, member->worker);
    if (has_nothing (workers))
      await_call (workers);
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
  workers->n_processors = count_processors ();
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
  call_members (workers);
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
  gint seen;

  if (workers->n_threads == 1 || n_pieces <= 1) {
    for (guint piece = 0; piece < n_pieces; piece++)
      func (user_data, piece, 0);
    return;
  }
  cpac_lock (&workers->lock);
  seen = workers->n_runs;
  workers->func = func;
  workers->user_data = user_data;
  workers->n_pieces = n_pieces;
  workers->next = workers->n_done = 0;
  call_members (workers);
  do_pieces (workers, 0);
  if (workers->n_done < workers->n_pieces) {
    cpac_unlock (&workers->lock);
    look_out (workers, &workers->n_runs, seen);
    cpac_lock (&workers->lock);
  }
  workers->caller_asleep = TRUE;
  while (workers->n_done < workers->n_pieces)
    cpac_wait (&workers->ready, &workers->lock);
  workers->caller_asleep = FALSE;
  cpac_unlock (&workers->lock);
}
