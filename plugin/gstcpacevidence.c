/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * SECTION:element-cpacevidence
 * @title: cpacevidence
 *
 * Keeps what was rejected or doubtful for people to look at later: of every frame whose verdict is
 * among #cpacevidence:verdicts the picture, the heat map and the line of the journal, in a folder
 * that holds at most #cpacevidence:max-size bytes, where the oldest go first. Frames go on
 * untouched, all of them. It belongs behind cpacscore (and cpacmonitor, if the lines are to name
 * parts) and in front of cpacoverlay, as it keeps frames as they come in.
 *
 * Files are named by when the session began (UTC) and by the frame's number in the metadata:
 *
 * * `yyyymmddThhmmss-ffffffffffff.png`: the picture, gray or RGB, 8 bits a sample
 * * `yyyymmddThhmmss-ffffffffffff-map.png`: the heat map, gray, at its own size; where there is one
 * * `yyyymmddThhmmss-ffffffffffff.json`: the frame's line, schema `cpac-inspection/1`, as cpacjson
 *   writes it; written last, so that where it is, the others are whole
 *
 * Sets of earlier sessions count and go first; files with other names are never touched. One
 * element at a time may use a folder.
 *
 * Nothing here makes the stream wait. A thread of its own encodes and writes; it holds references
 * to #cpacevidence:max-pending frames at most. A frame that comes while that many are held is
 * counted in #cpacevidence:stats as `dropped` and not kept; one that cannot be written (a full
 * disk), as `failed`. The first of each is a WARNING. Frames without metadata, skipped ones and
 * those flagged GAP are none of its business. An element downstream that writes into a frame while
 * it is held gets a copy, as behind a tee.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=90 ! video/x-raw,format=GRAY8 ! cpacscore
 * model=model.yaml ! cpacevidence location=evidence max-size=1000000000 ! fakesink
 * ]|
 */

#include "plugin/gstcpacevidence.h"

#include "core/error.h"
#include "plugin/score-meta.h"
#include "plugin/video-frame.h"

GST_DEBUG_CATEGORY (gst_cpac_evidence_debug);
#define GST_CAT_DEFAULT gst_cpac_evidence_debug

#define DEFAULT_MAX_SIZE ((guint64) 1 << 30)
#define DEFAULT_MAX_PENDING 4
#define DEFAULT_VERDICTS (1u << CPAC_VERDICT_NOT_OK | 1u << CPAC_VERDICT_NOT_DECIDABLE)

enum {
  PROP_0,
  PROP_LOCATION,
  PROP_MAX_SIZE,
  PROP_MAX_PENDING,
  PROP_VERDICTS,
  PROP_SOURCE,
  PROP_BIT_DEPTH,
  PROP_STATS,
};

/* The largest side is cairo's. */
#define VIDEO_CAPS                                                                                 \
  "video/x-raw, format=" GST_CPAC_VIDEO_FORMATS ", width=[1, 32767], height=[1, 32767], "          \
  "framerate=[0/1, 2147483647/1]"

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));

G_DEFINE_TYPE (GstCpacEvidence, gst_cpac_evidence, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (cpacevidence, "cpacevidence", GST_RANK_NONE, GST_TYPE_CPAC_EVIDENCE)

GType
gst_cpac_evidence_verdicts_get_type (void)
{
  static const GFlagsValue values[] = {
    { 1u << CPAC_VERDICT_UNDEFINED, "Looked at, but without a trustworthy result", "undefined" },
    { 1u << CPAC_VERDICT_OK, "Good ones", "ok" },
    { 1u << CPAC_VERDICT_NOT_OK, "Rejected ones", "not-ok" },
    { 1u << CPAC_VERDICT_NOT_DECIDABLE, "Doubtful ones", "not-decidable" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("GstCpacEvidenceVerdicts", values));
  return type;
}

/* ---- Properties ---- */

static void
set_text (char **text, const GValue *value)
{
  g_free (*text);
  *text = g_value_dup_string (value);
}

static void
gst_cpac_evidence_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      set_text (&self->location, value);
      break;
    case PROP_MAX_SIZE:
      self->settings.max_size = g_value_get_uint64 (value);
      break;
    case PROP_MAX_PENDING:
      self->settings.max_pending = g_value_get_uint (value);
      break;
    case PROP_VERDICTS:
      self->settings.verdicts = g_value_get_flags (value);
      break;
    case PROP_SOURCE:
      set_text (&self->source, value);
      break;
    case PROP_BIT_DEPTH:
      self->settings.bit_depth = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
stats_to_structure (const GstCpacEvidenceStats *stats)
{
  return gst_structure_new ("cpac-evidence-stats", "kept", G_TYPE_UINT64, stats->n_kept, "dropped",
                            G_TYPE_UINT64, stats->n_dropped, "removed", G_TYPE_UINT64,
                            stats->n_removed, "failed", G_TYPE_UINT64, stats->n_failed, "bytes",
                            G_TYPE_UINT64, stats->size, NULL);
}

static void
gst_cpac_evidence_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint64 (value, self->settings.max_size);
      break;
    case PROP_MAX_PENDING:
      g_value_set_uint (value, self->settings.max_pending);
      break;
    case PROP_VERDICTS:
      g_value_set_flags (value, self->settings.verdicts);
      break;
    case PROP_SOURCE:
      g_value_set_string (value, self->source);
      break;
    case PROP_BIT_DEPTH:
      g_value_set_uint (value, self->settings.bit_depth);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, stats_to_structure (&self->stats));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_cpac_evidence_finalize (GObject *object)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (object);

  g_free (self->location);
  g_free (self->source);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (gst_cpac_evidence_parent_class)->finalize (object);
}

