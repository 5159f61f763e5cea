# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the tool and of the scripts share: running, small models, places."""
import ast
import hashlib
import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get('CPAC_BUILD', os.path.join(SOURCE, 'build'))
DATA = os.environ.get('CPAC_TEST_DATA', os.path.join(SOURCE, '..', 'shared', 'data'))
TOOL = os.path.join(BUILD, 'pipelines', 'cpac')
SAMPLE = os.path.join(SOURCE, 'config', 'sample-metal.yaml')

# A program that is not instrumented cannot load a plugin that is.
needs_plain_plugin = unittest.skipIf(os.environ.get('CPAC_TEST_SANITIZED'),
                                     'gst-launch-1.0 cannot load an instrumented plugin')


def needs_data(path):
    """Skips a case where the folder of real data has no such file."""
    return unittest.skipUnless(os.path.exists(os.path.join(DATA, path)),
                               f'CPAC_TEST_DATA has no {path}')


def gst_environment(plugin_folder=None, registry=None):
    """The environment in which GStreamer sees one build of the plugin and no other."""
    return dict(os.environ,
                GST_PLUGIN_PATH_1_0=plugin_folder or os.path.join(BUILD, 'plugin'),
                GST_REGISTRY_1_0=registry or os.path.join(BUILD, 'tests', 'registry.dat'))


def safetensors(tensors):
    """The file's bytes: tensors = {name: (dims, values)}, all F32."""
    header, data = {}, b''
    for name, (dims, values) in tensors.items():
        block = struct.pack(f'<{len(values)}f', *values)
        header[name] = {'dtype': 'F32', 'shape': dims, 'data_offsets': [len(data), len(data) + len(block)]}
        data += block
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + data


def png(width, height, pixels):
    """An 8-bit PNG: gray, or RGB where there are three times as many bytes."""
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', crc)

    row = len(pixels) // height
    rows = b''.join(b'\0' + bytes(pixels[y * row:(y + 1) * row]) for y in range(height))
    colour = 2 if row == 3 * width else 0
    return (b'\x89PNG\r\n\x1a\n'
            + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, colour, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def read_npy(path):
    """An array of npy version 1 in C order: its dims, and its values in one tuple."""
    with open(path, 'rb') as file:
        data = file.read()
    length = struct.unpack('<H', data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert not header['fortran_order']
    code = {'<f4': 'f', '<f8': 'd', '|u1': 'B'}[header['descr']]
    return list(header['shape']), struct.unpack(f'<{math.prod(header["shape"])}{code}',
                                                data[10 + length:])


# One CPAC layer whose kernel is a 3x3 mean, then a map of one channel: the score of a picture is
# easily told by hand.
TINY = '''cpac-model: 1
name: tiny
input: {width: 8, height: 8, channels: 1, mean: [0], scale: [255]}
weights: {file: tiny.safetensors, sha256: SHA256}
layers:
  - {name: mean, type: cpac-conv, filters: 1, kernel: [3, 3], rank: 1, padding: valid}
score: {head: map, good: [good], threshold: 0.5, warn-threshold: 0.25}
'''
TINY_WEIGHTS = {
    'mean.a': ([1, 1], [1.0]),
    'mean.b': ([3, 1], [1 / 3] * 3),
    'mean.c': ([3, 1], [1 / 3] * 3),
    'mean.d': ([1, 1], [1.0]),
    'mean.bias': ([1], [0.0]),
}


class ToolCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='cpac-test-')
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        mode = 'wb' if isinstance(content, bytes) else 'w'
        with open(self.path(name), mode) as file:
            file.write(content)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def write_model(self, yaml=TINY, weights=TINY_WEIGHTS):
        """tiny.yaml with its weights beside it; weights: bytes, or tensors. Returns its path."""
        if not isinstance(weights, bytes):
            weights = safetensors(weights)
        self.write('tiny.safetensors', weights)
        return self.write('tiny.yaml', yaml.replace('SHA256', hashlib.sha256(weights).hexdigest()))

    def run_program(self, *words, env=None, status=0):
        done = subprocess.run(words, cwd=self.folder, env=env, capture_output=True, text=True,
                              timeout=250, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status,
                         f'{" ".join(words)}\n{done.stdout}{done.stderr}')
        return done

    def cpac(self, *words, status=0, env=None):
        return self.run_program(TOOL, *words, status=status, env=env)

    def cpac_json(self, *words, status=0, env=None):
        """--json: one object on stdout and nothing else there."""
        return json.loads(self.cpac(*words, '--json', status=status, env=env).stdout)

    def assert_refused(self, sentence, *words, env=None):
        """Exit status 2, exactly this sentence on stderr, nothing on stdout. DIR in the sentence
        stands for the test's folder."""
        done = self.cpac(*words, status=2, env=env)
        self.assertEqual(done.stdout, '')
        self.assertEqual(done.stderr, f'cpac {words[0]}: {sentence}\n'.replace('DIR', self.folder))

    def footage(self, name='footage', parts=6, seed=3, size='64x48', rate='0.5'):
        """Returns the pattern of the frames; list.csv lies beside them."""
        self.cpac('footage', '--out', self.path(name), '--parts', str(parts), '--seed', str(seed),
                  '--size', size, '--defect-rate', rate)
        return os.path.join(self.path(name), 'frame-%05d.png')
