/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/explain/contours.h"

#include <math.h>
#include <string.h>

#include "core/kernels/rows.h"

/*
 * Nodes lie at the cells' centres, and two rings of them on the map's border: the inner ring has
 * the values of the edge, the outer one is below any level, so that every contour is closed. Node
 * (x, y) is cell (x - 2, y - 2). A walker goes from square to square of four nodes, what is inside
 * on its right hand; a square is named by its upper left node.
 */
#define RING 2

typedef enum { UP, RIGHT, DOWN, LEFT } Direction;

typedef struct {
  guint end;  /* of its points, which begin where those of the polygon before end */
  gsize cell; /* inside */
} Polygon;

struct _CpacContours {
  guint8 *visited;  /* a walker has gone up between node i and the one to its right */
  GArray *points;   /* (element-type CpacPoint) */
  GArray *polygons; /* (element-type Polygon) */
  gboolean is_cut;  /* there was no room for all points of the present polygon */
  guint n_omitted;

  const float *map;
  guint width, height;
  double level;
};

/* The square a walker is in, and where it came from: it has entered moving in @direction. */
typedef struct {
  guint x, y;
  Direction direction;
} Walker;

typedef struct {
  guint x, y;
} Node;

CpacContours *
cpac_contours_new (guint max_width, guint max_height)
{
  CpacContours *contours = g_new0 (CpacContours, 1);

  contours->visited = g_malloc ((gsize) (max_width + 2 * RING) * (max_height + 2 * RING));
  contours->points = g_array_sized_new (FALSE, FALSE, sizeof (CpacPoint), CPAC_CONTOURS_MAX_POINTS);
  contours->polygons =
      g_array_sized_new (FALSE, FALSE, sizeof (Polygon), CPAC_CONTOURS_MAX_POLYGONS);
  return contours;
}

void
cpac_contours_free (CpacContours *contours)
{
  if (contours == NULL)
    return;
  g_free (contours->visited);
  g_array_unref (contours->points);
  g_array_unref (contours->polygons);
  g_free (contours);
}

static inline guint
cell_of (guint node, guint n_cells)
{
  return CLAMP (node, RING, n_cells + RING - 1) - RING;
}

static inline gsize
find_cell (const CpacContours *contours, Node node)
{
  return (gsize) cell_of (node.y, contours->height) * contours->width +
         cell_of (node.x, contours->width);
}

static double
value_at (const CpacContours *contours, Node node)
{
  if (node.x == 0 || node.y == 0 || node.x == contours->width + 2 * RING - 1 ||
      node.y == contours->height + 2 * RING - 1)
    return -INFINITY;
  return contours->map[find_cell (contours, node)];
}

static inline gboolean
is_inside (const CpacContours *contours, Node node)
{
  return value_at (contours, node) > contours->level;
}

static inline double
position_of (guint node, guint n_cells)
{
  return CLAMP (node + 0.5 - RING, 0, n_cells);
}

/* Where the level lies between node @out below it and node @in above it. */
static void
add_crossing (CpacContours *contours, Node out, Node in)
{
  double below = value_at (contours, out), above = value_at (contours, in);
  double share = isfinite (below) ? (contours->level - below) / (above - below) : 0.5;
  double x0 = position_of (out.x, contours->width), x1 = position_of (in.x, contours->width);
  double y0 = position_of (out.y, contours->height), y1 = position_of (in.y, contours->height);
  CpacPoint point = { x0 + share * (x1 - x0), y0 + share * (y1 - y0) };

  contours->is_cut |= contours->points->len == CPAC_CONTOURS_MAX_POINTS;
  if (!contours->is_cut)
    g_array_append_val (contours->points, point);
}

