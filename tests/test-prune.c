/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/explain/prune.h"
#include "tests/toy.h"

#define ALL -1

/* Zeros for some entries of a parameter, row and column: of conv and linear the weights of one
 * input channel for one output. */
typedef struct {
  const char *layer;
  guint param;
  int row, column;
} Zero;

/**
 * @left: what is expected to stay, "name:channels" or "name:channels/rank" of each layer that has
 *   weights
 *
 * A network with zeros in it, of which the cascade must take away just these parts.
 */
typedef struct {
  const char *name, *layers;
  CpacDims input;
  Zero zeros[8];
  const char *negative_bias; /* a layer all of whose biases are -1 */
  const char *left;
} Case;

#define CHAIN                                                                                      \
  "- {name: a, type: cpac-conv, filters: 5, kernel: [3, 3], rank: 4}\n"                            \
  "- {type: relu}\n"                                                                               \
  "- {type: max-pool, size: 2}\n"                                                                  \
  "- {name: b, type: cpac-conv, filters: 3, kernel: [1, 3], rank: 2}\n"                            \
  "- {type: flatten}\n"                                                                            \
  "- {name: c, type: linear, units: 2}\n"
#define CHAIN_INPUT                                                                                \
  {                                                                                                \
    2, 7, 17                                                                                       \
  }
#define DENSE                                                                                      \
  "- {name: a, type: conv, filters: 3, kernel: 3, bias: false}\n"                                  \
  "- {type: global-average-pool}\n"                                                                \
  "- {name: b, type: linear, units: 5}\n"                                                          \
  "- {type: relu}\n"                                                                               \
  "- {name: c, type: cpac-conv, filters: 1, kernel: 1, rank: 1}\n"
#define SUM                                                                                        \
  "- {name: a, type: conv, filters: 3, kernel: 1}\n"                                               \
  "- {name: b, type: cpac-conv, filters: 3, kernel: 1, rank: 2, inputs: [input]}\n"                \
  "- {name: s, type: add, inputs: [a, b]}\n"                                                       \
  "- {name: c, type: cpac-conv, filters: 1, kernel: 1, rank: 2}\n"
#define SUM_READ_TWICE                                                                             \
  "- {name: a, type: conv, filters: 3, kernel: 1}\n"                                               \
  "- {name: b, type: cpac-conv, filters: 3, kernel: 1, rank: 2, inputs: [input]}\n"                \
  "- {name: s, type: add, inputs: [a, b]}\n"                                                       \
  "- {name: c, type: cpac-conv, filters: 2, kernel: 1, rank: 2}\n"                                 \
  "- {name: d, type: concat, inputs: [c, b]}\n"                                                    \
  "- {name: e, type: conv, filters: 1, kernel: 1}\n"
#define JOIN                                                                                       \
  "- {name: a, type: conv, filters: 2, kernel: 1}\n"                                               \
  "- {name: b, type: conv, filters: 3, kernel: 1, inputs: [input]}\n"                              \
  "- {name: j, type: concat, inputs: [a, b, a]}\n"                                                 \
  "- {name: c, type: cpac-conv, filters: 1, kernel: 1, rank: 3}\n"
#define BARRIER                                                                                    \
  "- {name: a, type: conv, filters: 3, kernel: 1}\n"                                               \
  "- {type: standardize}\n"                                                                        \
  "- {name: c, type: cpac-conv, filters: 1, kernel: 1, rank: 3}\n"
#define UNREAD                                                                                     \
  "- {name: a, type: cpac-conv, filters: 3, kernel: 1, rank: 1}\n"                                 \
  "- {name: b, type: conv, filters: 2, kernel: 1, inputs: [input]}\n"

