/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/line.h"

#include <math.h>

#include "core/monitor/distributions.h"

#define REJECT_RATE 0.01
#define SMALLEST_P 1e-5

void
line_init (Line *line, guint64 seed)
{
  *line = (Line){ 0 };
  cpac_random_init (&line->random, seed, 100, 0);
  line->last = cpac_random_normal (&line->random);
}

static double
draw_score (Line *line)
{
  double e = cpac_random_normal (&line->random);
  gboolean is_defect = cpac_random_double (&line->random) < line->defect_rate;

  line->last = line->phi * line->last + sqrt (1 - line->phi * line->phi) * e;
  return line->last + line->shift + (is_defect ? 6 : 0);
}

CpacMonitorPart
line_next (Line *line)
{
  double p = cpac_normal_upper (draw_score (line)), noise[4 + 2 + LINE_N_FEATURES];
  CpacMonitorPart part = { .verdict = p < REJECT_RATE ? CPAC_VERDICT_NOT_OK : CPAC_VERDICT_OK,
                           .has_score = TRUE,
                           .score = MAX (p, SMALLEST_P),
                           .has_camera = TRUE,
                           .features = line->features };

  for (guint i = 0; i < G_N_ELEMENTS (noise); i++)
    noise[i] = cpac_random_normal (&line->random);
  part.camera[CPAC_CAMERA_BRIGHTNESS] = 120 + noise[0] + line->lamp;
  part.camera[CPAC_CAMERA_CONTRAST] = 40 + 0.8 * noise[1] + line->lamp / 3 + line->structure;
  part.camera[CPAC_CAMERA_SHARPNESS] = 5 + 0.05 * noise[2] + line->structure / 10;
  part.camera[CPAC_CAMERA_SATURATION] = 0.02 + 0.002 * noise[3];
  for (guint j = 0; j < LINE_N_FEATURES; j++)
    line->features[j] =
        3 + (2 * noise[4] + line->cause) * sin (j) + noise[5] * cos (2.0 * j) + 0.2 * noise[6 + j];
  line->features[5] += line->oddity;
  return part;
}

CpacMonitorOptions
line_options (void)
{
  CpacMonitorOptions options = CPAC_MONITOR_OPTIONS_INIT;

  options.smallest_p = SMALLEST_P;
  options.score_charts = CPAC_CHART_EWMA | CPAC_CHART_CUSUM;
  options.reject_rate = REJECT_RATE;
  options.high_reject_rate = 3 * REJECT_RATE;
  options.has_camera = TRUE;
  options.n_features = LINE_N_FEATURES;
  return options;
}

CpacMonitor *
line_learn (Line *line, const CpacMonitorOptions *options)
{
  g_autoptr (GError) error = NULL;
  CpacMonitor *monitor = cpac_monitor_new (options, &error);
  CpacMonitorResult result;

  g_assert_no_error (error);
  for (guint i = 0; i < options->n_phase_one; i++) {
    CpacMonitorPart part = line_next (line);

    g_assert_false (cpac_monitor_is_frozen (monitor));
    cpac_monitor_add_part (monitor, &part, &result, &error);
    g_assert_no_error (error);
    g_assert_cmpint (result.state, ==, CPAC_MONITOR_PHASE_ONE);
  }
  g_assert_cmpstr (result.sentence, ==,
                   "Learnt what is normal from 300 parts; limits are set from here on.");
  g_assert_true (cpac_monitor_is_frozen (monitor));
  return monitor;
}
