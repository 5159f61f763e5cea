/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "core/explain/significance.h"
#include "tests/cp-oracle.h"
#include "tests/toy.h"

/*
 * Everything against the slices of kernels that are rebuilt in double. Squares of norms are sums of
 * terms of at most (sum lambda)^2 altogether; 1e-13 of that leaves room for a thousand roundings,
 * and its root is what a norm may be off where components cancel.
 */
#define ROUNDING 1e-13

/* Rank 1, ranks below and above the sizes, and modes of size 1, 2, 3, 5, 17 and 253. */
static const CpShape more_shapes[] = {
  { "one-component", { 5, 3, 3, 17 }, 1 },
  { "more-components-than-entries", { 2, 1, 2, 1 }, 17 },
  { "column-of-taps", { 1, 253, 1, 1 }, 2 },
};

typedef struct {
  const CpShape *shape;
  float *factors[4];
  double magnitude; /* (sum lambda)^2 */
} Kernel;

static const float *const *
view (const Kernel *kernel)
{
  return (const float *const *) kernel->factors;
}

static double
energy_of (const double *kernel, const CpShape *shape)
{
  return cp_dot (kernel, kernel, cp_kernel_size (shape->dims));
}

static double
lambda_of (const Kernel *kernel, guint r)
{
  g_autofree double *component = cp_dense (kernel->factors, kernel->shape, r, 1);

  return sqrt (energy_of (component, kernel->shape));
}

static void
measure (Kernel *kernel)
{
  double sum = 0;

  for (guint r = 0; r < kernel->shape->rank; r++)
    sum += lambda_of (kernel, r);
  kernel->magnitude = sum * sum;
}

static void
set_up (Kernel *kernel, gconstpointer data)
{
  kernel->shape = data;
  cp_factors_init (kernel->factors, data, 7);
  measure (kernel);
}

static void
tear_down (Kernel *kernel, gconstpointer data)
{
  cp_factors_clear (kernel->factors);
}

/* Norm of the entries of @dense whose index in @mode is @index. */
static double
slice_norm (const double *dense, const guint dims[4], guint mode, guint index)
{
  double sum = 0;

  for (guint n = 0; n < dims[0]; n++)
    for (guint y = 0; y < dims[1]; y++)
      for (guint x = 0; x < dims[2]; x++)
        for (guint s = 0; s < dims[3]; s++) {
          const guint at[] = { n, y, x, s };
          double value = dense[cp_index (dims, n, s, y, x)];

          sum += at[mode] == index ? value * value : 0;
        }
  return sqrt (sum);
}

/* Equal to 1e-5 where nothing cancels, as the paper's claim is made exact here; and everywhere to
 * what rounding may do. */
static void
assert_norm (double found, double expected, double magnitude)
{
  g_assert_cmpfloat_with_epsilon (found * found, expected * expected, ROUNDING * magnitude);
  if (expected * expected > 1e-6 * magnitude)
    g_assert_cmpfloat_with_epsilon (found, expected, 1e-5 * expected);
}

static void
check (const Kernel *kernel, const CpacSignificance *found)
{
  const CpShape *shape = kernel->shape;
  g_autofree double *dense = cp_dense (kernel->factors, shape, 0, shape->rank);
  gsize n = cp_kernel_size (shape->dims);

  g_assert_cmpuint (found->rank, ==, shape->rank);
  assert_norm (found->norm, sqrt (energy_of (dense, shape)), kernel->magnitude);
  for (guint m = 0; m < 4; m++) {
    g_assert_cmpuint (found->dims[m], ==, shape->dims[m]);
    for (guint i = 0; i < shape->dims[m]; i++)
      assert_norm (found->slices[m][i], slice_norm (dense, shape->dims, m, i), kernel->magnitude);
  }
  for (guint r = 0; r < shape->rank; r++) {
    g_autofree double *component = cp_dense (kernel->factors, shape, r, 1);
    g_autofree double *rest = g_memdup2 (dense, n * sizeof (double));

    for (gsize i = 0; i < n; i++)
      rest[i] -= component[i];
    assert_norm (found->components[r], sqrt (energy_of (component, shape)), kernel->magnitude);
    g_assert_cmpfloat_with_epsilon (found->leave_one_out[r],
                                    energy_of (dense, shape) - energy_of (rest, shape),
                                    4 * ROUNDING * kernel->magnitude);
  }
}

