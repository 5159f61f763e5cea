/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/random.h"
#include "core/train/dataset-private.h"

/*
 * Setting groups aside. Every group gets a number from the seed and its own name alone; of the
 * groups of each label (that of a group's first picture) those with the smallest numbers are set
 * aside, the asked share rounded to the nearest. So each class keeps its share, and the same seed
 * sets the same aside whatever the order of the list.
 */

typedef struct {
  const char *name, *label;
  guint64 number;
  CpacSplit split;
} Group;

static guint64
get_number (const char *name, guint64 seed)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  guint64 item = 0, high;
  CpacRandom random;

  g_checksum_update (checksum, (const guchar *) name, strlen (name));
  g_checksum_get_digest (checksum, digest, &length);
  for (guint i = 0; i < 8; i++)
    item = item << 8 | digest[i];
  cpac_random_init (&random, seed, CPAC_STREAM_SPLIT, item);
  high = cpac_random_uint32 (&random);
  return high << 32 | cpac_random_uint32 (&random);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *first = *(const Group *const *) a, *second = *(const Group *const *) b;
  int order = strcmp (first->label, second->label);

  if (order != 0)
    return order;
  if (first->number != second->number)
    return first->number < second->number ? -1 : 1;
  return strcmp (first->name, second->name);
}

/* The groups of split train, sorted by label and number. (element-type Group) */
static GPtrArray *
list_groups (CpacDataset *dataset, GHashTable *by_name)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacEntry *entry = cpac_dataset_get_entry (dataset, i);
    Group *group;

    if (entry->split != CPAC_SPLIT_TRAIN || g_hash_table_contains (by_name, entry->group))
      continue;
    group = g_new (Group, 1);
    *group = (Group){
      .name = entry->group,
      .label = entry->item.sample != NULL ? entry->item.sample->label : "",
      .number = get_number (entry->group, dataset->options.seed),
      .split = CPAC_SPLIT_TRAIN,
    };
    g_ptr_array_add (groups, group);
    g_hash_table_insert (by_name, (gpointer) entry->group, group);
  }
  g_ptr_array_sort (groups, compare_groups);
  return groups;
}

/* Number of groups from @first on that have the same label. */
static guint
count_label (const GPtrArray *groups, guint first)
{
  const Group *group = g_ptr_array_index (groups, first);
  guint n = 1;

  while (first + n < groups->len &&
         g_str_equal (((const Group *) g_ptr_array_index (groups, first + n))->label, group->label))
    n++;
  return n;
}

static void
set_split (GPtrArray *groups, guint first, guint n, CpacSplit split)
{
  for (guint i = first; i < first + n; i++)
    ((Group *) g_ptr_array_index (groups, i))->split = split;
}

static double
share_of (double asked)
{
  return asked > 0 ? asked : asked < 0 ? 0 : 0.1;
}

/* Where there are too few groups of every label for the share, one of the most frequent label is
 * set aside. FALSE when not even that is possible. */
static gboolean
choose_groups (GPtrArray *groups, double val_share, double calibration_share)
{
  guint most = 0, most_first = 0, n_val = 0;

  for (guint first = 0, n; first < groups->len; first += n) {
    guint val, calibration;

    n = count_label (groups, first);
    val = (guint) (n * val_share + 0.5);
    calibration = MIN ((guint) (n * calibration_share + 0.5), n - val);
    set_split (groups, first, val, CPAC_SPLIT_VAL);
    set_split (groups, first + val, calibration, CPAC_SPLIT_CALIBRATION);
    n_val += val;
    if (n > most) {
      most = n;
      most_first = first;
    }
  }
  if (n_val == 0 && most >= 2) {
    set_split (groups, most_first, 1, CPAC_SPLIT_VAL);
    n_val = 1;
  }
  return n_val > 0;
}

static gboolean
move_groups (CpacDataset *dataset, gboolean with_calibration, GError **error)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) groups = list_groups (dataset, by_name);

  if (!choose_groups (groups, share_of (dataset->options.val_share),
                      with_calibration ? share_of (dataset->options.calibration_share) : 0)) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: %u group%s to learn from, none of which can be set aside for selection; "
                 "expected at least 2 groups of one label, or rows of split val",
                 cpac_manifest_get_name (dataset->manifest), groups->len,
                 groups->len == 1 ? "" : "s");
    return FALSE;
  }
  for (guint i = 0; i < dataset->entries->len; i++) {
    CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    if (entry->split == CPAC_SPLIT_TRAIN)
      entry->split = ((Group *) g_hash_table_lookup (by_name, entry->group))->split;
  }
  return TRUE;
}

static guint
count_split (const CpacDataset *dataset, CpacSplit split)
{
  guint n = 0;

  for (guint i = 0; i < dataset->entries->len; i++)
    n += cpac_dataset_get_entry (dataset, i)->split == split;
  return n;
}

static const char *
get_train_split (const CpacDataset *dataset)
{
  return dataset->options.train_split != NULL ? dataset->options.train_split : "train";
}

/* No row is for training: says which splits there are. */
static gboolean
refuse_splits (const CpacDataset *dataset, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *found = NULL;

  for (guint i = 0; i < dataset->entries->len; i++) {
    const char *name = cpac_dataset_get_entry (dataset, i)->item.sample->split;

    if (name[0] != '\0' && g_hash_table_add (seen, (gpointer) name))
      g_ptr_array_add (names, (gpointer) name);
  }
  g_ptr_array_add (names, NULL);
  found = cpac_dataset_join_names ((const char *const *) names->pdata, 8);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: no row of split %s; found the splits %s",
               cpac_manifest_get_name (dataset->manifest), get_train_split (dataset), found);
  return FALSE;
}

static CpacSplit
get_listed_split (const CpacDataset *dataset, const CpacSample *sample)
{
  if (g_str_equal (sample->split, get_train_split (dataset)))
    return CPAC_SPLIT_TRAIN;
  return g_str_equal (sample->split, "val") ? CPAC_SPLIT_VAL : CPAC_SPLIT_OTHER;
}

gboolean
cpac_dataset_read_splits (CpacDataset *dataset, GError **error)
{
  guint n_none = 0;

  if (!cpac_manifest_has_splits (dataset->manifest))
    return TRUE;
  for (guint i = 0; i < dataset->entries->len; i++) {
    CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    entry->split = get_listed_split (dataset, entry->item.sample);
    n_none += entry->item.sample->split[0] == '\0';
  }
  if (count_split (dataset, CPAC_SPLIT_TRAIN) == 0)
    return refuse_splits (dataset, error);
  if (n_none > 0)
    cpac_dataset_note (dataset,
                       n_none == 1 ? "%u row without a split is left out"
                                   : "%u rows without a split are left out",
                       n_none);
  return TRUE;
}

gboolean
cpac_dataset_set_aside (CpacDataset *dataset, GError **error)
{
  gboolean has_splits = cpac_manifest_has_splits (dataset->manifest);
  guint n = count_split (dataset, CPAC_SPLIT_TRAIN);

  if (count_split (dataset, CPAC_SPLIT_VAL) > 0)
    return TRUE;
  if (!move_groups (dataset, !has_splits, error))
    return FALSE;
  if (has_splits)
    cpac_dataset_note (dataset,
                       "no rows of split val: %u of %u training pictures set aside for selection",
                       count_split (dataset, CPAC_SPLIT_VAL), n);
  else
    cpac_dataset_note (
        dataset, "no splits: of %u pictures %u set aside for selection, %u for calibration", n,
        count_split (dataset, CPAC_SPLIT_VAL), count_split (dataset, CPAC_SPLIT_CALIBRATION));
  return TRUE;
}
