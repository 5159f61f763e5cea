/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * CpacWeights:
 *
 * The tensors of one safetensors file, by name, as 32-bit floats (F32; F16 and BF16 are widened on
 * reading). Immutable after loading and reference-counted; may be read from any thread.
 *
 * The file: 8 bytes little-endian length of the header, the header (JSON object: tensor name to
 * dtype, shape, data_offsets; optional __metadata__ of strings), then the data. Everything is
 * checked before it is used: size (at most 2 GiB), header length (at most 16 MiB and inside the
 * file), JSON (nesting, duplicate keys, at most 2^18 values), dtypes, shapes (at most 4 dimensions,
 * no overflow, product x size equal to the span), offsets inside the file, without overlap or gap
 * whatever the order of the header, and nothing behind the last tensor. Not-a-number or infinite
 * values are refused with the tensor's name and the element's index.
 */
typedef struct _CpacWeights CpacWeights;

/* Reads @path. When @sha256 (64 hex digits, any case) is given, the file must have that hash.
 * Errors: G_FILE_ERROR, CPAC_ERROR_PARSE (a damaged file: what, at which byte, what was expected;
 * a wrong hash), CPAC_ERROR_NUMERIC. (transfer full) */
CpacWeights *cpac_weights_load (const char *path, const char *sha256, GError **error);
/* Parses bytes; @name stands for the file in errors. (transfer full) */
CpacWeights *cpac_weights_parse (const char *name, const guint8 *data, gsize size, GError **error);

CpacWeights *cpac_weights_ref (CpacWeights *weights);
void cpac_weights_unref (CpacWeights *weights);

/* The tensor, or NULL; (transfer none). */
const CpacTensor *cpac_weights_lookup (const CpacWeights *weights, const char *name);
guint cpac_weights_get_n_tensors (const CpacWeights *weights);
/* Name of tensor @index in file order. */
const char *cpac_weights_get_name (const CpacWeights *weights, guint index);
/* Lower-case sha256 of the whole file. */
const char *cpac_weights_get_sha256 (const CpacWeights *weights);

/* Collects tensors for writing, in the order they are added. */
typedef struct _CpacWeightsWriter CpacWeightsWriter;
CpacWeightsWriter *cpac_weights_writer_new (void);
/* Copies the @tensor; a name twice is a programming error. */
void
cpac_weights_writer_add (CpacWeightsWriter *writer, const char *name, const CpacTensor *tensor);
/* The file's bytes: F32, little endian, without gaps; the data begins at a multiple of 64 (the
 * header is padded with spaces). The same tensors give the same bytes. (transfer full) */
GBytes *cpac_weights_writer_to_bytes (const CpacWeightsWriter *writer);
/* Writes a temporary file beside @path and renames it: the file is whole or absent. @sha256, when
 * not NULL, receives the hash (transfer full). Errors: G_FILE_ERROR; CPAC_ERROR_NUMERIC for values
 * that are not finite and CPAC_ERROR_SHAPE for more than 2 GiB, which could not be read back. */
gboolean cpac_weights_writer_save (const CpacWeightsWriter *writer, const char *path, char **sha256,
                                   GError **error);
void cpac_weights_writer_free (CpacWeightsWriter *writer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacWeights, cpac_weights_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacWeightsWriter, cpac_weights_writer_free)

G_END_DECLS
