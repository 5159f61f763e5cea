#!/bin/bash
# Installs what is missing, builds, runs every test: the plain build, then the address and
# undefined-behaviour sanitizers, the thread sanitizer on what uses threads, and valgrind on a few.
#
#   tests/run.sh           all of it
#   tests/run.sh --quick   the plain build only
#
# CPAC_TEST_DATA names the folder of real pictures and reference networks (default ../shared/data);
# tests that need it are skipped, visibly, where it is absent. So are those against ONNX Runtime, for
# which CPAC_ONNXRUNTIME names the folder that `npm install --ignore-scripts onnxruntime-node` was run
# in. Builds go to $CPAC_BUILD_ROOT (default: build-tests in this tree).
set -u
cd "$(dirname "$0")/.." || exit 2
. pipelines/packages.sh

QUICK=no
case "$*" in
  "") ;;
  --quick) QUICK=yes ;;
  *)
    echo "usage: tests/run.sh [--quick]" >&2
    exit 2
    ;;
esac

# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES libc6-dev python3 python3-gi gir1.2-gstreamer-1.0 \
  gir1.2-gst-plugins-base-1.0 valgrind libc6-dbg || exit 2

ROOT=${CPAC_BUILD_ROOT:-$PWD/build-tests}
export CPAC_TEST_DATA=${CPAC_TEST_DATA:-$PWD/../shared/data}
[ -d "$CPAC_TEST_DATA" ] || echo "No folder $CPAC_TEST_DATA: tests on real data will be skipped."
LOGS=()
STATUS=0

# build NAME OPTIONS...: configures and compiles $ROOT/NAME.
build() {
  local name=$1 begin=$SECONDS
  shift
  [ -f "$ROOT/$name/build.ninja" ] || meson setup "$ROOT/$name" "$@" >"$ROOT/$name.setup.log" 2>&1 || {
    cat "$ROOT/$name.setup.log"
    return 1
  }
  ninja -C "$ROOT/$name" >"$ROOT/$name.build.log" 2>&1 || {
    tail -60 "$ROOT/$name.build.log"
    return 1
  }
  echo "== built $name in $((SECONDS - begin)) s"
}

# run NAME LOG ARGUMENTS...: one meson test run, whose log is counted. LOG is meson's name for it:
# testlog, with the setup's or the wrapper's name behind it where there is one.
run() {
  local name=$1 base=$2 begin=$SECONDS
  shift 2
  rm -f "$ROOT/$name/meson-logs/$base".*
  meson test -C "$ROOT/$name" --no-rebuild --print-errorlogs "$@" || STATUS=1
  echo "== $base on $name took $((SECONDS - begin)) s"
  LOGS+=("$ROOT/$name/meson-logs/$base.junit.xml")
}

mkdir -p "$ROOT"
build plain --werror || exit 1
run plain testlog
if [ $QUICK = no ]; then
  build asan -Db_sanitize=address,undefined -Db_lundef=false || exit 1
  # Instrumented code is several times slower than what timeouts were set for.
  run asan testlog-leak-check-again.sh --timeout-multiplier 4 \
    --wrapper "$PWD/tests/leak-check-again.sh"
  build tsan -Db_sanitize=thread -Db_lundef=false || exit 1
  run tsan testlog --timeout-multiplier 4 --suite threads
  run plain testlog-valgrind --setup=valgrind --suite valgrind
fi

# The last line counts the tests in meson's own logs.
python3 - "$STATUS" "${LOGS[@]}" <<'END'
import sys
import xml.etree.ElementTree as tree

passed = failed = skipped = 0
for path in sys.argv[2:]:
    try:
        cases = list(tree.parse(path).getroot().iter('testcase'))
    except (OSError, tree.ParseError) as error:
        print(f'no log of a test run: {error}')
        failed += 1
        continue
    for case in cases:
        kinds = {child.tag for child in case}
        if kinds & {'failure', 'error'}:
            failed += 1
        elif 'skipped' in kinds:
            skipped += 1
            print(f"skipped: {case.get('classname')} {case.get('name')}")
        else:
            passed += 1
if sys.argv[1] != '0' and failed == 0:
    failed = 1
print(f'{passed} passed, {failed} failed, {skipped} skipped')
sys.exit(1 if failed else 0)
END
