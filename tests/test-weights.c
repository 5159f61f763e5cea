/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/model/weights.h"

#include <math.h>
#include <string.h>
#include <glib/gstdio.h>

#include "core/error.h"

/* A safetensors file of this header and data. */
static GByteArray *
make_file (const char *header, gconstpointer data, gsize size)
{
  GByteArray *file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (header));

  g_byte_array_append (file, (const guint8 *) &length, sizeof length);
  g_byte_array_append (file, (const guint8 *) header, strlen (header));
  g_byte_array_append (file, data, size);
  return file;
}

/* A copy without a byte behind it, so that a sanitizer sees one read too far. */
static CpacWeights *
parse_exact (const guint8 *data, gsize size, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  return cpac_weights_parse ("w", copy ? copy : (const guint8 *) "", size, error);
}

static void
assert_refused (const guint8 *data, gsize size, int code, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacWeights) weights = parse_exact (data, size, &error);

  g_assert_null (weights);
  g_assert_error (error, CPAC_ERROR, code);
  g_assert_cmpstr (error->message, ==, expected);
}

/* ---- Headers ---- */

#define X(dtype, shape, offsets)                                                                   \
  "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"

/* Each with eight bytes of data, all zero. */
static const struct {
  const char *header, *error; /* NULL: accepted */
} headers[] = {
  { X ("\"F32\"", "[2]", "[0,8]"), NULL },
  { X ("\"F32\"", "[1,2,1,1]", "[0,8]") "  ", NULL },
  { X ("\"F16\"", "[2,2]", "[0,8]"), NULL },
  { X ("\"BF16\"", "[4]", "[0,8]"), NULL },
  { " {\"__metadata__\" : {\"format\":\"pt\"},\n\"x\":{\"shape\" :[ 2 ],\"data_offsets\":[0, 8] ,"
    "\"dtype\":\"F32\"}}",
    NULL },
  { "{\"\\ud83d\\ude00\\u00e4\\n\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    NULL },

  /* JSON: see test-json.c */
  { "", "w: byte 8: found the end, expected a value" },
  { "{", "w: byte 9: found the end, expected a key in quotes" },
  { "{}", "w: byte 10: found 8 bytes behind the last tensor, expected the end" },
  { "[]", "w: byte 8: found an array, expected an object of tensors" },
  { "7", "w: byte 8: found a number, expected an object of tensors" },
  { "{\"x\":1,\"\\u0078\":2}", "w: byte 15: found the key \"x\" a second time, expected it once" },
  { "{\"x\":{\"shape\":[[]]}}", "w: byte 23: found nesting beyond level 3, expected at most that" },

  /* Entries */
  { "{\"x\":[]}", "w: tensor \"x\": found an array, expected an object" },
  { "{\"x\":{}}", "w: tensor \"x\": found no \"dtype\", expected dtype, shape and data_offsets" },
  { "{\"x\":{\"dtype\":\"F32\"}}",
    "w: tensor \"x\": found no \"shape\", expected dtype, shape and data_offsets" },
  { "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}",
    "w: tensor \"x\": found 4 members, expected dtype, shape and data_offsets" },
  { X ("\"F64\"", "[1]", "[0,8]"), "w: tensor \"x\": dtype: found \"F64\", expected F32, F16 or "
                                   "BF16" },
  { X ("\"f32\"", "[2]", "[0,8]"), "w: tensor \"x\": dtype: found \"f32\", expected F32, F16 or "
                                   "BF16" },
  { X ("true", "[2]", "[0,8]"),
    "w: tensor \"x\": dtype: found true or false, expected F32, F16 or BF16" },
  { X ("null", "[2]", "[0,8]"), "w: tensor \"x\": dtype: found null, expected F32, F16 or BF16" },
  { X ("\"F32\"", "2", "[0,8]"), "w: tensor \"x\": shape: found a number, expected an array" },
  { X ("\"F32\"", "[2.0]", "[0,8]"),
    "w: tensor \"x\": shape: found a number with a fraction, expected whole numbers" },
  { X ("\"F32\"", "[\"2\"]", "[0,8]"),
    "w: tensor \"x\": shape: found a text, expected whole numbers" },
  { X ("\"F32\"", "[-2]", "[0,8]"), "w: tensor \"x\": shape: found -2, expected a size" },
  { X ("\"F32\"", "[1,1,1,1,2]", "[0,8]"),
    "w: tensor \"x\": shape: found 5 numbers, expected at most 4" },
  { X ("\"F32\"", "[3]", "[0,8]"),
    "w: tensor \"x\": data_offsets: found 8 bytes, expected 12 (3 x 4)" },
  { X ("\"F16\"", "[2]", "[0,8]"),
    "w: tensor \"x\": data_offsets: found 8 bytes, expected 4 (2 x 2)" },
  { X ("\"F32\"", "[]", "[0,8]"),
    "w: tensor \"x\": data_offsets: found 8 bytes, expected 4 (scalar x 4)" },
  /* 2^62 x 4 and 2^32 x 2^32 x 4 bytes are 0 modulo 2^64; 2^62 F16 fit, their floats do not. */
  { X ("\"F32\"", "[4611686018427387904]", "[0,0]"),
    "w: tensor \"x\": shape: found 4611686018427387904, expected one that fits into memory" },
  { X ("\"F32\"", "[4294967296,4294967296]", "[0,0]"),
    "w: tensor \"x\": shape: found 4294967296x4294967296, expected one that fits into memory" },
  { X ("\"F16\"", "[4611686018427387904]", "[0,8]"),
    "w: tensor \"x\": shape: found 4611686018427387904, expected one that fits into memory" },
  { X ("\"F32\"", "[2]", "[0]"), "w: tensor \"x\": data_offsets: found 1 numbers, expected 2" },
  { X ("\"F32\"", "[2]", "[0,8,8]"),
    "w: tensor \"x\": data_offsets: found 3 numbers, expected at most 2" },
  { X ("\"F32\"", "[2]", "[8,0]"),
    "w: tensor \"x\": data_offsets: found 8 to 0, expected them to rise, to at most 8 (the data "
    "begins at byte 62 of 70)" },
  { X ("\"F32\"", "[3]", "[0,12]"),
    "w: tensor \"x\": data_offsets: found 0 to 12, expected them to rise, to at most 8 (the data "
    "begins at byte 63 of 71)" },
  { X ("\"F32\"", "[1]", "[4,8]"),
    "w: tensor \"x\": found its data at byte 66, behind a gap, expected it at byte 62" },
  { X ("\"F32\"", "[1]", "[0,4]"),
    "w: byte 66: found 4 bytes behind the last tensor, expected the end" },
  { "{\"x\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,6]},"
    "\"y\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[4,8]}}",
    "w: tensor \"y\": found its data at byte 119, over other data, expected it at byte 121" },
  { "{\"__metadata__\":{\"a\":1}}", "w: __metadata__: \"a\": found a number, expected a text" },
  { "{\"__metadata__\":1}", "w: __metadata__: found a number, expected an object of texts" },
};

static void
test_headers (void)
{
  static const guint8 zeros[8] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autoptr (GByteArray) file = make_file (headers[i].header, zeros, sizeof zeros);

    if (headers[i].error == NULL) {
      g_autoptr (GError) error = NULL;
      g_autoptr (CpacWeights) weights = parse_exact (file->data, file->len, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (cpac_weights_get_n_tensors (weights), ==, 1);
    } else {
      assert_refused (file->data, file->len, CPAC_ERROR_PARSE, headers[i].error);
    }
  }
}

static void
test_header_length (void)
{
  guint8 file[16] = { 0 };
  guint64 length = GUINT64_TO_LE (9);

  assert_refused (file, 0, CPAC_ERROR_PARSE,
                  "w: found 0 bytes, expected at least 8 (the header's length)");
  assert_refused (file, 7, CPAC_ERROR_PARSE,
                  "w: found 7 bytes, expected at least 8 (the header's length)");
  memcpy (file, &length, sizeof length);
  assert_refused (file, sizeof file, CPAC_ERROR_PARSE,
                  "w: byte 0: found a header of 9 bytes, expected at most 8");
  memset (file, 0xff, 8);
  assert_refused (file, sizeof file, CPAC_ERROR_PARSE,
                  "w: byte 0: found a header of 18446744073709551615 bytes, expected at most 8");
}

/* More than the header may have, in a file that has it. */
static void
test_header_bounds (void)
{
  gsize most = (gsize) 16 << 20;
  g_autoptr (GString) header = g_string_new ("{\"x\":{\"shape\":[0");
  g_autoptr (GByteArray) many = NULL;
  g_autofree guint8 *file = g_malloc0 (8 + most + 1);
  guint64 length = GUINT64_TO_LE (most + 1);

  memcpy (file, &length, sizeof length);
  assert_refused (file, 8 + most + 1, CPAC_ERROR_PARSE,
                  "w: byte 0: found a header of 16777217 bytes, expected at most 16777216");
  for (guint i = 0; i < 262144; i++)
    g_string_append (header, ",0");
  many = make_file (header->str, NULL, 0);
  /* The root, x, the array and 262141 zeros fit; the first zero is byte 23 of the file. */
  assert_refused (many->data, many->len, CPAC_ERROR_PARSE,
                  "w: byte 524305: found more than 262144 values, expected at most that");
}

/* ---- Damage ---- */

/* Three tensors of different types whose header order is not their file order. */
static GByteArray *
make_sample (void)
{
  static const char header[] =
      "{\"b\":{\"dtype\":\"F16\",\"shape\":[3,1],\"data_offsets\":[20,26]},"
      "\"none\":{\"dtype\":\"F32\",\"shape\":[5,0],\"data_offsets\":[20,20]},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]},"
      "\"c\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[26,28]}}";
  const guint32 a[] = { 0x3f800000, 0x80000000, 0x00000001, 0x7f7fffff, 0xc0490fdb };
  const guint16 bc[] = { 0x3c00, 0x8001, 0x7bff, 0x4049 };
  guint8 data[28];

  for (guint i = 0; i < G_N_ELEMENTS (a); i++) {
    guint32 word = GUINT32_TO_LE (a[i]);

    memcpy (data + 4 * i, &word, 4);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bc); i++) {
    guint16 half = GUINT16_TO_LE (bc[i]);

    memcpy (data + 20 + 2 * i, &half, 2);
  }
  return make_file (header, data, sizeof data);
}

