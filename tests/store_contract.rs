//! One contract, both databases: every method of the store, the journal, and what neither may ever do. Each test has a database of
//! its own.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

#[path = "store_contract/accounts.rs"]
mod accounts;
#[path = "store_contract/answers.rs"]
mod answers;
#[path = "store_contract/attendance.rs"]
mod attendance;
#[path = "store_contract/batches.rs"]
mod batches;
#[path = "store_contract/candidates.rs"]
mod candidates;
#[path = "store_contract/checks.rs"]
mod checks;
#[path = "store_contract/exams.rs"]
mod exams;
#[path = "store_contract/fixture.rs"]
mod fixture;
#[path = "store_contract/hall.rs"]
mod hall;
#[path = "store_contract/incidents.rs"]
mod incidents;
#[path = "store_contract/joins.rs"]
mod joins;
#[path = "store_contract/messages.rs"]
mod messages;
#[path = "store_contract/one_engine.rs"]
mod one_engine;
#[path = "store_contract/outages.rs"]
mod outages;
#[path = "store_contract/plans.rs"]
mod plans;
#[path = "store_contract/presence.rs"]
mod presence;
#[path = "store_contract/rehearsals.rs"]
mod rehearsals;
#[path = "store_contract/restored.rs"]
mod restored;
#[path = "store_contract/rooms.rs"]
mod rooms;
#[path = "store_contract/seals.rs"]
mod seals;
#[path = "store_contract/submits.rs"]
mod submits;
#[path = "store_contract/timeline.rs"]
mod timeline;

/// Runs each function on both databases. A function that is missing here is dead code, which the compiler reports.
macro_rules! for_each_db {
    ($($module:ident: $($test:ident)+;)+) => {
        mod sqlite {
            $(mod $module {$(
                #[tokio::test]
                async fn $test() {
                    crate::$module::$test(crate::fixture::World::sqlite().await).await;
                }
            )+})+
        }
        mod postgres {
            $(mod $module {$(
                #[tokio::test]
                async fn $test() {
                    crate::$module::$test(crate::fixture::World::postgres().await).await;
                }
            )+})+
        }
    };
}

