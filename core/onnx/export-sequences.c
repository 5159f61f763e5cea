/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Layers that no single operator computes. At most one argument of a call may add a node: the order
 * of nodes is that of the calls, whatever the compiler. */

#include "core/layers/options.h"
#include "core/model/config-edit.h"
#include "core/onnx/export-private.h"

#include <math.h>

/* Nodes that are written one behind the other: values of steps are "NAME/STEP". */
typedef struct {
  Onnx__GraphProto *graph;
  const char *name;
  GPtrArray *names; /* of values, kept until the end */
} Sequence;

static const char *
name_step (Sequence *sequence, const char *step)
{
  char *name = g_strconcat (sequence->name, "/", step, NULL);

  g_ptr_array_add (sequence->names, name);
  return name;
}

/* @step = @op (@x, @y), @y nullable. Returns the value's name. */
static const char *
add (Sequence *sequence, const char *step, const char *op, const char *x, const char *y)
{
  const char *name = name_step (sequence, step);

  cpac_onnx_graph_add_node (sequence->graph, op, name, x, y, NULL);
  return name;
}

static const char *
add_number (Sequence *sequence, const char *step, double value)
{
  const char *name = name_step (sequence, step);

  cpac_onnx_graph_add_doubles (sequence->graph, name, 0, NULL, &value);
  return name;
}

static void
add_cast (Sequence *sequence, const char *output, const char *x, int type)
{
  Onnx__NodeProto *node = cpac_onnx_graph_add_node (sequence->graph, "Cast", output, x, NULL);

  cpac_onnx_node_set_int (node, "to", type);
}

/* Begins with @input in double, the layer told on that node: @mark is its map in flow style. */
static const char *
begin (Sequence *sequence, Onnx__GraphProto *graph, const char *name, const char *input,
       const char *mark)
{
  const char *x;

  *sequence = (Sequence){ graph, name, g_ptr_array_new_with_free_func (g_free) };
  x = name_step (sequence, "x");
  add_cast (sequence, x, input, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE);
  graph->node[graph->n_node - 1]->doc_string = g_strconcat (CPAC_ONNX_LAYER_MARK, mark, NULL);
  return x;
}

static void
end (Sequence *sequence, const char *y)
{
  add_cast (sequence, sequence->name, y, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT);
  g_ptr_array_unref (sequence->names);
}

static void
append_number (GString *map, const char *key, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (map, ", %s: %s", key, cpac_config_format_double (value, buffer));
}

/* ---- standardize: (x - mean x) spread / max (sd x, floor) + mean, clipped ---- */

static char *
describe_standardize (const CpacStandardizeLayer *options)
{
  GString *map = g_string_new ("{type: standardize");
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  append_number (map, "mean", options->mean);
  append_number (map, "spread", options->spread);
  append_number (map, "floor", options->floor);
  if (isfinite (options->min))
    g_string_append_printf (map, ", clip: [%s, %s]", cpac_config_format_double (options->min, low),
                            cpac_config_format_double (options->max, high));
  g_string_append_c (map, '}');
  return g_string_free (map, FALSE);
}

static const char *
add_mean_of_all (Sequence *sequence, const char *step, const char *x)
{
  const char *name = add (sequence, step, "ReduceMean", x, NULL);
  Onnx__NodeProto *node = sequence->graph->node[sequence->graph->n_node - 1];

  cpac_onnx_node_set_ints (node, "axes", 3, (gint64[]){ 1, 2, 3 });
  cpac_onnx_node_set_int (node, "keepdims", 1);
  return name;
}

static const char *
add_clip (Sequence *sequence, const char *y, double min, double max)
{
  const char *low = add_number (sequence, "min", min), *high = add_number (sequence, "max", max);
  const char *name = name_step (sequence, "clipped");

  cpac_onnx_graph_add_node (sequence->graph, "Clip", name, y, low, high, NULL);
  return name;
}

void
cpac_onnx_write_standardize (Onnx__GraphProto *graph, const CpacLayer *layer, const char *name,
                             const char *input)
{
  const CpacStandardizeLayer *options = (const CpacStandardizeLayer *) layer;
  g_autofree char *mark = describe_standardize (options);
  Sequence s;
  const char *x = begin (&s, graph, name, input, mark);
  const char *deviation = add (&s, "deviation", "Sub", x, add_mean_of_all (&s, "mean-of-x", x));
  const char *square = add (&s, "square", "Mul", deviation, deviation);
  const char *sd = add (&s, "sd", "Sqrt", add_mean_of_all (&s, "variance", square), NULL);
  const char *divisor = add (&s, "divisor", "Max", sd, add_number (&s, "floor", options->floor));
  const char *spread = add_number (&s, "spread", options->spread);
  const char *scaled =
      add (&s, "scaled", "Mul", deviation, add (&s, "gain", "Div", spread, divisor));
  const char *y = add (&s, "moved", "Add", scaled, add_number (&s, "mean", options->mean));

  end (&s, isfinite (options->min) ? add_clip (&s, y, options->min, options->max) : y);
}

