#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One ignore mask in the pipeline and in the tool's commands: the same bits."""
import csv
import hashlib
import json
import os
import shutil

import tap
from toolcase import SAMPLE, ToolCase, gst_environment, needs_plain_plugin, png


def inspections(text):
    rows = [json.loads(line) for line in text.splitlines()]
    return [row['inspection'] for row in rows if 'inspection' in row]


class IgnoreMask(ToolCase):
    """24 plates of 256x256 pixels; a mask of 4x1 pixels hides the left half of each."""

    def setUp(self):
        super().setUp()
        self.frames = self.path('frames')
        self.cpac('footage', '--out', self.frames, '--parts', '24', '--defect-rate', '0.5',
                  '--seed', '1')
        self.mask_bytes = png(4, 1, [255, 1, 0, 0])
        self.mask = self.write('mask.png', self.mask_bytes)

    def replay(self, *options, model=SAMPLE):
        self.cpac('replay', model, self.frames + '/frame-%05d.png', '--journal', 'a.jsonl',
                  *options)
        return inspections(self.read('a.jsonl'))

    def test_replay(self):
        whole, half = self.replay(), self.replay('--ignore-mask', self.mask)
        self.assertEqual({one['ignore_mask_sha256'] for one in half},
                         {hashlib.sha256(self.mask_bytes).hexdigest()})
        lowered = 0
        for before, after in zip(whole, half):
            self.assertNotIn('ignore_mask_sha256', before)
            self.assertLessEqual(after['score'], before['score'])
            lowered += after['score'] < before['score']
            for region in after['regions']:
                # Cells are 4 pixels wide at 192 pixels, and half of one may be hidden.
                self.assertGreaterEqual(region['x'] + 2 / 192, 0.5)
            kept = [region for region in before['regions'] if region['x'] >= 0.5]
            self.assertEqual([region for region in after['regions'] if region in kept], kept)
        self.assertGreater(lowered, 0)
        self.assertLess(lowered, 24)

    def test_min_region_area(self):
        every, large = self.replay(), self.replay('--min-region-area', '120')
        self.assertEqual([one['score'] for one in every], [one['score'] for one in large])
        wanted = [[region for region in one['regions'] if region['area'] >= 120] for one in every]
        self.assertEqual([one['regions'] for one in large], wanted)
        self.assertNotEqual(every, large)

    @needs_plain_plugin
    def test_pipeline(self):
        self.replay('--ignore-mask', self.mask, '--min-region-area', '120')
        self.run_program('gst-launch-1.0', '-q', 'multifilesrc',
                         f'location={self.frames}/frame-%05d.png',
                         'caps=image/png,framerate=25/1', '!', 'pngdec', 'qos=false', '!',
                         'cpacscore', f'model={SAMPLE}', f'ignore-mask={self.mask}',
                         'min-region-area=120', '!', 'cpacjson', 'timing=false', '!', 'filesink',
                         'location=b.jsonl', env=gst_environment())
        answer = self.cpac_json('compare', 'a.jsonl', 'b.jsonl')
        self.assertEqual((answer['frames'], answer['differences']), (24, 0))

    def test_evaluate(self):
        replayed = self.replay('--ignore-mask', self.mask)
        self.cpac('evaluate', SAMPLE, '--data', self.frames + '/list.csv', '--ignore-mask',
                  self.mask, '--scores', 'scores.csv')
        with open(self.path('scores.csv'), newline='') as file:
            scores = [float(row['score']) for row in csv.DictReader(file)]
        self.assertEqual(scores, [one['score'] for one in replayed])

    def test_calibrate(self):
        most = self.write('most.png', png(4, 1, [1, 1, 1, 0]))
        thresholds = []
        for name, options in (('whole', ()), ('part', ('--ignore-mask', most))):
            os.mkdir(self.path(name))
            for suffix in ('.yaml', '.safetensors'):
                shutil.copy(SAMPLE.replace('.yaml', suffix), self.path(name))
            answer = self.cpac_json('calibrate', f'{name}/sample-metal.yaml', '--data',
                                    self.frames + '/list.csv', '--split', 'test',
                                    '--max-false-reject', '0.3', *options)
            thresholds.append(answer['threshold'])
        self.assertLess(thresholds[1], thresholds[0])
        # What was said without a mask holds with any; what was said with one, with that one only.
        recorded = self.cpac_json('inspect', 'part/sample-metal.yaml')['calibration']
        self.assertEqual(recorded['ignore_mask_sha256'],
                         hashlib.sha256(self.read('most.png')).hexdigest())
        for name, mask, said in (('whole', (), True), ('whole', ('--ignore-mask', most), True),
                                 ('part', ('--ignore-mask', most), True), ('part', (), False),
                                 ('part', ('--ignore-mask', self.mask), False)):
            with self.subTest(name=name, mask=mask):
                lines = self.replay(*mask, model=f'{name}/sample-metal.yaml')
                self.assertEqual({'p_value' in one for one in lines}, {said})
                self.assertEqual({'score_normalized' in one for one in lines}, {said})

    def test_refused(self):
        text = self.write('mask.txt', 'no picture')
        full = self.write('full.png', png(1, 1, [1]))
        video = self.frames + '/frame-%05d.png'
        for command in (('replay', SAMPLE, video, '--journal', 'a.jsonl'),
                        ('evaluate', SAMPLE, '--data', self.frames + '/list.csv'),
                        ('calibrate', SAMPLE, '--data', self.frames + '/list.csv',
                         '--split', 'test', '--max-false-reject', '0.3')):
            with self.subTest(command[0]):
                done = self.cpac(*command, '--ignore-mask', text, status=2)
                self.assertIn('mask.txt: an ignore mask must be a PNG', done.stderr)
                done = self.cpac(*command, '--ignore-mask', full, status=2)
                self.assertIn('the ignore mask leaves nothing to look at', done.stderr)
        self.assertFalse(os.path.exists(self.path('a.jsonl')))
        done = self.cpac('replay', SAMPLE, video, '--journal', 'a.jsonl', '--min-region-area', '-1',
                         status=2)
        self.assertIn('--min-region-area must be at least 0, got -1', done.stderr)


if __name__ == '__main__':
    tap.main()
