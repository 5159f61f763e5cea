#!/bin/bash
# Draws pipelines/quickstart.png, README's picture: frames of the quick start's clip above their heat
# maps, all twice their size. Run pipelines/quickstart.sh first; a scratch, a chip and a good plate:
#
#   tests/data/make-quickstart-picture.sh 5 53 4
set -eu
cd "$(dirname "$0")/../.."
SAMPLE=${CPAC_BUILD:-build}/sample
SIDE=256

words=(compositor name=mix)
for k in 0 1 2; do
  x=$((k * SIDE)) above=sink_$((2 * k)) below=sink_$((2 * k + 1))
  words+=("$above::xpos=$x" "$below::xpos=$x" "$below::ypos=$SIDE")
done
words+=(! videoconvert ! "video/x-raw,format=GRAY8" ! pngenc compression-level=9
  ! filesink location=pipelines/quickstart.png)
for frame in "$1" "$2" "$3"; do
  number=$(printf %05d "$frame")
  for picture in frames/frame heatmaps/heatmap; do
    words+=(filesrc "location=$SAMPLE/$picture-$number.png" ! pngdec ! videoscale method=nearest-neighbour
      ! "video/x-raw,width=$SIDE,height=$SIDE" ! mix.)
  done
done
gst-launch-1.0 -q "${words[@]}"
