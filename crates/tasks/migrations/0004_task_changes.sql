-- When each task last changed, by the number of the fact that told it: ids do not commit in order, these do. Written
-- after the fact, so that writing a task down costs nothing here. Those deleted long ago have no row any more.
create table task_changes (
    owner_id bigint not null,
    id bigint not null,
    number bigint not null,
    gone_at bigint,
    constraint task_changes_pkey primary key (owner_id, id)
) without rowid;
-- Serves what changed since a number.
create index task_changes_number on task_changes (owner_id, number, id);
-- Serves forgetting the oldest deletions.
create index task_changes_gone on task_changes (gone_at);
-- How far the table above has come, and up to which number deletions were forgotten.
create table task_changes_marks (
    name varchar(10) not null,
    number bigint not null,
    constraint task_changes_marks_pkey primary key (name)
);
insert into task_changes_marks (name, number) values ('head', 0);
insert into task_changes_marks (name, number) values ('horizon', 0);