static void
assert_bits (const CpacWeights *weights, const char *name, guint index, guint32 expected)
{
  const CpacTensor *tensor = cpac_weights_lookup (weights, name);
  guint32 bits;

  memcpy (&bits, &tensor->data[index], sizeof bits);
  g_assert_cmphex (bits, ==, expected);
}

static void
test_sample (void)
{
  static const char *const order[] = { "a", "none", "b", "c" };
  g_autoptr (GByteArray) file = make_sample ();
  g_autoptr (GError) error = NULL;
  g_autoptr (CpacWeights) weights = parse_exact (file->data, file->len, &error);
  g_autoptr (CpacWeights) other = NULL;
  g_autofree char *sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, file->data, file->len);

  g_assert_no_error (error);
  g_assert_cmpuint (cpac_weights_get_n_tensors (weights), ==, G_N_ELEMENTS (order));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    g_assert_cmpstr (cpac_weights_get_name (weights, i), ==, order[i]);
  assert_bits (weights, "a", 0, 0x3f800000);
  assert_bits (weights, "a", 1, 0x80000000);
  assert_bits (weights, "a", 2, 0x00000001);
  assert_bits (weights, "a", 3, 0x7f7fffff);
  assert_bits (weights, "a", 4, 0xc0490fdb);
  assert_bits (weights, "b", 0, 0x3f800000); /* 1 */
  assert_bits (weights, "b", 1, 0xb3800000); /* -2^-24 */
  assert_bits (weights, "b", 2, 0x477fe000); /* 65504 */
  assert_bits (weights, "c", 0, 0x40490000);
  g_assert_cmpuint (cpac_weights_lookup (weights, "none")->shape.n_dims, ==, 2);
  g_assert_cmpuint (cpac_weights_lookup (weights, "c")->shape.n_dims, ==, 0);
  g_assert_null (cpac_weights_lookup (weights, "d"));
  g_assert_cmpstr (cpac_weights_get_sha256 (weights), ==, sha256);
  other = cpac_weights_ref (weights);
  g_assert_true (other == weights);
}

