/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of a JSON object, each taken for absent where it is of another type. @object may be NULL:
 * then everything is absent. */

/* No count of a journal gets here, and sums of two do not overflow. */
#define CPAC_MEMBER_MAX_COUNT (G_MAXINT64 / 4)

/* A whole number from 0 to CPAC_MEMBER_MAX_COUNT; @value stays as it is where there is none. */
gboolean cpac_member_count (JsonObject *object, const char *key, guint64 *value);
/* NAN where there is none. */
double cpac_member_double (JsonObject *object, const char *key);
/* NULL where there is none. (transfer none) all three */
const char *cpac_member_text (JsonObject *object, const char *key);
JsonObject *cpac_member_object (JsonObject *object, const char *key);
JsonArray *cpac_member_array (JsonObject *object, const char *key);
/* FALSE where there is none. */
gboolean cpac_member_flag (JsonObject *object, const char *key);
/* The object at @index; NULL where it is none. (transfer none) */
JsonObject *cpac_element_object (JsonArray *array, guint index);

G_END_DECLS
