/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/cp/cp-private.h"
#include "core/error.h"
#include "core/tensor/linalg.h"
#include "tests/cp-oracle.h"

/* The kernel of random factors. (transfer full) */
static CpacTensor *
kernel_of (const CpShape *shape)
{
  float *factors[4];
  CpacTensor *kernel;

  cp_factors_init (factors, shape, 21);
  kernel = cpac_cp_reconstruct ((const float *const *) factors, shape->dims, shape->rank);
  cp_factors_clear (factors);
  return kernel;
}

static double
norm_of (const CpacTensor *tensor)
{
  double sum = 0;

  for (gsize i = 0; i < cpac_shape_count (&tensor->shape); i++)
    sum += (double) tensor->data[i] * tensor->data[i];
  return sqrt (sum);
}

/* Adds uniform noise of @level times the kernel's norm. */
static void
add_noise (CpacTensor *kernel, double level)
{
  gsize n = cpac_shape_count (&kernel->shape);
  double spread = level * norm_of (kernel) * sqrt (3.0 / n);
  GRand *random = g_rand_new_with_seed (8);

  for (gsize i = 0; i < n; i++)
    kernel->data[i] += (float) g_rand_double_range (random, -spread, spread);
  g_rand_free (random);
}

static CpacCp *
decompose (const CpacTensor *kernel, guint rank, const CpacCpOptions *options)
{
  g_autoptr (GError) error = NULL;
  CpacCp *cp = cpac_cp_als (kernel, rank, options, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (cp->rank, ==, rank);
  return cp;
}

static double
lambda_of (const CpacCp *cp, guint r)
{
  double sum = 0;

  for (guint n = 0; n < cp->a->shape.dims[0]; n++)
    sum += pow (cp->a->data[n * cp->rank + r], 2);
  return sqrt (sum);
}

/* Unit columns with a positive largest entry in b, c, d; lambda falls. */
static void
assert_canonical (const CpacCp *cp)
{
  const CpacTensor *factors[3] = { cp->b, cp->c, cp->d };

  for (guint r = 0; r < cp->rank; r++) {
    g_assert_true (r == 0 || lambda_of (cp, r) <= lambda_of (cp, r - 1));
    for (guint m = 0; m < 3; m++) {
      double sum = 0, largest = 0;

      for (guint i = 0; i < factors[m]->shape.dims[0]; i++) {
        double value = factors[m]->data[i * cp->rank + r];

        sum += value * value;
        largest = fabs (value) > fabs (largest) ? value : largest;
      }
      /* Each entry is rounded to float: the square of the norm is off by 2^-23 at most. */
      g_assert_cmpfloat_with_epsilon (sum, 1, 0x1p-23);
      g_assert_cmpfloat (largest, >, 0);
    }
  }
}

/* Fit and degeneracy as they are defined, from the rebuilt kernel and its rebuilt components. */
static void
assert_measures (const CpacCp *cp, const CpacTensor *kernel)
{
  const CpShape shape = { "cp",
                          { (guint) cp->a->shape.dims[0], (guint) cp->b->shape.dims[0],
                            (guint) cp->c->shape.dims[0], (guint) cp->d->shape.dims[0] },
                          cp->rank };
  float *factors[4] = { cp->a->data, cp->b->data, cp->c->data, cp->d->data };
  gsize n = cp_kernel_size (shape.dims);
  g_autofree double *rebuilt = cp_dense (factors, &shape, 0, cp->rank);
  double energy = cp_dot (rebuilt, rebuilt, n), components = 0, error = 0;

  for (guint r = 0; r < cp->rank; r++) {
    g_autofree double *component = cp_dense (factors, &shape, r, 1);

    components += cp_dot (component, component, n);
  }
  for (gsize i = 0; i < n; i++)
    error += pow (rebuilt[i] - kernel->data[i], 2);
  g_assert_cmpfloat_with_epsilon (cp->fit, 1 - sqrt (error) / norm_of (kernel), 1e-12);
  g_assert_cmpfloat_with_epsilon (cp->degeneracy, components / energy,
                                  1e-10 * cp->degeneracy * cp->degeneracy);
}

/* A decomposition of few components is unique (Kruskal): canonical factors come back one by one.
 * The ridge of 1e-6 moves them by about as much. */
static void
test_recovers (void)
{
  const CpShape shape = { "known", { 17, 3, 3, 5 }, 3 };
  float *factors[4];
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  g_autoptr (CpacCp) cp = decompose (kernel, shape.rank, NULL);
  CpacTensor *found[4] = { cp->a, cp->b, cp->c, cp->d };

  cp_factors_init (factors, &shape, 21);
  cpac_cp_canonicalize (factors, shape.dims, shape.rank);
  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < shape.dims[m] * shape.rank; i++)
      g_assert_cmpfloat_with_epsilon (found[m]->data[i], factors[m][i], 1e-4);
  g_assert_cmpfloat (cp->fit, >, 1 - 1e-5);
  assert_canonical (cp);
  assert_measures (cp, kernel);
  cp_factors_clear (factors);
}

