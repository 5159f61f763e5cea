/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/monitor/monitor.h"
#include "tests/fuzz/fuzz.h"

static void
check_result (const CpacMonitorResult *result)
{
  g_assert_true (g_utf8_validate (result->sentence, -1, NULL));
  g_assert_cmpuint (strlen (result->sentence), >, 0);
  g_assert_cmpuint (result->state, <, CPAC_N_MONITOR_STATES);
  for (guint i = 0; i < result->n_readings; i++)
    g_assert_true (isfinite (result->readings[i].value) && isfinite (result->readings[i].upper));
}

/* Parts that are usual, missing and absurd. Not as many as would end phase I. */
static void
feed_parts (CpacMonitor *monitor)
{
  double features[CPAC_HOTELLING_MAX_FEATURES] = { 0.5, -1e100, 1e100, 3 };
  CpacMonitorPart parts[] = {
    { CPAC_VERDICT_OK, TRUE, 0.5, TRUE, { 120, 40, 5, 0.02 }, features },
    { CPAC_VERDICT_UNDEFINED, FALSE, 0, FALSE, { 0 }, NULL },
    { CPAC_VERDICT_NOT_OK, TRUE, 0, TRUE, { 1e100, -1e100, 0, 0 }, features },
    { CPAC_VERDICT_NOT_OK, TRUE, 1, FALSE, { 0 }, features },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    CpacMonitorResult result;

    g_assert_true (cpac_monitor_add_part (monitor, &parts[i], &result, NULL));
    check_result (&result);
  }
}

/* What is accepted is saved as what loads again to the same, before and after some parts. */
static void
check_round_trip (CpacMonitor *monitor)
{
  g_autofree char *text = cpac_monitor_save (monitor);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacMonitor) loaded = cpac_monitor_load ("again", text, strlen (text), &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = cpac_monitor_save (loaded);
  g_assert_cmpstr (again, ==, text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacMonitor) monitor = cpac_monitor_load ("fuzz", (const char *) data, size, &error);

  if (monitor == NULL) {
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "fuzz: "));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  g_assert_no_error (error);
  check_round_trip (monitor);
  feed_parts (monitor);
  check_round_trip (monitor);
  cpac_monitor_reset_charts (monitor);
  feed_parts (monitor);
  cpac_monitor_restart_phase_one (monitor);
  check_round_trip (monitor);
  return 0;
}
