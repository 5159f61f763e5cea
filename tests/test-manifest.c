/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/manifest.h"
#include "tests/folder.h"
#include "tests/samples.h"

static CpacManifest *
parse (const char *folder, const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest =
      cpac_manifest_parse_csv ("parts.csv", folder, text, strlen (text), &error);

  g_assert_no_error (error);
  return manifest;
}

static void
test_csv (void)
{
  g_autoptr (CpacManifest) manifest =
      parse ("lists", "\xef\xbb\xbfmask,path,label,group,split\r\n"
                      "m/1.png,../a 1.png,Crack,tile-1,train\r\n"
                      "\r\n"
                      ",\"b, \"\"2\"\".png\",\"Gr\xc3\xbcn\",,\"\"\r\n"
                      "/abs/m.png,/abs/c.png,\"two\r\nlines\",tile-1,test");

  g_assert_cmpint (cpac_manifest_get_kind (manifest), ==, CPAC_MANIFEST_PICTURES);
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, 3);
  assert_sample (manifest, 0,
                 &(CpacSample){ "lists/../a 1.png", "../a 1.png", "Crack", "train", "lists/m/1.png",
                                "tile-1", 0, 2 });
  assert_sample (manifest, 1,
                 &(CpacSample){ "lists/b, \"2\".png", "b, \"2\".png", "Gr\xc3\xbcn", "", NULL,
                                "b, \"2\".png", 0, 4 });
  assert_sample (manifest, 2,
                 &(CpacSample){ "/abs/c.png", "/abs/c.png", "two\r\nlines", "test", "/abs/m.png",
                                "tile-1", 0, 5 });
  g_assert_true (cpac_manifest_has_groups (manifest));
  g_assert_true (cpac_manifest_has_splits (manifest));
  g_assert_null (cpac_manifest_get_video (manifest));
}

static void
test_csv_path_only (void)
{
  g_autoptr (CpacManifest) manifest = parse ("", "path\na.png\n");
  g_autoptr (CpacManifest) empty_columns = parse (NULL, "path,split,group\na.png,,\n");

  assert_sample (manifest, 0, &(CpacSample){ "a.png", "a.png", "", "", NULL, "a.png", 0, 2 });
  assert_sample (empty_columns, 0, &(CpacSample){ "a.png", "a.png", "", "", NULL, "a.png", 0, 2 });
  g_assert_false (cpac_manifest_has_groups (empty_columns));
  g_assert_false (cpac_manifest_has_splits (empty_columns));
}

static const struct {
  const char *name, *text;
  CpacError code;
  const char *message;
} bad_csv[] = {
  { "empty", "", CPAC_ERROR_SCHEMA,
    "parts.csv: lists no picture; expected the header path,split,label,mask,group" },
  { "header-only", "path,label\n", CPAC_ERROR_SCHEMA,
    "parts.csv: lists no picture; expected rows below the header" },
  { "no-path", "label,split\nx,y\n", CPAC_ERROR_SCHEMA,
    "parts.csv:1: no column \"path\"; expected a header of path, split, label, mask, group" },
  { "unknown", "path,lable\nx,y\n", CPAC_ERROR_SCHEMA,
    "parts.csv:1: unknown column \"lable\"; expected a header of path, split, label, mask, group" },
  { "twice", "\npath,label,path\nx,y,z\n", CPAC_ERROR_SCHEMA,
    "parts.csv:2: column \"path\" is there twice; expected once" },
  { "short-row", "path,label\r\na,b\r\nc\r\n", CPAC_ERROR_SCHEMA,
    "parts.csv:3: 1 fields; expected 2, as in the header" },
  { "long-row", "path,label\n\"a\nb\",c\n\nd,e,f\n", CPAC_ERROR_SCHEMA,
    "parts.csv:5: 3 fields; expected 2, as in the header" },
  { "empty-path", "label,path\na,b\nc,\n", CPAC_ERROR_SCHEMA,
    "parts.csv:3: the path is empty; expected the file of a picture" },
  { "open-quote", "path\na\n\"b\nc\n", CPAC_ERROR_PARSE,
    "parts.csv:3: the quote opened in this line is never closed" },
  { "after-quote", "path\n\"a\nb\"c\n", CPAC_ERROR_PARSE,
    "parts.csv:3: text after a closing quote; expected a comma or the end of the line (a quote "
    "inside a quoted field is written twice)" },
  { "inner-quote", "path\na\"b\n", CPAC_ERROR_PARSE,
    "parts.csv:2: quote inside an unquoted field; expected the whole field in quotes" },
  { "old-mac", "path\ra\r", CPAC_ERROR_PARSE,
    "parts.csv:1: carriage return without a line feed; expected LF or CRLF line ends" },
  { "latin-1", "path\na\nGr\xfcn\n", CPAC_ERROR_PARSE,
    "parts.csv:3: byte 0xfc is not UTF-8; expected comma-separated text" },
};

