/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/scored-fixture.h"

#include "pipelines/frames.h"

#define WIDTH 20
#define HEIGHT 10

static char *const good_labels[] = { (char *) "good", NULL };

static void
write_gray (const Folder *folder, const char *name, const guint8 *pixels, guint width, guint height)
{
  const CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = width, .height = height };
  const CpacFrame frame = { .info = &info, .planes = { pixels }, .strides = { width } };
  g_autofree char *path = g_build_filename (folder->path, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (cpac_frames_write_png (&frame, path, &error));
  g_assert_no_error (error);
}

static void
write_files (const ScoredFixture *fixture, const ScoredRow *row, guint i)
{
  g_autofree char *picture = g_strdup_printf ("p%u.png", i), *mask = g_strdup_printf ("m%u.png", i);
  guint scale = MAX (row->mask_scale, 1), n = WIDTH * HEIGHT * scale * scale;
  g_autofree guint8 *pixels = g_malloc (n);

  memset (pixels, 100, WIDTH * HEIGHT);
  write_gray (&fixture->folder, picture, pixels, WIDTH, HEIGHT);
  for (guint k = 0; k < n; k++)
    pixels[k] = k < row->n_mask ? 255 : 0;
  if (row->n_mask > 0)
    write_gray (&fixture->folder, mask, pixels, WIDTH * scale, HEIGHT * scale);
}

static CpacManifest *
make_manifest (const ScoredFixture *fixture, const ScoredRow *rows, guint n)
{
  g_autoptr (GString) list = g_string_new ("path,label,mask,group\n");
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest;

  for (guint i = 0; i < n; i++) {
    g_autofree char *mask = rows[i].n_mask > 0 ? g_strdup_printf ("m%u.png", i) : g_strdup ("");

    g_string_append_printf (list, "p%u.png,%s,%s,%s\n", i, rows[i].label, mask, rows[i].group);
  }
  manifest =
      cpac_manifest_parse_csv ("list.csv", fixture->folder.path, list->str, list->len, &error);
  g_assert_no_error (error);
  return manifest;
}

static void
clear_picture (gpointer data)
{
  g_free (((ScoredPicture *) data)->map);
}

void
scored_init (ScoredFixture *fixture, const ScoredRow *rows, guint n, double warn_threshold,
             double threshold)
{
  *fixture = (ScoredFixture){
    .head = { .kind = CPAC_HEAD_MAP,
              .good = (char **) good_labels,
              .threshold = threshold,
              .warn_threshold = warn_threshold },
    .pictures = g_array_new (FALSE, TRUE, sizeof (ScoredPicture)),
  };
  folder_init (&fixture->folder);
  g_array_set_clear_func (fixture->pictures, clear_picture);
  if (n > 0)
    fixture->manifest = make_manifest (fixture, rows, n);
  for (guint i = 0; i < n; i++) {
    ScoredPicture picture = {
      .sample = cpac_manifest_get_sample (fixture->manifest, i),
      .width = WIDTH,
      .height = HEIGHT,
      .has_score = TRUE,
      .score = rows[i].score,
      .verdict = rows[i].score > threshold        ? CPAC_VERDICT_NOT_OK
                 : rows[i].score > warn_threshold ? CPAC_VERDICT_NOT_DECIDABLE
                                                  : CPAC_VERDICT_OK,
      .map = g_new (float, 2),
      .map_width = 2,
      .map_height = 1,
      .map_min = -8,
      .map_max = 8,
    };

    picture.map[0] = picture.map[1] = (float) rows[i].score;
    write_files (fixture, &rows[i], i);
    g_array_append_val (fixture->pictures, picture);
  }
}

void
scored_clear (ScoredFixture *fixture)
{
  g_array_unref (fixture->pictures);
  g_clear_pointer (&fixture->manifest, cpac_manifest_free);
  folder_clear (&fixture->folder);
}

Figures *
scored_measure (const ScoredFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  Figures *figures = figures_new (&fixture->head, fixture->pictures, 200, 1, &error);

  g_assert_no_error (error);
  return figures;
}

Report
scored_report (const ScoredFixture *fixture, const Figures *figures)
{
  return (Report){
    .name = "toy <1> & \"2\"",
    .head = &fixture->head,
    .figures = figures,
    .pictures = fixture->pictures,
    .manifest = fixture->manifest,
    .n_draws = 200,
    .seed = 1,
  };
}
