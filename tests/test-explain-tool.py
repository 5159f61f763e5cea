#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac explain as a user meets it, and explanations in the journal of a replay and of a pipeline."""
import json
import os
import struct

import tap
from toolcase import (DATA, SAMPLE, TINY, TINY_WEIGHTS, ToolCase, gst_environment, needs_data,
                      needs_plain_plugin, png)

MNIST = os.path.join(DATA, 'reference-vectors', 'mnist.yaml')
TILES = os.path.join(DATA, 'manifests', 'tile-good-only.csv')
BIASED = dict(TINY_WEIGHTS, **{'mean.bias': ([1], [-0.25])})


def total(answer):
    return (answer['bias_part'] + answer['other_contributions']
            + sum(one['contribution'] for one in answer['components']))


def png_size(data):
    return struct.unpack('>II', data[16:24])


class Picture(ToolCase):
    def test_by_hand(self):
        """Gray 102 is 0.4; the layer's bias is -0.25, all else is its one component's."""
        model = self.write_model(weights=BIASED)
        picture = self.write('gray.png', png(8, 8, [102] * 64))
        answer = self.cpac_json('explain', model, picture)
        self.assertAlmostEqual(answer['score'], 0.15, delta=1e-6)
        self.assertAlmostEqual(answer['explained'], 0.15, delta=1e-6)
        self.assertEqual(answer['bias_part'], -0.25)
        self.assertEqual(answer['verdict'], 'ok')
        self.assertEqual(answer['explained_quantity'], 'map-score')
        self.assertLess(answer['identity_error'], 1e-15)
        self.assertEqual((answer['layer'], answer['n_components']), ('mean', 1))
        (one,) = answer['components']
        self.assertEqual((one['index'], one['layer'], one['significance'], one['share']),
                         (0, 'mean', 1, 1))
        self.assertAlmostEqual(one['contribution'], 0.4, delta=1e-6)
        self.assertNotIn('total_map', answer)
        text = self.cpac('explain', model, picture).stdout
        for line in ('explained: the score of the map, 0.15, at layer mean\n',
                     'bias part           -0.25\n', 'sum                 +0.15, '):
            self.assertIn(line, text)

    def test_files(self):
        """Maps as large as the picture, and the answer beside them."""
        self.footage()
        out = self.path('out')
        picture = self.path('footage/frame-00000.png')
        answer = self.cpac_json('explain', SAMPLE, picture, '--out', out, '--components', '5')
        components = [one['map'] for one in answer['components']]
        self.assertEqual(sorted(os.listdir(out)),
                         sorted(['explanation.json', 'overlay.png', 'total.png'] + components))
        self.assertEqual(components, [f'component-{one["index"]}.png'
                                      for one in answer['components']])
        for name in os.listdir(out):
            if name.endswith('.png'):
                self.assertEqual(png_size(self.read(f'out/{name}')), (64, 48))
        self.assertEqual(json.loads(self.read('out/explanation.json')), answer)
        self.assertEqual(answer['explained_quantity'], 'map-score')
        self.assertGreater(answer['map_limit'], 0)
        # Over what is there, with the same bytes.
        first = {name: self.read(f'out/{name}') for name in os.listdir(out)}
        self.cpac('explain', SAMPLE, picture, '--out', out, '--components', '5')
        self.assertEqual({name: self.read(f'out/{name}') for name in os.listdir(out)}, first)

    def test_layers(self):
        """At every layer, and with any number of components shown, the parts sum to the whole."""
        self.footage()
        for layer, n in (('along-bank', 1), ('along-bank', 2), ('along-logit', 1),
                         ('border-bank', 7), ('border-logit', 1)):
            with self.subTest(layer, n=n):
                answer = self.cpac_json('explain', SAMPLE, self.path('footage/frame-00001.png'),
                                        '--layer', layer, '--components', str(n))
                self.assertEqual(answer['layer'], layer)
                self.assertEqual(len(answer['components']), min(n, answer['n_components']))
                self.assertAlmostEqual(total(answer), answer['explained'], delta=1e-12)
                self.assertAlmostEqual(answer['explained'], answer['score'], delta=1e-5)

    def test_refused(self):
        model = self.write_model()
        picture = self.write('gray.png', png(8, 8, [102] * 64))
        for sentence, *words in (
                ('which picture? Expected MODEL PICTURE, or MODEL --data M', model),
                ('either a PICTURE or --data, not both', model, picture, '--data', 'x'),
                ('--out is for one PICTURE; --data prints figures', model, '--data', 'x', '--out',
                 'y'),
                ('--split and --baseline go with --data', model, picture, '--split', 'x'),
                ('--split and --baseline go with --data', model, picture, '--baseline', 'gradient'),
                ('--baseline must be gradient', model, '--data', 'x', '--baseline', 'luck'),
                ('--components must be 1..65536', model, picture, '--components', '0'),
                ('--threads must be 1..64', model, picture, '--threads', '0'),
                ('--grow must be 0..1000', model, picture, '--grow', '-1'),
                ('DIR/tiny.yaml: there is no layer "x" to explain at', model, picture, '--layer',
                 'x'),
                ('DIR/tiny.yaml: layer along-contrast (local-contrast) between layer along-crop and '
                 'the score is not piecewise linear, so the score cannot be shared out; expected a '
                 'cpac-conv behind it'.replace('DIR/tiny.yaml', SAMPLE), SAMPLE, picture, '--layer',
                 'along-crop')):
            with self.subTest(sentence):
                self.assert_refused(sentence, 'explain', *words)

    def test_nothing_is_left_behind(self):
        model = self.write_model()
        self.cpac('explain', model, self.path('none.png'), '--out', self.path('out'), status=2)
        self.assertFalse(os.path.exists(self.path('out')))
        picture = self.write('gray.png', png(8, 8, [102] * 64))
        self.write('file', '')
        self.assert_refused('DIR/file/x: cannot make this folder: Not a directory', 'explain', model,
                            picture, '--out', self.path('file/x'))


