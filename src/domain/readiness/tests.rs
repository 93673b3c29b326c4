use super::*;
use crate::limits;

const MIN: Ms = 60_000;
const NOW: Ms = 1_795_226_605_000;

fn seat(name: &str) -> Seat {
    Seat { name: name.to_owned(), has_number: true, has_seat: true, has_code: true, multiplier_bp: 10_000 }
}

/// A room in which everything is as it should be.
fn ready() -> Seen {
    Seen {
        times: Times {
            now: NOW,
            starts_ms: Some(NOW + 10 * MIN),
            window_ends_ms: Some(NOW + 130 * MIN),
            window_hard: true,
            base_ms: 90 * MIN,
            late_ms: 0,
            started: false,
        },
        seats: vec![seat("Li Na"), seat("Wang Fang")],
        paper: PaperSeen { questions: 12, unkeyed: Vec::new() },
        staff: StaffSeen { people: 1, with_time: 1 },
        others: 0,
        place_twice: false,
        clock_off_ms: Some(-300),
        server: ServerSeen {
            reach: Reach::Secure,
            free_bytes: Some(100 << 30),
            backup: BackupSeen::Aged(3_600_000),
            saves: true,
            heard: None,
            drift_ms: 3,
        },
        checked: Some(Checked { all: 2, ready: 2, open: true }),
        rehearsed: Some((NOW - MIN, Rehearsal::Done(WENT_WELL))),
    }
}

/// The one line that a change of what was seen turns.
#[track_caller]
fn turned(state: State, says: &str, change: impl FnOnce(&mut Seen)) -> Line {
    let mut seen = ready();
    change(&mut seen);
    let lines = checklist(&seen);
    let off: Vec<&Line> = lines.iter().filter(|line| line.state != State::Good).collect();
    assert_eq!(off.iter().map(|line| (line.state, line.says)).collect::<Vec<_>>(), [(state, says)]);
    off[0].clone()
}

#[test]
fn a_room_with_everything_is_ready() {
    let lines = checklist(&ready());
    assert_eq!(worst(&lines), State::Good, "{lines:?}");
    let mut checks: Vec<&str> = lines.iter().map(|line| line.check).collect();
    checks.sort_unstable();
    checks.dedup();
    assert_eq!(checks.len(), lines.len(), "each thing is looked at once");
}

#[test]
fn what_a_teacher_forgets_is_named() {
    turned(State::Bad, "codes-missing", |s| s.seats[0].has_code = false);
    turned(State::Look, "seats-some", |s| s.seats[0].has_seat = false);
    turned(State::Bad, "paper-none", |s| s.paper.questions = 0);
    let keys = turned(State::Look, "keys-missing", |s| s.paper.unkeyed = vec![1, 3, 4, 5, 6, 7]);
    assert_eq!(keys.values[1], ("list", Value::Text("1, 3, 4, 5, 6 …".to_owned())));
    turned(State::Look, "staff-alone", |s| s.staff = StaffSeen::default());
    turned(State::Look, "staff-no-time", |s| s.staff.with_time = 0);
    turned(State::Look, "others-place", |s| s.place_twice = true);
    turned(State::Look, "names-twice", |s| {
        for seat in &mut s.seats {
            (seat.name, seat.has_number, seat.has_seat) = ("Li Na".to_owned(), false, false);
        }
    });
}

#[test]
fn an_empty_roster_is_one_fault_and_not_many() {
    turned(State::Bad, "roster-none", |s| s.seats.clear());
}

#[test]
fn the_exam_has_to_fit_into_the_booking_also_for_those_with_more_time() {
    let short = turned(State::Bad, "booking-short", |s| s.times.base_ms = 125 * MIN);
    assert_eq!(short.values[0], ("missing", Value::Length(5 * MIN)));
    turned(State::Look, "booking-over", |s| (s.times.base_ms, s.times.window_hard) = (125 * MIN, false));
    // 90 min × 1.35 = 121:30, and there are 120.
    turned(State::Bad, "booking-some", |s| s.seats[1].multiplier_bp = 13_500);
    turned(State::Look, "booking-some-over", |s| (s.seats[1].multiplier_bp, s.times.window_hard) = (13_500, false));
    // Whoever comes at the last moment still has the whole time.
    turned(State::Bad, "booking-short", |s| s.times.late_ms = 31 * MIN);
}

#[test]
fn computers_are_asked_for_until_all_are_ready() {
    turned(State::Look, "computers-none", |s| s.checked = None);
    turned(State::Look, "computers-waiting", |s| s.checked = Some(Checked { all: 0, ready: 0, open: true }));
    turned(State::Look, "computers-few", |s| s.checked = Some(Checked { all: 1, ready: 1, open: true }));
    turned(State::Bad, "computers-some", |s| s.checked = Some(Checked { all: 3, ready: 2, open: false }));
    turned(State::Look, "clock-ahead", |s| s.clock_off_ms = Some(61_000));
    turned(State::Look, "clock-behind", |s| s.clock_off_ms = Some(-5_000));
}

/// As a rehearsal should be.
const WENT_WELL: Rehearsed =
    Rehearsed { people: 40, entered: 40, given: 600, saved: 600, stored: 600, lost: 0, handed_in: 40, worst_ms: 214 };

