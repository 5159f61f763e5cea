/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cairo.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/element-fixture.h"
#include "tests/folder.h"

/* ---- Frames ---- */

static GstElement *
element_new (const char *location, GstBus **bus)
{
  GstElement *element = gst_object_ref_sink (gst_element_factory_make ("cpacevidence", NULL));

  g_assert_nonnull (element);
  *bus = gst_bus_new ();
  gst_element_set_bus (element, *bus);
  g_object_set (element, "location", location, "source", "cam-1", NULL);
  return element;
}

/* With one property set before the start. */
static GstHarness *
harness_with (const char *location, const char *caps, const char *property, const char *value,
              GstBus **bus)
{
  g_autoptr (GstElement) element = element_new (location, bus);
  GstHarness *harness;

  if (property != NULL)
    gst_util_set_object_arg (G_OBJECT (element), property, value);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static GstHarness *
harness_new (const char *location, GstBus **bus)
{
  return harness_with (location, FIXTURE_RGB_CAPS, NULL, NULL, bus);
}

/* Stops, so that all is written; the element still tells its stats. */
static void
finish (GstHarness *harness)
{
  g_assert_cmpint (gst_element_set_state (harness->element, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
}

static GstBuffer *
mark (GstBuffer *buffer, guint64 frame, CpacVerdict verdict)
{
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = verdict,
                                .has_score = TRUE,
                                .score = 0.25,
                                .model = "toy",
                                .frame = frame,
                                .width = 4,
                                .height = 4 };

  gst_cpac_score_meta_add (buffer, &inspection);
  return buffer;
}

static GstBuffer *
inspected (guint64 frame, CpacVerdict verdict)
{
  return mark (fixture_frame ((guint) (frame % 1000), (guint8) frame, 2, 3), frame, verdict);
}

/* The very same buffer comes out, with the same bytes. */
static void
pass (GstHarness *harness, GstBuffer *buffer)
{
  GstBuffer *out = fixture_pass (harness, buffer);

  g_assert_true (out == buffer);
  gst_buffer_unref (out);
}

/* ---- Files ---- */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names with that ending, sorted. (transfer full) */
static GPtrArray *
list (const char *folder, const char *ending)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ending))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static guint
count (const char *folder, const char *ending)
{
  g_autoptr (GPtrArray) names = list (folder, ending);

  return names->len;
}

static guint64
total_size (const char *folder)
{
  g_autoptr (GPtrArray) names = list (folder, "");
  guint64 size = 0;

  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
    GStatBuf status;

    g_assert_cmpint (g_stat (path, &status), ==, 0);
    size += (guint64) status.st_size;
  }
  return size;
}

/* The file of that frame: the only one whose name ends so. (transfer full) */
static char *
find (const char *folder, guint64 frame, const char *suffix)
{
  g_autofree char *ending = g_strdup_printf ("-%012" G_GUINT64_FORMAT "%s", frame, suffix);
  g_autoptr (GPtrArray) names = list (folder, ending);

  g_assert_cmpuint (names->len, ==, 1);
  return g_build_filename (folder, names->pdata[0], NULL);
}

