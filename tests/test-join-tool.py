#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac join: one network of several, the mean of their outputs."""
import csv
import hashlib
import json
import os

import tap
from toolcase import TINY, TINY_WEIGHTS, ToolCase, png

CENTRED = TINY.replace('layers:', '''layers:
  - {name: centred, type: standardize, mean: 0}''')
CLASSES = '''cpac-model: 1
name: classes
input: {width: 8, height: 8, channels: 1, mean: [0], scale: [255]}
weights: {file: tiny.safetensors, sha256: SHA256}
layers:
  - {name: mean, type: global-average-pool}
  - {name: flat, type: flatten}
  - {name: last, type: linear, units: 2}
score: {head: classifier, classes: [bad, good], good: [good], threshold: 0.5}
'''


def classes(weight, bias):
    return {'last.weight': ([2, 1], weight), 'last.bias': ([2], bias)}


class Join(ToolCase):
    def member(self, name, yaml=TINY, weights=TINY_WEIGHTS, record=None):
        """A model in a folder of its own; record: parts learnt from and parts chosen by."""
        os.makedirs(self.path(name), exist_ok=True)
        self.write_model(yaml, weights)
        for file in 'tiny.yaml', 'tiny.safetensors':
            os.replace(self.path(file), self.path(f'{name}/{file}'))
        if record is not None:
            trained, selected = ([f'{i:064x}' for i in part] for part in record)
            self.write(f'{name}/training.json',
                       json.dumps({'group_sha256': trained, 'selection_group_sha256': selected}))
        return self.path(f'{name}/tiny.yaml')

    def pictures(self):
        for i, level in enumerate((0, 40, 99, 250)):
            pixels = [level] * 64
            pixels[9 * i + 9] = 255 - level
            self.write(f'p{i}.png', png(8, 8, pixels))
        rows = ''.join(f'p{i}.png,test,good,,\n' for i in range(4))
        return self.write('list.csv', f'path,split,label,mask,group\n{rows}')

    def scores(self, model, data=None):
        file = self.path('scores.csv')
        self.cpac('evaluate', model, '--data', data or self.pictures(), '--scores', file)
        with open(file, newline='') as rows:
            return [float(row['score']) for row in csv.DictReader(rows)]

    def join(self, *models):
        answer = self.cpac_json('join', *models, '--out', self.path('out'))
        return answer, self.path('out/model.yaml')

    def test_mean_of_maps(self):
        # The same kernel, so that every map has its maximum at the same place.
        one = self.member('one', record=([1, 2], [9]))
        two = self.member('two', weights={**TINY_WEIGHTS, 'mean.bias': ([1], [0.5]),
                                          'mean.a': ([1, 1], [2.0])}, record=([2, 3], [8, 9]))
        answer, joined = self.join(one, two)
        # Twice (1 + 3 + 3 + 1 and a bias), and the mean of two.
        self.assertEqual((answer['members'], answer['parameters']), (2, 20))
        for a, b, mean in zip(self.scores(one), self.scores(two), self.scores(joined)):
            self.assertGreater(b - a, 0.4)
            self.assertAlmostEqual(mean, (a + b) / 2, delta=4 * 2 ** -24)
        record = json.loads(self.read('out/training.json'))
        self.assertEqual([len(sha) for sha in record['joined_sha256']], [64, 64])
        self.assertEqual(record['group_sha256'], [f'{i:064x}' for i in (1, 2, 3)])
        self.assertEqual(record['selection_group_sha256'], [f'{i:064x}' for i in (8, 9)])
        self.cpac('inspect', joined, '--self-check')

    def test_mean_of_logits(self):
        one = self.member('one', CLASSES, classes([1, -1], [0.25, 0]))
        two = self.member('two', CLASSES, classes([3, -1], [0, 0.5]))
        expected = self.member('mean', CLASSES, classes([2, -1], [0.125, 0.25]))
        _, joined = self.join(one, two)
        for found, wanted in zip(self.scores(joined), self.scores(expected)):
            self.assertAlmostEqual(found, wanted, delta=8 * 2 ** -24)

    def test_what_all_begin_with_stands_once(self):
        one = self.member('one', CENTRED)
        two = self.member('two', CENTRED, {**TINY_WEIGHTS, 'mean.bias': ([1], [0.5])})
        three = self.member('three', CENTRED.replace('mean: 0', 'mean: 1'))
        _, joined = self.join(one, two)
        names = [layer['name'] for layer in self.cpac_json('inspect', joined)['layers']]
        self.assertEqual(names, ['centred', 'm1.mean', 'm2.mean', 'joined.outputs', 'joined.mean'])
        _, joined = self.join(one, three)
        names = [layer['name'] for layer in self.cpac_json('inspect', joined)['layers']]
        self.assertEqual(names, ['m1.centred', 'm1.mean', 'm2.centred', 'm2.mean', 'joined.outputs',
                                 'joined.mean'])

    def test_of_a_joined_one(self):
        one, two = self.member('one'), self.member('two')
        _, joined = self.join(one, two)
        os.rename(self.path('out'), self.path('both'))
        answer, joined = self.join(self.path('both/model.yaml'), one)
        self.assertEqual(answer['members'], 2)
        for a, b in zip(self.scores(one), self.scores(joined)):
            self.assertAlmostEqual(a, b, delta=4 * 2 ** -24)

    def test_sizes_that_differ(self):
        # 8 and 12 pixels meet at 24, which is averaged down by 3 and by 2.
        one = self.member('one')
        two = self.member('two', TINY.replace('width: 8, height: 8', 'width: 12, height: 4'),
                          {**TINY_WEIGHTS, 'mean.bias': ([1], [0.5])})
        answer, joined = self.join(one, two)
        self.assertEqual(answer['members'], 2)
        self.assertIn(b'input: {width: 24, height: 8, channels: 1, ', self.read('out/model.yaml'))
        names = [layer['name'] for layer in self.cpac_json('inspect', joined)['layers']]
        self.assertEqual(names, ['m1.input', 'm1.mean', 'm2.input', 'm2.mean', 'm1.enlarged',
                                 'm2.enlarged', 'joined.outputs', 'joined.mean'])
        # On pictures of one level every cell of a map away from its border is the same, so the
        # joined score is the mean of the members'.
        for i, level in enumerate((0, 99, 250)):
            self.write(f'flat{i}.png', png(24, 24, [level] * 576))
        rows = ''.join(f'flat{i}.png,test,good,,\n' for i in range(3))
        flat = self.write('flat.csv', f'path,split,label,mask,group\n{rows}')
        for a, b, mean in zip(self.scores(one, flat), self.scores(two, flat),
                              self.scores(joined, flat)):
            self.assertAlmostEqual(mean, (a + b) / 2, delta=8 * 2 ** -24)
        self.cpac('inspect', joined, '--self-check')

    def test_no_calibration_is_left(self):
        one = self.member('one')
        self.cpac('calibrate', one, '--data', self.pictures(), '--split', 'test',
                  '--max-false-reject', '0.5', '--accept-promised')
        self.assertIn('calibration', self.read('one/tiny.yaml').decode())
        _, joined = self.join(one, self.member('two'))
        self.assertNotIn('calibration', self.read('out/model.yaml').decode())
        self.assertNotIn('calibration', self.cpac_json('inspect', joined))

    def test_names_that_need_care(self):
        """What may stand bare in a block goes through flow style, and through ONNX, unchanged."""
        yaml = TINY.replace('name: tiny', 'name: left, right [A]#7').replace(
            'score: {head: map, good: [good], ',
            'score:\n  good:\n  - good, really\n  - C:/parts#2 {new}\n  - |\n    a: b\n'
            '  head: map\n').replace('threshold: 0.5, warn-threshold: 0.25}',
                                     '  threshold: 0.50\n  warn-threshold: 0.25')
        one = self.member('one', yaml)
        _, joined = self.join(one, one)
        text = self.read('out/model.yaml').decode()
        self.assertIn('name: "left, right [A]#7"\n', text)
        self.assertIn('good: ["good, really", "C:/parts#2 {new}", "a: b\\u000A"], head: map, '
                      'threshold: 0.50, ', text)
        self.cpac('inspect', joined, '--self-check')
        self.cpac('export', one, '--onnx', self.path('one.onnx'))
        self.cpac('import', self.path('one.onnx'), '--out', self.path('back'))
        self.assertIn('good: ["good, really", "C:/parts#2 {new}", "a: b\\u000A"]',
                      self.read('back/model.yaml').decode())

    def test_what_is_not_known(self):
        """One member without a record, and the joined record is no whole one either."""
        known = self.member('known', record=([1], [2]))
        self.join(known, known)
        record = json.loads(self.read('out/training.json'))
        self.assertNotIn('incomplete', record)
        self.assertEqual(record['weights_sha256'],
                         hashlib.sha256(self.read('out/model.safetensors')).hexdigest())
        done = self.cpac('join', known, self.member('imported'), '--out', self.path('out'))
        self.assertEqual(done.stderr.replace(self.folder, 'DIR'),
                         'note: DIR/imported/tiny.yaml may have learnt from more than is known '
                         "(there is no training.json in DIR/imported); the new model's "
                         'training.json is incomplete, too\n')
        record = json.loads(self.read('out/training.json'))
        self.assertIs(record['incomplete'], True)
        self.assertEqual(record['group_sha256'], [f'{1:064x}'])
        # And so it goes on.
        os.rename(self.path('out'), self.path('half'))
        self.join(self.path('half/model.yaml'), known)
        self.assertIs(json.loads(self.read('out/training.json'))['incomplete'], True)

    def test_nothing_half_made(self):
        """Weights whose answer overflows make a model that cannot be saved."""
        loud = self.member('loud', weights={**TINY_WEIGHTS, 'mean.a': ([1, 1], [3e38]),
                                            'mean.b': ([3, 1], [3e38] * 3)})
        before = {}
        for _ in range(2):
            done = self.cpac('join', loud, loud, '--out', self.path('out'), status=2)
            self.assertIn('golden', done.stderr.splitlines()[-1])
            self.assertEqual({name: self.read(f'out/{name}') for name in
                              os.listdir(self.path('out'))}, before)
            self.join(self.member('one'), self.member('two'))
            before = {name: self.read(f'out/{name}') for name in os.listdir(self.path('out'))}
            self.assertEqual(sorted(before), ['model.safetensors', 'model.yaml', 'training.json'])

    def test_refused(self):
        one = self.member('one')
        wide = self.member('wide', TINY.replace('width: 8', 'width: 37'))
        near = TINY.replace('scale: [255]', 'scale: [255], resize: nearest')
        near, far = self.member('near', near), self.member('far', near.replace('width: 8',
                                                                               'width: 16'))
        bright = self.member('bright', TINY.replace('scale: [255]', 'scale: [254]'))
        top = self.member('top', TINY.replace('head: map', 'head: map, top: 0.5'))
        logits = self.member('logits', CLASSES, classes([1, -1], [0, 0]))
        other = self.member('other', CLASSES.replace('bad', 'rotten'), classes([1, -1], [0, 0]))
        shape = self.write('shape.yaml',
                           '\n'.join(line for line in TINY.split('\n') if 'weights' not in line))
        head = 'its score section differs from that of DIR/{}/tiny.yaml in head, top or classes'
        picture = ('DIR/{}/tiny.yaml: its input or the shape of its output does not go with that of '
                   'DIR/{}/tiny.yaml (other sizes of input do, with resize: area)')
        rows = [
            ((one, wide), 'DIR/wide/tiny.yaml: its input of 37x8 and those before have no common '
                          'multiple of at most 148x32'),
            ((one, bright), picture.format('bright', 'one')),
            ((near, far), picture.format('far', 'near')),
            ((one, top), 'DIR/top/tiny.yaml: ' + head.format('one')),
            ((one, logits), 'DIR/logits/tiny.yaml: ' + head.format('one')),
            ((logits, other), 'DIR/other/tiny.yaml: ' + head.format('logits')),
            ((one, shape), 'DIR/shape.yaml:1:1: this is a shape without weights: it can be '
                           'inspected, benchmarked and trained, nothing else'),
        ]
        for models, sentence in rows:
            with self.subTest(models=models):
                done = self.cpac('join', *models, '--out', self.path('refused'), status=2)
                self.assertEqual(done.stdout, '')
                self.assertEqual(done.stderr.splitlines()[-1],
                                 'cpac join: ' + sentence.replace('DIR', self.folder))
                self.assertFalse(os.path.exists(self.path('refused')))
        self.assertIn('got 1 argument', self.cpac('join', one, status=2).stderr)
        self.assert_refused('--out is missing: the folder for the joined model', 'join', one, one)


if __name__ == '__main__':
    tap.main()