class List(ToolCase):
    def setUp(self):
        super().setUp()
        self.footage(parts=20, size='96x64', seed=1)
        self.list = self.path('footage/list.csv')

    def test_answers(self):
        answer = self.cpac_json('explain', SAMPLE, '--data', self.list, '--baseline', 'gradient')
        self.assertEqual((answer['n'], answer['layer']), (20, 'along-bank'))
        self.assertEqual(len(answer['pictures']), 20)
        self.assertLess(answer['identity_error'], 1e-12)
        self.assertEqual(sum(one['n'] for one in answer['labels']), 20)
        by_label = {one['label']: one for one in answer['labels']}
        self.assertIsNone(by_label['good']['mass_inside'])
        for label, one in by_label.items():
            pictures = [each for each in answer['pictures'] if each['label'] == label]
            self.assertEqual(one['n'], len(pictures))
            masked = [each for each in pictures if 'hit' in each]
            self.assertEqual(one['n_masks'], len(masked))
            self.assertEqual(len(masked) > 0, label != 'good')
            for key, rate in (('hit', 'hit_rate'), ('baseline_hit', 'baseline_hit_rate')):
                if masked:
                    self.assertAlmostEqual(one[rate], sum(each[key] for each in masked) / len(masked))
            shares = {each['components'][0]['index']: each['components'][0]['share']
                      for each in pictures}
            self.assertTrue(all(-1 <= share <= 1 for share in shares.values()))
        # The list says of each picture what explaining it alone says.
        first = answer['pictures'][0]
        alone = self.cpac_json('explain', SAMPLE, self.path('footage/frame-00000.png'))
        for key in ('score', 'verdict', 'explained', 'bias_part', 'identity_error'):
            self.assertEqual(first[key], alone[key])
        for one, other in zip(first['components'], alone['components']):
            self.assertEqual((one['index'], one['contribution'], one['share']),
                             (other['index'], other['contribution'], other['share']))

    def test_same_bytes(self):
        words = ('explain', SAMPLE, '--data', self.list, '--baseline', 'gradient')
        for form in ((), ('--json',)):
            one, two = (self.cpac(*words, *form, '--threads', n).stdout for n in ('1', '3'))
            self.assertEqual(one, two)

    def test_text(self):
        text = self.cpac('explain', SAMPLE, '--data', self.list).stdout
        self.assertIn('20 pictures explained at layer along-bank, 2 components', text)
        self.assertRegex(text, r'\ngood +\d+ +0 +- +- +-   [01]:')

    def test_refused(self):
        self.assert_refused(f'{self.list}: no picture of split x', 'explain', SAMPLE, '--data',
                            self.list, '--split', 'x')
        self.write('v.mkv', b'')
        self.assert_refused('DIR/v.mkv: a video is no list; cpac replay --explain explains its '
                            'frames', 'explain', SAMPLE, '--data', self.path('v.mkv'))
        os.remove(self.path('footage/frame-00003.png'))
        done = self.cpac('explain', SAMPLE, '--data', self.list, status=2)
        self.assertIn('frame-00003.png', done.stderr)

    def frames(self):
        return [line['inspection'] for line in map(json.loads, self.read('j').splitlines())
                if 'inspection' in line]

    def test_replay(self):
        """The journal says what explain says; scores are those of a replay without."""
        self.cpac('replay', SAMPLE, self.list, '--journal', self.path('j'))
        plain = self.frames()
        self.cpac('replay', SAMPLE, self.list, '--journal', self.path('j'), '--explain', '2')
        frames = self.frames()
        answer = self.cpac_json('explain', SAMPLE, '--data', self.list)
        self.assertEqual(len(frames), 20)
        for frame, before, picture in zip(frames, plain, answer['pictures']):
            self.assertEqual(frame['score'], before['score'])
            self.assertNotIn('components', before)
            for key in ('explained', 'explained_quantity', 'bias_part', 'identity_error'):
                self.assertEqual(frame[key], picture[key])
            self.assertEqual(
                [(one['index'], one['contribution'], one['share']) for one in frame['components']],
                [(one['index'], one['contribution'], one['share']) for one in picture['components']])
            self.assertEqual(sorted(frame['components'][0]),
                             ['contribution', 'index', 'layer', 'map_max', 'map_min', 'share',
                              'significance'])

    def test_ignore_mask(self):
        """What does not count explains nothing, in the list, the picture and the journal."""
        mask = ('--ignore-mask', self.write('mask.png', png(2, 1, [255, 0])))
        self.cpac('replay', SAMPLE, self.list, '--journal', self.path('j'), '--explain', '1', *mask)
        answer = self.cpac_json('explain', SAMPLE, '--data', self.list, *mask)
        whole = self.cpac_json('explain', SAMPLE, '--data', self.list)
        alone = self.cpac_json('explain', SAMPLE, self.path('footage/frame-00000.png'), *mask)
        self.assertEqual(alone['explained'], answer['pictures'][0]['explained'])
        for frame, picture, before in zip(self.frames(), answer['pictures'], whole['pictures']):
            self.assertEqual(frame['explained'], picture['explained'])
            self.assertAlmostEqual(picture['explained'], picture['score'],
                                   delta=1e-5 * max(1, abs(picture['score'])))
            self.assertLessEqual(picture['score'], before['score'])
        self.assertNotEqual(answer['pictures'], whole['pictures'])
        self.assert_refused('DIR/none.png: cannot open: No such file or directory', 'explain',
                            SAMPLE, '--data', self.list, '--ignore-mask', self.path('none.png'))

    @needs_plain_plugin
    def test_pipeline(self):
        """The element's metadata, through cpacjson, is the replay's journal."""
        frames = self.path('footage/frame-%05d.png')
        self.cpac('replay', SAMPLE, frames, '--journal', self.path('j'), '--explain', '2')
        replayed = self.frames()
        self.run_program('gst-launch-1.0', '-q', 'multifilesrc', f'location={frames}',
                         'caps=image/png,framerate=25/1', '!', 'pngdec', 'qos=false', '!',
                         'cpacscore', f'model={SAMPLE}', 'explain=2', '!', 'cpacjson',
                         'timing=false', '!', 'filesink', f'location={self.path("j")}',
                         env=gst_environment())
        self.assertEqual(self.frames(), replayed)
        self.assertEqual([len(frame['components']) for frame in replayed], [2] * 20)


