/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A constant block of planes from the weights file, for example the golden template of a
 * registered part, to be joined to the frame with concat. It has no inputs. Options: `channels`,
 * `height`, `width`.
 */

#include "core/layers/real.h"
#include "core/layers/types.h"

#include <string.h>

enum { PARAM_WEIGHT };

void
CPAC_REAL_NAME (cpac_template_forward) (const CpacLayer *layer, const CpacForward *call)
{
  const CpacDims *dims = &layer->out;
  gsize n = (gsize) (call->end - call->begin) * dims->width;

  for (guint c = 0; c < dims->channels; c++) {
    gsize offset = ((gsize) c * dims->height + call->begin) * dims->width;

    memcpy ((cpac_real *) call->out + offset,
            (const cpac_real *) call->params[PARAM_WEIGHT] + offset, n * sizeof (cpac_real));
  }
}

/* The planes are constant: there is nothing to pass on. */
void
CPAC_REAL_NAME (cpac_template_backward) (const CpacLayer *layer, const CpacBackward *call)
{
}

#if CPAC_CLASS_PART

static const char *const keys[] = { "channels", "height", "width", NULL };

static gboolean
setup (CpacLayer *layer, const CpacConfig *map, GError **error)
{
  CpacDims *out = &layer->out;

  return cpac_config_get_uint (map, "channels", 1, CPAC_MAX_CHANNELS, &out->channels, error) &&
         cpac_config_get_uint (map, "height", 1, CPAC_MAX_SIDE, &out->height, error) &&
         cpac_config_get_uint (map, "width", 1, CPAC_MAX_SIDE, &out->width, error) &&
         cpac_layer_add_param (layer, "weight", CPAC_SHAPE (out->channels, out->height, out->width),
                               map, error) &&
         (layer->params[PARAM_WEIGHT].constant = TRUE);
}

const CpacLayerClass cpac_template_class = {
  .type = "template",
  .instance_size = sizeof (CpacLayer),
  .min_inputs = 0,
  .max_inputs = 0,
  .keys = keys,
  .setup = setup,
  .forward_f32 = cpac_template_forward_f32,
  .forward_f64 = cpac_template_forward_f64,
  .backward_f32 = cpac_template_backward_f32,
  .backward_f64 = cpac_template_backward_f64,
};

#endif
