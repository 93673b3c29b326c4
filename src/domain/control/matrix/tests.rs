use super::*;

/// The table of the document, made from the matrix.
fn table() -> String {
    let rooms = [RoomPhase::Scheduled, RoomPhase::Open, RoomPhase::Running, RoomPhase::Paused, RoomPhase::Ended];
    let people = [Phase::Expected, Phase::Waiting, Phase::Working, Phase::Paused, Phase::Ended];
    let word = |standing: Standing| match standing {
        Standing::Possible => "yes",
        Standing::Already => "unchanged",
        Standing::WrongPhase | Standing::RoomOnly => "–",
        Standing::NeedsCandidates => "candidates",
    };
    let mut text =
        String::from("| verb | scheduled | open | running | paused | ended | expected | waiting | working | paused | ended |\n");
    text.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
    for verb in Word::ALL {
        let of_room = rooms.iter().map(|room| word(stands(*verb, *room, None)));
        // Of a candidate in the first phase of the room that allows the verb while time runs, else in any that allows it.
        let room = verb.allowed().iter().copied().find(|room| *room == RoomPhase::Running).unwrap_or(RoomPhase::Open);
        let of_one = people.iter().map(|who| word(stands(*verb, room, Some(*who))));
        let cells: Vec<&str> = of_room.chain(of_one).collect();
        text += &["| `", verb.as_str(), "` | ", &cells.join(" | "), " |\n"].concat();
    }
    text
}

#[test]
fn the_document_shows_the_matrix() {
    let document = include_str!("../../../../docs/CONTROL.md");
    assert!(document.contains(&table()), "docs/CONTROL.md has to contain:\n{}", table());
}

#[test]
fn a_verb_of_the_room_is_for_nobody_alone_and_one_of_candidates_needs_them() {
    for word in Word::ALL {
        for room in RoomPhase::ALL {
            let alone = stands(*word, *room, Some(Phase::Working));
            assert_eq!(alone == Standing::RoomOnly, word.is_for_the_room() && word.allowed().contains(room), "{word:?} {room:?}");
            let nobody = stands(*word, *room, None);
            assert_eq!(nobody == Standing::NeedsCandidates, word.needs_candidates() && word.allowed().contains(room));
        }
    }
}

#[test]
fn the_more_harm_the_more_care() {
    let minutes = |n: Ms| n * 60_000;
    assert_eq!(Verb::Extend(minutes(5)).care(), Care::Undo);
    assert_eq!(Verb::Credit(minutes(30)).care(), Care::Undo);
    assert_eq!(Verb::Extend(minutes(31)).care(), Care::Look, "a slip of the finger");
    assert_eq!(Verb::Extend(minutes(-1)).care(), Care::Look, "what takes time away is looked at");
    assert_eq!(Verb::Pause.care(), Care::Look);
    assert_eq!(Verb::Terminate.care(), Care::Typed);
    assert_eq!(Verb::End { spare: true }.care(), Care::Typed);
}
