#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac fit as a user meets it: its answers, the model it leaves, and what it refuses."""
import csv
import hashlib
import json
import os
import random

import tap
from toolcase import ToolCase, gst_environment, needs_plain_plugin, png, safetensors

NETWORK = '''# Three maps of 30x22 and five of 15x11.
cpac-model: 1
name: features
input: {width: 32, height: 24, channels: 3, mean: [120, 110, 100], scale: [60, 55, 50]}
weights: {file: features.safetensors, sha256: SHA256}
layers:
  - {name: a, type: conv, filters: 3, kernel: 3}
  - {type: relu}
  - {name: b, type: conv, filters: 5, kernel: 2, stride: 2}
  - {name: c, type: conv, filters: 7, kernel: 1}
score: {head: none}
'''
SHAPES = {'a.weight': [3, 3, 3, 3], 'a.bias': [3], 'b.weight': [5, 3, 2, 2], 'b.bias': [5],
          'c.weight': [7, 5, 1, 1], 'c.bias': [7]}
MODES = ('texture', 'position-mean', 'position')


def product(dims):
    result = 1
    for dim in dims:
        result *= dim
    return result


class FitCase(ToolCase):
    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        weights = safetensors({name: (dims, [draw.uniform(-0.5, 0.5) for _ in range(product(dims))])
                               for name, dims in SHAPES.items()})
        self.write('features.safetensors', weights)
        self.model = self.write('features.yaml', NETWORK.replace(
            'SHA256', hashlib.sha256(weights).hexdigest()))

    def data(self, parts=60):
        """Footage, every fourth part of it for selection."""
        self.frames = self.footage(parts=parts, rate='0.3')
        with open(self.path('footage/list.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        for i, row in enumerate(rows):
            row['split'] = 'val' if i % 4 == 3 else 'train'
        with open(self.path('footage/parts.csv'), 'w', newline='') as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        self.rows = rows
        return self.path('footage/parts.csv')

    def compare_scores(self, n):
        """What the journal holds against what evaluate wrote, of @n pictures."""
        with open(self.path('scores.csv'), newline='') as file:
            expected = [float(row['score']) for row in csv.DictReader(file)]
        frames = [json.loads(line).get('inspection') for line in self.read('j').splitlines()]
        self.assertEqual([frame['score'] for frame in frames[1:-1]], expected)
        self.assertEqual(len(expected), n)

    def words(self, data, out='out', *more):
        return ('fit', self.model, '--data', data, '--out', self.path(out), '--good', 'good',
                *more)


class Fit(FitCase):
    def test_answers(self):
        data = self.data()
        n = sum(row['split'] == 'train' and row['label'] == 'good' for row in self.rows)
        for mode in MODES:
            answer = self.cpac_json(*self.words(data, mode, '--layers', 'b', '--mode', mode))
            self.assertEqual((answer['n'], answer['cells'], answer['channels'], answer['mode']),
                             (n, 15 * 11, 5, mode))
            whitening = 15 * (15 * 11 if mode == 'position' else 1)
            mean = 5 * (1 if mode == 'texture' else 15 * 11)
            self.assertEqual(answer['statistics_bytes'], 4 * (whitening + mean))
            figures = self.cpac_json('evaluate', self.path(mode + '/model.yaml'), '--data', data)
            self.assertEqual(figures['n'], len(self.rows))
            self.assertIn('pixel_auroc', figures)

    def test_cut(self):
        """Only what the features need is left; another size, one channel, some of the features."""
        data = self.data()
        self.cpac(*self.words(data, 'out', '--layers', 'a,b', '--gray', '--standardize', '110,40',
                              '--width', '40', '--height', '20', '--channels', '4',
                              '--augment', 'mirror', '--top', '0.1'))
        answer = self.cpac_json('inspect', self.path('out/model.yaml'))
        self.assertEqual([layer['name'] for layer in answer['layers']],
                         ['standardize-gray', 'a', 'relu-2', 'b'])
        self.assertEqual(answer['layers'][1]['output'], '3x18x38')
        yaml = self.read('out/model.yaml').decode()
        self.assertIn('channels: 4\n', yaml)
        self.assertIn('top: 0.1\n', yaml)
        record = json.loads(self.read('out/training.json'))
        self.assertEqual(record['n_copies'], 2)
        groups = {hashlib.sha256(row['group'].encode()).hexdigest() for row in self.rows
                  if row['split'] == 'train'}
        self.assertEqual(set(record['group_sha256']), groups)

    def test_parts_learnt_from_before(self):
        """The record beside the network's weights, wherever those are, is carried on; a bad one is
        refused before the work."""
        data = self.data()
        os.mkdir(self.path('weights'))
        os.rename(self.path('features.safetensors'), self.path('weights/features.safetensors'))
        yaml = self.read('features.yaml').decode()
        self.write('features.yaml', yaml.replace('file: features', 'file: weights/features'))
        self.write('weights/training.json',
                   '{"group_sha256": ["one"], "selection_group_sha256": ["two"]}')
        self.cpac(*self.words(data, 'out', '--layers', 'b'))
        record = json.loads(self.read('out/training.json'))
        for key, split, old in (('group_sha256', 'train', 'one'),
                                ('selection_group_sha256', 'val', 'two')):
            groups = {hashlib.sha256(row['group'].encode()).hexdigest() for row in self.rows
                      if row['split'] == split}
            self.assertEqual(record[key], sorted(groups | {old}))
        self.assertNotIn('incomplete', record)
        os.remove(self.path('weights/training.json'))
        done = self.cpac(*self.words(data, 'out', '--layers', 'b'))
        self.assertIn('may have learnt from more than is known', done.stderr)
        self.assertIs(json.loads(self.read('out/training.json'))['incomplete'], True)
        self.write('weights/training.json', '{"group_sha256": ["one"]}')
        self.assert_refused('DIR/weights/training.json: selection_group_sha256: expected a list of '
                            'texts, the hashes of parts that must not be used here; train again, '
                            'or take the file away if you know them to be others',
                            *self.words(data, 'other', '--layers', 'b'))
        self.assertFalse(os.path.exists(self.path('other')))

    def test_bytes(self):
        """The same at any number of threads and from one run to the next."""
        data = self.data()
        for mode in MODES:
            for threads in ('1', '3'):
                self.cpac(*self.words(data, threads, '--layers', 'b,a', '--mode', mode,
                                      '--threads', threads))
            for name in ('model.yaml', 'model.safetensors', 'training.json'):
                self.assertEqual(self.read('1/' + name), self.read('3/' + name), name)

    def test_again(self):
        """A fitted model keeps its layers, mode and good classes when it is fitted once more."""
        data = self.data()
        self.cpac(*self.words(data, 'one', '--layers', 'b', '--mode', 'position-mean'))
        self.cpac('fit', self.path('one/model.yaml'), '--data', data, '--out', self.path('two'))
        self.assertEqual(self.read('one/model.yaml'), self.read('two/model.yaml'))
        self.assertEqual(self.read('one/model.safetensors'), self.read('two/model.safetensors'))

    def test_replay(self):
        """What replay writes is what evaluate measures."""
        data = self.data()
        for mode in MODES:
            self.cpac(*self.words(data, 'out', '--layers', 'a,b', '--mode', mode))
            model = self.path('out/model.yaml')
            self.cpac('evaluate', model, '--data', data, '--scores', self.path('scores.csv'))
            self.cpac('replay', model, self.frames, '--journal', self.path('j'))
            self.compare_scores(len(self.rows))

    @needs_plain_plugin
    def test_pipeline(self):
        """And what the element says, to the last bit."""
        data = self.data()
        for mode in MODES:
            self.cpac(*self.words(data, 'out', '--layers', 'a,b', '--mode', mode, '--gray'))
            model = self.path('out/model.yaml')
            self.cpac('evaluate', model, '--data', data, '--scores', self.path('scores.csv'),
                      '--threads', '2')
            self.run_program('gst-launch-1.0', '-q', 'multifilesrc', f'location={self.frames}',
                             'caps=image/png,framerate=25/1', '!', 'pngdec', 'qos=false', '!',
                             'cpacscore', f'model={model}', 'n-threads=2', '!', 'cpacjson', '!',
                             'filesink', f'location={self.path("j")}', env=gst_environment())
            self.compare_scores(len(self.rows))

    def test_default_layers(self):
        """Of a map head: what its last layer reads."""
        data = self.data()
        self.write('features.yaml', self.read('features.yaml').decode()
                   .replace('filters: 7', 'filters: 1')
                   .replace('score: {head: none}', 'score: {head: map, good: [good], threshold: 0}'))
        shapes = dict(SHAPES, **{'c.weight': [1, 5, 1, 1], 'c.bias': [1]})
        weights = safetensors({name: (dims, [(7 * i % 11 - 5) / 10 for i in range(product(dims))])
                               for name, dims in shapes.items()})
        old = hashlib.sha256(self.read('features.safetensors')).hexdigest()
        self.write('features.safetensors', weights)
        self.write('features.yaml', self.read('features.yaml').decode().replace(
            old, hashlib.sha256(weights).hexdigest()))
        self.cpac('fit', self.model, '--data', data, '--out', self.path('out'))
        self.assertIn("good: ['good']\n  layers: ['b']\n", self.read('out/model.yaml').decode())


DARK_AND_BRIGHT = '''cpac-model: 1
name: dark and bright
input: {width: 32, height: 24, channels: 1, mean: [120], scale: [60]}
weights: {file: features.safetensors, sha256: SHA256}
layers:
  - {name: darkness, type: conv, filters: 1, kernel: 3}
  - {name: dark, type: relu}
  - {name: brightness, type: conv, inputs: [input], filters: 1, kernel: 3}
score: {head: map, good: [good], threshold: 0, top: 0.02}
'''


class Combine(FitCase):
    """A map that sees bright spots only, a gaussian that sees dark ones, or both."""

    def map_model(self, darkness):
        """@darkness: whether the features are blind to what is bright."""
        tensors = {'darkness.weight': ([1, 1, 3, 3], [-1 / 9] * 9),
                   'darkness.bias': ([1], [0.0 if darkness else 2.0]),
                   'brightness.weight': ([1, 1, 3, 3], [1 / 9] * 9), 'brightness.bias': ([1], [0.0])}
        weights = safetensors(tensors)
        self.write('features.safetensors', weights)
        self.write('features.yaml',
                   DARK_AND_BRIGHT.replace('SHA256', hashlib.sha256(weights).hexdigest()))

    def pictures(self):
        """Noise, flat enough for any map; every third picture has a spot: half of them dark."""
        draw = random.Random(9)
        lines = ['path,split,label,group']
        for i in range(90):
            pixels = [120 + draw.randint(-8, 8) for _ in range(32 * 24)]
            if i % 3 == 2:
                change = 60 if i % 2 else -60
                for y in range(8, 13):
                    for x in range(10, 15):
                        pixels[32 * y + x] += change
            self.write(f'p-{i}.png', png(32, 24, pixels))
            lines.append(f'p-{i}.png,{"val" if i % 2 or i % 8 == 2 else "train"},'
                         f'{"spot" if i % 3 == 2 else "good"},{i}')
        return self.write('list.csv', '\n'.join(lines) + '\n')

    def test_combine(self):
        """Written where it is better than either part; else the map is not kept."""
        data = self.pictures()
        for darkness in (True, False):
            self.map_model(darkness)
            answer = self.cpac_json('fit', self.model, '--data', data, '--out', self.path('out'),
                                    '--layers', 'dark', '--combine')
            self.assertLess(answer['val_auroc_map'], 0.9)
            self.assertEqual(answer['val_auroc_combined'], 1)
            if darkness:
                self.assertLess(answer['val_auroc_gaussian'], 0.9)
            else:
                self.assertEqual(answer['val_auroc_gaussian'], 1)
            self.assertEqual(answer['head'], 'combined' if darkness else 'gaussian')
            figures = self.cpac_json('evaluate', self.path('out/model.yaml'), '--data', data,
                                     '--split', 'val')
            self.assertEqual(figures['image_auroc'], 1)
            layers = self.cpac_json('inspect', self.path('out/model.yaml'))['layers']
            self.assertEqual([layer['name'] for layer in layers],
                             ['darkness', 'dark'] + ['brightness'] * darkness)

    @needs_plain_plugin
    def test_pipeline(self):
        """A combined head scores alike in evaluate, replay and the element."""
        self.map_model(True)
        model = self.path('out/model.yaml')
        data = self.pictures()
        self.cpac('fit', self.model, '--data', data, '--out', self.path('out'), '--layers', 'dark',
                  '--combine')
        self.cpac('evaluate', model, '--data', data, '--scores', self.path('scores.csv'))
        self.cpac('replay', model, self.path('p-%d.png'), '--journal', self.path('j'))
        self.compare_scores(90)
        self.run_program('gst-launch-1.0', '-q', 'multifilesrc', f'location={self.path("p-%d.png")}',
                         'caps=image/png,framerate=25/1', '!', 'pngdec', 'qos=false', '!',
                         'cpacscore', f'model={model}', '!', 'cpacjson', '!', 'filesink',
                         f'location={self.path("j")}', env=gst_environment())
        self.compare_scores(90)

    def test_without_defects(self):
        self.map_model(True)
        data = self.pictures()
        text = self.read('list.csv').decode().splitlines()
        self.write('list.csv', '\n'.join(line for line in text if ',spot,' not in line) + '\n')
        done = self.cpac('fit', self.model, '--data', data, '--out', self.path('out'), '--layers',
                         'dark', '--combine')
        self.assertIn('note: val holds no defects, so nothing says whether combining helps: head '
                      'gaussian\n', done.stderr)
        self.assertIn('  head: gaussian\n', self.read('out/model.yaml').decode())

    def test_refused(self):
        data = self.pictures()
        self.assert_refused('--combine wants a model of head map', 'fit', self.model, '--data',
                            data, '--out', self.path('out'), '--layers', 'b', '--good', 'good',
                            '--combine')


class Refused(FitCase):
    def test_options(self):
        data = self.data(parts=4)
        for sentence, more in (
                ('--layers is missing: the maps of which layers are the features? (cpac inspect '
                 'lists them)', ()),
                ('--layers names no layer', ('--layers', '')),
                ('--layers names "a" twice, expected each layer once', ('--layers', 'a,b,a')),
                ('DIR/features.yaml: there is no layer "d" whose maps could be features',
                 ('--layers', 'a,d')),
                ('--mode must be texture, position-mean or position, got "cell"',
                 ('--layers', 'a', '--mode', 'cell')),
                ('--standardize must be a mean and a spread of 0..255 such as 110,40, got "110"',
                 ('--layers', 'a', '--standardize', '110')),
                ('DIR/features.yaml takes RGB: pictures are standardized in gray, which the network '
                 'must be made for first', ('--layers', 'a', '--standardize', '110,40')),
                ('--shrinkage must be 0..1', ('--shrinkage', '1.5')),
                ('--top must be 0..1 (0: the maximum)', ('--top', '-1')),
                ('--augment must be mirror, flip or both', ('--augment', 'turn')),
                ('--threads must be 1..64', ('--threads', '0')),
                ('--reach must be 0..1000', ('--reach', '-1'))):
            self.assert_refused(sentence, *self.words(data, 'out', *more))
        self.assertFalse(os.path.exists(self.path('out')))

    def test_good(self):
        data = self.data(parts=4)
        self.assert_refused('--good is missing: the model does not say which labels mean a good '
                            'part', 'fit', self.model, '--data', data, '--out', self.path('out'),
                            '--layers', 'a')

    def test_too_few(self):
        self.footage(parts=6, rate='0')
        rows = ''.join(f'frame-{i:05d}.png,{"val" if i > 3 else "train"},good,p{i}\n'
                       for i in range(6))
        self.write('footage/few.csv', 'path,split,label,group\n' + rows)
        done = self.cpac(*self.words(self.path('footage/few.csv'), 'out', '--layers', 'b', '--mode',
                                     'position'), status=2)
        self.assertIn(f'cpac fit: {self.path("footage/few.csv")}: 4 good pictures to learn from; '
                      'mode position expected at least 20, mode texture needs fewer\n', done.stderr)
        self.assertFalse(os.path.exists(self.path('out')))


if __name__ == '__main__':
    tap.main()
