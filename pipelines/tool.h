/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * What the subcommands of `cpac` share. Results go to stdout (with --json one JSON object and
 * nothing else), progress and notes to stderr. Exit status: 0 done, 1 the answer is no, 2 usage or
 * input error with one clear sentence.
 */

#define TOOL_DONE 0
#define TOOL_NO 1
#define TOOL_ERROR 2

typedef struct {
  const char *name;
  const char *arguments; /* of the usage line: "MODEL" */
  const char *summary;   /* one line of --help */
  int (*run) (int argc, char **argv);
} ToolCommand;

extern const ToolCommand tool_arl;
extern const ToolCommand tool_bench;
extern const ToolCommand tool_calibrate;
extern const ToolCommand tool_compare;
extern const ToolCommand tool_compress;
extern const ToolCommand tool_evaluate;
extern const ToolCommand tool_explain;
extern const ToolCommand tool_export;
extern const ToolCommand tool_fit;
extern const ToolCommand tool_footage;
extern const ToolCommand tool_import;
extern const ToolCommand tool_inspect;
extern const ToolCommand tool_join;
extern const ToolCommand tool_prune;
extern const ToolCommand tool_replay;
extern const ToolCommand tool_report;
extern const ToolCommand tool_synthetic;
extern const ToolCommand tool_train;

/* What `--ignore-mask FILE` does, in every command that scores. */
#define TOOL_IGNORE_MASK_HELP "PNG over the whole picture: what is not black does not count"

/* Parses `entries` out of the arguments and checks that @n_min to @n_max words are left in argv[1]
 * and on. On failure the reason has been printed. */
gboolean tool_parse (const ToolCommand *command, const GOptionEntry *entries, guint n_min,
                     guint n_max, int *argc, char ***argv);

/* Prints "cpac COMMAND: message" to stderr, frees @error, returns TOOL_ERROR. */
int tool_fail (const ToolCommand *command, GError *error);
/* The same with a message of its own. */
int tool_fail_text (const ToolCommand *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Sets @message, about the options (CPAC_ERROR_SCHEMA), and returns FALSE. */
gboolean tool_refuse (GError **error, const char *message);
/* A note to stderr. */
void tool_note (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Prints the builder's root object, one line of JSON. */
void tool_print_json (JsonBuilder *builder);
void tool_json_text (JsonBuilder *builder, const char *key, const char *value);
void tool_json_int (JsonBuilder *builder, const char *key, gint64 value);
/* null where @value is not finite. */
void tool_json_double (JsonBuilder *builder, const char *key, double value);

/* A bar on stderr when that is a terminal; nothing otherwise. @done of @total (0: unknown). */
void tool_progress (const char *what, guint64 done, guint64 total);
/* Clears the bar's line. */
void tool_progress_end (void);

G_END_DECLS
