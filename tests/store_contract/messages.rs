//! Messages, receipts, hands, templates.

use invigil::domain::event::Body;
use invigil::domain::ids::{Id, MessageId, TemplateId, UserId};
use invigil::domain::message::{Audience, HandMove, Receipt, Sender};
use invigil::store::journal::{HandOp, NewMessage, Op, Outcome, Receipts, Refusal};
use invigil::store::messages::MessageFilter;
use invigil::store::templates::TemplateRow;

use crate::fixture::{NINE, World, cd, event, user};
use crate::hall::Hall;

fn mg(n: u32) -> MessageId {
    MessageId::trusted(format!("mg_{n:05}"))
}

fn tess() -> UserId {
    UserId::trusted("us_t".into())
}

fn some(ids: &[&str]) -> Audience {
    Audience::Some(ids.iter().map(|id| cd(id)).collect())
}

fn message(hall: &Hall, n: u32, sender: Sender, audience: Audience) -> NewMessage {
    let (id, room) = (mg(n), hall.room.clone());
    NewMessage { once: id.to_string(), id, room, sender, audience, text: format!("Words {n}"), sent_ms: NINE + i64::from(n) }
}

async fn send(hall: &Hall, n: u32, sender: Sender, audience: Audience) {
    let outcome = hall.send(Op::Message(message(hall, n, sender, audience))).await;
    assert!(matches!(&outcome, Outcome::Sent { id, sent_ms } if *id == mg(n) && *sent_ms == NINE + i64::from(n)), "{outcome:?}");
}

async fn receive(hall: &Hall, receiver: &str, messages: &[u32], receipt: Receipt) {
    let messages = messages.iter().map(|n| (mg(*n), receipt)).collect();
    let receipts = Receipts { receiver: receiver.to_owned(), messages, events: Vec::new() };
    assert!(matches!(hall.send(Op::Receipts(receipts)).await, Outcome::Noted));
}

fn delivered(at: i64) -> Receipt {
    Receipt { delivered_ms: Some(NINE + at), ..Receipt::default() }
}

/// One to all, one to a selection, one to staff.
async fn written(w: World) -> Hall {
    let hall = Hall::running(w).await;
    send(&hall, 1, Sender::User(tess()), Audience::Room).await;
    send(&hall, 2, Sender::User(tess()), some(&["cd_b"])).await;
    send(&hall, 3, Sender::Candidate(cd("cd_a")), Audience::Staff).await;
    hall
}

async fn found(hall: &Hall, who: &str) -> Vec<MessageId> {
    let found = hall.world.store.candidate_messages(&hall.room, &cd(who), "", 50).await.unwrap();
    found.into_iter().map(|m| m.id).collect()
}

pub async fn messages_reach_those_whom_they_are_for(w: World) {
    let hall = written(w).await;
    assert_eq!(found(&hall, "cd_a").await, [mg(3), mg(1)], "newest first, the own one too");
    assert_eq!(found(&hall, "cd_b").await, [mg(2), mg(1)]);
    assert_eq!(hall.world.store.candidate_unread(&hall.room, &cd("cd_a")).await.unwrap(), 1);
    assert_eq!(hall.world.store.candidate_unread(&hall.room, &cd("cd_b")).await.unwrap(), 2);
    let letters = hall.world.store.newest_letters(&hall.room, 50).await.unwrap();
    let shown: Vec<_> = letters.iter().map(|l| (l.author.as_str(), l.audience.clone(), l.text.as_str())).collect();
    let [all, selection, staff] = [Audience::Room, some(&["cd_b"]), Audience::Staff];
    let tess = "Name of tess";
    assert_eq!(shown, [(tess, all, "Words 1"), (tess, selection, "Words 2"), ("Name of cd_a", staff, "Words 3")]);
    assert_eq!(hall.world.store.letters(&hall.room, &[mg(2), mg(9)]).await.unwrap().len(), 1);
    let page = async |f: MessageFilter| hall.world.store.message_page(&hall.room, &f).await.unwrap();
    let f = || MessageFilter { limit: 50, ..MessageFilter::default() };
    assert_eq!(page(f()).await, [mg(3), mg(2), mg(1)]);
    assert_eq!(page(MessageFilter { before: mg(3).to_string(), limit: 1, ..f() }).await, [mg(2)]);
    assert_eq!(page(MessageFilter { candidate: Some(cd("cd_b")), ..f() }).await, [mg(2)]);
    assert_eq!(page(MessageFilter { author: Some(self::tess()), audience: Some("room".into()), ..f() }).await, [mg(1)]);
}

