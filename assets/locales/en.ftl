### Texts of Invigil in English. Both catalogues have the same keys and variables; a test compares them.
### "Saved" means committed on the server. Nothing else is ever called so.

## Lengths of time
duration-hours = { $n } h
duration-minutes = { $n } min
duration-seconds = { $n } s

## Staff: is the room ready, and its computers
readiness = Readiness
readiness-title = Is everything ready?
readiness-lead = This list looks again by itself every ten seconds. What is not ready says what to do.
readiness-good = Everything is ready.
readiness-look = Ready; { $n ->
    [one] one thing deserves
   *[other] { $n } things deserve
 } a look.
readiness-bad = { $bad ->
    [one] One thing has
   *[other] { $bad } things have
 } to be mended before the exam{ $look ->
    [0] .
   *[other] ; { $look } more to look at.
 }
ready-go-codes = Entry codes
ready-go-check = Check the computers
ready-roster-none = Nobody is on the roster.
ready-roster-none-fix = Import the list of students: nobody can enter without being on it.
ready-roster-n = { $n ->
    [one] One student is
   *[other] { $n } students are
 } expected.
ready-names-twice = Students with one name, no number and no seat: { $list }.
ready-names-twice-fix = Give them numbers or seats, or their slips will be mixed up.
ready-seats-all = Everybody has a seat.
ready-seats-some = { $n ->
    [one] One student has
   *[other] { $n } students have
 } no seat, the others do.
ready-seats-some-fix = Give them seats, so that nobody stands in the door while time runs.
ready-codes-all = Everybody can enter.
ready-codes-missing = { $n ->
    [one] One student has
   *[other] { $n } students have
 } no entry code.
ready-codes-missing-fix = Make the codes that are missing and print the slips.
ready-paper-none = The exam has no paper.
ready-paper-none-fix = Put questions into it: the room cannot be opened without.
ready-paper-n = The paper has { $n ->
    [one] one question
   *[other] { $n } questions
 }.
ready-keys-all = Every question that a key can mark has one.
ready-keys-missing = Questions without a key: { $list }.
ready-keys-missing-fix = Add keys, or plan time to mark them by hand. A key can be added after the exam, too.
ready-start-done = It has begun.
ready-start-by-hand = It begins when one of the staff starts it.
ready-start-at = It begins by itself: { $time }.
ready-booking-fits = The exam fits into the booked time, until { $end }.
ready-booking-short = The exam ends after the booked time ({ $end }): { $missing } are missing, and everybody is cut off.
ready-booking-short-fix = Begin earlier, shorten the exam, or move the end of the booking.
ready-booking-over = The exam goes on { $missing } beyond the booked time ({ $end }).
ready-booking-over-fix = See that nobody else comes into the room, or begin earlier.
ready-booking-some = { $n ->
    [one] One student with more time is
   *[other] { $n } students with more time are
 } cut off by the end of the booked time ({ $end }).
ready-booking-some-fix = Move the end of the booking, or let them sit where there is more time.
ready-booking-some-over = { $n ->
    [one] One student with more time works
   *[other] { $n } students with more time work
 } beyond the booked time ({ $end }).
ready-booking-some-over-fix = See that they can stay where they are, undisturbed.
ready-accommodations-n = { $n ->
    [one] One student has
   *[other] { $n } students have
 } more time, until { $last } at the latest as planned.
ready-staff-alone = You are the only one who can act in this room.
ready-staff-alone-fix = Give a colleague rights in it, for when your computer fails or you are called away.
ready-staff-no-time = { $n ->
    [one] One colleague has
   *[other] { $n } colleagues have
 } rights here, and none of them may change the time.
ready-staff-no-time-fix = Give one of them the right to change time, or an incident waits for you.
ready-staff-n = { $n ->
    [one] One colleague can
   *[other] { $n } colleagues can
 } act here too.
ready-others-n = { $n ->
    [one] Another room is
   *[other] { $n } other rooms are
 } sat at the same time.
ready-others-place = Another exam is booked in this place at the same time.
ready-others-place-fix = Look at the time and the place of both.
ready-computers-none = The computers have not been tried.
ready-computers-none-fix = Try them on the day before: it takes a minute and nobody needs an account.
ready-computers-waiting = The check of the computers is open and none has reported.
ready-computers-waiting-fix = Open its address on each computer.
ready-computers-some = { $ready } of { $n } computers are ready.
ready-computers-some-fix = See what is wrong with the others, or leave those seats empty.
ready-computers-few = { $ready } of { $n } computers are ready, and { $people } students are expected.
ready-computers-few-fix = Try the others too.
ready-computers-all = { $ready } of { $n } computers are ready.
ready-clock-agrees = The clock of this computer agrees with the server's.
ready-clock-ahead = The clock of this computer is { $off } ahead of the server's.
ready-clock-ahead-fix = Announce times from the page, not from the corner of the screen: the students' clocks are the server's.
ready-clock-behind = The clock of this computer is { $off } behind the server's.
ready-clock-behind-fix = Announce times from the page, not from the corner of the screen: the students' clocks are the server's.
ready-address-secure = What students write travels encrypted.
ready-address-plain = The address is plain HTTP: whoever is on the network can read along.
ready-address-plain-fix = Use it in a network that you trust, or have the administrator set up a certificate.
ready-address-only-here = Only this very computer can reach the server.
ready-address-only-here-fix = Have the administrator let it listen to the network (--listen), with the address that students will type.
ready-database-saves = Answers can be saved.
ready-database-away = Answers cannot be saved now.
ready-database-away-fix = Call the administrator: the database is away or its disk is full.
ready-disk-good = { $size } GB are free for answers.
ready-disk-little = { $size } GB are free for answers.
ready-disk-little-fix = Have space made: a backup needs as much as the database.
ready-disk-full = { $size } GB are free for answers.
ready-disk-full-fix = Have space made now: when there is none left, answers wait on the students' computers.
ready-backup-good = The newest backup is { $age } old.
ready-backup-off = This server makes no backups.
ready-backup-off-fix = Ask the administrator who makes them.
ready-backup-none = There is no backup yet.
ready-backup-none-fix = The first is made tonight; `invigil backup` makes one now.
ready-backup-old = The newest backup is { $age } old.
ready-backup-old-fix = Have the administrator see why; `invigil backup` makes one now.
ready-backup-failed = The last backup failed.
ready-backup-failed-fix = Have the administrator look at the server's log; `invigil doctor` says more.
ready-nodes-heard = The servers hear each other.
ready-nodes-cut = The servers do not hear each other: what one does is seen on the others up to 5 s later.
ready-nodes-cut-fix = Have the administrator look at NATS. An exam can be held.
ready-server-clock-off = The server's clock was changed by { $off } since it started.
ready-server-clock-off-fix = Running exams are not touched by it. Have the administrator look before the next one.
check-title = Check the computers
check-lead = Open the address below on each computer that will be used. It tries itself and tells this page; nobody needs an account or a code of their own.
check-open = Open this on each computer
check-qr = The same address as a picture
check-until = It takes reports until { $time }.
check-close = Take no more reports
check-closed = No check is open
check-begin = Begin a check
check-again = A new check begins with an empty list.
check-computers = Computers
check-nobody = No computer has reported.
check-count = { $ready } of { $all } ready
check-unnamed = A computer without a name ({ $mark })
check-is-ready = is ready
check-is-not = is not ready

## Staff: a rehearsal with a simulated crowd
rehearsal = Rehearsal
rehearsal-lead = Simulated students come in by the address that yours will type, answer this room's paper for half a minute and hand in. They sit in a room of their own that no list shows; it counts nowhere and is erased afterwards.
rehearsal-people = Simulated students
rehearsal-begin = Begin the rehearsal
rehearsal-stop = Stop and erase it
rehearsal-so-far = { $n } of { $people } simulated students are in.
rehearsal-answers = { $n ->
    [one] One answer is
   *[other] { $n } answers are
 } saved.
