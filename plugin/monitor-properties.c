/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/monitor-properties.h"

#include "plugin/monitor-stats.h"

#define DEFAULT_TIMING TRUE
#define DEFAULT_MESSAGES GST_CPAC_MONITOR_MESSAGES_CHANGES
#define DEFAULT_JOURNAL_SYNC GST_CPAC_JOURNAL_SYNC_PART
#define DEFAULT_STATE_INTERVAL 100
#define DEFAULT_PARTS_BY CPAC_PARTS_AUTO
#define DEFAULT_FRAMES_PER_PART 1
#define DEFAULT_PART_GAP (500 * GST_MSECOND)
#define DEFAULT_HOURS 8.0
#define DEFAULT_PARTS_PER_HOUR 1000.0
#define DEFAULT_CHARTS CPAC_CHART_EWMA
#define DEFAULT_REJECT_RATE 0.01
#define DEFAULT_HIGH_REJECT_RATE 0.05
#define DEFAULT_CAMERA TRUE
#define DEFAULT_FEATURES TRUE

enum {
  PROP_0,
  PROP_JOURNAL,
  PROP_JOURNAL_SYNC,
  PROP_SOURCE,
  PROP_TIMING,
  PROP_STATE_FILE,
  PROP_STATE_INTERVAL,
  PROP_PARTS_BY,
  PROP_FRAMES_PER_PART,
  PROP_PART_GAP,
  PROP_HOURS,
  PROP_PARTS_PER_HOUR,
  PROP_PHASE_ONE_PARTS,
  PROP_CHARTS,
  PROP_RULES,
  PROP_REJECT_RATE,
  PROP_HIGH_REJECT_RATE,
  PROP_CAMERA,
  PROP_FEATURES,
  PROP_MESSAGES,
  PROP_STATS,
};

/* ---- Texts ---- */

/* NULL where @id is no text's. */
static char **
find_text (GstCpacMonitor *self, guint id)
{
  switch (id) {
    case PROP_JOURNAL:
      return &self->journal;
    case PROP_SOURCE:
      return &self->source;
    case PROP_STATE_FILE:
      return &self->state_file;
    case PROP_RULES:
      return &self->rules;
    default:
      return NULL;
  }
}

/* ---- Setting and getting, with the object lock held ---- */

static void
store (GstCpacMonitor *self, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacMonitorSettings *settings = &self->settings;
  char **text = find_text (self, id);

  if (text != NULL) {
    g_free (*text);
    *text = g_value_dup_string (value);
    return;
  }
  switch (id) {
    case PROP_JOURNAL_SYNC:
      settings->journal_sync = g_value_get_enum (value);
      break;
    case PROP_TIMING:
      settings->timing = g_value_get_boolean (value);
      break;
    case PROP_STATE_INTERVAL:
      settings->state_interval = g_value_get_uint (value);
      break;
    case PROP_PARTS_BY:
      settings->parts.by = g_value_get_enum (value);
      break;
    case PROP_FRAMES_PER_PART:
      settings->parts.n_frames = g_value_get_uint (value);
      break;
    case PROP_PART_GAP:
      settings->parts.min_gap_ns = g_value_get_uint64 (value);
      break;
    case PROP_HOURS:
      settings->options.hours_per_false_alarm = g_value_get_double (value);
      break;
    case PROP_PARTS_PER_HOUR:
      settings->options.parts_per_hour = g_value_get_double (value);
      break;
    case PROP_PHASE_ONE_PARTS:
      settings->options.n_phase_one = g_value_get_uint (value);
      break;
    case PROP_CHARTS:
      settings->options.score_charts = g_value_get_flags (value);
      break;
    case PROP_REJECT_RATE:
      settings->options.reject_rate = g_value_get_double (value);
      break;
    case PROP_HIGH_REJECT_RATE:
      settings->options.high_reject_rate = g_value_get_double (value);
      break;
    case PROP_CAMERA:
      settings->options.has_camera = g_value_get_boolean (value);
      break;
    case PROP_FEATURES:
      settings->has_features = g_value_get_boolean (value);
      break;
    case PROP_MESSAGES:
      settings->messages = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (self, id, pspec);
  }
}