static const Case cases[] = {
  { "nothing", CHAIN, CHAIN_INPUT, { { 0 } }, NULL, "a:5/4 b:3/2 c:2" },
  { "component-a", CHAIN, CHAIN_INPUT, { { "a", 0, ALL, 2 } }, NULL, "a:5/3 b:3/2 c:2" },
  { "component-b", CHAIN, CHAIN_INPUT, { { "a", 1, ALL, 0 } }, NULL, "a:5/3 b:3/2 c:2" },
  { "component-c", CHAIN, CHAIN_INPUT, { { "a", 2, ALL, 3 } }, NULL, "a:5/3 b:3/2 c:2" },
  { "component-d", CHAIN, CHAIN_INPUT, { { "b", 3, ALL, 0 } }, NULL, "a:5/4 b:3/1 c:2" },
  { "one-stays", CHAIN, CHAIN_INPUT, { { "b", 0, ALL, ALL } }, NULL, "a:5/4 b:3/1 c:2" },
  { "unread", CHAIN, CHAIN_INPUT, { { "b", 3, 1, ALL } }, NULL, "a:4/4 b:3/2 c:2" },
  { "unread-by-linear", CHAIN, CHAIN_INPUT, { { "c", 0, ALL, 2 } }, NULL, "a:5/4 b:2/2 c:2" },
  { "silent", CHAIN, CHAIN_INPUT, { { "a", 0, 3, ALL } }, "a", "a:4/4 b:3/2 c:2" },
  { "silent-without-relu", CHAIN, CHAIN_INPUT, { { "b", 0, 1, ALL } }, "b", "a:5/4 b:3/2 c:2" },
  /* Component 1 of a is left without filters, and so on, from the end to the beginning. */
  { "cascade",
    CHAIN,
    CHAIN_INPUT,
    { { "c", 0, ALL, 0 },
      { "b", 0, 1, 1 },
      { "b", 0, 2, 1 },
      { "b", 3, 4, 0 },
      { "a", 0, 0, 1 },
      { "a", 0, 1, 1 },
      { "a", 0, 2, 1 },
      { "a", 0, 3, 1 } },
    NULL,
    "a:4/3 b:2/1 c:2" },
  { "dense",
    DENSE,
    { 2, 5, 5 },
    { { "a", 0, 1, ALL }, { "c", 3, 4, ALL } },
    NULL,
    "a:2 b:4 c:1/1" },
  { "dense-unread", DENSE, { 2, 5, 5 }, { { "b", 0, ALL, 2 } }, NULL, "a:2 b:5 c:1/1" },
  { "frame", DENSE, { 2, 5, 5 }, { { "a", 0, ALL, 0 } }, NULL, "a:3 b:5 c:1/1" },
  { "sum", SUM, { 1, 3, 3 }, { { "c", 3, 1, ALL } }, NULL, "a:2 b:2/2 c:1/2" },
  { "half-silent-sum", SUM, { 1, 3, 3 }, { { "b", 0, 1, ALL } }, NULL, "a:3 b:3/2 c:1/2" },
  { "sum-read-twice",
    SUM_READ_TWICE,
    { 1, 3, 3 },
    { { "c", 3, 1, ALL } },
    NULL,
    "a:3 b:3/2 c:2/2 e:1" },
  { "sum-unread-twice",
    SUM_READ_TWICE,
    { 1, 3, 3 },
    { { "c", 3, 1, ALL }, { "e", 0, ALL, 3 } },
    NULL,
    "a:2 b:2/2 c:2/2 e:1" },
  { "join", JOIN, { 1, 3, 3 }, { { "c", 3, 4, ALL }, { "c", 3, 0, ALL } }, NULL, "a:2 b:2 c:1/3" },
  { "join-twice",
    JOIN,
    { 1, 3, 3 },
    { { "c", 3, 0, ALL }, { "c", 3, 5, ALL } },
    NULL,
    "a:1 b:3 c:1/3" },
  { "one-channel-stays",
    JOIN,
    { 1, 3, 3 },
    { { "c", 3, 2, ALL }, { "c", 3, 3, ALL }, { "c", 3, 4, ALL } },
    NULL,
    "a:2 b:1 c:1/3" },
  { "barrier", BARRIER, { 1, 3, 3 }, { { "c", 3, 1, ALL } }, NULL, "a:3 c:1/3" },
  { "unread-layer", UNREAD, { 1, 3, 3 }, { { "a", 0, 1, ALL } }, NULL, "a:3/1 b:2" },
};

