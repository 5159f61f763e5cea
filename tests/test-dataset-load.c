/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/dataset-private.h"
#include "tests/folder.h"
#include "tests/memory-pictures.h"

#define POISON 0x7f
#define N_VALUES (4 * 3)

static const char *const list_text = "path,split,label,mask\n"
                                     "a1,train,Free,\n"
                                     "a2,val,Free,\n"
                                     "a3,train,Crack,m3\n"
                                     "rgb4,train,Free,\n"
                                     "small5,val,Crack,\n"
                                     "a6,test,Crack,m6\n"
                                     "rgb7,train,Crack,m7\n"
                                     "a8,val,Crack,m8\n"
                                     "a9,train,Free,\n";

/* Train and val of the list above, in its order. */
#define N_LOADED 8
#define N_MASKS 3

static CpacDataset *
open_with (const CpacManifest *manifest, const CpacDatasetOptions *options)
{
  g_autoptr (GError) error = NULL;
  CpacDataset *dataset = cpac_dataset_open (manifest, options, &error);

  g_assert_no_error (error);
  return dataset;
}

/* What live scoring makes of frame @number of the picture or video: through a plan of its own. */
static void
get_expected (const CpacInputSpec *spec, const char *path, guint number, float *out)
{
  g_autoptr (CpacFrameSource) source = memory_open (path, &memory_pictures, NULL);
  g_autoptr (CpacFramePlan) plan = NULL;
  CpacFrame frame;
  CpacFrameMark mark;

  for (guint i = 0; i <= number; i++)
    g_assert_cmpint (cpac_frame_source_next (source, &frame, &mark, NULL), ==, CPAC_FRAME_NEXT);
  plan = cpac_frame_plan_new (spec, frame.info, NULL, NULL);
  memset (out, POISON, N_VALUES * sizeof *out);
  cpac_frame_plan_run (plan, &frame, out);
}

static void
get_input (const CpacDataset *dataset, CpacSplit split, guint index, float *input)
{
  g_autoptr (GError) error = NULL;

  memset (input, POISON, N_VALUES * sizeof *input);
  g_assert_true (cpac_dataset_get_input (dataset, split, index, input, &error));
  g_assert_no_error (error);
}

static void
assert_inputs (const CpacDataset *dataset, const CpacInputSpec *spec)
{
  for (guint split = 0; split < CPAC_N_SPLITS; split++)
    for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++) {
      const CpacItem *item = cpac_dataset_get_item (dataset, split, i);
      float input[N_VALUES], expected[N_VALUES];

      get_expected (spec, item->sample->path, 0, expected);
      get_input (dataset, split, i, input);
      g_assert_cmpmem (input, sizeof input, expected, sizeof expected);
    }
}

