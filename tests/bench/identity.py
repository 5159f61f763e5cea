#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How exactly explanations sum to what they explain, over real pictures, for every head.

The classifier is the published MNIST network; the others are made of one map model: its own head,
gaussians fitted to the good pictures of split train, and combined heads. Explained is the default
layer, or with --all-layers every one that can be. Prints Markdown; exit status 1 when an identity error, |S - B - sum C| /
max(|S|, |B| + sum |C|), is above --wish, or a map's S is that far from the score.
"""
import argparse
import hashlib
import json
import os
import re
import struct
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMBINED = """score:
  head: combined
  good: [good, Free, ok]
  threshold: 1
  parts:
    - {{head: map, layer: {map_layer}, anchors: [0, 4]}}
    - {{head: gaussian, layers: [{features}], mode: texture, anchors: [1, {high}]}}
"""


def run(options, *words):
    return subprocess.run([options.cpac, *words], check=True, stdout=subprocess.PIPE).stdout


def cpac_layers(options, model):
    return [one['name'] for one in json.loads(run(options, 'inspect', model, '--json'))['layers']
            if one['type'] == 'cpac-conv']


def explain(options, model, data, layer):
    """The answer, or None where the layer cannot be explained."""
    words = [options.cpac, 'explain', model, '--data', data, '--threads', str(options.threads),
             '--json', *(['--layer', layer] if layer else [])]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode == 2 and ('piecewise' in done.stderr or 'depend' in done.stderr):
        return None
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def distance(picture):
    """How far S is from the score of head map, where they are the same number."""
    return abs(picture['explained'] - picture['score']) / max(1, abs(picture['score']))


def fit(options, mode):
    out = os.path.join(options.results, mode)
    run(options, 'fit', options.model, '--data', options.data, '--out', out, '--layers',
        options.features, '--mode', mode, '--threads', str(options.threads), '--json')
    return os.path.join(out, 'model.yaml')


def read_tensors(path):
    """{name: (description, bytes)} of a safetensors file."""
    with open(path, 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        data = file.read()
    header.pop('__metadata__', None)
    return {name: (one, data[slice(*one['data_offsets'])]) for name, one in header.items()}


def write_tensors(path, tensors):
    header, data = {}, b''
    for name, (one, block) in tensors.items():
        header[name] = dict(one, data_offsets=[len(data), len(data) + len(block)])
        data += block
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    whole = struct.pack('<Q', len(text)) + text + data
    with open(path, 'wb') as file:
        file.write(whole)
    return hashlib.sha256(whole).hexdigest()


def without(text, *sections):
    for section in sections:
        text = re.sub(rf'^{section}:.*\n(?:[ #].*\n|\n)*', '', text, flags=re.M)
    return text


def combine(options, texture, high):
    """The map and the texture gaussian as one, with anchors that let one or the other decide."""
    layers = json.loads(run(options, 'inspect', options.model, '--json'))['layers']
    name = os.path.join(options.results, f'combined-{high}')
    beside = [os.path.join(os.path.dirname(path), 'model.safetensors')
              for path in (options.model, texture)]
    sha256 = write_tensors(name + '.safetensors', {**read_tensors(beside[0]),
                                                   **read_tensors(beside[1])})
    with open(options.model) as file:
        text = without(file.read(), 'score', 'train', 'weights', 'golden')
    with open(name + '.yaml', 'w') as file:
        file.write(text + COMBINED.format(map_layer=layers[-1]['name'], features=options.features,
                                          high=high)
                   + f'weights: {{file: combined-{high}.safetensors, sha256: {sha256}}}\n')
    return name + '.yaml'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cpac')
    parser.add_argument('results', help='folder for fitted models')
    parser.add_argument('model', help='of head map, trained on the tiles: label Free is good')
    parser.add_argument('features', help='layer of it that the gaussians look at')
    parser.add_argument('--pictures', default=os.path.join(TOP, '..', 'shared', 'data'),
                        help='folder of real data (%(default)s)')
    parser.add_argument('--heads', default='', help='only heads whose name holds this')
    parser.add_argument('--all-layers', action='store_true')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--wish', type=float, default=1e-6)
    options = parser.parse_args()

    os.makedirs(options.results, exist_ok=True)
    options.data = os.path.join(options.pictures, 'manifests', 'tile-good-only.csv')
    rows = [('classifier', os.path.join(options.pictures, 'reference-vectors', 'mnist.yaml'),
             os.path.join(options.pictures, 'mnist', 't10k-images-idx3-ubyte.gz')),
            ('map', options.model, options.data)]
    for mode in ('texture', 'position-mean', 'position'):
        rows.append((f'gaussian, {mode}', fit(options, mode), options.data))
    for high in (2, 100):
        rows.append((f'combined, gaussian to {high}', combine(options, rows[2][1], high),
                     options.data))
    print('| head | layer | pictures | explained | largest identity error | largest distance of S '
          'from the score |\n|---|---|---|---|---|---|', flush=True)
    fine = True
    for head, model, data in (row for row in rows if options.heads in row[0]):
        for layer in cpac_layers(options, model) if options.all_layers else [None]:
            answer = explain(options, model, data, layer)
            if answer is None:
                continue
            kinds = sorted({one['explained_quantity'] for one in answer['pictures']})
            away = [distance(one) for one in answer['pictures'] if head == 'map']
            print(f'| {head} | {answer["layer"]} | {answer["n"]} | {", ".join(kinds)} | '
                  f'{answer["identity_error"]:.2g} | {f"{max(away):.2g}" if away else "-"} |',
                  flush=True)
            fine = fine and max([answer['identity_error'], *away]) <= options.wish
    sys.exit(0 if fine else 1)


if __name__ == '__main__':
    main()
