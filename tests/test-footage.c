/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/footage.h"

#include <math.h>
#include <string.h>

/* A rendered frame; pixels are poisoned before rendering. */
typedef struct {
  guint8 *gray, *clean, *mask;
  gsize n;
  CpacFootageTruth truth;
} Frame;

static void
frame_init (Frame *frame, const CpacFootage *footage)
{
  const CpacFootageSpec *spec = cpac_footage_get_spec (footage);

  frame->n = (gsize) spec->width * spec->height;
  frame->gray = g_malloc (frame->n);
  frame->clean = g_malloc (frame->n);
  frame->mask = g_malloc (frame->n);
}

static void
frame_clear (Frame *frame)
{
  g_free (frame->gray);
  g_free (frame->clean);
  g_free (frame->mask);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Frame, frame_clear)

static void
frame_render (Frame *frame, const CpacFootage *footage, guint index)
{
  memset (frame->gray, 0xa5, frame->n);
  memset (frame->clean, 0x5a, frame->n);
  memset (frame->mask, 0x77, frame->n);
  memset (&frame->truth, 0xcc, sizeof frame->truth);
  cpac_footage_render (footage, index, frame->gray, frame->mask, &frame->truth);
  cpac_footage_render_clean (footage, index, frame->clean);
}

static CpacFootage *
footage_new (const CpacFootageSpec *spec)
{
  g_autoptr (GError) error = NULL;
  CpacFootage *footage = cpac_footage_new (spec, &error);

  g_assert_no_error (error);
  return footage;
}

/* Bytes of gray and mask. Written down once; every machine, compiler and optimisation must agree.
 */
static const struct {
  CpacFootageSurface surface;
  CpacFootageView view;
  guint width, height, index;
  const char *sha256;
} golden[] = {
  { CPAC_SURFACE_METAL, CPAC_FOOTAGE_STATIC, 256, 256, 0,
    "bef3cdc24e92318051908d0abd6c1669c0bf30846418985fb72c734c3c4c5e74" },
  { CPAC_SURFACE_METAL, CPAC_FOOTAGE_CONVEYOR, 131, 67, 5,
    "a1e4f60e9df62e168271e3a84aabadbd63df55a0831f7840b55d09c4ec833079" },
  { CPAC_SURFACE_CAST, CPAC_FOOTAGE_STATIC, 512, 384, 3,
    "78a8e67f6fdb3397c6c60bdb733eb3fc494c9c249d572d74f3793c3d32124844" },
  { CPAC_SURFACE_CAST, CPAC_FOOTAGE_CONVEYOR, 64, 48, 7,
    "b35da1b050166f133d6bf24db7250176903ec7d7232263ce2637d00603c38818" },
  { CPAC_SURFACE_WOVEN, CPAC_FOOTAGE_STATIC, 253, 17, 2,
    "743b4dc93bb8505e0a39707378cee53e2f955da1c9338fbb168e1ddfb70314fd" },
  { CPAC_SURFACE_WOVEN, CPAC_FOOTAGE_CONVEYOR, 320, 240, 6,
    "b74fcd710c5d5ba1a23ee442280d7889a03cbc15bfd24950aae14ea8f87474d3" },
};

static void
test_golden (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++) {
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) footage = NULL;
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    g_auto (Frame) frame = { 0 };

    spec.surface = golden[i].surface;
    spec.view = golden[i].view;
    spec.width = golden[i].width;
    spec.height = golden[i].height;
    spec.frames_per_part = 4;
    spec.defect_rate = 1;
    spec.max_defects = CPAC_FOOTAGE_MAX_DEFECTS;
    footage = footage_new (&spec);
    frame_init (&frame, footage);
    frame_render (&frame, footage, golden[i].index);
    g_checksum_update (checksum, frame.gray, (gssize) frame.n);
    g_checksum_update (checksum, frame.mask, (gssize) frame.n);
    g_assert_cmpstr (g_checksum_get_string (checksum), ==, golden[i].sha256);
  }
}

