/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal.h"

#include <float.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <math.h>
#include <string.h>

static const char *const classes[] = { "good", "hole", NULL };
static const double probabilities[] = { 0.25, 0.75 };
static const CpacDefectRegion regions[] = { { 0.25, 0.5, 0.5, 0.25, 3.5, 12, 0.5, 0.625, 0.375,
                                              0.75 } };
static const CpacPoint points[] = { { 0.25, 0.5 }, { 0.75, 0.5 }, { 0.1, 1 },
                                    { 0, 0 },      { 1, 0 },      { 1, 0.125 } };
static const CpacContour contours[] = { { 1, 3, points }, { 1, 3, points + 3 } };
static const CpacFeatureMaps features[] = { { "conv1", { 8, 3, 5 }, NULL } };
static const guint8 heatmap[6] = { 0 };

static const CpacInspection plain = {
  .status = CPAC_STATUS_SKIPPED,
  .verdict = CPAC_VERDICT_UNDEFINED,
  .frame = 7,
  .width = 64,
  .height = 32,
  .region = { 1, 2, 30, 20 },
};
static const CpacJournalFrame bare = { .timestamp_ns = G_MAXUINT64 };

/* ---- Whole lines ---- */

static void
assert_line (const CpacInspection *inspection, const CpacJournalFrame *frame, const char *expected)
{
  g_autofree char *line = cpac_journal_line (inspection, frame);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_skipped (void)
{
  assert_line (&plain, &bare,
               "{\"resolution\":{\"width\":64,\"height\":32},\"tags\":{},\"frame_id\":7,"
               "\"objects\":[],\"inspection\":{\"schema\":\"cpac-inspection/1\",\"version\":1,"
               "\"status\":\"skipped\",\"verdict\":\"undefined\",\"verdict_code\":0,"
               "\"defect\":false,\"frame\":7,\"width\":64,\"height\":32,\"region_x\":1,"
               "\"region_y\":2,\"region_w\":30,\"region_h\":20}}\n");
}

static void
test_classified (void)
{
  CpacInspection inspection = plain;
  CpacJournalFrame frame = { .source = "line 1", .timestamp_ns = 40000000 };

  inspection.status = CPAC_STATUS_SCORED;
  inspection.verdict = CPAC_VERDICT_NOT_OK;
  inspection.has_score = inspection.has_thresholds = inspection.has_time = TRUE;
  inspection.score = 0.75;
  inspection.has_normalized = inspection.has_p_value = TRUE;
  inspection.score_normalized = 0.625;
  inspection.p_value = 0.03125;
  inspection.threshold = 0.5;
  inspection.warn_threshold = 0.1;
  inspection.class_name = classes[1];
  inspection.n_classes = 2;
  inspection.classes = classes;
  inspection.probabilities = probabilities;
  inspection.model = "m";
  inspection.model_sha256 = "aa";
  inspection.config_sha256 = "bb";
  inspection.part_id = "P-1";
  inspection.time_ns = 99;
  assert_line (
      &inspection, &frame,
      "{\"timestamp\":40000000,\"source\":\"line 1\","
      "\"resolution\":{\"width\":64,\"height\":32},\"tags\":{\"part_id\":\"P-1\"},"
      "\"frame_id\":7,\"objects\":[],\"inspection\":{\"schema\":\"cpac-inspection/1\","
      "\"version\":1,\"status\":\"scored\",\"verdict\":\"not-ok\",\"verdict_code\":2,"
      "\"defect\":true,\"score\":0.75,\"score_normalized\":0.625,\"p_value\":0.03125,"
      "\"threshold\":0.5,"
      "\"warn_threshold\":0.10000000000000001,\"class\":\"hole\",\"classes\":["
      "{\"label\":\"good\",\"probability\":0.25},{\"label\":\"hole\",\"probability\":0.75}],"
      "\"model\":\"m\",\"model_sha256\":\"aa\",\"config_sha256\":\"bb\","
      "\"part_id\":\"P-1\",\"frame\":7,\"width\":64,\"height\":32,\"region_x\":1,"
      "\"region_y\":2,\"region_w\":30,\"region_h\":20}}\n");
}

static void
test_mapped (void)
{
  CpacInspection inspection = plain;
  CpacJournalFrame frame = { .timestamp_ns = 0,
                             .timing = TRUE,
                             .system_time_us = G_GINT64_CONSTANT (1700000000000042) };

  inspection.heatmap = heatmap;
  inspection.map_width = 3;
  inspection.map_height = 2;
  inspection.heatmap_min = -4;
  inspection.heatmap_max = 12;
  inspection.has_regions = inspection.has_time = TRUE;
  inspection.n_regions = 1;
  inspection.regions = regions;
  inspection.n_contours = 2;
  inspection.contours = contours;
  inspection.n_features = 1;
  inspection.features = features;
  inspection.time_ns = 99;
  assert_line (
      &inspection, &frame,
      "{\"timestamp\":0,\"system_timestamp\":\"2023-11-14T22:13:20.000042Z\","
      "\"resolution\":{\"width\":64,\"height\":32},\"tags\":{},\"frame_id\":7,"
      "\"objects\":[{\"x\":16,\"y\":16,\"w\":32,\"h\":8,\"roi_type\":\"Anomaly\","
      "\"region_id\":1,\"detection\":{\"bounding_box\":{\"x_min\":0.25,\"y_min\":0.5,"
      "\"x_max\":0.75,\"y_max\":0.75},\"label\":\"Anomaly\",\"label_id\":1}}],"
      "\"inspection\":{\"schema\":\"cpac-inspection/1\",\"version\":1,"
      "\"status\":\"skipped\",\"verdict\":\"undefined\",\"verdict_code\":0,"
      "\"defect\":false,\"frame\":7,\"width\":64,\"height\":32,\"region_x\":1,"
      "\"region_y\":2,\"region_w\":30,\"region_h\":20,\"time_ns\":99,"
      "\"heatmap\":{\"width\":3,\"height\":2},\"heatmap_min\":-4.0,\"heatmap_max\":12.0,"
      "\"regions\":[{\"x\":0.25,\"y\":0.5,\"w\":0.5,\"h\":0.25,\"score\":3.5,"
      "\"area\":12.0,\"centroid_x\":0.5,\"centroid_y\":0.625,\"peak_x\":0.375,"
      "\"peak_y\":0.75}],\"contours\":[{\"region_id\":1,\"points\":[0.25,0.5,0.75,0.5,"
      "0.10000000000000001,1.0]},{\"region_id\":1,\"points\":[0.0,0.0,1.0,0.0,1.0,0.125]}],"
      "\"features\":[{\"layer\":\"conv1\",\"channels\":8,\"height\":3,"
      "\"width\":5}]}}\n");
}

/* Nothing was found; and more was than there is room for. */
static void
test_contours (void)
{
  CpacInspection inspection = plain;
  g_autofree char *none = NULL, *many = NULL;

  inspection.has_regions = TRUE;
  none = cpac_journal_line (&inspection, &bare);
  g_assert_true (g_str_has_suffix (none, ",\"regions\":[],\"contours\":[]}}\n"));
  inspection.n_contours_omitted = 17;
  many = cpac_journal_line (&inspection, &bare);
  g_assert_true (
      g_str_has_suffix (many, ",\"regions\":[],\"contours\":[],\"contours_omitted\":17}}\n"));
}

static void
test_explained (void)
{
  static const CpacComponentMap components[] = {
    { 3, "conv1", 0.75, -2.5, -0.5, heatmap, 3, 2, -1, 0.5 },
    { 0, "conv1", 0.25, 1.25, 0.25, heatmap, 3, 2, -1, 0.5 },
  };
  CpacInspection inspection = plain;

  inspection.has_explanation = TRUE;
  inspection.explained = -1.5;
  inspection.explained_quantity = "logit-difference";
  inspection.explained_class = "hole";
  inspection.rival_class = "good";
  inspection.bias_part = 0.125;
  inspection.identity_error = 0;
  inspection.n_components = 2;
  inspection.components = components;
  assert_line (&inspection, &bare,
               "{\"resolution\":{\"width\":64,\"height\":32},\"tags\":{},\"frame_id\":7,"
               "\"objects\":[],\"inspection\":{\"schema\":\"cpac-inspection/1\",\"version\":1,"
               "\"status\":\"skipped\",\"verdict\":\"undefined\",\"verdict_code\":0,"
               "\"defect\":false,\"frame\":7,\"width\":64,\"height\":32,\"region_x\":1,"
               "\"region_y\":2,\"region_w\":30,\"region_h\":20,\"explained\":-1.5,"
               "\"explained_quantity\":\"logit-difference\",\"explained_class\":\"hole\","
               "\"rival_class\":\"good\",\"bias_part\":0.125,\"identity_error\":0.0,"
               "\"components\":[{\"index\":3,\"layer\":\"conv1\",\"significance\":0.75,"
               "\"contribution\":-2.5,\"share\":-0.5,\"map_min\":-1.0,\"map_max\":0.5},"
               "{\"index\":0,\"layer\":\"conv1\",\"significance\":0.25,\"contribution\":1.25,"
               "\"share\":0.25,\"map_min\":-1.0,\"map_max\":0.5}]}}\n");
}

static void
test_header (void)
{
  static const CpacJournalHeader full = { .source = "a.mkv",
                                          .model = "m",
                                          .model_sha256 = "aa",
                                          .config_sha256 = "bb",
                                          .kernel_level = "avx2" },
                                 empty = { .model = "" };
  g_autofree char *line = cpac_journal_header (&full);
  g_autofree char *least = cpac_journal_header (&empty);

  g_assert_cmpstr (line, ==,
                   "{\"schema\":\"cpac-inspection/1\",\"record\":\"header\",\"version\":"
                   "\"" CPAC_VERSION "\",\"source\":\"a.mkv\",\"model\":\"m\","
                   "\"model_sha256\":\"aa\",\"config_sha256\":\"bb\",\"kernel_level\":\"avx2\"}\n");
  g_assert_cmpstr (least, ==,
                   "{\"schema\":\"cpac-inspection/1\",\"record\":\"header\",\"version\":"
                   "\"" CPAC_VERSION "\"}\n");
}

/* A session that goes on in a file, and what parts add to it. */
static void
test_parts (void)
{
  CpacLineLedger ledger = { .frames = { 9, { 4, 3, 2, 0 } },
                            .parts = { 3, { 1, 1, 1, 0 } },
                            .lost = 2 };
  CpacJournalHeader header = { .session = 3, .previous_is_interrupted = TRUE, .torn_bytes = 17 };
  CpacJournalFrame frame = { .source = "cam", .timestamp_ns = 5 };
  CpacJournalPart part = { .part = 2,
                           .id = "A\"1",
                           .verdict = CPAC_VERDICT_NOT_OK,
                           .n_frames = 3,
                           .n_lost = 1,
                           .is_incomplete = TRUE,
                           .has_score = TRUE,
                           .score = 0.5,
                           .has_p_value = TRUE,
                           .p_value = 0.25,
                           .camera = "{\"brightness\":1.0}",
                           .monitor = "{\"state\":\"defect\"}",
                           .session = 3,
                           .ledger = &ledger };
  CpacJournalLost lost = { 4, 1, 2, 9, "offset" };
  static const char counts[] =
      "\"frames\":{\"seen\":9,\"ok\":3,\"not_ok\":2,\"not_decidable\":0,\"undefined\":4,"
      "\"lost\":2},\"parts\":{\"seen\":3,\"ok\":1,\"not_ok\":1,\"not_decidable\":0,"
      "\"undefined\":1}";
  const struct {
    char *line;
    const char *before, *after;
  } cases[] = {
    { cpac_journal_header (&header),
      "{\"schema\":\"cpac-inspection/1\",\"record\":\"header\",\"version\":\"" CPAC_VERSION
      "\",\"session\":3,\"previous\":{\"session\":2,\"ended\":\"interrupted\","
      "\"torn_bytes\":17}}\n",
      NULL },
    { cpac_journal_part (&part, &frame),
      "{\"schema\":\"cpac-inspection/1\",\"record\":\"part\",\"session\":3,\"timestamp\":5,"
      "\"source\":\"cam\",\"part\":2,\"part_id\":\"A\\\"1\",\"verdict\":\"not-ok\","
      "\"verdict_code\":2,\"frames\":3,\"lost\":1,\"incomplete\":true,\"score\":0.5,"
      "\"p_value\":0.25,\"camera\":{\"brightness\":1.0},\"monitor\":{\"state\":\"defect\"},"
      "\"ledger\":{",
      "}}\n" },
    { cpac_journal_lost (&lost, &frame),
      "{\"schema\":\"cpac-inspection/1\",\"record\":\"lost\",\"timestamp\":5,"
      "\"source\":\"cam\",\"frames\":4,\"parts\":1,\"part_frames\":2,\"frame_id\":9,\"how\":"
      "\"offset\"}\n",
      NULL },
    { cpac_journal_closing_of_line (&ledger, 3, TRUE),
      "{\"schema\":\"cpac-inspection/1\",\"record\":\"closing\",\"session\":3,"
      "\"recovered\":true,",
      "}\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *expected = cases[i].after != NULL
                                    ? g_strconcat (cases[i].before, counts, cases[i].after, NULL)
                                    : g_strdup (cases[i].before);

    g_assert_cmpstr (cases[i].line, ==, expected);
    g_free (cases[i].line);
  }
}

/* What cpacmonitor adds to a frame. */
static void
test_frame_of_part (void)
{
  CpacInspection inspection = plain;

  inspection.part_id = "A";
  inspection.has_part = inspection.has_part_verdict = TRUE;
  inspection.part = 12;
  inspection.part_frame = 2;
  inspection.part_verdict = CPAC_VERDICT_OK;
  inspection.monitor_state = "in-control";
  inspection.monitor_sentence = "In control.";
  assert_line (&inspection, &bare,
               "{\"resolution\":{\"width\":64,\"height\":32},\"tags\":{\"part_id\":\"A\"},"
               "\"frame_id\":7,\"objects\":[],\"inspection\":{"
               "\"schema\":\"cpac-inspection/1\",\"version\":1,"
               "\"status\":\"skipped\",\"verdict\":\"undefined\",\"verdict_code\":0,"
               "\"defect\":false,\"part_id\":\"A\",\"part\":12,\"part_frame\":2,"
               "\"part_verdict\":\"ok\",\"part_verdict_code\":1,"
               "\"monitor_state\":\"in-control\",\"monitor_sentence\":\"In control.\","
               "\"frame\":7,\"width\":64,\"height\":32,\"region_x\":1,"
               "\"region_y\":2,\"region_w\":30,\"region_h\":20}}\n");
}

static void
test_ledger (void)
{
  CpacLedger ledger = { 0 };
  g_autofree char *line = NULL;

  g_assert_true (cpac_ledger_closes (&ledger));
  for (guint i = 0; i < 10; i++)
    cpac_ledger_add (&ledger, i % CPAC_N_VERDICTS);
  g_assert_true (cpac_ledger_closes (&ledger));
  line = cpac_journal_closing (&ledger);
  g_assert_cmpstr (line, ==,
                   "{\"schema\":\"cpac-inspection/1\",\"record\":\"closing\",\"frames\":{"
                   "\"seen\":10,\"ok\":3,\"not_ok\":2,\"not_decidable\":2,\"undefined\":3}}\n");
  ledger.seen++;
  g_assert_false (cpac_ledger_closes (&ledger));
}

/* ---- Numbers ---- */

static JsonObject *
parse_inspection (JsonParser *parser, const char *line)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (line), ==, strcspn (line, "\n") + 1);
  return json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                        "inspection");
}

