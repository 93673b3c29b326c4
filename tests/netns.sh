#!/usr/bin/env bash
# Runs a command in a network namespace of its own, with an address that is not loopback ($INVIGIL_LAN): a closed classroom network of
# one machine. The namespace ends with its last process, so there is nothing to clean up. Needs the packages iproute2 and util-linux, and
# root or a kernel that lets users make namespaces.
#   bash tests/netns.sh COMMAND…
set -euo pipefail

die() { printf 'netns: %s\n' "$*" >&2; exit 3; }

if [ "${1:-}" = --inside ]; then
    shift
    ip link set lo up
    ip link add school type veth peer name hall || die 'veth is missing: this kernel has no such interface'
    ip address add 10.77.0.1/24 dev school
    ip link set school up
    ip link set hall up
    export INVIGIL_LAN=10.77.0.1
    exec "$@"
fi

command -v ip >/dev/null 2>&1 || die 'the program ip is missing: install the package iproute2'
own=(unshare --net)
if [ "$EUID" != 0 ]; then own+=(--map-root-user); fi
"${own[@]}" true 2>/dev/null || die 'network namespaces are missing: run this as root, or let users make namespaces'
exec "${own[@]}" bash "${BASH_SOURCE[0]}" --inside "$@"
