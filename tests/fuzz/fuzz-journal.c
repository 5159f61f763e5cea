/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-compare.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static GArray *
compare (const char *a, gsize length_a, const char *b, gsize length_b, guint *n_frames)
{
  g_autoptr (GError) error = NULL;
  GArray *differences =
      cpac_journal_compare ("a", a, length_a, "b", b, length_b, 1e-6, n_frames, &error);

  g_assert_true ((differences == NULL) == (error != NULL));
  if (error != NULL) {
    g_assert_true (error->domain == CPAC_ERROR && error->code == CPAC_ERROR_PARSE);
    g_assert_true (g_str_has_prefix (error->message, "a:") ||
                   g_str_has_prefix (error->message, "b:"));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
  return differences;
}

/* The input is one journal, or two with a NUL between them. What can be read does not differ from
 * itself, and differs from another in as many places either way round. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *a = (const char *) data;
  const char *cut = size > 0 ? memchr (a, '\0', size) : NULL;
  gsize length_a = cut != NULL ? (gsize) (cut - a) : size;
  const char *b = cut != NULL ? cut + 1 : a;
  gsize length_b = cut != NULL ? size - length_a - 1 : size;
  guint n_frames, again;
  g_autoptr (GArray) there = compare (a, length_a, b, length_b, &n_frames);
  g_autoptr (GArray) back = compare (b, length_b, a, length_a, &again);
  g_autoptr (GArray) same = compare (a, length_a, a, length_a, &again);

  g_assert_true ((there == NULL) == (back == NULL));
  if (there != NULL) {
    g_assert_nonnull (same);
    g_assert_cmpuint (there->len, ==, back->len);
    g_assert_cmpuint (again, ==, n_frames);
  }
  if (same != NULL)
    g_assert_cmpuint (same->len, ==, 0);
  return 0;
}
