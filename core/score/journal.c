/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal.h"

#include <math.h>

#include "core/model/json-writer.h"
#include "core/score/ledger-json.h"

static void
add_text (GString *json, const char *key, const char *value)
{
  if (value != NULL && *value != '\0')
    cpac_json_add_text (json, key, value);
}

static char *
to_line (GString *json)
{
  g_string_append_c (json, '\n');
  return g_string_free (json, FALSE);
}

static void
open_record (GString *json, const char *record)
{
  cpac_json_open (json, NULL, '{');
  add_text (json, "schema", CPAC_JOURNAL_SCHEMA);
  add_text (json, "record", record);
}

static void
add_previous (GString *json, const CpacJournalHeader *header)
{
  cpac_json_open (json, "previous", '{');
  cpac_json_add_count (json, "session", header->session - 1);
  add_text (json, "ended", header->previous_is_interrupted ? "interrupted" : "closed");
  cpac_json_add_count (json, "torn_bytes", header->torn_bytes);
  cpac_json_close (json, '}');
}

char *
cpac_journal_header (const CpacJournalHeader *header)
{
  GString *json = g_string_new (NULL);

  open_record (json, "header");
  add_text (json, "version", CPAC_VERSION);
  add_text (json, "source", header->source);
  add_text (json, "model", header->model);
  add_text (json, "model_sha256", header->model_sha256);
  add_text (json, "config_sha256", header->config_sha256);
  add_text (json, "kernel_level", header->kernel_level);
  if (header->session > 0)
    cpac_json_add_count (json, "session", header->session);
  if (header->session > 1)
    add_previous (json, header);
  cpac_json_close (json, '}');
  return to_line (json);
}

char *
cpac_journal_closing (const CpacLedger *ledger)
{
  GString *json = g_string_new (NULL);

  open_record (json, "closing");
  cpac_ledger_open_json (json, "frames", ledger);
  cpac_json_close (json, '}');
  cpac_json_close (json, '}');
  return to_line (json);
}

static void
add_line_ledger (GString *json, const CpacLineLedger *ledger)
{
  cpac_ledger_open_json (json, "frames", &ledger->frames);
  cpac_json_add_count (json, "lost", ledger->lost);
  cpac_json_close (json, '}');
  cpac_ledger_open_json (json, "parts", &ledger->parts);
  cpac_json_close (json, '}');
}

char *
cpac_journal_closing_of_line (const CpacLineLedger *ledger, guint64 session, gboolean is_recovered)
{
  GString *json = g_string_new (NULL);

  open_record (json, "closing");
  cpac_json_add_count (json, "session", session);
  if (is_recovered)
    cpac_json_add_boolean (json, "recovered", TRUE);
  add_line_ledger (json, ledger);
  cpac_json_close (json, '}');
  return to_line (json);
}

/* One region in the form of DL Streamer's objects: pixels, and a relative bounding box. */
static void
add_object (GString *json, const CpacInspection *inspection, guint index)
{
  const CpacDefectRegion *region = &inspection->regions[index];

  cpac_json_open (json, NULL, '{');
  cpac_json_add_int (json, "x", lround (region->x * inspection->width));
  cpac_json_add_int (json, "y", lround (region->y * inspection->height));
  cpac_json_add_int (json, "w", lround (region->width * inspection->width));
  cpac_json_add_int (json, "h", lround (region->height * inspection->height));
  add_text (json, "roi_type", "Anomaly");
  cpac_json_add_count (json, "region_id", index + 1);
  cpac_json_open (json, "detection", '{');
  cpac_json_open (json, "bounding_box", '{');
  cpac_json_add_finite (json, "x_min", region->x);
  cpac_json_add_finite (json, "y_min", region->y);
  cpac_json_add_finite (json, "x_max", region->x + region->width);
  cpac_json_add_finite (json, "y_max", region->y + region->height);
  cpac_json_close (json, '}');
  add_text (json, "label", "Anomaly");
  cpac_json_add_count (json, "label_id", 1);
  cpac_json_close (json, '}');
  cpac_json_close (json, '}');
}

