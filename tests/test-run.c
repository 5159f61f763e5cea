/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/toy.h"

#include <string.h>

/* A two-scale graph in which every kind of slice occurs: rows, channels, units, the whole picture.
 */
static const char layers[] = "- {type: standardize, name: flatly}\n"
                             "- {type: local-contrast, window: 5, inputs: [input]}\n"
                             "- {type: cpac-conv, filters: 7, kernel: 3, rank: 5, padding: same}\n"
                             "- {type: relu, name: fine}\n"
                             "- {type: max-pool, size: 2, inputs: [flatly]}\n"
                             "- {type: conv, filters: 7, kernel: [3, 1], padding: same}\n"
                             "- {type: upsample, size: [53, 37]}\n"
                             "- {type: add, inputs: [upsample-7, fine]}\n"
                             "- {type: template, channels: 2, height: 53, width: 37}\n"
                             "- {type: concat, inputs: [add-8, template-9]}\n"
                             "- {type: average-pool, size: 3, padding: same}\n"
                             "- {type: global-average-pool, name: gap}\n"
                             "- {type: flatten, inputs: [average-pool-11]}\n"
                             "- {type: linear, units: 37, name: far}\n"
                             "- {type: concat, inputs: [far, gap]}\n"
                             "- {type: linear, units: 5}\n";

static const CpacDims input = { 2, 53, 37 };

/* The whole graph: the same bits at any number of threads and at every place of a batch. */
static void
test_bits (void)
{
  g_auto (Toy) toy = { 0 };

  toy_init (&toy, layers, input, 1);
  toy_check_bits (&toy);
}

/* Float against double: each layer about keeps the variance of its input, so that the relative
 * error of a float run is a few hundred unit roundoffs of 6e-8; 1e-4 is a wrong result. */
static void
test_precisions (void)
{
  g_auto (Toy) toy = { 0 };
  g_autofree double *single = NULL, *exact = NULL;

  toy_init (&toy, layers, input, 2);
  single = toy_run (&toy, CPAC_PRECISION_SINGLE, TOY_BATCH, 2);
  exact = toy_run (&toy, CPAC_PRECISION_DOUBLE, TOY_BATCH, 2);
  for (gsize i = 0; i < TOY_BATCH * toy_n_outputs (&toy); i++)
    g_assert_cmpfloat_with_epsilon (single[i], exact[i], 1e-4);
}

/* One run used again and again gives what a fresh one does: nothing is left from picture to
 * picture. */
static void
test_reuse (void)
{
  CpacRunOptions options = { .batch = 1, .n_threads = 3 };
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacRun) run = NULL;
  g_autofree float *first = NULL;
  gsize n_in, n_out;

  toy_init (&toy, layers, input, 3);
  n_in = toy_n_inputs (&toy);
  n_out = toy_n_outputs (&toy);
  run = cpac_run_new (toy.network, toy.params, &options);
  for (guint i = 0; i < 40; i++) {
    const float *out;

    memcpy (cpac_run_get_input (run, 0), toy.pictures + i % 2 * n_in, n_in * sizeof (float));
    cpac_run_forward (run);
    out = cpac_run_get_output (run, cpac_network_get_n_layers (toy.network) - 1, 0);
    if (i == 0)
      first = g_memdup2 (out, n_out * sizeof (float));
    else if (i % 2 == 0)
      g_assert_cmpmem (out, n_out * sizeof (float), first, n_out * sizeof (float));
    else
      g_assert_true (memcmp (out, first, n_out * sizeof (float)) != 0);
  }
}

/* Streams share network and parameters, each in its own thread. */
typedef struct {
  const Toy *toy;
  double *out;
} Stream;

static gpointer
run_stream (gpointer data)
{
  Stream *stream = data;

  stream->out = toy_run (stream->toy, CPAC_PRECISION_SINGLE, TOY_BATCH, 2);
  return NULL;
}