typedef struct {
  const char *name;
  CpShape truth; /* what the kernel is made of */
  double noise;  /* relative to its norm */
  guint rank;    /* of the decomposition */
  double ridge;
  double max_error;
  double max_degeneracy;
} Case;

static const Case cases[] = {
  /* Any (8, 1, 3, 3) kernel has rank 9 at most: what remains is the rounding to float. */
  { "exact-gray", { NULL, { 8, 3, 3, 1 }, 40 }, 0, 9, 1e-3, 1e-6, 10 },
  /* Least squares leaves sqrt (1 - parameters / entries) = 0.86 of the noise, 24 (32 + 3 + 3 + 16 -
   * 3) of 4608; it must not do worse than the noise itself. */
  { "noise-floor", { NULL, { 32, 3, 3, 16 }, 24 }, 0.05, 24, 1e-3, 0.05, 3 },
  { "noise-floor-excess", { NULL, { 32, 3, 3, 16 }, 24 }, 0.05, 32, 1e-3, 0.05, 10 },
  /* More components than the truth has: the normal equations turn singular. */
  { "excess", { NULL, { 17, 3, 3, 5 }, 2 }, 0, 7, 1e-3, 1e-3, 10 },
  { "excess-no-ridge", { NULL, { 17, 3, 3, 5 }, 2 }, 0, 7, 0, 1e-3, 1e3 },
  { "above-every-mode", { NULL, { 5, 3, 2, 3 }, 12 }, 0.1, 17, 1e-3, 0.1, 100 },
  /* Components beyond the 6 such a kernel can have are zero. */
  { "above-largest-rank", { NULL, { 17, 3, 2, 1 }, 9 }, 0, 40, 1e-3, 1e-6, 10 },
  { "one-filter", { NULL, { 1, 3, 3, 5 }, 2 }, 0, 2, 1e-3, 1e-4, 10 },
  { "one-row", { NULL, { 7, 1, 5, 3 }, 2 }, 0, 2, 1e-3, 1e-4, 10 },
  { "rank-one", { NULL, { 2, 3, 5, 17 }, 1 }, 0, 1, 1e-3, 1e-6, 1.0001 },
};

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacTensor) kernel = kernel_of (&test->truth);
  g_autoptr (CpacCp) cp = NULL;

  add_noise (kernel, test->noise);
  options.ridge = test->ridge;
  cp = decompose (kernel, test->rank, &options);
  g_test_message ("error %g, degeneracy %g, %u sweeps", 1 - cp->fit, cp->degeneracy, cp->n_sweeps);
  g_assert_cmpfloat (1 - cp->fit, <=, test->max_error);
  g_assert_cmpfloat (cp->degeneracy, <=, test->max_degeneracy);
  g_assert_cmpuint (cp->n_sweeps, <=, options.max_sweeps);
  assert_canonical (cp);
  assert_measures (cp, kernel);
}

/* Rows of Hadamard's matrix: orthogonal, of norm 2. */
static const float hadamard[4][4] = {
  { 1, 1, 1, 1 }, { 1, -1, 1, -1 }, { 1, 1, -1, -1 }, { 1, -1, -1, 1 }
};