static void
add_classes (GString *json, const CpacInspection *inspection)
{
  add_text (json, "class", inspection->class_name);
  cpac_json_open (json, "classes", '[');
  for (guint i = 0; i < inspection->n_classes; i++) {
    cpac_json_open (json, NULL, '{');
    add_text (json, "label", inspection->classes[i]);
    cpac_json_add_finite (json, "probability", inspection->probabilities[i]);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

/* The map itself stays in the metadata: the journal says what it was. */
static void
add_map (GString *json, const CpacInspection *inspection)
{
  cpac_json_open (json, "heatmap", '{');
  cpac_json_add_count (json, "width", inspection->map_width);
  cpac_json_add_count (json, "height", inspection->map_height);
  cpac_json_close (json, '}');
  cpac_json_add_finite (json, "heatmap_min", inspection->heatmap_min);
  cpac_json_add_finite (json, "heatmap_max", inspection->heatmap_max);
}

static void
add_regions (GString *json, const CpacInspection *inspection)
{
  cpac_json_open (json, "regions", '[');
  for (guint i = 0; i < inspection->n_regions; i++) {
    const CpacDefectRegion *region = &inspection->regions[i];

    cpac_json_open (json, NULL, '{');
    cpac_json_add_finite (json, "x", region->x);
    cpac_json_add_finite (json, "y", region->y);
    cpac_json_add_finite (json, "w", region->width);
    cpac_json_add_finite (json, "h", region->height);
    cpac_json_add_finite (json, "score", region->score);
    cpac_json_add_finite (json, "area", region->area);
    cpac_json_add_finite (json, "centroid_x", region->centroid_x);
    cpac_json_add_finite (json, "centroid_y", region->centroid_y);
    cpac_json_add_finite (json, "peak_x", region->peak_x);
    cpac_json_add_finite (json, "peak_y", region->peak_y);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_contours (GString *json, const CpacInspection *inspection)
{
  cpac_json_open (json, "contours", '[');
  for (guint i = 0; i < inspection->n_contours; i++) {
    const CpacContour *contour = &inspection->contours[i];

    cpac_json_open (json, NULL, '{');
    cpac_json_add_count (json, "region_id", contour->region_id);
    cpac_json_open (json, "points", '[');
    for (guint k = 0; k < contour->n_points; k++) {
      cpac_json_add_finite (json, NULL, contour->points[k].x);
      cpac_json_add_finite (json, NULL, contour->points[k].y);
    }
    cpac_json_close (json, ']');
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
  if (inspection->n_contours_omitted > 0)
    cpac_json_add_count (json, "contours_omitted", inspection->n_contours_omitted);
}

static void
add_features (GString *json, const CpacInspection *inspection)
{
  cpac_json_open (json, "features", '[');
  for (guint i = 0; i < inspection->n_features; i++) {
    const CpacFeatureMaps *maps = &inspection->features[i];

    cpac_json_open (json, NULL, '{');
    add_text (json, "layer", maps->layer);
    cpac_json_add_count (json, "channels", maps->dims.channels);
    cpac_json_add_count (json, "height", maps->dims.height);
    cpac_json_add_count (json, "width", maps->dims.width);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

/* The maps themselves stay in the metadata. */
static void
add_explanation (GString *json, const CpacInspection *inspection)
{
  cpac_json_add_finite (json, "explained", inspection->explained);
  add_text (json, "explained_quantity", inspection->explained_quantity);
  add_text (json, "explained_class", inspection->explained_class);
  add_text (json, "rival_class", inspection->rival_class);
  cpac_json_add_finite (json, "bias_part", inspection->bias_part);
  cpac_json_add_finite (json, "identity_error", inspection->identity_error);
  cpac_json_open (json, "components", '[');
  for (guint i = 0; i < inspection->n_components; i++) {
    const CpacComponentMap *component = &inspection->components[i];

    cpac_json_open (json, NULL, '{');
    cpac_json_add_count (json, "index", component->index);
    add_text (json, "layer", component->layer);
    cpac_json_add_finite (json, "significance", component->significance);
    cpac_json_add_finite (json, "contribution", component->contribution);
    cpac_json_add_finite (json, "share", component->share);
    cpac_json_add_finite (json, "map_min", component->map_min);
    cpac_json_add_finite (json, "map_max", component->map_max);
    cpac_json_close (json, '}');
  }
  cpac_json_close (json, ']');
}

static void
add_result (GString *json, const CpacInspection *inspection)
{
  add_text (json, "status", cpac_status_to_string (inspection->status));
  add_text (json, "verdict", cpac_verdict_to_string (inspection->verdict));
  cpac_json_add_count (json, "verdict_code", inspection->verdict);
  cpac_json_add_boolean (json, "defect", inspection->verdict == CPAC_VERDICT_NOT_OK);
  if (inspection->has_score)
    cpac_json_add_finite (json, "score", inspection->score);
  if (inspection->has_normalized)
    cpac_json_add_finite (json, "score_normalized", inspection->score_normalized);
  if (inspection->has_p_value)
    cpac_json_add_finite (json, "p_value", inspection->p_value);
  if (inspection->has_thresholds) {
    cpac_json_add_finite (json, "threshold", inspection->threshold);
    cpac_json_add_finite (json, "warn_threshold", inspection->warn_threshold);
  }
  if (inspection->class_name != NULL)
    add_classes (json, inspection);
}

static void
add_verdict (GString *json, const char *key, const char *code_key, CpacVerdict verdict)
{
  add_text (json, key, cpac_verdict_to_string (verdict));
  cpac_json_add_count (json, code_key, verdict);
}

static void
add_part (GString *json, const CpacInspection *inspection)
{
  add_text (json, "part_id", inspection->part_id);
  if (inspection->has_part) {
    cpac_json_add_count (json, "part", inspection->part);
    cpac_json_add_count (json, "part_frame", inspection->part_frame);
  }
  if (inspection->has_part_verdict)
    add_verdict (json, "part_verdict", "part_verdict_code", inspection->part_verdict);
  add_text (json, "monitor_state", inspection->monitor_state);
  add_text (json, "monitor_sentence", inspection->monitor_sentence);
}

static void
add_inspection (GString *json, const CpacInspection *inspection, const CpacJournalFrame *frame)
{
  cpac_json_open (json, "inspection", '{');
  add_text (json, "schema", CPAC_JOURNAL_SCHEMA);
  cpac_json_add_count (json, "version", 1);
  add_result (json, inspection);
  add_text (json, "model", inspection->model);
  add_text (json, "model_sha256", inspection->model_sha256);
  add_text (json, "config_sha256", inspection->config_sha256);
  add_text (json, "ignore_mask_sha256", inspection->ignore_mask_sha256);
  add_part (json, inspection);
  cpac_json_add_count (json, "frame", inspection->frame);
  cpac_json_add_count (json, "width", inspection->width);
  cpac_json_add_count (json, "height", inspection->height);
  cpac_json_add_count (json, "region_x", inspection->region.x);
  cpac_json_add_count (json, "region_y", inspection->region.y);
  cpac_json_add_count (json, "region_w", inspection->region.width);
  cpac_json_add_count (json, "region_h", inspection->region.height);
  if (frame->timing && inspection->has_time)
    cpac_json_add_count (json, "time_ns", inspection->time_ns);
  if (inspection->heatmap != NULL)
    add_map (json, inspection);
  if (inspection->has_regions) {
    add_regions (json, inspection);
    add_contours (json, inspection);
  }
  if (inspection->n_features > 0)
    add_features (json, inspection);
  if (inspection->has_explanation)
    add_explanation (json, inspection);
  cpac_json_close (json, '}');
}

static void
add_system_time (GString *json, gint64 microseconds)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, microseconds % G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.%fZ");

  add_text (json, "system_timestamp", text);
}

/* What tells when and where. */
static void
add_origin (GString *json, const CpacJournalFrame *frame)
{
  if (frame->timestamp_ns <= G_MAXINT64)
    cpac_json_add_count (json, "timestamp", frame->timestamp_ns);
  if (frame->timing)
    add_system_time (json, frame->system_time_us);
  add_text (json, "source", frame->source);
}

char *
cpac_journal_line (const CpacInspection *inspection, const CpacJournalFrame *frame)
{
  GString *json = g_string_new (NULL);

  cpac_json_open (json, NULL, '{');
  add_origin (json, frame);
  cpac_json_open (json, "resolution", '{');
  cpac_json_add_count (json, "width", inspection->width);
  cpac_json_add_count (json, "height", inspection->height);
  cpac_json_close (json, '}');
  cpac_json_open (json, "tags", '{');
  add_text (json, "part_id", inspection->part_id);
  cpac_json_close (json, '}');
  cpac_json_add_count (json, "frame_id", inspection->frame);
  cpac_json_open (json, "objects", '[');
  for (guint i = 0; i < inspection->n_regions; i++)
    add_object (json, inspection, i);
  cpac_json_close (json, ']');
  add_inspection (json, inspection, frame);
  cpac_json_close (json, '}');
  return to_line (json);
}

char *
cpac_journal_part (const CpacJournalPart *part, const CpacJournalFrame *frame)
{
  GString *json = g_string_new (NULL);

  open_record (json, "part");
  cpac_json_add_count (json, "session", part->session);
  add_origin (json, frame);
  cpac_json_add_count (json, "part", part->part);
  add_text (json, "part_id", part->id);
  add_verdict (json, "verdict", "verdict_code", part->verdict);
  cpac_json_add_count (json, "frames", part->n_frames);
  cpac_json_add_count (json, "lost", part->n_lost);
  if (part->is_incomplete)
    cpac_json_add_boolean (json, "incomplete", TRUE);
  if (part->is_mixed)
    cpac_json_add_boolean (json, "mixed", TRUE);
  if (part->is_recovered)
    cpac_json_add_boolean (json, "recovered", TRUE);
  if (part->has_score)
    cpac_json_add_finite (json, "score", part->score);
  if (part->has_p_value)
    cpac_json_add_finite (json, "p_value", part->p_value);
  if (part->camera != NULL)
    cpac_json_add_json (json, "camera", part->camera);
  if (part->monitor != NULL)
    cpac_json_add_json (json, "monitor", part->monitor);
  cpac_json_open (json, "ledger", '{');
  add_line_ledger (json, part->ledger);
  cpac_json_close (json, '}');
  cpac_json_close (json, '}');
  return to_line (json);
}

char *
cpac_journal_lost (const CpacJournalLost *lost, const CpacJournalFrame *frame)
{
  GString *json = g_string_new (NULL);

  open_record (json, "lost");
  add_origin (json, frame);
  cpac_json_add_count (json, "frames", lost->n_frames);
  cpac_json_add_count (json, "parts", lost->n_parts);
  cpac_json_add_count (json, "part_frames", lost->n_of_part);
  cpac_json_add_count (json, "frame_id", lost->next_frame);
  add_text (json, "how", lost->how);
  cpac_json_close (json, '}');
  return to_line (json);
}
