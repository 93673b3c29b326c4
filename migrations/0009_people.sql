-- Attendance: what staff say of a candidate (`here`, `missing`; null: by what the room knows); who made sure who it is (null: nobody); and
-- when each was last said, so that of two copies the newer is known.
alter table candidates add column attendance text;
alter table candidates add column attendance_ms bigint;
alter table candidates add column identity_ms bigint;
alter table candidates add column identified_by text;
-- Who is in charge of a room; null: the owner of its exam. Then who is asked to take it over, by whom, and in which words. The words stay
-- after the answer, until the next offer.
alter table rooms add column charge_user text;
alter table rooms add column charge_ms bigint;
alter table rooms add column offered_to text;
alter table rooms add column offered_by text;
alter table rooms add column offered_ms bigint;
alter table rooms add column offered_words text;
