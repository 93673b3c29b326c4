-- The timeline, sealed. Each entry has a place in its room's chain, a salt, and a digest of both its salt and what it says; without the
-- salt a digest tells nothing, so that what an entry says can be erased and the chain still holds.
alter table events add column place bigint;
alter table events add column salt text;
alter table events add column digest text;
create index events_unsealed on events (id) where place is null;
create unique index events_place on events (room_id, place) where place is not null;

-- One seal covers the entries that a room got since the one before: its head is a digest over theirs and the head before.
create table seals (
    room_id text not null,
    n bigint not null,
    sealed_ms bigint not null,
    first_place bigint not null,
    last_place bigint not null,
    head text not null,
    primary key (room_id, n)
);
