#!/usr/bin/env bash
# Pins requirements.txt, packaging/pip.txt, benchmarks/peers.txt and benchmarks/pouch anew, with hashes and for every platform, and without an
# address of any registry. LOCK_ARGS=--upgrade takes newer releases; without it what is pinned stays, where it still fits.
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
pin packaging/pip.txt packaging/pip.in
pin benchmarks/peers.txt benchmarks/peers.in

# What package.json names is exact, and what that needs is pinned by its hash. What authors say beside it is left out.
pin_pouch() {
    cd benchmarks/pouch
    npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=true >/dev/null
    node -e '
        const fs = require("fs");
        const lock = JSON.parse(fs.readFileSync("npm-shrinkwrap.json", "utf8"));
        for (const one of Object.values(lock.packages))
            for (const said of ["funding", "license", "engines", "deprecated"]) delete one[said];
        fs.writeFileSync("npm-shrinkwrap.json", JSON.stringify(lock, null, 1) + "\n");
    '
}
if command -v npm >/dev/null; then
    (pin_pouch)
else
    echo "lock: npm is not here, so benchmarks/pouch stays as it is" >&2
fi
