/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/config.h"
#include "tests/fuzz/fuzz.h"

#define MAX_NODES 100000
#define MAX_LEVELS 64
/* Values are read from the first few nodes: making errors costs more than parsing. */
#define MAX_READ 20

static const char *const words[] = { "input", "layers", "name", "type", NULL };

/* The error of a typed getter must name the place; its result must keep the bounds. */
static void
check_refusal (gboolean done, GError **error)
{
  g_assert_cmpint (done, ==, *error == NULL);
  if (*error)
    g_assert_true (g_str_has_prefix ((*error)->message, "fuzz.yaml:"));
  g_clear_error (error);
}

static void
check_values (const CpacConfig *node)
{
  g_autoptr (GError) error = NULL;
  guint64 number = 7;
  double real = 0.5;
  gboolean truth = FALSE;
  guint index = 0;

  check_refusal (cpac_config_as_uint (node, 3, 1000, &number, &error), &error);
  g_assert_true (number >= 3 && number <= 1000);
  check_refusal (cpac_config_as_double (node, -2, 1e9, &real, &error), &error);
  g_assert_true (real >= -2 && real <= 1e9);
  check_refusal (cpac_config_as_boolean (node, &truth, &error), &error);
  check_refusal (cpac_config_as_choice (node, words, &index, &error), &error);
  g_assert_cmpuint (index, <, G_N_ELEMENTS (words) - 1);
  check_refusal (cpac_config_as_string (node, &error) != NULL, &error);
  check_refusal (cpac_config_check_keys (node, words, &error), &error);
}

static void
check_lists (const CpacConfig *map, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) numbers = cpac_config_get_doubles (map, key, 1, 5, 0, 255, &error);
  g_auto (GStrv) texts = NULL;
  guint pair[2];

  check_refusal (numbers != NULL, &error);
  texts = cpac_config_get_strings (map, key, 10, &error);
  check_refusal (texts != NULL, &error);
  check_refusal (cpac_config_get_uints (map, key, 2, 1, 9, pair, &error), &error);
}

static void
check_span (const CpacConfig *node, gsize size)
{
  gsize begin, end;
  guint line, column;

  cpac_config_get_span (node, &begin, &end);
  cpac_config_get_place (node, &line, &column);
  g_assert_cmpuint (begin, <=, end);
  g_assert_cmpuint (end, <=, size);
  g_assert_true (line >= 1 && column >= 1);
}

/* Walks as a reader without a memory of aliases would: this must end soon. */
static void
check_tree (const CpacConfig *node, gsize size, guint level, guint *n_nodes)
{
  g_assert_cmpuint (level, <=, MAX_LEVELS);
  g_assert_cmpuint (++*n_nodes, <=, MAX_NODES);
  check_span (node, size);
  if (*n_nodes <= MAX_READ)
    check_values (node);
  for (guint i = 0; i < cpac_config_get_length (node); i++) {
    const CpacConfig *item = cpac_config_get_item (node, i);

    if (cpac_config_get_kind (node) == CPAC_CONFIG_MAP) {
      const char *key = cpac_config_get_key (node, i);

      g_assert_true (cpac_config_peek (node, key) == item);
      if (*n_nodes <= MAX_READ)
        check_lists (node, key);
    }
    check_tree (item, size, level + 1, n_nodes);
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) root = cpac_config_parse ("fuzz.yaml", (const char *) data, size, &error);
  guint n_nodes = 0;

  if (root) {
    g_assert_no_error (error);
    check_tree (root, size, 0, &n_nodes);
  } else {
    g_assert_nonnull (error);
    g_assert_true (error->domain == CPAC_ERROR);
    g_assert_true (g_str_has_prefix (error->message, "fuzz.yaml:"));
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
  return 0;
}
