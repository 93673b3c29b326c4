-- Words between staff and candidates. A message is written once; that it is withdrawn is added. `once` is the key under which it was
-- sent: the same key again is the same message.
create table messages (
    id text not null primary key,
    room_id text not null references rooms (id),
    by_user text,
    by_candidate text,
    audience text not null,
    body text not null,
    sent_ms bigint not null,
    withdrawn_ms bigint,
    withdrawn_by text,
    once text not null unique
);
create index messages_room on messages (room_id, id);
create index messages_audience on messages (room_id, audience);
create index messages_candidate on messages (by_candidate);

-- How far a message has come with whom. A selection has its rows from the start; of a word to the whole room a row is made by the first
-- receipt. The receiver is a candidate; of what a candidate wrote it is an account.
create table receipts (
    message_id text not null references messages (id),
    receiver text not null,
    delivered_ms bigint,
    seen_ms bigint,
    removed_ms bigint,
    primary key (message_id, receiver)
);
create index receipts_receiver on receipts (receiver);

-- Without an owner a template is the house's.
create table message_templates (
    id text not null primary key,
    owner_id text references users (id),
    title text not null,
    body text not null,
    created_ms bigint not null
);
create index message_templates_owner on message_templates (owner_id);

-- A hand that is up: since when, and when staff said that they are coming.
alter table candidates add column hand_ms bigint;
alter table candidates add column hand_answered_ms bigint;