/* A picture as large as the input, by hand: x = (v - mean) / scale. */
static void
test_by_hand (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label\na,train,Free\nb,val,Free\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;
  float input[MEMORY_WIDTH * MEMORY_HEIGHT];

  options.input.width = MEMORY_WIDTH;
  options.input.height = MEMORY_HEIGHT;
  dataset = open_with (manifest, &options);
  g_assert_true (cpac_dataset_get_input (dataset, CPAC_SPLIT_VAL, 0, input, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (input); i++)
    g_assert_cmpfloat (input[i], ==, (memory_pixel ("b", 0, i) - 10) / 2.0f);
}

static void
test_in_memory (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list (list_text);
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = open_with (manifest, &options);
  float input[N_VALUES];

  g_assert_cmpint (memory_pictures.n_opened, ==, N_LOADED);
  g_assert_cmpint (memory_pictures.n_masks, ==, N_MASKS);
  g_assert_cmpuint (cpac_dataset_get_n_uncached (dataset), ==, 0);
  g_assert_cmpuint (cpac_dataset_get_cached_bytes (dataset), ==,
                    N_LOADED * sizeof input + N_MASKS * MEMORY_WIDTH * MEMORY_HEIGHT);
  get_input (dataset, CPAC_SPLIT_TRAIN, 3, input);
  get_input (dataset, CPAC_SPLIT_VAL, 2, input);
  g_assert_cmpint (memory_pictures.n_opened, ==, N_LOADED);
  assert_inputs (dataset, &options.input);
}

static gsize
get_cached (const CpacManifest *manifest, const CpacDatasetOptions *options, guint *n_uncached)
{
  g_autoptr (CpacDataset) dataset = open_with (manifest, options);

  *n_uncached = cpac_dataset_get_n_uncached (dataset);
  g_assert_cmpuint (cpac_dataset_get_cached_bytes (dataset), <=, options->max_bytes);
  assert_inputs (dataset, &options->input);
  return cpac_dataset_get_cached_bytes (dataset);
}

/* Whatever the bound, the bytes are the same; the first pictures stay, then masks. */
static void
test_memory_bound (void)
{
  const gsize size = N_VALUES * sizeof (float), mask_size = MEMORY_WIDTH * MEMORY_HEIGHT;
  const struct {
    gsize max_bytes, cached_bytes;
    guint n_uncached;
  } rows[] = {
    { 0, 0, 8 },
    { 14, 0, 8 },
    { 15, 15, 8 },
    { 47, 3 * 15, 8 },
    { 48, 48, 7 },
    { 49, 48, 7 },
    { 3 * 48 + 15, 3 * 48 + 15, 5 },
    { 8 * 48 - 1, 7 * 48 + 3 * 15, 1 },
    { 8 * 48, 8 * 48, 0 },
    { 8 * 48 + 44, 8 * 48 + 2 * 15, 0 },
    { 8 * 48 + 45, 8 * 48 + 3 * 15, 0 },
    { G_MAXSIZE, 8 * 48 + 3 * 15, 0 },
  };
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list (list_text);
  CpacDatasetOptions options = memory_options (head);

  g_assert_cmpuint (size, ==, 48);
  g_assert_cmpuint (mask_size, ==, 15);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint n_uncached;

    options.max_bytes = rows[i].max_bytes;
    g_assert_cmpuint (get_cached (manifest, &options, &n_uncached), ==, rows[i].cached_bytes);
    g_assert_cmpuint (n_uncached, ==, rows[i].n_uncached);
  }
}

static void
test_uncached_note (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list (list_text);
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;

  options.max_bytes = 100;
  dataset = open_with (manifest, &options);
  g_assert_cmpstr (cpac_dataset_get_notes (dataset), ==,
                   "no groups: every picture counts as its own part\n"
                   "6 of 8 pictures do not fit into 0 MiB of memory and are decoded again at each "
                   "use\n");
}

/* ---- Threads ---- */

static void
test_n_threads (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (GString) text = g_string_new ("path,label,mask,group\n");
  g_autoptr (CpacManifest) manifest = NULL;

  for (guint i = 0; i < 253; i++)
    g_string_append_printf (text, "%s%u,%s,%s%.0u,g%u\n", i % 5 == 0 ? "rgb" : "a", i,
                            i % 3 == 0 ? "Crack" : "Free", i % 3 == 0 ? "m" : "",
                            i % 3 == 0 ? i + 1 : 0, i / 2);
  manifest = memory_list (text->str);
  for (guint n_threads = 1; n_threads <= 3; n_threads++) {
    CpacDatasetOptions options = memory_options (head);
    g_autoptr (CpacDataset) dataset = NULL;

    options.n_threads = n_threads;
    options.max_bytes = 100 * N_VALUES * sizeof (float) + 7;
    dataset = open_with (manifest, &options);
    g_assert_cmpuint (cpac_dataset_get_cached_bytes (dataset), ==, 100 * N_VALUES * sizeof (float));
    /* 127 groups: those that begin with an even or odd number of each label are cut apart. */
    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN) +
                          cpac_dataset_get_n (dataset, CPAC_SPLIT_VAL),
                      ==, cpac_dataset_get_n_uncached (dataset) + 100);
    assert_inputs (dataset, &options.input);
  }
}

typedef struct {
  const CpacDataset *dataset;
  const CpacInputSpec *spec;
} Reader;

static gpointer
read_all (gpointer user_data)
{
  const Reader *reader = user_data;

  for (guint round = 0; round < 10; round++) {
    float mask[4];

    assert_inputs (reader->dataset, reader->spec);
    for (guint i = 0; i < cpac_dataset_get_n (reader->dataset, CPAC_SPLIT_TRAIN); i++)
      g_assert_true (
          cpac_dataset_get_mask (reader->dataset, CPAC_SPLIT_TRAIN, i, 2, 2, mask, NULL));
  }
  return NULL;
}

