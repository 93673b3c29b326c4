#!/usr/bin/env bash
# A private PostgreSQL on a free port of the loopback address, which lives until this script's standard input is closed: however whoever
# holds the other end comes to its end, neither a server nor a folder remains. Says `ready PORT`, or why it does not start.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
# shellcheck source=tests/env.sh
source tests/env.sh

bin=$(postgres_bin)
if [ -z "$bin" ]; then
    echo 'these tests need PostgreSQL 15 or newer: install it (Debian and Ubuntu: apt install postgresql; macOS: brew install postgresql) or name the folder of its programs in PG_BIN'
    exit 1
fi
dir=$(mktemp -d)
finish() {
    as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
    cd / && rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# It refuses to run as root: then it gets another user, to whom the folder is given.
user=()
if [ "$(stat -c %u /proc/self)" = 0 ]; then
    account=$(grep -m 1 ^postgres: /etc/passwd || grep -m 1 ^nobody: /etc/passwd)
    IFS=: read -r _ _ owner group _ <<<"$account"
    chown "$owner:$group" "$dir"
    user=(setpriv --reuid="$owner" --regid="$group" --clear-groups --)
fi
as() { (cd "$dir" && "${user[@]}" "$@"); }

as "$bin/initdb" -N -A trust -U postgres --locale=C --encoding=UTF8 -D "$dir/data" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
# Another program may have the port: then it is tried with another one.
for _ in 1 2 3 4 5; do
    port=$((30000 + RANDOM % 2000))
    options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c fsync=on -c full_page_writes=on"
    options+=' -c synchronous_commit=on -c max_connections=400 -c deadlock_timeout=200ms'
    if as "$bin/pg_ctl" -w -t 60 -D "$dir/data" -l "$dir/server.log" -o "$options" start >"$dir/log" 2>&1 </dev/null; then
        echo "ready $port"
        read -r _
        exit 0
    fi
done
cat "$dir/log" "$dir/server.log"
exit 1
