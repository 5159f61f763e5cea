/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-properties.h"

#define DEFAULT_THRESHOLD 0.5
#define DEFAULT_THRESHOLD_MODE GST_CPAC_THRESHOLD_MODE_MODEL
#define DEFAULT_OVERLOAD_POLICY GST_CPAC_OVERLOAD_POLICY_BLOCK
#define DEFAULT_HEATMAP TRUE
#define DEFAULT_ROI_META FALSE
#define DEFAULT_ANALYTICS_META FALSE
#define DEFAULT_EXPLAIN 0
#define DEFAULT_BIT_DEPTH 0
#define DEFAULT_MIN_REGION_AREA 0
#define DEFAULT_MESSAGES GST_CPAC_MESSAGES_DEFECTS
#define DEFAULT_PROCESSING_LATENCY 0
#define DEFAULT_N_THREADS 1
#define MAX_THREADS 64

enum {
  PROP_0,
  PROP_MODEL,
  PROP_THRESHOLD,
  PROP_THRESHOLD_MODE,
  PROP_OVERLOAD_POLICY,
  PROP_HEATMAP,
  PROP_ROI_META,
  PROP_ANALYTICS_META,
  PROP_EXPLAIN,
  PROP_FEATURES,
  PROP_REGION,
  PROP_BIT_DEPTH,
  PROP_IGNORE_MASK,
  PROP_MIN_REGION_AREA,
  PROP_MESSAGES,
  PROP_PROCESSING_LATENCY,
  PROP_N_THREADS,
  PROP_STATS,
};

static void
set_text (char **text, const GValue *value)
{
  g_free (*text);
  *text = g_value_dup_string (value);
}

static void
set_region (GstCpacScore *self, const char *text)
{
  CpacRect region;
  gboolean valid = gst_cpac_parse_region (text, &region);

  GST_OBJECT_LOCK (self);
  g_free (self->region);
  self->region = g_strdup (text);
  self->settings.region = region;
  self->settings.region_is_valid = valid;
  self->settings.region_serial++;
  GST_OBJECT_UNLOCK (self);
}

/* Takes effect when the pipeline asks for latency again, which the message makes it do. */
static void
set_processing_latency (GstCpacScore *self, GstClockTime latency)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->processing_latency != latency;
  self->processing_latency = latency;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    gst_element_post_message (GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
}

/* With the object lock held. */
static void
store (GstCpacScore *self, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacScoreSettings *settings = &self->settings;

  switch (id) {
    case PROP_MODEL:
      set_text (&self->model, value);
      break;
    case PROP_THRESHOLD:
      settings->threshold = g_value_get_double (value);
      break;
    case PROP_THRESHOLD_MODE:
      settings->threshold_mode = g_value_get_enum (value);
      break;
    case PROP_OVERLOAD_POLICY:
      settings->overload_policy = g_value_get_enum (value);
      break;
    case PROP_HEATMAP:
      settings->heatmap = g_value_get_boolean (value);
      break;
    case PROP_ROI_META:
      settings->roi_meta = g_value_get_boolean (value);
      break;
    case PROP_ANALYTICS_META:
      settings->analytics_meta = g_value_get_boolean (value);
      break;
    case PROP_EXPLAIN:
      settings->explain = g_value_get_uint (value);
      break;
    case PROP_FEATURES:
      set_text (&self->features, value);
      break;
    case PROP_IGNORE_MASK:
      set_text (&self->ignore_mask, value);
      break;
    case PROP_MIN_REGION_AREA:
      settings->min_region_area = g_value_get_uint (value);
      break;
    case PROP_BIT_DEPTH:
      self->bit_depth = g_value_get_uint (value);
      break;
    case PROP_MESSAGES:
      settings->messages = g_value_get_enum (value);
      break;
    case PROP_N_THREADS:
      self->n_threads = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (self, id, pspec);
  }
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstCpacScore *self = GST_CPAC_SCORE (object);

  if (id == PROP_REGION) {
    set_region (self, g_value_get_string (value));
  } else if (id == PROP_PROCESSING_LATENCY) {
    set_processing_latency (self, g_value_get_uint64 (value));
  } else {
    GST_OBJECT_LOCK (self);
    store (self, id, value, pspec);
    GST_OBJECT_UNLOCK (self);
  }
  if (id == PROP_MODEL)
    gst_cpac_loader_request (self->loader, g_value_get_string (value));
}

