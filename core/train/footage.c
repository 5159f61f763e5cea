/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage-private.h"

static const char *const surface_names[CPAC_N_SURFACES] = { "metal", "cast", "woven" };
static const char *const defect_names[CPAC_N_DEFECTS] = { "scratch", "pit", "stain", "chip" };

const char *
cpac_footage_surface_to_string (CpacFootageSurface surface)
{
  g_return_val_if_fail ((guint) surface < CPAC_N_SURFACES, NULL);
  return surface_names[surface];
}

const char *
cpac_defect_type_to_string (CpacDefectType type)
{
  g_return_val_if_fail ((guint) type < CPAC_N_DEFECTS, NULL);
  return defect_names[type];
}

static gboolean
check_uint (const char *name, guint value, guint min, guint max, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "footage: %s must be %u to %u, got %u", name,
               min, max, value);
  return FALSE;
}

/* Written so that a NaN is refused. */
static gboolean
check_real (const char *name, double value, double min, double max, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "footage: %s must be %g to %g, got %g", name,
               min, max, value);
  return FALSE;
}

static gboolean
check_frames (const CpacFootageSpec *spec, GError **error)
{
  if ((guint64) spec->n_parts * spec->frames_per_part <= G_MAXINT32)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "footage: %u parts of %u frames are more than %d frames", spec->n_parts,
               spec->frames_per_part, G_MAXINT32);
  return FALSE;
}

static gboolean
check_margin (const CpacFootageSpec *spec, GError **error)
{
  if (!(spec->defect_types & 1u << CPAC_DEFECT_CHIP) || spec->margin >= 2 * spec->jitter)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "footage: chips need a margin of at least twice the jitter (%g), got %g",
               2 * spec->jitter, spec->margin);
  return FALSE;
}

static gboolean
check_spec (const CpacFootageSpec *spec, GError **error)
{
  return check_uint ("surface", spec->surface, 0, CPAC_N_SURFACES - 1, error) &&
         check_uint ("view", spec->view, 0, CPAC_FOOTAGE_CONVEYOR, error) &&
         check_uint ("width", spec->width, 16, 4096, error) &&
         check_uint ("height", spec->height, 16, 4096, error) &&
         check_uint ("n_parts", spec->n_parts, 1, 1000000, error) &&
         check_uint ("frames_per_part", spec->frames_per_part, 1, 10000, error) &&
         check_frames (spec, error) && check_real ("defect_rate", spec->defect_rate, 0, 1, error) &&
         check_uint ("defect_types", spec->defect_types, 1, CPAC_DEFECT_ALL, error) &&
         check_uint ("max_defects", spec->max_defects, 1, CPAC_FOOTAGE_MAX_DEFECTS, error) &&
         check_real ("contrast", spec->contrast, 0.8, 2, error) &&
         check_real ("light_drift", spec->light_drift, 0, 0.25, error) &&
         check_real ("lamp_drift", spec->lamp_drift, 0, 0.5, error) &&
         check_real ("surface_drift", spec->surface_drift, 0, 1, error) &&
         check_uint ("drift_start", spec->drift_start, 0, spec->n_parts - 1, error) &&
         check_real ("noise", spec->noise, 0, 4, error) &&
         check_real ("margin", spec->margin, 0, 0.3, error) &&
         check_real ("corner", spec->corner, 0, 0.5, error) &&
         check_real ("jitter", spec->jitter, 0, 0.05, error) && check_margin (spec, error);
}

static gboolean
resolve_size (CpacFootage *footage, CpacDefectType type, GError **error)
{
  const guint asked_min = footage->spec.size_min[type], asked_max = footage->spec.size_max[type];
  guint least, most;

  if (asked_min == 0 && asked_max == 0) {
    footage_size_default (&footage->plate, type, &footage->size_min[type],
                          &footage->size_max[type]);
    return TRUE;
  }
  footage_size_limits (&footage->plate, type, &least, &most);
  if (asked_min < least || asked_max > most || asked_min > asked_max) {
    g_set_error (
        error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
        "footage: size of a %s must lie within %u to %u pixels on this plate, got %u to %u",
        defect_names[type], least, most, asked_min, asked_max);
    return FALSE;
  }
  footage->size_min[type] = asked_min;
  footage->size_max[type] = asked_max;
  return TRUE;
}

static gboolean
resolve (CpacFootage *footage, GError **error)
{
  const CpacFootageSpec *spec = &footage->spec;
  const double side = MIN (spec->width, spec->height) * 256.0;
  const gint32 margin = (gint32) (spec->margin * side);
  FootagePlate *plate = &footage->plate;

  plate->half_width = (gint32) spec->width * 128 - margin;
  plate->half_height = (gint32) spec->height * 128 - margin;
  plate->radius = (gint32) (2 * MIN (plate->half_width, plate->half_height) * spec->corner);
  footage->jitter = (gint32) (spec->jitter * side);
  footage->n_frames = spec->n_parts * spec->frames_per_part;
  for (guint i = 0; i < CPAC_N_DEFECTS; i++)
    if (!resolve_size (footage, i, error))
      return FALSE;
  return TRUE;
}

/* Marks the first round (rate x n) of a shuffled deck. round() keeps the product from being fused
 * with an addition, which would round it otherwise. */
static void
choose_defective (CpacFootage *footage)
{
  const guint n = footage->spec.n_parts;
  const guint n_defective = (guint) round (footage->spec.defect_rate * n);
  FootageDraw draw = footage_draw_init (footage->spec.seed, FOOTAGE_STREAM_PARTS, 0);
  g_autofree guint32 *deck = g_new (guint32, n);

  footage->defective = g_new0 (guint8, n);
  for (guint i = 0; i < n; i++)
    deck[i] = i;
  for (guint i = 0; i < n_defective; i++) {
    const guint other = (guint) footage_draw (&draw, (gint32) i, (gint32) n - 1);
    const guint32 chosen = deck[other];

    deck[other] = deck[i];
    footage->defective[chosen] = 1;
  }
}

gint32
footage_drift_at (const CpacFootageSpec *spec, guint part)
{
  guint64 gone = part > spec->drift_start ? part - spec->drift_start : 0;

  return gone > 0 ? (gint32) (16384 * gone / (spec->n_parts - 1 - spec->drift_start)) : 0;
}

CpacFootage *
cpac_footage_new (const CpacFootageSpec *spec, GError **error)
{
  g_autoptr (CpacFootage) footage = NULL;

  g_return_val_if_fail (spec != NULL, NULL);
  if (!check_spec (spec, error))
    return NULL;
  footage = g_new0 (CpacFootage, 1);
  footage->spec = *spec;
  if (!resolve (footage, error))
    return NULL;
  choose_defective (footage);
  return g_steal_pointer (&footage);
}

void
cpac_footage_free (CpacFootage *footage)
{
  if (footage == NULL)
    return;
  g_free (footage->defective);
  g_free (footage);
}

const CpacFootageSpec *
cpac_footage_get_spec (const CpacFootage *footage)
{
  return &footage->spec;
}

guint
cpac_footage_get_n_frames (const CpacFootage *footage)
{
  return footage->n_frames;
}

gboolean
cpac_footage_is_defective (const CpacFootage *footage, guint part)
{
  g_return_val_if_fail (part < footage->spec.n_parts, FALSE);
  return footage->defective[part];
}

void
cpac_footage_get_size_range (const CpacFootage *footage, CpacDefectType type, guint *min,
                             guint *max)
{
  g_return_if_fail ((guint) type < CPAC_N_DEFECTS);
  *min = footage->size_min[type];
  *max = footage->size_max[type];
}