/* Pictures in memory and outside, read by three threads at once. */
static void
test_readers (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list (list_text);
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;
  GThread *threads[2];
  Reader reader;

  options.max_bytes = 3 * N_VALUES * sizeof (float) + 20;
  dataset = open_with (manifest, &options);
  reader = (Reader){ dataset, &options.input };
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_all, &reader);
  read_all (&reader);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* Many pictures fail: the first in the list is named, whoever was faster. */
static void
test_first_error (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (GString) text = g_string_new ("path,split,label\n");
  g_autoptr (CpacManifest) manifest = NULL;

  for (guint i = 0; i < 200; i++)
    g_string_append_printf (text, "%s%u,%s,Free\n", i < 20 ? "a" : "broken", i,
                            i % 9 == 0 ? "val" : "train");
  manifest = memory_list (text->str);
  for (guint round = 0; round < 30; round++) {
    CpacDatasetOptions options = memory_options (head);
    g_autoptr (GError) error = NULL;

    options.n_threads = 1 + round % 3;
    g_assert_null (cpac_dataset_open (manifest, &options, &error));
    g_assert_cmpstr (error->message, ==, "parts.csv:22: broken20: no picture in it");
    /* It stops: no thread goes on for long. */
    g_assert_cmpint (memory_pictures.n_opened, <, 200);
  }
}

typedef struct {
  GThread *thread;
  guint n_calls, last;
} Progress;

static void
note_progress (guint done, guint total, gpointer user_data)
{
  Progress *progress = user_data;

  g_assert_true (g_thread_self () == progress->thread);
  g_assert_cmpuint (total, ==, progress->n_calls < N_LOADED + 1 ? N_LOADED : total);
  g_assert_cmpuint (done, <=, total);
  progress->n_calls++;
  progress->last = done;
}

static void
test_progress (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label\n"
                                                   "a,train,Free\nb,train,Crack\nc,train,Fray\n"
                                                   "d,train,Free\ne,val,Free\nf,val,Free\n"
                                                   "g,val,Free\nh,val,Free\n");

  for (guint n_threads = 1; n_threads <= 2; n_threads++) {
    CpacDatasetOptions options = memory_options (head);
    Progress progress = { .thread = g_thread_self () };
    g_autoptr (CpacDataset) dataset = NULL;

    options.n_threads = n_threads;
    options.progress = note_progress;
    options.progress_data = &progress;
    dataset = open_with (manifest, &options);
    g_assert_cmpuint (progress.last, ==, N_LOADED);
    if (n_threads == 1)
      g_assert_cmpuint (progress.n_calls, ==, N_LOADED + 1);
  }
}

/* ---- Masks ---- */

/* By hand. The mask is
 *   1 0 0 1 1
 *   0 0 1 0 0
 *   0 2 0 0 3   (any value that is not 0 is defect)
 * At 2x1 cells, each 2.5x3 pixels of 7.5: left 1 + 1/2 + 1, right 2 + 1/2 + 1. */
