/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <stdio.h>

#include "core/kernels/kernels.h"
#include "pipelines/tool.h"

static const ToolCommand *const commands[] = {
  &tool_inspect,   &tool_train,    &tool_fit,       &tool_join,   &tool_prune,   &tool_compress,
  &tool_calibrate, &tool_evaluate, &tool_explain,   &tool_replay, &tool_compare, &tool_bench,
  &tool_report,    &tool_footage,  &tool_synthetic, &tool_arl,    &tool_import,  &tool_export,
};

static void
print_help (FILE *out)
{
  fputs ("Usage: cpac COMMAND ...\n\n"
         "Defect scoring with compact CPAC-Conv networks.\n\nCommands:\n",
         out);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
  fputs ("\n`cpac COMMAND --help` tells the options of one. Exit status: 0 done, 1 the answer is "
         "no, 2 usage or input error.\n",
         out);
}

int
main (int argc, char **argv)
{
  CpacLevel level;
  GError *error = NULL;

  setlocale (LC_ALL, "");
  /* Figures are read and written with a point, as in the files: a report has the same bytes
   * everywhere. */
  setlocale (LC_NUMERIC, "C");
  if (argc < 2 || g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")) {
    print_help (argc < 2 ? stderr : stdout);
    return argc < 2 ? TOOL_ERROR : TOOL_DONE;
  }
  if (g_str_equal (argv[1], "--version")) {
    puts ("cpac " CPAC_VERSION);
    return TOOL_DONE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (!g_str_equal (argv[1], commands[i]->name))
      continue;
    if (!cpac_level_get (&level, &error))
      return tool_fail (commands[i], error);
    return commands[i]->run (argc - 1, argv + 1);
  }
  fprintf (stderr, "cpac: there is no command \"%s\"; see cpac --help\n", argv[1]);
  return TOOL_ERROR;
}
