#!/bin/bash
# Runs a test program and says what it said; again, twice at most, where the leak checker itself
# broke down.
#
#   meson test --wrapper tests/leak-check-again.sh
#
# At the end of a program LeakSanitizer attaches to its threads as a debugger does. Where that is
# refused (seen once, on a busy virtual machine) it ends the program with "LeakSanitizer has
# encountered a fatal error": nothing was checked, so nothing was found. A leak that was found says
# "detected memory leaks" and stays an error at the first try.
FOLDER=$(mktemp -d) || exit 2
trap 'cat "$FOLDER/out"; cat "$FOLDER/err" >&2; rm -r "$FOLDER"' EXIT
for _ in 1 2 3; do
  "$@" >"$FOLDER/out" 2>"$FOLDER/err"
  STATUS=$?
  grep -qs 'LeakSanitizer has encountered a fatal error' "$FOLDER/out" "$FOLDER/err" || break
done
exit $STATUS