static JsonNode *
read_line (const char *folder, guint64 frame)
{
  g_autofree char *path = find (folder, frame, ".json"), *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_assert_true (g_str_has_suffix (text, "}\n"));
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static guint
sample_at (cairo_surface_t *png, guint x, guint y, guint channel)
{
  const guint8 *row =
      cairo_image_surface_get_data (png) + (gsize) y * cairo_image_surface_get_stride (png);
  guint32 pixel;

  if (cairo_image_surface_get_format (png) == CAIRO_FORMAT_A8)
    return row[x];
  memcpy (&pixel, row + 4 * x, sizeof pixel);
  return pixel >> (16 - 8 * channel) & 0xff;
}

static cairo_surface_t *
read_png (const char *folder, guint64 frame, const char *suffix, gint width, gint height)
{
  g_autofree char *path = find (folder, frame, suffix);
  cairo_surface_t *png = cairo_image_surface_create_from_png (path);

  g_assert_cmpint (cairo_surface_status (png), ==, CAIRO_STATUS_SUCCESS);
  g_assert_cmpint (cairo_image_surface_get_width (png), ==, width);
  g_assert_cmpint (cairo_image_surface_get_height (png), ==, height);
  return png;
}

/* ---- Which frames ---- */

static void
test_verdicts (void)
{
  static const struct {
    const char *verdicts; /* NULL: the default */
    guint kept[CPAC_N_VERDICTS];
  } rows[] = {
    { NULL, { 0, 0, 1, 1 } },
    { "not-ok", { 0, 0, 1, 0 } },
    { "ok+undefined", { 1, 1, 0, 0 } },
    { "undefined+ok+not-ok+not-decidable", { 1, 1, 1, 1 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Folder) folder = { 0 };
    guint n_kept = 0;
    GstHarness *harness;
    GstBus *bus;

    folder_init (&folder);
    harness = harness_new (folder.path, &bus);
    if (rows[i].verdicts != NULL)
      gst_util_set_object_arg (G_OBJECT (harness->element), "verdicts", rows[i].verdicts);
    for (guint verdict = 0; verdict < CPAC_N_VERDICTS; verdict++)
      pass (harness, inspected (verdict, verdict));
    finish (harness);
    for (guint verdict = 0; verdict < CPAC_N_VERDICTS; verdict++) {
      g_autofree char *ending = g_strdup_printf ("-%012u.json", verdict);

      g_assert_cmpuint (count (folder.path, ending), ==, rows[i].kept[verdict]);
      n_kept += rows[i].kept[verdict];
    }
    g_assert_cmpuint (count (folder.path, ""), ==, 2 * n_kept);
    g_assert_cmpuint (fixture_stat (harness, "kept"), ==, n_kept);
    g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, total_size (folder.path));
    fixture_harness_free (harness, bus);
  }
}

/* Nobody looked at these. */
static void
test_not_looked_at (void)
{
  g_auto (Folder) folder = { 0 };
  CpacInspection skipped = { .status = CPAC_STATUS_SKIPPED, .verdict = CPAC_VERDICT_UNDEFINED };
  GstBuffer *gap = inspected (0, CPAC_VERDICT_NOT_OK), *late = fixture_frame (1, 0, 0, 0);
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  harness = harness_new (folder.path, &bus);
  gst_util_set_object_arg (G_OBJECT (harness->element), "verdicts",
                           "undefined+ok+not-ok+not-decidable");
  GST_BUFFER_FLAG_SET (gap, GST_BUFFER_FLAG_GAP);
  pass (harness, gap);
  gst_cpac_score_meta_add (late, &skipped);
  pass (harness, late);
  pass (harness, fixture_frame (2, 0, 0, 0));
  finish (harness);
  g_assert_cmpuint (count (folder.path, ""), ==, 0);
  fixture_harness_free (harness, bus);
}

/* ---- What is kept ---- */

/* An identifier is a text in the line, and nothing else. */
static void
test_contents (void)
{
  static const char hostile[] = "../../etc/\"\\\n\x01 name";
  static const guint8 map[2 * 3] = { 0, 51, 128, 129, 254, 255 };
  g_auto (Folder) folder = { 0 };
  CpacInspection inspection = { .status = CPAC_STATUS_SCORED,
                                .verdict = CPAC_VERDICT_NOT_OK,
                                .model = "toy",
                                .part_id = hostile,
                                .frame = 7,
                                .width = 4,
                                .height = 4,
                                .heatmap = map,
                                .map_width = 3,
                                .map_height = 2,
                                .heatmap_max = 1 };
  GstBuffer *buffer = fixture_frame (7, 10, 20, 30);
  g_autoptr (JsonNode) line = NULL;
  JsonObject *object;
  cairo_surface_t *png;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  harness = harness_new (folder.path, &bus);
  gst_cpac_score_meta_add (buffer, &inspection);
  pass (harness, buffer);
  finish (harness);
  g_assert_cmpuint (count (folder.path, ""), ==, 3);

  png = read_png (folder.path, 7, "-map.png", 3, 2);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (sample_at (png, i % 3, i / 3, 0), ==, map[i]);
  cairo_surface_destroy (png);

  line = read_line (folder.path, 7);
  object = json_node_get_object (line);
  g_assert_cmpint (json_object_get_int_member (object, "frame_id"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (object, "timestamp"), ==, GST_SECOND * 7 / 30);
  g_assert_cmpstr (json_object_get_string_member (object, "source"), ==, "cam-1");
  g_assert_true (json_object_has_member (object, "system_timestamp"));
  object = json_object_get_object_member (object, "inspection");
  g_assert_cmpstr (json_object_get_string_member (object, "verdict"), ==, "not-ok");
  g_assert_cmpstr (json_object_get_string_member (object, "part_id"), ==, hostile);
  fixture_harness_free (harness, bus);
}

typedef struct {
  const char *format;
  guint bytes[4];  /* of a pixel */
  guint n_bytes;   /* 0: planar, bytes are Y, U, V */
  guint bit_depth; /* for the element */
  guint expected[3];
  guint tolerance;
} FormatRow;

static const FormatRow format_rows[] = {
  { "GRAY8", { 77 }, 1, 0, { 77, 77, 77 }, 0 },
  /* 0x1234 = 4660: 4660 255 / 65535 = 18.1; of 12 bits (above 4095) 255; 0x0234 = 564: 35.1 */
  { "GRAY16_LE", { 0x34, 0x12 }, 2, 0, { 18, 18, 18 }, 0 },
  { "GRAY16_BE", { 0x12, 0x34 }, 2, 0, { 18, 18, 18 }, 0 },
  { "GRAY16_LE", { 0x34, 0x12 }, 2, 12, { 255, 255, 255 }, 0 },
  { "GRAY16_BE", { 0x02, 0x34 }, 2, 12, { 35, 35, 35 }, 0 },
  { "RGB", { 10, 20, 30 }, 3, 0, { 10, 20, 30 }, 0 },
  { "BGR", { 10, 20, 30 }, 3, 0, { 30, 20, 10 }, 0 },
  { "RGBx", { 10, 20, 30, 0 }, 4, 0, { 10, 20, 30 }, 0 },
  { "BGRx", { 10, 20, 30, 0 }, 4, 0, { 30, 20, 10 }, 0 },
  { "RGBA", { 10, 20, 30, 40 }, 4, 0, { 10, 20, 30 }, 0 },
  { "BGRA", { 10, 20, 30, 40 }, 4, 0, { 30, 20, 10 }, 0 },
  /* BT.601, 16..235: y = (81 - 16) 255 / 219 = 75.7; R = y + 1.402 (240 - 128) 255 / 224 = 254.4,
   * B = y + 1.772 (90 - 128) 255 / 224 = -0.9, G = (y - 0.299 R - 0.114 B) / 0.587 = -0.5. The
   * converter works with 8-bit factors. */
  { "I420", { 81, 90, 240 }, 0, 0, { 254, 0, 0 }, 2 },
  { "YV12", { 81, 90, 240 }, 0, 0, { 254, 0, 0 }, 2 },
  { "NV12", { 81, 90, 240 }, 0, 0, { 254, 0, 0 }, 2 },
  { "NV21", { 81, 90, 240 }, 0, 0, { 254, 0, 0 }, 2 },
};

/* Every component by its own place, so that padding and order of planes count. */
static void
fill_planar (GstVideoFrame *frame, const FormatRow *row)
{
  for (guint c = 0; c < 3; c++)
    for (gint y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT (frame, c); y++)
      for (gint x = 0; x < GST_VIDEO_FRAME_COMP_WIDTH (frame, c); x++)
        ((guint8 *) GST_VIDEO_FRAME_COMP_DATA (
            frame, c))[y * GST_VIDEO_FRAME_COMP_STRIDE (frame, c) +
                       x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, c)] = (guint8) row->bytes[c];
}

/* The last pixel of all is black (0 in all bytes): rows must not run into each other. */
static void
fill_packed (GstVideoFrame *frame, const FormatRow *row, gint width, gint height)
{
  for (gint y = 0; y < height; y++)
    for (gint x = 0; x < width; x++)
      for (guint i = 0; i < row->n_bytes; i++)
        ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (
            frame,
            0))[y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0) + x * (gint) row->n_bytes + (gint) i] =
            y == height - 1 && x == width - 1 ? 0 : (guint8) row->bytes[i];
}

