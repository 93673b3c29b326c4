-- One text for SQLite and PostgreSQL. Ids are text made by us, instants are bigint Unix ms from trusted time, never the database's clock.
-- No vocabulary in CHECK (it grows), no triggers, no defaults that a reader would have to know.

create table meta (
    key text not null primary key,
    value text not null
);

create table server_keys (
    kid text not null primary key,
    secret text not null,
    created_ms bigint not null
);

create table users (
    id text not null primary key,
    login text not null unique,
    name text not null,
    role text not null,
    password text not null,
    student_id text,
    generation bigint not null,
    disabled boolean not null,
    created_ms bigint not null
);

-- A device is a session. Cookies and refresh tokens carry a secret of which only the hash is kept.
create table sessions (
    id text not null primary key,
    secret_hash text not null unique,
    user_id text,
    candidate_id text,
    room_id text,
    generation bigint not null,
    created_ms bigint not null,
    used_ms bigint not null,
    expires_ms bigint not null,
    ended_ms bigint
);
create index sessions_user on sessions (user_id);
create index sessions_candidate on sessions (candidate_id);

create table exams (
    id text not null primary key,
    owner_id text not null references users (id),
    title text not null,
    instructions text not null,
    base_ms bigint not null,
    grace_ms bigint not null,
    timing text not null,
    late_entry_ms bigint,
    takeover text not null,
    shuffle_questions boolean not null,
    shuffle_options boolean not null,
    paper_version bigint not null,
    created_ms bigint not null
);
create index exams_owner on exams (owner_id);

create table papers (
    exam_id text not null references exams (id),
    version bigint not null,
    body text not null,
    questions bigint not null,
    created_ms bigint not null,
    primary key (exam_id, version)
);

-- opened_ms .. ended_ms are facts of the ledger, kept here so that lists need not read it. next_due_ms is a lower bound for the sweep.
create table rooms (
    id text not null primary key,
    exam_id text not null references exams (id),
    location text not null,
    zone text not null,
    starts_ms bigint,
    window_ends_ms bigint,
    window_hard boolean not null,
    entry_part text not null unique,
    rev bigint not null,
    next_due_ms bigint,
    paper_version bigint,
    opened_ms bigint,
    started_ms bigint,
    paused_ms bigint,
    ended_ms bigint,
    created_ms bigint not null
);
create index rooms_exam on rooms (exam_id);
create index rooms_due on rooms (next_due_ms);

create table room_staff (
    room_id text not null references rooms (id),
    user_id text not null references users (id),
    rights text not null,
    primary key (room_id, user_id)
);

create table candidates (
    id text not null primary key,
    room_id text not null references rooms (id),
    name text not null,
    student_id text,
    class text,
    seat text,
    multiplier_bp bigint not null,
    seed bigint not null,
    joined_ms bigint,
    begun_ms bigint,
    ended_ms bigint,
    ended_by text,
    rev bigint not null,
    pen bigint not null,
    code_hash text unique,
    code_cipher text,
    created_ms bigint not null
);
-- Nobody sits twice in a room, and nobody on another's seat; who has neither number nor seat clashes with nobody.
create unique index candidates_room_student on candidates (room_id, student_id);
create unique index candidates_room_seat on candidates (room_id, seat);
create index candidates_student on candidates (student_id);

create table pens (
    candidate_id text not null references candidates (id),
    pen bigint not null,
    session_id text not null,
    taken_ms bigint not null,
    primary key (candidate_id, pen)
);

create table takeovers (
    id text not null primary key,
    candidate_id text not null references candidates (id),
    session_id text not null,
    asked_ms bigint not null,
    decided_ms bigint,
    allowed boolean
);
create index takeovers_candidate on takeovers (candidate_id);

create table clock_changes (
    room_id text not null references rooms (id),
    rev bigint not null,
    at_ms bigint not null,
    kind text not null,
    targeted boolean not null,
    reason_code text not null,
    reason_text text not null,
    by_user text,
    primary key (room_id, rev)
);

create table clock_targets (
    room_id text not null,
    rev bigint not null,
    candidate_id text not null,
    from_ms bigint,
    primary key (room_id, rev, candidate_id)
);

-- Append-only. The greatest (pen, seq) that counts is the answer; whether a row counts is derived, never stored.
create table answers (
    candidate_id text not null references candidates (id),
    pen bigint not null,
    seq bigint not null,
    room_id text not null,
    question_id text not null,
    value text not null,
    received_ms bigint not null,
    accepted_ms bigint,
    accepted_by text,
    accepted_reason text,
    primary key (candidate_id, pen, seq)
);
create index answers_room on answers (room_id);

create table events (
    id text not null primary key,
    room_id text not null,
    at_ms bigint not null,
    candidate_id text,
    by_user text,
    kind text not null,
    version bigint not null,
    body text not null
);
create index events_room on events (room_id, id);

-- What a command answered, kept in the effect's transaction: a repeat with the same key gets the same answer.
create table commands (
    actor text not null,
    key text not null,
    request_hash text not null,
    response text not null,
    created_ms bigint not null,
    primary key (actor, key)
);
