-- What few tasks have, as JSON: a priority, a time to be due, labels, a list, a parent. Nothing for a task that has none
-- of it, which then costs no more to keep than before.
alter table tasks add column details text;
