#!/bin/bash
# From a fresh Debian 12 to scored pictures: installs what is missing (as root or through sudo),
# builds, draws sample footage, learns from good parts only, calibrates, scores a clip with damaged
# parts in a GStreamer pipeline, checks that the tool gives the same bits, and prints what was found.
# Everything it writes is in the folder build.
set -eu
cd "$(dirname "$0")/.."
. pipelines/packages.sh
. pipelines/environment.sh
OPTIONS=
read_options "$@"

RECIPE=config/good-parts.yaml
# So few that it takes some 20 s on two cores.
EPOCHS=26
# Frames of as many pixels as the recipe's network sees.
SIZE=128
SAMPLE=${CPAC_BUILD#"$PWD/"}/sample
MODEL=$SAMPLE/model/model.yaml

build() {
  # shellcheck disable=SC2086
  install_packages $BUILD_PACKAGES libc6-dev
  [ -f "$CPAC_BUILD/build.ninja" ] || meson setup "$CPAC_BUILD" .
  # What is needed here; plain ninja builds the tests, too.
  ninja -C "$CPAC_BUILD" pipelines/cpac plugin/libgstcpac.so
  find_cpac
}

# title LINE...
title() {
  printf '\n== %s\n' "$1"
  shift
  [ $# = 0 ] || printf '   %s\n' "$@"
}

# footage FOLDER OPTIONS...: another seed draws other parts.
footage() {
  local folder=$1
  shift
  show_and_run "$CPAC" footage --out "$SAMPLE/$folder" --surface metal --size ${SIZE}x$SIZE "$@"
}

make_footage() {
  rm -rf "$SAMPLE"
  mkdir -p "$SAMPLE"
  title "Brushed metal plates instead of a camera: good ones to learn from, other good ones to" \
    "calibrate with, and a clip in which half of the plates are damaged"
  footage learn --parts 200 --defect-rate 0 --split train --seed 1
  footage calibrate --parts 300 --defect-rate 0 --split val --seed 2
  footage frames --parts 60 --defect-rate 0.5 --seed 6
}

# No plate it learns from is damaged: defects are made on the good pictures.
learn() {
  local command=("$CPAC" train "$RECIPE" --data "$SAMPLE/learn/list.csv" --epochs "$EPOCHS"
    --out "$SAMPLE/model")
  title "Learns from good plates alone; without --epochs it takes longer and finds more"
  show "${command[@]}"
  "${command[@]}" 2>"$SAMPLE/train.log" || {
    cat "$SAMPLE/train.log"
    return 1
  }
  title "Thresholds such that, with 95 % confidence, at most 1 % of good plates are rejected:" \
    "299 good plates can promise that, fewer could not"
  show_and_run "$CPAC" calibrate "$MODEL" --data "$SAMPLE/calibrate/list.csv" \
    --max-false-reject 0.01
}

# The pipeline's first half, the same in both: pictures in, scored frames out.
SOURCE=(multifilesrc "location=$SAMPLE/frames/frame-%05d.png" "caps=image/png,framerate=25/1"
  ! pngdec qos=false ! cpacscore "model=$MODEL")

score() {
  title "Scored by GStreamer, then by the tool: every number must be the same to the last bit" \
    "(inside \`meson devenv -C build -w .\` these commands can be typed as they stand)"
  show_and_run gst-launch-1.0 -q "${SOURCE[@]}" ! cpacjson timing=false \
    ! filesink "location=$SAMPLE/pipeline.jsonl"
  show_and_run "$CPAC" replay "$MODEL" "$SAMPLE/frames/frame-%05d.png" \
    --journal "$SAMPLE/tool.jsonl"
  show_and_run "$CPAC" compare "$SAMPLE/pipeline.jsonl" "$SAMPLE/tool.jsonl"
}

draw() {
  local evaluate=("$CPAC" evaluate "$MODEL" --data "$SAMPLE/frames/list.csv"
    --report "$SAMPLE/report")
  mkdir -p "$SAMPLE/heatmaps" "$SAMPLE/beside"
  title "Heat maps, and each picture with its map at its right; the clip's figures as pictures"
  show_and_run gst-launch-1.0 -q "${SOURCE[@]}" ! tee name=t \
    t. ! queue ! mix.sink_0 \
    t. ! queue ! cpacheatmap ! tee name=m \
    m. ! queue ! mix.sink_1 \
    m. ! queue ! pngenc ! multifilesink "location=$SAMPLE/heatmaps/heatmap-%05d.png" \
    compositor name=mix sink_1::xpos=$SIZE ! videoconvert qos=false ! video/x-raw,format=GRAY8 \
    ! pngenc ! multifilesink "location=$SAMPLE/beside/frame-%05d.png"
  show "${evaluate[@]}"
  "${evaluate[@]}" >"$SAMPLE/figures.txt"
}

# Truth from the list against the verdict in the pipeline's journal: a line for each damaged plate
# that passes and each good one that does not.
print_verdicts() {
  LC_ALL=C awk '
    function field(name) {
      if (!match($0, "\"" name "\":[^,}]*")) return ""
      value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
      gsub(/"/, "", value)
      return value
    }
    function tell(what) {
      printf "%s: frame %d, %s, verdict %s: score %.3f, thresholds %.3f and %.3f\n", what, frame,
        truth[frame], verdict, field("score"), field("warn_threshold"), field("threshold")
    }
    FNR == NR { if (FNR > 1) { split($0, row, ","); truth[FNR - 2] = row[3] } next }
    /"inspection":/ {
      frame = field("frame"); verdict = field("verdict")
      kind = truth[frame] == "good" ? "good" : "damaged"
      n[kind]++
      count[kind, verdict]++
      if (kind == "damaged" && verdict == "ok") tell("missed")
      if (kind == "good" && verdict != "ok") tell("not passed")
    }
    END {
      printf "%d of %d damaged plates caught: %d not-ok, %d not-decidable; %d missed.\n",
        n["damaged"] - count["damaged", "ok"], n["damaged"], count["damaged", "not-ok"],
        count["damaged", "not-decidable"], count["damaged", "ok"]
      printf "%d of %d good plates rejected; %d more not-decidable: somebody must look at them.\n",
        count["good", "not-ok"], n["good"], count["good", "not-decidable"]
      if (n["good"] + n["damaged"] == 0) exit 1
    }' "$SAMPLE/frames/list.csv" "$SAMPLE/pipeline.jsonl"
}

build
make_footage
learn
score
draw
title "Verdicts against truth: only the verdict ok lets a plate pass"
print_verdicts
cat <<END

The plates are drawn, and drawn pictures are easier than a camera's: the figures show that the parts
fit together, not what your parts will give.

The model:                 $MODEL
Pictures with their maps:  $SAMPLE/beside (a map's mid-gray is the threshold, white is above it)
Heat maps alone:           $SAMPLE/heatmaps
The worst, ROC, scores:    $SAMPLE/report, figures in $SAMPLE/figures.txt
Frames, masks, list:       $SAMPLE/frames
Journal of the pipeline:   $SAMPLE/pipeline.jsonl
END
