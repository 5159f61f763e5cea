/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Eigenvalues, falling, and eigenvectors of the symmetric @matrix (n, n), which is destroyed.
 * @vectors (n, n): row i belongs to @values[i], of length 1, its largest element above 0 (so that
 * the same matrix gives the same signs). Cyclic Jacobi rotations: slow, exact to rounding, and the
 * same everywhere. */
void cpac_eigen_symmetric (double *matrix, guint n, double *values, double *vectors);

G_END_DECLS
