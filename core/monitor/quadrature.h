/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the integral equations of run lengths are solved with. */

/* Fills @nodes and @weights (n), rising, of Gauss and Legendre's rule on [@low, @high]: exact for
 * polynomials up to degree 2 n - 1. Of an odd @n the middle node is exactly the middle. */
void cpac_gauss_legendre (guint n, double low, double high, double *nodes, double *weights);

/* Nodes that integrate a smooth density over @width of its standard deviations to all digits: on
 * average two each, in the middle of the rule, where they are widest apart, every 0.8. At least
 * 80, and odd. */
guint cpac_quadrature_size (double width);

/* Solves @matrix (n, n) x = @vector (n) by elimination with partial pivoting; x replaces @vector,
 * @matrix is destroyed. FALSE where the matrix is singular. */
gboolean cpac_solve (double *matrix, double *vector, guint n);

G_END_DECLS
