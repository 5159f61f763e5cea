#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every command of cpac on good input: what it answers, and that it answers the same again."""
import csv
import json
import math
import os
import re
import struct
import subprocess

import tap
from toolcase import SAMPLE, TINY, TINY_WEIGHTS, ToolCase, png


def lines(data):
    return [json.loads(line) for line in data.decode().splitlines()]


def inspections(data):
    return [line['inspection'] for line in lines(data) if 'inspection' in line]


class Help(ToolCase):
    def commands(self):
        return re.findall(r'^  ([a-z]+) ', self.cpac('--help').stdout, re.M)

    def test_help_lists_commands(self):
        self.assertLessEqual({'inspect', 'evaluate', 'replay', 'compare', 'bench', 'footage'},
                             set(self.commands()))

    def test_help_of_every_command(self):
        for command in self.commands():
            with self.subTest(command):
                text = self.cpac(command, '--help').stdout
                self.assertIn(f'cpac {command}', text)
                self.assertIn('--json', text)

    def test_version(self):
        self.assertRegex(self.cpac('--version').stdout, r'^cpac \d+\.\d+\.\d+\n$')


class Inspect(ToolCase):
    def test_costs_by_hand(self):
        answer = self.cpac_json('inspect', self.write_model())
        # 3x3 taps on 6x6 outputs: pointwise over 8x8, vertical over 6x8, horizontal over 6x6,
        # pointwise over 6x6. Dense: 9 taps on 6x6.
        self.assertEqual(answer['parameters'], 1 + 3 + 3 + 1 + 1)
        self.assertEqual(answer['parameters_dense'], 9 + 1)
        self.assertEqual(answer['macs'], 64 + 3 * 48 + 3 * 36 + 36)
        self.assertEqual(answer['macs_dense'], 9 * 36)
        self.assertEqual([layer['output'] for layer in answer['layers']], ['1x6x6'])
        self.assertEqual(answer['ignored_tensors'], 0)

    def test_tensors_of_no_layer_are_counted(self):
        model = self.write_model(weights={**TINY_WEIGHTS, 'other': ([2], [1, 2])})
        self.assertEqual(self.cpac_json('inspect', model)['ignored_tensors'], 1)
        self.assertIn('1 tensor(s) of the weights file belong to no layer',
                      self.cpac('inspect', model).stdout)

    def test_shape_without_weights(self):
        text = ''.join(line for line in TINY.splitlines(True) if 'weights:' not in line)
        shape = self.write('shape.yaml', text)
        self.assertIn('a shape without weights', self.cpac('inspect', shape).stdout)
        self.assertNotIn('model_sha256', self.cpac_json('inspect', shape))

    def golden_model(self, weights=TINY_WEIGHTS):
        section = self.cpac('inspect', self.write_model(), '--golden').stdout
        return self.write_model(TINY + section, weights)

    def test_self_check_passes(self):
        model = self.golden_model()
        self.assertIn('self-check passed', self.cpac('inspect', model, '--self-check').stdout)
        answer = self.cpac_json('inspect', model, '--self-check')
        self.assertEqual(answer['self_check'], 'pass')
        self.assertLess(answer['deviation'], 1e-6)

    def test_self_check_fails_on_other_weights(self):
        """The sha256 is that of the perturbed file, so only the golden answer can tell."""
        model = self.golden_model({**TINY_WEIGHTS, 'mean.a': ([1, 1], [1.01])})
        done = self.cpac('inspect', model, '--self-check', status=1)
        self.assertIn('golden self-check failed: expected output', done.stderr)
        answer = self.cpac_json('inspect', model, '--self-check', status=1)
        self.assertEqual(answer['self_check'], 'fail')
        self.cpac('inspect', model)
        done = self.cpac('evaluate', model, '--data', self.footage(), status=2)
        self.assertIn('golden self-check failed', done.stderr)

    def test_self_check_of_the_sample(self):
        self.cpac('inspect', SAMPLE, '--self-check')

    def test_self_check_needs_a_golden_section(self):
        model = self.write_model()
        done = self.cpac('inspect', model, '--self-check', status=1)
        self.assertEqual(done.stderr,
                         f'{model}: the model carries no golden section to check against\n')