/* Any order, another object: the same frames. Mask and truth do not change the picture. */
static void
test_random_access (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) one = NULL;
  g_autoptr (CpacFootage) two = NULL;
  g_auto (Frame) a = { 0 };
  g_auto (Frame) b = { 0 };
  g_autofree guint8 *all = NULL;
  guint n;

  spec.view = CPAC_FOOTAGE_CONVEYOR;
  spec.width = 61;
  spec.height = 47;
  spec.n_parts = 5;
  spec.frames_per_part = 3;
  one = footage_new (&spec);
  two = footage_new (&spec);
  n = cpac_footage_get_n_frames (one);
  g_assert_cmpuint (n, ==, 15);
  frame_init (&a, one);
  frame_init (&b, two);
  all = g_malloc (n * a.n);
  for (guint i = 0; i < n; i++) {
    frame_render (&a, one, i);
    memcpy (all + i * a.n, a.gray, a.n);
  }
  for (guint i = n; i-- > 0;) {
    cpac_footage_render (two, i, b.gray, NULL, NULL);
    g_assert_cmpmem (b.gray, b.n, all + i * a.n, a.n);
    g_assert_true (i == 0 || memcmp (b.gray, all + (i - 1) * a.n, b.n) != 0);
  }
}

static void
test_seeds (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) one = footage_new (&spec);
  g_autoptr (CpacFootage) two = NULL;
  g_auto (Frame) a = { 0 };
  g_auto (Frame) b = { 0 };
  guint same = 0;

  spec.seed = 2;
  two = footage_new (&spec);
  frame_init (&a, one);
  frame_init (&b, two);
  frame_render (&a, one, 0);
  frame_render (&b, two, 0);
  for (gsize i = 0; i < a.n; i++)
    same += a.clean[i] == b.clean[i];
  /* Two plates with a spread of about 12 levels agree in some 3 % of their pixels. */
  g_assert_cmpuint (same, <, a.n / 10);
}

/* Counts the mask, whose bounding box is [left, right] x [top, bottom]. */
static guint
measure_mask (const Frame *frame, guint width, CpacFootageDefect *box)
{
  *box = (CpacFootageDefect){ .left = G_MAXUINT, .top = G_MAXUINT };
  for (gsize i = 0; i < frame->n; i++) {
    const guint x = (guint) (i % width), y = (guint) (i / width);

    if (frame->mask[i] == 0)
      continue;
    box->n_pixels++;
    box->left = MIN (box->left, x);
    box->right = MAX (box->right, x);
    box->top = MIN (box->top, y);
    box->bottom = MAX (box->bottom, y);
  }
  return box->n_pixels;
}

static void
check_mask (const Frame *frame, guint width)
{
  const CpacFootageTruth *truth = &frame->truth;
  CpacFootageDefect box, sum = { .left = G_MAXUINT, .top = G_MAXUINT };

  for (gsize i = 0; i < frame->n; i++) {
    const gboolean visible = ABS (frame->gray[i] - frame->clean[i]) >= CPAC_FOOTAGE_VISIBLE;

    g_assert_cmpuint (frame->mask[i], ==, visible ? 255 : 0);
  }
  for (guint i = 0; i < truth->n_defects; i++) {
    const CpacFootageDefect *defect = &truth->defects[i];

    g_assert_cmpuint (defect->n_pixels, >=, 1);
    sum.n_pixels += defect->n_pixels;
    sum.left = MIN (sum.left, defect->left);
    sum.right = MAX (sum.right, defect->right);
    sum.top = MIN (sum.top, defect->top);
    sum.bottom = MAX (sum.bottom, defect->bottom);
  }
  measure_mask (frame, width, &box);
  g_assert_cmpuint (sum.n_pixels, ==, box.n_pixels);
  g_assert_cmpuint (sum.left, ==, box.left);
  g_assert_cmpuint (sum.right, ==, box.right);
  g_assert_cmpuint (sum.top, ==, box.top);
  g_assert_cmpuint (sum.bottom, ==, box.bottom);
}

