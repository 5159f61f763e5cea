/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-edit.h"

void
cpac_config_append_flow (const CpacConfig *node, const char *text, GString *out)
{
  gboolean is_map = cpac_config_get_kind (node) == CPAC_CONFIG_MAP;
  gsize begin, end;

  if (cpac_config_get_kind (node) == CPAC_CONFIG_SCALAR) {
    cpac_config_get_span (node, &begin, &end);
    g_string_append_len (out, text + begin, (gssize) (end - begin));
    return;
  }
  g_string_append_c (out, is_map ? '{' : '[');
  for (guint i = 0; i < cpac_config_get_length (node); i++) {
    g_string_append (out, i > 0 ? ", " : "");
    if (is_map)
      g_string_append_printf (out, "%s: ", cpac_config_get_key (node, i));
    cpac_config_append_flow (cpac_config_get_item (node, i), text, out);
  }
  g_string_append_c (out, is_map ? '}' : ']');
}

void
cpac_config_append_pairs (const CpacConfig *map, const char *const *without, const char *text,
                          GString *out)
{
  for (guint i = 0; i < cpac_config_get_length (map); i++) {
    const char *key = cpac_config_get_key (map, i);

    if (g_strv_contains (without, key))
      continue;
    g_string_append_printf (out, ", %s: ", key);
    cpac_config_append_flow (cpac_config_get_item (map, i), text, out);
  }
}
