/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/picture.h"

#include <string.h>

#include "core/error.h"

static const guint8 png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
static const guint8 jpeg_signature[3] = { 0xff, 0xd8, 0xff };

static guint32
read_be (const guint8 *data, guint n_bytes)
{
  guint32 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value = value << 8 | data[i];
  return value;
}

static gboolean
starts_with (const guint8 *data, gsize size, const guint8 *signature, gsize length)
{
  return size >= length && memcmp (data, signature, length) == 0;
}

static gboolean
is_png (const guint8 *data, gsize size)
{
  return starts_with (data, size, png_signature, sizeof png_signature);
}

static gboolean
is_jpeg (const guint8 *data, gsize size)
{
  return starts_with (data, size, jpeg_signature, sizeof jpeg_signature);
}

static gboolean
truncated (const char *what, gsize size, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "the %s data ends after %" G_GSIZE_FORMAT " bytes, before its end marker", what,
               size);
  return FALSE;
}

static gboolean
size_is_sane (guint32 width, guint32 height, GError **error)
{
  if (width != 0 && height > CPAC_PICTURE_MAX_PIXELS / width) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "a picture of %ux%u pixels, expected at most %u pixels", width, height,
                 CPAC_PICTURE_MAX_PIXELS);
    return FALSE;
  }
  return TRUE;
}

static gboolean
png_header_is_sane (const guint8 *ihdr, GError **error)
{
  guint depth = ihdr[8], color_type = ihdr[9];

  if (depth == 16 && color_type != 0) {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "a PNG with 16-bit colour or alpha, which GStreamer's pngdec decodes "
                         "wrongly; expected 8 bits, or 16-bit gray");
    return FALSE;
  }
  return size_is_sane (read_be (ihdr, 4), read_be (ihdr + 4, 4), error);
}

/* The CRC of PNG, section 5.5: polynomial 0xedb88320, bits reversed. */
static gpointer
crc_table_new (gpointer unused)
{
  guint32 *table = g_new (guint32, 256);

  for (guint32 i = 0; i < 256; i++) {
    table[i] = i;
    for (guint bit = 0; bit < 8; bit++)
      table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
  }
  return table;
}

static guint32
crc (const guint8 *data, gsize size)
{
  static GOnce once = G_ONCE_INIT;
  const guint32 *table = g_once (&once, crc_table_new, NULL);
  guint32 value = 0xffffffff;

  for (gsize i = 0; i < size; i++)
    value = value >> 8 ^ table[(value ^ data[i]) & 0xff];
  return ~value;
}

/* @offset is that of the chunk; its length has been checked. */
static gboolean
png_chunk_is_whole (const guint8 *data, gsize offset, gsize length, GError **error)
{
  const guint8 *name = data + offset + 4;

  if (crc (name, 4 + length) == read_be (name + 4 + length, 4))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "the PNG data is damaged: wrong checksum of the chunk at byte %" G_GSIZE_FORMAT,
               offset);
  return FALSE;
}

/* One PNG from its signature to behind its end; moves @offset there. */
static gboolean
walk_png (const guint8 *data, gsize size, gsize *offset, GError **error)
{
  gsize first = *offset + sizeof png_signature;

  *offset = first;
  while (size - *offset >= 12) { /* length, name, checksum */
    gsize length = read_be (data + *offset, 4);
    const guint8 *name = data + *offset + 4;

    if (*offset == first && (length != 13 || memcmp (name, "IHDR", 4) != 0)) {
      g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                           "the PNG data does not begin with its header (IHDR)");
      return FALSE;
    }
    if (length > size - *offset - 12)
      break;
    if (!png_chunk_is_whole (data, *offset, length, error) ||
        (*offset == first && !png_header_is_sane (name + 4, error)))
      return FALSE;
    *offset += 12 + length;
    if (memcmp (name, "IEND", 4) == 0)
      return TRUE;
  }
  return truncated ("PNG", size, error);
}

static gboolean
probe_png (const guint8 *data, gsize size, CpacPictureKind *kind, GError **error)
{
  gsize offset = 0;
  guint n_pictures = 0;

  do {
    if (!walk_png (data, size, &offset, error))
      return FALSE;
    n_pictures++;
  } while (is_png (data + offset, size - offset));
  *kind = n_pictures == 1 ? CPAC_PICTURE_PNG : CPAC_PICTURE_OTHER;
  return TRUE;
}

/* Moves @offset behind the next marker code. Fill bytes and, as in libjpeg, stray bytes are stepped
 * over; so are the stuffed zeros and restart markers of entropy-coded data. */
static gboolean
jpeg_next_marker (const guint8 *data, gsize size, gsize *offset, guint8 *marker)
{
  while (*offset < size) {
    const guint8 *found = memchr (data + *offset, 0xff, size - *offset);

    if (found == NULL)
      break;
    *offset = found - data + 1;
    while (*offset < size && data[*offset] == 0xff)
      ++*offset;
    if (*offset == size)
      break;
    *marker = data[(*offset)++];
    if (*marker != 0x00 && !(*marker >= 0xd0 && *marker <= 0xd7))
      return TRUE;
  }
  return FALSE;
}

static gboolean
jpeg_is_start_of_frame (guint8 marker)
{
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static gboolean
jpeg_has_another (const guint8 *data, gsize size)
{
  return memmem (data, size, jpeg_signature, sizeof jpeg_signature) != NULL;
}

static gboolean
probe_jpeg (const guint8 *data, gsize size, CpacPictureKind *kind, GError **error)
{
  gsize offset = 2;
  guint8 marker;

  while (jpeg_next_marker (data, size, &offset, &marker)) {
    gsize length;

    if (marker == 0xd9) {
      *kind =
          jpeg_has_another (data + offset, size - offset) ? CPAC_PICTURE_OTHER : CPAC_PICTURE_JPEG;
      return TRUE;
    }
    if (size - offset < 2 || (length = read_be (data + offset, 2)) > size - offset)
      break;
    if (jpeg_is_start_of_frame (marker) && length >= 7 &&
        !size_is_sane (read_be (data + offset + 5, 2), read_be (data + offset + 3, 2), error))
      return FALSE;
    offset += length;
  }
  return truncated ("JPEG", size, error);
}

gboolean
cpac_picture_sniff (const guint8 *head, gsize size)
{
  return is_png (head, size) || is_jpeg (head, size);
}

gboolean
cpac_picture_probe (const guint8 *data, gsize size, CpacPictureKind *kind, GError **error)
{
  if (is_png (data, size))
    return probe_png (data, size, kind, error);
  if (is_jpeg (data, size))
    return probe_jpeg (data, size, kind, error);
  *kind = CPAC_PICTURE_OTHER;
  return TRUE;
}
