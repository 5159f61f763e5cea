#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How well explanations point at defects, beside the magnitude of the gradient |dS/dx|.

For every defect of a list that has a mask: the share of what speaks for the score that lies on the
mask, and the pointing game, how often the largest cell lies there. Both maps are measured on the
same cells; the mask is grown by --grow pixels of the network's input; its area is what a map that
knows nothing would score. Prints Markdown, with 95 % bootstrap intervals over groups: pictures of
one part are not independent.
"""
import argparse
import json
import random
import subprocess
import sys

N_DRAWS = 2000
COLUMNS = (('mask_area', 'area of the mask'), ('mass_inside', 'mass inside'),
           ('baseline_mass_inside', 'gradient: inside'), ('hit', 'hits'),
           ('baseline_hit', 'gradient: hits'))


def explain(options):
    words = [options.cpac, 'explain', options.model, '--data', options.data, '--baseline',
             'gradient', '--grow', str(options.grow), '--threads', str(options.threads), '--json']
    if options.split:
        words += ['--split', options.split]
    if options.layer:
        words += ['--layer', options.layer]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)


def mean(pictures, key):
    """A map without a positive value has no mass on the defect."""
    return sum(picture[key] or 0 for picture in pictures) / len(pictures)


def interval(pictures, key, seed):
    """Of the mean, drawing whole groups."""
    groups = {}
    for picture in pictures:
        groups.setdefault(picture['group'], []).append(picture)
    names, draw, means = list(groups), random.Random(seed), []
    for _ in range(N_DRAWS):
        drawn = [one for name in draw.choices(names, k=len(names)) for one in groups[name]]
        means.append(mean(drawn, key))
    means.sort()
    return means[N_DRAWS // 40], means[N_DRAWS - 1 - N_DRAWS // 40]


def row(name, pictures, seed):
    cells = [name, str(len(pictures)), str(len({one['group'] for one in pictures}))]
    for key, _ in COLUMNS:
        text = f'{100 * mean(pictures, key):.1f}'
        if key != 'mask_area':
            low, high = interval(pictures, key, seed)
            text += f' [{100 * low:.0f}, {100 * high:.0f}]'
        cells.append(text)
    return '| ' + ' | '.join(cells) + ' |'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cpac')
    parser.add_argument('model')
    parser.add_argument('data', help='a manifest with masks')
    parser.add_argument('--split', help='only the rows of this split')
    parser.add_argument('--layer', help="to explain at (the tool's default)")
    parser.add_argument('--grow', type=int, default=8,
                        help="of the masks, pixels of the network's input (%(default)s)")
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--seed', type=int, default=1, help='of the bootstrap')
    options = parser.parse_args()

    answer = explain(options)
    masked = [one for one in answer['pictures'] if 'mass_inside' in one]
    if not masked:
        sys.exit(f'{options.data}: no picture with a mask')
    print(f'{answer["name"]}, layer {answer["layer"]}, split {options.split or "all"}, masks grown '
          f'by {options.grow} pixels of the input; largest identity error '
          f'{answer["identity_error"]:.2g}; all in %\n')
    print('| defect | pictures | groups |', ' | '.join(title for _, title in COLUMNS), '|')
    print('|---|' + '---|' * (2 + len(COLUMNS)))
    for label in sorted({one['label'] for one in masked}):
        print(row(label, [one for one in masked if one['label'] == label], options.seed))
    print(row('all', masked, options.seed))
    rejected = [one for one in masked if one['verdict'] == 'not-ok']
    if rejected:
        print(row('all, rejected', rejected, options.seed))


if __name__ == '__main__':
    main()
