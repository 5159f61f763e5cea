/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/monitor-json.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "core/monitor/feature-means.h"

static void
test_result (void)
{
  CpacMonitorResult result = { .state = CPAC_MONITOR_CHECK_CAMERA,
                               .has_changed = TRUE,
                               .n_in_state = 3,
                               .alarms = CPAC_ALARM_SCORE | CPAC_ALARM_REJECTS | CPAC_ALARM_Q |
                                         CPAC_ALARM_CAMERA << CPAC_CAMERA_BRIGHTNESS |
                                         CPAC_ALARM_CAMERA << CPAC_CAMERA_SATURATION,
                               .rules = CPAC_RULE_2_OF_3 | CPAC_RULE_6_TREND,
                               .sentence = "It is \"dark\".",
                               .n_readings = 2,
                               .readings = { { "score", "ewma", 0.5, -1, 1, FALSE },
                                             { "features", "q", 2, -INFINITY, 1, TRUE } },
                               .has_top_feature = TRUE,
                               .top_feature = 4,
                               .top_share = 0.75 };
  g_autofree char *json = cpac_monitor_result_to_json (&result);
  CpacMonitorResult least = { .sentence = "In control.", .state = CPAC_MONITOR_IN_CONTROL };
  g_autofree char *plain = cpac_monitor_result_to_json (&least);

  g_assert_cmpstr (
      json, ==,
      "{\"state\":\"check-camera\",\"changed\":true,\"parts_in_state\":3,"
      "\"sentence\":\"It is \\\"dark\\\".\","
      "\"alarms\":[\"score\",\"rejects\",\"q\",\"brightness\",\"saturation\"],"
      "\"rules\":[\"2-of-3\",\"6-trend\"],\"top_feature\":4,\"top_share\":0.75,\"charts\":["
      "{\"series\":\"score\",\"chart\":\"ewma\",\"value\":0.5,\"lower\":-1.0,\"upper\":1.0,"
      "\"alarm\":false},{\"series\":\"features\",\"chart\":\"q\",\"value\":2.0,\"upper\":1.0,"
      "\"alarm\":true}]}");
  g_assert_cmpstr (plain, ==,
                   "{\"state\":\"in-control\",\"changed\":false,\"parts_in_state\":0,"
                   "\"sentence\":\"In control.\",\"alarms\":[],\"charts\":[]}");
}

static void
test_camera (void)
{
  static const double camera[CPAC_N_CAMERA_MEASURES] = { 120.5, 33, NAN, 0 };
  g_autofree char *json = cpac_camera_to_json (camera);

  g_assert_cmpstr (json, ==, "{\"brightness\":120.5,\"contrast\":33.0,\"saturation\":0.0}");
}

static void
test_limits (void)
{
  CpacMonitorOptions options = CPAC_MONITOR_OPTIONS_INIT;
  g_autoptr (CpacMonitor) monitor = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *line = NULL, *sha256 = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  options.n_phase_one = 120;
  monitor = cpac_monitor_new (&options, NULL);
  g_assert_null (cpac_monitor_journal_limits (monitor));
  for (guint i = 0; i < 120; i++) {
    CpacMonitorPart part = { .has_score = TRUE, .score = g_rand_double_range (rand, 0.01, 0.99) };
    CpacMonitorResult result;

    g_assert_true (cpac_monitor_add_part (monitor, &part, &result, NULL));
  }
  line = cpac_monitor_journal_limits (monitor);
  sha256 = cpac_monitor_dup_limits_sha256 (monitor);
  g_assert_true (
      g_str_has_prefix (line, "{\"schema\":\"cpac-inspection/1\",\"record\":\"limits\","));
  g_assert_true (g_str_has_suffix (line, "}\n"));
  node = json_from_string (line, NULL);
  object = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (object, "limits_sha256"), ==, sha256);
  g_assert_cmpint (json_object_get_int_member (object, "parts"), ==, 120);
  g_assert_cmpfloat (json_object_get_double_member (object, "parts_per_false_alarm"), ==, 8000);
  g_assert_true (json_object_has_member (object, "score"));
  g_assert_false (json_object_has_member (object, "brightness"));
}

/* ---- Means of feature maps ---- */

static void
test_feature_means (void)
{
  static const guint sizes[][2] = { { 1, 1 }, { 1, 7 }, { 3, 3 }, { 17, 5 }, { 1, 253 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint n = sizes[i][0] * sizes[i][1];
    g_autofree float *data = g_new (float, 2 * n);
    CpacFeatureMaps maps[2] = { { "a", { 2, sizes[i][0], sizes[i][1] }, data },
                                { "b", { 1, sizes[i][0], sizes[i][1] }, data } };
    double means[4] = { NAN, NAN, NAN, 1234 };

    /* Whole numbers: sums are exact in any order. */
    for (guint k = 0; k < 2 * n; k++)
      data[k] = (float) (k % 13) - (k < n ? 0 : 100);
    g_assert_cmpuint (cpac_feature_count (maps, 2), ==, 3);
    g_assert_true (cpac_feature_means (maps, 2, means));
    for (guint c = 0; c < 3; c++) {
      double sum = 0;

      for (guint k = 0; k < n; k++)
        sum += (double) data[(c == 1 ? n : 0) + k];
      g_assert_cmpfloat (means[c], ==, sum / n);
    }
    g_assert_cmpfloat (means[3], ==, 1234);
    data[n - 1] = NAN;
    g_assert_false (cpac_feature_means (maps, 2, means));
  }
}

static void
test_feature_names (void)
{
  static const CpacFeatureMaps maps[2] = { { "a", { 2, 1, 1 }, NULL }, { "b", { 3, 1, 1 }, NULL } };
  static const char *const names[] = { "a:0", "a:1", "b:0", "b:1", "b:2", NULL };
  static const CpacFeatureMaps huge[3] = { { "a", { 4000000000u, 1, 1 }, NULL },
                                           { "b", { 4000000000u, 1, 1 }, NULL },
                                           { "c", { 4000000000u, 1, 1 }, NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *name = cpac_feature_name (maps, 2, i);

    g_assert_cmpstr (name, ==, names[i]);
  }
  g_assert_cmpuint (cpac_feature_count (huge, 3), ==, G_MAXUINT);
  g_assert_cmpuint (cpac_feature_count (NULL, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/monitor-json/result", test_result);
  g_test_add_func ("/monitor-json/camera", test_camera);
  g_test_add_func ("/monitor-json/limits", test_limits);
  g_test_add_func ("/monitor-json/feature-means", test_feature_means);
  g_test_add_func ("/monitor-json/feature-names", test_feature_names);
  return g_test_run ();
}
