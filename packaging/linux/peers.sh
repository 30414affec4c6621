#!/usr/bin/env bash
# Puts the queues that one benchmark compares ours with into .venv/peers, apart from all that the programs import.
# Where they can't be had it says so and is content: that benchmark leaves out what is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=.venv/peers
wanted=$(sha256sum <benchmarks/peers.txt)
[ "$(cat "$target/stamp" 2>/dev/null)" = "$wanted" ] && exit 0
rm -rf "$target"
echo "bench: installing what benchmarks/peers.txt pins"
if .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes \
    --target "$target" -r benchmarks/peers.txt; then
    echo "$wanted" >"$target/stamp"
else
    echo "bench: they could not be installed, so \`cycle\` is left out" >&2
fi
