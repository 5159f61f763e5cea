/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <math.h>

#include "core/explain/components.h"
#include "core/train/ops.h"
#include "tests/toy.h"

/* A layer on an input, and what of its options the oracle must know. */
typedef struct {
  const char *name, *layer;
  CpacDims input;
  guint stride[2], dilation[2], before[2];
} Case;

/* All sizes 1; one component; strips that do not divide the height; each option by itself. */
static const Case cases[] = {
  { "single",
    "- {type: cpac-conv, filters: 1, kernel: [1, 1], rank: 1}",
    { 1, 1, 1 },
    { 1, 1 },
    { 1, 1 },
    { 0, 0 } },
  { "one-component",
    "- {type: cpac-conv, filters: 3, kernel: [3, 2], rank: 1}",
    { 2, 5, 17 },
    { 1, 1 },
    { 1, 1 },
    { 0, 0 } },
  { "wide",
    "- {type: cpac-conv, filters: 2, kernel: [1, 3], rank: 5, padding: same, bias: false}",
    { 1, 3, 253 },
    { 1, 1 },
    { 1, 1 },
    { 0, 1 } },
  { "strips",
    "- {type: cpac-conv, filters: 5, kernel: [3, 3], rank: 7, padding: same}",
    { 3, 37, 5 },
    { 1, 1 },
    { 1, 1 },
    { 1, 1 } },
  { "stride",
    "- {type: cpac-conv, filters: 4, kernel: [5, 3], rank: 17, stride: [2, 3], padding: "
    "[2, 1, 0, 1]}",
    { 2, 17, 11 },
    { 2, 3 },
    { 1, 1 },
    { 2, 1 } },
  { "dilation",
    "- {type: cpac-conv, filters: 2, kernel: [3, 3], rank: 3, dilation: [2, 3]}",
    { 5, 9, 13 },
    { 1, 1 },
    { 2, 3 },
    { 0, 0 } },
};

/* Z_r (p, q) and, in @bound, the sum of the magnitudes of its terms: the definition, term by term,
 * in double. */
static double
plane_at (const Case *c, const Toy *toy, guint r, guint p, guint q, double *bound)
{
  const CpacDims *in = cpac_network_get_input (toy->network);
  CpacTensor *const *values = toy->params->values;
  guint rank = (guint) values[0]->shape.dims[1];
  double sum = 0;

  *bound = 0;
  for (guint y = 0; y < values[1]->shape.dims[0]; y++)
    for (guint x = 0; x < values[2]->shape.dims[0]; x++)
      for (guint s = 0; s < in->channels; s++) {
        gint i = (gint) (p * c->stride[0] + y * c->dilation[0]) - (gint) c->before[0];
        gint j = (gint) (q * c->stride[1] + x * c->dilation[1]) - (gint) c->before[1];
        double term = (double) values[1]->data[y * rank + r] * values[2]->data[x * rank + r] *
                      values[3]->data[s * rank + r];

        if (i < 0 || j < 0 || i >= (gint) in->height || j >= (gint) in->width)
          continue;
        term *= toy->pictures[(s * in->height + (guint) i) * in->width + (guint) j];
        sum += term;
        *bound += fabs (term);
      }
  return sum;
}

static void
check (const Case *c, const CpacLayerOps *ops)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacComponents) components = NULL;
  g_autoptr (GError) error = NULL;
  const CpacDims *out;
  const float *planes;
  guint rank;

  toy_init (&toy, c->layer, c->input, 4);
  out = toy_out (&toy);
  rank = (guint) toy.params->values[0]->shape.dims[1];
  components = cpac_components_new (toy_last (&toy), toy.params->values, ops, &error);
  g_assert_no_error (error);
  planes = cpac_components_compute (components, toy.pictures);
  for (guint r = 0; r < rank; r++)
    for (guint p = 0; p < out->height; p++)
      for (guint q = 0; q < out->width; q++) {
        double bound, expected = plane_at (c, &toy, r, p, q, &bound);

        /* Three stages of at most 5 terms each, whose products are rounded, too. */
        g_assert_cmpfloat_with_epsilon (planes[(r * out->height + p) * out->width + q], expected,
                                        20 * FLT_EPSILON * bound + FLT_MIN);
      }
}

static void
test_reference (gconstpointer data)
{
  check (data, NULL);
}

static void
test_training (gconstpointer data)
{
  check (data, cpac_train_ops ());
}

/* The parameters are read anew every time: they may be moved in between. */
static void
test_moved (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacComponents) components = NULL;
  float before;

  toy_init (&toy, "- {type: cpac-conv, filters: 2, kernel: [1, 1], rank: 2}", (CpacDims){ 1, 2, 2 },
            4);
  components = cpac_components_new (toy_last (&toy), toy.params->values, NULL, NULL);
  before = cpac_components_compute (components, toy.pictures)[0];
  toy.params->values[1]->data[0] *= 2;
  g_assert_cmpfloat (cpac_components_compute (components, toy.pictures)[0], ==, 2 * before);
}

static void
test_too_large (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (GError) error = NULL;

  toy_init (&toy, "- {name: c, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 16385}",
            (CpacDims){ 1, 1, 1 }, 4);
  g_assert_null (cpac_components_new (toy_last (&toy), toy.params->values, NULL, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE);
  g_assert_cmpstr (error->message, ==,
                   "layer c: 16385 components of 1x1 are too many to be looked at by themselves, "
                   "at most 268435456 elements are taken");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *reference = g_strdup_printf ("/components/reference/%s", cases[i].name);
    g_autofree char *training = g_strdup_printf ("/components/training/%s", cases[i].name);

    g_test_add_data_func (reference, &cases[i], test_reference);
    g_test_add_data_func (training, &cases[i], test_training);
  }
  g_test_add_func ("/components/moved", test_moved);
  g_test_add_func ("/components/too-large", test_too_large);
  return g_test_run ();
}
