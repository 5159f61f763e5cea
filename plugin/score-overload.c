/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-overload.h"

#define UNKNOWN_DURATION (20 * GST_MSECOND)

/* As GStreamer's own elements do: a sink that lags by some time is given twice that to catch up.
 * One that is early has a jitter below 0, never below minus the running time. */
static GstClockTime
earliest_of (GstEvent *event)
{
  GstQOSType type;
  GstClockTimeDiff jitter;
  GstClockTime running_time;

  gst_event_parse_qos (event, &type, NULL, &jitter, &running_time);
  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return GST_CLOCK_TIME_NONE;
  if (jitter > 0 && type != GST_QOS_TYPE_THROTTLE)
    return running_time + 2 * (GstClockTime) jitter;
  return running_time + jitter;
}

void
gst_cpac_overload_note_event (GstCpacOverload *overload, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS)
    overload->earliest = earliest_of (event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_LATENCY)
    gst_event_parse_latency (event, &overload->latency);
}

/* The running time that it is now; NONE while no clock runs. */
static GstClockTime
get_current_running_time (GstElement *element)
{
  g_autoptr (GstClock) clock = NULL;
  GstClockTime base_time, now;

  GST_OBJECT_LOCK (element);
  if (GST_STATE (element) == GST_STATE_PLAYING && GST_ELEMENT_CLOCK (element) != NULL)
    clock = gst_object_ref (GST_ELEMENT_CLOCK (element));
  base_time = GST_ELEMENT_CAST (element)->base_time;
  GST_OBJECT_UNLOCK (element);
  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  return now > base_time ? now - base_time : 0;
}

GstClockTimeDiff
gst_cpac_overload_get_lateness (const GstCpacOverload *overload, GstElement *element,
                                const GstCpacTimes *times)
{
  GstClockTime duration = times->duration, now;

  if (!GST_CLOCK_TIME_IS_VALID (times->running_time))
    return 0;
  if (GST_CLOCK_TIME_IS_VALID (overload->earliest) && times->running_time < overload->earliest)
    return GST_CLOCK_DIFF (times->running_time, overload->earliest);
  now = get_current_running_time (element);
  if (!GST_CLOCK_TIME_IS_VALID (now))
    return 0;
  if (!GST_CLOCK_TIME_IS_VALID (duration))
    duration = UNKNOWN_DURATION;
  return GST_CLOCK_DIFF (times->running_time + overload->latency + duration, now);
}
