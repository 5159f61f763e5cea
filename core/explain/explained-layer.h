/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/model/model.h"

G_BEGIN_DECLS

/**
 * cpac_explained_layer_choose:
 * @name: of a layer; NULL: the default
 * @ends: layers the score is made of
 * @index: (out): of the layer in the network
 *
 * The cpac-conv layer at which scores are explained. The default is the last one through which
 * everything goes that the score sees of the frame: the later, the smaller the part of biases, the
 * fewer masks of activations that scatter the map, and the less to compute. On the magnetic tiles
 * its maps lay on the defects better than those of any layer before it. Where every layer has a way
 * around it, whose signal the bias part would hide, it is the last one with more than one
 * component.
 *
 * CPAC_ERROR_SCHEMA for a layer that is not there, is no cpac-conv or has no way to the score, and
 * where a layer between it and the score is not piecewise linear (standardize, local-contrast): its
 * gradient is not that of a linear function, and products with it do not add up.
 */
gboolean cpac_explained_layer_choose (const CpacModel *model, const char *name, const guint *ends,
                                      guint n_ends, guint *index, GError **error);

G_END_DECLS