static GstBuffer *
make_frame (const FormatRow *row, const char *caps_text, gint width, gint height)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer;

  g_assert_true (gst_video_info_from_caps (&info, caps));
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 0xa5, info.size);
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_WRITE));
  if (row->n_bytes == 0)
    fill_planar (&frame, row);
  else
    fill_packed (&frame, row, width, height);
  gst_video_frame_unmap (&frame);
  return buffer;
}

static void
check_format (const FormatRow *row, gint width, gint height)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *caps =
      g_strdup_printf ("video/x-raw,format=%s,width=%d,height=%d,framerate=30/1%s", row->format,
                       width, height, row->n_bytes == 0 ? ",colorimetry=bt601" : "");
  g_autofree char *depth = NULL;
  cairo_surface_t *png;
  GstHarness *harness;
  GstBus *bus;

  g_test_message ("%s, bit-depth %u, %dx%d", row->format, row->bit_depth, width, height);
  folder_init (&folder);
  depth = g_strdup_printf ("%u", row->bit_depth);
  harness = harness_with (folder.path, caps, "bit-depth", depth, &bus);
  pass (harness, mark (make_frame (row, caps, width, height), 3, CPAC_VERDICT_NOT_OK));
  finish (harness);
  g_assert_cmpuint (fixture_stat (harness, "kept"), ==, 1);
  png = read_png (folder.path, 3, ".png", width, height);
  for (gint i = 0; i < width * height; i++)
    for (guint c = 0; c < 3; c++) {
      gboolean is_black = row->n_bytes > 0 && i == width * height - 1;
      gint found = (gint) sample_at (png, (guint) (i % width), (guint) (i / width), c);
      gint expected = is_black ? 0 : (gint) row->expected[c];

      g_assert_cmpint (ABS (found - expected), <=, (gint) row->tolerance);
    }
  cairo_surface_destroy (png);
  fixture_harness_free (harness, bus);
}

