/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstCpacEvidenceStore:
 *
 * A folder of sets of files, one set a frame, within a size bound. All files of a set begin with
 * its stem, yyyymmddThhmmss-ffffffffffff: when the session began (UTC) and the frame's number (its
 * last twelve digits). Stems only ever rise: where the clock was put back or frames are counted
 * anew, a session begins that is a second later than the last one.
 *
 *   STEM.png       the picture
 *   STEM-map.png   the heat map, where there is one
 *   STEM.json      the line; written last, so where it is, the set is whole
 *
 * Only files with such names are ever counted or removed. One store at a time may use a folder. One
 * thread at a time.
 */
typedef struct _GstCpacEvidenceStore GstCpacEvidenceStore;

/* The bytes of a set. */
typedef struct {
  GBytes *picture;
  GBytes *map; /* NULL: none */
  GBytes *line;
} GstCpacEvidenceSet;

/**
 * gst_cpac_evidence_store_open:
 * @folder: made where it is not there
 * @max_size: bytes that the files of all sets may hold together
 * @n_removed: (inout): grows by the number of sets that had to go
 *
 * Looks through the folder for sets of earlier sessions, removes what a crash left half written,
 * and the oldest where there are more than @max_size allows. Errors: G_FILE_ERROR, with the folder;
 * AGAIN where another store uses it. (transfer full)
 */
GstCpacEvidenceStore *gst_cpac_evidence_store_open (const char *folder, guint64 max_size,
                                                    guint64 *n_removed, GError **error);
void gst_cpac_evidence_store_close (GstCpacEvidenceStore *store);

/**
 * gst_cpac_evidence_store_add:
 * @n_removed: (inout): grows by the number of sets that had to go, also where an error follows
 *
 * Removes the oldest sets until @set fits, then writes it: each file under another name first. A
 * set that cannot be written leaves no file. Errors: G_FILE_ERROR; NOSPC also where the set alone
 * is larger than the bound, and then none is removed.
 */
gboolean
gst_cpac_evidence_store_add (GstCpacEvidenceStore *store, guint64 frame,
                             const GstCpacEvidenceSet *set, guint64 *n_removed, GError **error);

/* Bytes of all files of all sets. */
guint64 gst_cpac_evidence_store_get_size (const GstCpacEvidenceStore *store);

G_END_DECLS
