#!/usr/bin/env bash
# Pins requirements.txt and benchmarks/peers.txt anew, with hashes and for every platform, and without an address of any
# registry. LOCK_ARGS=--upgrade takes newer releases; without it what is pinned stays, where it still fits.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v uv >/dev/null; then
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --quiet uv
    PATH="$tools/bin:$PATH"
fi
pin() {
    # shellcheck disable=SC2086  # LOCK_ARGS is a list of words
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links ${LOCK_ARGS:-} "${@:2}" --output-file "$1"
}
pin requirements.txt --extra postgres --extra redis pyproject.toml requirements.in
pin benchmarks/peers.txt benchmarks/peers.in
