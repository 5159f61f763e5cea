/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * GLib's mutex, condition and atomic reference count, told to the thread sanitizer: libglib is not
 * instrumented, so without this header every hand-over through them looks like a race. The only
 * place where the sanitizer is known about.
 */

#include <glib.h>

#if defined(__SANITIZE_THREAD__)
#define CPAC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CPAC_TSAN 1
#endif
#endif

#ifdef CPAC_TSAN
void __tsan_acquire (void *address);
void __tsan_release (void *address);
#define CPAC_ACQUIRED(lock) __tsan_acquire (lock)
#define CPAC_RELEASING(lock) __tsan_release (lock)
#else
#define CPAC_ACQUIRED(lock) ((void) (lock))
#define CPAC_RELEASING(lock) ((void) (lock))
#endif

static inline void
cpac_lock (GMutex *mutex)
{
  g_mutex_lock (mutex);
  CPAC_ACQUIRED (mutex);
}

static inline void
cpac_unlock (GMutex *mutex)
{
  CPAC_RELEASING (mutex);
  g_mutex_unlock (mutex);
}

static inline void
cpac_wait (GCond *cond, GMutex *mutex)
{
  CPAC_RELEASING (mutex);
  g_cond_wait (cond, mutex);
  CPAC_ACQUIRED (mutex);
}

/* TRUE for the last reference; what all others did with the object lies before that. */
static inline gboolean
cpac_ref_count_dec (gatomicrefcount *references)
{
  CPAC_RELEASING (references);
  if (!g_atomic_ref_count_dec (references))
    return FALSE;
  CPAC_ACQUIRED (references);
  return TRUE;
}
