/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

typedef struct {
  char *folder, *path;
} Folder;

static void
set_up (Folder *folder, gconstpointer data)
{
  folder->folder = g_dir_make_tmp ("cpac-files-XXXXXX", NULL);
  folder->path = g_build_filename (folder->folder, "file", NULL);
}

static void
tear_down (Folder *folder, gconstpointer data)
{
  g_remove (folder->path);
  g_assert_cmpint (g_rmdir (folder->folder), ==, 0); /* nothing else was left there */
  g_free (folder->folder);
  g_free (folder->path);
}

/* Through a link, the permissions kept; and to no bytes at all. */
static void
test_replace (Folder *folder, gconstpointer data)
{
  g_autofree char *link = g_build_filename (folder->folder, "link", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  gsize length;

  g_assert_true (g_file_set_contents (folder->path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (folder->path, 0640), ==, 0);
  g_assert_cmpint (symlink ("file", link), ==, 0);
  g_assert_true (cpac_file_replace (link, "a\0b", 3, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (folder->path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 07777, ==, 0640);
  g_assert_true (cpac_file_read (link, 3, &text, &length, &error));
  g_assert_cmpmem (text, length, "a\0b", 3);
  g_clear_pointer (&text, g_free);
  g_assert_true (cpac_file_replace (link, NULL, 0, &error));
  g_assert_true (cpac_file_read (folder->path, 0, &text, &length, &error));
  g_assert_cmpuint (length, ==, 0);
  g_assert_cmpstr (text, ==, "");
  g_remove (link);
}

/* Sizes around the steps in which a file is read, against bounds around the size. */
static void
test_read_bounds (Folder *folder, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 2, 4095, 4096, 4097, 4098, 8194, 100003 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *written = g_malloc (sizes[i] + 1);
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    gsize length = 42;

    memset (written, 'x', sizes[i]);
    g_assert_true (g_file_set_contents (folder->path, written, sizes[i], NULL));
    g_assert_true (cpac_file_read (folder->path, sizes[i], &text, &length, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (text, length, written, sizes[i]);
    g_assert_cmpint (text[length], ==, '\0');
    if (sizes[i] == 0)
      continue;
    g_clear_pointer (&text, g_free);
    g_assert_false (cpac_file_read (folder->path, sizes[i] - 1, &text, &length, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_null (text);
  }
}

/* Whether the pages of @path are in memory. */
static gboolean
is_mapped (const char *path)
{
  g_autofree char *maps = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  return strstr (maps, path) != NULL;
}

/* A regular file's own pages, which another file put in its place leaves alone; no bytes are none;
 * and the bound holds. */
static void
test_map (Folder *folder, gconstpointer data)
{
  static const gsize sizes[] = { 1, 4095, 4096, 4097, 100003 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *written = g_malloc (sizes[i]);
    GBytes *bytes;

    memset (written, 'x', sizes[i]);
    g_assert_true (g_file_set_contents (folder->path, written, (gssize) sizes[i], NULL));
    g_assert_null (cpac_file_map (folder->path, sizes[i] - 1, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_clear_error (&error);
    bytes = cpac_file_map (folder->path, sizes[i], &error);
    g_assert_no_error (error);
    g_assert_true (is_mapped (folder->path));
    g_assert_true (cpac_file_replace (folder->path, "y", 1, NULL));
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), written, sizes[i]);
    g_bytes_unref (bytes);
    g_assert_false (is_mapped (folder->path));
  }
}

static void
test_map_of_no_pages (Folder *folder, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  g_assert_null (cpac_file_map (folder->path, 10, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (cpac_file_map ("/dev/zero", 100000, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (folder->path, "", 0, NULL));
  bytes = cpac_file_map (folder->path, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
  g_bytes_unref (bytes);
}

static void
test_endless (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_false (cpac_file_read ("/dev/zero", 100000, &text, &length, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "/dev/zero: found a longer file, expected at most 100000 bytes");
}

/* What cannot be replaced stays, and no temporary file does (see tear_down). */
static void
test_replace_refused (Folder *folder, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (folder->folder, "missing", "file", NULL);
  g_autofree char *inner = g_build_filename (folder->path, "inner", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (cpac_file_replace (missing, "a", 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir (folder->path, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_false (cpac_file_replace (folder->path, "a", 1, &error));
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_true (g_file_test (inner, G_FILE_TEST_IS_DIR));
  g_assert_cmpint (g_rmdir (inner), ==, 0);
  g_clear_error (&error);
  g_assert_cmpint (g_rmdir (folder->path), ==, 0);
  g_assert_cmpint (mkfifo (folder->path, 0600), ==, 0);
  g_assert_false (cpac_file_replace (folder->path, "a", 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_false (g_file_test (folder->path, G_FILE_TEST_IS_REGULAR));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/files/replace", Folder, NULL, set_up, test_replace, tear_down);
  g_test_add ("/files/replace-refused", Folder, NULL, set_up, test_replace_refused, tear_down);
  g_test_add ("/files/bounds", Folder, NULL, set_up, test_read_bounds, tear_down);
  g_test_add ("/files/map", Folder, NULL, set_up, test_map, tear_down);
  g_test_add ("/files/map-of-no-pages", Folder, NULL, set_up, test_map_of_no_pages, tear_down);
  g_test_add_func ("/files/endless", test_endless);
  return g_test_run ();
}