static CpacTensor *
param_of (const Toy *toy, const char *name, guint param)
{
  gint index = cpac_network_find (toy->network, name);

  g_assert_cmpint (index, >=, 0);
  return toy->params->values[toy->params->first[index] + param];
}

/* Channels that a layer reads; before they were flattened, where they were. */
static gsize
count_channels (const Toy *toy, guint index)
{
  gint source = cpac_network_get_inputs (toy->network, index)[0];
  const CpacLayer *before =
      source != CPAC_NETWORK_INPUT ? cpac_network_get_layer (toy->network, (guint) source) : NULL;

  if (before != NULL && g_str_equal (before->klass->type, "flatten"))
    return before->in[0].channels;
  return cpac_network_get_layer (toy->network, index)->in[0].channels;
}

static void
put_zeros (const Toy *toy, const Zero *zero)
{
  CpacTensor *tensor = param_of (toy, zero->layer, zero->param);
  guint index = (guint) cpac_network_find (toy->network, zero->layer);
  gboolean is_factor =
      g_str_equal (cpac_network_get_layer (toy->network, index)->klass->type, "cpac-conv");
  gsize n_rows = tensor->shape.dims[0], n = cpac_shape_count (&tensor->shape) / n_rows;
  gsize n_columns = is_factor ? n : count_channels (toy, index);

  for (gsize i = 0; i < n_rows; i++)
    for (gsize k = 0; k < n; k++)
      if ((zero->row == ALL || i == (gsize) zero->row) &&
          (zero->column == ALL || k / (n / n_columns) == (gsize) zero->column))
        tensor->data[i * n + k] = 0;
}

/* No bias is zero, and no weight that is not said to be. */
static void
case_init (Toy *toy, const Case *c)
{
  toy_init (toy, c->layers, c->input, 5);
  for (guint i = 0; i < toy->params->n_params; i++)
    for (gsize k = 0; k < cpac_shape_count (&toy->params->values[i]->shape); k++)
      if (toy->params->values[i]->data[k] == 0)
        toy->params->values[i]->data[k] = 0.25f;
  for (guint i = 0; i < G_N_ELEMENTS (c->zeros) && c->zeros[i].layer != NULL; i++)
    put_zeros (toy, &c->zeros[i]);
  /* A filter of zeros is silent with a bias of zero. */
  for (guint i = 0; i < G_N_ELEMENTS (c->zeros) && c->zeros[i].layer != NULL; i++)
    if (c->zeros[i].param == 0 && c->zeros[i].row != ALL && c->zeros[i].column == ALL &&
        c->negative_bias == NULL && !g_str_equal (c->layers, DENSE))
      param_of (toy, c->zeros[i].layer, 4)->data[c->zeros[i].row] = 0;
  if (c->negative_bias != NULL) {
    CpacTensor *bias = param_of (toy, c->negative_bias, 4);

    for (gsize i = 0; i < cpac_shape_count (&bias->shape); i++)
      bias->data[i] = -1;
  }
}

static CpacPrune *
prune_of (const Toy *toy, CpacMeasure measure, double keep, double keep_channels, guint64 seed)
{
  const CpacPruneOptions options = { .network = toy->network,
                                     .params = toy->params,
                                     .measure = measure,
                                     .keep = keep,
                                     .keep_channels = keep_channels,
                                     .seed = seed };
  g_autoptr (GError) error = NULL;
  CpacPrune *prune = cpac_prune_new (&options, &error);

  g_assert_no_error (error);
  return prune;
}

