//! Default deny: one `Action` per operation, frame and subscription, and one pure `may`.
//!
//! Every service function takes the actor and starts here. What is not yours does not exist for you (`NotFound`); `Forbidden` is
//! said only where the actor already sees the thing. The name of an action is the operation's `operationId`.

mod rights;

use super::ids::{CandidateId, RoomId, SessionId, UserId};

pub use rights::{Right, Rights, Role};
/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody that we know.
    Nobody,
    /// An account.
    User {
        /// Which.
        user: UserId,
        /// What it is.
        role: Role,
        /// Through which session.
        session: SessionId,
    },
    /// A student by entry code: reaches one candidate.
    Candidate {
        /// Which.
        candidate: CandidateId,
        /// In which room.
        room: RoomId,
        /// Through which session: a device is a session.
        session: SessionId,
    },
    /// The server itself: schedule and sweep.
    Server,
}

impl Actor {
    /// The account, for the timeline.
    pub fn user(&self) -> Option<&UserId> {
        if let Self::User { user, .. } = self { Some(user) } else { None }
    }
    /// The session, if there is one.
    pub fn session(&self) -> Option<&SessionId> {
        match self {
            Self::User { session, .. } | Self::Candidate { session, .. } => Some(session),
            Self::Nobody | Self::Server => None,
        }
    }
}

/// What is acted upon, as far as rights go.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Nothing that belongs to anybody.
    Open,
    /// The organisation: accounts, new exams.
    Organisation,
    /// The actor's own account.
    Own,
    /// An exam.
    Exam {
        /// Whose.
        owner: &'a UserId,
    },
    /// A room, with the rights that the actor has there by grant.
    Room {
        /// The actor's.
        rights: Rights,
    },
    /// A candidate's own things.
    Candidate {
        /// Whose.
        candidate: &'a CandidateId,
    },
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is signed in.
    Unknown,
    /// It does not exist for this actor.
    NotFound,
    /// The actor sees it but may not do this.
    Forbidden,
}

macro_rules! actions {
    ($($name:ident = $id:literal, $need:expr;)*) => {
        /// Everything that can be asked of the server.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = concat!("`", $id, "`")] $name),* }
        impl Action {
            /// Every action, for the walk.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Its `operationId`.
            pub fn id(self) -> &'static str { match self { $(Self::$name => $id),* } }
            /// What it takes.
            pub fn need(self) -> Need { match self { $(Self::$name => $need),* } }
        }
    };
}

/// What an action takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: anybody may.
    Nothing,
    /// An account, for itself.
    Account,
    /// An administrator.
    Admin,
    /// A teacher or administrator.
    Teacher,
    /// The exam's owner, or an administrator.
    Owner,
    /// A right in the room, or an administrator.
    Right(Right),
    /// The candidate itself.
    Sitter,
    /// An account or a candidate, for itself.
    Person,
}

use Need::{Account, Admin, Nothing, Owner, Person, Sitter, Teacher};

