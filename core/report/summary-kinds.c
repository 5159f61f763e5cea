/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "core/model/json-members.h"
#include "core/report/summary-private.h"

void
cpac_report_add_reason (CpacReportReader *reader, const char *why, guint64 n)
{
  GArray *reasons = reader->summary->reasons;

  for (guint i = 0; i < reasons->len; i++) {
    CpacReportReason *reason = &g_array_index (reasons, CpacReportReason, i);

    if (g_str_equal (reason->why, why) || i + 1 == CPAC_REPORT_MAX_KINDS) {
      reason->n_frames += n;
      return;
    }
  }
  g_array_append_val (reasons, ((CpacReportReason){ reasons->len + 1 < CPAC_REPORT_MAX_KINDS
                                                        ? cpac_report_keep (reader, why)
                                                        : "other reasons",
                                                    n }));
}

void
cpac_report_add_model (CpacReportReader *reader, JsonObject *object, guint n_frames)
{
  GArray *models = reader->summary->models;
  CpacReportModel model = {
    cpac_report_keep (reader, cpac_member_text (object, "model")),
    cpac_report_keep (reader, cpac_member_text (object, "model_sha256")),
    cpac_report_keep (reader, cpac_member_text (object, "config_sha256")),
    cpac_report_keep (reader, cpac_member_text (object, "ignore_mask_sha256")),
    n_frames,
  };

  if (model.model == NULL && model.model_sha256 == NULL && model.config_sha256 == NULL)
    return;
  for (guint i = 0; i < models->len; i++) {
    CpacReportModel *known = &g_array_index (models, CpacReportModel, i);

    /* Kept texts are the same where they are equal. A header knows no mask. */
    if (known->model == model.model && known->model_sha256 == model.model_sha256 &&
        known->config_sha256 == model.config_sha256 &&
        (known->ignore_mask_sha256 == model.ignore_mask_sha256 || n_frames == 0 ||
         known->n_frames == 0)) {
      if (known->n_frames == 0 && n_frames > 0)
        known->ignore_mask_sha256 = model.ignore_mask_sha256;
      known->n_frames += n_frames;
      return;
    }
  }
  if (models->len < CPAC_REPORT_MAX_KINDS)
    g_array_append_val (models, model);
  else
    reader->summary->n_models_beyond += n_frames;
}

void
cpac_report_add_thresholds (CpacReportReader *reader, JsonObject *inspection)
{
  GArray *all = reader->summary->thresholds;
  CpacReportThresholds one = { cpac_member_double (inspection, "threshold"),
                               cpac_member_double (inspection, "warn_threshold"), 1 };

  if (isnan (one.threshold) || isnan (one.warn_threshold))
    return;
  for (guint i = 0; i < all->len; i++) {
    CpacReportThresholds *known = &g_array_index (all, CpacReportThresholds, i);

    if (known->threshold == one.threshold && known->warn_threshold == one.warn_threshold) {
      known->n_frames++;
      return;
    }
  }
  if (all->len < CPAC_REPORT_MAX_KINDS)
    g_array_append_val (all, one);
}
