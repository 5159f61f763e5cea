/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/synthetic.h"

#include <math.h>
#include <string.h>

static const char *const kind_names[CPAC_N_DEFECT_KINDS] = {
  "cut-paste", "spots", "scratches", "blobs", "bands", "edge-losses",
};

/* A picture and another, of noise, and what becomes of the first. */
typedef struct {
  CpacInputSpec spec;
  guint width, height; /* of the original */
  gsize n_pixels, n_values;
  float *before, *after, *other;
  guint8 *mask;
} Bench;

static void
bench_init (Bench *bench, guint width, guint height, guint channels, guint original_width,
            guint original_height)
{
  CpacRandom random;

  *bench = (Bench){
    .spec = { .width = width,
              .height = height,
              .channels = channels,
              .mean = { 100, 90, 80 },
              .scale = { 50, -40, 60 } },
    .width = original_width,
    .height = original_height,
    .n_pixels = (gsize) width * height,
    .n_values = (gsize) width * height * channels,
  };
  bench->before = g_new (float, bench->n_values);
  bench->after = g_new (float, bench->n_values);
  bench->other = g_new (float, bench->n_values);
  bench->mask = g_new (guint8, bench->n_pixels);
  cpac_random_init (&random, 7, CPAC_STREAM_GOLDEN, 0);
  for (gsize i = 0; i < bench->n_values; i++) {
    bench->before[i] = (float) (0.3 * cpac_random_normal (&random));
    bench->other[i] = (float) (0.3 * cpac_random_normal (&random));
  }
}

static void
bench_clear (Bench *bench)
{
  g_free (bench->before);
  g_free (bench->after);
  g_free (bench->other);
  g_free (bench->mask);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static guint
apply (Bench *bench, const CpacSyntheticOptions *options, guint64 item)
{
  g_autoptr (CpacSynthetic) synthetic = cpac_synthetic_new (options, &bench->spec);
  CpacRandom random;

  cpac_random_init (&random, 1, CPAC_STREAM_SYNTHETIC, item);
  memcpy (bench->after, bench->before, bench->n_values * sizeof (float));
  memset (bench->mask, 0x5a, bench->n_pixels);
  return cpac_synthetic_apply (synthetic, &random, bench->width, bench->height, bench->after,
                               bench->other, bench->mask);
}

static CpacSyntheticOptions
only (CpacDefectKind kind)
{
  CpacSyntheticOptions options;

  cpac_synthetic_options_init (&options);
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++)
    options.kinds[i].weight = i == kind;
  return options;
}

/* By the definition, with sums of its own. */
static double
get_spread (const Bench *bench)
{
  double variance = 0;

  for (guint c = 0; c < bench->spec.channels; c++) {
    const float *plane = bench->before + c * bench->n_pixels;
    double mean = 0, part = 0;

    for (gsize i = 0; i < bench->n_pixels; i++)
      mean += plane[i] / (double) bench->n_pixels;
    for (gsize i = 0; i < bench->n_pixels; i++)
      part += pow ((plane[i] - mean) * bench->spec.scale[c], 2) / (double) bench->n_pixels;
    variance += part / bench->spec.channels;
  }
  return MAX (sqrt (variance), 2);
}

static double
get_change (const Bench *bench, gsize place)
{
  double change = 0;

  for (guint c = 0; c < bench->spec.channels; c++) {
    gsize i = c * bench->n_pixels + place;

    change =
        MAX (change, fabs (((double) bench->after[i] - bench->before[i]) * bench->spec.scale[c]));
  }
  return change;
}

/* The mask is exactly what moved visibly, values stay in range, and what is clean is untouched. */
static void
assert_honest (const Bench *bench, const CpacSyntheticOptions *options, guint n)
{
  double threshold = options->visible * get_spread (bench);
  guint n_visible = 0;

  for (gsize i = 0; i < bench->n_pixels; i++) {
    double change = get_change (bench, i);

    /* Two ways to sum differ in the last places; no pixel of these pictures lies there. */
    g_assert_cmpfloat (fabs (change / threshold - 1), >, 1e-9);
    g_assert_cmpuint (bench->mask[i], ==, change > threshold);
    n_visible += bench->mask[i];
  }
  g_assert_cmpuint (n, ==, n_visible);
  if (n == 0)
    g_assert_cmpmem (bench->after, bench->n_values * sizeof (float), bench->before,
                     bench->n_values * sizeof (float));
  else
    g_assert_cmpuint (n, >=, options->min_pixels);
  for (gsize i = 0; i < bench->n_values; i++) {
    guint c = (guint) (i / bench->n_pixels);

    if (bench->after[i] == bench->before[i])
      continue;
    g_assert_cmpfloat (bench->after[i] * bench->spec.scale[c] + bench->spec.mean[c], >=, -1e-3);
    g_assert_cmpfloat (bench->after[i] * bench->spec.scale[c] + bench->spec.mean[c], <=, 255.001);
  }
}