static void
test_shares_by_hand (void)
{
  static const guint8 mask[] = { 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 3 };
  static const struct {
    guint width, height;
    double expected[15];
  } rows[] = {
    { 1, 1, { 6 / 15.0 } },
    { 2, 1, { 2.5 / 7.5, 3.5 / 7.5 } },
    { 1, 2, { (3 + 0.5) / 7.5, (0.5 + 2) / 7.5 } },
    { 1, 3, { 0.6, 0.2, 0.4 } },
    { 5, 1, { 1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 2 / 3.0 } },
    /* Cells of 2.5x1.5 pixels, 3.75 in area. Top left: the 1; half of the 1 in row 1, halved again
     * because it is the middle column. */
    { 2, 2, { 1.25 / 3.75, 2.25 / 3.75, 1.25 / 3.75, 1.25 / 3.75 } },
    { 5, 3, { 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    float shares[15];

    memset (shares, POISON, sizeof shares);
    cpac_mask_get_shares (mask, 5, 3, rows[i].width, rows[i].height, shares);
    for (guint k = 0; k < rows[i].width * rows[i].height; k++)
      g_assert_cmpfloat (shares[k], ==, (float) rows[i].expected[k]);
  }
}

/* The slow way: both grids cut into pieces of 1 / (cells x pixels), counted one by one. */
static void
test_shares_counted (void)
{
  static const guint sizes[] = { 1, 2, 3, 5, 17 };
  guint8 mask[17 * 3];

  for (guint i = 0; i < sizeof mask; i++)
    mask[i] = i * i * 5 % 7 < 3;
  for (guint row = 0; row < 25 * 5; row++) {
    guint mask_width = sizes[row % 5], width = sizes[row / 5 % 5], height = sizes[row / 25];
    const guint mask_height = 3;
    float shares[17 * 17];

    memset (shares, POISON, sizeof shares);
    cpac_mask_get_shares (mask, mask_width, mask_height, width, height, shares);
    for (guint cell = 0; cell < width * height; cell++) {
      guint x0 = cell % width * mask_width, y0 = cell / width * mask_height, n = 0;

      for (guint y = y0; y < y0 + mask_height; y++)
        for (guint x = x0; x < x0 + mask_width; x++)
          n += mask[y / height * mask_width + x / width] != 0;
      g_assert_cmpfloat (shares[cell], ==, (float) (n / (double) (mask_width * mask_height)));
    }
  }
}

static void
assert_mask (const CpacDataset *dataset, CpacSplit split, guint index, const char *path)
{
  float mask[MEMORY_WIDTH * MEMORY_HEIGHT];
  g_autoptr (GError) error = NULL;

  memset (mask, POISON, sizeof mask);
  g_assert_true (
      cpac_dataset_get_mask (dataset, split, index, MEMORY_WIDTH, MEMORY_HEIGHT, mask, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (mask); i++)
    g_assert_cmpfloat (mask[i], ==, path != NULL && memory_mask_pixel (path, i) ? 1 : 0);
}

/* In memory or read again, they are the same; good pictures have none. */
static void
test_masks (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list (list_text);

  for (guint in_memory = 0; in_memory < 2; in_memory++) {
    CpacDatasetOptions options = memory_options (head);
    g_autoptr (CpacDataset) dataset = NULL;
    g_autoptr (GError) error = NULL;
    float mask[2];

    options.max_bytes = in_memory ? 1 << 20 : 10;
    dataset = open_with (manifest, &options);
    g_assert_cmpint (memory_pictures.n_masks, ==, N_MASKS);
    assert_mask (dataset, CPAC_SPLIT_TRAIN, 0, NULL);
    assert_mask (dataset, CPAC_SPLIT_TRAIN, 1, "m3");
    assert_mask (dataset, CPAC_SPLIT_TRAIN, 3, "m7");
    assert_mask (dataset, CPAC_SPLIT_VAL, 2, "m8");
    g_assert_cmpint (memory_pictures.n_masks, ==, in_memory ? N_MASKS : 2 * N_MASKS);
    assert_mask (dataset, CPAC_SPLIT_OTHER, 0, "m6");
    g_assert_false (cpac_dataset_get_mask (dataset, CPAC_SPLIT_VAL, 1, 2, 1, mask, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, "parts.csv:6: small5: a defect without a mask");
  }
}

/* Only a map learns from masks. */
static void
test_classifier_masks (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label,mask\na,train,Free,\n"
                                                   "b,train,Crack,missing\nc,train,Fray,mc\n"
                                                   "d,val,Free,\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = open_with (manifest, &options);

  g_assert_cmpint (memory_pictures.n_masks, ==, 0);
  assert_mask (dataset, CPAC_SPLIT_TRAIN, 2, "mc");
}

/* ---- Other kinds of list ---- */

#define N_DIGITS 43

static void
put_idx (const Folder *folder)
{
  guint8 images[16 + N_DIGITS * 6] = { 0, 0, 8, 3, 0, 0, 0, N_DIGITS, 0, 0, 0, 2, 0, 0, 0, 3 };
  guint8 labels[8 + N_DIGITS] = { 0, 0, 8, 1, 0, 0, 0, N_DIGITS };

  for (guint i = 0; i < N_DIGITS * 6; i++)
    images[16 + i] = i * 11;
  for (guint i = 0; i < N_DIGITS; i++)
    labels[8 + i] = i % 3;
  g_free (put (folder, "t-images-idx3-ubyte", images, sizeof images));
  g_free (put (folder, "t-labels-idx1-ubyte", labels, sizeof labels));
}

/* 15, 14 and 14 of each class, one or two of which are set aside, twice. */
static void
test_idx (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  put_idx (&folder);
  path = g_build_filename (folder.path, "t-images-idx3-ubyte", NULL);
  manifest = cpac_manifest_load (path, (const char *const *) head->classes, &error);
  g_assert_no_error (error);
  for (guint in_memory = 0; in_memory < 2; in_memory++) {
    CpacDatasetOptions options = memory_options (head);
    g_autoptr (CpacDataset) dataset = NULL;

    options.input.width = 3;
    options.input.height = 2;
    options.max_bytes = in_memory ? 1 << 20 : 5 * 6 * sizeof (float);
    dataset = open_with (manifest, &options);
    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN), ==, N_DIGITS - 8);
    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_VAL), ==, 4);
    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_CALIBRATION), ==, 4);
    g_assert_cmpuint (cpac_dataset_get_n_uncached (dataset), ==, in_memory ? 0 : N_DIGITS - 9);
    for (guint split = 0; split < 3; split++)
      for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++) {
        const CpacItem *item = cpac_dataset_get_item (dataset, split, i);
        float input[6];

        memset (input, POISON, sizeof input);
        g_assert_true (cpac_dataset_get_input (dataset, split, i, input, &error));
        g_assert_cmpuint (item->class_index, ==, item->sample->frame % 3);
        for (guint k = 0; k < 6; k++)
          g_assert_cmpfloat (input[k], ==,
                             ((guint8) ((item->sample->frame * 6 + k) * 11) - 10) / 2.0f);
      }
    g_assert_cmpint (memory_pictures.n_opened, ==, 0);
  }
}

