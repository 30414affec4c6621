#!/usr/bin/env bash
# Makes .venv with every program of the project in .venv/bin, and does nothing when that is already true.
# What it made it for is kept in .venv/setup-stamp: the requirements, the project file, these scripts and the place.
set -euo pipefail
cd "$(dirname "$0")/../.."

stamp_file=.venv/setup-stamp
wanted_stamp() {
    { cat requirements.txt packaging/pip.txt pyproject.toml packaging/linux/setup.sh packaging/linux/install-debian.sh; pwd; } | sha256sum
}
is_done() {
    [ "$(cat "$stamp_file" 2>/dev/null)" = "$(wanted_stamp)" ] && .venv/bin/python -c '' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    echo "setup: no Python 3.11, 3.12 or 3.13 with its venv module was found." >&2
    echo "setup: on Debian 12: apt-get install python3 python3-venv ca-certificates" >&2
    echo "setup: a Python elsewhere can be named: make setup PYTHON=/path/to/python3" >&2
    return 1
}

if is_done; then
    packaging/linux/install-debian.sh
    exit 0
fi

exec 9>.setup-lock # two set-ups at once wait for each other
flock 9
if is_done; then
    exit 0
fi
packaging/linux/install-debian.sh --wanted

if ! { [ "$(cat .venv/made-in 2>/dev/null)" = "$PWD" ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    echo "setup: making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
    pwd >.venv/made-in
fi
echo "setup: installing what requirements.txt pins"
pip=(.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check)
# Two steps, because pip refuses an editable install together with --require-hashes. The list is complete, so pip is not to
# resolve anything: it would ask for the newest release of what is needed with an extra, and refuse it for want of a hash.
# The pip that came with Python does it too, where no newer one is to be had.
"${pip[@]}" --no-deps --require-hashes -r packaging/pip.txt || echo "setup: going on with $(.venv/bin/python -m pip --version)"
"${pip[@]}" --no-compile --no-deps --require-hashes -r requirements.txt
"${pip[@]}" --no-compile --no-deps --no-build-isolation -e .
# On all cores, and not one file after the other as pip does. What some carry as an example is no Python: it stays as it is.
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true
.venv/bin/python -m pip check --disable-pip-version-check >/dev/null || {
    .venv/bin/python -m pip check --disable-pip-version-check >&2
    exit 1
}
wanted_stamp >"$stamp_file"
echo "setup: done"
