/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/onnx-runtime.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include "core/error.h"

#define PACKAGE "onnxruntime-node"
#define SCRIPT "/gst-cpac/onnx-runtime.js"

struct _OnnxRuntime {
  GSubprocess *process;
  GDataInputStream *answers;
  GOutputStream *questions; /* (transfer none) */
  char *version;
  struct sigaction pipe_action; /* as it was before */
};

/* ---- Where it is ---- */

/* @folder, or node_modules in it, if that holds the package. (transfer full) */
static char *
find_in (const char *folder)
{
  g_autofree char *inside = g_build_filename (folder, "node_modules", NULL);
  const char *const candidates[] = { folder, inside };

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++) {
    g_autofree char *package = g_build_filename (candidates[i], PACKAGE, "package.json", NULL);

    if (g_file_test (package, G_FILE_TEST_IS_REGULAR))
      return g_canonicalize_filename (candidates[i], NULL);
  }
  return NULL;
}

static char *
find_package (void)
{
  const char *own = g_getenv ("CPAC_ONNXRUNTIME"), *path = g_getenv ("NODE_PATH");
  g_auto (GStrv) folders = g_strsplit (path != NULL ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
  char *found = own != NULL && *own != '\0' ? find_in (own) : NULL;

  for (guint i = 0; found == NULL && folders[i] != NULL; i++)
    if (*folders[i] != '\0')
      found = find_in (folders[i]);
  return found != NULL ? found : find_in (".");
}

gboolean
onnx_runtime_find (OnnxRuntimePlace *place, char **why_not)
{
  place->node = g_find_program_in_path ("node");
  place->packages = find_package ();
  *why_not = NULL;
  if (place->node == NULL)
    *why_not = g_strdup ("there is no node in PATH");
  else if (place->packages == NULL)
    *why_not =
        g_strdup ("there is no npm package " PACKAGE " (npm install --ignore-scripts " PACKAGE
                  ") in the folder that CPAC_ONNXRUNTIME names, in NODE_PATH or here");
  return *why_not == NULL;
}

void
onnx_runtime_place_clear (OnnxRuntimePlace *place)
{
  g_clear_pointer (&place->node, g_free);
  g_clear_pointer (&place->packages, g_free);
}

/* ---- What it says ---- */

static gboolean
refuse_answer (const char *line, const char *key, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (line, -1);
  g_autofree char *excerpt = cpac_error_excerpt (valid);

  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
               "ONNX Runtime: node answered \"%s\", expected a JSON object with \"%s\"", excerpt,
               key);
  return FALSE;
}

/* The value under @key in @line, which @parser keeps; NULL with an error where there is none of
 * that type. */
static JsonNode *
get_member (JsonParser *parser, const char *line, const char *key, GError **error)
{
  JsonNode *root, *member;
  JsonObject *object;

  if (!json_parser_load_from_data (parser, line, -1, NULL) ||
      (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    refuse_answer (line, key, error);
    return NULL;
  }
  object = json_node_get_object (root);
  member = json_object_get_member (object, "error");
  if (member != NULL && json_node_get_value_type (member) == G_TYPE_STRING) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "ONNX Runtime: %s",
                 json_node_get_string (member));
    return NULL;
  }
  member = json_object_get_member (object, key);
  if (member == NULL || !JSON_NODE_HOLDS_VALUE (member)) {
    refuse_answer (line, key, error);
    return NULL;
  }
  return member;
}

gboolean
onnx_runtime_read_text (const char *line, const char *key, char **value, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *member = get_member (parser, line, key, error);

  if (member == NULL)
    return FALSE;
  if (json_node_get_value_type (member) != G_TYPE_STRING)
    return refuse_answer (line, key, error);
  *value = json_node_dup_string (member);
  return TRUE;
}

gboolean
onnx_runtime_read_number (const char *line, const char *key, double *value, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *member = get_member (parser, line, key, error);
  GType type;

  if (member == NULL)
    return FALSE;
  type = json_node_get_value_type (member);
  if ((type != G_TYPE_DOUBLE && type != G_TYPE_INT64) || !isfinite (json_node_get_double (member)))
    return refuse_answer (line, key, error);
  *value = json_node_get_double (member);
  return TRUE;
}