static const double numbers[] = { 0.0,     -0.0,    1.0,     1e22,     1e-7,   0.1,
                                  1.0 / 3, DBL_MAX, DBL_MIN, -DBL_MAX, 5e-324, 1e300,
                                  -12345,  1e15,    1e16,    1e17,     1.5e21, 123456789,
                                  2.5e-12, 0x1p-60, 1e100,   -1e+200,  0.3f };

static void
assert_doubles_round_trip (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    CpacInspection inspection = plain;
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autofree char *line = NULL;
    JsonNode *score;
    double back;

    inspection.has_score = TRUE;
    inspection.score = numbers[i];
    line = cpac_journal_line (&inspection, &bare);
    score = json_object_get_member (parse_inspection (parser, line), "score");
    g_assert_true (json_node_get_value_type (score) == G_TYPE_DOUBLE);
    back = json_node_get_double (score);
    g_assert_cmpmem (&back, sizeof back, &numbers[i], sizeof back);
  }
}

static void
test_doubles (void)
{
  assert_doubles_round_trip ();
}

/* A locale with a decimal comma changes nothing. */
static void
test_locale (void)
{
  static const char *const locales[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE",      "fr_FR.UTF-8",
                                         "fr_FR.utf8",  "fr_FR",      "ru_RU.UTF-8" };
  guint i = 0;

  while (i < G_N_ELEMENTS (locales) && setlocale (LC_ALL, locales[i]) == NULL)
    i++;
  if (i == G_N_ELEMENTS (locales)) {
    g_test_skip ("needs a locale with a decimal comma, such as de_DE.UTF-8");
    return;
  }
  g_assert_cmpstr (localeconv ()->decimal_point, ==, ",");
  assert_doubles_round_trip ();
  test_classified ();
  test_mapped ();
  setlocale (LC_ALL, "C");
}

