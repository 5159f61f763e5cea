/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/toy.h"

#include <math.h>
#include <string.h>

/* The layers without windows of taps, each against its formula. */

static const CpacDims shapes[] = {
  { 1, 1, 1 }, { 2, 1, 3 }, { 3, 2, 1 }, { 1, 5, 5 }, { 5, 3, 17 }, { 2, 17, 2 }, { 3, 53, 5 },
};

typedef struct {
  double *value, *bound;
} Expected;

static void
expected_init (Expected *expected, const Toy *toy)
{
  expected->value = g_new0 (double, toy_n_outputs (toy));
  expected->bound = g_new0 (double, toy_n_outputs (toy));
}

static void
expected_clear (Expected *expected)
{
  g_free (expected->value);
  g_free (expected->bound);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Expected, expected_clear)

static void
check_both (const Toy *toy, const Expected *expected, guint n_roundings)
{
  toy_check (toy, expected->value, expected->bound, n_roundings);
  toy_check_bits (toy);
}

/* ---- Element by element ---- */

static void
test_relu (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++) {
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };

    toy_init (&toy, "- {type: relu}", shapes[s], s);
    expected_init (&expected, &toy);
    for (gsize i = 0; i < toy_n_outputs (&toy); i++)
      expected.value[i] = MAX (toy.pictures[i], 0);
    check_both (&toy, &expected, 0);
  }
}

static void
test_relu_special (void)
{
  static const float in[] = { NAN, INFINITY, -INFINITY, -0.0f, -1e-45f, 1e-45f };
  g_auto (Toy) toy = { 0 };
  g_autofree double *out = NULL;

  toy_init (&toy, "- {type: relu}", (CpacDims){ 1, 1, G_N_ELEMENTS (in) }, 1);
  memcpy (toy.pictures, in, sizeof in);
  out = toy_run (&toy, CPAC_PRECISION_SINGLE, 1, 1);
  g_assert_true (isnan (out[0]));
  /* Not by g_assert_cmpfloat: valgrind has no long double, which it uses. */
  g_assert_true (out[1] == INFINITY);
  g_assert_cmpfloat (out[2], ==, 0);
  g_assert_cmpfloat (out[3], ==, 0);
  g_assert_cmpfloat (out[4], ==, 0);
  g_assert_cmpfloat (out[5], ==, 1e-45f);
}

/* x + relu(x) + x, then the same joined instead. */
static void
test_add (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++) {
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };

    toy_init (&toy, "- {type: relu, name: r}\n- {type: add, inputs: [input, r, input]}", shapes[s],
              s);
    expected_init (&expected, &toy);
    for (gsize i = 0; i < toy_n_outputs (&toy); i++) {
      double x = toy.pictures[i];

      expected.value[i] = x + MAX (x, 0) + x;
      expected.bound[i] = 3 * fabs (x);
    }
    check_both (&toy, &expected, 2);
  }
}

static void
test_concat (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++) {
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };
    gsize n = cpac_dims_count (&shapes[s]);

    toy_init (&toy, "- {type: relu, name: r}\n- {type: concat, inputs: [input, r, input]}",
              shapes[s], s);
    g_assert_cmpuint (toy_out (&toy)->channels, ==, 3 * shapes[s].channels);
    expected_init (&expected, &toy);
    for (gsize i = 0; i < n; i++) {
      expected.value[i] = expected.value[2 * n + i] = toy.pictures[i];
      expected.value[n + i] = MAX (toy.pictures[i], 0);
    }
    check_both (&toy, &expected, 0);
  }
}

static void
test_flatten (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++) {
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };
    guint n = (guint) cpac_dims_count (&shapes[s]);

    toy_init (&toy, "- {type: flatten}", shapes[s], s);
    g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ n, 1, 1 }));
    expected_init (&expected, &toy);
    for (gsize i = 0; i < n; i++)
      expected.value[i] = toy.pictures[i];
    check_both (&toy, &expected, 0);
  }
}

/* ---- Sums ---- */

