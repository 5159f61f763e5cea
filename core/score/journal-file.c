/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/score/journal-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "core/score/journal-tail.h"

/* The last record that tells the ledger is one part back; parts are small. */
#define FIRST_WINDOW 65536
#define MAX_WINDOW ((gsize) 1 << 30)
#define HEAD 4096

struct _CpacJournalFile {
  char *path; /* for errors */
  int fd;
  goffset size;
};

static gboolean
fail (const CpacJournalFile *file, const char *what, GError **error)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s: %s", file->path,
               what, g_strerror (number));
  return FALSE;
}

/* ---- Writing ---- */

static gssize
write_some (int fd, const char *text, gsize length)
{
  gssize n;

  do
    n = write (fd, text, length);
  while (n < 0 && errno == EINTR);
  return n;
}

gboolean
cpac_journal_file_append (CpacJournalFile *file, const char *line, GError **error)
{
  gsize length = strlen (line), done = 0;
  gssize n;

  /* Only a disk that is full takes part of a line: then the rest of it fails and says why. */
  do {
    n = write_some (file->fd, line + done, length - done);
    done += n > 0 ? (gsize) n : 0;
  } while (n > 0 && done < length);
  if (done == length) {
    file->size += (goffset) length;
    return TRUE;
  }
  fail (file, "cannot write", error);
  if (done > 0 && ftruncate (file->fd, file->size) != 0)
    g_prefix_error (error, "a torn line is left: ");
  return FALSE;
}

gboolean
cpac_journal_file_sync (CpacJournalFile *file, GError **error)
{
  return fdatasync (file->fd) == 0 || fail (file, "cannot write to the disk", error);
}

/* A new file's name is on the disk when its folder is. */
static gboolean
sync_folder (const CpacJournalFile *file, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file->path);
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean done = fd >= 0 && fsync (fd) == 0;

  if (!done)
    fail (file, "cannot write its folder to the disk", error);
  if (fd >= 0)
    close (fd);
  return done;
}

/* ---- Reading ---- */

static gboolean
read_at (const CpacJournalFile *file, goffset at, char *text, gsize length, GError **error)
{
  for (gsize done = 0; done < length;) {
    gssize n = pread (file->fd, text + done, length - done, at + (goffset) done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n == 0)
      errno = EIO;
    if (n <= 0)
      return fail (file, "cannot read", error);
    done += (gsize) n;
  }
  return TRUE;
}

static gboolean
check_head (const CpacJournalFile *file, GError **error)
{
  char text[HEAD];
  gsize length = MIN ((gsize) file->size, sizeof text);

  return read_at (file, 0, text, length, error) &&
         cpac_journal_check_head (file->path, text, length, length == (gsize) file->size, error);
}

/* The last @window bytes. */
static gboolean
read_window (const CpacJournalFile *file, gsize window, CpacJournalTail *tail, GError **error)
{
  g_autofree char *text = g_try_malloc (window);

  if (text == NULL) {
    errno = ENOMEM;
    return fail (file, "cannot read", error);
  }
  return read_at (file, file->size - (goffset) window, text, window, error) &&
         cpac_journal_tail_read (file->path, text, window, (goffset) window == file->size, tail,
                                 error);
}

static gboolean
read_tail (const CpacJournalFile *file, CpacJournalTail *tail, gsize *window, GError **error)
{
  for (*window = FIRST_WINDOW;; *window *= 2) {
    gboolean is_whole = (goffset) *window >= file->size;

    if (is_whole)
      *window = (gsize) file->size;
    if (!read_window (file, *window, tail, error))
      return FALSE;
    if (tail->is_known || is_whole)
      return TRUE;
    cpac_journal_tail_clear (tail);
    if (*window >= MAX_WINDOW) {
      g_set_error (error, CPAC_ERROR, CPAC_ERROR_PARSE,
                   "%s: found no record of a part in its last %" G_GSIZE_FORMAT
                   " bytes, expected one",
                   file->path, *window);
      return FALSE;
    }
  }
}

/* ---- Putting the end in order ---- */

