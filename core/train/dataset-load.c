/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/dataset-private.h"

#include <gio/gio.h>

#include "core/network/workers.h"
#include "core/sync.h"

/* Consecutive frames of a video that count as one part. */
#define VIDEO_GROUP 25
/* Masks read before those that fit are chosen: bounds what is held for that moment. */
#define MASKS_AT_ONCE 64

/* Work on one entry; @keep: there is room for what it gives. */
typedef gboolean (*EntryFunc) (CpacDataset *dataset, CpacEntry *entry, gboolean keep,
                               GError **error);

/* The same for a list of entries. */
typedef struct {
  CpacDataset *dataset;
  EntryFunc func;
  const guint *numbers; /* of the entries */
  guint n_keep;         /* of them, from the first: what they give stays in memory */
  GMutex lock;
  /* Under the lock: */
  guint n_done, first_failed;
  GError *error;           /* of the first that failed */
  guint n_before, n_total; /* for the progress */
} Job;

static void
report_progress (const CpacDataset *dataset, guint done, guint total)
{
  if (dataset->options.progress != NULL)
    dataset->options.progress (done, total, dataset->options.progress_data);
}

static float *
new_input (const CpacDataset *dataset, GError **error)
{
  float *input = g_try_malloc (dataset->input_bytes);

  if (input == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "no memory for the %" G_GSIZE_FORMAT " bytes of one picture",
                 dataset->input_bytes);
  return input;
}

static gboolean
decode_idx (const CpacDataset *dataset, CpacDecoder *decoder, const CpacEntry *entry, float *out,
            GError **error)
{
  g_autofree char *place = NULL;
  CpacFrame frame;

  cpac_manifest_get_idx_frame (dataset->manifest, entry->index, &frame);
  if (cpac_decoder_convert (decoder, &frame, out, error))
    return TRUE;
  place = cpac_dataset_get_place (dataset, entry);
  g_prefix_error (error, "%s: ", place);
  return FALSE;
}

static gboolean
decode_file (const CpacDataset *dataset, CpacDecoder *decoder, const CpacEntry *entry, float *out,
             GError **error)
{
  const CpacSample *sample = entry->item.sample;

  if (cpac_decoder_read_picture (decoder, sample->path, out, error))
    return TRUE;
  if (sample->line > 0)
    g_prefix_error (error, "%s:%u: ", cpac_manifest_get_name (dataset->manifest), sample->line);
  return FALSE;
}

gboolean
cpac_dataset_decode (const CpacDataset *dataset, const CpacEntry *entry, float *out,
                     CpacFrameInfo *info, GError **error)
{
  CpacDecoder *decoder = cpac_decoder_pool_take (dataset->pool);
  gboolean ok = FALSE;

  switch (cpac_manifest_get_kind (dataset->manifest)) {
    case CPAC_MANIFEST_PICTURES:
      ok = decode_file (dataset, decoder, entry, out, error);
      break;
    case CPAC_MANIFEST_IDX:
      ok = decode_idx (dataset, decoder, entry, out, error);
      break;
    case CPAC_MANIFEST_VIDEO:
      ok = cpac_decoder_read_video_frame (decoder, cpac_manifest_get_video (dataset->manifest),
                                          entry->index, out, error);
      break;
  }
  if (ok)
    *info = *cpac_decoder_get_info (decoder);
  cpac_decoder_pool_put_back (dataset->pool, decoder);
  return ok;
}

/* A failure stops what comes after it in the list, never what comes before: the error does not
 * depend on who was faster. */
static void
finish_piece (Job *job, guint piece, GError *failure)
{
  cpac_lock (&job->lock);
  job->n_done++;
  if (failure != NULL && piece < job->first_failed) {
    job->first_failed = piece;
    g_clear_error (&job->error);
    job->error = g_steal_pointer (&failure);
  }
  cpac_unlock (&job->lock);
  g_clear_error (&failure);
}

static void
do_piece (gpointer user_data, guint piece, guint worker)
{
  Job *job = user_data;
  CpacEntry *entry = cpac_dataset_get_entry (job->dataset, job->numbers[piece]);
  GError *failure = NULL;
  gboolean stopped;
  guint n_done;

  cpac_lock (&job->lock);
  stopped = piece > job->first_failed;
  n_done = job->n_before + job->n_done;
  cpac_unlock (&job->lock);
  if (stopped)
    return;
  if (worker == 0)
    report_progress (job->dataset, n_done, job->n_total);
  job->func (job->dataset, entry, piece < job->n_keep, &failure);
  finish_piece (job, piece, failure);
}

