//! The one table of constants. Units are in the names or beside the value.

use std::time::Duration;

/// Most rows one journal transaction takes.
pub const BATCH_ROWS: usize = 256;
/// Most bytes of values one journal transaction takes.
pub const BATCH_BYTES: usize = 1 << 20;
/// Longest the journal waits for company before it commits.
pub const BATCH_WAIT: Duration = Duration::from_millis(3);
/// Longest that notes which nobody waits for wait for each other: a hall that answers a change is some dozens of transactions, not thousands.
pub const NOTES_WAIT: Duration = Duration::from_millis(50);
/// Longest one step of a batch may take, writing or committing, before the database counts as away. Above all its own timeouts.
pub const BATCH_DEADLINE: Duration = Duration::from_secs(15);
/// How often the journal tries whether it can write again while it cannot and nobody asks.
pub const JOURNAL_PROBE: Duration = Duration::from_secs(1);
/// Hot writes waiting for the journal before it answers `busy`, per lane.
pub const JOURNAL_QUEUE: usize = 4096;
/// A watcher gets at most one delta in this time.
pub const COALESCE: Duration = Duration::from_millis(250);
/// A watcher gets a beat after this much quiet.
pub const QUIET_BEAT: Duration = Duration::from_secs(5);
/// How often live rooms are compared with the store, and read again while nodes do not hear each other: what happens shows within 5 s, the
/// reading included.
pub const RECONCILE: Duration = Duration::from_secs(4);
/// Longest pause between two attempts of a client to reconnect.
pub const BACKOFF_CAP: Duration = Duration::from_secs(10);
/// Largest message on a socket; more closes it with 1009.
pub const SOCKET_MESSAGE_BYTES: usize = 128 * 1024;
/// Largest frame of any kind but `answer`, after decoding; more is error `too_long`.
pub const SMALL_FRAME_BYTES: usize = 8 * 1024;
/// Read buffer of a socket: the library's 128 KiB would cost 131 KB a candidate.
pub const SOCKET_READ_BUFFER: usize = 4 * 1024;
/// Most bytes waiting to be written to one socket before it is closed as slow (4008).
pub const SOCKET_WRITE_BUFFER: usize = 512 * 1024;
/// A write to a socket that takes longer closes it as slow (4008).
pub const SOCKET_WRITE_DEADLINE: Duration = Duration::from_secs(10);
/// Characters an essay may have when its question does not say.
pub const DEFAULT_MAX_CHARS: usize = 10_000;
/// Characters no question may exceed.
pub const MAX_CHARS: usize = 20_000;
/// Unsaved answers a socket may have in flight; then it is not read until some are settled.
pub const UNSAVED_WINDOW: usize = 32;
/// Sockets that are told of a message at once, and how long until the next of them are: answers of that instant do not wait for a whole hall.
pub const RUNG_AT_ONCE: usize = 200;
/// The pause between them: 13,000 a second, so ten thousand within a second.
pub const RUNG_EVERY: Duration = Duration::from_millis(15);
/// Longest a drain may take.
pub const DRAIN: Duration = Duration::from_secs(25);
/// Longest that a stop waits for what was begun, and then for the journal to empty, when all sockets have gone.
pub const SETTLE: Duration = Duration::from_secs(5);
/// Sockets that leave a node that goes away, a second: those who come to the others must not overrun them.
pub const DRAIN_PER_SECOND: u32 = 200;
/// Longest that their leaving is spread over; the rest of the drain is for the last of them.
pub const DRAIN_SPREAD: Duration = Duration::from_secs(20);
/// Bounds of the random wait of whoever had to leave, in ms: the leaving was spread already.
pub const DRAIN_AWAY_MS: (i64, i64) = (0, 5_000);
/// Server ping to every socket.
pub const PING_EVERY: Duration = Duration::from_secs(4);
/// A socket that has opened counts as a line for so long without an answer to a ping. A page holds a mute one for longer (`channel.js`), so
/// it shows.
pub const UNPROVEN_MS: i64 = 5_000;
/// Silence after which a candidate is `unsteady`.
pub const UNSTEADY_MS: i64 = 10_000;
/// Silence after which a candidate is `lost`.
pub const LOST_MS: i64 = 15_000;
/// Silence after which a socket is closed (4012).
pub const SILENT: Duration = Duration::from_secs(30);
/// Ticks to a candidate.
pub const TICK_EVERY: Duration = Duration::from_secs(1);
/// Grace after the deadline when the exam does not say.
pub const DEFAULT_GRACE_MS: i64 = 3_000;
/// How often a node says that it is alive.
pub const BEAT_EVERY: Duration = Duration::from_secs(1);
/// A node that has not beaten for this long is taken for dead: others speak for its candidates.
pub const LEASE_MS: i64 = 10_000;
/// A longer time without a beat of any node is an outage.
pub const OUTAGE_GAP_MS: i64 = 5_000;
/// A longer outage is not given back by itself, whatever the exam's policy: a laptop shut overnight is none.
pub const OUTAGE_AUTOMATIC_MS: i64 = 15 * 60_000;
/// An event this soon after the last beat of a process that is gone is a later sign of its life: the time between two beats.
pub const SIGN_OF_LIFE_MS: i64 = 1_000;
/// A candidate's own gap is proposed to staff from this length on, ms.
pub const LOST_TIME_MIN_MS: i64 = 30_000;
/// A paper that came late is proposed from this length on, ms.
pub const LATE_PAPER_MIN_MS: i64 = 10_000;
/// In a room lost times are looked for at most this often, ms.
pub const LOST_LOOK_EVERY_MS: i64 = 5_000;
/// A node that has not beaten for this long is forgotten.
pub const NODE_FORGOTTEN_MS: i64 = 7 * 24 * 3_600_000;
/// The system clock may differ from trusted time by this before it is said, and before it is followed while no room is open.
pub const CLOCK_STEP_MS: i64 = 500;
/// Greatest rate at which trusted time is slewed to the database's clock, parts in a million: 0.5 ms a second, five times what a quartz
/// drifts, and nothing that a person could see.
pub const SLEW_PPM: i64 = 500;
/// Looks at the database's clock each second, of which the quickest counts.
pub const CLOCK_LOOKS: usize = 4;
/// The same at start, where the anchor hangs on them.
pub const CLOCK_LOOKS_AT_START: usize = 16;
/// Longest such a look may take in all.
pub const LOOK_DEADLINE: Duration = Duration::from_secs(3);
/// A node that is surely further than this from the common time, µs, does not slew: somebody's clock has stepped. Two nodes are at most
/// twice this apart.
pub const CLOCK_APART_US: i64 = 25_000;
/// A beat of another node this far ahead of the own time, ms, says that this node stood still and not that the database's clock stepped.
pub const BEAT_AHEAD_MS: i64 = 500;
/// How often due rooms are looked for; the sweep also wakes at the next deadline.
pub const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Life of a staff access token.
pub const ACCESS_TOKEN_MS: i64 = 10 * 60_000;
/// A staff session ends after this much time without use.
pub const STAFF_IDLE_MS: i64 = 12 * 3_600_000;
/// A candidate's session and code outlive the room's end by this much.
pub const AFTER_END_MS: i64 = 3_600_000;
/// Longest life of a candidate's session when its room never ends.
pub const CANDIDATE_SESSION_MS: i64 = 24 * 3_600_000;
/// Requests and sockets one address may have at once: an exam hall shares one address.
pub const CONNECTIONS_PER_ADDRESS: usize = 2_000;
/// Connections of one process.
pub const CONNECTIONS: usize = 18_000;
/// Time a connection has to send its request head, also between requests.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Time a request has to send its body.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// Largest JSON or form body.
pub const BODY_BYTES: usize = 256 * 1024;
/// Largest import.
pub const IMPORT_BYTES: usize = 10 << 20;
/// Most rows of a roster.
pub const ROSTER_ROWS: usize = 20_000;
/// Errors reported for one roster; reading stops there.
pub const ROSTER_ERRORS: usize = 200;
/// Most questions of a paper.
pub const PAPER_QUESTIONS: usize = 300;
/// Most options of a question.
pub const QUESTION_OPTIONS: usize = 30;
/// Characters of a question's text.
pub const QUESTION_BODY_CHARS: usize = 20_000;
/// Characters of an option's text.
pub const OPTION_BODY_CHARS: usize = 2_000;
/// Most points of a question, in hundredths of a point.
pub const QUESTION_POINTS_CENTI: i64 = 100_000;
/// Texts a short question may accept.
pub const ACCEPTED_TEXTS: usize = 100;
/// Characters a short answer may have when its question does not say.
pub const SHORT_MAX_CHARS: usize = 500;
/// Characters of a numeric answer and of a number in a key.
pub const NUMERIC_MAX_CHARS: usize = 100;
/// Largest page of a list.
pub const PAGE_MAX: i64 = 200;
/// Page of a list when none is asked for.
pub const PAGE_DEFAULT: i64 = 50;
/// Malformed frames before a socket is closed (4501).
pub const MALFORMED_FRAMES: u32 = 10;
/// The teacher's browser and the server may differ by this much before `open` asks.
pub const CLOCK_DIFFERS_MS: i64 = 60_000;
/// Largest change of time in one command, in seconds either way.
pub const CHANGE_SECONDS_MAX: i64 = 24 * 3600;
/// Password hashes waiting for the hashing threads before `busy`.
pub const HASH_QUEUE: usize = 64;
/// Pens a restore leaves free for those that were given after the copy was taken: each one is a fresh join of one candidate.
pub const PENS_RESERVED: i64 = 1_000;
/// From the end of a room to the backup that follows it: what devices still hold comes in meanwhile.
pub const BACKUP_AFTER_END_MS: i64 = 3 * 60_000;
/// Longest that further rooms that end put that backup off.
pub const BACKUP_PUT_OFF_MS: i64 = 15 * 60_000;
/// A newest backup older than this makes `/health/ready` say `degraded`: one night and half a day.
pub const BACKUP_STALE_MS: i64 = 36 * 3_600_000;
/// From a start without a backup of the last day to the one that makes up for it, and from a failed one to the next try.
pub const BACKUP_CATCH_UP_MS: i64 = 10 * 60_000;
/// A room that starts this soon is a reason not to restart.
pub const RESTART_AHEAD_MS: i64 = 15 * 60_000;
/// How long a client keeps what was saved, to send it again to a store that was restored from before.
pub const KEPT_AFTER_ACK: Duration = Duration::from_secs(24 * 3600);
/// Most answers an emergency file may hold.
pub const FILE_ANSWERS: usize = 2_000;
/// Characters of a message.
pub const MESSAGE_CHARS: usize = 1_000;
/// Messages of a room that nodes keep in memory; older ones stand in the store.
pub const LIVE_MESSAGES: usize = 200;
/// Names of those who do not have a message yet; the rest is counted.
pub const NAMED_MISSING: usize = 20;
/// Messages that one request may mark, remove or withdraw.
pub const MESSAGE_BATCH: usize = 200;
/// Newest messages that a `welcome` brings.
pub const WELCOME_MESSAGES: i64 = 50;
/// Messages a candidate may write at once, and how many more in a second.
pub const CANDIDATE_MESSAGES: (f64, f64) = (5.0, 0.05);
/// Messages a member of staff may send at once, and how many more in a second.
pub const STAFF_MESSAGES: (f64, f64) = (20.0, 0.5);
/// Times a hand may go up or down at once, and how many more in a second.
pub const HAND_MOVES: (f64, f64) = (10.0, 0.2);
/// Receipts one person may give at once, and how many more in a second.
pub const RECEIPTS: (f64, f64) = (60.0, 2.0);
/// Incidents of a room that nodes keep in memory; older ones stand in the store.
pub const LIVE_INCIDENTS: usize = 500;
/// Characters of an incident's text and of a reply.
pub const INCIDENT_CHARS: usize = 2_000;
/// Characters of what is said to a hand-over.
pub const HANDOVER_CHARS: usize = 1_000;
/// Replies that one incident may have.
pub const INCIDENT_REPLIES: i64 = 100;
/// Entries of the timeline that one incident may have.
pub const INCIDENT_EVENTS: usize = 50;
/// Signals a page may give at once, and how many more in a second.
pub const SIGNALS: (f64, f64) = (10.0, 0.1);
/// How often rules look at a room.
pub const RULES_EVERY: Duration = Duration::from_secs(1);
/// Templates one teacher, or the house, may keep.
pub const TEMPLATES: usize = 100;
/// Characters of a template's name.
pub const TEMPLATE_TITLE_CHARS: usize = 80;
/// How often timelines are sealed.
pub const SEAL_EVERY: Duration = Duration::from_secs(1);
/// Entries that one transaction seals: on SQLite answers wait for it, some ms.
pub const SEAL_ROWS: i64 = 512;
/// Pause between two such transactions while there are more: answers come first.
pub const SEAL_PAUSE: Duration = Duration::from_millis(20);
/// Transactions of one pass.
pub const SEAL_ROUNDS: usize = 32;
/// Entries that a check of the seals reads at a time.
pub const SEAL_READ: i64 = 1_000;
/// Less free space than this and answers will soon be refused, bytes.
pub const SPACE_BAD: u64 = 256 << 20;
/// Less than this deserves a look, bytes.
pub const SPACE_ODD: u64 = 2 << 30;
/// A computer's clock may differ from the server's by this before somebody is told, ms.
pub const COMPUTER_CLOCK_MS: i64 = 5_000;
/// A check of the computers takes reports for this long: one morning.
pub const CHECK_OPEN_MS: i64 = 4 * 3_600_000;
/// What was reported is kept for this long after it was opened, ms.
pub const CHECK_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// Computers that one check takes.
pub const CHECK_COMPUTERS: i64 = 500;
/// Characters of a computer's name.
pub const COMPUTER_NAME_CHARS: usize = 40;
/// Reports to one check at once, and how many more in a second: a hall is opened together.
pub const CHECK_REPORTS: (f64, f64) = (600.0, 10.0);
/// Codes of checks that nobody gave, from one address.
pub const CHECK_GUESSES: (f64, f64) = (50.0, 0.2);
/// Sockets that computers try at the same time on one node.
pub const CHECK_SOCKETS: usize = 300;
/// Longest that such a socket lives.
pub const CHECK_SOCKET: Duration = Duration::from_secs(10);
/// Simulated students of a rehearsal, at most.
pub const REHEARSAL_PEOPLE: i64 = 300;
/// Seconds that they answer, at least and at most.
pub const REHEARSAL_SECONDS: (i64, i64) = (5, 300);
/// The same when nothing is said.
pub const REHEARSAL_SECONDS_USUAL: i64 = 30;
/// Between two answers of one of them.
pub const REHEARSAL_ANSWER_EVERY: Duration = Duration::from_secs(2);
/// Longest that they may take to come in, and for the last confirmations.
pub const REHEARSAL_ENTRY: Duration = Duration::from_mins(1);
/// Longest that a server that stops waits for a rehearsal's room to be erased.
pub const REHEARSAL_END: Duration = Duration::from_secs(5);
/// A rehearsal that began this long ago is over, whatever became of the node that held it: its room is erased, ms.
pub const REHEARSAL_OVER_MS: i64 = 10 * 60_000;
