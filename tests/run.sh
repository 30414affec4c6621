#!/usr/bin/env bash
# All checks, the cheap ones first; the last line printed is pytest's summary. `make test` makes .venv and calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # or each of hundreds of programs and test processes compiles all of this anew
export PATH="$PWD/.venv/bin:$PATH" LC_ALL=C.UTF-8 QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"

packaging/linux/test-servers.sh
started=$SECONDS
step() { printf '\n== %s (after %d s)\n' "$*" "$((SECONDS - started))"; }

# To count lines takes as long again as to run them, so only these are counted: they reach whatever has to be reached.
counted=(
    tests/unit/domain tests/unit/store tests/unit/sync tests/contract/test_server_idempotency.py
    tests/contract/test_server_once.py
)
step ruff format --check
ruff format --check .
step ruff check
ruff check .
step mypy, beside what follows, since it uses one core
types=$(mktemp)
mypy >"$types" 2>&1 &
typing=$!
trap 'kill "$typing" 2>/dev/null; rm -f "$types"' EXIT
step lint-imports
lint-imports --no-logo
step pytest, counting every branch of what may lose nothing and double nothing
pytest -q -n 4 --dist worksteal "${counted[@]}" --cov --cov-report=
coverage report --skip-covered --fail-under=100
step what mypy said
wait "$typing" || { cat "$types"; exit 1; }
cat "$types"
trap - EXIT
rm -f "$types"
step pytest, all others that start no programs, four at a time, since many wait for a disk
pytest -q -n 4 --dist worksteal --ignore=tests/end_to_end "${counted[@]/#/--ignore=}"
step pytest, real programs, three files at a time, since they mostly wait for each other
pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/end_to_end
