/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cpac_frame_plan_new() refuses, and in which words. */

#include <math.h>

#include "core/frame/frame.h"

typedef struct {
  CpacInputSpec spec;
  CpacFrameInfo info;
  CpacRect region;
  CpacError code;
  const char *message;
} Case;

#define SPEC(w, h, c, mean, scale, resize, mw, mh)                                                 \
  {                                                                                                \
    w, h, c, { mean }, { scale, 1, 1 }, resize, mw, mh                                             \
  }
#define GOOD_SPEC SPEC (8, 8, 1, 0, 1, 0, 4, 4)
#define GOOD_INFO                                                                                  \
  {                                                                                                \
    CPAC_PIXEL_I420, 17, 13, 0, 0, 0                                                               \
  }
#define WHOLE                                                                                      \
  {                                                                                                \
    0, 0, 0, 0                                                                                     \
  }

static const Case refused[] = {
  { SPEC (0, 8, 1, 0, 1, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_SCHEMA,
    "network input is 0x8 pixels, expected 1x1 to 16384x16384" },
  { SPEC (8, 16385, 1, 0, 1, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_SCHEMA,
    "network input is 8x16385 pixels, expected 1x1 to 16384x16384" },
  { SPEC (8, 8, 1, 0, 1, 0, 0, 1), GOOD_INFO, WHOLE, CPAC_ERROR_SCHEMA,
    "min-size is 0x1 pixels, expected 1x1 to 32768x32768" },
  { SPEC (8, 8, 1, 0, 1, 3, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_SCHEMA,
    "resize is number 3, expected 0 to 2" },
  { SPEC (8, 8, 2, 0, 1, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_SCHEMA,
    "network input has 2 channels, expected 1 or 3" },
  { SPEC (8, 8, 1, 0, 0, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_NUMERIC,
    "mean 0 and scale 0 of channel 0 do not normalise 0..255 to finite numbers" },
  { SPEC (8, 8, 3, NAN, 1, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_NUMERIC,
    "mean nan and scale 1 of channel 0 do not normalise 0..255 to finite numbers" },
  { SPEC (8, 8, 1, 0, INFINITY, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_NUMERIC,
    "mean 0 and scale inf of channel 0 do not normalise 0..255 to finite numbers" },
  { SPEC (8, 8, 1, 0, 1e-37, 0, 1, 1), GOOD_INFO, WHOLE, CPAC_ERROR_NUMERIC,
    "mean 0 and scale 1e-37 of channel 0 do not normalise 0..255 to finite numbers" },
  { GOOD_SPEC,
    { 13, 17, 13, 0, 0, 0 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "pixel format is number 13, expected 0 to 12" },
  { GOOD_SPEC,
    { 0, 17, 13, 3, 0, 0 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "color matrix is number 3, expected 0 to 2" },
  { GOOD_SPEC,
    { 0, 17, 13, 0, 2, 0 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "color range is number 2, expected 0 to 1" },
  { GOOD_SPEC,
    { 0, 0, 13, 0, 0, 0 },
    WHOLE,
    CPAC_ERROR_SHAPE,
    "frame is 0x13 pixels, expected 1x1 to 32768x32768" },
  { GOOD_SPEC,
    { 0, 17, G_MAXUINT, 0, 0, 0 },
    WHOLE,
    CPAC_ERROR_SHAPE,
    "frame is 17x4294967295 pixels, expected 1x1 to 32768x32768" },
  { GOOD_SPEC,
    { CPAC_PIXEL_GRAY8, 17, 13, 0, 0, 10 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "bit depth 10 of GRAY8, expected 8 (or 0, from the format)" },
  { GOOD_SPEC,
    { CPAC_PIXEL_GRAY16_BE, 17, 13, 0, 0, 8 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "bit depth 8 of GRAY16_BE, expected 9 to 16 (or 0, from the format)" },
  { GOOD_SPEC,
    { CPAC_PIXEL_GRAY16_LE, 17, 13, 0, 0, 17 },
    WHOLE,
    CPAC_ERROR_SCHEMA,
    "bit depth 17 of GRAY16_LE, expected 9 to 16 (or 0, from the format)" },
  { GOOD_SPEC,
    GOOD_INFO,
    { 10, 0, 8, 13 },
    CPAC_ERROR_SHAPE,
    "region 10,0,8,13 (x,y,width,height) is not inside the 17x13 frame" },
  { GOOD_SPEC,
    GOOD_INFO,
    { 0, 13, 5, 5 },
    CPAC_ERROR_SHAPE,
    "region 0,13,5,5 (x,y,width,height) is not inside the 17x13 frame" },
  { GOOD_SPEC,
    GOOD_INFO,
    { 0, 0, 5, 0 },
    CPAC_ERROR_SHAPE,
    "region 0,0,5,0 (x,y,width,height) is not inside the 17x13 frame" },
  { GOOD_SPEC,
    GOOD_INFO,
    { G_MAXUINT, 0, 2, 5 },
    CPAC_ERROR_SHAPE,
    "region 4294967295,0,2,5 (x,y,width,height) is not inside the 17x13 frame" },
  { GOOD_SPEC,
    GOOD_INFO,
    { 5, 5, 3, 4 },
    CPAC_ERROR_SHAPE,
    "region is 3x4 pixels, the network takes no less than 4x4" },
  { GOOD_SPEC,
    { 0, 17, 3, 0, 0, 0 },
    WHOLE,
    CPAC_ERROR_SHAPE,
    "frame is 17x3 pixels, the network takes no less than 4x4" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    const Case *c = &refused[i];
    g_autoptr (GError) error = NULL;
    CpacFramePlan *plan = cpac_frame_plan_new (&c->spec, &c->info, &c->region, &error);

    g_assert_null (plan);
    g_assert_error (error, CPAC_ERROR, (int) c->code);
    g_assert_cmpstr (error->message, ==, c->message);
  }
}

/* The last values that are taken. */
static void
test_limits (void)
{
  static const Case cases[] = {
    { SPEC (8, 8, 1, -1e6, 1e-30, 2, 17, 13), GOOD_INFO, { 0, 0, 17, 13 }, 0, NULL },
    { GOOD_SPEC, { CPAC_PIXEL_GRAY8, 17, 13, 0, 1, 8 }, { 13, 9, 4, 4 }, 0, NULL },
    { GOOD_SPEC, { CPAC_PIXEL_GRAY16_LE, 17, 13, 2, 1, 9 }, { 9, 9, 0, 0 }, 0, NULL },
    { GOOD_SPEC, { CPAC_PIXEL_NV21, 32768, 32768, 2, 1, 8 }, { 32763, 32764, 5, 4 }, 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (CpacFramePlan) plan = cpac_frame_plan_new (&c->spec, &c->info, &c->region, &error);

    g_assert_no_error (error);
    g_assert_nonnull (plan);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-check/refused", test_refused);
  g_test_add_func ("/frame-check/limits", test_limits);
  return g_test_run ();
}
