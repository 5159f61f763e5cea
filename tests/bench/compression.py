#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What `cpac compress` keeps of trained dense networks.

  resnet8   accuracy on CIFAR-10 pictures against multiply-adds of the 3x3 layers
  top-class SqueezeNet's 3x3 expand layers: agreement of the top class with the dense network
  backbone  SqueezeNet as backbone of a gaussian head on good tiles: AUROC against multiply-adds
  trained   networks trained here, dense: compressed, and the same ranks trained from scratch

Every finished piece of work is a line of JSON in RESULTS/TASK.jsonl and is not done again, so that
an interrupted call goes on where it stopped. Prints the lines.
"""
import argparse
import csv
import json
import os
import random
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRAWS = 2000

# CIFAR pictures stay what they are under these; the rate is divided by ten for fine-tuning.
RESNET8_RECIPE = """train:
  batch: 16
  rate: 0.01
  warm-up: 20
  decay: 0
  average: 0.99
  augment: {flip-horizontal: true, shift: 3}
"""


# ---- Work that is done once ----

class Results:
    def __init__(self, options, task):
        self.folder = options.results
        self.path = os.path.join(options.results, task + '.jsonl')
        self.rows = {}
        if os.path.exists(self.path):
            with open(self.path) as file:
                self.rows = {row['key']: row for row in map(json.loads, file)}

    def once(self, key, work):
        """The row of @key, worked out now if it is not there."""
        if key not in self.rows:
            row = dict(work(), key=key)
            with open(self.path, 'a') as file:
                file.write(json.dumps(row) + '\n')
            self.rows[key] = row
        print(json.dumps(self.rows[key]), flush=True)
        return self.rows[key]

    def model(self, name):
        return os.path.join(self.folder, name, 'model.yaml')


def cpac(options, *words):
    return subprocess.run([options.cpac, *map(str, words)], check=True, stdout=subprocess.PIPE).stdout


def compress(options, results, model, name, *words):
    """The answer, kept beside the model so that it is not made again."""
    out = os.path.join(results.folder, name)
    path = os.path.join(out, 'answer.json')
    if not os.path.exists(path):
        answer = cpac(options, 'compress', model, '--out', out, '--threads', options.threads,
                      '--json', *words)
        with open(path, 'wb') as file:
            file.write(answer)
    with open(path) as file:
        return json.load(file)


def compress_layers(options, results, model, name, ratio, layers, fit, data):
    """The same ranks for every way to fit: those chosen for the first."""
    words = ['--layers', layers, '--data', data, '--pictures', options.pictures]
    best = compress(options, results, model, f'{name}-{ratio:g}x-all', '--macs-ratio', ratio,
                    '--of-layers', *words)
    if fit == 'all':
        return best
    ranks = ','.join(f"{layer['name']}={layer['rank']}" for layer in best['layers'])
    return compress(options, results, model, f'{name}-{ratio:g}x-{fit}', '--ranks', ranks, '--fit', fit,
                    *words)


def summary(answer):
    row = {key: answer[key] for key in ('macs_ratio', 'parameters_ratio', 'layers_macs_ratio')}
    row['layers'] = [{key: layer[key] for key in ('name', 'rank', 'fit', 'degeneracy', 'output_fit_als',
                                                  'output_fit_a', 'output_fit')}
                     for layer in answer['layers']]
    for stage in ('after_als', 'after_fit', 'after_training'):
        if stage in answer:
            row[stage] = {key: value for key, value in answer[stage].items() if value is not None}
    return row


def scores(options, results, model, name, *words):
    path = os.path.join(results.folder, name + '.csv')
    if not os.path.exists(path):
        cpac(options, 'evaluate', model, '--threads', options.threads, '--scores', path, *words)
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


# ---- Statistics ----

def interval(values):
    values = sorted(values)
    return [values[int(0.025 * len(values))], values[int(0.975 * len(values)) - 1]]


def paired(rows, others, figure):
    """The difference @figure (others) - @figure (rows), and its 95 % interval by a bootstrap that
    draws parts, the same ones for both."""
    parts = {}
    for i, row in enumerate(rows):
        parts.setdefault(row['group'] or row['name'], []).append(i)
    parts = [parts[name] for name in sorted(parts)]
    draw, differences = random.Random(1), []
    for _ in range(DRAWS):
        chosen = [i for part in draw.choices(parts, k=len(parts)) for i in part]
        pair = [figure([which[i] for i in chosen]) for which in (rows, others)]
        if None not in pair:
            differences.append(pair[1] - pair[0])
    return figure(others) - figure(rows), interval(differences)


def accuracy(rows):
    return sum(row['class'] == row['label'] for row in rows) / len(rows)


def auroc(rows):
    """None without good parts, or without defects."""
    ordered = sorted(rows, key=lambda row: float(row['score']))
    n_good = sum(row['label'] == 'Free' for row in rows)
    n_bad = len(rows) - n_good
    if n_good == 0 or n_bad == 0:
        return None
    total, i = 0.0, 0
    while i < len(ordered):
        last = i
        while last < len(ordered) and float(ordered[last]['score']) == float(ordered[i]['score']):
            last += 1
        total += (i + last + 1) / 2 * sum(row['label'] != 'Free' for row in ordered[i:last])
        i = last
    return (total - n_bad * (n_bad + 1) / 2) / (n_good * n_bad)


def compare(rows, others, figure):
    difference, bounds = paired(rows, others, figure)
    same = sum(a['class'] == b['class'] and a['verdict'] == b['verdict']
               for a, b in zip(rows, others)) / len(rows)
    return {'dense': figure(rows), 'compressed': figure(others), 'difference': difference,
            'interval': bounds, 'n': len(rows), 'same_decisions': same}


# ---- ResNet-8 on CIFAR-10 pictures ----

def resnet8(options, results):
    model = os.path.join(options.data, 'pretrained', 'resnet8.yaml')
    data = os.path.join(options.data, 'manifests', 'cifar10-pictures.csv')
    recipe = os.path.join(results.folder, 'recipe.yaml')
    with open(recipe, 'w') as file:
        file.write(RESNET8_RECIPE)
    dense = scores(options, results, model, 'resnet8-dense', '--data', data, '--split', 'test')

    def work(ratio, epochs):
        name = f'resnet8-{ratio:g}x-{epochs}'
        answer = compress(options, results, model, name, '--macs-ratio', ratio, '--of-layers',
                          '--data', data, '--split', 'refit', '--pictures', 500, '--epochs', epochs,
                          '--recipe', recipe)
        compressed = scores(options, results, results.model(name), name, '--data', data, '--split',
                            'test')
        return dict(summary(answer), test=compare(dense, compressed, accuracy))

    for ratio in options.ratios or (1.5, 2, 3, 4, 8):
        for epochs in (0, options.epochs):
            results.once(f'{ratio:g}x, {epochs} epochs a layer', lambda: work(ratio, epochs))


# ---- SqueezeNet ----

def expand_layers(last):
    return ','.join(f'fire{i}-expand3' for i in range(2, last + 1))


def mixed_list(options, results):
    """CIFAR pictures and tiles as one unlabelled list: some to fit to, others (val) to measure."""
    path = os.path.join(results.folder, 'mixed.csv')
    splits = {'refit': 'train', 'train': 'train', 'test': 'val', 'dev': 'val'}
    folder = os.path.join(options.data, 'manifests')
    with open(path, 'w', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['path', 'split', 'group'])
        for name in ('cifar10-pictures.csv', 'tile-good-only.csv'):
            with open(os.path.join(folder, name), newline='') as source:
                for row in csv.DictReader(source):
                    if row['split'] in splits:
                        writer.writerow([os.path.abspath(os.path.join(folder, row['path'])),
                                         splits[row['split']], row['group'] or row['path']])
    return path


def top_class(options, results):
    model = os.path.join(options.data, 'pretrained', 'squeezenet.yaml')
    data = mixed_list(options, results)

    def work(ratio, fit):
        return summary(compress_layers(options, results, model, 'squeezenet', ratio, expand_layers(9),
                                       fit, data))

    for ratio in options.ratios or (2, 4):
        for fit in ('all', 'a'):
            results.once(f'{ratio:g}x, fit {fit}', lambda: work(ratio, fit))


def fit_head(options, results, model, name, *words):
    if not os.path.exists(results.model(name)):
        data = os.path.join(options.data, 'manifests', 'tile-good-only.csv')
        cpac(options, 'fit', model, '--data', data, '--layers', 'fire7', '--mode', 'position', '--good',
             'Free', '--threads', options.threads, '--out', os.path.join(results.folder, name), *words)
    return results.model(name)


def backbone(options, results):
    data = os.path.join(options.data, 'manifests', 'tile-good-only.csv')
    size = ['--gray', '--width', 160, '--height', 160, '--standardize', '110,40']
    dense_model = fit_head(options, results,
                           os.path.join(options.data, 'pretrained', 'squeezenet.yaml'),
                           'backbone-dense', *size)

    def judge(model, name):
        return [row for split in ('dev', 'test')
                for row in scores(options, results, model, f'{name}-{split}', '--data', data, '--split',
                                  split)]

    dense = judge(dense_model, 'backbone-dense')

    def work(ratio, fit):
        name = f'backbone-{ratio:g}x-{fit}'
        answer = compress_layers(options, results, dense_model, 'backbone', ratio, expand_layers(7),
                                 fit, data)
        others = judge(fit_head(options, results, results.model(name), name + '-head'), name)
        row = dict(summary(answer), pooled=compare(dense, others, auroc))
        for split in ('dev', 'test'):
            row[split] = compare([one for one in dense if one['split'] == split],
                                 [one for one in others if one['split'] == split], auroc)
        return row

    for ratio in options.ratios or (2, 4, 8):
        for fit in ('all', 'a', 'nothing'):
            results.once(f'{ratio:g}x, fit {fit}', lambda: work(ratio, fit))


# ---- Networks trained here ----

def recipe_of(path, model):
    """The compressed model's shape and recipe, without what was learnt."""
    with open(model) as file:
        text = file.read()
    for section in ('weights', 'golden'):
        text = re.sub(rf'^{section}:.*\n(?:[ #].*\n)*', '', text, flags=re.MULTILINE)
    with open(path, 'w') as file:
        file.write(text)
    return path