rehearsal-was-good = The rehearsal of { $time } went well.
rehearsal-was-look = The rehearsal of { $time } deserves a look.
rehearsal-was-bad = The rehearsal of { $time } found something to be mended.
ready-go-rehearsal = Rehearsal
ready-rehearsal-none = Nobody has rehearsed.
ready-rehearsal-none-fix = A simulated class shows in a minute whether this server and its network carry yours.
ready-rehearsal-running = A rehearsal is under way.
ready-rehearsal-running-fix = It ends by itself.
ready-rehearsal-well = The rehearsal of { $time } went well.
ready-rehearsal-bad = The rehearsal of { $time } found something to be mended.
ready-rehearsal-bad-fix = See what it found, and rehearse again.
ready-re-running = It is under way.
ready-re-running-fix = It ends by itself.
ready-re-stopped = It was stopped.
ready-re-stopped-fix = Begin another one.
ready-re-failed = The simulated students could not sit.
ready-re-failed-fix = Have the administrator see whether the server can reach its own public address, and what its log says.
ready-re-entered = { $n ->
    [one] The simulated student came in.
   *[other] All { $n } simulated students came in.
 }
ready-re-entered-not = { $n } of { $people } simulated students did not come in.
ready-re-entered-not-fix = Have the administrator look: the server, or what is in front of it, takes too few connections.
ready-re-saved = { $n ->
    [one] The one answer was
   *[other] All { $n } answers were
 } saved and found in the database, none was lost.
ready-re-lost = { $n ->
    [one] One answer that was called saved is
   *[other] { $n } answers that were called saved are
 } missing.
ready-re-lost-fix = Do not hold an exam on this server. Keep its log and report this.
ready-re-unsaved = { $n } of { $given } answers were not confirmed.
ready-re-unsaved-fix = The server is too slow for so many, or its network failed. Have the administrator look.
ready-re-nothing = No answer was given.
ready-re-nothing-fix = Begin another rehearsal; if that is the same, have the administrator look at the server's log.
ready-re-wait = The longest wait for a confirmation was { $seconds } s.
ready-re-wait-long = The longest wait for a confirmation was { $seconds } s.
ready-re-wait-long-fix = An exam can be held. Have the administrator see whether the disk is slow (`invigil doctor`).
ready-re-wait-bad = The longest wait for a confirmation was { $seconds } s.
ready-re-wait-bad-fix = That is too long. Have the administrator see whether the machine is busy or the disk slow (`invigil doctor`).
ready-re-handed-in = Everybody handed in.
ready-re-handed-in-not = { $n ->
    [one] One did
   *[other] { $n } did
 } not get to hand in.
ready-re-handed-in-not-fix = Have the administrator look at the server's log.

## On the computer that is tried
pc-title = Is this computer ready?
pc-noscript = Scripts are switched off in this browser. Switch them on and open this page again. To tell your teacher as it is, fill in the form.
pc-form = This browser is too old for the exam, or blocks its scripts. Use another browser or another computer. To tell your teacher which one it is, fill in the form.
pc-name = Number or name of this computer
pc-name-help = As it stands on the desk, for example 12. This browser remembers it.
pc-code = Code of the check
pc-code-help = Your teacher has it. Without it only this page knows the result.
pc-try = Try again and report
ready-pc-old = This browser is too old.
ready-pc-old-fix = Use a current Firefox, Chrome, Edge or Safari.
ready-pc-scripts-off = Scripts do not run in this browser.
ready-pc-scripts-off-fix = Switch them on, or use another browser.
ready-pc-scripts = The browser is new enough.
ready-pc-socket = The live connection (WebSocket) works.
ready-pc-socket-silent = The live connection (WebSocket) opens and carries nothing.
ready-pc-socket-silent-fix = A proxy or a security program holds it up. Ask the administrator to let WebSocket through to this address.
ready-pc-socket-blocked = The live connection (WebSocket) is blocked.
ready-pc-socket-blocked-fix = A proxy or a security program forbids it. Ask the administrator to let WebSocket through to this address.
ready-pc-keeps = Answers are kept when the browser is closed.
ready-pc-keeps-not = This browser keeps nothing.
ready-pc-keeps-not-fix = Leave private browsing, allow site data, or use another browser: answers would be lost if the network failed.
ready-pc-space = Only { $size } MB are free for answers.
ready-pc-space-fix = Make space on the disk of this computer.
ready-pc-cookies = Cookies stay.
ready-pc-cookies-not = Cookies are blocked.
ready-pc-cookies-not-fix = Allow them for this address.
ready-pc-clock = The clock of this computer agrees with the server's.
ready-pc-clock-ahead = The clock of this computer is { $off } ahead.
ready-pc-clock-ahead-fix = Set it, so that nobody is misled. The exam's own clock is right all the same.
ready-pc-clock-behind = The clock of this computer is { $off } behind.
ready-pc-clock-behind-fix = Set it, so that nobody is misled. The exam's own clock is right all the same.
ready-pc-encrypts-not = Answers that are kept here cannot be encrypted.
ready-pc-encrypts-not-fix = Use a current browser.
ready-pc-screen = The window is wide enough.
ready-pc-screen-narrow = The window is narrow.
ready-pc-screen-narrow-fix = Make it larger, or turn the device.
ready-pc-screen-small = The window is too small for an exam.
ready-pc-screen-small-fix = Make it larger, or use another device.
js-check-trying = Trying this computer …
js-check-ready = This computer is ready.
js-check-not-ready = This computer is not ready.
js-check-told = Your teacher has been told. Give this computer its number, so that it can be found.
js-check-told-as = Your teacher has been told, as “{ $name }”.
js-check-not-told = Your teacher has not been told:
js-check-good = Good
js-check-look = Look
js-check-bad = Not ready

## Every page
skip = Skip to the content
language = Language
sign-out = Sign out
ok = OK
try-again = Try again
where = Where you are
list-comma = {", "}
true = True
false = False
error-back = Go back

## The front door
home-title = Enter your exam
home-lead = Type the exam code from your slip. Your teacher can give you a new one.
home-code = Exam code
home-code-help = Capital or small letters, with or without spaces: all are fine.
home-enter = Continue
home-staff = Staff sign-in

## "This is me"
confirm-title = Is this you?
name = Name
number = Student number
class = Class
seat = Seat
seat-n = Seat { $seat }
starts = Starts
ends = Ends
allowance = Your time
this-is-me = Yes, this is me
not-me = This is not me
recorded-title = What is recorded
recorded-what = Your answers with the time each was saved, when this page was connected or lost its connection, whether it was in front, changes of your time, and moves to another computer.
recorded-long = How long it is kept: { $length }
recorded-not = No camera, no microphone, no screen pictures, no keystrokes.

## Waiting room
waiting-title = You are in. Please wait.
waiting-lead = This page turns into the paper by itself. There is nothing to press and nothing to reload.
waiting-at = Starts at { $time }
waiting-know = Good to know
clock-zone = Times are shown in
know-saves = Every answer is saved as you give it. Beside each one you read whether it is saved.
know-with-room = The clock starts for the whole room at once. If you come later, the time you missed is gone.
know-on-entry = Your clock starts when you get the paper.
know-leave = Does the clock run when you leave the page? Yes. It also runs when the connection is lost. It stands still only when your teacher pauses it.
know-end = When the time is over, your paper is handed in by itself with everything that is saved.
instructions = Instructions

