/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/error.h"

#define MAX_EXCERPT 64

G_DEFINE_QUARK (cpac - error - quark, cpac_error)

char *
cpac_error_excerpt (const char *text)
{
  gboolean is_long = g_utf8_strlen (text, -1) > MAX_EXCERPT;
  g_autofree char *start = g_utf8_substring (text, 0, is_long ? MAX_EXCERPT : -1);
  char beyond_ascii[129];
  g_autofree char *escaped = NULL;

  for (guint i = 0; i < 128; i++)
    beyond_ascii[i] = (char) (128 + i);
  beyond_ascii[128] = '\0';
  escaped = g_strescape (start, beyond_ascii);
  return g_strconcat (escaped, is_long ? "..." : NULL, NULL);
}

gboolean
cpac_error_take_first (GError **errors, guint n, GError **error)
{
  gboolean is_none = TRUE;

  for (guint i = 0; i < n; i++) {
    if (errors[i] == NULL)
      continue;
    if (is_none)
      g_propagate_error (error, g_steal_pointer (&errors[i]));
    g_clear_error (&errors[i]);
    is_none = FALSE;
  }
  return is_none;
}
