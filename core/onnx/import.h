/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/frame/frame.h"
#include "core/network/params.h"

G_BEGIN_DECLS

/**
 * CpacOnnxOptions:
 * @width: of the input where the file leaves it open; 0: not given
 * @height: likewise
 * @n_mean: 0: not given; 1: for all channels; or one for each
 * @mean: in 8-bit units; without it what the file's metadata says, else 0
 * @n_scale: likewise
 * @scale: likewise, else 1: x = (u8 - mean) / scale
 */
typedef struct {
  guint width, height;
  guint n_mean, n_scale;
  double mean[3], scale[3];
} CpacOnnxOptions;

/**
 * CpacOnnxImported:
 * @text: the model's YAML, without weights
 * @network: built from it
 * @params: its parameters
 * @notes: (element-type utf8): what the user should know: what was assumed or left out
 */
typedef struct {
  char *text;
  CpacNetwork *network;
  CpacParams *params;
  GPtrArray *notes;
} CpacOnnxImported;

/**
 * cpac_onnx_import:
 *
 * A network as PyTorch and others export it (operator sets 9 to 21), as a model of this format:
 *
 *  - Conv without groups; a chain of 1x1, depthwise k x 1, depthwise 1 x k and 1x1 convolutions
 *    with no bias between them is one cpac-conv, and so is one with a depthwise k x k whose kernels
 *    are of rank one;
 *  - Gemm, and MatMul by a constant; Relu; MaxPool, AveragePool, GlobalAveragePool,
 *    GlobalMaxPool, ReduceMean over height and width; Flatten, and Reshape to a vector; Add, Sum,
 *    Concat of channels; Resize that enlarges bilinearly with half-pixel centres;
 *  - BatchNormalization, and Add, Sub, Mul, Div by constants for each channel: folded into the
 *    convolution or Gemm before them, or into the normalisation of the input, else a 1x1
 *    convolution;
 *  - Pad with zeros before a convolution; Constant, Identity, Dropout, Cast; arithmetic on shapes;
 *  - Softmax, LogSoftmax and Sigmoid at the end, which are left out: outputs are logits.
 *
 * A batch that is left open is 1. Only what the output needs is looked at. Anything else is refused
 * by name: file, node, operator, attribute, what was found and what was expected.
 *
 * Normalisation and score come from the metadata that cpac_onnx_export() writes, @options first;
 * a score that cannot come along (calibrated, or of a gaussian head) is left out with a note.
 *
 * @folder: where external data may lie; NULL: nowhere. @name stands for the file in errors:
 * CPAC_ERROR_PARSE, CPAC_ERROR_SCHEMA, CPAC_ERROR_SHAPE, CPAC_ERROR_NUMERIC, G_FILE_ERROR.
 * (transfer full)
 */
CpacOnnxImported *cpac_onnx_import (const char *name, const char *folder, const guint8 *data,
                                    gsize size, const CpacOnnxOptions *options, GError **error);

/* The same of the file at @path, its external data lying beside it. */
CpacOnnxImported *
cpac_onnx_import_file (const char *path, const CpacOnnxOptions *options, GError **error);

/* Takes NULL. */
void cpac_onnx_imported_free (CpacOnnxImported *imported);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacOnnxImported, cpac_onnx_imported_free)

G_END_DECLS
