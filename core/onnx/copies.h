/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"
#include "core/onnx/export.h"

G_BEGIN_DECLS

/* The one output of such a file; no layer's name has that sign. */
#define CPAC_ONNX_COPIES_OUTPUT "outputs#"

/**
 * cpac_onnx_export_copies:
 * @n_copies: at least 1
 *
 * The network of @model, with or without trained weights, @n_copies times side by side in one ONNX
 * file: what the second and every further one take in a runtime is the network's own time, without
 * that of a call. Copies share the constants. Each has an input of its own, "input" and then
 * "input#1", "input#2" ..., or a runtime would find them to be the same and compute them once. The
 * output holds theirs one behind the other: (n_copies, C, H, W) or (n_copies, N). No metadata.
 * Errors: CPAC_ERROR_SHAPE for more than the 2 GiB such a file can hold. (transfer full)
 */
GBytes *
cpac_onnx_export_copies (const CpacModel *model, CpacOnnxForm form, guint n_copies, GError **error);

G_END_DECLS
