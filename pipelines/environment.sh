# Sourced by the scripts beside it: finds the tool and the plugin, in the build folder ($CPAC_BUILD,
# default: build in this tree) or installed. Sets CPAC to the tool, and what GStreamer needs to see
# the plugin of a build folder.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CPAC_BUILD=${CPAC_BUILD:-$TOP/build}

find_cpac() {
  if [ -x "$CPAC_BUILD/pipelines/cpac" ]; then
    CPAC=$CPAC_BUILD/pipelines/cpac
    export GST_PLUGIN_PATH=$CPAC_BUILD/plugin${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
    export GST_REGISTRY=$CPAC_BUILD/registry.dat
  elif ! CPAC=$(command -v cpac) || ! gst-inspect-1.0 --exists cpacscore; then
    echo "No cpac in $CPAC_BUILD and none installed: pipelines/quickstart.sh builds it." >&2
    return 1
  fi
}

# The comment at the top of the calling script, without its first line.
print_help() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}

# Options are KEY=VALUE words: sets those of the variables named in $OPTIONS; --test sets TEST=yes.
read_options() {
  local word
  TEST=no
  for word in "$@"; do
    case $word in
      --help | -h) print_help && exit 0 ;;
      --test) TEST=yes ;;
      *=*)
        case " $OPTIONS " in
          *" ${word%%=*} "*) printf -v "${word%%=*}" %s "${word#*=}" ;;
          *) usage_error "$word" ;;
        esac
        ;;
      *) usage_error "$word" ;;
    esac
  done
}

usage_error() {
  echo "$(basename "$0"): unknown option \"$1\"; --help tells those there are" >&2
  exit 2
}

# show COMMAND...: as it can be typed.
show() {
  local word text=""
  for word in "$@"; do
    case $word in
      *[\ \(\)\;]*) text="$text '$word'" ;;
      *) text="$text $word" ;;
    esac
  done
  echo "\$$text"
}

# Shows the command, then runs it.
show_and_run() {
  show "$@"
  "$@"
}

# camera_source DEVICE MJPEG: sets SOURCE, the pipeline's beginning, and SOURCE_NAME; with $TEST a test
# picture takes the camera's place.
camera_source() {
  local device=$1 mjpeg=$2
  if [ "$TEST" = yes ]; then
    SOURCE=(videotestsrc is-live=true pattern=ball num-buffers=30
      ! "video/x-raw,width=320,height=240,framerate=30/1")
    SOURCE_NAME=videotestsrc
    return
  fi
  if [ ! -e "$device" ]; then
    echo "$(basename "$0"): no camera at $device; device= names another, --test does without" >&2
    exit 2
  fi
  SOURCE=(v4l2src device="$device")
  SOURCE_NAME=$device
  [ "$mjpeg" = no ] || SOURCE+=(! image/jpeg ! jpegdec qos=false)
}
