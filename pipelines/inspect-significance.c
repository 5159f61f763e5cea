/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pipelines/inspect-significance.h"

#include <math.h>
#include <string.h>

#include "core/plot.h"
#include "pipelines/tool.h"
#include "pipelines/training-pictures.h"

#define PER_LINE 12

static const char *const mode_names[] = { "filters", "rows", "columns", "inputs" };
G_STATIC_ASSERT (G_N_ELEMENTS (mode_names) == CPAC_N_MODES);

static guint
count_layers (const ModelSignificance *s)
{
  return cpac_network_get_n_layers (cpac_model_get_network (s->model));
}

static const char *
get_name (const ModelSignificance *s, guint index)
{
  return cpac_network_get_layer (cpac_model_get_network (s->model), index)->name;
}

/* ---- Bands: channels that nothing has learnt yet ---- */

/* Names of a layer's channels; NULL where it or one before it has parameters. */
static char **
name_channels (const CpacNetwork *network, guint index, char ***of_layers, char **of_frame)
{
  const CpacLayer *layer = cpac_network_get_layer (network, index);
  const gint *inputs = cpac_network_get_inputs (network, index);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (layer->n_params > 0)
    return NULL;
  for (guint k = 0; k < layer->n_inputs; k++) {
    char **from = inputs[k] == CPAC_NETWORK_INPUT ? of_frame : of_layers[inputs[k]];

    if (from == NULL)
      return NULL;
    for (guint c = 0; from[c] != NULL; c++)
      g_ptr_array_add (names, layer->n_inputs > 1 ? g_strdup (from[c])
                              : from[1] == NULL   ? g_strdup (layer->name)
                                                : g_strdup_printf ("%s %s", layer->name, from[c]));
  }
  if (names->len != layer->out.channels)
    return NULL;
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static void
find_bands (ModelSignificance *s)
{
  static const char *const gray[] = { "gray", NULL }, *const rgb[] = { "R", "G", "B", NULL };
  const CpacNetwork *network = cpac_model_get_network (s->model);
  guint n_layers = count_layers (s);
  char **frame = (char **) (cpac_network_get_input (network)->channels == 1 ? gray : rgb);
  g_autofree char ***names = g_new0 (char **, n_layers);

  for (guint i = 0; i < n_layers; i++) {
    gint source = s->layers[i] != NULL ? cpac_network_get_inputs (network, i)[0] : 0;

    names[i] = name_channels (network, i, names, frame);
    if (s->layers[i] != NULL)
      s->bands[i] = g_strdupv (source == CPAC_NETWORK_INPUT ? frame : names[source]);
  }
  for (guint i = 0; i < n_layers; i++)
    g_strfreev (names[i]);
}

/* ---- What there is ---- */

ModelSignificance *
model_significance_new (const CpacModel *model)
{
  ModelSignificance *s = g_new0 (ModelSignificance, 1);
  const CpacNetwork *network = cpac_model_get_network (model);
  const CpacParams *params = cpac_model_get_params (model);

  s->model = model;
  s->layers = g_new0 (CpacSignificance *, count_layers (s));
  s->bands = g_new0 (char **, count_layers (s));
  for (guint i = 0; i < count_layers (s); i++)
    s->layers[i] = cpac_significance_of_layer (cpac_network_get_layer (network, i),
                                               params->values + params->first[i]);
  find_bands (s);
  return s;
}

gboolean
model_significance_measure (ModelSignificance *s, const char *data, guint n_pictures,
                            guint n_threads, GError **error)
{
  TrainingPictures training = { 0 };
  CpacRecipe recipe;

  if (training_recipe_read (s->model, &recipe, NULL, error) &&
      training_pictures_open (&training, s->model, &recipe, data, n_pictures, n_threads, error))
    s->activity = training_pictures_measure (&training, s->model, FALSE, n_threads, error);
  training_pictures_clear (&training);
  return s->activity != NULL;
}

void
model_significance_free (ModelSignificance *s)
{
  if (s == NULL)
    return;
  for (guint i = 0; i < count_layers (s); i++) {
    cpac_significance_free (s->layers[i]);
    g_strfreev (s->bands[i]);
  }
  g_free (s->layers);
  g_free (s->bands);
  cpac_activity_free (s->activity);
  g_free (s);
}

static double
get_share (const double *values, guint n, guint index)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += values[i];
  return sum > 0 ? values[index] / sum : 0;
}

