#!/bin/bash
# A recording scored again through GStreamer, every frame of it, as fast as the machine can: the same
# recording and model give the same bytes every time. `cpac replay` writes the same figures without
# a pipeline; but of JPEG pictures it decodes what decodebin leaves to a faster, coarser transform, so
# there scores differ a little.
#
# It needs the recording: any video that GStreamer's installed decoders read.
#
#   pipelines/replay.sh recording=FILE [model=FILE.yaml] [out=FILE.jsonl] [drawn=FILE.mkv] [--test]
#
# recording  the video
# model      the network (default: the sample's, whose thresholds suit its drawn metal plates only)
# out        the journal (default: the recording's name with .jsonl behind it)
# drawn      also write the recording with verdict, score and defects drawn on it (Motion JPEG)
# --test     makes a recording of drawn plates, replays it twice and through the tool,
#            and checks that all three agree
set -eu
. "$(dirname "$0")/environment.sh"
recording=
model=$TOP/config/sample-metal.yaml
out=
drawn=
OPTIONS="recording model out drawn"
read_options "$@"
find_cpac

# replay RECORDING JOURNAL [DRAWN]. No queue leaks, no element drops by QoS, no wall clock in the
# journal.
replay() {
  local branch=()
  [ -z "${3:-}" ] || branch=(scored. ! queue ! videoconvert qos=false ! cpacoverlay
    ! videoconvert qos=false ! jpegenc ! matroskamux ! filesink location="$3")
  gst-launch-1.0 -q filesrc location="$1" ! decodebin ! videoconvert qos=false \
    ! cpacscore model="$model" ! tee name=scored \
    scored. ! queue ! cpacjson timing=false source="$1" ! filesink location="$2" "${branch[@]}"
}

test_replay() {
  local folder
  folder=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$folder'" EXIT
  "$CPAC" footage --out "$folder" --parts 24 --defect-rate 0.5 --seed 1
  gst-launch-1.0 -q multifilesrc location="$folder/frame-%05d.png" \
    caps=image/png,framerate=25/1 ! pngdec qos=false ! matroskamux \
    ! filesink location="$folder/recording.mkv"
  replay "$folder/recording.mkv" "$folder/first.jsonl"
  replay "$folder/recording.mkv" "$folder/second.jsonl"
  cmp "$folder/first.jsonl" "$folder/second.jsonl"
  "$CPAC" replay "$model" "$folder/recording.mkv" --journal "$folder/tool.jsonl"
  "$CPAC" compare "$folder/first.jsonl" "$folder/tool.jsonl"
}

if [ $TEST = yes ]; then
  test_replay
  exit
fi
if [ ! -f "$recording" ]; then
  echo "replay.sh: no recording \"$recording\": recording=FILE names it" >&2
  exit 2
fi
out=${out:-$recording.jsonl}
trap 'rm -f "$out.part" ${drawn:+"$drawn.part"}' EXIT
replay "$recording" "$out.part" ${drawn:+"$drawn.part"}
mv "$out.part" "$out"
echo "Journal: $out"
if [ -n "$drawn" ]; then
  mv "$drawn.part" "$drawn"
  echo "Drawn:   $drawn"
fi
