//! Databases and rows to begin with.

use std::sync::atomic::{AtomicU64, Ordering};

use invigil::domain::Ms;
use invigil::domain::clock::{Change, Kind, Reason, Target, Targets};
use invigil::domain::event::{Body, Event};
use invigil::domain::ids::{CandidateId, EventId, ExamId, Id, NodeId, RoomId, SessionId, UserId};
use invigil::domain::status::Person;
use invigil::store::Store;
use invigil::store::accounts::UserRow;
use invigil::store::candidates::NewCandidate;
use invigil::store::exams::ExamRow;
use invigil::store::rooms::{Plan, RoomRow};

use crate::support::{postgres, temp::TempDir};

/// 2026-11-03 09:00 UTC: when the rooms of these tests start.
pub const NINE: Ms = 1_793_696_400_000;
/// One minute.
pub const MINUTE: Ms = 60_000;

/// One test's database.
pub struct World {
    pub store: Store,
    /// For a second look at it.
    pub url: String,
    _dir: Option<TempDir>,
}

impl World {
    pub async fn sqlite() -> Self {
        let dir = TempDir::new();
        let url = dir.file("invigil.db");
        Self { store: Store::open(&url).await.expect("a new SQLite database"), url, _dir: Some(dir) }
    }

    pub async fn postgres() -> Self {
        let url = postgres::create_database().await;
        Self { store: Store::open(&url).await.expect("a new PostgreSQL database"), url, _dir: None }
    }

    /// The same database once more, as another node sees it. The first look owns it.
    pub async fn again(url: &str) -> Self {
        Self { store: Store::open(url).await.expect("an existing database"), url: url.to_owned(), _dir: None }
    }

    /// Runs SQL behind the store's back.
    pub async fn execute(&self, sql: &str) {
        use sqlx::Connection as _;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.store.engine() == "sqlite" {
            let mut db = sqlx::SqliteConnection::connect(&format!("sqlite://{}", self.url)).await.unwrap();
            sqlx::query(sql).execute(&mut db).await.unwrap();
        } else {
            let mut db = sqlx::PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(sql).execute(&mut db).await.unwrap();
        }
    }

    /// A teacher `us_t` and an exam `ex_1` of theirs, changed by `tweak`.
    pub async fn exam(&self, tweak: impl FnOnce(&mut ExamRow)) -> ExamId {
        self.store.create_user(&user("us_t", "tess", "teacher")).await.unwrap();
        let mut row = exam("ex_1", "us_t");
        tweak(&mut row);
        self.store.create_exam(&row).await.unwrap();
        row.id
    }

    /// That exam, and a scheduled room `rm_1` of it.
    pub async fn room(&self, tweak: impl FnOnce(&mut ExamRow)) -> RoomId {
        self.exam(tweak).await;
        self.store.create_room(&room("rm_1", "ex_1")).await.unwrap();
        RoomId::trusted("rm_1".into())
    }

    /// Adds candidates to a room.
    pub async fn candidates(&self, room: &RoomId, ids: &[&str]) {
        let new: Vec<NewCandidate> = ids.iter().map(|id| candidate(id)).collect();
        let told = event(room, None, NINE, Body::RosterChanged { candidates: 1 });
        self.store.add_candidates(room, &new, NINE, &told).await.unwrap();
    }

    /// The room as stored.
    pub async fn room_row(&self, room: &RoomId) -> RoomRow {
        self.store.room(room).await.unwrap().expect("the room")
    }
}

pub fn user(id: &str, login: &str, role: &str) -> UserRow {
    UserRow {
        id: UserId::trusted(id.into()),
        login: login.into(),
        name: format!("Name of {login}"),
        role: role.into(),
        password: "$argon2id$1".into(),
        student_id: None,
        generation: 1,
        disabled: false,
        created_ms: NINE,
    }
}

/// An hour with the room, 3 s of grace, takeovers are asked for.
pub fn exam(id: &str, owner: &str) -> ExamRow {
    ExamRow {
        id: ExamId::trusted(id.into()),
        owner_id: UserId::trusted(owner.into()),
        title: "Chemistry".into(),
        instructions: "Read first.".into(),
        base_ms: 60 * MINUTE,
        grace_ms: 3_000,
        timing: "with_room".into(),
        late_entry_ms: None,
        takeover: "ask".into(),
        outages: "automatic".into(),
        shuffle_questions: true,
        shuffle_options: false,
        paper_version: 0,
        created_ms: NINE,
    }
}

/// A room to be stored: what belongs to the exam or is derived stays empty.
pub fn room(id: &str, exam: &str) -> RoomRow {
    RoomRow {
        id: RoomId::trusted(id.into()),
        exam_id: ExamId::trusted(exam.into()),
        owner_id: UserId::trusted(String::new()),
        title: String::new(),
        instructions: String::new(),
        location: "Hall 1".into(),
        zone: "Europe/Warsaw".into(),
        starts_ms: Some(NINE),
        window_ends_ms: None,
        window_hard: false,
        entry_part: format!("P{id}"),
        rev: 0,
        next_due_ms: None,
        paper_version: None,
        newest_version: 0,
        questions: None,
        opened_ms: None,
        started_ms: None,
        paused_ms: None,
        ended_ms: None,
        created_ms: NINE - 60 * MINUTE,
        base_ms: 0,
        grace_ms: 0,
        timing: String::new(),
        late_entry_ms: None,
        takeover: String::new(),
        shuffle_questions: false,
        shuffle_options: false,
        rehearsal_of: None,
    }
}

/// Student id and seat are the id's own, so that two never meet by accident.
pub fn candidate(id: &str) -> NewCandidate {
    let person = Person {
        name: format!("Name of {id}"),
        student_id: Some(format!("st-{id}")),
        class: Some("4b".into()),
        seat: Some(format!("seat-{id}")),
    };
    NewCandidate { id: cd(id), person, multiplier_bp: 10_000, seed: 7 }
}

pub fn cd(id: &str) -> CandidateId {
    CandidateId::trusted(id.into())
}

pub fn nd(id: &str) -> NodeId {
    NodeId::trusted(id.into())
}

pub fn ss(id: &str) -> SessionId {
    SessionId::trusted(id.into())
}

/// An event with an id of its own; ids grow in the order in which they are made.
pub fn event(room: &RoomId, candidate: Option<&str>, at_ms: Ms, body: Body) -> Event {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = EventId::trusted(format!("ev_{at_ms:016}{n:016}"));
    Event { id, room: room.clone(), at_ms, candidate: candidate.map(cd), by: None, body }
}

/// One entry for the ledger.
pub fn change(rev: i64, at_ms: Ms, kind: Kind, targets: Targets) -> Change {
    let reason = Reason { code: "noise".into(), text: "Bohrmaschine nebenan: „laut“".into() };
    Change { rev, at_ms, kind, targets, reason, by: Some(UserId::trusted("us_t".into())) }
}

pub fn only(ids: &[&str]) -> Targets {
    Targets::Only(ids.iter().map(|id| Target { candidate: cd(id), from_ms: None }).collect())
}

/// A plan of one change.
pub fn plan(change: Change) -> Plan {
    Plan { from_rev: change.rev - 1, changes: vec![change], ..Plan::default() }
}
