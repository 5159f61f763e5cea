/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/onnx/builder.h"

#include <stdarg.h>
#include <string.h>

/* ---- Memory ---- */

static void *
allocate (void *data, size_t size)
{
  return g_malloc (size);
}

static void
release (void *data, void *memory)
{
  g_free (memory);
}

static ProtobufCAllocator allocator = { allocate, release, NULL };

void
cpac_onnx_model_free (Onnx__ModelProto *model)
{
  onnx__model_proto__free_unpacked (model, &allocator);
}

void
cpac_onnx_graph_free (Onnx__GraphProto *graph)
{
  onnx__graph_proto__free_unpacked (graph, &allocator);
}

/* Puts @item behind the @n of the repeated field @array. */
static void
append (gpointer array, size_t *n, gpointer item)
{
  gpointer *items = *(gpointer **) array;

  items = g_renew (gpointer, items, *n + 1);
  items[(*n)++] = item;
  *(gpointer **) array = items;
}

/* An empty message of that kind. */
static gpointer
new_message (const ProtobufCMessageDescriptor *descriptor)
{
  gpointer message = g_malloc (descriptor->sizeof_message);

  protobuf_c_message_init (descriptor, message);
  return message;
}

Onnx__ModelProto *
cpac_onnx_model_new (void)
{
  return new_message (&onnx__model_proto__descriptor);
}

Onnx__GraphProto *
cpac_onnx_graph_new (void)
{
  return new_message (&onnx__graph_proto__descriptor);
}

/* ---- The model ---- */

void
cpac_onnx_model_add_property (Onnx__ModelProto *model, const char *key, const char *value)
{
  Onnx__StringStringEntryProto *entry = new_message (&onnx__string_string_entry_proto__descriptor);

  entry->key = g_strdup (key);
  entry->value = g_strdup (value);
  append (&model->metadata_props, &model->n_metadata_props, entry);
}

void
cpac_onnx_model_add_opset (Onnx__ModelProto *model, const char *domain, gint64 version)
{
  Onnx__OperatorSetIdProto *opset = new_message (&onnx__operator_set_id_proto__descriptor);

  opset->domain = g_strdup (domain);
  opset->has_version = TRUE;
  opset->version = version;
  append (&model->opset_import, &model->n_opset_import, opset);
}

/* ---- What goes in and out ---- */

static Onnx__ValueInfoProto *
new_value_info (const char *name, guint n_dims, const gint64 *dims)
{
  Onnx__ValueInfoProto *info = new_message (&onnx__value_info_proto__descriptor);
  Onnx__TypeProto__Tensor *type = new_message (&onnx__type_proto__tensor__descriptor);

  info->name = g_strdup (name);
  info->type = new_message (&onnx__type_proto__descriptor);
  info->type->tensor_type = type;
  type->has_elem_type = TRUE;
  type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  type->shape = new_message (&onnx__tensor_shape_proto__descriptor);
  for (guint i = 0; i < n_dims; i++) {
    Onnx__TensorShapeProto__Dimension *dim =
        new_message (&onnx__tensor_shape_proto__dimension__descriptor);

    dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    dim->dim_value = dims[i];
    append (&type->shape->dim, &type->shape->n_dim, dim);
  }
  return info;
}

void
cpac_onnx_graph_add_input (Onnx__GraphProto *graph, const char *name, guint n_dims,
                           const gint64 *dims)
{
  append (&graph->input, &graph->n_input, new_value_info (name, n_dims, dims));
}

void
cpac_onnx_graph_add_output (Onnx__GraphProto *graph, const char *name, guint n_dims,
                            const gint64 *dims)
{
  append (&graph->output, &graph->n_output, new_value_info (name, n_dims, dims));
}

/* ---- Tensors ---- */

/* Words of @size bytes in the order of bytes that the format has. */
static void
to_little_endian (guint8 *bytes, gsize n, gsize size)
{
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return;
  for (gsize i = 0; i < n; i++)
    for (gsize k = 0; k < size / 2; k++) {
      guint8 *word = bytes + i * size, byte = word[k];

      word[k] = word[size - 1 - k];
      word[size - 1 - k] = byte;
    }
}

/* @values: as many of @size bytes as @dims say. */
static Onnx__TensorProto *
new_tensor (int type, gsize size, guint n_dims, const gint64 *dims, gconstpointer values)
{
  Onnx__TensorProto *tensor = new_message (&onnx__tensor_proto__descriptor);
  gsize n = 1;

  for (guint i = 0; i < n_dims; i++)
    n *= (gsize) dims[i];
  tensor->n_dims = n_dims;
  tensor->dims = g_memdup2 (dims, n_dims * sizeof *dims);
  tensor->has_data_type = TRUE;
  tensor->data_type = type;
  tensor->has_raw_data = TRUE;
  tensor->raw_data.len = n * size;
  tensor->raw_data.data = g_memdup2 (values, n * size);
  to_little_endian (tensor->raw_data.data, n, size);
  return tensor;
}