/* Wherever the two larger modes are, K is a matrix of singular values 8, 4, 2, 1: rank 2 must leave
 * sqrt (2^2 + 1^2) of sqrt (85) (Eckart-Young), rank 4 and more nothing. */
static void
test_matrix (void)
{
  static const gsize shapes[][4] = { { 4, 4, 1, 1 }, { 4, 1, 4, 1 }, { 4, 1, 1, 4 },
                                     { 1, 4, 4, 1 }, { 1, 4, 1, 4 }, { 1, 1, 4, 4 } };

  for (guint t = 0; t < G_N_ELEMENTS (shapes); t++) {
    const gsize *dims = shapes[t];
    g_autoptr (CpacTensor) kernel =
        cpac_tensor_new (CPAC_SHAPE (dims[0], dims[1], dims[2], dims[3]));
    g_autoptr (CpacCp) half = NULL, whole = NULL;

    for (guint i = 0; i < 4; i++)
      for (guint j = 0; j < 4; j++)
        for (guint l = 0; l < 4; l++)
          kernel->data[4 * i + j] += (8 >> l) / 4.f * hadamard[l][i] * hadamard[3 - l][j];
    half = decompose (kernel, 2, NULL);
    g_assert_cmpfloat_with_epsilon (half->fit, 1 - sqrt (5.0 / 85), 1e-7);
    g_assert_cmpfloat_with_epsilon (half->degeneracy, 1, 1e-6);
    g_assert_cmpfloat_with_epsilon (lambda_of (half, 0), 8, 1e-6);
    g_assert_cmpfloat_with_epsilon (lambda_of (half, 1), 4, 1e-6);
    whole = decompose (kernel, 6, NULL);
    g_assert_cmpfloat_with_epsilon (whole->fit, 1, 1e-6);
    g_assert_cmpfloat (lambda_of (whole, 4), ==, 0);
    g_assert_cmpuint (whole->n_sweeps, ==, 0);
    assert_canonical (whole);
    assert_measures (whole, kernel);
  }
}

/* (3, -4) is 1 x (3, -4): nothing else can be decomposed so quickly. */
static void
test_vector (void)
{
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (1, 2, 1, 1));
  g_autoptr (CpacCp) cp = NULL;

  kernel->data[0] = 3;
  kernel->data[1] = -4;
  cp = decompose (kernel, 1, NULL);
  g_assert_cmpfloat_with_epsilon (cp->a->data[0], -5, 1e-6);
  g_assert_cmpfloat (cp->b->data[0], ==, 1);
  g_assert_cmpfloat (cp->c->data[0], ==, 1);
  g_assert_cmpfloat_with_epsilon (cp->d->data[0], -0.6, 1e-6);
  g_assert_cmpfloat_with_epsilon (cp->d->data[1], 0.8, 1e-6);
}

static void
assert_same_bytes (const CpacTensor *x, const CpacTensor *y)
{
  gsize n = cpac_shape_count (&x->shape) * sizeof (float);

  g_assert_cmpmem (x->data, n, y->data, n);
}

static void
test_deterministic (void)
{
  const CpShape shape = { "noise", { 8, 3, 3, 5 }, 30 };
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  g_autoptr (CpacCp) first = decompose (kernel, 11, NULL), second = decompose (kernel, 11, NULL);

  assert_same_bytes (first->a, second->a);
  assert_same_bytes (first->b, second->b);
  assert_same_bytes (first->c, second->c);
  assert_same_bytes (first->d, second->d);
  g_assert_cmpfloat (first->fit, ==, second->fit);
}

