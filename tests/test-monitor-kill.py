#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A pipeline that is killed (SIGKILL) at random moments leaves a journal of whole lines, and starts
again with a ledger that closes. The journal is audited here by a count of its own."""
import json
import os
import random
import signal
import subprocess
import time

import tap
from toolcase import TINY, ToolCase, gst_environment, needs_plain_plugin

N_KILLS = 20
FRAMES_PER_PART = 3
# Snow is gray on average: every frame is ok.
MODEL = TINY.replace('threshold: 0.5, warn-threshold: 0.25',
                     'threshold: 0.95, warn-threshold: 0.9')
VERDICTS = ('undefined', 'ok', 'not_ok', 'not_decidable')


class Counts:
    """Frames or parts by verdict."""

    def __init__(self):
        self.verdicts = [0, 0, 0, 0]

    def matches(self, said):
        return (all(said[name] == n for name, n in zip(VERDICTS, self.verdicts))
                and said['seen'] == sum(self.verdicts))


class Session:
    """What the lines from one header to its closing record say."""

    def __init__(self, header):
        self.number = header['session']
        self.previous = header.get('previous')
        self.frames, self.parts = Counts(), Counts()
        self.frames_of_parts = 0  # by the parts' records
        self.recovered = None  # known when it is closed
        self.n_recovered_parts = 0
        self.next_part = 0

    def add(self, line):
        """One line behind the header; returns an error, or None."""
        record = line.get('record', 'frame')
        if self.recovered is not None:
            return f'{record} behind the closing record'
        if record == 'frame':
            inspection = line['inspection']
            self.frames.verdicts[inspection['verdict_code']] += 1
            return None if inspection['part'] == self.next_part else 'a part out of order'
        if record == 'lost':
            self.frames.verdicts[0] += line['frames']
            self.parts.verdicts[0] += line['parts']
        elif record == 'part':
            self.parts.verdicts[line['verdict_code']] += 1
            self.frames_of_parts += line['frames']
            self.n_recovered_parts += line.get('recovered', False)
            self.next_part = line['part'] + 1
            if not line.get('incomplete') and line['frames'] != FRAMES_PER_PART:
                return f"a part of {line['frames']} frames"
            if line.get('incomplete') and line['verdict'] == 'ok':
                return 'a part that broke off is ok'
            return self.check(line['ledger'])
        elif record == 'closing':
            self.recovered = line.get('recovered', False)
            if self.frames_of_parts != sum(self.frames.verdicts):
                return 'frames that belong to no part'
            return self.check(line)
        return None

    def check(self, ledger):
        if self.frames.matches(ledger['frames']) and self.parts.matches(ledger['parts']):
            return None
        return f'a ledger that does not close: {ledger}, counted {vars(self.frames)}'


def audit(text):
    """The sessions of a journal that ends in a whole line. ValueError with the line's number."""
    sessions = []
    for number, row in enumerate(text.decode().split('\n')[:-1], 1):
        line = json.loads(row)
        error = None
        if line.get('record') == 'header':
            if sessions and sessions[-1].recovered is None:
                error = 'a header inside a session'
            sessions.append(Session(line))
            if sessions[-1].number != len(sessions):
                error = 'a session out of order'
        else:
            error = sessions[-1].add(line)
        if error:
            raise ValueError(f'line {number}: {error}')
    if sessions and sessions[-1].recovered is None:
        raise ValueError('the last session is not closed')
    return sessions


@needs_plain_plugin
class Kill(ToolCase):
    def start(self, n_frames, sync='part'):
        model = self.path('tiny.yaml')
        return subprocess.Popen(
            ['gst-launch-1.0', 'videotestsrc', f'num-buffers={n_frames}', 'pattern=snow', '!',
             'video/x-raw,format=GRAY8,width=32,height=32', '!',
             'cpacscore', f'model={model}', 'messages=none', '!',
             'cpacmonitor', f"journal={self.path('line.jsonl')}",
             f"state-file={self.path('line.state')}", 'state-interval=7', f'journal-sync={sync}',
             f'frames-per-part={FRAMES_PER_PART}', '!', 'fakesink'],
            env=gst_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def size(self):
        try:
            return os.path.getsize(self.path('line.jsonl'))
        except FileNotFoundError:
            return 0

    def kill_one(self, delay, sync='part'):
        """Kills the pipeline that long after the journal began to grow. Returns by how much."""
        before = self.size()
        process = self.start(10_000_000, sync)
        try:
            deadline = time.monotonic() + 60
            while self.size() <= before:
                self.assertIsNone(process.poll(), 'the pipeline ended by itself')
                self.assertLess(time.monotonic(), deadline, 'no line in the journal')
                time.sleep(0.002)
            time.sleep(delay)
        finally:
            process.send_signal(signal.SIGKILL)
            output = process.communicate()[0]
        self.assertEqual(process.returncode, -signal.SIGKILL, output)
        return self.size() - before

    def check_whole(self, text):
        """Every line is JSON, but for at most the last, which is torn."""
        rows = text.split(b'\n')
        for number, row in enumerate(rows[:-1], 1):
            try:
                json.loads(row)
            except ValueError as error:
                self.fail(f'line {number}: {error}: {row[:80]}')
        return rows[-1] != b''

    def test_kill(self):
        self.write_model(MODEL)
        chance = random.Random(20261)
        n_torn = n_headers = 0
        for _ in range(N_KILLS):
            written = self.kill_one(chance.uniform(0, 0.25), chance.choice(('part', 'none')))
            self.assertGreater(written, 0)
            text = self.read('line.jsonl')
            n_torn += self.check_whole(text)
            # A kill may come before the session's own header, while the one before is closed.
            n_headers = text[:text.rindex(b'\n') + 1].count(b'"record":"header"')
        self.assertGreater(n_headers, N_KILLS / 2)

        process = self.start(10)
        output = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 0, output)
        self.assertIn('the last session broke off', output)
        sessions = audit(self.read('line.jsonl'))
        self.assertEqual(len(sessions), n_headers + 1)
        self.assertTrue(all(session.recovered for session in sessions[:-1]))
        self.assertFalse(sessions[-1].recovered)
        for session in sessions[1:]:
            self.assertEqual(session.previous['ended'], 'interrupted')
        # Ten frames: three parts of three, and one that the end of the stream broke off.
        self.assertEqual(sum(sessions[-1].frames.verdicts), 10)
        self.assertEqual(sum(sessions[-1].parts.verdicts), 4)
        self.assertEqual(sessions[-1].parts.verdicts, [1, 3, 0, 0])
        n_parts = sum(session.n_recovered_parts for session in sessions)
        print(f'# {N_KILLS} kills: {n_parts} parts were in hand, {n_torn} lines torn', flush=True)

    def test_compare(self):
        """What the tool makes of a journal of several sessions."""
        self.write_model(MODEL)
        self.kill_one(0.1)
        process = self.start(9)
        process.communicate(timeout=60)
        found = self.cpac_json('compare', self.path('line.jsonl'), self.path('line.jsonl'))
        sessions = audit(self.read('line.jsonl'))
        self.assertEqual(found['differences'], 0)
        self.assertEqual(found['frames'], sum(sum(s.frames.verdicts) for s in sessions))


if __name__ == '__main__':
    tap.main()
