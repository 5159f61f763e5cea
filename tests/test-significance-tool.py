#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What cpac inspect says about the significance of maps: as JSON, as text, as bars."""
import csv
import hashlib
import itertools
import math
import random
import xml.etree.ElementTree

import tap
from toolcase import ToolCase, safetensors

MODEL = '''cpac-model: 1
name: colour
input: {width: 16, height: 12, channels: 3, mean: [120, 110, 100], scale: [60, 60, 60]}
weights: {file: w.safetensors, sha256: SHA256}
layers:
  - {name: a, type: cpac-conv, filters: 5, kernel: [3, 2], rank: 4}
  - {type: relu}
  - {name: b, type: conv, filters: 1, kernel: 1}
score: {head: map, good: [good], threshold: 0}
'''
SHAPES = {'a.a': [5, 4], 'a.b': [3, 4], 'a.c': [2, 4], 'a.d': [3, 4], 'a.bias': [5],
          'b.weight': [1, 5, 1, 1], 'b.bias': [1]}

VIEWS = MODEL.replace('channels: 3, mean: [120, 110, 100], scale: [60, 60, 60]',
                      'channels: 1, mean: [120], scale: [60]').replace('''layers:
''', '''layers:
  - {name: picture, type: standardize}
  - {name: contrast, type: local-contrast, window: 5}
  - {name: views, type: concat, inputs: [picture, input, contrast]}
''')


def norm(values):
    return math.sqrt(sum(value * value for value in values))


def count_bars(root, color):
    """Closed pieces of the paths of that colour."""
    return sum(tag.get('d').count('z') for tag in root.iter()
               if tag.tag.endswith('path') and tag.get('fill') == color)


