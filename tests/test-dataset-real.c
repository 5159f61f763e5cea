/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/memory-pictures.h"

/* MNIST from memory: 60,000 digits of 28x28, 3,136 bytes each as network input. */
static void
test_mnist (void)
{
  const char *data = g_getenv ("CPAC_TEST_DATA");
  g_autofree char *path = data != NULL
                              ? g_build_filename (data, "mnist", "train-images-idx3-ubyte.gz", NULL)
                              : g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data",
                                                       "mnist", "train-images-idx3-ubyte.gz", NULL);
  g_autoptr (CpacHead) head = memory_head ("{head: classifier, threshold: 0.5, "
                                           "classes: [\"0\", \"1\", \"2\", \"3\", \"4\", "
                                           "\"5\", \"6\", \"7\", \"8\", \"9\"]}",
                                           10);
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (CpacDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  guint counts[10] = { 0 };

  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_test_skip ("needs the data folder, see CPAC_TEST_DATA");
    return;
  }
  options.input.width = options.input.height = 28;
  options.max_bytes = 256 << 20;
  manifest = cpac_manifest_load (path, (const char *const *) head->classes, &error);
  g_assert_no_error (error);
  dataset = cpac_dataset_open (manifest, &options, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN), ==, 48000);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_VAL), ==, 6000);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_CALIBRATION), ==, 6000);
  g_assert_cmpuint (cpac_dataset_get_cached_bytes (dataset), ==, 54000 * 3136);
  g_assert_cmpuint (cpac_dataset_get_n_uncached (dataset), ==, 0);
  for (guint i = 0; i < 6000; i++)
    counts[cpac_dataset_get_item (dataset, CPAC_SPLIT_VAL, i)->class_index]++;
  /* A tenth of the digits that MNIST has of each, as published (5923, 6742, ...). */
  for (guint i = 0; i < 10; i++) {
    static const guint expected[] = { 592, 674, 596, 613, 584, 542, 592, 627, 585, 595 };

    g_assert_cmpuint (counts[i], ==, expected[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset-real/mnist", test_mnist);
  return g_test_run ();
}
