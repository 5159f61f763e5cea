/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/monitor.h"

G_BEGIN_DECLS

/*
 * A monitor's state in a file, so that a restart goes on where the program ended. Two lines of
 * JSON:
 * {"schema": "cpac-monitor-state/1", "config_sha256"}, the latter naming the model whose scores it
 * learnt from ("" when unknown), and what cpac_monitor_save() gives.
 */

/* Atomic, see cpac_file_replace(). @config_sha256 may be NULL. G_FILE_ERROR. */
gboolean cpac_monitor_file_save (const char *path, const CpacMonitor *monitor,
                                 const char *config_sha256, GError **error);

/* Errors: G_FILE_ERROR; CPAC_ERROR_PARSE and CPAC_ERROR_SCHEMA for what is no such file.
 * @config_sha256: (out) (transfer full). (transfer full) */
CpacMonitor *cpac_monitor_file_load (const char *path, char **config_sha256, GError **error);
/* The same from memory; @name stands in errors. */
CpacMonitor *cpac_monitor_file_parse (const char *name, const char *text, gsize length,
                                      char **config_sha256, GError **error);

G_END_DECLS
