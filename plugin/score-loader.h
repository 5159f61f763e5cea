/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/score/scorer.h"

G_BEGIN_DECLS

/**
 * GstCpacLoader:
 *
 * Loads models beside a running stream. A request returns at once; a thread that starts with the
 * first request loads, and the streaming thread takes the result between two frames. Of several
 * requests the last one wins. Thread-safe.
 */
typedef struct _GstCpacLoader GstCpacLoader;

/* @owner posts the warnings; borrowed. (transfer full) */
GstCpacLoader *gst_cpac_loader_new (GstElement *owner);
/* Closes first; takes NULL. */
void gst_cpac_loader_free (GstCpacLoader *loader);

/* From now on requests are taken. @features: comma-separated names of layers, or NULL. @mask: what
 * does not count, or NULL; a reference is taken. */
void gst_cpac_loader_open (GstCpacLoader *loader, guint n_threads, const char *features,
                           CpacIgnoreMask *mask);
/* Waits for a load that is under way and drops what nobody took. Posts nothing more. */
void gst_cpac_loader_close (GstCpacLoader *loader);

/* Asks for the model at @path; ignored when closed. A failure is posted as a WARNING by @owner. */
void gst_cpac_loader_request (GstCpacLoader *loader, const char *path);
/* What was loaded since, or NULL. (transfer full) */
CpacScorer *gst_cpac_loader_take (GstCpacLoader *loader);

/* Loads in the calling thread. A @path that is NULL or empty is an error too. (transfer full) */
CpacScorer *gst_cpac_loader_load (GstCpacLoader *loader, const char *path, GError **error);

/* The domain and code of the ERROR or WARNING message for trouble with a model. */
void gst_cpac_loader_classify_error (const GError *error, GQuark *domain, gint *code);

G_END_DECLS
