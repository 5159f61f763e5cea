#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What cpacmonitor makes of generated footage: does it name what goes wrong, how soon, and how often
does it cry wolf?

config/sample-metal is calibrated on good parts of its own (cpac footage, cpac calibrate), so that
charts see p-values. Each case is then a line of parts, one frame each, rendered in memory by the
generator of cpac footage and pushed through `cpacscore ! cpacmonitor` in a harness (monitor-line):
the elements themselves, without pictures on the disk. The first 300 parts are phase I; where
something goes wrong, it begins 100 parts later. Prints Markdown. Exit status 1 where a case is not
named as it should be, or false alarms are more than four standard errors above what is allowed.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PHASE_ONE, START = 300, 400
# States that say something of the process; a defect is one part's.
PROCESS = ('defect-rate-up', 'process-drift', 'new-appearance', 'check-camera')


def run(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f'{" ".join(words)}: exit status {done.returncode}')
    return done.stdout


def calibrate(options):
    """A copy of the model with a calibration of its own."""
    for name in ('sample-metal.yaml', 'sample-metal.safetensors'):
        shutil.copy(os.path.join(TOP, 'config', name), options.results)
    model = os.path.join(options.results, 'sample-metal.yaml')
    good = os.path.join(options.results, 'good')
    run([options.cpac, 'footage', '--out', good, '--parts', str(options.calibration_parts),
         '--defect-rate', '0', '--seed', '301', '--split', 'val',
         '--light-drift', str(options.light_drift)])
    told = json.loads(run([options.cpac, 'calibrate', model, '--data',
                           os.path.join(good, 'list.csv'), '--max-false-reject', '0.01', '--json']))
    print(f"{told['n_parts']} parts for the calibration, threshold {told['threshold']:.3g}, promised "
          f"false rejects at most {100 * told['promised_false_reject']:.2g} %\n", flush=True)
    return model


class Line:
    """One case: its messages and its ledger."""

    def __init__(self, options, model, parts, seed, *words):
        monitor = (f'hours-per-false-alarm={options.hours} parts-per-hour={options.parts_per_hour} '
                   f'phase-one-parts={PHASE_ONE}')
        rows = run([options.line, '--model', model, '--parts', str(parts), '--seed', str(seed),
                    '--monitor', monitor, '--light-drift', str(options.light_drift),
                    *words]).splitlines()
        self.messages = [json.loads(row) for row in rows[:-1]]
        self.ledger = json.loads(rows[-1])
        self.parts = parts

    def entries(self, state):
        """Parts at which the state was entered."""
        return [m['part'] for m in self.messages
                if m.get('state') == state and m['previous-state'] != state]

    def alarms(self):
        """Parts at which a state of the process was entered from one that is not."""
        return [m for m in self.messages
                if m.get('state') in PROCESS and m['previous-state'] not in PROCESS]

    def share(self, state, begin):
        """Of the parts from begin on, those that are in that state."""
        state_now, last, n = None, begin, 0
        for m in self.messages:
            if m['part'] >= begin:
                n += (m['part'] - last) * (state_now == state)
                last = m['part']
            state_now = m.get('state')
        return (n + (self.parts - last) * (state_now == state)) / (self.parts - begin)

    def closes(self):
        """seen = ok + not-ok + not-decidable + undefined."""
        return all(self.ledger[f'{of}-seen'] == self.parts
                   == sum(self.ledger[f'{of}-{verdict}']
                          for verdict in ('ok', 'not-ok', 'not-decidable', 'undefined'))
                   for of in ('frames', 'parts'))


def judge_drift(options, model, name, expected, words, per_part):
    """Named rightly: the state at the end, and the first that was entered."""
    fine = True
    for seed in options.seeds:
        line = Line(options, model, options.drift_parts, seed, '--drift-start', str(START), *words)
        late = [m for m in line.alarms() if m['part'] > START]
        false = len(line.alarms()) - len(late)
        right = [m for m in late if m['state'] == expected]
        first = right[0]['part'] - START if right else None
        end = line.share(expected, line.parts - 200)
        others = sorted({m['state'] for m in late} - {expected})
        print(f"| {name} | {seed} | {expected} | {first} | "
              f"{100 * per_part * first if first else math.nan:.1f} % | {100 * end:.0f} % | "
              f"{', '.join(others) or '-'} | {false} |", flush=True)
        if right:
            print(f"<!-- {right[0]['sentence']} -->")
        fine &= first is not None and end > 0.9 and line.closes()
    return fine


