/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacmonitor
 * @title: cpacmonitor
 *
 * Watches the line behind cpacscore: puts frames together to parts, keeps a ledger that always
 * closes, and charts the parts, so that a process that goes bad, a lamp that fails and a single bad
 * part are told from each other. Frames go on untouched but for their metadata.
 *
 * A part's verdict is that of its worst frame: `not-ok`, then `undefined`, then `not-decidable`,
 * then `ok`. So a part is `ok` only where every frame of it was inspected and is `ok`; one that
 * lost frames, or whose stream broke off, is `undefined` unless it is `not-ok`. Only `ok` may
 * release a part. Where the model or its ignore mask changes within a part, each frame counts by
 * the model it was judged by; the part then has no score, as the worst of two scales is none, and
 * its line in the journal says `mixed`.
 *
 * The ledger: frames seen = ok + not-ok + not-decidable + undefined, and the same of parts. Frames
 * that never came are seen and undefined: GST_BUFFER_OFFSET skips numbers (on a buffer flagged
 * DISCONT, or where it counted one by one before), or a buffer flagged DISCONT begins later than
 * the one before it ended, or is flagged without either (one frame). Frames flagged CORRUPTED or
 * GAP, skipped ones and those without metadata are undefined. A ledger that does not close is an
 * ERROR.
 *
 * From the first parts (#cpacmonitor:phase-one-parts) it learns what is normal, and sets limits
 * once; they never change by themselves. The charts then say one of:
 *
 * * `in-control`
 * * `defect`: this part is rejected; nothing says that others will be
 * * `defect-rate-up`: more parts are rejected than should be; the others look as ever
 * * `process-drift`: the scores of all parts have moved; or their contrast or sharpness has risen
 *   under unchanged light, which no lens does
 * * `new-appearance`: not rejected, but unlike what was learnt, by its contrast or sharpness or by
 *   its features (#cpacscore:features)
 * * `check-camera`: the pictures themselves have changed, by their brightness or saturation, or as
 *   contrast or sharpness has fallen: look at lamp, lens and exposure before believing verdicts
 *
 * and `phase-one` before. The metadata (`CpacScoreMeta`) gets `part`, `part-frame` (guint64),
 * `part-verdict`, `part-verdict-code` (on the frame that ends its part, where that is known),
 * `monitor-state` and `monitor-sentence` (as of the last part that ended).
 *
 * Messages on the bus, with the times `timestamp`, `stream-time`, `running-time`, `duration`:
 *
 * * `cpac-monitor` (see #cpacmonitor:messages), of the last frame of a part: `part` (guint64),
 *   `part-id`, `verdict` (strings), `verdict-code` (int), `frames`, `lost` (guint64), `changed`
 *   (boolean), `state`, `previous-state`, `sentence` (strings), `parts-in-state` (guint64),
 *   `charts` (array of structures: `series`, `chart`, `value`, `lower`, `upper`, `alarm`),
 *   `top-feature` (string, with T^2 or Q alarms); where limits were set, `limits-sha256` and
 *   `notes` (array of strings)
 * * `cpac-frames-lost`: `frame`, `lost`, `total-lost` (guint64); a QOS message goes with it
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m videotestsrc num-buffers=900 ! video/x-raw,format=GRAY8 ! cpacscore
 * model=model.yaml ! cpacmonitor journal=line.jsonl state-file=line.state hours-per-false-alarm=8
 * parts-per-hour=3600 ! fakesink
 * ]|
 */

#include "plugin/gstcpacmonitor.h"

#include "plugin/monitor-properties.h"
#include "plugin/score-loader.h"
#include "plugin/score-meta.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY (gst_cpac_monitor_debug);
#define GST_CAT_DEFAULT gst_cpac_monitor_debug

#define VIDEO_CAPS                                                                                 \
  "video/x-raw, format=" GST_CPAC_VIDEO_FORMATS ", width=[1, 32768], height=[1, 32768], "          \
  "framerate=[0/1, 2147483647/1]"

enum { SIGNAL_RESET_CHARTS, SIGNAL_RESTART_PHASE_ONE, N_SIGNALS };

static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));

