/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal.h"

#include <json-glib/json-glib.h>
#include <math.h>

static void
add_text (JsonBuilder *builder, const char *key, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *key, guint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_double (JsonBuilder *builder, const char *key, double value)
{
  if (!isfinite (value))
    return;
  json_builder_set_member_name (builder, key);
  json_builder_add_double_value (builder, value);
}

static void
begin (JsonBuilder *builder, const char *key)
{
  if (key != NULL)
    json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
}

static char *
to_line (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  GString *line = g_string_new (NULL);

  json_generator_set_root (generator, root);
  json_generator_to_gstring (generator, line);
  g_string_append_c (line, '\n');
  return g_string_free (line, FALSE);
}

void
cpac_ledger_add (CpacLedger *ledger, CpacVerdict verdict)
{
  ledger->seen++;
  ledger->verdicts[verdict]++;
}

gboolean
cpac_ledger_closes (const CpacLedger *ledger)
{
  guint64 sum = 0;

  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    sum += ledger->verdicts[i];
  return sum == ledger->seen;
}

char *
cpac_journal_header (const CpacJournalHeader *header)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin (builder, NULL);
  add_text (builder, "schema", CPAC_JOURNAL_SCHEMA);
  add_text (builder, "record", "header");
  add_text (builder, "version", CPAC_VERSION);
  add_text (builder, "source", header->source);
  add_text (builder, "model", header->model);
  add_text (builder, "model_sha256", header->model_sha256);
  add_text (builder, "config_sha256", header->config_sha256);
  add_text (builder, "kernel_level", header->kernel_level);
  json_builder_end_object (builder);
  return to_line (builder);
}

char *
cpac_journal_closing (const CpacLedger *ledger)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin (builder, NULL);
  add_text (builder, "schema", CPAC_JOURNAL_SCHEMA);
  add_text (builder, "record", "closing");
  begin (builder, "frames");
  add_int (builder, "seen", ledger->seen);
  add_int (builder, "ok", ledger->verdicts[CPAC_VERDICT_OK]);
  add_int (builder, "not_ok", ledger->verdicts[CPAC_VERDICT_NOT_OK]);
  add_int (builder, "not_decidable", ledger->verdicts[CPAC_VERDICT_NOT_DECIDABLE]);
  add_int (builder, "undefined", ledger->verdicts[CPAC_VERDICT_UNDEFINED]);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return to_line (builder);
}

