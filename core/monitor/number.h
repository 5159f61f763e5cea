/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A number inside a sentence, with a point in every locale. */
typedef struct {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
} CpacNumber;

/* To @digits significant ones, 1 to 9. */
CpacNumber cpac_number (double value, guint digits);

G_END_DECLS