static void
test_bad_csv (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest = cpac_manifest_parse_csv ("parts.csv", "", bad_csv[row].text,
                                                    strlen (bad_csv[row].text), &error);

  g_assert_null (manifest);
  g_assert_error (error, CPAC_ERROR, (int) bad_csv[row].code);
  g_assert_cmpstr (error->message, ==, bad_csv[row].message);
}

static void
test_csv_zero_byte (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_manifest_parse_csv ("parts.csv", "", "path\na\0b\n", 9, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==,
                   "parts.csv:2: byte 0x00 is not UTF-8; expected comma-separated text");
}

/* Paths are relative to the list; files that are not there are found missing only when opened. */
static void
test_csv_file (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *expected = NULL;

  folder_init (&folder);
  path = put (&folder, "sub/LIST.CSV", "path\nx.png\n", 11);
  expected = g_build_filename (folder.path, "sub", "x.png", NULL);
  manifest = cpac_manifest_load (path, NULL, &error);
  g_assert_no_error (error);
  assert_sample (manifest, 0, &(CpacSample){ expected, "x.png", "", "", NULL, "x.png", 0, 2 });
}

/* Changing any field, or moving text from one to its neighbour, changes the hash; moving the list
 * to another folder does not. */
static void
test_sha256 (void)
{
  static const char *const lists[] = {
    "path,label,split,mask,group\na,b,c,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\nf,g,h,i,k\na,b,c,d,e\n",
    "path,label,split,mask,group\nA,b,c,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,B,c,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,b,C,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,b,c,D,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,b,c,d,E\nf,g,h,i,k\n",
    "path,label,split,mask,group\nab,,c,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,,bc,d,e\nf,g,h,i,k\n",
    "path,label,split,mask,group\na,b,c,d,e\n",
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autoptr (CpacManifest) manifest = parse ("here", lists[i]);
    g_autoptr (CpacManifest) moved = parse ("there", lists[i]);
    g_autofree char *elsewhere = cpac_manifest_get_sha256 (moved);
    char *sha256 = cpac_manifest_get_sha256 (manifest);

    g_assert_cmpuint (strlen (sha256), ==, 64);
    g_assert_cmpstr (sha256, ==, elsewhere);
    g_assert_true (g_hash_table_add (seen, sha256));
  }
}

/* printf 'a\0b\0c\0d\0e\0' | sha256sum */
static void
test_sha256_value (void)
{
  g_autoptr (CpacManifest) manifest = parse ("", "path,label,split,mask,group\na,b,c,d,e\n");
  g_autofree char *sha256 = cpac_manifest_get_sha256 (manifest);

  g_assert_cmpstr (sha256, ==, "dc0f42a41f058686a364af5b6bd49175c5b2cf3c4d5ae95417448be3517b4008");
}

