-- A person's tasks. Rows lie together by owner, those in sight apart from those deleted, newest last: a list is one
-- range of the table however much was deleted, and a point read is one step into it.
create table tasks (
    owner_id bigint not null,
    gone bigint not null,
    id bigint not null,
    title varchar(500) not null,
    note text,
    completed bigint not null,
    position bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    constraint tasks_pkey primary key (owner_id, gone, id)
) without rowid;
-- Serves lists in the order that the person made by dragging.
create index tasks_position on tasks (owner_id, gone, position, id);
-- Serves lists of only the open or only the completed ones, when there are few of them among many.
create index tasks_completed on tasks (owner_id, gone, completed, id);