/* One region in the form of DL Streamer's objects: pixels, and a relative bounding box. */
static void
add_object (JsonBuilder *builder, const CpacInspection *inspection, guint index)
{
  const CpacDefectRegion *region = &inspection->regions[index];

  begin (builder, NULL);
  add_int (builder, "x", (guint64) lround (region->x * inspection->width));
  add_int (builder, "y", (guint64) lround (region->y * inspection->height));
  add_int (builder, "w", (guint64) lround (region->width * inspection->width));
  add_int (builder, "h", (guint64) lround (region->height * inspection->height));
  add_text (builder, "roi_type", "Anomaly");
  add_int (builder, "region_id", index + 1);
  begin (builder, "detection");
  begin (builder, "bounding_box");
  add_double (builder, "x_min", region->x);
  add_double (builder, "y_min", region->y);
  add_double (builder, "x_max", region->x + region->width);
  add_double (builder, "y_max", region->y + region->height);
  json_builder_end_object (builder);
  add_text (builder, "label", "Anomaly");
  add_int (builder, "label_id", 1);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_classes (JsonBuilder *builder, const CpacInspection *inspection)
{
  add_text (builder, "class", inspection->class_name);
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inspection->n_classes; i++) {
    begin (builder, NULL);
    add_text (builder, "label", inspection->classes[i]);
    add_double (builder, "probability", inspection->probabilities[i]);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

/* The map itself stays in the metadata: the journal says what it was. */
static void
add_map (JsonBuilder *builder, const CpacInspection *inspection)
{
  begin (builder, "heatmap");
  add_int (builder, "width", inspection->map_width);
  add_int (builder, "height", inspection->map_height);
  json_builder_end_object (builder);
  add_double (builder, "heatmap_min", inspection->heatmap_min);
  add_double (builder, "heatmap_max", inspection->heatmap_max);
}

static void
add_regions (JsonBuilder *builder, const CpacInspection *inspection)
{
  json_builder_set_member_name (builder, "regions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inspection->n_regions; i++) {
    const CpacDefectRegion *region = &inspection->regions[i];

    begin (builder, NULL);
    add_double (builder, "x", region->x);
    add_double (builder, "y", region->y);
    add_double (builder, "w", region->width);
    add_double (builder, "h", region->height);
    add_double (builder, "score", region->score);
    add_double (builder, "area", region->area);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_features (JsonBuilder *builder, const CpacInspection *inspection)
{
  json_builder_set_member_name (builder, "features");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inspection->n_features; i++) {
    const CpacFeatureMaps *maps = &inspection->features[i];

    begin (builder, NULL);
    add_text (builder, "layer", maps->layer);
    add_int (builder, "channels", maps->dims.channels);
    add_int (builder, "height", maps->dims.height);
    add_int (builder, "width", maps->dims.width);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_result (JsonBuilder *builder, const CpacInspection *inspection)
{
  add_text (builder, "status", cpac_status_to_string (inspection->status));
  add_text (builder, "verdict", cpac_verdict_to_string (inspection->verdict));
  add_int (builder, "verdict_code", inspection->verdict);
  json_builder_set_member_name (builder, "defect");
  json_builder_add_boolean_value (builder, inspection->verdict == CPAC_VERDICT_NOT_OK);
  if (inspection->has_score)
    add_double (builder, "score", inspection->score);
  if (inspection->has_thresholds) {
    add_double (builder, "threshold", inspection->threshold);
    add_double (builder, "warn_threshold", inspection->warn_threshold);
  }
  if (inspection->class_name != NULL)
    add_classes (builder, inspection);
}

static void
add_inspection (JsonBuilder *builder, const CpacInspection *inspection,
                const CpacJournalFrame *frame)
{
  begin (builder, "inspection");
  add_text (builder, "schema", CPAC_JOURNAL_SCHEMA);
  add_int (builder, "version", 1);
  add_result (builder, inspection);
  add_text (builder, "model", inspection->model);
  add_text (builder, "model_sha256", inspection->model_sha256);
  add_text (builder, "config_sha256", inspection->config_sha256);
  add_text (builder, "part_id", inspection->part_id);
  add_int (builder, "frame", inspection->frame);
  add_int (builder, "width", inspection->width);
  add_int (builder, "height", inspection->height);
  add_int (builder, "region_x", inspection->region.x);
  add_int (builder, "region_y", inspection->region.y);
  add_int (builder, "region_w", inspection->region.width);
  add_int (builder, "region_h", inspection->region.height);
  if (frame->timing && inspection->has_time)
    add_int (builder, "time_ns", inspection->time_ns);
  if (inspection->heatmap != NULL)
    add_map (builder, inspection);
  if (inspection->has_regions)
    add_regions (builder, inspection);
  if (inspection->n_features > 0)
    add_features (builder, inspection);
  json_builder_end_object (builder);
}

static void
add_system_time (JsonBuilder *builder, gint64 microseconds)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time =
      g_date_time_add (seconds, microseconds % G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S.%fZ");

  add_text (builder, "system_timestamp", text);
}

char *
cpac_journal_line (const CpacInspection *inspection, const CpacJournalFrame *frame)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin (builder, NULL);
  if (frame->timestamp_ns != G_MAXUINT64)
    add_int (builder, "timestamp", frame->timestamp_ns);
  if (frame->timing)
    add_system_time (builder, frame->system_time_us);
  add_text (builder, "source", frame->source);
  begin (builder, "resolution");
  add_int (builder, "width", inspection->width);
  add_int (builder, "height", inspection->height);
  json_builder_end_object (builder);
  begin (builder, "tags");
  add_text (builder, "part_id", inspection->part_id);
  json_builder_end_object (builder);
  add_int (builder, "frame_id", inspection->frame);
  json_builder_set_member_name (builder, "objects");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inspection->n_regions; i++)
    add_object (builder, inspection, i);
  json_builder_end_array (builder);
  add_inspection (builder, inspection, frame);
  json_builder_end_object (builder);
  return to_line (builder);
}
