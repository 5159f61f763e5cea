/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/dataset.h"

#include <string.h>

#include "core/train/dataset-private.h"

void
cpac_dataset_note (CpacDataset *dataset, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (dataset->notes, format, args);
  va_end (args);
  g_string_append_c (dataset->notes, '\n');
}

char *
cpac_dataset_get_place (const CpacDataset *dataset, const CpacEntry *entry)
{
  const char *list = cpac_manifest_get_name (dataset->manifest);
  const CpacSample *sample = entry->item.sample;

  if (sample == NULL || cpac_manifest_get_kind (dataset->manifest) == CPAC_MANIFEST_IDX)
    return g_strdup_printf ("%s#%u", list, entry->index);
  if (sample->line > 0)
    return g_strdup_printf ("%s:%u: %s", list, sample->line, sample->name);
  return g_strdup (sample->path);
}

char *
cpac_dataset_join_names (const char *const *names, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL && i < n; i++) {
    g_autofree char *name = cpac_error_excerpt (names[i]);

    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", name);
  }
  if (g_strv_length ((char **) names) > n)
    g_string_append (text, ", ...");
  return g_string_free (text, FALSE);
}

static void
clear_entry (gpointer data)
{
  CpacEntry *entry = data;

  g_free (entry->input);
  g_free (entry->mask);
}

static CpacDataset *
dataset_new (const CpacManifest *manifest, const CpacDatasetOptions *options)
{
  CpacDataset *dataset = g_new0 (CpacDataset, 1);
  const CpacInputSpec *spec = &options->input;

  dataset->manifest = manifest;
  dataset->options = *options;
  dataset->input_bytes = (gsize) spec->channels * spec->height * spec->width * sizeof (float);
  dataset->entries = g_array_new (FALSE, FALSE, sizeof (CpacEntry));
  g_array_set_clear_func (dataset->entries, clear_entry);
  for (guint i = 0; i < CPAC_N_SPLITS; i++)
    dataset->splits[i] = g_array_new (FALSE, FALSE, sizeof (guint));
  dataset->strings = g_string_chunk_new (1024);
  dataset->notes = g_string_new (NULL);
  dataset->pool = cpac_decoder_pool_new (spec, options->open, options->open_data);
  dataset->sha256 = cpac_manifest_get_sha256 (manifest);
  return dataset;
}

void
cpac_dataset_free (CpacDataset *dataset)
{
  if (dataset == NULL)
    return;
  g_array_unref (dataset->entries);
  for (guint i = 0; i < CPAC_N_SPLITS; i++)
    g_array_unref (dataset->splits[i]);
  g_string_chunk_free (dataset->strings);
  g_string_free (dataset->notes, TRUE);
  cpac_decoder_pool_free (dataset->pool);
  g_free (dataset->sha256);
  g_free (dataset);
}

static gboolean
list_entries (CpacDataset *dataset, GError **error)
{
  if (cpac_manifest_get_kind (dataset->manifest) == CPAC_MANIFEST_VIDEO)
    return cpac_dataset_load_video (dataset, error);
  for (guint i = 0; i < cpac_manifest_get_n_samples (dataset->manifest); i++) {
    const CpacSample *sample = cpac_manifest_get_sample (dataset->manifest, i);
    CpacEntry entry = { .item.sample = sample, .index = i, .group = sample->group };

    g_array_append_val (dataset->entries, entry);
  }
  if (!cpac_manifest_has_groups (dataset->manifest))
    cpac_dataset_note (dataset, "no groups: every picture counts as its own part");
  return TRUE;
}

static gboolean
load (CpacDataset *dataset, GError **error)
{
  if (cpac_manifest_get_kind (dataset->manifest) != CPAC_MANIFEST_VIDEO &&
      !cpac_dataset_load_pictures (dataset, error))
    return FALSE;
  return dataset->options.head->kind != CPAC_HEAD_MAP || cpac_dataset_load_masks (dataset, error);
}

