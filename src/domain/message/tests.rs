use super::*;
use crate::domain::ids::Id;

fn cd(n: &str) -> CandidateId {
    CandidateId::trusted(format!("cd_{n}"))
}

fn mg(n: u32) -> MessageId {
    MessageId::trusted(format!("mg_{n:05}"))
}

fn letter(n: u32, audience: Audience) -> Arc<Letter> {
    let sender =
        if audience == Audience::Staff { Sender::Candidate(cd("a")) } else { Sender::User(UserId::trusted("us_t".into())) };
    Arc::new(Letter {
        id: mg(n),
        sender,
        author: "Tess".into(),
        audience,
        text: "Read page 3.".into(),
        sent_ms: 10,
        withdrawn_ms: None,
        receipts: BTreeMap::new(),
        read_ms: None,
    })
}

fn some(ids: &[&str]) -> Audience {
    Audience::Some(ids.iter().map(|id| cd(id)).collect())
}

fn mail(letters: &[Arc<Letter>]) -> Mail {
    let mut mail = Mail::default();
    for letter in letters {
        mail.put(letter);
    }
    mail
}

#[test]
fn each_reaches_those_whom_it_is_for_and_nobody_else() {
    let mail = mail(&[letter(1, Audience::Room), letter(2, some(&["b"])), letter(3, Audience::Staff)]);
    let ids = |who: &str| mail.of(&cd(who)).iter().map(|letter| letter.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids("a"), [mg(1), mg(3)], "what is for all, and the own words");
    assert_eq!(ids("b"), [mg(1), mg(2)]);
    assert_eq!(ids("c"), [mg(1)]);
    assert_eq!(mail.unread(), 1);
}

#[test]
fn receipts_count_once_and_only_of_those_whom_it_is_for() {
    let mut mail = mail(&[letter(1, some(&["a", "b"]))]);
    let delivered = Body::MessageDelivered { messages: vec![mg(1), mg(9)] };
    let touched = mail.fold(&delivered, 20, Some(&cd("a")), false);
    assert_eq!((touched.messages, touched.candidates, touched.everybody), (vec![mg(1)], vec![], false));
    assert_eq!(mail.fold(&delivered, 30, Some(&cd("a")), false), Touched::default(), "again it changes nothing");
    assert_eq!(mail.fold(&delivered, 30, Some(&cd("c")), false), Touched::default(), "it is not for them");
    mail.fold(&Body::MessageSeen { messages: vec![mg(1)] }, 40, Some(&cd("a")), false);
    let receipt = mail.get(&mg(1)).unwrap().receipt(&cd("a"));
    assert_eq!((receipt.delivered_ms, receipt.seen_ms), (Some(20), Some(40)));
    let people = [cd("a"), cd("b"), cd("c")];
    let tally = mail.get(&mg(1)).unwrap().tally(people.iter().map(|id| (id, false)));
    assert_eq!(tally, Tally { total: 2, delivered: 1, seen: 1, missing: vec![cd("b")] });
}

#[test]
fn who_saw_it_has_it() {
    let mut mail = mail(&[letter(1, Audience::Room)]);
    mail.fold(&Body::MessageSeen { messages: vec![mg(1)] }, 40, Some(&cd("a")), false);
    assert_eq!(mail.get(&mg(1)).unwrap().receipt(&cd("a")).delivered_ms, Some(40));
}

#[test]
fn nobody_waits_for_those_who_had_ended_before_it_came() {
    let mut mail = mail(&[letter(1, Audience::Room), letter(2, some(&["b"]))]);
    mail.fold(&Body::MessageDelivered { messages: vec![mg(1)] }, 20, Some(&cd("a")), false);
    let people = [(cd("a"), true), (cd("b"), true), (cd("c"), false)];
    let tally = |n: u32| mail.get(&mg(n)).unwrap().tally(people.iter().map(|(id, ended)| (id, *ended)));
    assert_eq!((tally(1).total, tally(1).delivered, tally(1).missing), (2, 1, vec![cd("c")]));
    assert_eq!((tally(2).total, tally(2).missing), (1, vec![cd("b")]), "who is named is waited for");
}

