//! Runs `docs/sit.py`, the exam from a foreign language and a foreign WebSocket library, and looks at what came of it.
#![expect(clippy::panic, reason = "a test may fail")]

mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use invigil::domain::access::Role;
use serde_json::{Value, json};
use support::app::TestApp;
use support::room::{PASSWORD, Room, TEACHER};
use url::Url;

/// Said when the library is missing: the test fails, it is never skipped.
const MISSING: &str = "this test needs Python 3.10 or newer with the package websockets: pip install -r tests/requirements.txt, or name an \
                       interpreter that has it in INVIGIL_PYTHON (tests/tools.sh makes one in .cache/python)";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sit.py");
/// Longest the script may take: it has nothing to wait for.
const PATIENCE: Duration = Duration::from_secs(30);

/// An interpreter that can import the library.
fn python() -> String {
    let made = concat!(env!("CARGO_MANIFEST_DIR"), "/.cache/python/bin/python").to_owned();
    let named = std::env::var("INVIGIL_PYTHON").ok();
    for python in named.into_iter().chain([made, "python3".to_owned()]) {
        let mut import = Command::new(&python);
        import.args(["-c", "import sys, websockets.sync.client; assert sys.version_info >= (3, 10)"]);
        let status = import.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).status();
        if status.is_ok_and(|status| status.success()) {
            return python;
        }
    }
    panic!("{MISSING}");
}

fn questions() -> Value {
    let options = json!([{ "id": "a", "body": "Sydney" }, { "id": "b", "body": "Canberra" }]);
    json!([
        { "id": "capital", "kind": "single", "points": 2, "body": "The capital of Australia?", "options": options, "key": { "options": ["b"] } },
        { "id": "height", "kind": "numeric", "points": 1, "body": "How high is Everest, in m?", "key": { "value": "8849", "tolerance": "10" } },
        { "id": "river", "kind": "short", "points": 1, "body": "The longest river of Europe?", "key": { "accept": ["Volga"] } },
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_library_sits_the_exam() {
    let python = python();
    let app = TestApp::start().await;
    let ada = app.service.make_user(TEACHER, "Ada", Role::Teacher, PASSWORD, None).await.unwrap();
    app.service.store.create_user(&ada).await.unwrap();
    let room = Room::running(&Url::parse(&app.base).unwrap(), 1, json!({}), questions()).await.unwrap();
    let answers = json!({ "capital": ["b"], "height": "8848", "river": "Danube", "moon": "ignored" });
    let mut script = Command::new(python);
    script.args([SCRIPT, &app.base, &room.codes[0].1, &answers.to_string()]).stdin(Stdio::null());
    let run = tokio::task::spawn_blocking(move || script.output());
    let output = tokio::time::timeout(PATIENCE, run).await.expect("the script ends").unwrap().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{said}\n{complained}", output.status);
    assert!(said.contains("Handed in: 3 of 3 answered, receipt "), "{said}");

    let results = room.staff.results(&room.id).await.unwrap();
    let row = &results["items"][0];
    assert_eq!((&row["points"], &row["out_of"], &row["answered"]), (&json!(3.0), &json!(4.0), &json!(3)), "{row}");
    let mut values: Vec<(&Value, &Value)> =
        row["answers"].as_array().unwrap().iter().map(|answer| (&answer["question"], &answer["value"])).collect();
    values.sort_by_key(|(question, _)| question.to_string());
    let sent: Vec<(Value, &Value)> = ["capital", "height", "river"].map(|id| (json!(id), &answers[id])).into();
    assert_eq!(values, sent.iter().map(|(id, value)| (id, *value)).collect::<Vec<_>>());
    assert_eq!(row["phase"], "ended", "{row}");
    app.stop().await;
}