G_DEFINE_TYPE (GstCpacMonitor, gst_cpac_monitor, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacmonitor, "cpacmonitor", GST_RANK_NONE, GST_TYPE_CPAC_MONITOR)

static void
gst_cpac_monitor_finalize (GObject *object)
{
  gst_cpac_monitor_clear_properties (GST_CPAC_MONITOR (object));
  G_OBJECT_CLASS (gst_cpac_monitor_parent_class)->finalize (object);
}

/* ---- Start and stop ---- */

static void
post_start_error (GstCpacMonitor *self, const GError *error)
{
  GQuark domain;
  gint code;

  gst_cpac_loader_classify_error (error, &domain, &code);
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR, domain, code,
                            g_strdup (error->message), NULL, __FILE__, GST_FUNCTION, __LINE__);
}

static gboolean
gst_cpac_monitor_start (GstBaseTransform *base)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (base);
  g_autoptr (GError) error = NULL;

  self->has_failed = self->is_session_open = self->tells_limits = FALSE;
  self->warned_camera = self->warned_state = FALSE;
  self->n_frames = self->n_corrupted = self->n_unmeasured = 0;
  self->n_unsaved = 0;
  self->ledger = (CpacLineLedger){ 0 };
  gst_cpac_losses_reset (&self->losses);
  GST_OBJECT_LOCK (self);
  self->stats = (GstCpacMonitorStats){ 0 };
  self->resets_charts = self->restarts_phase_one = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (!gst_cpac_monitor_open (self, &error)) {
    gst_cpac_monitor_close (self);
    post_start_error (self, error);
    return FALSE;
  }
  self->tracker = (CpacPartTracker) CPAC_PART_TRACKER_INIT (self->in_force.parts);
  gst_cpac_monitor_update_stats (self);
  return TRUE;
}

static gboolean
gst_cpac_monitor_stop (GstBaseTransform *base)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (base);

  gst_cpac_monitor_end_session (self, FALSE);
  gst_cpac_monitor_update_stats (self);
  gst_cpac_monitor_close (self);
  cpac_part_tracker_clear (&self->tracker);
  g_clear_pointer (&self->event_id, g_free);
  return TRUE;
}

/* ---- The stream ---- */

static gboolean
gst_cpac_monitor_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (base);

  if (gst_video_info_from_caps (&self->video, in) &&
      gst_cpac_frame_info_from_video (&self->video, &self->info))
    return TRUE;
  GST_ERROR_OBJECT (self, "cannot read frames of %" GST_PTR_FORMAT, in);
  return FALSE;
}

static gboolean
gst_cpac_monitor_propose_allocation (GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  if (!GST_BASE_TRANSFORM_CLASS (gst_cpac_monitor_parent_class)
           ->propose_allocation (base, decide, query))
    return FALSE;
  gst_cpac_propose_video_meta (query);
  return TRUE;
}

static void
set_part (GstCpacMonitor *self, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);

  if (structure == NULL || !gst_structure_has_name (structure, "cpac-part"))
    return;
  g_free (self->event_id);
  self->event_id = g_strdup (gst_structure_get_string (structure, "part-id"));
}

static gboolean
gst_cpac_monitor_sink_event (GstBaseTransform *base, GstEvent *event)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (base);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      set_part (self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      /* Frames on the way were dropped on purpose; the part they belonged to was not seen whole. */
      gst_cpac_monitor_interrupt (self, FALSE);
      gst_cpac_losses_reset (&self->losses);
      g_clear_pointer (&self->event_id, g_free);
      gst_cpac_monitor_update_stats (self);
      break;
    case GST_EVENT_STREAM_START:
      gst_cpac_monitor_interrupt (self, TRUE);
      gst_cpac_losses_reset (&self->losses);
      g_clear_pointer (&self->event_id, g_free);
      gst_cpac_monitor_update_stats (self);
      break;
    case GST_EVENT_SEGMENT:
      gst_cpac_losses_reset (&self->losses);
      break;
    case GST_EVENT_EOS:
      gst_cpac_monitor_end_session (self, TRUE);
      gst_cpac_monitor_update_stats (self);
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_cpac_monitor_parent_class)->sink_event (base, event);
}

