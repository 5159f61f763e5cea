/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/cp/cp.h"
#include "core/train/ladder.h"
#include "tests/cp-oracle.h"

static const CpShape shape = { "planted", { 8, 3, 3, 6 }, 4 };

/* (transfer full) */
static CpacTensor *
planted_kernel (double noise)
{
  float *factors[4];
  CpacTensor *kernel;
  GRand *random = g_rand_new_with_seed (2);

  cp_factors_init (factors, &shape, 5);
  kernel = cpac_cp_reconstruct ((const float *const *) factors, shape.dims, shape.rank);
  for (gsize i = 0; i < cp_kernel_size (shape.dims); i++)
    kernel->data[i] += (float) g_rand_double_range (random, -noise, noise);
  cp_factors_clear (factors);
  g_rand_free (random);
  return kernel;
}

static void
test_max_rank (void)
{
  static const struct {
    guint dims[4], rank;
  } cases[] = {
    { { 32, 3, 3, 16 }, 85 }, /* 4608 / 54 */
    { { 64, 3, 3, 64 }, 275 },
    { { 1, 1, 1, 1 }, 0 },
    { { 2, 3, 3, 1 }, 1 }, /* 18 / 9: rank 2 costs as much */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (cpac_ladder_get_max_rank (cases[i].dims), ==, cases[i].rank);
}

/* Of a kernel of rank 4 rank 4 loses the noise, whose share of the kernel is known, and less ranks
 * much more. */
static void
test_kernel (void)
{
  g_autoptr (CpacTensor) kernel = planted_kernel (0.02);
  g_autoptr (GError) error = NULL;
  CpacRankLadder ladder;

  cpac_rank_ladder_init (&ladder, 16);
  g_assert_true (cpac_ladder_measure (&ladder, kernel, NULL, 1, &error));
  g_assert_no_error (error);
  for (guint rank = 1; rank < 16; rank++)
    g_assert_cmpfloat (ladder.loss[rank + 1], <=, ladder.loss[rank]);
  g_test_message ("rank 1 %g, 3 %g, 4 %g, 16 %g", ladder.loss[1], ladder.loss[3], ladder.loss[4],
                  ladder.loss[16]);
  g_assert_cmpfloat (ladder.loss[1], <, 1);
  g_assert_cmpfloat (ladder.loss[3], >, 0.02);
  g_assert_cmpfloat (ladder.loss[4], <, 0.01);
  g_assert_cmpfloat (ladder.loss[16], >, 0);
  cpac_rank_ladder_clear (&ladder);
}

/* Moments of white patches, in which only two of the channels are lit, or all: rank 4 loses nothing
 * of what is lit. */
static void
test_outputs (void)
{
  g_autoptr (CpacTensor) kernel = planted_kernel (0);
  gsize n_taps = 54;

  for (guint n_lit = 2; n_lit <= 6; n_lit += 4) {
    g_autoptr (CpacCpMoments) m = cpac_cp_moments_new (shape.dims, FALSE, NULL);
    g_autoptr (GError) error = NULL;
    CpacRankLadder ladder;

    m->n = 1;
    for (gsize i = 0; i < n_taps; i++)
      m->xx[i * n_taps + i] = i % 6 < n_lit;
    for (guint f = 0; f < 8; f++)
      for (gsize i = 0; i < n_taps; i++) {
        double value = i % 6 < n_lit ? kernel->data[(f * 6 + i % 6) * 9 + i / 6] : 0;

        m->yx[f * n_taps + i] = value;
        m->yy[f] += value * value;
      }
    cpac_rank_ladder_init (&ladder, 4);
    g_assert_true (cpac_ladder_measure (&ladder, kernel, m, 1, &error));
    g_assert_no_error (error);
    g_test_message ("%u channels: rank 1 %g, 2 %g, 4 %g", n_lit, ladder.loss[1], ladder.loss[2],
                    ladder.loss[4]);
    g_assert_cmpfloat (ladder.loss[1], >, 0.1);
    g_assert_cmpfloat (ladder.loss[4], <, 1e-3);
    cpac_rank_ladder_clear (&ladder);
  }
}

/* What is exact at rank 1 is at any other. */
static void
test_rank_one (void)
{
  g_autoptr (CpacTensor) kernel = cpac_tensor_new (CPAC_SHAPE (4, 2, 2, 2));
  g_autoptr (GError) error = NULL;
  CpacRankLadder ladder;

  for (guint i = 0; i < 32; i++)
    kernel->data[i] = 1;
  cpac_rank_ladder_init (&ladder, 3);
  g_assert_true (cpac_ladder_measure (&ladder, kernel, NULL, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (ladder.loss[1], <, 1e-6);
  g_assert_cmpfloat (ladder.loss[3], <=, ladder.loss[1]);
  for (guint i = 0; i < 32; i++)
    kernel->data[i] = 0;
  g_assert_false (cpac_ladder_measure (&ladder, kernel, NULL, 1, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  cpac_rank_ladder_clear (&ladder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ladder/max-rank", test_max_rank);
  g_test_add_func ("/ladder/kernel", test_kernel);
  g_test_add_func ("/ladder/outputs", test_outputs);
  g_test_add_func ("/ladder/rank-one", test_rank_one);
  return g_test_run ();
}
