-- Something recorded about a candidate, or about the room where there is none. `rev` counts its changes: of two copies the greater is the
-- newer. `finding` is what a rule has found, as JSON; null where staff recorded it. `once` is the key under which it was made: what a rule
-- finds again, and what is sent again, is the same incident. credited_rev is the entry of the ledger that gave lost time back.
create table incidents (
    id text not null primary key,
    room_id text not null references rooms (id),
    candidate_id text,
    topic text not null,
    state text not null,
    finding text,
    body text not null,
    shown boolean not null,
    by_user text,
    made_ms bigint not null,
    decided_ms bigint,
    decided_by text,
    credited_rev bigint,
    rev bigint not null,
    once text not null unique
);
create index incidents_room on incidents (room_id, id);
create index incidents_candidate on incidents (candidate_id);

create table incident_replies (
    id text not null primary key,
    incident_id text not null references incidents (id),
    by_user text,
    by_candidate text,
    body text not null,
    sent_ms bigint not null,
    once text not null unique
);
create index incident_replies_incident on incident_replies (incident_id, id);

-- Entries of the timeline that belong to an incident.
create table incident_events (
    incident_id text not null references incidents (id),
    event_id text not null,
    primary key (incident_id, event_id)
);

-- What rules look for, as JSON; null: as the program does by itself.
alter table exams add column incident_rules text;
-- Rules that do not apply to a candidate, with commas between them.
alter table candidates add column rules_off text not null default '';

-- Addresses from which a candidate's devices came.
create table candidate_addresses (
    candidate_id text not null,
    address text not null,
    first_ms bigint not null,
    primary key (candidate_id, address)
);
