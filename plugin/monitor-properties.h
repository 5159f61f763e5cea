/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin/gstcpacmonitor.h"

G_BEGIN_DECLS

/* The element's properties, in the manner of GObject's class and instance initialisers. */
void gst_cpac_monitor_install_properties (GObjectClass *class);
void gst_cpac_monitor_init_properties (GstCpacMonitor *self);
void gst_cpac_monitor_clear_properties (GstCpacMonitor *self);

G_END_DECLS