static const guint sizes[][2] = { { 16, 16 },  { 17, 16 },  { 16, 253 },  { 33, 47 },  { 64, 64 },
                                  { 127, 65 }, { 253, 17 }, { 255, 257 }, { 640, 480 } };

/* Every defect shows in every frame of its part, in the worst light and the most noise, and nothing
 * else is in the mask. */
static void
test_masks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes) * CPAC_N_SURFACES; i++) {
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) footage = NULL;
    g_auto (Frame) frame = { 0 };

    spec.surface = i % CPAC_N_SURFACES;
    spec.width = sizes[i / CPAC_N_SURFACES][0];
    spec.height = sizes[i / CPAC_N_SURFACES][1];
    spec.n_parts = spec.width * spec.height > 100000 ? 4 : 32;
    spec.frames_per_part = 2;
    spec.defect_rate = 0.75;
    spec.max_defects = CPAC_FOOTAGE_MAX_DEFECTS;
    spec.contrast = 0.8;
    spec.light_drift = 0.25;
    spec.noise = 4;
    footage = footage_new (&spec);
    frame_init (&frame, footage);
    for (guint k = 0; k < cpac_footage_get_n_frames (footage); k++) {
      const gboolean defective = cpac_footage_is_defective (footage, k / 2);

      frame_render (&frame, footage, k);
      check_mask (&frame, spec.width);
      g_assert_cmpuint (frame.truth.part, ==, k / 2);
      g_assert_cmpuint (frame.truth.view, ==, k % 2);
      g_assert_cmpuint (frame.truth.n_defects > 0, ==, defective);
      for (guint d = 0; d < frame.truth.n_defects; d++)
        g_assert_cmpuint (frame.truth.defects[d].part, ==, k / 2);
    }
  }
}

/* Each type alone, at two ranges of size. The visible box lies within the stated size and a pixel
 * of softness on both sides; how much of the size is visible at least depends on the type: a stain
 * ends softly, a scratch weakens towards its ends, outlines are ragged inwards. */
static const struct {
  CpacDefectType type;
  guint min, max;
  double visible;
} sized[] = {
  { CPAC_DEFECT_SCRATCH, 8, 8, 0.5 }, { CPAC_DEFECT_SCRATCH, 60, 90, 0.5 },
  { CPAC_DEFECT_PIT, 4, 5, 0.25 },    { CPAC_DEFECT_PIT, 12, 31, 0.4 },
  { CPAC_DEFECT_STAIN, 8, 9, 0.3 },   { CPAC_DEFECT_STAIN, 30, 80, 0.4 },
  { CPAC_DEFECT_CHIP, 4, 5, 0.25 },   { CPAC_DEFECT_CHIP, 20, 60, 0.3 },
};

static void
check_size (const CpacFootageDefect *defect, double visible)
{
  const double width = defect->right - defect->left + 1, height = defect->bottom - defect->top + 1;
  const double longest = MAX (width, height);
  const double across = hypot (width, height);

  if (defect->type == CPAC_DEFECT_SCRATCH) {
    g_assert_cmpfloat (across, <=, defect->size + 2 * defect->breadth + 2);
    g_assert_cmpfloat (across, >=, visible * defect->size);
    g_assert_cmpfloat (defect->n_pixels, <=, (defect->size * 1.1 + 2) * (defect->breadth + 2));
  } else {
    g_assert_cmpfloat (longest, <=, defect->size + 2);
    g_assert_cmpfloat (longest, >=, visible * defect->size);
    g_assert_cmpfloat (defect->n_pixels, <=, (defect->size + 2) * (defect->size + 2));
  }
  g_assert_cmpfloat (fabs (defect->x - (defect->left + defect->right + 1) / 2.0), <=,
                     defect->size / 2 + 1);
  g_assert_cmpfloat (fabs (defect->y - (defect->top + defect->bottom + 1) / 2.0), <=,
                     defect->size / 2 + 1);
}

