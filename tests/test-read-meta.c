/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The metadata as applications in Python read it: read-meta.py does, with a model made here. */

#include <sys/wait.h>

#include "tests/element-fixture.h"

#define EXIT_SKIP 77

/* The distribution's Python, which has its bindings; another one may come first in the path. */
#define PYTHON "/usr/bin/python3"

static void
test_python (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "read-meta.py", NULL);
  g_autofree char *output = NULL, *errors = NULL;
  const char *argv[] = { PYTHON, script, model, NULL };
  gint status = 0;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("Python cannot load a plugin that wants the sanitizer's library first");
  fixture_folder_free (folder);
  return;
#endif
  if (!g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &errors, &status, NULL))
    g_test_skip ("no " PYTHON);
  else if (g_spawn_check_wait_status (status, NULL))
    g_test_message ("read by Python");
  else if (WIFEXITED (status) && WEXITSTATUS (status) == EXIT_SKIP)
    g_test_skip (output);
  else
    g_error ("%s%s", output, errors);
  fixture_folder_free (folder);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read-meta/python", test_python);
  return g_test_run ();
}
