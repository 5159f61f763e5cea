/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/dataset.h"

G_BEGIN_DECLS

/* The data set of @options for a subcommand: pictures and masks are read through GStreamer, which
 * must have been initialised, the progress of that and the notes go to stderr. (transfer full) */
CpacDataset *
open_dataset (const CpacManifest *manifest, CpacDatasetOptions options, GError **error);

G_END_DECLS
