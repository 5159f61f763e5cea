#!/usr/bin/env python3
# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every model in config/ is the format by example: it loads, answers its self-check when it has
weights, and says in comments what a reader has to know."""
import glob
import os
import re

import tap
from toolcase import SOURCE, ToolCase

EXAMPLES = sorted(glob.glob(os.path.join(SOURCE, 'config', '**', '*.yaml'), recursive=True))


class Examples(ToolCase):
    def test_there_are_some(self):
        self.assertIn('sample-metal.yaml', map(os.path.basename, EXAMPLES))

    def test_load(self):
        for example in EXAMPLES:
            with self.subTest(os.path.relpath(example, SOURCE)):
                answer = self.cpac_json('inspect', example)
                self.assertGreater(answer['macs'], 0)
                if 'model_sha256' in answer:
                    self.cpac('inspect', example, '--self-check')

    def test_comments(self):
        """Says at its top what it is, and explains some of what follows."""
        for example in EXAMPLES:
            with self.subTest(os.path.relpath(example, SOURCE)):
                with open(example) as file:
                    text = file.read()
                self.assertTrue(text.startswith('#'))
                self.assertGreaterEqual(len(re.findall(r'(?:^| )# \w', text, re.M)), 4)


if __name__ == '__main__':
    tap.main()
