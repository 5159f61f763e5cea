/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "pipelines/compress-run.h"

G_BEGIN_DECLS

/* What the JSON answer and the record say of a compressed model: members of the object that
 * @builder is in. */
void compress_answer_add (const CompressRun *run, const CompressedModel *compressed,
                          JsonBuilder *builder);

/* For people, on stdout. */
void compress_answer_print (const CompressRun *run, const CompressedModel *compressed,
                            const char *folder);

G_END_DECLS
