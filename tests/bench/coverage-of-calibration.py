# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether `cpac calibrate` keeps its promises on parts it has not seen.

For each seed: good parts of generated footage calibrate the sample model, as many others are scored
and counted. Exit status 1 when the counts are not those that theory says.

usage: coverage-of-calibration.py CPAC MODEL [--seeds 20] [--parts 1000] [--wishes 0.01,0.05]
"""
import argparse
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

# Of each of the three checks below: a sound calibration fails one of them once in 1,000 runs.
LEAST_PROBABILITY = 1e-3


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def rejects_pmf(n_parts, k, n_unseen):
    """Of n_unseen parts so many are above the k-th largest of n_parts: beta-binomial."""
    a, b = k, n_parts + 1 - k
    return [math.exp(math.lgamma(n_unseen + 1) - math.lgamma(x + 1) - math.lgamma(n_unseen - x + 1)
                     + log_beta(x + a, n_unseen - x + b) - log_beta(a, b))
            for x in range(n_unseen + 1)]


def binomial_tail(n, p, least):
    """P (X >= least) of Binomial (n, p)."""
    return sum(math.comb(n, x) * p ** x * (1 - p) ** (n - x) for x in range(least, n + 1))


def lower_bound(x, n):
    """Clopper-Pearson, one-sided 95 %: the least rate with P (X >= x) >= 0.05."""
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        below = sum(math.comb(n, i) * middle ** i * (1 - middle) ** (n - i) for i in range(x))
        low, high = (middle, high) if 1 - below < 0.05 else (low, middle)
    return low


def central_interval(pmf):
    """The counts with at most 2.5 % on either side of them."""
    low, total = 0, pmf[0]
    while total <= 0.025:
        low += 1
        total += pmf[low]
    high, total = len(pmf) - 1, pmf[-1]
    while total <= 0.025:
        high -= 1
        total += pmf[high]
    return low, high


class Coverage:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder

    def cpac(self, *words):
        process = subprocess.run([self.options.cpac, *words, '--json'], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, check=True)
        return json.loads(process.stdout)

    def footage(self, name, split, seed):
        folder = os.path.join(self.folder, name)
        shutil.rmtree(folder, ignore_errors=True)
        self.cpac('footage', '--out', folder, '--parts', str(self.options.parts),
                  '--defect-rate', '0', '--split', split, '--seed', str(seed))
        return os.path.join(folder, 'list.csv')

    def calibrate(self, parts, wish):
        source = os.path.splitext(self.options.model)[0]
        model = os.path.join(self.folder, os.path.basename(self.options.model))
        for ending in ('.yaml', '.safetensors'):
            shutil.copy(source + ending, self.folder)
        return self.cpac('calibrate', model, '--data', parts, '--max-false-reject', str(wish))

    def unseen_scores(self, seed):
        scores = os.path.join(self.folder, 'scores.csv')
        self.cpac('evaluate', self.options.model, '--data',
                  self.footage('unseen', 'test', 2000 + seed), '--scores', scores)
        with open(scores, newline='') as file:
            return [float(row['score']) for row in csv.DictReader(file)]

    def run(self):
        counts = {wish: [] for wish in self.options.wishes}
        for seed in range(1, self.options.seeds + 1):
            parts = self.footage('parts', 'val', 1000 + seed)
            unseen = self.unseen_scores(seed)
            for wish in self.options.wishes:
                answer = self.calibrate(parts, wish)
                n = sum(score > answer['threshold'] for score in unseen)
                counts[wish].append(n)
                print(f'seed {seed:2}  asked {wish:.3f}  promised '
                      f'{answer["promised_false_reject"]:.4f}  expected '
                      f'{answer["expected_false_reject"]:.4f}  realised {n / len(unseen):.4f}',
                      flush=True)
                k = round(answer['expected_false_reject'] * (self.options.parts + 1))
                counts[wish, 'k'] = k
        return [self.judge(wish, counts[wish], counts[wish, 'k'])
                for wish in self.options.wishes]

    def judge(self, wish, counts, k):
        """Three questions to the counts of one wish; True when each answer is probable enough."""
        n, seeds = self.options.parts, len(counts)
        pmf = rejects_pmf(n, k, n)
        first_against = next(x for x in range(n + 1) if lower_bound(x, n) > wish)
        p_against = sum(pmf[first_against:])
        n_against = sum(x >= first_against for x in counts)
        low, high = central_interval(pmf)
        p_outside = 1 - sum(pmf[low:high + 1])
        n_outside = sum(not low <= x <= high for x in counts)
        mean = sum(x * p for x, p in enumerate(pmf))
        deviation = math.sqrt(sum((x - mean) ** 2 * p for x, p in enumerate(pmf)) / seeds)
        surprise = (sum(counts) / seeds - mean) / deviation
        print(f'\nasked {100 * wish:g} %, {seeds} seeds, {n} parts each:\n'
              f'  the lower Clopper-Pearson bound (95 %) of the realised rate contradicts the wish '
              f'{n_against} times, expected {seeds * p_against:.2f}\n'
              f'  rejects outside {low}..{high} (95 %) {n_outside} times, expected '
              f'{seeds * p_outside:.2f}\n'
              f'  mean realised rate {sum(counts) / seeds / n:.5f}, expected {mean / n:.5f}, '
              f'{surprise:+.2f} standard errors')
        return (binomial_tail(seeds, p_against, n_against) >= LEAST_PROBABILITY
                and binomial_tail(seeds, p_outside, n_outside) >= LEAST_PROBABILITY
                and math.erfc(abs(surprise) / math.sqrt(2)) >= LEAST_PROBABILITY)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('cpac')
    parser.add_argument('model')
    parser.add_argument('--seeds', type=int, default=20)
    parser.add_argument('--parts', type=int, default=1000)
    parser.add_argument('--wishes', type=lambda text: [float(p) for p in text.split(',')],
                        default=[0.01, 0.05])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        answers = Coverage(options, folder).run()
    print('\nas often as it should:', 'yes' if all(answers) else 'NO')
    sys.exit(0 if all(answers) else 1)


main()
