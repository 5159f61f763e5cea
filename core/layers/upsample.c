/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Bilinear enlargement with half-pixel centres: output p reads input position
 * (p + 1/2) in / out - 1/2, clamped to the picture. Options: `factor` (one integer or
 * [vertical, horizontal]) or `size` [height, width].
 */

#include "core/layers/real.h"
#include "core/layers/types.h"

static void
locate (guint p, guint n_in, guint n_out, guint *low, guint *high, cpac_real *weight)
{
  double at = (p + 0.5) * n_in / n_out - 0.5;

  at = CLAMP (at, 0, n_in - 1.0);
  *low = (guint) at;
  *high = MIN (*low + 1, n_in - 1);
  *weight = (cpac_real) (at - *low);
}

void
CPAC_REAL_NAME (cpac_upsample_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *in = &layer->in[0], *out = &layer->out;

  for (guint c = 0; c < out->channels; c++) {
    const cpac_real *plane = (const cpac_real *) call->in[0] + (gsize) c * in->height * in->width;

    for (guint p = call->begin; p < call->end; p++) {
      cpac_real *row = (cpac_real *) call->out + ((gsize) c * out->height + p) * out->width;
      const cpac_real *above, *below;
      guint top, bottom;
      cpac_real v;

      locate (p, in->height, out->height, &top, &bottom, &v);
      above = plane + (gsize) top * in->width;
      below = plane + (gsize) bottom * in->width;
      for (guint q = 0; q < out->width; q++) {
        guint left, right;
        cpac_real h;

        locate (q, in->width, out->width, &left, &right, &h);
        row[q] = (1 - v) * ((1 - h) * above[left] + h * above[right]) +
                 v * ((1 - h) * below[left] + h * below[right]);
      }
    }
  }
}

/* Each output hands its gradient back to the four pixels it was mixed from. */
void
CPAC_REAL_NAME (cpac_upsample_backward) (const CpacLayer *layer, const CpacBackward *call)
{
  const CpacDims *in = &layer->in[0], *out = &layer->out;
  const cpac_real *dy = call->dout;

  for (guint c = 0; call->din[0] != NULL && c < out->channels; c++) {
    cpac_real *plane = (cpac_real *) call->din[0] + (gsize) c * in->height * in->width;

    for (guint p = 0; p < out->height; p++) {
      cpac_real *above, *below, v;
      guint top, bottom;

      locate (p, in->height, out->height, &top, &bottom, &v);
      above = plane + (gsize) top * in->width;
      below = plane + (gsize) bottom * in->width;
      for (guint q = 0; q < out->width; q++, dy++) {
        guint left, right;
        cpac_real h;

        locate (q, in->width, out->width, &left, &right, &h);
        above[left] += (1 - v) * (1 - h) * *dy;
        above[right] += (1 - v) * h * *dy;
        below[left] += v * (1 - h) * *dy;
        below[right] += v * h * *dy;
      }
    }
  }
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "factor", "size", NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  const CpacDims *in = &layer->in[0];
  guint factor[2] = { 1, 1 }, size[2];

  if (cpac_config_has (map, "factor") == cpac_config_has (map, "size"))
    return cpac_config_error (map, CPAC_ERROR_SCHEMA, error, "layer %s needs either factor or size",
                              layer->name);
  if (cpac_config_has (map, "size")) {
    if (!cpac_config_get_uints (map, "size", 2, 1, CPAC_MAX_SIDE, size, error))
      return FALSE;
    if (size[0] < in->height || size[1] < in->width)
      return cpac_config_error (map, CPAC_ERROR_SHAPE, error,
                                "layer %s would shrink %ux%u to %ux%u, upsample only enlarges",
                                layer->name, in->height, in->width, size[0], size[1]);
  } else {
    if (!cpac_layer_get_pair (map, "factor", 1, CPAC_MAX_SIDE, factor, error))
      return FALSE;
    size[0] = (guint) MIN ((guint64) in->height * factor[0], G_MAXUINT);
    size[1] = (guint) MIN ((guint64) in->width * factor[1], G_MAXUINT);
  }
  layer->out = (CpacDims){ in->channels, size[0], size[1] };
  return TRUE;
}

const CpacLayerClass cpac_upsample_class = {
  .type = "upsample",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 1,
  .max_inputs = 1,
  .keys = keys,
  .setup = setup,
  .piecewise_linear = TRUE,
  .forward_f32 = cpac_upsample_forward_f32,
  .forward_f64 = cpac_upsample_forward_f64,
  .backward_f32 = cpac_upsample_backward_f32,
  .backward_f64 = cpac_upsample_backward_f64,
};

#endif
