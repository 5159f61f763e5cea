# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes ONNX files byte by byte, without the C code and without a library: protobuf by hand. Every
function returns the bytes of one message; fields that are not given are left out."""
import struct

FLOAT, INT32, INT64, FLOAT16, DOUBLE = 1, 6, 7, 10, 11


def varint(n):
    n &= (1 << 64) - 1  # negative ones take ten bytes
    out = b''
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    """A text, bytes or message."""
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def count(dims):
    n = 1
    for dim in dims:
        n *= dim
    return n


def tensor(name, dims, values, kind='raw', entries=None):
    """TensorProto. kind: raw, floats, half, half-typed, int64, int64-typed, int32; external: the
    location, offset and length are @entries."""
    head = b''.join(number(1, dim) for dim in dims) + (block(8, name) if name else b'')
    if kind == 'raw':
        return head + number(2, FLOAT) + block(9, struct.pack(f'<{len(values)}f', *values))
    if kind == 'floats':
        return head + number(2, FLOAT) + block(4, struct.pack(f'<{len(values)}f', *values))
    if kind == 'half':
        return head + number(2, FLOAT16) + block(9, struct.pack(f'<{len(values)}e', *values))
    if kind == 'half-typed':
        words = struct.unpack(f'<{len(values)}H', struct.pack(f'<{len(values)}e', *values))
        return head + number(2, FLOAT16) + block(5, b''.join(varint(word) for word in words))
    if kind == 'int64':
        return head + number(2, INT64) + block(9, struct.pack(f'<{len(values)}q', *values))
    if kind == 'int64-typed':
        return head + number(2, INT64) + block(7, b''.join(varint(value) for value in values))
    if kind == 'int32':
        return head + number(2, INT32) + block(5, b''.join(varint(value) for value in values))
    assert kind == 'external'
    return (head + number(2, FLOAT) + number(14, 1)
            + b''.join(block(13, block(1, key) + block(2, value)) for key, value in entries.items()))


def attribute(name, value):
    """AttributeProto of an int, float, str, list of ints, or a tensor's bytes."""
    head = block(1, name)
    if isinstance(value, bytes):
        return head + block(5, value) + number(20, 4)
    if isinstance(value, int):
        return head + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return head + varint(2 << 3 | 5) + struct.pack('<f', value) + number(20, 1)
    if isinstance(value, str):
        return head + block(4, value) + number(20, 3)
    return head + b''.join(number(8, item) for item in value) + number(20, 7)


def node(op, inputs, outputs, name='', domain='', **attributes):
    """NodeProto; inputs and outputs are words separated by blanks, '-' an input left out."""
    return (b''.join(block(1, '' if word == '-' else word) for word in inputs.split())
            + b''.join(block(2, word) for word in outputs.split())
            + (block(3, name) if name else b'') + block(4, op)
            + b''.join(block(5, attribute(key, value)) for key, value in attributes.items())
            + (block(7, domain) if domain else b''))


def constant(output, dims, values, kind='raw'):
    return node('Constant', '', output, value=tensor('', dims, values, kind))


def value_info(name, dims, kind=FLOAT):
    """ValueInfoProto; a text among the dims names one that is left open."""
    shape = b''.join(block(1, block(2, dim) if isinstance(dim, str) else number(1, dim))
                     for dim in dims)
    return block(1, name) + block(2, block(1, number(1, kind) + block(2, shape)))


def model(nodes, inputs, outputs, initializers=(), opset=13, ir=7, metadata=None, name='test'):
    """ModelProto. inputs: {name: dims}, the rest of the shapes is not told; outputs: names, or the
    same with dims."""
    graph = b''.join(block(1, item) for item in nodes) + block(2, name)
    graph += b''.join(block(5, item) for item in initializers)
    graph += b''.join(block(11, value_info(*item)) for item in inputs.items())
    for output in outputs:
        known = isinstance(outputs, dict)
        graph += block(12, value_info(output, outputs[output]) if known else block(1, output))
    return (number(1, ir) + block(2, 'by hand') + block(7, graph)
            + block(8, block(1, '') + number(2, opset))
            + b''.join(block(14, block(1, key) + block(2, value))
                       for key, value in (metadata or {}).items()))
