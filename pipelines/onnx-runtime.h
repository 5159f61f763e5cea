/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "core/tensor/tensor.h"

G_BEGIN_DECLS

/**
 * OnnxRuntime:
 *
 * ONNX Runtime in a process of its own, through node and the npm package onnxruntime-node, where
 * there are both: an installation that others made, never this tool.
 */
typedef struct _OnnxRuntime OnnxRuntime;

/* Where what is needed is. Clear with onnx_runtime_place_clear(). */
typedef struct {
  char *node;     /* the program */
  char *packages; /* folder named node_modules that holds the package */
} OnnxRuntimePlace;

/* Looks for node in PATH, and for the package in the folder that CPAC_ONNXRUNTIME names, those of
 * NODE_PATH and the current one, in each of them and in its node_modules. FALSE: @why_not (transfer
 * full) says what is missing, in one sentence without a stop. */
gboolean onnx_runtime_find (OnnxRuntimePlace *place, char **why_not);
void onnx_runtime_place_clear (OnnxRuntimePlace *place);

/* Starts it in @folder, from which all names of files below are relative. Errors: G_IO_ERROR and
 * G_SPAWN_ERROR for a process that does not start, dies, or says that something went wrong,
 * CPAC_ERROR_PARSE for an answer that is none; these are those of all functions below. (transfer
 * full) */
OnnxRuntime *onnx_runtime_start (const OnnxRuntimePlace *place, const char *folder, GError **error);
/* Ends the process. Takes NULL. */
void onnx_runtime_free (OnnxRuntime *runtime);
/* "1.30.0" */
const char *onnx_runtime_get_version (const OnnxRuntime *runtime);

/* A model and what it is run with. */
typedef struct {
  const char *model;
  const char *input;    /* file of floats (channels, height, width) that each of its inputs gets */
  const char *output;   /* file that becomes the floats of its first output */
  const CpacDims *dims; /* of an input */
  guint n_threads;
} OnnxRuntimeJob;

/* Loads a model and runs it once. @session: its number from now on. */
gboolean
onnx_runtime_open (OnnxRuntime *runtime, const OnnxRuntimeJob *job, guint *session, GError **error);
/* Calls it @n_calls times in a row. @us: microseconds of one call, that of node included. */
gboolean
onnx_runtime_time (OnnxRuntime *runtime, guint session, guint n_calls, double *us, GError **error);

/* What one line of the process says under @key: a text, or a finite number. What it says under
 * "error" is an error. */
gboolean onnx_runtime_read_text (const char *line, const char *key, char **value, GError **error);
gboolean
onnx_runtime_read_number (const char *line, const char *key, double *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OnnxRuntime, onnx_runtime_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OnnxRuntimePlace, onnx_runtime_place_clear)

G_END_DECLS