actions! {
    Login = "login", Nothing;
    Enter = "enter", Nothing;
    Refresh = "refresh", Nothing;
    Setup = "setup", Nothing;
    Logout = "logout", Nothing;
    GetMe = "get_me", Nothing;
    SetPassword = "set_password", Account;
    ListUsers = "list_users", Admin;
    CreateUser = "create_user", Admin;
    GetUser = "get_user", Admin;
    UpdateUser = "update_user", Admin;
    ListExams = "list_exams", Teacher;
    CreateExam = "create_exam", Teacher;
    GetExam = "get_exam", Owner;
    UpdateExam = "update_exam", Owner;
    DeleteExam = "delete_exam", Owner;
    CopyExam = "copy_exam", Owner;
    GetPaper = "get_paper", Owner;
    PutPaper = "put_paper", Owner;
    CreateRoom = "create_room", Owner;
    ListRooms = "list_rooms", Teacher;
    GetRoom = "get_room", Need::Right(Right::Watch);
    UpdateRoom = "update_room", Need::Right(Right::Control);
    DeleteRoom = "delete_room", Need::Right(Right::Control);
    GetStaff = "get_staff", Need::Right(Right::Watch);
    PutStaff = "put_staff", Need::Right(Right::Control);
    DeleteStaff = "delete_staff", Need::Right(Right::Control);
    GetStatus = "get_status", Need::Right(Right::Watch);
    WatchRoom = "watch_room", Need::Right(Right::Watch);
    GetClock = "get_clock", Need::Right(Right::Watch);
    GetClockChange = "get_clock_change", Need::Right(Right::Watch);
    ListCandidates = "list_candidates", Need::Right(Right::Watch);
    AddCandidates = "add_candidates", Need::Right(Right::Control);
    GetCandidate = "get_candidate", Need::Right(Right::Watch);
    UpdateCandidate = "update_candidate", Need::Right(Right::Control);
    DeleteCandidate = "delete_candidate", Need::Right(Right::Control);
    SetAccommodation = "set_accommodation", Need::Right(Right::Time);
    MakeEntryCodes = "make_entry_codes", Need::Right(Right::Control);
    GetTimeline = "get_timeline", Need::Right(Right::Watch);
    ExportTimeline = "export_timeline", Need::Right(Right::Watch);
    VerifyTimeline = "verify_timeline", Need::Right(Right::Watch);
    GetResults = "get_results", Need::Right(Right::Results);
    GetStatistics = "get_statistics", Need::Right(Right::Results);
    OpenRoom = "open_room", Need::Right(Right::Control);
    StartRoom = "start_room", Need::Right(Right::Control);
    PauseRoom = "pause_room", Need::Right(Right::Time);
    ResumeRoom = "resume_room", Need::Right(Right::Time);
    ExtendRoom = "extend_room", Need::Right(Right::Time);
    CreditRoom = "credit_room", Need::Right(Right::Time);
    EndRoom = "end_room", Need::Right(Right::Control);
    TerminateCandidates = "terminate_candidates", Need::Right(Right::Control);
    ReopenCandidates = "reopen_candidates", Need::Right(Right::Control);
    RevertChange = "revert_change", Need::Right(Right::Time);
    ListOutages = "list_outages", Need::Right(Right::Watch);
    DecideOutage = "decide_outage", Need::Right(Right::Time);
    ReanchorClock = "reanchor_clock", Admin;
    DecideTakeover = "decide_takeover", Need::Right(Right::Control);
    GetAnswers = "get_answers", Need::Right(Right::Results);
    UploadAnswers = "upload_answers", Need::Right(Right::Control);
    AcceptAnswers = "accept_answers", Need::Right(Right::Results);
    AcceptRoomAnswers = "accept_room_answers", Need::Right(Right::Results);
    Sit = "sit", Sitter;
    Join = "join", Sitter;
    GetMyPaper = "get_my_paper", Sitter;
    GetMyAnswers = "get_my_answers", Sitter;
    RecordAnswers = "record_answers", Sitter;
    Submit = "submit", Sitter;
    TellAttention = "tell_attention", Sitter;
    TellSeen = "tell_seen", Sitter;
    SyncClock = "sync_clock", Sitter;
    AskRooms = "ask_rooms", Sitter;
    AnswerTakeover = "answer_takeover", Sitter;
    ListMessages = "list_messages", Need::Right(Right::Watch);
    GetMessage = "get_message", Need::Right(Right::Watch);
    SendMessage = "send_message", Need::Right(Right::Message);
    WithdrawMessage = "withdraw_message", Need::Right(Right::Message);
    WithdrawMessages = "withdraw_messages", Need::Right(Right::Message);
    WriteToStaff = "write_to_staff", Sitter;
    ListMyMessages = "list_my_messages", Person;
    MarkMyMessages = "mark_my_messages", Person;
    RemoveMyMessages = "remove_my_messages", Person;
    ListTemplates = "list_message_templates", Teacher;
    CreateTemplate = "create_message_template", Teacher;
    UpdateTemplate = "update_message_template", Teacher;
    DeleteTemplate = "delete_message_template", Teacher;
    ListHands = "list_hands", Need::Right(Right::Watch);
    AnswerHand = "answer_hand", Need::Right(Right::Message);
    SetMyHand = "set_my_hand", Sitter;
    GetReadiness = "get_readiness", Need::Right(Right::Watch);
    GetCheck = "get_check", Need::Right(Right::Watch);
    OpenCheck = "open_check", Need::Right(Right::Control);
    CloseCheck = "close_check", Need::Right(Right::Control);
    ReportCheck = "report_check", Nothing;
    ListCommands = "list_commands", Need::Right(Right::Watch);
    GetRehearsal = "get_rehearsal", Need::Right(Right::Watch);
    StartRehearsal = "start_rehearsal", Need::Right(Right::Control);
    StopRehearsal = "stop_rehearsal", Need::Right(Right::Control);
    GetRules = "get_incident_rules", Owner;
    PutRules = "put_incident_rules", Owner;
    GetExemptions = "get_rule_exemptions", Need::Right(Right::Watch);
    PutExemptions = "put_rule_exemptions", Need::Right(Right::Time);
    ListIncidents = "list_incidents", Need::Right(Right::Watch);
    GetIncident = "get_incident", Need::Right(Right::Watch);
    RecordIncident = "record_incident", Need::Right(Right::Message);
    ChangeIncident = "change_incident", Need::Right(Right::Message);
    ReplyIncident = "reply_to_incident", Need::Right(Right::Message);
    CreditIncident = "credit_incident", Need::Right(Right::Time);
    ListMyIncidents = "list_my_incidents", Sitter;
    ReplyMyIncident = "reply_to_my_incident", Sitter;
    TellSignal = "tell_signal", Sitter;
    GetAttendance = "get_attendance", Need::Right(Right::Watch);
    PutAttendance = "put_attendance", Need::Right(Right::Message);
    DeleteAttendance = "delete_attendance", Need::Right(Right::Message);
    AddStaff = "add_staff", Need::Right(Right::Control);
    GetHandover = "get_handover", Need::Right(Right::Watch);
    OfferHandover = "offer_handover", Need::Right(Right::Control);
    AcceptHandover = "accept_handover", Need::Right(Right::Control);
    WithdrawHandover = "withdraw_handover", Need::Right(Right::Control);
    GetBoard = "get_board", Need::Right(Right::Watch);
    ConfirmIdentity = "confirm_identity", Need::Right(Right::Message);
    WithdrawIdentity = "withdraw_identity", Need::Right(Right::Message);
}

