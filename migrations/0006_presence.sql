-- When somebody looked after the candidates of a node that had died.
alter table nodes add column buried_ms bigint;

-- How a candidate's device is heard: told by the node that answers for it, believed by its numbers. presence_n counts the changes,
-- connection is the number of the one in which its socket came, left_ms is set once that socket has been closed.
alter table candidates add column presence text not null default 'never';
alter table candidates add column presence_ms bigint not null default 0;
alter table candidates add column presence_n bigint not null default 0;
alter table candidates add column connection bigint not null default 0;
alter table candidates add column presence_node text;
alter table candidates add column left_ms bigint;
create index candidates_answered_for on candidates (presence_node) where presence_node is not null;
