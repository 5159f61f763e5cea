#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac prune as a user meets it: its answers, the model it leaves, its curve, and what it refuses."""
import csv
import hashlib
import json
import os
import random
import xml.etree.ElementTree

import tap
from toolcase import ToolCase, safetensors

MAP = '''# A map of 16x12 cells.
cpac-model: 1
name: map
input: {width: 32, height: 24, channels: 1, mean: [128], scale: [64]}
weights: {file: map.safetensors, sha256: SHA256}
layers:
  - {name: a, type: cpac-conv, filters: 4, kernel: 3, rank: 6, stride: 2, padding: same}  # first
  - {type: relu}
  - name: b
    type: cpac-conv
    rank: 4   # of 4
    filters: 3
    kernel: [3, 3]
    padding: same
  - {type: relu}
  - {name: c, type: conv, filters: 1, kernel: 1}
score:
  head: map
  good: [good]
  threshold: 1
train: {epochs: 3, batch: 4, rate: 0.01, warm-up: 2}
'''
SHAPES = {'a.a': [4, 6], 'a.b': [3, 6], 'a.c': [3, 6], 'a.d': [1, 6], 'a.bias': [4],
          'b.a': [3, 4], 'b.b': [3, 4], 'b.c': [3, 4], 'b.d': [4, 4], 'b.bias': [3],
          'c.weight': [1, 3, 1, 1], 'c.bias': [1]}

CLASSES = '''cpac-model: 1
name: classes
input: {width: 16, height: 12, channels: 1, mean: [128], scale: [64]}
weights: {file: map.safetensors, sha256: SHA256}
layers:
  - {name: a, type: cpac-conv, filters: 3, kernel: 3, rank: 4, stride: 2}
  - {type: relu}
  - {type: flatten}
  - {name: l, type: linear, units: 2}
score: {head: classifier, classes: [good, scratch], threshold: 0.5}
'''
CLASS_SHAPES = {'a.a': [3, 4], 'a.b': [3, 4], 'a.c': [3, 4], 'a.d': [1, 4], 'a.bias': [3],
                'l.weight': [2, 3 * 5 * 7], 'l.bias': [2]}


def product(dims):
    result = 1
    for dim in dims:
        result *= dim
    return result


class PruneCase(ToolCase):
    def make_model(self, change=None, yaml=MAP, shapes=None, seed=5):
        """Random weights, after @change (tensors by name, lists of numbers)."""
        draw = random.Random(seed)
        values = {name: [draw.uniform(-1, 1) for _ in range(product(dims))]
                  for name, dims in (shapes or SHAPES).items()}
        if change:
            change(values)
        weights = safetensors({name: (dims, values[name]) for name, dims in (shapes or SHAPES).items()})
        self.write('map.safetensors', weights)
        self.model = self.write('map.yaml',
                                yaml.replace('SHA256', hashlib.sha256(weights).hexdigest()))

    def data(self, parts=32, name='parts.csv', splits=('train', 'train', 'train', 'val')):
        self.footage(parts=parts, rate='0.4')
        with open(self.path('footage/list.csv'), newline='') as file:
            self.rows = list(csv.DictReader(file))
        for i, row in enumerate(self.rows):
            row['split'] = splits[i % len(splits)]
            row['label'] = 'good' if row['label'] == 'good' else 'scratch'
        with open(self.path('footage/' + name), 'w', newline='') as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        return self.path('footage/' + name)

    def words(self, data, out='out', *more):
        return ('prune', self.model, '--data', data, '--out', self.path(out), *more)

    def scores(self, model, data):
        self.cpac('evaluate', model, '--data', data, '--scores', self.path('scores.csv'))
        with open(self.path('scores.csv'), newline='') as file:
            return [float(row['score']) for row in csv.DictReader(file)]

    def assert_close(self, found, expected, relative):
        spread = max(expected) - min(expected)
        self.assertGreater(spread, 0)
        for a, b in zip(found, expected):
            self.assertAlmostEqual(a, b, delta=relative * spread)


