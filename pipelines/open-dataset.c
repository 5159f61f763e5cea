/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/open-dataset.h"

#include "pipelines/frames.h"
#include "pipelines/tool.h"

static void
show_loading (guint done, guint total, gpointer user_data)
{
  tool_progress ("reading", done, total);
}

CpacDataset *
open_dataset (const CpacManifest *manifest, CpacDatasetOptions options, GError **error)
{
  CpacDataset *dataset;

  options.open = cpac_frames_open;
  options.read_mask = cpac_frames_read_gray;
  options.progress = show_loading;
  dataset = cpac_dataset_open (manifest, &options, error);
  tool_progress_end ();
  if (dataset != NULL && *cpac_dataset_get_notes (dataset) != '\0')
    tool_note ("%s", cpac_dataset_get_notes (dataset));
  return dataset;
}
