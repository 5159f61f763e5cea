/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/save.h"
#include "core/train/join.h"
#include "pipelines/fit-record.h"
#include "pipelines/tool.h"

#define MAX_YAML (4u << 20)
#define MAX_MEMBERS 64

static char *out;
static gboolean as_json;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for the joined model", "DIR" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  G_OPTION_ENTRY_NULL,
};

/* A member with what it owns. */
typedef struct {
  CpacModel *model;
  CpacConfig *root;
  char *text;
  TrainingRecord record;
} Member;

typedef struct {
  guint n;
  Member *members;       /* (n) */
  CpacJoinMember *views; /* (n) */
  CpacNetwork *network;
  CpacParams *params;
} Join;

static void
join_clear (Join *join)
{
  for (guint k = 0; k < join->n; k++) {
    cpac_model_unref (join->members[k].model);
    cpac_config_free (join->members[k].root);
    g_free (join->members[k].text);
    training_record_clear (&join->members[k].record);
  }
  g_free (join->members);
  g_free (join->views);
  cpac_params_free (join->params);
  cpac_network_free (join->network);
}

static gboolean
load_member (Join *join, guint k, const char *path, GError **error)
{
  Member *member = &join->members[k];
  gsize length;

  member->model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (member->model == NULL || !training_record_read (&member->record, member->model, error) ||
      !cpac_file_read (path, MAX_YAML, &member->text, &length, error) ||
      (member->root = cpac_config_parse (path, member->text, length, error)) == NULL)
    return FALSE;
  fit_record_note_gap (&member->record, path);
  join->views[k] = (CpacJoinMember){ member->model, member->root, member->text };
  return TRUE;
}

static gboolean
load_members (Join *join, guint n, char **paths, GError **error)
{
  join->n = n;
  join->members = g_new0 (Member, n);
  join->views = g_new0 (CpacJoinMember, n);
  for (guint k = 0; k < n; k++)
    if (!load_member (join, k, paths[k], error))
      return FALSE;
  return TRUE;
}

/* training.json: which networks were joined, and all that they have learnt from. (transfer full) */
static JsonBuilder *
make_record (const Join *join, const CpacWeightsWriter *writer)
{
  JsonBuilder *builder = fit_record_begin (writer);
  const TrainingRecord **records = g_newa (const TrainingRecord *, join->n);

  json_builder_set_member_name (builder, "joined_sha256");
  json_builder_begin_array (builder);
  for (guint k = 0; k < join->n; k++) {
    records[k] = &join->members[k].record;
    json_builder_add_string_value (builder, cpac_model_get_weights_sha256 (join->members[k].model));
  }
  json_builder_end_array (builder);
  fit_record_add_union (builder, records, join->n);
  return builder;
}

static gboolean
save (Join *join, const char *text, const CpacDims *input, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_parse ("joined model", text, strlen (text), error);
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (JsonBuilder) record = NULL;

  if (root == NULL || (join->network = cpac_network_new (cpac_config_get (root, "layers", NULL),
                                                         input, error)) == NULL)
    return FALSE;
  join->params = cpac_join_params (join->views, join->n, join->network);
  cpac_params_write (join->params, join->network, writer);
  record = make_record (join, writer);
  return fit_record_save (record, out, text, writer, error);
}

static void
print_summary (const Join *join)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  CpacCost cost;

  cpac_network_count (join->network, &cost);
  if (!as_json) {
    printf ("%s: the mean of %u networks, %" G_GUINT64_FORMAT " parameters, %" G_GUINT64_FORMAT
            " multiply-adds, not calibrated: its thresholds "
            "are those of the first\n",
            out, join->n, cost.parameters, cost.macs);
    return;
  }
  json_builder_begin_object (builder);
  tool_json_int (builder, "members", join->n);
  tool_json_int (builder, "parameters", (gint64) cost.parameters);
  tool_json_int (builder, "macs", (gint64) cost.macs);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

static int
run (int argc, char **argv)
{
  g_autofree char *text = NULL;
  GError *error = NULL;
  Join join = { 0 };
  CpacDims input;

  if (!tool_parse (&tool_join, entries, 2, MAX_MEMBERS, &argc, &argv))
    return TOOL_ERROR;
  if (out == NULL)
    return tool_fail_text (&tool_join, "--out is missing: the folder for the joined model");
  if (load_members (&join, (guint) argc - 1, argv + 1, &error) &&
      (text = cpac_join_text (join.views, join.n, &input, &error)) != NULL &&
      save (&join, text, &input, &error))
    print_summary (&join);
  join_clear (&join);
  return error != NULL ? tool_fail (&tool_join, error) : TOOL_DONE;
}

const ToolCommand tool_join = {
  .name = "join",
  .arguments = "MODEL MODEL... --out DIR",
  .summary = "Make one network of several: the mean of their outputs",
  .run = run,
};
