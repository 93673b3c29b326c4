-- A node that does not hear the others says so with its beat: then all of them read live rooms from here.
alter table nodes add column cut boolean not null default false;
