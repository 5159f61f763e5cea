#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`cpac bench --onnxruntime` with the real one, where it is: the same outputs, and figures that hang
together. No time is judged."""
import os
import unittest

import tap
from onnxcase import NODE, RUNTIME, Net, OnnxCase
from toolcase import SOURCE


def setUpModule():
    if NODE is None or RUNTIME is None:
        raise unittest.SkipTest('needs node and onnxruntime-node, see CPAC_ONNXRUNTIME')


class Bench(OnnxCase):
    def check(self, model, threads):
        env = dict(os.environ, CPAC_ONNXRUNTIME=RUNTIME)
        answer = self.cpac_json('bench', model, '--rounds', '2', '--threads', str(threads),
                                '--onnxruntime', env=env)
        found = answer['onnxruntime']
        for form in 'factored', 'merged', 'dense':
            self.assertGreater(found[f'{form}_call_us'], 0)
            for key in f'{form}_us', f'ratio_{form}':
                self.assertLessEqual(found[f'{key}_quartile_low'], found[key])
                self.assertLessEqual(found[key], found[f'{key}_quartile_high'])
        self.assertRegex(found['version'], r'^\d+\.\d+')
        self.assertLess(found['difference'], 1e-5)

    def test_classifier(self):
        net = Net(3, 33, 29)
        net.cpac(3, 8, [3, 3], 5, padding='same')
        net.add('relu')
        net.add('max-pool', size=2)
        net.cpac(8, 8, [3, 3], 3)
        net.add('flatten')
        net.linear(8 * 14 * 12, 6)
        for threads in 1, 2:
            self.check(self.write_net(net), threads)

    def test_shape(self):
        """Without weights, and with a map at the end."""
        self.check(self.write('shape.yaml', '''cpac-model: 1
name: shape
input: {width: 40, height: 24, channels: 1, mean: [128], scale: [64]}
layers:
  - {name: same, type: standardize}
  - {name: conv1, type: cpac-conv, filters: 4, kernel: [3, 3], rank: 2, padding: same}
  - {name: relu1, type: relu}
  - {name: map, type: conv, filters: 1, kernel: [1, 1]}
score: {head: map, good: [good], threshold: 0.5}
'''), 1)

    def test_of_this_tree(self):
        self.check(os.path.join(SOURCE, 'config', 'tile-good-only', 'model.yaml'), 1)


if __name__ == '__main__':
    tap.main()