## Another computer
asking-title = Your exam is open somewhere else
asking-text = Another window or computer holds your exam. It was asked to let you continue here; your teacher can also allow it.
asking-wait = Waiting for the answer. Your time goes on.
takeover-title = Another computer asks to continue your exam.
takeover-text = Is it you?
yes-me = Yes
no-not-me = No
superseded-title = Your exam continues elsewhere
superseded-text = Your exam continues in another window or computer. You can no longer write here.
superseded-safe = Saved answers are there. Not you? Raise your hand now.
continue-here = Continue here instead

## The paper
no-script-title = This page cannot save as you write
no-script = Scripts are switched off in this browser. Switch them on and reload, or raise your hand.
clock-left = Time left
clock-runs = The clock runs when you leave this page or lose the connection. It stands still only while your teacher pauses it.
why-time = Why this much time?
hand-in = Hand in…
navigator = Questions
legend-saved = Saved
question-n = Question { $n }
points-n = { $n ->
    [1] 1 point
   *[other] { $n } points
}
kind-single = One answer
kind-multiple = Several answers
kind-true_false = True or false
kind-numeric = Number
kind-short = Short answer
kind-essay = Essay
choose-one = Choose one
choose-all = Choose all that apply
clear-choice = Clear my choice
lost-title = No connection
unkept-title = Not kept and not saved.
unkept-text = Stop and raise your hand now.
keeps-nothing = This computer cannot keep answers: they are safe once they are saved, and they are saved only while the page is connected. If it says “Not kept and not saved” at the top, stop and raise your hand.
file-why = Must you leave this computer? Take your answers with you:
file-save = Download my answers
file-have = I have a file with my answers
file-take = Choose the file you downloaded
js-file-taken = Taken from the file: { $n }. They are sent now.
js-file-unreadable = This is not a file with answers.
js-file-other = This file belongs to another student or another exam.
js-file-damaged = This file is damaged. Nothing was taken from it. Raise your hand.
time-changed = Your time has changed
paused-title = The exam is paused
paused-text = Your clock stands still. You lose no time. You may go on writing; it is saved.
desk = Messages and raised hand
sit-mail-none = No messages yet.
sit-mail-write = Write to the invigilator
sit-mail-help = An invigilator of this room reads it. Do not write answers here.
sit-mail-send = Send
sit-mail-close = Close
message-title = Message from the invigilator

## Handing in
review-title = Hand in your paper?
review-final = After handing in you cannot change anything.
review-confirm = Hand in now
review-back = Back to the paper
ended-title = Your paper is handed in
ended-text-candidate = You handed in at { $time }.
ended-text-deadline = Time is up ({ $time }). Your paper was handed in for you.
ended-text-invigilator = Your teacher ended your exam at { $time }. Your paper was handed in for you.
receipt = Receipt
receipt-help = It stands for exactly the answers that are saved. Note it if you like.
nothing-more = You need do nothing more.
finish = Finish: next student

## Said by the student's scripts; {name} is filled in by the script
js-saved = Saved { $time }
js-unsaved = Not saved yet
js-kept = Kept on this computer, not saved yet
js-unkept = Not kept and not saved
js-unanswered = Not answered
js-not-counted = Stored, does not count: { $why }
js-refused = Not saved. { $why }
js-why-late = it came after your time
js-why-ended = it came after the end
js-why-superseded = a newer page has answered this
js-why-not_running = it came before the start
js-all-saved = Everything saved { $time }
js-nothing-yet = Nothing to save yet
js-some-refused = An answer was not taken: see its question
js-unsaved-n = Not saved yet: { $n }
js-unkept-n = Not kept and not saved: { $n }
js-conn-connecting = Connecting…
js-conn-ok = Connected
js-conn-lost = No connection
js-conn-http = Connected (slow)
js-lost-n = Keep working: your answers are kept on this computer and will be sent by themselves. Not saved yet: { $n }. Your time goes on. Do not close or restart. Still here after 2 minutes? Raise your hand.
js-lost-none = Keep working: everything up to now is saved, and what you write now is kept on this computer and will be sent by itself. Your time goes on. Do not close or restart. Still here after 2 minutes? Raise your hand.
js-back-n = Connection is back. All { $n } waiting answers are saved ({ $time }).
js-back-one = Connection is back. The waiting answer is saved ({ $time }).
js-back-none = Connection is back. Everything is saved.
js-end-later = Your end time is now { $new } (was { $old }): { $length } more.
js-end-earlier = Your end time is now { $new } (was { $old }): { $length } less.
aloud = Say the time and what is saved
aloud-key = or press
js-aloud-paused = Your clock stands still at { $length }.
js-end-new = Your end time is now { $new }.
js-end-withdrawn-earlier = More time was withdrawn: your end time is { $new } again (was { $old }), { $length } less.
js-end-withdrawn-later = A change was withdrawn: your end time is { $new } again (was { $old }), { $length } more.
js-because = Reason: { $reason }.
js-left = You have { $length } left.
js-paused = Your clock stands still at { $length }. You lose no time. You may go on writing; it is saved.
js-resumed = The exam goes on. Your end time is { $time }.
js-left-30m = 30 minutes left.
js-left-10m = 10 minutes left.
js-left-5m = 5 minutes left.
js-left-1m = 1 minute left.
js-left-30s = 30 seconds left.
js-time-up = Time is up. Your paper is being handed in for you.
js-clock-about = within { $n } s
js-clock-hide = Hide clock
js-clock-show = Show clock
js-clock-hidden = hidden
js-starts-in = Starts in { $length }
js-starts-soon = Starting now…
js-starts-wait = Your teacher starts the exam.
js-nav = Question { $n }: { $state }
js-flagged = Marked
js-flag = Mark for later
js-unflag = Marked for later
js-chars = { $n } of { $max } characters
js-review-some = Not answered: { $n } of { $total }. You can still go back to them.
js-review-one = 1 of { $total } questions is not answered. You can still go back to it.
js-review-all = All { $total } questions are answered.
js-review-unsaved = Not saved yet: { $n }. They are sent before your paper is handed in.
js-submit-waiting = Saving the last { $n }, then handing in…
js-submit-missing = Some answers had not arrived. They are being sent again.
js-ended-candidate = You handed in at { $time }.
js-ended-deadline = Time is up ({ $time }). Your paper was handed in for you.
js-ended-invigilator = Your teacher ended your exam at { $time }. Your paper was handed in for you.
js-ended-count = { $answered } of { $total } questions answered, all of them saved.
js-ended-unsent = { $n } answers have not reached the server. Do not close this page; raise your hand. They will still be sent, and your teacher decides if they count.
js-ended-unsent-one = 1 answer has not reached the server. Do not close this page; raise your hand. It will still be sent, and your teacher decides if it counts.
js-ended-late = Arrived after the end: { $n }. They are stored, and your teacher decides if they count.
js-superseded = Your exam continues in another window or computer since { $time }. You can no longer write here.
js-superseded-unsent = Not saved yet: { $n }. They are being sent. Do not close this page.
js-takeover-allowed = You let the other computer continue.
js-takeover-refused = You refused. Go on here.
js-stopped = The connection was closed for good
js-room-over = This room is closed. Your paper is safe on the server.
js-revoked = Your entry was withdrawn. Raise your hand.
js-h = { $n } h
js-m = { $n } min
js-s = { $n } s
js-mail-unread = { $n } not read
js-mail-all = { $author }, to everyone
js-mail-you = { $author }, to you
js-mail-own = You, to the invigilator
js-mail-withdrawn = Withdrawn at { $time }: it no longer applies.
js-mail-read = Read at { $time }
js-mail-sent = Sent, not read yet
js-mail-sending = Sending…
js-mail-failed = Not sent. Raise your hand if it is urgent. { $why }
js-mail-more = { $n } more under “Messages”.
js-mail-new = Message from the invigilator: { $text }
sit-cases = Noted by the staff about your exam
sit-cases-lead = Nothing here ends or shortens your exam. You may answer; your answer stays with the note.
sit-cases-open = Notes
js-case-unread = { $n } new
js-case-new = The staff show you a note: { $title }
js-case-answered = The staff have answered to a note: { $title }
js-case-open = being looked into
js-case-resolved = settled
js-case-dismissed = nothing was wrong
js-case-reply = Your answer
js-case-send = Send the answer
js-hand-raise = Raise hand
js-hand-lower = Lower hand
js-hand-up = Your hand is up since { $time }. Place in the queue: { $place }.
js-hand-coming = Your hand is up since { $time }. Somebody is coming to you.
js-hand-down = Your hand is down.
js-hand-failed = This did not reach the server. Raise your real hand.