static void
test_formats (void)
{
  static const gint sizes[][2] = { { 1, 1 }, { 2, 3 }, { 17, 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (format_rows); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
      check_format (&format_rows[i], sizes[k][0], sizes[k][1]);
}

/* ---- The bound ---- */

/* Two frames' evidence fits, not three. Files of an earlier session go first, and what half a set
 * and temporaries there are; others stay. */
static void
test_bound (void)
{
  static const char *const foreign[] = { "notes.txt",
                                         "20200101T000000-000000000001.txt",
                                         "20200101T000000-00000000001.png",
                                         "20201301T000000-000000000001.png",
                                         "x20200101T000000-000000000001.png",
                                         "20200101T000000-000000000001.png.tooLong1",
                                         "20200101T000000-000000000001-map.json" };
  g_auto (Folder) folder = { 0 };
  g_autofree char *bytes = g_malloc0 (1500), *first = NULL, *second = NULL, *torn = NULL;
  guint64 foreign_size = 0;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *path = put (&folder, foreign[i], "mine", 4);

    foreign_size += 4;
  }
  first = put (&folder, "20200101T000000-000000000009.png", bytes, 500);
  second = put (&folder, "20200102T000000-000000000001.json", bytes, 1500);
  torn = put (&folder, "20200102T000000-000000000002-map.png.aB3xyZ", bytes, 10);

  harness = harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "2500", &bus);
  g_assert_false (g_file_test (torn, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, 2000);
  for (guint i = 0; i < 8; i++) {
    pass (harness, inspected (i, CPAC_VERDICT_NOT_OK));
    while (fixture_stat (harness, "kept") <= i)
      g_usleep (1000);
    /* A line takes some 400 bytes, a picture some 80. */
    g_assert_cmpuint (total_size (folder.path) - foreign_size, <=, 2500);
    g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, total_size (folder.path) - foreign_size);
    if (!g_file_test (second, G_FILE_TEST_EXISTS))
      g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  }
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "removed"), >=, 4);
  /* Two old sets and eight new ones; one of the foreign files ends alike. */
  g_assert_cmpuint (count (folder.path, ".json"), ==, 10 - fixture_stat (harness, "removed") + 1);
  finish (harness);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++) {
    g_autofree char *path = g_build_filename (folder.path, foreign[i], NULL);

    g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  }
  fixture_harness_free (harness, bus);
}

/* A smaller bound than last time holds from the start, before any frame. */
static void
test_smaller_bound (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *bytes = g_malloc0 (1500), *first = NULL, *second = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  first = put (&folder, "20200101T000000-000000000009.png", bytes, 500);
  second = put (&folder, "20200102T000000-000000000001.json", bytes, 1500);
  harness = harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "1600", &bus);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (fixture_stat (harness, "bytes"), ==, 1500);
  g_assert_cmpuint (fixture_stat (harness, "removed"), ==, 1);
  finish (harness);
  fixture_harness_free (harness, bus);
}

