/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/frame/frame.h"

#include "core/frame/axis.h"
#include "core/frame/check.h"
#include "core/frame/color.h"
#include "core/frame/format.h"
#include "core/frame/rows.h"

/* The axes of planes whose samples cover 1 pixel or 2 along each axis. */
enum { N_SHIFTS = 2 };

struct _CpacFramePlan {
  const CpacPixelLayout *layout;
  guint frame_width, frame_height;
  guint width, height, channels;
  guint n_components;
  guint16 max_sample;
  CpacAxis x[N_SHIFTS], y[N_SHIFTS];
  CpacMix mixes[3];
  guint32 *column_sums; /* one row of one plane, components interleaved as there */
  double *sums[3];      /* (width) per component */
};

static guint
largest_row (const CpacFramePlan *plan)
{
  guint largest = 0;

  for (guint k = 0; k < plan->n_components; k++) {
    const CpacComponent *component = &plan->layout->components[k];

    largest = MAX (largest, component->step * plan->x[component->shift].n_samples);
  }
  return largest;
}

static void
plan_set_axes (CpacFramePlan *plan, CpacResize resize, const CpacRect *area)
{
  for (guint shift = 0; shift < N_SHIFTS; shift++) {
    cpac_axis_init (&plan->x[shift], resize, area->x, area->width, plan->width, shift);
    cpac_axis_init (&plan->y[shift], resize, area->y, area->height, plan->height, shift);
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

static void
plan_set_rows (CpacFramePlan *plan)
{
  plan->column_sums = cpac_aligned_new0 (largest_row (plan), sizeof *plan->column_sums);
  for (guint k = 0; k < plan->n_components; k++)
    plan->sums[k] = cpac_aligned_new0 (plan->width, sizeof *plan->sums[k]);
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
  }
  for (guint k = 0; k < plan->n_components; k++)
    cpac_aligned_free (plan->sums[k]);
  cpac_aligned_free (plan->column_sums);
  g_free (plan);
}

/* Row @y of the output, of one plane: the sums of each of its columns. */
static void
weigh_plane (CpacFramePlan *plan, const CpacFrame *frame, const CpacComponent *component, guint y)
{
  const CpacAxis *columns = &plan->x[component->shift];
  const CpacAxis *rows = &plan->y[component->shift];
  gsize sample_size = plan->layout->sample == CPAC_SAMPLE_U8 ? 1 : 2;
  gssize stride = frame->strides[component->plane];
  const guint8 *start = frame->planes[component->plane] + stride * (gssize) rows->base +
                        columns->base * component->step * sample_size;

  cpac_rows_weigh (plan->layout->sample, plan->max_sample, start, stride, &rows->spans[y],
                   (gsize) columns->n_samples * component->step, plan->column_sums);
}

/* Row @y of the output: the sum over its footprint, for each column and component. */
static void
sum_row (CpacFramePlan *plan, const CpacFrame *frame, guint y)
{
  for (guint k = 0; k < plan->n_components; k++) {
    const CpacComponent *component = &plan->layout->components[k];
    const CpacAxis *columns = &plan->x[component->shift];

    if (k == 0 || component->plane != component[-1].plane)
      weigh_plane (plan, frame, component, y);
    cpac_rows_reduce (plan->column_sums + component->offset, component->step, columns->spans,
                      plan->width, plan->sums[k]);
  }
}

void
cpac_frame_plan_run (CpacFramePlan *plan, const CpacFrame *frame, float *out)
{
  g_return_if_fail (cpac_pixel_format_get_layout (frame->info->format) == plan->layout);
  g_return_if_fail (frame->info->width == plan->frame_width);
  g_return_if_fail (frame->info->height == plan->frame_height);

  for (guint y = 0; y < plan->height; y++) {
    sum_row (plan, frame, y);
    for (guint c = 0; c < plan->channels; c++)
      cpac_rows_mix (&plan->mixes[c], plan->n_components, plan->sums, plan->width,
                     out + ((gsize) c * plan->height + y) * plan->width);
  }
}
