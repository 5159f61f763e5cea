/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>

#include "core/train/manifest.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* A list either gives samples with all their strings, or one error. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacManifest) manifest =
      cpac_manifest_parse_csv ("fuzz", "folder", (const char *) data, size, &error);
  g_autofree char *sha256 = NULL;

  g_assert_true ((manifest == NULL) == (error != NULL));
  if (manifest == NULL)
    return 0;
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), >, 0);
  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);

    g_assert_true (sample->path[0] != '\0' && sample->name[0] != '\0' && sample->group[0] != '\0');
    g_assert_true (g_utf8_validate (sample->label, -1, NULL));
    g_assert_true (sample->split != NULL);
  }
  sha256 = cpac_manifest_get_sha256 (manifest);
  g_assert_nonnull (sha256);
  return 0;
}