/* ---- Start and stop ---- */

static gboolean
open_folder (GstCpacEvidence *self, const char *folder, GError **error)
{
  guint bit_depth = self->in_force.bit_depth;

  if (folder == NULL || *folder == '\0') {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "no folder given: set property \"location\" to where evidence is kept");
    return FALSE;
  }
  if (bit_depth > 0 && bit_depth < 9) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "property \"bit-depth\" is %u, expected 0 or 9 to 16", bit_depth);
    return FALSE;
  }
  return gst_cpac_evidence_open (self, folder, error);
}

static gboolean
gst_cpac_evidence_start (GstBaseTransform *base)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (base);
  g_autofree char *folder = NULL;
  g_autoptr (GError) error = NULL;

  self->warned_dropped = FALSE;
  GST_OBJECT_LOCK (self);
  folder = g_strdup (self->location);
  self->in_force = self->settings;
  GST_OBJECT_UNLOCK (self);
  if (open_folder (self, folder, &error))
    return TRUE;
  if (error->domain == CPAC_ERROR)
    GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS, ("%s", error->message), (NULL));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_WRITE, ("%s", error->message), (NULL));
  return FALSE;
}

static gboolean
gst_cpac_evidence_stop (GstBaseTransform *base)
{
  gst_cpac_evidence_close (GST_CPAC_EVIDENCE (base));
  return TRUE;
}

/* ---- The stream ---- */

static gboolean
gst_cpac_evidence_set_caps (GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (base);

  if (gst_video_info_from_caps (&self->video, in))
    return TRUE;
  GST_ERROR_OBJECT (self, "cannot read frames of %" GST_PTR_FORMAT, in);
  return FALSE;
}

/* Frames that are held are missing from the pool of whoever makes them. */
static gboolean
gst_cpac_evidence_propose_allocation (GstBaseTransform *base, GstQuery *decide, GstQuery *query)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (base);
  guint more = self->in_force.max_pending;

  if (!GST_BASE_TRANSFORM_CLASS (gst_cpac_evidence_parent_class)
           ->propose_allocation (base, decide, query))
    return FALSE;
  for (guint i = 0; i < gst_query_get_n_allocation_pools (query); i++) {
    GstBufferPool *pool;
    guint size, min, max;

    gst_query_parse_nth_allocation_pool (query, i, &pool, &size, &min, &max);
    if (max == 0 || (guint64) min + more <= max)
      gst_query_set_nth_allocation_pool (query, i, pool, size, min + more, max);
    gst_clear_object (&pool);
  }
  return TRUE;
}

/* Only two texts are read of the metadata: this is done for every frame of the line. */
static gboolean
is_wanted (GstCpacEvidence *self, GstBuffer *buffer)
{
  GstCustomMeta *meta = gst_buffer_get_custom_meta (buffer, GST_CPAC_SCORE_META);
  const GstStructure *structure;
  CpacStatus status;
  CpacVerdict verdict;
  guint verdicts;

  if (meta == NULL || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    return FALSE;
  structure = gst_custom_meta_get_structure (meta);
  if (!cpac_status_from_string (gst_structure_get_string (structure, "status"), &status) ||
      !cpac_verdict_from_string (gst_structure_get_string (structure, "verdict"), &verdict))
    return FALSE;
  GST_OBJECT_LOCK (self);
  verdicts = self->settings.verdicts;
  GST_OBJECT_UNLOCK (self);
  return status != CPAC_STATUS_SKIPPED && (verdicts & 1u << verdict) != 0;
}

static void
count_dropped (GstCpacEvidence *self)
{
  GST_OBJECT_LOCK (self);
  self->stats.n_dropped++;
  GST_OBJECT_UNLOCK (self);
  GST_INFO_OBJECT (self, "a frame is not kept: %u are held", self->in_force.max_pending);
  if (!self->warned_dropped)
    GST_ELEMENT_WARNING (self, RESOURCE, BUSY,
                         ("Evidence is not kept: frames come faster than they can be written"),
                         ("see stats for how many; max-pending is %u", self->in_force.max_pending));
  self->warned_dropped = TRUE;
}

static GstFlowReturn
gst_cpac_evidence_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  GstCpacEvidence *self = GST_CPAC_EVIDENCE (base);

  if (is_wanted (self, buffer) && !gst_cpac_evidence_offer (self, buffer))
    count_dropped (self);
  return GST_FLOW_OK;
}