def judge_defects(options, model):
    """Single defects: found ones are told as such, and nothing else is."""
    fine = True
    for seed in options.seeds:
        line = Line(options, model, options.drift_parts, seed, '--defect-rate', '0.01')
        bad = [part for part in line.ledger['bad'] if part >= PHASE_ONE]
        told = set(line.entries('defect'))
        named = sum(part in told for part in bad)
        print(f"| {seed} | {len(bad)} | {named} | {len(told - set(bad))} | {len(line.alarms())} |",
              flush=True)
        # The model misses some; what it rejects must be told, and as a defect.
        fine &= named >= 0.5 * len(bad) and len(line.alarms()) <= 2 and line.closes()
    return fine


def judge_control(options, model):
    """False alarms over many parts in control; rejected good parts are the calibration's."""
    parts = options.control_parts + PHASE_ONE
    line = Line(options, model, parts, 900)
    alarms = line.alarms()
    allowed = options.control_parts / (options.hours * options.parts_per_hour)
    bound = allowed + 4 * math.sqrt(allowed)
    rejects = line.ledger['parts-not-ok']
    print(f"\n{options.control_parts} parts in control after phase I: {len(alarms)} false alarms "
          f"({allowed:.2g} allowed), {rejects} parts rejected "
          f"({100 * rejects / parts:.2f} %), ledger {'closes' if line.closes() else 'OPEN'}",
          flush=True)
    for m in alarms:
        print(f"- part {m['part']}: {m['state']}: {m['sentence']}")
    return len(alarms) <= bound and line.closes()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cpac')
    parser.add_argument('line', help='the program monitor-line')
    parser.add_argument('results', help='folder for footage and model')
    parser.add_argument('--calibration-parts', type=int, default=600)
    parser.add_argument('--drift-parts', type=int, default=1400)
    parser.add_argument('--control-parts', type=int, default=20000)
    parser.add_argument('--hours', type=float, default=8, help='per false alarm (%(default)s)')
    parser.add_argument('--parts-per-hour', type=float, default=2500)
    parser.add_argument('--light-drift', type=float, default=0.02,
                        help='swing of a sound lamp (%(default)s)')
    parser.add_argument('--lamp-drift', type=float, default=0.15)
    parser.add_argument('--surface-drift', type=float, default=0.5)
    parser.add_argument('--seeds', type=lambda text: [int(seed) for seed in text.split(',')],
                        default=[7, 8, 9])
    options = parser.parse_args()

    os.makedirs(options.results, exist_ok=True)
    model = calibrate(options)
    moving = options.drift_parts - 1 - START
    print(f"One false alarm in {options.hours:g} h at {options.parts_per_hour:g} parts an hour; "
          f"drifts begin at part {START} and end at part {options.drift_parts - 1}\n")
    print('| what | seed | expected | parts until named | drift by then | of the last 200 parts | '
          'other states on the way | false alarms before |\n|---|---|---|---|---|---|---|---|')
    fine = judge_drift(options, model, f'lamp dims by {100 * options.lamp_drift:g} %',
                       'check-camera', ['--lamp-drift', str(options.lamp_drift)],
                       options.lamp_drift / moving)
    fine &= judge_drift(options, model, f'texture grows by {100 * options.surface_drift:g} %',
                        'process-drift', ['--surface-drift', str(options.surface_drift)],
                        options.surface_drift / moving)
    print('\n| seed | bad parts | told as defect | good parts told as defect | other alarms |\n'
          '|---|---|---|---|---|')
    fine &= judge_defects(options, model)
    fine &= judge_control(options, model)
    sys.exit(0 if fine else 1)


if __name__ == '__main__':
    main()
