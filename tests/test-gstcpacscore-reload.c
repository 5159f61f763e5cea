/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changing the model while frames flow. */

#include <string.h>

#include "tests/element-fixture.h"

#define TOLERANCE 1e-6

/* Pushes black frames until @message of @type comes, and counts them into @n; every one must come
 * out scored by @before or @after, never back again. (transfer full) */
static GstMessage *
push_until (GstHarness *harness, GstBus *bus, GstMessageType type, const char *message,
            double before, double after, guint *n)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  gboolean changed = FALSE;
  GstMessage *found;

  while ((found = fixture_pop (bus, type, message)) == NULL) {
    g_autoptr (GstBuffer) buffer = fixture_pass (harness, fixture_frame ((*n)++, 0, 0, 0));
    double score = fixture_double (fixture_meta (buffer), "score");

    changed = changed || ABS (score - before) > TOLERANCE;
    g_assert_cmpfloat_with_epsilon (score, changed ? after : before, TOLERANCE);
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_usleep (100);
  }
  return found;
}

typedef struct {
  char *folder;
  char *first, *second, *broken;
  double first_score, second_score; /* of a black frame */
  GstHarness *harness;
  GstBus *bus;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  ToyModel first = TOY_CLASSIFIER, second = TOY_CLASSIFIER;

  second.name = "second";
  second.bias = 1;
  fixture->folder = fixture_folder_new ();
  fixture->first = fixture_write_model (fixture->folder, &first);
  fixture->second = fixture_write_model (fixture->folder, &second);
  fixture->broken = fixture_write_text (fixture->folder, "broken.yaml", "cpac-model: 2\n");
  fixture->first_score = fixture_classifier_score (&first, 0, 0, 0);
  fixture->second_score = fixture_classifier_score (&second, 0, 0, 0);
  fixture->harness = fixture_harness (fixture->first, FIXTURE_RGB_CAPS, &fixture->bus);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  fixture_harness_free (fixture->harness, fixture->bus);
  fixture_folder_free (fixture->folder);
  g_free (fixture->first);
  g_free (fixture->second);
  g_free (fixture->broken);
}

static void
set_model (Fixture *fixture, const char *path)
{
  g_object_set (fixture->harness->element, "model", path, NULL);
}

/* Good, bad, then good again, each amid frames; none is missing. */
static void
test_good_bad_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) changed = NULL, warning = NULL, back = NULL;
  const GstStructure *structure;
  guint n = 0;

  set_model (fixture, fixture->second);
  changed = push_until (fixture->harness, fixture->bus, GST_MESSAGE_ELEMENT, "cpac-model-changed",
                        fixture->first_score, fixture->second_score, &n);
  structure = gst_message_get_structure (changed);
  g_assert_cmpstr (fixture_text (structure, "model"), ==, "second");
  g_assert_cmpstr (fixture_text (structure, "location"), ==, fixture->second);
  g_assert_cmpuint (strlen (fixture_text (structure, "model-sha256")), ==, 64);
  g_assert_cmpuint (strlen (fixture_text (structure, "config-sha256")), ==, 64);
  g_assert_cmpuint (fixture_uint64 (structure, "frame"), <, n);

  set_model (fixture, fixture->broken);
  warning = push_until (fixture->harness, fixture->bus, GST_MESSAGE_WARNING, NULL,
                        fixture->second_score, fixture->second_score, &n);
  set_model (fixture, fixture->first);
  back = push_until (fixture->harness, fixture->bus, GST_MESSAGE_ELEMENT, "cpac-model-changed",
                     fixture->second_score, fixture->first_score, &n);
  while (n < 500)
    gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (n++, 0, 0, 0)));
  g_assert_cmpuint (fixture_stat (fixture->harness, "scored"), ==, n);
}

static const char *const failures[][2] = {
  { "missing", "none.yaml" },
  { "broken", "cpac-model" },
  { "empty", "property \"model\"" },
};

