#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes config/sample-metal.yaml and .safetensors: a network whose filters are formulas.

    make-sample-model.py FOLDER            write both files into FOLDER
    make-sample-model.py --check FOLDER    exit status 1 unless FOLDER holds exactly these files

Nothing here is trained. Brushing runs along x, so whatever the brush left changes slowly along x,
and so do the plate's upper and lower borders: filters that look only at changes along x see through
both. The left and right borders, where those filters would fire, are looked at by one that needs a
change along x and along y at once. All filters are products of a column and a row of taps, that is
CPAC kernels of one component each, and every component serves two filters: itself for bright
defects, its negative for dark ones.

Taps are rounded to 1/65536, so the bytes do not hang on the last digit of exp().
"""
import hashlib
import json
import math
import os
import struct
import sys

INPUT = 192
CROP = 17     # a one-hot kernel this long takes 8 pixels off both ends
WINDOW = 33   # of the local contrast
EPSILON = 0.003
CELL = 4

# Measured on good frames of the embedded sample (CPAC_FOOTAGE_SPEC_INIT) with seed 100: responses
# that brushing, borders and noise reach in few of a frame's pixels (two and a half times the spread
# of the first path; the second path reaches 0.3 somewhere in one frame of a hundred).
ALONG_FLOOR = 0.05
BORDER_FLOOR = 0.25
# Logit 0 where the mean evidence of 3x3 cells is 1/200.
GAIN = 200.0
OFFSET = -1.0

# Scores of 1,000 good frames of seed 101, which served nothing else: median, 99th percentile and
# largest. That no frame of 1,000 is above the threshold promises a false-reject rate below 0.3 % at
# a confidence of 95 % (0.997 ^ 1000 = 0.05).
MEDIAN = -0.62
WARN_THRESHOLD = -0.05
THRESHOLD = 0.2

# What cpac_golden_compute() answers for seed 1: 13 outputs, a number that does not divide the map's
# width, as column 0 of the map is all padding.
GOLDEN = [-1, 33.8921318, 43.9500542, 32.7468071, 52.279911, 48.6910896, 38.8293076, 25.0410957,
          30.7688637, 55.3129616, 47.9517403, 50.919651, 62.0037117]


def rounded(taps, total):
    """Taps in 1/65536; the middle one takes the error, so that they sum to total exactly."""
    steps = [round(65536 * v) for v in taps]
    steps[len(steps) // 2] += round(65536 * total) - sum(steps)
    return [v / 65536 for v in steps]


def bell(n, sigma):
    return [math.exp(-((i - n // 2) ** 2) / (2 * sigma * sigma)) for i in range(n)]


def smooth(n, sigma):
    """Gaussian; taps sum to 1."""
    g = bell(n, sigma)
    return rounded([v / sum(g) for v in g], 1)


def slope(n, sigma):
    """First derivative of a Gaussian; taps sum to 0, their magnitudes to 1."""
    k = [(i - n // 2) * g for i, g in enumerate(bell(n, sigma))]
    return rounded([v / sum(map(abs, k)) for v in k], 0)


def ridge(n, sigma):
    """Minus the second derivative of a Gaussian; taps sum to 0, their magnitudes to 1."""
    g = bell(n, sigma)
    k = [(1 - ((i - n // 2) / sigma) ** 2) * v for i, v in enumerate(g)]
    mean = sum(k) / sum(g)
    k = [v - mean * w for v, w in zip(k, g)]
    return rounded([v / sum(map(abs, k)) for v in k], 0)


def one_hot(n):
    return [1.0 if i == n // 2 else 0.0 for i in range(n)]


def factor(columns):
    """(size, rank) from one list a component."""
    return [list(row) for row in zip(*columns)]


def both_signs(rank):
    """(2 rank, rank): every component as it is, then negated."""
    return [[sign if s == r else 0.0 for s in range(rank)] for r in range(rank) for sign in (1.0, -1.0)]


def crop(taps_y, taps_x):
    return {'a': [[1.0]], 'b': factor([taps_y]), 'c': factor([taps_x]), 'd': [[1.0]]}


def bank(components, floor):
    rank = len(components)
    return {'a': both_signs(rank), 'b': factor([y for y, _ in components]),
            'c': factor([x for _, x in components]), 'd': [[1.0] * rank],
            'bias': [-floor] * (2 * rank)}


def logit(channels, offset):
    weights = {'a': [[GAIN]], 'b': [[1.0]], 'c': [[1.0]], 'd': [[1.0]] * channels}
    if offset is not None:
        weights['bias'] = [offset]
    return weights


WEIGHTS = {
    'along-crop': crop([1.0], one_hot(CROP)),
    'along-bank': bank([(smooth(9, 1.2), ridge(9, 1.2)), (smooth(9, 1.8), ridge(9, 1.8))],
                       ALONG_FLOOR),
    'along-logit': logit(4, OFFSET),
    'border-crop': crop(one_hot(CROP), [1.0]),
    'border-bank': bank([(slope(17, 4.0), slope(9, 2.4))], BORDER_FLOOR),
    'border-logit': logit(2, None),
}

YAML = f"""\
# A model for the embedded sample: plates of brushed metal, some of them scratched, pitted, stained
# or chipped. It is written by tests/data/make-sample-model.py, which computes every filter from a
# formula; nothing was trained. Read it as an example of the format.
cpac-model: 1
name: sample-metal