static void
test_linear (void)
{
  static const guint unit_counts[] = { 1, 3, 17, 37 };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint u = 0; u < G_N_ELEMENTS (unit_counts); u++) {
      gboolean bias = u % 2;
      guint units = unit_counts[u];
      g_autofree char *yaml =
          g_strdup_printf ("- {type: linear, units: %u, bias: %s}", units, bias ? "true" : "false");
      g_auto (Toy) toy = { 0 };
      g_auto (Expected) expected = { 0 };
      gsize n = cpac_dims_count (&shapes[s]);
      CpacCost cost;

      toy_init (&toy, yaml, shapes[s], s);
      g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ units, 1, 1 }));
      expected_init (&expected, &toy);
      for (guint k = 0; k < units; k++) {
        expected.value[k] = bias ? toy_param (&toy, 1)[k] : 0;
        expected.bound[k] = fabs (expected.value[k]);
        for (gsize i = 0; i < n; i++) {
          double term = (double) toy_param (&toy, 0)[k * n + i] * toy.pictures[i];

          expected.value[k] += term;
          expected.bound[k] += fabs (term);
        }
      }
      check_both (&toy, &expected, (guint) n + 1);
      cpac_network_count (toy.network, &cost);
      g_assert_cmpuint (cost.macs, ==, n * units);
      g_assert_cmpuint (cost.parameters, ==, n * units + (bias ? units : 0));
    }
}

static void
test_global_average (void)
{
  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++) {
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };
    gsize plane = (gsize) shapes[s].height * shapes[s].width;

    toy_init (&toy, "- {type: global-average-pool}", shapes[s], s);
    g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ shapes[s].channels, 1, 1 }));
    expected_init (&expected, &toy);
    for (guint c = 0; c < shapes[s].channels; c++)
      for (gsize i = 0; i < plane; i++) {
        expected.value[c] += toy.pictures[c * plane + i] / (double) plane;
        expected.bound[c] += fabs (toy.pictures[c * plane + i]) / (double) plane;
      }
    /* Sums are in double, so that the float run rounds but once; the oracle divides each term. */
    check_both (&toy, &expected, (guint) plane + 2);
  }
}

/* A constant million: a float sum of 53 x 53 of them would be off, a double one is not. */
static void
test_global_average_exact (void)
{
  g_auto (Toy) toy = { 0 };
  g_autofree double *out = NULL;

  toy_init (&toy, "- {type: global-average-pool}", (CpacDims){ 1, 253, 53 }, 1);
  for (gsize i = 0; i < toy_n_inputs (&toy); i++)
    toy.pictures[i] = 1000001.0f;
  out = toy_run (&toy, CPAC_PRECISION_SINGLE, 1, 1);
  g_assert_cmpfloat (out[0], ==, 1000001.0);
}

/* ---- Whole picture and surroundings ---- */

static void
standardize (const Toy *toy, double mean, double spread, double least, double clip,
             Expected *expected)
{
  gsize n = toy_n_inputs (toy);
  double sum = 0, squares = 0, sd;

  for (gsize i = 0; i < n; i++)
    sum += toy->pictures[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += pow (toy->pictures[i] - sum, 2) / (double) n;
  sd = MAX (sqrt (squares), least);
  for (gsize i = 0; i < n; i++) {
    expected->value[i] = CLAMP ((toy->pictures[i] - sum) / sd * spread + mean, -clip, clip);
    expected->bound[i] =
        (fabs (toy->pictures[i]) + fabs (sum)) / sd * spread + fabs (mean) + spread;
  }
}

static void
test_standardize (void)
{
  static const struct {
    const char *options;
    double mean, spread, least, clip;
  } rows[] = {
    { "", 0, 1, 1e-6, INFINITY },
    { ", mean: 127.5, spread: 40", 127.5, 40, 1e-6, INFINITY },
    { ", floor: 5, mean: -1", -1, 1, 5, INFINITY },
    { ", clip: [-0.5, 0.5]", 0, 1, 1e-6, 0.5 },
  };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
      g_autofree char *yaml = g_strdup_printf ("- {type: standardize%s}", rows[r].options);
      g_auto (Toy) toy = { 0 };
      g_auto (Expected) expected = { 0 };

      toy_init (&toy, yaml, shapes[s], s);
      expected_init (&expected, &toy);
      standardize (&toy, rows[r].mean, rows[r].spread, rows[r].least, rows[r].clip, &expected);
      /* In double until the one rounding; the double run and the oracle sum n terms each. */
      check_both (&toy, &expected, 4 * (guint) toy_n_inputs (&toy) + 8);
    }
}

