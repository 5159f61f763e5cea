#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`cpac bench`: its tables, and what it does about an ONNX Runtime that is not there or misbehaves.
The real one has its turn in onnx-bench."""
import os
import unittest

import tap
from toolcase import TINY, ToolCase

SHAPE = ''.join(line for line in TINY.splitlines(True) if 'weights:' not in line)


class Tables(ToolCase):
    def test_networks_and_threads(self):
        a = self.write('a.yaml', SHAPE)
        b = self.write('b.yaml', SHAPE.replace('name: tiny', 'name: "ot|her"'))
        answer = self.cpac_json('bench', a, b, '--threads', '1,2', '--rounds', '1')
        self.assertEqual(list(answer), ['networks'])
        self.assertEqual([(network['name'], network['threads']) for network in answer['networks']],
                         [('tiny', 1), ('tiny', 2), ('ot|her', 1), ('ot|her', 2)])
        for network in answer['networks']:
            self.assertGreater(network['us_median'], 0)
            self.assertEqual({row['threads'] for row in network['rows']}, {network['threads']})
        lines = self.cpac('bench', a, b, '--threads', '1,2', '--rounds', '1').stdout.splitlines()
        self.assertEqual(lines[2:4],
                         ['| network | level | threads | us | quartiles | GFLOP/s | FMA peak | share |',
                          '|---|---|---|---|---|---|---|---|'])
        rows = [line.replace('\\|', '/').split('|') for line in lines[4:]]
        self.assertEqual({len(row) for row in rows}, {10})
        self.assertEqual(len(rows), 4 * len(answer['networks'][0]['rows']))
        self.assertEqual({(row[1].strip(), row[3].strip()) for row in rows},
                         {('tiny', '1'), ('tiny', '2'), ('ot/her', '1'), ('ot/her', '2')})

    def test_refused(self):
        model = self.write('a.yaml', SHAPE)
        for threads in '', '1,', '0', '65', '1,65', '1 2', '-1', '1.5':
            with self.subTest(threads):
                self.assert_refused('--threads must be 1..64, --rounds 1..10000, --batch at least 1',
                                    'bench', model, '--threads', threads)
        self.assert_refused('--onnxruntime goes without --train', 'bench', model, '--train',
                            '--onnxruntime')
        done = self.cpac('bench', model, self.path('none.yaml'), '--rounds', '1', status=2)
        self.assertIn('none.yaml', done.stderr)
        self.assertEqual(done.stdout, '')


class Runtime(ToolCase):
    """A program that calls itself node."""

    def environment(self, script=None, package=True):
        os.makedirs(self.path('bin'), exist_ok=True)
        if script is not None:
            os.chmod(self.write('bin/node', f'#!/bin/sh\n{script}\n'), 0o755)
        if package:
            os.makedirs(self.path('node_modules/onnxruntime-node'), exist_ok=True)
            self.write('node_modules/onnxruntime-node/package.json', '{}')
        os.makedirs(self.path('temporary'), exist_ok=True)
        return dict(os.environ, PATH=self.path('bin'), NODE_PATH='', TMPDIR=self.path('temporary'),
                    CPAC_ONNXRUNTIME=self.folder if package else '')

    def check_skipped(self, why, env):
        model = self.write('a.yaml', SHAPE)
        done = self.cpac('bench', model, '--rounds', '1', '--onnxruntime', env=env)
        self.assertEqual(done.stdout.splitlines()[-1], f'ONNX Runtime: skipped, {why}.')
        answer = self.cpac_json('bench', model, '--rounds', '1', '--onnxruntime', env=env)
        self.assertEqual(answer['onnxruntime'], {'skipped': why})
        self.assertGreater(answer['us_median'], 0)

    def test_no_node(self):
        self.check_skipped('there is no node in PATH', self.environment())

    def test_no_package(self):
        self.check_skipped('there is no npm package onnxruntime-node (npm install --ignore-scripts '
                           'onnxruntime-node) in the folder that CPAC_ONNXRUNTIME names, in '
                           'NODE_PATH or here', self.environment('exit 0', package=False))

    def check_failure(self, script, sentence):
        """One sentence, and nothing stays behind."""
        env = self.environment(script)
        self.assert_refused(f'ONNX Runtime: {sentence}', 'bench', self.write('a.yaml', SHAPE),
                            '--rounds', '1', '--onnxruntime', env=env)
        self.assertEqual(os.listdir(self.path('temporary')), [])

    def test_failures(self):
        version = 'echo \'{"version": "1"}\'\n'
        session = 'read line; echo \'{"session": 0}\'\n'
        for script, sentence in (
                ('exit 3', 'node ended with status 3 instead of an answer'),
                ('kill -9 $$', 'node ended by signal 9 instead of an answer'),
                ('echo "Error: out of luck"',
                 'node answered "Error: out of luck", expected a JSON object with "version"'),
                ('echo \'{"error": "Cannot find module"}\'', 'Cannot find module'),
                (version + 'exit 4', 'node ended with status 4 instead of an answer'),
                (version + 'exec 0<&-; echo; read line < /dev/null; exit 0',
                 'node answered "", expected a JSON object with "session"'),
                (version + 'read line; echo \'{"session": "x"}\'',
                 'node answered "{\\"session\\": \\"x\\"}", expected a JSON object with "session"'),
                (version + 'read line; printf abc > output.f32; echo \'{"session": 0}\'',
                 'factored-1.onnx gave 3 bytes, expected 1 times 144')):
            with self.subTest(script):
                self.check_failure(script, sentence)
        # An output that is not there.
        done = self.cpac('bench', self.write('a.yaml', SHAPE), '--rounds', '1', '--onnxruntime',
                         env=self.environment(version + session), status=2)
        self.assertIn('output.f32', done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1)
        self.assertEqual(os.listdir(self.path('temporary')), [])

    def test_others_numbers(self):
        """A runtime that is quick, and wrong: the answer is no."""
        env = self.environment('''echo '{"version": "0.0"}'
n=0
while read line; do
  case $line in
  *open*) copies=${line#*-}; copies=${copies%%.onnx*}
    i=0; while [ $i -lt $((copies * 36)) ]; do printf '\\0\\0\\200\\077'; i=$((i + 1)); done > output.f32
    echo '{"session": '$n'}'; n=$((n + 1));;
  *'"time": 0'* | *'"time": 2'* | *'"time": 4'*) echo '{"us": 1000}';;
  *) echo '{"us": 33000}';;
  esac
done''')
        model = self.write('a.yaml', SHAPE)
        answer = self.cpac_json('bench', model, '--rounds', '3', '--onnxruntime', env=env, status=1)
        found = answer['onnxruntime']
        self.assertEqual(found['version'], '0.0')
        for form in 'factored', 'merged', 'dense':
            self.assertEqual((found[f'{form}_us'], found[f'{form}_call_us']), (1000, 1000))
            self.assertEqual(found[f'ratio_{form}'], found['ratio_dense'])
        self.assertGreater(found['difference'], 1e-4)
        done = self.cpac('bench', model, '--rounds', '3', '--onnxruntime', env=env, status=1)
        self.assertIn('tiny: outputs of ONNX Runtime differ by', done.stderr)
        self.assertEqual(done.stdout.splitlines()[-3:-1],
                         ['| network | threads | ours us | factored us (a call) | merged us (a call) '
                          '| dense us (a call) | factored / ours | merged / ours | dense / ours '
                          '| difference |', '|---|---|---|---|---|---|---|---|---|---|'])
        self.assertTrue(done.stdout.splitlines()[-1].startswith('| tiny | 1 | '))
        self.assertIn(' | 1000.0 (1000.0)' * 3 + ' | ', done.stdout)
        self.assertEqual(os.listdir(self.path('temporary')), [])


if __name__ == '__main__':
    tap.main()
