/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/inspection.h"

#include <math.h>

/* The numbers are OPC UA's: other systems read them. */
static void
test_names (void)
{
  static const char *const names[] = { "undefined", "ok", "not-ok", "not-decidable" };
  CpacVerdict verdict;

  for (guint i = 0; i < CPAC_N_VERDICTS; i++) {
    g_assert_cmpstr (cpac_verdict_to_string (i), ==, names[i]);
    g_assert_true (cpac_verdict_from_string (names[i], &verdict));
    g_assert_cmpint (verdict, ==, i);
  }
  verdict = CPAC_VERDICT_NOT_OK;
  g_assert_false (cpac_verdict_from_string ("OK", &verdict));
  g_assert_false (cpac_verdict_from_string ("not_ok", &verdict));
  g_assert_false (cpac_verdict_from_string ("", &verdict));
  g_assert_false (cpac_verdict_from_string (NULL, &verdict));
  g_assert_cmpint (verdict, ==, CPAC_VERDICT_NOT_OK);
}

static void
test_status_names (void)
{
  static const char *const names[] = { "scored", "skipped", "error" };
  CpacStatus status = CPAC_STATUS_ERROR;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_cmpstr (cpac_status_to_string (i), ==, names[i]);
    g_assert_true (cpac_status_from_string (names[i], &status));
    g_assert_cmpint (status, ==, i);
  }
  g_assert_false (cpac_status_from_string ("Scored", &status));
  g_assert_false (cpac_status_from_string (NULL, &status));
}

/* Both bounds belong to the milder side; what is no number passes nothing. */
static void
test_score (void)
{
  static const struct {
    double score, warn, threshold;
    CpacVerdict verdict;
  } rows[] = {
    { 0.1, 0.5, 0.5, CPAC_VERDICT_OK },
    { 0.5, 0.5, 0.5, CPAC_VERDICT_OK },
    { 0.50000000000000011, 0.5, 0.5, CPAC_VERDICT_NOT_OK },
    { 0.3, 0.3, 0.5, CPAC_VERDICT_OK },
    { 0.30000000000000004, 0.3, 0.5, CPAC_VERDICT_NOT_DECIDABLE },
    { 0.5, 0.3, 0.5, CPAC_VERDICT_NOT_DECIDABLE },
    { 0.6, 0.3, 0.5, CPAC_VERDICT_NOT_OK },
    { -1e30, -5, -4, CPAC_VERDICT_OK },
    { -4.5, -5, -4, CPAC_VERDICT_NOT_DECIDABLE },
    { INFINITY, 0.5, 0.5, CPAC_VERDICT_NOT_OK },
    { -INFINITY, 0.5, 0.5, CPAC_VERDICT_OK },
    { NAN, 0.5, 0.5, CPAC_VERDICT_UNDEFINED },
    /* A threshold that is no number must never release a part. */
    { 0.1, NAN, 0.5, CPAC_VERDICT_UNDEFINED },
    { 0.1, 0.5, NAN, CPAC_VERDICT_UNDEFINED },
    { 0.1, NAN, NAN, CPAC_VERDICT_UNDEFINED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (cpac_verdict_from_score (rows[i].score, rows[i].warn, rows[i].threshold), ==,
                     rows[i].verdict);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdict/names", test_names);
  g_test_add_func ("/verdict/status-names", test_status_names);
  g_test_add_func ("/verdict/score", test_score);
  return g_test_run ();
}
