/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Explanations of a list, label by label, and how they are printed. */

#include <math.h>
#include <stdio.h>

#include "pipelines/explain-set.h"
#include "pipelines/tool.h"

/* ---- Means ---- */

static void
label_clear (gpointer data)
{
  ExplainedLabel *label = data;

  g_free (label->shares);
  g_free (label->order);
}

static ExplainedLabel *
find_label (GArray *labels, const char *name, guint rank)
{
  for (guint i = 0; i < labels->len; i++)
    if (g_str_equal (g_array_index (labels, ExplainedLabel, i).label, name))
      return &g_array_index (labels, ExplainedLabel, i);
  g_array_append_vals (labels,
                       &(ExplainedLabel){ .label = name,
                                          .shares = g_new0 (double, rank),
                                          .order = g_new (guint, rank) },
                       1);
  return &g_array_index (labels, ExplainedLabel, labels->len - 1);
}

static double
sum_magnitudes (const ExplainedPicture *picture, guint rank)
{
  double sum = 0;

  for (guint r = 0; r < rank; r++)
    sum += fabs (picture->contributions[r]);
  return sum;
}

static void
add_picture (ExplainedLabel *label, const ExplainedPicture *picture, guint rank)
{
  double sum = sum_magnitudes (picture, rank);

  label->n++;
  for (guint r = 0; sum > 0 && r < rank; r++)
    label->shares[r] += picture->contributions[r] / sum;
  if (!picture->has_mask)
    return;
  label->n_masks++;
  label->area += picture->area;
  label->mass_inside += isnan (picture->own.mass_inside) ? 0 : picture->own.mass_inside;
  label->baseline_mass_inside +=
      isnan (picture->baseline.mass_inside) ? 0 : picture->baseline.mass_inside;
  label->n_hits += picture->own.hit;
  label->n_baseline_hits += picture->baseline.hit;
}

static int
compare_shares (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const double *shares = user_data;
  guint x = *(const guint *) a, y = *(const guint *) b;

  if (fabs (shares[x]) != fabs (shares[y]))
    return fabs (shares[x]) > fabs (shares[y]) ? -1 : 1;
  return x < y ? -1 : 1;
}

static void
finish_label (ExplainedLabel *label, guint rank)
{
  label->area /= label->n_masks;
  label->mass_inside /= label->n_masks;
  label->baseline_mass_inside /= label->n_masks;
  for (guint r = 0; r < rank; r++) {
    label->shares[r] /= label->n;
    label->order[r] = r;
  }
  g_qsort_with_data (label->order, (gint) rank, sizeof (guint), compare_shares, label->shares);
}

GArray *
explained_set_by_label (const ExplainedSet *set)
{
  GArray *labels = g_array_new (FALSE, TRUE, sizeof (ExplainedLabel));

  g_array_set_clear_func (labels, label_clear);
  for (guint i = 0; i < set->scores->len; i++) {
    const ScoredPicture *score = &g_array_index (set->scores, ScoredPicture, i);

    add_picture (find_label (labels, score->sample->label, set->rank),
                 &g_array_index (set->pictures, ExplainedPicture, i), set->rank);
  }
  for (guint i = 0; i < labels->len; i++)
    finish_label (&g_array_index (labels, ExplainedLabel, i), set->rank);
  return labels;
}

static double
largest_error (const ExplainedSet *set)
{
  double largest = 0;

  for (guint i = 0; i < set->scores->len; i++)
    largest = MAX (largest, g_array_index (set->pictures, ExplainedPicture, i).identity_error);
  return largest;
}

/* ---- JSON ---- */

static void
add_boolean (JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_boolean_value (builder, value);
}

