/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/onnx/file.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * CpacOnnxSource:
 * @file: stands for the file in errors
 * @folder: where the files of external data lie: the one that @file is in; NULL: there are none
 *
 * Where tensors come from. An external file is one beside the model: its name may have no folder,
 * and where it is a link, what it leads to must lie in @folder as well.
 */
typedef struct {
  const char *file;
  const char *folder;
} CpacOnnxSource;

/* Of at most four dimensions, whose product fits memory. @name stands for the tensor in errors, all
 * of which are CPAC_ERROR_SHAPE. */
gboolean cpac_onnx_tensor_get_shape (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                                     const char *name, CpacShape *shape, GError **error);

/* The values, of type FLOAT or FLOAT16, from wherever they are: raw_data, a typed field, or a file.
 * That there are as many as the shape says is checked before memory is taken. CPAC_ERROR_SHAPE,
 * CPAC_ERROR_SCHEMA (another type, a file that may not be read), CPAC_ERROR_NUMERIC, G_FILE_ERROR.
 * (transfer full) */
CpacTensor *cpac_onnx_tensor_read (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                                   const char *name, GError **error);

/* The same for INT64 and INT32: a number or a vector of at most @max. (transfer full) (element-type
 * gint64) */
GArray *cpac_onnx_tensor_read_ints (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                                    const char *name, guint max, GError **error);

/* Whether it is of INT64 or INT32. */
gboolean cpac_onnx_tensor_is_int (const Onnx__TensorProto *tensor);

/* @size bytes of external data, as @tensor says where. (transfer full) */
guint8 *cpac_onnx_external_read (const CpacOnnxSource *source, const Onnx__TensorProto *tensor,
                                 const char *name, gsize size, GError **error);

G_END_DECLS
