#!/usr/bin/env bash
# Every check and test, one part after the other. A part that fails does not stop the next; the whole fails if any did.
# `all.sh nodes` runs what is the same on every deployment, browsers included, on two nodes over PostgreSQL and NATS instead.
# The last line is "N passed, N failed": tests, and one for each check that counts none.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}" NO_COLOR=1
unset RUST_LOG

bash tests/tools.sh || { printf '0 passed, 1 failed\n'; exit 1; }
# shellcheck source=tests/env.sh
source tests/env.sh

export INVIGIL_BIN="${INVIGIL_BIN:-${CARGO_TARGET_DIR:-$PWD/target}/debug/invigil}"

# What tests write lies in memory, where there is enough of it: on a disk that others use too, an fsync takes seconds now and then, and the
# suite waits for it half of its time. Tests of what a disk does bring disks of their own.
spare_mib() { df --output=avail -BM /dev/shm 2>/dev/null | awk 'NR == 2 { print $1 + 0 }'; }
free_mib() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null; }
in_memory=
if [ "$(spare_mib || echo 0)" -ge 3072 ] && [ "$(free_mib || echo 0)" -ge 8192 ]; then in_memory=/dev/shm; fi
scratch=$(mktemp -d ${in_memory:+-p "$in_memory"})
# Tests give some of it to other users.
chmod 711 "$scratch"
export TMPDIR=$scratch
log=$(mktemp)
finish() {
    # It ends with its input.
    if [ -n "${POSTGRES_PID:-}" ]; then exec {POSTGRES[1]}>&-; wait "$POSTGRES_PID"; fi
    cd / && rm -rf "$scratch"
} 2>/dev/null
trap finish EXIT

# One PostgreSQL in memory for everything that does not break it. On a disk each test process has one of its own.
if [ -n "$in_memory" ]; then
    coproc POSTGRES { exec bash tests/postgres.sh; }
    read -r said port <&"${POSTGRES[0]}"
    if [ "$said" != ready ]; then printf '%s %s\n0 passed, 1 failed\n' "$said" "$port"; exit 1; fi
    export INVIGIL_TEST_POSTGRES=$port
fi

passed=0 failed=0 ignored=0 broken=()

# Adds up all "N <word>" in the lines of the log that fit.
sum() { grep -E "$1" "$log" | grep -oE "[0-9]+ $2" | awk '{ n += $1 } END { print n + 0 }'; }

