-- Which tasks were deleted when, so that those that nobody can restore any more are one range. A task that is not deleted costs nothing here;
-- one that was restored is passed over by the time it was deleted last.
create table gone_tasks (
    deleted_at bigint not null,
    owner_id bigint not null,
    id bigint not null,
    constraint gone_tasks_pkey primary key (deleted_at, owner_id, id)
) without rowid;
insert into gone_tasks (deleted_at, owner_id, id) select deleted_at, owner_id, id from tasks where gone = 1 and deleted_at is not null;
