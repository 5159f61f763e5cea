/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"
#include "core/report/series.h"
#include "core/score/ledger.h"
#include "core/score/metrics.h"

G_BEGIN_DECLS

/* Charts of one journal, more than a monitor has; that there are further ones is remarked. */
#define CPAC_REPORT_MAX_CHARTS 32
/* Distinct models, thresholds and reasons that are listed. */
#define CPAC_REPORT_MAX_KINDS 16
/* Changes of state that are kept. */
#define CPAC_REPORT_MAX_CHANGES 200

/* What judged: distinct ones over all frames and headers. NULL where it is not said. */
typedef struct {
  const char *model, *model_sha256, *config_sha256, *ignore_mask_sha256;
  guint64 n_frames;
} CpacReportModel;

typedef struct {
  double threshold, warn_threshold;
  guint64 n_frames;
} CpacReportThresholds;

/* A part, or a frame where the journal has no parts; or several that never came. */
typedef struct {
  CpacVerdict verdict;
  guint64 n;          /* 1, or how many were lost here */
  double score;       /* NAN without */
  double p_value;     /* NAN without */
  guint64 number;     /* of the part or frame, as the journal gives it */
  guint64 line, run;  /* from 1 */
  const char *id;     /* NULL when unknown */
  guint64 frame;      /* the worst one's frame_id; G_MAXUINT64 when unknown */
  guint64 timestamp;  /* its; G_MAXUINT64 when unknown */
  double frame_score; /* its; NAN without */
} CpacReportUnit;

/* The readings of one chart in the order of the parts. */
typedef struct {
  const char *series, *chart;
  GArray *points; /* (element-type CpacReportPoint) */
} CpacReportChart;

typedef struct {
  guint at; /* which part record, from 0 */
  guint64 line, part;
  const char *state, *sentence;
} CpacReportChange;

/* How many frames, and why. */
typedef struct {
  const char *why;
  guint64 n_frames;
} CpacReportReason;

/* What phase I found, as the last record of limits says. */
typedef struct {
  const char *sha256; /* NULL: no such record */
  guint64 n_parts, n_left_out;
  double parts_per_false_alarm;
  GPtrArray *notes; /* (element-type utf8) */
  guint64 n_records;
} CpacReportLimits;

/**
 * CpacReportSummary:
 *
 * What a journal says, counted line by line over all its runs. Texts belong to the summary and are
 * those of the journal: they may hold anything.
 */
typedef struct {
  guint64 n_lines; /* whole ones */
  guint64 n_runs;
  guint64 n_part_records;
  gboolean has_parts; /* units are parts, else frames */
  CpacLedger frames;  /* lost ones among seen and undefined */
  CpacLedger parts;   /* the same */
  guint64 n_lost_frames, n_lost_parts;
  guint64 n_incomplete, n_mixed; /* part records */
  gboolean closes;     /* every run has a closing record, and it says what the lines say */
  GPtrArray *warnings; /* (element-type utf8) sentences: what is not as it should be */
  GPtrArray *remarks;  /* (element-type utf8) sentences: what is to be known */
  GArray *units;       /* (element-type CpacReportUnit) in the order of the journal */
  GArray *models;      /* (element-type CpacReportModel) */
  GArray *thresholds;  /* (element-type CpacReportThresholds) */
  GArray *charts;      /* (element-type CpacReportChart) */
  GArray *changes;     /* (element-type CpacReportChange) */
  GArray *reasons;     /* (element-type CpacReportReason) frames not inspected */
  CpacReportLimits limits;
  guint64 n_models_beyond;  /* frames of models that are not kept */
  const char *state;        /* the last one; NULL: none */
  gboolean has_more_charts; /* than are kept */
  guint64 n_changes;        /* all, kept or not */
  guint64 n_alarms;         /* part records with at least one */
  GStringChunk *texts;
} CpacReportSummary;

/**
 * cpac_report_summary_new:
 * @name: of the journal, for errors
 * @text: (@length) all of it
 *
 * What breaks off (a torn last line, no closing record) or does not add up becomes a warning.
 * Errors (CPAC_ERROR_PARSE), with name and line: another line that is no journal line, an
 * impossible count, a text without any whole line.
 */
CpacReportSummary *
cpac_report_summary_new (const char *name, const char *text, gsize length, GError **error);
/* Takes NULL. */
void cpac_report_summary_free (CpacReportSummary *summary);

/* Of what is told: parts, or frames where there are none. */
const CpacLedger *cpac_report_summary_get_ledger (const CpacReportSummary *summary);

/* 95 % interval of @k among @n, by Clopper and Pearson; its ends are NAN without any, or where
 * there are more than CPAC_MAX_TRIALS. */
CpacInterval cpac_report_get_interval (guint64 k, guint64 n);

/* The @max worst units that were looked at and are not in order, or the highest scores where there
 * are fewer: rejected ones first, then those that could not be decided, then the rest, each from
 * the highest score down. (transfer full) (element-type CpacReportUnit) */
GArray *cpac_report_summary_get_worst (const CpacReportSummary *summary, guint max);

/* One line of JSON, with a newline. (transfer full) */
char *cpac_report_summary_to_json (const CpacReportSummary *summary);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CpacReportSummary, cpac_report_summary_free)

G_END_DECLS
