/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/file.h"

#include <stdlib.h>

/* Besides twice its size, what a file may take: a node needs more memory than bytes. */
#define FIXED_BUDGET ((gsize) 64 << 20)

/* protobuf-c takes memory for as many messages as a file claims, which may be of two bytes each;
 * so it gets a budget for all it ever asks for. */
static void *
allocate (void *data, size_t size)
{
  gsize *budget = data;

  if (size > *budget)
    return NULL;
  *budget -= size;
  return malloc (size);
}

static void
release (void *data, void *memory)
{
  free (memory);
}

Onnx__ModelProto *
cpac_onnx_file_parse (const char *name, const guint8 *data, gsize size, GError **error)
{
  gsize budget = FIXED_BUDGET + 2 * size;
  ProtobufCAllocator allocator = { allocate, release, &budget };
  Onnx__ModelProto *model = onnx__model_proto__unpack (&allocator, size, data);

  if (model == NULL) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                 "%s: found no valid protobuf message, expected an ONNX model: another format, or "
                 "a damaged file",
                 name);
    return NULL;
  }
  if (model->graph != NULL)
    return model;
  onnx__model_proto__free_unpacked (model, NULL);
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: found no graph, expected an ONNX model with one", name);
  return NULL;
}

GBytes *
cpac_onnx_file_pack (const char *name, const Onnx__ModelProto *model, GError **error)
{
  gsize size = onnx__model_proto__get_packed_size (model);
  guint8 *bytes;

  if (size > CPAC_ONNX_MAX_FILE) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "%s: would become %" G_GSIZE_FORMAT " bytes, an ONNX file holds %" G_GSIZE_FORMAT,
                 name, size, CPAC_ONNX_MAX_FILE);
    return NULL;
  }
  bytes = g_malloc (size);
  onnx__model_proto__pack (model, bytes);
  return g_bytes_new_take (bytes, size);
}

char *
cpac_onnx_excerpt (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  return cpac_error_excerpt (valid);
}