/* Only the scale moves when the kernel is scaled; the extremes of float are no trouble. */
static void
test_scale (void)
{
  const CpShape shape = { "noise", { 8, 3, 3, 5 }, 30 };
  static const float scales[] = { 0x1p-100f, 0x1p+100f };
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  g_autoptr (CpacCp) plain = decompose (kernel, 5, NULL);

  for (guint t = 0; t < G_N_ELEMENTS (scales); t++) {
    g_autoptr (CpacTensor) scaled = cpac_tensor_copy (kernel);
    g_autoptr (CpacCp) cp = NULL;

    for (gsize i = 0; i < cpac_shape_count (&scaled->shape); i++)
      scaled->data[i] *= scales[t];
    cp = decompose (scaled, 5, NULL);
    assert_same_bytes (cp->d, plain->d);
    g_assert_cmpfloat (cp->fit, ==, plain->fit);
    for (gsize i = 0; i < cpac_shape_count (&cp->a->shape); i++)
      g_assert_cmpfloat (cp->a->data[i], ==, plain->a->data[i] * scales[t]);
  }
}

/* x x y + x y x + y x x has rank 3, but components of rank 2 that grow without bound come as close
 * to it as one likes. The ridge bounds them: sum lambda^2 <= ||K||^2 / 1e-6. */
static void
test_degenerate (void)
{
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (2, 1, 2, 2));

  kernel->data[1] = kernel->data[2] = kernel->data[4] = 1;
  for (guint n_starts = 0; n_starts < 5; n_starts++) {
    CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
    g_autoptr (CpacCp) two = NULL, three = NULL;

    options.n_starts = n_starts;
    two = decompose (kernel, 2, &options);
    g_assert_cmpfloat (pow (lambda_of (two, 0), 2) + pow (lambda_of (two, 1), 2), <=, 3e6);
    /* One of its three terms alone leaves sqrt (2 / 3). */
    g_assert_cmpfloat (two->fit, >=, 1 - sqrt (2.0 / 3) - 1e-6);
    assert_measures (two, kernel);
    three = decompose (kernel, 3, &options);
    g_assert_cmpfloat (three->fit, >=, 1 - sqrt (1.0 / 3));
    assert_measures (three, kernel);
  }
}

/* (8, 1, 3, 3) of uniform noise: nothing that a few components could be exact for.
 * (transfer full) */
static CpacTensor *
noise_of (guint seed)
{
  CpacTensor *kernel = cpac_tensor_new (CPAC_SHAPE (8, 1, 3, 3));
  GRand *random = g_rand_new_with_seed (seed);

  for (guint i = 0; i < 72; i++)
    kernel->data[i] = (float) g_rand_double_range (random, -1, 1);
  g_rand_free (random);
  return kernel;
}

/* The ridge holds back components that cancel each other: not in every kernel, but over many. */
static void
test_ridge (void)
{
  double change = 0;
  const guint n = 16;

  for (guint seed = 3; seed < 3 + n; seed++) {
    CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
    g_autoptr (CpacTensor) kernel = noise_of (seed);
    g_autoptr (CpacCp) with = NULL, without = NULL;

    options.n_starts = 0;
    options.max_degeneracy = INFINITY;
    with = decompose (kernel, 4, &options);
    options.ridge = 0;
    without = decompose (kernel, 4, &options);
    change += log (without->degeneracy / with->degeneracy) / n;
  }
  g_test_message ("without the ridge, degeneracy is %.3g times as large", exp (change));
  g_assert_cmpfloat (exp (change), >, 1.05);
}

/* K[i,i,i,i] = 8, 4, 2, 1: the leading singular vectors of the unfoldings are the answer, which
 * takes one sweep to see and three to be sure of, under either ridge. Two components leave 2 and 1.
 */
static void
test_hosvd (void)
{
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (4, 4, 4, 4));
  g_autoptr (CpacCp) cp = NULL;

  for (guint i = 0; i < 4; i++)
    kernel->data[85 * i] = (float) (8 >> i);
  options.n_starts = 0;
  cp = decompose (kernel, 2, &options);
  g_assert_cmpuint (cp->n_sweeps, <=, 8);
  g_assert_cmpfloat_with_epsilon (cp->fit, 1 - sqrt (5.0 / 85), 1e-6);
}

/* A swamp: 223 sweeps when this was written, 391 without the line search. */
static void
test_line_search (void)
{
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (2, 2, 2, 2));
  g_autoptr (CpacCp) cp = NULL;

  kernel->data[1] = kernel->data[2] = kernel->data[4] = kernel->data[8] = 1;
  cp = decompose (kernel, 3, NULL);
  g_test_message ("%u sweeps", cp->n_sweeps);
  g_assert_cmpuint (cp->n_sweeps, <, 300);
}

