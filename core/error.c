/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/error.h"

G_DEFINE_QUARK (cpac-error-quark, cpac_error)
