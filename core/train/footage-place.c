/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage-private.h"

#define PIXEL 256
/* Ways to place a defect that does not touch another before it is left out. */
#define MAX_TRIES 32

/* By default a defect's size is the plate's smaller side divided by @small to by @large, at least
 * @least pixels: below that it may fall between the pixels. Contrast in gray levels, and the share
 * of dark ones in percent. Breadth as a share of size, percent. The least contrast, times 0.8,
 * times the darkest light, times what a pixel of the thinnest scratch or palest stain gets of it,
 * is still CPAC_FOOTAGE_VISIBLE. */
static const struct {
  guint least, small, large;
  gint32 contrast_min, contrast_max, dark;
  gint32 breadth_min, breadth_max;
} kinds[CPAC_N_DEFECTS] = {
  [CPAC_DEFECT_SCRATCH] = { 8, 8, 2, 26, 60, 60, 0, 0 },
  [CPAC_DEFECT_PIT] = { 4, 44, 18, 26, 60, 75, 75, 100 },
  [CPAC_DEFECT_STAIN] = { 8, 9, 4, 16, 28, 75, 60, 100 },
  [CPAC_DEFECT_CHIP] = { 4, 14, 6, 0, 0, 100, 40, 65 },
};

/* Thickness of a scratch, Q8 pixels. */
#define SCRATCH_MIN 320
#define SCRATCH_MAX 640

gint32
footage_plate_distance (const FootagePlate *plate, gint32 u, gint32 v)
{
  const gint32 x = ABS (u) - plate->half_width + plate->radius;
  const gint32 y = ABS (v) - plate->half_height + plate->radius;

  if (x > 0 && y > 0)
    return footage_length (x, y) - plate->radius;
  return MAX (x, y) - plate->radius;
}

static guint
plate_side (const FootagePlate *plate)
{
  return (guint) MIN (plate->half_width, plate->half_height) >> 7;
}

void
footage_size_limits (const FootagePlate *plate, CpacDefectType type, guint *min, guint *max)
{
  *min = kinds[type].least;
  *max = MAX (kinds[type].least, plate_side (plate) / 2);
}

void
footage_size_default (const FootagePlate *plate, CpacDefectType type, guint *min, guint *max)
{
  *min = MAX (kinds[type].least, plate_side (plate) / kinds[type].small);
  *max = MAX (kinds[type].least, plate_side (plate) / kinds[type].large);
}

static CpacDefectType
draw_type (FootageDraw *draw, guint types)
{
  gint32 left = footage_draw (draw, 0, __builtin_popcount (types) - 1);
  guint type = 0;

  for (type = 0; type < CPAC_N_DEFECTS; type++)
    if ((types >> type & 1) && left-- == 0)
      break;
  return type;
}

static void
draw_shape (FootageDefect *defect, FootageDraw *draw, const FootagePart *part,
            const CpacFootage *footage)
{
  const CpacDefectType type = defect->type;
  const gint32 phase = footage_draw (draw, 0, 65535);
  const gint32 sign = footage_draw (draw, 0, 99) < kinds[type].dark ? -1 : 1;
  const gint32 gray =
      footage_draw (draw, kinds[type].contrast_min * PIXEL, kinds[type].contrast_max * PIXEL);
  const gint32 share = footage_draw (draw, kinds[type].breadth_min, kinds[type].breadth_max);

  defect->size = footage_draw (draw, (gint32) footage->size_min[type] * PIXEL,
                               (gint32) footage->size_max[type] * PIXEL);
  defect->breadth = type == CPAC_DEFECT_SCRATCH ? footage_draw (draw, SCRATCH_MIN, SCRATCH_MAX)
                                                : defect->size / 100 * share;
  defect->contrast = type == CPAC_DEFECT_CHIP ? FOOTAGE_BELT_GRAY - part->base
                                              : sign * (gint32) (gray * footage->spec.contrast);
  defect->cos = footage_cos (phase);
  defect->sin = footage_sin (phase);
  defect->bend = footage_draw (draw, -defect->size / 8, defect->size / 8);
  defect->reach = defect->size / 2 + PIXEL;
  if (type == CPAC_DEFECT_SCRATCH)
    defect->reach += defect->breadth;
  defect->seed = footage_draw_u32 (draw);
}

/* Anywhere on the plate where all of it is seen in every frame; the middle where nothing fits. */
static void
draw_inside (FootageDefect *defect, FootageDraw *draw, const CpacFootage *footage)
{
  const CpacFootageSpec *spec = &footage->spec;
  const FootagePlate *plate = &footage->plate;
  const gint32 hidden = 2 * footage->jitter + defect->reach;
  const gint32 frame_u =
      spec->view == CPAC_FOOTAGE_STATIC ? (gint32) spec->width * PIXEL / 2 : G_MAXINT32;
  const gint32 frame_v = (gint32) spec->height * PIXEL / 2;
  const gint32 u = MAX (MIN (plate->half_width - defect->reach, frame_u - hidden), 0);
  const gint32 v = MAX (MIN (plate->half_height - defect->reach, frame_v - hidden), 0);

  for (guint i = 0; i < MAX_TRIES; i++) {
    defect->u = footage_draw (draw, -u, u);
    defect->v = footage_draw (draw, -v, v);
    if (footage_plate_distance (plate, defect->u, defect->v) <= -defect->reach)
      return;
  }
  defect->u = defect->v = 0;
}

/* On a straight part of the border; t points inwards or outwards, the bite is symmetric. */
static void
draw_on_border (FootageDefect *defect, FootageDraw *draw, const FootagePlate *plate)
{
  const gint32 side = footage_draw (draw, 0, 3);
  const gboolean upright = side & 1;
  const gint32 length = upright ? plate->half_height : plate->half_width;
  const gint32 room = MAX (length - plate->radius - defect->size / 2, 0);
  const gint32 along = footage_draw (draw, -room, room);
  const gint32 border = (upright ? plate->half_width : plate->half_height) * (side < 2 ? -1 : 1);

  defect->u = upright ? border : along;
  defect->v = upright ? along : border;
  defect->cos = upright ? 0 : 16384;
  defect->sin = upright ? 16384 : 0;
}

static gboolean
touches_another (const FootageDefect *defect, const FootagePart *part)
{
  for (guint i = 0; i < part->n_defects; i++) {
    const FootageDefect *other = &part->defects[i];
    const gint32 apart = defect->reach + other->reach;

    if (ABS (defect->u - other->u) <= apart && ABS (defect->v - other->v) <= apart)
      return TRUE;
  }
  return FALSE;
}

void
footage_defects_place (FootagePart *part, const CpacFootage *footage, guint index)
{
  FootageDraw draw = footage_draw_init (footage->spec.seed, FOOTAGE_STREAM_DEFECTS, index);
  const gint32 wanted = footage_draw (&draw, 1, (gint32) footage->spec.max_defects);

  for (gint32 i = 0, tries = 0; i < wanted && tries < MAX_TRIES; tries++) {
    FootageDefect *defect = &part->defects[part->n_defects];

    defect->type = draw_type (&draw, footage->spec.defect_types);
    draw_shape (defect, &draw, part, footage);
    if (defect->type == CPAC_DEFECT_CHIP)
      draw_on_border (defect, &draw, &footage->plate);
    else
      draw_inside (defect, &draw, footage);
    if (touches_another (defect, part))
      continue;
    part->n_defects++;
    i++;
  }
}