static void
test_class_folders (void)
{
  static const char *const files[] = { "good/b.PNG",  "good/a.jpg",   "good/B.png", "bad/x.webp",
                                       "bad/no.txt",  "bad/.h.png",   ".git/y.png", "empty/z.doc",
                                       "readme.text", "bad/sub/y.png" };
  static const char *const names[] = { "bad/x.webp", "good/B.png", "good/a.jpg", "good/b.PNG" };
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_free (put (&folder, files[i], "", 0));
  manifest = cpac_manifest_load (folder.path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cpac_manifest_get_kind (manifest), ==, CPAC_MANIFEST_PICTURES);
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder.path, names[i], NULL);

    assert_sample (
        manifest, i,
        &(CpacSample){ path, names[i], i == 0 ? "bad" : "good", "", NULL, names[i], 0, 0 });
  }
  g_assert_false (cpac_manifest_has_groups (manifest));
  g_assert_false (cpac_manifest_has_splits (manifest));
}

static void
test_picture_folder (void)
{
  static const char *const names[] = { "1.tiff", "10.bmp", "2.tif",  "a.pgm",
                                       "b.ppm",  "c.pnm",  "d.jpeg", "\xff.png" };
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (put (&folder, names[i], "", 0));
  g_free (put (&folder, "none/notes.txt", "", 0));
  manifest = cpac_manifest_load (folder.path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder.path, names[i], NULL);
    g_autofree char *name = g_utf8_make_valid (names[i], -1);

    assert_sample (manifest, i, &(CpacSample){ path, name, "", "", NULL, name, 0, 0 });
  }
}

static void
test_bad_places (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *missing = NULL;
  g_autofree char *picture = NULL;

  folder_init (&folder);
  missing = g_build_filename (folder.path, "missing.csv", NULL);
  assert_load_fails (missing, NULL, G_FILE_ERROR, G_FILE_ERROR_NOENT, "*missing.csv: *");
  assert_load_fails (folder.path, NULL, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                     "*: neither the folder nor the folders in it hold pictures (png, *)");
  picture = put (&folder, "one.png", "", 0);
  assert_load_fails (picture, NULL, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                     "*one.png: not a list of pictures; expected a .csv file, *");
  g_free (put (&folder, "good/two.png", "", 0));
  assert_load_fails (folder.path, NULL, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                     "*: holds both pictures (one.png) and folders of pictures (good); *");
}

static void
test_video (void)
{
  static const char *const names[] = { "a.mp4", "a.mkv", "a.avi", "a.mov", "a.webm",
                                       "a.ogv", "a.ts",  "a.m4v", "a.mpg", "a.MPEG" };
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (Folder) folder = { 0 };

  folder_init (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = put (&folder, names[i], "", 0);
    g_autoptr (CpacManifest) manifest = cpac_manifest_load (path, NULL, NULL);

    g_assert_cmpint (cpac_manifest_get_kind (manifest), ==, CPAC_MANIFEST_VIDEO);
    g_assert_cmpstr (cpac_manifest_get_video (manifest), ==, path);
    g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, 0);
    g_assert_false (cpac_manifest_has_groups (manifest));
    g_assert_true (g_hash_table_add (hashes, cpac_manifest_get_sha256 (manifest)));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/csv", test_csv);
  g_test_add_func ("/manifest/csv-path-only", test_csv_path_only);
  for (guint i = 0; i < G_N_ELEMENTS (bad_csv); i++) {
    g_autofree char *path = g_strconcat ("/manifest/bad-csv/", bad_csv[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad_csv);
  }
  g_test_add_func ("/manifest/csv-zero-byte", test_csv_zero_byte);
  g_test_add_func ("/manifest/csv-file", test_csv_file);
  g_test_add_func ("/manifest/sha256", test_sha256);
  g_test_add_func ("/manifest/sha256-value", test_sha256_value);
  g_test_add_func ("/manifest/class-folders", test_class_folders);
  g_test_add_func ("/manifest/picture-folder", test_picture_folder);
  g_test_add_func ("/manifest/bad-places", test_bad_places);
  g_test_add_func ("/manifest/video", test_video);
  return g_test_run ();
}
