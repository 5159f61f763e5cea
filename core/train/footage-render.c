/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "core/train/footage-private.h"

#define PIXEL 256
#define ONE 16384 /* Q14 */
#define SHADOW (5 * PIXEL)
#define BEVEL (2 * PIXEL)

typedef struct {
  guint number;
  FootagePart part;
  FootagePose pose;
} Shown;

/* Factors on albedo, Q14. Positions X and Y run from -1 to 1 across the frame. */
typedef struct {
  gint32 gain;
  gint32 gradient_x, gradient_y;
  gint32 sheen, sheen_x;
} Light;

typedef struct {
  const CpacFootage *footage;
  guint n_shown;
  Shown shown[2];
  gint32 belt_x; /* how far the belt has gone, Q8 */
  guint32 belt_seed, sensor_seed;
  gint32 noise; /* Q8 */
  Light light;
} Scene;

/* One pixel before light and noise, Q8: without defects and with; whose defect it is, or -1. */
typedef struct {
  gint32 clean, marked;
  gint owner;
} Pixel;

/* A slow swing from -1 to 1 (Q14) that takes 65536 / @step frames, from a drawn phase on. */
static gint32
swing (FootageDraw *draw, guint index, guint step)
{
  return footage_sin ((gint32) ((footage_draw_u32 (draw) + index * step) & 65535));
}

/* What is left of the lamp's light, Q14. */
static gint32
lamp_at (const CpacFootageSpec *spec, guint index)
{
  const gint32 drift = (gint32) (spec->lamp_drift * ONE);

  return ONE - (drift * footage_drift_at (spec, index / spec->frames_per_part) >> 14);
}

/* The gain swings with periods of 312 and 97 frames, gradient and sheen wander more slowly. A
 * gradient of 0.35 drift along x and y keeps the corners within drift / 2. */
static void
light_init (Light *light, const CpacFootageSpec *spec, guint index)
{
  FootageDraw draw = footage_draw_init (spec->seed, FOOTAGE_STREAM_LIGHT, 0);
  const gint32 drift = (gint32) (spec->light_drift * ONE);
  const gint32 slow = swing (&draw, index, 210);
  const gint32 fast = swing (&draw, index, 676);

  light->gain = ONE + (drift / 2 * ((slow * 39 + fast * 25) >> 6) >> 14);
  light->gain = light->gain * lamp_at (spec, index) >> 14;
  light->gradient_x = (drift * 22 >> 6) * swing (&draw, index, 97) >> 14;
  light->gradient_y = (drift * 22 >> 6) * swing (&draw, index, 131) >> 14;
  light->sheen = spec->surface == CPAC_SURFACE_METAL ? ONE / 10 : 0;
  light->sheen_x = swing (&draw, index, 61) / 3;
}

static gint32
light_at (const Light *light, gint32 x, gint32 y)
{
  const gint32 off = (x - light->sheen_x) / 2;
  const gint32 mirrored = MAX (ONE - (off * off >> 12), 0);
  const gint32 vignette = ((x * x >> 14) + (y * y >> 14)) / 20;
  const gint32 slope = (light->gradient_x * x + light->gradient_y * y) >> 14;
  const gint32 sheen = light->sheen * (mirrored * mirrored >> 14) >> 14;

  return light->gain * (ONE + slope - vignette + sheen) >> 14;
}

/* A plate at (x, y) but for its jitter, which @key draws. */
static void
pose_init (FootagePose *pose, const CpacFootage *footage, gint32 x, gint32 y, guint64 key)
{
  const FootagePlate *plate = &footage->plate;
  const gint32 diagonal = footage_length (plate->half_width, plate->half_height);
  const gint32 turn = (gint32) ((gint64) footage->jitter * 65536 / diagonal);
  FootageDraw draw = footage_draw_init (footage->spec.seed, FOOTAGE_STREAM_POSE, key);

  pose->x = x + footage_draw (&draw, -footage->jitter, footage->jitter);
  pose->y = y + footage_draw (&draw, -footage->jitter, footage->jitter);
  pose->sin = footage_draw (&draw, -turn, turn);
  pose->cos = (gint32) sqrt (65536.0 * 65536.0 - (double) pose->sin * pose->sin);
}

static void
show (Scene *scene, guint part, gint32 x, guint64 pose_key)
{
  Shown *shown = &scene->shown[scene->n_shown++];

  shown->number = part;
  footage_part_init (&shown->part, scene->footage, part);
  pose_init (&shown->pose, scene->footage, x, (gint32) scene->footage->spec.height * PIXEL / 2,
             pose_key);
}

/* Parts lie 5/4 of the frame's width apart. While one is nearest the centre it goes from 5/8 left
 * of it to 5/8 right, in frames_per_part equal steps; its neighbour behind or ahead may be in view.
 */
