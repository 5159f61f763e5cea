/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <string.h>

#include "core/train/manifest.h"
#include "tests/folder.h"
#include "tests/samples.h"

static GBytes *
compress (const void *data, gsize length)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (data, length, NULL);
  g_autoptr (GInputStream) packed = g_converter_input_stream_new (plain, G_CONVERTER (gzip));
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();

  g_assert_cmpint (
      g_output_stream_splice (out, packed, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL), >, 0);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

/* Three pictures, 2 high and 3 wide. */
static const guint8 idx_images[] = {
  0, 0, 8, 3, 0, 0,  0,  3,  0,  0,  0,  2,  0,  0,  0,  3,  1,
  2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26
};
static const guint8 idx_labels[] = { 0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 1 };

static void
check_idx (const char *path, const char *const *classes, const char *const *labels)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacManifest) manifest = cpac_manifest_load (path, classes, &error);
  g_autofree char *base = g_path_get_basename (path);

  g_assert_no_error (error);
  g_assert_cmpint (cpac_manifest_get_kind (manifest), ==, CPAC_MANIFEST_IDX);
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, 3);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *name = g_strdup_printf ("%s#%u", base, i);
    CpacFrame frame = { 0 };

    assert_sample (manifest, i, &(CpacSample){ path, name, labels[i], "", NULL, name, i, 0 });
    cpac_manifest_get_idx_frame (manifest, i, &frame);
    g_assert_cmpint (frame.info->format, ==, CPAC_PIXEL_GRAY8);
    g_assert_cmpint (frame.info->range, ==, CPAC_RANGE_FULL);
    g_assert_cmpuint (frame.info->width, ==, 3);
    g_assert_cmpuint (frame.info->height, ==, 2);
    g_assert_cmpint (frame.strides[0], ==, 3);
    g_assert_cmpmem (frame.planes[0], 6, idx_images + 16 + 6 * i, 6);
  }
}

static void
test_idx (void)
{
  static const char *const classes[] = { "zero", "one", "2", "3", "4", "5", "6", "seven", NULL };
  static const char *const named[] = { "seven", "zero", "one" }, *const plain[] = { "7", "0", "1" };
  g_autoptr (GBytes) images = compress (idx_images, sizeof idx_images);
  g_autoptr (GBytes) labels = compress (idx_labels, sizeof idx_labels);
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *packed = NULL;

  folder_init (&folder);
  path = put (&folder, "a-images-idx3-ubyte", idx_images, sizeof idx_images);
  packed = put (&folder, "b-images-idx3-ubyte.gz", g_bytes_get_data (images, NULL),
                g_bytes_get_size (images));
  /* Plain pictures with packed labels, and the other way about. */
  g_free (put (&folder, "a-labels-idx1-ubyte.gz", g_bytes_get_data (labels, NULL),
               g_bytes_get_size (labels)));
  g_free (put (&folder, "b-labels-idx1-ubyte", idx_labels, sizeof idx_labels));
  check_idx (path, NULL, plain);
  check_idx (packed, classes, named);
}

/* Damage to one file of the pair; the other is whole. */
static const struct {
  const char *name;
  gboolean in_labels, compressed;
  gssize length; /* bytes kept; negative: bytes added */
  guint patch_at;
  int patch; /* -1: none */
  CpacError code;
  const char *message;
} bad_idx[] = {
  { "no-bytes", FALSE, FALSE, 0, 0, -1, CPAC_ERROR_PARSE, "*: ends after 0 bytes; expected 16" },
  { "cut-header", FALSE, FALSE, 15, 0, -1, CPAC_ERROR_PARSE,
    "*: ends after 15 bytes; expected 16" },
  { "cut-data", FALSE, FALSE, 33, 0, -1, CPAC_ERROR_PARSE, "*: ends after 33 bytes; expected 34" },
  { "cut-inside-gzip", FALSE, TRUE, 33, 0, -1, CPAC_ERROR_PARSE,
    "*: ends after 33 bytes; expected 34" },
  { "longer", FALSE, FALSE, -1, 0, -1, CPAC_ERROR_PARSE,
    "*: goes on after the 34 bytes its header announces" },
  { "longer-inside-gzip", FALSE, TRUE, -1, 0, -1, CPAC_ERROR_PARSE,
    "*: goes on after the 34 bytes its header announces" },
  { "float-type", FALSE, FALSE, 34, 2, 0x0d, CPAC_ERROR_PARSE,
    "*: starts with 00 00 0d 03; expected 00 00 08 03 (idx, unsigned bytes, 3 dimensions)" },
  { "labels-as-images", FALSE, FALSE, 34, 3, 1, CPAC_ERROR_PARSE,
    "*: starts with 00 00 08 01; expected 00 00 08 03 *" },
  { "no-width", FALSE, FALSE, 34, 15, 0, CPAC_ERROR_PARSE,
    "*: dimension 2 is 0; expected at least 1" },
  { "lying-count", FALSE, FALSE, 34, 4, 0xff, CPAC_ERROR_PARSE,
    "*: ends after 34 bytes; expected 25669140514" },
  { "more-labels", TRUE, FALSE, -1, 7, 4, CPAC_ERROR_SHAPE,
    "*: 4 labels; expected 3, one for each picture of *" },
  { "large-label", TRUE, FALSE, 11, 8, 8, CPAC_ERROR_SCHEMA,
    "*: label 8 of picture 0; expected less than 8, the number of classes" },
};

