/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/weights.h"

#include <string.h>

#include "core/model/files.h"
#include "core/model/weights-table.h"
#include "core/sync.h"
#include "core/tensor/half.h"

struct _CpacWeights {
  gatomicrefcount references;
  GPtrArray *names;   /* in file order */
  GPtrArray *tensors; /* names[i] names tensors[i] */
  GHashTable *index;  /* name -> tensor */
  char *sha256;
};

static CpacWeights *
weights_new (char *sha256)
{
  CpacWeights *weights = g_new (CpacWeights, 1);

  g_atomic_ref_count_init (&weights->references);
  weights->names = g_ptr_array_new_with_free_func (g_free);
  weights->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) cpac_tensor_free);
  weights->index = g_hash_table_new (g_str_hash, g_str_equal);
  weights->sha256 = sha256;
  return weights;
}

CpacWeights *
cpac_weights_ref (CpacWeights *weights)
{
  g_atomic_ref_count_inc (&weights->references);
  return weights;
}

void
cpac_weights_unref (CpacWeights *weights)
{
  if (!cpac_ref_count_dec (&weights->references))
    return;
  g_hash_table_unref (weights->index);
  g_ptr_array_unref (weights->tensors);
  g_ptr_array_unref (weights->names);
  g_free (weights->sha256);
  g_free (weights);
}

const CpacTensor *
cpac_weights_lookup (const CpacWeights *weights, const char *name)
{
  return g_hash_table_lookup (weights->index, name);
}

guint
cpac_weights_get_n_tensors (const CpacWeights *weights)
{
  return weights->tensors->len;
}

const char *
cpac_weights_get_name (const CpacWeights *weights, guint index)
{
  g_return_val_if_fail (index < weights->names->len, NULL);

  return g_ptr_array_index (weights->names, index);
}

const char *
cpac_weights_get_sha256 (const CpacWeights *weights)
{
  return weights->sha256;
}

/* ---- Elements ---- */

static guint32
read_bits (CpacWeightsType type, const guint8 *data, gsize index)
{
  guint32 word;
  guint16 half;

  if (type == CPAC_WEIGHTS_F32) {
    memcpy (&word, data + 4 * index, sizeof word);
    return GUINT32_FROM_LE (word);
  }
  memcpy (&half, data + 2 * index, sizeof half);
  half = GUINT16_FROM_LE (half);
  return type == CPAC_WEIGHTS_F16 ? cpac_half_widen (half) : (guint32) half << 16;
}

static gboolean
refuse_element (const char *name, const CpacWeightsEntry *entry, gsize index, guint32 bits,
                GError **error)
{
  g_autofree char *tensor = cpac_error_excerpt (entry->name);

  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "%s: byte %" G_GSIZE_FORMAT ": tensor \"%s\": found %s as element %" G_GSIZE_FORMAT
               ", expected finite numbers",
               name, entry->begin + index * cpac_weights_type_size (entry->type), tensor,
               bits & 0x7fffff ? "not-a-number" : "infinity", index);
  return FALSE;
}

static gboolean
read_elements (const char *name, const guint8 *data, const CpacWeightsEntry *entry, float *values,
               GError **error)
{
  gsize n = cpac_shape_count (&entry->shape);

  for (gsize i = 0; i < n; i++) {
    guint32 bits = read_bits (entry->type, data + entry->begin, i);

    if ((bits & 0x7f800000) == 0x7f800000)
      return refuse_element (name, entry, i, bits, error);
    memcpy (&values[i], &bits, sizeof bits);
  }
  return TRUE;
}

static gboolean
read_tensor (CpacWeights *weights, const char *name, const guint8 *data,
             const CpacWeightsEntry *entry, GError **error)
{
  g_autoptr (CpacTensor) tensor = cpac_tensor_new (entry->shape);
  char *key;

  if (!read_elements (name, data, entry, tensor->data, error))
    return FALSE;
  key = g_strdup (entry->name);
  g_ptr_array_add (weights->names, key);
  g_hash_table_insert (weights->index, key, tensor);
  g_ptr_array_add (weights->tensors, g_steal_pointer (&tensor));
  return TRUE;
}

/* @sha256 is (transfer full). */
static CpacWeights *
parse (const char *name, const guint8 *data, gsize size, char *sha256, GError **error)
{
  g_autoptr (CpacWeights) weights = weights_new (sha256);
  g_autoptr (GArray) table = cpac_weights_table_parse (name, data, size, error);

  if (table == NULL)
    return NULL;
  for (guint i = 0; i < table->len; i++)
    if (!read_tensor (weights, name, data, &g_array_index (table, CpacWeightsEntry, i), error))
      return NULL;
  return g_steal_pointer (&weights);
}

/* ---- Files ---- */

static char *
hash (const guint8 *data, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
}

CpacWeights *
cpac_weights_parse (const char *name, const guint8 *data, gsize size, GError **error)
{
  return parse (name, data, size, hash (data, size), error);
}

static gboolean
check_sha256 (const char *name, const char *found, const char *expected, GError **error)
{
  g_autofree char *excerpt = NULL;

  if (expected == NULL || g_ascii_strcasecmp (found, expected) == 0)
    return TRUE;
  excerpt = cpac_error_excerpt (expected);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: found the sha256 %s, expected %s", name,
               found, excerpt);
  return FALSE;
}

CpacWeights *
cpac_weights_load (const char *path, const char *sha256, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = cpac_file_map (path, CPAC_WEIGHTS_MAX_FILE, error);
  g_autofree char *found = NULL;
  const guint8 *data;
  gsize size;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  found = hash (data, size);
  if (!check_sha256 (name, found, sha256, error))
    return NULL;
  return parse (name, data, size, g_steal_pointer (&found), error);
}
