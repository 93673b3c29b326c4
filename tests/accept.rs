//! Answers that did not count, counted by staff with a reason, and back; and receipts that fit whatever became of them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

mod support;

use invigil::client::{Problem, rest::Entry};
use serde_json::{Value, json};
use support::room::{Room, short_questions, text};
use support::site::Site;
use support::temp::TempDir;

/// What became of each line.
fn outcomes(answer: &Value) -> Vec<(i64, i64, String)> {
    let items = answer["items"].as_array().unwrap();
    let word =
        |item: &Value| format!("{} {}", text(item, "outcome"), item["code"].as_str().unwrap_or_default()).trim_end().to_owned();
    items.iter().map(|item| (item["pen"].as_i64().unwrap(), item["seq"].as_i64().unwrap(), word(item))).collect()
}

/// Saves one answer; whether it counts, and why not.
async fn answer(entry: &Entry, (pen, seq): (i64, i64), question: &str, value: &str) -> (bool, Value) {
    let frame = serde_json::from_value(json!({ "pen": pen, "seq": seq, "question": question, "value": value })).unwrap();
    let sent = entry.rest.send_answers(&entry.room, &[frame]).await.unwrap();
    let item = &sent["items"][0];
    assert_eq!(item["outcome"], "saved", "{item}");
    (item["counts"].as_bool().unwrap(), item["why"].clone())
}

struct Staff<'a>(&'a Room);

impl Staff<'_> {
    async fn of(&self, candidate: &str, tail: &str, body: Value) -> Result<Value, Problem> {
        self.0.staff.post(&format!("/rooms/{}/candidates/{candidate}/answers/accept{tail}", self.0.id), body).await
    }

    async fn all(&self, body: Value) -> Result<Value, Problem> {
        self.0.staff.post(&format!("/rooms/{}/answers/accept", self.0.id), body).await
    }

    /// Points and answers that do not count, by the results.
    async fn results(&self, candidate: &str) -> (f64, usize) {
        let results = self.0.staff.get(&format!("/rooms/{}/results", self.0.id)).await.unwrap();
        let row = results["items"].as_array().unwrap().iter().find(|row| row["candidate"] == candidate).unwrap().clone();
        (row["points"].as_f64().unwrap(), row["uncounted"].as_array().unwrap().len())
    }

    /// Answered questions as the live table has them.
    async fn answered(&self, candidate: &str) -> i64 {
        let status = self.0.staff.get(&format!("/rooms/{}/status", self.0.id)).await.unwrap();
        let row = status["rows"].as_array().unwrap().iter().find(|row| row["candidate"] == candidate || row["id"] == candidate);
        row.unwrap_or_else(|| panic!("{status}"))["answered"].as_i64().unwrap()
    }

    async fn answered_is(&self, candidate: &str, wanted: i64) {
        for _ in 0..500 {
            if self.answered(candidate).await == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the live table never had {wanted} answers");
    }

    async fn told(&self, kind: &str) -> usize {
        self.0.staff.list(&format!("/rooms/{}/timeline?kind={kind}", self.0.id)).await.unwrap().len()
    }
}

/// Hands in with one wrong answer, then two right ones arrive too late.
async fn late(room: &Room, entry: &Entry) -> Value {
    entry.rest.join(&room.id, None).await.unwrap();
    assert_eq!(answer(entry, (1, 1), "q1", "no").await, (true, Value::Null));
    let handed = entry.rest.submit(&room.id, 1, 2, &[(1, 1)]).await.unwrap();
    for (seq, question) in [(3, "q1"), (4, "q2")] {
        assert_eq!(answer(entry, (1, seq), question, "yes").await, (false, json!("ended")));
    }
    handed
}

