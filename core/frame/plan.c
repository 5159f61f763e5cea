/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/frame.h"

#include "core/frame/axis.h"
#include "core/frame/check.h"
#include "core/frame/color.h"
#include "core/frame/format.h"
#include "core/frame/pairs.h"
#include "core/kernels/pixels.h"
#include "core/kernels/rows.h"

/* The axes of planes whose samples cover 1 pixel or 2 along each axis. */
enum { N_SHIFTS = 2 };

/* Column sums of one strip, which stay in the second cache. */
enum { STRIP_SUMS = 32768 };

struct _CpacFramePlan {
  const CpacPixelLayout *layout;
  guint frame_width, frame_height;
  guint width, height, channels;
  guint n_components;
  guint16 max_sample;
  CpacAxis x[N_SHIFTS], y[N_SHIFTS];
  CpacPairs pairs[N_SHIFTS];
  CpacMix mixes[3];
  const CpacPixelKernels *kernels;
  guint strip;          /* columns of the output that are worked on together */
  gboolean narrow;      /* sums stay below 2^32 */
  guint32 *column_sums; /* one strip of one plane, components interleaved as there */
  double *sums[3];      /* (strip) per component */
};

/* What @n output samples from number @start on take. */
static guint
n_taken (const CpacAxis *axis, guint start, guint n)
{
  const CpacSpan *first = &axis->spans[start], *last = &axis->spans[start + n - 1];

  return last->first + last->n - first->first;
}

/* Samples of the largest strip, those of all components of a plane. */
static guint
largest_strip (const CpacFramePlan *plan)
{
  guint largest = 0;

  for (guint k = 0; k < plan->n_components; k++) {
    const CpacComponent *component = &plan->layout->components[k];
    const CpacAxis *columns = &plan->x[component->shift];

    for (guint x = 0; x < plan->width; x += plan->strip) {
      guint n = MIN (plan->strip, plan->width - x);

      /* Pairs may begin a sample before. */
      largest = MAX (largest, component->step * n_taken (columns, x, n) + 1);
    }
  }
  return largest;
}

static void
plan_set_axes (CpacFramePlan *plan, CpacResize resize, const CpacRect *area)
{
  for (guint shift = 0; shift < N_SHIFTS; shift++) {
    cpac_axis_init (&plan->x[shift], resize, area->x, area->width, plan->width, shift);
    cpac_axis_init (&plan->y[shift], resize, area->y, area->height, plan->height, shift);
    cpac_pairs_init (&plan->pairs[shift], &plan->x[shift], &plan->y[shift]);
  }
}

/* Needs the axes. */
static void
plan_set_mixes (CpacFramePlan *plan, const CpacInputSpec *spec, const CpacFrameInfo *info)
{
  double divisors[3];

  for (guint k = 0; k < 3; k++) {
    guint shift = plan->layout->components[k].shift;

    divisors[k] = (double) plan->x[shift].divisor * plan->y[shift].divisor;
  }
  cpac_color_init (plan->mixes, spec, info, divisors);
}

/* A whole number of vectors, for what the kernels write beyond the end. */
static void
plan_set_rows (CpacFramePlan *plan)
{
  guint lanes = plan->kernels->lanes;
  gsize n_samples;

  plan->strip = plan->width;
  n_samples = (gsize) largest_strip (plan) * lanes;
  if (n_samples > STRIP_SUMS)
    plan->strip = MAX ((gsize) plan->width * STRIP_SUMS / n_samples / lanes, 1) * lanes;
  n_samples = (largest_strip (plan) + lanes - 1) / lanes * lanes;
  plan->column_sums = cpac_aligned_new0 (n_samples * lanes, sizeof *plan->column_sums);
  for (guint k = 0; k < plan->n_components; k++)
    plan->sums[k] =
        cpac_aligned_new0 ((gsize) MIN (plan->strip, plan->width) * lanes, sizeof *plan->sums[k]);
}

/* Largest sum below 2^32, for every component. */
static gboolean
is_narrow (const CpacFramePlan *plan)
{
  for (guint shift = 0; shift < N_SHIFTS; shift++)
    if ((guint64) plan->x[shift].divisor * plan->y[shift].divisor * plan->max_sample > G_MAXUINT32)
      return FALSE;
  return TRUE;
}

CpacFramePlan *
cpac_frame_plan_new (const CpacInputSpec *spec, const CpacFrameInfo *info, const CpacRect *region,
                     GError **error)
{
  CpacFramePlan *plan;
  CpacRect area;

  if (!cpac_frame_check (spec, info, region, &area, error))
    return NULL;

  plan = g_new0 (CpacFramePlan, 1);
  plan->layout = cpac_pixel_format_get_layout (info->format);
  plan->frame_width = info->width;
  plan->frame_height = info->height;
  plan->width = spec->width;
  plan->height = spec->height;
  plan->channels = spec->channels;
  plan->n_components = cpac_color_n_components (plan->layout->family, spec->channels);
  plan->max_sample = (1 << cpac_color_bit_depth (info)) - 1;
  plan_set_axes (plan, spec->resize, &area);
  plan_set_mixes (plan, spec, info);
  plan->kernels = cpac_pixel_kernels_get (cpac_row_kernels_default_level ());
  plan->narrow = is_narrow (plan);
  plan_set_rows (plan);
  return plan;
}

