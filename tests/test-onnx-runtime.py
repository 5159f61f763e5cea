#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Exported models in ONNX Runtime, and files of other makers here: the same numbers. Needs node and
the npm package onnxruntime-node, in the folder that CPAC_ONNXRUNTIME or NODE_PATH names, or in
node_modules of the source or build tree; it is never installed from here."""
import math
import os
import re
import struct
import unittest

import tap
from onnxcase import NODE, RUNTIME, Net, OnnxCase
from onnxfile import constant, model, node, tensor
from toolcase import DATA, SOURCE, needs_data, read_npy

# Sums of a few hundred products in float32, in another order: 2^-24 x sqrt (n) of the output's
# scale, and some dozen of that through a deep network.
TOLERANCE = 1e-5
KERNELS = [1, 1], [3, 3], [1, 5], [5, 1], [2, 4]
STRIDES = 1, 2, [2, 1], 3
PADDINGS = 'valid', 'same', [1, 1, 1, 1], [0, 2, 1, 3]
DILATIONS = 1, 2, [1, 3]

worst = {}


def setUpModule():
    if NODE is None or RUNTIME is None:
        raise unittest.SkipTest('needs node and onnxruntime-node, see CPAC_ONNXRUNTIME')


def windows():
    return [{'stride': stride, 'padding': padding, 'dilation': dilation}
            for stride in STRIDES for padding in PADDINGS for dilation in DILATIONS]


class Export(OnnxCase):
    """A model, exported factored and dense, in ONNX Runtime; and imported again."""

    def note(self, what, error):
        worst[what] = max(worst.get(what, 0), error)
        self.assertLess(error, TOLERANCE, what)

    def check(self, net, what, picture=None, exact=True):
        path = self.write_net(net)
        picture = picture or net.picture()
        ours = self.run_ours(path, picture)
        for dense in [], ['--dense']:
            file = self.path('net.onnx')
            self.cpac('export', path, '--onnx', file, *dense)
            theirs = self.run_theirs(file, net.dims, picture)
            self.note(f'{what}{" --dense" if dense else ""}', self.relative_error(theirs, ours))
            back = self.run_ours(self.import_back(file), picture)
            if exact and not dense:
                self.assertEqual(back, ours, f'{what}, imported again')
            self.note(f'{what}, imported', self.relative_error(back, theirs))

    def test_conv(self):
        for kernel in KERNELS:
            with self.subTest(kernel=kernel):
                net = Net(3, 17, 13)
                net.join([net.conv(3, 5, kernel, inputs=['input'], bias=i % 2 == 0, **window)
                          for i, window in enumerate(windows())])
                self.check(net, 'conv')

    def test_cpac_conv(self):
        for kernel in KERNELS:
            with self.subTest(kernel=kernel):
                net = Net(3, 17, 13)
                net.join([net.cpac(3, 5, kernel, 1 + i % 7, inputs=['input'], bias=i % 2 == 0,
                                   **window) for i, window in enumerate(windows())])
                self.check(net, 'cpac-conv')

    def test_cpac_conv_of_one(self):
        net = Net(1, 5, 7)
        net.join([net.cpac(1, 1, kernel, 1, inputs=['input']) for kernel in KERNELS])
        self.check(net, 'cpac-conv')

    def test_pools(self):
        for kind in 'max-pool', 'average-pool':
            for ceil in False, True:
                with self.subTest(kind=kind, ceil=ceil):
                    net = Net(3, 17, 14)
                    net.join([net.add(kind, inputs=['input'], size=size, stride=stride,
                                      padding=padding, ceil=ceil)
                              for size in (2, 3, [3, 2], [5, 4]) for stride in (1, 2, 3, [4, 2], 7)
                              for padding in ('valid', 'same', [1, 0, 1, 1], [0, 1, 0, 0])])
                    self.check(net, kind)

    def test_global_average_pool(self):
        net = Net(3, 31, 17)
        net.add('global-average-pool')
        self.check(net, 'global-average-pool')

    def test_linear(self):
        for bias in True, False:
            net = Net(3, 4, 5)
            net.linear(60, 17, bias=bias)  # of planes, which it flattens itself
            net.add('relu')
            net.linear(17, 5, bias=bias)
            self.check(net, 'linear')

    def test_planes_and_vectors(self):
        """Vectors that go on as planes, and the other way round."""
        net = Net(3, 5, 4)
        net.add('global-average-pool', name='means')
        net.linear(3, 3, inputs=['means'])
        net.add('add', name='both', inputs=['means', 'L2'])
        net.add('flatten', name='flat', inputs=['both'])
        net.add('concat', name='all', inputs=['flat', 'L2', 'means'])
        net.conv(9, 4, [1, 1], inputs=['all'])
        net.add('upsample', size=[3, 2])
        self.check(net, 'planes and vectors')

    def test_add_and_concat(self):
        net = Net(3, 6, 5)
        a, b = net.conv(3, 4, [1, 1], inputs=['input']), net.conv(3, 4, [1, 1], inputs=['input'])
        two, three = net.add('add', inputs=[a, b]), net.add('add', inputs=[a, b, a])
        relu = net.add('relu', inputs=[two])
        net.add('concat', inputs=[relu, three, 'input'])
        self.check(net, 'add, concat, relu')

    def test_template(self):
        net = Net(1, 6, 5)
        golden = net.template(2, 6, 5)
        net.add('concat', inputs=['input', golden])
        net.conv(3, 2, [3, 3])
        self.check(net, 'template')

    def test_upsample(self):
        for options in {'factor': 2}, {'factor': [3, 1]}, {'size': [14, 14]}, {'size': [7, 30]}:
            with self.subTest(**options):
                net = Net(3, 7, 5)
                net.add('upsample', **options)
                self.check(net, 'upsample')

    def test_standardize(self):
        for options in {}, {'mean': 3.25, 'spread': 0.7}, {'floor': 1e3}, {'clip': [-1.5, 0.25]}:
            with self.subTest(**options):
                net = Net(3, 9, 11)
                net.add('standardize', **options)
                # Pixels as they come: far from zero, close together.
                self.check(net, 'standardize', net.picture(120, 131))

    def test_local_contrast(self):
        for options in {'window': 3}, {'window': 7, 'epsilon': 2.5}, {'window': 31}:
            with self.subTest(**options):
                net = Net(3, 17, 12)
                net.add('local-contrast', **options)
                self.check(net, 'local-contrast', net.picture(120, 131))

    def test_two_layers_of_sequences(self):
        net = Net(1, 16, 16)
        net.add('standardize')
        net.add('local-contrast', window=5)
        net.cpac(1, 4, [3, 3], 2, padding='same')
        net.add('relu')
        net.add('standardize', mean=1)
        self.check(net, 'standardize twice')


class Foreign(OnnxCase):
    """Files as other tools write them, in ONNX Runtime and here."""

    def check(self, what, data, dims, *options, tolerance=TOLERANCE):
        file = self.write('foreign.onnx', data)
        picture = Net(*dims[1:], seed=7).picture()
        theirs = self.run_theirs(file, dims, picture)
        ours = self.run_ours(self.import_back(file, *options), picture)
        error = self.relative_error(ours, theirs)
        worst[what] = error
        self.assertLess(error, tolerance, what)

    def values(self, *dims, low=-1.0, high=1.0, seed=3):
        return Net(math.prod(dims), 1, 1, seed).picture(low, high)

    def weight(self, name, *dims, seed=3, low=-1.0, high=1.0, kind='raw'):
        return tensor(name, dims, self.values(*dims, seed=seed, low=low, high=high), kind)

    def test_residual_block_with_batch_norm(self):
        def norm(name, source, n, seed):
            return (node('BatchNormalization', f'{source} {name}.g {name}.b {name}.m {name}.v', name,
                         epsilon=1e-3, momentum=0.9),
                    [self.weight(f'{name}.g', n, seed=seed), self.weight(f'{name}.b', n, seed=seed + 1),
                     self.weight(f'{name}.m', n, seed=seed + 2),
                     self.weight(f'{name}.v', n, seed=seed + 3, low=0.5, high=2)])

        one, one_weights = norm('bn1', 'c1', 4, 10)
        two, two_weights = norm('bn2', 'c2', 4, 20)
        three, three_weights = norm('bn3', 'sum', 4, 30)
        nodes = [
            node('Conv', 'x w1', 'c1', name='/conv1/Conv', kernel_shape=[3, 3], pads=[1, 1, 1, 1]), one,
            node('Relu', 'bn1', 'r1'),
            node('Conv', 'r1 w2 b2', 'c2', pads=[1, 1, 1, 1], group=1, dilations=[1, 1],
                 strides=[1, 1]),
            two, node('Add', 'bn2 r1', 'sum'), three,  # which no convolution can take along
            node('Relu', 'bn3', 'r2'), node('GlobalAveragePool', 'r2', 'g'),
            node('Flatten', 'g', 'f', axis=1),
            node('Gemm', 'f fw fb', 'y', transB=1, alpha=0.5, beta=2.0),
            node('Softmax', 'y', 'p', axis=-1)]
        weights = [self.weight('w1', 4, 3, 3, 3), self.weight('w2', 4, 4, 3, 3), self.weight('b2', 4),
                   self.weight('fw', 7, 4), self.weight('fb', 7),
                   *one_weights, *two_weights, *three_weights]
        # Without the Softmax, which we leave out.
        self.check('batch norm', model(nodes[:-1], {'x': ['batch', 3, 9, 8]}, ['y'], weights),
                   [1, 3, 9, 8])
        self.import_back(self.write('s.onnx', model(nodes, {'x': [1, 3, 9, 8]}, ['p'], weights)))

    def test_old_exporter(self):
        """Operator set 9: constants repeated as inputs, ceil_mode, a shape computed in the file."""
        names = {'w': [4, 3, 3, 3], 'b': [4], 'fw': [5, 64], 'fb': [5]}
        weights = [self.weight(name, *dims) for name, dims in names.items()]
        nodes = [
            node('Conv', '0 w b', '10', kernel_shape=[3, 3], strides=[1, 1]),
            node('Relu', '10', '11'),
            node('MaxPool', '11', '12', kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 0],
                 ceil_mode=1),
            node('Dropout', '12', '13', ratio=0.5),
            node('Shape', '13', '14'), constant('15', [], [0], 'int64'),
            node('Gather', '14 15', '16', axis=0), node('Unsqueeze', '16', '17', axes=[0]),
            constant('18', [1], [-1], 'int64-typed'), node('Concat', '17 18', '19', axis=0),
            node('Reshape', '13 19', '20'), node('Gemm', '20 fw fb', '21', transB=1),
            node('LogSoftmax', '21', '22', axis=1)]
        data = [model(nodes[:n], {'0': ['N', 3, 10, 10], **names}, [output], weights, opset=10, ir=3)
                for n, output in ((12, '21'), (13, '22'))]
        self.check('old exporter', data[0], [1, 3, 10, 10])
        self.import_back(self.write('s.onnx', data[1]))

    def test_pools(self):
        pools = [('MaxPool', {'kernel_shape': [3, 2], 'strides': [2, 2], 'ceil_mode': 1}),
                 ('MaxPool', {'kernel_shape': [2, 2], 'strides': [3, 2], 'ceil_mode': 1,
                              'pads': [1, 0, 0, 1]}),
                 ('AveragePool', {'kernel_shape': [3, 3], 'strides': [2, 3], 'ceil_mode': 1}),
                 ('AveragePool', {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]}),
                 ('AveragePool', {'kernel_shape': [2, 3], 'strides': [2, 2], 'count_include_pad': 1}),
                 ('AveragePool', {'kernel_shape': [3, 4], 'strides': [2, 2], 'auto_pad': 'SAME_UPPER'}),
                 ('MaxPool', {'kernel_shape': [4, 3], 'strides': [3, 2], 'auto_pad': 'SAME_LOWER'}),
                 ('MaxPool', {'kernel_shape': [3, 3], 'auto_pad': 'VALID'}),
                 ('GlobalMaxPool', {})]
        nodes, parts = [], []
        for i, (op, options) in enumerate(pools):
            nodes += [node(op, 'x', f'p{i}', **options), node('Flatten', f'p{i}', f'f{i}')]
            parts.append(f'f{i}')
        nodes.append(node('Concat', ' '.join(parts), 'y', axis=-1))
        self.check('pools of others', model(nodes, {'x': [1, 3, 11, 12]}, ['y']), [1, 3, 11, 12])

    def test_same_padding(self):
        nodes, weights, parts = [], [self.weight('w', 2, 3, 3, 4)], []
        for i, options in enumerate(({'auto_pad': 'SAME_UPPER'}, {'auto_pad': 'SAME_LOWER'},
                                     {'auto_pad': 'SAME_UPPER', 'strides': [2, 3]},
                                     {'auto_pad': 'SAME_LOWER', 'strides': [3, 2]},
                                     {'auto_pad': 'VALID', 'dilations': [2, 1]},
                                     {'pads': [0, 1, 2, 3]})):
            nodes += [node('Conv', 'x w', f'c{i}', **options), node('Flatten', f'c{i}', f'f{i}')]
            parts.append(f'f{i}')
        nodes.append(node('Concat', ' '.join(parts), 'y', axis=1))
        self.check('auto_pad', model(nodes, {'x': [1, 3, 9, 10]}, ['y'], weights), [1, 3, 9, 10])

    def test_normalisation_inside(self):
        """Arithmetic on the frame, which becomes the model's normalisation."""
        nodes = [constant('mean', [3, 1, 1], [0.4, 0.5, 0.6]),
                 constant('sd', [1, 3, 1, 1], [0.2, 0.3, 0.4]),
                 node('Sub', 'x mean', 'a'), node('Div', 'a sd', 'b'),
                 node('Conv', 'b w', 'y', pads=[1, 1, 1, 1])]
        data = model(nodes, {'x': [1, 3, 6, 6]}, ['y'], [self.weight('w', 2, 3, 3, 3)])
        file = self.write('n.onnx', data)
        text = open(self.import_back(file, '--scale', '255')).read()
        mean, scale = ([float(number) for number in
                        re.search(rf'{key}: \[(.*?)\]', text)[1].split(',')]
                       for key in ('mean', 'scale'))
        # (u / 255 - 0.4) / 0.2 = (u - 102) / 51
        for found, wanted in zip(mean + scale, (102, 127.5, 153, 51, 76.5, 102)):
            self.assertAlmostEqual(found, wanted, delta=1e-4)
        frame = [i * 37 % 256 for i in range(108)]
        theirs = self.run_theirs(file, [1, 3, 6, 6], [u / 255 for u in frame])
        ours = self.run_ours(self.path('back/model.yaml'),
                             [(u - mean[i // 36]) / scale[i // 36] for i, u in enumerate(frame)])
        worst['normalisation inside'] = self.relative_error(ours, theirs)
        self.assertLess(worst['normalisation inside'], TOLERANCE)

    def test_arithmetic(self):
        nodes = [constant('half', [], [0.5], 'floats'),
                 constant('c', [4, 1, 1], [1, -2, 3, 4], 'floats'),
                 node('Conv', 'in wi', 'x'), node('Relu', 'x', 'r'), node('Mul', 'r half', 'm'), node('Sub', 'c m', 's'),
                 node('Conv', 's w', 'v'), node('Add', 'v c', 'a'), node('Relu', 'a', 'q'),
                 node('Sum', 'q plane x', 't'), node('Identity', 't', 'i'), node('Div', 'i half', 'y')]
        weights = [self.weight('wi', 4, 3, 1, 1), self.weight('w', 4, 4, 1, 1),
                   self.weight('plane', 1, 4, 5, 6)]
        self.check('arithmetic', model(nodes, {'in': [1, 3, 5, 6]}, ['y'], weights), [1, 3, 5, 6])

    def test_halves(self):
        nodes = [node('Cast', 'wh', 'w', to=1), node('Cast', 'bh', 'b', to=1),
                 node('Conv', 'x w b', 'y')]
        self.check('half-precision weights',
                   model(nodes, {'x': [1, 3, 7, 7]}, ['y'],
                         [self.weight('wh', 5, 3, 3, 3, kind='half'),
                          self.weight('bh', 5, kind='half-typed')]), [1, 3, 7, 7])

    def test_matmul(self):
        nodes = [node('ReduceMean', 'x', 'g', axes=[-1, -2], keepdims=0), node('MatMul', 'g w', 'm'),
                 node('Add', 'b m', 'a'), node('Relu', 'a', 'r'), node('MatMul', 'r v', 'n'),
                 node('BatchNormalization', 'n g4 b4 m4 v4', 'y')]
        weights = [self.weight('w', 3, 6), self.weight('b', 6), self.weight('v', 6, 4),
                   self.weight('g4', 4), self.weight('b4', 4), self.weight('m4', 4),
                   self.weight('v4', 4, low=0.5, high=2)]
        self.check('MatMul', model(nodes, {'x': [1, 3, 5, 5]}, ['y'], weights), [1, 3, 5, 5])

    def test_newest_operators(self):
        """Operator set 21: axes as inputs."""
        nodes = [constant('axes', [2], [2, 3], 'int64'), constant('zero', [1], [0], 'int64'),
                 constant('two', [1], [2], 'int64'), constant('size', [2], [14, 13], 'int64'),
                 constant('pads', [8], [0, 0, 1, 2, 0, 0, 2, 0], 'int64'),
                 node('Pad', 'x pads', 'p', mode='constant'), node('Conv', 'p w', 'c'),
                 node('Shape', 'c', 's'), node('Slice', 's zero two', 'nc'),
                 node('Concat', 'nc size', 'sizes', axis=0),
                 node('Resize', 'c - - sizes', 'u', mode='linear',
                      coordinate_transformation_mode='pytorch_half_pixel', nearest_mode='floor'),
                 node('Relu', 'u', 'r'), node('ReduceMean', 'r axes', 'g', keepdims=1),
                 node('Squeeze', 'g axes', 'q'), node('Unsqueeze', 'q axes', 'v'),
                 node('Conv', 'v w2', 'y')]
        self.check('operator set 21',
                   model(nodes, {'x': ['N', 3, 7, 6]}, ['y'],
                         [self.weight('w', 4, 3, 3, 3), self.weight('w2', 2, 4, 1, 1)], opset=21,
                         ir=10), [1, 3, 7, 6])

    def test_decomposed(self):
        """A CPAC convolution of another maker: the taps the other way round, a bias of zeros, batch
        norm behind; and one with its taps in one kernel of rank one."""
        b, c = self.values(5, 3), self.values(5, 4, seed=4)
        square = [b[r * 3 + y] * c[r * 4 + x] for r in range(5) for y in range(3) for x in range(4)]
        square = struct.unpack('<60f', struct.pack('<60f', *square))
        nodes = [
            node('Conv', 'x d', 'a1'),
            node('Conv', 'a1 c', 'a2', group=5, strides=[1, 2], pads=[0, 1, 0, 2]),
            node('Conv', 'a2 b zero', 'a3', group=5, strides=[2, 1], dilations=[2, 1]),
            node('Conv', 'a3 a bias', 'one'),
            node('BatchNormalization', 'one g4 b4 m4 v4', 'n1'),
            node('Relu', 'n1', 'r1'),
            node('Conv', 'r1 d2', 'e1'), node('Conv', 'e1 k', 'e2', group=5, auto_pad='SAME_UPPER'),
            node('Conv', 'e2 a', 'y')]
        weights = [self.weight('d', 5, 3, 1, 1), tensor('b', [5, 1, 3, 1], b),
                   tensor('c', [5, 1, 1, 4], c), tensor('zero', [5], [0] * 5),
                   self.weight('a', 4, 5, 1, 1), self.weight('bias', 4),
                   self.weight('g4', 4), self.weight('b4', 4), self.weight('m4', 4),
                   self.weight('v4', 4, low=0.5, high=2),
                   self.weight('d2', 5, 4, 1, 1), tensor('k', [5, 1, 3, 4], square)]
        self.check('chains of others', model(nodes, {'x': [1, 3, 12, 11]}, ['y'], weights),
                   [1, 3, 12, 11])
        types = [layer['type'] for layer in
                 self.cpac_json('inspect', self.path('back/model.yaml'))['layers']]
        self.assertEqual(types, ['cpac-conv', 'relu', 'cpac-conv'])

    def test_external_data(self):
        values = self.values(4, 3, 3, 3)
        self.write('weights.bin', b'\0' * 12 + struct.pack('<108f', *values))
        weight = tensor('w', [4, 3, 3, 3], [], 'external',
                        {'location': 'weights.bin', 'offset': '12', 'length': '432'})
        self.check('external data', model([node('Conv', 'x w', 'y')], {'x': [1, 3, 5, 5]}, ['y'],
                                          [weight]), [1, 3, 5, 5])


class Trained(OnnxCase):
    """Networks that were trained, by others and here."""

    def check(self, what, path, dims, picture, published=None):
        file = self.path('trained.onnx')
        ours = self.run_ours(path, picture)
        for dense in [], ['--dense']:
            self.cpac('export', path, '--onnx', file, *dense)
            theirs = self.run_theirs(file, dims, picture)
            back = self.run_ours(self.import_back(file), picture)
            errors = [self.relative_error(theirs, ours), self.relative_error(back, theirs)]
            if published is not None:
                errors.append(self.relative_error(theirs, published))
            worst[what] = max(*errors, worst.get(what, 0))
            self.assertLess(worst[what], TOLERANCE)
            if not dense:
                self.assertEqual(back, ours)

    @needs_data('pretrained/squeezenet1_1/cat_input_f32.npy')
    def test_squeezenet(self):
        folder = os.path.join(DATA, 'pretrained', 'squeezenet1_1')
        _, picture = read_npy(os.path.join(folder, 'cat_input_f32.npy'))
        _, published = read_npy(os.path.join(folder, 'cat_logits_f64.npy'))
        self.check('squeezenet, the cat', os.path.join(DATA, 'pretrained', 'squeezenet.yaml'),
                   [1, 3, 224, 224], picture, published)

    @needs_data('pretrained/resnet8_cifar10/x_first4_u8_nhwc.npy')
    def test_resnet8(self):
        folder = os.path.join(DATA, 'pretrained', 'resnet8_cifar10')
        _, pixels = read_npy(os.path.join(folder, 'x_first4_u8_nhwc.npy'))
        _, published = read_npy(os.path.join(folder, 'logits_first4_f64.npy'))
        for i in range(4):
            picture = [float(pixels[3072 * i + 3 * k + c]) for c in range(3) for k in range(1024)]
            self.check('resnet8, four pictures', os.path.join(DATA, 'pretrained', 'resnet8.yaml'),
                       [1, 3, 32, 32], picture, published[10 * i:10 * i + 10])

    def test_of_this_tree(self):
        for name in 'sample-metal.yaml', 'tile-good-only/model.yaml':
            net = Net(1, 192, 192)
            self.check(name, os.path.join(SOURCE, 'config', name), net.dims, net.picture())


def tearDownModule():
    for what, error in worst.items():
        print(f'# {what}: {error:.1e}', flush=True)
    if worst:
        print(f'# worst of all: {max(worst.values()):.1e} of the output\'s scale, against ONNX Runtime '
              f'{OnnxCase.runtime_version}', flush=True)


if __name__ == '__main__':
    tap.main()
