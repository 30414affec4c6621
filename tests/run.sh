#!/usr/bin/env bash
# All checks, the cheap ones first; the last line printed is pytest's summary. `make test` makes .venv and calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # or each of hundreds of programs and test processes compiles all of this anew
export PATH="$PWD/.venv/bin:$PATH" LC_ALL=C.UTF-8 QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"

packaging/linux/test-servers.sh
started=$SECONDS
step() { printf '\n== %s (after %d s)\n' "$*" "$((SECONDS - started))"; }

# Counting lines takes up to as long as running them, so that these, which cover nothing that others do not, go uncounted.
uncounted=(
    tests/simulation tests/security tests/upgrade tests/test_architecture.py tests/unit/domain/test_mutants.py
    tests/unit/sync/test_mutants.py tests/contract/test_plain_server.py tests/contract/test_server_crash.py
    tests/gui/pos/test_screens.py tests/gui/pos/test_double_taps.py tests/gui/pos/test_extremes.py tests/gui/kds/test_looks.py
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
step pytest, four at a time, since many wait for a disk
pytest -q -n 4 --dist worksteal --ignore=tests/end_to_end "${uncounted[@]/#/--ignore=}" --cov --cov-report=
step what mypy said
wait "$typing" || { cat "$types"; exit 1; }
cat "$types"
step coverage
coverage report --skip-covered --fail-under=80
step coverage of what may lose nothing and double nothing, every branch
coverage report --fail-under=100 --include="shared/sync/engine.py,shared/store/outbox.py,shared/store/fixing.py,\
shared/domain/rules.py,shared/domain/totals.py,shared/domain/fixing.py,reference_server/idempotency.py"
step pytest, the simulations and whatever else is uncounted, three at a time
pytest -q -n 3 --dist worksteal "${uncounted[@]}"
step pytest, real programs, three files at a time, since they mostly wait for each other
pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/end_to_end
