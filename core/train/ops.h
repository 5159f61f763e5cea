/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"

G_BEGIN_DECLS

/* The arithmetic training runs with: pointwise stages by OpenBLAS (single-threaded: our workers
 * share out the pictures), the rest by core/kernels' loops over rows. Ends with a NULL class, as
 * CpacRunOptions wants it. Meant for whole pictures at once (strip = G_MAXUINT). */
const CpacLayerOps *cpac_train_ops (void);

/* Whole pictures need room for all their intermediates at once. CPAC_ERROR_SHAPE, naming the layer,
 * when that is unreasonably much (more than 2 GiB). */
gboolean cpac_train_check_scratch (const CpacNetwork *network, GError **error);

G_END_DECLS
