/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a reader of an SVG picture finds in it. */
typedef struct {
  GString *texts;    /* all of them, "|" between two */
  GPtrArray *tags;   /* (element-type utf8): "line x1=1.0 stroke=red" */
  GPtrArray *points; /* (element-type utf8): of each polyline */
  guint depth;
} SvgReader;

/* Asserts that @svg is well-formed, has one root, svg, and no number in it that is none. */
void svg_read (SvgReader *reader, const char *svg);
void svg_clear (SvgReader *reader);

/* Points of polyline @line. */
guint svg_count_points (const SvgReader *reader, guint line);
/* Tags that begin with @name and hold @attribute. */
guint svg_count_tags (const SvgReader *reader, const char *name, const char *attribute);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SvgReader, svg_clear)
