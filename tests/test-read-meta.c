/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The metadata as applications in Python read it: read-meta.py does, with a model made here. */

#include <sys/wait.h>

#include "core/model/config-edit.h"
#include "core/model/model.h"
#include "tests/element-fixture.h"

#define EXIT_SKIP 77

/* The distribution's Python, which has its bindings; another one may come first in the path. */
#define PYTHON "/usr/bin/python3"

/* Gives the model at @path a calibration by three parts that scored -1, 0 and 1. */
static void
calibrate (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacModel) model = cpac_model_load (path, CPAC_MODEL_DEFAULT, &error);
  g_autofree char *text = NULL, *edited = NULL, *section = NULL;

  g_assert_no_error (error);
  section =
      g_strdup_printf ("{parts: 3, max-false-reject: 0.5, confidence: 0.5, "
                       "promised-false-reject: 0.5, data-sha256: %s, scoring-sha256: %s, "
                       "quantiles: [-1, 0, 1]}",
                       cpac_model_get_config_sha256 (model), cpac_model_get_scoring_sha256 (model));
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  edited = cpac_config_set_value (path, text, "score", "calibration", section, &error);
  g_assert_no_error (error);
  g_file_set_contents (path, edited, -1, &error);
  g_assert_no_error (error);
}

static void
test_python (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *model = fixture_write_model (folder, &TOY_MAP);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "read-meta.py", NULL);
  g_autofree char *output = NULL, *errors = NULL;
  const char *argv[] = { PYTHON, script, model, NULL };
  gint status = 0;

  calibrate (model);
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