/* A flat picture becomes flat at the mean, and does not divide by zero. */
static void
test_standardize_flat (void)
{
  g_auto (Toy) toy = { 0 };
  g_autofree double *out = NULL;

  toy_init (&toy, "- {type: standardize, mean: 7, spread: 3}", (CpacDims){ 3, 5, 17 }, 1);
  for (gsize i = 0; i < toy_n_inputs (&toy); i++)
    toy.pictures[i] = 0.1f;
  out = toy_run (&toy, CPAC_PRECISION_SINGLE, 1, 1);
  for (gsize i = 0; i < toy_n_outputs (&toy); i++)
    g_assert_cmpfloat_with_epsilon (out[i], 7, 1e-6);
}

/* Mean and variance of the surroundings in two passes, which the layer does in one. */
static void
local_contrast (const Toy *toy, gint64 half, double epsilon, Expected *expected)
{
  const CpacDims *d = toy_out (toy);
  gsize at = 0;

  for (guint c = 0; c < d->channels; c++)
    for (gint64 i = 0; i < d->height; i++)
      for (gint64 j = 0; j < d->width; j++, at++) {
        const float *plane = toy->pictures + (gsize) c * d->height * d->width;
        double sum = 0, squares = 0, n = 0;

        for (gint64 y = MAX (i - half, 0); y <= MIN (i + half, d->height - 1); y++)
          for (gint64 x = MAX (j - half, 0); x <= MIN (j + half, d->width - 1); x++, n++)
            sum += plane[y * d->width + x];
        for (gint64 y = MAX (i - half, 0); y <= MIN (i + half, d->height - 1); y++)
          for (gint64 x = MAX (j - half, 0); x <= MIN (j + half, d->width - 1); x++)
            squares += pow (plane[y * d->width + x] - sum / n, 2);
        expected->value[at] = (plane[i * d->width + j] - sum / n) / sqrt (squares / n + epsilon);
        /* Inputs are at most 2, so that the one-pass variance is off by at most a few n u 2^2,
         * which over 2 epsilon is the relative error of the quotient. */
        expected->bound[at] = (fabs (expected->value[at]) + 4 / sqrt (epsilon)) * (1 + 4 / epsilon);
      }
}

static void
test_local_contrast (void)
{
  static const struct {
    const char *options;
    guint half;
    double epsilon;
  } rows[] = {
    { "window: 3", 1, 0.01 },
    { "window: 7, epsilon: 0.5", 3, 0.5 },
    { "window: 1023, epsilon: 1", 511, 1 },
  };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
      g_autofree char *yaml = g_strdup_printf ("- {type: local-contrast, %s}", rows[r].options);
      g_auto (Toy) toy = { 0 };
      g_auto (Expected) expected = { 0 };
      g_autofree double *single = NULL;

      toy_init (&toy, yaml, shapes[s], s);
      expected_init (&expected, &toy);
      local_contrast (&toy, rows[r].half, rows[r].epsilon, &expected);
      check_both (&toy, &expected, 2 * shapes[s].height * shapes[s].width + 4);
      /* All in double but the last rounding: the float run is far closer than that bound. */
      single = toy_run (&toy, CPAC_PRECISION_SINGLE, 1, 1);
      for (gsize i = 0; i < toy_n_outputs (&toy); i++)
        g_assert_cmpfloat_with_epsilon (single[i], expected.value[i],
                                        fabs (expected.value[i]) * 1.3e-7 + 1e-9);
    }
}

