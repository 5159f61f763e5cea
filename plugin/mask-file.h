/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/explain/ignore-mask.h"

G_BEGIN_DECLS

/**
 * gst_cpac_mask_load:
 *
 * Reads an ignore mask, for the element and the tool alike: a PNG whose pixels that are not black,
 * be they as dark as they may, are ignored. Transparent pixels count as black.
 *
 * Errors, with the path: G_FILE_ERROR where the file cannot be read; CPAC_ERROR_PARSE where it is
 * no PNG, damaged, of 16 bits a sample, or larger than 2^26 pixels, 64 MiB or 32767 on a side.
 * (transfer full)
 */
CpacIgnoreMask *gst_cpac_mask_load (const char *path, GError **error);

G_END_DECLS
