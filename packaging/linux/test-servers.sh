#!/usr/bin/env bash
# Makes sure that the tests find a PostgreSQL, a Redis and libfaketime; asks apt only when one is missing. The tests start
# their own in temporary folders, so nothing of this machine is set up: no cluster is made and no service is started.
set -euo pipefail

has_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
# Debian's redis-tools holds the server under this name; the package redis-server would only add a service.
has_redis() { command -v redis-server >/dev/null || command -v redis-check-rdb >/dev/null; }
has_faketime() { ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1; }
if has_postgres && has_redis && has_faketime; then
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian; the tests need PostgreSQL 13 or newer (initdb), redis-server on the PATH, and libfaketime" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: the tests need servers; ask an administrator for: apt-get install postgresql redis-tools libfaketime" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }

echo "setup: installing PostgreSQL, Redis and libfaketime for the tests"
apt update || echo "setup: the package lists could not be refreshed; going on with those of this machine." >&2
if ! has_redis; then
    apt install -y --no-install-recommends redis-tools || true
    has_redis || { echo "setup: Redis could not be installed" >&2; exit 1; }
fi
if ! has_faketime; then
    apt install -y --no-install-recommends libfaketime || true
    has_faketime || { echo "setup: libfaketime could not be installed" >&2; exit 1; }
fi
if ! has_postgres; then
    # As long as this file is there, installing the server makes no cluster, and without one no service starts.
    settings=/etc/postgresql-common/createcluster.d
    quiet=$settings/for-tests.conf
    "${as_root[@]}" mkdir -p "$settings"
    echo "create_main_cluster = false" | "${as_root[@]}" tee "$quiet" >/dev/null
    apt install -y --no-install-recommends postgresql || true
    "${as_root[@]}" rm -f "$quiet"
    has_postgres || { echo "setup: PostgreSQL could not be installed" >&2; exit 1; }
fi
