/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/json.h"
#include "core/model/weights.h"
#include "core/train/trainer-private.h"

#define MAX_JSON (64u << 20)

/* What a checkpoint is made of: floats by name. */
typedef struct {
  char *name;
  float *values;
  gsize n;
} Piece;

static void
clear_piece (gpointer data)
{
  g_free (((Piece *) data)->name);
}

static void
add_piece (GArray *pieces, const char *prefix, const char *name, float *values, gsize n)
{
  Piece piece = { g_strdup_printf ("%s.%s", prefix, name), values, n };

  g_array_append_val (pieces, piece);
}

static void
add_params (GArray *pieces, const char *prefix, const CpacParams *params)
{
  for (guint i = 0; params != NULL && i < params->n_params; i++) {
    g_autofree char *name = g_strdup_printf ("%u", i);

    add_piece (pieces, prefix, name, params->values[i]->data,
               cpac_shape_count (&params->values[i]->shape));
  }
}

/* Everything that is floats, in a fixed order. (element-type Piece) */
static GArray *
list_pieces (const CpacTrainer *trainer)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (Piece));

  g_array_set_clear_func (pieces, clear_piece);
  for (guint i = 0; i < trainer->variables->list->len; i++) {
    const CpacVariable *variable = g_ptr_array_index (trainer->variables->list, i);

    add_piece (pieces, "value", variable->name, variable->value, variable->n);
    add_piece (pieces, "first", variable->name, variable->first, variable->n);
    add_piece (pieces, "second", variable->name, variable->second, variable->n);
  }
  /* Effective values: they follow from the variables but for rounding, and constants do not. */
  add_params (pieces, "params", trainer->params);
  add_params (pieces, "average", trainer->average);
  add_params (pieces, "best", trainer->best);
  return pieces;
}

static void
add_double (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *key, guint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_text (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
add_epoch (JsonBuilder *builder, const CpacEpoch *epoch)
{
  json_builder_begin_object (builder);
  add_int (builder, "epoch", epoch->epoch);
  add_double (builder, "rate", epoch->rate);
  add_double (builder, "train_loss", epoch->train_loss);
  add_double (builder, "val_loss", epoch->val_loss);
  add_double (builder, "val_figure", epoch->val_figure);
  add_double (builder, "gradient_norm", epoch->gradient_norm);
  add_double (builder, "seconds", epoch->seconds);
  json_builder_end_object (builder);
}

static char *
state_as_json (const CpacTrainer *trainer, const char *key, const char *file, const char *sha256)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "schema", "cpac-checkpoint/1");
  add_text (builder, "key", key);
  add_text (builder, "file", file);
  add_text (builder, "sha256", sha256);
  add_int (builder, "step", trainer->step);
  add_double (builder, "loss_sum", trainer->loss_sum);
  add_double (builder, "norm_sum", trainer->norm_sum);
  add_double (builder, "seconds", trainer->seconds);
  add_int (builder, "best_epoch", trainer->best_epoch);
  json_builder_set_member_name (builder, "curve");
  json_builder_begin_array (builder);
  for (guint i = 0; i < trainer->curve->len; i++)
    add_epoch (builder, &g_array_index (trainer->curve, CpacEpoch, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return cpac_json_from_builder (builder);
}

/* "checkpoint-<step>.safetensors": what cpac_trainer_save() writes, and nothing else of the user's.
 */
static gboolean
is_checkpoint (const char *name)
{
  const char *digits;
  gsize n;

  if (!g_str_has_prefix (name, "checkpoint-"))
    return FALSE;
  digits = name + strlen ("checkpoint-");
  n = strspn (digits, "0123456789");
  return n > 0 && g_str_equal (digits + n, ".safetensors");
}

/* Takes away the arrays of earlier checkpoints; whoever reads one finds the name in the JSON. */
static void
remove_others (const char *folder, const char *keep)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (is_checkpoint (name) && !g_str_equal (name, keep)) {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
}

gboolean
cpac_trainer_save (const CpacTrainer *trainer, const char *folder, const char *key, GError **error)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (GArray) pieces = list_pieces (trainer);
  g_autofree char *file =
      g_strdup_printf ("checkpoint-%" G_GUINT64_FORMAT ".safetensors", trainer->step);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *json_path = g_build_filename (folder, "checkpoint.json", NULL);
  g_autofree char *sha256 = NULL;
  g_autofree char *json = NULL;

  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);
    CpacTensor tensor = { CPAC_SHAPE (piece->n), piece->values };

    cpac_weights_writer_add (writer, piece->name, &tensor);
  }
  if (!cpac_weights_writer_save (writer, path, &sha256, error))
    return FALSE;
  json = state_as_json (trainer, key, file, sha256);
  if (!cpac_file_replace (json_path, json, strlen (json), error))
    return FALSE;
  remove_others (folder, file);
  return TRUE;
}

/* ---- Reading ---- */

static gboolean
missing (const char *path, const char *key, const char *expected, GError **error)
{
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: \"%s\" is missing or not %s", path, key,
               expected);
  return FALSE;
}

static gboolean
get_double (JsonObject *object, const char *path, const char *key, double *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node != NULL && JSON_NODE_HOLDS_NULL (node)) {
    *value = NAN;
    return TRUE;
  }
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      (json_node_get_value_type (node) != G_TYPE_DOUBLE &&
       json_node_get_value_type (node) != G_TYPE_INT64))
    return missing (path, key, "a number", error);
  *value = json_node_get_double (node);
  return TRUE;
}

static gboolean
get_count (JsonObject *object, const char *path, const char *key, guint64 *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 0)
    return missing (path, key, "a count", error);
  *value = (guint64) json_node_get_int (node);
  return TRUE;
}

