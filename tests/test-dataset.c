/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/memory-pictures.h"

static CpacDataset *
open_list (const CpacManifest *manifest, const CpacHead *head)
{
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;
  CpacDataset *dataset = cpac_dataset_open (manifest, &options, &error);

  g_assert_no_error (error);
  return dataset;
}

/* "a.png b.png": the pictures of a split. */
static void
assert_split (const CpacDataset *dataset, CpacSplit split, const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
                            cpac_dataset_get_item (dataset, split, i)->sample->name);
  g_assert_cmpstr (names->str, ==, expected);
}

static void
test_listed_splits (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label,group,mask\n"
                                                   "a,train,Free,1,\n"
                                                   "b,val,Free,2,\n"
                                                   "c,train,Crack,3,mc\n"
                                                   "d,test,Other,4,\n"
                                                   "e,train,Fray,1,\n"
                                                   "f,val,Crack,2,\n"
                                                   "g,calibration,Free,4,mg\n"
                                                   "h,train,Free,5,mh\n");
  g_autoptr (CpacDataset) dataset = open_list (manifest, head);
  g_autofree char *sha256 = cpac_manifest_get_sha256 (manifest);
  const CpacItem *item;

  assert_split (dataset, CPAC_SPLIT_TRAIN, "a c e h");
  assert_split (dataset, CPAC_SPLIT_VAL, "b f");
  assert_split (dataset, CPAC_SPLIT_CALIBRATION, "");
  assert_split (dataset, CPAC_SPLIT_OTHER, "d g");
  g_assert_cmpstr (cpac_dataset_get_notes (dataset), ==, "");
  g_assert_cmpstr (cpac_dataset_get_sha256 (dataset), ==, sha256);

  item = cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 0);
  g_assert_cmpuint (item->class_index, ==, 0);
  g_assert_false (item->defect);
  g_assert_false (item->has_mask);
  item = cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 1);
  g_assert_cmpuint (item->class_index, ==, 1);
  g_assert_true (item->defect);
  g_assert_true (item->has_mask);
  item = cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 2);
  g_assert_cmpuint (item->class_index, ==, 2);
  g_assert_true (item->defect);
  g_assert_false (item->has_mask);
  item = cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 3);
  g_assert_false (item->defect);
  g_assert_false (item->has_mask);
  item = cpac_dataset_get_item (dataset, CPAC_SPLIT_OTHER, 0);
  g_assert_cmpuint (item->class_index, ==, G_MAXUINT);
  g_assert_true (item->defect);
}

/* sha256 of "1", "3", "5" and of "2", as sha256sum gives them, sorted. */
static void
test_group_hashes (void)
{
  static const char *const trained[] = {
    "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d",
    NULL,
  };
  static const char *const selected[] = {
    "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
    NULL,
  };
  static const char *const none[] = { NULL };
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label,group\n"
                                                   "a,train,Free,5\n"
                                                   "b,val,Free,2\n"
                                                   "c,train,Free,3\n"
                                                   "d,test,Free,4\n"
                                                   "e,train,Free,1\n"
                                                   "f,train,Free,3\n");
  g_autoptr (CpacDataset) dataset = open_list (manifest, head);
  g_auto (GStrv) of_train = cpac_dataset_get_group_hashes (dataset, CPAC_SPLIT_TRAIN);
  g_auto (GStrv) of_val = cpac_dataset_get_group_hashes (dataset, CPAC_SPLIT_VAL);
  g_auto (GStrv) of_calibration = cpac_dataset_get_group_hashes (dataset, CPAC_SPLIT_CALIBRATION);

  g_assert_cmpstrv (of_train, trained);
  g_assert_cmpstrv (of_val, selected);
  g_assert_cmpstrv (of_calibration, none);
}

