/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <string.h>

#include "core/train/dataset.h"

/*
 * Pictures and videos that exist in memory only, made from their names. A name that holds
 *   missing  is no file,
 *   broken   does not decode,
 *   damaged  decodes with the mark of a damaged frame (in a video: every 7th frame),
 *   rgb      is in colour,
 *   small    is 2x1 pixels, all others 5x3,
 *   clip-N   is a video of N frames.
 * Every value follows from the name, the frame's number and its place.
 */

#define MEMORY_WIDTH 5
#define MEMORY_HEIGHT 3

/* What was asked for, counted from any thread. */
typedef struct {
  gint n_opened, n_masks; /* atomic */
} MemoryPictures;

typedef struct {
  CpacFrameSource source;
  char *path;
  CpacFrameInfo info;
  guint n_frames, next;
  guint8 *pixels;
} MemorySource;

static inline guint8
memory_pixel (const char *path, guint frame, guint i)
{
  return (g_str_hash (path) >> 3) + 29 * frame + 7 * i * i + 3 * i;
}

/* Calls of next() overwrite the frame before, as the interface allows. */
static inline CpacFrameStatus
memory_source_next (CpacFrameSource *source, CpacFrame *frame, CpacFrameMark *mark, GError **error)
{
  MemorySource *self = (MemorySource *) source;
  guint n_bytes = self->info.width * self->info.height * 3;

  if (strstr (self->path, "broken") != NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: no picture in it", self->path);
    return CPAC_FRAME_ERROR;
  }
  if (self->next == self->n_frames)
    return CPAC_FRAME_END;
  for (guint i = 0; i < n_bytes; i++)
    self->pixels[i] = memory_pixel (self->path, self->next, i);
  *frame = (CpacFrame){
    .info = &self->info,
    .planes = { self->pixels },
    .strides = { self->info.width * (self->info.format == CPAC_PIXEL_RGB ? 3 : 1) },
  };
  *mark = (CpacFrameMark){
    .timestamp_ns = self->next,
    .corrupted =
        strstr (self->path, "damaged") != NULL && (self->n_frames == 1 || self->next % 7 == 6),
  };
  self->next++;
  return CPAC_FRAME_NEXT;
}

static inline void
memory_source_free (CpacFrameSource *source)
{
  MemorySource *self = (MemorySource *) source;

  g_free (self->path);
  g_free (self->pixels);
  g_free (self);
}

static inline CpacFrameSource *
memory_open (const char *path, gpointer user_data, GError **error)
{
  static const CpacFrameSourceClass klass = { memory_source_next, memory_source_free };
  MemoryPictures *pictures = user_data;
  const char *clip = strstr (path, "clip-");
  gboolean is_small = strstr (path, "small") != NULL;
  MemorySource *self;

  g_atomic_int_inc (&pictures->n_opened);
  if (strstr (path, "missing") != NULL) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: there is no such file", path);
    return NULL;
  }
  self = g_new0 (MemorySource, 1);
  self->source.klass = &klass;
  self->path = g_strdup (path);
  self->info.format = strstr (path, "rgb") != NULL ? CPAC_PIXEL_RGB : CPAC_PIXEL_GRAY8;
  self->info.width = is_small ? 2 : MEMORY_WIDTH;
  self->info.height = is_small ? 1 : MEMORY_HEIGHT;
  self->n_frames = clip != NULL ? g_ascii_strtoull (clip + strlen ("clip-"), NULL, 10) : 1;
  self->pixels = g_malloc (self->info.width * self->info.height * 3);
  return &self->source;
}

static inline gboolean
memory_mask_pixel (const char *path, guint i)
{
  return (g_str_hash (path) >> i % 16) & 1;
}

/* Counts in the pictures of the test that runs. */
static MemoryPictures memory_pictures;

/* As large as pictures are, but 4x2 when the name holds "odd". */
static inline guint8 *
memory_read_mask (const char *path, guint *width, guint *height, GError **error)
{
  gboolean is_odd = strstr (path, "odd") != NULL;
  guint8 *mask;

  g_atomic_int_inc (&memory_pictures.n_masks);
  if (strstr (path, "missing") != NULL) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: there is no such file", path);
    return NULL;
  }
  *width = is_odd ? 4 : MEMORY_WIDTH;
  *height = is_odd ? 2 : MEMORY_HEIGHT;
  mask = g_malloc (*width * *height);
  for (guint i = 0; i < *width * *height; i++)
    mask[i] = memory_mask_pixel (path, i) ? 1 + i : 0;
  return mask;
}

/* A network's input of 4x3, and heads. */
static inline CpacDatasetOptions
memory_options (const CpacHead *head)
{
  memory_pictures = (MemoryPictures){ 0 };
  return (CpacDatasetOptions){
    .input = { .width = 4,
               .height = 3,
               .channels = 1,
               .mean = { 10, 20, 30 },
               .scale = { 2, 3, 4 },
               .min_width = 1,
               .min_height = 1 },
    .head = head,
    .max_bytes = 1 << 20,
    .n_threads = 2,
    .seed = 1,
    .open = memory_open,
    .open_data = &memory_pictures,
    .read_mask = memory_read_mask,
  };
}

/* Of a score section and the number of the network's outputs. */
static inline CpacHead *
memory_head (const char *text, guint n_outputs)
{
  const CpacDims dims = { n_outputs, 1, 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacConfig) map = cpac_config_parse ("score", text, strlen (text), &error);
  CpacHead *head = map != NULL ? cpac_head_new (map, &dims, &error) : NULL;

  g_assert_no_error (error);
  return head;
}

static inline CpacHead *
memory_classifier (void)
{
  return memory_head ("{head: classifier, classes: [Free, Crack, Fray], good: [Free], "
                      "threshold: 0.5}",
                      3);
}

static inline CpacHead *
memory_map (void)
{
  return memory_head ("{head: map, good: [Free], threshold: 0}", 1);
}

/* The list "parts.csv". */
static inline CpacManifest *
memory_list (const char *text)
{
  g_autoptr (GError) error = NULL;
  CpacManifest *manifest = cpac_manifest_parse_csv ("parts.csv", "", text, strlen (text), &error);

  g_assert_no_error (error);
  return manifest;
}
