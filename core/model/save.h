/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/network/params.h"

G_BEGIN_DECLS

/*
 * Writes FOLDER/model.safetensors and FOLDER/model.yaml. Cut short at any moment, the folder holds
 * the model it held before or the new one, whole. The YAML is
 * @config, the text of the file the network was built from, comments and all, with its sections
 * weights and golden replaced; @config must be in block style at the top level. The model is loaded
 * back and its golden answer computed before the YAML is replaced. Errors: CPAC_ERROR_SCHEMA for a
 * text that cannot be edited, G_FILE_ERROR.
 */
gboolean cpac_model_save (const char *folder, const char *config, const CpacNetwork *network,
                          const CpacParams *params, GError **error);

/* The same with the tensors of @writer, for a model whose head has some of its own. */
gboolean cpac_model_save_tensors (const char *folder, const char *config,
                                  const CpacWeightsWriter *writer, GError **error);

/* Whether cpac_model_save() will be able to replace its sections in @config, a well-formed text; to
 * be asked before the work whose result is to be saved. CPAC_ERROR_SCHEMA with @name for the file.
 */
gboolean cpac_model_check_text (const char *name, const char *config, GError **error);

/* @text with the top-level section @key (its line to the line before the next line that begins in
 * column one with neither a blank nor '#') replaced by @section, or with @section appended when
 * there is none; @section NULL takes it away. (transfer full) */
char *cpac_yaml_replace_section (const char *text, const char *key, const char *section);

G_END_DECLS