static void
test_notes (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label\n"
                                                   "a,train,Free\n"
                                                   "b,train,Free\n"
                                                   "c,,Free\n"
                                                   "b,test,Free\n");
  g_autoptr (CpacManifest) unlabelled = memory_list ("path\na\nb\nc\n");
  g_autoptr (CpacDataset) dataset = open_list (manifest, head);
  g_autoptr (CpacDataset) all_good = open_list (unlabelled, head);

  /* Whether a or b is set aside, what the test shows of b leaks or does not. */
  g_assert_true (g_str_has_prefix (
      cpac_dataset_get_notes (dataset),
      "no groups: every picture counts as its own part\n"
      "1 row without a split is left out\n"
      "no rows of split val: 1 of 2 training pictures set aside for selection\n"));
  g_assert_cmpint (
      strstr (cpac_dataset_get_notes (dataset),
              "\n1 picture of other splits shows a part that is trained on: figures from those "
              "splits flatter\n") != NULL,
      ==, g_str_equal (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 0)->sample->name, "b"));
  g_assert_cmpstr (cpac_dataset_get_notes (all_good), ==,
                   "no groups: every picture counts as its own part\n"
                   "no labels: every picture counts as good (Free)\n"
                   "no splits: of 3 pictures 1 set aside for selection, 0 for calibration\n");
  for (guint i = 0; i < cpac_dataset_get_n (all_good, CPAC_SPLIT_TRAIN); i++)
    g_assert_false (cpac_dataset_get_item (all_good, CPAC_SPLIT_TRAIN, i)->defect);
}

/* ---- Setting aside ---- */

/* @n_groups groups of 1 to 3 pictures of @label, listed in steps of @step. */
static void
add_groups (GString *text, const char *label, guint n_groups, guint step)
{
  for (guint i = 0; i < n_groups; i++) {
    guint group = i * step % n_groups;

    for (guint k = 0; k <= group % 3; k++)
      g_string_append_printf (text, "%s-%u-%u,%s,%s-%u\n", label, group, k, label, label, group);
  }
}

static void
count_groups (const CpacDataset *dataset, CpacSplit split, const char *label, guint expected)
{
  g_autoptr (GHashTable) groups = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++) {
    const CpacSample *sample = cpac_dataset_get_item (dataset, split, i)->sample;

    if (g_str_equal (sample->label, label))
      g_hash_table_add (groups, (gpointer) sample->group);
  }
  g_assert_cmpuint (g_hash_table_size (groups), ==, expected);
}

static void
assert_groups_apart (const CpacDataset *dataset)
{
  g_autoptr (GHashTable) splits = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint split = 0; split < 4; split++)
    for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++) {
      const char *group = cpac_dataset_get_item (dataset, split, i)->sample->group;
      gpointer before = g_hash_table_lookup (splits, group);

      g_assert_true (before == NULL || GPOINTER_TO_UINT (before) == split + 1);
      g_hash_table_insert (splits, (gpointer) group, GUINT_TO_POINTER (split + 1));
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The pictures of a split in an order of their own. (transfer full) */
static char *
describe_split (const CpacDataset *dataset, CpacSplit split)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++)
    g_ptr_array_add (names, (gpointer) cpac_dataset_get_item (dataset, split, i)->sample->name);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

static CpacManifest *
make_groups (guint step)
{
  g_autoptr (GString) text = g_string_new ("path,label,group\n");

  add_groups (text, "Free", 53, step);
  add_groups (text, "Crack", 17, step);
  add_groups (text, "Fray", 4, step);
  return memory_list (text->str);
}

/* 53, 17 and 4 groups: 5, 2 and 0 of each are a tenth, rounded. */
static void
test_set_aside (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = make_groups (1);
  g_autoptr (CpacDataset) dataset = open_list (manifest, head);
  guint n = 0;

  for (guint split = 0; split < 4; split++)
    n += cpac_dataset_get_n (dataset, split);
  g_assert_cmpuint (n, ==, cpac_manifest_get_n_samples (manifest));
  count_groups (dataset, CPAC_SPLIT_VAL, "Free", 5);
  count_groups (dataset, CPAC_SPLIT_CALIBRATION, "Free", 5);
  count_groups (dataset, CPAC_SPLIT_TRAIN, "Free", 43);
  count_groups (dataset, CPAC_SPLIT_VAL, "Crack", 2);
  count_groups (dataset, CPAC_SPLIT_CALIBRATION, "Crack", 2);
  count_groups (dataset, CPAC_SPLIT_TRAIN, "Crack", 13);
  count_groups (dataset, CPAC_SPLIT_TRAIN, "Fray", 4);
  assert_groups_apart (dataset);
}

