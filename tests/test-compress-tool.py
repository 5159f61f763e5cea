#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac compress as a user meets it: its answers, the model it leaves, and what it refuses."""
import csv
import hashlib
import json
import os
import random

import tap
from toolcase import ToolCase, safetensors

CLASSES = '''# Two classes.
cpac-model: 1
name: classes
input: {width: 16, height: 12, channels: 1, mean: [128], scale: [64]}
weights: {file: model.safetensors, sha256: SHA256}
layers:
  - {name: a, type: conv, filters: 6, kernel: 3, padding: same}  # first
  - {type: relu}
  - name: b
    type: conv   # second
    filters: 8
    kernel: [3, 3]
    stride: 2
  - {type: relu}
  - {name: p, type: conv, filters: 4, kernel: 1}
  - {type: relu}
  - {type: flatten}
  - {name: l, type: linear, units: 2}
score: {head: classifier, classes: [good, scratch], good: [good], threshold: 0.5}
train: {epochs: 3, batch: 4, rate: 0.01, warm-up: 2}
'''
SHAPES = {'a.weight': [6, 1, 3, 3], 'a.bias': [6], 'b.weight': [8, 6, 3, 3], 'b.bias': [8],
          'p.weight': [4, 8, 1, 1], 'p.bias': [4], 'l.weight': [2, 4 * 5 * 7], 'l.bias': [2]}


def product(dims):
    result = 1
    for dim in dims:
        result *= dim
    return result


