/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/score-loader.h"

#include "core/sync.h"

struct _GstCpacLoader {
  GstElement *owner;
  char **features;      /* written while closed */
  guint n_threads;      /* the same */
  CpacIgnoreMask *mask; /* the same */

  GMutex mutex; /* guards what follows; never held while loading or posting */
  GCond changed;
  GThread *thread; /* NULL until the first request */
  gboolean open;
  char *wanted;      /* path to load next; NULL: nothing to do */
  CpacScorer *ready; /* loaded, not yet taken */
};

GstCpacLoader *
gst_cpac_loader_new (GstElement *owner)
{
  GstCpacLoader *loader = g_new0 (GstCpacLoader, 1);

  loader->owner = owner;
  g_mutex_init (&loader->mutex);
  g_cond_init (&loader->changed);
  return loader;
}

void
gst_cpac_loader_free (GstCpacLoader *loader)
{
  if (loader == NULL)
    return;
  gst_cpac_loader_close (loader);
  g_strfreev (loader->features);
  cpac_ignore_mask_unref (loader->mask);
  g_mutex_clear (&loader->mutex);
  g_cond_clear (&loader->changed);
  g_free (loader);
}

static char **
split_names (const char *text)
{
  char **names;

  if (text == NULL || *text == '\0')
    return NULL;
  names = g_strsplit (text, ",", -1);
  for (guint i = 0; names[i] != NULL; i++)
    g_strstrip (names[i]);
  return names;
}

void
gst_cpac_loader_open (GstCpacLoader *loader, guint n_threads, const char *features,
                      CpacIgnoreMask *mask)
{
  loader->n_threads = n_threads;
  cpac_ignore_mask_unref (loader->mask);
  loader->mask = mask != NULL ? cpac_ignore_mask_ref (mask) : NULL;
  g_strfreev (loader->features);
  loader->features = split_names (features);
  cpac_lock (&loader->mutex);
  loader->open = TRUE;
  cpac_unlock (&loader->mutex);
}

void
gst_cpac_loader_close (GstCpacLoader *loader)
{
  GThread *thread;

  cpac_lock (&loader->mutex);
  loader->open = FALSE;
  thread = g_steal_pointer (&loader->thread);
  g_clear_pointer (&loader->wanted, g_free);
  g_cond_signal (&loader->changed);
  cpac_unlock (&loader->mutex);
  if (thread != NULL)
    g_thread_join (thread);
  g_clear_pointer (&loader->ready, cpac_scorer_free);
}

CpacScorer *
gst_cpac_loader_load (GstCpacLoader *loader, const char *path, GError **error)
{
  CpacScorerOptions options = CPAC_SCORER_OPTIONS_INIT;
  g_autoptr (CpacModel) model = NULL;

  if (path == NULL || *path == '\0') {
    g_set_error_literal (error, CPAC_ERROR, CPAC_ERROR_SCHEMA,
                         "no model given: set property \"model\" to the path of a model's YAML");
    return NULL;
  }
  model = cpac_model_load (path, CPAC_MODEL_DEFAULT, error);
  if (model == NULL)
    return NULL;
  options.n_threads = loader->n_threads;
  options.features = (const char *const *) loader->features;
  options.ignore_mask = loader->mask;
  return cpac_scorer_new (model, &options, error);
}

void
gst_cpac_loader_classify_error (const GError *error, GQuark *domain, gint *code)
{
  *domain = GST_RESOURCE_ERROR;
  *code = GST_RESOURCE_ERROR_READ;
  if (error->domain == CPAC_ERROR) {
    *domain = GST_LIBRARY_ERROR;
    *code = GST_LIBRARY_ERROR_SETTINGS;
  } else if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    *code = GST_RESOURCE_ERROR_NOT_FOUND;
  }
}

static void
post_failure (GstCpacLoader *loader, const GError *error)
{
  GQuark domain;
  gint code;

  gst_cpac_loader_classify_error (error, &domain, &code);
  gst_element_message_full (
      loader->owner, GST_MESSAGE_WARNING, domain, code,
      g_strdup_printf ("Could not load the model, the previous one stays in use: %s",
                       error->message),
      NULL, __FILE__, G_STRFUNC, __LINE__);
}

/* The next path to load; NULL when it is time to end. (transfer full) */
static char *
wait_for_request (GstCpacLoader *loader)
{
  char *path;

  cpac_lock (&loader->mutex);
  while (loader->open && loader->wanted == NULL)
    cpac_wait (&loader->changed, &loader->mutex);
  path = g_steal_pointer (&loader->wanted);
  cpac_unlock (&loader->mutex);
  return path;
}

/* Takes @scorer; after a failure, NULL, an earlier one that is not yet taken stays. FALSE when a
 * newer request or the end made the outcome pointless. */
static gboolean
deliver (GstCpacLoader *loader, CpacScorer *scorer)
{
  CpacScorer *unused = scorer;
  gboolean current;

  cpac_lock (&loader->mutex);
  current = loader->open && loader->wanted == NULL;
  if (current && scorer != NULL) {
    unused = loader->ready;
    loader->ready = scorer;
  }
  cpac_unlock (&loader->mutex);
  cpac_scorer_free (unused);
  return current;
}

static gpointer
load_requests (gpointer data)
{
  GstCpacLoader *loader = data;
  char *path;

  while ((path = wait_for_request (loader)) != NULL) {
    g_autoptr (GError) error = NULL;
    CpacScorer *scorer = gst_cpac_loader_load (loader, path, &error);

    if (deliver (loader, scorer) && error != NULL)
      post_failure (loader, error);
    g_free (path);
  }
  return NULL;
}

void
gst_cpac_loader_request (GstCpacLoader *loader, const char *path)
{
  cpac_lock (&loader->mutex);
  if (loader->open) {
    g_free (loader->wanted);
    loader->wanted = g_strdup (path != NULL ? path : "");
    if (loader->thread == NULL)
      loader->thread = g_thread_new ("cpac-loader", load_requests, loader);
    g_cond_signal (&loader->changed);
  }
  cpac_unlock (&loader->mutex);
}

CpacScorer *
gst_cpac_loader_take (GstCpacLoader *loader)
{
  CpacScorer *scorer;

  cpac_lock (&loader->mutex);
  scorer = g_steal_pointer (&loader->ready);
  cpac_unlock (&loader->mutex);
  return scorer;
}
