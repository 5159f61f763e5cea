/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/monitor/chart.h"

G_BEGIN_DECLS

/**
 * CpacRule:
 *
 * Patterns of single points (Western Electric 1956: WE 1 to 4; Nelson 1984: N 1 to 8). "Beyond"
 * is on one side of the centre. They are made for eyes, and each adds false alarms: all four of
 * Western Electric's alarm every 92 points in control, where the first alone does every 370.
 */
typedef enum {
  CPAC_RULE_BEYOND_3 = 1 << 0,       /* WE 1, N 1: beyond 3 sigma */
  CPAC_RULE_2_OF_3 = 1 << 1,         /* WE 2, N 5: 2 of 3 points beyond 2 sigma */
  CPAC_RULE_4_OF_5 = 1 << 2,         /* WE 3, N 6: 4 of 5 points beyond 1 sigma */
  CPAC_RULE_8_SAME = 1 << 3,         /* WE 4: 8 points on one side */
  CPAC_RULE_9_SAME = 1 << 4,         /* N 2: 9 points on one side */
  CPAC_RULE_15_NEAR = 1 << 5,        /* N 7: 15 points within 1 sigma of the centre */
  CPAC_RULE_8_FAR = 1 << 6,          /* N 8: 8 points farther than 1 sigma, on either side */
  CPAC_RULE_6_TREND = 1 << 7,        /* N 3: 6 points that only rise, or only fall */
  CPAC_RULE_14_ALTERNATING = 1 << 8, /* N 4: 14 points that rise and fall in turn */
} CpacRule;
#define CPAC_N_RULES 9

#define CPAC_RULES_WESTERN_ELECTRIC                                                                \
  (CPAC_RULE_BEYOND_3 | CPAC_RULE_2_OF_3 | CPAC_RULE_4_OF_5 | CPAC_RULE_8_SAME)
#define CPAC_RULES_NELSON (((1 << CPAC_N_RULES) - 1) & ~CPAC_RULE_8_SAME)
/* Rules that see the order of values, not only the zone each is in. */
#define CPAC_RULES_OF_ORDER (CPAC_RULE_6_TREND | CPAC_RULE_14_ALTERNATING)

/* "beyond-3", "2-of-3", "4-of-5", "8-same", "9-same", "15-near", "8-far", "6-trend",
 * "14-alternating". @rule is a single one. */
const char *cpac_rule_to_string (CpacRule rule);
/* A set of rules (CpacRule) from the names of single rules, "western-electric" (all four),
 * "nelson" (all eight), "we1" to "we4" and "nelson1" to "nelson8", separated by commas.
 * CPAC_ERROR_SCHEMA. */
gboolean cpac_rules_from_string (const char *names, guint *rules, GError **error);

/* How many sigma bounds lie between a point and the centre, and one more: 1 to 4, negative below
 * the centre, 0 at the centre. */
int cpac_rules_get_zone (double x);

/* What rules remember of past zones; bytes that no rule of the set needs stay 0, and counts stop
 * one short of the rule, so that states are few. */
typedef struct {
  guint8 beyond_2[2]; /* one bit a point, the latest lowest; [0] above, [1] below the centre */
  guint8 beyond_1[2];
  guint8 same[2]; /* points in a row on that side */
  guint8 near, far;
} CpacZoneHistory;

/* Takes one more point in @zone and returns the rules it fulfils. */
guint cpac_zone_history_step (CpacZoneHistory *history, guint rules, int zone);

typedef struct {
  guint rules; /* CpacRule, those that are watched */
  CpacZoneHistory zones;
  gboolean has_previous;
  double previous;
  guint8 rises, falls; /* in a row; the other is 0 */
  guint8 turns;        /* steps in a row each against the one before, the first counted */
} CpacRulesChart;

/* Forgets the past. */
void cpac_rules_reset (CpacRulesChart *chart);
/* The rules that @x fulfils, each at the point that completes its pattern. */
guint cpac_rules_step (CpacRulesChart *chart, double x);

G_END_DECLS
