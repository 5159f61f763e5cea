/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/import-private.h"

#include <math.h>
#include <string.h>

#include "core/model/config-edit.h"
#include "core/model/json-writer.h"
#include "core/model/model.h"
#include "core/score/head.h"

void
cpac_onnx_add_note (CpacOnnxImport *import, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (import->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* ---- Text of parts ---- */

static void
append_quoted (GString *out, const char *text)
{
  g_autoptr (GString) quoted = g_string_new (NULL);

  cpac_json_add_text (quoted, NULL, text);
  g_string_append (out, quoted->str);
}

/* Of a name that YAML might take for something else, or not at all, in quotes. */
static void
append_name (GString *out, const char *name)
{
  static const char *const words[] = { "null", "Null",  "NULL",  "true",  "True",
                                       "TRUE", "false", "False", "FALSE", NULL };

  if (g_ascii_isalpha (*name) && !g_strv_contains (words, name))
    g_string_append (out, name);
  else
    g_string_append_printf (out, "\"%s\"", name);
}

static void
append_numbers (GString *out, const char *key, guint n, const double *values)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (out, ", %s: [", key);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "",
                            cpac_config_format_double (values[i], buffer));
  g_string_append_c (out, ']');
}

static const char *
get_layer_name (const CpacOnnxImport *import, gint index)
{
  return index == CPAC_NETWORK_INPUT ? "input" : cpac_onnx_get_layer (import, index)->name;
}

/* Whether the layer reads the one above it and nothing else, which need not be said. */
static gboolean
reads_the_one_above (const CpacOnnxLayer *layer, guint index)
{
  return layer->shape->n_inputs == 1 && layer->inputs[0] == (gint) index - 1;
}

/* A bias is the last parameter of the layers that can have one. */
static gboolean
lacks_bias (const CpacOnnxLayer *layer)
{
  guint n = layer->shape->n_params;

  return n > 0 && layer->params[n - 1] == NULL &&
         g_str_equal (layer->shape->params[n - 1].name, "bias");
}

static void
append_layer (const CpacOnnxImport *import, guint index, GString *out)
{
  const CpacOnnxLayer *layer = cpac_onnx_get_layer (import, (gint) index);

  g_string_append (out, "  - {name: ");
  append_name (out, layer->name);
  g_string_append_printf (out, ", type: %s", layer->shape->klass->type);
  if (!reads_the_one_above (layer, index))
    for (guint k = 0; k < layer->shape->n_inputs; k++) {
      g_string_append (out, k == 0 ? ", inputs: [" : ", ");
      append_name (out, get_layer_name (import, layer->inputs[k]));
      g_string_append (out, k + 1 == layer->shape->n_inputs ? "]" : "");
    }
  g_string_append_printf (out, "%s%s}\n", layer->options,
                          lacks_bias (layer) ? ", bias: false" : "");
}

/* ---- Sections ---- */

/* Besides size and normalisation, what the metadata says. */
static gboolean
append_input (CpacOnnxImport *import, GString *out, GError **error)
{
  static const char *const known[] = { "width", "height", "channels", "mean", "scale", NULL };
  const CpacInputSpec *input = &import->input;
  g_autoptr (CpacConfig) map = NULL;
  const char *text;

  if (!cpac_onnx_parse_property (import, "cpac-input", &map, &text, error))
    return FALSE;
  g_string_append_printf (out, "input: {width: %u, height: %u, channels: %u", input->width,
                          input->height, input->channels);
  append_numbers (out, "mean", input->channels, input->mean);
  append_numbers (out, "scale", input->channels, input->scale);
  if (map != NULL)
    cpac_config_append_pairs (map, known, text, out);
  g_string_append (out, "}\n");
  return TRUE;
}

static void
append_no_score (GString *out)
{
  g_string_append (out, "# How outputs become a score is for the user to say, for example:\n"
                        "# score: {head: classifier, classes: [...], good: [...], threshold: 0.5}\n"
                        "score: {head: none}\n");
}

/* Whether the head of the score section @map can do with the network's output alone; else it is
 * noted that it stays behind. */
static gboolean
check_head (CpacOnnxImport *import, const CpacConfig *map, gboolean *comes_along, GError **error)
{
  const CpacOnnxLayer *last = cpac_onnx_get_layer (import, (gint) import->layers->len - 1);
  g_autoptr (CpacHead) head = cpac_head_new (map, &last->shape->out, error);

  if (head == NULL)
    return FALSE;
  *comes_along = head->kind != CPAC_HEAD_GAUSSIAN && head->kind != CPAC_HEAD_COMBINED;
  if (!*comes_along)
    cpac_onnx_add_note (
        import, "what a %s head has learnt is not in an ONNX file: cpac fit learns it again",
        head->kind == CPAC_HEAD_GAUSSIAN ? "gaussian" : "combined");
  return TRUE;
}