/* ---- As JSON ---- */

static void
add_numbers (JsonBuilder *builder, const char *key, const double *values, guint n)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    if (isfinite (values[i]))
      json_builder_add_double_value (builder, values[i]);
    else
      json_builder_add_null_value (builder);
  json_builder_end_array (builder);
}

void
model_significance_add_layer (const ModelSignificance *s, guint index, JsonBuilder *builder)
{
  const CpacSignificance *of = s->layers[index];
  const CpacLayerActivity *activity = s->activity != NULL ? &s->activity->layers[index] : NULL;

  if (of == NULL)
    return;
  json_builder_set_member_name (builder, "significance");
  json_builder_begin_object (builder);
  tool_json_double (builder, "norm", of->norm);
  if (of->rank > 0) {
    add_numbers (builder, "components", of->components, of->rank);
    add_numbers (builder, "leave_one_out", of->leave_one_out, of->rank);
  }
  for (guint m = 0; m < CPAC_N_MODES; m++)
    add_numbers (builder, mode_names[m], of->slices[m], of->dims[m]);
  if (activity != NULL && of->rank > 0)
    add_numbers (builder, "activation", activity->components, of->rank);
  if (activity != NULL && activity->taylor != NULL)
    add_numbers (builder, "taylor", activity->taylor, of->rank);
  if (activity != NULL)
    add_numbers (builder, "inputs_activation", activity->inputs, activity->n_inputs);
  json_builder_end_object (builder);
}

static void
add_band (const ModelSignificance *s, guint index, guint band, JsonBuilder *builder)
{
  const double *inputs = s->layers[index]->slices[CPAC_MODE_INPUTS];
  guint n = s->layers[index]->dims[CPAC_MODE_INPUTS];

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", s->bands[index][band]);
  tool_json_text (builder, "layer", get_name (s, index));
  tool_json_double (builder, "significance", inputs[band]);
  tool_json_double (builder, "share", get_share (inputs, n, band));
  if (s->activity != NULL) {
    const double *measured = s->activity->layers[index].inputs;

    tool_json_double (builder, "activation", measured[band]);
    tool_json_double (builder, "activation_share", get_share (measured, n, band));
  }
  json_builder_end_object (builder);
}

void
model_significance_add_bands (const ModelSignificance *s, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "bands");
  json_builder_begin_array (builder);
  for (guint i = 0; i < count_layers (s); i++)
    for (guint c = 0; s->bands[i] != NULL && s->bands[i][c] != NULL; c++)
      add_band (s, i, c, builder);
  json_builder_end_array (builder);
}

/* ---- For people ---- */

/* Shares in percent, by their numbers or, where they have them, names. */
static void
append_shares (GString *text, const char *what, const double *values, guint n, char **names)
{
  for (guint i = 0; i < n; i++) {
    if (i % PER_LINE == 0)
      g_string_append_printf (text, "%s  %-18s", i > 0 ? "\n" : "", i == 0 ? what : "");
    if (names != NULL)
      g_string_append_printf (text, "  %s %.1f %%", names[i], 100 * get_share (values, n, i));
    else
      g_string_append_printf (text, " %5.1f", 100 * get_share (values, n, i));
  }
  g_string_append_c (text, '\n');
}

typedef struct {
  guint index;
  double value;
} Place;

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;

  if (x->value != y->value)
    return x->value > y->value ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* (transfer full) */
