#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""From pictures of good parts alone to a model, and the sheet of what is made of them."""
import os
import struct
import subprocess

import tap
from toolcase import TOOL, ToolCase

CONFIG = '''cpac-model: 1
name: map
input: {width: 32, height: 24, channels: 1, mean: [128], scale: [64]}
layers:
  - {name: a, type: cpac-conv, filters: 4, kernel: 5, rank: 4, stride: 2, padding: same}
  - {type: relu}
  - {name: b, type: cpac-conv, filters: 1, kernel: 3, rank: 2, padding: same}
score: {head: map, good: [good], threshold: 0}
train:
  epochs: 2
  batch: 4
  synthetic: {}
'''


class SyntheticCase(ToolCase):
    def setUp(self):
        super().setUp()
        self.config = self.path('map.yaml')
        self.write(CONFIG)
        self.cpac('footage', '--out', self.path('good'), '--parts', '20', '--size', '64x48',
                  '--defect-rate', '0', '--split', '')
        self.pictures = self.path('good/list.csv')

    def write(self, text):
        with open(self.config, 'w') as file:
            file.write(text)

    def run_tool(self, *words):
        return subprocess.run([TOOL, *words], capture_output=True, text=True)

    def assert_refused(self, words, *arguments):
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 2)
        self.assertIn(words, done.stderr)


class Train(SyntheticCase):
    def test_good_only(self):
        answer = self.cpac_json('train', self.config, '--data', self.pictures, '--out',
                                self.path('model'))
        self.assertGreaterEqual(answer['val_auroc'], 0)
        self.assertLessEqual(answer['val_auroc'], 1)
        self.cpac('inspect', self.path('model/model.yaml'), '--self-check')

    def test_defects_without_masks(self):
        with open(self.pictures) as file:
            lines = file.read().splitlines()
        columns = lines[0].split(',')
        rows = [dict(zip(columns, line.split(','))) for line in lines[1:]]
        for index, label in ((3, 'chip'), (4, 'chip')):
            rows[index].update(label=label, mask='')
        with open(self.pictures, 'w') as file:
            file.write('\n'.join([','.join(columns)] + [','.join(r.values()) for r in rows]) + '\n')
        done = self.run_tool('train', self.config, '--data', self.pictures, '--out',
                             self.path('model'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, 'left out: [12] defective pictures? without a mask')


class Sheet(SyntheticCase):
    def sheet(self, *words):
        answer = self.cpac_json('synthetic', self.config, '--data', self.pictures, '--out',
                                self.path('sheet'), *words)
        with open(self.path('sheet/synthetic.png'), 'rb') as file:
            return answer, file.read()

    def test_sizes(self):
        for n, width, height in ((1, 76, 32), (3, 220, 32), (5, 292, 60), (24, 292, 172)):
            with self.subTest(n):
                answer, png = self.sheet('--n', str(n))
                self.assertEqual(answer['n'], n)
                self.assertGreaterEqual(answer['damaged'], n - 1)
                self.assertEqual(struct.unpack('>II', png[16:24]), (width, height))

    def test_same_bytes(self):
        self.assertEqual(self.sheet()[1], self.sheet()[1])
        for seed in ('5', '-5'):
            self.assertNotEqual(self.sheet()[1], self.sheet('--seed', seed)[1])

    def test_refused(self):
        words = ('synthetic', self.config, '--data', self.pictures, '--out')
        self.assert_refused('--data and --out are both needed', 'synthetic', self.config)
        self.assert_refused('--n must be 1..1000', *words, self.path('x'), '--n', '0')
        self.assert_refused('cannot make this folder', *words, self.config + '/x')
        self.write(CONFIG.replace('  synthetic: {}\n', ''))
        self.assert_refused('has no "synthetic"', *words, self.path('x'))
        self.write(CONFIG.replace('synthetic: {}', 'synthetic: {kinds: {spot: {}}}'))
        self.assert_refused('unknown key "spot" (did you mean "spots"?)', *words, self.path('x'))
        self.assertFalse(os.path.exists(self.path('x')))


if __name__ == '__main__':
    tap.main()
