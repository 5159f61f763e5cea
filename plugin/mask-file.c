/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/mask-file.h"

#include <cairo.h>
#include <string.h>

#include "core/model/files.h"

#define MAX_BYTES (64u << 20)
#define MAX_PIXELS (1u << 26)
#define MAX_SIDE 32767 /* cairo's */

/* Bytes that are still to be read. */
typedef struct {
  const guint8 *data;
  gsize size;
} Bytes;

static cairo_status_t
read_bytes (gpointer closure, guchar *out, guint length)
{
  Bytes *bytes = closure;

  if (length > bytes->size)
    return CAIRO_STATUS_READ_ERROR;
  memcpy (out, bytes->data, length);
  bytes->data += length;
  bytes->size -= length;
  return CAIRO_STATUS_SUCCESS;
}

/* What every PNG begins with, in its order of bytes. */
typedef struct {
  guint8 signature[16];
  guint8 width[4], height[4];
  guint8 bit_depth;
} Head;

static guint32
read_side (const guint8 bytes[4])
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* Before cairo takes memory for it; and cairo from 1.17.2 on gives 16-bit pictures as floats. */
static gboolean
check_head (const Bytes *bytes, const char *path, GError **error)
{
  static const char signature[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  const Head *head = (const Head *) bytes->data;
  guint32 width, height;

  if (bytes->size < sizeof *head || memcmp (head, signature, sizeof head->signature) != 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: an ignore mask must be a PNG", path);
    return FALSE;
  }
  width = read_side (head->width);
  height = read_side (head->height);
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE ||
      (guint64) width * height > MAX_PIXELS) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s: an ignore mask has sides of 1 to %u and at most %u pixels, got %ux%u", path,
                 MAX_SIDE, MAX_PIXELS, width, height);
    return FALSE;
  }
  if (head->bit_depth <= 8)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "%s: an ignore mask has at most 8 bits a sample, got %u", path, head->bit_depth);
  return FALSE;
}

static cairo_surface_t *
decode (const char *path, Bytes bytes, GError **error)
{
  cairo_surface_t *surface;
  cairo_status_t status;

  if (!check_head (&bytes, path, error))
    return NULL;
  surface = cairo_image_surface_create_from_png_stream (read_bytes, &bytes);
  status = cairo_surface_status (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return surface;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: the PNG is damaged: %s", path,
               cairo_status_to_string (status));
  cairo_surface_destroy (surface);
  return NULL;
}

/* Whether each pixel has any colour; cairo's are multiplied by their alpha. */
static guint8 *
find_coloured (cairo_surface_t *surface, guint width, guint height)
{
  const guint8 *data = cairo_image_surface_get_data (surface);
  gsize stride = (gsize) cairo_image_surface_get_stride (surface);
  guint8 *pixels = g_malloc_n (width, height);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      guint32 argb;

      memcpy (&argb, data + y * stride + x * sizeof argb, sizeof argb);
      pixels[(gsize) y * width + x] = (argb & 0xffffff) != 0;
    }
  return pixels;
}

CpacIgnoreMask *
gst_cpac_mask_load (const char *path, GError **error)
{
  g_autofree char *data = NULL, *sha256 = NULL;
  g_autofree guint8 *pixels = NULL;
  cairo_surface_t *surface;
  guint width, height;
  gsize size;

  if (!cpac_file_read (path, MAX_BYTES, &data, &size, error))
    return NULL;
  surface = decode (path, (Bytes){ (const guint8 *) data, size }, error);
  if (surface == NULL)
    return NULL;
  width = (guint) cairo_image_surface_get_width (surface);
  height = (guint) cairo_image_surface_get_height (surface);
  pixels = find_coloured (surface, width, height);
  cairo_surface_destroy (surface);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) data, size);
  return cpac_ignore_mask_new (pixels, width, height, sha256);
}