class CompressCase(ToolCase):
    def make_model(self, yaml=CLASSES, shapes=None, seed=5):
        """Random weights of about He's spread."""
        draw = random.Random(seed)
        values = {}
        for name, dims in (shapes or SHAPES).items():
            spread = (6 / product(dims[1:])) ** 0.5 if len(dims) > 1 else 0.1
            values[name] = [draw.uniform(-spread, spread) for _ in range(product(dims))]
        weights = safetensors({name: (dims, values[name]) for name, dims in (shapes or SHAPES).items()})
        self.write('model.safetensors', weights)
        self.model = self.write('model.yaml',
                                yaml.replace('SHA256', hashlib.sha256(weights).hexdigest()))

    def data(self, parts=32, labels=True, splits=('train', 'train', 'train', 'val'), name='parts.csv'):
        self.footage(parts=parts, rate='0.4')
        with open(self.path('footage/list.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        for i, row in enumerate(rows):
            row['split'] = splits[i % len(splits)]
            row['label'] = ('good' if row['label'] == 'good' else 'scratch') if labels else ''
            row['mask'] = ''
        with open(self.path('footage/' + name), 'w', newline='') as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self.path('footage/' + name)

    def words(self, *more, out='out'):
        return ('compress', self.model, '--out', self.path(out), *more)


class Answers(CompressCase):
    def test_without_data(self):
        self.make_model()
        answer = self.cpac_json(*self.words('--ranks', 'a=4,b=7'))
        self.assertEqual([(one['name'], one['rank']) for one in answer['layers']],
                         [('a', 4), ('b', 7)])
        for layer in answer['layers']:
            self.assertTrue(0 < layer['fit'] < 1)
            self.assertTrue(0 < layer['degeneracy'] < 10.01)
            self.assertIsNone(layer['output_fit'])
        self.assertNotIn('after_als', answer)
        dense = self.cpac_json('inspect', self.model)
        small = self.cpac_json('inspect', self.path('out/model.yaml'), '--self-check')
        self.assertEqual(small['self_check'], 'pass')
        self.assertEqual((answer['macs'], answer['macs_before']), (small['macs'], dense['macs']))
        self.assertAlmostEqual(answer['macs_ratio'], dense['macs'] / small['macs'])
        self.assertAlmostEqual(answer['parameters_ratio'], dense['parameters'] / small['parameters'])

    def test_text(self):
        """Types and ranks, weights and the golden answer, and nothing else of the file."""
        self.make_model()
        self.cpac_json(*self.words('--ranks', '3', '--layers', 'b'))
        text = self.read('out/model.yaml').decode()
        expected = CLASSES.replace('type: conv   # second', 'type: cpac-conv\n    rank: 3   # second')
        expected = expected.split('weights: {file')[0] + \
            text[text.index('weights:'):text.index('layers:')] + 'layers:' + \
            expected.split('layers:')[1]
        self.assertTrue(text.startswith(expected), text)
        self.assertTrue(text[len(expected):].startswith('golden:\n  seed: 1\n'), text)

    def test_exact(self):
        """At the rank any kernel has at most, decisions stay."""
        self.make_model()
        data = self.data()
        answer = self.cpac_json(*self.words('--ranks', 'a=9,b=54', '--data', data))
        self.assertGreater(answer['after_als']['agreement'], 0.99)
        self.assertLess(answer['after_als']['output_error'], 0.02)
        self.assertLess(answer['after_fit']['output_error'], 0.02)
        self.assertEqual(answer['after_fit']['accuracy'], answer['after_fit']['accuracy_before'])

    def test_budget(self):
        """The network, or the layers alone, need at most so much."""
        self.make_model()
        data = self.data()
        for words, key in ((['--macs-ratio', '1.5'], 'macs_ratio'),
                           (['--parameters-ratio', '1.3'], 'parameters_ratio'),
                           (['--macs-ratio', '2', '--of-layers'], 'layers_macs_ratio'),
                           (['--parameters-ratio', '3', '--of-layers'], 'layers_parameters_ratio')):
            answer = self.cpac_json(*self.words(*words, '--data', data))
            self.assertGreaterEqual(answer[key], float(words[1]))
            self.assertLess(answer[key], 1.3 * float(words[1]))
        self.assertIn('b', [one['name'] for one in answer['layers']])
        without = self.cpac_json(*self.words('--macs-ratio', '2', '--of-layers'))
        self.assertGreaterEqual(without['layers_macs_ratio'], 2)

    def test_time(self):
        """Microseconds are what this machine says: all that is certain is that they are told."""
        shapes = dict(SHAPES, **{'a.weight': [48, 1, 3, 3], 'a.bias': [48],
                                 'b.weight': [64, 48, 3, 3], 'b.bias': [64], 'p.weight': [4, 64, 1, 1]})
        self.make_model(CLASSES.replace('filters: 6', 'filters: 48').replace('filters: 8', 'filters: 64'),
                        shapes)
        answer = self.cpac_json(*self.words('--time-ratio', '1.05', '--of-layers'))
        self.assertGreater(answer['us'], 0)
        self.assertAlmostEqual(answer['time_ratio'], answer['us_before'] / answer['us'])

    def test_energy(self):
        """More energy, larger ranks, until the layer costs least as it is; of outputs with data, of
        kernels without."""
        self.make_model()
        self.assert_refused('nothing is gained: every layer costs least as it is',
                            *self.words('--energy', '0.9999'))
        for words, energies in (([], ('0.1', '0.35')), (['--data', self.data()], ('0.35', '0.97'))):
            ranks = []
            for energy in energies:
                answer = self.cpac_json(*self.words('--energy', energy, *words))
                ranks.append({one['name']: one['rank'] for one in answer['layers']})
            self.assertLess(ranks[0]['b'], ranks[1]['b'])

    def test_fit(self):
        """Each step of fitting brings the outputs closer."""
        self.make_model()
        data = self.data()
        errors = {}
        for fit in ('nothing', 'a', 'all'):
            answer = self.cpac_json(*self.words('--ranks', 'a=3,b=4', '--data', data, '--fit', fit))
            errors[fit] = answer.get('after_fit', answer['after_als'])['output_error']
            layer = answer['layers'][1]
            if fit == 'nothing':
                self.assertIsNone(layer['output_fit'])
                continue
            self.assertLessEqual(layer['output_fit_als'], layer['output_fit_a'])
            self.assertLessEqual(layer['output_fit_a'], layer['output_fit'])
        self.assertGreater(errors['nothing'], errors['a'])
        self.assertGreater(errors['a'], errors['all'])

    def test_epochs(self):
        """Labels or none, training brings it closer to the dense network; stages in the order of
        sensitivity."""
        self.make_model()
        for labels in (True, False):
            data = self.data(parts=48, labels=labels)
            answer = self.cpac_json(*self.words('--ranks', 'a=2,b=3', '--data', data, '--epochs', '8'))
            self.assertEqual(answer['epochs'], 8)
            sensitivity = {one['name']: one['sensitivity'] for one in answer['layers']}
            self.assertEqual([one['layer'] for one in answer['stages']],
                             sorted(sensitivity, key=sensitivity.get, reverse=True))
            for stage in answer['stages']:
                self.assertLessEqual(stage['val_loss'], stage['val_loss_before'])
                self.assertEqual(stage['best_epoch'] == 0,
                                 stage['val_loss'] == stage['val_loss_before'])
            self.assertLessEqual(answer['after_training']['output_error'],
                                 answer['after_fit']['output_error'])
            self.assertEqual(answer['after_training']['accuracy'] is None, not labels)
            small = self.cpac_json('inspect', self.path('out/model.yaml'), '--self-check')
            self.assertEqual(small['self_check'], 'pass')

    def test_same_bytes(self):
        """At any number of threads."""
        self.make_model()
        data = self.data()
        weights = []
        for threads in ('1', '3'):
            self.cpac(*self.words('--macs-ratio', '1.6', '--data', data, '--epochs', '2', '--threads',
                                  threads, out='out' + threads))
            weights.append(self.read(f'out{threads}/model.safetensors'))
        self.assertEqual(weights[0], weights[1])

    def test_point(self):
        """A 1x1 kernel is a matrix: when it is asked for, its decomposition is the best there is."""
        self.make_model()
        answer = self.cpac_json(*self.words('--layers', 'p', '--ranks', '4'))
        self.assertAlmostEqual(answer['layers'][0]['fit'], 1, places=5)
        self.assertEqual(answer['layers'][0]['sweeps'], 0)

    def test_split(self):
        """Rows of another split are learnt from, and are in the record of what was."""
        self.make_model()
        data = self.data(splits=('refit', 'refit', 'test'))
        answer = self.cpac_json(*self.words('--ranks', 'a=3,b=5', '--data', data, '--split', 'refit'))
        with open(data, newline='') as file:
            rows = [row for row in csv.DictReader(file) if row['split'] == 'refit']
        self.assertEqual(answer['pictures'] + answer['after_als']['n'], len(rows))
        record = json.loads(self.read('out/training.json'))
        learnt = {hashlib.sha256(row['group'].encode()).hexdigest() for row in rows}
        self.assertEqual(set(record['group_sha256']) | set(record['selection_group_sha256']), learnt)
        self.assertIs(record['incomplete'], True)  # a model that nothing is known of

    def test_gaussian(self):
        """Its statistics are of features that are others now: it says so, and fit makes new ones."""
        self.make_model()
        data = self.data(splits=('train', 'train', 'val'))
        self.cpac('fit', self.model, '--data', data, '--layers', 'relu-4', '--out', self.path('gauss'))
        self.model = self.path('gauss/model.yaml')
        notes = self.cpac(*self.words('--ranks', '3', '--data', data)).stderr
        self.assertIn('head gaussian', notes)
        self.assertIn('cpac fit', notes)
        self.assertIn('head: none', self.read('out/model.yaml').decode())
        self.cpac('fit', self.path('out/model.yaml'), '--data', data, '--layers', 'relu-4', '--good',
                  'good', '--out', self.path('again'))

    def test_prints(self):
        self.make_model()
        text = self.cpac(*self.words('--ranks', '3', '--data', self.data(), '--epochs', '1')).stdout
        for word in ('multiply-adds / ', 'a  ', 'rank    3', 'fit 0.', 'ALS ', 'fitted ', 'trained ',
                     'accuracy ', 'agreement '):
            self.assertIn(word, text)


class Refused(CompressCase):
    def refuse(self, sentence, *words):
        self.assert_refused(sentence, *self.words(*words))
        self.assertFalse(os.path.exists(self.path('out')))

    def test_options(self):
        self.make_model()
        ways = 'one of --ranks, --energy, --macs-ratio, --parameters-ratio and --time-ratio is ' \
            'needed: how far is the model to be compressed?'
        names = ', expected the names of layers of type conv (cpac inspect lists them)'
        rank = ', expected a rank of 1 to 8192, or LAYER=RANK,...'
        for message, words in (
                (ways, []),
                (ways, ['--ranks', '3', '--energy', '0.9']),
                ('--energy must be above 0 and below 1', ['--energy', '1']),
                ('--macs-ratio, --parameters-ratio and --time-ratio must be above 1',
                 ['--macs-ratio', '1']),
                ('--of-layers is for the ratios', ['--ranks', '3', '--of-layers']),
                ('--split and --fit are for --data', ['--ranks', '3', '--fit', 'a']),
                ('--fit must be nothing, a or all, got "b"',
                 ['--ranks', '3', '--data', 'x', '--fit', 'b']),
                ('--epochs needs --data: what is it to be trained on?',
                 ['--ranks', '3', '--epochs', '1']),
                ('--threads must be 1..64', ['--ranks', '3', '--threads', '0']),
                ('DIR/model.yaml: there is no layer "x"' + names, ['--ranks', '3', '--layers', 'x']),
                ('DIR/model.yaml: there is nothing to decompose in layer "l"' + names,
                 ['--ranks', '3', '--layers', 'l']),
                ('--ranks: found "0"' + rank, ['--ranks', '0']),
                ('--ranks: found "a=1,7"' + rank, ['--ranks', 'a=1,7']),
                ('--ranks: found "1x"' + rank, ['--ranks', 'a=1x']),
                ('--ranks: "p" is none of the layers that may be compressed; --layers says which '
                 'those are, without it the dense convolutions larger than 1x1', ['--ranks', 'p=1']),
                ('--ranks names "a" twice', ['--ranks', 'a=1,a=2']),
                ('multiply-adds 100 times fewer are out of reach: with these layers at rank 1 it is '
                 '4.74 times', ['--macs-ratio', '100'])):
            self.refuse(message, *words)
        self.assert_refused('--out is missing: where is the compressed model to go?', 'compress', self.model, '--ranks', '3')

    def test_models(self):
        self.make_model()
        shape = CLASSES.replace('weights: {file: model.safetensors, sha256: SHA256}\n', '')
        self.model = self.write('shape.yaml', shape)
        self.refuse('DIR/shape.yaml:2:1: this is a shape without weights: it can be inspected, '
                    'benchmarked and trained, nothing else', '--ranks', '3')
        self.make_model(CLASSES.replace('kernel: 3,', 'kernel: 1,').replace('kernel: [3, 3]', 'kernel: 1'),
                        dict(SHAPES, **{'a.weight': [6, 1, 1, 1], 'b.weight': [8, 6, 1, 1],
                                        'l.weight': [2, 4 * 6 * 8]}))
        self.refuse('DIR/model.yaml: no layer is a dense convolution with a kernel larger than 1x1, so '
                    'there is nothing to compress; --layers takes 1x1 ones, too', '--ranks', '3')

    def test_data(self):
        self.make_model()
        data = self.data()
        self.refuse('DIR/footage/parts.csv: no row of split refit; found the splits train, val', '--ranks', '3', '--data', data, '--split', 'refit')


if __name__ == '__main__':
    tap.main()
