/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/inspection.h"

G_BEGIN_DECLS

/* Where the region that was looked at lies in a picture of @width x @height pixels which stands for
 * the whole frame: rounded, inside of the picture, at least one pixel; all of it where the frame's
 * size is not known. */
CpacRect gst_cpac_place_region (const CpacInspection *inspection, guint width, guint height);

G_END_DECLS
