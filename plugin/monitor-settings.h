/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "core/monitor/monitor.h"
#include "core/monitor/part-tracker.h"

G_BEGIN_DECLS

/* Which parts post a `cpac-monitor` message. */
typedef enum {
  GST_CPAC_MONITOR_MESSAGES_NONE,
  GST_CPAC_MONITOR_MESSAGES_CHANGES,
  GST_CPAC_MONITOR_MESSAGES_PARTS,
} GstCpacMonitorMessages;

/* When lines of the journal are brought to the disk. */
typedef enum {
  GST_CPAC_JOURNAL_SYNC_NONE,
  GST_CPAC_JOURNAL_SYNC_PART,
} GstCpacJournalSync;

#define GST_TYPE_CPAC_PARTS_BY (gst_cpac_parts_by_get_type ())
#define GST_TYPE_CPAC_MONITOR_MESSAGES (gst_cpac_monitor_messages_get_type ())
#define GST_TYPE_CPAC_JOURNAL_SYNC (gst_cpac_journal_sync_get_type ())
#define GST_TYPE_CPAC_MONITOR_CHARTS (gst_cpac_monitor_charts_get_type ())
GType gst_cpac_parts_by_get_type (void);
GType gst_cpac_monitor_messages_get_type (void);
GType gst_cpac_journal_sync_get_type (void);
GType gst_cpac_monitor_charts_get_type (void);

/* What the application sets, apart from texts: plain values, copied under the object lock. */
typedef struct {
  /* May change while frames flow. */
  GstCpacMonitorMessages messages;
  gboolean timing;
  /* Taken at start. */
  CpacPartRule parts;
  GstCpacJournalSync journal_sync;
  guint state_interval;       /* parts */
  CpacMonitorOptions options; /* without what the stream decides: p-values, number of features */
  gboolean has_features;
} GstCpacMonitorSettings;

G_END_DECLS
