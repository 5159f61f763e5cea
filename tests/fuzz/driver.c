/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs one fuzz target without libFuzzer:
 *   fuzz-NAME [--seeded N [--first K]] FILE|FOLDER...
 * replays the files, then feeds N mutations of them. Mutation K depends on K and the files alone:
 * when one fails, its number is printed and --seeded 1 --first K repeats it. */
#include "tests/fuzz/fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SIZE (64 * 1024)
#define MAX_SECONDS 20

/* What is being fed, for the report of a crash: set before, read in a signal handler. */
static char current[256];

static void
report (int number)
{
  static const char begin[] = "\nfailed on ";

  if (write (STDERR_FILENO, begin, sizeof begin - 1) < 0 ||
      write (STDERR_FILENO, current, strlen (current)) < 0 || write (STDERR_FILENO, "\n", 1) < 0)
    _exit (127);
  signal (number, SIG_DFL);
  raise (number);
}

/* A sanitizer has its own handlers and prints more: those stay. */
static void
watch (void)
{
  static const int numbers[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGALRM };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    struct sigaction old;

    if (sigaction (numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
      signal (numbers[i], report);
  }
}

/* A copy that ends where its memory ends, so that one byte too far is seen by a sanitizer. */
static void
feed (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  alarm (MAX_SECONDS);
  LLVMFuzzerTestOneInput (copy ? copy : (const guint8 *) "", size);
  alarm (0);
}

/* ---- The corpus ---- */

static void
add_file (GPtrArray *files, const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    g_printerr ("%s\n", error->message);
    exit (2);
  }
  g_snprintf (current, sizeof current, "%s", path);
  feed ((const guint8 *) data, size);
  g_ptr_array_add (files, g_bytes_new_take (data, size));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* In the order of names: a folder lists its files in any order. */
static void
add_folder (GPtrArray *files, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL) {
    g_printerr ("%s\n", error->message);
    exit (2);
  }
  while ((name = g_dir_read_name (dir)))
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_file (files, g_ptr_array_index (names, i));
}

/* ---- Mutations ---- */

static const char *const magic[] = {
  "\xff\xff\xff\xff\xff\xff\xff\xff",
  "\x7f\xff\xff\xff",
  "\xed\xa0\x80", /* a surrogate half in UTF-8 */
  "\xef\xbb\xbf", /* byte order mark */
  "\xc2\x85",     /* next line */
  "\xf0\x9f\x98\x80",
  "9223372036854775807",
  "18446744073709551616",
  "-1",
  "1e999",
  "[",
  "{",
  "\"",
  "&a ",
  "*a",
  "!!str ",
  "- ",
  ": ",
  "\n",
  "\r\n",
  "\n---\n",
  "\\u0000",
  "\\ud800",
  "null",
};

static gsize
somewhere (GRand *rand, gsize size)
{
  return size ? g_rand_int (rand) % size : 0;
}

static void
insert (GByteArray *bytes, gsize at, const void *data, gsize size)
{
  gsize tail = bytes->len - at;

  g_byte_array_set_size (bytes, bytes->len + size);
  memmove (bytes->data + at + size, bytes->data + at, tail);
  memcpy (bytes->data + at, data, size);
}

static void
splice (GRand *rand, GByteArray *bytes, const GPtrArray *files)
{
  gsize size;
  const guint8 *data =
      g_bytes_get_data (g_ptr_array_index (files, g_rand_int (rand) % files->len), &size);
  gsize begin = somewhere (rand, size);

  if (size > begin)
    insert (bytes, somewhere (rand, bytes->len + 1), data + begin,
            1 + somewhere (rand, MIN (size - begin, 512)));
}

static void
mutate_once (GRand *rand, GByteArray *bytes, const GPtrArray *files)
{
  gsize at = somewhere (rand, bytes->len);
  const char *text = magic[g_rand_int (rand) % G_N_ELEMENTS (magic)];
  guint8 byte = g_rand_int (rand);

  switch (g_rand_int (rand) % 8) {
    case 0:
      if (bytes->len > 0)
        bytes->data[at] ^= 1 << (byte % 8);
      break;
    case 1:
      if (bytes->len > 0)
        bytes->data[at] = byte;
      break;
    case 2:
      insert (bytes, at, &byte, 1);
      break;
    case 3:
      if (bytes->len > 0)
        g_byte_array_remove_range (bytes, at, 1 + somewhere (rand, MIN (bytes->len - at, 32)));
      break;
    case 4:
      g_byte_array_set_size (bytes, at);
      break;
    case 5:
      insert (bytes, at, text, strlen (text));
      break;
    case 6:
      if (bytes->len - at >= strlen (text))
        memcpy (bytes->data + at, text, strlen (text));
      break;
    case 7:
      splice (rand, bytes, files);
      break;
  }
}

static void
run_mutation (guint number, const GPtrArray *files)
{
  GRand *rand = g_rand_new_with_seed (number);
  GBytes *file = g_ptr_array_index (files, g_rand_int (rand) % files->len);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint n = 1 + g_rand_int (rand) % 6;

  g_byte_array_append (bytes, g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  for (guint i = 0; i < n && bytes->len < MAX_SIZE; i++)
    mutate_once (rand, bytes, files);
  g_snprintf (current, sizeof current, "mutation %u (--seeded 1 --first %u)", number, number);
  feed (bytes->data, bytes->len);
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = NULL;
  int n = 0, first = 0;
  const GOptionEntry options[] = {
    { "seeded", 0, 0, G_OPTION_ARG_INT, &n, "Feed N mutations of the files", "N" },
    { "first", 0, 0, G_OPTION_ARG_INT, &first, "Number of the first mutation", "K" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, "FILE|FOLDER..." },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || paths == NULL) {
    g_printerr ("%s\n", error ? error->message : "expected files or folders");
    return 2;
  }
  watch ();
  for (char **path = paths; *path; path++)
    if (g_file_test (*path, G_FILE_TEST_IS_DIR))
      add_folder (files, *path);
    else
      add_file (files, *path);
  if (files->len == 0) {
    g_printerr ("found no files, expected at least one\n");
    return 2;
  }
  for (int i = 0; i < n; i++)
    run_mutation (first + i, files);
  g_print ("%u files and %d mutations fed\n", files->len, n);
  return 0;
}
