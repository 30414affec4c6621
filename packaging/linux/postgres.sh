#!/usr/bin/env bash
# Makes sure that the tests find a PostgreSQL; asks apt only when there is none. The tests start one of their own in a
# temporary folder, so nothing of this machine is set up: no cluster is made and no service is started.
set -euo pipefail

is_there() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; }
is_there && exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian; the tests need PostgreSQL 13 or newer, with initdb on the PATH" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: the tests need PostgreSQL; ask an administrator for: apt-get install postgresql" >&2
        exit 1
    fi
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >/dev/null; }

echo "setup: installing PostgreSQL for the tests"
apt update || echo "setup: the package lists could not be refreshed; going on with those of this machine." >&2
# As long as this file is there, installing the server makes no cluster, and without one no service starts.
settings=/etc/postgresql-common/createcluster.d
quiet=$settings/for-tests.conf
"${as_root[@]}" mkdir -p "$settings"
echo "create_main_cluster = false" | "${as_root[@]}" tee "$quiet" >/dev/null
apt install -y --no-install-recommends postgresql || true
"${as_root[@]}" rm -f "$quiet"
is_there || { echo "setup: PostgreSQL could not be installed" >&2; exit 1; }
