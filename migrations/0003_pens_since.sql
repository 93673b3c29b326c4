-- A restore moves every candidate's pen past all that may have been given since the backup. A page of the holder's session that shows
-- any pen from `since` on is still the holder and gets the new one.
alter table pens add column since bigint;
