/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/json-members.h"
#include "core/report/summary-private.h"
#include "core/score/ledger-json.h"

gboolean
cpac_report_read_header (CpacReportReader *reader, JsonObject *object, GError **error)
{
  guint64 torn = 0;

  if (reader->is_open)
    cpac_report_break_off (reader);
  reader->summary->n_runs++;
  reader->is_open = TRUE;
  cpac_report_add_model (reader, object, 0);
  if (cpac_member_count (cpac_member_object (object, "previous"), "torn_bytes", &torn) && torn > 0)
    cpac_report_warn (reader,
                      "Before run %" G_GUINT64_FORMAT " a torn line of %" G_GUINT64_FORMAT
                      " bytes was cut off: what it said is lost.",
                      reader->summary->n_runs, torn);
  return TRUE;
}

static void
check_counts (CpacReportReader *reader, const char *of, const CpacLedger *said,
              const CpacLedger *counted)
{
  gboolean is_same = said->seen == counted->seen;

  for (guint i = 0; i < CPAC_N_VERDICTS; i++)
    is_same = is_same && said->verdicts[i] == counted->verdicts[i];
  if (is_same && cpac_ledger_closes (said))
    return;
  reader->summary->closes = FALSE;
  cpac_report_warn (
      reader,
      "Run %" G_GUINT64_FORMAT " does not add up: its closing record (line %" G_GUINT64_FORMAT
      ") says %" G_GUINT64_FORMAT " %s seen, %" G_GUINT64_FORMAT " ok, %" G_GUINT64_FORMAT
      " not ok, %" G_GUINT64_FORMAT " not decidable, %" G_GUINT64_FORMAT
      " not inspected; its lines say %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
      ", %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT ".",
      reader->summary->n_runs, reader->line, said->seen, of, said->verdicts[CPAC_VERDICT_OK],
      said->verdicts[CPAC_VERDICT_NOT_OK], said->verdicts[CPAC_VERDICT_NOT_DECIDABLE],
      said->verdicts[CPAC_VERDICT_UNDEFINED], counted->seen, counted->verdicts[CPAC_VERDICT_OK],
      counted->verdicts[CPAC_VERDICT_NOT_OK], counted->verdicts[CPAC_VERDICT_NOT_DECIDABLE],
      counted->verdicts[CPAC_VERDICT_UNDEFINED]);
}

static void
end_run (CpacReportReader *reader)
{
  if (reader->summary->has_parts && reader->n_part_records == 0 && reader->ledger.frames.seen > 0)
    cpac_report_warn (reader,
                      "Run %" G_GUINT64_FORMAT " has %" G_GUINT64_FORMAT
                      " frames and no parts: they are not among the parts told here.",
                      reader->summary->n_runs, reader->ledger.frames.seen);
  reader->is_open = FALSE;
  reader->ledger = (CpacLineLedger){ 0 };
  reader->n_part_records = 0;
  reader->worst_part = G_MAXUINT64;
}

void
cpac_report_break_off (CpacReportReader *reader)
{
  reader->summary->closes = FALSE;
  cpac_report_warn (reader,
                    "Run %" G_GUINT64_FORMAT
                    " has no closing record: it broke off, or is still going on. What came after "
                    "its last line is not known.",
                    reader->summary->n_runs);
  end_run (reader);
}

gboolean
cpac_report_read_closing (CpacReportReader *reader, JsonObject *object, GError **error)
{
  JsonObject *parts = cpac_member_object (object, "parts");
  CpacLedger said;

  if (!cpac_ledger_read_json (cpac_member_object (object, "frames"), &said))
    return cpac_report_refuse (reader, "no ledger, expected one of whole numbers", error);
  check_counts (reader, "frames", &said, &reader->ledger.frames);
  if (parts != NULL && !cpac_ledger_read_json (parts, &said))
    return cpac_report_refuse (reader, "no ledger, expected one of whole numbers", error);
  if (parts != NULL)
    check_counts (reader, "parts", &said, &reader->ledger.parts);
  if (cpac_member_flag (object, "recovered"))
    cpac_report_warn (reader,
                      "Run %" G_GUINT64_FORMAT
                      " broke off; its closing record was added when the next one began.",
                      reader->summary->n_runs);
  end_run (reader);
  return TRUE;
}

void
cpac_report_begin_without_header (CpacReportReader *reader)
{
  reader->summary->n_runs++;
  reader->is_open = TRUE;
  cpac_report_warn (reader,
                    "Run %" G_GUINT64_FORMAT " (from line %" G_GUINT64_FORMAT
                    ") has no header: what came before is not known.",
                    reader->summary->n_runs, reader->line);
}