/* ||K - K^|| of a model, entry by entry. */
static double
error_of (const CpacCpModel *model, const double *k)
{
  const guint *dims = model->dims, rank = model->rank;
  double sum = 0;

  for (guint n = 0; n < dims[0]; n++)
    for (guint y = 0; y < dims[1]; y++)
      for (guint x = 0; x < dims[2]; x++)
        for (guint s = 0; s < dims[3]; s++) {
          double rest = k[cp_index (dims, n, s, y, x)];

          for (guint r = 0; r < rank; r++)
            rest -= model->lambda[r] * model->u[0][n * rank + r] * model->u[1][y * rank + r] *
                    model->u[2][x * rank + r] * model->u[3][s * rank + r];
          sum += rest * rest;
        }
  return sqrt (sum);
}

/* Rounding the kernel to float leaves an error of some 1e-8. ||K||^2 - 2 <K, K^> + ||K^||^2 is off
 * by 1e-16, its root by as much as the error itself: it must be measured better than that. */
static void
test_small_error (void)
{
  const CpShape shape = { NULL, { 17, 3, 3, 5 }, 3 };
  const CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  g_autoptr (CpacCpModel) model = cpac_cp_model_new (shape.dims, shape.rank);
  gsize n = cp_kernel_size (shape.dims);
  g_autofree double *k = g_new (double, n);
  double norm = norm_of (kernel);

  cpac_linalg_init ();
  for (gsize i = 0; i < n; i++)
    k[i] = kernel->data[i] / norm;
  cpac_cp_decompose (model, k, &options);
  g_assert_cmpfloat (model->error, <, 1e-6);
  g_assert_cmpfloat_with_epsilon (model->error, error_of (model, k), 1e-13);
}

/* Where nothing is held back, one start more can only turn the choice to the better: from D >= 10
 * to a smaller D, from there to D < 10 at whatever error, and then to a smaller error. Up to
 * rounding the factors to float. */
static gboolean
assert_better (const CpacCp *cp, const CpacCp *than)
{
  if (than->degeneracy < 10) {
    g_assert_cmpfloat (cp->degeneracy, <, 10 + 1e-3);
    g_assert_cmpfloat (cp->fit, >=, than->fit - 1e-6);
    return FALSE;
  }
  g_assert_cmpfloat (cp->degeneracy, <=, than->degeneracy * (1 + 1e-3));
  return cp->fit < than->fit - 1e-3;
}

static void
test_choice (void)
{
  guint n_traded = 0;

  for (guint seed = 3; seed < 6; seed++) {
    g_autoptr (CpacTensor) kernel = noise_of (seed);

    for (guint rank = 3; rank < 6; rank++) {
      g_autoptr (CpacCp) last = NULL;

      for (guint n_starts = 0; n_starts < 6; n_starts++) {
        CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
        CpacCp *cp;

        options.n_starts = n_starts;
        options.max_degeneracy = INFINITY;
        cp = decompose (kernel, rank, &options);
        n_traded += last != NULL && assert_better (cp, last);
        g_clear_pointer (&last, cpac_cp_free);
        last = cp;
      }
    }
  }
  /* Such kernels do trade fit for soundness, or this test would say nothing. */
  g_assert_cmpuint (n_traded, >, 0);
}

/* Kernels whose every start ends with components that cancel: they are held back, at the cost of
 * some fit; where that is not wanted they are left as they are, or refused. */
