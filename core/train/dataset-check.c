/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/dataset-private.h"

/* Names in one message. */
#define MAX_NAMES 12

static gboolean
has_labels (const CpacDataset *dataset)
{
  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacSample *sample = cpac_dataset_get_entry (dataset, i)->item.sample;

    if (sample != NULL && sample->label[0] != '\0')
      return TRUE;
  }
  return FALSE;
}

/* A list without any label, such as a video, is one of good pictures. */
static gboolean
label_all_good (CpacDataset *dataset, GError **error)
{
  const CpacHead *head = dataset->options.head;
  const char *name = cpac_manifest_get_name (dataset->manifest);
  gint class_index;

  if (head->kind == CPAC_HEAD_CLASSIFIER) {
    g_autofree char *classes =
        cpac_dataset_join_names ((const char *const *) head->classes, MAX_NAMES);

    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no picture has a label; a classifier needs one of %s for each", name,
                 classes);
    return FALSE;
  }
  if (head->good[0] == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no picture has a label, and the model names no good class; expected a list "
                 "with labels, or \"good\" in the model's score section",
                 name);
    return FALSE;
  }
  class_index = cpac_head_find_class (head, head->good[0]);
  for (guint i = 0; i < dataset->entries->len; i++)
    cpac_dataset_get_entry (dataset, i)->item.class_index = class_index;
  cpac_dataset_note (dataset, "no labels: every picture counts as good (%s)", head->good[0]);
  return TRUE;
}

static gboolean
label_none (CpacDataset *dataset)
{
  for (guint i = 0; i < dataset->entries->len; i++)
    cpac_dataset_get_entry (dataset, i)->item.class_index = G_MAXUINT;
  return TRUE;
}

static gboolean
refuse_label (const CpacDataset *dataset, const CpacEntry *entry, GError **error)
{
  const CpacHead *head = dataset->options.head;
  g_autofree char *place = cpac_dataset_get_place (dataset, entry);
  g_autofree char *label = cpac_error_excerpt (entry->item.sample->label);
  g_autofree char *classes =
      head->n_classes > 0 ? cpac_dataset_join_names ((const char *const *) head->classes, MAX_NAMES)
                          : NULL;

  if (label[0] == '\0' && classes == NULL)
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no label, although others of the list have one", place);
  else if (label[0] == '\0')
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: no label; expected one of %s", place,
                 classes);
  else
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: label \"%s\" is no class of the model; expected one of %s", place, label,
                 classes);
  return FALSE;
}

static gboolean
set_label (CpacDataset *dataset, CpacEntry *entry, GError **error)
{
  const CpacHead *head = dataset->options.head;
  const CpacSample *sample = entry->item.sample;
  gint class_index = cpac_head_find_class (head, sample->label);

  entry->item.class_index = class_index;
  entry->item.defect = sample->label[0] != '\0' && !cpac_head_label_is_good (head, sample->label);
  entry->item.has_mask = entry->item.defect && sample->mask != NULL;
  if (entry->split == CPAC_SPLIT_OTHER || dataset->options.any_labels)
    return TRUE;
  if (sample->label[0] == '\0' || (head->n_classes > 0 && class_index < 0))
    return refuse_label (dataset, entry, error);
  return TRUE;
}

gboolean
cpac_dataset_set_labels (CpacDataset *dataset, GError **error)
{
  if (!has_labels (dataset))
    return dataset->options.any_labels ? label_none (dataset) : label_all_good (dataset, error);
  for (guint i = 0; i < dataset->entries->len; i++)
    if (!set_label (dataset, cpac_dataset_get_entry (dataset, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
check_classes (const CpacDataset *dataset, GError **error)
{
  const CpacHead *head = dataset->options.head;
  g_autofree guint *counts = g_new0 (guint, head->n_classes);
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    if (entry->split == CPAC_SPLIT_TRAIN)
      counts[entry->item.class_index]++;
  }
  for (guint i = 0; i < head->n_classes; i++)
    if (counts[i] == 0)
      g_ptr_array_add (missing, head->classes[i]);
  if (missing->len == 0)
    return TRUE;
  g_ptr_array_add (missing, NULL);
  names = cpac_dataset_join_names ((const char *const *) missing->pdata, MAX_NAMES);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: no training picture of class %s; expected at least one of every class",
               cpac_manifest_get_name (dataset->manifest), names);
  return FALSE;
}

/* A map learns from good pictures and from masks; a misspelt good class leaves neither. */
static gboolean
check_map (const CpacDataset *dataset, GError **error)
{
  g_autofree char *good = NULL;

  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    if (entry->split == CPAC_SPLIT_TRAIN && (!entry->item.defect || entry->item.has_mask))
      return TRUE;
  }
  good = cpac_dataset_join_names ((const char *const *) dataset->options.head->good, MAX_NAMES);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: no training picture is good or has a mask; expected the label of a good class "
               "(the model names %s)",
               cpac_manifest_get_name (dataset->manifest), good[0] != '\0' ? good : "none");
  return FALSE;
}

gboolean
cpac_dataset_check_train (const CpacDataset *dataset, GError **error)
{
  if (dataset->options.any_labels)
    return TRUE;
  switch (dataset->options.head->kind) {
    case CPAC_HEAD_CLASSIFIER:
      return check_classes (dataset, error);
    case CPAC_HEAD_MAP:
    case CPAC_HEAD_GAUSSIAN:
    case CPAC_HEAD_COMBINED:
      return check_map (dataset, error);
    case CPAC_HEAD_NONE:
      return TRUE;
  }
  g_return_val_if_reached (FALSE);
}

static gboolean
refuse_group (const CpacDataset *dataset, const CpacEntry *train, const CpacEntry *val,
              GError **error)
{
  g_autofree char *group = cpac_error_excerpt (val->group);
  g_autofree char *train_place = cpac_dataset_get_place (dataset, train);
  g_autofree char *val_place = cpac_dataset_get_place (dataset, val);

  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: group \"%s\" is in split val here and in split train at %s; expected all "
               "pictures of one part on one side",
               val_place, group, train_place);
  return FALSE;
}

gboolean
cpac_dataset_check_groups (CpacDataset *dataset, GError **error)
{
  g_autoptr (GHashTable) trained = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_leaks = 0;

  for (guint i = 0; i < dataset->entries->len; i++) {
    CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    if (entry->split == CPAC_SPLIT_TRAIN && !g_hash_table_contains (trained, entry->group))
      g_hash_table_insert (trained, (gpointer) entry->group, entry);
  }
  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacEntry *entry = cpac_dataset_get_entry (dataset, i);
    const CpacEntry *train = g_hash_table_lookup (trained, entry->group);

    if (train != NULL && entry->split == CPAC_SPLIT_VAL)
      return refuse_group (dataset, train, entry, error);
    n_leaks += train != NULL && entry->split == CPAC_SPLIT_OTHER;
  }
  if (n_leaks > 0)
    cpac_dataset_note (dataset,
                       n_leaks == 1
                           ? "%u picture of other splits shows a part that is trained on: figures "
                             "from those splits flatter"
                           : "%u pictures of other splits show parts that are trained on: figures "
                             "from those splits flatter",
                       n_leaks);
  return TRUE;
}