static void
test_streams (void)
{
  g_auto (Toy) toy = { 0 };
  Stream streams[4];
  GThread *threads[G_N_ELEMENTS (streams)];
  gsize size;

  toy_init (&toy, layers, input, 4);
  size = TOY_BATCH * toy_n_outputs (&toy) * sizeof (double);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++) {
    streams[i] = (Stream){ &toy, NULL };
    threads[i] = g_thread_new ("stream", run_stream, &streams[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_thread_join (threads[i]);
  for (guint i = 1; i < G_N_ELEMENTS (streams); i++)
    g_assert_cmpmem (streams[i].out, size, streams[0].out, size);
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_free (streams[i].out);
}

/* The same seed gives the same parameters; another one, be it in the upper half, others. */
static void
test_random_params (void)
{
  g_auto (Toy) a = { 0 }, b = { 0 }, c = { 0 };

  toy_init (&a, layers, input, 7);
  toy_init (&b, layers, input, 7);
  toy_init (&c, layers, input, G_GUINT64_CONSTANT (7) << 32);
  for (guint i = 0; i < a.params->n_params; i++) {
    gsize n = cpac_shape_count (&a.params->values[i]->shape) * sizeof (float);

    g_assert_cmpmem (a.params->values[i]->data, n, b.params->values[i]->data, n);
    g_assert_true (memcmp (a.params->values[i]->data, c.params->values[i]->data, n) != 0);
  }
}

/* ---- A backward pass that overwrites ---- */

/* Two readers of the frame and two of the layer `a`, all of them overwriting ones. */
static const char readers[] = "- {type: relu, name: a}\n"
                              "- {type: relu, name: b, inputs: [a]}\n"
                              "- {type: relu, name: c, inputs: [a]}\n"
                              "- {type: relu, name: d, inputs: [input]}\n"
                              "- {type: add, inputs: [b, c, d]}\n";

static gsize
no_scratch (const CpacLayer *layer, guint n_slices)
{
  return 0;
}

static gsize
no_backward_scratch (const CpacLayer *layer)
{
  return 0;
}

static void
overwrite (const CpacLayer *layer, const CpacBackward *call)
{
  if (call->din[0] == NULL)
    return;
  memset (call->din[0], 0, cpac_dims_count (&layer->in[0]) * sizeof (float));
  layer->klass->backward_f32 (layer, call);
}

/* What several readers give one gradient is their sum, of the frame as of a layer; @wanted: whether
 * the frame's is asked for at all. */
static void
test_overwriting (gconstpointer wanted)
{
  const CpacDims dims = { 1, 1, 3 };
  const float pictures[2][3] = { { 1, -1, 2 }, { -3, 4, 5 } };
  const float slopes[2][3] = { { 1, 10, 100 }, { 2, 20, 200 } };
  CpacRunOptions options = { .batch = 2, .n_threads = 1, .gradients = TRUE };
  CpacLayerOps ops[2] = { { 0 } };
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacRun) run = NULL;

  toy_init (&toy, readers, dims, 1);
  ops[0] = (CpacLayerOps){ .klass = cpac_network_get_layer (toy.network, 0)->klass,
                           .get_scratch = no_scratch,
                           .forward = cpac_network_get_layer (toy.network, 0)->klass->forward_f32,
                           .get_backward_scratch = no_backward_scratch,
                           .backward = overwrite,
                           .overwrites = TRUE };
  options.ops = ops;
  options.input_gradient = wanted != NULL;
  run = cpac_run_new (toy.network, toy.params, &options);
  for (guint twice = 0; twice < 2; twice++) {
    for (guint i = 0; i < 2; i++) {
      memcpy (cpac_run_get_input (run, i), pictures[i], sizeof pictures[i]);
      memcpy (cpac_run_get_output_gradient (run, 4, i), slopes[i], sizeof slopes[i]);
    }
    cpac_run_forward (run);
    cpac_run_backward (run);
    for (guint i = 0; i < 2; i++)
      for (guint k = 0; k < 3; k++) {
        const float *by_a = cpac_run_get_output_gradient (run, 0, i);
        const float *by_input = cpac_run_get_output_gradient (run, CPAC_NETWORK_INPUT, i);
        gboolean open = pictures[i][k] > 0;

        /* Nothing has parameters here, so without the frame's there is no gradient at all. */
        g_assert_true ((by_a != NULL) == (wanted != NULL));
        g_assert_true ((by_input != NULL) == (wanted != NULL));
        if (wanted != NULL) {
          g_assert_cmpfloat (by_a[k], ==, open ? 2 * slopes[i][k] : 0);
          g_assert_cmpfloat (by_input[k], ==, open ? 3 * slopes[i][k] : 0);
        }
      }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/bits", test_bits);
  g_test_add_func ("/run/precisions", test_precisions);
  g_test_add_func ("/run/reuse", test_reuse);
  g_test_add_func ("/run/streams", test_streams);
  g_test_add_func ("/run/random-params", test_random_params);
  g_test_add_data_func ("/run/overwriting/to-layers", NULL, test_overwriting);
  g_test_add_data_func ("/run/overwriting/to-the-frame", "", test_overwriting);
  return g_test_run ();
}