static void
test_dense_slices (Kernel *kernel, gconstpointer data)
{
  g_autoptr (CpacSignificance) found =
      cpac_significance_new (view (kernel), kernel->shape->dims, kernel->shape->rank);

  check (kernel, found);
}

static void
assert_same (const double *a, const double *b, guint n, double square_error)
{
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (a[i] * fabs (a[i]), b[i] * fabs (b[i]), square_error);
}

/* Powers of two change no digit: only sums in another order may differ. */
static void
test_rescaled (Kernel *kernel, gconstpointer data)
{
  const CpShape *shape = kernel->shape;
  g_autoptr (CpacSignificance) before =
      cpac_significance_new (view (kernel), shape->dims, shape->rank);
  g_autoptr (CpacSignificance) after = NULL;

  for (guint r = 0; r < shape->rank; r++)
    for (guint m = 0; m < 4; m++) {
      static const float scales[4] = { 1024, -0.5f, 0.125f, -1.0f / 64 };
      float scale = scales[(m + r) % 4];

      for (guint i = 0; i < shape->dims[m]; i++)
        kernel->factors[m][i * shape->rank + r] *= scale;
    }
  after = cpac_significance_new (view (kernel), shape->dims, shape->rank);
  check (kernel, after);
  assert_same (before->components, after->components, shape->rank, ROUNDING * kernel->magnitude);
  for (guint m = 0; m < 4; m++)
    assert_same (before->slices[m], after->slices[m], shape->dims[m], ROUNDING * kernel->magnitude);
  for (guint r = 0; r < shape->rank; r++)
    g_assert_cmpfloat_with_epsilon (before->leave_one_out[r], after->leave_one_out[r],
                                    ROUNDING * kernel->magnitude);
}

static void
reverse_components (Kernel *kernel)
{
  guint rank = kernel->shape->rank;

  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < kernel->shape->dims[m]; i++) {
      float *row = kernel->factors[m] + (gsize) i * rank;

      for (guint r = 0; r < rank / 2; r++) {
        float keep = row[r];

        row[r] = row[rank - 1 - r];
        row[rank - 1 - r] = keep;
      }
    }
}

static void
test_permuted (Kernel *kernel, gconstpointer data)
{
  const CpShape *shape = kernel->shape;
  g_autoptr (CpacSignificance) before =
      cpac_significance_new (view (kernel), shape->dims, shape->rank);
  g_autoptr (CpacSignificance) after = NULL;

  reverse_components (kernel);
  after = cpac_significance_new (view (kernel), shape->dims, shape->rank);
  for (guint m = 0; m < 4; m++)
    assert_same (before->slices[m], after->slices[m], shape->dims[m], ROUNDING * kernel->magnitude);
  for (guint r = 0; r < shape->rank; r++) {
    guint q = shape->rank - 1 - r;

    g_assert_cmpfloat (before->components[r], ==, after->components[q]);
    g_assert_cmpfloat_with_epsilon (before->leave_one_out[r], after->leave_one_out[q],
                                    ROUNDING * kernel->magnitude);
  }
}

static const CpShape small = { "small", { 3, 2, 3, 5 }, 4 };

/* A component of zeros weighs nothing, to the last bit. */
static void
test_zero_component (Kernel *kernel, gconstpointer data)
{
  g_autoptr (CpacSignificance) found = NULL;

  for (guint i = 0; i < small.dims[2]; i++)
    kernel->factors[2][i * small.rank + 1] = 0;
  found = cpac_significance_new (view (kernel), small.dims, small.rank);
  check (kernel, found);
  g_assert_cmpfloat (found->components[1], ==, 0);
  g_assert_cmpfloat (found->leave_one_out[1], ==, 0);
}

/* Component 2 is minus half of component 0: without it the kernel is larger. By hand, for those two
 * alone: ||K||^2 = lambda^2 / 4, without component 2 lambda^2. */
