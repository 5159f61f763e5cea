/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/gst.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/model/files.h"
#include "core/model/model.h"
#include "core/train/dataset.h"
#include "core/train/recipe.h"
#include "pipelines/frames.h"
#include "pipelines/open-dataset.h"
#include "pipelines/picture.h"
#include "pipelines/tool.h"

#define MIB ((gsize) 1 << 20)
/* Pairs of picture and mask side by side, and pixels between tiles. */
#define PAIRS_PER_ROW 4
#define GAP 4

static gboolean as_json;
static char *data, *out;
static int n_pictures = 24;
static gint64 seed = G_MININT64; /* not given */

static const GOptionEntry entries[] = {
  { "data", 0, 0, G_OPTION_ARG_FILENAME, &data, "Manifest, folder, video or idx file", "M" },
  { "out", 0, 0, G_OPTION_ARG_FILENAME, &out, "Folder for synthetic.png", "DIR" },
  { "n", 0, 0, G_OPTION_ARG_INT, &n_pictures, "Damaged pictures to show (24)", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Instead of the recipe's", "N" },
  { "json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object", NULL },
  { NULL },
};

/* One sheet: RGB, pairs of a damaged picture and of the same one with what changed in red. */
typedef struct {
  guint8 *pixels;
  guint width, height;
} Sheet;

static Sheet *
sheet_new (const CpacInputSpec *spec, guint n, GError **error)
{
  guint width = MIN (n, PAIRS_PER_ROW) * 2 * (spec->width + GAP) + GAP;
  guint height = (n + PAIRS_PER_ROW - 1) / PAIRS_PER_ROW * (spec->height + GAP) + GAP;
  Sheet *sheet;

  if ((guint64) width * height > CPAC_PICTURE_MAX_PIXELS) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SHAPE,
                 "a sheet of %ux%u pixels, expected at most %u pixels; a smaller --n helps", width,
                 height, CPAC_PICTURE_MAX_PIXELS);
    return NULL;
  }
  sheet = g_new0 (Sheet, 1);
  sheet->width = width;
  sheet->height = height;
  sheet->pixels = g_malloc ((gsize) width * height * 3);
  memset (sheet->pixels, 0xff, (gsize) width * height * 3);
  return sheet;
}

static void
sheet_free (Sheet *sheet)
{
  g_free (sheet->pixels);
  g_free (sheet);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sheet, sheet_free)

static guint8
get_byte (const CpacInputSpec *spec, const float *picture, guint channel, gsize place)
{
  guint c = MIN (channel, spec->channels - 1);
  double value =
      picture[c * (gsize) spec->width * spec->height + place] * spec->scale[c] + spec->mean[c];

  return (guint8) (CLAMP (value, 0, 255) + 0.5);
}

/* @mask NULL: the picture as it is. */
static void
put_picture (Sheet *sheet, const CpacInputSpec *spec, guint column, guint row, const float *picture,
             const guint8 *mask)
{
  for (guint y = 0; y < spec->height; y++)
    for (guint x = 0; x < spec->width; x++) {
      gsize place = (gsize) y * spec->width + x;
      gsize to_x = GAP + (gsize) column * (spec->width + GAP) + x;
      gsize to_y = GAP + (gsize) row * (spec->height + GAP) + y;
      guint8 *pixel = sheet->pixels + (to_y * sheet->width + to_x) * 3;

      for (guint c = 0; c < 3; c++)
        pixel[c] = get_byte (spec, picture, c, place);
      if (mask == NULL || !mask[place])
        continue;
      pixel[0] = (guint8) (128 + pixel[0] / 2);
      pixel[1] /= 2;
      pixel[2] /= 2;
    }
}

static gboolean
sheet_write (const Sheet *sheet, GError **error)
{
  g_autofree char *path = g_build_filename (out, "synthetic.png", NULL);
  CpacFrameInfo info = { CPAC_PIXEL_RGB, sheet->width, sheet->height, 0, 0, 0 };
  CpacFrame frame = { &info, { sheet->pixels }, { (gssize) sheet->width * 3 } };

  return cpac_file_make_folder (out, error) && cpac_frames_write_png (&frame, path, error);
}

/* ---- What is shown ---- */

/* Good pictures of the training split. (element-type guint) */
static GArray *
list_good (const CpacDataset *dataset)
{
  GArray *good = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < cpac_dataset_get_n (dataset, CPAC_SPLIT_TRAIN); i++)
    if (!cpac_dataset_get_item (dataset, CPAC_SPLIT_TRAIN, i)->defect)
      g_array_append_val (good, i);
  return good;
}

