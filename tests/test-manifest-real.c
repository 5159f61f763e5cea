/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/manifest.h"

/*
 * The project's own data, where it is.
 */
static char *
find_data (const char *name)
{
  const char *folder = g_getenv ("CPAC_TEST_DATA");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL)
                                         : g_test_build_filename (G_TEST_DIST, "..", "..", "shared",
                                                                  "data", name, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  g_test_skip ("needs the data folder, see CPAC_TEST_DATA");
  return NULL;
}

static CpacManifest *
load_data (const char *name, const char *const *classes)
{
  g_autofree char *path = find_data (name);
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest = path != NULL ? cpac_manifest_load (path, classes, &error) : NULL;

  g_assert_no_error (error);
  return manifest;
}

/* Samples of split @split, or of all splits when it is NULL, good ("Free") or not. */
static guint
count (const CpacManifest *manifest, const char *split, gboolean good)
{
  guint n = 0;

  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);

    if (split == NULL || g_str_equal (sample->split, split))
      n += g_str_equal (sample->label, "Free") == good ? 1 : 0;
  }
  return n;
}

/* Numbers of pictures as the data's own documentation states them. */
static const struct {
  const char *name;
  guint n_samples;
  gboolean has_groups;
  struct {
    const char *split;
    guint n;
  } splits[3];
} real_lists[] = {
  { "tile-good-only", 1344, TRUE, { { "train", 628 }, { "val", 102 } } },
  { "tile-classes", 1344, TRUE, { { "train", 798 }, { "val", 211 }, { "test", 335 } } },
  { "tile-published-split", 1344, TRUE, { { "train", 761 }, { "test", 191 + 392 } } },
  { "tile-classes-random", 542, TRUE, { { "train", 460 }, { "test", 82 } } },
  { "tile-paper-masks", 663, FALSE, { { "train", 563 }, { "test", 100 } } },
  { "cifar10-pictures", 1000, FALSE, { { "refit", 500 }, { "test", 500 } } },
};

static void
test_real_list (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autofree char *file = g_strconcat ("manifests/", real_lists[row].name, ".csv", NULL);
  g_autoptr (CpacManifest) manifest = load_data (file, NULL);

  if (manifest == NULL)
    return;
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, real_lists[row].n_samples);
  g_assert_cmpint (cpac_manifest_has_groups (manifest), ==, real_lists[row].has_groups);
  g_assert_true (cpac_manifest_has_splits (manifest));
  for (guint i = 0; i < 3 && real_lists[row].splits[i].split != NULL; i++) {
    const char *split = real_lists[row].splits[i].split;

    g_assert_cmpuint (count (manifest, split, TRUE) + count (manifest, split, FALSE), ==,
                      real_lists[row].splits[i].n);
  }
  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);

    g_assert_true (g_file_test (sample->path, G_FILE_TEST_IS_REGULAR));
    g_assert_true (sample->mask == NULL || g_file_test (sample->mask, G_FILE_TEST_IS_REGULAR));
  }
}

/* Good pictures alone in train and val, and no part on two sides. */
static void
test_real_good_only (void)
{
  g_autoptr (CpacManifest) manifest = load_data ("manifests/tile-good-only.csv", NULL);
  g_autoptr (GHashTable) split_of = g_hash_table_new (g_str_hash, g_str_equal);

  if (manifest == NULL)
    return;
  g_assert_cmpuint (count (manifest, "train", FALSE), ==, 0);
  g_assert_cmpuint (count (manifest, "val", FALSE), ==, 0);
  g_assert_cmpuint (count (manifest, "dev", TRUE) + count (manifest, "test", TRUE), ==, 222);
  g_assert_cmpuint (count (manifest, "dev", FALSE) + count (manifest, "test", FALSE), ==, 392);
  for (guint i = 0; i < cpac_manifest_get_n_samples (manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (manifest, i);
    const char *seen = g_hash_table_lookup (split_of, sample->group);

    if (seen != NULL)
      g_assert_cmpstr (sample->split, ==, seen);
    g_hash_table_insert (split_of, (gpointer) sample->group, (gpointer) sample->split);
  }
  g_assert_cmpuint (g_hash_table_size (split_of), ==, 179);
}

/* The pictures of MNIST's test set: the first ten are 7 2 1 0 4 1 4 9 5 9; sha256 of the unpacked
 * bytes behind the header. */
static void
test_real_idx (void)
{
  static const char *const classes[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
  g_autoptr (CpacManifest) manifest = load_data ("mnist/t10k-images-idx3-ubyte.gz", classes);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (manifest == NULL)
    return;
  g_assert_cmpuint (cpac_manifest_get_n_samples (manifest), ==, 10000);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (cpac_manifest_get_sample (manifest, i)->label[0], ==, "7210414959"[i]);
  for (guint i = 0; i < 10000; i++) {
    CpacFrame frame;

    cpac_manifest_get_idx_frame (manifest, i, &frame);
    g_assert_cmpuint (frame.info->width, ==, 28);
    g_assert_cmpuint (frame.info->height, ==, 28);
    g_checksum_update (checksum, frame.planes[0], 28 * 28);
  }
  g_assert_cmpstr (g_checksum_get_string (checksum), ==,
                   "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (real_lists); i++) {
    g_autofree char *path = g_strconcat ("/manifest/real/", real_lists[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_real_list);
  }
  g_test_add_func ("/manifest/real/good-only-sides", test_real_good_only);
  g_test_add_func ("/manifest/real/idx", test_real_idx);
  return g_test_run ();
}