class Bench(ToolCase):
    def test_costs(self):
        answer = self.cpac_json('bench', SAMPLE, '--rounds', '1', '--explain', '2')
        self.assertGreater(answer['us_scored'], 0)
        self.assertGreater(answer['us_explained'], 0)
        self.assertIn('explained by 2 component(s)',
                      self.cpac('bench', SAMPLE, '--rounds', '1', '--explain', '2').stdout)
        self.assert_refused('--explain must be 0..65536, and goes without --train', 'bench', SAMPLE,
                            '--train', '--explain', '1')
        self.assert_refused('--explain must be 0..65536', 'replay', SAMPLE, 'x', '--journal', 'j',
                            '--explain', '-1')


class Real(ToolCase):
    @needs_data('mnist/t10k-images-idx3-ubyte.gz')
    def test_classifier(self):
        """No class is good: what speaks for the class named against the runner-up."""
        answer = self.cpac_json('explain', MNIST, '--threads', '2', '--components', '5', '--data',
                                os.path.join(DATA, 'mnist', 't10k-images-idx3-ubyte.gz'))
        self.assertEqual(answer['n'], 10000)
        self.assertLess(answer['identity_error'], 1e-6)
        for picture in answer['pictures']:
            self.assertEqual(picture['explained_quantity'], 'logit-difference')
            self.assertGreaterEqual(picture['explained'], 0)
            self.assertNotEqual(picture['explained_class'], picture['rival_class'])
            self.assertAlmostEqual(picture['explained'], picture['bias_part'] + sum(
                one['contribution'] for one in picture['components']), delta=1e-10)
        right = sum(one['explained_class'] == one['label'] for one in answer['pictures'])
        self.assertEqual(right, 9782)

    @needs_data('manifests/tile-good-only.csv')
    def test_map(self):
        answer = self.cpac_json('explain', SAMPLE, '--threads', '2', '--split', 'dev', '--data',
                                TILES)
        self.assertEqual(answer['n'], 250)
        self.assertLess(answer['identity_error'], 1e-6)
        for picture in answer['pictures']:
            self.assertAlmostEqual(picture['explained'], picture['score'],
                                   delta=1e-5 * max(1, abs(picture['score'])))


if __name__ == '__main__':
    tap.main()
