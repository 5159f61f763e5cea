/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/npy.h"

#include <string.h>

#define MAGIC "\x93NUMPY\x01\x00"
#define PREAMBLE 10

/* "(2, 3, )" into the dimensions. */
static void
read_shape (Npy *npy, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  npy->n = 1;
  for (char **part = parts; *part != NULL; part++) {
    guint64 value;

    if (*g_strstrip (*part) == '\0')
      continue;
    g_assert_cmpuint (npy->n_dims, <, G_N_ELEMENTS (npy->dims));
    g_assert_true (g_ascii_string_to_unsigned (*part, 10, 1, 1 << 24, &value, NULL));
    npy->dims[npy->n_dims++] = value;
    npy->n *= value;
    g_assert_cmpuint (npy->n, <, 1 << 28);
  }
}

static double
read_value (const char *type, const char *at)
{
  union {
    guint64 bits64;
    guint32 bits32;
    double f8;
    float f4;
    gint32 i4;
  } value;

  if (g_str_equal (type, "|u1"))
    return (guint8) *at;
  if (g_str_equal (type, "<f8")) {
    memcpy (&value.bits64, at, 8);
    value.bits64 = GUINT64_FROM_LE (value.bits64);
    return value.f8;
  }
  memcpy (&value.bits32, at, 4);
  value.bits32 = GUINT32_FROM_LE (value.bits32);
  return g_str_equal (type, "<f4") ? value.f4 : value.i4;
}

static gsize
size_of (const char *type)
{
  static const char *const types[] = { "|u1", "<f4", "<i4", "<f8" };
  static const gsize sizes[] = { 1, 4, 4, 8 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (type, types[i]))
      return sizes[i];
  g_error ("npy type %s", type);
}

void
npy_load (Npy *npy, const char *path)
{
  g_autofree char *data = NULL, *header = NULL, *type = NULL, *shape = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GRegex) regex =
      g_regex_new ("^\\{'descr': '([<|][a-z][0-9])', 'fortran_order': False, "
                   "'shape': \\(([0-9, ]*)\\),? ?\\} *\n$",
                   0, 0, NULL);
  g_autoptr (GError) error = NULL;
  gsize length, size, header_length;

  *npy = (Npy){ 0 };
  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, >=, PREAMBLE);
  g_assert_cmpmem (data, strlen ("\x93NUMPY") + 2, MAGIC, sizeof MAGIC - 1);
  header_length = (guint8) data[8] + 256 * (gsize) (guint8) data[9];
  g_assert_cmpuint (header_length, <=, length - PREAMBLE);
  header = g_strndup (data + PREAMBLE, header_length);
  if (!g_regex_match (regex, header, 0, &match))
    g_error ("%s: header %s", path, header);
  type = g_match_info_fetch (match, 1);
  shape = g_match_info_fetch (match, 2);
  read_shape (npy, shape);
  size = size_of (type);
  g_assert_cmpuint (length, ==, PREAMBLE + header_length + npy->n * size);
  npy->values = g_new (double, npy->n);
  for (gsize i = 0; i < npy->n; i++)
    npy->values[i] = read_value (type, data + PREAMBLE + header_length + i * size);
}

void
npy_clear (Npy *npy)
{
  g_clear_pointer (&npy->values, g_free);
}