/* The pruned network with the toy's pictures. */
static void
pruned_init (Toy *pruned, const Toy *toy, const CpacPrune *prune, const char *layers)
{
  g_autofree char *text = g_strconcat ("layers:\n", layers, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *less = cpac_prune_text (prune, "toy.yaml", text, &error);

  g_assert_no_error (error);
  pruned->network = cpac_prune_network (prune, "toy.yaml", less, &error);
  g_assert_no_error (error);
  pruned->params = cpac_prune_params (prune, toy->params, pruned->network);
  pruned->pictures = g_memdup2 (toy->pictures, TOY_BATCH * toy_n_inputs (toy) * sizeof (float));
}

static char *
describe (const CpacPrune *prune)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < cpac_network_get_n_layers (prune->network); i++) {
    const CpacLayer *layer = cpac_network_get_layer (prune->network, i);

    if (layer->n_params == 0)
      continue;
    g_string_append_printf (text, "%s%s:%u", text->len > 0 ? " " : "", layer->name,
                            cpac_prune_get_outputs (prune, i, NULL));
    if (prune->components[i] != NULL)
      g_string_append_printf (text, "/%u", cpac_prune_get_rank (prune, i));
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What stays is what is expected, and computes the very same bits: what is left out are zeros, and
 * adding them changes nothing. */
static void
test_cascade (gconstpointer data)
{
  const Case *c = data;
  g_auto (Toy) toy = { 0 }, pruned = { 0 };
  g_autoptr (CpacPrune) prune = NULL;
  g_autofree char *left = NULL;
  g_autofree double *before = NULL, *after = NULL;

  case_init (&toy, c);
  prune = prune_of (&toy, CPAC_MEASURE_ENERGY, 1, 1, 1);
  left = describe (prune);
  g_assert_cmpstr (left, ==, c->left);
  pruned_init (&pruned, &toy, prune, c->layers);
  before = toy_run (&toy, CPAC_PRECISION_SINGLE, TOY_BATCH, 1);
  after = toy_run (&pruned, CPAC_PRECISION_SINGLE, TOY_BATCH, 1);
  for (gsize i = 0; i < TOY_BATCH * toy_n_outputs (&toy); i++)
    g_assert_cmpfloat (before[i], ==, after[i]);
}

/* ---- Ranking ---- */

#define TWO                                                                                        \
  "- {name: a, type: cpac-conv, filters: 4, kernel: [3, 3], rank: 6}\n"                            \
  "- {type: relu}\n"                                                                               \
  "- {name: b, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 4}\n"
static const CpacDims two_input = { 1, 9, 5 };

static void
scale_component (const Toy *toy, const char *layer, guint r, float by)
{
  CpacTensor *a = param_of (toy, layer, 0);

  for (gsize i = 0; i < a->shape.dims[0]; i++)
    a->data[i * a->shape.dims[1] + r] *= by;
}

/* The smallest go first. */
static void
test_energy (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) prune = NULL;

  toy_init (&toy, TWO, two_input, 3);
  scale_component (&toy, "a", 4, 1e-3f);
  scale_component (&toy, "a", 0, 1e-3f);
  scale_component (&toy, "b", 1, 1e-3f);
  prune = prune_of (&toy, CPAC_MEASURE_ENERGY, 0.7, 1, 1);
  g_assert_cmpuint (prune->n_components, ==, 10);
  g_assert_cmpuint (prune->n_kept, ==, 7);
  for (guint r = 0; r < 6; r++)
    g_assert_cmpint (prune->components[0][r], ==, r != 4 && r != 0);
  for (guint r = 0; r < 4; r++)
    g_assert_cmpint (prune->components[2][r], ==, r != 1);
}