/* No prefix of a file is a file, and neither is a file with a byte more. */
static void
test_every_length (void)
{
  g_autoptr (GByteArray) file = make_sample ();
  guint8 more = 0;

  for (gsize size = 0; size < file->len; size++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (parse_exact (file->data, size, &error));
    g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
    g_assert_true (g_str_has_prefix (error->message, "w: "));
  }
  g_byte_array_append (file, &more, 1);
  assert_refused (file->data, file->len, CPAC_ERROR_PARSE,
                  "w: byte 263: found 1 bytes behind the last tensor, expected the end");
}

/* Any value of any byte: refused with an error, or a file that reads as finite numbers. */
static void
test_every_byte (void)
{
  g_autoptr (GByteArray) file = make_sample ();

  for (gsize i = 0; i < file->len; i++)
    for (guint flip = 1; flip < 256; flip++) {
      g_autoptr (GError) error = NULL;
      g_autoptr (CpacWeights) weights = NULL;

      file->data[i] ^= flip;
      weights = parse_exact (file->data, file->len, &error);
      g_assert_true ((weights == NULL) == (error != NULL));
      if (weights == NULL)
        g_assert_true (error->domain == CPAC_ERROR);
      if (i < 8)
        g_assert_null (weights);
      file->data[i] ^= flip;
    }
}

