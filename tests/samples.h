/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "core/train/manifest.h"

static inline void
assert_sample (const CpacManifest *manifest, guint index, const CpacSample *expected)
{
  const CpacSample *sample = cpac_manifest_get_sample (manifest, index);

  g_assert_cmpstr (sample->path, ==, expected->path);
  g_assert_cmpstr (sample->name, ==, expected->name);
  g_assert_cmpstr (sample->label, ==, expected->label);
  g_assert_cmpstr (sample->split, ==, expected->split);
  g_assert_cmpstr (sample->mask, ==, expected->mask);
  g_assert_cmpstr (sample->group, ==, expected->group);
  g_assert_cmpuint (sample->frame, ==, expected->frame);
  g_assert_cmpuint (sample->line, ==, expected->line);
}

static inline void
assert_load_fails (const char *path, const char *const *classes, GQuark domain, int code,
                   const char *pattern)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_manifest_load (path, classes, &error));
  g_assert_error (error, domain, code);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("\"%s\" does not match \"%s\"", error->message, pattern);
  g_assert_nonnull (strstr (error->message, path));
}
