#!/bin/sh
# Sets everything up in .venv beside this folder's parent: the system libraries that Qt needs (where they are
# missing and can be installed), then the program. `tools/setup.sh dev` adds what the tests and checks need.
set -eu
cd "$(dirname "$0")/.."

missing_libraries() {
    # What a Debian or Ubuntu machine without a desktop lacks; each is what Qt loads by this name.
    for pair in libEGL.so.1:libegl1 libGL.so.1:libgl1 libfontconfig.so.1:libfontconfig1 \
        libdbus-1.so.3:libdbus-1-3 libglib-2.0.so.0:libglib2.0-0 libxkbcommon.so.0:libxkbcommon0 \
        libxkbcommon-x11.so.0:libxkbcommon-x11-0 libxcb-cursor.so.0:libxcb-cursor0 \
        libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-shape.so.0:libxcb-shape0 \
        libxcb-image.so.0:libxcb-image0 libxcb-randr.so.0:libxcb-randr0 \
        libxcb-render-util.so.0:libxcb-render-util0 libxcb-xinerama.so.0:libxcb-xinerama0; do
        ldconfig -p 2>/dev/null | grep -q "${pair%%:*}" || printf '%s ' "${pair##*:}"
    done
    # DejaVu, all that a bare machine has, is so wide that labels are shortened for it.
    [ -n "$(find /usr/share/fonts -iname 'Inter*' -o -iname 'NotoSans-*' -o -iname 'LiberationSans*' \
        -o -iname 'Cantarell*' 2>/dev/null | head -n 1)" ] || printf 'fonts-liberation '
    python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv '
}

if [ "$(uname)" = Linux ] && command -v apt-get >/dev/null 2>&1; then
    packages=$(missing_libraries)
    if [ -n "$packages" ]; then
        if [ "$(id -u)" = 0 ]; then as_root=""; elif sudo -n true 2>/dev/null; then as_root="sudo"; else as_root="no"; fi
        if [ "$as_root" = no ]; then
            echo "Some system libraries are missing. If the window does not start: sudo apt-get install $packages" >&2
        else
            $as_root apt-get update -qq
            DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
        fi
    fi
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
if [ "${1:-}" = dev ]; then
    .venv/bin/python -m pip install --quiet --editable '.[dev]'
else
    .venv/bin/python -m pip install --quiet --editable .
fi
