/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/head.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/explain/ignore-mask.h"
#include "core/kernels/rows.h"

#define MAX_CLASSES 10000
#define DEFAULT_HALF_RANGE 8.0

static const char *const kind_names[] = {
  "none", "classifier", "map", "gaussian", "combined", NULL
};
static const char *const common_keys[] = { "head", "classes", "good", NULL };
static const char *const threshold_keys[] = { "head",           "classes",     "good", "threshold",
                                              "warn-threshold", "calibration", NULL };
static const char *const map_keys[] = { "range", "top", NULL };
static const char *const gaussian_keys[] = { "range", "top", "layers", "mode", "channels", NULL };
static const char *const combined_keys[] = { "range", "parts", NULL };

static gboolean
read_classes (CpacHead *head, const CpacConfig *map, GError **error)
{
  head->classes = cpac_config_has (map, "classes")
                      ? cpac_config_get_strings (map, "classes", MAX_CLASSES, error)
                      : g_new0 (char *, 1);
  if (head->classes == NULL)
    return FALSE;
  head->good = cpac_config_has (map, "good")
                   ? cpac_config_get_strings (map, "good", MAX_CLASSES, error)
                   : g_new0 (char *, 1);
  if (head->good == NULL)
    return FALSE;
  head->n_classes = g_strv_length (head->classes);
  head->is_good = g_new0 (gboolean, head->n_classes + 1);
  for (guint i = 0; head->good[i] != NULL; i++) {
    gint index = cpac_head_find_class (head, head->good[i]);

    if (index < 0 && head->n_classes > 0)
      return cpac_config_error (cpac_config_peek (map, "good"), CPAC_ERROR_SCHEMA, error,
                                "good class \"%s\" is not one of the classes", head->good[i]);
    if (index >= 0) {
      head->is_good[index] = TRUE;
      head->n_good++;
    }
  }
  return TRUE;
}

static gboolean
read_calibration (CpacHead *head, const CpacConfig *map, GError **error)
{
  const CpacConfig *node = cpac_config_peek (map, "calibration");

  if (node == NULL)
    return TRUE;
  head->calibration = cpac_calibration_read (node, error);
  return head->calibration != NULL;
}

static gboolean
read_thresholds (CpacHead *head, const CpacConfig *map, double min, double max, GError **error)
{
  if (!cpac_config_get_double (map, "threshold", min, max, &head->threshold, error))
    return FALSE;
  head->warn_threshold = head->threshold;
  head->has_warn = cpac_config_has (map, "warn-threshold");
  if (!cpac_config_get_double_default (map, "warn-threshold", min, max, &head->warn_threshold,
                                       error))
    return FALSE;
  if (head->warn_threshold > head->threshold)
    return cpac_config_error (cpac_config_peek (map, "warn-threshold"), CPAC_ERROR_SCHEMA, error,
                              "warn-threshold %g must not be above threshold %g",
                              head->warn_threshold, head->threshold);
  return read_calibration (head, map, error);
}

static gboolean
read_classifier (CpacHead *head, const CpacConfig *map, const CpacDims *output, GError **error)
{
  if (!cpac_config_check_keys (map, threshold_keys, error) ||
      !read_thresholds (head, map, 0, 1, error))
    return FALSE;
  if (head->n_classes < 2)
    return cpac_config_error (map, CPAC_ERROR_SCHEMA, error,
                              "a classifier needs at least 2 classes, got %u", head->n_classes);
  if (cpac_dims_count (output) != head->n_classes)
    return cpac_config_error (cpac_config_peek (map, "classes"), CPAC_ERROR_SHAPE, error,
                              "there are %u classes, but the last layer has %" G_GSIZE_FORMAT
                              " outputs",
                              head->n_classes, cpac_dims_count (output));
  if (head->n_good == head->n_classes)
    return cpac_config_error (cpac_config_peek (map, "good"), CPAC_ERROR_SCHEMA, error,
                              "every class is good: nothing could ever be rejected");
  return TRUE;
}

static gboolean
read_range (CpacHead *head, const CpacConfig *map, GError **error)
{
  g_autoptr (GArray) range = NULL;

  if (!cpac_config_has (map, "range"))
    return TRUE;
  range = cpac_config_get_doubles (map, "range", 2, 2, -1e30, 1e30, error);
  if (range == NULL)
    return FALSE;
  head->has_range = TRUE;
  head->range_min = g_array_index (range, double, 0);
  head->range_max = g_array_index (range, double, 1);
  if (head->range_min >= head->range_max)
    return cpac_config_error (cpac_config_peek (map, "range"), CPAC_ERROR_SCHEMA, error,
                              "range must be [min, max] with min below max, got [%g, %g]",
                              head->range_min, head->range_max);
  return TRUE;
}

static gboolean
read_map (CpacHead *head, const CpacConfig *map, const CpacDims *output, GError **error)
{
  if (!cpac_config_check_keys2 (map, threshold_keys, map_keys, error) ||
      !read_thresholds (head, map, -1e30, 1e30, error) || !read_range (head, map, error) ||
      !cpac_config_get_double_default (map, "top", 1e-9, 1, &head->top, error))
    return FALSE;
  if (output->channels != 1)
    return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                              "head map needs a last layer of 1 channel, it has %u",
                              output->channels);
  return TRUE;
}

