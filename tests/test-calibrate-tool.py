#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac calibrate: what it writes into a model, what it promises, what it refuses."""
import csv
import hashlib
import json
import math
import os
import resource
import signal
import subprocess

import tap
from toolcase import DATA, TINY, TINY_WEIGHTS, TOOL, ToolCase, needs_data, png

TILES = os.path.join(DATA, 'manifests', 'tile-good-only.csv')


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class CalibrateCase(ToolCase):
    def grays(self, values, header='path,split,label,group', row='{0}.png,val,good,part-{0}'):
        """A list of plain gray pictures: the tiny model scores value / 255."""
        lines = [header]
        for index, value in enumerate(values):
            self.write(f'{index}.png', png(8, 8, [value] * 64))
            lines.append(row.format(index))
        return self.write('list.csv', '\n'.join(lines) + '\n')

    def calibrate(self, model, data, *words, rate='0.1', status=0):
        return self.cpac_json('calibrate', model, '--data', data, '--max-false-reject', rate,
                              *words, status=status)

    def refuse(self, sentence, model, data, *words, rate='0.1'):
        """Exit status 2, this sentence at the end of stderr; the model is as before."""
        before = self.read(model)
        done = self.cpac('calibrate', model, '--data', data, '--max-false-reject', rate, *words,
                         status=2)
        self.assertEqual(done.stdout, '')
        self.assertEqual(done.stderr.splitlines()[-1],
                         f'cpac calibrate: {sentence}'.replace('DIR', self.folder))
        self.assertEqual(self.read(model), before)

    def scores(self, model, data, *words):
        self.cpac('evaluate', model, '--data', data, '--scores', self.path('scores.csv'), *words)
        with open(self.path('scores.csv'), newline='') as file:
            return list(csv.DictReader(file))


