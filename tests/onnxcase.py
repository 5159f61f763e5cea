# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Networks with random weights for the tests of ONNX, and what others compute with them."""
import hashlib
import json
import math
import os
import random
import shutil
import struct
import subprocess

from toolcase import BUILD, SOURCE, ToolCase, safetensors

RUN_NETWORK = os.path.join(BUILD, 'tests', 'run-network')
RUNNER = os.path.join(SOURCE, 'tests', 'onnx-run.js')


def find_runtime():
    """The folder named node_modules that has ONNX Runtime, or None."""
    places = [os.environ.get('CPAC_ONNXRUNTIME', ''), *os.environ.get('NODE_PATH', '').split(':'),
              SOURCE, BUILD]
    for place in places:
        for folder in place, os.path.join(place, 'node_modules'):
            if place and os.path.isdir(os.path.join(folder, 'onnxruntime-node')):
                return os.path.abspath(folder)
    return None


NODE = shutil.which('node')
RUNTIME = find_runtime()


def write_floats(values):
    return struct.pack(f'{len(values)}f', *values)


def read_floats(data):
    return struct.unpack(f'{len(data) // 4}f', data)


def to_yaml(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (list, tuple)):
        return f'[{", ".join(to_yaml(item) for item in value)}]'
    return str(value)


class Net:
    """Layers one by one, each with the weights it needs."""

    def __init__(self, channels, height, width, seed=1):
        self.dims = [1, channels, height, width]
        self.layers, self.weights = [], {}
        self.random = random.Random(seed)

    def tensor(self, name, dims, spread):
        n = math.prod(dims)
        self.weights[name] = (dims, [self.random.uniform(-spread, spread) for _ in range(n)])

    def add(self, kind, name=None, inputs=None, **options):
        name = name or f'L{len(self.layers) + 1}'
        options = {'name': name, 'type': kind, **({'inputs': inputs} if inputs is not None else {}),
                   **{key.replace('_', '-'): value for key, value in options.items()}}
        self.layers.append(', '.join(f'{key}: {to_yaml(value)}' for key, value in options.items()))
        return name

    def conv(self, n_in, filters, kernel, bias=True, **options):
        name = self.add('conv', filters=filters, kernel=kernel, bias=bias, **options)
        self.tensor(f'{name}.weight', [filters, n_in, *kernel], (3 / (n_in * math.prod(kernel))) ** .5)
        if bias:
            self.tensor(f'{name}.bias', [filters], 0.5)
        return name

    def cpac(self, n_in, filters, kernel, rank, bias=True, **options):
        name = self.add('cpac-conv', filters=filters, kernel=kernel, rank=rank, bias=bias, **options)
        for part, n in zip('abcd', (filters, *kernel, n_in)):
            self.tensor(f'{name}.{part}', [n, rank], (3 / n) ** .5)
        if bias:
            self.tensor(f'{name}.bias', [filters], 0.5)
        return name

    def linear(self, n_in, units, bias=True, **options):
        name = self.add('linear', units=units, bias=bias, **options)
        self.tensor(f'{name}.weight', [units, n_in], (3 / n_in) ** .5)
        if bias:
            self.tensor(f'{name}.bias', [units], 0.5)
        return name

    def template(self, channels, height, width):
        name = self.add('template', channels=channels, height=height, width=width)
        self.tensor(f'{name}.weight', [channels, height, width], 2)
        return name

    def join(self, names):
        """The outputs of all these as one vector, the last layer."""
        flat = [self.add('flatten', inputs=[name]) for name in names]
        self.add('concat', inputs=flat)

    def yaml(self, score='{head: none}', mean=0, scale=1):
        _, channels, height, width = self.dims
        layers = ''.join(f'  - {{{layer}}}\n' for layer in self.layers)
        return (f'cpac-model: 1\nname: net\ninput: {{width: {width}, height: {height}, channels: '
                f'{channels}, mean: {[mean] * channels}, scale: {[scale] * channels}}}\n'
                f'weights: {{file: net.safetensors, sha256: SHA256}}\nlayers:\n{layers}'
                f'score: {score}\n')

    def picture(self, low=-2.0, high=2.0):
        return [self.random.uniform(low, high) for _ in range(math.prod(self.dims))]


class OnnxCase(ToolCase):
    runtime_version = None

    def write_net(self, net, **options):
        """Returns the path of the model, in a folder of its own."""
        weights = safetensors(net.weights)
        os.makedirs(self.path('net'), exist_ok=True)
        self.write('net/net.safetensors', weights)
        return self.write('net/net.yaml', net.yaml(**options).replace(
            'SHA256', hashlib.sha256(weights).hexdigest()))

    def run_ours(self, model, picture):
        """What the last layer of the model gives."""
        self.write('in.f32', write_floats(picture))
        self.run_program(RUN_NETWORK, model, self.path('in.f32'), self.path('out.f32'))
        return read_floats(self.read('out.f32'))

    def run_theirs(self, model, dims, picture):
        """The same of an ONNX file by ONNX Runtime."""
        self.write('their-in.f32', write_floats(picture))
        jobs = [{'model': model, 'dims': dims, 'input': self.path('their-in.f32'),
                 'output': self.path('their-out.f32')}]
        self.write('jobs.json', json.dumps(jobs))
        done = subprocess.run([NODE, RUNNER, self.path('jobs.json')], capture_output=True, text=True,
                              timeout=250, env=dict(os.environ, NODE_PATH=RUNTIME))
        self.assertEqual(done.returncode, 0, done.stderr)
        OnnxCase.runtime_version = done.stdout.strip()
        return read_floats(self.read('their-out.f32'))

    def import_back(self, file, *options):
        self.cpac('import', file, '--out', self.path('back'), *options)
        return self.path('back/model.yaml')

    def relative_error(self, found, expected):
        """Largest difference, relative to the largest magnitude expected."""
        self.assertEqual(len(found), len(expected))
        scale = max(abs(value) for value in expected)
        self.assertTrue(math.isfinite(scale) and scale > 0)
        return max(abs(a - b) for a, b in zip(found, expected)) / scale
