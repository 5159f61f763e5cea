#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The published figures of the reference networks, by the tool and through a pipeline."""
import csv
import json
import math
import os
import time

import tap
from toolcase import (DATA, ToolCase, gst_environment, needs_data, needs_plain_plugin, png,
                      read_npy)

MNIST = os.path.join(DATA, 'reference-vectors', 'mnist.yaml')
TILE_MASKS = os.path.join(DATA, 'reference-vectors', 'tile-masks.yaml')
RESNET8 = os.path.join(DATA, 'pretrained', 'resnet8.yaml')
RESNET8_FILES = os.path.join(DATA, 'pretrained', 'resnet8_cifar10')
MASK_LIST = os.path.join(DATA, 'manifests', 'tile-paper-masks.csv')
N_STARTS = 15


def read_csv(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


class Figures(ToolCase):
    @needs_data('mnist/t10k-images-idx3-ubyte.gz')
    def test_mnist(self):
        answer = self.cpac_json('evaluate', MNIST, '--threads', '2', '--data',
                                os.path.join(DATA, 'mnist', 't10k-images-idx3-ubyte.gz'))
        self.assertEqual((answer['n'], answer['correct']), (10000, 9782))
        self.assertAlmostEqual(answer['mean_nll'], 0.0745135, delta=1e-5)

    @needs_data('manifests/tile-paper-masks.csv')
    def test_tile_masks(self):
        answer = self.cpac_json('evaluate', TILE_MASKS, '--data', MASK_LIST, '--split', 'test')
        self.assertEqual((answer['n'], answer['correct']), (100, 95))
        self.assertAlmostEqual(answer['mean_nll'], 0.2851751, delta=1e-5)
        answer = self.cpac_json('evaluate', TILE_MASKS, '--data', MASK_LIST)
        self.assertEqual((answer['n'], answer['correct']), (663, 651))
        self.assertAlmostEqual(answer['mean_nll'], 0.1115615, delta=1e-5)

    @needs_data('pretrained/resnet8_cifar10/logits_1000_f32.npy')
    def test_resnet8_pictures(self):
        """The stored logits were computed from another JPEG decoder's pixels, so a class may differ
        where its two best logits lie close together: measured 17 of 1,000, the widest gap 0.21."""
        _, values = read_npy(os.path.join(RESNET8_FILES, 'logits_1000_f32.npy'))
        stored = [values[i:i + 10] for i in range(0, 10000, 10)]
        listed = read_csv(os.path.join(RESNET8_FILES, 'cifar10_test_1000.csv'))
        logits_of = {short_name(row['path']): logits for row, logits in zip(listed, stored)}
        self.cpac('evaluate', RESNET8, '--threads', '2', '--data',
                  os.path.join(DATA, 'manifests', 'cifar10-pictures.csv'), '--scores',
                  self.path('scores.csv'))
        rows = read_csv(self.path('scores.csv'))
        classes = [row['label'] for row in rows[::100]]
        ours = theirs = 0
        for row in rows:
            logits = logits_of[short_name(row['name'])]
            best, second = sorted(logits, reverse=True)[:2]
            stored_class = classes[logits.index(best)]
            ours += row['class'] == row['label']
            theirs += stored_class == row['label']
            if row['class'] != stored_class:
                self.assertLess(best - second, 0.25, row['name'])
        print(f'# resnet8: {ours} of {len(rows)} correct, {theirs} by the stored logits', flush=True)
        self.assertEqual((len(rows), theirs), (1000, 751))
        self.assertLessEqual(abs(ours - theirs), 10)

    @needs_data('pretrained/resnet8_cifar10/x_first4_u8_nhwc.npy')
    def test_resnet8_pixels(self):
        """The first four pictures as the pixels the logits were computed from."""
        _, pixels = read_npy(os.path.join(RESNET8_FILES, 'x_first4_u8_nhwc.npy'))
        dims, logits = read_npy(os.path.join(RESNET8_FILES, 'logits_first4_f64.npy'))
        for i in range(4):
            self.write(f'p-{i}.png', png(32, 32, pixels[i * 3072:(i + 1) * 3072]))
        self.cpac('replay', RESNET8, self.path('p-%d.png'), '--journal', self.path('j'))
        frames = [json.loads(line)['inspection'] for line in self.read('j').splitlines()[1:-1]]
        self.assertEqual((len(frames), dims), (4, [4, 10]))
        for i, frame in enumerate(frames):
            expected = softmax(logits[10 * i:10 * i + 10])
            # Logits up to 20 in float32 after sums of 576 terms: below 1e-4 of the probabilities.
            self.assertAlmostEqual(frame['score'], 1 - max(expected), delta=1e-4)


def short_name(path):
    return '/'.join(path.split('/')[-2:])


def softmax(logits):
    powers = [math.exp(value - max(logits)) for value in logits]
    return [power / sum(powers) for power in powers]


@needs_plain_plugin
class Pipeline(ToolCase):
    @needs_data('manifests/tile-paper-masks.csv')
    def test_tile_masks_through_gstreamer(self):
        """100 PNGs as one stream: the scores of `evaluate` to the last bit."""
        self.cpac('evaluate', TILE_MASKS, '--data', MASK_LIST, '--split', 'test', '--scores',
                  self.path('scores.csv'))
        rows = read_csv(self.path('scores.csv'))
        listed = [row for row in read_csv(MASK_LIST) if row['split'] == 'test']
        for i, row in enumerate(listed):
            os.symlink(os.path.abspath(os.path.join(os.path.dirname(MASK_LIST), row['path'])),
                       self.path(f'mask-{i:03d}.png'))
        self.run_program('gst-launch-1.0', '-q', 'multifilesrc',
                         f'location={self.path("mask-%03d.png")}',
                         'caps=image/png,framerate=25/1', '!', 'pngdec', 'qos=false', '!',
                         'cpacscore', f'model={TILE_MASKS}', '!', 'cpacjson', '!', 'filesink',
                         f'location={self.path("j")}', env=gst_environment())
        frames = [json.loads(line).get('inspection') for line in self.read('j').splitlines()][1:-1]
        self.assertEqual(len(rows), 100)
        self.assertEqual([frame['score'] for frame in frames], [float(row['score']) for row in rows])
        self.assertEqual([frame['class'] for frame in frames], [row['class'] for row in rows])

    @needs_data('reference-vectors/mnist.yaml')
    def test_start(self):
        """From nothing to the first score and out again. The time is a figure, not a verdict."""
        seconds = []
        for _ in range(N_STARTS + 1):
            begin = time.monotonic()
            self.run_program('gst-launch-1.0', '-q', 'videotestsrc', 'num-buffers=1', '!',
                             'video/x-raw,format=GRAY8,width=28,height=28', '!', 'cpacscore',
                             f'model={MNIST}', '!', 'cpacjson', '!', 'filesink',
                             f'location={self.path("j")}', env=gst_environment())
            seconds.append(time.monotonic() - begin)
        self.assertIn(b'"status":"scored"', self.read('j'))
        # The first run may have filled the registry.
        warm = sorted(seconds[1:])
        print(f'# start to first score and end: median {1e3 * warm[N_STARTS // 2]:.0f} ms, '
              f'{1e3 * warm[0]:.0f} to {1e3 * warm[-1]:.0f} ms', flush=True)


if __name__ == '__main__':
    tap.main()