## Staff: sign in and set-up
login-title = Staff sign-in
login-name = Login
login-password = Password
login-enter = Sign in
login-student = I am a student and have an exam code
setup-title = Create the first account
setup-lead = This server has no account yet. The person who started it saw a one-time secret in its output.
setup-secret = One-time secret
setup-secret-help = It works once and only from here.
setup-name = Your name
setup-password-help = At least 10 characters. A short sentence is easy to remember and hard to guess.
setup-enter = Create account and sign in

## Staff: rooms
rooms = Rooms
rooms-count = { $running } running, { $total } in all
rooms-none = No rooms yet
rooms-none-text = A room is made from an exam and a roster. For now that is done through the API; the rooms you may watch appear here.
rooms-docs = Open the API documentation
room-by-hand = By hand
open-live = Live room
live = Live room
codes = Entry codes
results = Results
timeline = Timeline
room-phase-scheduled = Scheduled
room-phase-open = Open
room-phase-running = Running
room-phase-paused = Paused
room-phase-ended = Ended
trouble-n = { $n ->
    [one] 1 needs a look
   *[other] { $n } need a look
}

## Staff: the live room
clock-room = Room clock
head-starts = Starts at { $time }
head-starts-by-hand = Starts when you press Start
head-ends = Ends at { $time }
head-running = Time is running
head-paused = The clock stands still for everyone
head-ended = Ended at { $time }
head-ended-plain = Ended
head-last = last candidate at { $time }
count-expected = expected
count-here = here
count-working = working
count-ended = handed in
count-absent = absent
count-trouble = need a look
commands = Commands
for-everyone = For everyone
minutes = Minutes
verb-open = Open
verb-open-help = Let students enter and wait. The paper is fixed from now on.
verb-start = Start
verb-start-help = Begin the time.
verb-pause = Pause
verb-pause-help = Let the clock stand still. Nobody loses time.
verb-resume = Resume
verb-resume-help = Let the clock run again.
verb-extend = Add minutes
verb-extend-help = Move the end. A minus sign takes time away.
verb-end = End…
verb-end-help = Hand in for everyone.
cannot-now = Not possible now: the room is “{ $phase }”.
delivery-of = { $n } of { $total } have the new time.
delivery-seen-n = { $n } said they saw it.
delivery-missing = Not yet: { $names }; they get it when they reconnect.
withdraw = Withdraw
students = Students
student = Student
students-none = Nobody is on the roster yet.
search = Search
search-hint = Seat, name or number
show = Show
show-all = Everyone
show-trouble = Needs a look
show-here = Here
show-working = Working
show-ended = Handed in
show-absent = Absent
select-all = Select all
select-one = Select { $name }
state = State
presence = Connection
answers = Answered
last-saved = Last saved
extra = Extra
until-time = until { $time }
phase-expected = Expected
phase-waiting = Waiting
phase-working = Working
phase-paused = Paused
phase-ended = Ended
ended-by-candidate = Handed in
ended-by-deadline = Time over
ended-by-invigilator = Ended by staff
presence-never = not seen
presence-connected = connected
presence-slow = connected (slow)
presence-unsteady = unsteady
presence-lost = lost
attention-here = in front
attention-away = looking elsewhere
delivery-none = nothing new
delivery-queued = not delivered yet
delivery-delivered = delivered
delivery-seen = seen
trouble-lost = No connection for { $length }, last saved { $time }
trouble-lost-nothing = No connection for { $length }, nothing saved yet
trouble-takeover = Another computer asks to continue
trouble-absent = Not here, although the room runs
trouble-quiet = Nothing saved for { $length }
trouble-quiet-nothing = Nothing saved yet
trouble-unsent = Was offline at the end: may hold unsent answers
mail = Messages
mail-none = Nothing has been written yet.
mail-write = Write a message…
mail-write-one = Message…
mail-to = to { $who }
mail-to-all = everyone
mail-to-staff = the staff
mail-to-more = { $names } and { $n } more
mail-how = Delivered { $n } of { $total }, read by { $seen }.
mail-how-missing = Delivered { $n } of { $total }, read by { $seen }. Not yet: { $names }; it comes when they connect.
mail-read-at = Read at { $time }
mail-unread = Not read yet
mail-withdrawn = Withdrawn at { $time }.
mail-mark-read = Mark as read
mail-answer = Answer…
hands-n = { $n ->
    [one] 1 raised hand
   *[other] { $n } raised hands
}
hand-come = I am coming
hand-coming-since = on the way since { $time }
hand-done = Done
compose-title = Write a message
compose-all = { $n ->
    [one] To everyone in the room: 1 student, and whoever comes later.
   *[other] To everyone in the room: { $n } students, and whoever comes later.
}
compose-some = { $n ->
    [one] To { $names }
   *[other] To { $n } students: { $names }
}
compose-text = Message
compose-help = Students see it at once, with your name. Those without a connection get it when they are back.
compose-send = Send
templates = Templates
template-keep = Keep as a template
template-kept = Kept as a template.
template-dropped = The template was removed.
template-drop = Remove the template “{ $title }”
trouble-hand = Hand up for { $length }
trouble-hand-answered = Hand up for { $length }, somebody is coming
allow = Allow
refuse = Refuse
feed = What happened
timeline-all = Whole timeline
live-still = As of loading; reload for newer figures
js-live-ok = Live
js-live-stale = This page is { $n } s old. Reconnecting.
js-live-stopped = Not live. Reload the page.
js-live-held = Updates held back: { $n }
js-live-hold = Hold updates
js-live-go = Show updates
js-for-all = For everyone ({ $n })
js-for-some = For { $n } selected
js-rows-shown = { $n } of { $total }
js-preview-failed = The preview could not be loaded. Nothing was changed. Try again.

## Staff: control of a room
verb-credit = Give time back
verb-credit-help = As many minutes as stand in the field, for an incident. It shows as a credit.
verb-accommodate = Extra time…
verb-accommodate-help = Another share of the allowance for the selected, for example 25 per cent more.
verb-reopen = Reopen…
verb-reopen-help = The selected, who have ended, work again.
verb-terminate = End for selected…
verb-terminate-help = Hand in for the selected only.
cannot-nobody = Select students first.
js-cannot-some = Not possible for the selected students now: { $phases }.
js-cannot-room = This is for the whole room. Clear the selection first.
reason-none = no reason given
reason-choose = choose a reason
percent = Extra time in per cent
preview-accommodate = Extra time
preview-accommodate-means = Each gets this much more of the allowance in place of what they had.
confirm-accommodate = { $n ->
    [one] Set for 1
   *[other] Set for { $n }
}
typed-count = Type the number of students who end: { $word }
typed-seat = Type the seat of the student who ends: { $word }
typed-help = This cannot be taken back by a press of a button.
typed-wrong = What you typed is not what stands beside the field. Nothing was done.
undo = Undo
close = Close
keys-open = Keys
keys-title = Keys of this page
keys-lead = They work wherever nobody types.
keys-search = Search for a student
keys-move = Go from student to student
keys-select = Select the student, or not
keys-extend = More minutes for the selected, or for this student
keys-message = Write to the selected, or to this student
keys-help = This list
keys-on = Use these keys in this browser
js-keys-no-row = Go to a student first, with the arrow keys.
js-keys-picked = selected
js-keys-unpicked = no longer selected
js-feed-pause = Hold
js-feed-go = Let it run
js-feed-new = Show { $n } new
js-alarm-many = { $n } students need a look now.
picked-commands = Commands
picked-clear = Clear selection
show-waiting = Without the new time
delivery-missing-more = Not yet: { $names } and { $n } more; they get it when they reconnect.
delivery-show = Show them
delivery-each = Each student
change-reach = The new time is
change-away = not here
change-queued-n = Not delivered yet: { $n }
change-delivered-n = delivered: { $n }
change-seen-n = seen: { $n }
change-reverted = This change has been withdrawn.