class Writes(CalibrateCase):
    def test_by_hand(self):
        """40 parts scoring 1..40 of 255. BetaInv (0.95; 1, 40) = 7.2 %, (2, 39) = 11.3 %: the
        largest. 2.5 x 10 % of 41 is 10.25: the 10th largest."""
        model = self.write_model()
        answer = self.calibrate(model, self.grays(range(1, 41)))
        # Nine products and sums below 1, rounded to 24 bits, twice.
        self.assertAlmostEqual(answer['threshold'], 40 / 255, delta=40 * 2 ** -24)
        self.assertAlmostEqual(answer['warn_threshold'], 31 / 255, delta=40 * 2 ** -24)
        self.assertEqual((answer['n_parts'], answer['n_pictures']), (40, 40))
        self.assertAlmostEqual(answer['promised_false_reject'], 1 - 0.05 ** (1 / 40), 12)
        self.assertAlmostEqual(answer['expected_false_reject'], 1 / 41, 12)
        self.assertAlmostEqual(answer['expected_warn'], 10 / 41, 12)
        self.assertEqual(answer['n_parts_needed'], 29)
        self.assertIs(answer['accepted'], True)
        self.assertIn('expected at least 30', answer['no_tail'])

    def test_only_its_values_change(self):
        model = self.write_model()
        before = self.read(model).decode()
        weights = self.read('tiny.safetensors')
        answer = self.calibrate(model, self.grays(range(1, 41)))
        after = self.read(model).decode()
        head, section = after.split(', calibration: {')
        self.assertEqual(head, before[:before.index('threshold: 0.5')]
                         + f'threshold: {answer["threshold"]!r}, '
                         + f'warn-threshold: {answer["warn_threshold"]!r}')
        self.assertTrue(section.endswith(']}}\n'))
        self.assertEqual(self.read('tiny.safetensors'), weights)
        first = self.cpac_json('inspect', model)
        # Once more: the same bytes, whatever the threads.
        self.calibrate(model, self.path('list.csv'), '--threads', '3')
        self.assertEqual(self.read(model).decode(), after)
        self.assertEqual(first['model_sha256'], hashlib.sha256(weights).hexdigest())
        self.assertEqual(first['config_sha256'], sha256(after))

    def test_line_breaks_and_remarks(self):
        yaml = (TINY.replace('score: {head: map, good: [good], threshold: 0.5, warn-threshold: 0.25}',
                             'score: # how bad\n    head: map\n    threshold: 0.5   # by hand\n'
                             '    good: [good] # last').replace('\n', '\r\n')) + '# end'
        model = self.write_model(yaml)
        before = self.read(model).decode()
        answer = self.calibrate(model, self.grays(range(1, 41)))
        lines = self.read(model).decode().split('\r\n')
        kept = [line for line in lines if 'calibration:' in line or line.startswith('      ')]
        self.assertEqual(len(kept), len(lines) - len(before.split('\r\n')) - 1)
        for line in kept + [f'    warn-threshold: {answer["warn_threshold"]!r}']:
            lines.remove(line)
        self.assertEqual('\r\n'.join(lines),
                         before.replace('0.5   # by', f'{answer["threshold"]!r}   # by'))

    def test_a_part_is_its_worst_picture(self):
        """Two pictures each: 20 parts, scores 2, 4, .. 40."""
        answer = self.calibrate(self.write_model(), self.pairs(), rate='0.2')
        self.assertEqual((answer['n_parts'], answer['n_pictures']), (20, 40))
        self.assertAlmostEqual(answer['median'], 21 / 255, delta=40 * 2 ** -24)

    def pairs(self):
        rows = ['path,split,label,group']
        for value in range(1, 41):
            self.write(f'{value}.png', png(8, 8, [value] * 64))
            rows.append(f'{value}.png,val,good,part-{(value + 1) // 2}')
        return self.write('list.csv', '\n'.join(rows) + '\n')

    def test_scores_of_a_calibrated_model(self):
        model = self.write_model()
        data = self.grays(range(1, 41))
        self.assertEqual({row['p_value'] for row in self.scores(model, data)}, {''})
        self.calibrate(model, data)
        rows = self.scores(model, data)
        for index, row in enumerate(rows):
            self.assertAlmostEqual(float(row['p_value']), (41 - index) / 41, 12)
        self.assertEqual(float(rows[-1]['score_normalized']), 0.5)
        self.assertEqual([row['verdict'] for row in rows],
                         ['ok'] * 31 + ['not-decidable'] * 9)
        self.cpac('replay', model, data, '--journal', self.path('journal'))
        journal = [json.loads(line) for line in self.read('journal').decode().splitlines()]
        self.assertEqual([one['inspection']['p_value'] for one in journal[1:-1]],
                         [float(row['p_value']) for row in rows])

    def test_tail_that_does_not_fit(self):
        """Six scores, five times each, have steps that no smooth tail has."""
        rows = ['path,split,label,group']
        rows += [f'{value}.png,val,good,{value}-{copy}' for value in range(1, 61) for copy in range(5)]
        for value in range(1, 61):
            self.write(f'{value}.png', png(8, 8, [value] * 64))
        data = self.write('list.csv', '\n'.join(rows) + '\n')
        answer = self.calibrate(self.write_model(), data)
        self.assertIn('a generalised Pareto tail does not fit the 30 largest scores',
                      answer['no_tail'])
        self.assertAlmostEqual(answer['least_p_value'], 1 / 301, 12)

    def test_inspect_tells_the_promise_of_the_present_threshold(self):
        model = self.write_model()
        data = self.grays(range(1, 41))
        self.calibrate(model, data)
        self.assertAlmostEqual(self.cpac_json('inspect', model)['calibration']
                               ['promised_false_reject'], 1 - 0.05 ** (1 / 40), 12)
        text = self.read(model).decode()
        threshold = text.split('threshold: ')[1].split(',')[0]
        self.write('tiny.yaml', text.replace(threshold, '0.1372', 1))
        # Below 35 / 255, so that 6 parts are above it: as the 7th largest, BetaInv (0.95; 7, 34).
        promised = self.cpac_json('inspect', model)['calibration']['promised_false_reject']
        below = sum(math.comb(40, i) * promised ** i * (1 - promised) ** (40 - i) for i in range(7))
        self.assertAlmostEqual(below, 0.05, 9)

    def test_what_gives_other_scores_ends_it(self):
        model = self.write_model()
        self.calibrate(model, self.grays(range(1, 41)))
        calibrated = self.read(model).decode()
        edits = [(False, 'name: tiny', 'name: other'), (False, 'good: [good]', 'good: [fine]'),
                 (False, 'threshold: 0.', 'threshold: 5.'), (False, 'scale: [255]', 'scale:  [255]'),
                 (True, 'scale: [255]', 'scale: [250]'), (True, 'head: map', 'head: map, top: 0.5'),
                 (True, 'padding: valid', 'padding: same')]
        for stale, old, new in edits:
            with self.subTest(new=new):
                self.assertIn(old, calibrated)
                self.write('tiny.yaml', calibrated.replace(old, new))
                self.assertEqual(self.cpac_json('inspect', model)['calibration']['stale'], stale)

    def test_other_weights_end_it(self):
        model = self.write_model()
        self.calibrate(model, self.grays(range(1, 41)))
        calibrated = self.read(model).decode()
        other = {**TINY_WEIGHTS, 'mean.bias': ([1], [0.125])}
        old = hashlib.sha256(self.read('tiny.safetensors')).hexdigest()
        self.write_model(calibrated.replace(f'sha256: {old}}}\nlayers', 'sha256: SHA256}\nlayers'),
                         other)
        self.assertEqual(self.cpac_json('inspect', model)['calibration'], {'stale': True})
        self.assertIn('made with other weights, input, layers or head',
                      self.cpac('inspect', model).stdout)
        self.assertEqual({row['p_value'] for row in self.scores(model, self.path('list.csv'))}, {''})


