#!/bin/bash
# From a fresh Debian 12 to scored pictures: installs what is missing (as root or through sudo),
# builds, makes sample footage, scores it in a GStreamer pipeline, checks that the tool gives the
# same bits, and prints what was found. Everything it writes is in the folder build.
set -eu
cd "$(dirname "$0")/.."
. pipelines/packages.sh
. pipelines/environment.sh
OPTIONS=
read_options "$@"

N_PARTS=24
SEED=6
MODEL=config/sample-metal.yaml
SAMPLE=${CPAC_BUILD#"$PWD/"}/sample

build() {
  # shellcheck disable=SC2086
  install_packages $BUILD_PACKAGES libc6-dev
  [ -f "$CPAC_BUILD/build.ninja" ] || meson setup "$CPAC_BUILD" .
  # What is needed here; plain ninja builds the tests, too.
  ninja -C "$CPAC_BUILD" pipelines/cpac plugin/libgstcpac.so
  find_cpac
}

make_footage() {
  rm -rf "$SAMPLE"
  mkdir -p "$SAMPLE"
  echo
  echo "== Sample footage: brushed metal plates, half of them damaged, drawn from seed $SEED"
  show_and_run "$CPAC" footage --out "$SAMPLE/frames" --surface metal --parts $N_PARTS \
    --defect-rate 0.5 --seed $SEED
}

# The pipeline's first half, the same in both: pictures in, scored frames out.
SOURCE=(multifilesrc "location=$SAMPLE/frames/frame-%05d.png" "caps=image/png,framerate=25/1"
  ! pngdec qos=false ! cpacscore "model=$MODEL")

score() {
  echo
  echo "== Scored by GStreamer, then by the tool: every number must be the same to the last bit"
  echo "   (inside \`meson devenv -C build -w .\` these commands can be typed as they stand)"
  show_and_run gst-launch-1.0 -q "${SOURCE[@]}" ! cpacjson timing=false \
    ! filesink "location=$SAMPLE/pipeline.jsonl"
  show_and_run "$CPAC" replay $MODEL "$SAMPLE/frames/frame-%05d.png" --journal "$SAMPLE/tool.jsonl"
  show_and_run "$CPAC" compare "$SAMPLE/pipeline.jsonl" "$SAMPLE/tool.jsonl"
}

draw() {
  mkdir -p "$SAMPLE/heatmaps" "$SAMPLE/beside"
  echo
  echo "== Heat maps, and each picture with its map at its right"
  show_and_run gst-launch-1.0 -q "${SOURCE[@]}" ! tee name=t \
    t. ! queue ! mix.sink_0 \
    t. ! queue ! cpacheatmap ! tee name=m \
    m. ! queue ! mix.sink_1 \
    m. ! queue ! pngenc ! multifilesink "location=$SAMPLE/heatmaps/heatmap-%05d.png" \
    compositor name=mix sink_1::xpos=256 ! videoconvert qos=false ! video/x-raw,format=GRAY8 \
    ! pngenc ! multifilesink "location=$SAMPLE/beside/frame-%05d.png"
}

# Truth from the list beside verdict, score and threshold from the pipeline's journal.
print_table() {
  LC_ALL=C awk '
    function field(name) {
      if (!match($0, "\"" name "\":[^,}]*")) return ""
      value = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
      gsub(/"/, "", value)
      return value
    }
    FNR == NR { if (FNR > 1) { split($0, row, ","); truth[FNR - 2] = row[3] } next }
    /"inspection":/ {
      frame = field("frame"); verdict = field("verdict"); remark = ""
      if (truth[frame] == "good") {
        good++
        if (verdict != "ok") { rejects++; remark = "  <- false reject" }
      } else {
        bad++
        if (verdict != "ok") caught++; else remark = "  <- missed"
      }
      printf "%5d  %-8s  %-13s  %10.3f  %9.3f%s\n", frame, truth[frame], verdict,
        field("score"), field("threshold"), remark
    }
    BEGIN { print "frame  truth     verdict             score  threshold" }
    END {
      printf "\n%d of %d damaged plates caught, %d missed; %d of %d good plates rejected.\n",
        caught, bad, bad - caught, rejects, good
      if (good + bad == 0) exit 1
    }' "$SAMPLE/frames/list.csv" "$SAMPLE/pipeline.jsonl"
}

build
make_footage
score
draw
echo
print_table
cat <<END

This sample's model is a designed bank of filters, written down as formulas: nothing was trained, and
drawn pictures are easier than a camera's. The figures show that the parts fit together, not what
your parts will give.

Pictures with their maps:  $SAMPLE/beside (a map's mid-gray is the threshold, white is above it)
Heat maps alone:           $SAMPLE/heatmaps
Frames, masks, list:       $SAMPLE/frames
Journal of the pipeline:   $SAMPLE/pipeline.jsonl
END
