#!/usr/bin/env bash
# Breaks each law on purpose and wants its test red: a test that cannot fail proves nothing.
#
# Behaviour is broken by the cargo feature `weaken`, one law at a time (INVIGIL_WEAKEN); structure in a throw-away worktree. `--short`
# leaves out what the test suite shows anyway (that the tests are green when nothing is broken) and what takes long.
# The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TERM_COLOR=never NO_COLOR=1
unset RUST_LOG INVIGIL_WEAKEN

short=
if [ "${1:-}" = --short ]; then short=yes; fi
passed=0 failed=0
work=$(mktemp -d)
tree=$work/tree log=$work/log

cleanup() {
    git worktree remove --force "$tree" >/dev/null 2>&1
    rm -rf "$work"
    # The weakened program stands where the real one is looked for; a run of everything ends with this.
    [ -n "${CI:-}" ] || cargo test --locked --quiet --no-run --test kill 2>/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT TERM

good() { passed=$((passed + 1)); printf '%s\n' "$1"; }
bad() {
    failed=$((failed + 1))
    printf '%s\n' "$1"
    if [ -f "$log" ]; then tail -n 40 "$log"; fi
}

# red LAW PATTERN COMMAND…: the command must fail, and say what fits the pattern: failing for another reason proves nothing.
red() {
    local law=$1 pattern=$2 why
    shift 2
    if "$@" >"$log" 2>&1 </dev/null; then bad "STILL GREEN: $law"; return; fi
    why=$(grep -E -m 1 -- "$pattern" "$log")
    if [ -n "$why" ]; then good "red as it should be: $law  |  $why"; else bad "RED FOR ANOTHER REASON: $law"; fi
}
# aside COMMAND…: one of the above beside two others, for most of each is waiting; what it says comes in the order of the calls.
begun=0
aside() {
    while [ "$(jobs -rp | wc -l)" -ge 3 ]; do wait -n; done
    begun=$((begun + 1))
    (
        trap - EXIT
        log=$work/log.$begun passed=0 failed=0
        "$@"
        echo "$passed $failed" >"$work/count.$begun"
    ) >"$work/said.$begun" 2>&1 &
}
# Waits for all that run aside, and adds up.
together() {
    local n ok bad
    wait
    for ((n = 1; n <= begun; n++)); do
        cat "$work/said.$n"
        read -r ok bad <"$work/count.$n" || { ok=0 bad=1; }
        passed=$((passed + ok)) failed=$((failed + bad))
    done
    begun=0
}
# green WHAT COMMAND…: the same test with nothing broken.
green() {
    local what=$1
    shift
    if "$@" >"$log" 2>&1 </dev/null; then good "green when nothing is broken: $what"; else bad "RED ALTHOUGH NOTHING IS BROKEN: $what"; fi
}

# weakened TEST FILTER: a test of the build that can be weakened.
weakened() { cargo test --locked --features weaken --test "$1" -- "$2"; }
# law NAME TEST FILTER PATTERN WHAT: breaks one law of behaviour.
law() {
    local name=$1 test=$2 filter=$3 pattern=$4 what=$5
    if [ ! -f "tests/$test.rs" ]; then rm -f "$log"; bad "NO TEST: tests/$test.rs, for: $what"; return; fi
    if [ -z "$short" ]; then green "$what" weakened "$test" "$filter"; fi
    INVIGIL_WEAKEN=$name red "$what" "$pattern" weakened "$test" "$filter"
}

# page NAME TEST FILTER PATTERN WHAT: breaks one law of the page, in the browser that the test starts.
page() {
    local name=$1 test=$2 filter=$3 pattern=$4 what=$5
    # shellcheck source=tests/env.sh
    source tests/env.sh
    INVIGIL_KILLS=1 INVIGIL_WEAKEN_PAGE=$name red "$what" "$pattern" \
        node --test --test-reporter=tap --test-name-pattern="$filter" "tests/browser/$test.test.mjs"
}

behaviour() {
    local test tests=()
    for test in kill chaos store_contract api outage time one_time; do
        if [ -f "tests/$test.rs" ]; then tests+=(--test "$test"); fi
    done
    if ! cargo test --locked --features weaken --no-run "${tests[@]}" >"$log" 2>&1; then
        bad 'The build with the feature `weaken` fails.'
        return
    fi
    aside law ack_before_commit kill acknowledged_survives_kills_on_sqlite 'lost [1-9]' 'an answer is acknowledged after COMMIT'
    aside law synchronous_normal chaos power_cuts_lose_nothing_on_sqlite 'lost [1-9]' 'SQLite keeps over a power cut what it has committed'
    aside law synchronous_commit_off chaos power_cuts_lose_nothing_on_postgres 'lost [1-9]' 'PostgreSQL keeps over a power cut what it has committed'
    aside law dedup chaos an_acknowledgement_cut 'phantom [1-9]' 'an answer that comes again is stored once'
    aside law proof chaos a_locked_writer_refuses_with_proof_on_sqlite 'received [0-9]+ ms after it was refused' 'an answer that is refused for our reasons keeps its time'
    aside law pen store_contract sqlite::answers::an_older_pen '^test .* FAILED' 'an older pen overwrites nothing'
    aside law late store_contract sqlite::answers::an_extension '^test .* FAILED' 'late is derived: a later extension judges again'
    aside law wall_clock time a_step_of_the_system_clock '^test .* FAILED' 'a step of the system clock moves nothing'
    aside law own_wall_clock one_time nodes_with_wrong_clocks 'the nodes are [0-9]+ ms apart' 'nodes have one time, whatever their own clocks say'
    aside law uncovered outage a_server_that_was_frozen '^test .* FAILED' 'no deadline is enforced for a time that no beat covers'
    aside law outage_twice store_contract sqlite::outages::an_outage_is_given_back_once '^test .* FAILED' 'an outage is given back once'
    aside law any_word store_contract sqlite::presence::a_word_about_an_older '^test .* FAILED' 'a word about an older connection overrides nothing'
    aside law ended_twice store_contract sqlite::presence::of_two_sweeps '^test .* FAILED' 'of two nodes that sweep one ends a room'
    aside law incident_twice store_contract sqlite::incidents::of_two_changes '^test .* FAILED' 'of two changes of an incident at once one happens'
    aside law chain store_contract sqlite::seals::another_order '^test .* FAILED' 'a timeline whose entries were reordered is found out'
    aside law rehearsal_listed store_contract sqlite::rehearsals::a_rehearsals_room '^test .* FAILED' 'a rehearsal stands in no list'
    aside law exempt api a_rule_proposes_explains '^test .* FAILED' 'what a rule finds is not proposed of whom it is off for'
    aside law older_word store_contract sqlite::attendance::what_staff_see '^test .* FAILED' 'an older word about who is here overrides nothing'
    aside law unasked store_contract sqlite::attendance::a_room_is_handed_over '^test .* FAILED' 'a room is taken over by whom is asked'
    aside law rights api rights_are_given_and_taken '^test .* FAILED' 'nobody gives or takes a right that is not theirs'
    aside law board api a_projector_shows '^test .* FAILED' 'a projector shows nothing that was not said to everybody'
    aside law access api every_operation_denies_by_default '^test .* FAILED' 'who may do what is decided by default deny'
    aside page local_storage outbox killed 'kept on this computer and lost' 'what is kept survives the end of the browser'
    if [ -z "$short" ]; then
        aside law pen nodes a_cut_node_takes_nothing '^test .* FAILED' 'a node that is cut off takes nothing for a pen that moved'
        aside law unsure chaos a_commit_cut_after_any_byte 'lost [1-9]' 'a commit of unknown fate is not called saved'
        aside law fsync chaos a_disk_that_does_not_confirm 'an end by itself' 'a failed fsync is never tried again: the process ends'
        together
        # A release must not even compile with it.
        red 'a release cannot be weakened' 'never belongs into a release build' cargo check --locked --release --features weaken
    fi
    together
}

# structure: the test's own program, reading the worktree instead of this one.
structure() { CARGO_MANIFEST_DIR=$tree "$checker" "$@"; }
# breach LAW TEST FILE TEXT: adds a text to a file of the worktree, wants the test red, takes the text away.
breach() {
    local what=$1 test=$2 file=$tree/$3 text=$4
    cp "$file" "$work/kept"
    printf '\n%s\n' "$text" >>"$file"
    red "$what" "^${3//./\\.}:[0-9]+: " structure "$test"
    cp "$work/kept" "$file"
}

structures() {
    if ! cargo test --locked --no-run --test structure >"$log" 2>&1; then bad 'tests/structure.rs does not build.'; return; fi
    checker=$PWD/$(sed -nE 's/^ *Executable tests\/structure\.rs \((.*)\)$/\1/p' "$log")
    if [ ! -x "$checker" ]; then bad 'tests/structure.rs has left no program.'; return; fi
    if ! git worktree add --quiet --detach "$tree" HEAD >"$log" 2>&1; then bad 'No worktree could be made.'; return; fi
    # What is not committed yet belongs to what is proven.
    git diff --binary HEAD >"$work/diff"
    if [ -s "$work/diff" ] && ! git -C "$tree" apply "$work/diff" >"$log" 2>&1; then bad 'The worktree could not be brought up to date.'; return; fi
    green 'the structure' structure arrows_point_down one_file_reads_clocks sql_stays_in_the_store the_domain_is_pure
    breach 'imports point down: not from the domain to the store' arrows_point_down src/domain/pen.rs 'use crate::store::Store;'
    breach 'imports point down: not from a service to an edge' arrows_point_down src/service/rooms.rs 'use crate::api::document;'
    local clock='fn _broken() -> std::time::SystemTime { std::time::SystemTime::now() }'
    breach 'one file reads clocks: not the domain' one_file_reads_clocks src/domain/pen.rs "$clock"
    breach 'one file reads clocks: not a service' one_file_reads_clocks src/service/rooms.rs "$clock"
    breach 'SQL stays in the store' sql_stays_in_the_store src/service/rooms.rs 'const BROKEN: &str = "select id from rooms";'
    breach 'the domain is pure' the_domain_is_pure src/domain/pen.rs 'async fn _broken() {}'
    if [ -z "$short" ]; then
        printf '\n/// Broken.\npub fn broken() -> std::time::Instant { std::time::Instant::now() }\n' >>"$tree/src/service/rooms.rs"
        red 'clippy refuses clocks' 'disallowed method' \
            env -C "$tree" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}" cargo clippy --locked --lib -- -D clippy::disallowed_methods
        git -C "$tree" checkout --quiet -- src/service/rooms.rs
        # An interval that a reopening has a term for already gets one more.
        sed -i 's/find(|term| term.rev == Some(counted.change.rev))/find(|_| false)/' "$tree/src/domain/clock/deadline.rs"
        red 'every entry is explained once' 'every_entry_that_concerns_the_candidate_is_explained_once .* FAILED' \
            env -C "$tree" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}" cargo test --locked --lib explained
    fi
}

structures
behaviour
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
