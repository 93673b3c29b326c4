use std::collections::BTreeMap;

use super::*;
use crate::domain::ids::{MessageId, UserId};
use crate::domain::message::{Audience, Hand, Letter, Sender};
use crate::protocol::ServerFrame;
use crate::service::inbox;

fn mg(n: u32) -> MessageId {
    MessageId::trusted(format!("mg_{n}"))
}

fn letter(n: u32) -> Letter {
    Letter {
        id: mg(n),
        sender: Sender::User(UserId::trusted("us_t".into())),
        author: "Tess".into(),
        audience: Audience::Room,
        text: "Ten minutes.".into(),
        sent_ms: NOW,
        withdrawn_ms: None,
        receipts: BTreeMap::new(),
        read_ms: None,
    }
}

fn own(n: u32) -> Letter {
    Letter { sender: Sender::Candidate(CandidateId::trusted("cd_1".into())), audience: Audience::Staff, ..letter(n) }
}

/// A look at these messages.
fn see(machine: &mut Candidate, version: u64, letters: Vec<Letter>) -> Vec<String> {
    let mail = Some(letters.into_iter().map(Arc::new).collect());
    let look = Look { mail_version: version, mail, ..look(running(), Some(NOW - 1_000)) };
    sent(&machine.take(Input::Look(Box::new(look)), NOW))
}

fn pong(machine: &mut Candidate, mail: i64) -> Vec<Output> {
    machine.take(Input::Pong(Mark { rev: 0, mail }), NOW)
}

/// A machine whose page knows the clock of `running`.
fn calm() -> Candidate {
    let mut machine = welcomed((2, Some(NOW - 1_000), None));
    machine.rev_pinged = 2;
    machine
}

#[test]
fn a_message_goes_out_once_and_its_pong_proves_that_it_came() {
    let mut machine = calm();
    assert_eq!(machine.mail_version(), None, "the first look brings them all");
    assert_eq!(see(&mut machine, 5, vec![letter(1), letter(2)]), ["message", "message", "ping"]);
    assert_eq!(machine.mark().to_string(), "2 2");
    assert_eq!(machine.mail_version(), Some(5));
    assert!(see(&mut machine, 6, vec![letter(1), letter(2)]).is_empty(), "looking twice tells nothing twice");
    assert!(pong(&mut machine, 0).is_empty(), "a pong from before proves nothing");
    let out = pong(&mut machine, 1);
    assert!(matches!(&out[..], [Output::Do(Command::Received(ids, inbox::Mark::Delivered))] if *ids == [mg(1)]), "{out:?}");
    let out = pong(&mut machine, 2);
    assert!(matches!(&out[..], [Output::Do(Command::Received(ids, _))] if *ids == [mg(2)]), "{out:?}");
    assert!(pong(&mut machine, 2).is_empty());
}

#[test]
fn a_receipt_that_found_no_place_is_given_with_the_next_pong() {
    let mut machine = calm();
    see(&mut machine, 1, vec![letter(1)]);
    pong(&mut machine, 1);
    for mark in [inbox::Mark::Delivered, inbox::Mark::Seen] {
        assert!(machine.take(Input::Outcome(Outcome::Unreceived(vec![mg(1)], mark)), NOW).is_empty());
        let again = pong(&mut machine, 1);
        assert!(matches!(&again[..], [Output::Do(Command::Received(ids, m))] if *ids == [mg(1)] && *m == mark), "{again:?}");
    }
}

#[test]
fn what_was_withdrawn_is_told_to_those_who_have_it_and_comes_to_nobody_else() {
    let mut machine = calm();
    let back = Letter { withdrawn_ms: Some(NOW), ..letter(1) };
    assert!(see(&mut machine, 1, vec![back.clone()]).is_empty(), "it never came");
    let mut machine = calm();
    see(&mut machine, 1, vec![letter(1)]);
    assert_eq!(see(&mut machine, 2, vec![back]), ["message", "ping"]);
    assert_eq!(machine.mark().to_string(), "2 2");
}

#[test]
fn only_what_came_here_can_be_seen_and_nobody_reads_for_the_staff() {
    let mut machine = calm();
    see(&mut machine, 1, vec![letter(1), own(2)]);
    let seen = |ids: &[&str]| json!({"type": "seen", "messages": ids});
    assert_eq!(text(&mut machine, &seen(&["mg_1"])), ["do Received"]);
    assert_eq!(text(&mut machine, &seen(&["mg_2", "mg_9", "nonsense"])), ["error:not_found"]);
    assert!(pong(&mut machine, 9).is_empty(), "what is seen has come");
}

#[test]
fn the_own_words_are_shown_when_staff_have_read_them() {
    let mut machine = calm();
    assert_eq!(see(&mut machine, 1, vec![own(1)]), ["message", "ping"]);
    assert_eq!(machine.mark().to_string(), "2 1");
    assert!(pong(&mut machine, 1).is_empty(), "nobody has to prove what is one's own");
    let read = Letter { read_ms: Some(NOW), ..own(1) };
    assert_eq!(see(&mut machine, 2, vec![read]), ["message", "ping"]);
    assert_eq!(machine.mark().to_string(), "2 2");
}

#[test]
fn words_are_numbered_and_settled_like_answers() {
    let mut machine = calm();
    assert_eq!(text(&mut machine, &json!({"type": "message", "seq": 4, "text": "Help"})), ["do Write"]);
    let written = Outcome::Written { pen: 1, seq: 4, sent_ms: NOW };
    let out = machine.take(Input::Outcome(written), NOW);
    let [Output::Send(frame)] = &out[..] else { unreachable!() };
    assert!(matches!(&**frame, ServerFrame::Saved { pen: 1, items } if items[0].seq == 4 && items[0].received_ms == NOW));
    let refused = Outcome::Refused { pen: 1, seq: 5, error: Code::RateLimited.into(), proof: None };
    let out = machine.take(Input::Outcome(refused), NOW);
    let [Output::Send(frame)] = &out[..] else { unreachable!() };
    assert!(matches!(&**frame, ServerFrame::Refused(r) if r.retry && r.code == "rate_limited"));
}

#[test]
fn the_hand_is_told_when_it_is_another() {
    let mut machine = calm();
    let up = |answered_ms, place| Some((Hand { raised_ms: NOW, answered_ms }, place));
    let mut told = Vec::new();
    for hand in [None, up(None, 2), up(None, 2), up(None, 1), up(Some(NOW), 1), None] {
        let look = Look { hand, ..look(running(), Some(NOW - 1_000)) };
        told.push(sent(&machine.take(Input::Look(Box::new(look)), NOW)).len());
    }
    assert_eq!(told, [0, 1, 0, 1, 1, 1]);
    assert_eq!(text(&mut machine, &json!({"type": "hand", "up": true})), ["do Hand"]);
}

#[test]
fn who_waits_for_the_pen_is_told_nothing() {
    let id = CandidateId::trusted("cd_1".into());
    let mut machine = Candidate::new(id, session("b"), Locale::En, None, Some("tk_1".into()), NOW);
    machine.version = Some((2, Some(NOW - 1_000), None));
    machine.rev_pinged = 2;
    assert!(see(&mut machine, 1, vec![letter(1)]).is_empty());
    assert_eq!(text(&mut machine, &json!({"type": "message", "seq": 1, "text": "x"})), ["error:pen_held"]);
}