/* What is no number is left out; the line stays JSON. */
static void
test_not_finite (void)
{
  static const double values[] = { NAN, INFINITY, -INFINITY };
  static const char *const left_out[] = { "score", "threshold", "warn_threshold", "heatmap_min",
                                          "heatmap_max" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    CpacInspection inspection = plain;
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autofree char *line = NULL;
    JsonObject *object;

    inspection.has_score = inspection.has_thresholds = TRUE;
    inspection.score = inspection.threshold = inspection.warn_threshold = values[i];
    inspection.heatmap = heatmap;
    inspection.heatmap_min = inspection.heatmap_max = values[i];
    line = cpac_journal_line (&inspection, &bare);
    object = parse_inspection (parser, line);
    for (guint k = 0; k < G_N_ELEMENTS (left_out); k++)
      g_assert_false (json_object_has_member (object, left_out[k]));
    g_assert_true (json_object_has_member (object, "heatmap"));
  }
}

/* ---- Texts ---- */

/* Any name a part, a class or a file can have comes back, in one line of valid UTF-8. Bytes that
 * are no UTF-8 (file names may hold them) become U+FFFD. */
static void
test_texts (void)
{
  static const struct {
    const char *text, *back;
  } rows[] = {
    { "Teil \303\244\303\266\303\274 \342\202\254 \360\237\224\251", NULL },
    { "quote \" back \\ slash /", NULL },
    { "tab\tline\nreturn\rbell\aescape\033delete\177", NULL },
    { "\342\200\250 line separator", NULL },
    { "latin \344", "latin \357\277\275" },
    { "\377\376", "\357\277\275\357\277\275" },
    { "cut \342\202", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    CpacInspection inspection = plain;
    CpacJournalFrame frame = { .source = rows[i].text, .timestamp_ns = G_MAXUINT64 };
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autofree char *line = NULL, *valid = g_utf8_make_valid (rows[i].text, -1);
    JsonObject *object;

    inspection.part_id = rows[i].text;
    line = cpac_journal_line (&inspection, &frame);
    g_assert_true (g_utf8_validate (line, -1, NULL));
    object = parse_inspection (parser, line);
    g_assert_cmpstr (json_object_get_string_member (object, "part_id"), ==,
                     rows[i].back ? rows[i].back : valid);
    object = json_node_get_object (json_parser_get_root (parser));
    g_assert_cmpstr (json_object_get_string_member (object, "source"), ==,
                     rows[i].back ? rows[i].back : valid);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/skipped", test_skipped);
  g_test_add_func ("/journal/classified", test_classified);
  g_test_add_func ("/journal/mapped", test_mapped);
  g_test_add_func ("/journal/contours", test_contours);
  g_test_add_func ("/journal/explained", test_explained);
  g_test_add_func ("/journal/header", test_header);
  g_test_add_func ("/journal/parts", test_parts);
  g_test_add_func ("/journal/frame-of-part", test_frame_of_part);
  g_test_add_func ("/journal/ledger", test_ledger);
  g_test_add_func ("/journal/doubles", test_doubles);
  g_test_add_func ("/journal/locale", test_locale);
  g_test_add_func ("/journal/not-finite", test_not_finite);
  g_test_add_func ("/journal/texts", test_texts);
  return g_test_run ();
}
