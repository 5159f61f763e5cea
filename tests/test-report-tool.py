#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac report: pages of drawn footage and of made-up journals, and what it refuses."""
import base64
import html.parser
import json
import os
import re
import xml.etree.ElementTree as ElementTree

import tap
from toolcase import SAMPLE, ToolCase, png

SCHEMA = 'cpac-inspection/1'
CODES = {'undefined': 0, 'ok': 1, 'not-ok': 2, 'not-decidable': 3}
VOID = {'meta', 'img'}


class Balance(html.parser.HTMLParser):
    """Every element is closed, in order; nothing runs, nothing comes from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.headings = [], []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        assert tag not in ('script', 'link', 'iframe', 'object'), tag
        assert not any(name.startswith('on') for name in names), names
        for name in ('src', 'href'):
            assert names.get(name, 'data:').startswith('data:'), names
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == 'h2':
            self.headings.append(data)


def frame(number, verdict='ok', score=0.5, **more):
    status = 'skipped' if verdict == 'undefined' else 'scored'
    return {'timestamp': number * 1000, 'frame_id': number,
            'inspection': {'status': status, 'verdict': verdict, 'verdict_code': CODES[verdict],
                           'score': score, 'threshold': 2.0, 'warn_threshold': 1.0, 'model': 'm',
                           'model_sha256': 'ab' * 32, **more}}


def record(kind, **more):
    return {'schema': SCHEMA, 'record': kind, **more}


def counts(*verdicts):
    return {'seen': len(verdicts),
            **{name.replace('-', '_'): verdicts.count(name) for name in CODES}}


def part(number, value, verdict='ok', **more):
    readings = [{'series': series, 'chart': 'ewma', 'value': value, 'lower': -1.0, 'upper': 1.0,
                 'alarm': abs(value) > 1} for series in ('score', 'brightness')]
    return record('part', part=number, verdict=verdict, verdict_code=CODES[verdict], frames=1,
                  lost=0, score=value, monitor={
                      'state': 'in-control' if abs(value) <= 1 else 'process-drift',
                      'sentence': f'Value {value}.', 'alarms': ['score'] * (abs(value) > 1),
                      'charts': readings}, **more)


def lines(*records):
    return ''.join(json.dumps(r, separators=(',', ':')) + '\n' for r in records)


class Report(ToolCase):
    def assert_says(self, text, sentence):
        self.assertTrue(sentence in text, sentence)

    def page(self, journal, *words):
        """The page as text, checked as a page; and its summary."""
        told = self.cpac_json('report', journal, '--out', self.path('page.html'), *words)
        text = self.read('page.html').decode()
        balance = Balance()
        balance.feed(text)
        self.assertEqual(balance.open, [])
        self.assertEqual([h.split()[0] for h in balance.headings],
                         ['Model', 'Yield', 'Verdicts', 'Not', 'Control', 'Scores', 'Worst'])
        pictures = re.findall(r'<svg.*?</svg>', text, re.S)
        for picture in pictures:
            self.assertTrue(ElementTree.fromstring(picture).get('viewBox'))
        self.assertEqual([name for name in os.listdir(self.folder) if 'page.html' in name],
                         ['page.html'])
        return text, told, len(pictures)

    def test_replay(self):
        frames = self.footage(parts=8, size='256x256')
        self.cpac('replay', SAMPLE, frames, '--journal', self.path('j'))
        text, told, n_pictures = self.page(self.path('j'))
        self.assertEqual(told['frames']['seen'], 8)
        self.assertEqual(told['of'], 'frames')
        self.assertTrue(told['closes'])
        self.assertEqual(n_pictures, 2)
        self.assert_says(text, '8 frames seen: ')
        self.assert_says(text, 'The ledger closes.')
        self.assert_says(text, 'has no control charts: they come from cpacmonitor')
        self.assert_says(text, told['models'][0]['config_sha256'])
        self.assertEqual(text, self.page(self.path('j'))[0])

    def test_parts(self):
        verdicts = ['ok', 'not-ok', 'ok', 'undefined']
        journal = self.write('j', lines(
            record('header', model='m'),
            frame(0, part=0), part(0, 0.5, part_id='<script>alert(1)</script>'),
            frame(1, 'not-ok', 7.0, part=1), part(1, 7.0, 'not-ok', part_id='a&b'),
            frame(2, part=2), part(2, -0.5),
            record('lost', frames=1, parts=1, part_frames=0, frame_id=4, how='offset'),
            record('closing', frames={**counts(*verdicts), 'lost': 1}, parts=counts(*verdicts))))
        text, told, n_pictures = self.page(journal)
        self.assertEqual(n_pictures, 4)
        self.assertEqual(told['warnings'], [])
        self.assert_says(text, '4 parts seen: 2 ok, 1 not ok, 0 not decidable, 1 not inspected.')
        # Clopper-Pearson for 2 of 4, from tables.
        self.assert_says(text, '6.76&#160;% to 93.24&#160;%')
        self.assert_says(text, 'never came, as told by offset')
        self.assert_says(text, '&lt;script&gt;alert(1)&lt;/script&gt;')
        self.assert_says(text, 'a&amp;b')
        self.assert_says(text, 'Value 7.0.')
        self.assertEqual([c['state'] for c in told['state_changes']],
                         ['in-control', 'process-drift', 'in-control'])
        self.assertEqual([(c['series'], c['alarms']) for c in told['charts']],
                         [('score', 1), ('brightness', 1)])

    def test_broken_off(self):
        journal = self.write('j', lines(record('header'), frame(0)) + '{"frame_id":1,"insp')
        text, told, _ = self.page(journal)
        self.assertFalse(told['closes'])
        self.assert_says(text, 'The ledger does not close.')
        self.assert_says(text, 'The last line (3) is torn')
        self.assert_says(text, 'has no closing record')

    def test_evidence(self):
        picture = png(2, 2, [0, 80, 160, 240])
        kept = [frame(1, 'not-ok', 7.0), frame(2, 'not-ok', 6.0), frame(3, 'not-ok', 5.0),
                frame(4, 'not-ok', 4.0)]
        journal = self.write('j', lines(record('header'), frame(0), *kept))
        os.mkdir(self.path('kept'))
        for stem, line in (('a', kept[0]), ('b', kept[1]), ('twice', kept[1]), ('cut', kept[2]),
                           ('other', frame(4, 'not-ok', 3.5))):
            self.write(f'kept/{stem}.json', lines(line))
            self.write(f'kept/{stem}.png', picture[:-3] if stem == 'cut' else picture)
        self.write('kept/a-map.png', picture)
        self.write('kept/nonsense.json', '{')
        text, _, _ = self.page(journal, '--evidence', self.path('kept'))
        self.assertEqual(text.count('data:image/png;base64,' + base64.b64encode(picture).decode()), 2)
        self.assertEqual(text.count('several pictures are of such a frame'), 1)
        self.assertEqual(text.count('it is no whole PNG'), 1)
        self.assertEqual(text.count('no picture kept'), 2)

    def test_pictures_are_bounded(self):
        kept = [frame(i, 'not-ok', 9.0 - i / 10) for i in range(26)]
        journal = self.write('j', lines(record('header'), *kept))
        os.mkdir(self.path('kept'))
        for i, line in enumerate(kept):
            self.write(f'kept/{i}.json', lines(line))
            self.write(f'kept/{i}.png', png(1, 1, [i]))
            self.write(f'kept/{i}-map.png', png(1, 1, [i]))
        text, _, _ = self.page(journal, '--evidence', self.path('kept'))
        self.assertEqual(text.count('<img '), 24)
        self.assertEqual(text.count('the page is full'), 12)

    def test_long(self):
        """100,000 lines; the page stays small and says what it leaves out. Instrumented, a fifth."""
        n = 20000 if os.environ.get('CPAC_TEST_SANITIZED') else 100000
        parts = [part(i, 2.0 if i % 50 == 7 else 0.1, part_id=f'p{i}') for i in range(n)]
        journal = self.write('j', lines(record('header'), *parts))
        text, told, _ = self.page(journal)
        self.assertEqual(told['parts']['seen'], n)
        self.assertLess(len(text), 400000)
        self.assert_says(text, f'{n // 50} alarms, of which 300, evenly spread, are drawn.')
        self.assert_says(text, f'The first 200 of {n // 25 + 1} changes are listed.')

    def test_refused(self):
        good = lines(record('header'), frame(0))
        for text, sentence in (
                ('', 'DIR/j: found no line, expected a journal'),
                (good + '{"a":1}\n' + good,
                 'DIR/j:3: found neither frame nor record, expected a line of a journal'),
        ):
            self.write('j', text)
            self.assert_refused(sentence, 'report', self.path('j'), '--out', self.path('page.html'))
            self.assertFalse(os.path.exists(self.path('page.html')))
        self.write('j', good)
        self.assert_refused('--out is missing: the page to write; or --json', 'report',
                            self.path('j'))
        self.assert_refused('--out is the journal itself: expected another file', 'report',
                            self.path('j'), '--out', self.path('j'))
        self.assertEqual(self.read('j').decode(), good)
        self.assert_refused('--evidence goes with --out', 'report', self.path('j'), '--json',
                            '--evidence', self.folder)
        self.cpac('report', self.path('j'), '--out', self.path('page.html'), '--evidence',
                  self.path('none'), status=2)
        self.assertFalse(os.path.exists(self.path('page.html')))


if __name__ == '__main__':
    tap.main()