/* @n_shown: on how many of the pictures a defect is to be seen. */
static gboolean
fill_sheet (Sheet *sheet, const CpacInputSpec *spec, const CpacRecipe *recipe,
            const CpacDataset *dataset, guint *n_shown, GError **error)
{
  g_autoptr (GArray) good = list_good (dataset);
  g_autoptr (CpacSynthetic) synthetic = cpac_synthetic_new (&recipe->synthetic, spec);
  gsize n_values = (gsize) spec->channels * spec->width * spec->height;
  g_autofree float *picture = g_new (float, n_values);
  g_autofree float *other = g_new (float, n_values);
  g_autofree guint8 *mask = g_new (guint8, n_values);

  if (good->len == 0) {
    g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                 "%s: no good picture for training, so there is nothing to damage", data);
    return FALSE;
  }
  for (guint i = 0; i < (guint) n_pictures; i++) {
    CpacRandom random;
    guint index, other_index, width, height;

    cpac_random_init (&random, recipe->seed, CPAC_STREAM_SYNTHETIC, i);
    index = g_array_index (good, guint, cpac_random_below (&random, good->len));
    other_index = g_array_index (good, guint, cpac_random_below (&random, good->len));
    if (!cpac_dataset_get_input (dataset, CPAC_SPLIT_TRAIN, index, picture, error) ||
        !cpac_dataset_get_input (dataset, CPAC_SPLIT_TRAIN, other_index, other, error))
      return FALSE;
    cpac_dataset_get_size (dataset, CPAC_SPLIT_TRAIN, index, &width, &height);
    *n_shown += cpac_synthetic_apply (synthetic, &random, width, height, picture, other, mask) > 0;
    put_picture (sheet, spec, i % PAIRS_PER_ROW * 2, i / PAIRS_PER_ROW, picture, NULL);
    put_picture (sheet, spec, i % PAIRS_PER_ROW * 2 + 1, i / PAIRS_PER_ROW, picture, mask);
  }
  return TRUE;
}

static gboolean
read_recipe (const char *path, CpacRecipe *recipe, GError **error)
{
  g_autoptr (CpacConfig) root = cpac_config_load (path, error);
  const CpacConfig *section;

  if (root == NULL)
    return FALSE;
  cpac_recipe_init (recipe);
  section = cpac_config_peek (root, "train");
  if (section != NULL && !cpac_recipe_read (recipe, section, error))
    return FALSE;
  if (seed != G_MININT64)
    recipe->seed = (guint64) seed;
  if (recipe->synthetic.active)
    return TRUE;
  g_set_error (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
               "%s: the train section has no \"synthetic\", so there is nothing to show", path);
  return FALSE;
}

static CpacDataset *
open_data (const CpacManifest *manifest, const CpacModel *shape, const CpacRecipe *recipe,
           GError **error)
{
  CpacDatasetOptions options = {
    .input = *cpac_model_get_input (shape),
    .head = cpac_model_get_head (shape),
    .max_bytes = recipe->memory_mib * MIB,
    .n_threads = 2,
    .seed = recipe->seed,
    .val_share = recipe->validation_share,
    .calibration_share = recipe->calibration_share > 0 ? recipe->calibration_share : -1,
  };

  return open_dataset (manifest, options, error);
}

static gboolean
show (const char *path, guint *n_shown, GError **error)
{
  g_autoptr (CpacModel) shape =
      cpac_model_load (path, CPAC_MODEL_ALLOW_SHAPE | CPAC_MODEL_SKIP_SELF_CHECK, error);
  g_autoptr (CpacManifest) manifest = NULL;
  g_autoptr (CpacDataset) dataset = NULL;
  g_autoptr (Sheet) sheet = NULL;
  CpacRecipe recipe;

  if (shape == NULL || !read_recipe (path, &recipe, error))
    return FALSE;
  manifest =
      cpac_manifest_load (data, (const char *const *) cpac_model_get_head (shape)->classes, error);
  if (manifest == NULL || (dataset = open_data (manifest, shape, &recipe, error)) == NULL)
    return FALSE;
  sheet = sheet_new (cpac_model_get_input (shape), (guint) n_pictures, error);
  return sheet != NULL &&
         fill_sheet (sheet, cpac_model_get_input (shape), &recipe, dataset, n_shown, error) &&
         sheet_write (sheet, error);
}

static int
run (int argc, char **argv)
{
  GError *error = NULL;
  guint n_shown = 0;

  if (!tool_parse (&tool_synthetic, entries, 1, 1, &argc, &argv))
    return TOOL_ERROR;
  if (data == NULL || out == NULL)
    return tool_fail_text (&tool_synthetic, "--data and --out are both needed");
  if (n_pictures < 1 || n_pictures > 1000)
    return tool_fail_text (&tool_synthetic, "--n must be 1..1000");
  gst_init (NULL, NULL);
  if (!show (argv[1], &n_shown, &error))
    return tool_fail (&tool_synthetic, error);
  if (as_json) {
    g_autoptr (JsonBuilder) builder = json_builder_new ();

    json_builder_begin_object (builder);
    tool_json_int (builder, "n", n_pictures);
    tool_json_int (builder, "damaged", n_shown);
    json_builder_end_object (builder);
    tool_print_json (builder);
  } else {
    printf ("%s/synthetic.png: %d pictures, visible defects on %u of them\n", out, n_pictures,
            n_shown);
  }
  return TOOL_DONE;
}

const ToolCommand tool_synthetic = {
  .name = "synthetic",
  .arguments = "CONFIG",
  .summary = "Show the defects that training would make on good pictures",
  .run = run,
};
