#!/usr/bin/env bash
# The long tests, with one summary: storms of kills and power cuts on both databases, at a rate and in numbers that `make test` has no
# time for, and whatever long tests the browser has. The last line is "N passed, N failed".
#
#   KILLS=200 CUTS=30 DATABASE_KILLS=50 RATE=1000 PEOPLE=200 SEED=… bash tests/soak.sh [FILTER]
#
# Everything is built for release, people as well as the program: others do not carry the rate. FILTER chooses parts by their name.
# SOAK_LOG keeps what all of them said.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR=never NO_COLOR=1
unset RUST_LOG INVIGIL_WEAKEN

bash tests/tools.sh || { printf '0 passed, 1 failed\n'; exit 1; }
# shellcheck source=tests/env.sh
source tests/env.sh

export INVIGIL_SOAK_KILLS="${KILLS:-200}" INVIGIL_SOAK_CUTS="${CUTS:-30}" INVIGIL_SOAK_DATABASE_KILLS="${DATABASE_KILLS:-50}"
export INVIGIL_SOAK_SILENCES="${SILENCES:-60}" INVIGIL_SOAK_DEVICES="${DEVICES:-2000}"
export INVIGIL_SOAK_RATE="${RATE:-1000}" INVIGIL_SOAK_PEOPLE="${PEOPLE:-200}" INVIGIL_SOAK_SEED="${SEED:-$RANDOM}"
export INVIGIL_BIN="${CARGO_TARGET_DIR:-$PWD/target}/release/invigil"
filter=${1:-}
passed=0 failed=0 broken=()
log=${SOAK_LOG:-$(mktemp)}
: >"$log"
if [ -z "${SOAK_LOG:-}" ]; then trap 'rm -f "$log"' EXIT; fi

# part NAME COMMAND…
part() {
    local name=$1 began=$SECONDS
    shift
    case $name in *"$filter"*) ;; *) return ;; esac
    printf '== %s\n' "$name"
    if "$@" </dev/null >"$log.part" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)) broken+=("$name"); tail -n 60 "$log.part"; fi
    printf '%s: %d s\n' "$name" $((SECONDS - began)) >>"$log.part"
    cat "$log.part" >>"$log"
    summary "$log.part"
    rm -f "$log.part"
}

# One line for all reports of one storm: sums of what is counted, the worst of what is measured.
summary() {
    python3 - "$1" <<'PY'
import json, sys
rows = [json.loads(line[line.index("{"):]) for line in open(sys.argv[1], errors="replace") if '"chaos":' in line]
for name in dict.fromkeys(row["chaos"] for row in rows):
    mine = [row for row in rows if row["chaos"] == name]
    total = lambda key: sum(row.get(key, 0) for row in mine)
    worst = lambda key: max(row.get(key, 0) for row in mine)
    flight, back = ([n for row in mine for n in row.get(key, [])] for key in ("in_flight", "back_ms"))
    middle = lambda numbers: sorted(numbers)[len(numbers) // 2] if numbers else None
    print(json.dumps({"summary": name, "faults": total("faults"), "seconds": total("seconds"), **{key: total(key) for key in
        ("offered", "acked", "stored", "lost", "duplicated", "phantom", "altered", "contradicted", "connects")},
        "in_flight_median": middle(flight), "in_flight_max": max(flight, default=None), "back_ms_median": middle(back),
        "back_ms_max": max(back, default=None), "ack_p50_ms_worst_round": worst("ack_p50_ms"), "ack_max_ms": worst("ack_max_ms"),
        "seed": mine[0].get("seed")}))
PY
}

storm() { cargo test --locked --release --test chaos -- --nocapture --test-threads 1 --exact "$1"; }

part 'kills, SQLite' storm kills_lose_nothing_on_sqlite
part 'kills, PostgreSQL' storm kills_lose_nothing_on_postgres
part 'kills of PostgreSQL' storm kills_of_postgres_lose_nothing
part 'power cuts, SQLite' storm power_cuts_lose_nothing_on_sqlite
part 'power cuts, PostgreSQL' storm power_cuts_lose_nothing_on_postgres
part 'kills, 3 nodes' storm kills_of_nodes_lose_nothing
part 'kills of PostgreSQL, 3 nodes' storm kills_of_the_nodes_postgres_lose_nothing
part 'power cuts of PostgreSQL, 3 nodes' storm power_cuts_of_the_nodes_postgres_lose_nothing
part 'NATS killed, frozen, cut off, 3 nodes' storm silence_between_nodes_loses_nothing
nodes() { cargo test --locked --release --test nodes -- --nocapture --exact "$1"; }
part 'a change on its way to a hall' nodes a_hall_has_a_change_soon
part '3 nodes restarted' nodes a_rolling_restart_loses_nothing
deadline() { INVIGIL_DEADLINE_ROUNDS=70 cargo test --locked --release --test one_time -- --nocapture deadline; }
part 'answers around the deadline' deadline
outage() { INVIGIL_OUTAGE_SECONDS=90 cargo test --locked --release --test outage -- --nocapture a_server_that_was_away; }
part 'the server away for 90 s' outage
# Ten thousand from one machine: an address may have 2,000 connections, so it has six more.
crowds() {
    bash tests/netns.sh bash -c 'for n in 1 2 3 4 5 6; do ip address add "10.78.0.$n/32" dev lo; done; exec "$@"' sh env \
        INVIGIL_FANOUT_ADDRESSES=10.78.0.1,10.78.0.2,10.78.0.3,10.78.0.4,10.78.0.5,10.78.0.6 INVIGIL_FANOUT_PROMISED=1 \
        INVIGIL_FANOUT_PEOPLE="${FANOUT_PEOPLE:-10000}" INVIGIL_FANOUT_RATE=1000 INVIGIL_FANOUT_MESSAGES=10 INVIGIL_FANOUT_PAUSE_SECONDS=5 \
        cargo test --locked --release --test scale -- --nocapture a_message_reaches_everybody
}
part 'a message to ten thousand' crowds
browser() { cargo build --locked --release --quiet && node --test --test-reporter=tap "tests/browser/$1.test.mjs"; }
kills() { INVIGIL_KILLS=20 browser outbox; }
clocks() { INVIGIL_CLOCK_SECONDS=600 browser line; }
part 'browser: kills behind a black hole' kills
part 'browser: the clock for ten minutes' clocks

if [ "${#broken[@]}" != 0 ]; then printf 'Failed: %s\n' "$(printf '%s; ' "${broken[@]}" | sed 's/; $//')"; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