static Place *
sort_components (const double *values, guint n)
{
  Place *places = g_new (Place, n);

  for (guint i = 0; i < n; i++)
    places[i] = (Place){ i, values[i] };
  g_qsort_with_data (places, (gint) n, sizeof (Place),
                     (GCompareDataFunc) (void (*) (void)) compare_places, NULL);
  return places;
}

static void
append_components (GString *text, const CpacSignificance *of, const CpacLayerActivity *activity)
{
  g_autofree Place *places = sort_components (of->components, of->rank);
  gboolean taylor = activity != NULL && activity->taylor != NULL;
  double total = 0;

  for (guint r = 0; r < of->rank; r++)
    total += of->components[r] * of->components[r];
  g_string_append_printf (text, "  component     lambda  energy %%  leave-one-out%s%s\n",
                          activity != NULL ? "  activation" : "", taylor ? "     taylor" : "");
  for (guint i = 0; i < of->rank; i++) {
    guint r = places[i].index;
    double share = total > 0 ? of->components[r] * of->components[r] / total : 0;

    g_string_append_printf (text, "  %9u %10.4g %9.1f %14.4g", r, of->components[r], 100 * share,
                            of->leave_one_out[r]);
    if (activity != NULL)
      g_string_append_printf (text, " %11.4g", activity->components[r]);
    if (taylor)
      g_string_append_printf (text, " %10.4g", activity->taylor[r]);
    g_string_append (text, of->leave_one_out[r] < 0 ? "  cancels others\n" : "\n");
  }
}

static void
append_layer (GString *text, const ModelSignificance *s, guint index)
{
  const CpacSignificance *of = s->layers[index];
  const CpacLayerActivity *activity = s->activity != NULL ? &s->activity->layers[index] : NULL;
  const guint *dims = of->dims;

  g_string_append_printf (text, "\n%s: kernel of %u filters, %u inputs, %ux%u taps; norm %.4g\n",
                          get_name (s, index), dims[CPAC_MODE_FILTERS], dims[CPAC_MODE_INPUTS],
                          dims[CPAC_MODE_ROWS], dims[CPAC_MODE_COLUMNS], of->norm);
  append_shares (text, "inputs, %", of->slices[CPAC_MODE_INPUTS], dims[CPAC_MODE_INPUTS],
                 s->bands[index]);
  if (activity != NULL)
    append_shares (text, "inputs with data, %", activity->inputs, activity->n_inputs,
                   s->bands[index]);
  append_shares (text, "filters, %", of->slices[CPAC_MODE_FILTERS], dims[CPAC_MODE_FILTERS], NULL);
  append_shares (text, "rows, %", of->slices[CPAC_MODE_ROWS], dims[CPAC_MODE_ROWS], NULL);
  append_shares (text, "columns, %", of->slices[CPAC_MODE_COLUMNS], dims[CPAC_MODE_COLUMNS], NULL);
  if (of->rank > 0)
    append_components (text, of, activity);
}

char *
model_significance_to_text (const ModelSignificance *s)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < count_layers (s); i++)
    if (s->layers[i] != NULL)
      append_layer (text, s, i);
  return g_string_free (text, FALSE);
}

/* ---- As bars ---- */

#define LEFT 20
#define TOP 70
#define ROW 140 /* a layer */
#define HEAD 36 /* of it, for words */
#define BARS 80 /* of it, the longest bar */
#define GAP 24  /* between panels */
#define COMPONENTS 400
#define CHANNELS 200 /* a panel of inputs or filters */
#define TAPS 60      /* a panel of rows or columns */
#define MAX_NAMES 4
#define WIDTH (2 * LEFT + COMPONENTS + 2 * CHANNELS + 2 * TAPS + 4 * GAP)

/* The bars of one set of values, each as a share of the largest; @begin to @end of a bar's place.
 */