/* What it measures is read by cpac_gaussian_new(). */
static gboolean
read_gaussian (CpacHead *head, const CpacConfig *map, GError **error)
{
  return cpac_config_check_keys2 (map, threshold_keys, gaussian_keys, error) &&
         read_thresholds (head, map, -1e30, 1e30, error) && read_range (head, map, error) &&
         cpac_config_get_double_default (map, "top", 1e-9, 1, &head->top, error);
}

/* The parts are read by cpac_combined_new(). */
static gboolean
read_combined (CpacHead *head, const CpacConfig *map, GError **error)
{
  return cpac_config_check_keys2 (map, threshold_keys, combined_keys, error) &&
         read_thresholds (head, map, -1e30, 1e30, error) && read_range (head, map, error);
}

CpacHead *
cpac_head_new (const CpacConfig *map, const CpacDims *output, GError **error)
{
  g_autoptr (CpacHead) head = g_new0 (CpacHead, 1);
  const CpacConfig *kind;
  guint index;
  gboolean ok = FALSE;

  if (cpac_config_get_kind (map) != CPAC_CONFIG_MAP) {
    cpac_config_error (map, CPAC_ERROR_SCHEMA, error, "score must be a map, got %s",
                       cpac_config_describe (map));
    return NULL;
  }
  if ((kind = cpac_config_get (map, "head", error)) == NULL ||
      !cpac_config_as_choice (kind, kind_names, &index, error) || !read_classes (head, map, error))
    return NULL;
  head->kind = index;
  switch (head->kind) {
    case CPAC_HEAD_NONE:
      ok = cpac_config_check_keys (map, common_keys, error);
      break;
    case CPAC_HEAD_CLASSIFIER:
      ok = read_classifier (head, map, output, error);
      break;
    case CPAC_HEAD_MAP:
      ok = read_map (head, map, output, error);
      break;
    case CPAC_HEAD_GAUSSIAN:
      ok = read_gaussian (head, map, error);
      break;
    case CPAC_HEAD_COMBINED:
      ok = read_combined (head, map, error);
      break;
  }
  return ok ? g_steal_pointer (&head) : NULL;
}

void
cpac_head_free (CpacHead *head)
{
  if (head == NULL)
    return;
  g_strfreev (head->classes);
  g_strfreev (head->good);
  cpac_calibration_free (head->calibration);
  g_free (head->is_good);
  g_free (head);
}

void
cpac_head_check_calibration (CpacHead *head, const char *scoring_sha256)
{
  if (head->calibration == NULL ||
      g_strcmp0 (head->calibration->scoring_sha256, scoring_sha256) == 0)
    return;
  head->calibration_is_stale = TRUE;
  g_clear_pointer (&head->calibration, cpac_calibration_free);
}

gboolean
cpac_head_label_is_good (const CpacHead *head, const char *label)
{
  return g_strv_contains ((const char *const *) head->good, label);
}

gint
cpac_head_find_class (const CpacHead *head, const char *label)
{
  for (guint i = 0; i < head->n_classes; i++)
    if (g_str_equal (head->classes[i], label))
      return (gint) i;
  return -1;
}

CpacThresholds
cpac_head_get_thresholds (const CpacHead *head)
{
  return (CpacThresholds){ head->threshold, head->warn_threshold };
}

CpacThresholds
cpac_head_get_manual_thresholds (const CpacHead *head, double threshold)
{
  double warn = head->has_warn ? MIN (head->warn_threshold, threshold) : threshold;

  return (CpacThresholds){ threshold, warn };
}

void
cpac_head_get_heatmap_range (const CpacHead *head, const CpacThresholds *in_force, double *min,
                             double *max)
{
  double threshold = in_force->threshold, shift = threshold - head->threshold;
  double half = head->kind != CPAC_HEAD_MAP && threshold > 0 ? threshold : DEFAULT_HALF_RANGE;

  if (head->calibration != NULL && head->calibration->median < threshold) {
    *min = head->calibration->median;
    *max = 2 * threshold - head->calibration->median;
  } else {
    *min = head->has_range ? head->range_min + shift : threshold - half;
    *max = head->has_range ? head->range_max + shift : threshold + half;
  }
  *max = MIN (*max, DBL_MAX);
}

/* LSE in the form exp (LSE (some) - LSE (all)) = sum over some / sum over all of exp (logit - top):
 * nothing overflows, and large logits do not swallow the logarithm. */
double
cpac_head_classify (const CpacHead *head, const float *logits, double *probabilities, guint *best)
{
  double all = 0, bad = 0;

  *best = 0;
  for (guint i = 1; i < head->n_classes; i++)
    if (logits[i] > logits[*best])
      *best = i;
  for (guint i = 0; i < head->n_classes; i++) {
    gboolean is_good = head->n_good > 0 ? head->is_good[i] : i == *best;

    probabilities[i] = exp ((double) logits[i] - logits[*best]);
    all += probabilities[i];
    bad += is_good ? 0 : probabilities[i];
  }
  for (guint i = 0; i < head->n_classes; i++)
    probabilities[i] /= all;
  return bad / all;
}