async fn counts_with_a_reason(url: Option<String>) {
    let site = tokio::task::block_in_place(|| Site::new(url));
    let _server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 2, json!({}), short_questions(2)).await.unwrap();
    let staff = Staff(&room);
    let (who, code) = room.codes[0].clone();
    let entry = room.staff.enter(&code).await.unwrap();
    let handed = late(&room, &entry).await;
    assert_eq!(staff.results(&who).await, (0.0, 2));
    staff.answered_is(&who, 1).await;

    let why = json!({ "code": "network", "text": "the switch in row 3" });
    let refused = staff.of(&who, "", json!({})).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (400, "reason_required"));
    let tried = staff.of(&who, "?dry_run=true", json!({ "reason": why })).await.unwrap();
    let applied = |keys: &[(i64, i64)]| keys.iter().map(|(pen, seq)| (*pen, *seq, "applied".to_owned())).collect::<Vec<_>>();
    assert_eq!((&tried["applied"], outcomes(&tried)), (&json!(false), applied(&[(1, 3), (1, 4)])));
    assert_eq!((staff.results(&who).await, staff.told("answer.accepted").await), ((0.0, 2), 0), "a dry run does nothing");

    let done =
        staff.of(&who, "", json!({ "answers": [{ "pen": 1, "seq": 4 }, { "pen": 9, "seq": 9 }], "reason": why })).await.unwrap();
    assert_eq!(outcomes(&done), [(1, 4, "applied".to_owned()), (9, 9, "refused not_found".to_owned())]);
    assert_eq!(staff.results(&who).await, (1.0, 1));
    staff.answered_is(&who, 2).await;
    let done = staff.all(json!({ "reason": why })).await.unwrap();
    assert_eq!((&done["applied"], outcomes(&done)), (&json!(true), applied(&[(1, 3)])), "the rest of the room");
    assert_eq!(staff.results(&who).await, (2.0, 0));
    let repeated = staff.all(json!({ "reason": why })).await.unwrap();
    assert_eq!((&repeated["applied"], outcomes(&repeated).len()), (&json!(false), 0));
    let repeated = staff.of(&who, "", json!({ "answers": [{ "pen": 1, "seq": 3 }], "reason": why })).await.unwrap();
    assert_eq!(outcomes(&repeated), [(1, 3, "unchanged".to_owned())]);
    assert_eq!(staff.told("answer.accepted").await, 2, "each is told once");
    let listed = room.staff.answers_of(&room.id, &who).await.unwrap();
    let third = &listed["items"][1];
    assert_eq!((&third["counts"], &third["why"], &third["accepted_reason"]), (&json!(true), &json!("accepted"), &why));

    let back = staff.of(&who, "", json!({ "answers": [{ "pen": 1, "seq": 4 }], "withdraw": true, "reason": why })).await.unwrap();
    assert_eq!(outcomes(&back), applied(&[(1, 4)]));
    assert_eq!((staff.results(&who).await, staff.told("answer.acceptance_withdrawn").await), ((1.0, 1), 1));
    staff.answered_is(&who, 1).await;
    receipts(&site, &room, &who, &handed).await;
}

