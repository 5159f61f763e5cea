/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/network.h"

G_BEGIN_DECLS

/*
 * The ways through a network from a start, a layer's output or the frame (CPAC_NETWORK_INPUT), to
 * the ends (n_ends), layers that a score is made of, some of which may come before the start.
 */

typedef enum {
  CPAC_ROLE_NONE,
  CPAC_ROLE_CONSTANT, /* read on a way, or an end, but does not depend on the start */
  CPAC_ROLE_START,
  CPAC_ROLE_ON_WAY,
} CpacRole;

/* (1 + n_layers): of the frame, then of the layers. (transfer full) */
CpacRole *
cpac_ways_find_roles (const CpacNetwork *network, gint start, const guint *ends, guint n_ends);

/* Whether any of the ends depends on the start. */
gboolean cpac_ways_reach (const CpacNetwork *network, gint start, const guint *ends, guint n_ends);
/* Whether something of the frame reaches the ends by a way that does not go through layer @start.
 */
gboolean
cpac_ways_lead_around (const CpacNetwork *network, gint start, const guint *ends, guint n_ends);
/* The first layer on a way that is not piecewise linear; NULL: none. */
const CpacLayer *
cpac_ways_find_curved (const CpacNetwork *network, gint start, const guint *ends, guint n_ends);

G_END_DECLS
