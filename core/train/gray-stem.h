/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/layers/layer.h"

G_BEGIN_DECLS

/*
 * A network for RGB that only ever sees gray frames, made one for gray. A gray value v fills the
 * three channels, x_c = (v - mean_c) / scale_c. With the gray input x = (v - m) / s, m and s the
 * averages of the three, x_c = (s x + m - mean_c) / scale_c is a line in x, so what a convolution
 * makes of it is a convolution of x and a constant, which joins the bias:
 *
 *   K'[n,0] = sum_c s / scale_c K[n,c],  bias'[n] = bias[n] + sum_c (m - mean_c) / scale_c sum
 * K[n,c]
 *
 * Exact, up to the rounding of the new weights, wherever the convolution does not look outside the
 * picture, where x_c is 0 for each c, which no one x can be; with padding only if the three means
 * are equal.
 */

/* The gray input that stands for @rgb. */
void cpac_gray_stem_get_input (const CpacInputSpec *rgb, CpacInputSpec *gray);

/* Whether the constant is not nothing: then the layer must have a bias. */
gboolean cpac_gray_stem_needs_bias (const CpacInputSpec *rgb);

/* Whether @layer, which reads the frame, can be folded: a conv or cpac-conv, without padding unless
 * the means are equal. CPAC_ERROR_SHAPE, naming the layer. */
gboolean cpac_gray_stem_check (const CpacLayer *layer, const CpacInputSpec *rgb, GError **error);

/* @values of @layer, in the order of its parameters, become @gray_values of @gray_layer: the same
 * layer on one channel, with a bias where one is needed. */
void
cpac_gray_stem_fold (const CpacLayer *layer, CpacTensor *const *values, const CpacInputSpec *rgb,
                     const CpacLayer *gray_layer, CpacTensor **gray_values);

G_END_DECLS
