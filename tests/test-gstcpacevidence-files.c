/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cairo.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "plugin/score-meta.h"
#include "tests/evidence-fixture.h"
#include "tests/folder.h"

/* ---- Reading ---- */

/* The file of that frame: the only one whose name ends so. (transfer full) */
static char *
find (const char *folder, guint64 frame, const char *suffix)
{
  g_autofree char *ending = g_strdup_printf ("-%012" G_GUINT64_FORMAT "%s", frame, suffix);
  g_autoptr (GPtrArray) names = evidence_list (folder, ending);

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
  harness = evidence_harness_new (folder.path, &bus);
  gst_cpac_score_meta_add (buffer, &inspection);
  evidence_pass (harness, buffer);
  evidence_finish (harness);
  g_assert_cmpuint (evidence_count (folder.path, ""), ==, 3);

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
  harness = evidence_harness_with (folder.path, caps, "bit-depth", depth, &bus);
  evidence_pass (harness,
                 evidence_mark (make_frame (row, caps, width, height), 3, CPAC_VERDICT_NOT_OK));
  evidence_finish (harness);
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

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  gst_cpac_score_meta_register ();
  g_test_add_func ("/cpacevidence-files/contents", test_contents);
  g_test_add_func ("/cpacevidence-files/formats", test_formats);
  return g_test_run ();
}
