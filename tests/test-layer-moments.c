/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/layers/options.h"
#include "core/train/layer-moments.h"
#include "tests/toy.h"

/* Stride, padding and dilation, and a layer without a bias. */
#define LAYERS                                                                                     \
  "- {name: a, type: conv, filters: 3, kernel: [3, 2], stride: [2, 1], padding: same}\n"           \
  "- {type: relu}\n"                                                                               \
  "- {name: b, type: conv, filters: 2, kernel: 3, dilation: [1, 2], padding: [0, 1, 2, 3], "       \
  "bias: false}\n"
static const CpacDims input = { 2, 9, 11 };
static const guint conv_layers[] = { 0, 2 };

typedef struct {
  Toy toy, target; /* of the same layers, other parameters */
  CpacPictures pictures;
  CpacLayerMoments layers[2];
  CpacLayerMomentsOptions options;
} Fixture;

static gboolean
fill (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  const Fixture *fixture = user_data;
  gsize n = toy_n_inputs (&fixture->toy);

  for (gsize i = 0; i < n; i++)
    to[i] = fixture->toy.pictures[(index % 2) * n + (i + 7 * index) % n];
  return TRUE;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  toy_init (&fixture->toy, LAYERS, input, 6);
  toy_init (&fixture->target, LAYERS, input, 7);
  fixture->pictures = (CpacPictures){ 11, fill, fixture };
  for (guint i = 0; i < 2; i++)
    fixture->layers[i] = (CpacLayerMoments){ .layer = conv_layers[i], .target = conv_layers[i] };
  fixture->options = (CpacLayerMomentsOptions){ .network = fixture->toy.network,
                                                .params = fixture->toy.params,
                                                .target = fixture->target.network,
                                                .target_params = fixture->target.params,
                                                .layers = fixture->layers,
                                                .n_layers = 2,
                                                .pictures = &fixture->pictures,
                                                .n_threads = 1 };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    cpac_cp_moments_free (fixture->layers[i].moments);
  toy_clear (&fixture->toy);
  toy_clear (&fixture->target);
}

static void
gather (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  cpac_layer_moments_gather (&fixture->options, &error);
  g_assert_no_error (error);
}

/* What the layer reads at output (p, q), tap (y, x) of channel s; 0 outside. */
static double
read_tap (const CpacLayer *layer, const float *x, guint p, guint q, gsize place)
{
  const CpacWindow *w = &((const CpacDenseConvLayer *) layer)->window;
  const CpacDims *in = &layer->in[0];
  gint s = (gint) (place % in->channels), tap = (gint) (place / in->channels);
  gint i = (gint) (p * w->stride[0]) + tap / (gint) w->size[1] * (gint) w->dilation[0] -
           (gint) w->before[0];
  gint j = (gint) (q * w->stride[1]) + tap % (gint) w->size[1] * (gint) w->dilation[1] -
           (gint) w->before[1];

  if (i < 0 || i >= (gint) in->height || j < 0 || j >= (gint) in->width)
    return 0;
  return x[(s * (gint) in->height + i) * (gint) in->width + j];
}

/* Adds one picture, pixel by pixel. */
static void
add_picture (CpacCpMoments *m, const CpacLayer *layer, const float *x, const float *y)
{
  gsize n_taps = cpac_cp_moments_get_n_taps (m), plane = layer->out.height * layer->out.width;
  g_autofree double *taps = g_new (double, n_taps);

  for (guint p = 0; p < layer->out.height; p++)
    for (guint q = 0; q < layer->out.width; q++) {
      m->n++;
      for (gsize i = 0; i < n_taps; i++) {
        taps[i] = read_tap (layer, x, p, q, i);
        m->x[i] += taps[i];
      }
      for (gsize i = 0; i < n_taps * n_taps; i++)
        m->xx[i] += taps[i / n_taps] * taps[i % n_taps];
      for (guint f = 0; f < m->dims[0]; f++) {
        double value = y[f * plane + p * layer->out.width + q];

        m->y[f] += value;
        m->yy[f] += value * value;
        for (gsize i = 0; i < n_taps; i++)
          m->yx[f * n_taps + i] += value * taps[i];
      }
    }
}

