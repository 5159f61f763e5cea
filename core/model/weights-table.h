/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/* The file begins with the length of its header, in this many bytes. */
#define CPAC_WEIGHTS_LENGTH_SIZE 8
#define CPAC_WEIGHTS_MAX_HEADER ((gsize) 16 << 20)
/* Beyond any network that is to score frames on a CPU; bounds what a wrong path costs. */
#define CPAC_WEIGHTS_MAX_FILE ((gsize) 2 << 30)

typedef enum {
  CPAC_WEIGHTS_F32,
  CPAC_WEIGHTS_F16,
  CPAC_WEIGHTS_BF16,
} CpacWeightsType;

/**
 * CpacWeightsEntry:
 * @begin: first byte of the data in the file
 * @end: byte behind the last; end - begin = elements of @shape x size of @type
 */
typedef struct {
  char *name;
  CpacWeightsType type;
  CpacShape shape;
  gsize begin, end;
} CpacWeightsEntry;

/* Bytes of one element. */
gsize cpac_weights_type_size (CpacWeightsType type);

/* Reads and checks the header of a whole file of @size bytes: the entries lie in the file, in the
 * order returned, without overlap or gap up to its last byte. Errors: CPAC_ERROR_PARSE.
 * (transfer full) (element-type CpacWeightsEntry) */
GArray *cpac_weights_table_parse (const char *name, const guint8 *data, gsize size, GError **error);

G_END_DECLS
