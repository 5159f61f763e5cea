/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-settings.h"

GType
gst_cpac_threshold_mode_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_THRESHOLD_MODE_MODEL, "Thresholds stored in the model", "model" },
    { GST_CPAC_THRESHOLD_MODE_MANUAL, "Threshold given by the property threshold", "manual" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacThresholdMode", values));
  return type;
}

GType
gst_cpac_overload_policy_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_OVERLOAD_POLICY_BLOCK, "Score every frame, however late", "block" },
    { GST_CPAC_OVERLOAD_POLICY_SKIP, "Pass late frames on without scoring them", "skip" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacOverloadPolicy", values));
  return type;
}

GType
gst_cpac_messages_get_type (void)
{
  static const GEnumValue values[] = {
    { GST_CPAC_MESSAGES_NONE, "No message", "none" },
    { GST_CPAC_MESSAGES_DEFECTS, "A message for every frame whose verdict is not-ok", "defects" },
    { GST_CPAC_MESSAGES_ALL, "A message for every frame", "all" },
    { 0, NULL, NULL },
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstCpacMessages", values));
  return type;
}

gboolean
gst_cpac_parse_region (const char *text, CpacRect *region)
{
  g_auto (GStrv) parts = NULL;
  guint64 values[4];

  *region = (CpacRect){ 0 };
  if (text == NULL || *text == '\0')
    return TRUE;
  parts = g_strsplit (text, ",", -1);
  if (g_strv_length (parts) != 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, i < 2 ? 0 : 1, CPAC_FRAME_MAX_SIDE, &values[i],
                                     NULL))
      return FALSE;
  *region =
      (CpacRect){ (guint) values[0], (guint) values[1], (guint) values[2], (guint) values[3] };
  return TRUE;
}
