/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/workers.h"
#include "core/sync.h"

#define MAX_PIECES 1000

/* Plain memory on purpose: under the thread sanitizer the team's own hand-over must order it. */
typedef struct {
  guint n_threads;
  guint done[MAX_PIECES];
  guint by[MAX_PIECES];
  guint round;
} Work;

static void
do_piece (gpointer user_data, guint piece, guint worker)
{
  Work *work = user_data;

  g_assert_cmpuint (worker, <, work->n_threads);
  work->done[piece]++;
  work->by[piece] = worker;
}

static const guint team_sizes[] = { 1, 2, 3, 5, 17 };

static void
test_all_once (void)
{
  static const guint counts[] = { 0, 1, 2, 3, 5, 16, 17, 253, MAX_PIECES };

  for (guint t = 0; t < G_N_ELEMENTS (team_sizes); t++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (team_sizes[t]);

    g_assert_cmpuint (cpac_workers_get_n_threads (workers), ==, team_sizes[t]);
    for (guint c = 0; c < G_N_ELEMENTS (counts); c++) {
      g_autofree Work *work = g_new0 (Work, 1);

      work->n_threads = team_sizes[t];
      cpac_workers_run (workers, counts[c], do_piece, work);
      for (guint i = 0; i < MAX_PIECES; i++)
        g_assert_cmpuint (work->done[i], ==, i < counts[c] ? 1 : 0);
    }
  }
}

/* Every piece reads what the round before wrote through other hands. */
static void
chain (gpointer user_data, guint piece, guint worker)
{
  Work *work = user_data;

  g_assert_cmpuint (work->done[piece], ==, work->round);
  work->done[piece] = work->round + 1;
  work->by[worker]++;
}

static void
test_reuse (void)
{
  enum { ROUNDS = 3000, PIECES = 7 };
  Work work = { .n_threads = 3 };
  g_autoptr (CpacWorkers) workers = cpac_workers_new (work.n_threads);
  guint total = 0;

  for (work.round = 0; work.round < ROUNDS; work.round++)
    cpac_workers_run (workers, PIECES, chain, &work);
  for (guint i = 0; i < PIECES; i++)
    g_assert_cmpuint (work.done[i], ==, ROUNDS);
  for (guint w = 0; w < work.n_threads; w++)
    total += work.by[w];
  g_assert_cmpuint (total, ==, ROUNDS * PIECES);
}

/* All members are needed at once: a piece ends only when as many are in hand as there are members.
 */
typedef struct {
  GMutex lock;
  GCond all_here;
  guint n_here, n_wanted;
} Meeting;

static void
meet (gpointer user_data, guint piece, guint worker)
{
  Meeting *meeting = user_data;

  cpac_lock (&meeting->lock);
  if (++meeting->n_here == meeting->n_wanted)
    g_cond_broadcast (&meeting->all_here);
  while (meeting->n_here < meeting->n_wanted)
    cpac_wait (&meeting->all_here, &meeting->lock);
  cpac_unlock (&meeting->lock);
}

static void
test_all_members (void)
{
  for (guint t = 1; t < G_N_ELEMENTS (team_sizes); t++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (team_sizes[t]);
    Meeting meeting = { .n_wanted = team_sizes[t] };

    g_mutex_init (&meeting.lock);
    g_cond_init (&meeting.all_here);
    cpac_workers_run (workers, team_sizes[t], meet, &meeting);
    g_assert_cmpuint (meeting.n_here, ==, team_sizes[t]);
    g_cond_clear (&meeting.all_here);
    g_mutex_clear (&meeting.lock);
  }
}

/* Longer than anybody looks out before it sleeps. */
#define LONG_US 3000

static void
dawdle (gpointer user_data, guint piece, guint worker)
{
  if (worker > 0)
    g_usleep (LONG_US);
  meet (user_data, piece, worker);
  if (worker > 0)
    g_usleep (LONG_US);
}

/* Members that sleep are woken up, and so is a caller that had to wait for them. */
static void
test_sleepers (void)
{
  for (guint t = 1; t < 4; t++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (team_sizes[t]);

    for (guint round = 0; round < 10; round++) {
      Meeting meeting = { .n_wanted = team_sizes[t] };

      g_mutex_init (&meeting.lock);
      g_cond_init (&meeting.all_here);
      g_usleep (LONG_US);
      cpac_workers_run (workers, team_sizes[t], round % 2 > 0 ? dawdle : meet, &meeting);
      g_assert_cmpuint (meeting.n_here, ==, team_sizes[t]);
      g_cond_clear (&meeting.all_here);
      g_mutex_clear (&meeting.lock);
    }
  }
}

/* A team that never worked, or is dissolved right after its work. */
static void
test_dissolve (void)
{
  for (guint i = 0; i < 300; i++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (1 + i % 5);
    g_autofree Work *work = g_new0 (Work, 1);

    work->n_threads = 5;
    if (i % 3 > 0)
      cpac_workers_run (workers, i % 3 * 10, do_piece, work);
  }
  cpac_workers_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workers/all-once", test_all_once);
  g_test_add_func ("/workers/reuse", test_reuse);
  g_test_add_func ("/workers/all-members", test_all_members);
  g_test_add_func ("/workers/sleepers", test_sleepers);
  g_test_add_func ("/workers/dissolve", test_dissolve);
  return g_test_run ();
}