static void
test_template (void)
{
  g_auto (Toy) toy = { 0 };
  g_auto (Expected) expected = { 0 };

  toy_init (&toy, "- {type: template, channels: 3, height: 19, width: 5}", (CpacDims){ 1, 2, 2 },
            9);
  g_assert_true (cpac_dims_equal (toy_out (&toy), &(CpacDims){ 3, 19, 5 }));
  expected_init (&expected, &toy);
  for (gsize i = 0; i < toy_n_outputs (&toy); i++)
    expected.value[i] = toy_param (&toy, 0)[i];
  check_both (&toy, &expected, 0);
}

/* ---- Upsample ---- */

/* The bilinear surface through the pixels at position (@v, @h). */
static double
surface (const float *plane, const CpacDims *d, double v, double h, double *bound)
{
  double value = 0;

  *bound = 0;
  v = CLAMP (v, 0, d->height - 1.0);
  h = CLAMP (h, 0, d->width - 1.0);
  for (guint i = 0; i < d->height; i++)
    for (guint j = 0; j < d->width; j++) {
      /* The hat function of pixel (i, j). */
      double weight = MAX (1 - fabs (v - i), 0) * MAX (1 - fabs (h - j), 0);

      value += weight * plane[i * d->width + j];
      if (weight > 0)
        *bound += fabs (plane[i * d->width + j]);
    }
  return value;
}

static void
test_upsample (void)
{
  static const struct {
    CpacDims in;
    const char *options;
    guint height, width;
  } rows[] = {
    { { 1, 1, 1 }, "factor: 3", 3, 3 },        { { 2, 3, 5 }, "factor: 1", 3, 5 },
    { { 3, 2, 3 }, "factor: 2", 4, 6 },        { { 1, 5, 2 }, "factor: [1, 3]", 5, 6 },
    { { 2, 3, 3 }, "size: [17, 4]", 17, 4 },   { { 1, 17, 5 }, "size: [53, 7]", 53, 7 },
    { { 1, 5, 1 }, "size: [5, 253]", 5, 253 },
  };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
    g_autofree char *yaml = g_strdup_printf ("- {type: upsample, %s}", rows[r].options);
    const CpacDims *in = &rows[r].in;
    g_auto (Toy) toy = { 0 };
    g_auto (Expected) expected = { 0 };
    gsize at = 0;

    toy_init (&toy, yaml, *in, r);
    g_assert_true (cpac_dims_equal (toy_out (&toy),
                                    &(CpacDims){ in->channels, rows[r].height, rows[r].width }));
    expected_init (&expected, &toy);
    for (guint c = 0; c < in->channels; c++)
      for (guint p = 0; p < rows[r].height; p++)
        for (guint q = 0; q < rows[r].width; q++, at++)
          expected.value[at] =
              surface (toy.pictures + (gsize) c * in->height * in->width, in,
                       (p + 0.5) * in->height / rows[r].height - 0.5,
                       (q + 0.5) * in->width / rows[r].width - 0.5, &expected.bound[at]);
    /* Positions are in double, their fractions rounded to the precision; 253 cells of them. */
    check_both (&toy, &expected, 8 + 2 * 17);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layers/relu", test_relu);
  g_test_add_func ("/layers/relu-special", test_relu_special);
  g_test_add_func ("/layers/add", test_add);
  g_test_add_func ("/layers/concat", test_concat);
  g_test_add_func ("/layers/flatten", test_flatten);
  g_test_add_func ("/layers/linear", test_linear);
  g_test_add_func ("/layers/global-average", test_global_average);
  g_test_add_func ("/layers/global-average-exact", test_global_average_exact);
  g_test_add_func ("/layers/standardize", test_standardize);
  g_test_add_func ("/layers/standardize-flat", test_standardize_flat);
  g_test_add_func ("/layers/local-contrast", test_local_contrast);
  g_test_add_func ("/layers/template", test_template);
  g_test_add_func ("/layers/upsample", test_upsample);
  return g_test_run ();
}
