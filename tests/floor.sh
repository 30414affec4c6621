#!/usr/bin/env bash
# How many of the product's lines the tests reach that start no programs: 80 % at least. `make coverage` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" LC_ALL=C.UTF-8 QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}"

packaging/linux/test-servers.sh
pytest -q -n 4 --dist worksteal --ignore=tests/end_to_end --ignore=tests/simulation --ignore=tests/security \
    --cov=shared --cov=pos_client --cov=kds_client --cov=reference_server --cov-config=tests/floor.ini --cov-report= "$@"
coverage report --rcfile=tests/floor.ini --sort=cover --skip-covered --fail-under=80
