# Copyright (C) 2026 The gst-cpac authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of a program and prints TAP, the protocol of the C tests."""
import sys
import unittest


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.n_printed = 0

    def line(self, word, test, remark=''):
        self.n_printed += 1
        print(f'{word} {self.n_printed} {test.id().removeprefix("__main__.")}{remark}', flush=True)

    def trouble(self, test, text):
        self.line('not ok', test)
        for row in text.splitlines():
            print(f'# {row}', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line('ok', test, f' # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.trouble(test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.trouble(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.trouble(subtest, (self.failures + self.errors)[-1][1])


def main():
    """Runs all cases of __main__; exits with 1 when one failed."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    result = TapResult()
    suite.run(result)
    print(f'1..{result.n_printed}')
    sys.exit(0 if result.wasSuccessful() else 1)