/* Sums of n floats' products, each rounded a few times: against the largest of them. */
static void
assert_close (const char *what, const double *found, const double *expected, gsize n)
{
  double largest = 0;

  for (gsize i = 0; i < n; i++)
    largest = MAX (largest, fabs (expected[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (gsize i = 0; i < n; i++)
    if (!(fabs (found[i] - expected[i]) <= 1e-5 * largest))
      g_error ("%s[%" G_GSIZE_FORMAT "] is %g, expected %g", what, i, found[i], expected[i]);
}

/* @layer reads what @run's network gives, @target is what it is to give. */
static void
check_layer (Fixture *fixture, guint number, const Toy *reads, const Toy *gives)
{
  CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (reads->network, reads->params, &options);
  g_autoptr (CpacRun) target = cpac_run_new (gives->network, gives->params, &options);
  const CpacLayer *layer = cpac_network_get_layer (reads->network, conv_layers[number]);
  const CpacCpMoments *m = fixture->layers[number].moments;
  gsize n_taps = cpac_cp_moments_get_n_taps (m);
  g_autoptr (CpacCpMoments) slow = cpac_cp_moments_new (m->dims, m->bias, NULL);

  g_assert_true (m->bias == (number == 0));
  g_assert_cmpuint (m->dims[0], ==, layer->out.channels);
  g_assert_cmpuint (m->dims[3], ==, layer->in[0].channels);
  for (guint i = 0; i < fixture->pictures.n; i++) {
    fill (fixture, i, 0, cpac_run_get_input (run, 0), NULL);
    fill (fixture, i, 0, cpac_run_get_input (target, 0), NULL);
    cpac_run_forward (run);
    cpac_run_forward (target);
    add_picture (slow, layer, cpac_run_get_layer_input (run, conv_layers[number], 0),
                 cpac_run_get_output (target, conv_layers[number], 0));
  }
  g_assert_cmpfloat (m->n, ==, slow->n);
  assert_close ("xx", m->xx, slow->xx, n_taps * n_taps);
  assert_close ("yx", m->yx, slow->yx, m->dims[0] * n_taps);
  assert_close ("x", m->x, slow->x, n_taps);
  assert_close ("y", m->y, slow->y, m->dims[0]);
  assert_close ("yy", m->yy, slow->yy, m->dims[0]);
}

static void
test_two_networks (Fixture *fixture, gconstpointer data)
{
  gather (fixture);
  for (guint i = 0; i < 2; i++)
    check_layer (fixture, i, &fixture->toy, &fixture->target);
}

static void
test_one_network (Fixture *fixture, gconstpointer data)
{
  fixture->options.target = fixture->toy.network;
  fixture->options.target_params = fixture->toy.params;
  gather (fixture);
  for (guint i = 0; i < 2; i++)
    check_layer (fixture, i, &fixture->toy, &fixture->toy);
}

static void
test_threads (Fixture *fixture, gconstpointer data)
{
  CpacCpMoments *one[2];

  gather (fixture);
  for (guint i = 0; i < 2; i++)
    one[i] = g_steal_pointer (&fixture->layers[i].moments);
  fixture->options.n_threads = 3;
  gather (fixture);
  for (guint i = 0; i < 2; i++) {
    const CpacCpMoments *three = fixture->layers[i].moments;
    gsize n_taps = cpac_cp_moments_get_n_taps (three);

    g_assert_cmpmem (three->xx, n_taps * n_taps * sizeof (double), one[i]->xx,
                     n_taps * n_taps * sizeof (double));
    g_assert_cmpmem (three->yx, three->dims[0] * n_taps * sizeof (double), one[i]->yx,
                     three->dims[0] * n_taps * sizeof (double));
    cpac_cp_moments_free (one[i]);
  }
}

static gboolean
fail (gpointer user_data, guint index, guint worker, float *to, GError **error)
{
  if (index < 9)
    return fill (user_data, index, worker, to, error);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "picture %u", index);
  return FALSE;
}

/* Nothing is left over, and it can be called again. */
static void
test_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->pictures.fill = fail;
  g_assert_false (cpac_layer_moments_gather (&fixture->options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "picture 9");
  g_assert_null (fixture->layers[0].moments);
  g_assert_null (fixture->layers[1].moments);
  g_clear_error (&error);
  fixture->pictures.n = 0;
  g_assert_false (cpac_layer_moments_gather (&fixture->options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  fixture->pictures.n = 3;
  gather (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/layer-moments/two-networks", Fixture, NULL, set_up, test_two_networks, tear_down);
  g_test_add ("/layer-moments/one-network", Fixture, NULL, set_up, test_one_network, tear_down);
  g_test_add ("/layer-moments/threads", Fixture, NULL, set_up, test_threads, tear_down);
  g_test_add ("/layer-moments/errors", Fixture, NULL, set_up, test_errors, tear_down);
  return g_test_run ();
}
