/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/pictures.h"

typedef struct {
  const CpacPictureVisitor *visitor;
  gpointer user_data;
  guint first;
  GError *errors[CPAC_PICTURES_AT_ONCE];
} Portion;

static void
look (gpointer user_data, guint piece, guint worker)
{
  Portion *portion = user_data;

  portion->visitor->look (portion->user_data, portion->first + piece, piece, worker,
                          &portion->errors[piece]);
}

/* The first error of the portion goes to @error, the others to nobody. */
static gboolean
take_errors (Portion *portion, GError **error)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < CPAC_PICTURES_AT_ONCE; i++) {
    if (portion->errors[i] != NULL && ok) {
      g_propagate_error (error, g_steal_pointer (&portion->errors[i]));
      ok = FALSE;
    }
    g_clear_error (&portion->errors[i]);
  }
  return ok;
}

gboolean
cpac_pictures_visit (guint n, CpacWorkers *workers, const CpacPictureVisitor *visitor,
                     gpointer user_data, GError **error)
{
  Portion portion = { .visitor = visitor, .user_data = user_data };

  for (; portion.first < n; portion.first += CPAC_PICTURES_AT_ONCE) {
    guint n_pieces = MIN (CPAC_PICTURES_AT_ONCE, n - portion.first);

    cpac_workers_run (workers, n_pieces, look, &portion);
    if (!take_errors (&portion, error))
      return FALSE;
    for (guint i = 0; i < n_pieces; i++)
      visitor->add (user_data, i);
    if (visitor->progress != NULL)
      visitor->progress (portion.first + n_pieces, n, visitor->progress_data);
  }
  return TRUE;
}
