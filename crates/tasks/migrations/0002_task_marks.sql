-- What few tasks have and lists are asked by: a label, a list, a parent. A task without any has no row here, and so costs
-- nothing to write down; deleted tasks have none either. Rows of one mark lie together.
create table task_marks (
    owner_id bigint not null,
    mark varchar(80) not null,
    id bigint not null,
    constraint task_marks_pkey primary key (owner_id, mark, id)
) without rowid;
-- Serves deleting many tasks at once, which go without having been read.
create index task_marks_task on task_marks (owner_id, id);
