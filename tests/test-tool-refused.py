#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad input to cpac: exit status 2, one sentence that says what, where and what was expected, no
result and no file."""
import os
import struct

import tap
from toolcase import TINY, TINY_WEIGHTS, ToolCase, safetensors

GOOD = safetensors(TINY_WEIGHTS)
NAN, INFINITY = float('nan'), float('inf')

# Weights whose sha256 is right, and what is said of them behind "DIR/tiny.safetensors: ".
WEIGHTS = {
    'empty': (b'', "found 0 bytes, expected at least 8 (the header's length)"),
    'torn-length': (GOOD[:5], "found 5 bytes, expected at least 8 (the header's length)"),
    'torn-header': (GOOD[:40], 'byte 0: found a header of 352 bytes, expected at most 32'),
    'torn-data': (GOOD[:-4],
                  'tensor "mean.bias": data_offsets: found 32 to 36, expected them to rise, to at '
                  'most 32 (the data begins at byte 360 of 392)'),
    'over-long': (GOOD + bytes(4),
                  'byte 396: found 4 bytes behind the last tensor, expected the end'),
    'huge-header': (struct.pack('<Q', 1 << 62) + GOOD[8:],
                    'byte 0: found a header of 4611686018427387904 bytes, expected at most 388'),
    'junk': (bytes(range(256)),
             'byte 0: found a header of 506097522914230528 bytes, expected at most 248'),
    'wrong-shape': ({**TINY_WEIGHTS, 'mean.b': ([1, 3], [1 / 3] * 3)},
                    'tensor mean.b is 1x3, layer mean (cpac-conv) expects 3x1'),
    'missing-tensor': ({name: tensor for name, tensor in TINY_WEIGHTS.items() if name != 'mean.c'},
                       'there is no tensor mean.c, layer mean (cpac-conv) expects one of 3x1'),
    'nan': ({**TINY_WEIGHTS, 'mean.b': ([3, 1], [0, 1, NAN])},
            'byte 372: tensor "mean.b": found not-a-number as element 2, expected finite numbers'),
    'infinity': ({**TINY_WEIGHTS, 'mean.a': ([1, 1], [-INFINITY])},
                 'byte 360: tensor "mean.a": found infinity as element 0, expected finite numbers'),
}

# Changes of the tiny model's YAML, and what is said behind "DIR/tiny.yaml:".
YAML = {
    'unknown-key': ('rank: 1', 'rank: 1, rnak: 2',
                    '6:72: found the unknown key "rnak" (did you mean "rank"?), expected one of '
                    'name, type, inputs, filters, kernel, rank, stride, dilation, padding, bias'),
    'wrong-type': ('rank: 1', 'rank: five',
                   '6:69: rank: found five, expected a whole number from 1 to 65536'),
    'list-for-number': ('rank: 1', 'rank: [1]',
                        '6:69: rank: found a list, expected a whole number from 1 to 65536'),
    'duplicate-key': ('rank: 1', 'rank: 1, rank: 1',
                      '6:72: found the key "rank" a second time (first at 6:63), expected it once'),
    'huge-rank': ('rank: 1', 'rank: 1000000000',
                  '6:69: rank: found 1000000000, expected a whole number from 1 to 65536'),
    'beyond-64-bits': ('rank: 1', 'rank: 99999999999999999999',
                       '6:69: rank: found 99999999999999999999, expected a whole number from 1 to '
                       '65536'),
    'negative': ('rank: 1', 'rank: -1',
                 '6:69: rank: found -1, expected a whole number from 1 to 65536'),
    'huge-input': ('width: 8', 'width: 1000000',
                   '3:16: width: found 1000000, expected a whole number from 1 to 8192'),
    'scale-zero': ('scale: [255]', 'scale: [0]',
                   '3:62: scale: found 0, expected a number from 1e-06 to 1000000'),
    'scale-overflow': ('scale: [255]', 'scale: [1e999]',
                       '3:62: scale: found 1e999, expected a number from 1e-06 to 1000000'),
    'window-too-large': ('kernel: [3, 3]', 'kernel: [9, 9]',
                         '6:5: window is 9 high, but its input has only 8 (with padding)'),
    'deep': ('name: tiny', 'name: ' + '[' * 70 + ']' * 70,
             '2:70: found lists and maps 65 levels deep, expected at most 64'),
    'version': ('cpac-model: 1', 'cpac-model: 2', '1:13: cpac-model: found 2, expected 1'),
    'threshold-nan': ('threshold: 0.5,', 'threshold: .nan,',
                      '7:45: threshold: found .nan, expected a number from -1e+30 to 1e+30'),
    'warn-above': ('warn-threshold: 0.25', 'warn-threshold: 0.75',
                   '7:66: warn-threshold 0.75 must not be above threshold 0.5'),
    'sha-syntax': ('SHA256', 'xyz', '4:43: sha256 must be 64 hexadecimal digits, got "xyz"'),
}

SHAPE = ''.join(line for line in TINY.splitlines(True) if 'weights:' not in line)


class Usage(ToolCase):
    def test_words(self):
        for command, arguments in (('inspect', 'MODEL'), ('evaluate', 'MODEL --data M'),
                                   ('replay', 'MODEL SOURCE --journal FILE'), ('compare', 'A B'),
                                   ('bench', 'MODEL...')):
            with self.subTest(command):
                self.assert_refused(f'expected {arguments}, got 0 arguments; see cpac {command} '
                                    '--help', command)
        self.assert_refused('expected MODEL, got 2 arguments; see cpac inspect --help', 'inspect',
                            'a', 'b')
        self.assert_refused('--out is missing: which folder?', 'footage')

    def test_unknown(self):
        done = self.cpac('dance', status=2)
        self.assertEqual(done.stderr, 'cpac: there is no command "dance"; see cpac --help\n')
        self.assert_refused('Unknown option --nonsense', 'inspect', '--nonsense', 'm.yaml')
        self.assertIn('Usage: cpac COMMAND', self.cpac(status=2).stderr)

    def test_missing_options(self):
        model = self.write_model()
        self.assert_refused('--data is missing: what should be scored?', 'evaluate', model)
        self.assert_refused('--journal is missing: where should the lines go?', 'replay', model, 'x')

    def test_numbers(self):
        model = self.write_model()
        self.assert_refused('--threads must be 1..64, got 0', 'evaluate', model, '--data', 'x',
                            '--threads', '0')
        self.assert_refused('--threads must be 1..64, --fps at least 1, --start at least 0',
                            'replay', model, 'x', '--journal', 'j', '--fps', '0')
        self.assert_refused('--threads must be 1..64, --rounds 1..10000, --batch at least 1', 'bench', model,
                            '--threads', '65')
        self.assert_refused('--tolerance and --show must not be negative', 'compare', 'a', 'b',
                            '--tolerance', '-1')

    def test_footage(self):
        for sentence, *words in (
                ('--size must be WIDTHxHEIGHT, got "3"', '--size', '3'),
                ('footage: width must be 16 to 4096, got 3', '--size', '3x300'),
                ('--surface must be metal, cast or woven, got "oak"', '--surface', 'oak'),
                ('--defects takes scratch, pit, stain and chip, got "dent"', '--defects', 'dent'),
                ('--parts and --frames-per-part must be at least 1', '--parts', '0'),
                ('--drift-start must be at least 0, got -1', '--drift-start', '-1'),
                ('footage: lamp_drift must be 0 to 0.5, got 0.6', '--lamp-drift', '0.6'),
                ('footage: n_parts must be 1 to 1000000, got 2000000000', '--parts', '2000000000'),
                ('footage: defect_rate must be 0 to 1, got 2', '--defect-rate', '2'),
                ('footage: contrast must be 0.8 to 2, got 3', '--contrast', '3')):
            with self.subTest(sentence):
                self.assert_refused(sentence, 'footage', '--out', self.path('out'), *words)
        self.assertEqual(os.listdir(self.folder), [])
        self.write('file', '')
        self.assert_refused('DIR/file/x: cannot make this folder: Not a directory', 'footage',
                            '--out', self.path('file/x'))

    def test_level(self):
        done = self.cpac('inspect', 'x', env=dict(os.environ, CPAC_CPU='mmx'), status=2)
        self.assertRegex(done.stderr, r'^cpac inspect: CPAC_CPU is "mmx", on this machine it can '
                                      r'be: c\b.*\n$')


class Model(ToolCase):
    def test_weights(self):
        for name, (weights, sentence) in WEIGHTS.items():
            with self.subTest(name):
                model = self.write_model(weights=weights)
                self.assert_refused(f'DIR/tiny.safetensors: {sentence}', 'inspect', model)

    def test_missing_weights(self):
        model = self.write_model()
        os.remove(self.path('tiny.safetensors'))
        self.assert_refused('DIR/tiny.safetensors: cannot open: No such file or directory',
                            'inspect', model)

    def test_wrong_sha(self):
        model = self.write_model(weights=GOOD)
        other = bytearray(GOOD)
        other[-20] ^= 1
        self.write('tiny.safetensors', bytes(other))
        done = self.cpac('inspect', model, status=2)
        self.assertRegex(done.stderr, r'^cpac inspect: .*/tiny\.safetensors: found the sha256 '
                                      r'[0-9a-f]{64}, expected [0-9a-f]{64}\n$')

    def test_yaml(self):
        for name, (old, new, sentence) in YAML.items():
            with self.subTest(name):
                self.assertIn(old, TINY)
                self.assert_refused(f'DIR/tiny.yaml:{sentence}', 'inspect',
                                    self.write_model(TINY.replace(old, new)))

    def test_binary(self):
        self.write('high.yaml', bytes(range(128, 256)))
        self.assert_refused('DIR/high.yaml:1:1: found 0x80 (invalid leading UTF-8 octet), expected '
                            'UTF-8 text', 'inspect', self.path('high.yaml'))
        self.write('elf.yaml', b'\x7fELF' + bytes(range(256)))
        self.assert_refused('DIR/elf.yaml:1:1: found 0x7f (control characters are not allowed), '
                            'expected UTF-8 text', 'inspect', self.path('elf.yaml'))

    def test_places(self):
        self.assert_refused('DIR/none.yaml: cannot open: No such file or directory', 'inspect',
                            self.path('none.yaml'))
        self.assert_refused('DIR: cannot read: Is a directory', 'inspect', self.folder)

    def test_shape_without_weights(self):
        shape = self.write('shape.yaml', SHAPE)
        sentence = ('DIR/shape.yaml:1:1: this is a shape without weights: it can be inspected, '
                    'benchmarked and trained, nothing else')
        self.assert_refused(sentence, 'evaluate', shape, '--data', 'x')
        self.assert_refused(sentence, 'replay', shape, 'x', '--journal', self.path('j'))
        self.assert_refused('DIR/shape.yaml: a shape without weights has no golden answer',
                            'inspect', shape, '--golden')
        done = self.cpac('inspect', shape, '--self-check', status=1)
        self.assertEqual(done.stderr, f'{shape}: a shape without weights has nothing to check\n')


CLASSIFIER = '''cpac-model: 1
name: two-classes
input: {width: 8, height: 8, channels: 1, mean: [0], scale: [255]}
weights: {file: tiny.safetensors, sha256: SHA256}
layers:
  - {name: mean, type: global-average-pool}
  - {name: flat, type: flatten}
  - {name: fc, type: linear, units: 2}
score: {head: classifier, classes: [cat, dog], good: [cat], threshold: 0.5}
'''


class Data(ToolCase):
    def setUp(self):
        super().setUp()
        self.model = self.write_model()
        self.pattern = self.footage(parts=2)
        self.list = self.path('footage/list.csv')

    def refuse_list(self, sentence, text):
        self.assert_refused(sentence, 'evaluate', self.model, '--data',
                            self.write('m.csv', text))

    def test_lists(self):
        for sentence, text in (
                ('DIR/m.csv:1: unknown column "lable"; expected a header of path, split, label, '
                 'mask, group', 'path,lable\nx.png,good\n'),
                ('DIR/m.csv: lists no picture; expected rows below the header', 'path,label\n'),
                ('DIR/m.csv:2: the quote opened in this line is never closed', 'path,label\n"a'),
                ('DIR/m.csv:2: 1 fields; expected 2, as in the header', 'path,label\na\n'),
                ('DIR/m.csv:1: byte 0x00 is not UTF-8; expected comma-separated text',
                 bytes(range(256))),
                ('DIR/none.png: No such file or directory',
                 'path,split,label,mask,group\nnone.png,test,good,,p\n')):
            with self.subTest(sentence):
                self.refuse_list(sentence, text)

    def test_no_list(self):
        self.assert_refused('DIR/none.csv: No such file or directory', 'evaluate', self.model,
                            '--data', self.path('none.csv'))

    def test_missing_mask(self):
        frame = self.pattern % 0
        self.refuse_list('DIR/none.png: No such file or directory',
                         f'path,label,mask,group\n{frame},scratch,none.png,p\n')

    def test_torn_picture(self):
        with open(self.pattern % 0, 'rb') as file:
            self.write('torn.png', file.read()[:1000])
        sentence = 'DIR/torn.png: the PNG data ends after 1000 bytes, before its end marker'
        self.refuse_list(sentence, 'path,label,group\ntorn.png,good,p\n')
        self.assert_refused(sentence, 'replay', self.model, self.path('torn.png'), '--journal',
                            self.path('j'))
        self.assertFalse(os.path.exists(self.path('j')))

    def test_splits(self):
        self.assert_refused('DIR/footage/list.csv: no picture of split "dev", expected one of test',
                            'evaluate', self.model, '--data', self.list, '--split', 'dev')
        frame = self.pattern % 0
        self.write('m.csv', f'path,label,group\n{frame},good,p\n')
        self.assert_refused('DIR/m.csv: no picture of split "dev", it names no splits', 'evaluate',
                            self.model, '--data', self.path('m.csv'), '--split', 'dev')

    def test_no_pictures(self):
        self.write('t-images-idx3-ubyte', struct.pack('>4I', 0x803, 0, 8, 8))
        self.write('t-labels-idx1-ubyte', struct.pack('>2I', 0x801, 0))
        done = self.cpac('evaluate', self.model, '--data', self.path('t-images-idx3-ubyte'),
                         status=2)
        self.assertEqual(done.stderr.count('\n'), 1)

    def test_label_that_is_no_class(self):
        model = self.write_model(CLASSIFIER, {'fc.weight': ([2, 1], [1, 0]), 'fc.bias': ([2], [0, 0])})
        frame = self.pattern % 0
        self.write('m.csv', f'path,label,group\n{frame},cow,p\n')
        self.assert_refused(f'{frame} has label "cow", expected one of the model\'s classes: cat, '
                            'dog', 'evaluate', model, '--data', self.path('m.csv'))

    def test_models_that_judge_nothing(self):
        section = TINY[TINY.index('score:'):]
        model = self.write_model(TINY.replace(section, 'score: {head: none}\n'))
        self.assert_refused('DIR/tiny.yaml: head none gives no score to evaluate', 'evaluate', model,
                            '--data', self.list)
        model = self.write_model(TINY.replace('good: [good], ', ''))
        self.assert_refused('DIR/tiny.yaml: score.good names no good class, so nothing tells good '
                            'from defect', 'evaluate', model, '--data', self.list)

    def test_frames_below_min_size(self):
        model = self.write_model(TINY.replace('scale: [255]', 'scale: [255], min-size: [128, 100]'))
        rest = 'region is 64x48 pixels, the network takes no less than 128x100'
        self.assert_refused(f'DIR/footage/frame-%05d.png: {rest}', 'replay', model, self.pattern,
                            '--journal', self.path('j'))
        self.assertFalse(os.path.exists(self.path('j')))
        self.assert_refused(f'DIR/footage/frame-00000.png: {rest}', 'evaluate', model, '--data',
                            self.list)

    def test_sources(self):
        for sentence, source, *more in (
                ('DIR/none.mkv: No such file or directory', self.path('none.mkv')),
                ('DIR/footage/no-00000.png: No such file or directory',
                 self.path('footage/no-%05d.png')),
                ('DIR/footage/frame-00099.png: No such file or directory', self.pattern, '--start',
                 '99'),
                ('DIR/tiny.yaml: there is no layer "nix" whose feature maps could be published',
                 self.pattern, '--features', 'nix')):
            with self.subTest(sentence):
                self.assert_refused(sentence, 'replay', self.model, source, '--journal',
                                    self.path('j'), *more)
        self.assertFalse(os.path.exists(self.path('j')))

    def test_journal_that_cannot_be_written(self):
        done = self.cpac('replay', self.model, self.pattern, '--journal', self.path('none/j'),
                         status=2)
        self.assertRegex(done.stderr, r'^cpac replay: .*/none/j: .*No such file or directory\n$')
        os.mkfifo(self.path('pipe'))
        self.assert_refused('DIR/pipe: found no regular file, expected one to replace, or none',
                            'replay', self.model, self.pattern, '--journal', self.path('pipe'))

    def test_old_journal_stays(self):
        self.write('j', 'old\n')
        self.write('m.csv', f'path,label\n{self.pattern % 0},good\nnone.png,good\n')
        self.assert_refused('DIR/none.png: No such file or directory', 'replay', self.model,
                            self.path('m.csv'), '--journal', self.path('j'))
        self.assertEqual(self.read('j'), b'old\n')
        self.assertNotIn('j.', ' '.join(os.listdir(self.folder)))


class Compare(ToolCase):
    def test_no_journals(self):
        self.cpac('replay', self.write_model(), self.footage(parts=1), '--journal', self.path('j'))
        for name, content in (('empty', ''), ('other', '{"x":1}\n'), ('text', 'nonsense\n')):
            with self.subTest(name):
                self.write(name, content)
                for pair in ((name, 'j'), ('j', name), (name, name)):
                    self.assert_refused(
                        f'DIR/{name}: found no line of schema cpac-inspection/1, expected a journal',
                        'compare', *map(self.path, pair))
        self.assert_refused('DIR/none: cannot open: No such file or directory', 'compare',
                            self.path('none'), self.path('j'))

    def test_damaged(self):
        self.cpac('replay', self.write_model(), self.footage(parts=1), '--journal', self.path('j'))
        self.write('torn', self.read('j')[:-1])
        self.assert_refused('DIR/torn:3: the line is torn: found no newline at its end', 'compare',
                            self.path('j'), self.path('torn'))


if __name__ == '__main__':
    tap.main()
