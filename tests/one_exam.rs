//! Plays `docs/ONE_EXAM.md` against a server: if the transcript reads well and this is green, the wire is as it is told.

mod support;

#[path = "one_exam/matching.rs"]
mod matching;
#[path = "one_exam/player.rs"]
mod player;
#[path = "one_exam/script.rs"]
mod script;

use invigil::domain::access::Role;

#[tokio::test(flavor = "multi_thread")]
async fn the_transcript_is_true() {
    let app = support::app::TestApp::start().await;
    let ada = app.service.make_user("ada", "Ada", Role::Teacher, "correct horse battery", None).await.unwrap();
    app.service.store.create_user(&ada).await.unwrap();
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ONE_EXAM.md")).unwrap();
    let steps = script::parse(&text);
    assert!(steps.len() > 60, "the transcript has been read: {} steps", steps.len());
    let mut player = player::Player::new(&app.base);
    for step in steps {
        player.play(&step).await.unwrap_or_else(|why| panic!("docs/ONE_EXAM.md:{}: {why}", step.line));
    }
    app.stop().await;
}