/* ---- Numbers ---- */

/* What a half is, from the definition in IEEE 754: every value is exact in double. */
static double
half_value (guint half)
{
  int exponent = (half >> 10) & 31, fraction = half & 1023;
  double size = exponent ? ldexp (1024 + fraction, exponent - 25) : ldexp (fraction, -24);

  return half & 0x8000 ? -size : size;
}

static void
test_halves (void)
{
  const char *header = "{\"x\":{\"dtype\":\"F16\",\"shape\":[63488],\"data_offsets\":[0,126976]}}";
  g_autofree guint16 *halves = g_new (guint16, 63488);
  g_autoptr (GByteArray) file = NULL;
  g_autoptr (CpacWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  const float *data;
  guint n = 0;

  for (guint half = 0; half < 65536; half++)
    if (((half >> 10) & 31) != 31)
      halves[n++] = GUINT16_TO_LE (half);
  g_assert_cmpuint (n, ==, 63488);
  file = make_file (header, halves, n * sizeof *halves);
  weights = parse_exact (file->data, file->len, &error);
  g_assert_no_error (error);
  data = cpac_weights_lookup (weights, "x")->data;
  for (guint i = 0; i < n; i++) {
    float expected = half_value (GUINT16_FROM_LE (halves[i]));

    g_assert_cmpmem (&data[i], sizeof (float), &expected, sizeof expected);
  }
}

static const struct {
  const char *dtype;
  guint n;
  guint32 bits;
  const char *error;
} not_finite[] = {
  { "F32", 5, 0x7f800000, "w: byte 144: tensor \"x\": found infinity as element 4" },
  { "F32", 5, 0xff800000, "w: byte 144: tensor \"x\": found infinity as element 4" },
  { "F32", 5, 0x7fc00000, "w: byte 144: tensor \"x\": found not-a-number as element 4" },
  { "F32", 5, 0xff800001, "w: byte 144: tensor \"x\": found not-a-number as element 4" },
  { "F16", 17, 0x7c00, "w: byte 160: tensor \"x\": found infinity as element 16" },
  { "F16", 17, 0xfc00, "w: byte 160: tensor \"x\": found infinity as element 16" },
  { "F16", 17, 0x7c01, "w: byte 160: tensor \"x\": found not-a-number as element 16" },
  { "BF16", 17, 0xff80, "w: byte 160: tensor \"x\": found infinity as element 16" },
  { "BF16", 17, 0x7f81, "w: byte 160: tensor \"x\": found not-a-number as element 16" },
};

/* All elements one but the last. The header is padded so that the data begins at byte 128. */
static GByteArray *
make_not_finite (guint i)
{
  gboolean is_float = g_str_equal (not_finite[i].dtype, "F32");
  guint size = is_float ? 4 : 2, n = not_finite[i].n;
  g_autofree guint8 *data = g_malloc0 (n * size);
  guint32 bits = GUINT32_TO_LE (not_finite[i].bits);
  g_autofree char *header =
      g_strdup_printf ("{\"x\":{\"dtype\":\"%s\",\"shape\":[%u],\"data_offsets\":[0,%u]}}",
                       not_finite[i].dtype, n, n * size);
  g_autofree char *padded = g_strdup_printf ("%-120s", header);

  memcpy (data + (n - 1) * size, &bits, size);
  return make_file (padded, data, n * size);
}

static void
test_not_finite (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (not_finite); i++) {
    g_autoptr (GByteArray) file = make_not_finite (i);
    g_autofree char *expected =
        g_strconcat (not_finite[i].error, ", expected finite numbers", NULL);

    assert_refused (file->data, file->len, CPAC_ERROR_NUMERIC, expected);
  }
}

