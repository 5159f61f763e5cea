/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/save.h"

#include <string.h>

/* Well-formed texts in which sections can be replaced line by line, or cannot. */
static const struct {
  const char *name, *text;
  gboolean good;
} rows[] = {
  { "neither", "name: x\n", TRUE },
  { "block", "name: x\nweights:\n  file: a\ngolden:\n  seed: 1\n", TRUE },
  { "no-newline", "golden: {seed: 1}\nweights: {file: a}", TRUE },
  { "comments", "weights: # why\n# what\n  file: a\n# name\nname: x\n", TRUE },
  { "crlf", "weights:\r\n  file: a\r\nname: x\r\n", TRUE },
  { "block-scalar", "name: |\n weights: b\n golden: c\nweights:\n  file: a\n", TRUE },
  { "quoted-text", "name: \"a\n\nweights: b\"\nweights:\n  file: a\n", FALSE },
  { "quoted-lines", "name: \"a\n\nweights: b\nc\"\nweights:\n  file: a\n", FALSE },
  { "quoted-key", "\"weights\":\n  file: a\n", FALSE },
  { "spaced-key", "weights :\n  file: a\n", FALSE },
  { "bracket-outside", "weights: {\n  file: a\n}\nname: x\n", FALSE },
  { "list-outside", "golden:\n- 1\nname: x\n", FALSE },
  { "document-end", "name: x\n...\n", FALSE },
  { "flow", "{name: x, weights: {file: a}}\n", FALSE },
};

static void
test_row (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) root =
      cpac_config_parse ("m.yaml", rows[i].text, strlen (rows[i].text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (root);
  if (rows[i].good) {
    g_assert_true (cpac_model_check_text ("m.yaml", rows[i].text, &error));
    g_assert_no_error (error);
    return;
  }
  g_assert_false (cpac_model_check_text ("m.yaml", rows[i].text, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_true (g_str_has_prefix (error->message, "m.yaml: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/model-text/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
  }
  return g_test_run ();
}
