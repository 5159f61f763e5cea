/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"

G_BEGIN_DECLS

/*
 * What all charts share. A chart is fed one point a part: standardised, so that in control points
 * have mean 0 and standard deviation 1. A design (limits and weights) is checked once, with its
 * check function; after that nothing can fail. A chart is plain data: copy it, store it.
 */

typedef enum {
  CPAC_SIDES_BOTH,
  CPAC_SIDES_UPPER, /* only a rise is an alarm */
} CpacSides;

/* What one point did to a chart. */
typedef enum {
  CPAC_SIGNAL_BELOW = -1,
  CPAC_SIGNAL_NONE = 0,
  CPAC_SIGNAL_ABOVE = 1,
} CpacSignal;

/* Limits beyond this many standard deviations are no limits. */
#define CPAC_CHART_MAX_LIMIT 40

/* CPAC_ERROR_SCHEMA unless @low <= @value <= @high; @name says of what. */
gboolean
cpac_chart_check_range (const char *name, double value, double low, double high, GError **error);

G_END_DECLS