/* One that is larger than the bound leaves what is there. */
static void
test_too_large (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *old = NULL, *text = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  old = put (&folder, "20200101T000000-000000000009.png", "png", 3);
  harness = harness_with (folder.path, FIXTURE_RGB_CAPS, "max-size", "100", &bus);
  for (guint i = 0; i < 3; i++)
    pass (harness, inspected (i, CPAC_VERDICT_NOT_OK));
  finish (harness);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, "max-size, 100"));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  g_assert_cmpuint (fixture_stat (harness, "failed"), ==, 3);
  g_assert_cmpuint (fixture_stat (harness, "removed"), ==, 0);
  g_assert_cmpuint (count (folder.path, ""), ==, 1);
  fixture_harness_free (harness, bus);
}

/* ---- Sessions ---- */

/* Names rise from session to session, even where the clock was put back, and where frames are
 * counted anew. */
static void
test_sessions (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *future = NULL;
  g_autoptr (GPtrArray) names = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  future = put (&folder, "20991231T235959-000000000009.json", "{}", 2);
  harness = harness_new (folder.path, &bus);
  for (guint session = 0; session < 2; session++) {
    if (session > 0)
      gst_harness_play (harness);
    pass (harness, inspected (5, CPAC_VERDICT_NOT_OK));
    pass (harness, inspected (5, CPAC_VERDICT_NOT_OK));
    pass (harness, inspected (999999999999, CPAC_VERDICT_NOT_OK));
    pass (harness, inspected (1000000000000, CPAC_VERDICT_NOT_OK));
    g_assert_cmpint (gst_element_set_state (harness->element, GST_STATE_READY), ==,
                     GST_STATE_CHANGE_SUCCESS);
    g_assert_cmpuint (fixture_stat (harness, "kept"), ==, 4);
    gst_harness_set_src_caps_str (harness, FIXTURE_RGB_CAPS);
  }
  finish (harness);
  names = list (folder.path, ".json");
  g_assert_cmpuint (names->len, ==, 9);
  g_assert_cmpstr (names->pdata[0], ==, "20991231T235959-000000000009.json");
  g_assert_cmpstr (names->pdata[1], ==, "21000101T000000-000000000005.json");
  g_assert_cmpstr (names->pdata[2], ==, "21000101T000001-000000000005.json");
  g_assert_cmpstr (names->pdata[3], ==, "21000101T000001-999999999999.json");
  g_assert_cmpstr (names->pdata[4], ==, "21000101T000002-000000000000.json");
  g_assert_cmpstr (names->pdata[5], ==, "21000101T000003-000000000005.json");
  fixture_harness_free (harness, bus);
}

/* ---- Trouble ---- */

/* Frames of 12 million random bytes come at once: encoding one takes far longer than to pass all.
 */
static void
test_never_blocks (void)
{
  enum { N_FRAMES = 40, SIDE = 2000 };
  g_auto (Folder) folder = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GstBuffer) pixels = gst_buffer_new_allocate (NULL, 3 * SIDE * SIDE, NULL);
  g_autofree char *text = NULL;
  GstMapInfo map;
  GstHarness *harness;
  GstBus *bus;
  guint64 kept;

  folder_init (&folder);
  g_assert_true (gst_buffer_map (pixels, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size / 4; i++)
    ((guint32 *) map.data)[i] = g_rand_int (rand);
  gst_buffer_unmap (pixels, &map);
  harness =
      harness_with (folder.path, "video/x-raw,format=RGB,width=2000,height=2000,framerate=30/1",
                    "max-pending", "2", &bus);
  for (guint i = 0; i < N_FRAMES; i++)
    pass (harness, mark (gst_buffer_copy (pixels), i, CPAC_VERDICT_NOT_OK));
  g_assert_cmpuint (fixture_stat (harness, "dropped"), >, 0);
  finish (harness);
  kept = fixture_stat (harness, "kept");
  g_assert_cmpuint (kept, >=, 2);
  g_assert_cmpuint (kept + fixture_stat (harness, "dropped"), ==, N_FRAMES);
  g_assert_cmpuint (count (folder.path, ".json"), ==, kept);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, "faster"));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  fixture_harness_free (harness, bus);
}

