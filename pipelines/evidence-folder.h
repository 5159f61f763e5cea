/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/report/page.h"

G_BEGIN_DECLS

/* Bytes of one picture's file, and of all that a page shows; in the page they take 4/3 of that. */
#define EVIDENCE_MAX_PICTURE ((gsize) 16 << 20)
#define EVIDENCE_MAX_PICTURE_TEXT "16 MiB"
#define EVIDENCE_MAX_PICTURES ((gsize) 64 << 20)
#define EVIDENCE_MAX_PICTURES_TEXT "64 MiB"

/**
 * EvidenceFolder:
 *
 * What was kept of single frames: for each a STEM.json, its line of the journal, with STEM.png, the
 * picture, and STEM-map.png, the heat map, beside it, as far as they were kept.
 *
 * A frame is the one in the journal where frame_id is the same and so are part_id, timestamp and
 * score as far as both have them. Where two in the folder are that, no picture is shown: it might
 * be the wrong one.
 */
typedef struct _EvidenceFolder EvidenceFolder;

/* Reads the pictures of @units (element-type CpacReportUnit), in their order, at most
 * CPAC_REPORT_MAX_PICTURES and within the bounds above. G_FILE_ERROR where there is no such folder;
 * a file in it that cannot be used is told in place of the picture. (transfer full) */
EvidenceFolder *evidence_folder_open (const char *path, const GArray *units, GError **error);
/* Takes NULL. */
void evidence_folder_free (EvidenceFolder *folder);
/* As many as there are units. (transfer none) (element-type CpacReportEvidence) */
const GArray *evidence_folder_get (const EvidenceFolder *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EvidenceFolder, evidence_folder_free)

G_END_DECLS