def zero_column(values, name, column, rank):
    for i in range(len(values[name]) // rank):
        values[name][i * rank + column] = 0.0


class Answers(PruneCase):
    def test_answers(self):
        self.make_model()
        data = self.data()
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '0.5'))
        self.assertEqual((answer['measure'], answer['components_before'], answer['components']),
                         ('residual', 10, 5))
        self.assertEqual((answer['channels_before'], answer['channels']), (7, 7))
        self.assertEqual([layer['name'] for layer in answer['layers']], ['a', 'b'])
        self.assertEqual(sum(layer['rank'] for layer in answer['layers']), 5)
        for layer in answer['layers']:
            self.assertLessEqual(layer['fit_before'], layer['fit'])
            self.assertLessEqual(layer['fit'], 1)
            self.assertGreater(layer['degeneracy'], 0)
        self.assertGreater(answer['macs_ratio'], 1.2)
        whole = self.cpac_json('inspect', self.model)
        pruned = self.cpac_json('inspect', self.path('out/model.yaml'), '--self-check')
        self.assertEqual(pruned['self_check'], 'pass')
        self.assertAlmostEqual(answer['macs_ratio'], whole['macs'] / pruned['macs'])
        self.assertAlmostEqual(answer['parameters_ratio'],
                               whole['parameters'] / pruned['parameters'])
        self.assertEqual(answer['macs'], pruned['macs'])

    def test_text(self):
        """Ranks, weights and the golden answer, and nothing else of the file."""
        self.make_model()
        answer = self.cpac_json(*self.words(self.data(), 'out', '--keep', '0.5'))
        ranks = [layer['rank'] for layer in answer['layers']]
        text = self.read('out/model.yaml').decode()
        expected = MAP.replace('rank: 6', f'rank: {ranks[0]}').replace('rank: 4 ', f'rank: {ranks[1]} ')
        expected = expected.split('weights: {file')[0] + text[text.index('weights:'):text.index('layers:')] + \
            'layers:' + expected.split('layers:')[1]
        self.assertTrue(text.startswith(expected), text)
        self.assertTrue(text[len(expected):].startswith('golden:\n  seed: 1\n'), text)

    def test_whole(self):
        """Components and channels that do nothing go, and no score moves by a bit."""
        def change(values):
            zero_column(values, 'a.a', 2, 6)
            zero_column(values, 'b.c', 0, 4)
            for r in range(4):
                values['b.d'][3 * 4 + r] = 0.0  # b does not read channel 3 of a
            values['c.weight'][1] = 0.0         # nor c channel 1 of b
        self.make_model(change)
        data = self.data()
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '1', '--no-refit'))
        self.assertEqual([(layer['rank'], layer['filters'], layer['fit'])
                          for layer in answer['layers']], [(5, 3, None), (3, 2, None)])
        self.assertEqual((answer['components'], answer['channels']), (8, 5))
        self.assertEqual(self.scores(self.path('out/model.yaml'), data),
                         self.scores(self.model, data))

    def test_refit(self):
        """A component that the others can make up for costs nothing once they are refitted."""
        def change(values):
            for i in range(3):
                for name in ('a.b', 'a.c'):
                    values[name][i * 6 + 5] = values[name][i * 6 + 1]
            values['a.d'][5] = 0.5 * values['a.d'][1]
        self.make_model(change)
        data = self.data()
        before = self.scores(self.model, data)
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '0.9'))
        self.assertEqual([layer['rank'] for layer in answer['layers']], [5, 4])
        self.assertGreater(answer['layers'][0]['fit'], 0.9999)
        self.assertLess(answer['layers'][0]['fit_before'], 0.99)
        self.assert_close(self.scores(self.path('out/model.yaml'), data), before, 1e-3)
        self.cpac(*self.words(data, 'bare', '--keep', '0.9', '--no-refit'))
        with self.assertRaises(AssertionError):
            self.assert_close(self.scores(self.path('bare/model.yaml'), data), before, 1e-3)

    def test_channels(self):
        self.make_model()
        data = self.data()
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '0.8', '--keep-channels', '0.5'))
        self.assertEqual(answer['channels'], 4)
        self.assertEqual(sum(layer['filters'] for layer in answer['layers']), 4)
        self.assertEqual(len(self.scores(self.path('out/model.yaml'), data)), len(self.rows))

    def test_measures(self):
        """Each chooses by itself; random by its seed."""
        self.make_model()
        data = self.data()
        for name in ('energy', 'activation', 'taylor', 'residual', 'random'):
            answer = self.cpac_json(*self.words(data, name, '--keep', '0.3', '--measure', name))
            self.assertEqual((answer['measure'], answer['components']), (name, 3))
        for seed in ('1', '2', '3', '4'):
            self.cpac(*self.words(data, seed, '--keep', '0.3', '--measure', 'random', '--seed', seed))
        weights = {self.read(f'{seed}/model.safetensors') for seed in ('1', '2', '3', '4')}
        self.assertGreater(len(weights), 1)
        self.assertIn(self.read('random/model.safetensors'), weights)

    def test_bytes(self):
        """The same at any number of threads."""
        self.make_model()
        data = self.data()
        for threads in ('1', '3'):
            self.cpac(*self.words(data, threads, '--keep', '0.5', '--epochs', '1', '--threads',
                                  threads))
        for name in ('model.yaml', 'model.safetensors', 'training.json'):
            self.assertEqual(self.read('1/' + name), self.read('3/' + name), name)

    def test_parts_learnt_from(self):
        self.make_model()
        self.write('training.json', '{"group_sha256": ["one"], "selection_group_sha256": ["two"]}')
        self.cpac(*self.words(self.data(), 'out', '--keep', '0.5'))
        record = json.loads(self.read('out/training.json'))
        for key, split, old in (('group_sha256', 'train', 'one'),
                                ('selection_group_sha256', 'val', 'two')):
            groups = {hashlib.sha256(row['group'].encode()).hexdigest() for row in self.rows
                      if row['split'] == split}
            self.assertEqual(record[key], sorted(groups | {old}))
        self.assertNotIn('incomplete', record)
        self.assertEqual(record['pruned_from_sha256'],
                         hashlib.sha256(self.read('map.safetensors')).hexdigest())
        os.remove(self.path('training.json'))
        done = self.cpac(*self.words(self.data(), 'out', '--keep', '0.5'))
        self.assertIn('may have learnt from more than is known', done.stderr)
        self.assertIs(json.loads(self.read('out/training.json'))['incomplete'], True)

    def test_calibration(self):
        """It is of other scores, and goes with a note; the threshold stays."""
        self.make_model()
        data = self.data(parts=60, splits=('train', 'val'))
        done = self.cpac(*self.words(data, 'bare', '--keep', '0.5'))
        self.assertIn("note: the scores are others now, the threshold is still the whole model's\n",
                      done.stderr)
        self.cpac('calibrate', self.model, '--data', data, '--max-false-reject', '0.3',
                  '--confidence', '0.6')
        self.assertIn('calibration', self.cpac_json('inspect', self.model))
        threshold = [line for line in self.read('map.yaml').decode().splitlines()
                     if line.startswith('  threshold:')]
        done = self.cpac(*self.words(data, 'out', '--keep', '0.5'))
        self.assertIn('note: the calibration was of other scores and is dropped; cpac calibrate '
                      'makes a new one\n', done.stderr)
        self.assertNotIn('calibration', self.cpac_json('inspect', self.path('out/model.yaml')))
        self.assertIn(threshold[0] + '\n', self.read('out/model.yaml').decode())

    def test_epochs(self):
        """Fine-tuning goes on from the refitted weights."""
        self.make_model()
        data = self.data()
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '0.5', '--epochs', '2'))
        self.assertEqual(answer['epochs'], 2)
        self.assertIn(answer['best_epoch'], (1, 2))
        self.assertIsNotNone(answer['val_auroc'])
        self.cpac(*self.words(data, 'bare', '--keep', '0.5'))
        before, after = (self.scores(self.path(f'{name}/model.yaml'), data)
                         for name in ('bare', 'out'))
        self.assertNotEqual(before, after)
        # A tenth of a small rate, for a dozen steps: still much the same network.
        self.assert_close(after, before, 0.5)

    def test_classifier(self):
        self.make_model(yaml=CLASSES, shapes=CLASS_SHAPES)
        data = self.data()
        answer = self.cpac_json(*self.words(data, 'out', '--keep', '0.5', '--measure', 'taylor',
                                            '--keep-channels', '0.67'))
        self.assertEqual((answer['components'], answer['channels']), (2, 2))
        figures = self.cpac_json('evaluate', self.path('out/model.yaml'), '--data', data)
        self.assertEqual(figures['n'], len(self.rows))


