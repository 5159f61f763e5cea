/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/save.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/golden.h"
#include "core/model/weights.h"

#define GOLDEN_SEED 1
#define WEIGHTS_FILE "model.safetensors"

/* The line of @text that begins with "key:", or NULL. */
static const char *
find_section (const char *text, const char *key)
{
  gsize length = strlen (key);

  for (const char *line = text; line != NULL; line = strchr (line, '\n')) {
    if (*line == '\n')
      line++;
    if (strncmp (line, key, length) == 0 && line[length] == ':')
      return line;
  }
  return NULL;
}

/* Behind the section that begins at @line: comments and blank lines at its end belong to what
 * follows. */
static const char *
end_of_section (const char *line)
{
  const char *end = line, *next = strchr (line, '\n');

  for (;;) {
    if (next == NULL)
      return end == line ? line + strlen (line) : end;
    next++;
    if (end == line)
      end = next;
    if (*next == '\0' || !strchr (" \t#\r\n", *next))
      return end;
    if (*next == ' ' || *next == '\t') {
      const char *newline = strchr (next, '\n');

      end = newline != NULL ? newline + 1 : next + strlen (next);
    }
    next = strchr (next, '\n');
  }
}

char *
cpac_yaml_replace_section (const char *text, const char *key, const char *section)
{
  const char *begin = find_section (text, key);
  g_autofree char *head = NULL;

  if (begin == NULL) {
    gboolean torn = *text != '\0' && !g_str_has_suffix (text, "\n");

    return g_strconcat (text, torn ? "\n" : "", section != NULL ? section : "", NULL);
  }
  head = g_strndup (text, (gsize) (begin - text));
  return g_strconcat (head, section != NULL ? section : "", end_of_section (begin), NULL);
}

static gboolean
holds_text (const CpacConfig *root, const char *key, const char *text)
{
  const char *found = cpac_config_get_string (root, key, NULL);

  return found != NULL && g_str_equal (found, text);
}

gboolean
cpac_model_check_text (const char *name, const char *config, GError **error)
{
  g_autofree char *half = cpac_yaml_replace_section (config, "golden", "golden: probe\n");
  g_autofree char *text = cpac_yaml_replace_section (half, "weights", "weights: probe\n");
  g_autoptr (CpacConfig) root = cpac_config_parse (name, text, strlen (text), NULL);

  if (root != NULL && cpac_config_get_kind (root) == CPAC_CONFIG_MAP &&
      holds_text (root, "golden", "probe") && holds_text (root, "weights", "probe"))
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: the sections weights and golden cannot be replaced in this text; expected them "
               "in block style, the key at the beginning of its line and without quotes, what "
               "belongs to it indented",
               name);
  return FALSE;
}

/* The weights section for @file. (transfer full) */
static char *
weights_section (const char *file, const char *sha256)
{
  return g_strdup_printf ("weights:\n  file: %s\n  sha256: %s\n", file, sha256);
}

/* The golden section of the model that @text describes, whose weights lie in @folder.
 * (transfer full) */
static char *
golden_section (const char *folder, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "model.yaml.new", NULL);
  g_autoptr (CpacModel) model = NULL;
  CpacGolden golden = { 0 };

  if (!cpac_file_replace (path, text, strlen (text), error))
    return NULL;
  model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  g_unlink (path);
  if (model == NULL)
    return NULL;
  cpac_golden_compute (model, GOLDEN_SEED, &golden);
  return cpac_golden_is_valid (&golden, error) ? cpac_golden_to_yaml (&golden) : NULL;
}

/* The YAML of @config with the weights in @file and @golden. (transfer full) */
static char *
finish_text (const char *config, const char *file, const char *sha256, const char *golden)
{
  g_autofree char *section = weights_section (file, sha256);
  g_autofree char *text = cpac_yaml_replace_section (config, "weights", section);

  return cpac_yaml_replace_section (text, "golden", golden);
}

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  return cpac_file_replace (path, text, strlen (text), error);
}

/*
 * Everything is written and checked under names of their own first; @staged is the weights' such
 * name. Then the YAML says @staged, the weights come under their lasting name, and the YAML says
 * that: whenever this is cut short, the YAML there is finds weights with the hash it states.
 */
static gboolean
save_in_steps (const char *folder, const char *config, const CpacWeightsWriter *writer,
               const char *staged, const char *sha256, gboolean *staged_is_used, GError **error)
{
  g_autofree char *yaml = g_build_filename (folder, "model.yaml", NULL);
  g_autofree char *staged_path = g_build_filename (folder, staged, NULL);
  g_autofree char *weights = g_build_filename (folder, WEIGHTS_FILE, NULL);
  g_autofree char *plain = finish_text (config, staged, sha256, NULL);
  g_autofree char *golden = NULL, *first = NULL, *last = NULL;

  if (!cpac_weights_writer_save (writer, staged_path, NULL, error) ||
      (golden = golden_section (folder, plain, error)) == NULL)
    return FALSE;
  first = finish_text (config, staged, sha256, golden);
  last = finish_text (config, WEIGHTS_FILE, sha256, golden);
  if (!write_text (yaml, first, error))
    return FALSE;
  *staged_is_used = TRUE;
  if (!cpac_weights_writer_save (writer, weights, NULL, error) || !write_text (yaml, last, error))
    return FALSE;
  *staged_is_used = FALSE;
  return TRUE;
}

gboolean
cpac_model_save_tensors (const char *folder, const char *config, const CpacWeightsWriter *writer,
                         GError **error)
{
  g_autoptr (GBytes) bytes = cpac_weights_writer_to_bytes (writer);
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_autofree char *staged = g_strdup_printf ("model-%.16s.safetensors", sha256);
  g_autofree char *staged_path = g_build_filename (folder, staged, NULL);
  gboolean staged_is_used = FALSE, ok;

  if (!cpac_file_make_folder (folder, error))
    return FALSE;
  ok = save_in_steps (folder, config, writer, staged, sha256, &staged_is_used, error);
  if (!staged_is_used)
    g_unlink (staged_path);
  return ok;
}

gboolean
cpac_model_save (const char *folder, const char *config, const CpacNetwork *network,
                 const CpacParams *params, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();

  cpac_params_write (params, network, writer);
  return cpac_model_save_tensors (folder, config, writer, error);
}
