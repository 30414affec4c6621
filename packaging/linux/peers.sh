#!/usr/bin/env bash
# Puts the queues that `cycle` compares ours with into .venv/peers, and PouchDB, for `delta` and `batch`, into .venv/pouch where
# node and npm are: apart from all that the programs import. Where they can't be had it says so and is content: the benchmarks
# leave out what is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

install_queues() {
    local target=.venv/peers wanted
    wanted=$(sha256sum <benchmarks/peers.txt)
    [ "$(cat "$target/stamp" 2>/dev/null)" = "$wanted" ] && return
    rm -rf "$target"
    echo "bench: installing what benchmarks/peers.txt pins"
    if .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --require-hashes \
        --target "$target" -r benchmarks/peers.txt; then
        echo "$wanted" >"$target/stamp"
    else
        echo "bench: they could not be installed, so \`cycle\` is left out" >&2
    fi
}

install_pouch() {
    local target=.venv/pouch wanted
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "bench: node and npm are not here, so PouchDB is not measured beside ours" >&2
        return
    fi
    wanted=$(cat benchmarks/pouch/package.json benchmarks/pouch/npm-shrinkwrap.json | sha256sum)
    [ "$(cat "$target/stamp" 2>/dev/null)" = "$wanted" ] && return
    rm -rf "$target"
    mkdir -p "$target"
    cp benchmarks/pouch/package.json benchmarks/pouch/npm-shrinkwrap.json "$target"
    echo "bench: installing what benchmarks/pouch pins"
    if (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null); then
        echo "$wanted" >"$target/stamp"
    else
        rm -rf "$target"
        echo "bench: PouchDB could not be installed, so it is not measured beside ours" >&2
    fi
}

install_queues
install_pouch
