/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/score/combined.h"

G_BEGIN_DECLS

/* The scores of one picture that nothing was learnt from. */
typedef struct {
  double map, gaussian;
  gboolean defect; /* the truth */
} CpacPair;

/* Where the middle and the upper end of the good ones lie. */
typedef struct {
  double median;
  double high; /* 0.95 quantile, linear between pictures */
} CpacSpan;

/* @values (n) are sorted; at least one. */
void cpac_span_init (CpacSpan *span, double *values, guint n);

/**
 * CpacComparison:
 * @helps: whether the combined head is better than either part
 *
 * What a map, a gaussian and both together are worth, as AUROC; not a number without defects, when
 * nothing helps.
 */
typedef struct {
  CpacSpan map, gaussian, combined; /* of the good pictures */
  double map_auroc, gaussian_auroc, combined_auroc;
  gboolean helps;
} CpacComparison;

/* Compares on @pairs (n), of which at least one is good. */
void cpac_compare_parts (const CpacPair *pairs, guint n, CpacComparison *comparison);

/* Anchors of a part from its span; good pictures that are all alike are given some spread. */
void cpac_span_get_scale (const CpacSpan *span, CpacScale *scale);

G_END_DECLS