class SignificanceCase(ToolCase):
    def setUp(self):
        super().setUp()
        draw = random.Random(8)
        self.values = {name: [draw.uniform(-1, 1) for _ in range(math.prod(dims))]
                       for name, dims in SHAPES.items()}
        self.make(MODEL)

    def make(self, yaml):
        weights = safetensors({name: (dims, self.values[name]) for name, dims in SHAPES.items()})
        self.write('w.safetensors', weights)
        self.model = self.write('m.yaml', yaml.replace('SHA256', hashlib.sha256(weights).hexdigest()))

    def component(self, r):
        """{(n, y, x, s): value}, rebuilt."""
        v = self.values
        return {(n, y, x, s): v['a.a'][4 * n + r] * v['a.b'][4 * y + r] * v['a.c'][4 * x + r]
                * v['a.d'][4 * s + r]
                for n, y, x, s in itertools.product(range(5), range(3), range(2), range(3))}

    def data(self):
        self.footage(parts=12, rate='0.3')
        with open(self.path('footage/list.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        with open(self.path('footage/parts.csv'), 'w', newline='') as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(dict(row, split='val' if i % 4 == 3 else 'train')
                             for i, row in enumerate(rows))
        return self.path('footage/parts.csv')


class Weights(SignificanceCase):
    def test_json(self):
        """Norms of the rebuilt kernel's slices and components."""
        answer = self.cpac_json('inspect', self.model)
        found = answer['layers'][0]['significance']
        components = [self.component(r) for r in range(4)]
        kernel = {at: sum(component[at] for component in components) for at in components[0]}
        energy = norm(kernel.values())
        self.assertAlmostEqual(found['norm'], energy, places=5)
        for r, component in enumerate(components):
            rest = norm(kernel[at] - component[at] for at in kernel)
            self.assertAlmostEqual(found['components'][r], norm(component.values()), places=5)
            self.assertAlmostEqual(found['leave_one_out'][r], energy ** 2 - rest ** 2, places=5)
        for mode, (key, count) in enumerate((('filters', 5), ('rows', 3), ('columns', 2),
                                             ('inputs', 3))):
            self.assertEqual(len(found[key]), count)
            for i in range(count):
                self.assertAlmostEqual(found[key][i],
                                       norm(v for at, v in kernel.items() if at[mode] == i), places=5)
        self.assertNotIn('activation', found)
        self.assertNotIn('significance', answer['layers'][1])
        dense = answer['layers'][2]['significance']
        self.assertNotIn('components', dense)
        for found, expected in zip(dense['inputs'], self.values['b.weight']):
            self.assertAlmostEqual(found, abs(expected), places=5)

    def test_bands(self):
        answer = self.cpac_json('inspect', self.model)
        inputs = answer['layers'][0]['significance']['inputs']
        self.assertEqual([(band['name'], band['layer']) for band in answer['bands']],
                         [('R', 'a'), ('G', 'a'), ('B', 'a')])
        for band, expected in zip(answer['bands'], inputs):
            self.assertAlmostEqual(band['significance'], expected)
            self.assertAlmostEqual(band['share'], expected / sum(inputs))
        self.make(VIEWS)
        answer = self.cpac_json('inspect', self.model)
        self.assertEqual([band['name'] for band in answer['bands']],
                         ['picture', 'gray', 'contrast'])

    def test_text(self):
        plain = self.cpac('inspect', self.model).stdout
        text = self.cpac('inspect', self.model, '--significance').stdout
        self.assertTrue(text.startswith(plain))
        found = self.cpac_json('inspect', self.model)['layers'][0]['significance']
        lines = text[len(plain):].splitlines()
        self.assertEqual(lines[1], f'a: kernel of 5 filters, 3 inputs, 3x2 taps; norm '
                                   f'{found["norm"]:.4g}')
        share = [100 * value / sum(found['inputs']) for value in found['inputs']]
        self.assertIn(f'R {share[0]:.1f} %  G {share[1]:.1f} %  B {share[2]:.1f} %', lines[2])
        begin = next(i for i, line in enumerate(lines) if line.startswith('  component'))
        rows = [line.split() for line in lines[begin + 1:begin + 5]]
        self.assertEqual([int(row[0]) for row in rows],
                         sorted(range(4), key=lambda r: -found['components'][r]))
        for row in rows:
            self.assertAlmostEqual(float(row[1]), found['components'][int(row[0])], delta=1e-3)
            self.assertEqual(row[4:], ['cancels', 'others']
                             if found['leave_one_out'][int(row[0])] < 0 else [])
        self.assertAlmostEqual(sum(float(row[2]) for row in rows), 100, delta=0.3)

    def test_svg(self):
        self.cpac('inspect', self.model, '--svg', self.path('s.svg'))
        root = xml.etree.ElementTree.parse(self.path('s.svg')).getroot()
        self.assertEqual(count_bars(root, '#0072b2'), 4 + 3 + 5 + 3 + 2 + 5 + 1 + 1 + 1)
        texts = [tag.text for tag in root.iter() if tag.tag.endswith('text')]
        for word in ('a', 'b', 'R', 'G', 'B', 'components', 'inputs', 'filters', 'rows', 'columns'):
            self.assertIn(word, texts)


class Data(SignificanceCase):
    def test_json(self):
        """Twice what comes in is twice the activation; the Taylor measure has one for each."""
        data = self.data()
        answer = self.cpac_json('inspect', self.model, '--data', data)
        found = answer['layers'][0]['significance']
        self.assertEqual([len(found[key]) for key in ('activation', 'taylor', 'inputs_activation')],
                         [4, 4, 3])
        self.assertAlmostEqual(sum(band['activation_share'] for band in answer['bands']), 1)
        self.values['a.a'] = [2 * value for value in self.values['a.a']]
        self.make(MODEL)
        again = self.cpac_json('inspect', self.model, '--data', data)['layers'][0]['significance']
        for one, two in zip(found['activation'], again['activation']):
            self.assertAlmostEqual(2 * one, two, places=5)

    def test_text_and_bars(self):
        data = self.data()
        answer = self.cpac_json('inspect', self.model, '--data', data)
        found = answer['layers'][0]['significance']
        text = self.cpac('inspect', self.model, '--data', data, '--significance', '--svg',
                         self.path('s.svg')).stdout
        self.assertIn('  inputs with data, % ', text)
        rows = text[text.index('  component '):].splitlines()[1:5]
        for row in map(str.split, rows):
            self.assertAlmostEqual(float(row[4]), found['activation'][int(row[0])],
                                   delta=1e-3 * found['activation'][int(row[0])])
            self.assertAlmostEqual(float(row[5]), found['taylor'][int(row[0])],
                                   delta=1e-3 * found['taylor'][int(row[0])] + 1e-9)
        root = xml.etree.ElementTree.parse(self.path('s.svg')).getroot()
        self.assertEqual(count_bars(root, '#d55e00'), 4 + 3 + 5)

    def test_threads(self):
        data = self.data()
        one = self.cpac('inspect', self.model, '--data', data, '--json', '--threads', '1').stdout
        self.assertEqual(one, self.cpac('inspect', self.model, '--data', data, '--json', '--threads',
                                        '3').stdout)


class Refused(SignificanceCase):
    def test_refused(self):
        data = self.data()
        self.assert_refused('--data is for --significance, --svg or --json', 'inspect', self.model,
                            '--data', data)
        self.assert_refused('--threads must be 1..64', 'inspect', self.model, '--threads', '65')
        self.assert_refused('--pictures must be at least 1', 'inspect', self.model, '--pictures', '0')
        done = self.cpac('inspect', self.model, '--json', '--data', self.path('missing.csv'), status=2)
        self.assertIn('missing.csv', done.stderr)
        self.assertEqual(done.stdout, '')

    def test_shape(self):
        """Random numbers have no significance; what else there is to say is said."""
        lines = MODEL.splitlines(keepends=True)
        shape = self.write('shape.yaml', ''.join(l for l in lines if not l.startswith('weights')))
        for words in (('--significance',), ('--svg', 's.svg'), ('--json', '--data', 'x.csv')):
            self.assert_refused('a shape without weights has no significance', 'inspect', shape, *words)
        answer = self.cpac_json('inspect', shape)
        self.assertNotIn('significance', answer['layers'][0])
        self.assertNotIn('bands', answer)


if __name__ == '__main__':
    tap.main()
