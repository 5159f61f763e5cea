/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/network/pictures.h"

/* What a visit leaves behind. */
typedef struct {
  guint slots[CPAC_PICTURES_AT_ONCE];
  GArray *order;        /* (element-type guint): pictures as they were added */
  guint n_done, n_told; /* of the progress */
  guint fail_from;
} Visit;

static gboolean
look (gpointer user_data, guint index, guint slot, guint worker, GError **error)
{
  Visit *visit = user_data;

  g_assert_cmpuint (slot, <, CPAC_PICTURES_AT_ONCE);
  visit->slots[slot] = index;
  if (index < visit->fail_from)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_IO, "picture %u", index);
  return FALSE;
}

static void
add (gpointer user_data, guint slot)
{
  Visit *visit = user_data;

  g_array_append_val (visit->order, visit->slots[slot]);
}

static void
progress (guint done, guint total, gpointer user_data)
{
  Visit *visit = user_data;

  g_assert_cmpuint (done, >, visit->n_done);
  g_assert_cmpuint (done, <=, total);
  visit->n_done = done;
  visit->n_told++;
}

static const guint counts[] = { 0, 1, 2, 3, 5, 7, 8, 9, 17, 253 };

/* Every picture once, in order, however many threads look. */
static void
test_order (void)
{
  for (guint t = 1; t < 6; t++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (t);

    for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
      g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));
      Visit visit = { .order = order, .fail_from = G_MAXUINT };
      const CpacPictureVisitor visitor = { look, add, progress, &visit };

      g_assert_true (cpac_pictures_visit (counts[i], workers, &visitor, &visit, NULL));
      g_assert_cmpuint (order->len, ==, counts[i]);
      for (guint k = 0; k < order->len; k++)
        g_assert_cmpuint (g_array_index (order, guint, k), ==, k);
      g_assert_cmpuint (visit.n_done, ==, counts[i]);
      g_assert_cmpuint (visit.n_told, ==, (counts[i] + 7) / 8);
    }
  }
}

/* The first that fails is the one that is reported, and nothing after its portion is looked at. */
static void
test_failure (void)
{
  for (guint t = 1; t < 4; t++) {
    g_autoptr (CpacWorkers) workers = cpac_workers_new (t);
    g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));
    Visit visit = { .order = order, .fail_from = 11 };
    const CpacPictureVisitor visitor = { look, add, NULL, NULL };
    g_autoptr (GError) error = NULL;

    g_assert_false (cpac_pictures_visit (253, workers, &visitor, &visit, &error));
    g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
    g_assert_cmpstr (error->message, ==, "picture 11");
    g_assert_cmpuint (order->len, ==, 8);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pictures/order", test_order);
  g_test_add_func ("/pictures/failure", test_failure);
  return g_test_run ();
}
