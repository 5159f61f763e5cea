/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"
#include "core/onnx/builder.h"
#include "core/onnx/export.h"

G_BEGIN_DECLS

/* Of the nodes that are written; every operator below has been as it is used here since then. */
#define CPAC_ONNX_OPSET 13

/**
 * CpacOnnxExport:
 * @ranks: (n_layers): dimensions of each layer's value: 4, (1, C, H, W), or 2, (1, N)
 * @made: names of values that exist because a layer's value was wanted with another rank
 */
typedef struct {
  const CpacNetwork *network;
  const CpacParams *params;
  CpacOnnxForm form;
  Onnx__GraphProto *graph;
  guint *ranks;
  GHashTable *made;
} CpacOnnxExport;

/* An ONNX file that still has no graph. (transfer full) */
Onnx__ModelProto *cpac_onnx_export_new_file (void);
/* Input, nodes and output. (transfer full) */
Onnx__GraphProto *cpac_onnx_export_graph (const CpacModel *model, CpacOnnxForm form);

/* Appends the nodes of layer @index. */
void cpac_onnx_export_layer (CpacOnnxExport *export, guint index);

/*
 * Layers that take a sequence of nodes. The nodes compute in double, as the layers do. The first
 * one's doc_string tells the layer (CPAC_ONNX_LAYER_MARK and its map in flow style), so that an
 * importer can make the same sequence again and compare. @name is the last one's output.
 */
#define CPAC_ONNX_LAYER_MARK "cpac-layer: "
void cpac_onnx_write_standardize (Onnx__GraphProto *graph, const CpacLayer *layer, const char *name,
                                  const char *input);
void cpac_onnx_write_local_contrast (Onnx__GraphProto *graph, const CpacLayer *layer,
                                     const char *name, const char *input);

G_END_DECLS