/* With data: by the numbers of the activity, whatever the weights are. */
static void
test_activity (void)
{
  g_auto (Toy) toy = { 0 };
  double a[] = { 1, 2, 3, 4, 5, 6 }, a_taylor[] = { 6, 5, 4, 3, 2, 1 }, b[] = { 1, 2, 3, 4 };
  double b_taylor[] = { 4, 3, 2, 1 }, inputs[] = { 1, 0.125, 4, 3 };
  CpacLayerActivity layers[3] = { { 6, 1, a, a_taylor, inputs, NULL },
                                  { 0 },
                                  { 4, 4, b, b_taylor, inputs, NULL } };
  CpacActivity activity = { 3, layers };
  CpacPruneOptions options = { .keep = 0.5, .keep_channels = 0.75, .activity = &activity };

  toy_init (&toy, TWO, two_input, 3);
  options.network = toy.network;
  options.params = toy.params;
  for (options.measure = CPAC_MEASURE_ACTIVATION; options.measure <= CPAC_MEASURE_TAYLOR;
       options.measure++) {
    g_autoptr (CpacPrune) prune = cpac_prune_new (&options, NULL);
    gboolean last = options.measure == CPAC_MEASURE_ACTIVATION;

    g_assert_cmpuint (prune->n_kept, ==, 5);
    for (guint r = 0; r + 1 < 6; r++)
      g_assert_cmpint (prune->components[0][last ? r : 5 - r], <=,
                       prune->components[0][last ? r + 1 : 4 - r]);
    g_assert_true (prune->components[0][last ? 5 : 0]);
    g_assert_false (prune->components[0][last ? 0 : 5]);
    g_assert_cmpuint (prune->n_channels, ==, 4);
    g_assert_cmpuint (prune->n_kept_channels, ==, 3);
    g_assert_false (prune->groups[prune->channels->of_layer[0][1]]);
  }
}

/* Every layer keeps a component and a channel, however little is to stay. */
static void
test_least (void)
{
  for (CpacMeasure measure = 0; measure < CPAC_N_MEASURES; measure++) {
    g_auto (Toy) toy = { 0 };
    g_autoptr (CpacPrune) prune = NULL;
    g_autofree char *left = NULL;

    if (measure != CPAC_MEASURE_ENERGY && measure != CPAC_MEASURE_RANDOM)
      continue;
    toy_init (&toy, TWO, two_input, 3);
    prune = prune_of (&toy, measure, 1e-9, 1e-9, 1);
    left = describe (prune);
    g_assert_cmpstr (left, ==, "a:1/1 b:1/1");
  }
}

/* ---- By what the others cannot explain ---- */

#define RANK 6
#define FILTERS 4

/* Solves g x = y of @n unknowns, in place, by elimination with the largest pivot. */
static void
solve (double g[RANK][RANK], double y[RANK], guint n)
{
  for (guint p = 0; p < n; p++) {
    guint best = p;

    for (guint i = p; i < n; i++)
      best = fabs (g[i][p]) > fabs (g[best][p]) ? i : best;
    for (guint k = 0; k < n; k++) {
      double keep = g[p][k];

      g[p][k] = g[best][k];
      g[best][k] = keep;
    }
    {
      double keep = y[p];

      y[p] = y[best];
      y[best] = keep;
    }
    for (guint i = 0; i < n; i++) {
      double by = g[i][p] / g[p][p];

      if (i == p)
        continue;
      for (guint k = 0; k < n; k++)
        g[i][k] -= by * g[p][k];
      y[i] -= by * y[p];
    }
  }
  for (guint i = 0; i < n; i++)
    y[i] /= g[i][i];
}