static gboolean
run_job (Job *job, CpacWorkers *workers, guint n_pieces, GError **error)
{
  job->first_failed = G_MAXUINT;
  g_mutex_init (&job->lock);
  cpac_workers_run (workers, n_pieces, do_piece, job);
  g_mutex_clear (&job->lock);
  if (job->error != NULL) {
    g_propagate_error (error, job->error);
    return FALSE;
  }
  report_progress (job->dataset, job->n_before + n_pieces, job->n_total);
  return TRUE;
}

/* ---- Pictures ---- */

static gboolean
load_input (CpacDataset *dataset, CpacEntry *entry, gboolean keep, GError **error)
{
  g_autofree float *input = new_input (dataset, error);
  CpacFrameInfo info;

  if (input == NULL || !cpac_dataset_decode (dataset, entry, input, &info, error))
    return FALSE;
  entry->width = info.width;
  entry->height = info.height;
  if (keep)
    entry->input = g_steal_pointer (&input);
  return TRUE;
}

/* Numbers of the entries of train and val for which @wanted holds (NULL: all), in the list's order.
 * (element-type guint) */
static GArray *
list_entries (const CpacDataset *dataset, gboolean (*wanted) (const CpacEntry *entry))
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < dataset->entries->len; i++) {
    const CpacEntry *entry = cpac_dataset_get_entry (dataset, i);

    if ((entry->split == CPAC_SPLIT_TRAIN || entry->split == CPAC_SPLIT_VAL) &&
        (wanted == NULL || wanted (entry)))
      g_array_append_val (numbers, i);
  }
  return numbers;
}

static void
note_uncached (CpacDataset *dataset, guint n)
{
  if (dataset->n_uncached > 0)
    cpac_dataset_note (dataset,
                       "%u of %u pictures do not fit into %" G_GSIZE_FORMAT
                       " MiB of memory and are decoded again at each use",
                       dataset->n_uncached, n, dataset->options.max_bytes >> 20);
}

gboolean
cpac_dataset_load_pictures (CpacDataset *dataset, GError **error)
{
  g_autoptr (CpacWorkers) workers = cpac_workers_new (dataset->options.n_threads);
  g_autoptr (GArray) numbers = list_entries (dataset, NULL);
  gsize n_fitting = dataset->options.max_bytes / dataset->input_bytes;
  Job job = {
    .dataset = dataset,
    .func = load_input,
    .numbers = (const guint *) numbers->data,
    .n_keep = MIN (numbers->len, n_fitting),
    .n_total = numbers->len,
  };

  if (!run_job (&job, workers, numbers->len, error))
    return FALSE;
  dataset->cached_bytes = job.n_keep * dataset->input_bytes;
  dataset->n_uncached = numbers->len - job.n_keep;
  note_uncached (dataset, numbers->len);
  return TRUE;
}

/* ---- Masks ---- */

guint8 *
cpac_dataset_read_mask (const CpacDataset *dataset, const CpacEntry *entry, guint *width,
                        guint *height, GError **error)
{
  const CpacSample *sample = entry->item.sample;
  g_autofree char *place = NULL;
  g_autofree guint8 *mask = dataset->options.read_mask (sample->mask, width, height, error);

  if (mask == NULL) {
    if (sample->line > 0)
      g_prefix_error (error, "%s:%u: ", cpac_manifest_get_name (dataset->manifest), sample->line);
    return NULL;
  }
  if (entry->width == 0 || (*width == entry->width && *height == entry->height))
    return g_steal_pointer (&mask);
  place = cpac_dataset_get_place (dataset, entry);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
               "%s: the mask %s is %ux%u pixels; expected %ux%u, as its picture", place,
               sample->mask, *width, *height, entry->width, entry->height);
  return NULL;
}

static gboolean
load_mask (CpacDataset *dataset, CpacEntry *entry, gboolean keep, GError **error)
{
  guint width, height;

  entry->mask = cpac_dataset_read_mask (dataset, entry, &width, &height, error);
  return entry->mask != NULL;
}

static gboolean
has_mask (const CpacEntry *entry)
{
  return entry->item.has_mask;
}

