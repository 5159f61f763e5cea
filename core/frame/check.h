/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"

G_BEGIN_DECLS

/* TRUE when a plan can be made; on success @area is the part of the frame that is read. */
gboolean cpac_frame_check (const CpacInputSpec *spec, const CpacFrameInfo *info,
                           const CpacRect *region, CpacRect *area, GError **error);

G_END_DECLS
