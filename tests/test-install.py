#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `meson install` puts where, and that GStreamer finds the plugin there and in `meson devenv`."""
import os
import shutil
import subprocess

import tap
from toolcase import BUILD, SAMPLE, ToolCase, gst_environment, needs_plain_plugin

ELEMENTS = ('cpacscore', 'cpacheatmap', 'cpacjson')
MESON = shutil.which('meson')


class Install(ToolCase):
    def setUp(self):
        super().setUp()
        self.run_program(MESON, 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir',
                         self.path('root'))

    def installed(self):
        return sorted(os.path.join(folder, name)
                      for folder, _, names in os.walk(self.path('root')) for name in names)

    def find(self, ending):
        found = [path for path in self.installed() if path.endswith(ending)]
        self.assertEqual(len(found), 1, self.installed())
        return found[0]

    def test_files(self):
        self.find('/bin/cpac')
        self.find('/gstreamer-1.0/libgstcpac.so')
        self.assertEqual(len(self.installed()), 2)

    def test_tool_runs(self):
        self.run_program(self.find('/bin/cpac'), 'inspect', SAMPLE, '--self-check')

    @needs_plain_plugin
    def test_plugin_is_found(self):
        folder = os.path.dirname(self.find('.so'))
        for element in ELEMENTS:
            done = self.run_program('gst-inspect-1.0', element,
                                    env=gst_environment(folder, self.path('registry.dat')))
            self.assertIn(folder, done.stdout)

    @needs_plain_plugin
    def test_plugin_is_small(self):
        self.run_program('strip', '-o', self.path('stripped.so'), self.find('.so'))
        self.assertLess(os.path.getsize(self.path('stripped.so')), 1 << 20)

    @needs_plain_plugin
    def test_plugin_exports_its_description_only(self):
        """And leaves BLAS to the tool."""
        so = self.find('.so')
        symbols = subprocess.run(['nm', '-D', '--defined-only', so], capture_output=True, text=True,
                                 check=True).stdout
        self.assertEqual(sorted(line.split()[-1] for line in symbols.splitlines()),
                         ['gst_plugin_cpac_get_desc', 'gst_plugin_cpac_register'])
        needed = subprocess.run(['readelf', '-d', so], capture_output=True, text=True,
                                check=True).stdout
        self.assertNotIn('blas', needed)


@needs_plain_plugin
class Devenv(ToolCase):
    def test_devenv(self):
        hidden = ('GST_PLUGIN_PATH_1_0', 'GST_REGISTRY_1_0')
        plain = {name: value for name, value in os.environ.items() if name not in hidden}
        for element in ELEMENTS:
            done = self.run_program(MESON, 'devenv', '-C', BUILD, 'gst-inspect-1.0', element,
                                    env=plain)
            self.assertIn(os.path.join(BUILD, 'plugin', 'libgstcpac.so'), done.stdout)
        done = self.run_program(MESON, 'devenv', '-C', BUILD, 'cpac', '--version', env=plain)
        self.assertTrue(done.stdout.startswith('cpac '))


if __name__ == '__main__':
    tap.main()
