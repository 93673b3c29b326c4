-- A check of the computers before an exam: who has its code may report, until it is closed or over.
create table checks (
    room_id text not null primary key references rooms (id),
    code text not null unique,
    opened_ms bigint not null,
    closes_ms bigint not null
);

-- One row a computer, by the name it has given itself; measured is what it found, in numbers and choices.
create table check_reports (
    room_id text not null references checks (room_id),
    computer text not null,
    name text not null,
    measured text not null,
    at_ms bigint not null,
    primary key (room_id, computer)
);

-- A rehearsal sits in a room of its own, which no list shows; rehearsal_of is the room that is rehearsed.
alter table rooms add column rehearsal_of text;

-- The last rehearsal of a room: its own room is erased when it ends, what came of it stays.
create table rehearsals (
    room_id text not null primary key references rooms (id),
    stage_id text not null,
    people bigint not null,
    seconds bigint not null,
    began_ms bigint not null,
    ended_ms bigint,
    report text
);