/* The same seed sets the same aside whatever the order of the list; another seed other groups. */
static void
test_set_aside_seed (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = make_groups (1);
  g_autoptr (CpacManifest) shuffled = make_groups (5);
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) first = cpac_dataset_open (manifest, &options, NULL);
  g_autoptr (CpacDataset) second = cpac_dataset_open (shuffled, &options, NULL);
  g_autoptr (CpacDataset) other = NULL;

  options.seed = 2;
  other = cpac_dataset_open (manifest, &options, NULL);
  for (guint split = 0; split < 3; split++) {
    g_autofree char *names = describe_split (first, split);
    g_autofree char *same = describe_split (second, split);
    g_autofree char *different = describe_split (other, split);

    g_assert_cmpstr (names, ==, same);
    g_assert_cmpstr (names, !=, different);
  }
  assert_groups_apart (other);
}

/* Over many seeds every group is set aside now and then. */
static void
test_set_aside_every_group (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list ("path\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  CpacDatasetOptions options = memory_options (head);
  guint counts[10] = { 0 };

  for (options.seed = 0; options.seed < 200; options.seed++) {
    g_autoptr (CpacDataset) dataset = cpac_dataset_open (manifest, &options, NULL);

    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_VAL), ==, 1);
    g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_CALIBRATION), ==, 1);
    counts[cpac_dataset_get_item (dataset, CPAC_SPLIT_VAL, 0)->sample->name[0] - 'a']++;
  }
  /* Mean 20, standard deviation 4.2. */
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (counts[i], >, 3);
}

/* One of a group goes where all of it goes, also when only train is cut. */
static void
test_no_val (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (GString) text = g_string_new ("path,split,label,group\n");
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (CpacDataset) dataset = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "p%u,%s,Free,g%u\n", i, i < 50 ? "train" : "test", i / 2);
  manifest = memory_list (text->str);
  dataset = open_list (manifest, head);
  /* 25 groups: 2.5, rounded up. */
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_VAL), ==, 6);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN), ==, 44);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_CALIBRATION), ==, 0);
  g_assert_cmpuint (cpac_dataset_get_n (dataset, CPAC_SPLIT_OTHER), ==, 10);
  assert_groups_apart (dataset);
  g_assert_cmpstr (cpac_dataset_get_notes (dataset), ==,
                   "no rows of split val: 6 of 50 training pictures set aside for selection\n");
}

/* ---- What is learnt from without labels ---- */

/* Rows of another split are learnt from; labels may be missing, or of no class. */
static void
test_any_labels (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label\n"
                                                   "a,refit,Free\n"
                                                   "b,refit,\n"
                                                   "c,train,Crack\n"
                                                   "d,refit,Other\n"
                                                   "e,val,Crack\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  options.train_split = "refit";
  options.any_labels = TRUE;
  dataset = cpac_dataset_open (manifest, &options, &error);
  g_assert_no_error (error);
  assert_split (dataset, CPAC_SPLIT_TRAIN, "a b d");
  assert_split (dataset, CPAC_SPLIT_VAL, "e");
  assert_split (dataset, CPAC_SPLIT_OTHER, "c");
  g_assert_cmpuint (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 0)->class_index, ==, 0);
  g_assert_cmpuint (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 1)->class_index, ==,
                    G_MAXUINT);
  g_assert_false (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 1)->defect);
  g_assert_cmpuint (cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, 2)->class_index, ==,
                    G_MAXUINT);
  g_assert_true (cpac_dataset_get_item (dataset, CPAC_SPLIT_VAL, 0)->defect);
}

