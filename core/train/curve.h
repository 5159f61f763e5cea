/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/train/trainer.h"

G_BEGIN_DECLS

/* The learning curve as CSV: epoch, rate, train_loss, val_loss, val_figure, gradient_norm, seconds.
 * (transfer full) */
char *cpac_curve_to_csv (const GArray *curve);
/* The same as a picture: losses on a logarithmic axis at the left, the figure, named @figure, at
 * the right, the best epoch marked. (transfer full) */
char *
cpac_curve_to_svg (const GArray *curve, const char *title, const char *figure, guint best_epoch);

G_END_DECLS
