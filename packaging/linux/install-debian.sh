#!/usr/bin/env bash
# Makes sure that the Debian packages Qt needs are there; asks apt only when one is missing.
# Usage: install-debian.sh [--wanted]   (--wanted also installs what only makes it look better)
# Where there is a display it also sees to what Qt needs to open a window on it.
set -euo pipefail

# What PySide6 links against even offscreen, and one font so that text is drawn at all.
needed=(libglib2.0-0 libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 fonts-dejavu-core)
needed+=(curl) # with which the tests ask the server as a stranger does
wanted=(fonts-inter) # the typeface of the design; without it DejaVu is used
# What Qt's plugins for X and Wayland link against; without it the demo draws its screens offscreen.
windows=(libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0
    libxcb-xkb1 libxkbcommon-x11-0 libwayland-cursor0 libwayland-egl1)

if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not Debian; make sure that these or their like are installed: ${needed[*]}" >&2
    exit 0
fi

is_installed() {
    # Debian 13 renamed some libraries to NAMEt64; dpkg-query fails when it does not know one of the two names.
    local states
    states=$(dpkg-query -W -f='${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null || true)
    grep -qx installed <<<"$states"
}

missing=()
for package in "${needed[@]}"; do
    is_installed "$package" || missing+=("$package")
done
nice_to_have=()
[ "${1:-}" = --wanted ] || wanted=()
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || windows=()
for package in "${wanted[@]}" "${windows[@]}"; do
    is_installed "$package" || nice_to_have+=("$package")
done
if [ ${#missing[@]} -eq 0 ] && [ ${#nice_to_have[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: missing Debian packages: ${missing[*]:-none} (windows and looks: ${nice_to_have[*]:-none})." >&2
        echo "setup: ask an administrator for: apt-get install ${missing[*]} ${nice_to_have[*]}" >&2
        [ ${#missing[@]} -eq 0 ]
        exit
    fi
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }

echo "setup: installing Debian packages: ${missing[*]} ${nice_to_have[*]}"
apt update || echo "setup: the package lists could not be refreshed; going on with those of this machine." >&2
if [ ${#missing[@]} -gt 0 ] && ! apt install -y --no-install-recommends "${missing[@]}"; then
    echo "setup: these Debian packages could not be installed: ${missing[*]}" >&2
    exit 1
fi
for package in "${nice_to_have[@]}"; do
    apt install -y --no-install-recommends "$package" 2>/dev/null || case $package in
        fonts-*) echo "setup: $package is not to be had here; the screens will use another typeface." ;;
        *) echo "setup: $package is not to be had here; perhaps no windows can be opened." ;;
    esac
done
