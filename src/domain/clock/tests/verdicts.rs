//! What counts: the edges of time, gaps, and pens.

use super::*;
use crate::domain::ids::QuestionId;

const PLAIN: Verdict = Verdict::PLAIN;
const GRACE: Verdict = Verdict::marked(Why::Grace);
const PAUSED: Verdict = Verdict::marked(Why::Paused);
const LATE: Verdict = Verdict::out(Why::Late);
const ENDED: Verdict = Verdict::out(Why::Ended);
const NOT_RUNNING: Verdict = Verdict::out(Why::NotRunning);

fn ended(time: &str, by: EndedBy) -> Facts {
    Facts { ended: Some(Ended { at_ms: at(time), by }), ..begun("10:00") }
}

#[test]
fn the_edges_of_time() {
    let working = begun("10:00");
    let waiting = Facts { joined_ms: Some(at("09:55")), ..Facts::default() };
    let swept = ended("11:30", EndedBy::Deadline);
    let pause = [room("10:10", Kind::Pause), room("10:12", resume("10:20"))];
    let over = [room("11:25", Kind::Pause), room("11:50", resume("11:50"))];
    let cases: &[(&str, &[Line], &Facts, &str, Verdict)] = &[
        ("never begun", &[], &waiting, "10:05", NOT_RUNNING),
        ("before the begin", &[], &working, "09:59:59.999", NOT_RUNNING),
        ("at the begin", &[], &working, "10:00", PLAIN),
        ("at the deadline", &[], &working, "11:30", PLAIN),
        ("1 ms after it", &[], &working, "11:30:00.001", GRACE),
        ("at the end of grace", &[], &working, "11:30:03", GRACE),
        ("1 ms after that", &[], &working, "11:30:03.001", LATE),
        ("swept, at the deadline", &[], &swept, "11:30", PLAIN),
        ("swept, within grace", &[], &swept, "11:30:03", GRACE),
        ("swept, late", &[], &swept, "11:30:03.001", LATE),
        ("swept, then extended", &[room("11:32", extend(5))], &swept, "11:35", PLAIN),
        ("swept, then extended, still late", &[room("11:32", extend(5))], &swept, "11:35:03.001", LATE),
        ("handed in, same instant", &[], &ended("10:40", EndedBy::Candidate), "10:40", PLAIN),
        ("handed in, 1 ms later", &[], &ended("10:40", EndedBy::Candidate), "10:40:00.001", ENDED),
        ("terminated", &[], &ended("10:40", EndedBy::Invigilator), "10:40:00.001", ENDED),
        ("handed in within a pause", &pause, &ended("10:15", EndedBy::Candidate), "10:14", PAUSED),
        ("before a pause", &pause, &working, "10:09:59.999", PLAIN),
        ("first of a pause", &pause, &working, "10:10", PAUSED),
        ("last of a pause", &pause, &working, "10:19:59.999", PAUSED),
        ("resumed", &pause, &working, "10:20", PLAIN),
        ("the deadline after a pause", &pause, &working, "11:40", PLAIN),
        ("an open pause, before it", &pause[..1], &working, "10:05", PLAIN),
        ("an open pause, within it", &pause[..1], &working, "19:00", PAUSED),
        ("another's pause", &[(at("10:10"), Kind::Pause, only("eve", None))], &working, "10:15", PLAIN),
        ("a pause over the end", &over, &working, "11:49", PAUSED),
        ("after a pause over the end", &over, &working, "11:55", PLAIN),
        ("a pause within grace stops nothing", &[room("11:30:01", Kind::Pause)], &working, "11:30:02", GRACE),
        ("a pause within grace holds nothing open", &[room("11:30:01", Kind::Pause)], &working, "11:30:04", LATE),
        ("within an outage", &[outage("10:10", "10:20")], &working, "10:15", PLAIN),
        ("after an outage over the end", &[outage("11:25", "11:40")], &working, "11:45", PLAIN),
    ];
    for &(name, lines, facts, received, verdict) in cases {
        let ledger = story(lines);
        for now in [received, "23:00"] {
            assert_eq!(ledger.judge(&terms(), &ada(), facts, at(received), at(now)), verdict, "{name}");
        }
    }
}

#[test]
fn no_grace_means_none() {
    let strict = Terms { grace_ms: 0, ..terms() };
    assert_eq!(story(&[]).judge(&strict, &ada(), &begun("10:00"), at("11:30"), 0), PLAIN);
    assert_eq!(story(&[]).judge(&strict, &ada(), &begun("10:00"), at("11:30:00.001"), 0), LATE);
}