/* ---- Writing ---- */

static const CpacShape shapes[] = {
  { 0, { 0 } },          { 1, { 1 } },    { 1, { 253 } },     { 2, { 17, 5 } },
  { 4, { 2, 3, 5, 1 } }, { 2, { 3, 0 } }, { 3, { 1, 2, 3 } },
};

static const char *const names[] = { "conv1.a", "conv1.b", "fc1.weight", "\xc3\xa4 \"\\\n",
                                     "x",       "none",    "score.mean" };

static CpacTensor *
make_tensor (guint seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  CpacTensor *tensor = cpac_tensor_new (shapes[seed]);

  for (gsize i = 0; i < cpac_shape_count (&shapes[seed]); i++)
    tensor->data[i] = g_rand_double_range (rand, -1, 1);
  g_rand_free (rand);
  return tensor;
}

static CpacWeightsWriter *
make_writer (void)
{
  CpacWeightsWriter *writer = cpac_weights_writer_new ();

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (CpacTensor) tensor = make_tensor (i);

    cpac_weights_writer_add (writer, names[i], tensor);
  }
  return writer;
}

static void
assert_written (const CpacWeights *weights)
{
  g_assert_cmpuint (cpac_weights_get_n_tensors (weights), ==, G_N_ELEMENTS (shapes));
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (CpacTensor) expected = make_tensor (i);
    const CpacTensor *tensor = cpac_weights_lookup (weights, names[i]);
    gsize size = cpac_shape_count (&shapes[i]) * sizeof (float);

    g_assert_nonnull (tensor);
    g_assert_true (cpac_shape_equal (&tensor->shape, &shapes[i]));
    g_assert_cmpmem (tensor->data, size, expected->data, size);
    g_assert_cmpuint ((gsize) tensor->data % 64, ==, 0);
  }
}

