//! One error type for the edge. Lower layers have their own and are mapped into this once, in `service`.
//!
//! `Code` is the stable, public name of what went wrong; `api`, `channel` and `web` put it into words with the catalogue
//! (`error-<code>` and `error-<code>-title`). Internal text is logged and never leaves.

use serde::Serialize;
use serde_json::Value;

macro_rules! codes {
    ($($name:ident = $text:literal, $status:literal;)*) => {
        /// What went wrong, by its public name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = concat!("`", $text, "`, HTTP ", $status, ".")] $name),* }
        impl Code {
            /// Every code, for the catalogue's test and the page of errors.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The name on the wire.
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
            /// The HTTP status it travels with.
            pub fn status(self) -> u16 { match self { $(Self::$name => $status),* } }
        }
    };
}

codes! {
    BadRequest = "bad_request", 400;
    BadField = "bad_field", 400;
    KeyRequired = "key_required", 400;
    ReasonRequired = "reason_required", 400;
    HostUnknown = "host_unknown", 421;
    TokenMissing = "token_missing", 401;
    TokenExpired = "token_expired", 401;
    TokenInvalid = "token_invalid", 401;
    LoginFailed = "login_failed", 401;
    CodeUnknown = "code_unknown", 401;
    AccountDisabled = "account_disabled", 403;
    NotEnrolled = "not_enrolled", 403;
    OriginForbidden = "origin_forbidden", 403;
    Csrf = "csrf", 403;
    Forbidden = "forbidden", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    Timeout = "timeout", 408;
    PhaseConflict = "phase_conflict", 409;
    ClockMoved = "clock_moved", 409;
    ClockDiffers = "clock_differs", 409;
    RoomsRunning = "rooms_running", 409;
    NotProposed = "not_proposed", 409;
    EntryClosed = "entry_closed", 409;
    NoTimeLeft = "no_time_left", 409;
    PenHeld = "pen_held", 409;
    PenSuperseded = "pen_superseded", 409;
    TakeoverRefused = "takeover_refused", 409;
    RoomRequired = "room_required", 409;
    RoomOver = "room_over", 409;
    RoomStarted = "room_started", 409;
    ExamInUse = "exam_in_use", 409;
    PaperEmpty = "paper_empty", 409;
    LoginTaken = "login_taken", 409;
    SeatTaken = "seat_taken", 409;
    LastAdmin = "last_admin", 409;
    SetupDone = "setup_done", 409;
    NotRevertible = "not_revertible", 409;
    CheckClosed = "check_closed", 409;
    CheckFull = "check_full", 409;
    RehearsalRunning = "rehearsal_running", 409;
    ExamsNear = "exams_near", 409;
    RightsFixed = "rights_fixed", 409;
    NotInCharge = "not_in_charge", 409;
    NotOffered = "not_offered", 409;
    Conflict = "conflict", 409;
    NotRunning = "not_running", 409;
    MissingAnswers = "missing_answers", 409;
    PreconditionFailed = "precondition_failed", 412;
    TooLarge = "too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    KeyReused = "key_reused", 422;
    RosterInvalid = "roster_invalid", 422;
    FileUnreadable = "file_unreadable", 422;
    FileAnother = "file_another", 422;
    FileDamaged = "file_damaged", 422;
    PaperInvalid = "paper_invalid", 422;
    WeakPassword = "weak_password", 422;
    AccountUnknown = "account_unknown", 422;
    CannotTakeOver = "cannot_take_over", 422;
    OutOfRange = "out_of_range", 422;
    UnknownQuestion = "unknown_question", 422;
    UnknownOption = "unknown_option", 422;
    TooManyOptions = "too_many_options", 422;
    WrongShape = "wrong_shape", 422;
    TooLong = "too_long", 422;
    NulCharacter = "nul_character", 422;
    Unstorable = "unstorable", 422;
    UnknownPen = "unknown_pen", 422;
    Malformed = "malformed", 422;
    UnknownType = "unknown_type", 422;
    PreconditionRequired = "precondition_required", 428;
    RateLimited = "rate_limited", 429;
    SlowDown = "slow_down", 429;
    Internal = "internal", 500;
    Busy = "busy", 503;
    DatabaseAway = "database_away", 503;
    DiskFull = "disk_full", 503;
    Draining = "draining", 503;
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where, like `questions[3].key` or `line 4, seat`.
    pub path: String,
    /// Stable code of the fault.
    pub code: String,
    /// The value as it came, shortened; empty when it is not to be shown.
    pub value: String,
}

/// An error on its way to the edge.
#[derive(Debug, thiserror::Error)]
#[error("{}", code.as_str())]
pub struct Error {
    /// Its public name.
    pub code: Code,
    /// Variables of its sentence.
    pub args: Vec<(&'static str, String)>,
    /// Members added to the problem body, for example `{phase, allowed}`.
    pub state: Option<Value>,
    /// The fields at fault.
    pub faults: Vec<Fault>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
    /// What happened inside; logged, never sent.
    #[source]
    pub cause: Option<anyhow::Error>,
}

/// What use cases return.
pub type Result<T> = std::result::Result<T, Error>;

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        let retry_after = matches!(code.status(), 429 | 503).then_some(1);
        Self { code, args: Vec::new(), state: None, faults: Vec::new(), retry_after, cause: None }
    }
}

impl Error {
    /// Adds a variable to the sentence.
    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// Adds members to the problem body.
    #[must_use]
    pub fn state(mut self, state: Value) -> Self {
        self.state = Some(state);
        self
    }
    /// Names the fields at fault.
    #[must_use]
    pub fn faults(mut self, faults: Vec<Fault>) -> Self {
        self.faults = faults;
        self
    }
    /// Keeps what happened inside, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }
    /// An error that is nobody's fault but ours.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::from(Code::Internal).because(cause)
    }
    /// One field was refused.
    pub fn field(path: &str, code: &str) -> Self {
        let fault = Fault { path: path.to_owned(), code: code.to_owned(), value: String::new() };
        Self::from(Code::BadField).arg("field", path).faults(vec![fault])
    }
    /// Whether it happened for our reasons, so that the same request may be sent again.
    pub fn is_ours(&self) -> bool {
        self.code.status() >= 500
    }
}