/* Mean of ||Y - Y^||^2 with the best Y^ that the components of @left can give. */
static double
error_of (const float *a, const double *products, const gboolean *left)
{
  double sum = 0;

  for (guint f = 0; f < FILTERS; f++) {
    double g[RANK][RANK], x[RANK], y[RANK], whole[RANK];
    guint at[RANK], n = 0;

    for (guint r = 0; r < RANK; r++) {
      whole[r] = 0;
      for (guint q = 0; q < RANK; q++)
        whole[r] += products[r * RANK + q] * a[f * RANK + q];
      sum += a[f * RANK + r] * whole[r];
      if (left[r])
        at[n++] = r;
    }
    for (guint i = 0; i < n; i++) {
      x[i] = y[i] = whole[at[i]];
      for (guint k = 0; k < n; k++)
        g[i][k] = products[at[i] * RANK + at[k]];
    }
    solve (g, x, n);
    for (guint i = 0; i < n; i++)
      sum -= x[i] * y[i];
  }
  return sum;
}

/* Products of RANK random signals with one another, of different strength. */
static void
make_products (guint seed, double *products)
{
  GRand *random = g_rand_new_with_seed (seed);
  double z[RANK][20];

  for (guint r = 0; r < RANK; r++)
    for (guint k = 0; k < 20; k++)
      z[r][k] = g_rand_double_range (random, -1, 1) + (r > 0 ? z[r / 2][k] : 0);
  for (guint r = 0; r < RANK; r++)
    for (guint q = 0; q < RANK; q++) {
      products[r * RANK + q] = 0;
      for (guint k = 0; k < 20; k++)
        products[r * RANK + q] += z[r][k] * z[q][k] / 20;
    }
  g_rand_free (random);
}

#define ONE "- {name: a, type: cpac-conv, filters: 4, kernel: [3, 3], rank: 6}\n"

static CpacPrune *
prune_by_residual (const Toy *toy, double *products, double keep)
{
  double measured[RANK] = { 1, 1, 1, 1, 1, 1 }, inputs[] = { 1 };
  CpacLayerActivity layer = { RANK, 1, measured, NULL, inputs, products };
  CpacActivity activity = { 1, &layer };
  const CpacPruneOptions options = { .network = toy->network,
                                     .params = toy->params,
                                     .measure = CPAC_MEASURE_RESIDUAL,
                                     .keep = keep,
                                     .keep_channels = 1,
                                     .activity = &activity };
  g_autoptr (GError) error = NULL;
  CpacPrune *prune = cpac_prune_new (&options, &error);

  g_assert_no_error (error);
  return prune;
}

/* One after the other the component without which the least squares leave the least. */
static void
test_residual (void)
{
  for (guint seed = 1; seed < 9; seed++) {
    g_auto (Toy) toy = { 0 };
    double products[RANK * RANK];
    gboolean left[RANK] = { TRUE, TRUE, TRUE, TRUE, TRUE, TRUE };

    toy_init (&toy, ONE, two_input, seed);
    make_products (seed, products);
    for (guint n = RANK - 1; n > 0; n--) {
      g_autoptr (CpacPrune) prune = prune_by_residual (&toy, products, (double) n / RANK);
      double least = INFINITY;
      guint best = 0;

      for (guint r = 0; r < RANK; r++) {
        double found;

        if (!left[r])
          continue;
        left[r] = FALSE;
        found = error_of (toy.params->values[0]->data, products, left);
        left[r] = TRUE;
        if (found < least) {
          least = found;
          best = r;
        }
      }
      left[best] = FALSE;
      g_assert_cmpmem (prune->components[0], sizeof left, left, sizeof left);
    }
  }
}

/* Of two that do the same, however strong, one goes first; the other is then dear. */
static void
test_twins (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) one = NULL, two = NULL;
  double products[RANK * RANK];

  toy_init (&toy, ONE, two_input, 3);
  make_products (4, products);
  for (guint r = 0; r < RANK; r++)
    products[r * RANK + 5] = products[r * RANK + 2];
  for (guint r = 0; r < RANK; r++)
    products[5 * RANK + r] = products[2 * RANK + r];
  scale_component (&toy, "a", 2, 10);
  scale_component (&toy, "a", 5, 10);
  one = prune_by_residual (&toy, products, 5.0 / 6);
  g_assert_cmpint (one->components[0][2] + one->components[0][5], ==, 1);
  two = prune_by_residual (&toy, products, 2.0 / 6);
  g_assert_cmpint (two->components[0][2] + two->components[0][5], ==, 1);
}