## Staff: preview of a command
preview-open = Open the room
preview-open-means = Students can enter and wait. The paper is fixed from now on.
preview-start = Start the exam
preview-start-means = The time begins and the paper goes out to those who wait.
preview-pause = Pause
preview-pause-means = The clock stands still, and no time is lost. Students may go on writing.
preview-resume = Resume
preview-resume-means = The clock runs again. The length of the pause is added to each end.
preview-extend = Change the time
preview-extend-means = Each gets the new end at once and is told why.
preview-credit = Give time back
preview-credit-means = Each gets the new end at once and is told why.
preview-end = End
preview-end-means = Papers are handed in with everything that is saved.
preview-terminate = End for these students
preview-terminate-means = Their papers are handed in with everything that is saved.
preview-reopen = Reopen
preview-reopen-means = They can write again; the time since their end is not counted.
preview-revert = Withdraw a change
preview-revert-means = A counter-entry takes the change back. Both stay in the timeline.
preview-room = For the whole room.
preview-some = { $n ->
    [one] For 1 selected student.
   *[other] For { $n } selected students.
}
preview-again = Show again
preview-unchanged = It is so already
done-unchanged = Nothing had to be changed.
done-n = { $n ->
    [one] Done.
   *[other] Done for { $n } students.
}
preview-affected = { $n ->
    [one] Affects 1 student.
   *[other] Affects { $n } students.
}
preview-refused = { $n ->
    [one] 1 is left out; the reason is beside the name.
   *[other] { $n } are left out; the reason is beside each name.
}
spare-title = Students with individual extra time
spare-yes = They keep it and finish later
spare-no = They end now, too
end-before = End before
end-after = End after
left-after = Time left
reason = Reason
reason-text = In your words
reason-help = Students read it, and it stays in the timeline.
clock-difference-accepted = I have compared both. Open the room by the server's time.
cancel = Cancel
confirm-open = Open the room
confirm-start = { $n ->
    [0] Start now
    [one] Start for 1
   *[other] Start for { $n }
}
confirm-pause = { $n ->
    [0] Pause
    [one] Pause 1
   *[other] Pause { $n }
}
confirm-resume = { $n ->
    [0] Resume
    [one] Resume 1
   *[other] Resume { $n }
}
confirm-extend = { $n ->
    [one] Change the time of 1
   *[other] Change the time of { $n }
}
confirm-credit = { $n ->
    [one] Give time back to 1
   *[other] Give time back to { $n }
}
confirm-end = { $n ->
    [0] End now
    [one] End now for 1
   *[other] End now for { $n }
}
confirm-terminate = { $n ->
    [one] End now for 1
   *[other] End now for { $n }
}
confirm-reopen = { $n ->
    [one] Reopen for 1
   *[other] Reopen for { $n }
}
confirm-revert = { $n ->
    [0] Withdraw
    [one] Withdraw for 1
   *[other] Withdraw for { $n }
}
reason-network = network trouble
reason-power = power cut
reason-device = trouble with a computer
reason-fire_alarm = fire alarm
reason-noise = noise or disturbance
reason-illness = illness
reason-accommodation = accommodation
reason-late_start = late start
reason-conduct = conduct
reason-staff_error = our mistake
reason-outage = the service could not be reached
reason-clock_step = the server's clock was set right
reason-lost_time = lost connection
reason-late_paper = the paper came late
reason-other = other

## Staff: incidents
incidents = Incidents
incidents-lead = What was recorded about this room and its students, and what rules propose. A rule only proposes: people decide.
incidents-waiting = Incidents that wait for you
incidents-none = There are none.
incidents-all = All
incidents-older = Older ones
incidents-n = { $n ->
    [one] 1 incident
   *[other] { $n } incidents
}
incident-room = The room
incident-record = Record an incident
incident-record-do = Record
incident-about = About { $who }
incident-about-room = About the room. To record something about one student, tick only that one in the table first.
incident-topic = What it is about
incident-text = What happened
incident-show = Show it to the student, who can answer
incident-shown = The student sees it.
incident-by = by { $name }
incident-decided = { $name }, { $time }: { $state }.
incident-replies = { $n ->
    [one] 1 reply.
   *[other] { $n } replies.
}
incident-state-proposed = proposed
incident-state-open = open
incident-state-resolved = resolved
incident-state-dismissed = dismissed
incident-state-credited = time given back
incident-credit = Give { $length } back
incident-withhold = Do not give it back
incident-dismiss = It is nothing
incident-open = Look into it
incident-resolve = Done
incident-reopen = Take it up again
incident-look = Details
incident-events = What it rests on
incident-talk = What was said
incident-reply = Write to it
incident-reply-seen = The student sees what you write.
incident-reply-send = Add
incident-keep = Keep
incident-close = Close
topic-of = { $category }: { $kind }
topic-environment = Environment
topic-candidate = Student
topic-staff = Staff
topic-technical = Technical
topic-environment-alarm = alarm
topic-environment-noise = noise
topic-environment-power = power failure
topic-environment-place = the room itself
topic-environment-other = something else
topic-candidate-illness = illness
topic-candidate-left_room = left the room
topic-candidate-late = came late
topic-candidate-left_page = left the page
topic-candidate-paste = pasted text
topic-candidate-conduct = conduct
topic-candidate-other = something else
topic-staff-mistake = mistake
topic-staff-late_start = late start
topic-staff-shortage = too few staff
topic-staff-other = something else
topic-technical-connection = connection
topic-technical-computer = computer
topic-technical-service = this service
topic-technical-late_paper = late paper
topic-technical-device = another device
topic-technical-other = something else
finding-away = The page was in the background from { $from } on, longer than the { $limit } that this exam allows.
finding-silent = Nothing has been heard of the computer since { $from }, longer than { $limit }. It may be the network: look at the seat.
finding-lost_time = No connection from { $from } to { $to }; { $lost } of it was working time. Give it back?
finding-late_paper = The paper came only at { $to } instead of { $from }; { $lost } of working time. Give it back?
finding-outage = The service was away from { $from } to { $to }, { $length }. Give that time back to whoever was working then?
finding-takeover = At { $at } another computer asked to continue while the first one was connected.
finding-devices = { $n } devices have written for this student; this exam looks from { $limit } on. After a crash that is normal.
finding-addresses = The devices came from { $n } addresses: { $all }; this exam looks from { $limit } on. A changed network looks the same.
finding-paste = At { $at } { $n } characters were pasted at once; this exam looks beyond { $limit }. It may be the student's own text.
rules = What rules look for
rules-lead = A rule proposes an incident and says why. It ends nothing, takes no time and marks nobody: people decide.
rules-scope = These are the exam's rules. They hold in all of its rooms, from now on also in those that run. What was proposed before stays.
rules-keep = Keep the rules
rules-kept = Kept. They hold from now on.
rule-away = Away from the page
rule-away-help = Proposes an incident when the page was in the background for longer than this. A screen reader in another window looks the same.
rule-away-number = Seconds, { $min } to { $max }
rule-silent = Nothing heard of the computer
rule-silent-help = Proposes an incident when nothing was heard of the computer for longer than this. Most often it is the network.
rule-silent-number = Seconds, { $min } to { $max }
rule-takeover = Another computer asks to continue
rule-takeover-help = Proposes an incident when a second computer asks to continue while the first one is connected.
rule-devices = Several devices
rule-devices-help = Proposes an incident when this many devices, or more, have written for one student. After a crash two are normal.
rule-devices-number = Devices, { $min } to { $max }
rule-addresses = Several addresses
rule-addresses-help = Proposes an incident when one student's devices came from this many network addresses, or more. A changed network looks the same.
rule-addresses-number = Addresses, { $min } to { $max }
rule-paste = Much pasted at once
rule-paste-help = Proposes an incident when more characters than this were pasted into an answer at once. It may be the student's own text.
rule-paste-number = Characters, { $min } to { $max }
rule-number-wrong = Type a whole number from { $min } to { $max }.
rule-shown = Show students what you take up
rule-shown-help = Whoever is shown an incident can answer to it. What is only proposed is never shown, and you can choose otherwise for each.
rules-off = Rules that are off for this student
rules-off-lead = An accommodation: rules that are chosen here propose nothing for this student. What was proposed before stays.
rules-off-exam = (this exam does not look for it)
rules-off-none = None of them is off.
rules-off-keep = Keep these
rules-off-kept = Kept. They hold from now on.
incident-exempt = Turn this rule off for this student