static void
add_bars (GString *svg, double left, double width, double foot, const double *values, guint n,
          double begin, double end, const char *color)
{
  CpacPlotScale x = { 0, n, left, left + width, FALSE, FALSE };
  CpacPlotScale y = { 0, 0, foot, foot - BARS, FALSE, FALSE };

  for (guint i = 0; i < n; i++)
    y.high = MAX (y.high, values[i]);
  if (y.high > 0)
    cpac_plot_bars (svg, &x, &y, values, n, begin, end, color);
}

static void
add_panel (GString *svg, double left, double width, double top, const char *words,
           const double *values, const double *measured, guint n)
{
  double foot = top + HEAD + BARS;
  double share = measured != NULL ? 0.45 : 0.9;

  cpac_plot_text (svg, left, top + HEAD - 8, "start", CPAC_PLOT_INK, words);
  cpac_plot_segment (svg, left, foot, left + width, foot, CPAC_PLOT_GRAY, "none");
  add_bars (svg, left, width, foot, values, n, 0.05, 0.05 + share, CPAC_PLOT_BLUE);
  if (measured != NULL)
    add_bars (svg, left, width, foot, measured, n, 0.5, 0.95, CPAC_PLOT_VERMILLION);
}

/* The names of a few channels under their bars. */
static void
add_names (GString *svg, double left, double width, double y, char **names)
{
  guint n = names != NULL ? g_strv_length (names) : 0;

  for (guint c = 0; c < n && n <= MAX_NAMES; c++)
    cpac_plot_text (svg, left + width * (c + 0.5) / n, y, "middle", CPAC_PLOT_INK, names[c]);
}

static void
add_row (GString *svg, const ModelSignificance *s, guint index, double top)
{
  const CpacSignificance *of = s->layers[index];
  const CpacLayerActivity *activity = s->activity != NULL ? &s->activity->layers[index] : NULL;
  double left = LEFT;

  cpac_plot_text (svg, left, top + 12, "start", CPAC_PLOT_INK, get_name (s, index));
  if (of->rank > 0)
    add_panel (svg, left, COMPONENTS, top, "components", of->components,
               activity != NULL ? activity->components : NULL, of->rank);
  left += COMPONENTS + GAP;
  add_panel (svg, left, CHANNELS, top, "inputs", of->slices[CPAC_MODE_INPUTS],
             activity != NULL ? activity->inputs : NULL, of->dims[CPAC_MODE_INPUTS]);
  add_names (svg, left, CHANNELS, top + HEAD + BARS + 14, s->bands[index]);
  left += CHANNELS + GAP;
  add_panel (svg, left, CHANNELS, top, "filters", of->slices[CPAC_MODE_FILTERS], NULL,
             of->dims[CPAC_MODE_FILTERS]);
  left += CHANNELS + GAP;
  add_panel (svg, left, TAPS, top, "rows", of->slices[CPAC_MODE_ROWS], NULL,
             of->dims[CPAC_MODE_ROWS]);
  left += TAPS + GAP;
  add_panel (svg, left, TAPS, top, "columns", of->slices[CPAC_MODE_COLUMNS], NULL,
             of->dims[CPAC_MODE_COLUMNS]);
}

char *
model_significance_to_svg (const ModelSignificance *s)
{
  GString *svg;
  guint n = 0, row = 0;

  for (guint i = 0; i < count_layers (s); i++)
    n += s->layers[i] != NULL;
  svg = cpac_plot_begin (WIDTH, TOP + n * ROW + LEFT, cpac_model_get_name (s->model));
  cpac_plot_text (svg, LEFT, TOP - 22, "start", CPAC_PLOT_BLUE,
                  "weights: norm of each part, the largest of a panel full height");
  if (s->activity != NULL)
    cpac_plot_text (svg, LEFT + COMPONENTS + GAP, TOP - 22, "start", CPAC_PLOT_VERMILLION,
                    "with data: times the root mean square of what comes in");
  for (guint i = 0; i < count_layers (s); i++)
    if (s->layers[i] != NULL)
      add_row (svg, s, i, TOP + ROW * (double) row++);
  return cpac_plot_end (svg);
}
