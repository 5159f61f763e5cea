#!/bin/bash
# A camera recorded while it is scored: a Matroska file of exactly the frames that were scored, and
# beside it the journal. pipelines/replay.sh scores such a recording again. Ctrl-C ends it and
# completes both files.
#
# It needs a camera that video4linux knows. Raw video takes about 14 MB a second at 640x480 and 30
# frames a second.
#
#   pipelines/record.sh [model=FILE.yaml] [device=/dev/video0] [out=FOLDER] [codec=raw|mjpeg]
#                       [mjpeg=yes] [--test]
#
# model   the network (default: the sample's, whose thresholds suit its drawn metal plates only)
# device  the camera
# out     folder of recording.mkv and recording.jsonl (default: recording in the build folder)
# codec   raw: lossless, a replay gives the same scores to the last bit; mjpeg: a tenth of the size,
#         lossy, so a replay's scores differ a little
# mjpeg   yes: ask the camera for JPEG pictures instead of raw ones
# --test  30 frames of a test picture instead of the camera
set -eu
. "$(dirname "$0")/environment.sh"
model=$TOP/config/sample-metal.yaml
device=/dev/video0
out=$CPAC_BUILD/recording
codec=raw
mjpeg=no
OPTIONS="model device out codec mjpeg"
read_options "$@"
find_cpac
mkdir -p "$out"

camera_source "$device" "$mjpeg"
case $codec in
  raw) ENCODER=(identity) ;;
  mjpeg) ENCODER=(jpegenc quality=95) ;;
  *) usage_error "codec=$codec" ;;
esac

# I420 is what both the muxer and the encoder take without another conversion.
exec gst-launch-1.0 -q -e "${SOURCE[@]}" \
  ! videoconvert qos=false ! video/x-raw,format=I420 \
  ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0 \
  ! cpacscore model="$model" ! tee name=scored \
  scored. ! queue ! "${ENCODER[@]}" ! matroskamux ! filesink location="$out/recording.mkv" async=false \
  scored. ! queue ! cpacjson source="$SOURCE_NAME" \
  ! filesink location="$out/recording.jsonl" buffer-mode=unbuffered async=false