/* Keeps the first of @n masks, as many as fit beside what is in memory already. */
static void
choose_masks (CpacDataset *dataset, const guint *numbers, guint n)
{
  for (guint i = 0; i < n; i++) {
    CpacEntry *entry = cpac_dataset_get_entry (dataset, numbers[i]);
    gsize bytes = (gsize) entry->width * entry->height;

    if (bytes <= dataset->options.max_bytes - dataset->cached_bytes)
      dataset->cached_bytes += bytes;
    else
      g_clear_pointer (&entry->mask, g_free);
  }
}

gboolean
cpac_dataset_load_masks (CpacDataset *dataset, GError **error)
{
  g_autoptr (CpacWorkers) workers = cpac_workers_new (dataset->options.n_threads);
  g_autoptr (GArray) numbers = list_entries (dataset, has_mask);

  for (guint first = 0; first < numbers->len; first += MASKS_AT_ONCE) {
    const guint *some = (const guint *) numbers->data + first;
    guint n = MIN (MASKS_AT_ONCE, numbers->len - first);
    Job job = {
      .dataset = dataset,
      .func = load_mask,
      .numbers = some,
      .n_before = first,
      .n_total = numbers->len,
    };

    if (!run_job (&job, workers, n, error))
      return FALSE;
    choose_masks (dataset, some, n);
  }
  return TRUE;
}

/* ---- Video ---- */

static void
add_frame (CpacDataset *dataset, guint index, const CpacFrame *frame, float *input)
{
  g_autofree char *name = g_path_get_basename (cpac_manifest_get_video (dataset->manifest));
  guint first = index - index % VIDEO_GROUP;
  g_autofree char *group = g_strdup_printf ("%s#%u-%u", name, first, first + VIDEO_GROUP - 1);
  CpacEntry entry = {
    .index = index,
    .group = g_string_chunk_insert_const (dataset->strings, group),
    .width = frame->info->width,
    .height = frame->info->height,
    .input = input,
  };

  g_array_append_val (dataset->entries, entry);
}

static gboolean
take_frame (CpacDataset *dataset, CpacDecoder *decoder, guint index, const CpacFrame *frame,
            GError **error)
{
  g_autofree float *input = new_input (dataset, error);

  if (input == NULL)
    return FALSE;
  if (!cpac_decoder_convert (decoder, frame, input, error)) {
    g_prefix_error (error, "%s#%u: ", cpac_manifest_get_video (dataset->manifest), index);
    return FALSE;
  }
  if (dataset->input_bytes > dataset->options.max_bytes - dataset->cached_bytes) {
    dataset->n_uncached++;
    add_frame (dataset, index, frame, NULL);
    return TRUE;
  }
  dataset->cached_bytes += dataset->input_bytes;
  add_frame (dataset, index, frame, g_steal_pointer (&input));
  return TRUE;
}

static gboolean
read_video (CpacDataset *dataset, CpacDecoder *decoder, CpacFrameSource *source, GError **error)
{
  CpacFrameStatus status;
  CpacFrameMark mark;
  CpacFrame frame;
  guint n_damaged = 0, index = 0;

  for (; (status = cpac_frame_source_next (source, &frame, &mark, error)) == CPAC_FRAME_NEXT;
       index++) {
    if (mark.corrupted)
      n_damaged++;
    else if (!take_frame (dataset, decoder, index, &frame, error))
      return FALSE;
    report_progress (dataset, index + 1, 0);
  }
  if (status == CPAC_FRAME_ERROR)
    return FALSE;
  if (n_damaged > 0)
    cpac_dataset_note (dataset,
                       n_damaged == 1 ? "%u damaged frame of the video is left out"
                                      : "%u damaged frames of the video are left out",
                       n_damaged);
  note_uncached (dataset, dataset->entries->len);
  return TRUE;
}

gboolean
cpac_dataset_load_video (CpacDataset *dataset, GError **error)
{
  const CpacDatasetOptions *options = &dataset->options;
  g_autoptr (CpacFrameSource) source =
      options->open (cpac_manifest_get_video (dataset->manifest), options->open_data, error);
  CpacDecoder *decoder;
  gboolean ok;

  if (source == NULL)
    return FALSE;
  cpac_dataset_note (dataset, "a video: %u consecutive frames count as one part", VIDEO_GROUP);
  decoder = cpac_decoder_pool_take (dataset->pool);
  ok = read_video (dataset, decoder, source, error);
  cpac_decoder_pool_put_back (dataset->pool, decoder);
  return ok;
}