pub async fn the_same_key_is_the_same_message(w: World) {
    let hall = written(w).await;
    let again = NewMessage {
        id: mg(8),
        once: mg(1).to_string(),
        text: "Words 1".into(),
        ..message(&hall, 8, Sender::User(tess()), Audience::Room)
    };
    let outcome = hall.send(Op::Message(again.clone())).await;
    assert!(matches!(&outcome, Outcome::Sent { id, sent_ms } if *id == mg(1) && *sent_ms == NINE + 1), "{outcome:?}");
    let other = NewMessage { text: "Other words".into(), ..again };
    assert!(matches!(hall.send(Op::Message(other)).await, Outcome::Refused(Refusal::Conflict)));
    let sent = hall.told().into_iter().filter(|name| *name == "message.sent").count();
    assert_eq!(sent, 3, "a repeat is told to nobody");
}

pub async fn receipts_stay_as_they_were_first(w: World) {
    let hall = written(w).await;
    receive(&hall, "cd_b", &[1, 2], delivered(20)).await;
    receive(&hall, "cd_b", &[1], Receipt { seen_ms: Some(NINE + 40), ..delivered(30) }).await;
    receive(&hall, "cd_b", &[1], delivered(50)).await;
    let letters = hall.world.store.letters(&hall.room, &[mg(1), mg(2)]).await.unwrap();
    let receipt = |n: usize| letters[n].receipt(&cd("cd_b"));
    assert_eq!((receipt(0).delivered_ms, receipt(0).seen_ms), (Some(NINE + 20), Some(NINE + 40)));
    assert_eq!((receipt(1).delivered_ms, receipt(1).seen_ms), (Some(NINE + 20), None));
    assert_eq!(hall.world.store.candidate_unread(&hall.room, &cd("cd_b")).await.unwrap(), 1);
    receive(&hall, "cd_b", &[1], Receipt { removed_ms: Some(NINE + 60), ..Receipt::default() }).await;
    assert_eq!(found(&hall, "cd_b").await, [mg(2)]);
    assert_eq!(found(&hall, "cd_a").await, [mg(3), mg(1)], "everybody has a list of their own");
}

pub async fn receipts_of_one_batch_are_written_once_each(w: World) {
    let hall = written(w).await;
    let one = |receipt| Op::Receipts(Receipts { receiver: "cd_a".into(), messages: vec![(mg(1), receipt)], events: Vec::new() });
    let seen = Receipt { seen_ms: Some(NINE + 21), ..delivered(21) };
    let outcomes = hall.batch(vec![one(delivered(20)), one(seen), one(delivered(22))]).await;
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Noted)), "{outcomes:?}");
    let letter = hall.world.store.letters(&hall.room, &[mg(1)]).await.unwrap().remove(0);
    assert_eq!(
        (letter.receipt(&cd("cd_a")).delivered_ms, letter.receipt(&cd("cd_a")).seen_ms),
        (Some(NINE + 20), Some(NINE + 21))
    );
}

pub async fn a_withdrawal_happens_once_and_hides_what_never_came(w: World) {
    let hall = written(w).await;
    receive(&hall, "cd_a", &[1], delivered(20)).await;
    let told = |n: u32, at: i64| (mg(n), event(&hall.room, None, NINE + at, Body::MessageWithdrawn { message: mg(n) }));
    let by = tess();
    assert_eq!(hall.world.store.withdraw_messages(Some(&by), vec![told(1, 30), told(2, 30)]).await.unwrap().len(), 2);
    assert_eq!(hall.world.store.withdraw_messages(Some(&by), vec![told(1, 40)]).await.unwrap().len(), 0);
    let letter = hall.world.store.letters(&hall.room, &[mg(1)]).await.unwrap().remove(0);
    assert_eq!(letter.withdrawn_ms, Some(NINE + 30));
    assert_eq!(found(&hall, "cd_a").await, [mg(3), mg(1)], "who has it sees that it was withdrawn");
    assert_eq!(found(&hall, "cd_b").await, [], "to others it never comes");
    assert_eq!(hall.world.store.candidate_unread(&hall.room, &cd("cd_a")).await.unwrap(), 0);
}

