/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/network.h"
#include "core/train/trainer.h"

G_BEGIN_DECLS

/*
 * What a network computes on the way to its output, shown beside it: another one that is to do the
 * same learns more from a few pictures by the thousands of values of inner maps than by the output
 * alone (Romero et al. 2015, "FitNets: hints for thin deep nets").
 */

/* The layers whose maps are hints for what layers @of (n) do: behind each of them as far as only
 * layers without parameters follow, each the only reader of the one before, on the same grid. Each
 * once, in the network's order; not the last layer. (element-type guint) (transfer full) */
GArray *cpac_hints_find (const CpacNetwork *network, const guint *of, guint n);

/* The network of @text, which @network was built from, and one more layer: a flat vector of its
 * output and behind it the maps of @layers (element-type guint). It runs with the parameters of
 * @network. @name stands for the file in errors: CPAC_ERROR_SHAPE for more values than a layer may
 * have. (transfer full) */
CpacNetwork *cpac_hints_network (const CpacNetwork *network, const char *name, const char *text,
                                 const GArray *layers, GError **error);

/* The parts of that vector: the output counts 1, all hints together @weight. (element-type
 * CpacTeacherPart) (transfer full) */
GArray *cpac_hints_get_parts (const CpacNetwork *network, const GArray *layers, double weight);

G_END_DECLS