/* ---- The process ---- */

static void
set_death_error (OnnxRuntime *runtime, GError **error)
{
  g_subprocess_force_exit (runtime->process);
  g_subprocess_wait (runtime->process, NULL, NULL);
  if (g_subprocess_get_if_exited (runtime->process))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                 "ONNX Runtime: node ended with status %d instead of an answer",
                 g_subprocess_get_exit_status (runtime->process));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                 "ONNX Runtime: node ended by signal %d instead of an answer",
                 g_subprocess_get_term_sig (runtime->process));
}

/* The next line. (transfer full) */
static char *
read_answer (OnnxRuntime *runtime, GError **error)
{
  char *line = g_data_input_stream_read_line (runtime->answers, NULL, NULL, NULL);

  if (line == NULL)
    set_death_error (runtime, error);
  return line;
}

/* Takes @question. A process that is gone shows when it gives no answer. (transfer full) */
static char *
ask (OnnxRuntime *runtime, char *question, GError **error)
{
  g_autofree char *line = g_strconcat (question, "\n", NULL);

  g_free (question);
  g_output_stream_write_all (runtime->questions, line, strlen (line), NULL, NULL, NULL);
  return read_answer (runtime, error);
}

OnnxRuntime *
onnx_runtime_start (const OnnxRuntimePlace *place, const char *folder, GError **error)
{
  g_autoptr (GBytes) script = g_resources_lookup_data (SCRIPT, 0, NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                 G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (OnnxRuntime) runtime = g_new0 (OnnxRuntime, 1);
  const struct sigaction ignore = { .sa_handler = SIG_IGN };
  g_autofree char *line = NULL;

  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_setenv (launcher, "NODE_PATH", place->packages, TRUE);
  runtime->process = g_subprocess_launcher_spawn (launcher, error, place->node, "-e",
                                                  g_bytes_get_data (script, NULL), NULL);
  /* A question to a process that has died must not end this one. */
  sigaction (SIGPIPE, &ignore, &runtime->pipe_action);
  if (runtime->process == NULL)
    return NULL;
  runtime->questions = g_subprocess_get_stdin_pipe (runtime->process);
  runtime->answers = g_data_input_stream_new (g_subprocess_get_stdout_pipe (runtime->process));
  line = read_answer (runtime, error);
  if (line == NULL || !onnx_runtime_read_text (line, "version", &runtime->version, error))
    return NULL;
  return g_steal_pointer (&runtime);
}

void
onnx_runtime_free (OnnxRuntime *runtime)
{
  if (runtime == NULL)
    return;
  if (runtime->process != NULL) {
    g_output_stream_close (runtime->questions, NULL, NULL);
    g_subprocess_force_exit (runtime->process);
    g_subprocess_wait (runtime->process, NULL, NULL);
  }
  sigaction (SIGPIPE, &runtime->pipe_action, NULL);
  g_clear_object (&runtime->answers);
  g_clear_object (&runtime->process);
  g_free (runtime->version);
  g_free (runtime);
}

const char *
onnx_runtime_get_version (const OnnxRuntime *runtime)
{
  return runtime->version;
}

/* ---- Questions ---- */

gboolean
onnx_runtime_open (OnnxRuntime *runtime, const OnnxRuntimeJob *job, guint *session, GError **error)
{
  g_autofree char *line =
      ask (runtime,
           g_strdup_printf ("{\"open\": \"%s\", \"threads\": %u, \"dims\": [1, %u, %u, %u], "
                            "\"input\": \"%s\", \"output\": \"%s\"}",
                            job->model, job->n_threads, job->dims->channels, job->dims->height,
                            job->dims->width, job->input, job->output),
           error);
  double number;

  if (line == NULL || !onnx_runtime_read_number (line, "session", &number, error))
    return FALSE;
  *session = (guint) CLAMP (number, 0, G_MAXINT);
  return TRUE;
}

gboolean
onnx_runtime_time (OnnxRuntime *runtime, guint session, guint n_calls, double *us, GError **error)
{
  g_autofree char *line =
      ask (runtime, g_strdup_printf ("{\"time\": %u, \"calls\": %u}", session, n_calls), error);

  return line != NULL && onnx_runtime_read_number (line, "us", us, error);
}