static void
test_idx_too_small (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (CpacManifest) manifest = NULL;
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  put_idx (&folder);
  path = g_build_filename (folder.path, "t-images-idx3-ubyte", NULL);
  manifest = cpac_manifest_load (path, (const char *const *) head->classes, NULL);
  options.input.min_width = 4;
  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  expected = g_strdup_printf ("%s#*: *", path);
  g_assert_true (g_pattern_match_simple (expected, error->message));
}

static CpacManifest *
load_clip (const Folder *folder, const char *name)
{
  g_autofree char *path = put (folder, name, "", 0);

  return cpac_manifest_load (path, NULL, NULL);
}

/* 253 frames are 11 groups, one of which is set aside for each purpose. Frames that are damaged are
 * left out. */
static void
test_video (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  const char *path;

  folder_init (&folder);
  manifest = load_clip (&folder, "clip-253-damaged.mp4");
  path = cpac_manifest_get_video (manifest);
  for (guint in_memory = 0; in_memory < 2; in_memory++) {
    CpacDatasetOptions options = memory_options (head);
    g_autoptr (CpacDataset) dataset = NULL;
    g_auto (GStrv) groups = NULL;
    gboolean seen[253] = { FALSE };
    guint n = 0;

    options.max_bytes = in_memory ? 1 << 20 : 60 * N_VALUES * sizeof (float);
    dataset = open_with (manifest, &options);
    g_assert_cmpint (memory_pictures.n_opened, ==, 1);
    for (guint split = 0; split < 3; split++) {
      guint n_frames = cpac_dataset_get_n (dataset, split);
      guint block = dataset->splits[split]->len;

      n += n_frames;
      for (guint i = n_frames; i-- > 0;) {
        guint number = g_array_index (dataset->splits[split], guint, i);
        const CpacEntry *entry = cpac_dataset_get_entry (dataset, number);
        const CpacItem *item = cpac_dataset_get_item (dataset, split, i);
        float input[N_VALUES], expected[N_VALUES];

        g_assert_null (item->sample);
        g_assert_false (item->defect);
        g_assert_cmpuint (entry->index % 7, !=, 6);
        g_assert_false (seen[entry->index]);
        seen[entry->index] = TRUE;
        block = split == CPAC_SPLIT_TRAIN || i == n_frames - 1 ? entry->index / 25 : block;
        g_assert_cmpuint (entry->index / 25, ==, block);
        get_expected (&options.input, path, entry->index, expected);
        get_input (dataset, split, i, input);
        g_assert_cmpmem (input, sizeof input, expected, sizeof expected);
      }
      if (split != CPAC_SPLIT_TRAIN)
        g_assert_cmpuint (n_frames, >=, 3);
    }
    g_assert_cmpuint (n, ==, 253 - 253 / 7);
    groups = cpac_dataset_get_group_hashes (dataset, CPAC_SPLIT_TRAIN);
    g_assert_cmpuint (g_strv_length (groups), ==, 9);
    g_assert_cmpint (strstr (cpac_dataset_get_notes (dataset),
                             "157 of 217 pictures do not fit into 0 MiB of memory") != NULL,
                     ==, !in_memory);
    g_assert_nonnull (
        strstr (cpac_dataset_get_notes (dataset), "36 damaged frames of the video are left out\n"));
    g_assert_nonnull (strstr (cpac_dataset_get_notes (dataset),
                              "a video: 25 consecutive frames count as one part\n"));
  }
}

