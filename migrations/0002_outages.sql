-- Each node says once a second that it is alive. A time in which none did is an outage.
create table nodes (
    id text not null primary key,
    started_ms bigint not null,
    beat_ms bigint not null
);

-- after_ms is the last beat before it: two nodes, or two starts, that find the same gap find one outage. from_ms is the last sign of life,
-- settled_ms is set when every room has been dealt with.
create table outages (
    after_ms bigint not null primary key,
    from_ms bigint not null,
    to_ms bigint not null,
    found_by text not null,
    settled_ms bigint
);

-- What became of an outage in a room that ran then. Written in the transaction of the ledger change, so it is given once.
create table room_outages (
    room_id text not null references rooms (id),
    after_ms bigint not null references outages (after_ms),
    state text not null,
    rev bigint,
    decided_ms bigint,
    decided_by text,
    primary key (room_id, after_ms)
);

-- What becomes of outages: automatic, propose, off.
alter table exams add column outages text not null default 'automatic';