for_each_db! {
    accounts:
        meta_is_set_and_taken_once
        server_keys_are_newest_first
        users_are_found_and_updated
        a_login_is_taken_once
        administrators_are_counted
        sessions_know_what_they_rest_on
        a_rotated_secret_works_once
        ended_sessions_stay_ended
        all_sessions_of_one_person_end;
    attendance:
        what_staff_see_is_kept_once_and_the_newer_word_holds
        a_room_is_handed_over_by_who_is_in_charge_to_who_takes_it;
    checks:
        a_check_takes_reports_while_it_is_open_and_has_room
        a_new_check_begins_empty_and_old_ones_are_forgotten;
    exams:
        exams_are_listed_by_owner
        an_exam_changes_until_a_room_opens
        a_paper_is_put_on_the_version_it_was_read_at
        only_an_unused_exam_is_deleted;
    rehearsals:
        a_room_is_rehearsed_once_at_a_time
        a_rehearsals_room_is_not_listed_and_can_be_erased;
    rooms:
        a_room_is_read_with_its_exam
        rooms_are_filtered
        a_room_moves_until_it_starts
        a_room_is_deleted_until_it_opens
        grants_are_set_read_and_removed
        due_rooms_are_found
        only_who_saw_the_bound_raises_it
        a_plan_lowers_the_bound_and_never_raises_it;
    plans:
        every_kind_of_change_is_read_back
        a_plan_on_an_old_rev_changes_nothing
        of_two_plans_on_one_rev_one_happens
        facts_of_a_room_are_set_and_cleared
        facts_of_candidates_are_news_once
        an_end_planned_before_an_extension_is_not_made
        a_room_wide_change_touches_everyone
        a_late_candidate_carries_the_rev_of_the_room
        a_command_is_kept_in_the_same_transaction
        a_repeated_key_rolls_the_whole_plan_back;
    outages:
        a_gap_is_an_outage_from_five_seconds_on
        two_nodes_that_find_a_gap_find_one
        an_event_after_the_last_beat_is_a_sign_of_life_of_who_is_gone
        an_outage_is_given_back_once
        a_proposal_is_decided_once
        who_was_lost_is_known_for_every_instant;
    messages:
        messages_reach_those_whom_they_are_for
        the_same_key_is_the_same_message
        receipts_stay_as_they_were_first
        receipts_of_one_batch_are_written_once_each
        a_withdrawal_happens_once_and_hides_what_never_came
        staff_find_what_was_written_to_their_rooms
        a_hand_keeps_its_place_until_it_is_down
        templates_are_the_own_ones_and_the_houses;
    incidents:
        an_incident_is_made_once_under_its_key
        of_two_findings_at_once_one_is_kept
        of_two_changes_on_one_rev_one_happens
        replies_are_kept_once_and_in_order
        an_incident_and_its_outages_mark_are_one
        time_is_given_back_once_by_whomever
        pages_are_newest_first_and_filtered
        incidents_go_with_their_room
        rules_are_an_exams_own
        rules_are_off_for_one_candidate
        an_address_is_noted_once
        an_entry_of_another_room_is_not_found;
    candidates:
        candidates_are_read_in_every_way
        a_roster_is_added_whole_or_not_at_all
        a_candidate_is_updated
        a_candidate_is_deleted_until_it_joins
        codes_are_set_and_replaced
        a_code_is_printable_until_its_candidate_enters
        a_takeover_is_decided_once
        a_refused_takeover_moves_no_pen;
    timeline:
        events_are_read_back_as_they_were
        a_timeline_is_filtered
        soft_events_are_the_newest_of_each_kind
        the_last_event_is_known;
    seals:
        every_entry_is_sealed_once
        many_nodes_make_one_chain
        an_alteration_is_found
        a_deletion_is_found
        an_insertion_is_found
        another_order_is_found
        a_cut_is_found_by_the_head_that_was_told;
    answers:
        an_answer_is_saved_and_read_back
        a_repeat_gets_the_first_outcome
        another_value_under_the_same_key_is_a_conflict
        a_pen_that_was_never_given_is_unknown
        nothing_is_taken_before_the_room_runs
        grace_and_lateness_go_by_the_instant_of_receipt
        an_extension_judges_again
        an_extension_of_one_candidate_judges_only_their_answers_again
        a_pause_marks_and_counts
        an_older_pen_counts_until_a_newer_one_has_a_row
        a_newer_row_that_does_not_count_supersedes_nothing
        an_answer_for_another_room_is_not_found
        a_repeat_is_judged_by_its_first_receipt;
    joins:
        a_first_join_takes_a_pen
        a_reconnect_keeps_its_pen
        a_pen_that_was_taken_over_is_superseded
        a_takeover_is_asked_for_once
        takeover_policies_are_obeyed
        with_the_room_time_began_when_the_room_did
        on_entry_time_begins_with_the_join
        time_that_begins_wakes_the_sweep
        a_closed_entry_lets_nobody_begin
        a_room_that_is_over_lets_nobody_in
        one_who_has_ended_gets_no_pen;
    presence:
        a_word_about_an_older_connection_is_not_believed
        the_candidates_of_a_dead_node_are_lost_once
        a_holder_at_another_node_is_asked_while_that_lives
        of_two_sweeps_one_ends_a_room;
    submits:
        a_hand_in_ends_the_work_once
        a_hand_in_names_what_is_missing
        a_hand_in_sees_answers_of_its_own_batch
        a_hand_in_needs_the_current_pen
        nobody_hands_in_before_beginning
        a_late_hand_in_is_the_deadlines
        answers_after_the_hand_in_are_kept_and_do_not_count;
    restored:
        an_epoch_is_made_once_and_changes_with_a_restore
        a_restore_is_told_in_every_room_that_was_going_on
        an_outage_begins_when_the_server_died_and_not_with_the_copy
        whoever_held_the_pen_still_holds_it_under_a_number_nobody_had
        what_was_written_after_the_copy_comes_back_under_its_own_pens
        a_proven_answer_is_kept_where_the_start_is_forgotten;
    batches:
        nothing_is_said_before_it_is_committed
        what_is_refused_is_not_published
        what_is_queued_at_a_stop_is_written
        one_batch_takes_a_repeat_and_a_conflict
        a_poisonous_row_harms_only_itself
        an_unreadable_ledger_harms_only_its_room
        a_crash_after_commit_costs_nothing
        extensions_and_answers_do_not_race
        events_of_one_batch_keep_their_order;
}
