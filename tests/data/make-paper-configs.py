#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes config/mnist-*.yaml and config/tile-masks-*.yaml: the networks of Wang, Guo, Yue 2021,
dense and at every rank of their tables, each with our recipe.

    make-paper-configs.py FOLDER            write them
    make-paper-configs.py --check FOLDER    say whether they are as this program writes them
"""

import pathlib
import sys

DIGITS = [str(digit) for digit in range(10)]
TILES = ['Blowhole', 'Break', 'Crack', 'Fray', 'Free', 'Uneven']

HEAD = '''\
# {title}
# A recipe of `cpac train`: it has no weights yet. Network: Wang, Guo, Yue 2021 (arXiv 2005.13746),
# {layers} convolution layer{plural}, {form}. Written by tests/data/make-paper-configs.py.
{warning}cpac-model: 1
name: "{name}"
input:
  width: {size}
  height: {size}
  channels: 1
  mean: [127.5]          # x = (u8 - mean) / scale: -1 .. 1, as the authors
  scale: [127.5]
  resize: area
layers:
'''

CPAC = ('  - {{name: conv{n}, type: cpac-conv, filters: 8, kernel: [3, 3], rank: {rank}, '
        'padding: valid, bias: false}}\n')
DENSE = ('  - {{name: conv{n}, type: conv, filters: 8, kernel: [3, 3], padding: valid, '
         'bias: false}}\n')
BETWEEN = '  - {{name: pool{n}, type: max-pool, size: 2}}\n  - {{name: relu{n}, type: relu}}\n'

MASKS_WARNING = '''\
# The pictures are ground-truth MASKS, resized: what this network reaches on them checks that the
# paper is reproduced and says nothing about detecting defects.
'''

MNIST_TRAIN = '''\
train:
  epochs: {epochs}
  batch: 64
  rate: {rate}             # peak of Adam's rate, after a warm-up; then a cosine down to 0
  average: 0.998         # the mean of the last few hundred steps' weights is kept
  decay: 1.0e-5          # of the composite kernels, never rebuilt
  validation-share: 0.05 # 3,000 digits choose the best epoch; the test set is never looked at
  calibration-share: 0
'''

MNIST_AUGMENT = '''\
  augment:               # digits stay digits under these
    shift: 1             # pixels
    rotate: 6            # degrees
    zoom: 0.06
'''

TILE_TRAIN = '''\
train:
  epochs: {epochs}
  batch: 4
  rate: {rate}            # peak of Adam's rate, after a warm-up; then a cosine down to 0
  average: 0.99          # the mean of the last steps' weights is kept
  decay: 1.0e-2          # of all kernels: there are far more weights than pictures
  validation-share: 0.05 # of the authors' 563 training pictures; their 100 test ones stay untouched
  augment:
    shift: 3             # pixels
'''


def network(layers, rank, hidden, classes):
    """The layers: 3x3 valid convolutions of 8 filters, pooled, then one or two linear layers."""
    text = ''
    for n in range(1, layers + 1):
        text += (DENSE if rank is None else CPAC).format(n=n, rank=rank) + BETWEEN.format(n=n)
    text += '  - {name: flat, type: flatten}\n'
    if hidden:
        text += '  - {name: fc1, type: linear, units: 50}\n'
    return text + f'  - {{name: fc{2 if hidden else 1}, type: linear, units: {classes}}}\n'


def score(classes, good, threshold):
    listed = ', '.join(f'"{name}"' for name in classes)
    return (f'score:\n  head: classifier\n  classes: [{listed}]\n  good: [{good}]'
            f'{"               # none: a label is published, nothing is rejected" if not good else ""}\n'
            f'  threshold: {threshold}\n')


def config(data, layers, rank):
    """(file name, text) of one model."""
    mnist = data == 'mnist'
    form = 'dense kernels' if rank is None else f'kernels kept as a sum of {rank} rank-one terms'
    short = 'dense' if rank is None else f'R={rank}'
    title = (f'{"MNIST digits" if mnist else "Magnetic-tile masks"}, {layers} layer'
             f'{"s" if layers > 1 else ""}, {short}')
    text = HEAD.format(title=title, layers=layers, plural='s' if layers > 1 else '', form=form,
                       warning='' if mnist else MASKS_WARNING, name=title,
                       size=28 if mnist else 100)
    classes = DIGITS if mnist else TILES
    text += network(layers, rank, layers == 2, len(classes))
    text += score(classes, '' if mnist else 'Free', '1.0' if mnist else '0.5')
    if mnist:
        # The networks that can learn most go on learning longest.
        text += MNIST_TRAIN.format(epochs=60 if layers == 2 and rank in (None, 12) else 20,
                                   rate='0.01')
        # One or two components have not even learnt the digits as they stand.
        if rank is None or rank > 2:
            text += MNIST_AUGMENT
    else:
        text += TILE_TRAIN.format(epochs=60, rate='0.002')
    return f'{data}-{layers}layer-{"dense" if rank is None else f"r{rank}"}.yaml', text


def all_configs():
    ranks = {('mnist', 1): 6, ('mnist', 2): 12, ('tile-masks', 1): 5, ('tile-masks', 2): 5}
    for (data, layers), most in ranks.items():
        for rank in [None] + list(range(1, most + 1)):
            yield config(data, layers, rank)


def main():
    check = sys.argv[1] == '--check'
    folder = pathlib.Path(sys.argv[-1])
    wrong = 0
    for name, text in all_configs():
        path = folder / name
        if not check:
            path.write_text(text, encoding='utf-8')
        elif not path.exists() or path.read_text(encoding='utf-8') != text:
            print(f'{path}: not what make-paper-configs.py writes')
            wrong += 1
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
