/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-file.h"
#include "tests/fuzz/fuzz.h"

/* The monitor inside is fuzz-monitor's. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_auto (CpacMonitorOrigin) origin = { 0 };
  g_autoptr (CpacMonitor) monitor =
      cpac_monitor_file_parse ("fuzz", (const char *) data, size, &origin, &error);

  g_assert_true ((monitor != NULL) == (error == NULL));
  g_assert_true ((monitor != NULL) == (origin.config_sha256 != NULL));
  if (monitor != NULL)
    return 0;
  g_assert_true (error->domain == CPAC_ERROR);
  g_assert_true (g_str_has_prefix (error->message, "fuzz: "));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  return 0;
}
