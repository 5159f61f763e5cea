/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/save.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/golden.h"
#include "core/model/weights.h"

#define GOLDEN_SEED 1

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
      return line + strlen (line);
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

static CpacWeightsWriter *
collect (const CpacNetwork *network, const CpacParams *params)
{
  CpacWeightsWriter *writer = cpac_weights_writer_new ();
  guint n = 0;

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (network, i);

    for (guint p = 0; p < layer->n_params; p++, n++) {
      g_autofree char *name = g_strdup_printf ("%s.%s", layer->name, layer->params[p].name);

      cpac_weights_writer_add (writer, name, params->values[n]);
    }
  }
  return writer;
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
  return cpac_golden_to_yaml (&golden);
}

/* The finished YAML for the weights in @file, under the name it will have. (transfer full) */
static char *
finish_text (const char *folder, const char *config, const char *file, const char *final_file,
             const char *sha256, GError **error)
{
  g_autofree char *plain = cpac_yaml_replace_section (config, "golden", NULL);
  g_autofree char *now = weights_section (file, sha256);
  g_autofree char *later = weights_section (final_file, sha256);
  g_autofree char *trial = cpac_yaml_replace_section (plain, "weights", now);
  g_autofree char *text = cpac_yaml_replace_section (plain, "weights", later);
  g_autofree char *golden = golden_section (folder, trial, error);

  return golden != NULL ? cpac_yaml_replace_section (text, "golden", golden) : NULL;
}

static gboolean
rename_file (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: cannot rename: %s", from,
               g_strerror (errno));
  return FALSE;
}

/* Everything is written and checked under other names first; the two renames come last, together. */
gboolean
cpac_model_save (const char *folder, const char *config, const CpacNetwork *network,
                 const CpacParams *params, GError **error)
{
  g_autofree char *yaml = g_build_filename (folder, "model.yaml", NULL);
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *new_weights = g_build_filename (folder, "model.safetensors.new", NULL);
  g_autoptr (CpacWeightsWriter) writer = collect (network, params);
  g_autofree char *sha256 = NULL;
  g_autofree char *text = NULL;

  if (g_mkdir_with_parents (folder, 0777) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 "%s: cannot make this folder: %s", folder, g_strerror (errno));
    return FALSE;
  }
  if (!cpac_weights_writer_save (writer, new_weights, &sha256, error))
    return FALSE;
  text = finish_text (folder, config, "model.safetensors.new", "model.safetensors", sha256, error);
  if (text == NULL) {
    g_unlink (new_weights);
    return FALSE;
  }
  return rename_file (new_weights, weights, error) &&
         cpac_file_replace (yaml, text, strlen (text), error);
}