#[test]
fn a_pause_that_the_hard_window_cuts_still_marks_what_came_in_it() {
    let hard = Terms { window: Some(Window { ends_ms: at("11:20"), hard: true }), ..terms() };
    let lines = [room("11:10", Kind::Pause), room("11:40", resume("11:40"))];
    assert_eq!(story(&lines[..1]).judge(&hard, &ada(), &begun("10:00"), at("11:30"), 0), PAUSED);
    assert_eq!(story(&lines).judge(&hard, &ada(), &begun("10:00"), at("11:30"), 0), PAUSED);
    assert_eq!(story(&lines).judge(&hard, &ada(), &begun("10:00"), at("11:41"), 0), LATE);
}

#[test]
fn a_reopening_gives_nothing_to_the_gap_and_takes_nothing_from_it() {
    let judge = |lines: &[Line], received: &str| story(lines).judge(&terms(), &ada(), &begun("10:00"), at(received), 0);
    let handed_in = [reopened("10:50", "10:40", 0)];
    assert_eq!(judge(&handed_in, "10:40"), PLAIN);
    assert_eq!(judge(&handed_in, "10:40:00.001"), ENDED);
    assert_eq!(judge(&handed_in, "10:49:59.999"), ENDED);
    assert_eq!(judge(&handed_in, "10:50"), PLAIN);
    assert_eq!(judge(&handed_in, "11:40:03"), GRACE);
    let swept = [reopened("11:40", "11:30", minutes(5))];
    assert_eq!(judge(&swept, "11:30:03"), GRACE, "it counted before the reopening");
    assert_eq!(judge(&swept, "11:30:03.001"), ENDED);
    assert_eq!(judge(&swept, "11:45"), PLAIN);
    let extended = [room("11:32", extend(5)), reopened("11:40", "11:30", minutes(5))];
    assert_eq!(judge(&extended, "11:34"), PLAIN, "the extension had let it count");
    assert_eq!(judge(&extended, "11:35:03.001"), ENDED);
    let twice = [reopened("11:40", "11:30", minutes(5)), reopened("11:50", "11:45", minutes(5))];
    assert_eq!(judge(&twice, "11:30:01"), GRACE);
    assert_eq!(judge(&twice, "11:45:01"), GRACE);
    assert_eq!(judge(&twice, "11:49"), ENDED);
    assert_eq!(judge(&[handed_in[0].clone(), revert(3)], "10:45"), PLAIN, "the caller keeps the end as a fact then");
}

fn row(question: &str, pen: i64, seq: i64, verdict: Verdict) -> Row {
    Row { question: QuestionId(question.into()), pen, seq, verdict, accepted: false }
}

fn accepted(row: Row) -> Row {
    Row { accepted: true, ..row }
}

#[test]
fn an_older_pen_counts_where_no_newer_one_has_a_row() {
    let rows = [
        row("q1", 1, 1, PLAIN),
        row("q2", 1, 2, PLAIN),
        row("q1", 2, 1, PLAIN),
        row("q2", 1, 3, GRACE),
        row("q3", 1, 4, LATE),
        row("q4", 1, 5, PLAIN),
        row("q4", 2, 2, LATE),
        row("q5", 2, 3, PAUSED),
    ];
    let older = Verdict::marked(Why::OlderPen);
    assert_eq!(resolve(&rows), [Verdict::out(Why::Superseded), older, PLAIN, older, LATE, older, LATE, PAUSED]);
    let answers: Vec<_> = current(&rows).into_iter().map(|(question, index)| (question.0, index)).collect();
    assert_eq!(answers, [("q1".into(), 2), ("q2".into(), 3), ("q4".into(), 5), ("q5".into(), 7)]);
    assert_eq!((resolve(&[]), current(&[])), (vec![], std::collections::BTreeMap::new()));
}

#[test]
fn what_staff_accepted_counts_in_its_place_and_no_higher() {
    let taken = Verdict::marked(Why::Accepted);
    let rows = [row("q1", 1, 1, PLAIN), accepted(row("q1", 2, 1, LATE))];
    assert_eq!(resolve(&rows), [Verdict::out(Why::Superseded), taken]);
    assert_eq!(current(&rows)[&QuestionId("q1".into())], 1);
    let rows = [accepted(row("q1", 1, 9, PLAIN)), row("q1", 2, 1, PLAIN), row("q1", 1, 8, PLAIN)];
    assert_eq!(resolve(&rows), [taken, PLAIN, Verdict::out(Why::Superseded)]);
    assert_eq!(current(&rows)[&QuestionId("q1".into())], 1);
}
