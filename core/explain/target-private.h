/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/target.h"
#include "core/explain/top-cells.h"

struct _CpacTarget {
  const CpacModel *model;
  const CpacHead *head;
  const CpacGaussian *gaussian; /* NULL for a head without */
  const CpacCombined *combined; /* the same */
  guint *ends;                  /* (n_ends) */
  guint n_ends;

  CpacQuantity quantity;
  guint named, rival; /* classes */
  CpacTopCell *cells; /* (cells of the largest map): the cells chosen are the first n_chosen */
  gsize n_chosen;

  const float **maps;          /* (layers of the gaussian) */
  float *map, *scratch;        /* of a combined head's parts */
  double *features, *whitened; /* (channels of the gaussian) */
};