/* A component that gives nothing costs nothing. */
static void
test_silent_component (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) prune = NULL;
  double products[RANK * RANK];

  toy_init (&toy, ONE, two_input, 3);
  make_products (4, products);
  for (guint r = 0; r < RANK; r++)
    products[r * RANK + 3] = products[3 * RANK + r] = 0;
  prune = prune_by_residual (&toy, products, 5.0 / 6);
  g_assert_false (prune->components[0][3]);
}

static void
test_random (void)
{
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) one = NULL, again = NULL;
  guint n_other = 0;

  toy_init (&toy, TWO, two_input, 3);
  one = prune_of (&toy, CPAC_MEASURE_RANDOM, 0.5, 1, 1);
  again = prune_of (&toy, CPAC_MEASURE_RANDOM, 0.5, 1, 1);
  g_assert_cmpmem (one->components[0], 6 * sizeof (gboolean), again->components[0],
                   6 * sizeof (gboolean));
  for (guint64 seed = 2; seed < 12; seed++) {
    g_autoptr (CpacPrune) other = prune_of (&toy, CPAC_MEASURE_RANDOM, 0.5, 1, seed);

    g_assert_cmpuint (other->n_kept, ==, 5);
    n_other += memcmp (one->components[0], other->components[0], 6 * sizeof (gboolean)) != 0;
  }
  g_assert_cmpuint (n_other, >, 5);
}

/* A pruned network is the whole one with zeros in its place. */
static void
test_removed (void)
{
  g_auto (Toy) toy = { 0 }, pruned = { 0 };
  g_autoptr (CpacPrune) prune = NULL;
  g_autofree double *before = NULL, *after = NULL;

  toy_init (&toy, CHAIN, (CpacDims) CHAIN_INPUT, 3);
  prune = prune_of (&toy, CPAC_MEASURE_ENERGY, 0.5, 0.5, 1);
  g_assert_cmpuint (prune->n_kept, <=, 3);
  g_assert_cmpuint (prune->n_kept_channels, <=, 4);
  pruned_init (&pruned, &toy, prune, CHAIN);
  for (guint r = 0; r < 4; r++)
    if (!prune->components[0][r])
      put_zeros (&toy, &(Zero){ "a", 0, ALL, (int) r });
  for (guint r = 0; r < 2; r++)
    if (!prune->components[3][r])
      put_zeros (&toy, &(Zero){ "b", 0, ALL, (int) r });
  for (guint c = 0; c < 5; c++)
    if (!prune->groups[prune->channels->of_layer[0][c]])
      put_zeros (&toy, &(Zero){ "b", 3, (int) c, ALL });
  for (guint c = 0; c < 3; c++)
    if (!prune->groups[prune->channels->of_layer[3][c]])
      put_zeros (&toy, &(Zero){ "c", 0, ALL, (int) c });
  before = toy_run (&toy, CPAC_PRECISION_SINGLE, TOY_BATCH, 1);
  after = toy_run (&pruned, CPAC_PRECISION_SINGLE, TOY_BATCH, 1);
  for (gsize i = 0; i < TOY_BATCH * toy_n_outputs (&toy); i++)
    g_assert_cmpfloat (before[i], ==, after[i]);
}

/* ---- Text ---- */

