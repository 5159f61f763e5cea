/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/png-maker.h"

#include <string.h>

static guint32
crc (const guint8 *data, gsize size)
{
  guint32 value = 0xffffffff;

  for (gsize i = 0; i < size; i++) {
    value ^= data[i];
    for (guint bit = 0; bit < 8; bit++)
      value = value >> 1 ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value;
}

static void
append_u32 (GByteArray *png, guint32 value)
{
  guint32 big_endian = GUINT32_TO_BE (value);

  g_byte_array_append (png, (const guint8 *) &big_endian, 4);
}

static void
append_chunk (GByteArray *png, const char *name, const guint8 *data, guint size)
{
  guint start;

  append_u32 (png, size);
  start = png->len;
  g_byte_array_append (png, (const guint8 *) name, 4);
  g_byte_array_append (png, data, size);
  append_u32 (png, crc (png->data + start, size + 4));
}

static GByteArray *
begin (guint width, guint height, guint depth, guint color_type)
{
  GByteArray *png = g_byte_array_new ();
  guint8 header[13] = { [8] = depth, [9] = color_type };
  guint32 sides[2] = { GUINT32_TO_BE (width), GUINT32_TO_BE (height) };

  memcpy (header, sides, sizeof sides);
  g_byte_array_append (png, (const guint8 *) "\x89PNG\r\n\x1a\n", 8);
  append_chunk (png, "IHDR", header, sizeof header);
  return png;
}

static void
append_pixels (GByteArray *png, const guint8 *row, gsize row_bytes, guint height)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6);
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gsize n_read, n_written;
  guint8 coded[4096];

  for (guint y = 0; y < height; y++) {
    g_byte_array_append (raw, (const guint8[]){ 0 }, 1);
    g_byte_array_append (raw, row, row_bytes);
  }
  g_assert_cmpint (g_converter_convert (G_CONVERTER (zlib), raw->data, raw->len, coded,
                                        sizeof coded, G_CONVERTER_INPUT_AT_END, &n_read, &n_written,
                                        &error),
                   ==, G_CONVERTER_FINISHED);
  append_chunk (png, "IDAT", coded, n_written);
}

GByteArray *
png_make (guint width, guint height, guint depth, guint color_type, const guint8 *row)
{
  static const guint channels[] = {
    [PNG_GRAY] = 1, [PNG_RGB] = 3, [PNG_PALETTE] = 1, [PNG_GRAY_ALPHA] = 2, [PNG_RGBA] = 4
  };
  static const guint8 palette[] = { 0, 0, 0, 255, 255, 255, 10, 20, 30 };
  GByteArray *png = begin (width, height, depth, color_type);

  if (color_type == PNG_PALETTE)
    append_chunk (png, "PLTE", palette, depth == 1 ? 6 : sizeof palette);
  append_pixels (png, row, (width * depth * channels[color_type] + 7) / 8, height);
  append_chunk (png, "IEND", NULL, 0);
  return png;
}

GByteArray *
png_make_claim (guint width, guint height)
{
  GByteArray *png = begin (width, height, 8, PNG_GRAY);

  append_chunk (png, "IEND", NULL, 0);
  return png;
}

GByteArray *
png_make_long (guint size)
{
  static const guint8 row[] = { 128 };
  g_autoptr (GByteArray) end = g_byte_array_new ();
  g_autofree guint8 *padding = g_malloc0 (size);
  GByteArray *png = png_make (1, 1, 8, PNG_GRAY, row);

  append_chunk (end, "IEND", NULL, 0);
  g_byte_array_set_size (png, png->len - end->len);
  append_chunk (png, "cpAd", padding, size - png->len - 2 * end->len);
  g_byte_array_append (png, end->data, end->len);
  g_assert_cmpuint (png->len, ==, size);
  return png;
}