static void
test_held_back (void)
{
  guint n_held = 0;

  for (guint seed = 3; seed < 23; seed++) {
    CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
    g_autoptr (CpacTensor) kernel = noise_of (seed);
    g_autoptr (CpacCp) free = NULL, held = NULL;
    g_autoptr (GError) error = NULL;

    options.n_starts = 0;
    options.max_degeneracy = INFINITY;
    free = decompose (kernel, 6, &options);
    options.max_degeneracy = 100;
    held = decompose (kernel, 6, &options);
    if (free->degeneracy < 10) {
      assert_same_bytes (held->a, free->a);
      continue;
    }
    n_held++;
    g_test_message ("seed %u: D %.3g held at %.3g, fit %.4f and %.4f", seed, free->degeneracy,
                    held->degeneracy, free->fit, held->fit);
    g_assert_cmpfloat (held->degeneracy, <, 10 + 1e-3);
    g_assert_cmpfloat (held->fit, <=, free->fit + 1e-6);
    /* One component of six less would leave more. */
    g_assert_cmpfloat (held->fit, >, 0.5);
    assert_canonical (held);
    assert_measures (held, kernel);
  }
  g_assert_cmpuint (n_held, >, 0);
}

/* A limit that nothing can meet. */
static void
test_refused (void)
{
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacTensor) kernel = noise_of (3);
  g_autoptr (GError) error = NULL;

  options.max_degeneracy = 0.01;
  g_assert_null (cpac_cp_als (kernel, 3, &options, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_true (g_str_has_prefix (error->message, "the 3 components cancel each other: their "
                                                   "energies are "));
}

static void
test_congruence (void)
{
  const CpShape shape = { NULL, { 8, 3, 3, 5 }, 5 };
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  g_autoptr (CpacCp) cp = decompose (kernel, 4, NULL);
  const float *factors[4] = { cp->a->data, cp->b->data, cp->c->data, cp->d->data };

  g_assert_cmpfloat (cp->congruence, ==, cpac_cp_congruence (factors, shape.dims, 4));
  g_assert_cmpfloat (cp->congruence, >, 0);
}

/* ||(K - K^) x_s S^1/2||^2 = sum over n, taps of e^T S e, e the channels' errors. */
static double
weighted_error (const CpacCp *cp, const CpacTensor *kernel, const double *s, guint n)
{
  const CpShape shape = { NULL, { 8, 3, 3, n }, cp->rank };
  float *factors[4] = { cp->a->data, cp->b->data, cp->c->data, cp->d->data };
  g_autofree double *rebuilt = cp_dense (factors, &shape, 0, cp->rank);
  double sum = 0;

  for (guint f = 0; f < 8; f++)
    for (guint tap = 0; tap < 9; tap++)
      for (guint i = 0; i < n; i++)
        for (guint j = 0; j < n; j++) {
          gsize x = ((gsize) f * n + i) * 9 + tap, y = ((gsize) f * n + j) * 9 + tap;

          sum += (kernel->data[x] - rebuilt[x]) * s[i * n + j] * (kernel->data[y] - rebuilt[y]);
        }
  return sqrt (sum);
}

/* Channels of different loudness that go together: an error of the outputs is smaller when it is
 * what is made small, that of the kernel is larger. With the identity nothing changes but for the
 * ridge, which scales it. */
static void
test_channels (void)
{
  const guint n = 6;
  const CpShape shape = { NULL, { 8, 3, 3, n }, 40 };
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  g_autoptr (CpacCp) plain = decompose (kernel, 6, NULL), weighted = NULL, same = NULL;
  double s[36], identity[36];

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++) {
      s[i * n + j] = (1 << i) * (1 << j) * 0.25 * (i == j ? 1 : 0.7);
      identity[i * n + j] = i == j;
    }
  options.channels = s;
  weighted = decompose (kernel, 6, &options);
  g_test_message ("outputs %g against %g, kernel %g against %g",
                  weighted_error (weighted, kernel, s, n), weighted_error (plain, kernel, s, n),
                  1 - weighted->fit, 1 - plain->fit);
  g_assert_cmpfloat (weighted_error (weighted, kernel, s, n), <,
                     0.8 * weighted_error (plain, kernel, s, n));
  g_assert_cmpfloat (weighted->fit, <, plain->fit);
  assert_canonical (weighted);
  assert_measures (weighted, kernel);
  options.channels = identity;
  same = decompose (kernel, 6, &options);
  g_assert_cmpfloat_with_epsilon (same->fit, plain->fit, 1e-3);
}

