/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plugin/gstcpacscore.h"

G_BEGIN_DECLS

/* Installs the properties of cpacscore and their accessors. */
void gst_cpac_score_install_properties (GObjectClass *class);

/* Gives a new instance the stated defaults. */
void gst_cpac_score_init_properties (GstCpacScore *self);
void gst_cpac_score_clear_properties (GstCpacScore *self);

G_END_DECLS
