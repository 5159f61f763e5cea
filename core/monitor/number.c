/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/number.h"

CpacNumber
cpac_number (double value, guint digits)
{
  char format[] = "%.0g";
  CpacNumber number;

  g_assert (digits >= 1 && digits <= 9);
  format[2] = (char) ('0' + digits);
  g_ascii_formatd (number.text, sizeof number.text, format, value);
  return number;
}