/* Not a byte besides the numbers. */
static void
test_text (void)
{
  static const char text[] = "# A model.\r\nname: x\r\nlayers: # two\r\n"
                             "- name: a\r\n  type: cpac-conv\r\n  rank: 6     # six\r\n"
                             "  filters: 0x4\r\n  kernel: [3, 3]\r\n- {type: relu}\r\n"
                             "- {name: b, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 4}\r\n"
                             "score: {head: none} # rank: 6\r\n";
  static const char expected[] =
      "# A model.\r\nname: x\r\nlayers: # two\r\n"
      "- name: a\r\n  type: cpac-conv\r\n  rank: 2     # six\r\n"
      "  filters: 2\r\n  kernel: [3, 3]\r\n- {type: relu}\r\n"
      "- {name: b, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 3}\r\n"
      "score: {head: none} # rank: 6\r\n";
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) prune = NULL;
  g_autofree char *found = NULL;
  g_autoptr (GError) error = NULL;

  toy_init (&toy, TWO, two_input, 3);
  prune = prune_of (&toy, CPAC_MEASURE_ENERGY, 1, 1, 1);
  for (guint r = 0; r < 4; r++)
    prune->components[0][r] = FALSE;
  prune->components[2][1] = FALSE;
  prune->groups[prune->channels->of_layer[0][0]] = FALSE;
  prune->groups[prune->channels->of_layer[0][3]] = FALSE;
  found = cpac_prune_text (prune, "m.yaml", text, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found, ==, expected);
}

/* A value that two layers share cannot become two; where both want the same, it can be changed. */
static void
test_shared (void)
{
  static const char text[] =
      "layers:\n- {name: a, type: cpac-conv, filters: 3, kernel: 1, rank: &r 4}\n"
      "- {name: b, type: cpac-conv, filters: 3, kernel: 1, rank: *r}\n";
  g_auto (Toy) toy = { 0 };
  g_autoptr (CpacPrune) prune = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  toy_init (&toy, strchr (text, '-'), (CpacDims){ 1, 1, 1 }, 3);
  prune = prune_of (&toy, CPAC_MEASURE_ENERGY, 1, 1, 1);
  prune->components[0][1] = FALSE;
  g_assert_null (cpac_prune_text (prune, "m.yaml", text, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
  g_assert_cmpstr (error->message, ==,
                   "m.yaml:2:1: rank, filters and units of the layers cannot be changed one by one "
                   "in this text; expected each layer to state its own, without aliases");
  prune->components[1][3] = FALSE;
  g_clear_error (&error);
  found = cpac_prune_text (prune, "m.yaml", text, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (found, "rank: &r 3}"));
}

static void
test_refused (void)
{
  static const struct {
    const char *layers, *message;
    CpacMeasure measure;
  } bad[] = {
    { "- {type: conv, filters: 1, kernel: 1}\n",
      "the network has no cpac-conv layer, so there is no component to remove",
      CPAC_MEASURE_ENERGY },
    { TWO,
      "measure taylor needs the gradient of a score, which only heads classifier and map have; "
      "expected another measure",
      CPAC_MEASURE_TAYLOR },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_auto (Toy) toy = { 0 };
    CpacPruneOptions options = { .measure = bad[i].measure, .keep = 1, .keep_channels = 1 };
    g_autoptr (GError) error = NULL;

    toy_init (&toy, bad[i].layers, two_input, 3);
    options.network = toy.network;
    options.params = toy.params;
    g_assert_null (cpac_prune_new (&options, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA);
    g_assert_cmpstr (error->message, ==, bad[i].message);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/prune/cascade/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_cascade);
  }
  g_test_add_func ("/prune/energy", test_energy);
  g_test_add_func ("/prune/activity", test_activity);
  g_test_add_func ("/prune/least", test_least);
  g_test_add_func ("/prune/residual", test_residual);
  g_test_add_func ("/prune/residual/twins", test_twins);
  g_test_add_func ("/prune/residual/silent", test_silent_component);
  g_test_add_func ("/prune/random", test_random);
  g_test_add_func ("/prune/removed", test_removed);
  g_test_add_func ("/prune/text", test_text);
  g_test_add_func ("/prune/shared", test_shared);
  g_test_add_func ("/prune/refused", test_refused);
  return g_test_run ();
}