static const struct {
  guint width, height, channels, original_width, original_height;
} shapes[] = {
  { 1, 1, 1, 1, 1 },    { 1, 1, 3, 640, 480 }, { 3, 5, 1, 3, 5 },       { 2, 17, 3, 253, 17 },
  { 5, 3, 1, 4096, 1 }, { 17, 17, 3, 5, 7 },   { 64, 48, 1, 253, 100 }, { 64, 64, 3, 64, 64 },
};

static void
test_kind (gconstpointer data)
{
  CpacSyntheticOptions options = only (GPOINTER_TO_UINT (data));

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    guint n_damaged = 0;
    g_auto (Bench) bench = { 0 };

    bench_init (&bench, shapes[i].width, shapes[i].height, shapes[i].channels,
                shapes[i].original_width, shapes[i].original_height);
    for (guint item = 0; item < 30; item++) {
      guint n = apply (&bench, &options, item);

      assert_honest (&bench, &options, n);
      n_damaged += n > 0;
    }
    /* A picture with room for a defect nearly always gets one that shows. */
    if (bench.n_pixels >= 64 * 48)
      g_assert_cmpuint (n_damaged, >=, 28);
    if (bench.n_pixels < options.min_pixels)
      g_assert_cmpuint (n_damaged, ==, 0);
  }
}

/* Values outside the shapes keep their bytes, which a way to 8-bit units and back would change. */
static void
test_local (void)
{
  CpacSyntheticOptions options = only (CPAC_DEFECT_SPOTS);
  g_auto (Bench) bench = { 0 };

  options.defects[1] = 1;
  options.kinds[CPAC_DEFECT_SPOTS].size = (CpacSizeRange){ 2, 3, TRUE };
  bench_init (&bench, 128, 128, 3, 128, 128);
  for (guint item = 0; item < 50; item++) {
    guint n_moved = 0;

    g_assert_cmpuint (apply (&bench, &options, item), >, 0);
    for (gsize i = 0; i < bench.n_pixels; i++)
      n_moved += get_change (&bench, i) > 0;
    /* At most 5 spots; 2.5 times as long as wide, a soft and ragged border: within a square of
     * twice 3 sqrt (2.5) (1 + 1.75 x 0.3 + 0.75), and a pixel all around. */
    g_assert_cmpuint (n_moved, <=, 5 * 24 * 24);
  }
}

static void
test_deterministic (void)
{
  CpacSyntheticOptions options;
  g_auto (Bench) one = { 0 }, two = { 0 };

  cpac_synthetic_options_init (&options);
  bench_init (&one, 33, 47, 3, 253, 470);
  bench_init (&two, 33, 47, 3, 253, 470);
  for (guint item = 0; item < 20; item++) {
    apply (&one, &options, item);
    apply (&two, &options, item);
    g_assert_cmpmem (one.after, one.n_values * sizeof (float), two.after,
                     two.n_values * sizeof (float));
    g_assert_cmpmem (one.mask, one.n_pixels, two.mask, two.n_pixels);
    apply (&two, &options, item + 1);
    g_assert_cmpint (memcmp (one.after, two.after, one.n_values * sizeof (float)), !=, 0);
  }
}

/* One object serves many pictures of many sizes, and keeps nothing of them. */
static void
test_reuse (void)
{
  CpacSyntheticOptions options;
  g_autoptr (CpacSynthetic) synthetic = NULL;
  g_auto (Bench) bench = { 0 };

  cpac_synthetic_options_init (&options);
  bench_init (&bench, 40, 40, 1, 0, 0);
  synthetic = cpac_synthetic_new (&options, &bench.spec);
  for (guint item = 0; item < 40; item++) {
    g_autofree float *picture = g_memdup2 (bench.before, bench.n_values * sizeof (float));
    g_autofree guint8 *mask = g_malloc (bench.n_pixels);
    CpacRandom random;

    bench.width = 20 + 13 * item;
    bench.height = 90;
    cpac_random_init (&random, 1, CPAC_STREAM_SYNTHETIC, item);
    cpac_synthetic_apply (synthetic, &random, bench.width, bench.height, picture, bench.other,
                          mask);
    apply (&bench, &options, item);
    g_assert_cmpmem (picture, bench.n_values * sizeof (float), bench.after,
                     bench.n_values * sizeof (float));
    g_assert_cmpmem (mask, bench.n_pixels, bench.mask, bench.n_pixels);
  }
}

