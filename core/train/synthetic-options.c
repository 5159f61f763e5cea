/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/synthetic.h"

/* The keys of one kind, which sizes it has, and its defaults: shares of the picture's side. */
typedef struct {
  const char *name;
  const char *size_key, *length_key;
  CpacDefectOptions defaults;
} Kind;

static const Kind kinds[CPAC_N_DEFECT_KINDS] = {
  [CPAC_DEFECT_CUT_PASTE] = { "cut-paste",
                              "size",
                              NULL,
                              { 1, { 0.05, 0.4 }, { 0 }, { 0.25, 2 }, 0.5 } },
  [CPAC_DEFECT_SPOTS] = { "spots",
                          "radius",
                          NULL,
                          { 1, { 0.006, 0.05 }, { 0 }, { 0.5, 6 }, 0.75 } },
  [CPAC_DEFECT_SCRATCHES] = { "scratches",
                              "width",
                              "length",
                              { 1, { 0.003, 0.02 }, { 0.1, 0.8 }, { 0.5, 6 }, 0.6 } },
  [CPAC_DEFECT_BLOBS] = { "blobs", "size", NULL, { 1, { 0.06, 0.6 }, { 0 }, { 0.25, 4 }, 0.6 } },
  [CPAC_DEFECT_BANDS] = { "bands", "width", NULL, { 1, { 0.1, 1 }, { 0 }, { 0.5, 2 }, 0.5 } },
  [CPAC_DEFECT_EDGE_LOSSES] = { "edge-losses",
                                "size",
                                NULL,
                                { 1, { 0.05, 0.4 }, { 0 }, { 0.5, 6 }, 0.6 } },
};

void
cpac_synthetic_options_init (CpacSyntheticOptions *options)
{
  *options = (CpacSyntheticOptions){
    .share = 0.5,
    .defects = { 1, 2 },
    .visible = 0.15,
    .min_pixels = 2,
    .real_share = 0.25,
    .validation_draws = 1,
  };
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++)
    options->kinds[i] = kinds[i].defaults;
}

/* A list [least, most]. */
static gboolean
read_range (const CpacConfig *map, const char *key, double min, double max, double range[2],
            GError **error)
{
  g_autoptr (GArray) values = NULL;

  if (!cpac_config_has (map, key))
    return TRUE;
  values = cpac_config_get_doubles (map, key, 2, 2, min, max, error);
  if (values == NULL)
    return FALSE;
  range[0] = g_array_index (values, double, 0);
  range[1] = g_array_index (values, double, 1);
  if (range[0] <= range[1])
    return TRUE;
  return cpac_config_error (cpac_config_peek (map, key), CPAC_ERROR_SCHEMA, error,
                            "%s: found [%g, %g], expected [least, most]", key, range[0], range[1]);
}

static gboolean
read_size (const CpacConfig *map, const char *key, CpacSizeRange *size, GError **error)
{
  double range[2] = { size->min, size->max };

  if (!cpac_config_has (map, key))
    return TRUE;
  if (!read_range (map, key, 0.01, CPAC_FRAME_MAX_SIDE, range, error))
    return FALSE;
  *size = (CpacSizeRange){ range[0], range[1], TRUE };
  return TRUE;
}

static gboolean
read_kind (const CpacConfig *map, const Kind *kind, CpacDefectOptions *options, GError **error)
{
  const char *const known[] = {
    "weight", "contrast", "dark", kind->size_key, kind->length_key, NULL
  };

  return cpac_config_check_keys (map, known, error) &&
         cpac_config_get_double_default (map, "weight", 0, 1000, &options->weight, error) &&
         read_range (map, "contrast", 0.01, 100, options->contrast, error) &&
         cpac_config_get_double_default (map, "dark", 0, 1, &options->dark, error) &&
         read_size (map, kind->size_key, &options->size, error) &&
         (kind->length_key == NULL || read_size (map, kind->length_key, &options->length, error));
}

static gboolean
read_kinds (const CpacConfig *map, CpacSyntheticOptions *options, GError **error)
{
  const char *names[CPAC_N_DEFECT_KINDS + 1] = { NULL };
  double sum = 0;

  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++)
    names[i] = kinds[i].name;
  if (!cpac_config_check_keys (map, names, error))
    return FALSE;
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++) {
    const CpacConfig *kind = cpac_config_peek (map, names[i]);

    if (kind != NULL && !read_kind (kind, &kinds[i], &options->kinds[i], error))
      return FALSE;
    sum += options->kinds[i].weight;
  }
  if (sum > 0)
    return TRUE;
  return cpac_config_error (map, CPAC_ERROR_SCHEMA, error,
                            "kinds: found weight 0 for all of them, expected one above 0");
}

static gboolean
read_defects (const CpacConfig *map, guint defects[2], GError **error)
{
  if (!cpac_config_has (map, "defects"))
    return TRUE;
  if (!cpac_config_get_uints (map, "defects", 2, 1, 100, defects, error))
    return FALSE;
  if (defects[0] <= defects[1])
    return TRUE;
  return cpac_config_error (cpac_config_peek (map, "defects"), CPAC_ERROR_SCHEMA, error,
                            "defects: found [%u, %u], expected [least, most]", defects[0],
                            defects[1]);
}

gboolean
cpac_synthetic_options_read (CpacSyntheticOptions *options, const CpacConfig *map, GError **error)
{
  static const char *const known[] = { "share",      "defects",          "visible", "min-pixels",
                                       "real-share", "validation-draws", "kinds",   NULL };
  CpacSyntheticOptions result;
  const CpacConfig *section;

  cpac_synthetic_options_init (&result);
  result.active = TRUE;
  if (!cpac_config_check_keys (map, known, error) ||
      !cpac_config_get_double_default (map, "share", 0, 1, &result.share, error) ||
      !read_defects (map, result.defects, error) ||
      !cpac_config_get_double_default (map, "visible", 0.001, 10, &result.visible, error) ||
      !cpac_config_get_uint_default (map, "min-pixels", 1, 1000000, &result.min_pixels, error) ||
      !cpac_config_get_double_default (map, "real-share", 0, 0.9, &result.real_share, error) ||
      !cpac_config_get_uint_default (map, "validation-draws", 1, 16, &result.validation_draws,
                                     error))
    return FALSE;
  section = cpac_config_peek (map, "kinds");
  if (section != NULL && !read_kinds (section, &result, error))
    return FALSE;
  *options = result;
  return TRUE;
}
