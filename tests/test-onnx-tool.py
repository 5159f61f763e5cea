#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac export and cpac import: what comes back, what the file says, and what is refused."""
import os

import tap
from onnxcase import Net, OnnxCase
from onnxfile import DOUBLE, FLOAT, FLOAT16, INT32, INT64, constant, model, node, tensor
from toolcase import TINY

FRAME = {'x': [1, 3, 8, 8]}
WEIGHT = tensor('w', [2, 3, 3, 3], [0.125 * (i % 9 - 4) for i in range(54)])
POINT = tensor('p', [2, 3, 1, 1], [1, 2, 3, 4, 5, 6])


def conv(**options):
    return model([node('Conv', 'x w', 'y', name='first', **options)], FRAME, ['y'], [WEIGHT])


def every_layer():
    net = Net(3, 12, 10)
    net.add('standardize', name='std', mean=0.5, clip=[-2, 2.5])
    net.add('local-contrast', name='lc', window=3)
    net.conv(3, 4, [3, 3], name='dense', padding='same', stride=[2, 1])
    net.cpac(4, 5, [3, 2], 3, name='1st', dilation=[1, 2])  # a name that needs care
    net.add('relu', name='relu.a')
    net.add('max-pool', name='max', size=2, stride=[1, 2], ceil=True)
    net.add('average-pool', name='avg', inputs=['relu.a'], size=[1, 3], stride=[1, 2], ceil=True,
            padding=[0, 1, 0, 0])
    net.template(5, 3, 3)
    net.add('upsample', name='up', inputs=['max'], size=[4, 5])
    net.add('global-average-pool', name='gap', inputs=['up'])
    net.add('flatten', name='flat')
    net.linear(5, 4, name='fc')
    net.linear(4, 5, name='true', bias=False)
    net.add('add', name='sum', inputs=['true', 'flat'])
    net.add('concat', name='end', inputs=['sum', 'fc'])
    return net


class Export(OnnxCase):
    def export(self, path, *options):
        self.cpac('export', path, '--onnx', self.path('net.onnx'), *options)
        return self.path('net.onnx')

    def types(self, path):
        return [(layer['name'], layer['type']) for layer in self.cpac_json('inspect', path)['layers']]

    def test_round_trip(self):
        net = every_layer()
        path, picture = self.write_net(net), net.picture()
        back = self.import_back(self.export(path))
        # The template and the pool that nothing reads are no part of what is computed.
        kept = [pair for pair in self.types(path) if pair[0] not in ('avg', 'L8')]
        self.assertEqual(self.types(back), kept)
        self.assertEqual(self.run_ours(back, picture), self.run_ours(path, picture))
        # Once more, and nothing changes.
        first = self.read('back/model.safetensors')
        os.rename(self.path('back'), self.path('once'))
        again = self.import_back(self.export(self.path('once/model.yaml')))
        self.assertEqual(self.types(again), kept)
        self.assertEqual(self.read('back/model.safetensors'), first)

    def test_same_bytes(self):
        path = self.write_net(every_layer())
        files = []
        for options in [], [], ['--dense'], ['--dense']:
            self.export(path, *options)
            files.append(self.read('net.onnx'))
        self.assertEqual((files[0], files[2]), (files[1], files[3]))
        self.assertNotEqual(files[0], files[2])

    def test_dense(self):
        net = Net(3, 9, 9)
        net.cpac(3, 4, [3, 3], 2, name='one', stride=2)
        net.cpac(4, 2, [1, 3], 5, name='two', bias=False)
        path, picture = self.write_net(net), net.picture()
        back = self.import_back(self.export(path, '--dense'))
        self.assertEqual(self.types(back), [('one', 'conv'), ('two', 'conv')])
        # Sums of 36 products of kernels that were rounded to float.
        self.assertLess(self.relative_error(self.run_ours(back, picture), self.run_ours(path, picture)),
                        1e-6)

    def test_metadata(self):
        score = ('{head: classifier, classes: [bad, "very good"], good: ["very good"], threshold: 0.25, '
                 'warn-threshold: 0.125}')
        net = Net(1, 4, 4)
        net.linear(16, 2, name='fc')
        path = self.write_net(net, score=score, mean=3.5, scale=51)
        data = open(self.export(path), 'rb').read()
        for words in 'cpac-score', 'very good', 'mean: [3.5], scale: [51]', 'cpac-weights-sha256':
            self.assertIn(words.encode(), data)
        text = open(self.import_back(self.path('net.onnx'))).read()
        self.assertIn(f'score: {score}\n', text)
        self.assertIn('channels: 1, mean: [3.5], scale: [51]}', text)
        text = open(self.import_back(self.path('net.onnx'), '--mean=-2', '--scale', '8')).read()
        self.assertIn('mean: [-2], scale: [8]}', text)

    def test_answers(self):
        path = self.write_model()
        answer = self.cpac_json('export', path, '--onnx', self.path('t.onnx'))
        self.assertEqual(answer, {'bytes': os.path.getsize(self.path('t.onnx')), 'input': 'input',
                                  'output': 'mean'})
        answer = self.cpac_json('import', self.path('t.onnx'), '--out', self.path('back'))
        self.assertEqual(answer, {'layers': 1, 'parameters': 9,
                                  'macs': self.cpac_json('inspect', path)['macs']})

    def test_refused(self):
        weights = 'weights: {file: tiny.safetensors, sha256: SHA256}\n'
        shape = self.write('shape.yaml', TINY.replace(weights, ''))
        self.assert_refused('DIR/shape.yaml:1:1: this is a shape without weights: it can be inspected, '
                            'benchmarked and trained, nothing else', 'export', shape, '--onnx',
                            self.path('no.onnx'))
        self.assert_refused('--onnx is missing: the file to write', 'export', self.write_model())
        self.assertIn('No such file', self.cpac('export', self.write_model(), '--onnx',
                                                self.path('no/where.onnx'), status=2).stderr)
        self.assertFalse(os.path.exists(self.path('no.onnx')))