static void
show_conveyor (Scene *scene, guint index)
{
  const CpacFootageSpec *spec = &scene->footage->spec;
  const guint part = index / spec->frames_per_part, view = index % spec->frames_per_part;
  const gint64 pitch = (gint64) spec->width * PIXEL * 5 / 4;
  const gint64 gone = pitch * (2 * view + 1) / (2 * spec->frames_per_part);
  const gint32 x = (gint32) ((gint64) spec->width * PIXEL / 2 - pitch / 2 + gone);

  scene->belt_x = (gint32) ((pitch * part + gone) & 0x3fffffff);
  show (scene, part, x, part);
  if (2 * gone > pitch && part + 1 < spec->n_parts)
    show (scene, part + 1, x - (gint32) pitch, part + 1);
  if (2 * gone < pitch && part > 0)
    show (scene, part - 1, x + (gint32) pitch, part - 1);
}

static void
scene_init (Scene *scene, const CpacFootage *footage, guint index)
{
  const CpacFootageSpec *spec = &footage->spec;

  scene->footage = footage;
  scene->n_shown = 0;
  scene->belt_x = 0;
  scene->belt_seed = (guint32) footage_key (spec->seed, FOOTAGE_STREAM_BELT, 0);
  scene->sensor_seed = (guint32) footage_key (spec->seed, FOOTAGE_STREAM_SENSOR, index);
  scene->noise = (gint32) (spec->noise * 256);
  light_init (&scene->light, spec, index);
  if (spec->view == CPAC_FOOTAGE_CONVEYOR)
    show_conveyor (scene, index);
  else
    show (scene, index / spec->frames_per_part, (gint32) spec->width * PIXEL / 2, index);
}

/* The chamfer's left and upper faces look at the lamp. */
static gint32
bevel (const FootagePlate *plate, gint32 u, gint32 v, gint32 distance)
{
  const gboolean upright = ABS (u) - plate->half_width > ABS (v) - plate->half_height;

  if (distance < -BEVEL)
    return 0;
  return ((upright ? u : v) < 0 ? 7 : -7) * (BEVEL + distance);
}

/* The belt at (x, y), in the shadow of a plate whose border is @distance away. */
static gint32
belt_at (const Scene *scene, gint32 x, gint32 y, gint32 distance)
{
  const gint32 belt = footage_belt_albedo (scene->belt_seed, x - scene->belt_x, y);

  return distance < SHADOW ? belt * (SHADOW + MAX (distance, 0)) / (2 * SHADOW) : belt;
}

static void
to_plate (const FootagePose *pose, gint32 x, gint32 y, gint32 *u, gint32 *v)
{
  const gint64 dx = x - pose->x, dy = y - pose->y;

  *u = (gint32) ((dx * pose->cos + dy * pose->sin) >> 16);
  *v = (gint32) ((dy * pose->cos - dx * pose->sin) >> 16);
}

/* The defect of @part at (u, v), or -1. */
static gint
find_defect (const FootagePart *part, gint32 u, gint32 v)
{
  for (guint i = 0; i < part->n_defects; i++) {
    const FootageDefect *defect = &part->defects[i];

    if (ABS (u - defect->u) <= defect->reach && ABS (v - defect->v) <= defect->reach)
      return (gint) i;
  }
  return -1;
}

/* Where the plate of shown[@which] covers the pixel (x, y) at least in part. */
static Pixel
plate_pixel (const Scene *scene, guint which, gint32 x, gint32 y, gint32 u, gint32 v,
             gint32 distance)
{
  const FootagePart *part = &scene->shown[which].part;
  const gint found = find_defect (part, u, v);
  const gint32 covered = CLAMP (PIXEL / 2 - distance, 0, PIXEL);
  const gint32 plate = footage_surface_albedo (scene->footage->spec.surface, part, u, v) +
                       bevel (&scene->footage->plate, u, v, distance);
  /* Inside a plate without defect the belt is not seen, and costs as much as the plate. */
  const gint32 belt = covered < PIXEL || found >= 0 ? belt_at (scene, x, y, distance) : 0;
  Pixel pixel = { .clean = footage_lerp (belt, plate, covered), .owner = -1 };

  if (found >= 0) {
    pixel.marked = footage_defect_albedo (&part->defects[found], u, v, plate, belt);
    pixel.marked = footage_lerp (belt, pixel.marked, covered);
    pixel.owner = (gint) which * CPAC_FOOTAGE_MAX_DEFECTS + found;
  }
  return pixel;
}

static Pixel
pixel_at (const Scene *scene, gint32 x, gint32 y)
{
  gint32 near = G_MAXINT32;

  for (guint i = 0; i < scene->n_shown; i++) {
    gint32 u, v, distance;

    to_plate (&scene->shown[i].pose, x, y, &u, &v);
    distance = footage_plate_distance (&scene->footage->plate, u, v);
    if (distance < PIXEL / 2)
      return plate_pixel (scene, i, x, y, u, v, distance);
    near = MIN (near, distance);
  }
  return (Pixel){ .clean = belt_at (scene, x, y, near), .owner = -1 };
}

