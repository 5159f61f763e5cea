/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * PNG files of every kind, byte by byte from the specification (W3C recommendation, sections 5 and
 * 11), for tests of what reads them.
 */

enum { PNG_GRAY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GRAY_ALPHA = 4, PNG_RGBA = 6 };

/* @height times the same coded row, unfiltered. The palette is black, white, (10,20,30).
 * (transfer full) */
GByteArray *png_make (guint width, guint height, guint depth, guint color_type, const guint8 *row);

/* A gray PNG that claims a size and has no pixels. (transfer full) */
GByteArray *png_make_claim (guint width, guint height);

/* A gray pixel in @size bytes, at least 100, most of which are a chunk that no reader knows.
 * (transfer full) */
GByteArray *png_make_long (guint size);