/* Restores the heap @values (n), each at most its children 2 i + 1 and 2 i + 2, below place @i. */
static void
sift_down (float *values, gsize n, gsize i)
{
  float moved = values[i];

  for (gsize child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && values[child + 1] < values[child])
      child++;
    if (!(values[child] < moved))
      break;
    values[i] = values[child];
  }
  values[i] = moved;
}

gsize
cpac_head_count_top (double top, gsize n)
{
  /* 0.07 of 100 cells are 7, although 0.07 * 100 is a little more in binary. */
  double share = top * (double) n * (1 - 4 * DBL_EPSILON);

  return MAX ((gsize) ceil (share), 1);
}

static void
swap (float *a, float *b)
{
  float old = *a;

  *a = *b;
  *b = old;
}

/* Brings the @k largest of @values (n) to its beginning, as a heap: first the largest of each group
 * of values @k apart, which are near enough to them that few others push one out. */
static void
gather_largest (float *values, gsize n, gsize k)
{
  for (gsize begin = k; begin < n; begin += k)
    for (gsize i = 0; i < MIN (k, n - begin); i++) {
      float best = MAX (values[i], values[begin + i]);

      values[begin + i] = MIN (values[i], values[begin + i]);
      values[i] = best;
    }
  for (gsize i = k / 2; i-- > 0;)
    sift_down (values, k, i);
  for (gsize i = k; i < n; i++)
    if (values[i] > values[0]) {
      swap (&values[0], &values[i]);
      sift_down (values, k, 0);
    }
}

/* From the largest down. By a heap in place: qsort() allocates, which scoring a frame must not. */
static double
mean_of_largest (float *values, gsize n, double fraction)
{
  gsize k = cpac_head_count_top (fraction, n);
  double sum = 0;

  gather_largest (values, n, k);
  for (gsize left = k; left-- > 1;) {
    swap (&values[0], &values[left]);
    sift_down (values, left, 0);
  }
  for (gsize i = 0; i < k; i++)
    sum += values[i];
  return sum / (double) k;
}

double
cpac_head_summarize_kept (double top, const float *map, const guint8 *ignored, gsize n,
                          float *scratch)
{
  double largest = -INFINITY;

  if (top > 0) {
    memcpy (scratch, map, n * sizeof (float));
    if (ignored != NULL)
      cpac_ignore_fill (scratch, ignored, n);
    return mean_of_largest (scratch, n, top);
  }
  if (ignored == NULL)
    return cpac_row_kernels_any ()->largest (n, map);
  for (gsize i = 0; i < n; i++)
    if (!ignored[i])
      largest = MAX (largest, map[i]);
  return largest;
}

double
cpac_head_summarize (double top, const float *map, gsize n, float *scratch)
{
  return cpac_head_summarize_kept (top, map, NULL, n, scratch);
}

/* Of @n_rows x @n_columns cells, added in reading order. */
static inline float
mean_of (const float *cells, gsize width, guint n_rows, guint n_columns)
{
  double sum = 0;

  for (guint y = 0; y < n_rows; y++)
    for (guint x = 0; x < n_columns; x++)
      sum += cells[y * width + x];
  return (float) (sum / (n_rows * n_columns));
}

/* One row of a map of at least two columns and two rows, from the @n_rows (2 or 3) at @rows. */
static void
average_row (const CpacRowKernels *kernels, const float *rows, gsize width, guint n_rows,
             float *out)
{
  if (n_rows == 3) {
    out[0] = mean_of (rows, width, 3, 2);
    kernels->mean9 (width - 2, rows, rows + width, rows + 2 * width, out + 1);
    out[width - 1] = mean_of (rows + width - 2, width, 3, 2);
  } else {
    out[0] = mean_of (rows, width, 2, 2);
    kernels->mean6 (width - 2, rows, rows + width, out + 1);
    out[width - 1] = mean_of (rows + width - 2, width, 2, 2);
  }
}

/* Of a single row or column. */
static void
average_line (const float *logits, guint n, float *map)
{
  for (guint i = 0; i < n; i++) {
    guint begin = i > 0 ? i - 1 : 0;

    map[i] = mean_of (logits + begin, n, 1, MIN (i + 2, n) - begin);
  }
}

void
cpac_head_average (const float *logits, guint width, guint height, float *map)
{
  const CpacRowKernels *kernels = cpac_row_kernels_any ();

  if (width < 2 || height < 2) {
    average_line (logits, width * height, map);
    return;
  }
  for (guint i = 0; i < height; i++) {
    guint top = i > 0 ? i - 1 : 0;

    average_row (kernels, logits + (gsize) top * width, width, MIN (i + 2, height) - top,
                 map + (gsize) i * width);
  }
}

double
cpac_head_map (const CpacHead *head, const float *logits, guint width, guint height, float *map,
               float *scratch)
{
  cpac_head_average (logits, width, height, map);
  return cpac_head_summarize (head->top, map, (gsize) width * height, scratch);
}
