/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/network/workers.h"

G_BEGIN_DECLS

/**
 * CpacPictures:
 * @n: how many
 * @fill: puts picture @index into @input (channels, height, width), normalised; called from several
 *   threads, @worker (0 .. n_threads-1) tells whose scratch to use
 *
 * A source of network input, wherever the pictures come from.
 */
typedef struct {
  guint n;
  gboolean (*fill) (gpointer user_data, guint index, guint worker, float *input, GError **error);
  gpointer user_data;
} CpacPictures;

/* Pictures that are looked at side by side. */
#define CPAC_PICTURES_AT_ONCE 8

/**
 * CpacPictureVisitor:
 * @look: measures picture @index and leaves what it found in slot @slot (0 ..
 *   CPAC_PICTURES_AT_ONCE-1) of the caller's; called from several threads
 * @add: takes in what lies in slot @slot; called in the order of the pictures, from the thread that
 *   visits
 * @progress: may be NULL; told how far it is, from that thread
 */
typedef struct {
  gboolean (*look) (gpointer user_data, guint index, guint slot, guint worker, GError **error);
  void (*add) (gpointer user_data, guint slot);
  void (*progress) (guint done, guint total, gpointer progress_data);
  gpointer progress_data;
} CpacPictureVisitor;

/* Visits @n pictures. Since they are added one by one in their order, sums are the same bits at any
 * number of threads. FALSE with the error of the first picture in that order that failed. */
gboolean cpac_pictures_visit (guint n, CpacWorkers *workers, const CpacPictureVisitor *visitor,
                              gpointer user_data, GError **error);

G_END_DECLS
