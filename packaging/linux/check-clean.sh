#!/usr/bin/env bash
# Proves that a bare Debian machine needs one command: runs the targets in a new minimal root, then again, when they
# must set up nothing. Only this check brings the machine's package settings along; the product knows of none.
#
#   CHECK_TARGETS="test demo"   the make targets to run, one after the other
#   CHECK_SUITE=bookworm        the Debian release
#   CHECK_ROOT_ARCHIVE=FILE     keep the bare root in this tar file and start from it the next time
set -euo pipefail
cd "$(dirname "$0")/../.."

targets=${CHECK_TARGETS:-test demo}
suite=${CHECK_SUITE:-bookworm}
packages=make,python3,python3-venv,ca-certificates

say() { printf '\ncheck-clean: %s\n' "$*"; }

if [ "$(id -u)" -ne 0 ]; then
    echo "check-clean: making a root needs the superuser: sudo make check-clean" >&2
    exit 1
fi
for tool in debootstrap git; do
    if ! command -v "$tool" >/dev/null; then
        say "installing $tool"
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$tool" >/dev/null
    fi
done

work=$(mktemp -d)
root=$work/root
mkdir "$root"
unmount() {
    local place
    # Deepest first; what is mounted below the root and nothing else.
    awk -v root="$root/" 'index($2, root) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r place; do
        umount "$place" || umount --lazy "$place"
    done
}
clean_up() {
    status=$?
    trap - EXIT INT TERM
    unmount
    if grep -qF " $root/" /proc/self/mounts; then
        echo "check-clean: $root is still mounted somewhere and was left alone" >&2
    else
        rm -rf --one-file-system "$work"
    fi
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The first mirror in the machine's own sources; without one debootstrap takes its own.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        sed -nE 's/^(deb +(\[[^]]*\] *)?|URIs: *)([a-z+]+:\/*[^ ]+).*/\3/p' | head -n 1
}

make_root() {
    if [ -n "${CHECK_ROOT_ARCHIVE:-}" ] && [ -f "$CHECK_ROOT_ARCHIVE" ]; then
        say "unpacking $CHECK_ROOT_ARCHIVE"
        tar -C "$root" -xf "$CHECK_ROOT_ARCHIVE"
        return
    fi
    say "making a minimal $suite with $packages"
    # shellcheck disable=SC2046  # no mirror means no argument
    debootstrap --variant=minbase --include="$packages" "$suite" "$root" $(mirror) >"$work/debootstrap.log" 2>&1 ||
        { tail -n 20 "$work/debootstrap.log" >&2; return 1; }
    if [ -n "${CHECK_ROOT_ARCHIVE:-}" ]; then
        tar -C "$root" -cf "$CHECK_ROOT_ARCHIVE" .
    fi
}

# What lets this machine reach its registries: apt's and pip's settings, certificates, name lookups.
bring_settings() {
    local path
    rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"
    for path in /etc/apt /etc/pip.conf /etc/xdg/pip /etc/ssl/certs /usr/local/share/ca-certificates \
        /etc/resolv.conf /etc/hosts /root/.config/pip /root/.pip; do
        if [ -e "$path" ]; then
            mkdir -p "$root$(dirname "$path")"
            cp -aL "$path" "$root$(dirname "$path")/" 2>/dev/null || cp -a "$path" "$root$(dirname "$path")/"
        fi
    done
    # Folders of packages that pip's settings name on this machine's own disk (an index has its files beside it).
    python3 -m pip config list 2>/dev/null | grep -oE "(file://)?/[^' ]+" | sed -E 's,^file://,,; s,/simple/?$,,' | sort -u |
        while read -r path; do
            if [ -d "$path" ]; then
                mkdir -p "$root$path"
                mount --bind -o ro "$path" "$root$path"
            fi
        done
    # The variables of proxies, certificates, pip and apt; nothing else of this environment goes along.
    env -0 | grep -zE '^(https?_proxy|no_proxy|all_proxy|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|PIP_[A-Z_]+|SSL_CERT_[A-Z]+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)=' \
        >"$work/environment" || true
}

run_inside() {
    local variables=()
    mapfile -d '' variables <"$work/environment"
    env -i "${variables[@]}" HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
        CI="${CI:-}" chroot "$root" "$@"
}

make_root
say "bringing this machine's package settings along"
bring_settings
for place in proc sys dev dev/pts dev/shm; do
    mkdir -p "$root/$place"
    mount --bind "/$place" "$root/$place" 2>/dev/null || echo "check-clean: /$place could not be mounted; going on" >&2
done
# A clone holds what is committed and nothing else.
git clone -q --no-hardlinks "$PWD" "$root/srv/evertill"
say "$(git -C "$root/srv/evertill" log -1 --format='%h %s')"

what_is_installed() {
    run_inside sh -c 'cd /srv/evertill && dpkg-query -W && .venv/bin/python -m pip list --format=freeze && cat .venv/setup-stamp &&
        stat -c %Y .venv/setup-stamp /var/lib/dpkg/status'
}

for round in first second; do
    for target in $targets; do
        say "$round run of make $target"
        before=$SECONDS
        run_inside make -C /srv/evertill "$target" 2>&1 | tee "$work/$round-$target.log"
        say "$round run of make $target took $((SECONDS - before)) s"
        if [ "$round" = second ] && grep -q '^setup:' "$work/$round-$target.log"; then
            say "FAILED: the second run of make $target set something up"
            exit 1
        fi
    done
    what_is_installed >"$work/$round-installed"
done
cmp "$work/first-installed" "$work/second-installed" || { say "FAILED: the second runs changed what is installed"; exit 1; }
say "passed: $targets, from nothing and again without set-up"
