//! A room with hostile names, and two teachers of whom one has nothing to do with it.

use std::sync::Arc;

use invigil::auth::secrets::SessionSecret;
use invigil::domain::access::{Actor, Rights, Role};
use invigil::domain::clock::{OutagePolicy, Reason};
use invigil::domain::control::Verb;
use invigil::domain::ids::{QuestionId, RoomId};
use invigil::domain::paper::{Kind, Paper, Points, Question, Scoring};
use invigil::domain::pen::TakeoverPolicy;
use invigil::live::connections::Connection;
use invigil::service::candidates::RosterWords;
use invigil::service::control::Command;
use invigil::service::exams::ExamWords;
use invigil::service::rooms::RoomWords;
use invigil::store::timeline::TimelineFilter;
use invigil::web::{WebSettings, routes};
use poem::{Response, endpoint::BoxEndpoint};

use super::support::app::TestApp;

/// Password of both teachers.
pub const PASSWORD: &str = "correct horse battery";
/// Stands in the paper and nowhere else.
pub const SECRET_TEXT: &str = "the-question-nobody-knows";

/// What a test needs of a node.
pub struct Hall {
    app: TestApp,
    teacher: Actor,
    pub room: RoomId,
    pub codes: Vec<String>,
}

impl Hall {
    pub async fn new() -> Self {
        let mut hall = Self::without_codes().await;
        let codes = hall.app.service.make_entry_codes(&hall.teacher, &hall.room, None, false).await.unwrap();
        hall.codes = codes.into_iter().map(|(_, code)| code).collect();
        hall
    }

    pub async fn without_codes() -> Self {
        let app = TestApp::start().await;
        let service = &app.service;
        for (login, name) in [("ada", "Ada <b>Li"), ("bob", "Bob")] {
            let user = service.make_user(login, name, Role::Teacher, PASSWORD, None).await.unwrap();
            service.store.create_user(&user).await.unwrap();
        }
        // With an account there is nothing to set up any more.
        service.store.take_meta("setup_secret").await.unwrap();
        let (opened, _) = service.login("ada", PASSWORD, "test").await.unwrap();
        let secret = SessionSecret::parse(&opened.secret.expose()).unwrap();
        let teacher = service.actor_by_secret(&secret).await.unwrap().unwrap();
        let exam = service.create_exam(&teacher, words()).await.unwrap();
        service.put_paper(&teacher, &exam.id, Some(0), &paper()).await.unwrap();
        let place = RoomWords {
            location: "Hall <b>Li".into(),
            zone: "Asia/Shanghai".into(),
            starts_ms: None,
            window_ends_ms: None,
            window_hard: false,
        };
        let room = service.create_room(&teacher, &exam.id, place).await.unwrap().id;
        let roster = ["<b>Li</b> \"Na\" <img src=x onerror=x>", "Wang"].map(|name| RosterWords {
            name: name.into(),
            student_id: Some(format!("<b>Li{}", name.len())),
            class: Some("<b>Li".into()),
            seat: Some(format!("<b>Li {}", name.len())),
            multiplier_bp: 10_000,
        });
        service.add_candidates(&teacher, &room, roster.into(), false).await.unwrap();
        Self { teacher, room, codes: Vec::new(), app }
    }

    /// The pages of this node, for an origin of their own.
    pub fn pages(&self) -> BoxEndpoint<'static, Response> {
        routes(
            self.app.service.clone(),
            WebSettings {
                origin_check: Arc::new(|method, headers| {
                    method.is_safe() || headers.get("origin").is_some_and(|origin| origin == "https://school.example")
                }),
                language: "en".into(),
                public_url: "https://school.example".into(),
            },
        )
    }

    pub async fn give(&self, verb: Verb) {
        let command = Command {
            verb,
            candidates: None,
            reason: Reason::default(),
            expected_rev: None,
            dry_run: false,
            key: None,
            client_now_ms: None,
            accept_clock_difference: false,
        };
        self.app.service.change(&self.teacher, &self.room, &command).await.unwrap();
    }

    /// Gives a teacher rights in the room.
    pub async fn grant(&self, login: &str, rights: &[&str]) {
        let (service, rights) = (&self.app.service, Rights::from_names(rights.iter().copied()).unwrap());
        let user = service.store.user_by_login(login).await.unwrap().unwrap();
        service.put_staff(&self.teacher, &self.room, &user.id, rights).await.unwrap();
    }

    /// The candidates.
    pub async fn candidates(&self) -> Vec<String> {
        let all = self.app.service.store.candidates(&self.room).await.unwrap();
        all.into_iter().map(|candidate| candidate.id.to_string()).collect()
    }

    /// Rows of the timeline.
    pub async fn events(&self) -> usize {
        let filter = TimelineFilter { limit: 10_000, ..TimelineFilter::default() };
        self.app.service.store.timeline(&self.room, &filter).await.unwrap().len()
    }

    /// A socket of this session is open, as far as the room knows.
    pub async fn connect(&self, secret: &str) {
        let service = &self.app.service;
        let actor = service.actor_by_secret(&SessionSecret::parse(secret).unwrap()).await.unwrap().unwrap();
        let me = service.me(&actor).unwrap();
        let live = service.live_room(&me.room).await.unwrap();
        live.connections.add(&me.candidate, &Connection::new(me.session, service.now()));
    }

    /// What a page shows once the committed event has reached the live table.
    pub async fn see<T>(&self, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        for _ in 0..1_500 {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the page never showed it");
    }

    pub async fn stop(self) {
        self.app.stop().await;
    }
}

fn words() -> ExamWords {
    ExamWords {
        title: "Physics <b>Li".into(),
        instructions: "Write **clearly** <b>Li".into(),
        base_ms: 3_600_000,
        grace_ms: 3_000,
        on_entry: false,
        late_entry_ms: None,
        takeover: TakeoverPolicy::Ask,
        shuffle_questions: false,
        shuffle_options: false,
        outages: OutagePolicy::Automatic,
    }
}

fn paper() -> Paper {
    let question = Question {
        id: QuestionId("q1".into()),
        kind: Kind::Essay,
        body: format!("{SECRET_TEXT} <b>Li <img src=x onerror=x>"),
        points: Points::from_centi(200),
        options: Vec::new(),
        key: None,
        max_chars: None,
        scoring: Scoring::default(),
    };
    Paper { questions: vec![question] }
}
