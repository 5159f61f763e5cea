/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/mask-file.h"

#include "tests/folder.h"
#include "tests/png-maker.h"

/* Three pixels a row, the middle one black, or as good as that. */
static const struct {
  const char *name;
  guint depth, color_type;
  guint8 row[12];
} rows[] = {
  { "gray", 8, PNG_GRAY, { 255, 0, 1 } },
  { "gray-1-bit", 1, PNG_GRAY, { 0xa0 } },
  { "gray-4-bit", 4, PNG_GRAY, { 0x10, 0xf0 } },
  { "rgb", 8, PNG_RGB, { 1, 0, 0, 0, 0, 0, 0, 0, 9 } },
  { "palette", 8, PNG_PALETTE, { 1, 0, 2 } },
  { "gray-alpha", 8, PNG_GRAY_ALPHA, { 255, 255, 255, 0, 128, 128 } },
  { "rgba", 8, PNG_RGBA, { 255, 0, 0, 255, 255, 255, 255, 0, 0, 200, 0, 255 } },
};

static CpacIgnoreMask *
load (const Folder *folder, const GByteArray *png, GError **error)
{
  g_autofree char *path = put (folder, "mask.png", (const char *) png->data, png->len);

  return gst_cpac_mask_load (path, error);
}

static void
test_kinds (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GByteArray) png = png_make (3, 2, rows[i].depth, rows[i].color_type, rows[i].row);
  g_autofree char *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, png->data, png->len);
  const CpacMapPlace place = { 3, 2, { 0, 0, 3, 2 }, 3, 2 };
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacIgnoreMask) mask = NULL;
  g_autoptr (GError) error = NULL;
  guint8 ignored[6];

  folder_init (&folder);
  mask = load (&folder, png, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_ignore_mask_mark (mask, &place, ignored), ==, 2);
  for (guint k = 0; k < 6; k++)
    g_assert_cmpuint (ignored[k], ==, k % 3 != 1);
  g_assert_cmpstr (cpac_ignore_mask_get_sha256 (mask), ==, sha256);
}

static void
assert_refused (const GByteArray *png, const char *reason)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  g_assert_null (load (&folder, png, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_nonnull (strstr (error->message, reason));
  g_assert_nonnull (strstr (error->message, "mask.png: "));
}

static void
test_refused (void)
{
  static const guint8 row[12] = { 0 };
  g_autoptr (GByteArray) deep = png_make (1, 1, 16, PNG_GRAY, row);
  g_autoptr (GByteArray) wide = png_make_claim (32768, 1), empty = png_make_claim (0, 3);
  g_autoptr (GByteArray) large = png_make_claim (32767, 32767);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  assert_refused (deep, "at most 8 bits a sample, got 16");
  assert_refused (wide, "got 32768x1");
  assert_refused (empty, "got 0x3");
  assert_refused (large, "got 32767x32767");
  assert_refused (nothing, "must be a PNG");
}

/* Cut anywhere, a PNG is an error, not a mask that lacks something. */
static void
test_cut (void)
{
  static const guint8 row[3] = { 255, 0, 255 };
  g_autoptr (GByteArray) png = png_make (3, 40, 8, PNG_GRAY, row);

  /* The last 12 bytes, which say that it ends, are not missed. */
  for (guint length = png->len - 13; length > 0; length--) {
    g_byte_array_set_size (png, length);
    assert_refused (png, length < 25 ? "must be a PNG" : "damaged");
  }
}

static void
test_no_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_cpac_mask_load ("/nowhere/mask.png", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/mask-file/%s", rows[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_kinds);
  }
  g_test_add_func ("/mask-file/refused", test_refused);
  g_test_add_func ("/mask-file/cut", test_cut);
  g_test_add_func ("/mask-file/no-file", test_no_file);
  return g_test_run ();
}
