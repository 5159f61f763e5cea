#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac train as a user meets it: its answers, the same bytes however often it is interrupted or
killed, and what it refuses."""
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import time

import tap
from toolcase import TOOL, ToolCase

MAP = '''# A map of 32x24 cells.
cpac-model: 1
name: map
input: {width: 32, height: 24, channels: 1, mean: [128], scale: [64]}
layers:
  - {name: a, type: cpac-conv, filters: 3, kernel: 3, rank: 3, padding: same}
  - {type: relu}
  - {name: b, type: cpac-conv, filters: 1, kernel: 3, rank: 2, padding: same}
score: {head: map, good: [good], threshold: 0}
train:
  epochs: 4
  batch: 4
  rate: 0.02
  warm-up: 5
  over-parameterise: true
  balance-every: 3
  average: 0.9
  augment: {flip-horizontal: true, shift: 2, noise: 2}
'''

CLASSES = '''cpac-model: 1
name: classes
input: {width: 32, height: 24, channels: 1, mean: [128], scale: [64]}
layers:
  - {name: a, type: cpac-conv, filters: 3, kernel: 3, rank: 3, padding: same}
  - {type: relu}
  - {type: max-pool, size: 2}
  - {type: flatten}
  - {name: l, type: linear, units: 2}
score: {head: classifier, classes: [good, scratch], good: [good], threshold: 0.5}
train: {epochs: 3, batch: 4, rate: 0.01, warm-up: 5}
'''

# A first epoch of some tenths of a second.
SLOW = MAP.replace('width: 32, height: 24', 'width: 256, height: 192').replace(
    'filters: 3, kernel: 3, rank: 3', 'filters: 16, kernel: 7, rank: 16').replace(
    'batch: 4', 'batch: 1')

def tensors(file):
    """The bytes of every tensor of a safetensors file."""
    end = 8 + int.from_bytes(file[:8], 'little')
    header = json.loads(file[8:end])
    return {name: file[end + entry['data_offsets'][0]:end + entry['data_offsets'][1]]
            for name, entry in header.items() if name != '__metadata__'}


EVERY_EPOCH = ('--checkpoint-seconds', '0')


class TrainCase(ToolCase):
    def setUp(self):
        super().setUp()
        self.out = self.path('out')

    def pictures(self, parts=24, defects='scratch'):
        """Footage with list.csv; returns the rows, of which every fourth is for selection."""
        self.cpac('footage', '--out', self.path('footage'), '--parts', str(parts), '--seed', '3',
                  '--size', '64x48', '--defect-rate', '0.5', '--defects', defects)
        with open(self.path('footage/list.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        for i, row in enumerate(rows):
            row['split'] = 'val' if i % 4 == 3 else 'train'
        return rows

    def write_list(self, rows, name='footage/parts.csv'):
        with open(self.path(name), 'w', newline='') as file:
            writer = csv.DictWriter(file, ['path', 'split', 'label', 'mask', 'group'])
            writer.writeheader()
            writer.writerows(rows)
        return self.path(name)

    def data(self):
        return self.write_list(self.pictures())

    def class_folders(self):
        for row in self.pictures():
            os.makedirs(self.path(f'folders/{row["label"]}'), exist_ok=True)
            shutil.copy(self.path(f'footage/{row["path"]}'), self.path(f'folders/{row["label"]}'))
        return self.path('folders')

    def words(self, config, data, *more, out=None):
        return ('train', config, '--data', data, '--out', out or self.out, *more)

    def start(self, *words):
        process = subprocess.Popen((TOOL, *words), cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        process.kill()
        process.communicate()

    def wait_for(self, path, process):
        while not os.path.exists(path):
            self.assertIsNone(process.poll(), f'ended before {path} was there')
            time.sleep(0.001)

    def assert_same_model(self, other):
        for name in ('model.yaml', 'model.safetensors'):
            self.assertEqual(self.read(f'out/{name}'), self.read(f'{other}/{name}'), name)
        self.assertEqual(self.curve('out'), self.curve(other))

    def curve(self, folder):
        """Without the seconds."""
        with open(self.path(f'{folder}/curve.csv'), newline='') as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            del row['seconds']
        return rows

    def assert_model_loads(self):
        if os.path.exists(f'{self.out}/model.yaml'):
            self.cpac('inspect', f'{self.out}/model.yaml', '--self-check')


class Answers(TrainCase):
    def test_map(self):
        config = self.write('map.yaml', MAP)
        answer = self.cpac_json(*self.words(config, self.data()))
        self.assertEqual(answer['epochs'], 4)
        self.assertIn(answer['best_epoch'], range(1, 5))
        self.assertEqual(answer['interrupted'], 0)
        for key in ('train_loss', 'val_loss', 'seconds'):
            self.assertGreater(answer[key], 0)
        self.assertTrue(0 <= answer['val_auroc'] <= 1)
        self.assertEqual([layer['layer'] for layer in answer['factors']], ['a', 'b'])
        curve = self.curve('out')
        self.assertEqual([row['epoch'] for row in curve], ['1', '2', '3', '4'])
        best = curve[answer['best_epoch'] - 1]
        self.assertAlmostEqual(float(best['val_loss']), answer['val_loss'], 7)
        record = json.loads(self.read('out/training.json'))
        self.assertEqual((record['n_train'], record['n_val']), (18, 6))
        self.assertEqual(len(record['group_sha256']), 18)
        self.assertEqual(len(record['selection_group_sha256']), 6)
        self.assertFalse(set(record['group_sha256']) & set(record['selection_group_sha256']))
        # The model says what its configuration said, remarks and all, and can be used.
        self.assertTrue(self.read('out/model.yaml').decode().startswith(MAP))
        self.cpac('inspect', f'{self.out}/model.yaml', '--self-check')
        evaluation = self.cpac_json('evaluate', f'{self.out}/model.yaml', '--data',
                                    self.path('footage/parts.csv'), '--split', 'val')
        self.assertAlmostEqual(evaluation['image_auroc'], answer['val_auroc'], 6)

    def test_class_folders(self):
        config = self.write('classes.yaml', CLASSES)
        answer = self.cpac_json(*self.words(config, self.class_folders()))
        self.assertEqual(answer['epochs'], 3)
        self.assertTrue(0 <= answer['val_accuracy'] <= 1)
        self.assertNotIn('val_auroc', answer)
        self.assertIn('val_accuracy', self.cpac(*self.words(config, self.path('folders'))).stdout)

    def test_calibrated_with_what_was_set_aside(self):
        """Of 12 good pictures without splits one was for selection, one is for calibration. A model
        that is trained again from the calibrated one says that the calibration is not its own."""
        config = self.write('classes.yaml', CLASSES)
        data = self.class_folders()
        self.cpac(*self.words(config, data))
        model = f'{self.out}/model.yaml'
        record = json.loads(self.read('out/training.json'))
        self.assertEqual((len(record['group_sha256']), len(record['selection_group_sha256'])),
                         (20, 2))
        answer = self.cpac_json('calibrate', model, '--data', data, '--max-false-reject', '0.5',
                                '--accept-promised')
        self.assertEqual(answer['n_parts'], 1)
        self.assertAlmostEqual(answer['promised_false_reject'], 0.95, 12)
        self.assertFalse(self.cpac_json('inspect', model)['calibration']['stale'])
        self.cpac(*self.words(model, data, '--seed', '7', out=self.path('again')))
        self.assertTrue(self.cpac_json('inspect', self.path('again/model.yaml'))['calibration']
                        ['stale'])

    def test_options_win_over_the_recipe(self):
        config, data = self.write('map.yaml', MAP), self.data()
        self.assertEqual(self.cpac_json(*self.words(config, data, '--epochs', '2'))['epochs'], 2)
        self.cpac(*self.words(config, data, '--epochs', '2', '--seed', '5', out=self.path('five')))
        self.assertNotEqual(self.read('out/model.safetensors'),
                            self.read('five/model.safetensors'))

    def test_start(self):
        """A rate too small to move a float leaves what a layer began with. Its own parts and those
        of the model it began with are what the second one has learnt from."""
        rows = self.pictures()
        still = 'train: {epochs: 1, batch: 4, rate: 1e-30}\n'
        old, new = self.write('map.yaml', MAP), self.path('new')
        self.cpac(*self.words(old, self.write_list(rows[:12])))
        config = self.write('classes.yaml', CLASSES[:CLASSES.index('train:')] + still)
        data = self.write_list(rows[8:], 'footage/more.csv')
        done = self.cpac(*self.words(config, data, '--start', f'{self.out}/model.yaml', out=new))
        self.assertIn(f'1 layer begins with the weights of {self.out}/model.yaml', done.stderr)
        before, after = (tensors(self.read(f'{name}/model.safetensors')) for name in ('out', 'new'))
        for name in 'a.a', 'a.b', 'a.c', 'a.d', 'a.bias':
            self.assertEqual(before[name], after[name], name)
        records = [json.loads(self.read(f'{name}/training.json')) for name in ('out', 'new')]
        # Nine and twelve of the first 12 and last 16 parts, of which 3 are the same.
        self.assertEqual([len(r['group_sha256']) for r in records], [9, 18])
        self.assertTrue(set(records[0]['group_sha256']) < set(records[1]['group_sha256']))
        self.assertEqual(len(records[1]['start_sha256']), 64)
        self.assertNotIn('incomplete', records[1])
        self.assertNotIn('may have learnt', done.stderr)
        self.cpac('inspect', f'{new}/model.yaml', '--self-check')
        # Kernels above new ones may come from other pictures.
        other = MAP[:MAP.index('train:')].replace('scale: [64]', 'scale: [32]') + still
        other = self.write('other.yaml', other.replace('name: a,', 'name: first,'))
        done = self.cpac(*self.words(other, data, '--start', f'{self.out}/model.yaml',
                                     out=self.path('other')))
        self.assertIn('1 layer begins', done.stderr)
        # Nobody knows what a model without a record has learnt from.
        os.remove(self.path('out/training.json'))
        done = self.cpac(*self.words(config, data, '--start', f'{self.out}/model.yaml', out=new))
        self.assertEqual(done.stderr.count(f'note: {self.out}/model.yaml may have learnt from more '
                                           'than is known'), 1)
        record = json.loads(self.read('new/training.json'))
        self.assertIs(record['incomplete'], True)
        self.assertEqual(len(record['group_sha256']), 12)
        done = self.cpac('calibrate', f'{new}/model.yaml', '--data', data, '--max-false-reject',
                         '0.5', '--accept-promised')
        self.assertIn('nothing tells whether the model was trained on these parts', done.stderr)

    def test_start_refused(self):
        config, data = self.write('map.yaml', MAP), self.data()
        self.cpac(*self.words(config, data))
        other = self.write('other.yaml', MAP.replace('name: a,', 'name: first,').replace(
            'name: b,', 'name: second,'))
        start = f'{self.out}/model.yaml'
        self.assert_refused(f'{start}: no layer has the name, type and shape of one of {other}',
                            *self.words(other, data, '--start', start, out=self.path('no')))
        self.assert_refused('DIR/map.yaml:2:1: this is a shape without weights: it can be '
                            'inspected, benchmarked and trained, nothing else',
                            *self.words(config, data, '--start', config, out=self.path('no')))
        # Kernels know pictures by their numbers, unless other kernels stand between.
        lighter = self.write('lighter.yaml', MAP.replace('mean: [128]', 'mean: [127.5]'))
        self.assert_refused(
            f'{lighter}: input: found channels: 1, mean: [127.5], scale: [64], expected '
            f'channels: 1, mean: [128], scale: [64] as in {start}, whose layer a has learnt from '
            'pictures in those units',
            *self.words(lighter, data, '--start', start, out=self.path('no')))
        self.assertFalse(os.path.exists(self.path('no')))
        done = self.cpac(*self.words(config, data, '--start', start, '--resume'), status=2)
        self.assertIn('this checkpoint was made with another configuration', done.stderr)

    def test_threads(self):
        for name, text, data in (('map', MAP, self.data()),
                                 ('classes', CLASSES, self.class_folders())):
            with self.subTest(name):
                config = self.write(f'{name}.yaml', text)
                self.cpac(*self.words(config, data, '--threads', '1'))
                for threads in ('2', '3'):
                    other = f'{name}-{threads}'
                    self.cpac(*self.words(config, data, '--threads', threads,
                                          out=self.path(other)))
                    self.assert_same_model(other)
                shutil.rmtree(self.out)


class Interruptions(TrainCase):
    def setUp(self):
        super().setUp()
        self.config, self.list = self.write('map.yaml', MAP), self.data()

    def whole(self, *more, out='whole'):
        """Returns how many seconds it took."""
        begin = time.monotonic()
        self.cpac(*self.words(self.config, self.list, *more, out=self.path(out)))
        return time.monotonic() - begin

    def test_interrupt_and_resume(self):
        epochs = ('--epochs', '400')
        self.whole(*epochs)
        process = self.start(*self.words(self.config, self.list, *epochs, '--json'))
        for line in process.stderr:
            if line.startswith('epoch 3:'):
                break
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate()
        self.assertEqual(process.returncode, 0)
        answer = json.loads(stdout)
        self.assertEqual(answer['interrupted'], 1)
        self.assertTrue(3 <= answer['epochs'] < 400)
        self.assert_model_loads()
        answer = self.cpac_json(*self.words(self.config, self.list, *epochs, '--resume'))
        self.assertEqual((answer['epochs'], answer['interrupted']), (400, 0))
        self.assert_same_model('whole')
        # Once more from the end: nothing changes.
        self.cpac(*self.words(self.config, self.list, *epochs, '--resume'))
        self.assert_same_model('whole')

    def test_interrupt_in_first_epoch(self):
        """There is a checkpoint, but no weights worth a model; one that was there stays."""
        self.whole(out='out')
        before = self.read('out/model.yaml'), self.read('out/model.safetensors')
        os.remove(self.path('out/checkpoint.json'))
        slow = self.write('slow.yaml', SLOW)
        process = self.start(*self.words(slow, self.list))
        self.wait_for(self.path('out/checkpoint.json'), process)
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate()
        self.assertEqual(process.returncode, 0)
        self.assertEqual(stdout, f'{self.out}: interrupted before the first validation, no model '
                                 'yet; --resume goes on\n')
        self.assertEqual((self.read('out/model.yaml'), self.read('out/model.safetensors')), before)

    def test_kill_and_resume(self):
        epochs = ('--epochs', '250')
        seconds = self.whole(*epochs)
        chance = random.Random(7)
        n_killed = 0
        for _ in range(10):
            resume = ('--resume',) if os.path.exists(f'{self.out}/checkpoint.json') else ()
            process = self.start(*self.words(self.config, self.list, *epochs, *EVERY_EPOCH,
                                             *resume))
            try:
                process.communicate(timeout=seconds * chance.uniform(0.1, 0.8))
                self.assertEqual(process.returncode, 0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                n_killed += 1
            self.assert_model_loads()
        self.assertGreater(n_killed, 0)
        self.assertTrue(os.path.exists(f'{self.out}/checkpoint.json'))
        self.cpac(*self.words(self.config, self.list, *epochs, '--resume'))
        self.assert_same_model('whole')

    def test_kill_while_saving(self):
        """Two finished runs take turns in writing their models to one folder."""
        for seed in ('1', '2'):
            self.whole('--seed', seed, out=seed)
        seconds = self.whole('--seed', '1', '--resume', out='1')
        chance = random.Random(8)
        shutil.copytree(self.path('1'), self.out)
        for i in range(16):
            seed = str(1 + i % 2)
            for name in os.listdir(self.path(seed)):
                if name.startswith('checkpoint'):
                    shutil.copy(self.path(f'{seed}/{name}'), self.out)
            process = self.start(*self.words(self.config, self.list, '--seed', seed, '--resume'))
            try:
                process.communicate(timeout=seconds * chance.uniform(0.3, 1.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            self.assert_model_loads()
        self.cpac(*self.words(self.config, self.list, '--seed', '2', '--resume'))
        self.assert_same_model('2')

    def test_checkpoint_of_another_run(self):
        self.whole(out='out')
        sentence = ('DIR/out/checkpoint.json: this checkpoint was made with another configuration, '
                    'seed or data; train into another folder or without --resume')
        for more in (('--seed', '9'), ('--epochs', '9')):
            self.assert_refused(sentence,
                                *self.words(self.config, self.list, *more, '--resume'))

    def test_nothing_to_resume(self):
        self.assert_refused('DIR/out/checkpoint.json: cannot open: No such file or directory',
                            *self.words(self.config, self.list, '--resume'))

    def test_damaged_checkpoint(self):
        self.whole(out='out')
        before = self.read('out/model.yaml')
        self.write('out/checkpoint.json', '{')
        done = self.cpac(*self.words(self.config, self.list, '--resume'), status=2)
        self.assertIn(f'{self.out}/checkpoint.json', done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1)
        self.assertEqual(self.read('out/model.yaml'), before)


class Refused(TrainCase):
    """Exit status 2, one sentence, and no folder."""

    def refuse(self, sentence, rows=None, text=MAP, **options):
        config = self.write('config.yaml', text)
        data = self.write_list(rows) if rows is not None else self.path('folders')
        self.assert_refused(sentence, *self.words(config, data, **options))
        self.assertFalse(os.path.exists(self.out))

    def test_missing_picture(self):
        rows = self.pictures()
        rows[5]['path'] = 'gone.png'
        self.refuse('DIR/footage/parts.csv:7: DIR/footage/gone.png: No such file or directory', rows)

    def test_missing_mask(self):
        rows = self.pictures()
        bad = next(i for i, row in enumerate(rows) if row['mask'])
        rows[bad]['mask'] = 'gone.png'
        done = self.cpac(*self.words(self.write('map.yaml', MAP), self.write_list(rows)), status=2)
        self.assertRegex(done.stderr, f'^cpac train: .*parts.csv:{bad + 2}: .*gone.png.*\n$')

    def test_undecodable_picture(self):
        rows = self.pictures()
        self.write('footage/junk.png', 'junk')
        rows[5]['path'] = 'junk.png'
        self.refuse('DIR/footage/parts.csv:7: DIR/footage/junk.png: could not be decoded: Could not '
                    'determine type of stream.', rows)

    def test_label_of_no_class(self):
        rows = self.pictures()
        rows[4]['label'] = 'scrach'
        done = self.cpac(*self.words(self.write('c.yaml', CLASSES), self.write_list(rows)), status=2)
        self.assertRegex(done.stderr, '^cpac train: .*parts.csv:6: .*"scrach".*good, scratch.*\n$')
        self.assertFalse(os.path.exists(self.out))

    def test_class_without_pictures(self):
        rows = [row for row in self.pictures() if row['label'] == 'good']
        done = self.cpac(*self.words(self.write('c.yaml', CLASSES), self.write_list(rows)), status=2)
        self.assertRegex(done.stderr, '^cpac train: .*parts.csv: .*scratch.*\n$')
        self.assertFalse(os.path.exists(self.out))

    def test_group_on_both_sides(self):
        rows = self.pictures()
        rows[3]['group'] = rows[2]['group']
        self.refuse('DIR/footage/parts.csv:5: frame-00003.png: group "part-3-00002" is in split val '
                    'here and in split train at DIR/footage/parts.csv:4: frame-00002.png; expected '
                    'all pictures of one part on one side', rows)

    def test_unknown_recipe_key(self):
        done = self.cpac(*self.words(self.write('map.yaml', MAP.replace('  rate:', '  raet:')),
                                     self.data()), status=2)
        self.assertTrue(done.stderr.startswith(
            f'cpac train: {self.path("map.yaml")}:13:3: found the unknown key "raet" (did you mean '
            '"rate"?), expected one of epochs, least-steps, batch, '), done.stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_loss_of_another_head(self):
        config = self.write('c.yaml', CLASSES.replace('epochs: 3', 'epochs: 3, loss: pixel-bce'))
        self.assert_refused('a classifier is trained with loss cross-entropy, not with a pixel loss',
                            *self.words(config, self.data()))

    def test_quarter_turns_of_an_oblong(self):
        config = self.write('map.yaml', MAP.replace('shift: 2', 'rotate-quarter: true'))
        self.assert_refused("augment: rotate-quarter needs a square input, but the network's is "
                            '32x24', *self.words(config, self.data()))

    def test_usage(self):
        config, data = self.write('map.yaml', MAP), self.data()
        self.assert_refused('--data and --out are both needed', 'train', config)
        limits = ("--threads must be 1..64, --epochs at least 0 (0: the recipe's), "
                  '--checkpoint-seconds at least 0')
        for more in (('--threads', '0'), ('--threads', '65'), ('--epochs', '-1'),
                     ('--checkpoint-seconds', '-1')):
            self.assert_refused(limits, *self.words(config, data, *more))

    def test_out_is_a_file(self):
        config, data = self.write('map.yaml', MAP), self.data()
        self.assert_refused('DIR/map.yaml: cannot make this folder: Not a directory',
                            *self.words(config, data, out=config))

    def test_loss_explodes(self):
        """The best weights before that are kept."""
        text = MAP.replace('rate: 0.02', 'rate: 80').replace('warm-up: 5', 'warm-up: 50000')
        text = text.replace('batch: 4', 'batch: 4\n  optimizer: sgd\n  clip: 0\n  decay: 0.5')
        config, data = self.write('map.yaml', text), self.data()
        done = self.cpac(*self.words(config, data, '--epochs', '2000'), status=2)
        last = done.stderr.splitlines()[-1]
        self.assertRegex(last, r'^cpac train: epoch \d+(, step \d+)?: the .* not finite')
        self.assertIn('the best so far', done.stderr)
        self.cpac('inspect', f'{self.out}/model.yaml', '--self-check')

    def test_full_disk(self):
        """In a name space of its own, so that the little disk vanishes with it."""
        os.mkdir(self.path('disk'))
        probe = subprocess.run(('unshare', '-m', 'mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs',
                                self.path('disk')), capture_output=True) \
            if shutil.which('unshare') else None
        if probe is None or probe.returncode != 0:
            self.skipTest('a small disk cannot be mounted here')
        config, data = self.write('map.yaml', MAP), self.data()
        script = ('mount -t tmpfs -o size=$1 tmpfs "$2" && shift && shift && "$@"; '
                  'status=$?; ls "$0"; exit $status')
        for size in ('4k', '16k'):
            with self.subTest(size):
                done = self.run_program('unshare', '-m', 'sh', '-c', script, self.path('disk'),
                                        size, self.path('disk'), TOOL,
                                        *self.words(config, data, out=self.path('disk')), status=2)
                last = done.stderr.splitlines()[-1]
                self.assertTrue(last.startswith('cpac train: '), last)
                self.assertIn('No space left on device', last)
                # No half of a model.
                self.assertNotIn('model.yaml', done.stdout.split())


if __name__ == '__main__':
    tap.main()
