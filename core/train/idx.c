/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/idx.h"

#include <string.h>

#define TYPE_UNSIGNED_BYTE 8
#define FIRST_CHUNK (64 * 1024)

/* Reads exactly @n bytes, or says how many of @total came before the end. */
static gboolean
read_exactly (GInputStream *stream, const char *name, guint8 *data, gsize n, gsize before,
              gsize total, GError **error)
{
  gsize n_read = 0;

  if (!g_input_stream_read_all (stream, data, n, &n_read, NULL, error)) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  if (n_read == n)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s: ends after %" G_GSIZE_FORMAT " bytes; expected %" G_GSIZE_FORMAT, name,
               before + n_read, total);
  return FALSE;
}

static gboolean
read_header (CpacIdx *idx, GInputStream *stream, const char *name, guint n_dims, GError **error)
{
  guint8 header[4 + 4 * CPAC_IDX_MAX_DIMS];
  guint8 magic[4] = { 0, 0, TYPE_UNSIGNED_BYTE, n_dims };
  gsize length = 4 + 4 * n_dims;

  if (!read_exactly (stream, name, header, 4, 0, length, error))
    return FALSE;
  if (memcmp (header, magic, 4) != 0) {
    g_set_error (
        error, CPAC_ERROR, CPAC_ERROR_PARSE,
        "%s: starts with %02x %02x %02x %02x; expected 00 00 08 %02x (idx, unsigned bytes, "
        "%u dimensions)",
        name, header[0], header[1], header[2], header[3], n_dims, n_dims);
    return FALSE;
  }
  if (!read_exactly (stream, name, header + 4, length - 4, 4, length, error))
    return FALSE;
  idx->n_dims = n_dims;
  for (guint i = 0; i < n_dims; i++) {
    memcpy (&idx->dims[i], header + 4 + 4 * i, 4);
    idx->dims[i] = GUINT32_FROM_BE (idx->dims[i]);
    if (idx->dims[i] == 0) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                   "%s: dimension %u is 0; expected at least 1", name, i);
      return FALSE;
    }
  }
  return TRUE;
}

/* Grows the buffer with what arrives, so that a lying header costs no memory. */
static gboolean
read_data (CpacIdx *idx, GInputStream *stream, const char *name, gsize total, GError **error)
{
  gsize header = 4 + 4 * idx->n_dims;

  for (gsize used = 0, capacity = MIN (total, FIRST_CHUNK); used < total;
       used = capacity, capacity = capacity <= total / 2 ? 2 * capacity : total) {
    guint8 *data = g_try_realloc (idx->data, capacity);

    if (data == NULL) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                   "%s: no memory for %" G_GSIZE_FORMAT " bytes", name, capacity);
      return FALSE;
    }
    idx->data = data;
    if (!read_exactly (stream, name, data + used, capacity - used, header + used, header + total,
                       error))
      return FALSE;
  }
  return TRUE;
}

/* Reading past the end also makes the decompressor check the sum at the end of its stream. */
static gboolean
check_end (GInputStream *stream, const char *name, gsize total, GError **error)
{
  guint8 byte;
  gssize n_read = g_input_stream_read (stream, &byte, 1, NULL, error);

  if (n_read == 0)
    return TRUE;
  if (n_read < 0)
    g_prefix_error (error, "%s: ", name);
  else
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s: goes on after the %" G_GSIZE_FORMAT " bytes its header announces", name,
                 total);
  return FALSE;
}

static CpacIdx *
read_plain (GInputStream *stream, const char *name, guint n_dims, GError **error)
{
  g_autoptr (CpacIdx) idx = g_new0 (CpacIdx, 1);
  gsize total = 1;

  if (!read_header (idx, stream, name, n_dims, error))
    return NULL;
  for (guint i = 0; i < n_dims; i++) {
    if (!g_size_checked_mul (&total, total, idx->dims[i]) || total > G_MAXSSIZE - sizeof *idx) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: announces more than memory can hold",
                   name);
      return NULL;
    }
  }
  if (!read_data (idx, stream, name, total, error) ||
      !check_end (stream, name, 4 + 4 * n_dims + total, error))
    return NULL;
  return g_steal_pointer (&idx);
}

CpacIdx *
cpac_idx_read (GInputStream *stream, const char *name, guint n_dims, GError **error)
{
  g_autoptr (GInputStream) buffered = g_buffered_input_stream_new (stream);
  GBufferedInputStream *buffer = G_BUFFERED_INPUT_STREAM (buffered);
  g_autoptr (GZlibDecompressor) decompressor = NULL;
  g_autoptr (GInputStream) inflated = NULL;
  g_autoptr (GError) local_error = NULL;
  CpacIdx *idx;
  guint8 magic[2] = { 0 };

  g_return_val_if_fail (n_dims >= 1 && n_dims <= CPAC_IDX_MAX_DIMS, NULL);

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (buffered), FALSE);
  if (g_buffered_input_stream_fill (buffer, -1, NULL, error) < 0) {
    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  g_buffered_input_stream_peek (buffer, magic, 0, sizeof magic);
  if (magic[0] != 0x1f || magic[1] != 0x8b)
    return read_plain (buffered, name, n_dims, error);
  decompressor = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  inflated = g_converter_input_stream_new (buffered, G_CONVERTER (decompressor));
  idx = read_plain (inflated, name, n_dims, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA) ||
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s: its gzip compression is damaged or cut short", name);
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return idx;
}

CpacIdx *
cpac_idx_load (const char *path, guint n_dims, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);

  if (stream == NULL)
    return NULL;
  return cpac_idx_read (G_INPUT_STREAM (stream), path, n_dims, error);
}

void
cpac_idx_free (CpacIdx *idx)
{
  if (idx == NULL)
    return;
  g_free (idx->data);
  g_free (idx);
}