static void
test_bad_idx (gconstpointer data)
{
  static const char *const classes[] = { "0", "1", "2", "3", "4", "5", "6", "7", NULL };
  guint row = GPOINTER_TO_UINT (data);
  gboolean in_labels = bad_idx[row].in_labels;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) contents = NULL;
  g_auto (Folder) folder = { 0 };
  g_autofree char *images = NULL;
  g_autofree char *labels = NULL;

  if (in_labels)
    g_byte_array_append (bytes, idx_labels, sizeof idx_labels);
  else
    g_byte_array_append (bytes, idx_images, sizeof idx_images);
  if (bad_idx[row].length < 0)
    g_byte_array_append (bytes, idx_labels, -bad_idx[row].length);
  else
    g_byte_array_set_size (bytes, bad_idx[row].length);
  if (bad_idx[row].patch >= 0)
    bytes->data[bad_idx[row].patch_at] = bad_idx[row].patch;
  contents = bad_idx[row].compressed ? compress (bytes->data, bytes->len)
                                     : g_bytes_new (bytes->data, bytes->len);
  folder_init (&folder);
  images = put (&folder, "x-images-idx3-ubyte",
                in_labels ? (gconstpointer) idx_images : g_bytes_get_data (contents, NULL),
                in_labels ? sizeof idx_images : g_bytes_get_size (contents));
  labels = put (&folder, "x-labels-idx1-ubyte",
                in_labels ? g_bytes_get_data (contents, NULL) : (gconstpointer) idx_labels,
                in_labels ? g_bytes_get_size (contents) : sizeof idx_labels);
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_manifest_load (images, classes, &error));
    g_assert_error (error, CPAC_ERROR, (int) bad_idx[row].code);
    if (!g_pattern_match_simple (bad_idx[row].message, error->message))
      g_error ("\"%s\" does not match \"%s\"", error->message, bad_idx[row].message);
    g_assert_true (g_str_has_prefix (error->message, in_labels ? labels : images));
  }
}

/* Cut anywhere, or with a wrong sum at its end, a gzip file is refused. */
static void
test_damaged_gzip (void)
{
  g_autoptr (GBytes) bytes = compress (idx_images, sizeof idx_images);
  gsize length;
  const guint8 *whole = g_bytes_get_data (bytes, &length);
  g_auto (Folder) folder = { 0 };

  folder_init (&folder);
  g_free (put (&folder, "x-labels-idx1-ubyte", idx_labels, sizeof idx_labels));
  for (gsize cut = 2; cut < length; cut++) {
    g_autofree char *path = put (&folder, "x-images-idx3-ubyte.gz", whole, cut);

    assert_load_fails (path, NULL, CPAC_ERROR, CPAC_ERROR_PARSE, "*");
  }
  for (gsize at = length - 8; at < length; at++) {
    g_autofree guint8 *damaged = g_memdup2 (whole, length);
    g_autofree char *path = NULL;

    damaged[at] ^= 1;
    path = put (&folder, "x-images-idx3-ubyte.gz", damaged, length);
    assert_load_fails (path, NULL, CPAC_ERROR, CPAC_ERROR_PARSE,
                       "*: its gzip compression is damaged or cut short");
  }
}

static void
test_missing_labels (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  path = put (&folder, "x-images-idx3-ubyte.gz", idx_images, sizeof idx_images);
  g_assert_null (cpac_manifest_load (path, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "x-labels-idx1-ubyte.gz"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/manifest/idx", test_idx);
  for (guint i = 0; i < G_N_ELEMENTS (bad_idx); i++) {
    g_autofree char *path = g_strconcat ("/manifest/bad-idx/", bad_idx[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad_idx);
  }
  g_test_add_func ("/manifest/damaged-gzip", test_damaged_gzip);
  g_test_add_func ("/manifest/missing-labels", test_missing_labels);
  return g_test_run ();
}
