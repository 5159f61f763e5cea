/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>

#include "core/train/idx.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A file either gives as many bytes as its dimensions say, or one error. */
static void
read_as (const uint8_t *data, size_t size, guint n_dims)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (data, size, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacIdx) idx = cpac_idx_read (stream, "fuzz", n_dims, &error);
  g_autofree char *sum = NULL;
  gsize count = 1;

  g_assert_true ((idx == NULL) == (error != NULL));
  if (idx == NULL)
    return;
  for (guint i = 0; i < n_dims; i++)
    count *= idx->dims[i];
  sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, idx->data, count);
  g_assert_nonnull (sum);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  read_as (data, size, 1);
  read_as (data, size, 3);
  return 0;
}