/* A WARNING says what is wrong and that the present model stays. */
static void
test_failure (Fixture *fixture, gconstpointer data)
{
  const char *const *failure = data;
  g_autofree char *none = g_build_filename (fixture->folder, "none.yaml", NULL), *text = NULL;
  g_autoptr (GstBuffer) buffer = NULL;

  set_model (fixture, failure == failures[0]   ? none
                      : failure == failures[1] ? fixture->broken
                                               : "");
  text = fixture_wait_trouble (fixture->bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, failure[1]));
  g_assert_nonnull (strstr (text, "stays"));
  buffer = fixture_pass (fixture->harness, fixture_frame (0, 0, 0, 0));
  g_assert_cmpfloat_with_epsilon (fixture_double (fixture_meta (buffer), "score"),
                                  fixture->first_score, TOLERANCE);
}

/* A model that takes only larger frames than those that flow. */
static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  ToyModel large = TOY_CLASSIFIER;
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (GstMessage) warning = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  large.name = "large";
  large.min_size = 100;
  large.bias = 1;
  path = fixture_write_model (fixture->folder, &large);
  set_model (fixture, path);
  gst_buffer_unref (fixture_pass (fixture->harness, fixture_frame (n++, 0, 0, 0)));
  warning = push_until (fixture->harness, fixture->bus, GST_MESSAGE_WARNING, NULL,
                        fixture->first_score, fixture->first_score, &n);
  gst_message_parse_warning (warning, &error, NULL);
  g_assert_nonnull (strstr (error->message, "large.yaml"));
  g_assert_nonnull (strstr (error->message, "100x100"));
}

/* Of many requests at once the last one holds. */
static void
test_last_wins (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstMessage) changed = NULL, next = NULL;
  double last = fixture->first_score;
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint n = 0;

  for (guint i = 0; i < 20; i++) {
    set_model (fixture, i % 2 == 0 ? fixture->first : fixture->broken);
    set_model (fixture, fixture->second);
  }
  while (ABS (last - fixture->second_score) > TOLERANCE) {
    g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, fixture_frame (n++, 0, 0, 0));

    last = fixture_double (fixture_meta (buffer), "score");
    g_assert_cmpint (g_get_monotonic_time (), <, end);
  }
  for (guint i = 0; i < 100; i++) {
    g_autoptr (GstBuffer) buffer = fixture_pass (fixture->harness, fixture_frame (n++, 0, 0, 0));

    g_usleep (100);
    g_assert_cmpfloat_with_epsilon (fixture_double (fixture_meta (buffer), "score"),
                                    fixture->second_score, TOLERANCE);
  }
}

/* Setting the path that is set already reads the file again. */
static void
test_same_path (Fixture *fixture, gconstpointer data)
{
  ToyModel changed = TOY_CLASSIFIER;
  guint n = 0;

  changed.bias = 2;
  g_free (fixture_write_model (fixture->folder, &changed));
  set_model (fixture, fixture->first);
  gst_message_unref (push_until (fixture->harness, fixture->bus, GST_MESSAGE_ELEMENT,
                                 "cpac-model-changed", fixture->first_score,
                                 fixture_classifier_score (&changed, 0, 0, 0), &n));
}

/* Leaving PLAYING while a model loads. */
static void
test_stop_while_loading (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GstElement) element =
      gst_object_ref_sink (gst_element_factory_make ("cpacscore", NULL));

  for (guint i = 0; i < 100; i++) {
    g_object_set (element, "model", fixture->first, NULL);
    gst_element_set_state (element, GST_STATE_PLAYING);
    g_object_set (element, "model", i % 3 == 0 ? fixture->broken : fixture->second, NULL);
    if (i % 2 == 0)
      g_usleep (i * 10);
    gst_element_set_state (element, i % 5 == 0 ? GST_STATE_READY : GST_STATE_NULL);
  }
  gst_element_set_state (element, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/cpacscore/reload/good-bad-good", Fixture, NULL, setup, test_good_bad_good,
              teardown);
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++) {
    g_autofree char *name = g_strconcat ("/cpacscore/reload/", failures[i][0], NULL);

    g_test_add (name, Fixture, failures[i], setup, test_failure, teardown);
  }
  g_test_add ("/cpacscore/reload/too-large", Fixture, NULL, setup, test_too_large, teardown);
  g_test_add ("/cpacscore/reload/last-wins", Fixture, NULL, setup, test_last_wins, teardown);
  g_test_add ("/cpacscore/reload/same-path", Fixture, NULL, setup, test_same_path, teardown);
  g_test_add ("/cpacscore/reload/stop", Fixture, NULL, setup, test_stop_while_loading, teardown);
  return g_test_run ();
}
