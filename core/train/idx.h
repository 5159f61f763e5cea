/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/error.h"

G_BEGIN_DECLS

#define CPAC_IDX_MAX_DIMS 3

/**
 * CpacIdx:
 * @n_dims: 1 (labels) or 3 (pictures)
 * @dims: count, then for pictures height and width; none is 0
 * @data: (dims[0], ..): the bytes, row-major
 *
 * An idx file of unsigned bytes, as MNIST is published.
 */
typedef struct {
  guint n_dims;
  guint32 dims[CPAC_IDX_MAX_DIMS];
  guint8 *data;
} CpacIdx;

/* Reads a plain or gzip stream that must hold @n_dims dimensions and nothing else; @name stands for
 * it in errors. Memory grows with the bytes that arrive, never beyond what the header announces.
 * CPAC_ERROR_PARSE for a wrong magic number, a file too short or too long, or damaged compression;
 * G_IO_ERROR_NO_SPACE when it does not fit memory. (transfer full) */
CpacIdx *cpac_idx_read (GInputStream *stream, const char *name, guint n_dims, GError **error);
/* The same from a file. (transfer full) */
CpacIdx *cpac_idx_load (const char *path, guint n_dims, GError **error);
void cpac_idx_free (CpacIdx *idx);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacIdx, cpac_idx_free)

G_END_DECLS