class Rows(CalibrateCase):
    def test_only_good_rows_of_the_split(self):
        row = '{0}.png,' + '{1},{2},{0}'
        lines = ['path,split,label,group']
        for index in range(60):
            self.write(f'{index}.png', png(8, 8, [index] * 64))
            split = 'val' if index < 45 else 'test'
            label = 'good' if index % 9 else 'hole'
            lines.append(row.format(index, split, label))
        data = self.write('list.csv', '\n'.join(lines) + '\n')
        self.assertEqual(self.calibrate(self.write_model(), data)['n_parts'], 40)
        self.assertEqual(self.calibrate(self.write_model(), data, '--split', 'test', rate='0.3')
                         ['n_parts'], 13)
        self.refuse('DIR/list.csv: no good picture of split "dev" (53 of other splits, 7 of '
                    'defects); --split names another', self.write_model(), data, '--split', 'dev')

    def test_list_without_labels_is_one_of_good_parts(self):
        data = self.grays(range(1, 41), 'path', '{0}.png')
        model = self.write_model(TINY.replace('good: [good], ', ''))
        self.assertEqual(self.calibrate(model, data)['n_parts'], 40)

    def test_labels_without_good(self):
        self.refuse("DIR/list.csv: it has labels, but the model's score.good names no good class: "
                    'nothing tells which parts are good',
                    self.write_model(TINY.replace('good: [good], ', '')), self.grays([1]))

    def record(self, trained, selected, **more):
        self.write('training.json', json.dumps({
            'group_sha256': [sha256(name) for name in trained],
            'selection_group_sha256': [sha256(name) for name in selected], **more}))

    def test_parts_trained_on(self):
        data = self.grays(range(1, 41))
        self.record(['part-7', 'other'], [])
        self.refuse('DIR/list.csv:9: the model was trained on part "part-7": its score promises '
                    'nothing about parts that are new; calibrate with others',
                    self.write_model(), data)

    def test_parts_selected_by(self):
        data = self.grays(range(1, 41))
        self.record(['other'], ['part-7', 'part-8'])
        done = self.cpac('calibrate', self.write_model(), '--data', data, '--max-false-reject', '0.1')
        self.assertIn('note: 2 pictures are of parts by which training chose its best weights',
                      done.stderr)
        self.assertNotIn('there is no training.json', done.stderr)

    def test_record_that_does_not_know_all(self):
        """What it names is refused all the same."""
        data, model = self.grays(range(1, 41)), self.write_model()
        words = ('calibrate', model, '--data', data, '--max-false-reject', '0.1')
        weights = hashlib.sha256(self.read('tiny.safetensors')).hexdigest()
        for more, gap in (({'incomplete': True}, 'says that it is incomplete'),
                          ({'weights_sha256': '0' * 64}, 'is of other weights'),
                          ({'incomplete': False, 'weights_sha256': weights}, None)):
            with self.subTest(more):
                self.record(['other'], [], **more)
                note = (f'note: {self.folder}/training.json {gap}, so nothing tells whether the '
                        'model was trained on these parts\n')
                found = self.cpac(*words).stderr
                if gap is None:
                    self.assertNotIn('nothing tells', found)
                else:
                    self.assertIn(note, found)
                self.record(['part-7'], [], **more)
                self.refuse('DIR/list.csv:9: the model was trained on part "part-7": its score '
                            'promises nothing about parts that are new; calibrate with others',
                            model, data)

    def test_without_splits_what_training_set_aside(self):
        data = self.grays(range(1, 51), 'path,label', '{0}.png,good')
        self.record([f'{n}.png' for n in range(5)], [f'{n}.png' for n in range(45, 50)])
        answer = self.calibrate(self.write_model(), data)
        self.assertEqual(answer['n_parts'], 40)
        self.assertAlmostEqual(answer['threshold'], 45 / 255, delta=40 * 2 ** -24)
        self.record([f'{n}.png' for n in range(50)], [])
        self.refuse('DIR/list.csv: the model was trained on every good part of it (50 pictures), '
                    'none was set aside for calibration; expected parts it has not seen',
                    self.write_model(), data)

    def test_split_where_there_is_none(self):
        self.refuse('DIR/list.csv: no picture of split "val", it names no splits',
                    self.write_model(), self.grays([1], 'path,label', '{0}.png,good'),
                    '--split', 'val')

    def test_bad_record(self):
        data = self.grays([1])
        self.write('training.json', '{"group_sha256": [1]}')
        self.refuse('DIR/training.json: group_sha256: expected a list of texts, the hashes of parts '
                    'that must not be used here; train again, or take the file away if you know '
                    'them to be others', self.write_model(), data)
        for more in {'incomplete': 1}, {'weights_sha256': ['0']}:
            self.record([], [], **more)
            self.refuse('DIR/training.json: expected incomplete to be true or false and '
                        'weights_sha256 a text', self.write_model(), data)


