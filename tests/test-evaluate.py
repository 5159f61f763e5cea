#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`cpac evaluate --report` as a user starts it."""
import os
import shutil
import struct
import subprocess
import xml.etree.ElementTree

import tap
from toolcase import SAMPLE, ToolCase, png

NAMES = ['roc.svg', 'scores.svg', 'worst.png']

# The mean of a picture gives two logits.
CLASSIFIER = '''cpac-model: 1
name: tiny
input: {width: 8, height: 8, channels: 1, mean: [0], scale: [255]}
weights: {file: tiny.safetensors, sha256: SHA256}
layers:
  - {name: mean, type: global-average-pool}
  - {name: logits, type: linear, units: 2}
score: {head: classifier, classes: ["0", "1"], good: ["0"], threshold: 0.5, warn-threshold: 0.4}
'''
CLASSIFIER_WEIGHTS = {'logits.weight': ([2, 1], [-1.0, 1.0]), 'logits.bias': ([2], [0.5, -0.5])}


class Report(ToolCase):
    def evaluate(self, folder, *words, model=SAMPLE):
        self.cpac('evaluate', model, '--report', self.path(folder), *words)
        self.assertEqual(sorted(os.listdir(self.path(folder))), NAMES)
        for name in NAMES[:2]:
            xml.etree.ElementTree.parse(os.path.join(self.path(folder), name))
        return [self.read(f'{folder}/{name}') for name in NAMES]

    def test_same_bytes(self):
        """Whatever the number of threads, and over files that are there already."""
        self.footage(parts=30, size='96x64', seed=1)
        data = ('--data', self.path('footage/list.csv'))
        first = self.evaluate('a', *data)
        # Not assertEqual, which would print them.
        self.assertTrue(self.evaluate('b', '--threads', '2', *data) == first)
        self.assertTrue(self.evaluate('a', '--threads', '7', *data) == first)

    def test_same_bytes_in_every_locale(self):
        """German writes a comma where figures have a point."""
        built = subprocess.run(['localedef', '-i', 'de_DE', '-f', 'UTF-8', self.path('de_DE.UTF-8')],
                               capture_output=True, check=False) if shutil.which('localedef') else None
        if built is None or built.returncode != 0:
            self.skipTest('the sources of the locale de_DE are not installed')
        self.footage(parts=10)
        words = ('evaluate', SAMPLE, '--data', self.path('footage/list.csv'), '--report')
        german = dict(os.environ, LOCPATH=self.folder, LC_ALL='de_DE.UTF-8')
        answers = [self.cpac(*words, self.path(folder), env=env).stdout
                   for folder, env in (('a', None), ('b', german))]
        self.assertEqual(answers[0], answers[1])
        for name in NAMES:
            self.assertTrue(self.read(f'a/{name}') == self.read(f'b/{name}'), name)

    def test_no_defects(self):
        self.footage(parts=3, rate='0')
        self.evaluate('a', '--data', self.path('footage/list.csv'))
        answer = self.cpac_json('evaluate', SAMPLE, '--data', self.path('footage/list.csv'))
        self.assertEqual((answer['n_good'], answer['n_defects']), (3, 0))
        for key in ('image_auroc', 'detection', 'pixel_auroc', 'aupro'):
            self.assertIsNone(answer[key])
        self.assertEqual((answer['per_class'], answer['per_size']), ([], []))

    def test_folders_without_masks(self):
        for label in ('good', 'bad'):
            os.makedirs(self.path(f'set/{label}'))
            self.write(f'set/{label}/1.png', png(12, 7, bytes(range(84))))
        self.evaluate('a', '--data', self.path('set'))

    def test_classifier_on_idx(self):
        """No file a picture, and no map."""
        model = self.write_model(CLASSIFIER, CLASSIFIER_WEIGHTS)
        pixels = bytes(level for level in (0, 90, 160, 255) for _ in range(64))
        self.write('t-images-idx3-ubyte', struct.pack('>IIII', 0x803, 4, 8, 8) + pixels)
        self.write('t-labels-idx1-ubyte', struct.pack('>II', 0x801, 4) + bytes([0, 0, 1, 1]))
        self.evaluate('a', '--data', self.path('t-images-idx3-ubyte'), model=model)

    def test_unwritable(self):
        self.footage(parts=2)
        data = ('--data', self.path('footage/list.csv'))
        self.write('file', 'x')
        self.assert_refused('DIR/file/report: cannot make this folder: Not a directory', 'evaluate',
                            SAMPLE, *data, '--report', self.path('file/report'))
        os.makedirs(self.path('taken/roc.svg'))
        done = self.cpac('evaluate', SAMPLE, *data, '--report', self.path('taken'), status=2)
        self.assertEqual(done.stdout, '')
        self.assertIn('taken/roc.svg', done.stderr)

    def test_without_good(self):
        model = self.write_model(CLASSIFIER.replace('good: ["0"], ', ''), CLASSIFIER_WEIGHTS)
        self.footage(parts=1)
        self.assert_refused('DIR/tiny.yaml: score.good names no good class; --report needs one',
                            'evaluate', model, '--data', self.path('footage/list.csv'), '--report',
                            self.path('a'))


if __name__ == '__main__':
    tap.main()