static void
test_sizes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sized); i++) {
    const CpacDefectType type = sized[i].type;
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) footage = NULL;
    g_auto (Frame) frame = { 0 };
    guint min, max;

    spec.surface = i % CPAC_N_SURFACES;
    spec.defect_rate = 1;
    spec.defect_types = 1u << type;
    spec.size_min[type] = sized[i].min;
    spec.size_max[type] = sized[i].max;
    footage = footage_new (&spec);
    cpac_footage_get_size_range (footage, type, &min, &max);
    g_assert_cmpuint (min, ==, sized[i].min);
    g_assert_cmpuint (max, ==, sized[i].max);
    frame_init (&frame, footage);
    for (guint k = 0; k < spec.n_parts; k++) {
      const CpacFootageDefect *defect = &frame.truth.defects[0];

      frame_render (&frame, footage, k);
      g_assert_cmpuint (frame.truth.n_defects, ==, 1);
      g_assert_cmpuint (defect->type, ==, type);
      g_assert_cmpfloat (defect->size, >=, min);
      g_assert_cmpfloat (defect->size, <=, max);
      check_size (defect, sized[i].visible);
    }
  }
}

/* Nothing overflows where frame and defect are large. */
static void
test_large (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  g_auto (Frame) frame = { 0 };

  spec.width = 2048;
  spec.height = 1900;
  spec.n_parts = 1;
  spec.defect_rate = 1;
  spec.defect_types = 1u << CPAC_DEFECT_STAIN;
  spec.size_min[CPAC_DEFECT_STAIN] = spec.size_max[CPAC_DEFECT_STAIN] = 900;
  footage = footage_new (&spec);
  frame_init (&frame, footage);
  frame_render (&frame, footage, 0);
  check_mask (&frame, spec.width);
  check_size (&frame.truth.defects[0], 0.4);
}

static void
test_types (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  g_auto (Frame) frame = { 0 };
  guint seen = 0;

  spec.width = spec.height = 96;
  spec.n_parts = 100;
  spec.defect_rate = 1;
  footage = footage_new (&spec);
  frame_init (&frame, footage);
  for (guint i = 0; i < spec.n_parts; i++) {
    frame_render (&frame, footage, i);
    g_assert_cmpuint (frame.truth.n_defects, ==, 1);
    seen |= 1u << frame.truth.defects[0].type;
  }
  g_assert_cmpuint (seen, ==, CPAC_DEFECT_ALL);
}

/* Bounds as the spec states them. The steepest slopes of the two sines, 2 pi / 312 and 2 pi / 97,
 * bound a step of the gain by (0.61 x 0.0202 + 0.39 x 0.0648) drift / 2 = 0.019 drift; 2^-12 more
 * for rounding. */
static void
test_light (void)
{
  const double drifts[] = { 0, 0.05, 0.1, 0.25 };

  for (guint i = 0; i < G_N_ELEMENTS (drifts); i++) {
    const double bound = drifts[i] / 2 + 1 / 4096.0;
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) footage = NULL;
    g_auto (Frame) frame = { 0 };
    double last = 0, lowest = 2, highest = 0;

    spec.width = spec.height = 16;
    spec.n_parts = 1;
    spec.frames_per_part = 700;
    spec.light_drift = drifts[i];
    footage = footage_new (&spec);
    frame_init (&frame, footage);
    for (guint k = 0; k < 700; k++) {
      frame_render (&frame, footage, k);
      g_assert_cmpfloat (fabs (frame.truth.gain - 1), <=, bound);
      g_assert_cmpfloat (fabs (frame.truth.gradient_x) + fabs (frame.truth.gradient_y), <=,
                         drifts[i] * 0.7 + 1 / 4096.0);
      if (k > 0)
        g_assert_cmpfloat (fabs (frame.truth.gain - last), <=, 0.019 * drifts[i] + 1 / 4096.0);
      last = frame.truth.gain;
      lowest = MIN (lowest, last);
      highest = MAX (highest, last);
    }
    /* Within two slow periods the sum of both sines comes near both ends. */
    g_assert_cmpfloat (highest - lowest, >=, 0.7 * drifts[i]);
  }
}

