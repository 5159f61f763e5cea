/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib/gstdio.h>

/* A folder that is removed with all it holds. */
typedef struct {
  char *path;
} Folder;

static inline void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *full = g_build_filename (path, name, NULL);

    remove_tree (full);
  }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static inline void
folder_init (Folder *folder)
{
  folder->path = g_dir_make_tmp ("cpac-manifest-XXXXXX", NULL);
  g_assert_nonnull (folder->path);
}

static inline void
folder_clear (Folder *folder)
{
  remove_tree (folder->path);
  g_free (folder->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folder, folder_clear)

/* Returns the full path. */
static inline char *
put (const Folder *folder, const char *name, const void *data, gsize length)
{
  char *path = g_build_filename (folder->path, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
  return path;
}
