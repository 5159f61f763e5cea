/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/run.h"

/**
 * Toy:
 * @pictures: (TOY_BATCH, C, H, W): the input of each picture; picture 2 is picture 0 again
 *
 * A network written as YAML, with random parameters and pictures, that is run every way and held
 * against an oracle.
 */
#define TOY_BATCH 3
typedef struct {
  CpacNetwork *network;
  CpacParams *params;
  float *pictures;
} Toy;

void toy_init (Toy *toy, const char *layers, CpacDims input, guint64 seed);
void toy_clear (Toy *toy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Toy, toy_clear)

/* The parsed list of layers, for networks that must be refused. (transfer full) */
CpacConfig *toy_parse (const char *layers);

gsize toy_n_inputs (const Toy *toy);
gsize toy_n_outputs (const Toy *toy);
const CpacLayer *toy_last (const Toy *toy);
const CpacDims *toy_out (const Toy *toy);
/* Values of parameter @index of the last layer. */
const float *toy_param (const Toy *toy, guint index);

/* Runs the pictures (1 or TOY_BATCH) and returns the last layer's outputs, one behind the other, as
 * doubles. All outputs are poisoned before the run. (transfer full) */
double *toy_run (const Toy *toy, CpacPrecision precision, guint batch, guint n_threads);

/* Holds both precisions against @expected (picture 0). @bound: sum of the magnitudes of the terms
 * of each output; @n_roundings: roundings a term goes through at most. An output computed in an
 * order of its own differs by at most n_roundings u bound, u the unit roundoff (Higham, Accuracy
 * and Stability, 3.1); the oracle's own error is covered by as much again in double. */
void toy_check (const Toy *toy, const double *expected, const double *bound, guint n_roundings);

/* The same bits at any number of threads, at every place of a batch. */
void toy_check_bits (const Toy *toy);