/* The head that the metadata tells, without its calibration: that was of the scores of another
 * file's network. */
static gboolean
append_score (CpacOnnxImport *import, GString *out, GError **error)
{
  static const char *const calibration[] = { "calibration", NULL };
  g_autoptr (GString) pairs = g_string_new (NULL);
  g_autoptr (CpacConfig) map = NULL;
  gboolean comes_along = FALSE;
  const char *text;

  if (!cpac_onnx_parse_property (import, "cpac-score", &map, &text, error) ||
      (map != NULL && !check_head (import, map, &comes_along, error)))
    return FALSE;
  if (!comes_along) {
    append_no_score (out);
    return TRUE;
  }
  if (cpac_config_has (map, "calibration"))
    cpac_onnx_add_note (import, "the calibration is left out: calibrate the model again");
  cpac_config_append_pairs (map, calibration, text, pairs);
  /* Behind the first ", ". */
  g_string_append_printf (out, "score: {%s}\n", pairs->str + 2);
  return TRUE;
}

/* What the exporter says, else the graph's name, else the file's. */
static void
append_model_name (const CpacOnnxImport *import, GString *out)
{
  const char *name = cpac_onnx_find_property (import, "cpac-name");
  g_autofree char *file = g_path_get_basename (import->source.file), *valid = NULL;

  if (name == NULL || *name == '\0')
    name = import->graph->name;
  valid = g_utf8_make_valid (name != NULL && *name != '\0' ? name : file, -1);
  for (char *c = valid; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  append_quoted (out, *g_strstrip (valid) != '\0' ? valid : "imported");
}

static char *
make_text (CpacOnnxImport *import, GError **error)
{
  g_autoptr (GString) out = g_string_new ("cpac-model: 1\nname: ");

  append_model_name (import, out);
  g_string_append_c (out, '\n');
  if (!append_input (import, out, error))
    return NULL;
  g_string_append (out, "layers:\n");
  for (guint i = 0; i < import->layers->len; i++)
    append_layer (import, i, out);
  if (!append_score (import, out, error))
    return NULL;
  return g_strdup (out->str);
}

/* ---- All of it ---- */

/* What a file scales its numbers by may be too much for them. */
static gboolean
check_finite (const CpacOnnxImport *import, const CpacOnnxLayer *layer, GError **error)
{
  for (guint p = 0; p < layer->shape->n_params; p++) {
    const CpacTensor *values = layer->params[p];

    for (gsize i = 0; values != NULL && i < cpac_shape_count (&values->shape); i++)
      if (!isfinite (values->data[i]))
        return cpac_onnx_refuse (
            import, CPAC_ERROR_NUMERIC, error,
            "layer %s: element %" G_GSIZE_FORMAT
            " of its %s, scaled as the file says, became %g, expected a finite "
            "number",
            layer->name, i, layer->shape->params[p].name, (double) values->data[i]);
  }
  return TRUE;
}

/* Moves the values out of the layers. */
static CpacParams *
take_params (CpacOnnxImport *import, const CpacNetwork *network)
{
  CpacParams *params = cpac_params_new (network);

  for (guint i = 0; i < cpac_network_get_n_layers (network); i++)
    for (guint p = 0; p < cpac_network_get_layer (network, i)->n_params; p++)
      params->values[params->first[i] + p] =
          g_steal_pointer (&cpac_onnx_get_layer (import, (gint) i)->params[p]);
  return params;
}

/* Whether a model with that @root can be loaded, weights aside. */
static CpacNetwork *
check (CpacOnnxImport *import, const CpacConfig *root, GError **error)
{
  CpacInputSpec input;

  if (!cpac_model_read_input (cpac_config_peek (root, "input"), &input, error))
    return NULL;
  return cpac_network_new (cpac_config_peek (root, "layers"), &import->dims, error);
}

CpacOnnxImported *
cpac_onnx_import_finish (CpacOnnxImport *import, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (CpacConfig) root = NULL;
  g_autoptr (CpacNetwork) network = NULL;
  CpacOnnxImported *imported;

  for (guint i = 0; i < import->layers->len; i++)
    if (!check_finite (import, cpac_onnx_get_layer (import, (gint) i), error))
      return NULL;
  if ((text = make_text (import, error)) == NULL ||
      (root = cpac_config_parse (import->source.file, text, strlen (text), error)) == NULL ||
      (network = check (import, root, error)) == NULL)
    return NULL;
  imported = g_new0 (CpacOnnxImported, 1);
  imported->text = g_steal_pointer (&text);
  imported->params = take_params (import, network);
  imported->network = g_steal_pointer (&network);
  imported->notes = g_steal_pointer (&import->notes);
  return imported;
}
