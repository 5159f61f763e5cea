/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What gst-inspect-1.0 shows of every element of the plugin is complete and true. */

#include <gst/gst.h>
#include <string.h>

static void
check_property (GObject *object, GParamSpec *pspec)
{
  const char *nick = g_param_spec_get_nick (pspec), *blurb = g_param_spec_get_blurb (pspec);
  g_auto (GValue) value = G_VALUE_INIT;

  g_test_message ("%s:%s", G_OBJECT_TYPE_NAME (object), pspec->name);
  g_assert_true (nick != NULL && blurb != NULL);
  g_assert_cmpint (strlen (nick), >, 1);
  g_assert_cmpint (strlen (blurb), >, strlen (nick));
  g_assert_cmpstr (nick, !=, pspec->name);
  g_assert_false (g_str_has_suffix (blurb, "."));
  if (!(pspec->flags & G_PARAM_WRITABLE))
    return;
  g_assert_true (pspec->flags & (GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PLAYING));
  g_object_get_property (object, pspec->name, &value);
  g_assert_true (g_param_value_defaults (pspec, &value));
}

/* The element's own properties, not those of its parents. */
static void
check_properties (GstElement *element)
{
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);

  for (guint i = 0; i < n; i++)
    if (pspecs[i]->owner_type == G_OBJECT_TYPE (element))
      check_property (G_OBJECT (element), pspecs[i]);
}

static void
check_metadata (GstElementFactory *factory)
{
  const char *author = gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_AUTHOR);

  g_assert_nonnull (gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_LONGNAME));
  g_assert_nonnull (gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_DESCRIPTION));
  g_assert_nonnull (
      strchr (gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS), '/'));
  g_assert_true (g_regex_match_simple ("^[^<>]+ <[^<>@ ]+@[^<>@ ]+>$", author, 0, 0));
  g_assert_cmpuint (gst_element_factory_get_num_pad_templates (factory), ==, 2);
}

static void
test_element (gconstpointer name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
  g_autoptr (GstElement) element = NULL;

  g_assert_nonnull (factory);
  check_metadata (factory);
  element = gst_object_ref_sink (gst_element_factory_create (factory, NULL));
  check_properties (element);
}

static void
test_plugin (void)
{
  g_autoptr (GstPlugin) plugin = gst_registry_find_plugin (gst_registry_get (), "cpac");
  GList *features = gst_registry_get_feature_list_by_plugin (gst_registry_get (), "cpac");

  g_assert_nonnull (plugin);
  g_assert_cmpstr (gst_plugin_get_license (plugin), ==, "LGPL");
  g_assert_cmpstr (gst_plugin_get_version (plugin), ==, CPAC_VERSION);
  g_assert_cmpuint (g_list_length (features), >=, 3);
  gst_plugin_feature_list_free (features);
}

int
main (int argc, char **argv)
{
  GList *features;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inspect/plugin", test_plugin);
  features = gst_registry_get_feature_list_by_plugin (gst_registry_get (), "cpac");
  for (GList *item = features; item != NULL; item = item->next) {
    const char *name = gst_plugin_feature_get_name (item->data);
    g_autofree char *path = g_strconcat ("/inspect/", name, NULL);

    g_test_add_data_func_full (path, g_strdup (name), test_element, g_free);
  }
  gst_plugin_feature_list_free (features);
  return g_test_run ();
}