static void
test_no_labels (void)
{
  g_autoptr (CpacHead) head = memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split\na,train\nb,val\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (CpacDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;

  options.any_labels = TRUE;
  dataset = cpac_dataset_open (manifest, &options, &error);
  g_assert_no_error (error);
  for (CpacSplit split = CPAC_SPLIT_TRAIN; split <= CPAC_SPLIT_VAL; split++) {
    g_assert_cmpuint (cpac_dataset_get_item (dataset, split, 0)->class_index, ==, G_MAXUINT);
    g_assert_false (cpac_dataset_get_item (dataset, split, 0)->defect);
  }
  options.train_split = "refit";
  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  g_assert_cmpstr (error->message, ==,
                   "parts.csv: no row of split refit; found the splits train, val");
}

/* ---- What is refused ---- */

static const struct {
  const char *name;
  gboolean is_map;
  const char *text;
  GQuark (*domain) (void);
  int code;
  const char *message;
} bad[] = {
  { "unknown-label", FALSE, "path,split,label\na,train,Free\nb,train,Crak\nc,val,Free\n",
    cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv:3: b: label \"Crak\" is no class of the model; expected one of Free, Crack, Fray" },
  { "unknown-label-in-val", FALSE,
    "path,split,label\na,train,Free\nb,train,Crack\nc,train,Fray\nd,val,free\n", cpac_error_quark,
    CPAC_ERROR_SCHEMA,
    "parts.csv:5: d: label \"free\" is no class of the model; expected one of Free, Crack, Fray" },
  { "no-label", FALSE, "path,split,label\na,train,Free\nb,train,\n", cpac_error_quark,
    CPAC_ERROR_SCHEMA, "parts.csv:3: b: no label; expected one of Free, Crack, Fray" },
  { "no-label-map", TRUE, "path,split,label\na,train,Free\nb,train,\n", cpac_error_quark,
    CPAC_ERROR_SCHEMA, "parts.csv:3: b: no label, although others of the list have one" },
  { "no-labels", FALSE, "path\na\nb\nc\n", cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv: no picture has a label; a classifier needs one of Free, Crack, Fray for each" },
  { "empty-class", FALSE, "path,split,label\na,train,Crack\nb,train,Crack\nc,val,Free\n",
    cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv: no training picture of class Free, Fray; expected at least one of every class" },
  { "nothing-good", TRUE, "path,split,label\na,train,free\nb,train,free\nc,val,Free\n",
    cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv: no training picture is good or has a mask; expected the label of a good class "
    "(the model names Free)" },
  { "no-train", TRUE, "path,split,label\na,refit,Free\nb,test,Free\nc,,Free\nd,refit,Free\n",
    cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv: no row of split train; found the splits refit, test" },
  { "leak", TRUE,
    "path,split,label,group\na,val,Free,t1\nb,val,Free,t2\nc,train,Free,t3\n"
    "d,train,Free,t2\ne,train,Free,t2\n",
    cpac_error_quark, CPAC_ERROR_SCHEMA,
    "parts.csv:3: b: group \"t2\" is in split val here and in split train at parts.csv:5: d; "
    "expected all pictures of one part on one side" },
  { "same-picture", TRUE, "path,split,label\na,train,Free\na,val,Free\n", cpac_error_quark,
    CPAC_ERROR_SCHEMA,
    "parts.csv:3: a: group \"a\" is in split val here and in split train at parts.csv:2: a; "
    "expected all pictures of one part on one side" },
  { "one-group", TRUE, "path,label,group\na,Free,t1\nb,Free,t1\n", cpac_error_quark,
    CPAC_ERROR_SCHEMA,
    "parts.csv: 1 group to learn from, none of which can be set aside for selection; expected at "
    "least 2 groups of one label, or rows of split val" },
  { "missing", TRUE,
    "path,split,label\na,train,Free\nb,val,Free\nmissing-1,train,Free\nmissing-2,val,Free\n",
    g_file_error_quark, G_FILE_ERROR_NOENT, "parts.csv:4: missing-1: there is no such file" },
  { "broken", TRUE, "path,split,label\na,train,Free\nb,val,Free\nbroken,val,Free\n",
    cpac_error_quark, CPAC_ERROR_PARSE, "parts.csv:4: broken: no picture in it" },
  { "damaged", TRUE, "path,split,label\na,train,Free\nb,val,Free\ndamaged,val,Free\n",
    cpac_error_quark, CPAC_ERROR_PARSE, "parts.csv:4: damaged: the decoder says it is damaged" },
  { "no-frame", TRUE, "path,split,label\na,train,Free\nb,val,Free\nclip-0,val,Free\n",
    cpac_error_quark, CPAC_ERROR_PARSE,
    "parts.csv:4: clip-0: ends before the frame that is wanted" },
  { "mask-missing", TRUE,
    "path,split,label,mask\na,train,Free,\nb,val,Free,\nc,train,Crack,missing-mask\n",
    g_file_error_quark, G_FILE_ERROR_NOENT, "parts.csv:4: missing-mask: there is no such file" },
  { "mask-size", TRUE,
    "path,split,label,mask\na,train,Free,\nb,val,Free,\nc,train,Crack,odd-mask\n", cpac_error_quark,
    CPAC_ERROR_SHAPE,
    "parts.csv:4: c: the mask odd-mask is 4x2 pixels; expected 5x3, as its picture" },
};

static void
test_bad (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  g_autoptr (CpacHead) head = bad[row].is_map ? memory_map () : memory_classifier ();
  g_autoptr (CpacManifest) manifest = memory_list (bad[row].text);
  CpacDatasetOptions options = memory_options (head);

  for (options.n_threads = 1; options.n_threads <= 3; options.n_threads++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (cpac_dataset_open (manifest, &options, &error));
    g_assert_cmpstr (error->message, ==, bad[row].message);
    g_assert_error (error, bad[row].domain (), bad[row].code);
  }
}

/* A model that lists classes takes no other label, whatever its head. */
static void
test_map_with_classes (void)
{
  g_autoptr (CpacHead) head =
      memory_head ("{head: map, classes: [Free, Crack], good: [Free], threshold: 0}", 1);
  g_autoptr (CpacManifest) manifest =
      memory_list ("path,split,label\na,train,Free\nb,val,Free\nc,train,crack\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  g_assert_cmpstr (error->message, ==,
                   "parts.csv:4: c: label \"crack\" is no class of the model; expected one of "
                   "Free, Crack");
}

static void
test_no_good_class (void)
{
  g_autoptr (CpacHead) head = memory_head ("{head: map, threshold: 0}", 1);
  g_autoptr (CpacManifest) manifest = memory_list ("path\na\nb\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "parts.csv: no picture has a label, and the model names no good class; expected "
                   "a list with labels, or \"good\" in the model's score section");
}

/* What the network cannot take is an error of the picture. */
static void
test_too_small (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest =
      memory_list ("path,split,label\na,train,Free\nb,val,Free\nsmall,train,Free\n");
  CpacDatasetOptions options = memory_options (head);
  g_autoptr (GError) error = NULL;

  options.input.min_width = 3;
  g_assert_null (cpac_dataset_open (manifest, &options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_true (g_str_has_prefix (error->message, "parts.csv:4: small: "));
}

/* Pictures of other splits are not even opened. */
static void
test_other_untouched (void)
{
  g_autoptr (CpacHead) head = memory_map ();
  g_autoptr (CpacManifest) manifest = memory_list ("path,split,label,mask\n"
                                                   "a,train,Free,\n"
                                                   "b,val,Free,\n"
                                                   "missing,test,Crack,missing\n"
                                                   "broken,dev,,\n");
  g_autoptr (CpacDataset) dataset = open_list (manifest, head);

  assert_split (dataset, CPAC_SPLIT_OTHER, "missing broken");
  g_assert_cmpint (memory_pictures.n_opened, ==, 2);
  g_assert_cmpint (memory_pictures.n_masks, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/listed-splits", test_listed_splits);
  g_test_add_func ("/dataset/group-hashes", test_group_hashes);
  g_test_add_func ("/dataset/notes", test_notes);
  g_test_add_func ("/dataset/set-aside", test_set_aside);
  g_test_add_func ("/dataset/set-aside-seed", test_set_aside_seed);
  g_test_add_func ("/dataset/set-aside-every-group", test_set_aside_every_group);
  g_test_add_func ("/dataset/no-val", test_no_val);
  g_test_add_func ("/dataset/any-labels", test_any_labels);
  g_test_add_func ("/dataset/no-labels", test_no_labels);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autofree char *path = g_strconcat ("/dataset/bad/", bad[i].name, NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad);
  }
  g_test_add_func ("/dataset/map-with-classes", test_map_with_classes);
  g_test_add_func ("/dataset/no-good-class", test_no_good_class);
  g_test_add_func ("/dataset/too-small", test_too_small);
  g_test_add_func ("/dataset/other-untouched", test_other_untouched);
  return g_test_run ();
}