/// The receipt of the hand-in fits what was there then, whatever came later and whatever staff decided.
async fn receipts(site: &Site, room: &Room, who: &str, handed: &Value) {
    let run = |arguments: &[&str]| {
        let done =
            tokio::task::block_in_place(|| site.program("verify-receipt").args(arguments).output()).expect("the program starts");
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (whole, short) = (text(handed, "receipt"), text(handed, "receipt_short"));
    for receipt in [&whole, &short] {
        let (code, said) = run(&[receipt, "--room", &room.id, "--candidate", who]);
        assert!(code == Some(0) && said.contains("first 1 of these 3"), "{code:?} {said}");
    }
    let dir = TempDir::new();
    let file = dir.file("answers.json");
    let mut export = room.staff.answers_of(&room.id, who).await.unwrap();
    std::fs::write(&file, export.to_string()).unwrap();
    assert_eq!(run(&[&short, "--answers", &file]).0, Some(0));
    export["items"].as_array_mut().unwrap().truncate(1);
    std::fs::write(&file, export.to_string()).unwrap();
    let (code, said) = run(&[&short, "--answers", &file]);
    assert!(code == Some(0) && said.contains("exactly these 1"), "{code:?} {said}");
    export["items"][0]["value"] = json!("yes");
    std::fs::write(&file, export.to_string()).unwrap();
    assert_eq!(run(&[&whole, "--answers", &file]).0, Some(1), "an altered answer");
    assert_eq!(run(&["4F7K-2M", "--room", &room.id, "--candidate", who]).0, Some(1), "somebody else's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_counts_with_a_reason_on_sqlite() {
    counts_with_a_reason(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_counts_with_a_reason_on_postgres() {
    counts_with_a_reason(Some(support::postgres::create_database().await)).await;
}

/// What a newer answer has replaced would not be the answer if it counted, so it cannot be accepted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_answer_replaced_is_not_accepted() {
    let site = tokio::task::block_in_place(|| Site::new(None));
    let _server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 1, json!({ "takeover": "allow" }), short_questions(2)).await.unwrap();
    let staff = Staff(&room);
    let (who, code) = room.codes[0].clone();
    let (old, new) = (room.staff.enter(&code).await.unwrap(), room.staff.enter(&code).await.unwrap());
    old.rest.join(&room.id, None).await.unwrap();
    new.rest.join(&room.id, None).await.unwrap();
    assert!(answer(&new, (2, 1), "q1", "no").await.0);
    assert_eq!(answer(&old, (1, 1), "q1", "yes").await, (false, json!("superseded")));
    let why = json!({ "code": "device" });
    let done = staff.of(&who, "", json!({ "answers": [{ "pen": 1, "seq": 1 }], "reason": why })).await.unwrap();
    assert_eq!((&done["applied"], outcomes(&done)), (&json!(false), vec![(1, 1, "refused superseded".to_owned())]));
    let all = staff.all(json!({ "reason": why })).await.unwrap();
    assert_eq!(outcomes(&all).len(), 0);
    assert!(staff.results(&who).await.0.abs() < 0.01);
}

/// The page: a list with the reason, the deed, and the way back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_lists_accepts_and_takes_back() {
    let site = tokio::task::block_in_place(|| Site::new(None));
    let _server = tokio::task::block_in_place(|| site.serve());
    let room = Room::running(&site.base(), 1, json!({}), short_questions(2)).await.unwrap();
    let staff = Staff(&room);
    let (who, code) = room.codes[0].clone();
    let entry = room.staff.enter(&code).await.unwrap();
    late(&room, &entry).await;
    let mut page = Page::sign_in(&site).await;
    let path = format!("/staff/rooms/{}/accept", room.id);
    let results = page.get(&format!("/staff/rooms/{}/results", room.id)).await;
    assert!(results.contains(&path) && results.contains(&format!("accept?candidate={who}")), "{results}");
    let list = page.get(&path).await;
    let keys = [format!("{who}:1:3"), format!("{who}:1:4")];
    assert!(keys.iter().all(|key| list.contains(key)) && list.contains("it came after the end"), "{list}");
    let (status, _) = page.post(&path, &[("reason_code", "network")]).await;
    assert_eq!(status, 400, "nothing chosen");
    let (status, _) = page.post(&path, &[("answer", &keys[0]), ("answer", &keys[1]), ("reason_code", "network")]).await;
    assert_eq!((status, staff.results(&who).await), (303, (2.0, 0)));
    let list = page.get(&path).await;
    assert!(list.contains("2 answers were accepted by staff") && list.contains("network trouble"), "{list}");
    let (status, _) = page.post(&path, &[("answer", &keys[1]), ("withdraw", "true"), ("reason_text", "wrong student")]).await;
    assert_eq!((status, staff.results(&who).await), (303, (1.0, 1)));
}

/// A browser's worth of cookies and form tokens.
struct Page {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Page {
    async fn sign_in(site: &Site) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = site.base().to_string().trim_end_matches('/').to_owned();
        let mut page = Self { http, base, cookie: String::new(), csrf: String::new() };
        page.get("/staff/login").await;
        let (status, _) =
            page.post("/staff/login", &[("login", support::room::TEACHER), ("password", support::room::PASSWORD)]).await;
        assert_eq!(status, 303);
        page.get("/staff").await;
        page
    }

    async fn get(&mut self, path: &str) -> String {
        let reply = self.http.get(format!("{}{path}", self.base)).header("Cookie", &self.cookie).send().await.unwrap();
        self.read(reply).await.1
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf).extend_pairs(fields);
        let request = self.http.post(format!("{}{path}", self.base)).header("Cookie", &self.cookie).header("Origin", &self.base);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body.finish());
        self.read(request.send().await.unwrap()).await
    }

    async fn read(&mut self, reply: reqwest::Response) -> (u16, String) {
        let set = reply.headers().get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()?.split(';').next());
        let set: Vec<String> = set.map(str::to_owned).collect();
        for cookie in set {
            let name = cookie.split('=').next().unwrap().to_owned();
            let others =
                self.cookie.split("; ").filter(|c| !c.is_empty() && c.split('=').next() != Some(&name)).map(str::to_owned);
            self.cookie = others.chain([cookie]).collect::<Vec<_>>().join("; ");
        }
        let (status, body) = (reply.status().as_u16(), reply.text().await.unwrap());
        if let Some(token) = body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            token.clone_into(&mut self.csrf);
        }
        (status, body)
    }
}