/* ---- local-contrast: (x - m) / sqrt (v + epsilon) ---- */

/* @x from @first on, as many as @n, along @axis. */
static const char *
add_slice (Sequence *sequence, const char *step, const char *x, guint axis, gint64 first, gint64 n)
{
  const char *name = name_step (sequence, step);
  g_autofree char *from = g_strconcat (name, "-from", NULL), *to = g_strconcat (name, "-to", NULL);
  g_autofree char *axes = g_strconcat (name, "-axis", NULL);

  cpac_onnx_graph_add_ints (sequence->graph, from, 1, &first);
  cpac_onnx_graph_add_ints (sequence->graph, to, 1, (gint64[]){ first + n });
  cpac_onnx_graph_add_ints (sequence->graph, axes, 1, (gint64[]){ axis });
  cpac_onnx_graph_add_node (sequence->graph, "Slice", name, x, from, to, axes, NULL);
  return name;
}

/* Sums over @window values along @axis as the differences of sums from the beginning: of @n +
 * @window values, the first of which does not count, @n sums. */
static const char *
add_window_sums (Sequence *sequence, const char *const steps[5], const char *x, guint axis, guint n,
                 guint window)
{
  const char *along = name_step (sequence, steps[0]), *sums, *upper, *lower;

  cpac_onnx_graph_add_ints (sequence->graph, along, 1, (gint64[]){ axis });
  sums = add (sequence, steps[1], "CumSum", x, along);
  upper = add_slice (sequence, steps[2], sums, axis, window, n);
  lower = add_slice (sequence, steps[3], sums, axis, 0, n);
  return add (sequence, steps[4], "Sub", upper, lower);
}

/* How many of the @window values about each of @n lie among them, along @axis of four. */
static const char *
add_counts (Sequence *sequence, const char *step, guint axis, guint n, guint window)
{
  g_autofree double *counts = g_new (double, n);
  const char *name = name_step (sequence, step);
  gint64 dims[4] = { 1, 1, 1, 1 };
  guint half = window / 2;

  dims[axis] = n;
  for (guint i = 0; i < n; i++)
    counts[i] = MIN (i + half + 1, n) - (i > half ? i - half : 0);
  cpac_onnx_graph_add_doubles (sequence->graph, name, 4, dims, counts);
  return name;
}

/* The mean of @x, whose planes are height x width, over the window about each pixel. */
static const char *
add_window_means (Sequence *s, const char *x, guint height, guint width, guint window)
{
  static const char *const down[] = { "axis-down", "sums-down", "lower", "upper", "columns" };
  static const char *const across[] = { "axis-across", "sums-across", "right", "left", "windows" };
  gint64 half = window / 2;
  const char *pads = name_step (s, "pads"), *sums;

  cpac_onnx_graph_add_ints (s->graph, pads, 8,
                            (gint64[]){ 0, 0, half + 1, half + 1, 0, 0, half, half });
  sums = add (s, "padded", "Pad", x, pads);
  sums = add_window_sums (s, down, sums, 2, height, window);
  sums = add_window_sums (s, across, sums, 3, width, window);
  sums = add (s, "by-rows", "Div", sums, add_counts (s, "rows", 2, height, window));
  return add (s, "means", "Div", sums, add_counts (s, "counts", 3, width, window));
}

void
cpac_onnx_write_local_contrast (Onnx__GraphProto *graph, const CpacLayer *layer, const char *name,
                                const char *input)
{
  const CpacLocalContrastLayer *options = (const CpacLocalContrastLayer *) layer;
  guint channels = layer->in[0].channels;
  g_autoptr (GString) mark = g_string_new ("{type: local-contrast");
  Sequence s;
  const char *x, *both, *means, *m, *mean_square, *variance, *sd;

  g_string_append_printf (mark, ", window: %u", options->window);
  append_number (mark, "epsilon", options->epsilon);
  g_string_append_c (mark, '}');
  x = begin (&s, graph, name, input, mark->str);
  both = add (&s, "both", "Concat", x, add (&s, "square", "Mul", x, x));
  cpac_onnx_node_set_int (graph->node[graph->n_node - 1], "axis", 1);
  means = add_window_means (&s, both, layer->in[0].height, layer->in[0].width, options->window);
  m = add_slice (&s, "mean", means, 1, 0, channels);
  mean_square = add_slice (&s, "mean-square", means, 1, channels, channels);
  variance = add (&s, "variance", "Sub", mean_square, add (&s, "square-mean", "Mul", m, m));
  variance = add (&s, "positive", "Max", variance, add_number (&s, "zero", 0));
  sd = add (&s, "above-zero", "Add", variance, add_number (&s, "epsilon", options->epsilon));
  sd = add (&s, "sd", "Sqrt", sd, NULL);
  end (&s, add (&s, "contrast", "Div", add (&s, "difference", "Sub", x, m), sd));
}