static void
test_cancelling (Kernel *kernel, gconstpointer data)
{
  g_autoptr (CpacSignificance) found = NULL;
  double square;

  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < small.dims[m]; i++) {
      float *row = kernel->factors[m] + (gsize) i * small.rank;

      row[2] = m == 0 ? -row[0] / 2 : row[0];
      row[1] = row[3] = 0;
    }
  measure (kernel);
  found = cpac_significance_new (view (kernel), small.dims, small.rank);
  check (kernel, found);
  square = found->components[0] * found->components[0];
  g_assert_cmpfloat_with_epsilon (found->norm * found->norm, square / 4, 1e-12 * square);
  g_assert_cmpfloat_with_epsilon (found->leave_one_out[2], square / 4 - square, 1e-12 * square);
  g_assert_cmpfloat_with_epsilon (found->leave_one_out[0], square / 4 - square / 4, 1e-12 * square);
}

/* Two components that cancel to the last bit: norms of nothing are no NaN. */
static void
test_cancelled (Kernel *kernel, gconstpointer data)
{
  g_autoptr (CpacSignificance) found = NULL;

  for (guint m = 0; m < 4; m++)
    for (guint i = 0; i < small.dims[m]; i++) {
      float *row = kernel->factors[m] + (gsize) i * small.rank;

      row[1] = m == 3 ? -row[0] : row[0];
      row[2] = row[3] = 0;
    }
  measure (kernel);
  found = cpac_significance_new (view (kernel), small.dims, small.rank);
  g_assert_true (found->norm >= 0 && found->norm * found->norm <= ROUNDING * kernel->magnitude);
  check (kernel, found);
}

/* Whichever of the two types of layer holds a kernel, it weighs the same. */
static void
test_layers (void)
{
  g_auto (Toy) factored = { 0 }, whole = { 0 };
  g_autoptr (CpacSignificance) a = NULL, b = NULL;
  CpShape shape = { "layer", { 5, 3, 2, 2 }, 4 };
  float *factors[4];
  g_autofree double *dense = NULL;

  toy_init (&factored, "- {type: cpac-conv, filters: 5, kernel: [3, 2], rank: 4}",
            (CpacDims){ 2, 7, 6 }, 1);
  toy_init (&whole, "- {type: conv, filters: 5, kernel: [3, 2]}", (CpacDims){ 2, 7, 6 }, 1);
  for (guint m = 0; m < 4; m++)
    factors[m] = factored.params->values[m]->data;
  dense = cp_dense (factors, &shape, 0, shape.rank);
  for (gsize i = 0; i < cp_kernel_size (shape.dims); i++)
    whole.params->values[0]->data[i] = (float) dense[i];
  a = cpac_significance_of_layer (toy_last (&factored), factored.params->values);
  b = cpac_significance_of_layer (toy_last (&whole), whole.params->values);
  g_assert_cmpuint (b->rank, ==, 0);
  g_assert_cmpfloat_with_epsilon (a->norm, b->norm, 1e-6 * a->norm);
  for (guint m = 0; m < 4; m++) {
    g_assert_cmpuint (a->dims[m], ==, shape.dims[m]);
    g_assert_cmpuint (b->dims[m], ==, shape.dims[m]);
    for (guint i = 0; i < shape.dims[m]; i++)
      g_assert_cmpfloat_with_epsilon (a->slices[m][i], b->slices[m][i], 1e-5 * a->norm);
  }
}

static void
test_other_layer (void)
{
  g_auto (Toy) toy = { 0 };

  toy_init (&toy, "- {type: relu}", (CpacDims){ 1, 2, 2 }, 1);
  g_assert_null (cpac_significance_of_layer (toy_last (&toy), toy.params->values));
}

static void
add_shape (const CpShape *shape)
{
  static const struct {
    const char *name;
    void (*test) (Kernel *kernel, gconstpointer data);
  } tests[] = { { "dense-slices", test_dense_slices },
                { "rescaled", test_rescaled },
                { "permuted", test_permuted } };

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *path = g_strdup_printf ("/significance/%s/%s", tests[i].name, shape->name);

    g_test_add (path, Kernel, shape, set_up, tests[i].test, tear_down);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < N_CP_SHAPES; i++)
    add_shape (&cp_shapes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (more_shapes); i++)
    add_shape (&more_shapes[i]);
  g_test_add ("/significance/zero-component", Kernel, &small, set_up, test_zero_component,
              tear_down);
  g_test_add ("/significance/cancelling", Kernel, &small, set_up, test_cancelling, tear_down);
  g_test_add ("/significance/cancelled", Kernel, &small, set_up, test_cancelled, tear_down);
  g_test_add_func ("/significance/layers", test_layers);
  g_test_add_func ("/significance/other-layer", test_other_layer);
  return g_test_run ();
}