class Curve(PruneCase):
    def read_curve(self, name='c.csv'):
        with open(self.path(name), newline='') as file:
            return list(csv.DictReader(file))

    def test_map(self):
        self.make_model()
        data = self.data()
        answer = self.cpac_json('prune', self.model, '--data', data, '--curve', self.path('c.csv'))
        rows = self.read_curve()
        figures = self.cpac_json('evaluate', self.model, '--data', data, '--split', 'val')
        self.assertEqual((rows[0]['measure'], rows[0]['keep']), ('', '1'))
        self.assertAlmostEqual(float(rows[0]['image_auroc']), figures['image_auroc'], places=8)
        measures = [row['measure'] for row in rows[1:]]
        self.assertEqual({name: measures.count(name) for name in measures},
                         dict.fromkeys(('energy', 'activation', 'taylor', 'residual', 'random'), 14))
        for row in rows[1:]:
            self.assertEqual(row['draws'], '3' if row['measure'] == 'random' else '1')
            self.assertTrue(0 <= float(row['low']) <= float(row['image_auroc']) + 1e-9)
            self.assertTrue(float(row['image_auroc']) <= float(row['high']) + 1e-9 <= 1 + 1e-9)
        self.assertEqual(len(answer['curve']), len(rows))
        self.assertNotIn('layers', answer)
        # What a point says is what the model it stands for gives.
        point = next(row for row in rows if (row['measure'], row['refit'], row['keep'])
                     == ('energy', 'true', '0.5'))
        self.cpac(*self.words(data, 'out', '--keep', '0.5', '--measure', 'energy'))
        figures = self.cpac_json('evaluate', self.path('out/model.yaml'), '--data', data, '--split',
                                 'val')
        self.assertAlmostEqual(float(point['image_auroc']), figures['image_auroc'], places=8)
        svg = xml.etree.ElementTree.parse(self.path('c.svg')).getroot()
        self.assertEqual(sum(tag.tag.endswith('polyline') for tag in svg.iter()), 10)

    def test_elsewhere(self):
        """On another list, and with the model in the same go."""
        self.make_model(yaml=CLASSES, shapes=CLASS_SHAPES)
        data = self.data()
        other = self.data(parts=12, name='other.csv', splits=('x', 'y'))
        done = self.cpac(*self.words(data, 'out', '--keep', '0.5', '--curve', self.path('c.csv'),
                                     '--curve-data', other, '--split', 'y'))
        figures = self.cpac_json('evaluate', self.model, '--data', other, '--split', 'y')
        self.assertAlmostEqual(float(self.read_curve()[0]['accuracy']), figures['accuracy'],
                               places=8)
        self.assertIn('2 of 4 components', done.stdout)
        self.assertIn('accuracy, whole model', done.stdout)
        self.assertTrue(os.path.exists(self.path('out/model.yaml')))

    def test_refused(self):
        self.make_model()
        data = self.data()
        words = ('prune', self.model, '--data', data, '--curve', self.path('c.csv'))
        self.assert_refused(f'{data}: split "z" holds no picture to draw a curve by, expected some; '
                            '--curve-data and --split say where there are some', *words, '--split',
                            'z')
        with open(self.path('footage/good.csv'), 'w', newline='') as file:
            file.write('path,split,label,group\n' + ''.join(
                f'{row["path"]},v,good,{row["group"]}\n' for row in self.rows if row['label'] == 'good'))
        good = self.path('footage/good.csv')
        self.assert_refused(f'{good}: the list holds nothing to draw a curve by, expected good '
                            'pictures and defects; --curve-data and --split say where there are '
                            'some', *words, '--curve-data', good)
        self.assertFalse(os.path.exists(self.path('c.csv')))
        self.make_model(yaml=MAP.replace('  good: [good]\n', ''))
        self.assert_refused('--curve needs a model whose score tells good from defect: a classifier, '
                            'or score.good', *words)


