//! A node with an administrator, two teachers, an invigilator and a student account; and one way to ask it something.

use std::collections::HashMap;

use invigil::domain::access::Role;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::app::TestApp;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The body of a request that went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status < 300, "{}: {}", self.status, self.text);
        self.json
    }

    /// A problem of this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.json["code"].as_str().unwrap_or_default()), (status, code), "{}", self.text);
        self.json
    }
}

/// A request being written.
pub struct Ask<'w> {
    world: &'w World,
    request: reqwest::RequestBuilder,
}

impl Ask<'_> {
    /// As somebody who has signed in.
    pub fn by(mut self, who: &str) -> Self {
        let token = self.world.tokens.get(who).unwrap_or_else(|| panic!("{who} has not signed in"));
        self.request = self.request.bearer_auth(token);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    pub fn body(mut self, kind: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", kind).body(body);
        self
    }

    pub async fn send(self) -> Answer {
        let response = self.request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }
}

pub struct World {
    pub app: TestApp,
    http: reqwest::Client,
    pub tokens: HashMap<String, String>,
}

pub const PASSWORD: &str = "correct horse battery";

/// One question of each kind that a key can mark, and an essay.
pub fn paper() -> Value {
    json!({ "questions": [
        { "id": "capital", "kind": "single", "points": 2, "body": "The capital of Australia?",
          "options": [{ "id": "a", "body": "Sydney" }, { "id": "b", "body": "Canberra" }], "key": { "options": ["b"] } },
        { "id": "height", "kind": "numeric", "points": 1.5, "body": "Everest, in m?", "key": { "value": "8849", "tolerance": "10" } },
        { "id": "why", "kind": "essay", "points": 4, "body": "Why?" },
    ] })
}

impl World {
    /// ada and bob teach, ivy watches over, root administers, sam is an account of role student with number 2002.
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let mut world = Self { app, http: reqwest::Client::new(), tokens: HashMap::new() };
        for (login, role) in [
            ("ada", Role::Teacher),
            ("bob", Role::Teacher),
            ("ivy", Role::Teacher),
            ("root", Role::Admin),
            ("sam", Role::Student),
        ] {
            let number = (login == "sam").then(|| "2002".to_owned());
            let user = world.app.service.make_user(login, login, role, PASSWORD, number).await.unwrap();
            world.app.service.store.create_user(&user).await.unwrap();
            let body = json!({ "login": login, "password": PASSWORD });
            let signed = world.post("/auth/login").json(&body).send().await.ok();
            world.tokens.insert(login.to_owned(), signed["access_token"].as_str().unwrap().to_owned());
        }
        world
    }

    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask { world: self, request: self.http.request(method, format!("{}/api/v1{path}", self.app.base)) }
    }

    pub fn outside(&self, path: &str) -> Ask<'_> {
        Ask { world: self, request: self.http.get(format!("{}{path}", self.app.base)) }
    }

    /// What the script of a page sends that needs no session.
    pub async fn page_post(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.app.base)).json(body);
        Ask { world: self, request }.send().await
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub fn put(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub fn patch(&self, path: &str) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    /// An exam of ada's with its paper.
    pub async fn exam(&self) -> String {
        let exam = json!({ "title": "Geography", "duration_seconds": 3600 });
        let exam = text(&self.post("/exams").by("ada").json(&exam).send().await.ok()["id"]);
        self.put(&format!("/exams/{exam}/paper")).by("ada").header("If-Match", "\"v0\"").json(&paper()).send().await.ok();
        exam
    }

    /// A room of it with Li (seat 19) and Wang (number 2002, time and a quarter): the room's path, and both ids.
    pub async fn room(&self) -> Room {
        let exam = self.exam().await;
        let room = json!({ "exam": exam, "location": "Hall 2", "zone": "Europe/Berlin" });
        let id = text(&self.post("/rooms").by("ada").json(&room).send().await.ok()["id"]);
        let path = format!("/rooms/{id}");
        let roster = "name,number,class,seat,extra percent\nLi Na,2001,7b,19,\n\"=cmd()\",2002,7b,20,25\n";
        let added = self.post(&format!("{path}/candidates")).by("ada").body("text/csv", roster).send().await;
        assert_eq!(added.status, 201, "{}", added.text);
        Room { exam, id, path, li: text(&added.json["items"][0]["id"]), wang: text(&added.json["items"][1]["id"]) }
    }

    /// As `room`, open, with Li's and Wang's tokens under `li` and `wang`.
    pub async fn entered(&mut self) -> Room {
        let room = self.room().await;
        let codes = self.post(&format!("{}/entry-codes", room.path)).by("ada").json(&json!({})).send().await.ok();
        self.verb(&room, "open", json!({})).await.ok();
        for (name, item) in ["li", "wang"].into_iter().zip(codes["items"].as_array().unwrap()) {
            let entered = self.post("/auth/entry").json(&json!({ "code": item["code"] })).send().await.ok();
            self.tokens.insert(name.to_owned(), text(&entered["access_token"]));
        }
        room
    }

    /// A command of ada's.
    pub async fn verb(&self, room: &Room, verb: &str, body: Value) -> Answer {
        self.post(&format!("{}/{verb}", room.path)).by("ada").json(&body).send().await
    }
}

pub struct Room {
    pub exam: String,
    pub id: String,
    pub path: String,
    pub li: String,
    pub wang: String,
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text")).to_owned()
}
