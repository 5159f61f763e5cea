/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/evidence-folder.h"

#include <math.h>
#include <string.h>

#include "tests/folder.h"
#include "tests/png-maker.h"

static void
put_line (const Folder *folder, guint frame)
{
  g_autofree char *line = g_strdup_printf ("{\"frame_id\":%u,\"inspection\":{}}\n", frame);
  g_autofree char *name = g_strdup_printf ("%u.json", frame), *path = NULL;

  path = put (folder, name, line, strlen (line));
}

/* Frame @frame has a picture of so many bytes. */
static void
put_picture (const Folder *folder, guint frame, guint size)
{
  g_autofree char *name = g_strdup_printf ("%u.png", frame), *path = NULL;
  g_autoptr (GByteArray) picture = png_make_long (size);

  put_line (folder, frame);
  path = put (folder, name, picture->data, picture->len);
}

static GArray *
make_units (guint n)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (CpacReportUnit));

  for (guint i = 0; i < n; i++) {
    CpacReportUnit unit = {
      .n = 1, .frame = i, .timestamp = G_MAXUINT64, .frame_score = NAN, .score = NAN
    };

    g_array_append_val (units, unit);
  }
  return units;
}

static void
check_shown (const Folder *folder, const CpacReportEvidence *evidence, guint frame)
{
  static const char head[] = "data:image/png;base64,";
  g_autofree char *name = g_strdup_printf ("%u.png", frame);
  g_autofree char *path = g_build_filename (folder->path, name, NULL), *bytes = NULL;
  g_autofree guchar *got = NULL;
  g_autoptr (GError) error = NULL;
  gsize length, n_got;

  g_assert_nonnull (evidence->picture);
  g_assert_null (evidence->remark);
  g_assert_true (g_str_has_prefix (evidence->picture, head));
  g_assert_true (g_file_get_contents (path, &bytes, &length, &error));
  got = g_base64_decode (evidence->picture + strlen (head), &n_got);
  g_assert_cmpmem (got, n_got, bytes, length);
}

/* What is shown fills the page to the last byte, and no further. */
static void
test_bounds (void)
{
  enum { LARGEST = EVIDENCE_MAX_PICTURE, SMALL = 100 };
  static const char large[] = "a picture was kept, but it is larger than 16 MiB";
  static const char full[] =
      "a picture was kept, but the page is full: its pictures may take 64 MiB";
  static const struct {
    guint sizes[7];
    const char *remarks[7]; /* NULL: it is shown */
  } rows[] = {
    { { LARGEST + 1, LARGEST, LARGEST, LARGEST, LARGEST - SMALL, SMALL, SMALL },
      { large, NULL, NULL, NULL, NULL, NULL, full } },
    { { LARGEST, LARGEST, LARGEST, LARGEST - SMALL + 1, SMALL }, { NULL, NULL, NULL, NULL, full } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Folder) folder = { 0 };
    g_autoptr (EvidenceFolder) evidence = NULL;
    g_autoptr (GArray) units = NULL;
    g_autoptr (GError) error = NULL;
    guint n = 0;

    folder_init (&folder);
    for (; n < G_N_ELEMENTS (rows[i].sizes) && rows[i].sizes[n] > 0; n++)
      put_picture (&folder, n, rows[i].sizes[n]);
    units = make_units (n);
    evidence = evidence_folder_open (folder.path, units, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (evidence_folder_get (evidence)->len, ==, n);
    for (guint k = 0; k < n; k++) {
      const CpacReportEvidence *one =
          &g_array_index (evidence_folder_get (evidence), CpacReportEvidence, k);

      if (rows[i].remarks[k] == NULL) {
        check_shown (&folder, one, k);
        continue;
      }
      g_assert_null (one->picture);
      g_assert_cmpstr (one->remark, ==, rows[i].remarks[k]);
    }
  }
}

/* What is no picture takes no place of those that are. */
static void
test_remarks (void)
{
  enum { N = CPAC_REPORT_MAX_PICTURES };
  g_auto (Folder) folder = { 0 };
  g_autofree char *cut = NULL, *inside = NULL;
  g_autoptr (EvidenceFolder) evidence = NULL;
  g_autoptr (GArray) units = make_units (N + 4);
  g_autoptr (GError) error = NULL;
  const CpacReportEvidence *all;

  folder_init (&folder);
  for (guint i = 2; i < N + 3; i++)
    put_picture (&folder, i, 100 + i);
  put_line (&folder, 0);
  cut = put (&folder, "0.png", "\x89PNG\r\n\x1a\n", 8);
  put_line (&folder, 1);
  inside = put (&folder, "1.png/inside", "", 0);
  evidence = evidence_folder_open (folder.path, units, &error);
  g_assert_no_error (error);
  all = (const CpacReportEvidence *) (gconstpointer) evidence_folder_get (evidence)->data;
  g_assert_cmpstr (all[0].remark, ==, "a picture was kept, but it is no whole PNG");
  g_assert_cmpstr (all[1].remark, ==, "a picture was kept, but it cannot be read");
  for (guint i = 2; i < N + 2; i++)
    check_shown (&folder, &all[i], i);
  g_assert_cmpstr (all[N + 2].remark, ==,
                   "a picture was kept, but the page is full: it has 24 of them");
  g_assert_cmpstr (all[N + 3].remark, ==, "no picture kept");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evidence-folder/bounds", test_bounds);
  g_test_add_func ("/evidence-folder/remarks", test_remarks);
  return g_test_run ();
}