static void
test_round_trip (void)
{
  g_autoptr (CpacWeightsWriter) writer = make_writer ();
  g_autoptr (CpacWeightsWriter) again = make_writer ();
  g_autoptr (GBytes) bytes = cpac_weights_writer_to_bytes (writer);
  g_autoptr (GBytes) same = cpac_weights_writer_to_bytes (again);
  g_autoptr (CpacWeights) weights = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint64 length;

  g_assert_true (g_bytes_equal (bytes, same));
  memcpy (&length, data, sizeof length);
  g_assert_cmpuint ((8 + GUINT64_FROM_LE (length)) % 64, ==, 0);
  weights = parse_exact (data, size, &error);
  g_assert_no_error (error);
  assert_written (weights);
}

/* To the byte: 8 + 56 bytes of header, then 1.0 and -2.0. */
static void
test_bytes (void)
{
  static const guint8 expected[] =
      "\x38\0\0\0\0\0\0\0"
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
      "  \0\0\x80\x3f\0\0\0\xc0";
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (CpacTensor) tensor = cpac_tensor_new (CPAC_SHAPE (2));
  g_autoptr (GBytes) bytes = NULL;

  tensor->data[0] = 1;
  tensor->data[1] = -2;
  cpac_weights_writer_add (writer, "a", tensor);
  tensor->data[0] = 7; /* the writer has its own copy */
  bytes = cpac_weights_writer_to_bytes (writer);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected,
                   sizeof expected - 1);
}

static void
test_empty (void)
{
  g_autoptr (CpacWeightsWriter) writer = cpac_weights_writer_new ();
  g_autoptr (GBytes) bytes = cpac_weights_writer_to_bytes (writer);
  g_autoptr (CpacWeights) weights =
      parse_exact (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 64);
  g_assert_cmpuint (cpac_weights_get_n_tensors (weights), ==, 0);
}

static void
test_name_twice (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (CpacWeightsWriter) writer = make_writer ();
    g_autoptr (CpacTensor) tensor = make_tensor (0);

    cpac_weights_writer_add (writer, names[0], tensor);
    return;
  }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*g_hash_table_contains*");
}

/* ---- Files ---- */

typedef struct {
  char *folder, *path;
} Folder;

static void
set_up (Folder *folder, gconstpointer data)
{
  folder->folder = g_dir_make_tmp ("cpac-weights-XXXXXX", NULL);
  folder->path = g_build_filename (folder->folder, "w.safetensors", NULL);
}

static void
tear_down (Folder *folder, gconstpointer data)
{
  g_remove (folder->path);
  g_assert_cmpint (g_rmdir (folder->folder), ==, 0); /* nothing else was left there */
  g_free (folder->folder);
  g_free (folder->path);
}

