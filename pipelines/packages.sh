# Sourced by quickstart.sh and tests/run.sh: installs the Debian packages named, those that are
# missing, as root or through sudo.

BUILD_PACKAGES="meson ninja-build gcc pkg-config libglib2.0-dev libyaml-dev libjson-glib-dev
  libopenblas-dev libprotobuf-c-dev protobuf-c-compiler libpango1.0-dev libgstreamer1.0-dev
  libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-tools"

install_packages() {
  local missing="" package root=""
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    root=$(command -v sudo) || {
      echo "These packages are missing and there is no sudo:$missing" >&2
      return 1
    }
  fi
  echo "Installing:$missing"
  # shellcheck disable=SC2086
  $root apt-get update -qq &&
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      $missing >/dev/null
}
