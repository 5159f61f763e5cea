/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/evidence-folder.h"

#include <math.h>

#include "core/model/files.h"
#include "core/model/json.h"
#include "core/model/json-members.h"
#include "pipelines/picture.h"

#define MAX_JSON ((gsize) 16 << 20)

/* Of one frame; the worst units have one each. */
typedef struct {
  guint n;    /* how many in the folder are it */
  char *stem; /* of the first */
} Match;

struct _EvidenceFolder {
  const char *path;    /* while it is opened, as the units */
  const GArray *units; /* (element-type CpacReportUnit) */
  guint n_units;
  Match *matches;   /* (n_units) */
  GArray *evidence; /* (element-type CpacReportEvidence) */
  GPtrArray *texts; /* that it points to */
  gsize n_bytes;    /* of the pictures, as files */
  guint n_pictures;
};

void
evidence_folder_free (EvidenceFolder *folder)
{
  if (folder == NULL)
    return;
  for (guint i = 0; i < folder->n_units; i++)
    g_free (folder->matches[i].stem);
  g_free (folder->matches);
  g_array_unref (folder->evidence);
  g_ptr_array_unref (folder->texts);
  g_free (folder);
}

const GArray *
evidence_folder_get (const EvidenceFolder *folder)
{
  return folder->evidence;
}

/* ---- Which frame ---- */

static gboolean
is_unit (JsonObject *line, const CpacReportUnit *unit)
{
  JsonObject *inspection = cpac_member_object (line, "inspection");
  const char *id = cpac_member_text (inspection, "part_id");
  double score = cpac_member_double (inspection, "score");
  guint64 frame, timestamp;

  if (!cpac_member_count (line, "frame_id", &frame) || frame != unit->frame)
    return FALSE;
  if (id != NULL && unit->id != NULL && !g_str_equal (id, unit->id))
    return FALSE;
  if (cpac_member_count (line, "timestamp", &timestamp) && unit->timestamp != G_MAXUINT64 &&
      timestamp != unit->timestamp)
    return FALSE;
  return isnan (score) || isnan (unit->frame_score) || score == unit->frame_score;
}

/* What is no line of a journal is no evidence. */
static JsonNode *
read_line (const char *path)
{
  static const CpacJsonBounds bounds = { 32, 1000000 };
  g_autofree char *text = NULL;
  gsize length;
  JsonNode *node;

  if (!cpac_file_read (path, MAX_JSON, &text, &length, NULL))
    return NULL;
  node = cpac_json_parse (path, 0, text, length, &bounds, NULL);
  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    g_clear_pointer (&node, json_node_unref);
  return node;
}

static void
match_file (EvidenceFolder *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (JsonNode) node = read_line (path);

  for (guint i = 0; node != NULL && i < folder->units->len; i++) {
    Match *match = &folder->matches[i];

    if (!is_unit (json_node_get_object (node), &g_array_index (folder->units, CpacReportUnit, i)))
      continue;
    if (match->n++ == 0)
      match->stem = g_strndup (path, strlen (path) - strlen (".json"));
  }
}

static gboolean
match_files (EvidenceFolder *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder->path, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      match_file (folder, name);
  return TRUE;
}

/* ---- Pictures ---- */

/* Why there is none; NULL: it is whole. */
static const char *
load_png (const char *path, char **data, gsize *length)
{
  g_autoptr (GError) error = NULL;
  CpacPictureKind kind = CPAC_PICTURE_OTHER;

  if (!cpac_file_read (path, EVIDENCE_MAX_PICTURE, data, length, &error))
    return g_error_matches (error, CPAC_ERROR, CPAC_ERROR_PARSE)
               ? "a picture was kept, but it is larger than " EVIDENCE_MAX_PICTURE_TEXT
               : "a picture was kept, but it cannot be read";
  if (!cpac_picture_probe ((const guint8 *) *data, *length, &kind, NULL) ||
      kind != CPAC_PICTURE_PNG)
    return "a picture was kept, but it is no whole PNG";
  return NULL;
}

/* NULL where there is no such file or, as @remark then tells, it is not shown. */
static const char *
read_picture (EvidenceFolder *folder, const char *stem, const char *ending, const char **remark)
{
  g_autofree char *path = g_strconcat (stem, ending, NULL);
  g_autofree char *data = NULL, *base64 = NULL;
  const char *why = NULL;
  gsize length = 0;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  if (folder->n_pictures == CPAC_REPORT_MAX_PICTURES)
    why = "a picture was kept, but the page is full: it has " //
        G_STRINGIFY (CPAC_REPORT_MAX_PICTURES) " of them";
  else
    why = load_png (path, &data, &length);
  if (why == NULL && length > EVIDENCE_MAX_PICTURES - folder->n_bytes)
    why = "a picture was kept, but the page is full: its pictures may "
          "take " EVIDENCE_MAX_PICTURES_TEXT;
  if (why != NULL) {
    *remark = why;
    return NULL;
  }
  base64 = g_base64_encode ((const guchar *) data, length);
  folder->n_pictures++;
  folder->n_bytes += length;
  g_ptr_array_add (folder->texts, g_strconcat ("data:image/png;base64,", base64, NULL));
  return g_ptr_array_index (folder->texts, folder->texts->len - 1);
}

static void
read_pictures (EvidenceFolder *folder, guint index)
{
  const Match *match = &folder->matches[index];
  CpacReportEvidence evidence = { 0 };

  if (match->n == 1) {
    evidence.picture = read_picture (folder, match->stem, ".png", &evidence.remark);
    evidence.map = read_picture (folder, match->stem, "-map.png", &evidence.remark);
  } else if (match->n > 1) {
    evidence.remark = "several pictures are of such a frame; none is shown";
  }
  if (evidence.picture == NULL && evidence.map == NULL && evidence.remark == NULL)
    evidence.remark = "no picture kept";
  g_array_append_val (folder->evidence, evidence);
}

EvidenceFolder *
evidence_folder_open (const char *path, const GArray *units, GError **error)
{
  g_autoptr (EvidenceFolder) folder = g_new0 (EvidenceFolder, 1);

  folder->path = path;
  folder->units = units;
  folder->n_units = units->len;
  folder->matches = g_new0 (Match, units->len);
  folder->evidence = g_array_new (FALSE, FALSE, sizeof (CpacReportEvidence));
  folder->texts = g_ptr_array_new_with_free_func (g_free);
  if (!match_files (folder, error))
    return NULL;
  for (guint i = 0; i < units->len; i++)
    read_pictures (folder, i);
  return g_steal_pointer (&folder);
}