# Frames of any size and format come to the network as {INPUT}x{INPUT} gray values x = (u8 - mean) / scale.
# Filters and thresholds suit metal whose brushing is as fine as in the sample's 256x256 frames;
# another camera needs a calibration of its own.
input:
  width: {INPUT}
  height: {INPUT}
  channels: 1            # 1 gray, 3 RGB
  mean: [127.5]
  scale: [127.5]
  resize: area           # area | bilinear | nearest

# Factors lie beside this file; sha256 is checked before they are used.
weights:
  file: sample-metal.safetensors
  sha256: @SHA256@

# A layer takes the one above it unless `inputs` names others; `input` is the frame. A cpac-conv
# layer's kernel is never built: K[n,s,y,x] = sum over rank of a[n,r] b[y,r] c[x,r] d[s,r].
layers:
  # First path: changes along x. The brush's streaks run along x and hardly change that way; neither
  # do the plate's upper and lower borders. The left and right borders do, so a one-hot kernel takes
  # 8 columns off both sides.
  - {{name: along-crop, type: cpac-conv, filters: 1, kernel: [1, {CROP}], rank: 1, padding: valid, bias: false}}
  # (x - mean) / sqrt(variance + epsilon) over a {WINDOW}x{WINDOW} window: drifting light and shading end here.
  - {{name: along-contrast, type: local-contrast, window: {WINDOW}, epsilon: {EPSILON}}}
  # Second derivative along x at two scales, smoothed along y: two components, four filters, as each
  # component is used with both signs. The negative bias is the response that good metal reaches.
  - {{name: along-bank, type: cpac-conv, filters: 4, kernel: [9, 9], rank: 2, padding: valid}}
  - {{name: along-evidence, type: relu}}
  - {{name: along-cells, type: average-pool, size: {CELL}}}
  # Sum of the four kinds of evidence. Padding puts back what crop and bank took off, in cells of 4
  # pixels, so that the map covers the whole frame; there is no evidence in the padding.
  - {{name: along-logit, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 1, padding: [1, 3, 1, 3]}}

  # Second path: chips out of the left and right borders. A change along y of a change along x is
  # nothing on a straight border, upright or level, and little on streaks. The plate's corners would
  # show, so 8 rows are taken off at top and bottom.
  - {{name: border-crop, type: cpac-conv, inputs: [input], filters: 1, kernel: [{CROP}, 1], rank: 1, padding: valid, bias: false}}
  - {{name: border-contrast, type: local-contrast, window: {WINDOW}, epsilon: {EPSILON}}}
  - {{name: border-bank, type: cpac-conv, filters: 2, kernel: [17, 9], rank: 1, padding: valid}}
  - {{name: border-evidence, type: relu}}
  - {{name: border-cells, type: average-pool, size: {CELL}}}
  - {{name: border-logit, type: cpac-conv, filters: 1, kernel: [1, 1], rank: 1, padding: [4, 1, 4, 1], bias: false}}

  - {{name: logit, type: add, inputs: [along-logit, border-logit]}}

# The last layer is a map of raw logits; the score is the largest mean of 3x3 of its cells.
# ok: score <= warn-threshold; not-decidable: up to threshold; not-ok: above it.
# warn-threshold is the 99th percentile of the scores of 1,000 good frames (default footage, seed 101,
# no defects) that served nothing else, threshold the largest of them. `cpac calibrate` sets both
# from your own good parts.
score:
  head: map
  good: [good]           # the labels of a data set that mean a good part
  threshold: {THRESHOLD}
  warn-threshold: {WARN_THRESHOLD}
  range: [{MEDIAN}, {round(2 * THRESHOLD - MEDIAN, 6)}]    # of the heat map: the threshold is its middle

# What the network answers to an input drawn from a seed: a machine on which it answers something
# else says so before the first verdict.
golden:
  seed: 1
  tolerance: 0.0001
  expected: [{', '.join(map(str, GOLDEN))}]
"""


def flatten(value):
    return [value] if not isinstance(value, list) else [v for item in value for v in flatten(item)]


def shape(value):
    return [len(value)] + shape(value[0]) if isinstance(value, list) else []


def safetensors(weights):
    header, data = {}, b''
    for layer, tensors in weights.items():
        for name, value in tensors.items():
            numbers = flatten(value)
            start = len(data)
            data += struct.pack(f'<{len(numbers)}f', *numbers)
            header[f'{layer}.{name}'] = {'dtype': 'F32', 'shape': shape(value),
                                         'data_offsets': [start, len(data)]}
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + data


def files():
    weights = safetensors(WEIGHTS)
    yaml = YAML.replace('@SHA256@', hashlib.sha256(weights).hexdigest())
    return {'sample-metal.yaml': yaml.encode(), 'sample-metal.safetensors': weights}


def check(folder):
    for name, wanted in files().items():
        with open(os.path.join(folder, name), 'rb') as f:
            if f.read() != wanted:
                print(f'{name} is not what make-sample-model.py writes', file=sys.stderr)
                return 1
    return 0


def write(folder):
    for name, content in files().items():
        path = os.path.join(folder, name)
        with open(path + '.new', 'wb') as f:
            f.write(content)
        os.replace(path + '.new', path)
    return 0


def main(args):
    if len(args) == 2 and args[0] == '--check':
        return check(args[1])
    if len(args) == 1 and not args[0].startswith('-'):
        return write(args[0])
    print(__doc__.split('\n\n')[1], file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
