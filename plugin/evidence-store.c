/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/evidence-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "core/model/files.h"

#define STEM_PATTERN "ddddddddTdddddd-dddddddddddd"
#define STEM_LENGTH (sizeof STEM_PATTERN - 1)
#define SESSION_LENGTH 15
#define FRAME_NUMBERS G_GUINT64_CONSTANT (1000000000000)

enum { FILE_PICTURE, FILE_MAP, FILE_LINE, N_FILES };

/* In the order of writing; removed the other way round, so that what has a line is whole. */
static const char *const suffixes[N_FILES] = { ".png", "-map.png", ".json" };

typedef struct {
  char stem[STEM_LENGTH + 1];
  guint64 size; /* bytes of its files */
} Set;

struct _GstCpacEvidenceStore {
  char *folder;
  int fd; /* of the folder, locked */
  guint64 max_size, size;
  GQueue sets; /* (element-type Set), the oldest first */
  char session[SESSION_LENGTH + 1];
  char newest[STEM_LENGTH + 1]; /* ever; empty at first */
};

/* ---- Names ---- */

static gboolean
parse_time (const char *text, GDateTime **time)
{
  gint year, month, day, hour, minute, second;

  if (sscanf (text, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second) != 6)
    return FALSE;
  *time = g_date_time_new_utc (year, month, day, hour, minute, second);
  return *time != NULL;
}

static gboolean
has_stem (const char *name)
{
  g_autoptr (GDateTime) time = NULL;

  for (guint i = 0; i < STEM_LENGTH; i++)
    if (STEM_PATTERN[i] == 'd' ? !g_ascii_isdigit (name[i]) : name[i] != STEM_PATTERN[i])
      return FALSE;
  return parse_time (name, &time);
}

/* What cpac_file_replace() calls a file while it writes it: six letters or digits more. */
static gboolean
is_temporary_tail (const char *text)
{
  if (strlen (text) != 7 || text[0] != '.')
    return FALSE;
  for (guint i = 1; i < 7; i++)
    if (!g_ascii_isalnum (text[i]))
      return FALSE;
  return TRUE;
}

/* Whether the file is one of ours. */
static gboolean
parse_name (const char *name, gboolean *is_temporary)
{
  if (!has_stem (name))
    return FALSE;
  for (guint i = 0; i < N_FILES; i++) {
    const char *tail = name + STEM_LENGTH;

    if (!g_str_has_prefix (tail, suffixes[i]))
      continue;
    tail += strlen (suffixes[i]);
    *is_temporary = is_temporary_tail (tail);
    return *is_temporary || *tail == '\0';
  }
  return FALSE;
}

static char *
make_path (const GstCpacEvidenceStore *store, const char *stem, guint file)
{
  g_autofree char *name = g_strconcat (stem, suffixes[file], NULL);

  return g_build_filename (store->folder, name, NULL);
}

/* ---- What there is ---- */

static int
compare_sets (gconstpointer a, gconstpointer b, gpointer unused)
{
  return strcmp (((const Set *) a)->stem, ((const Set *) b)->stem);
}

static void
count_file (GstCpacEvidenceStore *store, GHashTable *found, const char *name)
{
  g_autofree char *path = g_build_filename (store->folder, name, NULL);
  gboolean is_temporary;
  struct stat status;
  Set *set;
  Set key = { 0 };

  if (!parse_name (name, &is_temporary) || lstat (path, &status) != 0 || !S_ISREG (status.st_mode))
    return;
  if (is_temporary) {
    g_unlink (path);
    return;
  }
  memcpy (key.stem, name, STEM_LENGTH);
  set = g_hash_table_lookup (found, key.stem);
  if (set == NULL) {
    set = g_memdup2 (&key, sizeof key);
    g_hash_table_insert (found, set->stem, set);
    g_queue_push_tail (&store->sets, set);
  }
  set->size += (guint64) status.st_size;
  store->size += (guint64) status.st_size;
}

static gboolean
scan (GstCpacEvidenceStore *store, GError **error)
{
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GDir) dir = g_dir_open (store->folder, 0, error);
  const Set *newest;
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    count_file (store, found, name);
  g_queue_sort (&store->sets, compare_sets, NULL);
  newest = g_queue_peek_tail (&store->sets);
  if (newest != NULL)
    memcpy (store->newest, newest->stem, sizeof store->newest);
  return TRUE;
}

/* ---- Remove ---- */

/* What somebody else has removed is gone, too. */
static gboolean
remove_set (const GstCpacEvidenceStore *store, const char *stem, GError **error)
{
  for (guint i = N_FILES; i-- > 0;) {
    g_autofree char *path = make_path (store, stem, i);

    if (g_unlink (path) != 0 && errno != ENOENT)
      return cpac_file_error (path, "cannot remove this file", error);
  }
  return TRUE;
}

