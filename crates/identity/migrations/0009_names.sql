-- People are looked for by what they are called, whole and however it is written: `name_key` is the name as it is compared,
-- and null where there is none. Of older names an engine may leave some letters as they are: those are found as they are
-- written, until they are written again.
alter table users add column name_key varchar(200);
update users set name_key = lower(name) where name <> '';
-- Serves looking for people by what they are called.
create index users_name_key on users (name_key, id);