static void
fetch (GstCpacMonitor *self, guint id, GValue *value, GParamSpec *pspec)
{
  const GstCpacMonitorSettings *settings = &self->settings;
  char **text = find_text (self, id);

  if (text != NULL) {
    g_value_set_string (value, *text);
    return;
  }
  switch (id) {
    case PROP_JOURNAL_SYNC:
      g_value_set_enum (value, (gint) settings->journal_sync);
      break;
    case PROP_TIMING:
      g_value_set_boolean (value, settings->timing);
      break;
    case PROP_STATE_INTERVAL:
      g_value_set_uint (value, settings->state_interval);
      break;
    case PROP_PARTS_BY:
      g_value_set_enum (value, (gint) settings->parts.by);
      break;
    case PROP_FRAMES_PER_PART:
      g_value_set_uint (value, settings->parts.n_frames);
      break;
    case PROP_PART_GAP:
      g_value_set_uint64 (value, settings->parts.min_gap_ns);
      break;
    case PROP_HOURS:
      g_value_set_double (value, settings->options.hours_per_false_alarm);
      break;
    case PROP_PARTS_PER_HOUR:
      g_value_set_double (value, settings->options.parts_per_hour);
      break;
    case PROP_PHASE_ONE_PARTS:
      g_value_set_uint (value, settings->options.n_phase_one);
      break;
    case PROP_CHARTS:
      g_value_set_flags (value, settings->options.score_charts);
      break;
    case PROP_REJECT_RATE:
      g_value_set_double (value, settings->options.reject_rate);
      break;
    case PROP_HIGH_REJECT_RATE:
      g_value_set_double (value, settings->options.high_reject_rate);
      break;
    case PROP_CAMERA:
      g_value_set_boolean (value, settings->options.has_camera);
      break;
    case PROP_FEATURES:
      g_value_set_boolean (value, settings->has_features);
      break;
    case PROP_MESSAGES:
      g_value_set_enum (value, (gint) settings->messages);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (self, id, pspec);
  }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (object);

  GST_OBJECT_LOCK (self);
  store (self, id, value, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacMonitor *self = GST_CPAC_MONITOR (object);
  GstCpacMonitorStats stats;

  GST_OBJECT_LOCK (self);
  if (id == PROP_STATS)
    stats = self->stats;
  else
    fetch (self, id, value, pspec);
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_STATS)
    g_value_take_boxed (value, gst_cpac_monitor_stats_to_structure (&stats));
}

/* ---- What there is ---- */