/* Late frames downstream make elements upstream drop some: those come back as losses. */
static gboolean
gst_cpac_monitor_src_event (GstBaseTransform *base, GstEvent *event)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (base);

  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS) {
    GST_OBJECT_LOCK (self);
    self->stats.n_qos_events++;
    GST_OBJECT_UNLOCK (self);
  }
  return GST_BASE_TRANSFORM_CLASS (gst_cpac_monitor_parent_class)->src_event (base, event);
}

static GstFlowReturn
gst_cpac_monitor_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  return gst_cpac_monitor_process (GST_CPAC_MONITOR (base), buffer);
}

/* ---- What an operator asks for ---- */

static void
gst_cpac_monitor_reset_charts (GstCpacMonitor *self)
{
  GST_OBJECT_LOCK (self);
  self->resets_charts = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_monitor_restart_phase_one (GstCpacMonitor *self)
{
  GST_OBJECT_LOCK (self);
  self->restarts_phase_one = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static void
install_signals (GObjectClass *class)
{
  /**
   * cpacmonitor::reset-charts:
   *
   * Somebody has looked: from the next part on charts start again, limits stay.
   */
  signals[SIGNAL_RESET_CHARTS] = g_signal_new_class_handler (
      "reset-charts", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_cpac_monitor_reset_charts), NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * cpacmonitor::restart-phase-one:
   *
   * Somebody decides that what is normal has changed: limits are forgotten and learnt anew from the
   * next part on, or, at the end of the stream, the next session. With
   * #cpacmonitor:state-file they are put aside as FILE.old at that moment.
   */
  signals[SIGNAL_RESTART_PHASE_ONE] = g_signal_new_class_handler (
      "restart-phase-one", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_cpac_monitor_restart_phase_one), NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_cpac_monitor_class_init (GstCpacMonitorClass *class)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_monitor_debug, "cpacmonitor", 0, "CPAC process monitor");
  gst_cpac_score_meta_register ();
  G_OBJECT_CLASS (class)->finalize = gst_cpac_monitor_finalize;
  gst_cpac_monitor_install_properties (G_OBJECT_CLASS (class));
  install_signals (G_OBJECT_CLASS (class));
  base_class->start = GST_DEBUG_FUNCPTR (gst_cpac_monitor_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_cpac_monitor_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_cpac_monitor_set_caps);
  base_class->propose_allocation = GST_DEBUG_FUNCPTR (gst_cpac_monitor_propose_allocation);
  base_class->sink_event = GST_DEBUG_FUNCPTR (gst_cpac_monitor_sink_event);
  base_class->src_event = GST_DEBUG_FUNCPTR (gst_cpac_monitor_src_event);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_cpac_monitor_transform_ip);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "CPAC process monitor", "Filter/Analyzer/Video",
      "Charts scored parts, keeps their ledger and journal, tells drift, defects and camera faults",
      "gst-cpac authors <maintainers@gst-cpac.example>");
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_PARTS_BY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_MONITOR_MESSAGES, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_JOURNAL_SYNC, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_MONITOR_CHARTS, 0);
}

/* See cpacscore. */
static void
keep_qos_off (GstBaseTransform *base, GParamSpec *pspec, gpointer user_data)
{
  if (!gst_base_transform_is_qos_enabled (base))
    return;
  GST_WARNING_OBJECT (base, "qos stays off: no frame may vanish");
  gst_base_transform_set_qos_enabled (base, FALSE);
}

static void
gst_cpac_monitor_init (GstCpacMonitor *self)
{
  GstBaseTransform *base = GST_BASE_TRANSFORM (self);

  gst_base_transform_set_in_place (base, TRUE);
  gst_base_transform_set_passthrough (base, FALSE);
  gst_base_transform_set_gap_aware (base, TRUE);
  gst_base_transform_set_qos_enabled (base, FALSE);
  g_signal_connect (self, "notify::qos", G_CALLBACK (keep_qos_off), NULL);
  gst_cpac_monitor_init_properties (self);
}