/// Whether `actor` may do `action` upon `scope`. Pure; the only place that says yes.
pub fn may(actor: &Actor, action: Action, scope: Scope<'_>) -> Result<(), Denied> {
    use Role::{Admin as AdminRole, Teacher as TeacherRole};
    let role = if let Actor::User { role, .. } = actor { Some(*role) } else { None };
    let server = *actor == Actor::Server;
    match (action.need(), scope) {
        (Nothing, Scope::Open) => Ok(()),
        _ if *actor == Actor::Nobody => Err(Denied::Unknown),
        (Account, Scope::Own) if role.is_some() => Ok(()),
        (Person, Scope::Own) if role.is_some() || matches!(actor, Actor::Candidate { .. }) => Ok(()),
        (Admin, Scope::Organisation) if role == Some(AdminRole) => Ok(()),
        (Teacher, Scope::Organisation) if matches!(role, Some(AdminRole | TeacherRole)) => Ok(()),
        (Admin | Teacher | Account | Person, _) => Err(Denied::Forbidden),
        (Owner, Scope::Exam { owner }) => match role {
            Some(AdminRole) => Ok(()),
            Some(TeacherRole) if actor.user() == Some(owner) => Ok(()),
            _ => Err(Denied::NotFound),
        },
        (Need::Right(right), Scope::Room { rights }) => match role {
            Some(AdminRole) => Ok(()),
            Some(TeacherRole) if rights.has(right) => Ok(()),
            Some(TeacherRole) if rights != Rights::NONE => Err(Denied::Forbidden),
            None if server => Ok(()),
            _ => Err(Denied::NotFound),
        },
        (Sitter, Scope::Candidate { candidate }) => match actor {
            Actor::Candidate { candidate: own, .. } if own == candidate => Ok(()),
            _ => Err(Denied::NotFound),
        },
        _ => Err(Denied::NotFound),
    }
}
