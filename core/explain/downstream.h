/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/ways.h"
#include "core/network/activations.h"
#include "core/network/params.h"

G_BEGIN_DECLS

/**
 * CpacDownstream:
 *
 * What lies between the output of one layer (or the frame), the start, and the layers that a score
 * is made of, the ends: values and gradients in double precision, of these layers only. What they
 * read that does not depend on the start is constant: it is taken from a run that scored the
 * picture. One thread at a time.
 *
 * With the gradients of a quantity that is linear in the ends, S = sum over the ends of <value,
 * gradient>, and only piecewise linear layers on the way,
 *
 *   S = <start, dS/dstart> + sum over layers on the way of <bias, dS/dbias>
 *                          + sum over what is constant of <value, dS/dvalue>,
 *
 * where the ends that do not depend on the start count as constant.
 */
typedef struct _CpacDownstream CpacDownstream;

/* @start: a layer, or CPAC_NETWORK_INPUT. @ends (n_ends): layers, some of which may come before
 * the start. @network and @params are borrowed. CPAC_ERROR_SHAPE when it would take more than
 * CPAC_MAX_ELEMENTS numbers. (transfer full) */
CpacDownstream *cpac_downstream_new (const CpacNetwork *network, const CpacParams *params,
                                     gint start, const guint *ends, guint n_ends, GError **error);
/* Takes NULL. */
void cpac_downstream_free (CpacDownstream *downstream);

/* Value of the start, written by the caller, or of a layer after the forward pass; NULL for one
 * that is neither on the way nor read there. */
double *cpac_downstream_get_value (CpacDownstream *downstream, gint layer);
/* Gradient by it: of ends added to by the caller after cpac_downstream_clear(), read of others
 * after the backward pass. */
double *cpac_downstream_get_gradient (CpacDownstream *downstream, gint layer);

/* Sets in @layers (n_layers) those whose outputs are constant and read. */
void cpac_downstream_mark (const CpacDownstream *downstream, gboolean *layers);
/* Values of everything that is constant, from what was computed of the picture. */
void cpac_downstream_load (CpacDownstream *downstream, const CpacActivations *activations);
void cpac_downstream_forward (CpacDownstream *downstream);
/* All gradients become 0. */
void cpac_downstream_clear (CpacDownstream *downstream);
void cpac_downstream_backward (CpacDownstream *downstream);

/* The two sums at the end of the formula above, after the backward pass. */
double cpac_downstream_get_offset (const CpacDownstream *downstream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacDownstream, cpac_downstream_free)

G_END_DECLS