static void
list_splits (CpacDataset *dataset)
{
  for (guint i = 0; i < dataset->entries->len; i++)
    g_array_append_val (dataset->splits[cpac_dataset_get_entry (dataset, i)->split], i);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

CpacDataset *
cpac_dataset_open (const CpacManifest *manifest, const CpacDatasetOptions *options, GError **error)
{
  g_autoptr (CpacDataset) dataset = NULL;

  g_return_val_if_fail (manifest != NULL && options != NULL, NULL);
  g_return_val_if_fail (options->head != NULL && options->open != NULL, NULL);
  g_return_val_if_fail (options->n_threads >= 1, NULL);
  g_return_val_if_fail (options->input.width >= 1 && options->input.height >= 1, NULL);
  g_return_val_if_fail (options->input.channels >= 1, NULL);

  dataset = dataset_new (manifest, options);
  if (!list_entries (dataset, error) || !cpac_dataset_read_splits (dataset, error) ||
      !cpac_dataset_set_labels (dataset, error) || !cpac_dataset_set_aside (dataset, error) ||
      !cpac_dataset_check_train (dataset, error) || !cpac_dataset_check_groups (dataset, error) ||
      !load (dataset, error))
    return NULL;
  list_splits (dataset);
  return g_steal_pointer (&dataset);
}

guint
cpac_dataset_get_n (const CpacDataset *dataset, CpacSplit split)
{
  return dataset->splits[split]->len;
}

static const CpacEntry *
get_split_entry (const CpacDataset *dataset, CpacSplit split, guint index)
{
  return cpac_dataset_get_entry (dataset, g_array_index (dataset->splits[split], guint, index));
}

const CpacItem *
cpac_dataset_get_item (const CpacDataset *dataset, CpacSplit split, guint index)
{
  g_return_val_if_fail (index < cpac_dataset_get_n (dataset, split), NULL);

  return &get_split_entry (dataset, split, index)->item;
}

void
cpac_dataset_get_size (const CpacDataset *dataset, CpacSplit split, guint index, guint *width,
                       guint *height)
{
  const CpacEntry *entry;

  g_return_if_fail (index < cpac_dataset_get_n (dataset, split));

  entry = get_split_entry (dataset, split, index);
  *width = entry->width;
  *height = entry->height;
}

gboolean
cpac_dataset_get_input (const CpacDataset *dataset, CpacSplit split, guint index, float *input,
                        GError **error)
{
  const CpacEntry *entry;
  CpacFrameInfo info;

  g_return_val_if_fail (index < cpac_dataset_get_n (dataset, split), FALSE);

  entry = get_split_entry (dataset, split, index);
  if (entry->input != NULL) {
    memcpy (input, entry->input, dataset->input_bytes);
    return TRUE;
  }
  return cpac_dataset_decode (dataset, entry, input, &info, error);
}

gboolean
cpac_dataset_get_mask (const CpacDataset *dataset, CpacSplit split, guint index, guint width,
                       guint height, float *mask, GError **error)
{
  const CpacEntry *entry;
  g_autofree guint8 *read = NULL;
  guint mask_width, mask_height;

  g_return_val_if_fail (index < cpac_dataset_get_n (dataset, split), FALSE);

  entry = get_split_entry (dataset, split, index);
  if (!entry->item.defect) {
    memset (mask, 0, (gsize) width * height * sizeof *mask);
    return TRUE;
  }
  if (entry->mask != NULL) {
    cpac_mask_get_shares (entry->mask, entry->width, entry->height, width, height, mask);
    return TRUE;
  }
  if (!entry->item.has_mask) {
    g_autofree char *place = cpac_dataset_get_place (dataset, entry);

    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "%s: a defect without a mask", place);
    return FALSE;
  }
  read = cpac_dataset_read_mask (dataset, entry, &mask_width, &mask_height, error);
  if (read == NULL)
    return FALSE;
  cpac_mask_get_shares (read, mask_width, mask_height, width, height, mask);
  return TRUE;
}

const char *
cpac_dataset_get_sha256 (const CpacDataset *dataset)
{
  return dataset->sha256;
}

char **
cpac_dataset_get_group_hashes (const CpacDataset *dataset, CpacSplit split)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *hashes = g_ptr_array_new ();

  for (guint i = 0; i < cpac_dataset_get_n (dataset, split); i++) {
    const char *group = get_split_entry (dataset, split, i)->group;

    if (g_hash_table_add (seen, (gpointer) group))
      g_ptr_array_add (hashes, g_compute_checksum_for_string (G_CHECKSUM_SHA256, group, -1));
  }
  g_ptr_array_sort (hashes, compare_texts);
  g_ptr_array_add (hashes, NULL);
  return (char **) g_ptr_array_free (hashes, FALSE);
}

const char *
cpac_dataset_get_notes (const CpacDataset *dataset)
{
  return dataset->notes->str;
}

gsize
cpac_dataset_get_cached_bytes (const CpacDataset *dataset)
{
  return dataset->cached_bytes;
}

guint
cpac_dataset_get_n_uncached (const CpacDataset *dataset)
{
  return dataset->n_uncached;
}
