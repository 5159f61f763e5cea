/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cp/cp.h"

G_BEGIN_DECLS

/* Modes in the order of the factors: 0 filters (a), 1 rows (b), 2 columns (c), 3 channels (d). */
#define CPAC_CP_MODES 4

/* Khatri-Rao product: @out (n_x n_y, R) = x (n_x, R) . y (n_y, R), y varying fastest. */
void cpac_cp_khatri_rao (const double *x, guint n_x, const double *y, guint n_y, guint rank,
                         double *out);
/* cpac_cp_mttkrp() of factors in double; where @out[m] is NULL, that mode is not computed. */
void cpac_cp_mttkrp_double (const double *k, double *const u[4], const guint dims[4], guint rank,
                            double *const out[4]);

G_END_DECLS
