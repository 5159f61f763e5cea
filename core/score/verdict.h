/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CpacVerdict:
 *
 * In the numbers of OPC UA's ResultEvaluationEnum (OPC 40001-101, 10.3). Only %CPAC_VERDICT_OK may
 * release a part: every other value, and silence, mean "do not pass".
 */
typedef enum {
  CPAC_VERDICT_UNDEFINED = 0,     /* not inspected: skipped, damaged, lost, no model */
  CPAC_VERDICT_OK = 1,            /* score <= warn-threshold */
  CPAC_VERDICT_NOT_OK = 2,        /* score > threshold */
  CPAC_VERDICT_NOT_DECIDABLE = 3, /* warn-threshold < score <= threshold */
} CpacVerdict;
#define CPAC_N_VERDICTS 4

/* "undefined", "ok", "not-ok", "not-decidable". */
const char *cpac_verdict_to_string (CpacVerdict verdict);
gboolean cpac_verdict_from_string (const char *name, CpacVerdict *verdict);

/* What a score says under two thresholds, warn <= threshold. Where one of the three is not a number
 * the verdict is undefined: nothing is released. */
CpacVerdict cpac_verdict_from_score (double score, double warn_threshold, double threshold);

G_END_DECLS
