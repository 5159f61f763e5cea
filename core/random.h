/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Random numbers that do not depend on who asks first: Philox4x32-10 (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011) is a keyed function of a counter, so
 * every (seed, stream, item) has a sequence of its own, whichever thread draws it and in whatever
 * order.
 */

/* One number per purpose, never reused: the same seed serves them all. */
typedef enum {
  CPAC_STREAM_BOOTSTRAP = 1, /* item: the draw */
  CPAC_STREAM_GOLDEN = 2,    /* item: 0 */
  CPAC_STREAM_INIT = 3,      /* item: the layer */
  CPAC_STREAM_SHUFFLE = 4,   /* item: the epoch */
  CPAC_STREAM_AUGMENT = 5,   /* item: epoch x pictures + picture */
  CPAC_STREAM_SPLIT = 6,     /* item: hash of the group */
  CPAC_STREAM_CP_START = 7,  /* item: the start */
  CPAC_STREAM_SYNTHETIC = 8, /* item: epoch x pictures + picture; others have a high bit set */
  CPAC_STREAM_CHANNELS = 9,  /* item: 0 */
  CPAC_STREAM_TAIL = 10,     /* item: the draw */
  CPAC_STREAM_RUNS = 11,     /* item: the run; others have a high bit set */
  CPAC_STREAM_PRUNE = 12,    /* item: 0 components, 1 channels */
  CPAC_STREAM_FISHER = 13,   /* item: the picture */
} CpacRandomStream;

/* One sequence of 2^34 words; plain data on the stack, nothing to free. */
typedef struct {
  guint32 key[2];     /* the seed */
  guint32 counter[4]; /* block, item low, item high, stream */
  guint32 words[4];   /* the current block's output */
  guint n_left;       /* of @words, not yet handed out */
  gboolean has_spare;
  double spare; /* second normal of a Box-Muller pair */
} CpacRandom;

/* The bijection itself: ten rounds. @out may be @counter. */
void cpac_philox4x32 (const guint32 counter[4], const guint32 key[2], guint32 out[4]);

/* Starts the sequence of @item (a draw, a picture, a step) in @stream under @seed. */
void cpac_random_init (CpacRandom *random, guint64 seed, guint32 stream, guint64 item);
guint32 cpac_random_uint32 (CpacRandom *random);
/* Uniform in 0..n-1 without modulo bias; @n at least 1. */
guint32 cpac_random_below (CpacRandom *random, guint32 n);
/* Uniform in [0, 1), all 53 bits random. */
double cpac_random_double (CpacRandom *random);
/* Mean 0, standard deviation 1 (Box-Muller: at most 8.6 in magnitude). */
double cpac_random_normal (CpacRandom *random);

G_END_DECLS
