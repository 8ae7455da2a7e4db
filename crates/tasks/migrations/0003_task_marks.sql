-- What few tasks have and lists are asked by: a label, a list, a parent, a priority, a time to be due. A task without any
-- has no row here, and so costs nothing to write down; deleted tasks have none either. Rows of one mark lie together, those
-- that can be more or less by how much (`degree`; 0 where there is no more or less), and so a list by it is one range.
create table task_marks (
    owner_id bigint not null,
    mark varchar(80) not null,
    degree bigint not null,
    id bigint not null,
    constraint task_marks_pkey primary key (owner_id, mark, degree, id)
) without rowid;
-- Serves deleting many tasks at once, which go without having been read, and asking whether a task has one mark more.
create index task_marks_task on task_marks (owner_id, id, mark, degree);
