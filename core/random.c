/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/random.h"

#include <math.h>

#define PHILOX_ROUNDS 10

void
cpac_philox4x32 (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  guint32 k0 = key[0], k1 = key[1];

  for (guint round = 0; round < PHILOX_ROUNDS; round++) {
    guint64 p0 = (guint64) 0xD2511F53u * c0;
    guint64 p1 = (guint64) 0xCD9E8D57u * c2;

    c0 = (guint32) (p1 >> 32) ^ c1 ^ k0;
    c1 = (guint32) p1;
    c2 = (guint32) (p0 >> 32) ^ c3 ^ k1;
    c3 = (guint32) p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

void
cpac_random_init (CpacRandom *random, guint64 seed, guint32 stream, guint64 item)
{
  *random = (CpacRandom){
    .key = { (guint32) seed, (guint32) (seed >> 32) },
    .counter = { 0, (guint32) item, (guint32) (item >> 32), stream },
  };
}

guint32
cpac_random_uint32 (CpacRandom *random)
{
  if (random->n_left == 0) {
    cpac_philox4x32 (random->counter, random->key, random->words);
    random->counter[0]++;
    random->n_left = 4;
  }
  return random->words[4 - random->n_left--];
}

/* Lemire, "Fast random integer generation in an interval" (ACM TOMACS 2019): the high half of a
 * product is uniform once the few low halves that would be counted twice are drawn again. */
guint32
cpac_random_below (CpacRandom *random, guint32 n)
{
  guint32 n_rejected;
  guint64 product;

  g_return_val_if_fail (n > 0, 0);

  n_rejected = -n % n;
  do
    product = (guint64) cpac_random_uint32 (random) * n;
  while ((guint32) product < n_rejected);
  return product >> 32;
}

double
cpac_random_double (CpacRandom *random)
{
  guint64 high = cpac_random_uint32 (random) >> 5;
  guint64 low = cpac_random_uint32 (random) >> 6;

  return (double) (high << 26 | low) * 0x1p-53;
}

double
cpac_random_normal (CpacRandom *random)
{
  double radius, angle;

  if (random->has_spare) {
    random->has_spare = FALSE;
    return random->spare;
  }
  radius = sqrt (-2 * log (1 - cpac_random_double (random)));
  angle = 2 * G_PI * cpac_random_double (random);
  random->spare = radius * sin (angle);
  random->has_spare = TRUE;
  return radius * cos (angle);
}
