/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config-private.h"

/* Kind and length stand before a text, so that no two different trees give the same bytes. */
static void
add_text (GChecksum *digest, char kind, const char *text)
{
  g_autofree char *head = g_strdup_printf ("%c%zu:", kind, strlen (text));

  g_checksum_update (digest, (const guchar *) head, -1);
  g_checksum_update (digest, (const guchar *) text, -1);
}

void
cpac_config_add_to_digest (const CpacConfig *node, const char *const *without, GChecksum *digest)
{
  g_autofree char *head = NULL;

  if (node->kind == CPAC_CONFIG_SCALAR) {
    add_text (digest, 's', node->text);
    return;
  }
  head = g_strdup_printf ("%c", node->kind == CPAC_CONFIG_MAP ? '{' : '[');
  g_checksum_update (digest, (const guchar *) head, -1);
  for (guint i = 0; i < node->items->len; i++) {
    if (node->kind == CPAC_CONFIG_MAP) {
      const char *key = ((const CpacConfig *) g_ptr_array_index (node->keys, i))->text;

      if (without != NULL && g_strv_contains (without, key))
        continue;
      add_text (digest, 'k', key);
    }
    cpac_config_add_to_digest (g_ptr_array_index (node->items, i), NULL, digest);
  }
  g_checksum_update (digest, (const guchar *) ";", -1);
}
