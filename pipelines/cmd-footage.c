/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/train/footage.h"
#include "pipelines/frames.h"
#include "pipelines/tool.h"

static gboolean as_json;
static char *out, *surface, *size, *defects, *split;
static int n_parts = 40, frames_per_part = 1;
static gint64 seed = 1;
static double defect_rate = 0.25, contrast = 1, light_drift = 0.1, lamp_drift, surface_drift;
static int drift_start;
static gboolean conveyor;

static const GOptionEntry entries[] = {
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for pictures, masks and the list", "DIR" },
  { "surface", 0, 0, G_OPTION_ARG_STRING, &surface, "metal (default), cast or woven", "S" },
  { "size", 0, 0, G_OPTION_ARG_STRING, &size, "Of a frame (256x256)", "WxH" },
  { "parts", 0, 0, G_OPTION_ARG_INT, &n_parts, "Physical parts (40)", "N" },
  { "frames-per-part", 0, 0, G_OPTION_ARG_INT, &frames_per_part, "Pictures of a part (1)", "N" },
  { "defect-rate", 0, 0, G_OPTION_ARG_DOUBLE, &defect_rate, "Share of bad parts (0.25)", "P" },
  { "defects", 0, 0, G_OPTION_ARG_STRING, &defects, "Of scratch,pit,stain,chip (all)", "A,B" },
  { "contrast", 0, 0, G_OPTION_ARG_DOUBLE, &contrast, "Of the defects, 0.8 to 2 (1)", "F" },
  { "light-drift", 0, 0, G_OPTION_ARG_DOUBLE, &light_drift,
    "How far the light swings to and fro, 0 to 0.25 (0.1)", "F" },
  { "lamp-drift", 0, 0, G_OPTION_ARG_DOUBLE, &lamp_drift,
    "Share of its light that the lamp has lost at the last part, 0 to 0.5 (0)", "F" },
  { "surface-drift", 0, 0, G_OPTION_ARG_DOUBLE, &surface_drift,
    "How much stronger the texture is at the last part, 0 to 1 (0)", "F" },
  { "drift-start", 0, 0, G_OPTION_ARG_INT, &drift_start, "Last part before drifts (0)", "N" },
  { "split", 0, 0, G_OPTION_ARG_STRING, &split, "What the list says they are for (test)", "S" },
  { "conveyor", 0, 0, G_OPTION_ARG_NONE, &conveyor, "Parts pass by; default: one a frame", NULL },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Other seed, other footage (1)", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

static gboolean
read_surface (CpacFootageSpec *spec)
{
  if (surface == NULL)
    return TRUE;
  for (guint i = 0; i < CPAC_N_SURFACES; i++)
    if (g_str_equal (surface, cpac_footage_surface_to_string (i))) {
      spec->surface = i;
      return TRUE;
    }
  tool_fail_text (&tool_footage, "--surface must be metal, cast or woven, got \"%s\"", surface);
  return FALSE;
}

static gboolean
read_defects (CpacFootageSpec *spec)
{
  g_auto (GStrv) names = defects != NULL ? g_strsplit (defects, ",", -1) : NULL;

  if (names == NULL)
    return TRUE;
  spec->defect_types = 0;
  for (guint k = 0; names[k] != NULL; k++) {
    guint type = 0;

    while (type < CPAC_N_DEFECTS && !g_str_equal (names[k], cpac_defect_type_to_string (type)))
      type++;
    if (type == CPAC_N_DEFECTS) {
      tool_fail_text (&tool_footage, "--defects takes scratch, pit, stain and chip, got \"%s\"",
                      names[k]);
      return FALSE;
    }
    spec->defect_types |= 1u << type;
  }
  return TRUE;
}

static gboolean
read_spec (CpacFootageSpec *spec)
{
  char rest;

  if (size != NULL && sscanf (size, "%ux%u%c", &spec->width, &spec->height, &rest) != 2) {
    tool_fail_text (&tool_footage, "--size must be WIDTHxHEIGHT, got \"%s\"", size);
    return FALSE;
  }
  if (n_parts < 1 || frames_per_part < 1) {
    tool_fail_text (&tool_footage, "--parts and --frames-per-part must be at least 1");
    return FALSE;
  }
  if (drift_start < 0) {
    tool_fail_text (&tool_footage, "--drift-start must be at least 0, got %d", drift_start);
    return FALSE;
  }
  spec->n_parts = (guint) n_parts;
  spec->frames_per_part = (guint) frames_per_part;
  spec->seed = (guint64) seed;
  spec->defect_rate = defect_rate;
  spec->contrast = contrast;
  spec->light_drift = light_drift;
  spec->lamp_drift = lamp_drift;
  spec->surface_drift = surface_drift;
  spec->drift_start = (guint) drift_start;
  spec->view = conveyor ? CPAC_FOOTAGE_CONVEYOR : CPAC_FOOTAGE_STATIC;
  return read_surface (spec) && read_defects (spec);
}

static gboolean
write_gray (const guint8 *pixels, guint width, guint height, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (out, name, NULL);
  CpacFrameInfo info = { .format = CPAC_PIXEL_GRAY8, .width = width, .height = height };
  CpacFrame frame = { .info = &info, .planes = { pixels }, .strides = { (gssize) width } };

  return cpac_frames_write_png (&frame, path, error);
}

/* Picture @index, its mask when it is defective, and its line of the list. A part's name holds the
 * seed: those of another seed are other parts. */
static gboolean
write_frame (const CpacFootage *footage, guint index, guint8 *gray, guint8 *mask, GString *list,
             GError **error)
{
  const CpacFootageSpec *spec = cpac_footage_get_spec (footage);
  g_autofree char *name = g_strdup_printf ("frame-%05u.png", index);
  g_autofree char *mask_name = g_strdup_printf ("mask-%05u.png", index);
  CpacFootageTruth truth;
  gboolean bad;

  cpac_footage_render (footage, index, gray, mask, &truth);
  bad = truth.n_defects > 0;
  g_string_append_printf (list, "%s,%s,%s,%s,part-%" G_GINT64_FORMAT "-%05u\n", name,
                          split != NULL ? split : "test",
                          bad ? cpac_defect_type_to_string (truth.defects[0].type) : "good",
                          bad ? mask_name : "", seed, truth.part);
  return write_gray (gray, spec->width, spec->height, name, error) &&
         (!bad || write_gray (mask, spec->width, spec->height, mask_name, error));
}

static gboolean
write_all (const CpacFootage *footage, GError **error)
{
  const CpacFootageSpec *spec = cpac_footage_get_spec (footage);
  gsize n_pixels = (gsize) spec->width * spec->height;
  g_autofree guint8 *gray = g_malloc (n_pixels);
  g_autofree guint8 *mask = g_malloc (n_pixels);
  g_autofree char *path = g_build_filename (out, "list.csv", NULL);
  g_autoptr (GString) list = g_string_new ("path,split,label,mask,group\n");
  guint n = cpac_footage_get_n_frames (footage);

  for (guint i = 0; i < n; i++) {
    if (!write_frame (footage, i, gray, mask, list, error))
      return FALSE;
    tool_progress ("footage", i + 1, n);
  }
  tool_progress_end ();
  return cpac_file_replace (path, list->str, list->len, error);
}

static int
run (int argc, char **argv)
{
  CpacFootageSpec spec = CPAC_FOOTAGE_SPEC_INIT;
  g_autoptr (CpacFootage) footage = NULL;
  GError *error = NULL;

  if (!tool_parse (&tool_footage, entries, 0, 0, &argc, &argv) || !read_spec (&spec))
    return TOOL_ERROR;
  if (out == NULL)
    return tool_fail_text (&tool_footage, "--out is missing: which folder?");
  if (split != NULL && strpbrk (split, ",\"\r\n") != NULL)
    return tool_fail_text (&tool_footage, "--split must be one plain word, got \"%s\"", split);
  gst_init (NULL, NULL);
  footage = cpac_footage_new (&spec, &error);
  if (footage == NULL)
    return tool_fail (&tool_footage, error);
  if (!cpac_file_make_folder (out, &error) || !write_all (footage, &error))
    return tool_fail (&tool_footage, error);
  if (as_json) {
    g_autoptr (JsonBuilder) builder = json_builder_new ();

    json_builder_begin_object (builder);
    tool_json_int (builder, "frames", cpac_footage_get_n_frames (footage));
    json_builder_end_object (builder);
    tool_print_json (builder);
  } else {
    printf ("%u frames in %s, list.csv names their truth\n", cpac_footage_get_n_frames (footage),
            out);
  }
  return TOOL_DONE;
}

const ToolCommand tool_footage = {
  .name = "footage",
  .arguments = "--out DIR",
  .summary = "Make seeded inspection pictures with ground truth",
  .run = run,
};
