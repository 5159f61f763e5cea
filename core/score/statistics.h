/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Distribution functions, in double, for parameters up to about 1e9. */

/* Distribution function of Beta(@a, @b) at @x, the regularised incomplete beta function I_x(a, b);
 * @a, @b > 0, @x in [0, 1]. Relative error about 1e-16 (a + b) log (a + b), from the
 * logarithms of the gamma function. */
double cpac_beta_cdf (double a, double b, double x);

/* The x at which cpac_beta_cdf() reaches @p in [0, 1], to the resolution of a double. */
double cpac_beta_quantile (double a, double b, double p);

G_END_DECLS
