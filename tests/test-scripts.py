#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The scripts in pipelines/ as a user starts them, and the commands that README.md shows."""
import glob
import json
import os
import re
import shutil
import stat

import tap
from toolcase import BUILD, SOURCE, ToolCase, needs_plain_plugin

SCRIPTS = os.path.join(SOURCE, 'pipelines')
PROGRAMS = sorted(path for path in glob.glob(os.path.join(SCRIPTS, '*.sh'))
                  if os.stat(path).st_mode & stat.S_IXUSR)


def environment():
    """As on a machine without display, with this build and no other."""
    hidden = ('DISPLAY', 'WAYLAND_DISPLAY', 'GST_PLUGIN_PATH_1_0', 'GST_REGISTRY_1_0')
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return dict(kept, CPAC_BUILD=BUILD)


class Scripts(ToolCase):
    def script(self, name, *words, status=0):
        return self.run_program(os.path.join(SCRIPTS, name), *words, env=environment(),
                                status=status)

    def journal(self, name, frames):
        rows = [json.loads(line) for line in self.read(name).splitlines()]
        self.assertEqual(rows[-1]['frames']['seen'], frames)
        inspections = [row['inspection'] for row in rows if 'inspection' in row]
        self.assertEqual(len(inspections), frames)
        return inspections

    def test_help(self):
        self.assertEqual([os.path.basename(path) for path in PROGRAMS],
                         ['live.sh', 'quickstart.sh', 'record.sh', 'replay.sh'])
        for program in PROGRAMS:
            text = self.run_program(program, '--help', env=environment()).stdout
            with open(program) as file:
                comment = re.match(r'#!/bin/bash\n((?:#.*\n)+)', file.read())[1]
            self.assertEqual(text, re.sub('^# ?', '', comment, flags=re.M))
            self.assertGreater(len(text), 200)

    def test_unknown_option(self):
        for program in PROGRAMS:
            done = self.run_program(program, 'colour=red', env=environment(), status=2)
            self.assertEqual(done.stderr, f'{os.path.basename(program)}: unknown option '
                                          '"colour=red"; --help tells those there are\n')

    def test_nothing_built(self):
        for name in ('live.sh', 'record.sh', 'replay.sh'):
            empty = dict(environment(), CPAC_BUILD=self.folder, PATH='/usr/bin:/bin')
            done = self.run_program(os.path.join(SCRIPTS, name), '--test', env=empty, status=1)
            self.assertIn('pipelines/quickstart.sh builds it', done.stderr)

    def test_missing_devices(self):
        for name in ('live.sh', 'record.sh'):
            done = self.script(name, f'device={self.path("none")}', f'out={self.path("out")}',
                               status=2)
            self.assertEqual(done.stderr, f'{name}: no camera at {self.path("none")}; device= names '
                                          'another, --test does without\n')
        done = self.script('replay.sh', status=2)
        self.assertEqual(done.stderr, 'replay.sh: no recording "": recording=FILE names it\n')

    @needs_plain_plugin
    def test_live(self):
        self.script('live.sh', '--test', f'out={self.path("out")}')
        frames = [one['frame'] for one in self.journal('out/live.jsonl', 30)]
        self.assertEqual(frames, list(range(30)))

    @needs_plain_plugin
    def test_record_and_replay(self):
        """A lossless recording replays to the recorded scores, bit for bit."""
        self.script('record.sh', '--test', f'out={self.path("out")}')
        self.script('replay.sh', f'recording={self.path("out/recording.mkv")}')
        live = self.journal('out/recording.jsonl', 30)
        again = self.journal('out/recording.mkv.jsonl', 30)
        self.assertEqual([one['score'] for one in live], [one['score'] for one in again])

    @needs_plain_plugin
    def test_record_mjpeg(self):
        self.script('record.sh', '--test', 'codec=mjpeg', f'out={self.path("out")}')
        self.journal('out/recording.jsonl', 30)
        self.script('record.sh', '--test', 'codec=vhs', f'out={self.path("out")}', status=2)

    @needs_plain_plugin
    def test_replay(self):
        text = self.script('replay.sh', '--test').stdout
        self.assertIn('24 frames, 0 difference(s)', text)

    @needs_plain_plugin
    def test_damaged_recording_leaves_no_journal(self):
        self.write('noise.mkv', bytes(range(256)) * 16)
        self.script('replay.sh', f'recording={self.path("noise.mkv")}', status=1)
        self.assertEqual(os.listdir(self.folder), ['noise.mkv'])


@needs_plain_plugin
class Quickstart(ToolCase):
    """Footage, pipelines and table of the quick start; packages and build are there already."""

    def test_quickstart(self):
        build = self.path('build')
        os.mkdir(build)
        for name in ('pipelines', 'plugin'):
            os.symlink(os.path.join(BUILD, name), os.path.join(build, name))
        self.write('build/build.ninja', 'rule none\n  command = true\nbuild pipelines/cpac plugin/libgstcpac.so: phony\n')
        done = self.run_program(os.path.join(SCRIPTS, 'quickstart.sh'),
                                env=dict(environment(), CPAC_BUILD=build))
        self.assertIn('24 frames, 0 difference(s)', done.stdout)
        rows = re.findall(r'^ +(\d+)  (\w+) +(ok|not-ok|not-decidable) +(-?[\d.]+) +0\.200', done.stdout,
                          re.M)
        self.assertEqual([int(row[0]) for row in rows], list(range(24)))
        self.assertEqual({row[1] for row in rows}, {'good', 'scratch', 'pit', 'stain', 'chip'})
        self.assertIn('nothing was trained', done.stdout)
        caught = sum(row[1] != 'good' and row[2] != 'ok' for row in rows)
        rejects = sum(row[1] == 'good' and row[2] != 'ok' for row in rows)
        self.assertIn(f'{caught} of 12 damaged plates caught, {12 - caught} missed; '
                      f'{rejects} of 12 good plates rejected.', done.stdout)
        for folder, width in (('heatmaps', 256), ('beside', 512)):
            pictures = os.listdir(os.path.join(build, 'sample', folder))
            self.assertEqual(len(pictures), 24)
            for picture in pictures:
                head = self.read(f'build/sample/{folder}/{picture}')[:24]
                self.assertEqual(head[:8], b'\x89PNG\r\n\x1a\n')
                self.assertEqual(int.from_bytes(head[16:20], 'big'), width)


@needs_plain_plugin
class Readme(ToolCase):
    """Blocks that begin with `# run` are run as they stand, in the top folder of a copy of the tree
    in which `cpac` and GStreamer see this build, after the quick start's footage was made."""

    def test_commands(self):
        with open(os.path.join(SOURCE, 'README.md')) as file:
            blocks = re.findall(r'^```sh\n# run.*\n((?:.*\n)*?)```$', file.read(), re.M)
        self.assertGreaterEqual(len(blocks), 2)
        shutil.copytree(os.path.join(SOURCE, 'config'), self.path('config'))
        frames = self.path('build/sample/frames')
        self.cpac('footage', '--out', frames, '--parts', '24', '--defect-rate', '0.5', '--seed', '6')
        path = os.path.join(BUILD, 'pipelines') + os.pathsep + os.environ['PATH']
        for block in blocks:
            with self.subTest(block.splitlines()[0]):
                self.run_program('bash', '-euc', block, env=dict(
                    environment(), PATH=path, GST_PLUGIN_PATH=os.path.join(BUILD, 'plugin'),
                    GST_REGISTRY=os.path.join(BUILD, 'registry.dat')))


if __name__ == '__main__':
    tap.main()