static void
add_label (JsonBuilder *builder, const ExplainedLabel *label, const ExplainedSet *set,
           gboolean baseline, guint n_components)
{
  json_builder_begin_object (builder);
  tool_json_text (builder, "label", label->label);
  tool_json_int (builder, "n", label->n);
  tool_json_int (builder, "n_masks", label->n_masks);
  tool_json_double (builder, "mask_area", label->area);
  tool_json_double (builder, "mass_inside", label->mass_inside);
  tool_json_double (builder, "hit_rate", (double) label->n_hits / label->n_masks);
  if (baseline) {
    tool_json_double (builder, "baseline_mass_inside", label->baseline_mass_inside);
    tool_json_double (builder, "baseline_hit_rate",
                      (double) label->n_baseline_hits / label->n_masks);
  }
  json_builder_set_member_name (builder, "components");
  json_builder_begin_array (builder);
  for (guint i = 0; i < MIN (n_components, set->rank); i++) {
    json_builder_begin_object (builder);
    tool_json_int (builder, "index", label->order[i]);
    tool_json_double (builder, "significance", set->significance[label->order[i]]);
    tool_json_double (builder, "share", label->shares[label->order[i]]);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_contributions (JsonBuilder *builder, const ExplainedPicture *picture, guint rank,
                   guint n_components)
{
  g_autofree guint *order = g_new (guint, rank);
  double sum = sum_magnitudes (picture, rank);

  for (guint r = 0; r < rank; r++)
    order[r] = r;
  g_qsort_with_data (order, (gint) rank, sizeof (guint), compare_shares, picture->contributions);
  json_builder_set_member_name (builder, "components");
  json_builder_begin_array (builder);
  for (guint i = 0; i < MIN (n_components, rank); i++) {
    double contribution = picture->contributions[order[i]];

    json_builder_begin_object (builder);
    tool_json_int (builder, "index", order[i]);
    tool_json_double (builder, "contribution", contribution);
    tool_json_double (builder, "share", sum > 0 ? contribution / sum : 0);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_localisation (JsonBuilder *builder, const ExplainedPicture *picture, gboolean baseline)
{
  if (!picture->has_mask)
    return;
  tool_json_double (builder, "mask_area", picture->area);
  tool_json_double (builder, "mass_inside", picture->own.mass_inside);
  add_boolean (builder, "hit", picture->own.hit);
  if (!baseline)
    return;
  tool_json_double (builder, "baseline_mass_inside", picture->baseline.mass_inside);
  add_boolean (builder, "baseline_hit", picture->baseline.hit);
}

static void
add_explained (JsonBuilder *builder, const ScoredPicture *score, const ExplainedPicture *picture,
               guint rank, gboolean baseline, guint n_components)
{
  json_builder_begin_object (builder);
  tool_json_text (builder, "name", score->sample->name);
  tool_json_text (builder, "label", score->sample->label);
  tool_json_text (builder, "split", score->sample->split);
  tool_json_text (builder, "group", score->sample->group);
  tool_json_double (builder, "score", score->score);
  tool_json_text (builder, "verdict", cpac_verdict_to_string (score->verdict));
  tool_json_double (builder, "explained", picture->explained);
  tool_json_text (builder, "explained_quantity", cpac_quantity_to_string (picture->quantity));
  if (picture->class_name != NULL) {
    tool_json_text (builder, "explained_class", picture->class_name);
    tool_json_text (builder, "rival_class", picture->rival);
  }
  tool_json_double (builder, "bias_part", picture->bias_part);
  tool_json_double (builder, "identity_error", picture->identity_error);
  add_localisation (builder, picture, baseline);
  add_contributions (builder, picture, rank, n_components);
  json_builder_end_object (builder);
}

void
explained_set_print_json (const ExplainedSet *set, const CpacModel *model,
                          const ExplainOptions *options, guint n_components)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GArray) labels = explained_set_by_label (set);

  json_builder_begin_object (builder);
  tool_json_text (builder, "name", cpac_model_get_name (model));
  tool_json_text (builder, "layer", set->layer);
  tool_json_int (builder, "n_components", set->rank);
  tool_json_int (builder, "n", set->scores->len);
  tool_json_double (builder, "identity_error", largest_error (set));
  tool_json_int (builder, "mask_grown_by", options->grow);
  json_builder_set_member_name (builder, "labels");
  json_builder_begin_array (builder);
  for (guint i = 0; i < labels->len; i++)
    add_label (builder, &g_array_index (labels, ExplainedLabel, i), set, options->baseline,
               n_components);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "pictures");
  json_builder_begin_array (builder);
  for (guint i = 0; i < set->scores->len; i++)
    add_explained (builder, &g_array_index (set->scores, ScoredPicture, i),
                   &g_array_index (set->pictures, ExplainedPicture, i), set->rank,
                   options->baseline, n_components);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  tool_print_json (builder);
}

/* ---- Text ---- */

static void
print_shares (double mass_inside, guint n_hits, guint n_masks)
{
  if (n_masks == 0)
    printf (" %8s %8s", "-", "-");
  else
    printf (" %7.1f%% %7.1f%%", 100 * mass_inside, 100.0 * n_hits / n_masks);
}

static void
print_label (const ExplainedLabel *label, const ExplainedSet *set, gboolean baseline,
             guint n_components)
{
  printf ("%-16s %6u %6u", *label->label != '\0' ? label->label : "-", label->n, label->n_masks);
  if (label->n_masks == 0)
    printf (" %8s", "-");
  else
    printf (" %7.1f%%", 100 * label->area);
  print_shares (label->mass_inside, label->n_hits, label->n_masks);
  if (baseline)
    print_shares (label->baseline_mass_inside, label->n_baseline_hits, label->n_masks);
  printf ("  ");
  for (guint i = 0; i < MIN (n_components, set->rank); i++)
    printf (" %u:%+.1f%%", label->order[i], 100 * label->shares[label->order[i]]);
  putchar ('\n');
}

void
explained_set_print_text (const ExplainedSet *set, const CpacModel *model,
                          const ExplainOptions *options, guint n_components)
{
  g_autoptr (GArray) labels = explained_set_by_label (set);

  printf ("%s: %u pictures explained at layer %s, %u components; largest identity error %.2g\n\n",
          cpac_model_get_name (model), set->scores->len, set->layer, set->rank,
          largest_error (set));
  printf ("%-16s %6s %6s %8s %8s %8s", "label", "n", "masks", "area", "inside", "hits");
  if (options->baseline)
    printf (" %8s %8s", "gradient", "hits");
  printf ("   strongest components, mean share\n");
  for (guint i = 0; i < labels->len; i++)
    print_label (&g_array_index (labels, ExplainedLabel, i), set, options->baseline, n_components);
  printf ("\narea: of the masks, grown by %u pixels of the network's input; inside: the share of "
          "what raises the score\nthat lies there; hits: pictures whose largest cell does.\n",
          options->grow);
}