static double
mean (const guint8 *gray, gsize n)
{
  guint64 sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += gray[i];
  return (double) sum / (double) n;
}

/* The picture does what the truth says of the gain; the gradient averages out. */
static void
test_gain_shows (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  g_auto (Frame) frame = { 0 };
  double first = 0;

  spec.surface = CPAC_SURFACE_CAST;
  spec.width = spec.height = 64;
  spec.n_parts = 1;
  spec.frames_per_part = 200;
  spec.light_drift = 0.25;
  spec.noise = 0;
  spec.jitter = 0;
  footage = footage_new (&spec);
  frame_init (&frame, footage);
  for (guint i = 0; i < 200; i += 20) {
    double relative;

    frame_render (&frame, footage, i);
    relative = mean (frame.clean, frame.n) / frame.truth.gain;
    if (i == 0)
      first = relative;
    /* The plate's own mottling, weighed by the gradient, is worth a percent. */
    g_assert_cmpfloat (fabs (relative / first - 1), <=, 0.01);
  }
}

/* Frames of a part differ by pose, light and noise only; another part is another plate. */
static void
test_groups (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  g_auto (Frame) a = { 0 };
  g_auto (Frame) b = { 0 };

  spec.surface = CPAC_SURFACE_CAST;
  spec.width = 83;
  spec.height = 61;
  spec.frames_per_part = 3;
  spec.light_drift = 0;
  spec.noise = 0;
  spec.jitter = 0;
  footage = footage_new (&spec);
  frame_init (&a, footage);
  frame_init (&b, footage);
  for (guint i = 0; i + 1 < 12; i++) {
    frame_render (&a, footage, i);
    frame_render (&b, footage, i + 1);
    if (a.truth.part == b.truth.part)
      g_assert_cmpmem (a.gray, a.n, b.gray, b.n);
    else
      g_assert_true (memcmp (a.clean, b.clean, a.n) != 0);
  }
}

/* Defects travel with their part: parts lie 5/4 of the width apart and take frames_per_part frames
 * from one to the next. Positions are rounded to 1/256 pixel. */
static void
test_conveyor (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  g_auto (Frame) a = { 0 };
  g_auto (Frame) b = { 0 };
  guint n_followed = 0, n_empty = 0;

  spec.view = CPAC_FOOTAGE_CONVEYOR;
  spec.width = 160;
  spec.height = 100;
  spec.n_parts = 6;
  spec.frames_per_part = 10;
  spec.defect_rate = 1;
  footage = footage_new (&spec);
  frame_init (&a, footage);
  frame_init (&b, footage);
  for (guint i = 0; i + 1 < 60; i++) {
    frame_render (&a, footage, i);
    frame_render (&b, footage, i + 1);
    check_mask (&a, spec.width);
    n_empty += a.truth.n_defects == 0;
    for (guint k = 0; k < a.truth.n_defects * b.truth.n_defects; k++) {
      const CpacFootageDefect *before = &a.truth.defects[k % a.truth.n_defects];
      const CpacFootageDefect *after = &b.truth.defects[k / a.truth.n_defects];

      if (before->part != after->part)
        continue;
      g_assert_cmpfloat (fabs (after->x - before->x - 160 * 1.25 / 10), <=, 2 / 256.0);
      g_assert_cmpfloat (after->y, ==, before->y);
      n_followed++;
    }
  }
  /* A part's defect is in view for about 8 of its 10 frames, then for some of its neighbour's. */
  g_assert_cmpuint (n_followed, >=, 30);
  g_assert_cmpuint (n_empty, >=, 1);
}