/* Somebody removes the folder while frames flow: one WARNING, and all frames go on. */
static void
test_folder_lost (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *location = NULL, *text = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  location = g_build_filename (folder.path, "a", "b", NULL);
  harness = harness_new (location, &bus);
  g_assert_cmpint (g_rmdir (location), ==, 0);
  for (guint i = 0; i < 3; i++)
    pass (harness, inspected (i, CPAC_VERDICT_NOT_OK));
  finish (harness);
  g_assert_cmpuint (fixture_stat (harness, "failed"), ==, 3);
  g_assert_cmpuint (fixture_stat (harness, "kept"), ==, 0);
  text = fixture_wait_trouble (bus, GST_MESSAGE_WARNING, NULL);
  g_assert_nonnull (strstr (text, location));
  g_assert_null (fixture_pop (bus, GST_MESSAGE_WARNING, NULL));
  fixture_harness_free (harness, bus);
}

static void
check_refused (const char *location, guint bit_depth, GQuark domain, gint code, const char *words)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstElement) element = element_new (location, &bus);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_object_set (element, "bit-depth", bit_depth, NULL);
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_PAUSED), ==, GST_STATE_CHANGE_FAILURE);
  text = fixture_wait_trouble (bus, GST_MESSAGE_ERROR, &error);
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (text, words));
  g_assert_cmpint (gst_element_set_state (element, GST_STATE_NULL), ==, GST_STATE_CHANGE_SUCCESS);
  gst_element_set_bus (element, NULL);
}

static void
test_refused (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *file = NULL;
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  file = put (&folder, "file", "text", 4);
  check_refused (NULL, 0, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "location");
  check_refused ("", 0, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "location");
  check_refused (folder.path, 8, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "bit-depth");
  check_refused (file, 0, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE, file);
  /* Two in one folder would count each other's files wrongly. */
  harness = harness_new (folder.path, &bus);
  check_refused (folder.path, 0, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE, "another");
  fixture_harness_free (harness, bus);
}

static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return gst_pad_query_default (pad, parent, query);
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 0);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 9);
  gst_query_add_allocation_pool (query, NULL, 48, 2, 8);
  return TRUE;
}

/* Whoever makes frames is asked for as many more as are held, where the pool may grow so far. */
static void
test_allocation (void)
{
  static const guint expected[] = { 9, 9, 2 };
  g_auto (Folder) folder = { 0 };
  g_autoptr (GstCaps) caps = gst_caps_from_string (FIXTURE_RGB_CAPS);
  g_autoptr (GstQuery) query = gst_query_new_allocation (caps, TRUE);
  GstHarness *harness;
  GstBus *bus;

  folder_init (&folder);
  harness = harness_with (folder.path, FIXTURE_RGB_CAPS, "max-pending", "7", &bus);
  gst_pad_set_query_function (harness->sinkpad, answer_query);
  g_assert_true (gst_pad_peer_query (harness->srcpad, query));
  g_assert_true (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL));
  g_assert_cmpuint (gst_query_get_n_allocation_pools (query), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    guint min;

    gst_query_parse_nth_allocation_pool (query, i, NULL, NULL, &min, NULL);
    g_assert_cmpuint (min, ==, expected[i]);
  }
  fixture_harness_free (harness, bus);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacevidence/verdicts", test_verdicts);
  g_test_add_func ("/cpacevidence/not-looked-at", test_not_looked_at);
  g_test_add_func ("/cpacevidence/contents", test_contents);
  g_test_add_func ("/cpacevidence/formats", test_formats);
  g_test_add_func ("/cpacevidence/bound", test_bound);
  g_test_add_func ("/cpacevidence/smaller-bound", test_smaller_bound);
  g_test_add_func ("/cpacevidence/too-large", test_too_large);
  g_test_add_func ("/cpacevidence/sessions", test_sessions);
  g_test_add_func ("/cpacevidence/never-blocks", test_never_blocks);
  g_test_add_func ("/cpacevidence/folder-lost", test_folder_lost);
  g_test_add_func ("/cpacevidence/refused", test_refused);
  g_test_add_func ("/cpacevidence/allocation", test_allocation);
  return g_test_run ();
}
