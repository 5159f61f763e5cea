#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes corpus/weights/: safetensors files, whole and damaged, written without the C code."""
import json
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / 'corpus' / 'weights'


def tensor(dtype, shape, begin, end):
    return {'dtype': dtype, 'shape': shape, 'data_offsets': [begin, end]}


def write(name, header, data):
    if not isinstance(header, bytes):
        header = json.dumps(header, separators=(',', ':')).encode()
    (FOLDER / name).write_bytes(struct.pack('<Q', len(header)) + header + data)


FOLDER.mkdir(parents=True, exist_ok=True)
floats = struct.pack('<6f', 0.0, -0.0, 1.5, 1e-42, 3.4e38, -7)
halves = struct.pack('<4H', 0x0001, 0x8000, 0x3c00, 0xfbff)

write('empty', {}, b'')
write('f32', {'conv1.a': tensor('F32', [2, 3], 0, 24)}, floats)
write('two', {'__metadata__': {'format': 'pt'}, 'b': tensor('F32', [1, 2, 1, 1], 24, 32),
              'a': tensor('F32', [3, 2], 0, 24)}, floats + floats[:8])
write('halves', {'h': tensor('F16', [4], 0, 8), 'k': tensor('BF16', [2, 2], 8, 16),
                 's': tensor('F32', [], 16, 20), 'none': tensor('F32', [0, 5], 20, 20)},
      halves + bytes.fromhex('0100803f80bf7f7f') + floats[8:12])
write('escapes', b'{"\\u00e4\\ud83d\\ude00\\n":{"shape":[1],"dtype":"F32","data_offsets":[0,4]}}   ',
      floats[8:12])
write('nan', {'x': tensor('F32', [2], 0, 8)}, floats[:4] + struct.pack('<I', 0x7fc00000))
write('statistics', {'a.weight': tensor('F32', [2], 0, 8), 'score.mean': tensor('F32', [1], 8, 12),
                     'score.whitening': tensor('F32', [1, 1, 1], 12, 16),
                     'score.channels': tensor('F16', [1], 16, 18)},
      floats[:16] + halves[4:6])
write('gap', {'x': tensor('F32', [1], 0, 4), 'y': tensor('F32', [1], 8, 12)}, floats[:12])
write('overlap', {'x': tensor('F32', [2], 0, 8), 'y': tensor('F32', [2], 4, 12)}, floats[:12])
write('huge', {'x': tensor('F32', [1 << 40, 1 << 40], 0, 24)}, floats)
write('twice', b'{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
               b'"\\u0078":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', floats[:4])
write('deep', b'{"x":' + b'[' * 200 + b']' * 200 + b'}', b'')
(FOLDER / 'long-header').write_bytes(struct.pack('<Q', 1 << 63) + b'{}')
