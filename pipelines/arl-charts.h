/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What `cpac arl` was told, and what it answers. Numbers that were not given are NAN. */
typedef struct {
  double lambda, limit, k, h;
  double head_start; /* share of h */
  double p0, p1;     /* shares of rejects: in control, to be found */
  double rate;       /* share of rejects there is */
  double dimensions;
  double shift, df, phi;
  double wanted; /* run length in control to solve the limit for */
  gboolean one_sided, fast_start;
  const char *rules;
  guint64 seed;
} ArlQuestion;

typedef struct {
  double arl, in_control; /* at the shift (or rate), and without */
  const char *method;     /* "exact", "integral-equation", "markov-chain", "simulation" */
  double standard_error;  /* of a simulated arl; else NAN */
  double in_control_error;
  guint step; /* of a Bernoulli chart; else 0 */
} ArlAnswer;

/* Computes what @chart does. What was not given and has a default, and what was solved for, is
 * filled in in @question. */
gboolean arl_answer (const char *chart, ArlQuestion *question, ArlAnswer *answer, GError **error);

G_END_DECLS
