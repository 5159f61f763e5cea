/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/monitor.h"

G_BEGIN_DECLS

/*
 * A monitor's state in a file, so that a restart goes on where the program ended. Two lines of
 * JSON:
 * {"schema": "cpac-monitor-state/1", "config_sha256", "ignore_mask_sha256"}, which name what gave
 * the scores it learnt from, and what cpac_monitor_save() gives. Files from before the mask was
 * kept have no third member.
 */

/* What gave the scores that a monitor learnt from. */
typedef struct {
  char *config_sha256;      /* of the model; NULL or "": unknown */
  char *ignore_mask_sha256; /* "": there was none; NULL: unknown */
} CpacMonitorOrigin;

void cpac_monitor_origin_clear (CpacMonitorOrigin *origin);

/* Atomic, see cpac_file_replace(). G_FILE_ERROR. */
gboolean cpac_monitor_file_save (const char *path, const CpacMonitor *monitor,
                                 const CpacMonitorOrigin *origin, GError **error);

/* Errors: G_FILE_ERROR; CPAC_ERROR_PARSE and CPAC_ERROR_SCHEMA for what is no such file.
 * @origin: (out) to be cleared, its model never NULL; as it was after errors. (transfer full) */
CpacMonitor *cpac_monitor_file_load (const char *path, CpacMonitorOrigin *origin, GError **error);
/* The same from memory; @name stands in errors. */
CpacMonitor *cpac_monitor_file_parse (const char *name, const char *text, gsize length,
                                      CpacMonitorOrigin *origin, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacMonitorOrigin, cpac_monitor_origin_clear)

G_END_DECLS
