//! The conformance suite of stores, and a deterministic generator of facts.
//!
//! A store proves itself with one line: `qd_store::conformance!(fresh)`, where `fresh` is an async function that returns
//! a new, empty store (and whatever must live as long as it). Each claim becomes a test of its own.

pub mod absence;
pub mod actions;
pub mod happenings;
pub mod histories;
pub mod hostile;
pub mod ingesting;
pub mod listening;
pub mod lists;
pub mod notes;
pub mod past;
pub mod sample;
pub mod small;
pub mod tallies;
pub mod town;

/// Makes a test of every claim. The argument is an async function without arguments that returns `(store, guard)`.
#[macro_export]
macro_rules! conformance {
    ($fresh:ident) => {
        $crate::conformance! { @claims $fresh;
            ingesting: what_was_stored_reads_back_whole, the_same_batch_twice_changes_nothing,
                the_last_mention_counts, a_change_beside_the_state_is_no_transition,
                a_connection_cannot_speak_for_another, a_cursor_comes_back, change_sets_are_numbered_without_gaps,
                other_links_beside_an_unchanged_fact_are_no_transition, history_does_not_turn_back_with_the_clock,
                instants_keep_their_microseconds;
            absence: an_absent_alert_is_resolved_without_an_end, a_resolved_alert_fires_again,
                a_ticket_is_gone_after_two_complete_answers, what_is_gone_comes_back,
                one_absence_is_forgiven, a_delta_says_nothing_of_absence,
                one_kind_says_nothing_of_another, what_is_closed_does_not_go;
            lists: open_things_are_current, the_latest_of_a_line_is_current, an_old_run_that_comes_late_is_not_the_latest,
                a_gone_run_gives_its_place_back, worst_comes_first_then_newest, pages_do_not_overlap,
                counters_agree_with_lists, filters_mean_what_the_reference_means, texts_of_any_shape_are_found,
                recent_runs_of_a_line_are_added, a_line_is_read_newest_first, what_is_live_is_added_when_the_latest_did_not_succeed;
            past: a_list_shows_what_was_known_then, nothing_was_there_before_it_was_seen,
                filters_of_the_past_mean_what_the_reference_means;
            histories: a_history_tells_every_transition, what_changes_again_and_again_is_told_apart,
                every_value_of_a_field_is_told, a_timeline_is_newest_first_and_half_open,
                retention_keeps_what_is_open_or_live, forgetting_leaves_only_the_actions,
                other_services_are_no_transition, links_that_came_meanwhile_are_kept;
            happenings: a_span_holds_what_happened_in_it, a_failure_that_was_tried_again_happened,
                an_alert_that_fires_anew_fired_before,
                an_alert_appears_each_time_it_fires,
                a_silence_is_another_span_of_its_alert, what_happened_is_filtered_and_limited,
                a_source_is_read_as_long_as_its_polls_follow_each_other, names_are_those_of_what_is_current;
            actions: a_key_is_proposed_once, one_of_many_proposals_wins, nothing_is_sent_twice, an_outcome_is_final,
                an_unknown_outcome_is_settled_once_more, what_was_never_proposed_cannot_be_settled,
                the_log_is_read_by_target_and_by_what_is_open;
            small: health_rings_only_when_its_state_changes, a_lease_has_one_holder, a_released_lease_is_free,
                a_lease_from_a_wrong_clock_is_void, answers_are_kept_and_the_oldest_go_first, memos_are_kept,
                a_closed_store_says_so;
            notes: notes_are_read_newest_first, a_note_is_kept_letter_by_letter, the_past_has_the_notes_of_then,
                a_removed_note_is_gone_and_can_be_put_back, a_number_is_never_given_twice,
                notes_outlive_what_they_are_written_on, a_note_rings, notes_are_found_by_words;
            tallies: what_began_is_counted_where_it_began, an_alert_is_counted_in_every_hour_it_fired,
                what_fires_still_is_counted_to_the_end;
            listening: a_listener_hears_what_is_written, a_listener_hears_what_it_missed,
                who_is_far_behind_hears_only_how_far_things_are;
            hostile: hostile_values_do_no_harm, a_large_batch_is_named_up_to_a_limit
        }
    };
    (@claims $fresh:ident; $($room:ident: $($claim:ident),+);+) => {
        $(mod $room {
            $(#[tokio::test]
            async fn $claim() {
                let (store, _guard) = super::$fresh().await;
                $crate::testkit::$room::$claim(&store).await;
            })+
        })+
    };
}
