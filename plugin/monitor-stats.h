/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin/gstcpacmonitor.h"

G_BEGIN_DECLS

/* (transfer full) */
GstStructure *gst_cpac_monitor_stats_to_structure (const GstCpacMonitorStats *stats);

G_END_DECLS
