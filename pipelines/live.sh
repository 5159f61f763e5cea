#!/bin/bash
# A camera scored live: its picture with verdict, score and defects drawn on it in a window, one
# journal line for every frame in a file. Ctrl-C ends it and completes the journal.
#
# It needs a camera that video4linux knows, and for the window gstreamer1.0-x or gstreamer1.0-gl.
# Without a display it only writes the journal. When scoring is slower than the camera, the oldest
# frame waiting gives way to the newest; what was lost is posted as cpac-frames-lost.
#
#   pipelines/live.sh [model=FILE.yaml] [device=/dev/video0] [out=FOLDER] [mjpeg=yes] [--test]
#
# model   the network (default: the sample's, whose thresholds suit its drawn metal plates only)
# device  the camera
# out     folder of the journal live.jsonl (default: live in the build folder)
# mjpeg   yes: ask the camera for JPEG pictures instead of raw ones
# --test  30 frames of a test picture instead of the camera, and no window
set -eu
. "$(dirname "$0")/environment.sh"
model=$TOP/config/sample-metal.yaml
device=/dev/video0
out=$CPAC_BUILD/live
mjpeg=no
OPTIONS="model device out mjpeg"
read_options "$@"
find_cpac
mkdir -p "$out"

camera_source "$device" "$mjpeg"
if [ $TEST = yes ] || [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  echo "No window: only the journal $out/live.jsonl is written."
  WINDOW=(fakesink sync=false)
else
  WINDOW=(autovideosink)
fi

# The leaky queue keeps the newest frame, so the verdict is never about the past. The display's
# queue leaks too: a slow window must not hold up the journal.
exec gst-launch-1.0 -q -e "${SOURCE[@]}" \
  ! videoconvert qos=false \
  ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 max-size-time=0 \
  ! cpacscore model="$model" ! tee name=scored \
  scored. ! queue ! cpacjson source="$SOURCE_NAME" \
  ! filesink location="$out/live.jsonl" buffer-mode=unbuffered async=false \
  scored. ! queue leaky=downstream max-size-buffers=2 ! videoconvert qos=false ! cpacoverlay \
  ! videoconvert qos=false ! "${WINDOW[@]}"