class Refused(PruneCase):
    def test_options(self):
        self.make_model()
        data = self.data(parts=8)
        whole = ('prune', self.model, '--data', data, '--out', self.path('out'))
        for sentence, words in (
                ('--data is missing: on which pictures is it to be measured?',
                 ('prune', self.model, '--keep', '0.5', '--out', self.path('out'))),
                ('--out is missing: where is the pruned model to go? (Or --curve: what does pruning '
                 'cost?)', ('prune', self.model, '--data', data, '--keep', '0.5')),
                ('--keep is missing: which share of the components is to stay?', whole),
                ('--keep must be above 0 and at most 1', (*whole, '--keep', '0')),
                ('--keep must be above 0 and at most 1', (*whole, '--keep', '1.01')),
                ('--keep must be above 0 and at most 1', (*whole, '--keep=-0.5')),
                ('--keep-channels must be above 0 and at most 1',
                 (*whole, '--keep', '1', '--keep-channels', '0')),
                ('--measure must be energy, activation, taylor, residual or random, got "weight"',
                 (*whole, '--keep', '1', '--measure', 'weight')),
                ('--threads must be 1..64', (*whole, '--keep', '1', '--threads', '0')),
                ('--pictures must be at least 1', (*whole, '--keep', '1', '--pictures', '0')),
                ('--epochs must be 0..100000', (*whole, '--keep', '1', '--epochs=-1')),
                ('--curve must be a name that ends with .csv',
                 (*whole, '--keep', '1', '--curve', 'c.svg')),
                ('--curve-data and --split are for --curve',
                 (*whole, '--keep', '1', '--split', 'val'))):
            self.assert_refused(sentence, *words)
        self.assertFalse(os.path.exists(self.path('out')))

    def test_models(self):
        data = self.data(parts=8)
        dense = MAP.replace('cpac-conv', 'conv').replace(', rank: 6', '').replace('    rank: 4   # of 4\n', '')
        shapes = {'a.weight': [4, 1, 3, 3], 'a.bias': [4], 'b.weight': [3, 4, 3, 3], 'b.bias': [3],
                  'c.weight': [1, 3, 1, 1], 'c.bias': [1]}
        self.make_model(yaml=dense, shapes=shapes)
        words = self.words(data, 'out', '--keep', '0.5')
        self.assert_refused('the network has no cpac-conv layer, so there is no component to remove',
                            *words)
        self.make_model()
        self.cpac('fit', self.model, '--data', self.data(parts=40), '--out', self.path('fitted'),
                  '--layers', 'b')
        self.assert_refused('DIR/fitted/model.yaml: heads gaussian and combined are fitted to the '
                            'features of this very network; prune the network that they were '
                            'fitted on, then use cpac fit again', 'prune',
                            self.path('fitted/model.yaml'), *words[2:])
        self.make_model(yaml=MAP[:MAP.index('train:')])
        self.assert_refused('DIR/map.yaml has no section train, so there is no recipe for --epochs',
                            *words, '--epochs', '1')
        self.assertFalse(os.path.exists(self.path('out')))

    def test_data(self):
        self.make_model()
        for name, words in (('missing.csv', ()), ('missing.csv', ('--curve', 'c.csv'))):
            done = self.cpac(*self.words(self.path(name), 'out', '--keep', '0.5'), *words, status=2)
            self.assertIn(name, done.stderr)
            self.assertEqual(done.stderr.count('\n'), 1)
        empty = self.write('empty.csv', 'path,split,label,group\n')
        done = self.cpac(*self.words(empty, 'out', '--keep', '0.5'), status=2)
        self.assertEqual(done.stderr.count('\n'), 1)
        self.assertFalse(os.path.exists(self.path('out')))

    def test_head_none(self):
        """Nothing to differentiate or draw a curve by, but components can go."""
        self.make_model(yaml=MAP.replace('head: map', 'head: none').replace('  threshold: 1\n', ''))
        data = self.data()
        words = self.words(data, 'out', '--keep', '0.5')
        self.assert_refused('measure taylor needs the gradient of a score, which only heads '
                            'classifier and map have; expected another measure', *words, '--measure',
                            'taylor')
        self.assert_refused('--curve needs a model whose score tells good from defect: a classifier, '
                            'or score.good', 'prune', self.model, '--data', data, '--curve',
                            self.path('c.csv'))
        self.assertEqual(self.cpac_json(*words)['components'], 5)


if __name__ == '__main__':
    tap.main()
