/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"

G_BEGIN_DECLS

/**
 * CpacComponents:
 *
 * What the components of a cpac-conv layer see before they are mixed into filters: the planes Z_r
 * of its fourth stage (see cpac-conv.c). One thread at a time.
 */
typedef struct _CpacComponents CpacComponents;

/* @layer, which is of type cpac-conv, @values (its parameters, read at every call of
 * cpac_components_compute()) and @ops, the arithmetic (NULL: the reference), are borrowed.
 * CPAC_ERROR_SHAPE when the planes, or rank x rank, are more than CPAC_MAX_ELEMENTS. (transfer
 * full) */
CpacComponents *cpac_components_new (const CpacLayer *layer, CpacTensor *const *values,
                                     const CpacLayerOps *ops, GError **error);
/* Takes NULL. */
void cpac_components_free (CpacComponents *components);

/* The planes (rank, height, width of the layer's output) of the layer's input @x; valid until the
 * next call. */
const float *cpac_components_compute (CpacComponents *components, const float *x);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacComponents, cpac_components_free)

G_END_DECLS
