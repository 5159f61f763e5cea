#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws README's pictures of what `cpac inspect`, `cpac explain` and `cpac prune` say of the model
that pipelines/quickstart.sh has trained; run that first. Takes some minutes, for the curves.

    make-readme-pictures.py FRAME      pipelines/significance.svg, explanation.svg of that frame of
                                       the quick start's clip (5 is a scratch), pruning.svg

The curves are measured on 300 plates of a seed that nothing else uses, half of them damaged.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BUILD = os.environ.get('CPAC_BUILD', os.path.join(TOP, 'build'))
SAMPLE = os.path.join(BUILD, 'sample')
MODEL = os.path.join(SAMPLE, 'model', 'model.yaml')
LEARNT = os.path.join(SAMPLE, 'learn', 'list.csv')
LAYER = 'conv2'   # early enough to see shapes, late enough to see further than a pixel

SIDE, GAP, LINE = 224, 16, 18
INK, GRAY = '#222222', '#767676'


def picture(name):
    return os.path.join(TOP, 'pipelines', name + '.svg')


def cpac(*words):
    return subprocess.run([os.path.join(BUILD, 'pipelines', 'cpac'), *words], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def draw_significance():
    cpac('inspect', MODEL, '--data', LEARNT, '--svg', picture('significance'))


def draw_pruning(folder):
    judge = os.path.join(folder, 'judge')
    cpac('footage', '--out', judge, '--surface', 'metal', '--size', '128x128', '--parts', '300',
         '--defect-rate', '0.5', '--seed', '7')
    curve = os.path.join(folder, 'pruning.csv')
    print(cpac('prune', MODEL, '--keep', '0.5', '--data', LEARNT, '--out',
               os.path.join(folder, 'pruned'), '--curve', curve, '--curve-data',
               os.path.join(judge, 'list.csv')))
    os.replace(os.path.join(folder, 'pruning.svg'), picture('pruning'))


def tile(column, row, path, title, detail):
    """A picture under two lines of text."""
    x, y = GAP + column * (SIDE + GAP), row * (SIDE + GAP + 2 * LINE) + GAP
    with open(path, 'rb') as file:
        data = base64.b64encode(file.read()).decode()
    return (f'<text x="{x}" y="{y + LINE - 5}" fill="{INK}">{title}</text>\n'
            f'<text x="{x}" y="{y + 2 * LINE - 6}" fill="{GRAY}">{detail}</text>\n'
            f'<image x="{x}" y="{y + 2 * LINE}" width="{SIDE}" height="{SIDE}" '
            f'href="data:image/png;base64,{data}"/>\n')


def draw_explanation(folder, frame):
    found = os.path.join(folder, 'explanation')
    seen = os.path.join(SAMPLE, 'frames', f'frame-{frame:05}.png')
    answer = json.loads(cpac('explain', MODEL, seen, '--layer', LAYER, '--out', found, '--json'))
    first = answer['components']
    parts = len(first), answer['n_components'] - len(first)
    tiles = [
        tile(0, 0, seen, f'Frame {frame}', f'score {answer["score"]:.2f}, {answer["verdict"]}'),
        tile(1, 0, os.path.join(SAMPLE, 'heatmaps', f'heatmap-{frame:05}.png'), 'Heat map',
             f'mid-gray: the threshold, {answer["threshold"]:.2f}'),
        tile(2, 0, os.path.join(found, answer['overlay']),
             f'All {sum(parts)} components of {LAYER}',
             f'{answer["explained"] - answer["bias_part"]:+.2f}, biases '
             f'{answer["bias_part"]:+.2f}'),
    ]
    for column, part in enumerate(first):
        tiles.append(tile(column, 1, os.path.join(found, part['map']),
                          f'Component {part["index"]}',
                          f'{part["contribution"]:+.2f}, {100 * part["share"]:.0f} % of all'))
    width, height = 3 * (SIDE + GAP) + GAP, 2 * (SIDE + GAP + 2 * LINE) + GAP
    with open(picture('explanation'), 'w', encoding='utf-8') as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                   'font-family="sans-serif" font-size="13">\n'
                   f'<rect width="{width}" height="{height}" fill="white"/>\n'
                   + ''.join(tiles) + '</svg>\n')


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        draw_significance()
        draw_explanation(folder, int(sys.argv[1]))
        draw_pruning(folder)


main()