/* Silent channels are no trouble; what is no second moment is refused. */
static void
test_bad_channels (void)
{
  const CpShape shape = { NULL, { 8, 3, 3, 2 }, 4 };
  g_autoptr (CpacTensor) kernel = kernel_of (&shape);
  CpacCpOptions options = CPAC_CP_OPTIONS_INIT;
  static const double bad[][4] = { { 1, 2, 2, 1 }, { NAN, 0, 0, 1 }, { -1, 0, 0, -1 } };
  static const double silent[] = { 1, 0, 0, 0 }, nothing[] = { 0, 0, 0, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    options.channels = bad[i];
    g_assert_null (cpac_cp_als (kernel, 2, &options, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
    g_assert_cmpstr (error->message, ==,
                     "the second moments of the channels are no such matrix: expected it to be "
                     "symmetric and positive semidefinite");
  }
  for (guint i = 0; i < 2; i++) {
    g_autoptr (CpacCp) cp = NULL;

    options.channels = i == 0 ? silent : nothing;
    cp = decompose (kernel, 4, &options);
    assert_measures (cp, kernel);
  }
}

/* The components of @factors the other way round; a and d negated; scales of powers of 2. */
static void
disguise (float *const factors[4], const CpShape *shape, float *others[4])
{
  for (guint m = 0; m < 4; m++) {
    float sign = m == 0 || m == 3 ? -1 : 1;

    others[m] = g_new (float, shape->dims[m] * shape->rank);
    for (guint i = 0; i < shape->dims[m]; i++)
      for (guint r = 0; r < shape->rank; r++)
        others[m][i * shape->rank + shape->rank - 1 - r] =
            factors[m][i * shape->rank + r] * sign * ldexpf (1, m == 0 ? 6 : -(int) m);
  }
}

static void
assert_same_factors (float *const factors[4], float *const others[4], const CpShape *shape)
{
  for (guint m = 0; m < 4; m++) {
    gsize n = shape->dims[m] * shape->rank * sizeof (float);

    g_assert_cmpmem (factors[m], n, others[m], n);
  }
}

/* Disguised ones become the same bytes, be it before or after the original is canonical. Many
 * seeds, since one column in two hundred moves when it is normalized twice. */
static void
test_canonical_bytes (gconstpointer data)
{
  const CpShape *shape = data;

  for (guint seed = 0; seed < 100; seed++) {
    float *factors[4], *before[4], *after[4];

    cp_factors_init (factors, shape, seed);
    disguise (factors, shape, before);
    cpac_cp_canonicalize (factors, shape->dims, shape->rank);
    cpac_cp_canonicalize (before, shape->dims, shape->rank);
    assert_same_factors (factors, before, shape);
    disguise (factors, shape, after);
    cpac_cp_canonicalize (after, shape->dims, shape->rank);
    assert_same_factors (factors, after, shape);
    cp_factors_clear (factors);
    cp_factors_clear (before);
    cp_factors_clear (after);
  }
}

static void
test_canonical_kernel (gconstpointer data)
{
  const CpShape *shape = data;
  float *factors[4];
  g_autofree double *before = NULL, *after = NULL;

  cp_factors_init (factors, shape, 34);
  before = cp_dense (factors, shape, 0, shape->rank);
  cpac_cp_canonicalize (factors, shape->dims, shape->rank);
  after = cp_dense (factors, shape, 0, shape->rank);
  /* Four roundings to float a component, of products of at most 1. */
  for (gsize i = 0; i < cp_kernel_size (shape->dims); i++)
    g_assert_cmpfloat_with_epsilon (after[i], before[i], 4 * 0x1p-24 * shape->rank);
  cp_factors_clear (factors);
}

/* Component 0 has a zero column, component 1 is 2 x (-3) x 1 x 5. */
static void
test_canonical_zero (void)
{
  static const guint dims[4] = { 1, 1, 2, 1 };
  float a[] = { 9, 2 }, b[] = { 0, -3 }, c[] = { 7, 0, 1, 1 }, d[] = { 1, 5 };

  cpac_cp_canonicalize ((float *[]){ a, b, c, d }, dims, 2);
  g_assert_cmpfloat (a[0], ==, -30);
  g_assert_cmpfloat (a[1], ==, 0);
  g_assert_cmpfloat (b[0], ==, 1);
  g_assert_cmpfloat (b[1], ==, 1);
  g_assert_cmpfloat (c[0], ==, 0);
  g_assert_cmpfloat (c[1], ==, 1);
  g_assert_cmpfloat (c[2], ==, 1);
  g_assert_cmpfloat (c[3], ==, 0);
  g_assert_false (signbit (c[0]));
}

static void
assert_refused (CpacTensor *kernel, guint rank, CpacError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (cpac_cp_als (kernel, rank, NULL, &error));
  g_assert_error (error, CPAC_ERROR, (gint) code);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_bad_input (void)
{
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (2, 1, 3, 3));
  g_autoptr (CpacTensor) flat = cpac_tensor_new (CPAC_SHAPE (2, 3));
  g_autoptr (CpacTensor) empty = cpac_tensor_new (CPAC_SHAPE (2, 0, 3, 3));

  assert_refused (kernel, 2, CPAC_ERROR_NUMERIC, "cannot decompose a kernel that is zero");
  kernel->data[17] = NAN;
  assert_refused (kernel, 2, CPAC_ERROR_NUMERIC,
                  "cannot decompose a kernel with values that are not finite");
  kernel->data[17] = -INFINITY;
  assert_refused (kernel, 2, CPAC_ERROR_NUMERIC,
                  "cannot decompose a kernel with values that are not finite");
  kernel->data[17] = 1;
  assert_refused (kernel, 0, CPAC_ERROR_SHAPE,
                  "cannot decompose a kernel of shape 2x1x3x3: rank 0 is not in 1 to 8192");
  assert_refused (kernel, G_MAXUINT, CPAC_ERROR_SHAPE,
                  "cannot decompose a kernel of shape 2x1x3x3: rank 4294967295 is not in 1 to "
                  "8192");
  assert_refused (flat, 1, CPAC_ERROR_SHAPE,
                  "cannot decompose a kernel of shape 2x3: expected filters x channels x height x "
                  "width, each at least 1");
  assert_refused (empty, 1, CPAC_ERROR_SHAPE,
                  "cannot decompose a kernel of shape 2x0x3x3: expected filters x channels x "
                  "height x width, each at least 1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cp-als/recovers", test_recovers);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cp-als/case/%s", cases[i].name);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/cp-als/matrix", test_matrix);
  g_test_add_func ("/cp-als/vector", test_vector);
  g_test_add_func ("/cp-als/deterministic", test_deterministic);
  g_test_add_func ("/cp-als/scale", test_scale);
  g_test_add_func ("/cp-als/degenerate", test_degenerate);
  g_test_add_func ("/cp-als/ridge", test_ridge);
  g_test_add_func ("/cp-als/hosvd", test_hosvd);
  g_test_add_func ("/cp-als/line-search", test_line_search);
  g_test_add_func ("/cp-als/small-error", test_small_error);
  g_test_add_func ("/cp-als/choice", test_choice);
  g_test_add_func ("/cp-als/held-back", test_held_back);
  g_test_add_func ("/cp-als/refused", test_refused);
  g_test_add_func ("/cp-als/congruence", test_congruence);
  g_test_add_func ("/cp-als/channels", test_channels);
  g_test_add_func ("/cp-als/bad-channels", test_bad_channels);
  for (guint i = 0; i < N_CP_SHAPES; i++) {
    g_autofree char *bytes = g_strdup_printf ("/cp-als/canonical/bytes/%s", cp_shapes[i].name);
    g_autofree char *kernel = g_strdup_printf ("/cp-als/canonical/kernel/%s", cp_shapes[i].name);

    g_test_add_data_func (bytes, &cp_shapes[i], test_canonical_bytes);
    g_test_add_data_func (kernel, &cp_shapes[i], test_canonical_kernel);
  }
  g_test_add_func ("/cp-als/canonical/zero", test_canonical_zero);
  g_test_add_func ("/cp-als/bad-input", test_bad_input);
  return g_test_run ();
}
