/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config-private.h"

G_BEGIN_DECLS

/* Makes the tree from the parts of a document in their order, and holds all rules that go beyond
 * the syntax of YAML: bounds, anchors, keys, tags. Knows nothing of libyaml. */

typedef struct {
  gsize at;           /* byte of the file */
  guint line, column; /* from 1 */
} CpacConfigPlace;

/**
 * CpacConfigPart:
 * @start: where it starts, with its anchor and tag; errors name this place
 * @begin: where the value itself begins
 * @end: byte behind the value; of a list or map, set when it ends
 * @anchor: its anchor, or the name an alias stands for; or NULL
 * @tag: its tag, in full; or NULL
 * @text: (array length=length): of a scalar
 * @quoted: scalar in quotes or a block scalar
 */
typedef struct {
  CpacConfigPlace start, begin;
  gsize end;
  const char *anchor, *tag;
  const char *text;
  gsize length;
  gboolean quoted;
} CpacConfigPart;

typedef struct {
  CpacConfigFile *file;
  CpacConfig *root;
  GPtrArray *open;     /* lists and maps not yet complete, outermost first */
  GHashTable *anchors; /* name -> node */
  guint n_nodes;
  gsize last_end; /* byte behind the last value */
} CpacConfigBuilder;

void cpac_config_builder_init (CpacConfigBuilder *builder, const char *name);
void cpac_config_builder_clear (CpacConfigBuilder *builder);

/* All fallible ones: CPAC_ERROR_PARSE. */
gboolean cpac_config_builder_document (const CpacConfigBuilder *builder,
                                       const CpacConfigPlace *place, GError **error);
gboolean
cpac_config_builder_scalar (CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error);
gboolean
cpac_config_builder_alias (CpacConfigBuilder *builder, const CpacConfigPart *part, GError **error);
gboolean cpac_config_builder_open (CpacConfigBuilder *builder, const CpacConfigPart *part,
                                   CpacConfigKind kind, GError **error);
/* Byte where the innermost open list or map begins. */
gsize cpac_config_builder_get_begin (const CpacConfigBuilder *builder);
/* Ends it at byte @end; 0: with the last value in it. */
void cpac_config_builder_close (CpacConfigBuilder *builder, gsize end);
/* (transfer full) */
CpacConfig *cpac_config_builder_finish (CpacConfigBuilder *builder, GError **error);

/* Sets "file:line:column: message" (PARSE); always FALSE. */
gboolean cpac_config_builder_refuse (const CpacConfigBuilder *builder, const CpacConfigPlace *place,
                                     GError **error, const char *format, ...) G_GNUC_PRINTF (4, 5);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CpacConfigBuilder, cpac_config_builder_clear)

G_END_DECLS
