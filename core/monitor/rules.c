/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/monitor/rules.h"

#include <math.h>
#include <string.h>

static const char *const rule_names[CPAC_N_RULES] = {
  "beyond-3", "2-of-3", "4-of-5",  "8-same",         "9-same",
  "15-near",  "8-far",  "6-trend", "14-alternating",
};

static const struct {
  const char *name;
  guint rules;
} set_names[] = {
  { "western-electric", CPAC_RULES_WESTERN_ELECTRIC },
  { "we1", CPAC_RULE_BEYOND_3 },
  { "we2", CPAC_RULE_2_OF_3 },
  { "we3", CPAC_RULE_4_OF_5 },
  { "we4", CPAC_RULE_8_SAME },
  { "nelson", CPAC_RULES_NELSON },
  { "nelson1", CPAC_RULE_BEYOND_3 },
  { "nelson2", CPAC_RULE_9_SAME },
  { "nelson3", CPAC_RULE_6_TREND },
  { "nelson4", CPAC_RULE_14_ALTERNATING },
  { "nelson5", CPAC_RULE_2_OF_3 },
  { "nelson6", CPAC_RULE_4_OF_5 },
  { "nelson7", CPAC_RULE_15_NEAR },
  { "nelson8", CPAC_RULE_8_FAR },
};

const char *
cpac_rule_to_string (CpacRule rule)
{
  int index = g_bit_nth_lsf (rule, -1);

  g_return_val_if_fail (index >= 0 && index < CPAC_N_RULES, NULL);

  return rule_names[index];
}

static guint
find_rules (const char *name)
{
  for (guint i = 0; i < CPAC_N_RULES; i++)
    if (g_str_equal (name, rule_names[i]))
      return 1u << i;
  for (guint i = 0; i < G_N_ELEMENTS (set_names); i++)
    if (g_str_equal (name, set_names[i].name))
      return set_names[i].rules;
  return 0;
}

gboolean
cpac_rules_from_string (const char *names, guint *rules, GError **error)
{
  g_auto (GStrv) words = g_strsplit (names, ",", -1);

  *rules = 0;
  for (guint i = 0; words[i] != NULL; i++) {
    guint found = find_rules (words[i]);

    if (found == 0) {
      g_autofree char *excerpt = cpac_error_excerpt (words[i]);

      g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                   "rules: found \"%s\", expected western-electric, nelson, we1 to we4, nelson1 to "
                   "nelson8",
                   excerpt);
      return FALSE;
    }
    *rules |= found;
  }
  if (*rules != 0)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA, "rules: found none, expected at least one");
  return FALSE;
}

/* ---- Zones ---- */

int
cpac_rules_get_zone (double x)
{
  double distance = fabs (x);
  int zone = 1 + (distance > 1) + (distance > 2) + (distance > 3);

  return x > 0 ? zone : x < 0 ? -zone : 0;
}

/* Of the latest points, one bit each, and this one: whether it is the @n_needed-th that @is_in. */
static gboolean
step_window (guint8 *bits, guint n_past, guint n_needed, gboolean is_in)
{
  guint n_in = (guint) __builtin_popcount (*bits) + is_in;

  *bits = (guint8) ((*bits << 1 | is_in) & ((1u << n_past) - 1));
  return is_in && n_in >= n_needed;
}

/* Whether this is the @n_needed-th point in a row that @is_in. */
static gboolean
step_run (guint8 *count, guint n_needed, gboolean is_in)
{
  gboolean is_complete = is_in && *count + 1u >= n_needed;

  *count = is_in ? (guint8) MIN (*count + 1u, n_needed - 1) : 0;
  return is_complete;
}

/* Two lengths share one count, which stops short of the longer one. */
static guint
step_same (guint8 *count, guint rules, gboolean is_in)
{
  guint n = *count + 1u, fulfilled = 0;

  if (rules & (CPAC_RULE_8_SAME | CPAC_RULE_9_SAME))
    step_run (count, rules & CPAC_RULE_9_SAME ? 9 : 8, is_in);
  if (is_in && n >= 8)
    fulfilled |= CPAC_RULE_8_SAME;
  if (is_in && n >= 9)
    fulfilled |= CPAC_RULE_9_SAME;
  return fulfilled & rules;
}

static guint
step_side (CpacZoneHistory *history, guint rules, guint side, int zone)
{
  guint fulfilled = step_same (&history->same[side], rules, zone >= 1);

  if (rules & CPAC_RULE_2_OF_3 && step_window (&history->beyond_2[side], 2, 2, zone >= 3))
    fulfilled |= CPAC_RULE_2_OF_3;
  if (rules & CPAC_RULE_4_OF_5 && step_window (&history->beyond_1[side], 4, 4, zone >= 2))
    fulfilled |= CPAC_RULE_4_OF_5;
  return fulfilled;
}

guint
cpac_zone_history_step (CpacZoneHistory *history, guint rules, int zone)
{
  int distance = ABS (zone);
  guint fulfilled = step_side (history, rules, 0, zone) | step_side (history, rules, 1, -zone);

  if (rules & CPAC_RULE_BEYOND_3 && distance >= 4)
    fulfilled |= CPAC_RULE_BEYOND_3;
  if (rules & CPAC_RULE_15_NEAR && step_run (&history->near, 15, distance <= 1))
    fulfilled |= CPAC_RULE_15_NEAR;
  if (rules & CPAC_RULE_8_FAR && step_run (&history->far, 8, distance >= 2))
    fulfilled |= CPAC_RULE_8_FAR;
  return fulfilled;
}

/* ---- Order ---- */

static guint
step_order (CpacRulesChart *chart, double x)
{
  gboolean is_rise = chart->has_previous && x > chart->previous;
  gboolean is_fall = chart->has_previous && x < chart->previous;
  gboolean is_turn = (is_rise && chart->falls > 0) || (is_fall && chart->rises > 0);
  guint fulfilled = 0;

  chart->turns = is_turn ? MIN (chart->turns + 1, 13) : is_rise || is_fall;
  chart->rises = is_rise ? MIN (chart->rises + 1, 5) : 0;
  chart->falls = is_fall ? MIN (chart->falls + 1, 5) : 0;
  chart->previous = x;
  chart->has_previous = TRUE;
  if (MAX (chart->rises, chart->falls) >= 5)
    fulfilled |= CPAC_RULE_6_TREND;
  if (chart->turns >= 13)
    fulfilled |= CPAC_RULE_14_ALTERNATING;
  return fulfilled & chart->rules;
}

void
cpac_rules_reset (CpacRulesChart *chart)
{
  *chart = (CpacRulesChart){ .rules = chart->rules };
}

guint
cpac_rules_step (CpacRulesChart *chart, double x)
{
  return cpac_zone_history_step (&chart->zones, chart->rules, cpac_rules_get_zone (x)) |
         step_order (chart, x);
}
