/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/error.h"
#include "core/onnx/onnx.pb-c.h"

G_BEGIN_DECLS

/* What one message of protobuf can be. */
#define CPAC_ONNX_MAX_FILE ((gsize) G_MAXINT32)

/* The messages in @size bytes of @data; @name stands for the file in errors. Memory is bounded by a
 * small multiple of @size. CPAC_ERROR_PARSE for what is no ONNX file, CPAC_ERROR_SCHEMA for one
 * without a graph. Free with onnx__model_proto__free_unpacked (model, NULL). (transfer full) */
Onnx__ModelProto *
cpac_onnx_file_parse (const char *name, const guint8 *data, gsize size, GError **error);

/* The bytes of @model; @name stands for it in errors. CPAC_ERROR_SHAPE for more than
 * CPAC_ONNX_MAX_FILE. (transfer full) */
GBytes *cpac_onnx_file_pack (const char *name, const Onnx__ModelProto *model, GError **error);

/* What of a name in the file fits into one line of an error: always UTF-8. (transfer full) */
char *cpac_onnx_excerpt (const char *name);

G_END_DECLS
