/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * Npy:
 *
 * An array of NumPy's file format, version 1, C order, little endian, of type f4, f8, u1 or i4,
 * with all values as doubles.
 */
typedef struct {
  guint n_dims;
  gsize dims[4];
  gsize n;
  double *values;
} Npy;

/* Reads @path; anything else than the above, and any byte too few or too many, is an error of the
 * test. */
void npy_load (Npy *npy, const char *path);
void npy_clear (Npy *npy);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Npy, npy_clear)