/* ---- The class ---- */

#define READY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_folder_properties (GObjectClass *class)
{
  g_object_class_install_property (
      class, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
                           "Folder for the files, made where it is not there; must be given", NULL,
                           READY_FLAGS));
  /**
   * cpacevidence:max-size:
   *
   * Counts the bytes of the element's own files, those of earlier sessions too; file systems take
   * some more. The bound holds at every moment, as room is made before a frame is written.
   */
  g_object_class_install_property (
      class, PROP_MAX_SIZE,
      g_param_spec_uint64 ("max-size", "Largest size",
                           "Bytes of evidence in the folder, beyond which the oldest go first", 1,
                           G_MAXUINT64, DEFAULT_MAX_SIZE, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
                          "Frames kept, dropped, removed and failed since the start; bytes now",
                          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
install_frame_properties (GObjectClass *class)
{
  g_object_class_install_property (
      class, PROP_VERDICTS,
      g_param_spec_flags ("verdicts", "Verdicts", "Frames with which verdicts are kept",
                          GST_TYPE_CPAC_EVIDENCE_VERDICTS, DEFAULT_VERDICTS, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_MAX_PENDING,
      g_param_spec_uint ("max-pending", "Most frames pending",
                         "Frames held for writing, beyond which more are not kept", 1, 1000,
                         DEFAULT_MAX_PENDING, READY_FLAGS));
  g_object_class_install_property (
      class, PROP_SOURCE,
      g_param_spec_string ("source", "Source", "Name of the camera or station, for every line",
                           NULL, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_BIT_DEPTH,
      g_param_spec_uint ("bit-depth", "Bit depth",
                         "Significant bits of GRAY16 samples, 9 to 16 (0 = 16, the format's); "
                         "other formats ignore it",
                         0, 16, 0, READY_FLAGS));
}

static void
gst_cpac_evidence_class_init (GstCpacEvidenceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (class);

  GST_DEBUG_CATEGORY_INIT (gst_cpac_evidence_debug, "cpacevidence", 0, "CPAC evidence keeper");
  gst_cpac_score_meta_register ();
  object_class->set_property = gst_cpac_evidence_set_property;
  object_class->get_property = gst_cpac_evidence_get_property;
  object_class->finalize = gst_cpac_evidence_finalize;
  install_folder_properties (object_class);
  install_frame_properties (object_class);
  base_class->start = GST_DEBUG_FUNCPTR (gst_cpac_evidence_start);
  base_class->stop = GST_DEBUG_FUNCPTR (gst_cpac_evidence_stop);
  base_class->set_caps = GST_DEBUG_FUNCPTR (gst_cpac_evidence_set_caps);
  base_class->propose_allocation = GST_DEBUG_FUNCPTR (gst_cpac_evidence_propose_allocation);
  base_class->transform_ip = GST_DEBUG_FUNCPTR (gst_cpac_evidence_transform_ip);
  base_class->transform_ip_on_passthrough = TRUE;

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (
      element_class, "CPAC evidence keeper", "Filter/Analyzer/Video",
      "Keeps pictures of rejected and doubtful parts in a folder with a size bound",
      "gst-cpac authors <maintainers@gst-cpac.example>");
  gst_type_mark_as_plugin_api (GST_TYPE_CPAC_EVIDENCE_VERDICTS, 0);
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
gst_cpac_evidence_init (GstCpacEvidence *self)
{
  GstBaseTransform *base = GST_BASE_TRANSFORM (self);

  gst_base_transform_set_in_place (base, TRUE);
  gst_base_transform_set_passthrough (base, TRUE);
  gst_base_transform_set_gap_aware (base, TRUE);
  gst_base_transform_set_qos_enabled (base, FALSE);
  g_signal_connect (self, "notify::qos", G_CALLBACK (keep_qos_off), NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_queue_init (&self->pending);
  self->settings = (GstCpacEvidenceSettings){
    .max_size = DEFAULT_MAX_SIZE,
    .max_pending = DEFAULT_MAX_PENDING,
    .verdicts = DEFAULT_VERDICTS,
  };
}
