/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/gstcpacevidence.h"
#include "plugin/gstcpacheatmap.h"
#include "plugin/gstcpacjson.h"
#include "plugin/gstcpacmonitor.h"
#include "plugin/gstcpacoverlay.h"
#include "plugin/gstcpacscore.h"
#include "plugin/score-meta.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  gst_cpac_score_meta_register ();
  return GST_ELEMENT_REGISTER (cpacscore, plugin) && GST_ELEMENT_REGISTER (cpacheatmap, plugin) &&
         GST_ELEMENT_REGISTER (cpacjson, plugin) && GST_ELEMENT_REGISTER (cpacoverlay, plugin) &&
         GST_ELEMENT_REGISTER (cpacmonitor, plugin) && GST_ELEMENT_REGISTER (cpacevidence, plugin);
}

#define PACKAGE "gst-cpac"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, cpac,
                   "Scores camera frames for defects with compact CP-decomposed networks",
                   plugin_init, CPAC_VERSION, "LGPL", "gst-cpac", "https://gst-cpac.example")
