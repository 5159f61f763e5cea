/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/train/decoder.h"

#include "core/sync.h"

struct _CpacDecoder {
  const CpacDecoderPool *pool;
  CpacFramePlan *plan;
  CpacFrameInfo info; /* what @plan is for */
  CpacFrameSource *video;
  guint64 next_frame; /* of @video */
};

struct _CpacDecoderPool {
  CpacInputSpec spec;
  CpacFrameOpenFunc open;
  gpointer open_data;
  GMutex lock;
  GPtrArray *idle; /* CpacDecoder, under the lock */
};

static void
decoder_free (CpacDecoder *decoder)
{
  cpac_frame_plan_free (decoder->plan);
  cpac_frame_source_free (decoder->video);
  g_free (decoder);
}

CpacDecoderPool *
cpac_decoder_pool_new (const CpacInputSpec *spec, CpacFrameOpenFunc open, gpointer open_data)
{
  CpacDecoderPool *pool = g_new0 (CpacDecoderPool, 1);

  pool->spec = *spec;
  pool->open = open;
  pool->open_data = open_data;
  g_mutex_init (&pool->lock);
  pool->idle = g_ptr_array_new_with_free_func ((GDestroyNotify) decoder_free);
  return pool;
}

void
cpac_decoder_pool_free (CpacDecoderPool *pool)
{
  if (pool == NULL)
    return;
  g_ptr_array_unref (pool->idle);
  g_mutex_clear (&pool->lock);
  g_free (pool);
}

CpacDecoder *
cpac_decoder_pool_take (CpacDecoderPool *pool)
{
  CpacDecoder *decoder = NULL;

  cpac_lock (&pool->lock);
  if (pool->idle->len > 0)
    decoder = g_ptr_array_steal_index (pool->idle, pool->idle->len - 1);
  cpac_unlock (&pool->lock);
  if (decoder == NULL) {
    decoder = g_new0 (CpacDecoder, 1);
    decoder->pool = pool;
  }
  return decoder;
}

void
cpac_decoder_pool_put_back (CpacDecoderPool *pool, CpacDecoder *decoder)
{
  cpac_lock (&pool->lock);
  g_ptr_array_add (pool->idle, decoder);
  cpac_unlock (&pool->lock);
}

gboolean
cpac_decoder_convert (CpacDecoder *decoder, const CpacFrame *frame, float *out, GError **error)
{
  if (decoder->plan == NULL || !cpac_frame_info_equal (&decoder->info, frame->info)) {
    CpacFramePlan *plan = cpac_frame_plan_new (&decoder->pool->spec, frame->info, NULL, error);

    if (plan == NULL)
      return FALSE;
    cpac_frame_plan_free (decoder->plan);
    decoder->plan = plan;
    decoder->info = *frame->info;
  }
  cpac_frame_plan_run (decoder->plan, frame, out);
  return TRUE;
}

const CpacFrameInfo *
cpac_decoder_get_info (const CpacDecoder *decoder)
{
  return &decoder->info;
}

/* The next frame of @source, which must have one. */
static gboolean
next_frame (CpacFrameSource *source, const char *path, CpacFrame *frame, CpacFrameMark *mark,
            GError **error)
{
  switch (cpac_frame_source_next (source, frame, mark, error)) {
    case CPAC_FRAME_NEXT:
      return TRUE;
    case CPAC_FRAME_END:
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: ends before the frame that is wanted",
                   path);
      return FALSE;
    case CPAC_FRAME_ERROR:
      return FALSE;
  }
  g_return_val_if_reached (FALSE);
}

gboolean
cpac_decoder_read_picture (CpacDecoder *decoder, const char *path, float *out, GError **error)
{
  const CpacDecoderPool *pool = decoder->pool;
  g_autoptr (CpacFrameSource) source = pool->open (path, pool->open_data, error);
  CpacFrame frame;
  CpacFrameMark mark;

  if (source == NULL || !next_frame (source, path, &frame, &mark, error))
    return FALSE;
  if (mark.corrupted) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE, "%s: the decoder says it is damaged", path);
    return FALSE;
  }
  if (!cpac_decoder_convert (decoder, &frame, out, error)) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  return TRUE;
}

/* Leaves the video, when there is one, before frame @index or earlier. */
static gboolean
open_video_before (CpacDecoder *decoder, const char *path, guint64 index, GError **error)
{
  const CpacDecoderPool *pool = decoder->pool;

  if (decoder->video != NULL && decoder->next_frame <= index)
    return TRUE;
  cpac_frame_source_free (decoder->video);
  decoder->next_frame = 0;
  decoder->video = pool->open (path, pool->open_data, error);
  return decoder->video != NULL;
}

gboolean
cpac_decoder_read_video_frame (CpacDecoder *decoder, const char *path, guint64 index, float *out,
                               GError **error)
{
  CpacFrame frame;
  CpacFrameMark mark;

  if (!open_video_before (decoder, path, index, error))
    return FALSE;
  while (decoder->next_frame <= index) {
    if (!next_frame (decoder->video, path, &frame, &mark, error))
      return FALSE;
    decoder->next_frame++;
  }
  if (cpac_decoder_convert (decoder, &frame, out, error))
    return TRUE;
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}
