/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/explainer.h"
#include "core/frame/frame.h"

G_BEGIN_DECLS

/*
 * Maps of contributions as PNG, as large as the picture they belong to (bilinear, half-pixel
 * centres). Blue is what lowers what is explained, orange what raises it, near-white is nothing:
 * Okabe and Ito's blue and vermillion, which people tell apart whatever their colour vision. The
 * scale is fixed, @limit is full colour, and what is beyond it is full colour, too.
 */

/* Writes DIR/NAME. Errors: as cpac_frames_write_png(). */
gboolean
explain_write_map (const double *map, guint map_width, guint map_height, double limit, guint width,
                   guint height, const char *folder, const char *name, GError **error);
/* The same over the picture in gray. */
gboolean explain_write_overlay (const double *map, guint map_width, guint map_height, double limit,
                                const CpacFrame *frame, const char *folder, const char *name,
                                GError **error);

G_END_DECLS
