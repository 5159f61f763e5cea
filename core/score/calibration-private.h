/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/calibration.h"

G_BEGIN_DECLS

/* Fills the derived fields from the others. */
void cpac_calibration_derive (CpacCalibration *calibration);

G_END_DECLS