void
cpac_onnx_graph_add_initializer (Onnx__GraphProto *graph, const char *name, guint n_dims,
                                 const gint64 *dims, const float *values)
{
  Onnx__TensorProto *tensor =
      new_tensor (ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, sizeof *values, n_dims, dims, values);

  tensor->name = g_strdup (name);
  append (&graph->initializer, &graph->n_initializer, tensor);
}

/* ---- Nodes ---- */

Onnx__NodeProto *
cpac_onnx_graph_add_node_v (Onnx__GraphProto *graph, const char *op, const char *output,
                            const char *const *inputs)
{
  Onnx__NodeProto *node = new_message (&onnx__node_proto__descriptor);

  node->op_type = g_strdup (op);
  node->name = g_strdup (output);
  for (; *inputs != NULL; inputs++)
    append (&node->input, &node->n_input, g_strdup (*inputs));
  cpac_onnx_node_add_output (node, output);
  append (&graph->node, &graph->n_node, node);
  return node;
}

Onnx__NodeProto *
cpac_onnx_graph_add_node (Onnx__GraphProto *graph, const char *op, const char *output, ...)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();
  va_list arguments;
  const char *name;

  va_start (arguments, output);
  do {
    name = va_arg (arguments, const char *);
    g_ptr_array_add (inputs, (gpointer) name);
  } while (name != NULL);
  va_end (arguments);
  return cpac_onnx_graph_add_node_v (graph, op, output, (const char *const *) inputs->pdata);
}

Onnx__NodeProto *
cpac_onnx_graph_add_copy (Onnx__GraphProto *graph, const Onnx__NodeProto *node)
{
  gsize size = onnx__node_proto__get_packed_size (node);
  g_autofree guint8 *bytes = g_malloc (size);
  Onnx__NodeProto *copy;

  onnx__node_proto__pack (node, bytes);
  copy = onnx__node_proto__unpack (&allocator, size, bytes);
  append (&graph->node, &graph->n_node, copy);
  return copy;
}

void
cpac_onnx_node_add_output (Onnx__NodeProto *node, const char *output)
{
  append (&node->output, &node->n_output, g_strdup (output));
}

static Onnx__AttributeProto *
add_attribute (Onnx__NodeProto *node, const char *name, Onnx__AttributeProto__AttributeType type)
{
  Onnx__AttributeProto *attribute = new_message (&onnx__attribute_proto__descriptor);

  attribute->name = g_strdup (name);
  attribute->has_type = TRUE;
  attribute->type = type;
  append (&node->attribute, &node->n_attribute, attribute);
  return attribute;
}

void
cpac_onnx_node_set_int (Onnx__NodeProto *node, const char *name, gint64 value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

  attribute->has_i = TRUE;
  attribute->i = value;
}

void
cpac_onnx_node_set_ints (Onnx__NodeProto *node, const char *name, guint n, const gint64 *values)
{
  Onnx__AttributeProto *attribute =
      add_attribute (node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

  attribute->n_ints = n;
  attribute->ints = g_memdup2 (values, n * sizeof *values);
}

void
cpac_onnx_node_set_text (Onnx__NodeProto *node, const char *name, const char *value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);

  attribute->has_s = TRUE;
  attribute->s.len = strlen (value);
  attribute->s.data = (guint8 *) g_strdup (value);
}

static void
add_constant (Onnx__GraphProto *graph, const char *output, Onnx__TensorProto *tensor)
{
  Onnx__NodeProto *node = cpac_onnx_graph_add_node (graph, "Constant", output, NULL);

  add_attribute (node, "value", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR)->t = tensor;
}

void
cpac_onnx_graph_add_ints (Onnx__GraphProto *graph, const char *output, guint n,
                          const gint64 *values)
{
  const gint64 dims[] = { n };

  add_constant (graph, output,
                new_tensor (ONNX__TENSOR_PROTO__DATA_TYPE__INT64, sizeof *values, 1, dims, values));
}

void
cpac_onnx_graph_add_doubles (Onnx__GraphProto *graph, const char *output, guint n_dims,
                             const gint64 *dims, const double *values)
{
  add_constant (
      graph, output,
      new_tensor (ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, sizeof *values, n_dims, dims, values));
}
