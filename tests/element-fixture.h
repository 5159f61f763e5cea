/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

/*
 * What the element tests share: models whose answer can be computed in the head, small frames, and
 * ways to look at metadata and messages. A test's files lie in a folder of its own.
 */

/**
 * ToyModel:
 *
 * A 1x1 convolution over RGB scaled to 0..1: z = red R + green G + blue B + bias for each pixel.
 *
 *  - classifier ("good", "bad"): the logits are the means of 0 and z; on a plain frame the score is
 *    1 / (1 + exp (-z)); threshold 0.5, warn-threshold 0.25
 *  - map: the score is the largest 3x3 mean of z; threshold 0, range -1..1
 */
typedef struct {
  const char *name;
  gboolean map;
  guint size; /* width and height of the input */
  float red, green, blue, bias;
  guint min_size; /* 0: none given */
} ToyModel;

/* Weights that tell the channels apart. */
#define TOY_CLASSIFIER                                                                             \
  ((ToyModel){ .name = "toy", .size = 4, .red = 4, .green = 2, .blue = 1, .bias = -3 })
#define TOY_MAP                                                                                    \
  ((ToyModel){                                                                                     \
      .name = "toy-map", .map = TRUE, .size = 4, .red = 1, .green = 1, .blue = 1, .bias = -1.5f })

/* A fresh folder; fixture_folder_free() removes it with its files. */
char *fixture_folder_new (void);
void fixture_folder_free (char *folder);

/* Writes FOLDER/NAME.yaml and NAME.safetensors; returns the former's path. (transfer full) */
char *fixture_write_model (const char *folder, const ToyModel *model);
/* A file with that text. (transfer full) */
char *fixture_write_text (const char *folder, const char *name, const char *text);

/* The score of a plain frame by the classifier above. */
double fixture_classifier_score (const ToyModel *model, double r, double g, double b);

/* A harness about a new cpacscore in PLAYING, with a bus, its caps set when not NULL. */
GstHarness *fixture_harness (const char *model, const char *caps, GstBus **bus);
void fixture_harness_free (GstHarness *harness, GstBus *bus);

#define FIXTURE_RGB_CAPS "video/x-raw,format=RGB,width=4,height=4,framerate=30/1"

/* A plain 4x4 RGB frame, number @index at 30 frames a second. */
GstBuffer *fixture_frame (guint index, guint8 r, guint8 g, guint8 b);
/* Pushes and pulls. (transfer full) */
GstBuffer *fixture_pass (GstHarness *harness, GstBuffer *buffer);

/* The metadata; an error when there is none. */
const GstStructure *fixture_meta (GstBuffer *buffer);
const char *fixture_text (const GstStructure *structure, const char *field);
gint fixture_int (const GstStructure *structure, const char *field);
guint64 fixture_uint64 (const GstStructure *structure, const char *field);
double fixture_double (const GstStructure *structure, const char *field);
/* Bytes of a sample field. (transfer full) */
GBytes *fixture_sample (const GstStructure *structure, const char *field);
/* Value of a field of the property `stats`. */
guint64 fixture_stat (GstHarness *harness, const char *field);

/* The next message of @type whose structure has @name (NULL: any), NULL when there is none.
 * (transfer full) */
GstMessage *fixture_pop (GstBus *bus, GstMessageType type, const char *name);
/* The text of the next WARNING or ERROR; waits up to 10 s. (transfer full) */
char *fixture_wait_trouble (GstBus *bus, GstMessageType type, GError **error);
