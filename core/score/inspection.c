/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/inspection.h"

static const char *const names[] = { "scored", "skipped", "error" };

const char *
cpac_status_to_string (CpacStatus status)
{
  return names[status];
}

gboolean
cpac_status_from_string (const char *name, CpacStatus *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (name, names[i]) == 0) {
      *status = i;
      return TRUE;
    }
  return FALSE;
}