static gboolean
make_room (GstCpacEvidenceStore *store, guint64 size, guint64 *n_removed, GError **error)
{
  if (size > store->max_size) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                 "%s: found one frame's evidence of %" G_GUINT64_FORMAT
                 " bytes, expected at most max-size, %" G_GUINT64_FORMAT,
                 store->folder, size, store->max_size);
    return FALSE;
  }
  while (store->size > store->max_size - size) {
    Set *oldest = g_queue_peek_head (&store->sets);

    if (!remove_set (store, oldest->stem, error))
      return FALSE;
    store->size -= oldest->size;
    g_free (g_queue_pop_head (&store->sets));
    ++*n_removed;
  }
  return TRUE;
}

/* ---- Open and close ---- */

/* Some file systems know no such lock, which is no reason to keep nothing there. */
static gboolean
lock_folder (GstCpacEvidenceStore *store, GError **error)
{
  store->fd = open (store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (store->fd < 0)
    return cpac_file_error (store->folder, "cannot open this folder", error);
  if (access (store->folder, W_OK | X_OK) != 0)
    return cpac_file_error (store->folder, "cannot write into this folder", error);
  if (flock (store->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
               "%s: found another program or element that keeps evidence there, expected none",
               store->folder);
  return FALSE;
}

/* Now, but later than all there is. */
static void
begin_session (GstCpacEvidenceStore *store)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autoptr (GDateTime) last = NULL;

  if (strncmp (text, store->newest, SESSION_LENGTH) <= 0 && parse_time (store->newest, &last)) {
    g_autoptr (GDateTime) next = g_date_time_add_seconds (last, 1);

    if (next != NULL) {
      g_free (text);
      text = g_date_time_format (next, "%Y%m%dT%H%M%S");
    }
  }
  g_strlcpy (store->session, text, sizeof store->session);
}

GstCpacEvidenceStore *
gst_cpac_evidence_store_open (const char *folder, guint64 max_size, guint64 *n_removed,
                              GError **error)
{
  GstCpacEvidenceStore *store;

  if (!cpac_file_make_folder (folder, error))
    return NULL;
  store = g_new0 (GstCpacEvidenceStore, 1);
  store->folder = g_strdup (folder);
  store->max_size = max_size;
  if (!lock_folder (store, error) || !scan (store, error) ||
      !make_room (store, 0, n_removed, error)) {
    gst_cpac_evidence_store_close (store);
    return NULL;
  }
  begin_session (store);
  return store;
}

void
gst_cpac_evidence_store_close (GstCpacEvidenceStore *store)
{
  if (store->fd >= 0)
    close (store->fd);
  g_queue_clear_full (&store->sets, g_free);
  g_free (store->folder);
  g_free (store);
}

guint64
gst_cpac_evidence_store_get_size (const GstCpacEvidenceStore *store)
{
  return store->size;
}

/* ---- Write ---- */

static gboolean
write_set (const GstCpacEvidenceStore *store, const char *stem, GBytes *const *files,
           GError **error)
{
  for (guint i = 0; i < N_FILES; i++) {
    g_autofree char *path = make_path (store, stem, i);
    gconstpointer data;
    gsize size;

    if (files[i] == NULL)
      continue;
    data = g_bytes_get_data (files[i], &size);
    if (!cpac_file_replace (path, data, size, error)) {
      remove_set (store, stem, NULL);
      return FALSE;
    }
  }
  return TRUE;
}

static void
make_stem (GstCpacEvidenceStore *store, guint64 frame, char *stem)
{
  g_snprintf (stem, STEM_LENGTH + 1, "%s-%012" G_GUINT64_FORMAT, store->session,
              frame % FRAME_NUMBERS);
}

gboolean
gst_cpac_evidence_store_add (GstCpacEvidenceStore *store, guint64 frame,
                             const GstCpacEvidenceSet *set, guint64 *n_removed, GError **error)
{
  GBytes *const files[N_FILES] = { set->picture, set->map, set->line };
  Set next = { 0 };

  for (guint i = 0; i < N_FILES; i++)
    next.size += files[i] != NULL ? g_bytes_get_size (files[i]) : 0;
  make_stem (store, frame, next.stem);
  if (strcmp (next.stem, store->newest) <= 0) {
    begin_session (store);
    make_stem (store, frame, next.stem);
  }
  if (!make_room (store, next.size, n_removed, error) ||
      !write_set (store, next.stem, files, error))
    return FALSE;
  store->size += next.size;
  memcpy (store->newest, next.stem, sizeof next.stem);
  g_queue_push_tail (&store->sets, g_memdup2 (&next, sizeof next));
  return TRUE;
}
