/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What libFuzzer calls: one parser, fed from memory. Checks what must hold for any input with
 * g_assert; returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
