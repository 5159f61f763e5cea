/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/error.h"

static void
test_take_first (void)
{
  static const struct {
    gboolean fails[4];
    const char *message; /* NULL: none */
  } rows[] = {
    { { FALSE, FALSE, FALSE, FALSE }, NULL },    { { TRUE, FALSE, FALSE, FALSE }, "piece 0" },
    { { FALSE, FALSE, TRUE, TRUE }, "piece 2" }, { { FALSE, FALSE, FALSE, TRUE }, "piece 3" },
    { { TRUE, TRUE, TRUE, TRUE }, "piece 0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GError *errors[4] = { NULL };
    g_autoptr (GError) error = NULL;

    for (guint k = 0; k < 4; k++)
      if (rows[i].fails[k])
        g_set_error (&errors[k], CPAC_ERROR, CPAC_ERROR_SHAPE, "piece %u", k);
    g_assert_cmpint (cpac_error_take_first (errors, 4, &error), ==, rows[i].message == NULL);
    if (rows[i].message != NULL) {
      g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
      g_assert_cmpstr (error->message, ==, rows[i].message);
    }
    g_assert_true (rows[i].message != NULL || error == NULL);
    for (guint k = 0; k < 4; k++)
      g_assert_null (errors[k]);
  }
  g_assert_true (cpac_error_take_first (NULL, 0, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/take-first", test_take_first);
  return g_test_run ();
}