class Footage(ToolCase):
    def test_files_and_truth(self):
        self.footage(parts=8)
        with open(self.path('footage/list.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row['path'] for row in rows], [f'frame-{i:05d}.png' for i in range(8)])
        self.assertEqual(sum(row['label'] == 'good' for row in rows), 4)
        for row in rows:
            head = self.read('footage/' + row['path'])[16:26]
            # IHDR: width, height, 8 bit, gray.
            self.assertEqual(struct.unpack('>IIBB', head), (64, 48, 8, 0))
            self.assertEqual(bool(row['mask']), row['label'] != 'good')

    def test_seed(self):
        for name, seed in (('a', 1), ('b', 1), ('c', 2)):
            self.footage(name, parts=2, seed=seed)
        frame = 'frame-00001.png'
        self.assertEqual(self.read(f'a/{frame}'), self.read(f'b/{frame}'))
        self.assertNotEqual(self.read(f'a/{frame}'), self.read(f'c/{frame}'))

    def test_json(self):
        answer = self.cpac_json('footage', '--out', self.path('x'), '--parts', '3',
                                '--frames-per-part', '2', '--size', '16x17', '--surface', 'cast',
                                '--defects', 'pit,stain')
        self.assertEqual(answer, {'frames': 6})


class Replay(ToolCase):
    def test_same_bytes_every_time(self):
        frames = self.footage()
        journals = []
        for name, threads in (('a', '1'), ('b', '1'), ('c', '2'), ('d', '5')):
            self.cpac('replay', SAMPLE, frames, '--journal', self.path(name), '--threads', threads)
            journals.append(self.read(name))
        self.assertEqual(len(set(journals)), 1)
        self.assertEqual(len(inspections(journals[0])), 6)

    def test_score_by_hand(self):
        """The tiny model is a 3x3 mean of the picture as 8x8; a plain gray scores its gray."""
        gray = 153
        self.write('flat.png', png(8, 8, [gray] * 64))
        self.cpac('replay', self.write_model(), self.path('flat.png'), '--journal', self.path('j'))
        header, frame, closing = lines(self.read('j'))
        # 9 products and 9 sums of values below 1, each rounded to 24 bits, twice (layer and head).
        self.assertAlmostEqual(frame['inspection']['score'], gray / 255, delta=40 * 2 ** -24)
        self.assertEqual(frame['inspection']['verdict'], 'not-ok')
        self.assertEqual(header['schema'], 'cpac-inspection/1')
        self.assertEqual(closing['frames'], {'seen': 1, 'ok': 0, 'not_ok': 1, 'not_decidable': 0,
                                             'undefined': 0})

    def test_wall_clock_only_with_timing(self):
        frames = self.footage(parts=2)
        self.cpac('replay', SAMPLE, frames, '--journal', self.path('plain'))
        self.cpac('replay', SAMPLE, frames, '--journal', self.path('timed'), '--timing')
        self.assertNotIn(b'system_timestamp', self.read('plain'))
        self.assertNotIn(b'time_ns', self.read('plain'))
        self.assertIn(b'"system_timestamp"', self.read('timed'))
        self.assertIn(b'"time_ns"', self.read('timed'))
        self.cpac('compare', self.path('plain'), self.path('timed'))

    def test_list_carries_parts(self):
        self.footage(parts=2)
        answer = self.cpac_json('replay', SAMPLE, self.path('footage/list.csv'), '--journal',
                                self.path('j'))
        self.assertEqual(answer['frames'], 2)
        self.assertEqual([one['part_id'] for one in inspections(self.read('j'))],
                         ['part-3-00000', 'part-3-00001'])

    def test_decimal_comma(self):
        """In a locale that writes 1,5 the journal still says 1.5."""
        done = subprocess.run(['localedef', '-i', 'de_DE', '-f', 'UTF-8', self.path('de_DE.UTF-8')],
                              capture_output=True)
        if not os.path.exists(self.path('de_DE.UTF-8/LC_NUMERIC')):
            self.skipTest(f'localedef makes no de_DE here: {done.stderr.decode().strip()[:80]}')
        frames = self.footage(parts=2)
        comma = dict(os.environ, LC_ALL='de_DE.UTF-8', LOCPATH=self.folder)
        for name, environment in (('a', None), ('b', comma)):
            self.cpac('replay', SAMPLE, frames, '--journal', self.path(name), env=environment)
        self.assertEqual(self.read('a'), self.read('b'))


class Compare(ToolCase):
    def setUp(self):
        super().setUp()
        self.cpac('replay', SAMPLE, self.footage(parts=3), '--journal', self.path('a'))

    def test_same(self):
        self.assertEqual(self.cpac('compare', self.path('a'), self.path('a')).stdout,
                         '3 frames, 0 difference(s)\n')

    def test_one_bit_of_a_score(self):
        journal = lines(self.read('a'))
        score = journal[2]['inspection']['score']
        other = struct.unpack('<d', struct.pack('<Q', struct.unpack('<Q', struct.pack('<d', score))[0]
                                                + 1))[0]
        journal[2]['inspection']['score'] = other
        self.write('b', ''.join(json.dumps(line) + '\n' for line in journal))
        answer = self.cpac_json('compare', self.path('a'), self.path('b'), status=1)
        self.assertEqual((answer['frames'], answer['differences']), (3, 1))
        self.assertEqual(answer['first'][0]['line'], 3)
        self.assertEqual(answer['first'][0]['path'], 'inspection.score')
        self.assertEqual(float(answer['first'][0]['a']), score)
        self.assertEqual(float(answer['first'][0]['b']), other)
        self.cpac('compare', self.path('a'), self.path('b'), '--tolerance', '1e-9')

    def test_missing_frame(self):
        rows = self.read('a').splitlines(True)
        self.write('b', b''.join(rows[:2] + rows[3:]))
        self.cpac('compare', self.path('a'), self.path('b'), status=1)
        self.cpac('compare', self.path('b'), self.path('a'), status=1)


class Evaluate(ToolCase):
    def setUp(self):
        super().setUp()
        self.footage(parts=8, size='256x256', seed=1)
        self.list = self.path('footage/list.csv')

    def test_keys_of_an_anomaly_model(self):
        answer = self.cpac_json('evaluate', SAMPLE, '--data', self.list)
        for key in ('image_auroc', 'image_auroc_ci', 'pixel_auroc', 'aupro', 'f1',
                    'fixed_false_reject'):
            self.assertIn(key, answer)
        self.assertEqual((answer['n'], answer['n_good'], answer['n_defects']), (8, 4, 4))
        self.assertEqual(len(answer['image_auroc_ci']), 2)
        self.assertEqual([fixed['rate'] for fixed in answer['fixed_false_reject']], [0.01, 0.001])

    def test_scores_are_those_of_replay(self):
        self.cpac('evaluate', SAMPLE, '--data', self.list, '--scores', self.path('scores.csv'))
        self.cpac('replay', SAMPLE, self.list, '--journal', self.path('j'))
        with open(self.path('scores.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(float(row['score']), row['verdict']) for row in rows],
                         [(one['score'], one['verdict']) for one in inspections(self.read('j'))])

    def test_threads_change_nothing(self):
        texts = [self.cpac('evaluate', SAMPLE, '--data', self.list, '--threads', n).stdout
                 for n in ('1', '2', '7')]
        self.assertEqual(len(set(texts)), 1)

    def test_threads_do_not_change_the_error(self):
        """The first picture of the list that fails is the one that is named, though the second
        fails sooner: it is missing, and of the first one the last byte is damaged."""
        self.write('big.png', self.read('footage/frame-00000.png')[:-1] + b'x')
        with open(self.list, 'a') as file:
            file.write('../big.png,test,good,,p\n' + 'none.png,test,good,,q\n' * 50)
        for n in ('1', '2', '7'):
            done = self.cpac('evaluate', SAMPLE, '--data', self.list, '--threads', n, status=2)
            self.assertIn('big.png: the PNG data is damaged', done.stderr)
            self.assertNotIn('none.png', done.stderr)

    def test_split(self):
        answer = self.cpac_json('evaluate', SAMPLE, '--data', self.list, '--split', 'test')
        self.assertEqual(answer['n'], 8)

    def test_classifier_by_hand(self):
        """Softmax of (x, 0, 0, 0, 0): the score is 4 / (e^x + 4), shared by four classes."""
        model = self.write_model(CLASSIFIER, CLASSIFIER_WEIGHTS)
        answer = self.cpac_json('evaluate', model, '--data', self.list, '--scores',
                                self.path('scores.csv'))
        with open(self.path('scores.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        likelihoods = [1 - float(row['score']) if row['label'] == 'good' else float(row['score']) / 4
                       for row in rows]
        self.assertAlmostEqual(answer['mean_nll'], -sum(map(math.log, likelihoods)) / 8, delta=1e-12)
        # x is above 0, so every picture is taken for the first class.
        self.assertEqual((answer['n'], answer['correct'], answer['accuracy']), (8, 4, 0.5))
        self.assertEqual({row['class'] for row in rows}, {'good'})
        self.assertEqual([row[0] for row in answer['confusion']],
                         [sum(row) for row in answer['confusion']])
        self.assertEqual(sum(map(sum, answer['confusion'])), 8)
        n_seen = sum(sum(row) > 0 for row in answer['confusion'])
        self.assertGreater(n_seen, 1)
        # All of the first class are found, none of the others.
        self.assertAlmostEqual(answer['balanced_accuracy'], 1 / n_seen, delta=1e-15)
        self.assertIn('image_auroc', answer)


# The mean gray x gives the logits (x, 0, 0, 0, 0).
CLASSIFIER = '''cpac-model: 1
name: tiny-classifier
input: {width: 8, height: 8, channels: 1, mean: [0], scale: [255]}
weights: {file: tiny.safetensors, sha256: SHA256}
layers:
  - {name: mean, type: global-average-pool}
  - {name: flat, type: flatten}
  - {name: fc, type: linear, units: 5}
score: {head: classifier, classes: [good, chip, pit, scratch, stain], good: [good], threshold: 0.5}
'''
CLASSIFIER_WEIGHTS = {'fc.weight': ([5, 1], [1.0, 0, 0, 0, 0]), 'fc.bias': ([5], [0.0] * 5)}


class Bench(ToolCase):
    def test_keys(self):
        text = ''.join(line for line in TINY.splitlines(True) if 'weights:' not in line)
        shape = self.write('shape.yaml', text)
        answer = self.cpac_json('bench', shape, '--rounds', '2', '--threads', '2')
        for key in ('us_median', 'gflops', 'peak_gflops', 'peak_share'):
            self.assertGreater(answer[key], 0)
        macs = self.cpac_json('inspect', shape)['macs']
        self.assertAlmostEqual(answer['gflops'] * answer['us_median'] * 1e3, 2 * macs,
                               delta=1e-6 * macs)
        self.assertEqual({row['threads'] for row in answer['rows']}, {2})
        levels = [row['level'] for row in answer['rows']]
        self.assertEqual(levels[0], 'c')
        self.assertEqual(len(set(levels)), len(levels))
        self.assertIn(answer['level'], levels)
        for row in answer['rows']:
            self.assertGreater(row['peak_share'], 0)
        slow = self.cpac_json('bench', shape, '--rounds', '1', env=dict(os.environ, CPAC_CPU='c'))
        self.assertEqual((slow['level'], slow['peak_level']), ('c', 'c'))


if __name__ == '__main__':
    tap.main()