def train(options, results, config, name, data):
    if not os.path.exists(results.model(name)):
        cpac(options, 'train', config, '--data', data, '--threads', options.threads, '--out',
             os.path.join(results.folder, name))
    return results.model(name)


def trained(options, results):
    mnist = os.path.join(options.data, 'mnist')
    masks = os.path.join(options.data, 'manifests', 'tile-paper-masks.csv')
    tasks = {
        'mnist-2layer': (os.path.join(mnist, 'train-images-idx3-ubyte.gz'),
                         ['--data', os.path.join(mnist, 't10k-images-idx3-ubyte.gz')], 2),
        'tile-masks-2layer': (masks, ['--data', masks, '--split', 'test'], 10),
    }

    def work(name, ratio):
        data, test, epochs = tasks[name]
        config = os.path.join(TOP, 'config', name + '-dense.yaml')
        dense = train(options, results, config, name + '-dense', data)
        small = f'{name}-{ratio:g}x'
        answer = compress(options, results, dense, small, '--macs-ratio', ratio, '--of-layers', '--data',
                          data, '--epochs', epochs)
        config = recipe_of(os.path.join(results.folder, small + '-scratch.yaml'), results.model(small))
        scratch = train(options, results, config, small + '-scratch', data)
        rows, ours, theirs = [scores(options, results, model, label, *test) for model, label in
                              ((dense, name + '-dense'), (results.model(small), small),
                               (scratch, small + '-scratch'))]
        return dict(summary(answer), test=compare(rows, ours, accuracy),
                    scratch=compare(rows, theirs, accuracy))

    for name in tasks:
        for ratio in options.ratios or (4,):
            results.once(f'{name} {ratio:g}x', lambda: work(name, ratio))


TASKS = {'resnet8': resnet8, 'top-class': top_class, 'backbone': backbone, 'trained': trained}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('--cpac', required=True, help='the tool')
    parser.add_argument('--data', required=True, help='folder with pretrained/, manifests/, mnist/')
    parser.add_argument('--results', required=True, help='folder for models and results')
    parser.add_argument('--ratios', type=float, nargs='+', help='multiply-adds of the layers')
    parser.add_argument('--epochs', type=int, default=20, help='of fine-tuning for each layer (20)')
    parser.add_argument('--pictures', type=int, default=256, help='that are fitted to (256)')
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    os.makedirs(options.results, exist_ok=True)
    TASKS[options.task](options, Results(options, options.task))


if __name__ == '__main__':
    sys.exit(main())
