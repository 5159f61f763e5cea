/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/config.h"

G_BEGIN_DECLS

/*
 * CpacConfigFile:
 * @name: stands for the file in errors
 * @nodes: (element-type CpacConfig): owns every node, because aliases share them
 */
typedef struct {
  char *name;
  GPtrArray *nodes;
} CpacConfigFile;

struct _CpacConfig {
  CpacConfigFile *file;
  CpacConfigKind kind;
  guint line, column; /* from 1; columns count characters */
  gsize begin, end;   /* bytes of the file: [begin, end) */
  /* Key this value, or the list around it, was written under; NULL at the root. */
  const char *key;

  char *text;      /* scalar */
  gboolean quoted; /* scalar: text whatever it looks like */

  GPtrArray *items;  /* list and map: nodes, not owned */
  GPtrArray *keys;   /* map: scalar nodes, not owned; keys[i] belongs to items[i] */
  GHashTable *index; /* map: text of a key -> its number + 1; made with the first key */

  /* What an alias of this node adds to the bounds: known once the node is complete. */
  gboolean complete;
  guint levels;  /* of lists and maps, this one included; 0 for a scalar */
  guint n_nodes; /* this one included, aliases counted as if written out */
};

CpacConfigFile *cpac_config_file_new (const char *name);
void cpac_config_file_free (CpacConfigFile *file);
/* An empty node owned by @file. */
CpacConfig *cpac_config_node_new (CpacConfigFile *file, CpacConfigKind kind);

/* TRUE for what YAML's core schema reads as null: nothing, ~, null. */
gboolean cpac_config_is_null (const CpacConfig *node);
/* What an error says was found: a plain scalar as it is, text in quotes (so that "5" is told from
 * 5), else a list, a map or an empty value. (transfer full) */
char *cpac_config_describe_found (const CpacConfig *node);
/* Sets "file:line:column: key: found ..., expected @expected" (SCHEMA); always FALSE. */
gboolean cpac_config_refuse (const CpacConfig *node, GError **error, const char *expected);
/* The name within a few typing errors of @text, or NULL. Both lists may be NULL. */
const char *
cpac_config_nearest (const char *text, const char *const *names, const char *const *more_names);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacConfigFile, cpac_config_file_free)

G_END_DECLS