/* The frames of a video that are not in memory, in order: it is opened once more, not each time. */
static void
test_video_in_order (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;
  float input[N_VALUES];

  folder_init (&folder);
  manifest = load_clip (&folder, "clip-60.mp4");
  options.max_bytes = 0;
  dataset = open_with (manifest, &options);
  for (guint i = 0; i < cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN); i++)
    get_input (dataset, CPAC_SPLIT_TRAIN, i, input);
  g_assert_cmpint (memory_pictures.n_opened, ==, 2);
  get_input (dataset, CPAC_SPLIT_TRAIN, 0, input);
  g_assert_cmpint (memory_pictures.n_opened, ==, 3);
}

static const struct {
  const char *name, *head, *message;
} bad_videos[] = {
  { "clip-25.mp4", "{head: map, good: [Free], threshold: 0}",
    "*clip-25.mp4: 1 group to learn from, none of which can be set aside for selection; *" },
  { "clip-0.mp4", "{head: map, good: [Free], threshold: 0}",
    "*clip-0.mp4: 0 groups to learn from, none of which can be set aside for selection; *" },
  { "missing.mp4", "{head: map, good: [Free], threshold: 0}",
    "*missing.mp4: there is no such file" },
  { "broken.mp4", "{head: map, good: [Free], threshold: 0}", "*broken.mp4: no picture in it" },
  { "clip-99.mp4", "{head: map, threshold: 0}",
    "*clip-99.mp4: no picture has a label, and the model names no good class; *" },
  { "clip-98.mp4", "{head: classifier, classes: [a], threshold: 0}", NULL },
  { "small-clip-97.mp4", "{head: map, good: [Free], threshold: 0}",
    "*small-clip-97.mp4#0: frame is 2x1 pixels*" },
};

static void
test_bad_video (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (CpacHead) head = bad_videos[row].message != NULL
                                  ? memory_head (bad_videos[row].head, 1)
                                  : memory_classifier ();
  g_auto (Folder) folder = { 0 };
  g_autoptr (CpacManifest) manifest = NULL;
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;
  const char *message = bad_videos[row].message;

  folder_init (&folder);
  manifest = load_clip (&folder, bad_videos[row].name);
  options.input.min_width = 3;
  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  message = message != NULL ? message : "*: no picture has a label; a classifier needs one of *";
  if (!g_pattern_match_simple (message, error->message))
    g_error ("\"%s\" does not match \"%s\"", error->message, message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset-load/by-hand", test_by_hand);
  g_test_add_func ("/dataset-load/in-memory", test_in_memory);
  g_test_add_func ("/dataset-load/memory-bound", test_memory_bound);
  g_test_add_func ("/dataset-load/uncached-note", test_uncached_note);
  g_test_add_func ("/dataset-load/n-threads", test_n_threads);
  g_test_add_func ("/dataset-load/readers", test_readers);
  g_test_add_func ("/dataset-load/first-error", test_first_error);
  g_test_add_func ("/dataset-load/progress", test_progress);
  g_test_add_func ("/dataset-load/shares-by-hand", test_shares_by_hand);
  g_test_add_func ("/dataset-load/shares-counted", test_shares_counted);
  g_test_add_func ("/dataset-load/masks", test_masks);
  g_test_add_func ("/dataset-load/classifier-masks", test_classifier_masks);
  g_test_add_func ("/dataset-load/idx", test_idx);
  g_test_add_func ("/dataset-load/idx-too-small", test_idx_too_small);
  g_test_add_func ("/dataset-load/video", test_video);
  g_test_add_func ("/dataset-load/video-in-order", test_video_in_order);
  for (guint i = 0; i < G_N_ELEMENTS (bad_videos); i++) {
    g_autofree char *path = g_strconcat ("/dataset-load/bad-video/", bad_videos[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad_video);
  }
  return g_test_run ();
}