/* The sum of four bytes is near enough to normal; its standard deviation is 147.8. */
static gint32
sensor_noise (const Scene *scene, guint x, guint y)
{
  const guint32 h = footage_hash (scene->sensor_seed, x, y);
  const gint32 sum = (gint32) ((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24));

  return (sum - 510) * scene->noise / 148;
}

static guint8
expose (gint32 albedo, gint32 light, gint32 noise)
{
  const gint32 gray = (gint32) (((gint64) albedo * light >> 14) + noise + PIXEL / 2) >> 8;

  return (guint8) CLAMP (gray, 0, 255);
}

static void
count (CpacFootageDefect *defect, guint x, guint y)
{
  if (defect->n_pixels++ == 0) {
    defect->left = defect->right = x;
    defect->top = defect->bottom = y;
    return;
  }
  defect->left = MIN (defect->left, x);
  defect->right = MAX (defect->right, x);
  defect->bottom = y;
}

/* @seen, if given, is (CPAC_FOOTAGE_MAX_TRUTHS) and counts each defect's pixels. */
static void
render (const Scene *scene, gboolean clean, guint8 *gray, guint8 *mask, CpacFootageDefect *seen)
{
  const gint32 width = (gint32) scene->footage->spec.width;
  const gint32 height = (gint32) scene->footage->spec.height;

  for (gint32 y = 0; y < height; y++) {
    const gint32 light_y = (2 * y + 1 - height) * ONE / height;

    for (gint32 x = 0; x < width; x++, gray++) {
      const Pixel pixel = pixel_at (scene, x * PIXEL + PIXEL / 2, y * PIXEL + PIXEL / 2);
      const gint32 light = light_at (&scene->light, (2 * x + 1 - width) * ONE / width, light_y);
      const gint32 noise = sensor_noise (scene, (guint) x, (guint) y);
      const guint8 good = expose (pixel.clean, light, noise);
      gboolean visible;

      *gray = clean || pixel.owner < 0 ? good : expose (pixel.marked, light, noise);
      visible = ABS (*gray - good) >= CPAC_FOOTAGE_VISIBLE;
      if (mask != NULL)
        *mask++ = visible ? 255 : 0;
      if (visible && seen != NULL)
        count (&seen[pixel.owner], (guint) x, (guint) y);
    }
  }
}

static void
describe_defect (CpacFootageDefect *out, const Shown *shown, const FootageDefect *defect)
{
  const FootagePose *pose = &shown->pose;
  const gint64 u = defect->u, v = defect->v;

  out->type = defect->type;
  out->part = shown->number;
  out->x = (pose->x + ((u * pose->cos - v * pose->sin) >> 16)) / 256.0;
  out->y = (pose->y + ((v * pose->cos + u * pose->sin) >> 16)) / 256.0;
  out->size = defect->size / 256.0;
  out->breadth = defect->breadth / 256.0;
  out->contrast = defect->contrast / 256.0;
}

/* Of the defects in @seen, those that this frame shows. */
static void
describe (const Scene *scene, guint index, const CpacFootageDefect *seen, CpacFootageTruth *truth)
{
  const guint per_part = scene->footage->spec.frames_per_part;

  memset (truth, 0, sizeof *truth);
  truth->part = index / per_part;
  truth->view = index % per_part;
  truth->gain = scene->light.gain / (double) ONE;
  truth->gradient_x = scene->light.gradient_x / (double) ONE;
  truth->gradient_y = scene->light.gradient_y / (double) ONE;
  for (guint i = 0; i < CPAC_FOOTAGE_MAX_TRUTHS; i++) {
    const Shown *shown = &scene->shown[i / CPAC_FOOTAGE_MAX_DEFECTS];
    CpacFootageDefect *out = &truth->defects[truth->n_defects];

    if (seen[i].n_pixels == 0)
      continue;
    *out = seen[i];
    describe_defect (out, shown, &shown->part.defects[i % CPAC_FOOTAGE_MAX_DEFECTS]);
    truth->n_defects++;
  }
}

void
cpac_footage_render (const CpacFootage *footage, guint index, guint8 *gray, guint8 *mask,
                     CpacFootageTruth *truth)
{
  CpacFootageDefect seen[CPAC_FOOTAGE_MAX_TRUTHS] = { 0 };
  Scene scene;

  g_return_if_fail (index < footage->n_frames);
  scene_init (&scene, footage, index);
  render (&scene, FALSE, gray, mask, seen);
  if (truth != NULL)
    describe (&scene, index, seen, truth);
}

void
cpac_footage_render_clean (const CpacFootage *footage, guint index, guint8 *gray)
{
  Scene scene;

  g_return_if_fail (index < footage->n_frames);
  scene_init (&scene, footage, index);
  render (&scene, TRUE, gray, NULL, NULL);
}
