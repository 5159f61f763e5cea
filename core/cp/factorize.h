/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"

G_BEGIN_DECLS

/*
 * A network some of whose dense convolutions become CPAC ones: the layers are the same, one by one,
 * with the same names. @ranks (n_layers) says which: the rank of each, 0 for a layer that stays.
 */

/* The text with each such layer's type cpac-conv and its rank, and not a byte changed besides.
 * @name stands for the file in errors: CPAC_ERROR_SCHEMA for a text in which layers share values.
 * (transfer full) */
char *cpac_factorize_text (const CpacNetwork *network, const guint *ranks, const char *name,
                           const char *text, GError **error);

/* The network of such a text, on the input of @network. (transfer full) */
CpacNetwork *cpac_factorize_network (const CpacNetwork *network, const char *name, const char *text,
                                     GError **error);

/* Parameters of the @factorized network: those of the layers that stay, and biases, are copied;
 * the factors are all zero until cpac_factorize_set_factors() sets them. (transfer full) */
CpacParams *cpac_factorize_params (const CpacNetwork *network, const CpacParams *params,
                                   const CpacNetwork *factorized);

/* The four factors of cpac-conv layer @layer, and its bias (NULL without), where they lie. */
void cpac_factorize_get_factors (const CpacNetwork *factorized, const CpacParams *params,
                                 guint layer, float *factors[4], float **bias);

/* Multiply-adds and parameters of conv layer @layer at @rank; 0: as it is. */
void cpac_factorize_count (const CpacNetwork *network, guint layer, guint rank, CpacCost *cost);

G_END_DECLS