#[test]
fn a_withdrawal_and_a_reading_ring_whom_they_concern() {
    let mut mail = mail(&[letter(1, Audience::Room), letter(2, some(&["b"])), letter(3, Audience::Staff)]);
    let withdrawn = |n: u32| Body::MessageWithdrawn { message: mg(n) };
    assert!(mail.fold(&withdrawn(1), 50, None, true).everybody);
    assert_eq!(mail.fold(&withdrawn(2), 50, None, true).candidates, [cd("b")]);
    assert_eq!(mail.fold(&withdrawn(2), 60, None, true), Touched::default());
    assert_eq!(mail.get(&mg(2)).unwrap().withdrawn_ms, Some(50));
    let read = Body::MessageSeen { messages: vec![mg(3)] };
    assert_eq!(mail.fold(&read, 70, Some(&cd("a")), true).candidates, [cd("a")]);
    assert_eq!((mail.get(&mg(3)).unwrap().read_ms, mail.unread()), (Some(70), 0));
}

#[test]
fn two_copies_make_the_newer_one() {
    let mut older = (*letter(1, Audience::Room)).clone();
    let mut newer = older.clone();
    older.note(&cd("a"), Receipt { delivered_ms: Some(20), ..Receipt::default() });
    newer.note(&cd("b"), Receipt { delivered_ms: Some(30), ..Receipt::default() });
    newer.withdrawn_ms = Some(40);
    for pair in [[&older, &newer], [&newer, &older]] {
        let mail = mail(&pair.map(|letter| Arc::new(letter.clone())));
        let both = mail.get(&mg(1)).unwrap();
        assert_eq!((both.receipts.len(), both.withdrawn_ms), (2, Some(40)));
    }
}

#[test]
fn what_was_taken_off_the_list_stays_off() {
    let mut mail = mail(&[letter(1, Audience::Room)]);
    mail.fold(&Body::MessageRemoved { messages: vec![mg(1)] }, 20, Some(&cd("a")), false);
    assert_eq!((mail.of(&cd("a")).len(), mail.of(&cd("b")).len()), (0, 1));
}

#[test]
fn only_what_candidates_are_told_makes_another_version() {
    let mut mail = mail(&[letter(1, Audience::Room), letter(3, Audience::Staff)]);
    let version = mail.version();
    mail.fold(&Body::MessageDelivered { messages: vec![mg(1)] }, 20, Some(&cd("a")), false);
    assert_eq!(mail.version(), version);
    mail.fold(&Body::MessageWithdrawn { message: mg(1) }, 30, None, true);
    assert!(mail.version() > version);
    let mut again = Mail::default();
    assert!(again.merge(&mail).is_empty() && again.version() == mail.version(), "nothing new was read");
    let mut more = Mail::default();
    more.put(&letter(4, Audience::Room));
    assert_eq!((more.merge(&mail).len(), more.version()), (1, mail.version() + 1));
}

#[test]
fn the_newest_stay_in_memory() {
    let most = u32::try_from(limits::LIVE_MESSAGES).unwrap();
    let all: Vec<_> = (0..=most).map(|n| letter(n, Audience::Room)).collect();
    let mail = mail(&all);
    assert_eq!((mail.letters().count(), mail.get(&mg(0)).is_none()), (limits::LIVE_MESSAGES, true));
}

#[test]
fn a_hand_keeps_its_age_and_comes_down_once() {
    let (up, said) = move_hand(None, HandMove::Raise, 10);
    assert_eq!((up, said), (Some(Hand { raised_ms: 10, answered_ms: None }), Some(Body::HandRaised { raised_ms: 10 })));
    assert_eq!(move_hand(up, HandMove::Raise, 20), (up, None), "raised again it is as old as it was");
    let (coming, said) = move_hand(up, HandMove::Answer, 30);
    assert_eq!((coming, said.is_some()), (Some(Hand { raised_ms: 10, answered_ms: Some(30) }), true));
    assert_eq!(move_hand(coming, HandMove::Answer, 40), (coming, None));
    assert_eq!(move_hand(coming, HandMove::Lower, 50), (None, Some(Body::HandLowered)));
    assert_eq!(move_hand(None, HandMove::Lower, 60), (None, None));
    assert_eq!(move_hand(None, HandMove::Answer, 60), (None, None), "nobody comes to a hand that is down");
}