/* With the object lock held. */
static void
fetch (GstCpacScore *self, guint id, GValue *value, GParamSpec *pspec)
{
  const GstCpacScoreSettings *settings = &self->settings;

  switch (id) {
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_THRESHOLD:
      g_value_set_double (value, settings->threshold);
      break;
    case PROP_THRESHOLD_MODE:
      g_value_set_enum (value, (gint) settings->threshold_mode);
      break;
    case PROP_OVERLOAD_POLICY:
      g_value_set_enum (value, (gint) settings->overload_policy);
      break;
    case PROP_HEATMAP:
      g_value_set_boolean (value, settings->heatmap);
      break;
    case PROP_ROI_META:
      g_value_set_boolean (value, settings->roi_meta);
      break;
    case PROP_ANALYTICS_META:
      g_value_set_boolean (value, settings->analytics_meta);
      break;
    case PROP_EXPLAIN:
      g_value_set_uint (value, settings->explain);
      break;
    case PROP_FEATURES:
      g_value_set_string (value, self->features);
      break;
    case PROP_REGION:
      g_value_set_string (value, self->region);
      break;
    case PROP_IGNORE_MASK:
      g_value_set_string (value, self->ignore_mask);
      break;
    case PROP_MIN_REGION_AREA:
      g_value_set_uint (value, settings->min_region_area);
      break;
    case PROP_BIT_DEPTH:
      g_value_set_uint (value, self->bit_depth);
      break;
    case PROP_MESSAGES:
      g_value_set_enum (value, (gint) settings->messages);
      break;
    case PROP_PROCESSING_LATENCY:
      g_value_set_uint64 (value, self->processing_latency);
      break;
    case PROP_N_THREADS:
      g_value_set_uint (value, self->n_threads);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (self, id, pspec);
  }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstCpacScore *self = GST_CPAC_SCORE (object);
  GstCpacScoreStats stats;

  GST_OBJECT_LOCK (self);
  if (id == PROP_STATS)
    stats = self->stats;
  else
    fetch (self, id, value, pspec);
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_STATS)
    g_value_take_boxed (value, gst_cpac_score_stats_to_structure (&stats));
}

#define READY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