static const char *
get_text (JsonObject *object, const char *path, const char *key, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING) {
    missing (path, key, "a text", error);
    return NULL;
  }
  return json_node_get_string (node);
}

static gboolean
get_epoch (JsonNode *node, const char *path, CpacEpoch *epoch, GError **error)
{
  JsonObject *object;
  guint64 number;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return missing (path, "curve", "a list of epochs", error);
  object = json_node_get_object (node);
  if (!get_count (object, path, "epoch", &number, error) ||
      !get_double (object, path, "rate", &epoch->rate, error) ||
      !get_double (object, path, "train_loss", &epoch->train_loss, error) ||
      !get_double (object, path, "val_loss", &epoch->val_loss, error) ||
      !get_double (object, path, "val_figure", &epoch->val_figure, error) ||
      !get_double (object, path, "gradient_norm", &epoch->gradient_norm, error) ||
      !get_double (object, path, "seconds", &epoch->seconds, error))
    return FALSE;
  epoch->epoch = (guint) number;
  return TRUE;
}

/* The numbers of a checkpoint, until all of it is known to be good. */
typedef struct {
  guint64 step, best_epoch;
  double loss_sum, norm_sum, seconds;
  GArray *curve; /* (element-type CpacEpoch) */
} State;

static void
clear_state (State *state)
{
  g_clear_pointer (&state->curve, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (State, clear_state)

static gboolean
get_curve (State *state, JsonObject *object, const char *path, GError **error)
{
  JsonNode *node = json_object_get_member (object, "curve");
  JsonArray *list;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return missing (path, "curve", "a list of epochs", error);
  list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    CpacEpoch epoch;

    if (!get_epoch (json_array_get_element (list, i), path, &epoch, error))
      return FALSE;
    if (epoch.epoch != i + 1)
      return missing (path, "epoch", "the next of the curve", error);
    g_array_append_val (state->curve, epoch);
  }
  return TRUE;
}

static gboolean
get_state (const CpacTrainer *trainer, JsonObject *object, const char *path, State *state,
           GError **error)
{
  guint n_epochs;

  if (!get_count (object, path, "step", &state->step, error) ||
      !get_double (object, path, "loss_sum", &state->loss_sum, error) ||
      !get_double (object, path, "norm_sum", &state->norm_sum, error) ||
      !get_double (object, path, "seconds", &state->seconds, error) ||
      !get_count (object, path, "best_epoch", &state->best_epoch, error) ||
      !get_curve (state, object, path, error))
    return FALSE;
  if (state->step > cpac_trainer_get_n_steps (trainer))
    return missing (path, "step", "within the recipe's steps", error);
  n_epochs = (guint) (state->step / trainer->steps_per_epoch);
  if (state->curve->len != n_epochs)
    return missing (path, "curve", "as long as the epochs that are done", error);
  if (state->best_epoch > n_epochs || (state->best_epoch == 0) != (n_epochs == 0))
    return missing (path, "best_epoch", "one of the curve", error);
  return TRUE;
}

static void
take_state (CpacTrainer *trainer, State *state)
{
  trainer->step = state->step;
  trainer->loss_sum = state->loss_sum;
  trainer->norm_sum = state->norm_sum;
  trainer->seconds = state->seconds;
  trainer->best_epoch = (guint) state->best_epoch;
  g_array_unref (trainer->curve);
  trainer->curve = g_steal_pointer (&state->curve);
}

static gboolean
get_arrays (const CpacTrainer *trainer, const char *folder, JsonObject *object, const char *path,
            GError **error)
{
  const char *file = get_text (object, path, "file", error);
  const char *sha256 = file != NULL ? get_text (object, path, "sha256", error) : NULL;
  g_autofree char *arrays = NULL;
  g_autoptr (CpacWeights) weights = NULL;
  g_autoptr (GArray) pieces = list_pieces (trainer);

  if (sha256 == NULL)
    return FALSE;
  arrays = g_build_filename (folder, file, NULL);
  weights = cpac_weights_load (arrays, sha256, error);
  if (weights == NULL)
    return FALSE;
  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);
    const CpacTensor *tensor = cpac_weights_lookup (weights, piece->name);

    if (tensor == NULL || cpac_shape_count (&tensor->shape) != piece->n) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                   "%s: tensor %s is missing or of another size than the network's", arrays,
                   piece->name);
      return FALSE;
    }
  }
  for (guint i = 0; i < pieces->len; i++) {
    const Piece *piece = &g_array_index (pieces, Piece, i);

    memcpy (piece->values, cpac_weights_lookup (weights, piece->name)->data,
            piece->n * sizeof (float));
  }
  return TRUE;
}

gboolean
cpac_trainer_load (CpacTrainer *trainer, const char *folder, const char *key, GError **error)
{
  static const CpacJsonBounds bounds = { 8, 10000000 };
  g_autofree char *path = g_build_filename (folder, "checkpoint.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_auto (State) state = { .curve = g_array_new (FALSE, FALSE, sizeof (CpacEpoch)) };
  JsonObject *object;
  const char *found;
  gsize length;

  if (!cpac_file_read (path, MAX_JSON, &text, &length, error) ||
      (root = cpac_json_parse (path, 0, text, length, &bounds, error)) == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    return missing (path, "schema", "cpac-checkpoint/1", error);
  object = json_node_get_object (root);
  found = get_text (object, path, "key", error);
  if (found == NULL)
    return FALSE;
  if (!g_str_equal (found, key)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: this checkpoint was made with another configuration, seed or data; train "
                 "into another folder or without --resume",
                 path);
    return FALSE;
  }
  if (!get_state (trainer, object, path, &state, error) ||
      !get_arrays (trainer, folder, object, path, error))
    return FALSE;
  take_state (trainer, &state);
  return TRUE;
}