pub async fn staff_find_what_was_written_to_their_rooms(w: World) {
    let hall = written(w).await;
    let store = &hall.world.store;
    for (id, login) in [("us_i", "ivy"), ("us_o", "otto")] {
        store.create_user(&user(id, login, "teacher")).await.unwrap();
    }
    let [ivy, otto] = ["us_i", "us_o"].map(|id| UserId::trusted(id.into()));
    let rights = invigil::domain::access::Rights::INVIGILATOR;
    let told = event(&hall.room, None, NINE, Body::StaffChanged { user: ivy.clone(), rights: Vec::new() });
    store.put_grant(&hall.room, &ivy, rights, &told).await.unwrap();
    let count = async |who: &UserId, all: bool| store.staff_messages(who, all, "", "", 50).await.unwrap().len();
    assert_eq!((count(&tess(), false).await, count(&ivy, false).await), (1, 1), "the owner, and who may watch");
    assert_eq!((count(&otto, false).await, count(&otto, true).await), (0, 1), "nobody else but an administrator");
    receive(&hall, "us_i", &[3], Receipt { seen_ms: Some(NINE + 30), ..delivered(30) }).await;
    assert_eq!(
        (store.staff_unread(&ivy, false, "").await.unwrap(), store.staff_unread(&tess(), false, "").await.unwrap()),
        (0, 1)
    );
    let own = store.candidate_messages(&hall.room, &cd("cd_a"), "", 50).await.unwrap();
    assert_eq!(own[0].read_ms, Some(NINE + 30), "the candidate sees that it was read");
    assert_eq!(store.letters(&hall.room, &[mg(3)]).await.unwrap()[0].read_ms, Some(NINE + 30));
}

pub async fn a_hand_keeps_its_place_until_it_is_down(w: World) {
    let hall = Hall::running(w).await;
    let hand = |who: &str, wish, at: i64| {
        let (room, by) = (hall.room.clone(), (wish == HandMove::Answer).then(tess));
        Op::Hand(HandOp { room, candidate: cd(who), wish, by, at_ms: NINE + at })
    };
    for (who, wish, at, up) in [
        ("cd_b", HandMove::Raise, 10, Some((10, None))),
        ("cd_a", HandMove::Raise, 20, Some((20, None))),
        ("cd_b", HandMove::Raise, 30, Some((10, None))),
        ("cd_b", HandMove::Answer, 40, Some((10, Some(40)))),
    ] {
        let outcome = hall.send(hand(who, wish, at)).await;
        let Outcome::Hand(hand) = outcome else { panic!("{outcome:?}") };
        let expected = up.map(|(raised, answered): (i64, Option<i64>)| (NINE + raised, answered.map(|at| NINE + at)));
        assert_eq!(hand.map(|hand| (hand.raised_ms, hand.answered_ms)), expected);
    }
    let place = async |who: &str, at: i64| hall.world.store.hand_place(&hall.room, &cd(who), NINE + at).await.unwrap();
    assert_eq!((place("cd_b", 10).await, place("cd_a", 20).await), (1, 2));
    assert!(matches!(hall.send(hand("cd_b", HandMove::Lower, 50)).await, Outcome::Hand(None)));
    assert_eq!(place("cd_a", 20).await, 1);
    assert_eq!(hall.world.store.candidate(&cd("cd_b")).await.unwrap().unwrap().hand(), None);
    assert!(matches!(hall.send(hand("cd_z", HandMove::Raise, 60)).await, Outcome::Refused(Refusal::NotFound)));
    assert_eq!(hall.told(), ["hand.raised", "hand.raised", "hand.answered", "hand.lowered"]);
}

pub async fn templates_are_the_own_ones_and_the_houses(w: World) {
    let hall = Hall::running(w).await;
    let store = &hall.world.store;
    store.create_user(&user("us_o", "otto", "teacher")).await.unwrap();
    let row = |id: &str, owner: Option<&str>, title: &str| TemplateRow {
        id: TemplateId::trusted(id.into()),
        owner_id: owner.map(|id| UserId::trusted(id.into())),
        title: title.into(),
        body: "Words".into(),
        created_ms: NINE,
    };
    let (house, own, other) = (row("mt_1", None, "b"), row("mt_2", Some("us_t"), "a"), row("mt_3", Some("us_o"), "c"));
    for template in [&house, &own, &other] {
        store.put_template(template).await.unwrap();
    }
    assert_eq!(store.templates(&tess()).await.unwrap(), [own.clone(), house.clone()], "by name");
    let changed = TemplateRow { title: "z".into(), ..own.clone() };
    store.put_template(&changed).await.unwrap();
    assert_eq!(store.template(&own.id).await.unwrap(), Some(changed));
    assert!(store.delete_template(&own.id).await.unwrap() && !store.delete_template(&own.id).await.unwrap());
}