static void
install_model_properties (GObjectClass *class)
{
  /**
   * cpacscore:model:
   *
   * Path of the model's YAML. Set while running, the file is loaded beside the stream, checked, and
   * takes over between two frames, with a `cpac-model-changed` message; setting the same path again
   * reads the file again. A model that cannot be loaded, that lacks a layer named in
   * #cpacscore:features or that cannot take the frames is a WARNING, and the present one stays. Of
   * several changes in quick succession the last one counts.
   */
  g_object_class_install_property (
      class, PROP_MODEL,
      g_param_spec_string ("model", "Model", "Path of the model's YAML file", NULL, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_THRESHOLD,
      g_param_spec_double ("threshold", "Threshold",
                           "Score above which a frame is not-ok, with threshold-mode=manual",
                           -G_MAXDOUBLE, G_MAXDOUBLE, DEFAULT_THRESHOLD,
                           PLAYING_FLAGS | GST_PARAM_CONTROLLABLE));
  g_object_class_install_property (
      class, PROP_THRESHOLD_MODE,
      g_param_spec_enum ("threshold-mode", "Threshold mode", "Where the threshold comes from",
                         GST_TYPE_CPAC_THRESHOLD_MODE, DEFAULT_THRESHOLD_MODE, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_N_THREADS,
      g_param_spec_uint ("n-threads", "Threads",
                         "Threads that score one frame together; results do not depend on it", 1,
                         MAX_THREADS, DEFAULT_N_THREADS, READY_FLAGS));
}

static void
install_input_properties (GObjectClass *class)
{
  /**
   * cpacscore:region:
   *
   * The part of the frame that is looked at, such as "16,0,640,480": x, y, width and height in
   * pixels, digits only; unset for all of it. A region that does not lie inside the frame, or is
   * smaller than the model takes, is one WARNING; frames then pass with status `error`.
   */
  g_object_class_install_property (
      class, PROP_REGION,
      g_param_spec_string ("region", "Region",
                           "Part of the frame to look at: x,y,width,height in pixels", NULL,
                           PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_BIT_DEPTH,
      g_param_spec_uint ("bit-depth", "Bit depth",
                         "Significant bits of GRAY16 samples, 9 to 16 (0 = 16, the format's); "
                         "other formats ignore it",
                         0, 16, DEFAULT_BIT_DEPTH, READY_FLAGS));
  /**
   * cpacscore:ignore-mask:
   *
   * Path of a PNG that is laid over the whole frame, whatever the size of either: what is not black
   * in it does not count. Cells of the heat map that lie under it with half of their area or more
   * are 0 in the map, belong to no region, and do not raise the score of a head that gives a map;
   * all others keep the values they would have without it. What the network sees from a cell beside
   * the mask still reaches under it, so leave a margin, and calibrate the model with the same mask:
   * `cpac calibrate`, `evaluate` and `replay` have the option `--ignore-mask`. The score of a
   * classifier is of the whole picture; the mask does not change it. A mask that cannot be read is
   * an ERROR at start; one that leaves nothing to look at is one WARNING, and frames pass with
   * status `error`.
   */
  g_object_class_install_property (
      class, PROP_IGNORE_MASK,
      g_param_spec_string ("ignore-mask", "Ignore mask",
                           "Path of a PNG over the whole frame: what is not black does not count",
                           NULL, READY_FLAGS));
  /**
   * cpacscore:overload-policy:
   *
   * With `skip`, a frame for which the sink says that it comes too late (QOS events), or whose
   * successor is already due by the pipeline's clock, passes on with status `skipped`, is counted
   * and posts a QOS message. Every frame goes on under either policy. Offline, use `block`.
   */
  g_object_class_install_property (
      class, PROP_OVERLOAD_POLICY,
      g_param_spec_enum ("overload-policy", "Overload policy",
                         "What happens to frames that come faster than they can be scored",
                         GST_TYPE_CPAC_OVERLOAD_POLICY, DEFAULT_OVERLOAD_POLICY, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_PROCESSING_LATENCY,
      g_param_spec_uint64 ("processing-latency", "Processing latency",
                           "Time in ns that scoring may take, added to the pipeline's latency", 0,
                           GST_SECOND * 3600, DEFAULT_PROCESSING_LATENCY, PLAYING_FLAGS));
}

static void
install_output_properties (GObjectClass *class)
{
  g_object_class_install_property (class, PROP_HEATMAP,
                                   g_param_spec_boolean ("heatmap", "Heat map",
                                                         "Put the heat map into the metadata",
                                                         DEFAULT_HEATMAP, PLAYING_FLAGS));
  /**
   * cpacscore:min-region-area:
   *
   * Smaller defect regions are not listed in the metadata, nor in what is made of it. The score and
   * the verdict do not know of it: a frame may be not-ok without a region.
   */
  g_object_class_install_property (
      class, PROP_MIN_REGION_AREA,
      g_param_spec_uint ("min-region-area", "Least region area",
                         "Pixels of the frame below which a defect region is not listed", 0,
                         G_MAXINT, DEFAULT_MIN_REGION_AREA, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_ROI_META,
      g_param_spec_boolean ("roi-meta", "ROI metadata",
                            "Add a GstVideoRegionOfInterestMeta for each defect region",
                            DEFAULT_ROI_META, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_ANALYTICS_META,
      g_param_spec_boolean ("analytics-meta", "Analytics metadata",
                            "Add a GstAnalyticsRelationMeta with each defect region (needs a "
                            "build against GStreamer 1.24 or newer)",
                            DEFAULT_ANALYTICS_META, PLAYING_FLAGS));
  /**
   * cpacscore:explain:
   *
   * With N above 0 every scored frame's metadata says where its score comes from: `explained`,
   * `bias-part`, `identity-error` and `components`, the N strongest components of the last CPAC
   * layer that no way to the score goes around (else the last with several), each with its
   * contribution and a map of it (GRAY8, 128 is nothing). The contributions of all its components
   * and the bias part sum to what is explained. Scores do not change by a bit; the time is counted
   * in `time-ns` (`cpac bench --explain N` tells it). A model that cannot be explained is one
   * WARNING, and its frames are scored all the same.
   */
  g_object_class_install_property (
      class, PROP_EXPLAIN,
      g_param_spec_uint ("explain", "Explain",
                         "Strongest components whose contributions to the score go into the "
                         "metadata (0 = none)",
                         0, CPAC_MAX_CHANNELS, DEFAULT_EXPLAIN, PLAYING_FLAGS));
  g_object_class_install_property (
      class, PROP_FEATURES,
      g_param_spec_string ("features", "Features",
                           "Comma-separated names of layers whose maps go into the metadata", NULL,
                           READY_FLAGS));
  g_object_class_install_property (
      class, PROP_MESSAGES,
      g_param_spec_enum ("messages", "Messages", "Which frames post a cpac-score message",
                         GST_TYPE_CPAC_MESSAGES, DEFAULT_MESSAGES, PLAYING_FLAGS));
  /**
   * cpacscore:stats:
   *
   * Since the element started: `frames`, `scored`, `skipped`, `errors`, `defects` and `lost` count
   * frames, `mean-time-ns` and `p99-time-ns` are the time spent on a scored frame (the latter up to
   * 1/8 too long), all guint64; `last-score` (double) is absent before the first score.
   */
  g_object_class_install_property (
      class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics", "Frames counted and time spent since the start",
                          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

void
gst_cpac_score_install_properties (GObjectClass *class)
{
  class->set_property = set_property;
  class->get_property = get_property;
  install_model_properties (class);
  install_input_properties (class);
  install_output_properties (class);
}

void
gst_cpac_score_init_properties (GstCpacScore *self)
{
  self->bit_depth = DEFAULT_BIT_DEPTH;
  self->n_threads = DEFAULT_N_THREADS;
  self->processing_latency = DEFAULT_PROCESSING_LATENCY;
  self->settings = (GstCpacScoreSettings){
    .threshold_mode = DEFAULT_THRESHOLD_MODE,
    .threshold = DEFAULT_THRESHOLD,
    .overload_policy = DEFAULT_OVERLOAD_POLICY,
    .heatmap = DEFAULT_HEATMAP,
    .roi_meta = DEFAULT_ROI_META,
    .analytics_meta = DEFAULT_ANALYTICS_META,
    .explain = DEFAULT_EXPLAIN,
    .messages = DEFAULT_MESSAGES,
    .min_region_area = DEFAULT_MIN_REGION_AREA,
    .region_is_valid = TRUE,
  };
}

void
gst_cpac_score_clear_properties (GstCpacScore *self)
{
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->features, g_free);
  g_clear_pointer (&self->region, g_free);
  g_clear_pointer (&self->ignore_mask, g_free);
}
