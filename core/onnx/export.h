/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/* What a cpac-conv becomes: its four stages; with the two rows of taps multiplied out to one kernel
 * for each component, three; or one plain convolution. */
typedef enum {
  CPAC_ONNX_FACTORED,
  CPAC_ONNX_MERGED,
  CPAC_ONNX_DENSE,
} CpacOnnxForm;

/**
 * cpac_onnx_export:
 * @root: the configuration that @model was loaded from, and @text its text
 * @dense: each cpac-conv becomes one convolution instead of four
 *
 * The model as an ONNX file (operator set 13), the same bytes for the same model. Input `input`,
 * float32 (1, C, H, W), already normalised; output the last layer under its name, raw: no softmax.
 * A value has the name of its layer, a constant that of its tensor with a slash ("conv1/bias"). The
 * metadata holds what a runtime cannot know: `cpac-model` (1), `cpac-name`, `cpac-input` and
 * `cpac-score` (those sections of the YAML in flow style), `cpac-weights-sha256` and
 * `cpac-config-sha256`. Errors: CPAC_ERROR_SHAPE for more than the 2 GiB such a file can hold.
 * (transfer full)
 */
GBytes *cpac_onnx_export (const CpacModel *model, const CpacConfig *root, const char *text,
                          gboolean dense, GError **error);

G_END_DECLS
