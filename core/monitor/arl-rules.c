/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/arl-private.h"

#include <math.h>
#include <string.h>

#define N_ZONES 8
#define ALARM G_MAXUINT32

static const int zones[N_ZONES] = { -4, -3, -2, -1, 1, 2, 3, 4 };

typedef struct {
  guint rules;
  GHashTable *indices; /* history as 64 bits -> index + 1 */
  GArray *histories;   /* CpacZoneHistory */
  GArray *next;        /* guint32 (states, zones): index or ALARM */
} Chain;

/* The index of @history, a new one if it is new. */
static guint32
find_state (Chain *chain, const CpacZoneHistory *history)
{
  gint64 key;
  guint index;

  G_STATIC_ASSERT (sizeof key == sizeof *history);
  memcpy (&key, history, sizeof key);
  index = GPOINTER_TO_UINT (g_hash_table_lookup (chain->indices, &key));
  if (index != 0)
    return index - 1;
  g_array_append_val (chain->histories, *history);
  index = chain->histories->len;
  g_hash_table_insert (chain->indices, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (index));
  return index - 1;
}

static void
chain_init (Chain *chain, guint rules)
{
  CpacZoneHistory empty = { 0 };

  chain->rules = rules;
  chain->indices = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  chain->histories = g_array_new (FALSE, FALSE, sizeof (CpacZoneHistory));
  chain->next = g_array_new (FALSE, FALSE, sizeof (guint32));
  find_state (chain, &empty);
  for (guint state = 0; state < chain->histories->len; state++)
    for (guint zone = 0; zone < N_ZONES; zone++) {
      CpacZoneHistory history = g_array_index (chain->histories, CpacZoneHistory, state);
      gboolean is_alarm = cpac_zone_history_step (&history, rules, zones[zone]) != 0;
      guint32 next = is_alarm ? ALARM : find_state (chain, &history);

      g_array_append_val (chain->next, next);
    }
}

static void
chain_clear (Chain *chain)
{
  g_hash_table_unref (chain->indices);
  g_array_unref (chain->histories);
  g_array_unref (chain->next);
}

/* Moves the probabilities @now (states) on by one point and returns what is left without alarm. */
static double
step (const Chain *chain, const double p[N_ZONES], const double *now, double *after)
{
  const guint32 *next = (const guint32 *) (gpointer) chain->next->data;
  guint n = chain->histories->len;
  double sum = 0;

  memset (after, 0, n * sizeof *after);
  for (guint state = 0; state < n; state++)
    for (guint zone = 0; zone < N_ZONES; zone++, next++)
      if (*next != ALARM)
        after[*next] += p[zone] * now[state];
  for (guint state = 0; state < n; state++)
    sum += after[state];
  return sum;
}

static double
run_chain (const Chain *chain, const double p[N_ZONES])
{
  g_autofree double *now = g_new0 (double, chain->histories->len);  /* (states) */
  g_autofree double *after = g_new (double, chain->histories->len); /* (states) */
  CpacSurvival survival = { 0 };

  now[0] = 1;
  cpac_survival_add (&survival, 1);
  while (!cpac_survival_add (&survival, step (chain, p, now, after))) {
    double *kept = now;

    now = after;
    after = kept;
  }
  return cpac_survival_get (&survival);
}

/* P of each zone; upwards from the far end on both sides, so that small ones keep their digits. */
static void
fill_probabilities (const CpacArlProcess *process, double p[N_ZONES])
{
  CpacArlProcess mirrored = { -process->shift, process->df, 0 };

  for (guint i = 0; i < 4; i++) {
    p[4 + i] = cpac_arl_upper (process, i);
    p[3 - i] = cpac_arl_upper (&mirrored, i);
  }
  for (guint i = 0; i < 3; i++) {
    p[4 + i] -= p[5 + i];
    p[3 - i] -= p[2 - i];
  }
}

double
cpac_arl_rules (guint rules, const CpacArlProcess *process, guint *n_states)
{
  Chain chain;
  double p[N_ZONES], arl;

  if (rules == 0 || rules & CPAC_RULES_OF_ORDER || process->phi != 0)
    return NAN;
  chain_init (&chain, rules);
  fill_probabilities (process, p);
  arl = run_chain (&chain, p);
  if (n_states != NULL)
    *n_states = chain.histories->len;
  chain_clear (&chain);
  return arl;
}
