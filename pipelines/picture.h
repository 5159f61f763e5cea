/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than any camera gives, and 1 GiB at the four bytes a pixel can have. */
#define CPAC_PICTURE_MAX_PIXELS (1u << 28)

typedef enum {
  CPAC_PICTURE_OTHER, /* anything else: video, another format, several pictures in one file */
  CPAC_PICTURE_JPEG,  /* one JPEG picture */
  CPAC_PICTURE_PNG,   /* one PNG picture */
} CpacPictureKind;

/* Enough to tell: bytes that cpac_picture_sniff() wants to see. */
#define CPAC_PICTURE_SNIFF_BYTES 8

/* Whether a file with this beginning is for cpac_picture_probe(). */
gboolean cpac_picture_sniff (const guint8 *head, gsize size);

/**
 * cpac_picture_probe:
 *
 * Walks the markers of a JPEG or the chunks of a PNG to its end, without decoding, to find what the
 * decoders would let pass:
 * - a picture cut short: jpegdec fills what is missing with gray and says nothing (a JPEG without
 *   an end marker counts as cut), pngdec gives nothing and says nothing;
 * - a PNG whose checksums are wrong: pngdec loses the memory of what it had begun;
 * - PNG with 16-bit colour or alpha: pngdec (seen in 1.22) writes each row two bytes too far, which
 *   turns the channels round and leaves the buffer.
 *
 * Errors: CPAC_ERROR_PARSE with the offset, CPAC_ERROR_SCHEMA for such a PNG, CPAC_ERROR_SHAPE for
 * more than CPAC_PICTURE_MAX_PIXELS. Formats: ITU-T T.81 annex B, PNG (W3C recommendation) 5.
 */
gboolean cpac_picture_probe (const guint8 *data, gsize size, CpacPictureKind *kind, GError **error);

G_END_DECLS
