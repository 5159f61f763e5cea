/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/golden.h"

#include <math.h>
#include <string.h>

#include "core/network/run.h"
#include "core/network/stream.h"
#include "core/random.h"

#define DEFAULT_TOLERANCE 1e-4
#define MAX_VALUE 1e30
/* Not a divisor of the usual map sizes, so that the outputs are not all of one column. */
#define DEFAULT_EXPECTED 13

static const char *const keys[] = { "seed", "tolerance", "expected", NULL };

CpacGolden *
cpac_golden_new (const CpacConfig *map, gsize n_outputs, GError **error)
{
  g_autoptr (CpacGolden) golden = g_new0 (CpacGolden, 1);
  g_autoptr (GArray) expected = NULL;
  guint most = (guint) MIN (n_outputs, CPAC_GOLDEN_MAX_EXPECTED);

  golden->tolerance = DEFAULT_TOLERANCE;
  if (!cpac_config_check_keys (map, keys, error) || cpac_config_get (map, "seed", error) == NULL ||
      !cpac_config_get_uint64_default (map, "seed", 0, G_MAXUINT64, &golden->seed, error) ||
      !cpac_config_get_double_default (map, "tolerance", 1e-12, 1, &golden->tolerance, error))
    return NULL;
  expected = cpac_config_get_doubles (map, "expected", 1, most, -MAX_VALUE, MAX_VALUE, error);
  if (expected == NULL)
    return NULL;
  golden->n_expected = expected->len;
  memcpy (golden->expected, expected->data, expected->len * sizeof (double));
  return g_steal_pointer (&golden);
}

void
cpac_golden_free (CpacGolden *golden)
{
  g_free (golden);
}

/* x = (u8 - mean) / scale, in float as cpac_frame_plan_run() gives it. */
static void
fill_input (const CpacInputSpec *spec, guint64 seed, float *input)
{
  gsize plane = (gsize) spec->width * spec->height;
  CpacRandom random;

  cpac_random_init (&random, seed, CPAC_STREAM_GOLDEN, 0);
  for (guint c = 0; c < spec->channels; c++)
    for (gsize i = 0; i < plane; i++)
      input[c * plane + i] =
          (float) ((cpac_random_below (&random, 256) - spec->mean[c]) / spec->scale[c]);
}

/* Outputs that are spread over all @n of them. */
static void
sample (const float *output, gsize n, CpacGolden *golden)
{
  for (guint i = 0; i < golden->n_expected; i++)
    golden->expected[i] = output[(gsize) i * n / golden->n_expected];
}

void
cpac_golden_compute (const CpacModel *model, guint64 seed, CpacGolden *golden)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacRunOptions options = CPAC_RUN_OPTIONS_INIT;
  g_autoptr (CpacRun) run = cpac_run_new (network, cpac_model_get_params (model), &options);
  gsize n = cpac_dims_count (cpac_network_get_output (network));

  fill_input (cpac_model_get_input (model), seed, cpac_run_get_input (run, 0));
  cpac_run_forward (run);
  golden->seed = seed;
  golden->tolerance = DEFAULT_TOLERANCE;
  if (golden->n_expected == 0)
    golden->n_expected = (guint) MIN (n, DEFAULT_EXPECTED);
  sample (cpac_run_get_output (run, cpac_network_get_n_layers (network) - 1, 0), n, golden);
}

/* As frames are scored, at the level in force. */
static gboolean
compute_as_scored (const CpacModel *model, guint64 seed, CpacGolden *golden, GError **error)
{
  const CpacNetwork *network = cpac_model_get_network (model);
  CpacStreamOptions options = { .n_threads = 1 };
  g_autoptr (CpacStream) stream = NULL;

  if (!cpac_level_get (&options.level, error))
    return FALSE;
  stream = cpac_stream_new (network, cpac_model_get_params (model), &options);
  fill_input (cpac_model_get_input (model), seed, cpac_stream_get_input (stream));
  cpac_stream_run (stream);
  sample (cpac_stream_get_output (stream, cpac_network_get_n_layers (network) - 1),
          cpac_dims_count (cpac_network_get_output (network)), golden);
  return TRUE;
}

gboolean
cpac_golden_is_valid (const CpacGolden *golden, GError **error)
{
  for (guint i = 0; i < golden->n_expected; i++)
    if (!(fabs (golden->expected[i]) <= MAX_VALUE)) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
                   "the network answers %g to its golden input, expected a finite number",
                   golden->expected[i]);
      return FALSE;
    }
  return TRUE;
}

gboolean
cpac_golden_check (const CpacGolden *golden, const CpacModel *model, double *deviation,
                   GError **error)
{
  CpacGolden got = { .n_expected = golden->n_expected };
  double worst = -1, magnitude = 1;
  guint at = 0;

  if (!compute_as_scored (model, golden->seed, &got, error))
    return FALSE;
  for (guint i = 0; i < golden->n_expected; i++) {
    double difference = fabs (got.expected[i] - golden->expected[i]);

    magnitude = MAX (magnitude, fabs (golden->expected[i]));
    if (!(difference <= worst)) {
      worst = isnan (difference) ? INFINITY : difference;
      at = i;
    }
  }
  if (deviation != NULL)
    *deviation = worst;
  if (worst <= golden->tolerance * magnitude)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC,
               "%s: golden self-check failed: expected output %u is %.9g here, the model says %.9g "
               "(tolerance %g); this machine does not compute what the model was made with",
               cpac_model_get_path (model), at, got.expected[at], golden->expected[at],
               golden->tolerance * magnitude);
  return FALSE;
}

char *
cpac_golden_to_yaml (const CpacGolden *golden)
{
  g_autoptr (GString) text = g_string_new ("golden:\n");
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (text, "  seed: %" G_GUINT64_FORMAT "\n", golden->seed);
  g_string_append_printf (text, "  tolerance: %s\n",
                          g_ascii_formatd (number, sizeof number, "%g", golden->tolerance));
  g_string_append (text, "  expected: [");
  for (guint i = 0; i < golden->n_expected; i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "",
                            g_ascii_formatd (number, sizeof number, "%.9g", golden->expected[i]));
  g_string_append (text, "]\n");
  return g_string_free (g_steal_pointer (&text), FALSE);
}