void
cpac_frame_plan_free (CpacFramePlan *plan)
{
  if (plan == NULL)
    return;
  for (guint shift = 0; shift < N_SHIFTS; shift++) {
    cpac_axis_clear (&plan->x[shift]);
    cpac_axis_clear (&plan->y[shift]);
    cpac_pairs_clear (&plan->pairs[shift]);
  }
  for (guint k = 0; k < plan->n_components; k++)
    cpac_aligned_free (plan->sums[k]);
  cpac_aligned_free (plan->column_sums);
  g_free (plan);
}

/* A part of the output: what the kernels are called for. */
typedef struct {
  guint x, y, width, height;
} Part;

static gboolean
goes_in_pairs (const CpacFramePlan *plan, const CpacComponent *component)
{
  return plan->layout->sample == CPAC_SAMPLE_U8 && component->step == 1 &&
         plan->pairs[component->shift].rows != NULL;
}

/* A plane of bytes of one component, in pairs: both steps. */
static void
sum_pairs (CpacFramePlan *plan, const CpacFrame *frame, guint k, const Part *part)
{
  const CpacComponent *component = &plan->layout->components[k];
  const CpacAxis *columns = &plan->x[component->shift];
  const CpacPairs *pairs = &plan->pairs[component->shift];
  guint first = columns->spans[part->x].first;
  gssize stride = frame->strides[component->plane];
  const guint8 *start = frame->planes[component->plane] +
                        stride * (gssize) plan->y[component->shift].base + columns->base;
  gint16 *sums = (gint16 *) plan->column_sums;

  plan->kernels->weigh_pairs (start + first / 2 * 2, stride, &pairs->rows[part->y], part->height,
                              n_taken (columns, part->x, part->width) + first % 2, sums);
  plan->kernels->reduce_pairs (sums, first / 2, &pairs->columns[part->x], part->width, pairs->bias,
                               pairs->factor, plan->sums[k]);
}

/* One plane: the sums of each of its columns. */
static void
weigh_plane (CpacFramePlan *plan, const CpacFrame *frame, const CpacComponent *component,
             const Part *part)
{
  const CpacAxis *columns = &plan->x[component->shift];
  const CpacAxis *rows = &plan->y[component->shift];
  gsize sample_size = plan->layout->sample == CPAC_SAMPLE_U8 ? 1 : 2;
  gsize first = columns->base + columns->spans[part->x].first;
  gssize stride = frame->strides[component->plane];
  const guint8 *start = frame->planes[component->plane] + stride * (gssize) rows->base +
                        first * component->step * sample_size;

  plan->kernels->weigh (
      plan->layout->sample, plan->max_sample, start, stride, &rows->spans[part->y], part->height,
      (gsize) n_taken (columns, part->x, part->width) * component->step, plan->column_sums);
}

/* The sum over the footprint of each output pixel, for each component. */
static void
sum_part (CpacFramePlan *plan, const CpacFrame *frame, const Part *part)
{
  for (guint k = 0; k < plan->n_components; k++) {
    const CpacComponent *component = &plan->layout->components[k];
    const CpacSpan *spans = &plan->x[component->shift].spans[part->x];

    if (goes_in_pairs (plan, component)) {
      sum_pairs (plan, frame, k, part);
      continue;
    }
    if (k == 0 || component->plane != component[-1].plane)
      weigh_plane (plan, frame, component, part);
    plan->kernels->reduce (plan->column_sums + component->offset * plan->kernels->lanes,
                           component->step, spans[0].first, plan->narrow, spans, part->width,
                           plan->sums[k]);
  }
}

static void
run_part (CpacFramePlan *plan, const CpacFrame *frame, const Part *part, float *out)
{
  sum_part (plan, frame, part);
  for (guint c = 0; c < plan->channels; c++)
    plan->kernels->mix (&plan->mixes[c], plan->n_components, plan->sums, part->height, part->width,
                        out + ((gsize) c * plan->height + part->y) * plan->width + part->x,
                        plan->width);
}

void
cpac_frame_plan_run (CpacFramePlan *plan, const CpacFrame *frame, float *out)
{
  guint lanes = plan->kernels->lanes;

  g_return_if_fail (cpac_pixel_format_get_layout (frame->info->format) == plan->layout);
  g_return_if_fail (frame->info->width == plan->frame_width);
  g_return_if_fail (frame->info->height == plan->frame_height);

  for (guint y = 0; y < plan->height; y += lanes)
    for (guint x = 0; x < plan->width; x += plan->strip) {
      Part part = { x, y, MIN (plan->strip, plan->width - x), MIN (lanes, plan->height - y) };

      run_part (plan, frame, &part, out);
    }
}