static void
test_save (Folder *folder, gconstpointer data)
{
  g_autoptr (CpacWeightsWriter) writer = make_writer ();
  g_autoptr (CpacWeights) weights = NULL;
  g_autoptr (CpacWeights) unchecked = NULL;
  g_autofree char *sha256 = NULL;
  g_autofree char *upper = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (cpac_weights_writer_save (writer, folder->path, &sha256, &error));
  g_assert_no_error (error);
  upper = g_ascii_strup (sha256, -1);
  weights = cpac_weights_load (folder->path, upper, &error);
  g_assert_no_error (error);
  assert_written (weights);
  g_assert_cmpstr (cpac_weights_get_sha256 (weights), ==, sha256);
  unchecked = cpac_weights_load (folder->path, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (unchecked);
}

static void
test_wrong_hash (Folder *folder, gconstpointer data)
{
  static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
  g_autoptr (CpacWeightsWriter) writer = make_writer ();
  g_autofree char *sha256 = NULL;
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (cpac_weights_writer_save (writer, folder->path, &sha256, NULL));
  g_assert_null (cpac_weights_load (folder->path, zeros, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_PARSE);
  expected = g_strdup_printf ("%s: found the sha256 %s, expected %s", folder->path, sha256, zeros);
  g_assert_cmpstr (error->message, ==, expected);
}

/* A network gone wrong in training must not replace one that works. */
static void
test_save_not_finite (Folder *folder, gconstpointer data)
{
  g_autoptr (CpacWeightsWriter) good = make_writer ();
  g_autoptr (CpacWeightsWriter) bad = make_writer ();
  g_autoptr (CpacTensor) tensor = cpac_tensor_new (CPAC_SHAPE (3));
  g_autoptr (CpacWeights) weights = NULL;
  g_autoptr (GError) error = NULL;

  tensor->data[1] = NAN;
  cpac_weights_writer_add (bad, "bad", tensor);
  g_assert_true (cpac_weights_writer_save (good, folder->path, NULL, NULL));
  g_assert_false (cpac_weights_writer_save (bad, folder->path, NULL, &error));
  g_assert_error (error, CPAC_ERROR, CPAC_ERROR_NUMERIC);
  g_assert_true (g_str_has_suffix (error->message, ": not written: tensor \"bad\": found "
                                                   "not-a-number as element 1, expected finite "
                                                   "numbers"));
  weights = cpac_weights_load (folder->path, NULL, NULL);
  assert_written (weights);
}

static void
test_save_nowhere (Folder *folder, gconstpointer data)
{
  g_autoptr (CpacWeightsWriter) writer = make_writer ();
  g_autofree char *path = g_build_filename (folder->folder, "missing", "w", NULL);
  g_autofree char *sha256 = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (cpac_weights_writer_save (writer, path, &sha256, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_null (sha256);
  g_clear_error (&error);
  g_assert_null (cpac_weights_load (path, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (cpac_weights_load (folder->folder, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
}

static guint
load_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (CpacWeights) weights = NULL;
    g_autoptr (GError) error = NULL;

    if (!g_str_has_suffix (name, ".safetensors"))
      continue;
    weights = cpac_weights_load (path, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (cpac_weights_get_n_tensors (weights), >, 0);
    n++;
  }
  return n;
}

static void
test_examples (void)
{
  static const char *const folders[] = { "pretrained", "reference-vectors" };
  const char *data = g_getenv ("CPAC_TEST_DATA");
  g_autofree char *fallback =
      g_test_build_filename (G_TEST_DIST, "..", "..", "shared", "data", NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *folder = g_build_filename (data ? data : fallback, folders[i], NULL);

    n += load_folder (folder);
  }
  if (n == 0)
    g_test_skip ("no example weights: CPAC_TEST_DATA names no folder with them");
  else
    g_test_message ("%u files read", n);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/headers", test_headers);
  g_test_add_func ("/weights/header-length", test_header_length);
  g_test_add_func ("/weights/header-bounds", test_header_bounds);
  g_test_add_func ("/weights/sample", test_sample);
  g_test_add_func ("/weights/every-length", test_every_length);
  g_test_add_func ("/weights/every-byte", test_every_byte);
  g_test_add_func ("/weights/halves", test_halves);
  g_test_add_func ("/weights/not-finite", test_not_finite);
  g_test_add_func ("/weights/round-trip", test_round_trip);
  g_test_add_func ("/weights/bytes", test_bytes);
  g_test_add_func ("/weights/empty", test_empty);
  g_test_add_func ("/weights/name-twice", test_name_twice);
  g_test_add ("/weights/save", Folder, NULL, set_up, test_save, tear_down);
  g_test_add ("/weights/save/wrong-hash", Folder, NULL, set_up, test_wrong_hash, tear_down);
  g_test_add ("/weights/save/not-finite", Folder, NULL, set_up, test_save_not_finite, tear_down);
  g_test_add ("/weights/save/nowhere", Folder, NULL, set_up, test_save_nowhere, tear_down);
  g_test_add_func ("/weights/examples", test_examples);
  return g_test_run ();
}