## Why the time is what it is
explain-extension = extension
explain-credit = credit
explain-pause = pause
explain-outage = outage
explain-reopened = reopened
explain-multiplier = accommodation
explain-base = allowance
explain-window = end of the exam's hours

## Staff: entry codes
codes-lead = One slip for each student. Print, cut, hand out. A code opens one student's exam only.
codes-missing = { $n ->
    [one] 1 student has entered already; that code is not shown again.
   *[other] { $n } students have entered already; their codes are not shown again.
}
codes-unmade = { $n ->
    [one] 1 student has no code yet.
   *[other] { $n } students have no code yet.
}
codes-make = Make the codes
code-used = Entered already
code-unmade = No code yet
print = Print
qr = QR code that opens the exam

## Staff: results
results-provisional = The room has not ended. These figures can still change.
results-late = { $n ->
    [one] 1 answer is stored but does not count; it is marked with ◦ and says why.
   *[other] { $n } answers are stored but do not count; they are marked with ◦ and say why.
}
results-legend = ✓ right · ◐ partly · ✗ wrong · – omitted · ? not marked · ◦ a later answer is stored and does not count
not-counted-mark = ◦
statistics = Statistics
stat-scored = Scored
stat-total = Points in all
stat-mean = Mean
stat-median = Median
stat-deviation = Standard deviation
stat-distribution = How the scores are spread
stat-questions = Questions
question = Question
points = Points
score = Score
scores = Scores
facility = Facility
omitted = Omitted
how-ended = Ended
mark-right = right
mark-partly = partly right
mark-wrong = wrong
mark-omitted = omitted
mark-unmarked = not marked

## Staff: answers that do not count
accept-title = Answers that do not count
accept-look = Look at them
accept-look-one = Look at what does not count
accept-everybody = Show everybody
accept-open = { $n ->
    [0] Nothing to decide
    [one] 1 answer does not count
   *[other] { $n } answers do not count
}
accept-none = Every answer that could count does. One that a newer answer to the same question has replaced is not listed.
accept-means = What you accept counts as if it had come in time. It stays marked, with your name and the reason, and you can take it back.
accept-pick = Choose
accept-answer = Answer
accept-received = Received
accept-why = Why it does not count
accept-cleared = answer cleared
accept-reason-help = It is kept with the answer.
accept-confirm = Accept the chosen answers
accept-did = { $n ->
    [0] Nothing has changed.
    [one] Done for 1 answer.
   *[other] Done for { $n } answers.
}
accept-done = { $n ->
    [one] 1 answer was accepted by staff
   *[other] { $n } answers were accepted by staff
}
accept-withdraw-means = Taken back, an answer does not count again. Nothing is deleted either way.
accept-withdraw = Take the chosen ones back
accept-withdraw-why = Why, in your words

## Staff: attendance
attendance = Attendance
attendance-lead = Who has come in is here by itself. What you say stands above it: somebody whose computer does not start yet is here all the same. None of it changes anybody’s time.
attendance-only-look = You may look and not change anything here: that takes the right to deal with students (messages). Ask whoever owns the exam.
attendance-expected = expected
attendance-here = here
attendance-missing = missing
attendance-said = as staff say
attendance-identified-of = of { $total } identities confirmed
attendance-identity = Identity
attendance-mark-here = Is here
attendance-mark-missing = Is missing
attendance-clear = By the computer
attendance-confirm = Confirm identity
attendance-unconfirmed = not confirmed
attendance-by = { $name }, { $time }
attendance-failed = That was not taken. The list shows what holds; try again.
identified = identity confirmed

## Staff: who works in a room, hand-over, projector
staff = Staff
staff-go = Staff and hand-over
staff-lead = Who may do what in this room. A change holds at once; whoever loses the right to watch is put out of the room within seconds. Everything stands in the timeline.
staff-rights = Rights
staff-owner = Owns the exam: has every right, and nobody takes one away.
staff-fixed-control = Changing rights takes the right to control this room, which you do not have.
staff-fixed-own = These are your own rights. Somebody else who may control the room changes them.
staff-lacking = You cannot give or take what you do not have yourself: { $rights }.
staff-save = Save rights
staff-remove = Take all away
staff-add = Let a colleague work here
staff-login = Their login
staff-may = They may
staff-add-do = Add
right-watch = watch
right-watch-help = see the live room, its timeline, readiness and attendance
right-message = students
right-message-help = write messages, answer hands, record incidents, confirm who is here
right-time = time
right-time-help = give time, stop the clock, accommodations
right-control = control
right-control-help = open, start, end; students, codes, change of computer; rights of colleagues
right-paper = paper
right-paper-help = see the paper with its key
right-results = results
right-results-help = see answers and results, count what did not count
charge = In charge
charge-now = In charge: { $name }
charge-you = You are in charge of this room.
charge-since = since { $time }
charge-before = after { $name }
charge-asks = { $to } is asked to take the room over ({ $time }). Until the answer nothing changes.
charge-asks-you = { $by } asks you to take this room over ({ $time }).
charge-accept = Take it over
charge-decline = Decline
charge-to = Hand the room over to
charge-words = What they have to know (they and the staff of the room read it)
charge-offer = Ask to take over
charge-help = They see it on the live room at once and confirm it there. Until then you stay in charge. Rights stay as they are.
charge-fixed = Whoever is in charge hands the room over, or the owner of the exam.
charge-nobody = Nobody else may control this room. Give somebody that right first.
event-staff = { $who } may: { $rights }
event-staff-gone = { $who } may do nothing here any more
event-handover = asks { $who } to take the room over
event-handover-accepted = has taken the room over
event-handover-declined = does not take the room over
event-handover-withdrawn = hand-over withdrawn
board = Projector
board-address = Enter at
board-now = It is { $time }.
board-own-time = Everybody has a time of their own, shown on their own page.
board-stale = No connection: what is shown may be old. The exam goes on, and each computer knows its own time.

