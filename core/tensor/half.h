/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* IEEE 754 half to single precision, both as bits: exact, because every half has a single of equal
 * value. */
static inline guint32
cpac_half_widen (guint16 half)
{
  guint32 sign = (guint32) (half >> 15) << 31;
  guint32 exponent = (half >> 10) & 31, fraction = half & 1023;

  if (exponent == 31)
    return sign | 0x7f800000 | fraction << 13;
  if (exponent > 0)
    return sign | (exponent + 127 - 15) << 23 | fraction << 13;
  if (fraction == 0)
    return sign;
  /* Subnormal, fraction * 2^-24: shifted until its leading one is where it is left out. */
  for (exponent = 127 - 14; !(fraction & 1024); exponent--)
    fraction <<= 1;
  return sign | exponent << 23 | (fraction & 1023) << 13;
}