class Refuses(CalibrateCase):
    def test_too_few_parts(self):
        model = self.write_model()
        data = self.grays(range(1, 14))
        before = self.read(model)
        words = ('calibrate', model, '--data', data, '--max-false-reject', '0.01')
        done = self.cpac(*words, status=1)
        self.assertEqual(done.stdout, '')
        self.assertEqual(done.stderr.splitlines()[-1],
                         f'cpac calibrate: {model}: to promise at most 1 % false rejects with 95 % '
                         'confidence takes 299 good parts, found 13; these can promise 20.6 %, '
                         'which --accept-promised takes')
        answer = self.cpac_json(*words, status=1)
        self.assertIs(answer['accepted'], False)
        self.assertIsNone(answer['threshold'])
        self.assertEqual((answer['n_parts'], answer['n_parts_needed']), (13, 299))
        self.assertAlmostEqual(answer['promised_false_reject'], 1 - 0.05 ** (1 / 13), 12)
        self.assertEqual(self.read(model), before)
        answer = self.cpac_json(*words, '--accept-promised')
        self.assertAlmostEqual(answer['threshold'], 13 / 255, delta=40 * 2 ** -24)
        self.assertEqual(answer['warn_threshold'], answer['threshold'])
        self.assertIs(answer['accepted'], True)

    @needs_data('manifests/tile-good-only.csv')
    def test_tiles(self):
        """The good tiles of val are 13 physical parts, however many pictures they are."""
        model = self.write_model(TINY.replace('[good]', '[Free]'))
        answer = self.calibrate(model, TILES, rate='0.01', status=1)
        self.assertEqual(answer['n_parts'], 13)
        self.assertAlmostEqual(answer['promised_false_reject'], 0.2058, 4)
        print(f'# tile val: {answer["n_pictures"]} pictures of 13 parts can promise '
              f'{100 * answer["promised_false_reject"]:.1f} %', flush=True)

    def test_options(self):
        model = self.write_model()
        data = self.grays([1])
        for words, sentence in (
                (('calibrate', model), '--data is missing: where are good parts?'),
                (('calibrate', model, '--data', data),
                 '--max-false-reject is missing: which share of good parts may be rejected?'),
                (('calibrate', model, '--data', data, '--max-false-reject', '1'),
                 '--max-false-reject must be a share from 1e-06 to 0.5 (0.01 is 1 %), got 1'),
                (('calibrate', model, '--data', data, '--max-false-reject', '0.1', '--confidence',
                  '1'), '--confidence must be from 0.5 to 0.999999, got 1'),
                (('calibrate', model, '--data', data, '--max-false-reject', '0.1',
                  '--warn-false-reject', '2'),
                 '--warn-false-reject must be a share from 0 to 1, got 2'),
                (('calibrate', model, '--data', data, '--max-false-reject', '0.1', '--threads', '0'),
                 '--threads must be 1..64, got 0')):
            with self.subTest(sentence):
                self.assert_refused(sentence, *words)

    def test_text_that_cannot_be_edited(self):
        yaml = TINY.replace('threshold: 0.5, warn-threshold: 0.25',
                            'threshold: &t 0.5, warn-threshold: *t')
        self.refuse('DIR/tiny.yaml:7:8: threshold cannot be set in score without changing something '
                    'else; expected a map of keys and plain values, without anchors',
                    self.write_model(yaml), self.grays(range(1, 41)))

    def limited(self, restore_signals):
        """Calibrates where no file may grow beyond 100 bytes; returns the exit status."""
        words = (TOOL, 'calibrate', self.path('tiny.yaml'), '--data', self.path('list.csv'),
                 '--max-false-reject', '0.1')
        return subprocess.run(
            words, capture_output=True, timeout=250, restore_signals=restore_signals,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))).returncode

    def test_write_that_fails_or_is_killed(self):
        before = self.read(self.write_model())
        self.grays(range(1, 41))
        files = sorted(os.listdir(self.folder))
        # Python ignores SIGXFSZ: writing fails, and the tool clears up.
        self.assertEqual(self.limited(restore_signals=False), 2)
        self.assertEqual(sorted(os.listdir(self.folder)), files)
        # With the signal, it dies on the way.
        self.assertEqual(self.limited(restore_signals=True), -signal.SIGXFSZ)
        self.assertEqual(self.read('tiny.yaml'), before)

    def test_video(self):
        clip = self.write('clip.mp4', b'')
        self.refuse(f'{clip}: a video does not tell one part from the next, and promises are about '
                    'parts; expected pictures', self.write_model(), clip)


tap.main()
