#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes corpus/onnx/: ONNX files, whole and damaged, written without the C code. The file `sequences`
there is what cpac export writes of a standardize and a local-contrast layer."""
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent / 'corpus' / 'onnx'
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.dont_write_bytecode = True

from onnxfile import constant, model, node, tensor  # noqa: E402

FRAME = {'x': ['N', 3, 'H', 'W']}


def weights(name, *dims, kind='raw'):
    n = 1
    for dim in dims:
        n *= dim
    return tensor(name, dims, [(i * 7 % 11 - 5) / 8 for i in range(n)], kind)


def ones(name, n):
    return tensor(name, [n], [1.0] * n, 'floats')


FOLDER.mkdir(parents=True, exist_ok=True)
files = {}
files['block'] = model(
    [node('Conv', 'x w b', 'c', name='/c/Conv', pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
     node('BatchNormalization', 'c s s s s', 'n', epsilon=1e-3), node('Relu', 'n', 'r'),
     node('Add', 'r r', 'a'), node('GlobalAveragePool', 'a', 'g'), node('Flatten', 'g', 'f', axis=1),
     node('Gemm', 'f fw v', 'y', transB=1, alpha=0.5, beta=2.0), node('Softmax', 'y', 'z', axis=1)],
    FRAME, ['z'], [weights('w', 4, 3, 3, 3), ones('b', 4), ones('s', 4), weights('fw', 2, 4), ones('v', 2)],
    metadata={'cpac-input': '{mean: [1, 2, 3], scale: [4, 5, 6], resize: nearest}',
              'cpac-score': '{head: classifier, classes: [a, b], good: [a], threshold: 0.5}'})
files['old'] = model(
    [node('Conv', 'x w', 'c', strides=[2, 2]), node('MaxPool', 'c', 'm', kernel_shape=[2, 2], ceil_mode=1),
     node('Dropout', 'm', 'd', ratio=0.5), node('Shape', 'd', 's'), constant('zero', [], [0], 'int64'),
     node('Gather', 's zero', 'g', axis=0), node('Unsqueeze', 'g', 'u', axes=[0]),
     constant('rest', [1], [-1], 'int64-typed'), node('Concat', 'u rest', 'k', axis=0),
     node('Reshape', 'd k', 'y')],
    {**FRAME, 'w': [2, 3, 2, 2]}, ['y'], [weights('w', 2, 3, 2, 2, kind='half')], opset=9, ir=3)
files['chain'] = model(
    [node('Conv', 'x d', '1'), node('Conv', '1 b', '2', group=2, strides=[2, 1], pads=[1, 0, 1, 0]),
     node('Conv', '2 c', '3', group=2, pads=[0, 1, 0, 1]), node('Conv', '3 a bias', '4'),
     node('Conv', '4 d2', '5'), node('Conv', '5 k', '6', group=1, auto_pad='SAME_LOWER'),
     node('Conv', '6 e', 'y')],
    FRAME, ['y'],
    [weights('d', 2, 3, 1, 1), weights('b', 2, 1, 3, 1), weights('c', 2, 1, 1, 3, kind='half-typed'),
     weights('a', 4, 2, 1, 1), ones('bias', 4), weights('d2', 1, 4, 1, 1),
     tensor('k', [1, 1, 2, 2], [1, 2, 2, 4]), weights('e', 2, 1, 1, 1)])
files['pools'] = model(
    [constant('pads', [8], [0, 0, 1, 0, 0, 0, 1, 2], 'int64'), node('Pad', 'x pads', 'p', mode='constant'),
     node('Conv', 'p w', 'c', dilations=[1, 2]),
     node('AveragePool', 'c', 'a', kernel_shape=[2, 3], auto_pad='SAME_UPPER', count_include_pad=0),
     constant('sizes', [4], [1, 2, 20, 21], 'int32'),
     node('Resize', 'a - - sizes', 'u', mode='linear', coordinate_transformation_mode='half_pixel'),
     node('GlobalMaxPool', 'u', 'm'), constant('axes', [2], [2, -1], 'int64'),
     node('Squeeze', 'm axes', 'q'), node('MatMul', 'q v', 'o'), node('Identity', 'o', 'y')],
    FRAME, ['y'], [weights('w', 2, 3, 2, 2), weights('v', 2, 3)], opset=18, ir=8)
files['arithmetic'] = model(
    [node('Sub', 'x mean', '1'), node('Div', '1 sd', '2'), node('Relu', '2', '3'),
     node('Mul', '3 sd', '4'), node('Add', '4 plane', '5'), node('Sum', '5 3 4', '6'),
     node('ReduceMean', '6', 'y', axes=[2, 3], keepdims=0)],
    FRAME, ['y'], [tensor('mean', [3, 1, 1], [1, 2, 3]), tensor('sd', [], [0.5]),
                   weights('plane', 1, 3, 8, 9)])
files['outside'] = model([node('Conv', 'x w', 'y')], FRAME, ['y'],
                         [tensor('w', [2, 3, 1, 1], [], 'external', {'location': '../w', 'offset': '4'})])
files['huge'] = model([node('Conv', 'x w', 'y')], FRAME, ['y'], [tensor('w', [1 << 20] * 4, [])])
files['none'] = model([node('HardSwish', 'x', 'y')], FRAME, ['y'])
files['torn'] = files['block'][:len(files['block']) // 2]
for name, data in files.items():
    (FOLDER / name).write_bytes(data)