/* The corner of a walker's square that is in front of it, to its left or to its right. */
static Node
front (const Walker *walker, gboolean right)
{
  /* Of the upper left, upper right, lower right and lower left corner: in the order of directions
   * each is the left one in front. */
  static const Node corners[] = { { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
  Node corner = corners[(walker->direction + (right ? 1 : 0)) % 4];

  return (Node){ walker->x + corner.x, walker->y + corner.y };
}

static Node
rear (const Walker *walker, gboolean right)
{
  Walker turned = { walker->x, walker->y, (walker->direction + 2) % 4 };

  return front (&turned, !right);
}

/* Leaves the square through its next side that the contour crosses, from the left on: so that
 * inside corners across a square stay joined. */
static void
step (CpacContours *contours, Walker *walker)
{
  Node left = front (walker, FALSE), right = front (walker, TRUE);

  if (is_inside (contours, left)) {
    add_crossing (contours, rear (walker, FALSE), left);
    walker->direction = (walker->direction + 3) % 4;
  } else if (is_inside (contours, right)) {
    add_crossing (contours, left, right);
  } else {
    add_crossing (contours, right, rear (walker, TRUE));
    walker->direction = (walker->direction + 1) % 4;
  }
  walker->x += walker->direction == RIGHT ? 1 : walker->direction == LEFT ? -1 : 0;
  walker->y += walker->direction == DOWN ? 1 : walker->direction == UP ? -1 : 0;
}

/* The side between @node and the one to its right, crossed upwards: notes that it was. */
static gboolean
visit (CpacContours *contours, Node node)
{
  guint8 *visited = &contours->visited[(gsize) node.y * (contours->width + 2 * RING) + node.x];
  gboolean was = *visited;

  *visited = TRUE;
  return !was;
}

/* Points that fall together, on the border mostly, are one; what is left without area is nothing.
 */
static void
end_polygon (CpacContours *contours, guint start, gsize cell)
{
  CpacPoint *points = (CpacPoint *) (gpointer) contours->points->data;
  guint end = start;

  for (guint i = start; i < contours->points->len; i++)
    if (end == start || points[i].x != points[end - 1].x || points[i].y != points[end - 1].y)
      points[end++] = points[i];
  while (end > start + 1 && points[end - 1].x == points[start].x &&
         points[end - 1].y == points[start].y)
    end--;
  if (contours->is_cut || end < start + 3)
    end = start;
  else
    g_array_append_vals (contours->polygons, &(Polygon){ end, cell }, 1);
  contours->n_omitted += contours->is_cut;
  g_array_set_size (contours->points, end);
}

/* From the side between @node, which is outside, and the one to its right, which is inside. */
static void
walk (CpacContours *contours, Node node)
{
  Walker walker = { node.x, node.y - 1, UP };
  guint start = contours->points->len;

  contours->is_cut = FALSE;
  do {
    step (contours, &walker);
  } while (walker.direction != UP || visit (contours, (Node){ walker.x, walker.y + 1 }));
  end_polygon (contours, start, find_cell (contours, (Node){ node.x + 1, node.y }));
}

/* Every polygon has a leftmost side that it crosses upwards: here begin those of row @y of nodes.
 */
static void
trace_row (CpacContours *contours, guint y)
{
  const float *row = contours->map + find_cell (contours, (Node){ RING, y });
  gboolean was_inside = FALSE;

  if (!(cpac_row_kernels_any ()->largest (contours->width, row) > contours->level))
    return;
  for (guint x = 1; x + 1 < contours->width + 2 * RING; x++) {
    gboolean inside = row[cell_of (x, contours->width)] > contours->level;
    Node left = { x - 1, y };

    if (inside && !was_inside && visit (contours, left))
      walk (contours, left);
    was_inside = inside;
  }
}

guint
cpac_contours_trace (CpacContours *contours, const float *map, guint width, guint height,
                     double level)
{
  contours->map = map;
  contours->width = width;
  contours->height = height;
  contours->level = level;
  contours->n_omitted = 0;
  g_array_set_size (contours->points, 0);
  g_array_set_size (contours->polygons, 0);
  memset (contours->visited, 0, (gsize) (width + 2 * RING) * (height + 2 * RING));
  for (guint y = 1; y + 1 < height + 2 * RING; y++)
    trace_row (contours, y);
  return contours->polygons->len;
}

static const Polygon *
get_polygon (const CpacContours *contours, guint index)
{
  return &g_array_index (contours->polygons, Polygon, index);
}

const CpacPoint *
cpac_contours_get_polygon (const CpacContours *contours, guint index, guint *n)
{
  guint start = index > 0 ? get_polygon (contours, index - 1)->end : 0;

  *n = get_polygon (contours, index)->end - start;
  return (const CpacPoint *) (gconstpointer) contours->points->data + start;
}

gsize
cpac_contours_get_cell (const CpacContours *contours, guint index)
{
  return get_polygon (contours, index)->cell;
}

guint
cpac_contours_get_n_omitted (const CpacContours *contours)
{
  return contours->n_omitted;
}
