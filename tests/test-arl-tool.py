#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""cpac arl: run lengths and limits as text and JSON, and what it refuses."""
import tap
from toolcase import ToolCase

# Arguments, and what `arl` rounds to; the tables are those of test-arl.c.
LENGTHS = (
    ('ewma --lambda 0.1 --limit 2.814 --shift 1', 10.33),
    ('ewma --lambda 0.1 --limit 2.703 --df 4', 274.22),
    ('cusum --k 0.5 --h 5 --shift 0.5', 38.0),
    ('cusum --h 5 --head-start 0.5 --shift 1', 6.35),
    ('cusum --h 4 --one-sided', 335.37),
    ('shewhart --limit 3', 370.4),
    ('shewhart --limit 3.09 --one-sided', 999.22),
    ('shewhart --limit 3 --shift -1', 43.89),
    ('rules --rules western-electric', 91.75),
    ('rules --rules we1,nelson2', 216.7),
    ('bernoulli --p0 0.1 --p1 0.9 --limit 2 --rate 0.1', 110),
    ('t2 --dimensions 1 --limit 9 --shift 2', 6.3),
)

REFUSED = (
    ('', 'expected CHART, got 0 arguments; see cpac arl --help'),
    ('p-chart', 'there is no chart "p-chart"; expected shewhart, ewma, cusum, rules, bernoulli or t2'),
    ('ewma', '--limit is missing; or --in-control, to solve for it'),
    ('cusum', '--h is missing; or --in-control, to solve for it'),
    ('ewma --limit 3 --k 1', 'ewma takes no --k'),
    ('cusum --h 5 --phi 0.3', 'cusum takes no --phi'),
    ('ewma --limit 3 --lambda 0', 'lambda: found 0, expected 0.01 to 1'),
    ('ewma --limit -1', 'limit: found -1, expected 0.01 to 40'),
    ('ewma --limit 3 --in-control 500',
     '--limit and --in-control exclude each other: the one is solved for'),
    ('ewma --in-control 1e12', 'average run length: found 1e+12, expected 2 to 1e+09'),
    ('ewma --limit 3 --phi 1', 'phi: found 1, expected -0.95 to 0.95'),
    ('ewma --limit 3 --phi 0.2 --df 4',
     'phi: found it beside df, expected one of the two: autocorrelated points are normal here'),
    ('ewma --limit 3 --phi 0.2 --fast-start', '--phi and --fast-start exclude each other'),
    ('ewma --limit 6 --lambda 0.01 --phi 0.9',
     '--lambda 0.01 with --limit 6 and --phi 0.9: too fine to be computed'),
    ('cusum --h 5 --head-start 2', 'head start: found 10, expected 0 to 5'),
    ('ewma --hours 8', '--hours goes with --parts-per-hour, in place of --in-control'),
    ('ewma --hours 8 --parts-per-hour 0', 'parts per hour: found 0, expected 1e-09 to 1e+09'),
    ('rules', '--rules is missing: western-electric, nelson, or we1,we4 and the like'),
    ('rules --rules we9', 'rules: found "we9", expected western-electric, nelson, we1 to we4, nelson1 '
                          'to nelson8'),
    ('bernoulli --limit 5', '--p0 is missing: the share of rejects in control'),
    ('bernoulli --p0 0.1 --limit 2.5', 'limit: found 2.5, expected a whole number'),
    ('bernoulli --p0 0.7 --limit 2', 'share of rejects in control: found 0.7, expected 2e-05 to 0.5'),
    ('t2 --limit 9', '--dimensions is missing: how many directions T^2 sums'),
    ('t2 --limit 9 --dimensions 0', 'dimensions: found 0, expected 1 to 1000'),
    ('t2 --limit 9 --dimensions 2 --shift -1', 'shift: found -1, expected 0 to 40'),
)


class Arl(ToolCase):
    def test_lengths(self):
        for words, expected in LENGTHS:
            with self.subTest(words):
                answer = self.cpac_json('arl', *words.split())
                self.assertEqual(answer['chart'], words.split()[0])
                self.assertAlmostEqual(answer['arl'], expected, delta=6e-3)

    def test_limits(self):
        for words, key, expected in (
                ('ewma --lambda 0.1', 'limit', 3.749), ('cusum --k 0.5', 'h', 8.053),
                ('shewhart', 'limit', 3.891)):
            with self.subTest(words):
                answer = self.cpac_json('arl', *words.split(), '--in-control', '1e4', '--shift', '3')
                self.assertAlmostEqual(answer[key], expected, delta=6e-4)
                self.assertAlmostEqual(answer['arl_in_control'] / 1e4, 1, delta=1e-6)
                self.assertLess(answer['arl'], 60)

    def test_hours(self):
        """One false alarm in 8 hours at 1,250 parts an hour is one in 1e4 parts."""
        by_rate = self.cpac_json('arl', 'ewma', '--hours', '8', '--parts-per-hour', '1250')
        self.assertAlmostEqual(by_rate['limit'], 3.749, delta=6e-4)
        self.assertAlmostEqual(by_rate['hours_in_control'], 8, delta=1e-5)
        text = self.cpac('arl', 'ewma', '--hours', '8', '--parts-per-hour', '1250', '--shift', '1').stdout
        self.assertIn('in control, until a false alarm: 10000 points, 8 hours\n', text)

    def test_bernoulli_limit_is_enough(self):
        answer = self.cpac_json('arl', 'bernoulli', '--p0', '0.01', '--in-control', '1e5')
        self.assertEqual(answer['step'], 69)
        self.assertGreaterEqual(answer['arl_in_control'], 1e5)
        less = self.cpac_json('arl', 'bernoulli', '--p0', '0.01', '--limit', str(answer['limit'] - 1))
        self.assertLess(less['arl_in_control'], 1e5)

    def test_simulated_says_so(self):
        words = ('arl', 'rules', '--rules', 'nelson', '--shift', '1')
        answer = self.cpac_json(*words)
        self.assertEqual(answer['method'], 'simulation')
        self.assertGreater(answer['standard_error'], 0)
        self.assertEqual(answer, self.cpac_json(*words))
        self.assertNotEqual(answer, self.cpac_json(*words, '--seed', '2'))
        self.assertIn('simulated, standard error', self.cpac(*words).stdout)

    def test_practically_never(self):
        self.assertIsNone(self.cpac_json('arl', 'shewhart', '--limit', '20')['arl'])
        self.assertIn('more than 1e+12 points', self.cpac('arl', 'shewhart', '--limit', '20').stdout)

    def test_refused(self):
        for words, sentence in REFUSED:
            with self.subTest(words):
                self.assert_refused(sentence, 'arl', *words.split())


if __name__ == '__main__':
    tap.main()