static gboolean
cut (CpacJournalFile *file, goffset size, CpacJournalFound *found, GError **error)
{
  if (size == file->size)
    return TRUE;
  if (ftruncate (file->fd, size) != 0)
    return fail (file, "cannot cut a torn line off", error);
  found->torn_bytes = (guint64) (file->size - size);
  file->size = size;
  return TRUE;
}

static gboolean
end_part (CpacJournalFile *file, CpacJournalTail *tail, GError **error)
{
  CpacJournalFrame frame = { .timestamp_ns = G_MAXUINT64 };
  CpacJournalPart part = {
    .part = tail->part,
    .id = tail->part_id,
    .verdict = tail->is_not_ok ? CPAC_VERDICT_NOT_OK : CPAC_VERDICT_UNDEFINED,
    .n_frames = tail->ledger.in_hand,
    .n_lost = tail->n_lost,
    .is_incomplete = TRUE,
    .is_recovered = TRUE,
    .session = tail->session,
    .ledger = &tail->ledger,
  };
  g_autofree char *line = NULL;

  cpac_line_ledger_end_part (&tail->ledger, part.verdict);
  line = cpac_journal_part (&part, &frame);
  return cpac_journal_file_append (file, line, error);
}

static gboolean
end_session (CpacJournalFile *file, CpacJournalTail *tail, CpacJournalFound *found, GError **error)
{
  g_autofree char *line = NULL;

  found->n_sessions = tail->session;
  found->is_interrupted = !tail->is_ended || tail->is_recovered;
  if (tail->is_ended)
    return TRUE;
  found->is_repaired = TRUE;
  found->has_lost_part = tail->ledger.is_part_open;
  if (tail->ledger.is_part_open && !end_part (file, tail, error))
    return FALSE;
  line = cpac_journal_closing_of_line (&tail->ledger, tail->session, TRUE);
  return cpac_journal_file_append (file, line, error);
}

static gboolean
repair (CpacJournalFile *file, CpacJournalFound *found, GError **error)
{
  g_auto (CpacJournalTail) tail = { 0 };
  gsize window;

  if (file->size == 0)
    return sync_folder (file, error);
  if (!check_head (file, error) || !read_tail (file, &tail, &window, error))
    return FALSE;
  /* The first header itself was torn: nothing has been written yet. */
  if (!tail.is_known)
    return cut (file, 0, found, error);
  return cut (file, file->size - (goffset) (window - tail.valid_length), found, error) &&
         end_session (file, &tail, found, error) && cpac_journal_file_sync (file, error);
}

/* ---- Opening ---- */

static gboolean
check_kind (CpacJournalFile *file, GError **error)
{
  struct stat status;

  if (fstat (file->fd, &status) != 0)
    return fail (file, "cannot read", error);
  if (!S_ISREG (status.st_mode)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 "%s: found no regular file, expected a journal in which to go on, or no file",
                 file->path);
    return FALSE;
  }
  file->size = status.st_size;
  return TRUE;
}

static gboolean
lock (const CpacJournalFile *file, GError **error)
{
  if (flock (file->fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (errno != EWOULDBLOCK)
    return fail (file, "cannot lock", error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
               "%s: found another program or element that writes it, expected none", file->path);
  return FALSE;
}

/* A FIFO would wait for its reader. */
static gboolean
open_file (CpacJournalFile *file, GError **error)
{
  file->fd = g_open (file->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  return file->fd >= 0 || fail (file, "cannot open", error);
}

CpacJournalFile *
cpac_journal_file_open (const char *path, CpacJournalFound *found, GError **error)
{
  g_autoptr (CpacJournalFile) file = g_new0 (CpacJournalFile, 1);

  *found = (CpacJournalFound){ 0 };
  file->fd = -1;
  file->path = g_strdup (path);
  /* Its size is known only once nobody else writes it. */
  if (!open_file (file, error) || !check_kind (file, error) || !lock (file, error) ||
      !check_kind (file, error) || !repair (file, found, error))
    return NULL;
  return g_steal_pointer (&file);
}

void
cpac_journal_file_free (CpacJournalFile *file)
{
  if (file == NULL)
    return;
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->path);
  g_free (file);
}