# run NAME COUNTER COMMAND…: shows what the command says; COUNTER sets `ok` and `bad` from the log.
run() {
    local name=$1 counter=$2 ok=0 bad=0 status
    shift 2
    printf '\n== %s\n' "$name"
    "$@" </dev/null 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    "$counter"
    # A part that could not even count has still failed; one that counts nothing has passed once.
    if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    if [ "$status" = 0 ] && [ $((ok + bad)) = 0 ]; then ok=1; fi
    if [ "$bad" != 0 ]; then broken+=("$name"); fi
    passed=$((passed + ok)) failed=$((failed + bad))
}
none() { :; }
cargo_counts() {
    ok=$(sum '^test result:' passed) bad=$(sum '^test result:' failed)
    ignored=$((ignored + $(sum '^test result:' ignored)))
}
nextest_counts() {
    ok=$(sum '^ *Summary ' passed)
    bad=$(($(sum '^ *Summary ' failed) + $(sum '^ *Summary ' 'timed out') + $(sum '^ *Summary ' 'exec failed')))
    ignored=$((ignored + $(sum '^ *Summary ' skipped)))
}
node_counts() {
    ok=$(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$log" | tail -n 1) bad=$(awk '/^# (fail|cancelled) [0-9]+$/ { n += $3 } END { print n + 0 }' "$log")
    ok=${ok:-0}
    ignored=$((ignored + $(awk '/^# (skipped|todo) [0-9]+$/ { n += $3 } END { print n + 0 }' "$log")))
}
# The closing line of a script of ours.
own_counts() {
    ok=$(sed -nE 's/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$log" | tail -n 1)
    bad=$(sed -nE 's/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$log" | tail -n 1)
    ok=${ok:-0} bad=${bad:-0}
}

# What says nothing of a deployment: the same tests hold on one node and on several. The last two take long.
anywhere=(accept api client latency messages one_exam revoke sit_py web kill outage)
# rust_tests NAME [TEST…]: all of them, or those of the named files.
rust_tests() {
    local name=$1 file filter='all()' files=(--all-targets)
    shift
    if [ $# != 0 ]; then
        filter='none()' files=()
        for file in "$@"; do filter+=" | binary($file)" files+=(--test "$file"); done
    fi
    if cargo nextest --version >/dev/null 2>&1; then
        # They mostly wait, for clocks and for servers: twice as many at a time as there are cores.
        run "$name" nextest_counts \
            cargo nextest run --locked --no-fail-fast --test-threads "$((2 * $(nproc)))" --status-level fail --final-status-level slow -E "$filter"
    else
        run "$name" cargo_counts cargo test --locked --no-fail-fast "${files[@]}"
    fi
}

# browsers FILE…: two files at a time, each with a browser of its own; what measures the page's clock has the machine to itself.
export INVIGIL_CLOCK_SECONDS="${INVIGIL_CLOCK_SECONDS:-60}"
shown=$(mktemp -d)
# shellcheck disable=SC2016 # expanded by the inner shell
browser='name=$(basename "$1" .test.mjs); node --test --test-reporter=tap "$1" >"$0/$name" 2>&1 </dev/null; echo $? >"$0/$name.status"'
browsers() {
    local file name
    # The longest first, so that no core waits for it in the end.
    wc -l "$@" | awk '$2 ~ /test.mjs$/ { print $1, $2 }' | sort -rn | cut -d " " -f 2 | grep -v '/line.test' |
        xargs -P 2 -I {} bash -c "$browser" "$shown" {}
    case " $* " in *"/line.test"*) bash -c "$browser" "$shown" tests/browser/line.test.mjs ;; esac
    for file in "$@"; do
        name=$(basename "$file" .test.mjs)
        # shellcheck disable=SC2016 # expanded by the inner shell
        run "browser: $name${INVIGIL_TEST_STACK:+ on $INVIGIL_TEST_STACK}" node_counts \
            bash -c 'cat "$0"; exit "$(cat "$0.status")"' "$shown/$name"
    done
}

if [ "${1:-}" = nodes ]; then
    export INVIGIL_TEST_STACK=nodes
    rust_tests 'tests on nodes' "${anywhere[@]}"
    browsers tests/browser/*.test.mjs
else
    run 'formatting' none cargo fmt --check -- --color never
    run 'lints' none cargo clippy --locked --all-targets -- -D warnings
    rust_tests 'tests'
    INVIGIL_TEST_STACK=nodes rust_tests 'tests on nodes' "${anywhere[@]:0:9}"
    # The program that the tests were built with: a plain build has other features of the same crates and would compile them all again.
    run 'interface document' none "$INVIGIL_BIN" openapi --check
    run 'documentation tests' cargo_counts cargo test --locked --doc
    # shellcheck disable=SC2046 # a list of files
    run 'script tests' node_counts node --test --test-reporter=tap $(find tests/js -name '*.test.mjs' | sort)
    browsers tests/browser/*.test.mjs
    INVIGIL_TEST_STACK=nodes browsers tests/browser/exam.test.mjs
    run 'proofs' own_counts bash tests/prove.sh --short
fi

printf '\n'
if [ "$ignored" != 0 ]; then printf 'Not run because marked so: %d.\n' "$ignored"; fi
if [ "${#broken[@]}" != 0 ]; then printf 'Failed: %s\n' "$(printf '%s; ' "${broken[@]}" | sed 's/; $//')"; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