class Import(OnnxCase):
    def refused(self, data, sentence, *options, name='f.onnx'):
        """The sentence behind the file's name; nothing is left behind."""
        file = self.write(name, data)
        self.assert_refused(f'DIR/{name}: {sentence}', 'import', file, '--out', self.path('no'), *options)
        self.assertFalse(os.path.exists(self.path('no')))

    def test_notes(self):
        nodes = [node('Conv', 'x w', 'c'), node('GlobalAveragePool', 'c', 'g'),
                 node('Flatten', 'g', 'f'), node('Softmax', 'f', 'y')]
        file = self.write('n.onnx', model(nodes, FRAME, ['y'], [WEIGHT], name=''))
        done = self.cpac('import', file, '--out', self.path('out'))
        self.assertEqual(done.stderr.splitlines(), [
            f'{file}: the file does not say how pixels become its input: took mean 0 and scale 1 '
            '(values 0 to 255) where --mean and --scale say nothing',
            f'{file}: Softmax at the end is left out: the outputs are raw'])
        text = self.read('out/model.yaml').decode()
        self.assertIn('name: "n.onnx"\n', text)
        self.assertIn('mean: [0, 0, 0], scale: [1, 1, 1]}', text)
        self.assertIn('# score: {head: classifier,', text)
        done = self.cpac('import', file, '--out', self.path('out'), '--mean', '1,2,3', '--scale', '4')
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn('mean: [1, 2, 3], scale: [4, 4, 4]}', self.read('out/model.yaml').decode())

    def test_scores_that_stay_behind(self):
        """A calibration is of the scores of another file's network; what a gaussian head has learnt
        is in no layer."""
        sha = 'ab' * 32
        calibration = (f'{{parts: 2, max-false-reject: 0.1, confidence: 0.9, promised-false-reject: 0.1, '
                       f'data-sha256: {sha}, scoring-sha256: {sha}, quantiles: [1, 2]}}')
        rows = [('{head: classifier, classes: [a, b, c], good: [a], threshold: 0.5, calibration: '
                 f'{calibration}}}', 'the calibration is left out: calibrate the model again',
                 '{head: classifier, classes: [a, b, c], good: [a], threshold: 0.5}'),
                ('{head: gaussian, layers: [n], mode: texture, threshold: 1}', 'what a gaussian head has '
                 'learnt is not in an ONNX file: cpac fit learns it again', '{head: none}')]
        for given, note, wanted in rows:
            with self.subTest(given=given):
                data = model([node('GlobalAveragePool', 'x', 'y')], FRAME, ['y'],
                             metadata={'cpac-score': given})
                done = self.cpac('import', self.write('f.onnx', data), '--out', self.path('out'),
                                 '--mean', '0', '--scale', '1')
                self.assertEqual(done.stderr, f'{self.path("f.onnx")}: {note}\n')
                self.assertIn(f'\nscore: {wanted}\n', self.read('out/model.yaml').decode())

    def test_size_left_open(self):
        open_size = model([node('Conv', 'x w', 'y')], {'x': ['N', 3, 'H', 'W']}, ['y'], [WEIGHT])
        self.refused(open_size, "the input's height or width is left open, expected it as --size WxH")
        self.cpac('import', self.path('f.onnx'), '--out', self.path('out'), '--size', '9x7')
        self.assertIn('width: 9, height: 7,', self.read('out/model.yaml').decode())
        self.refused(conv(), 'the input is 8x8 (width by height) in the file, expected that as --size, '
                     'or no such option', '--size', '9x7')

    def test_options(self):
        file = self.write('f.onnx', conv())
        rows = [((), '--out is missing: the folder for the model'),
                (('--size', '8'), '--size 8: expected WxH, such as 224x224'),
                (('--size', '0x8'), '--size 0x8: expected WxH, such as 224x224'),
                (('--mean', '1,2'), '--mean 1,2: expected one number from -1e+06 to 1e+06, or three '
                                    'with commas'),
                (('--scale', '0'), '--scale 0: expected one number from 1e-06 to 1e+06, or three with '
                                   'commas'),
                (('--scale', 'nan'), '--scale nan: expected one number from 1e-06 to 1e+06, or three '
                                     'with commas')]
        for options, sentence in rows:
            with self.subTest(options=options):
                out = ['--out', self.path('no')] if options else []
                self.assert_refused(sentence, 'import', file, *out, *options)
        gray = self.write('g.onnx', model([node('Relu', 'x', 'y')], {'x': [1, 1, 2, 2]}, ['y']))
        self.assert_refused('DIR/g.onnx: found 3 numbers in --mean, expected 1: the input has one channel',
                            'import', gray, '--out', self.path('no'), '--mean', '1,2,3')

    def test_old_model_stays(self):
        self.write('f.onnx', conv())
        self.cpac('import', self.path('f.onnx'), '--out', self.path('out'))
        before = {name: self.read(f'out/{name}') for name in sorted(os.listdir(self.path('out')))}
        self.assertEqual(list(before), ['model.safetensors', 'model.yaml'])
        self.write('f.onnx', conv(group=3))
        self.cpac('import', self.path('f.onnx'), '--out', self.path('out'), status=2)
        self.assertEqual(before, {name: self.read(f'out/{name}')
                                  for name in sorted(os.listdir(self.path('out')))})

    def test_no_onnx(self):
        for data in b'', b'PK\3\4 a zip archive', b'\x08':
            done = self.cpac('import', self.write('f.onnx', data), '--out', self.path('no'), status=2)
            self.assertRegex(done.stderr, 'f.onnx: found no (valid protobuf message|graph), expected')
        self.assertIn('cannot open', self.cpac('import', self.path('none.onnx'), '--out',
                                               self.path('no'), status=2).stderr)

    def test_refused_files(self):
        relu = [node('Relu', 'x', 'y')]
        rows = [
            (model(relu, FRAME, ['y'], opset=8), 'found operator set 8, expected 9 to 21'),
            (model(relu, FRAME, ['y'], opset=22), 'found operator set 22, expected 9 to 21'),
            (model(relu, {**FRAME, 'z': [1]}, ['y']), 'found 2 inputs (x, z), expected one, a picture'),
            (model([*relu, node('Relu', 'y', 'z')], FRAME, ['y', 'z']),
             'found 2 outputs (y, z), expected one'),
            (model(relu, {'x': [1, 3, 8]}, ['y']),
             'found 3 dimensions of the input, expected 4 (N, C, H, W)'),
            (model(relu, {'x': [4, 3, 8, 8]}, ['y']),
             'the input is [4, 3, 8, 8] (0: left open), expected [1, C, H, W]: a batch of 1 or left '
             'open, 1 or 3 channels, at most 8192 pixels each way'),
            (model(relu, {'x': [1, 8, 8, 3]}, ['y']),
             'the input is [1, 8, 8, 3] (0: left open), expected [1, C, H, W]: a batch of 1 or left '
             'open, 1 or 3 channels, at most 8192 pixels each way'),
            (model(relu, {'x': [1, 3, 8, 9000]}, ['y']),
             'the input is [1, 3, 8, 9000] (0: left open), expected [1, C, H, W]: a batch of 1 or '
             'left open, 1 or 3 channels, at most 8192 pixels each way'),
            (model(relu, {'x': [1, 3, -8, 8]}, ['y']),
             "the input's dimension 3 is -8, expected a positive one, or one left open"),
            (model([node('Identity', 'x', 'y')], FRAME, ['y']),
             'the output "y" is given by no layer of the network, expected the last one to give it'),
            (model(relu, FRAME, ['z']), 'the output "z" is given by no node'),
            (model(relu, FRAME, ['y'], metadata={'cpac-input': '{mean: [0], scale: [1, 1, 1]}'}),
             'metadata cpac-input:1:8: mean: found a list of 1, expected a list of 3 numbers'),
            (model(relu, FRAME, ['y'], metadata={'cpac-score': '[none]'}),
             'metadata cpac-score:1:1: found no map, expected a section of a model'),
        ]
        for data, sentence in rows:
            with self.subTest(sentence=sentence):
                self.refused(data, sentence)

    def test_refused_nodes(self):
        def one(op, *inputs, weights=(), **options):
            return model([node(op, ' '.join(['x', *inputs]), 'y', name='n', **options)], FRAME, ['y'],
                         weights)

        vector = tensor('v', [3], [1, 2, 3])
        rows = [
            (conv(group=3), 'node "first" (Conv): input 2: found weights of shape 2x3x3x3, expected '
             'Nx1 x height x width for 3 channels in 3 groups'),
            (conv(pads=[1, 1, -1, 1]), 'node "first" (Conv): attribute pads: found -1, expected 0 to 32768'),
            (conv(pads=[1, 1]), 'node "first" (Conv): attribute pads: found 2 integers, expected 4, for '
             'two dimensions'),
            (conv(strides=[0, 1]), 'node "first" (Conv): attribute strides: found 0, expected 1 to 32768'),
            (conv(kernel_shape=[3, 4]), 'node "first" (Conv): attribute kernel_shape: found 3x4, expected '
             '3x3 as the weights have'),
            (conv(dilations=[4, 1]), 'node "first" (Conv): the window is 9 high, but its input has only '
             '8 (with padding)'),
            (conv(auto_pad='SAME'), 'node "first" (Conv): attribute auto_pad: found "SAME", expected '
             'NOTSET or SAME_UPPER or SAME_LOWER or VALID'),
            (conv(group='3'), 'node "first" (Conv): attribute group: found type 3, expected 2 (INT)'),
            (conv(output_padding=[1, 1]), 'node "first" (Conv): attribute output_padding: is not known, '
             'expected auto_pad, dilations, group, kernel_shape, pads, strides'),
            (model([node('Conv', 'x p', 'a'), node('Conv', 'a d', 'b', group=2, name='deep'),
                    node('Relu', 'b', 'y')], FRAME, ['y'],
                   [POINT, tensor('d', [2, 1, 3, 1], [1] * 6)]),
             'node "deep" (Conv): attribute group: found 2, expected 1; or, as parts of a CPAC '
             'convolution, depthwise k x 1 and 1 x k, or k x k of rank one, between two of 1 x 1, with '
             'no bias and nothing else between them'),
            (one('Conv', 'missing'), 'node "n" (Conv): reads "missing", which no node above it and no '
             'initializer gives'),
            (one('Conv', 'v', weights=[vector]), 'node "n" (Conv): input 2: found weights of shape 3, '
             'expected Nx3 x height x width for 3 channels in 1 group'),
            (model([node('Gemm', 'x w', 'y', name='n')], FRAME, ['y'], [WEIGHT]),
             'node "n" (Gemm): input 1: found 4 dimensions, expected 2, a vector'),
            (model([node('Flatten', 'x', 'f'), node('Gemm', 'f m', 'y', name='n')], FRAME, ['y'],
                   [tensor('m', [4, 2], [1] * 8)]),
             "node \"n\" (Gemm): input 2: found weights of shape 4x2, expected inputs x units for 192 "
             "inputs: is the size of the network's input right?"),
            (one('Flatten', axis=2), 'node "n" (Flatten): attribute axis: found 2, expected 1: pictures '
             'are looked at one by one'),
            (one('MaxPool', kernel_shape=[2, 2], dilations=[2, 2]), 'node "n" (MaxPool): attribute '
             'dilations: found 2 and 2, expected 1 in a pool'),
            (one('MaxPool'), 'node "n" (MaxPool): attribute kernel_shape: is missing, expected two '
             'integers'),
            (one('MaxPool', kernel_shape=[2, 2], pads=[2, 0, 0, 0]), 'node "n" (MaxPool): padding must '
             "be smaller than the pool's size, 2 high"),
            (one('AveragePool', kernel_shape=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1),
             'node "n" (AveragePool): attribute count_include_pad: found 1 with padding, expected 0: '
             'pixels outside the picture take no part in a mean'),
            (one('ReduceMean', axes=[1]), 'node "n" (ReduceMean): axes: expected 2 and 3, height and width'),
            (one('Concat', 'x', axis=2), 'node "n" (Concat): attribute axis: found 2, expected 1, channels'),
            (one('Mul', 'x'), 'node "n" (Mul): input 2: found what the network computes from its input, '
             'expected a constant'),
            (one('Mul', 'v', weights=[vector]), 'node "n" (Mul): input 2: found a constant of shape 3, '
             'expected a number or one for each of 3 channels, Cx1x1'),
            (one('Div', 'z', weights=[tensor('z', [], [0])]), 'node "n" (Div): scales channel 1 by inf '
             'and shifts it by 0, expected finite numbers'),
            (model([node('Flatten', 'x', 'f'), node('Gemm', 'f m', 'y', name='fc', alpha=3e38)],
                   FRAME, ['y'], [tensor('m', [192, 2], [2] * 384)]),
             'layer fc: element 0 of its weight, scaled as the file says, became inf, expected a '
             'finite number'),
            (one('Reshape', 's', weights=[tensor('s', [2], [2, 96], 'int64')]),
             'node "n" (Reshape): found the shape [2, 96] for a picture of 3x8x8, expected one vector, '
             '[1, 192], or the same shape'),
            (one('Resize', '-', '-', 's', weights=[tensor('s', [4], [1, 3, 16, 16], 'int64')]),
             'node "n" (Resize): attribute mode: found none, which is nearest, expected linear'),
            (one('Resize', '-', '-', 's', mode='linear', coordinate_transformation_mode='align_corners',
                 weights=[tensor('s', [4], [1, 3, 16, 16], 'int64')]),
             'node "n" (Resize): attribute coordinate_transformation_mode: found "align_corners", '
             'expected half_pixel or pytorch_half_pixel'),
            (one('Resize', '-', '-', 's', mode='linear', weights=[tensor('s', [4], [1, 3, 4, 4], 'int64')]),
             'node "n" (Resize): layer n would shrink 8x8 to 4x4, upsample only enlarges'),
            (one('Pad', mode='reflect', pads=[0] * 8), 'node "n" (Pad): attribute mode: found "reflect", '
             'expected constant'),
            (model([node('Pad', 'x', 'p', pads=[0, 0, 1, 1, 0, 0, 1, 1]),
                    node('Relu', 'p', 'y', name='n')], FRAME, ['y'], opset=10),
             'node "n" (Relu): input 1: found what a Pad gives, expected that before a Conv only'),
            (model([node('Softmax', 'x', 's', name='soft', axis=1), node('Relu', 's', 'y', name='n')],
                   FRAME, ['y']),
             'node "n" (Relu): input 1: found what node "soft" (Softmax) gives, expected that at the end '
             'only'),
            (one('Softmax', axis=3), 'node "n" (Softmax): attribute axis: found 3, expected 1, channels'),
            (one('Relu', domain='com.microsoft'), 'node "n" (Relu): is of the domain "com.microsoft", '
             "expected ONNX's own operators"),
            (one('Cast', to=INT64), 'node "n" (Cast): attribute to: found type 7, expected 1 (FLOAT), 10 '
             '(FLOAT16) or 11 (DOUBLE)'),
            (model([node('Dropout', 'x', 'd mask', name='n'), node('Relu', 'mask', 'y')], FRAME, ['y']),
             'node "n" (Dropout): output 2 is read, expected only the first to be'),
            (model([node('Relu', 'x', 'y'), node('Relu', 'y', 'y', name='n')], FRAME, ['y']),
             'node "n" (Relu): gives "y", which there is already; expected every value to have its own '
             'name'),
            (one('BatchNormalization', 'v', 'v', 'v', 'v', weights=[tensor('v', [2], [1, 1])]),
             'node "n" (BatchNormalization): input 2: found a constant of shape 2, expected 3, one for '
             'each channel'),
        ]
        for data, sentence in rows:
            with self.subTest(sentence=sentence):
                self.refused(data, sentence)

    def shape_model(self, kind, *steps, wanted='out'):
        """A picture made a vector of the length that @steps compute from its height h and width w,
        numbers of type @kind, and from two, which is one, too."""
        return model([node('Shape', 'x', 's'), constant('i2', [], [2], 'int64'),
                      constant('i3', [], [3], 'int64'), node('Gather', 's i2', 'h0', axis=0),
                      node('Gather', 's i3', 'w0', axis=0), node('Cast', 'h0', 'h', to=kind),
                      node('Cast', 'w0', 'w', to=kind), node('Cast', 'i2', 'two', to=kind, name='two'),
                      *steps, constant('none', [1], [0], 'int64'),
                      node('Unsqueeze', f'{wanted} none', 'u'), constant('one', [1], [1], 'int64'),
                      node('Concat', 'one u', 'shape', axis=0, name='join'),
                      node('Reshape', 'x shape', 'f', name='n'), node('Gemm', 'f g', 'y')],
                     {'x': [1, 3, 8, 8]}, ['y'], [tensor('g', [192, 2], [1] * 384)], opset=13)

    def test_cast_of_shapes(self):
        """192 = 8 * 8 * (8 - 2) / 2, in integers and in floats."""
        steps = [node('Mul', 'h w', 'a'), node('Sub', 'w two', 'b'), node('Mul', 'a b', 'c'),
                 node('Div', 'c two', 'd', name='half')]
        back = node('Cast', 'd', 'out', to=INT64)
        for kind in INT32, INT64, FLOAT, DOUBLE:
            with self.subTest(kind):
                path = self.write('f.onnx', self.shape_model(kind, *steps, back))
                self.cpac('import', path, '--out', self.path('net'))
                last = self.cpac_json('inspect', self.path('net/model.yaml'))['layers'][-1]
                self.assertEqual(last['output'], '2x1x1')
        far = [node('Mul', 'h h', 'p1'), node('Mul', 'p1 p1', 'p2'), node('Mul', 'p2 p2', 'p3'),
               node('Mul', 'p3 two', 'p4', name='n')]
        odd = [node('Sub', 'h w', 'z'), node('Div', 'two h', 'out', name='half')]
        rows = [
            (self.shape_model(FLOAT, *steps, wanted='d'), 'node "join" (Concat): found integers and '
             'floats, expected inputs of one type'),
            (self.shape_model(FLOAT, *odd), 'node "half" (Div): found no integer as the result of '
             'element 1'),
            (self.shape_model(FLOAT, *far, wanted='p4'), 'node "n" (Mul): found 33554432 as a float, '
             'expected at most 16777216'),
            (self.shape_model(FLOAT, node('Mul', 'h i2', 'out', name='n')), 'node "n" (Mul): found '
             'integers and floats, expected inputs of one type'),
            (self.shape_model(FLOAT, node('Gather', 's two', 'out', axis=0, name='n')),
             'node "n" (Gather): input 2: found floats, expected integers'),
        ]
        for kind in FLOAT16, 9:
            rows.append((self.shape_model(INT64, node('Cast', 'h', 'out', to=kind, name='n')),
                         f'node "n" (Cast): attribute to: found type {kind}, expected 1 (FLOAT), 6 '
                         '(INT32), 7 (INT64) or 11 (DOUBLE), in which shapes are computed'))
        for data, sentence in rows:
            with self.subTest(sentence=sentence):
                self.refused(data, sentence)

    def test_unknown_operator(self):
        data = model([node('HardSwish', 'x', 'out/of/it')], FRAME, ['out/of/it'])
        done = self.cpac('import', self.write('f.onnx', data), '--out', self.path('no'), status=2)
        self.assertRegex(done.stderr, r'f.onnx: node "out/of/it" \(HardSwish\): is an operator that '
                                      r'networks here cannot have; expected Add, AveragePool, .*\n$')

    def test_refused_tensors(self):
        def with_weight(weight):
            return model([node('Conv', 'x w', 'y')], FRAME, ['y'], [weight])

        dims = [2, 3, 3, 3]
        rows = [
            (tensor('w', dims, [1] * 53), 'found 212 bytes, expected 216 for shape 2x3x3x3'),
            (tensor('w', dims, [1] * 53, 'floats'), 'found 53 values, expected 54 for shape 2x3x3x3'),
            (tensor('w', dims, [1] * 53, 'half-typed'), 'found 53 values, expected 54 for shape 2x3x3x3'),
            (tensor('w', dims, [1] * 53 + [float('nan')]),
             'found not-a-number as element 53, expected finite numbers'),
            (tensor('w', dims, [float('inf')] + [1] * 53, 'half'),
             'found infinity as element 0, expected finite numbers'),
            (tensor('w', dims, [1] * 54, 'int64'),
             'found elements of type 7, expected 1 (FLOAT) or 10 (FLOAT16)'),
            (tensor('w', [2, 3, 3, 3, 1], [1] * 54), 'found 5 dimensions, expected at most 4'),
            (tensor('w', [-2, 3, 3, 3], []), 'found -2 as dimension 1, expected 0 or more'),
            (tensor('w', [1 << 40] * 4, []), 'found a shape of more values than memory can hold'),
        ]
        for weight, sentence in rows:
            with self.subTest(sentence=sentence):
                self.refused(with_weight(weight), f'tensor "w": {sentence}')

    def test_external_data(self):
        def outside(**entries):
            return model([node('Conv', 'x w', 'y')], FRAME, ['y'],
                         [tensor('w', [2, 3, 3, 3], [], 'external', entries)])

        data = WEIGHT[-216:]
        os.mkdir(self.path('models'))
        self.write('secret.bin', data)
        self.write('models/short.bin', data[:-1])
        self.write('models/good.bin', b'....' + data)
        os.symlink('good.bin', self.path('models/link.bin'))
        os.symlink('../secret.bin', self.path('models/away.bin'))
        os.mkfifo(self.path('models/pipe.bin'))
        name = 'models/f.onnx'
        for location in 'good.bin', 'link.bin':
            self.write(name, outside(location=location, offset='4'))
            self.cpac('import', self.path(name), '--out', self.path('out'))
            self.assertIn(data, self.read('out/model.safetensors'))
        rows = [
            ({'location': '../secret.bin'}, 'found the location "../secret.bin", expected the name of a '
             'file beside the model, without a folder'),
            ({'location': '/etc/passwd'}, 'found the location "/etc/passwd", expected the name of a file '
             'beside the model, without a folder'),
            ({'location': '..'}, 'found the location "..", expected the name of a file beside the model, '
             'without a folder'),
            ({}, 'found no location, expected the name of a file'),
            ({'location': 'away.bin'}, '"away.bin" is a link that leads out of the model\'s folder'),
            ({'location': 'pipe.bin'}, 'found no regular file'),
            ({'location': 'short.bin'}, 'found a file of 215 bytes, expected 216 from byte 0 on'),
            ({'location': 'good.bin', 'offset': '5'}, 'found a file of 220 bytes, expected 216 from byte '
             '5 on'),
            ({'location': 'good.bin', 'offset': '-4'}, 'offset: found "-4", expected a number of bytes'),
            ({'location': 'good.bin', 'offset': '9223372036854775807'},
             'found a file of 220 bytes, expected 216 from byte 9223372036854775807 on'),
            ({'location': 'good.bin', 'length': '220'},
             "length: found 220, expected 216 bytes for the tensor's shape"),
            ({'location': 'none.bin'}, 'cannot read "none.bin" beside the model: No such file or directory'),
        ]
        for entries, sentence in rows:
            with self.subTest(entries=entries):
                self.refused(outside(**entries), f'tensor "w": external data: {sentence}', name=name)


if __name__ == '__main__':
    tap.main()