## Staff: timeline
timeline-lead = Everything that happened in this room, newest first.
timeline-none = Nothing has happened yet.
timeline-by = by { $name }
timeline-older = Older entries
timeline-find = Find
timeline-q = Words
timeline-group = About
timeline-candidate = Student
timeline-actor = Done by
timeline-from = From
timeline-to = Until
timeline-any = any
timeline-clear = Show everything
timeline-nothing = Nothing like that has happened, or not that far back.
timeline-files = These entries as a file:
group-time = Time
group-connection = Connections and computers
group-answers = Answers
group-attention = On the page or away
group-messages = Messages and hands
group-incidents = Incidents
group-people = Attendance and staff
group-room = The room
seal = Seal
seal-upto = Everything up to { $time } is bound into a chain of hashes: what is altered, removed, added or put into another order afterwards shows.
seal-keep = Keep this line, on paper or in a mail: with it nobody can cut off the end without its showing.
seal-none = Nothing is sealed yet. That takes about a second.
seal-check = Check the seal
seal-whole = { $n ->
    [one] 1 entry checked: it is as it was sealed.
   *[other] { $n } entries checked: all are as they were sealed.
}
seal-erased = Erased since, and named by the chain: { $n }.
seal-broken = This timeline is not as it was sealed. Keep a copy of the database and the server’s log, and tell whoever runs the server.
seal-altered = Entry { $n } does not say what it said.
seal-deleted = Entries { $from } to { $to } are gone.
seal-inserted = Entry { $id } was put in afterwards.
seal-reordered = The entries under seal { $n } are in another order, or one was exchanged.
seal-gone = Seal { $n } is gone.
seal-truncated = The end is cut off: seal { $n } is gone.
seal-remade = Seal { $n } is another than was told.
replay = Replay
replay-go = Replay: see the room as it was
replay-lead = Move the slider: the table shows the room as it was at that instant.
replay-at = Instant
replay-show = Show
replay-busy = Looking…
replay-failed = Could not be read. Move the slider to try again.
replay-feed = Lately, then
bundle = For an appeal
bundle-go = Bundle for an appeal
bundle-lead = Everything the server has about this student in this room, as of { $time }.
bundle-zone = Times are those of { $zone }.
bundle-facts = Facts
bundle-number = Number
bundle-class = Class
bundle-joined = Came in
bundle-begun = Time began
bundle-deadline = Deadline
bundle-end = Ended
bundle-ended = { $time }, { $how }
bundle-why = Why that deadline:
bundle-answers = Every answer, as it was received
bundle-no-answers = No answer was received.
bundle-value = What was written
bundle-received = Received
bundle-counts = Counts
bundle-counts-yes = counts
bundle-counts-no = does not count
bundle-standing = { $counts }: { $why }
bundle-cleared = cleared
bundle-receipt = Receipt over these answers. The student’s own, shown at the end, begins with the same digits unless answers came later:
bundle-not-yours = Your grant in this room does not show answers. Ask whoever owns the exam.
bundle-room = the whole room
bundle-cut = There is more than fits on a page. The whole is here:
file-title = A file with answers
file-lead = Could a student’s computer not send its answers? On the exam page the student downloads a file. Upload it here: every answer goes in under its own number, and the same file twice does no harm. An answer whose time the server has proven keeps that time; any other one is received now, and if that is too late it is stored and does not count.
file-choose = The file
file-paste = The text of the file
file-upload = Upload
file-done = Stored: { $saved } of { $total }.
file-late = Stored and not counted: { $n }. The results show them; whoever marks the paper may accept them with a reason.
file-key = Number
file-outcome = What became of it
file-saved = saved, counts
file-uncounted = stored, does not count: { $why }
file-refused = not taken: { $why }
file-unknown = not certain: upload the file again

## Staff: events in words, in the timeline and the feed
event-of = { $who }: { $what }
event-by = { $by }: { $what }
event-by-of = { $by } · { $what }
event-clock-open = Room opened
event-clock-start = Time started
event-clock-pause = Clock stopped
event-clock-resume = Clock runs again
event-clock-extend = { $length }
event-clock-credit = { $length } given back
event-clock-accommodate = Accommodation changed
event-clock-outage = Outage given back
event-clock-terminate = Ended by staff
event-clock-reopen = Reopened
event-clock-revert = A change was withdrawn
event-clock-end = Exam ended by staff
event-with-reason = { $what }, { $reason }
event-students = { $n ->
    [one] { $n } student
   *[other] { $n } students
}
event-room-ended = Room is over
event-outage-proposed = The service was away for { $length }: to be decided
event-outage-dismissed = { $length } in which the service was away are not given back
event-rules = Rules of the exam changed
event-rules-off = other rules are off
event-roster = { $n ->
    [one] Roster changed: { $n } student
   *[other] Roster changed: { $n } students
}
event-joined = came in
event-began = time began
event-ended-candidate = handed in
event-ended-deadline = time was up
event-ended-invigilator = ended by staff
event-reopened = works again
event-pen = continues on another page or computer
event-pen-first = sits down
event-takeover-asked = another computer asks to continue
event-takeover-allowed = change of computer allowed
event-takeover-refused = change of computer refused
event-saved = answer saved
event-uploaded = a file with answers brought by staff
event-accepted = answer accepted by staff
event-presence-never = not here
event-presence-connected = connected
event-presence-slow = connected (slow: no socket, works by HTTP)
event-presence-unsteady = connection unsteady
event-presence-lost = connection lost
event-attention-here = back on the page
event-attention-away = left the page
event-delivered = page has the new time
event-seen = confirmed the new time
event-unaccepted = staff do not count an answer any more
event-restored = Restored from a backup of { $from }. What was done from then until { $to } is missing here, except what devices send again
event-message-room = announcement to everyone
event-message-some = { $n ->
    [one] message to 1 student
   *[other] message to { $n } students
}
event-message-staff = wrote to the staff
event-message-withdrawn = message withdrawn
event-message-delivered = page has the message
event-message-read = message read by staff
event-message-seen = has read the message
event-message-removed = took a message off the list
event-hand-raised = hand raised
event-hand-answered = somebody is coming
event-hand-closed = hand answered by staff
event-hand-lowered = hand lowered
event-incident-proposed = proposed by a rule: { $topic }
event-incident-opened = incident: { $topic }
event-incident-resolved = incident resolved: { $topic }
event-incident-dismissed = incident dismissed: { $topic }
event-incident-credited = time given back: { $topic }
event-incident-edited = incident changed: { $topic }
event-incident-replied = reply to the incident: { $topic }
event-said-here = is here, staff say
event-said-missing = is missing, staff say
event-said-nothing = here or missing as the computer says
event-identity = identity confirmed
event-identity-withdrawn = identity not confirmed any more

