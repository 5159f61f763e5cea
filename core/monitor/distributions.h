/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Distributions that control charts are made of, in double. What is "upper" is the probability of
 * more, computed as such: it keeps its digits where it is small. */

/* Density of the normal distribution at @x. */
double cpac_normal_density (double x);
/* P (X > @x). */
double cpac_normal_upper (double x);
/* The x with P (X > x) = @p; @p in (0, 1). */
double cpac_normal_upper_quantile (double p);

/* Student's t distribution of @df > 2 degrees of freedom, scaled to unit variance. */
double cpac_student_density (double x, double df);
double cpac_student_upper (double x, double df);

/* P (X > @x) of the chi-square distribution with @df > 0 degrees of freedom; @x >= 0. */
double cpac_chi_square_upper (double x, double df);
double cpac_chi_square_upper_quantile (double p, double df);
/* The same where the mean vector is @distance from the origin (noncentrality @distance^2). */
double cpac_chi_square_shifted_upper (double x, double df, double distance);

/* The x with P (X > x) = @p of the F distribution with @df1 and @df2 degrees of freedom. */
double cpac_f_upper_quantile (double p, double df1, double df2);

G_END_DECLS
