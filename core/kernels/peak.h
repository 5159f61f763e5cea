/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Runs @rounds rounds of multiply-adds at one vector width and returns how many floating-point
 * operations that was. *@sink: the factor, in (0, 1), on entry; a value that depends on all the
 * work on return. */
guint64 cpac_peak_sse2 (guint64 rounds, float *sink);
guint64 cpac_peak_avx2 (guint64 rounds, float *sink);
guint64 cpac_peak_avx512 (guint64 rounds, float *sink);
