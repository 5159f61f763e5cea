/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-file.h"

#include <string.h>

#include "tests/folder.h"

static CpacMonitor *
monitor_new (void)
{
  CpacMonitorOptions options = CPAC_MONITOR_OPTIONS_INIT;
  CpacMonitor *monitor = cpac_monitor_new (&options, NULL);

  for (guint i = 0; i < 7; i++) {
    CpacMonitorPart part = { .verdict = CPAC_VERDICT_OK, .has_score = TRUE, .score = 0.1 * i };
    CpacMonitorResult result;

    g_assert_true (cpac_monitor_add_part (monitor, &part, &result, NULL));
  }
  return monitor;
}

/* What is read back is what was written, with the model it belongs to. */
static void
test_round_trip (void)
{
  static const CpacMonitorOrigin origins[] = {
    { (char *) "abc", (char *) "" },
    { (char *) "abc", (char *) "def" },
    { NULL, NULL },
  };
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacMonitor) monitor = monitor_new ();
  g_autofree char *before = cpac_monitor_save (monitor);
  g_autofree char *path = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "state", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (origins); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacMonitor) loaded = NULL;
    g_auto (CpacMonitorOrigin) origin = { 0 };
    g_autofree char *after = NULL;

    g_assert_true (cpac_monitor_file_save (path, monitor, &origins[i], &error));
    loaded = cpac_monitor_file_load (path, &origin, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (origin.config_sha256, ==, i < 2 ? "abc" : "");
    g_assert_cmpstr (origin.ignore_mask_sha256, ==, origins[i].ignore_mask_sha256);
    after = cpac_monitor_save (loaded);
    g_assert_cmpstr (after, ==, before);
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *text, *message;
  } cases[] = {
    { "", "s: byte 0: found the end" },
    { "x", "s: byte 0: found 'x'" },
    { "[]\n", "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/2\",\"config_sha256\":\"\"}\n{}\n",
      "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/1\"}\n{}\n",
      "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/1\",\"config_sha256\":7}\n{}\n",
      "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/1\",\"config_sha256\":\"\",\"ignore_mask_sha256\":7}\n{}\n",
      "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/1\",\"config_sha256\":\"\"}",
      "s: found no cpac-monitor-state/1 in the first line" },
    { "{\"schema\":\"cpac-monitor-state/1\",\"config_sha256\":\"\"}\n", "s: byte 0: found" },
    { "{\"schema\":\"cpac-monitor-state/1\",\"config_sha256\":\"\"}\n{}\n",
      "s: cpac_monitor: found nothing" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    CpacMonitorOrigin origin = { 0 };

    g_assert_null (
        cpac_monitor_file_parse ("s", cases[i].text, strlen (cases[i].text), &origin, &error));
    g_assert_null (origin.config_sha256);
    g_assert_nonnull (error);
    g_test_message ("%s", error->message);
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, cases[i].message));
  }
}

static void
test_missing (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (CpacMonitor) monitor = monitor_new ();
  g_autoptr (GError) error = NULL, other = NULL;
  CpacMonitorOrigin origin = { 0 };

  folder_init (&folder);
  path = g_build_filename (folder.path, "no", "state", NULL);
  g_assert_null (cpac_monitor_file_load (path, &origin, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_false (cpac_monitor_file_save (path, monitor, &origin, &other));
  g_assert_error (other, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/monitor-file/round-trip", test_round_trip);
  g_test_add_func ("/monitor-file/refused", test_refused);
  g_test_add_func ("/monitor-file/missing", test_missing);
  return g_test_run ();
}
