/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/ledger-json.h"

#include "core/model/json-members.h"
#include "core/model/json-writer.h"

static const char *const names[CPAC_N_VERDICTS] = {
  [CPAC_VERDICT_UNDEFINED] = "undefined",
  [CPAC_VERDICT_OK] = "ok",
  [CPAC_VERDICT_NOT_OK] = "not_ok",
  [CPAC_VERDICT_NOT_DECIDABLE] = "not_decidable",
};

void
cpac_ledger_open_json (GString *json, const char *key, const CpacLedger *ledger)
{
  static const CpacVerdict order[] = { CPAC_VERDICT_OK, CPAC_VERDICT_NOT_OK,
                                       CPAC_VERDICT_NOT_DECIDABLE, CPAC_VERDICT_UNDEFINED };

  cpac_json_open (json, key, '{');
  cpac_json_add_count (json, "seen", ledger->seen);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    cpac_json_add_count (json, names[order[i]], ledger->verdicts[order[i]]);
}

gboolean
cpac_ledger_read_json (JsonObject *object, CpacLedger *ledger)
{
  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    if (!cpac_member_count (object, names[i], &ledger->verdicts[i]))
      return FALSE;
  return cpac_member_count (object, "seen", &ledger->seen);
}