/* ---- Drifts ---- */

static double
get_deviation (const guint8 *gray, gsize n)
{
  double sum = 0, squares = 0;

  for (gsize i = 0; i < n; i++) {
    sum += gray[i];
    squares += gray[i] * gray[i];
  }
  return sqrt (squares / (double) n - sum * sum / ((double) n * (double) n));
}

/* Up to the start nothing changes; at the last part the light has lost its share, evenly. */
static void
test_lamp_drift (void)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) steady = NULL, drifting = NULL;
  g_auto (Frame) a = { 0 }, b = { 0 };

  spec.width = spec.height = 64;
  spec.n_parts = 9;
  spec.frames_per_part = 2;
  spec.noise = 0;
  steady = footage_new (&spec);
  spec.lamp_drift = 0.5;
  spec.drift_start = 4;
  drifting = footage_new (&spec);
  frame_init (&a, steady);
  frame_init (&b, drifting);
  for (guint i = 0; i < cpac_footage_get_n_frames (steady); i++) {
    guint part = i / 2;
    double left = part <= 4 ? 1 : 1 - 0.5 * (part - 4) / 4;

    frame_render (&a, steady, i);
    frame_render (&b, drifting, i);
    /* The light is told, and rounded, to 2^-14. */
    g_assert_cmpfloat_with_epsilon (b.truth.gain, a.truth.gain * left, 2.0 / 16384);
    if (part <= 4)
      g_assert_cmpmem (a.gray, a.n, b.gray, b.n);
    /* Both are rounded to whole levels. */
    for (gsize k = 0; k < a.n; k++)
      g_assert_cmpfloat_with_epsilon (b.clean[k], a.clean[k] * left, 1.1);
  }
}

/* The texture is twice as strong at the last part, and the plate as bright as ever. */
static void
test_surface_drift (void)
{
  for (guint surface = 0; surface < CPAC_N_SURFACES; surface++) {
    CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
    g_autoptr (CpacFootage) steady = NULL, drifting = NULL;
    g_auto (Frame) a = { 0 }, b = { 0 };

    spec.surface = surface;
    spec.n_parts = 3;
    spec.noise = spec.light_drift = spec.jitter = spec.margin = spec.corner = 0;
    spec.defect_types = 1u << CPAC_DEFECT_PIT;
    steady = footage_new (&spec);
    spec.surface_drift = 1;
    drifting = footage_new (&spec);
    frame_init (&a, steady);
    frame_init (&b, drifting);
    frame_render (&a, steady, 0);
    frame_render (&b, drifting, 0);
    g_assert_cmpmem (a.gray, a.n, b.gray, b.n);
    frame_render (&a, steady, 2);
    frame_render (&b, drifting, 2);
    /* Sheen and vignette do not grow, and the strongest texture is cut off. */
    g_assert_cmpfloat (get_deviation (b.clean, b.n), >, 1.5 * get_deviation (a.clean, a.n));
    g_assert_cmpfloat (get_deviation (b.clean, b.n), <, 2.05 * get_deviation (a.clean, a.n));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/footage/golden", test_golden);
  g_test_add_func ("/footage/random-access", test_random_access);
  g_test_add_func ("/footage/seeds", test_seeds);
  g_test_add_func ("/footage/masks", test_masks);
  g_test_add_func ("/footage/sizes", test_sizes);
  g_test_add_func ("/footage/large", test_large);
  g_test_add_func ("/footage/types", test_types);
  g_test_add_func ("/footage/light", test_light);
  g_test_add_func ("/footage/gain-shows", test_gain_shows);
  g_test_add_func ("/footage/groups", test_groups);
  g_test_add_func ("/footage/conveyor", test_conveyor);
  g_test_add_func ("/footage/lamp-drift", test_lamp_drift);
  g_test_add_func ("/footage/surface-drift", test_surface_drift);
  return g_test_run ();
}
