/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-file.h"

#include <string.h>

#include "core/model/files.h"
#include "core/model/json-writer.h"
#include "core/model/json-members.h"
#include "core/model/json.h"

#define SCHEMA "cpac-monitor-state/1"
/* 10,000 parts of 261 numbers of 25 bytes. */
#define MAX_LENGTH ((gsize) 80 << 20)

void
cpac_monitor_origin_clear (CpacMonitorOrigin *origin)
{
  g_clear_pointer (&origin->config_sha256, g_free);
  g_clear_pointer (&origin->ignore_mask_sha256, g_free);
}

gboolean
cpac_monitor_file_save (const char *path, const CpacMonitor *monitor,
                        const CpacMonitorOrigin *origin, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *state = cpac_monitor_save (monitor);

  cpac_json_open (text, NULL, '{');
  cpac_json_add_text (text, "schema", SCHEMA);
  cpac_json_add_text (text, "config_sha256",
                      origin->config_sha256 != NULL ? origin->config_sha256 : "");
  if (origin->ignore_mask_sha256 != NULL)
    cpac_json_add_text (text, "ignore_mask_sha256", origin->ignore_mask_sha256);
  cpac_json_close (text, '}');
  g_string_append_c (text, '\n');
  g_string_append (text, state);
  return cpac_file_replace (path, text->str, text->len, error);
}

/* NULL where there is none. */
static const char *
get_text (JsonNode *root, const char *key)
{
  return cpac_member_text (JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL, key);
}

static gboolean
is_head (JsonNode *root)
{
  return g_strcmp0 (get_text (root, "schema"), SCHEMA) == 0 &&
         get_text (root, "config_sha256") != NULL &&
         (get_text (root, "ignore_mask_sha256") != NULL ||
          !json_object_has_member (json_node_get_object (root), "ignore_mask_sha256"));
}

CpacMonitor *
cpac_monitor_file_parse (const char *name, const char *text, gsize length,
                         CpacMonitorOrigin *origin, GError **error)
{
  static const CpacJsonBounds bounds = { 2, 16 };
  const char *newline = length > 0 ? memchr (text, '\n', length) : NULL;
  gsize first = newline != NULL ? (gsize) (newline - text) : length;
  g_autoptr (JsonNode) root = cpac_json_parse (name, 0, text, first, &bounds, error);
  CpacMonitor *monitor;

  if (root == NULL)
    return NULL;
  if (!is_head (root) || newline == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: found no " SCHEMA " in the first line, expected the state of a monitor",
                 name);
    return NULL;
  }
  monitor = cpac_monitor_load (name, newline + 1, length - first - 1, error);
  if (monitor != NULL)
    *origin = (CpacMonitorOrigin){ g_strdup (get_text (root, "config_sha256")),
                                   g_strdup (get_text (root, "ignore_mask_sha256")) };
  return monitor;
}

CpacMonitor *
cpac_monitor_file_load (const char *path, CpacMonitorOrigin *origin, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!cpac_file_read (path, MAX_LENGTH, &text, &length, error))
    return NULL;
  return cpac_monitor_file_parse (path, text, length, origin, error);
}
