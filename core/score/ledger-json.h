/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "core/score/ledger.h"

G_BEGIN_DECLS

/* A ledger in JSON, as journals and reports have it: seen, ok, not_ok, not_decidable, undefined,
 * and what else the object tells. */

/* Opens an object @key with these members, and leaves it open. */
void cpac_ledger_open_json (GString *json, const char *key, const CpacLedger *ledger);
/* FALSE where @object, which may be NULL, lacks one of them as a count; see cpac_member_count(). */
gboolean cpac_ledger_read_json (JsonObject *object, CpacLedger *ledger);

G_END_DECLS