static double
mean_area (const CpacSyntheticOptions *options, guint original_width, guint original_height)
{
  g_auto (Bench) bench = { 0 };
  double sum = 0;

  bench_init (&bench, 128, 128, 1, original_width, original_height);
  for (guint item = 0; item < 300; item++)
    sum += apply (&bench, options, item);
  return sum / 300;
}

/* Sizes are pixels of the original: half as large in the input of a picture twice as large, each
 * axis for itself. */
static void
test_factor (void)
{
  CpacSyntheticOptions options = only (CPAC_DEFECT_CUT_PASTE);
  CpacDefectOptions *kind = &options.kinds[CPAC_DEFECT_CUT_PASTE];
  double area;

  options.defects[1] = 1;
  kind->size = (CpacSizeRange){ 16, 16, TRUE };
  kind->contrast[0] = kind->contrast[1] = 4;
  /* The outline is where half of the change is, so that soft borders do not matter. */
  options.visible = 2;
  area = mean_area (&options, 128, 128);
  /* What is left: texture that makes up for the change, and the part that lies outside the picture,
   * about one in 16 of the larger ones. */
  g_assert_cmpfloat (fabs (mean_area (&options, 256, 256) / area * 4 - 1), <, 0.1);
  g_assert_cmpfloat (fabs (mean_area (&options, 256, 128) / area * 2 - 1), <, 0.1);
  g_assert_cmpfloat (fabs (mean_area (&options, 128, 256) / area * 2 - 1), <, 0.1);
  /* Shares follow the picture instead. */
  kind->size = (CpacSizeRange){ 16 / 128.0, 16 / 128.0, FALSE };
  g_assert_cmpfloat (fabs (mean_area (&options, 1280, 1280) / area - 1), <, 0.01);
}

/* Dark spots are dark, bright ones bright. */
static void
test_dark (void)
{
  for (guint dark = 0; dark <= 1; dark++) {
    CpacSyntheticOptions options = only (CPAC_DEFECT_SPOTS);
    g_auto (Bench) bench = { 0 };
    double sum = 0;

    options.kinds[CPAC_DEFECT_SPOTS].dark = dark;
    options.kinds[CPAC_DEFECT_SPOTS].contrast[0] = 3;
    bench_init (&bench, 64, 64, 1, 64, 64);
    for (guint item = 0; item < 20; item++) {
      apply (&bench, &options, item);
      for (gsize i = 0; i < bench.n_pixels; i++)
        sum += bench.mask[i] * (bench.after[i] - bench.before[i]);
    }
    g_assert_true (dark ? sum < 0 : sum > 0);
  }
}

/* What cannot be seen is not made. */
static void
test_invisible (void)
{
  CpacSyntheticOptions options;
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, 32, 32, 3, 32, 32);
  cpac_synthetic_options_init (&options);
  options.visible = 1000;
  for (guint item = 0; item < 10; item++) {
    g_assert_cmpuint (apply (&bench, &options, item), ==, 0);
    assert_honest (&bench, &options, 0);
  }
  cpac_synthetic_options_init (&options);
  options.min_pixels = 32 * 32 + 1;
  g_assert_cmpuint (apply (&bench, &options, 1), ==, 0);
  assert_honest (&bench, &options, 0);
}

/* Flat pictures have a spread, too, and get defects. */
static void
test_flat (void)
{
  CpacSyntheticOptions options = only (CPAC_DEFECT_SPOTS);
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, 32, 32, 3, 320, 320);
  for (gsize i = 0; i < bench.n_values; i++)
    bench.before[i] = 0.5f * (float) (i / bench.n_pixels);
  g_assert_cmpfloat (cpac_synthetic_spread (&bench.spec, bench.before), ==, 2);
  for (guint item = 0; item < 10; item++) {
    guint n = apply (&bench, &options, item);

    assert_honest (&bench, &options, n);
    g_assert_cmpuint (n, >, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < CPAC_N_DEFECT_KINDS; i++) {
    g_autofree char *path = g_strdup_printf ("/synthetic/kind/%s", kind_names[i]);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_kind);
  }
  g_test_add_func ("/synthetic/local", test_local);
  g_test_add_func ("/synthetic/deterministic", test_deterministic);
  g_test_add_func ("/synthetic/reuse", test_reuse);
  g_test_add_func ("/synthetic/factor", test_factor);
  g_test_add_func ("/synthetic/dark", test_dark);
  g_test_add_func ("/synthetic/invisible", test_invisible);
  g_test_add_func ("/synthetic/flat", test_flat);
  return g_test_run ();
}
