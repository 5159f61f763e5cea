/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/onnx/onnx.pb-c.h"
#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/* Makes the messages of an ONNX graph. Everything in them is allocated by GLib and belongs to the
 * message it was added to; free the outermost with cpac_onnx_model_free() or
 * cpac_onnx_graph_free(). */

void cpac_onnx_model_free (Onnx__ModelProto *model);
void cpac_onnx_graph_free (Onnx__GraphProto *graph);
/* Empty. (transfer full) */
Onnx__ModelProto *cpac_onnx_model_new (void);
Onnx__GraphProto *cpac_onnx_graph_new (void);

void cpac_onnx_model_add_property (Onnx__ModelProto *model, const char *key, const char *value);
void cpac_onnx_model_add_opset (Onnx__ModelProto *model, const char *domain, gint64 version);

/* A float tensor that goes in or out, of shape @dims (n_dims). */
void cpac_onnx_graph_add_input (Onnx__GraphProto *graph, const char *name, guint n_dims,
                                const gint64 *dims);
void cpac_onnx_graph_add_output (Onnx__GraphProto *graph, const char *name, guint n_dims,
                                 const gint64 *dims);
/* @name = @values (product of @dims) as float. */
void cpac_onnx_graph_add_initializer (Onnx__GraphProto *graph, const char *name, guint n_dims,
                                      const gint64 *dims, const float *values);

/* @output = @op (inputs), the arguments behind it being the inputs' names, NULL at the end; ""
 * leaves one out. (transfer none) */
Onnx__NodeProto *cpac_onnx_graph_add_node (Onnx__GraphProto *graph, const char *op,
                                           const char *output, ...) G_GNUC_NULL_TERMINATED;
/* The same with the inputs in an array that ends with NULL. */
Onnx__NodeProto *cpac_onnx_graph_add_node_v (Onnx__GraphProto *graph, const char *op,
                                             const char *output, const char *const *inputs);
/* A node as @node. (transfer none) */
Onnx__NodeProto *cpac_onnx_graph_add_copy (Onnx__GraphProto *graph, const Onnx__NodeProto *node);
void cpac_onnx_node_add_output (Onnx__NodeProto *node, const char *output);
void cpac_onnx_node_set_int (Onnx__NodeProto *node, const char *name, gint64 value);
void
cpac_onnx_node_set_ints (Onnx__NodeProto *node, const char *name, guint n, const gint64 *values);
void cpac_onnx_node_set_text (Onnx__NodeProto *node, const char *name, const char *value);

/* @output = a constant: a vector of integers, or of doubles of shape @dims (n_dims; 0: a number).
 */
void cpac_onnx_graph_add_ints (Onnx__GraphProto *graph, const char *output, guint n,
                               const gint64 *values);
void cpac_onnx_graph_add_doubles (Onnx__GraphProto *graph, const char *output, guint n_dims,
                                  const gint64 *dims, const double *values);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Onnx__ModelProto, cpac_onnx_model_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Onnx__GraphProto, cpac_onnx_graph_free)

G_END_DECLS