#[test]
fn a_rehearsal_is_asked_for_until_it_goes_well() {
    turned(State::Look, "rehearsal-none", |s| s.rehearsed = None);
    turned(State::Look, "rehearsal-none", |s| s.rehearsed = Some((NOW, Rehearsal::Stopped)));
    turned(State::Look, "rehearsal-running", |s| s.rehearsed = Some((NOW, Rehearsal::Running)));
    turned(State::Bad, "rehearsal-bad", |s| s.rehearsed = Some((NOW, Rehearsal::Failed)));
    turned(State::Bad, "rehearsal-bad", |s| s.rehearsed = Some((NOW, Rehearsal::Done(Rehearsed { stored: 599, ..WENT_WELL }))));
}

#[test]
fn what_a_rehearsal_found_is_said() {
    let off = |r: Rehearsed| {
        let lines = judge_rehearsal(Rehearsal::Done(r));
        lines.into_iter().filter(|line| line.state != State::Good).map(|line| line.says).collect::<Vec<_>>()
    };
    assert!(off(WENT_WELL).is_empty());
    assert_eq!(off(Rehearsed { entered: 38, handed_in: 38, ..WENT_WELL }), ["re-entered-not"]);
    assert_eq!(off(Rehearsed { lost: 1, ..WENT_WELL }), ["re-lost"]);
    assert_eq!(off(Rehearsed { stored: 599, ..WENT_WELL }), ["re-lost"], "what the crowd was told is held against the database");
    assert_eq!(off(Rehearsed { given: 601, ..WENT_WELL }), ["re-unsaved"]);
    assert_eq!(off(Rehearsed { given: 0, saved: 0, stored: 0, ..WENT_WELL }), ["re-nothing"]);
    assert_eq!(off(Rehearsed { worst_ms: 1_001, ..WENT_WELL }), ["re-wait-long"]);
    assert_eq!(off(Rehearsed { worst_ms: 5_001, ..WENT_WELL }), ["re-wait-bad"]);
    assert_eq!(off(Rehearsed { handed_in: 39, ..WENT_WELL }), ["re-handed-in-not"]);
}

#[test]
fn the_server_is_looked_at_too() {
    turned(State::Look, "address-plain", |s| s.server.reach = Reach::Plain);
    turned(State::Bad, "database-away", |s| s.server.saves = false);
    turned(State::Bad, "disk-full", |s| s.server.free_bytes = Some(limits::SPACE_BAD - 1));
    let little = turned(State::Look, "disk-little", |s| s.server.free_bytes = Some(3 << 29));
    assert_eq!(little.values, [("size", Value::Text("1.5".to_owned()))]);
    turned(State::Bad, "backup-old", |s| s.server.backup = BackupSeen::Aged(limits::BACKUP_STALE_MS + 1));
    turned(State::Bad, "backup-failed", |s| s.server.backup = BackupSeen::Failed);
    turned(State::Look, "nodes-cut", |s| s.server.heard = Some(false));
    turned(State::Look, "server-clock-off", |s| s.server.drift_ms = -900);
}

/// A computer on which an exam can be sat.
const WELL: Measured = Measured {
    scripts: Scripts::Run,
    socket: Socket::Carries,
    keeps: true,
    space_mb: Some(2_000),
    clock_off_ms: -900,
    encrypts: true,
    cookies: true,
    width: 1280,
};

#[track_caller]
fn off(m: Measured, secure: bool, wanted: &[(State, &str)]) {
    let lines = judge(&m, secure);
    let off: Vec<(State, &str)> = lines.iter().filter(|l| l.state != State::Good).map(|l| (l.state, l.says)).collect();
    assert_eq!(off, wanted);
    assert_eq!(is_ready(&lines), wanted.iter().all(|(state, _)| *state != State::Bad));
}

#[test]
fn a_computer_is_told_what_is_wrong_with_it() {
    off(WELL, true, &[]);
    off(Measured { socket: Socket::Blocked, ..WELL }, true, &[(State::Bad, "pc-socket-blocked")]);
    off(Measured { socket: Socket::Silent, ..WELL }, true, &[(State::Bad, "pc-socket-silent")]);
    off(Measured { keeps: false, space_mb: Some(0), ..WELL }, true, &[(State::Bad, "pc-keeps-not")]);
    off(Measured { space_mb: Some(3), ..WELL }, true, &[(State::Look, "pc-space")]);
    off(Measured { cookies: false, ..WELL }, true, &[(State::Bad, "pc-cookies-not")]);
    off(Measured { clock_off_ms: 3_600_000, ..WELL }, true, &[(State::Look, "pc-clock-ahead")]);
    off(Measured { clock_off_ms: i64::MIN, ..WELL }, true, &[(State::Look, "pc-clock-behind")]);
    off(Measured { width: 360, ..WELL }, true, &[(State::Look, "pc-screen-narrow")]);
    // Over plain HTTP no browser encrypts; that is the address's fault and not the computer's.
    off(Measured { encrypts: false, ..WELL }, false, &[]);
    off(Measured { encrypts: false, ..WELL }, true, &[(State::Look, "pc-encrypts-not")]);
}

#[test]
fn of_an_old_browser_nothing_else_is_said() {
    off(Measured::nothing(Scripts::TooOld), true, &[(State::Bad, "pc-old")]);
    off(Measured::nothing(Scripts::Off), false, &[(State::Bad, "pc-scripts-off")]);
}