## What went wrong, and what to do next. Keys are error codes.
error-not_found-title = Not found
error-not_found = There is nothing here for you. Check the address, or go back and choose again.
error-token_missing-title = Not signed in
error-token_missing = Sign in, or enter your exam code again.
error-token_expired-title = Your sign-in has ended
error-token_expired = Sign in again, or enter your exam code again. Saved answers are safe.
error-token_invalid-title = Sign-in not valid
error-token_invalid = Sign in again, or enter your exam code again.
error-account_disabled-title = Account disabled
error-account_disabled = Ask an administrator to enable it.
error-not_enrolled-title = Not on the list of this room
error-not_enrolled = Check that you have the code of this room. If it is right, raise your hand.
error-origin_forbidden-title = Address not allowed
error-origin_forbidden = Open the page under the address your school has given out. Staff: add this address to public_urls.
error-pen_superseded-title = Your exam continues elsewhere
error-pen_superseded = Another window or computer writes now. Continue there, or choose to continue here.
error-takeover_refused-title = The move was refused
error-takeover_refused = Continue on the other computer, or raise your hand.
error-room_over-title = This room is over
error-room_over = Nothing more is needed. Your paper is safe on the server.
error-seat_taken-title = The seat is taken
error-seat_taken = Give another seat.
error-setup_done-title = Set-up is done already
error-setup_done = Sign in with an account. If nobody can, add one on the server with “invigil user add”.
error-not_revertible-title = This change cannot be withdrawn
error-not_revertible = Make a new change that does the opposite.
error-too_many_options-title = Too many options chosen
error-too_many_options = Choose no more than the question allows.
error-draining-title = The server is restarting
error-draining = Nothing is lost. The page connects again by itself within seconds.
error-room_required-title = Which room?
error-room_required = Name the room in the address.
error-phase_conflict-title = Not possible in this phase
error-phase_conflict = The room or the exam is in another phase now. Look at its present state, then decide again.
error-clock_moved-title = The clock was changed meanwhile
error-clock_moved = Somebody changed the time after your preview. Nothing was done. Look at the new times and confirm again.
error-clock_differs-title = Your computer's clock differs
error-clock_differs = The server's time and your computer's differ by more than a minute. Compare both with a watch you trust before you open the room.
error-rooms_running-title = Rooms are running
error-rooms_running = The clock cannot be set back while rooms are running: what has happened would lie ahead. Do it when they are over.
error-not_proposed-title = Nothing to decide
error-not_proposed = This has been decided already, or there was nothing to decide. Load the room again.
error-entry_closed-title = Entry is closed
error-entry_closed = It is too late to begin this exam. Raise your hand; your teacher can still let you in.
error-no_time_left-title = No time left
error-no_time_left = Add seconds when you reopen, or the exam would end at once.
error-pen_held-title = Already open on another computer
error-pen_held = Your exam is open elsewhere, and this exam does not allow a move. Continue there, or raise your hand.
error-conflict-title = It differs from what is stored
error-conflict = Something else is stored already. Load the present state and try again.
error-not_running-title = The exam is not running
error-not_running = Answers are taken once the exam has started. Wait for the start.
error-unknown_question-title = Unknown question
error-unknown_question = This question is not in your paper. Reload the page.
error-unknown_option-title = Unknown option
error-unknown_option = This option is not in the question. Reload the page.
error-wrong_shape-title = The answer does not fit the question
error-wrong_shape = Give the answer in the form the question asks for.
error-too_long-title = Too long
error-too_long = Shorten the text, then it is saved.
error-nul_character-title = A character that cannot be stored
error-nul_character = Remove invisible characters, for example by typing the text again.
error-unstorable-title = This cannot be stored
error-unstorable = The database does not take this text. Write it again in other characters, and tell the invigilator.
error-busy-title = The server is busy
error-busy = Nothing is lost. It is tried again by itself; if you did this by hand, wait a few seconds and try again.
error-database_away-title = The database cannot be reached
error-database_away = Nothing that was saved is lost. It is tried again by itself. Staff: check the database.
error-disk_full-title = The disk is full
error-disk_full = Nothing that was saved is lost. Staff: free space on the server now; waiting answers are then saved by themselves.
error-key_reused-title = Key used for something else
error-key_reused = This Idempotency-Key belongs to another command. Use a new key.
error-idempotency_mismatch-title = Key used for something else
error-idempotency_mismatch = This Idempotency-Key belongs to another command. Use a new key.
error-key_required-title = Idempotency-Key missing
error-key_required = Send an Idempotency-Key header, so that a repeated command acts once.
error-precondition_failed-title = Changed meanwhile
error-precondition_failed = Somebody changed it after you loaded it. Load it again and repeat your change.
error-precondition_required-title = If-Match missing
error-precondition_required = Send If-Match with the ETag you loaded.
error-bad_request-title = Request not understood
error-bad_request = Check the request against the API documentation.
error-bad_field-title = A field is not right
error-bad_field = Correct the fields named below and try again.
error-too_large-title = Too large
error-too_large = Send less at once.
error-timeout-title = It took too long
error-timeout = Try again. A command sent with the same key is done once only.
error-method_not_allowed-title = Method not allowed
error-method_not_allowed = Use one of the methods named in the Allow header.
error-unsupported_media_type-title = Format not supported
error-unsupported_media_type = Send the format the API documentation names.
error-rate_limited-title = Too many attempts
error-rate_limited = Wait a little, then try again.
error-forbidden-title = Not allowed
error-forbidden = You do not have the right to do this. Ask the owner of the room.
error-internal-title = Something went wrong here
error-internal = It is our fault and has been noted. Nothing that was saved is lost. Try again.
error-login_failed-title = Login or password is not right
error-login_failed = Check both and try again. If you forgot the password, ask an administrator.
error-code_unknown-title = This code does not work
error-code_unknown = Compare it with your slip, letter by letter. If it is right, raise your hand: your teacher can give you a new one.
error-host_unknown-title = Address not known
error-host_unknown = Open the page under the address your school has given out. Staff: add this address to public_urls.
error-roster_invalid-title = The roster was not imported
error-roster_invalid = Nothing was changed. Correct the lines named below and import again.
error-file_unreadable-title = This is not a file with answers
error-file_unreadable = Nothing was taken in. Choose the file that the student downloaded from the exam page.
error-file_another-title = This file belongs to another student or another room
error-file_another = Nothing was taken in. Open the page of the student whose name is in the file's name, then upload it there.
error-file_damaged-title = The file is damaged
error-file_damaged = Nothing was taken in: the file was changed after it was written. Ask the student to download it again, without opening it.
error-paper_invalid-title = The paper was not stored
error-paper_invalid = Nothing was changed. Correct the questions named below and try again.
error-paper_empty-title = The paper has no questions
error-paper_empty = Add at least one question before you open the room.
error-room_started-title = The room has started
error-room_started = This cannot be changed any more. Make another room if you need it.
error-exam_in_use-title = The exam is in use
error-exam_in_use = A room uses it. Copy the exam and change the copy.
error-login_taken-title = This login is taken
error-login_taken = Choose another login.
error-weak_password-title = Password too weak
error-weak_password = Use at least 10 characters that are not a common password.
error-csrf-title = This form is too old
error-csrf = Nothing was changed. Reload the page and try again.
error-malformed-title = Message not understood
error-malformed = Check the message against the API documentation.
error-unknown_type-title = Unknown kind of message
error-unknown_type = It was ignored. Check the kind against the API documentation.
error-slow_down-title = Too fast
error-slow_down = Send less often. Nothing is lost.
error-missing_answers-title = Some answers have not arrived
error-missing_answers = They are sent again, then your paper is handed in.
error-unknown_pen-title = This page has no right to write
error-unknown_pen = Reload the page to continue your exam.
error-reason_required-title = A reason is needed
error-reason_required = Say why, so that the timeline can tell.
error-out_of_range-title = Out of range
error-out_of_range = Choose a value within the limits.
error-last_admin-title = The last administrator
error-last_admin = Make somebody else an administrator first.
error-check_closed-title = This check is not open
error-check_closed = Compare the code with your teacher's. A check is closed after four hours; your teacher can begin another one.
error-check_full-title = This check takes no more computers
error-check_full = Your teacher can begin a new one.
error-rehearsal_running-title = A rehearsal is under way
error-rehearsal_running = One at a time on a server. Wait until it is over, or stop it on the page of its room.
error-exams_near-title = Not now
error-exams_near = An exam runs on this server or begins within 15 minutes, and the simulated students would be in its way. Rehearse afterwards.
error-rights_fixed-title = These rights stay as they are
error-rights_fixed = The owner of the exam always has every right, and nobody changes their own. Ask a colleague who may control the room.
error-not_in_charge-title = You are not in charge
error-not_in_charge = Whoever is in charge hands the room over, or the owner of the exam. Look at the page of staff for who that is now.
error-not_offered-title = You are not asked any more
error-not_offered = The offer was withdrawn, or somebody else was asked. Look at the page of staff for who is in charge.
error-account_unknown-title = No colleague with this login
error-account_unknown = Compare the login, letter by letter. An account of a student, or one that is disabled, cannot work here; an administrator makes accounts.
error-cannot_take_over-title = They cannot take over
error-cannot_take_over = Whoever takes a room over must be able to control it and is not in charge already. Give them the right to control first.