#define READY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_part_properties (GObjectClass *class)
{
  /**
   * cpacmonitor:parts-by:
   *
   * What tells one part from the next. Ids: a part is a run of frames with one id, from a custom
   * downstream event `cpac-part` (field `part-id`) or the field `part-id` of the metadata; frames
   * without id are between parts and belong to none. Where ids or gaps tell parts, nothing tells
   * which part lost frames belonged to: those on both sides of a loss count as not seen whole, and
   * are `undefined` unless they are `not-ok`. With `frames`, lost frames are counted as if they had
   * come, as far as their number is known.
   */
  g_object_class_install_property (
      class, PROP_PARTS_BY,
      g_param_spec_enum ("parts-by", "Parts by", "What tells one part from the next",
                         GST_TYPE_CPAC_PARTS_BY, DEFAULT_PARTS_BY, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_FRAMES_PER_PART,
      g_param_spec_uint ("frames-per-part", "Frames per part",
                         "Frames that are a part, with parts-by=frames, and with auto where there "
                         "are no ids",
                         1, 1000000, DEFAULT_FRAMES_PER_PART, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_PART_GAP,
      g_param_spec_uint64 ("part-gap", "Part gap",
                           "Time in ns from one frame to the next part's first, with parts-by=gap",
                           1, G_MAXINT64, DEFAULT_PART_GAP, READY_FLAGS));
}

static void
install_journal_properties (GObjectClass *class)
{
  /**
   * cpacmonitor:journal:
   *
   * A file of JSON lines, schema `cpac-inspection/1`, to which every frame, part and loss is
   * appended as soon as it is known: one write() a line, so a program that is killed loses none. A
   * file that is there is gone on with: a torn last line is cut off, a session that broke off is
   * closed by the count of its lines, its part in hand as `undefined` (`not-ok` where a frame of it
   * is), and a WARNING tells of it. A file that is no journal, or that another program writes, is
   * an ERROR at start; so is a journal that cannot be written any more (a full disk), as what is
   * not recorded is not inspected.
   */
  g_object_class_install_property (class, PROP_JOURNAL,
                                   g_param_spec_string ("journal", "Journal",
                                                        "File to which the journal is appended",
                                                        NULL, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_JOURNAL_SYNC,
      g_param_spec_enum ("journal-sync", "Journal sync",
                         "When the journal's lines are brought to the disk",
                         GST_TYPE_CPAC_JOURNAL_SYNC, DEFAULT_JOURNAL_SYNC, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_SOURCE,
      g_param_spec_string ("source", "Source", "Name of the camera or station, for every line",
                           NULL, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_TIMING,
      g_param_spec_boolean ("timing", "Timing",
                            "Write the fields that differ from run to run: wall clock, time spent",
                            DEFAULT_TIMING, PLAYING_FLAGS));
  /**
   * cpacmonitor:state-file:
   *
   * Where limits and charts are kept over restarts: read at start where it is there; written, in
   * one piece or not at all, at the end of phase I, every #cpacmonitor:state-interval parts, at the
   * end of the stream and at stop. Its limits hold, whatever the properties ask for, until phase I
   * is restarted; a WARNING says where they differ. Limits that were learnt from another model,
   * with another ignore mask, or from p-values that are given no more are put aside as FILE.old,
   * and learnt anew.
   */
  g_object_class_install_property (
      class, PROP_STATE_FILE,
      g_param_spec_string ("state-file", "State file",
                           "File that keeps limits and charts over restarts", NULL, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_STATE_INTERVAL,
      g_param_spec_uint ("state-interval", "State interval",
                         "Parts after which the state file is written again", 1, 1000000,
                         DEFAULT_STATE_INTERVAL, READY_FLAGS));
}

static void
install_chart_properties (GObjectClass *class)
{
  /**
   * cpacmonitor:hours-per-false-alarm:
   *
   * One false alarm is allowed in so many hours at #cpacmonitor:parts-per-hour, of all charts
   * together: limits are solved for that.
   */
  g_object_class_install_property (
      class, PROP_HOURS,
      g_param_spec_double ("hours-per-false-alarm", "Hours per false alarm",
                           "Hours in which one false alarm is allowed, of all charts together",
                           0.001, 1e6, DEFAULT_HOURS, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_PARTS_PER_HOUR,
      g_param_spec_double ("parts-per-hour", "Parts per hour",
                           "How many parts the line makes, for the false alarms per hour", 1, 1e7,
                           DEFAULT_PARTS_PER_HOUR, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_PHASE_ONE_PARTS,
      g_param_spec_uint ("phase-one-parts", "Phase one parts",
                         "Parts from which is learnt what is normal, before limits are set",
                         CPAC_PHASE_ONE_MIN_PARTS, CPAC_MONITOR_MAX_PHASE_ONE, CPAC_PHASE_ONE_PARTS,
                         READY_FLAGS));
  g_object_class_install_property (
      class, PROP_CHARTS,
      g_param_spec_flags ("charts", "Charts", "Charts of the score; the average is always on",
                          GST_TYPE_CPAC_MONITOR_CHARTS, DEFAULT_CHARTS, READY_FLAGS));
  /**
   * cpacmonitor:rules:
   *
   * Patterns of single parts that count as alarms: "western-electric", "nelson", or names such as
   * "we1,we4,nelson3". Their limits are what they are, so they come on top of the false alarms that
   * are asked for: all four of Western Electric's alarm every 92 parts in control.
   */
  g_object_class_install_property (
      class, PROP_RULES,
      g_param_spec_string ("rules", "Rules", "Western Electric or Nelson rules to watch, if any",
                           NULL, READY_FLAGS));
  /**
   * cpacmonitor:reject-rate:
   *
   * The share of parts that are rejected when all is well: what the calibration allows, plus what
   * the line makes. 0: the rate of rejects is not charted.
   */
  g_object_class_install_property (
      class, PROP_REJECT_RATE,
      g_param_spec_double ("reject-rate", "Reject rate",
                           "Share of parts that are rejected when all is well (0 = not charted)", 0,
                           0.5, DEFAULT_REJECT_RATE, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_HIGH_REJECT_RATE,
      g_param_spec_double ("high-reject-rate", "High reject rate",
                           "Share of rejected parts that is to be found soonest", 0, 0.99,
                           DEFAULT_HIGH_REJECT_RATE, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_CAMERA,
      g_param_spec_boolean ("camera", "Camera",
                            "Chart brightness, contrast, sharpness and saturation of the pixels",
                            DEFAULT_CAMERA, READY_FLAGS));
  /**
   * cpacmonitor:features:
   *
   * Chart T^2 and Q of the means of the feature maps in the metadata, where cpacscore publishes
   * some (#cpacscore:features), up to 256 channels. They tell a new appearance from a defect.
   */
  g_object_class_install_property (
      class, PROP_FEATURES,
      g_param_spec_boolean ("features", "Features",
                            "Chart the means of the feature maps in the metadata, if any",
                            DEFAULT_FEATURES, READY_FLAGS));
}

static void
install_output_properties (GObjectClass *class)
{
  g_object_class_install_property (
      class, PROP_MESSAGES,
      g_param_spec_enum ("messages", "Messages", "Which parts post a cpac-monitor message",
                         GST_TYPE_CPAC_MONITOR_MESSAGES, DEFAULT_MESSAGES, PLAYING_FLAGS));
  /**
   * cpacmonitor:stats:
   *
   * The ledger since the start, or the last end of stream: `frames-seen` = `frames-ok` +
   * `frames-not-ok` + `frames-not-decidable` + `frames-undefined`, among the latter `frames-lost`;
   * the same of `parts`, plus a part in hand (`part-in-hand`, boolean) that has no verdict yet;
   * `frames-between` belong to no part. `frames-corrupted`, `frames-unmeasured` (pixels that could
   * not be read) and `qos-events` (that went upstream, where they may drop frames) count since the
   * start. All guint64. `state` and `sentence` (strings) are those of the last part; `frozen`
   * (boolean): limits are set.
   */
  g_object_class_install_property (
      class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics", "The ledger of frames and parts, and the state",
                          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

void
gst_cpac_monitor_install_properties (GObjectClass *class)
{
  class->set_property = set_property;
  class->get_property = get_property;
  install_part_properties (class);
  install_journal_properties (class);
  install_chart_properties (class);
  install_output_properties (class);
}

void
gst_cpac_monitor_init_properties (GstCpacMonitor *self)
{
  CpacMonitorOptions options = CPAC_MONITOR_OPTIONS_INIT;

  options.hours_per_false_alarm = DEFAULT_HOURS;
  options.parts_per_hour = DEFAULT_PARTS_PER_HOUR;
  options.n_phase_one = CPAC_PHASE_ONE_PARTS;
  options.score_charts = DEFAULT_CHARTS;
  options.reject_rate = DEFAULT_REJECT_RATE;
  options.high_reject_rate = DEFAULT_HIGH_REJECT_RATE;
  options.has_camera = DEFAULT_CAMERA;
  self->settings = (GstCpacMonitorSettings){
    .messages = DEFAULT_MESSAGES,
    .timing = DEFAULT_TIMING,
    .parts = { DEFAULT_PARTS_BY, DEFAULT_FRAMES_PER_PART, DEFAULT_PART_GAP },
    .journal_sync = DEFAULT_JOURNAL_SYNC,
    .state_interval = DEFAULT_STATE_INTERVAL,
    .options = options,
    .has_features = DEFAULT_FEATURES,
  };
}

void
gst_cpac_monitor_clear_properties (GstCpacMonitor *self)
{
  g_clear_pointer (&self->journal, g_free);
  g_clear_pointer (&self->source, g_free);
  g_clear_pointer (&self->state_file, g_free);
  g_clear_pointer (&self->rules, g_free);
}
